import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How folders begin that are there for a moment only. */
export const SPOOL_PREFIX = 'einfallstor-';

/** A stream put into a file of our own naming, for formats that need random access. */
export interface Spooled {
  readonly path: string;
  remove(): Promise<void>;
}

export const spool = async (chunks: AsyncIterable<Buffer>, directory = tmpdir()): Promise<Spooled> => {
  await mkdir(directory, { recursive: true });
  const folder = await mkdtemp(join(directory, SPOOL_PREFIX));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'archive');
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
};
