import { wellFormed } from '../../core/text.ts';
import type { Query, TextTest } from '../../query/ast.ts';
import { fold } from '../../query/fold.ts';
import { isKindField } from './kind.ts';
import { requiredTexts } from './regex-text.ts';

/** A text that a value of the field has to contain, or to be, folded. Field `*`: a text value of any field. */
export interface Literal {
  readonly field: string;
  readonly text: string;
  readonly whole: boolean;
}

/** Shorter texts tell nothing apart. */
export const SHORTEST = 3;

const ANYWHERE = '*';

const longest = (texts: readonly string[]): string =>
  texts.reduce((best, text) => (text.length > best.length ? text : best), '');

const literalOf = (field: string, test: TextTest): Literal | undefined => {
  if (test.op === 'regex') {
    const text = fold(longest(requiredTexts(test.source)));
    return text.length < SHORTEST ? undefined : { field, text, whole: false };
  }
  const texts = test.pattern.filter((part) => typeof part === 'string').map((part) => fold(wellFormed(part)));
  if (texts.length === test.pattern.length) return { field, text: texts.join(''), whole: true };
  const text = longest(texts);
  return text.length < SHORTEST ? undefined : { field, text, whole: false };
};

/** Short whole values are common ones (`GET`): of equally long texts the other tells more apart. */
const shortestOf = (literals: readonly Literal[]): number =>
  Math.min(...literals.map(({ text, whole }) => (whole ? text.length - 1 : text.length)));

/** Those that will be found more seldom: the longer ones. */
const better = (
  a: readonly Literal[] | undefined,
  b: readonly Literal[] | undefined,
): readonly Literal[] | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return shortestOf(b) > shortestOf(a) ? b : a;
};

/**
 * Texts without one of which no event can pass a query; undefined when there are none such. Kinds of events are told
 * apart otherwise (`kind.ts`).
 */
export const requiredBy = (query: Query): readonly Literal[] | undefined => {
  switch (query.kind) {
    case 'none':
      return [];
    case 'and':
      return query.of.map(requiredBy).reduce(better, undefined);
    case 'or': {
      const parts = query.of.map(requiredBy);
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case 'field': {
      const { field, test } = query;
      if (isKindField(field) || field.includes(ANYWHERE)) return undefined;
      if (test.op !== 'like' && test.op !== 'regex') return undefined;
      const literal = literalOf(field, test);
      return literal === undefined ? undefined : [literal];
    }
    case 'anywhere': {
      const literal = literalOf(ANYWHERE, query.test);
      return literal === undefined ? undefined : [literal];
    }
    default:
      return undefined;
  }
};
