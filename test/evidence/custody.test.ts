import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, appendCustody, verifyCustody } from '../../src/evidence/custody.ts';
import { sha256Of } from '../../src/evidence/digest.ts';
import { acquire } from '../../src/evidence/lock.ts';
import { VERIFY_CUSTODY_SH } from '../../src/evidence/verify-script.ts';
import { compile } from './compile.ts';

const agent: Agent = { actor: 'a.analyst', host: 'lab1', tool: { name: 'einfallstor', version: '0.1.0' } };
const NOW = 1_635_718_447_000_000;

let folder: string;
let log: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'custody-test-'));
  script = join(folder, 'verify-custody.sh');
  writeFileSync(script, VERIFY_CUSTODY_SH);
});
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
beforeEach(() => {
  count += 1;
  log = join(folder, `custody-${count}.jsonl`);
});

const shell = (...args: string[]): { status: number | null; out: string } => {
  const done = spawnSync('sh', [script, ...args], { encoding: 'utf8' });
  return { status: done.status, out: done.stdout + done.stderr };
};

const write = async (entries: number): Promise<void> => {
  for (let i = 0; i < entries; i += 1) {
    const object = [{ path: `logs/ä "${i}"\\n \u0007.log`, sha256: sha256Of(String(i)), bytes: i }];
    await appendCustody(log, agent, { action: 'acquire', object, params: { argv: ['a b', "'"] } }, NOW + i);
  }
};

describe('custody log', () => {
  it('chains its lines by the hash of the bytes before', async () => {
    await write(3);
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    expect(lines[0]?.startsWith(`{"prev":"${'0'.repeat(64)}","seq":1,"ts":"2021-10-31T22:14:07.000Z"`)).toBe(true);
    expect(lines[1]?.startsWith(`{"prev":"${sha256Of(`${lines[0]}\n`)}"`)).toBe(true);
    const check = await verifyCustody(log);
    expect(check.faults).toEqual([]);
    expect(check.head).toEqual({ seq: 3, sha256: sha256Of(`${lines[2]}\n`) });
    expect(check.entries[2]).toMatchObject({ seq: 3, actor: 'a.analyst', action: 'acquire' });
  });

  it('is verified by sh and sha256sum alone', async () => {
    await write(4);
    const { head } = await verifyCustody(log);
    expect(shell(log)).toEqual({ status: 0, out: `4 lines, last ${head.sha256}\nOK\n` });
    expect(shell(log, head.sha256).status).toBe(0);
    expect(shell().status).toBe(2);
  });

  it('shows a changed, removed, swapped or added line to both', async () => {
    await write(4);
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1) as [string, string, string, string];
    const [a, b, c, d] = lines;
    const forgeries = [
      [a, b.replace('acquire', 'acquirE'), c, d],
      [a, c, d],
      [b, c, d],
      [a, c, b, d],
      [a, b, c, d, '{"prev":"00","seq":5}'],
      [a, b, 'no json', d],
    ];
    for (const forged of forgeries) {
      writeFileSync(log, `${forged.join('\n')}\n`);
      expect((await verifyCustody(log)).faults.length).toBeGreaterThan(0);
      expect(shell(log).status).toBe(1);
    }
  });

  it('shows lines cut off at the end against the noted head', async () => {
    await write(4);
    const { head } = await verifyCustody(log);
    writeFileSync(log, `${readFileSync(log, 'utf8').split('\n').slice(0, 3).join('\n')}\n`);
    expect((await verifyCustody(log)).head).not.toEqual(head);
    expect(shell(log).status).toBe(0);
    expect(shell(log, head.sha256).status).toBe(1);
  });

  it('keeps a torn last line aside, says so and goes on', async () => {
    await write(2);
    appendFileSync(log, '{"prev":"abc');
    expect((await verifyCustody(log)).faults).toEqual(['line 3 is torn: it does not end']);
    expect(shell(log).status).toBe(1);
    await appendCustody(log, agent, { action: 'parse' }, NOW);
    const check = await verifyCustody(log);
    expect(check.faults).toEqual([]);
    expect(check.entries.map((e) => e.action)).toEqual(['acquire', 'acquire', 'recover', 'parse']);
    expect(check.entries[2]?.object).toEqual([
      { path: `custody-${count}.torn`, sha256: sha256Of('{"prev":"abc'), bytes: 12 },
    ]);
    expect(readFileSync(log.replace('.jsonl', '.torn'), 'utf8')).toBe('{"prev":"abc\n');
    expect(shell(log).status).toBe(0);
  });

  it('adds nothing to a log whose end was written over', async () => {
    writeFileSync(log, 'garbage\n');
    await expect(appendCustody(log, agent, { action: 'parse' }, NOW)).rejects.toMatchObject({ code: 'CASE_FORMAT' });
  });

  it('takes long lines and appends from several at once', async () => {
    const object = Array.from({ length: 3000 }, (_, i) => ({ path: `logs/${i}.log`, sha256: sha256Of(String(i)) }));
    await Promise.all([1, 2, 3, 4, 5].map(() => appendCustody(log, agent, { action: 'import', object }, NOW)));
    const check = await verifyCustody(log);
    expect([check.faults, check.entries.length]).toEqual([[], 5]);
  });
});

describe('a process that is killed', () => {
  let module: string;
  beforeAll(() => {
    module = compile('src/evidence/custody.ts', join(folder, 'compiled'));
  });

  const appendForever = (): ChildProcess => {
    const code = `
      const { appendCustody } = await import(${JSON.stringify(module)});
      const object = Array.from({ length: 2000 }, (_, i) => ({ path: 'x' + i }));
      for (let i = 0; ; i += 1) await appendCustody(${JSON.stringify(log)}, ${JSON.stringify(agent)}, { action: 'import', object }, ${NOW} + i);`;
    return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
  };

  it('leaves a log that the next one continues', async () => {
    for (const delay of [0, 7, 23, 41]) {
      const child = appendForever();
      while (!existsSync(log)) await pause(5);
      await pause(30 + delay);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      const before = (await verifyCustody(log)).entries.length;
      await appendCustody(log, agent, { action: 'parse' }, NOW);
      const { faults, entries } = await verifyCustody(log);
      expect(faults).toEqual([]);
      expect(entries.length).toBeGreaterThan(before);
    }
    expect(shell(log).status).toBe(0);
  });
});

describe('lock', () => {
  it('is held against others, and free again when given back', async () => {
    const path = join(folder, 'a.lock');
    const release = await acquire(path, 0);
    await expect(acquire(path, 50)).rejects.toMatchObject({
      code: 'CASE_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await release();
    await (await acquire(path, 0))();
    expect(existsSync(path)).toBe(false);
  });

  it('is taken over from a process that is gone, or whose number was given anew', async () => {
    const path = join(folder, 'b.lock');
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const holder of [
      { pid: dead, started: '', host: hostname() },
      { pid: process.pid, started: 'another boot/1', host: hostname() },
    ]) {
      writeFileSync(path, JSON.stringify(holder));
      await (await acquire(path, 1000))();
    }
  });

  it('is not taken over from another machine', async () => {
    const path = join(folder, 'c.lock');
    writeFileSync(path, JSON.stringify({ pid: 1, started: '', host: 'elsewhere.example' }));
    await expect(acquire(path, 0)).rejects.toMatchObject({
      code: 'CASE_LOCKED',
      message: expect.stringContaining('elsewhere.example'),
    });
  });
});
