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
