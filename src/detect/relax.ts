import { field, NONE, type Query, type Test } from '../query/ast.ts';

/** Tests that a data base answers only roughly: it would hand over whole events for a second look. */
const ROUGH: ReadonlySet<Test['op']> = new Set(['cidr', 'same', 'part']);

/**
 * A query that holds wherever the given one does, made of tests that every store answers exactly. `widen`: true where
 * more may match, false below a `not`, where less must.
 */
export const relaxed = (query: Query, widen = true): Query => {
  switch (query.kind) {
    case 'and':
    case 'or':
      return { kind: query.kind, of: query.of.map((one) => relaxed(one, widen)) };
    case 'not':
      return { kind: 'not', of: relaxed(query.of, !widen) };
    case 'field':
      if (!ROUGH.has(query.test.op)) return query;
      return widen ? field(query.field, { op: 'exists' }) : NONE;
    default:
      return query;
  }
};
