import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { folder } from '../app/cases.ts';
import { fortigateFlow, lines, sshdLine, text, unknownLine } from '../app/logs.ts';
import { MAIN, run } from './program.ts';

const FROM = '2021-10-30T22:00:00Z';

interface Document {
  readonly '@timestamp': string;
  readonly event: { readonly kind: string; readonly module?: string; readonly original: string };
  readonly log: { readonly offset: number; readonly file: { readonly path: string } };
  readonly error?: { readonly message: string };
  readonly source?: { readonly ip: string };
}

const documents = (stdout: string): Document[] => {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Document);
};

describe('parse', () => {
  const root = folder();

  it('prints one document a record, in order, skipped ones left out', async () => {
    const flows = lines(fortigateFlow, 5, FROM);
    const content = text([flows[0] as string, '', flows[1] as string, 'garbage', '  ', ...flows.slice(2)]);
    writeFileSync(join(root, 'fw.log'), content);
    const { code, stdout, stderr } = await run(['parse', join(root, 'fw.log')]);
    expect(code).toBe(0);
    const found = documents(stdout);
    expect(found.map(({ event }) => event.original)).toEqual([flows[0], flows[1], 'garbage', ...flows.slice(2)]);
    expect(found.map(({ event }) => event.kind)).toEqual([
      'event',
      'event',
      'pipeline_error',
      'event',
      'event',
      'event',
    ]);
    for (const { event, log } of found) {
      expect(event.module).toBe('fortinet-fortigate');
      expect(log.file.path).toBe('fw.log');
      expect(content.slice(log.offset, log.offset + event.original.length)).toBe(event.original);
    }
    expect(found[2]?.error?.message).toBeTruthy();
    expect(found[0]).toMatchObject({ '@timestamp': '2021-10-30T22:00:00.000Z', source: { ip: '10.20.0.1' } });
    expect(stderr).toMatch(
      /^fw\.log: fortinet-fortigate: 8 records = 5 events \+ 0 joined \+ 2 skipped \+ 1 rejected\n$/,
    );
  });

  it('reads standard input, archives and a named parser', async () => {
    const flows = text(lines(fortigateFlow, 3, FROM));
    const piped = await run(['parse', '-'], { input: gzipSync(flows) });
    expect(documents(piped.stdout).map(({ log }) => log.file.path)).toEqual(['-', '-', '-']);
    const forced = await run(['parse', '-', '--parser', 'linux-auth'], { input: text([unknownLine(1)]) });
    expect(forced.code).toBe(0);
    expect(documents(forced.stdout)[0]?.event).toMatchObject({ kind: 'pipeline_error', module: 'linux-auth' });
  });

  it('takes a name that begins with a dash behind --', async () => {
    writeFileSync(join(root, '-a.log'), text(lines(fortigateFlow, 2, FROM)));
    const { stdout } = await run(['parse', '--', '-a.log', '-'], { cwd: root, input: 'x\n' });
    expect(documents(stdout).map(({ log }) => log.file.path)).toEqual(['-a.log', '-a.log', '-']);
  });

  it('applies zone and year', async () => {
    const input = text(lines(sshdLine, 1, FROM));
    const { stdout } = await run(['parse', '-', '--timezone', 'Europe/Berlin', '--year', '2019'], { input });
    expect(documents(stdout)[0]?.['@timestamp']).toBe('2019-10-30T21:00:00.000Z');
  });

  it('gives the same bytes in any zone and language', async () => {
    const input = text([...lines(sshdLine, 20, FROM), ...lines(fortigateFlow, 20, FROM)]);
    const args = ['parse', '-', '--year', '2021'];
    const here = await run(args, {
      input,
      env: { TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    });
    const there = await run(args, { input, env: { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' } });
    expect(here.stdout).toBe(there.stdout);
    expect(documents(here.stdout)).toHaveLength(40);
  });

  it('takes an unknown format, an empty file and binary noise without failing', async () => {
    writeFileSync(join(root, 'empty'), '');
    writeFileSync(join(root, 'noise'), Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * n * 31 + 7 * n) % 256)));
    writeFileSync(join(root, 'strange'), text([unknownLine(1), unknownLine(2)]));
    const { code, stdout } = await run(['parse', ...['empty', 'noise', 'strange'].map((name) => join(root, name))]);
    expect(code).toBe(0);
    expect(documents(stdout).every(({ event }) => event.kind === 'pipeline_error')).toBe(true);
    const from = documents(stdout).map(({ log }) => log.file.path);
    expect(from.filter((path) => path === 'strange')).toHaveLength(2);
    expect(from).toContain('noise'); // every path given counts, not the last one only
  });

  it('ends quietly when its reader has had enough', () => {
    writeFileSync(join(root, 'long.log'), text(lines(fortigateFlow, 20_000, FROM)));
    const script = `"$0" "$1" parse "$2" | head -1; echo "\${PIPESTATUS[0]}"`;
    const temporary = join(root, 'tmp');
    mkdirSync(temporary);
    const done = spawnSync('bash', ['-c', script, process.execPath, MAIN, join(root, 'long.log')], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary },
    });
    expect(readdirSync(temporary)).toEqual([]);
    const [first, code] = done.stdout.split('\n');
    expect(JSON.parse(first as string)).toMatchObject({ log: { offset: 0 } });
    expect(code).toBe('0');
    expect(done.stderr).toBe('');
  });
});

describe('formats', () => {
  it('lists every format', async () => {
    const { code, stdout } = await run(['formats', 'list', '--json']);
    expect(code).toBe(0);
    const listed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; references: unknown[] });
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(['fortinet-fortigate', 'postfix', 'linux-auth']));
    expect((await run(['formats', 'list'])).stdout).toContain('fortinet-fortigate');
  });

  it('tells which parser takes a file, and why', async () => {
    const { code, stdout } = await run(['formats', 'detect', '-', '--json'], {
      input: text(lines(fortigateFlow, 9, FROM)),
    });
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as {
      parser: string;
      doubt: string;
      ranking: { parser: string; reason: string }[];
    };
    expect(found).toMatchObject({ parser: 'fortinet-fortigate', doubt: 'none' });
    expect(found.ranking[0]?.reason).toBeTruthy();
  });
});
