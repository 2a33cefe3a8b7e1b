import { spool } from '../../evidence/spool.ts';
import type { FramedRecord } from '../framing.ts';
import { bytesOf, FileBytes } from './bytes.ts';
import { readHeader } from './layout.ts';
import { journalRecords } from './walk.ts';

/** The records of a stream. Entries refer back to any place in the file, so that it is put aside first. */
export async function* frameJournal(
  chunks: AsyncIterable<Buffer>,
  spoolDirectory: string | undefined,
): AsyncGenerator<FramedRecord[]> {
  const spooled = await spool(chunks, spoolDirectory);
  try {
    const file = new FileBytes(spooled.path);
    try {
      yield* journalRecords(file);
    } finally {
      file.close();
    }
  } finally {
    await spooled.remove();
  }
}

/** Bytes behind the tables that show a few hundred entries. */
const FIRST_ENTRIES = 512 * 1024;
const HEAD_MAX = 32 * 1024 * 1024;

/** How much of a journal shows its first entries: its tables stand in front of them and take megabytes. */
export const journalHeadBytes = (head: Buffer): number =>
  Math.min((readHeader(head)?.tablesEnd ?? 0) + FIRST_ENTRIES, HEAD_MAX);

/** So many entries of a journal's head. */
export const firstEntries = async (head: Buffer, count: number): Promise<FramedRecord[]> => {
  const found: FramedRecord[] = [];
  for await (const batch of journalRecords(bytesOf(head))) {
    found.push(...batch.filter(({ text, damage }) => text !== '' && damage === undefined));
    if (found.length >= count) break;
  }
  return found.slice(0, count);
};
