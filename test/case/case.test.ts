import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCase, isCase, openCase } from '../../src/case/case.ts';
import type { StreamEntry } from '../../src/case/entries.ts';
import { verifyCase } from '../../src/case/verify.ts';
import { type Agent, verifyCustody } from '../../src/evidence/custody.ts';
import { sha256Of } from '../../src/evidence/digest.ts';
import type { EvidenceItem } from '../../src/evidence/item.ts';

const agent: Agent = { actor: 'a.analyst', host: 'lab1', tool: { name: 'einfallstor', version: '0.1.0' } };
const NOW = 1_635_718_447_000_000;

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'case-test-'));
  directory = join(folder, 'acme.case');
});
afterEach(() => rmSync(folder, { recursive: true }));

const item = (name: string, content: string): EvidenceItem => {
  const location = join(folder, name);
  writeFileSync(location, content);
  return { sha256: sha256Of(content), bytes: content.length, path: `logs/${name}`, location, modified: NOW };
};

const stream = (id: string, events: number): StreamEntry => ({
  id,
  item: sha256Of(id),
  member: '',
  path: `logs/${id}.log`,
  memberSha256: sha256Of(id),
  bytes: 7,
  charset: 'utf-8',
  parser: 'fortinet-fortigate',
  parsers: { 'fortinet-fortigate': events },
  accounting: { records: events, events, joined: 0, skipped: 0, rejected: 0 },
  problems: [],
  timing: { zone: 'Europe/Berlin' },
});

describe('case', () => {
  it('is made once and opened from anywhere', async () => {
    const made = await createCase(directory, agent, NOW);
    expect(made.name).toBe('acme');
    await made.acquire([item('a.log', 'a')], agent, NOW);
    const before = process.cwd();
    process.chdir(folder);
    try {
      const relative = await openCase('acme.case');
      process.chdir('/');
      expect((await relative.items()).map((i) => i.location)).toEqual([join(folder, 'a.log')]);
    } finally {
      process.chdir(before);
    }
    expect(await isCase(directory)).toBe(true);
    await expect(createCase(directory, agent, NOW)).rejects.toMatchObject({ code: 'CASE_FORMAT' });
    await expect(openCase(join(folder, 'other'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not opened when a later version made it', async () => {
    await createCase(directory, agent, NOW);
    writeFileSync(join(directory, 'case.json'), '{"format":99}');
    await expect(openCase(directory)).rejects.toMatchObject({
      code: 'CASE_FORMAT',
      message: expect.stringContaining('99'),
    });
  });

  it('is made in a directory where a kill left it half made', async () => {
    await createCase(directory, agent, NOW);
    rmSync(join(directory, 'case.json'));
    await createCase(directory, agent, NOW);
    expect(await isCase(directory)).toBe(true);
  });

  it('takes an item in once, with an entry in the custody log', async () => {
    const opened = await createCase(directory, agent, NOW);
    const a = item('a.log', 'a');
    expect(await opened.acquire([a], agent, NOW)).toEqual([a]);
    const content = readFileSync(join(directory, 'items.jsonl'), 'utf8');
    const { head, entries } = await verifyCustody(opened.custodyLog);
    expect(entries.map((e) => e.action)).toEqual(['create', 'acquire']);
    expect(entries[1]?.object).toEqual([{ path: 'logs/a.log', sha256: a.sha256, bytes: 1 }]);
    expect(await opened.acquire([a], agent, NOW + 5)).toEqual([]);
    expect(readFileSync(join(directory, 'items.jsonl'), 'utf8')).toBe(content);
    expect((await verifyCustody(opened.custodyLog)).head).toEqual(head);
  });

  it('finds an item again that was moved, and one of its own when the case was moved', async () => {
    const opened = await createCase(directory, agent, NOW);
    const a = item('a.log', 'a');
    mkdirSync(opened.spoolDirectory);
    const stdin = { ...item('s', 's'), path: '-', location: join(opened.spoolDirectory, 's') };
    writeFileSync(stdin.location, 's');
    await opened.acquire([a, stdin], agent, NOW);
    renameSync(a.location, join(folder, 'b.log'));
    await opened.relocate(a, join(folder, 'b.log'), agent, NOW);
    renameSync(directory, join(folder, 'moved.case'));
    const moved = await openCase(join(folder, 'moved.case'));
    expect((await moved.items()).map((i) => i.location)).toEqual([
      join(folder, 'b.log'),
      join(folder, 'moved.case/spool/s'),
    ]);
    expect(await verifyCase(moved, [])).toEqual([]);
  });

  it('keeps what is known of streams; the last reading counts', async () => {
    const opened = await createCase(directory, agent, NOW);
    await opened.addStreams([stream('a', 1), stream('b', 2)]);
    await opened.addStreams([stream('a', 3)]);
    expect(await opened.streams()).toEqual([stream('a', 3), stream('b', 2)]);
  });

  it('reads journals whose last line was torn, and goes on', async () => {
    const opened = await createCase(directory, agent, NOW);
    await opened.addStreams([stream('a', 1)]);
    appendFileSync(join(directory, 'streams.jsonl'), '{"id":"b","it');
    expect(await opened.streams()).toEqual([stream('a', 1)]);
    await opened.addStreams([stream('c', 1)]);
    expect(await opened.streams()).toEqual([stream('a', 1), stream('c', 1)]);
    writeFileSync(join(directory, 'streams.jsonl'), 'garbage\n');
    await expect(opened.streams()).rejects.toMatchObject({ code: 'CASE_FORMAT' });
  });

  it('keeps annotations of several at once, and retracts', async () => {
    const opened = await createCase(directory, agent, NOW);
    const note = {
      ts: '2021-10-31T22:14:07.000Z',
      author: 'a.analyst',
      events: ['x-1'],
      kind: 'star' as const,
      text: '',
    };
    await Promise.all([1, 2, 3, 4].map((n) => opened.annotate({ ...note, text: String(n) })));
    const ids = (await opened.annotations()).map((a) => a.id);
    expect(ids).toEqual(['a1', 'a2', 'a3', 'a4']);
    await opened.annotate({ ...note, events: null, kind: 'retract', text: 'a2' });
    expect((await opened.annotations()).map((a) => a.id)).toEqual(['a1', 'a3', 'a4']);
  });

  it('writes whole files and leaves no drafts', async () => {
    const opened = await createCase(directory, agent, NOW);
    expect(await opened.read('trace.json')).toBeUndefined();
    await opened.write('trace.json', '{"a":1}');
    await opened.write('trace.json', '{"a":2}');
    expect(await opened.read('trace.json')).toBe('{"a":2}');
    expect(readdirSync(directory).sort()).toEqual(['case.json', 'custody.jsonl', 'trace.json']);
  });

  it('is written by one process at a time, and clears what a killed one left', async () => {
    const opened = await createCase(directory, agent, NOW);
    const release = await opened.lock();
    await expect(opened.lock()).rejects.toMatchObject({ code: 'CASE_LOCKED', hint: expect.any(String) });
    await release();
    const left = join(opened.spoolDirectory, 'einfallstor-x1');
    mkdirSync(left, { recursive: true });
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: dead, started: '', host: hostname() }));
    await (await opened.lock())();
    expect(existsSync(left)).toBe(false);
  });
});

