import type { RawRecord } from '../parser.ts';

/**
 * Keeps what a record was read as until the next one is: `claims` and the reader ask for the same, one after the other, and it
 * is most of the work of both. The result is the record's own, never another's of the same text.
 */
export const once = <Result>(read: (record: RawRecord) => Result): ((record: RawRecord) => Result) => {
  let last: { readonly record: RawRecord; readonly result: Result } | undefined;
  return (record) => {
    if (last?.record !== record) last = { record, result: read(record) };
    return last.result;
  };
};
