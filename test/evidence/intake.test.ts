import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Of } from '../../src/evidence/digest.ts';
import { type Intake, type IntakeSettings, takeIn } from '../../src/evidence/intake.ts';
import { streamId, streamOf } from '../../src/evidence/stream-id.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'intake-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (path: string, content: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  utimesSync(join(folder, path), 1635718447.25, 1635718447.25);
};

const take = (paths: readonly string[], more: Partial<IntakeSettings> = {}): Promise<Intake> =>
  takeIn({
    paths: paths.map((p) => (p === '-' ? p : join(folder, p))),
    stdin: Readable.from([]),
    spoolDirectory: join(folder, 'spool'),
    ...more,
  });

describe('intake', () => {
  it('finds the files of a folder in order, hidden ones too, relative to its parent', async () => {
    file('logs/fw/b.log', 'b');
    file('logs/fw/a.log', 'a');
    file('logs/.DS_Store', 'x');
    file('logs/Z.log', 'z');
    const { items, problems } = await take(['logs/']);
    expect(items.map((i) => i.path)).toEqual(['logs/.DS_Store', 'logs/Z.log', 'logs/fw/a.log', 'logs/fw/b.log']);
    expect(items[2]).toEqual({
      sha256: sha256Of('a'),
      bytes: 1,
      path: 'logs/fw/a.log',
      location: join(folder, 'logs/fw/a.log'),
      modified: 1635718447_250_000,
    });
    expect(problems).toEqual([]);
  });

  it('takes a file by its own name, and the same file only once', async () => {
    file('logs/a.log', 'a');
    const { items, duplicates } = await take(['logs/a.log', 'logs']);
    expect(items.map((i) => i.path)).toHaveLength(1);
    expect(duplicates).toEqual([]);
  });

  it('takes equal contents for one item and names the other path', async () => {
    file('logs/a.log', 'same');
    file('logs/copy/a.log', 'same');
    const { items, duplicates } = await take(['logs']);
    expect(items.map((i) => i.path)).toEqual(['logs/a.log']);
    expect(duplicates).toEqual([{ path: 'logs/copy/a.log', of: 'logs/a.log' }]);
  });

  it('gives the same again', async () => {
    for (let i = 0; i < 20; i += 1) file(`logs/${i}.log`, `content ${i}`);
    expect(await take(['logs'])).toEqual(await take(['logs']));
  });

  it('does not follow links in folders, nor reads pipes, and says so', async () => {
    file('logs/a.log', 'a');
    file('outside.log', 'o');
    symlinkSync(join(folder, 'outside.log'), join(folder, 'logs/link.log'));
    symlinkSync(folder, join(folder, 'logs/loop'));
    execFileSync('mkfifo', [join(folder, 'logs/pipe')]);
    const { items, problems } = await take(['logs']);
    expect(items.map((i) => i.path)).toEqual(['logs/a.log']);
    expect(problems).toEqual([
      { path: 'logs/link.log', code: 'not-a-file', detail: 'symbolic link, not followed, skipped' },
      { path: 'logs/loop', code: 'not-a-file', detail: 'symbolic link, not followed, skipped' },
      { path: 'logs/pipe', code: 'not-a-file', detail: 'pipe, skipped' },
    ]);
  });

  it('leaves the case out that lies in the folder', async () => {
    file('logs/a.log', 'a');
    file('logs/x.case/case.json', '{}');
    const { items } = await take(['logs'], { exclude: join(folder, 'logs/x.case') });
    expect(items.map((i) => i.path)).toEqual(['logs/a.log']);
  });

  it('keeps standard input', async () => {
    const { items } = await take(['-'], { stdin: Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]) });
    expect(items).toEqual([
      {
        sha256: sha256Of('one\ntwo\n'),
        bytes: 8,
        path: '-',
        location: join(folder, 'spool', sha256Of('one\ntwo\n')),
        modified: undefined,
      },
    ]);
    expect(readFileSync(items[0]?.location ?? '', 'utf8')).toBe('one\ntwo\n');
  });

  it('counts the bytes it has read', async () => {
    file('logs/a.log', 'a'.repeat(3_000_000));
    file('logs/b.log', 'b');
    const seen: [number, number][] = [];
    await take(['logs'], { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.at(-1)).toEqual([3_000_001, 3_000_001]);
  });

  it('refuses a path that is not there', async () => {
    await expect(take(['nowhere'])).rejects.toMatchObject({ code: 'NOT_FOUND', hint: expect.any(String) });
  });

  it('names streams by item and member', () => {
    expect(streamId(sha256Of('x'), '')).toMatch(/^[0-9a-f]{12}$/);
    expect(streamId(sha256Of('x'), 'a')).not.toBe(streamId(sha256Of('x'), 'b'));
    const item = { sha256: sha256Of('x'), bytes: 1, path: 'logs/a.zip', location: '/x', modified: undefined };
    expect(streamOf(item, 'in.zip!fw.log', 5)).toMatchObject({ path: 'logs/a.zip!in.zip!fw.log', modified: 5 });
    expect(streamOf(item, '', 5).path).toBe('logs/a.zip');
  });
});
