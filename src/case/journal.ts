import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EinfallstorError } from '../core/errors.ts';
import { withLock } from '../evidence/lock.ts';

const LF = 10;

const wholeLines = async (path: string): Promise<Buffer> => {
  try {
    const bytes = await readFile(path);
    return bytes.subarray(0, bytes.lastIndexOf(LF) + 1); // a line that a kill tore was never committed
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
};

/** All entries of a journal: one JSON value a line. Empty when there is none. */
export const readJournal = async <T>(path: string): Promise<T[]> => {
  const lines = (await wholeLines(path)).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as T;
    } catch (cause) {
      const where = `${basename(path)}, line ${i + 1}`;
      throw new EinfallstorError(
        'CASE_FORMAT',
        `${where}: no JSON`,
        'The case was changed by another program; restore it.',
        { cause },
      );
    }
  });
};

/** Adds entries, which may depend on how many there are; when this returns, they are on the disk. */
export const appendJournal = (path: string, entries: (count: number) => readonly unknown[]): Promise<void> =>
  withLock(`${path}.lock`, async () => {
    const whole = await wholeLines(path);
    const count = whole.toString('latin1').split('\n').length - 1;
    const text = entries(count)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('');
    if (text === '') return;
    const file = await open(path, 'a', 0o600);
    try {
      await file.truncate(whole.length);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  });
