import { isoOf } from '../core/time.ts';
import { fieldOf } from '../ecs/fields.ts';
import type { Comparison, PatternPart, Query, Test } from './ast.ts';
import { parseKql } from './kql.ts';

/**
 * The filter text of a query, or undefined when the filter language cannot say it (regular expressions, comparisons
 * between fields, …). What is printed reads back as the very same query.
 */
export const printKql = (query: Query): string | undefined => {
  const text = printed(query);
  if (text === undefined) return undefined;
  return JSON.stringify(plain(parseKql(text))) === JSON.stringify(plain(query)) ? text : undefined;
};

/** Queries that differ only in nesting or in how literal text is cut are the same. */
const plain = (query: Query): Query => {
  switch (query.kind) {
    case 'and':
    case 'or': {
      const of = query.of.map(plain).flatMap((part) => (part.kind === query.kind ? part.of : [part]));
      return of.length === 1 ? (of[0] as Query) : { kind: query.kind, of };
    }
    case 'not':
      return { kind: 'not', of: plain(query.of) };
    case 'field':
    case 'anywhere':
      return query.test.op === 'like'
        ? ({ ...query, test: { ...query.test, pattern: joined(query.test.pattern) } } as Query)
        : query;
    default:
      return query;
  }
};

const joined = (pattern: readonly PatternPart[]): PatternPart[] => {
  const out: PatternPart[] = [];
  for (const part of pattern) {
    const last = out.at(-1);
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (part !== '') out.push(part);
  }
  return out;
};

const printed = (query: Query): string | undefined => {
  switch (query.kind) {
    case 'all':
      return '*';
    case 'none':
      return undefined;
    case 'and':
    case 'or': {
      const parts = query.of.map(nested);
      return parts.length === 0 || parts.includes(undefined) ? undefined : parts.join(` ${query.kind} `);
    }
    case 'not': {
      const part = nested(query.of);
      return part === undefined ? undefined : `not ${part}`;
    }
    case 'field':
      return printedField(query.field, query.test);
    case 'anywhere':
      return query.test.op === 'like' ? value(query.test.pattern.slice(1, -1)) : undefined;
  }
};

const nested = (query: Query): string | undefined => {
  const text = printed(query);
  return text !== undefined && (query.kind === 'and' || query.kind === 'or') ? `(${text})` : text;
};

const SIGNS: Readonly<Record<Comparison, string>> = { lt: ' < ', lte: ' <= ', gt: ' > ', gte: ' >= ', eq: ': ' };

const printedField = (name: string, test: Test): string | undefined => {
  const key = escaped(name, /[\\(){}<>":\s]/g);
  switch (test.op) {
    case 'exists':
      return `${key}: *`;
    case 'empty':
      return `${key}: ""`;
    case 'like': {
      const isText = fieldOf(name)?.type === 'text' && test.pattern.length === 3;
      return `${key}: ${value(isText ? test.pattern.slice(1, -1) : test.pattern)}`;
    }
    case 'compare': {
      const isDate = fieldOf(name)?.type === 'date' && test.comparison !== 'eq';
      return `${key}${SIGNS[test.comparison]}${
        isDate
          ? `"${isoOf(test.value)
              .replace('Z', '000Z')
              .replace(/(\.\d{6})\d+Z/, '$1Z')}"`
          : test.value
      }`;
    }
    default:
      return undefined;
  }
};

const escaped = (text: string, special: RegExp): string => text.replace(special, '\\$&');

/** A word where it has wildcards, quoted text where it has none. */
const value = (pattern: readonly PatternPart[]): string => {
  if (pattern.every((part) => typeof part === 'string')) return `"${escaped(pattern.join(''), /[\\"]/g)}"`;
  return pattern.map((part) => (typeof part === 'string' ? escaped(part, /[\\(){}<>":*? ]/g) : '*')).join('');
};
