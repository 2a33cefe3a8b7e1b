import type { Fields } from '../../src/ecs/event.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import {
  type DateOrder,
  namedValues,
  plainName,
  readNamed,
  saysTime,
  saysWhoBy,
} from '../../src/parse/kit/named-values.ts';
import { put } from '../../src/parse/kit/put.ts';
import { BLANK, type Outcome, type Parser, type Recognition, rejected, type Sample } from '../../src/parse/parser.ts';

/** Below the fallbacks that know a stated format. */
const CERTAINTY = 0.25;
const DELIMITERS = [',', ';', '\t', '|'];
/** Lines in front of the columns' names: a title, the time of the export, `sep=;`. */
const PREAMBLE_MAX = 10;
const LEAST_COLUMNS = 3;
const MOST_COLUMNS = 300;
const HEADER_MAX = 8192;

interface Header {
  readonly delimiter: string;
  readonly names: readonly string[];
}

/** The names of the columns where the line is a table's head: a time, and who or from where to where. */
const headerOf = (line: string): Header | undefined => {
  const text = line.replace(/^\uFEFF/, '').trim();
  if (text.length > HEADER_MAX || !/time|date|zeit|datum|\bts\b/i.test(text)) return undefined;
  // W3C extended log format
  const fields = /^#\s*Fields:\s*(\S.*)$/i.exec(text)?.[1];
  const head = fields ?? text;
  for (const delimiter of fields === undefined ? DELIMITERS : ['\t', ',', ' ']) {
    if (!head.includes(delimiter)) continue;
    const cells = readCsv(head, delimiter) ?? [];
    if (cells.length < LEAST_COLUMNS || cells.length > MOST_COLUMNS) continue;
    const names = cells.map(plainName);
    if (saysTime(names) && saysWhoBy(names)) return { delimiter, names };
  }
  return undefined;
};

const recognise = ({ records }: Sample): Recognition => {
  const heads = records.slice(0, PREAMBLE_MAX).map(({ text }) => headerOf(text));
  const at = heads.findIndex((head) => head !== undefined);
  const header = heads[at];
  if (header === undefined) return { certainty: 0, reason: 'no head with names of columns' };
  const rows = records.slice(at + 1).filter(({ text }) => text.trim() !== '' && !text.startsWith('#'));
  const fit = rows.filter(({ text }) => readCsv(text, header.delimiter)?.length === header.names.length).length;
  if (fit * 2 < rows.length)
    return { certainty: 0, reason: `${fit} of ${rows.length} rows have as many cells as its head` };
  return { certainty: CERTAINTY, reason: `a table with ${header.names.length} named columns` };
};

const putValues = namedValues('csv');

const open: Parser['open'] = ({ clock }) => {
  const order: DateOrder = { first: undefined };
  let header: Header | undefined;
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const found = headerOf(record.text);
    if (found !== undefined) {
      header = found;
      return { kind: 'skipped', reason: 'header' };
    }
    if (header === undefined || record.text.startsWith('#')) return { kind: 'skipped', reason: 'comment' };
    const cells = readCsv(record.text, header.delimiter);
    if (cells === undefined) return rejected('truncated', 'a quoted cell is not closed');
    if (cells.length < LEAST_COLUMNS) return rejected('truncated', `${cells.length} of ${header.names.length} cells`);
    const values = new Map<string, string>();
    header.names.forEach((name, n) => {
      const value = cells[n]?.trim();
      if (value) values.set(values.has(name) || name === '' ? `${name}column${n + 1}` : name, value);
    });
    const fields: Fields = {};
    const act = readNamed(fields, values, { clock, envelope: { message: record.text }, order }, putValues);
    if (fields['message'] === undefined) put(fields, 'message', record.text.slice(0, 1000));
    const odd = cells.length === header.names.length ? [] : ['columns-differ'];
    return { kind: 'event', act, fields, warnings: odd };
  };
};

export default {
  id: 'generic-csv',
  title: 'Tables with named columns of any product',
  references: [
    { title: 'RFC 4180, Common Format and MIME Type for CSV Files', url: 'https://www.rfc-editor.org/rfc/rfc4180' },
    { title: 'Extended Log File Format, W3C Working Draft', url: 'https://www.w3.org/TR/WD-logfile.html' },
  ],
  framing: 'csv',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'exports with a head of column names (comma, semicolon, tab, bar, #Fields:), English or German, that name a time and a source, destination, or user and action',
  ],
  limits: [
    'Columns are known by name only: what a product means by them is not known.',
    '1/2/2021 is read with the month first until a date of the file shows the order, and marked date-order-assumed.',
  ],
  alone: true,
  recognise,
  open,
} satisfies Parser as Parser;
