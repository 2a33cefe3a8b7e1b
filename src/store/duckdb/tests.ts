import { wellFormed } from '../../core/text.ts';
import type { Comparison, PatternPart, Test, TextTest } from '../../query/ast.ts';
import { fold } from '../../query/fold.ts';
import { addressesSql } from './address.ts';
import type { Bound } from './bound.ts';

/**
 * SQL that is true for at least the values a test passes (`over`) and for at most those (`under`): the same text where
 * DuckDB and the evaluator agree to the letter.
 */
export interface Bracket {
  readonly over: string;
  readonly under: string;
}

/** Both may be NULL for false. */
export const exactly = (sql: string): Bracket => ({ over: sql, under: sql });
/** `sql` holds no bound value, as it may be left out. */
export const atMost = (sql: string): Bracket => ({ over: sql, under: 'false' });
export const NEVER: Bracket = exactly('false');

const OPERATORS: Readonly<Record<Comparison, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '=' };

/** Runs of literal text parted by wildcards, next literals joined. */
const simplified = (pattern: readonly PatternPart[]): PatternPart[] => {
  const out: PatternPart[] = [];
  for (const part of pattern) {
    const last = out.at(-1);
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (part !== '' && !(isAny(part) && last !== undefined && isAny(last))) out.push(part);
  }
  return out;
};

const isAny = (part: PatternPart): boolean => typeof part !== 'string' && part.wild === 'any';

const likeText = (parts: readonly PatternPart[]): string =>
  parts
    .map((part) => (typeof part === 'string' ? part.replace(/[\\%_]/g, '\\$&') : part.wild === 'any' ? '%' : '_'))
    .join('');

/** A pattern by where its wildcards are; all but `other` need one literal text only. */
export type LikeShape =
  | { readonly shape: 'whole' | 'start' | 'end' | 'within'; readonly text: string }
  | { readonly shape: 'anything' }
  | { readonly shape: 'other'; readonly text: string };

export const likeShape = (test: Extract<TextTest, { op: 'like' }>): LikeShape => {
  const parts = simplified(
    test.pattern.map((part) => (typeof part !== 'string' ? part : wellFormed(test.cased ? part : fold(part)))),
  );
  const text = parts.find((part) => typeof part === 'string') ?? '';
  switch (parts.map((part) => (typeof part === 'string' ? 'text' : part.wild)).join(' ')) {
    case '':
    case 'text':
      return { shape: 'whole', text };
    case 'any':
      return { shape: 'anything' };
    case 'text any':
      return { shape: 'start', text };
    case 'any text':
      return { shape: 'end', text };
    case 'any text any':
      return { shape: 'within', text };
    default:
      return { shape: 'other', text: likeText(parts) };
  }
};

/** Text that is its own only upper or lower case. */
const CASELESS = /^[^A-Za-z\x7f-\u{10ffff}]*$/u;

/** A text in the form that folded text is compared with; as it is, which Parquet's statistics understand, where that is the same. */
const folding = (x: string, cased: boolean, ...texts: readonly string[]): string =>
  cased || texts.every((text) => CASELESS.test(text)) ? x : `lower(${x})`;

const like = (x: string, test: Extract<TextTest, { op: 'like' }>, bound: Bound): string => {
  const like = likeShape(test);
  const value = folding(x, test.cased, like.shape === 'anything' ? '' : like.text);
  switch (like.shape) {
    case 'whole':
      return `${value} = ${bound.add(like.text)}`;
    case 'anything':
      return `${x} IS NOT NULL`;
    case 'start':
      return `starts_with(${value}, ${bound.add(like.text)})`;
    case 'end':
      return `suffix(${value}, ${bound.add(like.text)})`;
    case 'within':
      return `contains(${value}, ${bound.add(like.text)})`;
    case 'other':
      return `${value} LIKE ${bound.add(like.text)} ESCAPE '\\'`;
  }
};

const regex = (x: string, { source, flags }: Extract<TextTest, { op: 'regex' }>, bound: Bound): string =>
  `regexp_matches(${x}, ${bound.add(wellFormed(flags === '' ? source : `(?${flags})(?:${source})`))})`;

