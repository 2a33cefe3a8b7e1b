import { BLANK, type Outcome, type ParseContext, type Parser, type RawRecord, rejected } from '../parser.ts';
import { readCsv } from './csv.ts';
import type { Json } from './json.ts';

/** What a cloud service hands over as objects, or as rows under a head where somebody downloaded it as a table. */
interface Headed<Entry> {
  readonly readEntry: (record: RawRecord) => Entry | undefined;
  /** The names of the columns, where the line is the head of such a table. */
  readonly headerOf: (text: string) => readonly string[] | undefined;
  readonly rowOf: (text: string, header: readonly string[]) => Entry | undefined;
  readonly eventOf: (context: ParseContext, entry: Entry, text: string) => Outcome;
  /** Said of a record that is neither. */
  readonly isNone: string;
}

/** The values of a CSV row by the names of its columns; the last may be left out. undefined when it is no such row. */
export const readRow = (text: string, header: readonly string[]): Json | undefined => {
  const cells = readCsv(text);
  if (cells === undefined || cells.length < header.length - 1) return undefined;
  return Object.fromEntries(cells.map((cell, n) => [header[n] ?? `column_${n}`, cell.trim()]));
};

/** A head holds until the next: two downloads may stand in one file. */
export const openHeaded =
  <Entry>({ readEntry, headerOf, rowOf, eventOf, isNone }: Headed<Entry>): Parser['open'] =>
  (context) => {
    let header: readonly string[] | undefined;
    return (record) => {
      const text = record.text.trim();
      if (text === '') return BLANK;
      const entry = readEntry(record);
      if (entry !== undefined) return eventOf(context, entry, text);
      const names = headerOf(text);
      if (names !== undefined) {
        header = names;
        return { kind: 'skipped', reason: 'header' };
      }
      const row = header === undefined || text.startsWith('{') ? undefined : rowOf(text, header);
      return row === undefined ? rejected('not-this-format', isNone) : eventOf(context, row, text);
    };
  };
