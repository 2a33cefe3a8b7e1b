import type { Parser, RawRecord } from './parser.ts';

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
  /** Why the operator should look: a tie, or a certainty below which a guess would be a silent one. */
  readonly doubt: 'none' | 'tie' | 'low-certainty' | 'unknown';
}

/** Below this a format is not taken as known. */
const LEAST_CERTAINTY = 0.05;
/** Below this the operator is told. */
const LOW_CERTAINTY = 0.5;
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

/** Which parser reads a stream: the most certain product parser, else the most certain fallback. */
export const choose = (records: readonly RawRecord[], parsers: readonly Parser[]): Choice => {
  const ranking = rank(records, parsers);
  const products = ranking.filter((r) => !isGeneric(r.parser) && r.certainty >= LEAST_CERTAINTY);
  const best = products[0] ?? ranking.find((r) => isGeneric(r.parser));
  if (best === undefined) return { parser: undefined, ranking, doubt: 'unknown' };
  const second = products[1];
  const tied = second !== undefined && best.certainty - second.certainty < TIE;
  const doubt = tied ? 'tie' : best.certainty < LOW_CERTAINTY ? 'low-certainty' : 'none';
  return { parser: best.parser, ranking, doubt };
};
