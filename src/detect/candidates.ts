import { ALL, and, NONE, or, type Query } from '../query/ast.ts';
import { isKindField } from './matching/kind.ts';

/** What the store is asked for many rules: for at least the events that one of them matches. */

/** `widen`: true where more may match, false below a `not`, where less must. */
type Leaf = (query: Query, widen: boolean) => Query;

const rewritten = (query: Query, leaf: Leaf, widen = true): Query => {
  switch (query.kind) {
    case 'and':
      return conjunction(query.of.map((one) => rewritten(one, leaf, widen)));
    case 'or':
      return disjunction(query.of.map((one) => rewritten(one, leaf, widen)));
    case 'not':
      return negation(rewritten(query.of, leaf, !widen));
    case 'all':
    case 'none':
      return query;
    default:
      return leaf(query, widen);
  }
};

const conjunction = (of: readonly Query[]): Query => {
  const open = of.filter(({ kind }) => kind !== 'all');
  if (open.some(({ kind }) => kind === 'none')) return NONE;
  return open.length === 0 ? ALL : open.length === 1 ? (open[0] as Query) : and(...open);
};

const disjunction = (of: readonly Query[]): Query => {
  const open = of.filter(({ kind }) => kind !== 'none');
  if (open.some(({ kind }) => kind === 'all')) return ALL;
  return open.length === 0 ? NONE : open.length === 1 ? (open[0] as Query) : or(...open);
};

const negation = (of: Query): Query => (of.kind === 'all' ? NONE : of.kind === 'none' ? ALL : { kind: 'not', of });

/** A query that holds for all events of the kinds that the given one can match. */
const kindsOf = (query: Query): Query =>
  rewritten(query, (one, widen) => {
    if (one.kind === 'field' && isKindField(one.field)) return one;
    return widen ? ALL : NONE;
  });

/** What a test costs that looks at every text of an event. */
const ANYWHERE = 50;

const costOf = (query: Query): number => {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.reduce((sum, one) => sum + costOf(one), 0);
    case 'not':
      return costOf(query.of);
    case 'anywhere':
      return ANYWHERE;
    default:
      return 1;
  }
};

/**
 * Tests beyond which the store is not asked for the events that rules match, but for all of the kinds they are about: handing over
 * an event and looking its texts up then costs less than so many tests of it in the store.
 */
const MAX_TESTS = 500;

/** A query for at least the events that one of these can match. */
export const candidatesOf = (queries: readonly Query[]): Query => {
  const groups = new Map<string, { readonly kinds: Query; readonly of: Query[] }>();
  for (const query of queries) {
    const kinds = kindsOf(query);
    const name = JSON.stringify(kinds);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { kinds, of: [query] });
    else group.of.push(query);
  }
  return disjunction(
    [...groups.values()].map(({ kinds, of }) =>
      of.reduce((sum, query) => sum + costOf(query), 0) > MAX_TESTS ? kinds : disjunction(of),
    ),
  );
};
