import type { Bytes } from './bytes.ts';
import { type JournalHeader, OBJECT_HEAD, readObject, TYPE, u64 } from './layout.ts';

/** In front of an ENTRY_ARRAY's items: object, the next array. */
const ARRAY_HEAD = 24;

/**
 * Where the file's index says that entries stand, in rising order: the chain of entry arrays. Ends where the chain is damaged
 * or, in a file that is written to, not yet filled.
 */
export const indexed = function* (file: Bytes, header: JournalHeader): Generator<number> {
  const step = header.compact ? 4 : 8;
  let last = 0;
  for (let array = header.entryArray, before = 0; array > before; ) {
    const object = readObject(file.read(array, OBJECT_HEAD), file.size - array);
    if (object?.type !== TYPE.entryArray) return;
    for (let at = array + ARRAY_HEAD; at + step <= array + object.size; at += step) {
      const item = file.read(at, step);
      const offset = header.compact ? item.readUInt32LE(0) : u64(item, 0);
      if (offset <= last || offset >= file.size) return;
      yield offset;
      last = offset;
    }
    before = array;
    array = u64(file.read(array + OBJECT_HEAD, 8), 0);
  }
};
