import type { estypes } from '@elastic/elasticsearch';

export type Dsl = estypes.QueryDslQueryContainer;

/**
 * What finds at least the events a query passes (`over`) and at most those (`under`): the same object where
 * Elasticsearch and the evaluator agree to the letter.
 */
export interface Bracket {
  readonly over: Dsl;
  readonly under: Dsl;
}

const EVERY: Dsl = { match_all: {} };
const NOTHING: Dsl = { match_none: {} };

export const exactly = (dsl: Dsl): Bracket => ({ over: dsl, under: dsl });
export const atMost = (dsl: Dsl): Bracket => ({ over: dsl, under: NOTHING });
export const ALWAYS: Bracket = exactly(EVERY);
export const NEVER: Bracket = exactly(NOTHING);

export const anyDsl = (given: readonly Dsl[]): Dsl => {
  const parts = given.flatMap((part) => shoulds(part) ?? [part]).filter((part) => part !== NOTHING);
  if (parts.includes(EVERY)) return EVERY;
  if (parts.length < 2) return parts[0] ?? NOTHING;
  return { bool: { should: parts } };
};

export const allDsl = (given: readonly Dsl[]): Dsl => {
  const parts = given.flatMap((part) => filters(part) ?? [part]).filter((part) => part !== EVERY);
  if (parts.includes(NOTHING)) return NOTHING;
  if (parts.length < 2) return parts[0] ?? EVERY;
  return { bool: { filter: parts } };
};

export const noDsl = (dsl: Dsl): Dsl => {
  if (dsl === EVERY) return NOTHING;
  return dsl === NOTHING ? EVERY : { bool: { must_not: [dsl] } };
};

/** Alternatives of alternatives are one list: Elasticsearch allows few levels. */
const shoulds = ({ bool }: Dsl): Dsl[] | undefined =>
  bool?.should === undefined || bool.filter !== undefined ? undefined : (bool.should as Dsl[]);
const filters = ({ bool }: Dsl): Dsl[] | undefined => (bool?.filter === undefined ? undefined : (bool.filter as Dsl[]));

export const anyOf = (parts: readonly Bracket[]): Bracket => joined(parts, anyDsl);
export const allOf = (parts: readonly Bracket[]): Bracket => joined(parts, allDsl);

const joined = (parts: readonly Bracket[], join: (parts: readonly Dsl[]) => Dsl): Bracket => {
  const over = join(parts.map((part) => part.over));
  return parts.every(isExact) ? exactly(over) : { over, under: join(parts.map((part) => part.under)) };
};

export const negated = (bracket: Bracket): Bracket => {
  const over = noDsl(bracket.under);
  return isExact(bracket) ? exactly(over) : { over, under: noDsl(bracket.over) };
};

export const isNever = ({ over }: Bracket): boolean => over === NOTHING;

export const isExact = ({ over, under }: Bracket): boolean => over === under;

/** Conditions in a query, and how deep they nest: a server takes about a thousand, and thirty levels, at least. */
export const sizeOf = (dsl: Dsl): { readonly leaves: number; readonly depth: number } => {
  const parts = [dsl.bool?.should, dsl.bool?.filter, dsl.bool?.must_not].flatMap((some) => (some ?? []) as Dsl[]);
  if (parts.length === 0) return { leaves: 1, depth: 0 };
  const sizes = parts.map(sizeOf);
  return {
    leaves: sizes.reduce((sum, { leaves }) => sum + leaves, 0),
    depth: 1 + Math.max(...sizes.map(({ depth }) => depth)),
  };
};
