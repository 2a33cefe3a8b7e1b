import { parse } from 'csv-parse/sync';

/**
 * The cells of one CSV record; lenient about stray quotes, as exports are. undefined when it is not one record.
 * A record without quotes needs no state machine.
 */
export const readCsv = (text: string, delimiter = ','): string[] | undefined => {
  if (!text.includes('"')) return text.split(delimiter);
  try {
    const rows = parse(text, {
      delimiter,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][];
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined; // csv-parse throws on an unclosed quote: evidence, not an error
  }
};

/**
 * Cells of a record whose quotes double inside a quoted cell, never failing: a quoted cell ends at a quote before a comma or
 * the end; one that is not closed takes the rest, and `cut` says so.
 */
export const readCells = (text: string): { readonly cells: string[]; readonly cut: boolean } => {
  const cells: string[] = [];
  let i = 0;
  for (;;) {
    if (text[i] !== '"') {
      const comma = text.indexOf(',', i);
      cells.push(comma < 0 ? text.slice(i) : text.slice(i, comma));
      if (comma < 0) return { cells, cut: false };
      i = comma + 1;
      continue;
    }
    let close = text.indexOf('"', i + 1);
    while (close >= 0 && close + 1 < text.length && text[close + 1] !== ',') {
      close = text.indexOf('"', text[close + 1] === '"' ? close + 2 : close + 1);
    }
    cells.push(text.slice(i + 1, close < 0 ? text.length : close).replaceAll('""', '"'));
    if (close < 0 || close + 1 >= text.length) return { cells, cut: close < 0 };
    i = close + 2;
  }
};
