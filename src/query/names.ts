import type { Value } from '../ecs/event.ts';
import type { PatternPart, Query } from './ast.ts';
import { fold } from './fold.ts';
import { patternMatcher } from './pattern.ts';

/** Fields as queries see them: events, and any flattened JSON object (which may hold null). */
export type QueryValue = Value | null | readonly (string | number | boolean | null)[];
export type QueryFields = Readonly<Record<string, QueryValue>>;

const FOLDED = new Map<string, string>();

/** Field names repeat without end: each is folded once. */
const foldedName = (name: string): string => {
  let folded = FOLDED.get(name);
  if (folded === undefined) {
    folded = fold(name);
    if (FOLDED.size < 100_000) FOLDED.set(name, folded);
  }
  return folded;
};

let lastFields: QueryFields | undefined;
let lastOdd: readonly string[] = [];

/** Names of an event that are not in folded form; remembered for the event asked last, as many queries test one event. */
const oddNames = (fields: QueryFields): readonly string[] => {
  if (fields !== lastFields) {
    lastOdd = Object.keys(fields).filter((name) => foldedName(name) !== name);
    lastFields = fields;
  }
  return lastOdd;
};

export type Lookup = (fields: QueryFields) => readonly QueryValue[];

const NOTHING: readonly QueryValue[] = [];

/** Whether names are so named, where `*` stands for any run of characters, in any case. */
export const nameMatcher = (name: string): ((key: string) => boolean) => {
  const matches = patternMatcher(
    name.split('*').flatMap((text, i): PatternPart[] => (i === 0 ? [text] : [{ wild: 'any' }, text])),
    false,
  );
  const known = new Map<string, boolean>();
  return (key) => {
    let is = known.get(key);
    if (is === undefined) {
      is = matches(key);
      if (known.size < 100_000) known.set(key, is);
    }
    return is;
  };
};

const lookupWild = (name: string): Lookup => {
  const isNamed = nameMatcher(name);
  return (fields) => Object.keys(fields).flatMap((key) => (isNamed(key) ? [fields[key] as QueryValue] : []));
};

/**
 * The values a field name of a query stands for: the field so named; else all whose names differ in case only;
 * with `*`, all that fit, in any case.
 */
export const lookup = (name: string): Lookup => {
  if (name.includes('*')) return lookupWild(name);
  const folded = foldedName(name);
  return (fields) => {
    const exact = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (exact !== undefined) return [exact];
    const odd = oddNames(fields);
    const plain = folded !== name && Object.hasOwn(fields, folded) ? fields[folded] : undefined;
    if (odd.length === 0) return plain === undefined ? NOTHING : [plain];
    const found: QueryValue[] = plain === undefined ? [] : [plain];
    for (const key of odd) if (foldedName(key) === folded) found.push(fields[key] as QueryValue);
    return found;
  };
};

/** The names of the fields a query looks at; undefined when it looks at all. */
export const fieldsOf = (query: Query): ((name: string) => boolean) | undefined => {
  const names = namesIn(query);
  if (names === undefined) return undefined;
  const matchers = [...new Set(names)].map(nameMatcher);
  return (name) => matchers.some((matches) => matches(name));
};

const namesIn = (query: Query): readonly string[] | undefined => {
  switch (query.kind) {
    case 'all':
    case 'none':
      return [];
    case 'and':
    case 'or': {
      const names = query.of.map(namesIn);
      return names.includes(undefined) ? undefined : names.flatMap((some) => some ?? []);
    }
    case 'not':
      return namesIn(query.of);
    case 'field':
      return query.test.op === 'same' ? [query.field, query.test.other] : [query.field];
    case 'anywhere':
      return undefined;
  }
};
