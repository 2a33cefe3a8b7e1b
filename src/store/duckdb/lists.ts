import { wellFormed } from '../../core/text.ts';
import type { TextTest } from '../../query/ast.ts';
import { betweenKeys, networkPattern } from './address.ts';
import type { Bound } from './bound.ts';
import { LIST_SEPARATOR } from './columns.ts';
import { atMost, type Bracket, exactly, likeShape, NEVER, textValueSql, type ValueTest } from './tests.ts';

/** Tests on a list held as one text with separators: any of its texts passes. */

const SEPARATOR = `chr(${LIST_SEPARATOR.charCodeAt(0)})`;

export const splitSql = (x: string): string => `string_split(${x}, ${SEPARATOR})`;

const some = (x: string, one: string): string => `(len(list_filter(${splitSql(x)}, lambda t: ${one})) > 0)`;

export const listSql = (x: string, test: ValueTest, bound: Bound): Bracket => {
  switch (test.op) {
    case 'like':
      return likeSql(x, test, bound);
    case 'empty':
      return likeSql(x, { op: 'like', pattern: [], cased: true }, bound);
    case 'cidr':
      return exactly(addressesSql(x, test.range, bound));
    case 'part':
      return atMost(`regexp_matches(${x}, '(?:^|\\x1e)[0-9]{4}-')`);
    default: {
      const one = textValueSql('t', test, bound);
      return { over: some(x, one.over), under: some(x, one.under) };
    }
  }
};

export const listOneOfSql = (x: string, texts: readonly string[], bound: Bound): string =>
  `list_has_any(${splitSql(`lower(${x})`)}, [${texts.map((text) => bound.add(wellFormed(text))).join(', ')}])`;

const likeSql = (x: string, test: Extract<TextTest, { op: 'like' }>, bound: Bound): Bracket => {
  const like = likeShape(test);
  if (like.shape === 'anything') return exactly(`${x} IS NOT NULL`);
  if (like.shape === 'other') return exactly(some(x, textValueSql('t', test, bound).over));
  if (like.text.includes(LIST_SEPARATOR)) return NEVER;
  const value = test.cased ? x : `lower(${x})`;
  const before = like.shape === 'whole' || like.shape === 'start';
  const after = like.shape === 'whole' || like.shape === 'end';
  const text = `${before ? LIST_SEPARATOR : ''}${like.text}${after ? LIST_SEPARATOR : ''}`;
  return exactly(
    `contains(${before ? `${SEPARATOR} || ` : ''}${value}${after ? ` || ${SEPARATOR}` : ''}, ${bound.add(text)})`,
  );
};

const addressesSql = (x: string, range: Extract<ValueTest, { op: 'cidr' }>['range'], bound: Bound): string => {
  const one = some(x, betweenKeys('t', [range], bound));
  const pattern = networkPattern(range);
  if (pattern === undefined) return one;
  return `(regexp_matches(${x}, ${bound.add(`(?:^|\\x1e)${pattern}(?:\\x1e|$)`)}) OR (contains(${x}, ':') AND ${one}))`;
};
