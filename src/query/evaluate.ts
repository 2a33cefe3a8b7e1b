import { assertNever } from '../core/assert-never.ts';
import { inRange } from '../core/net.ts';
import { gathered, type OneOf } from './alternatives.ts';
import type { Comparison, Query, Test, TextTest } from './ast.ts';
import { instantOf, partOf } from './calendar.ts';
import { fold } from './fold.ts';
import { lookup, type QueryFields, type QueryValue } from './names.ts';
import { patternMatcher } from './pattern.ts';
import { regexOf } from './regex.ts';

export type { QueryFields } from './names.ts';
export type Predicate = (fields: QueryFields) => boolean;

type Present = string | number | boolean;
type ValueTest = (value: Present) => boolean;

/** `-12`, `3.5`, `1e6`: text that counts as a number */
const NUMERIC = /^[+-]?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?$/;

/** The number a value is or spells; undefined when it is none or beyond all bounds. */
export const numberIn = (value: Present): number | undefined => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean' || !NUMERIC.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

const compares = (comparison: Comparison, bound: number): ((value: number) => boolean) => {
  switch (comparison) {
    case 'lt':
      return (value) => value < bound;
    case 'lte':
      return (value) => value <= bound;
    case 'gt':
      return (value) => value > bound;
    case 'gte':
      return (value) => value >= bound;
    case 'eq':
      return (value) => value === bound;
    default:
      return assertNever(comparison);
  }
};

const textTest = (test: TextTest): ((text: string) => boolean) => {
  if (test.op === 'like') return patternMatcher(test.pattern, test.cased);
  const regex = regexOf(test.source, test.flags);
  return (text) => regex.test(text);
};

const someOf = (value: QueryValue, passes: ValueTest): boolean => {
  if (value === null) return false;
  if (typeof value !== 'object') return passes(value);
  for (const one of value) if (one !== null && passes(one)) return true;
  return false;
};

const textsOf = (values: readonly QueryValue[]): string[] =>
  values.flatMap((value) => (Array.isArray(value) ? value : [value])).flatMap((v) => (v === null ? [] : [String(v)]));

const sameAs = (field: string, test: Extract<Test, { op: 'same' }>): Predicate => {
  const folded = test.cased ? (text: string): string => text : fold;
  const relation = {
    equals: (a: string, b: string) => a === b,
    contains: (a: string, b: string) => a.includes(b),
    startswith: (a: string, b: string) => a.startsWith(b),
    endswith: (a: string, b: string) => a.endsWith(b),
  }[test.how];
  const [mine, theirs] = [lookup(field), lookup(test.other)];
  return (fields) => {
    const others = textsOf(theirs(fields)).map(folded);
    return (
      others.length > 0 && textsOf(mine(fields)).some((text) => others.some((other) => relation(folded(text), other)))
    );
  };
};

const valueTest = (test: Exclude<Test, { op: 'exists' | 'absent' | 'same' }>): ValueTest => {
  switch (test.op) {
    case 'like':
    case 'regex': {
      const passes = textTest(test);
      return (value) => passes(String(value));
    }
    case 'empty':
      return (value) => value === '';
    case 'compare': {
      const passes = compares(test.comparison, test.value);
      return (value) => {
        const number = numberIn(value);
        return number !== undefined && passes(number);
      };
    }
    case 'cidr':
      return (value) => typeof value === 'string' && inRange(test.range, value);
    case 'part': {
      const passes = compares(test.comparison, test.value);
      return (value) => {
        const instant = instantOf(value);
        return instant !== undefined && passes(partOf(test.part, instant));
      };
    }
    default:
      return assertNever(test);
  }
};

const fieldTest = (field: string, test: Test): Predicate => {
  if (test.op === 'same') return sameAs(field, test);
  const values = lookup(field);
  if (test.op === 'exists') return (fields) => values(fields).length > 0;
  if (test.op === 'absent') return (fields) => !values(fields).some((value) => someOf(value, () => true));
  const passes = valueTest(test);
  return (fields) => {
    for (const value of values(fields)) if (someOf(value, passes)) return true;
    return false;
  };
};

const anywhere = (test: TextTest): Predicate => {
  const passes = textTest(test);
  const passesText: ValueTest = (value) => typeof value === 'string' && passes(value);
  return (fields) => {
    for (const name in fields) if (someOf(fields[name] as QueryValue, passesText)) return true;
    return false;
  };
};

const oneOf = ({ field, texts }: OneOf): Predicate => {
  const values = lookup(field);
  const passes: ValueTest = (value) => texts.has(fold(String(value)));
  return (fields) => values(fields).some((value) => someOf(value, passes));
};

/** Compiles a query once; the predicate is the reference that every store must agree with. */
export const predicateOf = (query: Query): Predicate => {
  switch (query.kind) {
    case 'all':
      return () => true;
    case 'none':
      return () => false;
    case 'and': {
      const parts = query.of.map(predicateOf);
      return (fields) => parts.every((part) => part(fields));
    }
    case 'or': {
      const { sets, others } = gathered(query.of);
      const parts = [...sets.map(oneOf), ...others.map(predicateOf)];
      return (fields) => parts.some((part) => part(fields));
    }
    case 'not': {
      const part = predicateOf(query.of);
      return (fields) => !part(fields);
    }
    case 'field':
      return fieldTest(query.field, query.test);
    case 'anywhere':
      return anywhere(query.test);
    default:
      return assertNever(query);
  }
};
