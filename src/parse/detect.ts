import type { Parser, RawRecord } from './parser.ts';
import { recordOf } from './record.ts';

/** One parser's view of a sample. */
export interface Ranked {
  readonly parser: Parser;
  readonly certainty: number;
  readonly reason: string;
}

export interface Choice {
  /** undefined: no parser knows the format; every record is rejected, stored and counted. */
  readonly parser: Parser | undefined;
  readonly ranking: readonly Ranked[];
  /** Records of the sample by the product that claims them, most first, where several devices write into the stream. */
  readonly split: readonly { readonly parser: Parser; readonly records: number }[];
  /**
   * Why the operator should look: a tie, a certainty below which a guess would be a silent one, or several products, each
   * line going to the one that claims it.
   */
  readonly doubt: 'none' | 'tie' | 'low-certainty' | 'mixed' | 'unknown';
}

/** Below this a format is not taken as known. */
const LEAST_CERTAINTY = 0.05;
/** Below this the operator is told. */
const LOW_CERTAINTY = 0.5;
/** Above this one product writes the stream: nobody else's lines are looked for. */
const SURE = 0.9;
/** Two certainties closer than this are a tie. */
const TIE = 0.02;

/** Fallbacks know a shape, no product: they take what no product parser claims. */
export const isGeneric = (parser: Parser): boolean => parser.id.startsWith('generic-');

/** All parsers' certainty about the head of a stream, most certain first, ties by id. */
export const rank = (records: readonly RawRecord[], parsers: readonly Parser[]): Ranked[] =>
  parsers
    .map((parser) => ({ parser, ...parser.recognise({ records }) }))
    .filter((ranked) => ranked.certainty > 0)
    .sort((a, b) => b.certainty - a.certainty || (a.parser.id < b.parser.id ? -1 : 1));

/** The product that claims a record: the stream's own first, then the others in their order; a fallback claims nothing. */
export const claimerOf = (
  record: RawRecord,
  own: Parser | undefined,
  others: readonly Parser[],
): Parser | undefined => {
  const claims = (parser: Parser): boolean => !isGeneric(parser) && parser.claims?.(record) === true;
  return own !== undefined && claims(own) ? own : others.find((parser) => parser !== own && claims(parser));
};

/** How a record of its own begins; further lines of XML and of stack traces do not. */
const BEGINS = /^(?:[^\s<]|<\d)/;

/** Whether a line that continues no record of the stream's own parser is surely another product's. */
export const foreignTo = (own: Parser | undefined, parsers: readonly Parser[]): ((text: string) => boolean) => {
  if (typeof own?.framing === 'object' && own.framing.quoting === true) return () => false;
  return (text) => {
    if (!BEGINS.test(text)) return false;
    const record = recordOf({ text, offset: 0, length: 0, line: 0 });
    const claimer = claimerOf(record, own, parsers);
    return claimer !== undefined && claimer !== own;
  };
};

const splitOf = (records: readonly RawRecord[], own: Parser, parsers: readonly Parser[]): Choice['split'] => {
  const counts = new Map<Parser, number>();
  for (const record of records) {
    const parser = claimerOf(record, own, parsers);
    if (parser !== undefined) counts.set(parser, (counts.get(parser) ?? 0) + 1);
  }
  return [...counts]
    .map(([parser, count]) => ({ parser, records: count }))
    .sort((a, b) => b.records - a.records || (a.parser.id < b.parser.id ? -1 : 1));
};

/** Which parser reads a stream: the most certain product parser, else the most certain fallback. */
export const choose = (records: readonly RawRecord[], parsers: readonly Parser[]): Choice => {
  const ranking = rank(records, parsers);
  const products = ranking.filter((r) => !isGeneric(r.parser) && r.certainty >= LEAST_CERTAINTY);
  const best = products[0] ?? ranking.find((r) => isGeneric(r.parser));
  if (best === undefined) return { parser: undefined, ranking, split: [], doubt: 'unknown' };
  const second = products[1];
  const split = best.certainty >= SURE ? [] : splitOf(records, best.parser, parsers);
  const claimed = split.reduce((sum, part) => sum + part.records, 0);
  const tied = second !== undefined && best.certainty - second.certainty < TIE;
  const mixed = split.length > 1 && claimed >= LOW_CERTAINTY * records.length && (split[1]?.records ?? 0) > 1;
  const low = best.certainty < LOW_CERTAINTY;
  const doubt = mixed && (low || tied) ? 'mixed' : tied ? 'tie' : low ? 'low-certainty' : 'none';
  return { parser: best.parser, ranking, split, doubt };
};
