import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Sees to it that the name of a new or renamed file is on the disk. Windows cannot, and needs not. */
export const syncName = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
};

/** Replaces a file at once: a kill leaves the old content or the new. */
export const writeWhole = async (path: string, content: string | Uint8Array): Promise<void> => {
  const draft = `${path}.part`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncName(path);
};
