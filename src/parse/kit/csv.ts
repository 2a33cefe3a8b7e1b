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
