import { parse } from 'csv-parse/sync';

const QUOTE = '"';

const isEnd = (c: string | undefined, delimiter: string): boolean =>
  c === undefined || c === delimiter || c === '\n' || c === '\r';

/** More cells has no export's row. */
const CELLS_MAX = 2000;

/** Where a quoted cell that begins at `start` closes: at a quote before a delimiter or the end; doubled ones are text. */
const closing = (text: string, start: number, delimiter: string): number => {
  let close = text.indexOf(QUOTE, start + 1);
  while (close >= 0 && !isEnd(text[close + 1], delimiter)) {
    close = text.indexOf(QUOTE, text[close + 1] === QUOTE ? close + 2 : close + 1);
  }
  return close;
};

const cellEnd = (text: string, from: number, delimiter: string): number => {
  let at = from;
  while (!isEnd(text[at], delimiter)) at += 1;
  return at;
};

/** RFC 4180: quotes only around whole cells and doubled within. */
const wellFormed = (delimiter: string): RegExp => {
  const d = `\\u${delimiter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const cell = `(?:"[^"]*(?:""[^"]*)*"|[^"${d}\\r\\n]*)`;
  return new RegExp(`^${cell}(?:${d}${cell})*$`);
};
const WELL_FORMED = new Map([',', ';', '\t', '|'].map((delimiter) => [delimiter, wellFormed(delimiter)]));
/** Beyond this many characters a state machine of its own per record takes too long (1 ms and more per KiB). */
const ORDINARY = 1024;

/**
 * The cells of one CSV record; lenient about stray quotes, as exports are. undefined when it is not one record: a quote stays
 * open, a line break stands between cells, or there are too many. Linear.
 */
export const readCsv = (text: string, delimiter = ','): string[] | undefined => {
  if (!text.includes(QUOTE)) {
    const plain = text.split(delimiter, CELLS_MAX + 1);
    return plain.length > CELLS_MAX ? undefined : plain;
  }
  if (text.length <= ORDINARY && WELL_FORMED.get(delimiter)?.test(text))
    return (parse(text, { delimiter, relax_column_count: true }) as string[][])[0];
  // what was cut, or has stray quotes
  const cells: string[] = [];
  /** From here on no quoted cell closes. */
  let hopeless = text.length;
  let at = 0;
  for (;;) {
    const quoted = text[at] === QUOTE;
    const close = quoted && at < hopeless ? closing(text, at, delimiter) : -1;
    if (close >= 0) {
      cells.push(text.slice(at + 1, close).replaceAll('""', QUOTE));
      at = close + 1;
    } else {
      if (quoted) {
        hopeless = Math.min(hopeless, at);
        // "a"b, is a stray quote; without any further one the line was cut
        if (text.indexOf(QUOTE, at + 1) < 0) return undefined;
      }
      const end = cellEnd(text, quoted ? text.indexOf(QUOTE, at + 1) : at, delimiter);
      cells.push(text.slice(at, end));
      at = end;
    }
    if (text[at] !== delimiter || cells.length > CELLS_MAX) break;
    at += 1;
  }
  return text.slice(at).trim() === '' ? cells : undefined;
};

/**
 * Cells of a record whose quotes double inside a quoted cell, never failing: a quoted cell ends at a quote before a comma or
 * the end; one that is not closed takes the rest, and `cut` says so.
 */
export const readCells = (text: string): { readonly cells: string[]; readonly cut: boolean } => {
  const cells: string[] = [];
  let i = 0;
  for (;;) {
    if (text[i] !== QUOTE) {
      const comma = text.indexOf(',', i);
      cells.push(comma < 0 ? text.slice(i) : text.slice(i, comma));
      if (comma < 0) return { cells, cut: false };
      i = comma + 1;
      continue;
    }
    let close = text.indexOf(QUOTE, i + 1);
    while (close >= 0 && close + 1 < text.length && text[close + 1] !== ',') {
      close = text.indexOf(QUOTE, text[close + 1] === QUOTE ? close + 2 : close + 1);
    }
    cells.push(text.slice(i + 1, close < 0 ? text.length : close).replaceAll('""', QUOTE));
    if (close < 0 || close + 1 >= text.length) return { cells, cut: close < 0 };
    i = close + 2;
  }
};
