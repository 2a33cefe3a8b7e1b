import type { RawRecord, Recognition, Sample } from '../parser.ts';

/**
 * Recognition by the share of records that are unmistakably of the product: `strength` (0–1) times the share, so that a
 * pattern that others could produce too stays below one that they could not. Blank records do not count.
 */
export const recogniseBy =
  (claims: (record: RawRecord) => boolean, what: string, strength = 1): ((sample: Sample) => Recognition) =>
  (sample) => {
    const records = sample.records.filter((record) => record.text.trim() !== '');
    if (records.length === 0) return { certainty: 0, reason: 'no records' };
    const claimed = records.filter(claims).length;
    return {
      certainty: (strength * claimed) / records.length,
      reason: `${claimed} of ${records.length} records ${what}`,
    };
  };

/**
 * The same for logs under a header of lines with `#`: those do not count, and where they name the product (`title`) the file
 * is known by them.
 */
export const recogniseRows = (
  claims: (record: RawRecord) => boolean,
  title: RegExp,
  what: string,
): ((sample: Sample) => Recognition) => {
  const byRows = recogniseBy(claims, what);
  return (sample) => {
    const isComment = ({ text }: RawRecord): boolean => /^\uFEFF?#/.test(text);
    const titled = sample.records.some((record) => title.test(record.text.replace(/^\uFEFF/, '')));
    const rows = byRows({ records: sample.records.filter((record) => !isComment(record)) });
    if (!titled) return rows;
    const alone = rows.reason === 'no records';
    return { certainty: alone ? 0.98 : Math.max(rows.certainty, 0.9), reason: `its header names it; ${rows.reason}` };
  };
};

/** A table that is known by the names of its columns; without them, `byRows` decides. Blank records do not count. */
export const recogniseTable =
  (
    isHeaded: (rows: readonly RawRecord[]) => boolean,
    headed: Recognition,
    byRows: (sample: Sample) => Recognition,
  ): ((sample: Sample) => Recognition) =>
  (sample) =>
    isHeaded(sample.records.filter((record) => record.text.trim() !== '')) ? headed : byRows(sample);