describe('verify', () => {
  it('names what was changed, and finds nothing in a whole case', async () => {
    const opened = await createCase(directory, agent, NOW);
    const [a, b, c] = [item('a.log', 'a'), item('b.log', 'b'), item('c.log', 'c')];
    await opened.acquire([a, b, c], agent, NOW);
    mkdirSync(opened.storeDirectory);
    const segment = {
      path: 'store/1.parquet',
      location: join(opened.storeDirectory, '1.parquet'),
      sha256: sha256Of('p'),
    };
    writeFileSync(segment.location, 'p');
    expect(await verifyCase(opened, [segment])).toEqual([]);

    writeFileSync(a.location, 'A');
    rmSync(b.location);
    writeFileSync(segment.location, 'q');
    appendFileSync(join(directory, 'items.jsonl'), `${JSON.stringify(item('d.log', 'd'))}\n`);
    const log = readFileSync(opened.custodyLog, 'utf8');
    writeFileSync(opened.custodyLog, log.replace('a.analyst', 'b.analyst'));
    const problems = await verifyCase(opened, [segment]);
    expect(problems.map((p) => [p.path, p.code])).toEqual([
      ['custody.jsonl', 'custody'],
      ['logs/d.log', 'custody'],
      ['logs/a.log', 'changed'],
      ['logs/b.log', 'missing'],
      ['store/1.parquet', 'changed'],
    ]);
    rmSync(opened.custodyLog);
    expect((await verifyCase(opened, [])).map((p) => [p.path, p.code])).toContainEqual(['custody.jsonl', 'missing']);
  });
});