export const textSql = (x: string, test: TextTest, bound: Bound): Bracket =>
  exactly(test.op === 'like' ? like(x, test, bound) : regex(x, test, bound));

export type ValueTest = Exclude<Test, { op: 'exists' | 'absent' | 'same' }>;

const compare = (x: string, comparison: Comparison, value: number, bound: Bound): string =>
  Number.isNaN(value)
    ? 'false'
    : `${x} ${OPERATORS[comparison]} ${bound.add(Number.isSafeInteger(value) ? BigInt(value) : value)}`;

/**
 * Lists up to this length are looked through; DuckDB makes a hash join of every longer `IN`, at some megabytes each. The rules'
 * first pass has hundreds: 950 MB and 2.8 s with joins, 30 MB and 0.7 s without (62,000 events).
 */
const LISTED = 64;

/** Whether a text is one of several, which are folded. */
export const oneOfSql = (x: string, texts: readonly string[], bound: Bound): string =>
  isOneOfSql(folding(x, false, ...texts), texts, bound);

/** Whether a text is one of several, to the letter. */
export const isOneOfSql = (x: string, texts: readonly string[], bound: Bound): string => {
  const list = texts.map((text) => bound.add(wellFormed(text)));
  if (list.length === 1) return `${x} = ${list[0]}`;
  return list.length <= LISTED ? `list_contains([${list.join(', ')}], ${x})` : `${x} IN (${list.join(', ')})`;
};

/** As NUMERIC of query/evaluate. */
const NUMERIC = "'[+-]?[0-9]{1,400}(\\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?'";

/** A text value. */
export const textValueSql = (x: string, test: ValueTest, bound: Bound): Bracket => {
  switch (test.op) {
    case 'like':
    case 'regex':
      return textSql(x, test, bound);
    case 'empty':
      return exactly(`${x} = ''`);
    case 'compare': {
      const number = `CASE WHEN regexp_full_match(${x}, ${NUMERIC}) THEN try_cast(${x} AS DOUBLE) END`;
      return exactly(`(isfinite(${number}) AND ${compare(`(${number})`, test.comparison, test.value, bound)})`);
    }
    case 'cidr':
      return exactly(addressesSql(x, [test.range], bound));
    case 'part':
      return atMost(`regexp_matches(${x}, '^[0-9]{4}-')`);
  }
};

/** Whether an integer is written as one of several texts. Numbers are compared far faster than texts. */
export const integerOneOfSql = (x: string, texts: readonly string[], bound: Bound): Bracket => {
  const numbers = texts.map(Number).filter((n, i) => Number.isSafeInteger(n) && String(n) === texts[i]);
  if (numbers.length === 0) return NEVER;
  const list = numbers.map((n) => bound.add(BigInt(n)));
  return exactly(list.length === 1 ? `${x} = ${list[0]}` : `list_contains([${list.join(', ')}], ${x})`);
};

/** An integer, possibly a date in epoch µs. */
export const integerSql = (x: string, test: ValueTest, bound: Bound): Bracket => {
  switch (test.op) {
    case 'like': {
      const like = likeShape(test);
      return like.shape === 'whole' ? integerOneOfSql(x, [like.text], bound) : textSql(`${x}::VARCHAR`, test, bound);
    }
    case 'regex':
      return textSql(`${x}::VARCHAR`, test, bound);
    case 'compare':
      return exactly(compare(x, test.comparison, test.value, bound));
    case 'part':
      return exactly(compare(`date_part('${test.part}', make_timestamp(${x}))`, test.comparison, test.value, bound));
    default:
      return NEVER;
  }
};

/** DuckDB and JavaScript write decimals differently: their text is looked at again. */
export const decimalSql = (x: string, test: ValueTest, bound: Bound): Bracket => {
  if (test.op === 'compare') return exactly(compare(x, test.comparison, test.value, bound));
  return test.op === 'empty' || test.op === 'cidr' ? NEVER : atMost(`${x} IS NOT NULL`);
};

export const booleanSql = (x: string, test: ValueTest, bound: Bound): Bracket =>
  test.op === 'like' || test.op === 'regex' ? textSql(`${x}::VARCHAR`, test, bound) : NEVER;
