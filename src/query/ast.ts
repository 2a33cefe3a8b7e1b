import type { IpRange } from '../core/net.ts';

/**
 * What the filter language, rules and the trace ask of events: one tree, one meaning. `query/evaluate.ts` is the
 * reference; every store must agree with it. Two-valued: a test on an absent field is false, but for `absent`.
 * A field with several values passes when any of them does. Field names: exact first, then case-insensitively.
 */
export type Query =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Query[] }
  | { readonly kind: 'not'; readonly of: Query }
  /** `field` may hold `*`: any field so named. */
  | { readonly kind: 'field'; readonly field: string; readonly test: Test }
  /** Any field's value as text, or the raw record. */
  | { readonly kind: 'anywhere'; readonly test: TextTest };

/** `any`: `*`, any run of characters; `one`: `?`, exactly one. Text parts are literal. */
export type PatternPart = string | { readonly wild: 'any' | 'one' };

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte' | 'eq';

export type TextTest =
  /** The whole value matches; without `cased`, upper and lower case are the same (Unicode simple folding). */
  | { readonly op: 'like'; readonly pattern: readonly PatternPart[]; readonly cased: boolean }
  /** RE2 syntax, found anywhere in the value; flags `i`, `m`, `s`. Linear time. */
  | { readonly op: 'regex'; readonly source: string; readonly flags: string };

export type Test =
  | TextTest
  | { readonly op: 'exists' }
  /** The field is absent or null (Sigma `field: null`). */
  | { readonly op: 'absent' }
  /** The value is present and is the empty text. */
  | { readonly op: 'empty' }
  /** A number, a numeric text, or a date in epoch µs. Text that is no number fails. */
  | { readonly op: 'compare'; readonly comparison: Comparison; readonly value: number }
  | { readonly op: 'cidr'; readonly range: IpRange }
  /** Against another field of the same event. */
  | {
      readonly op: 'same';
      readonly other: string;
      readonly how: 'equals' | 'contains' | 'startswith' | 'endswith';
      readonly cased: boolean;
    }
  /** A part of a date in UTC: minute 0–59, hour 0–23, day 1–31, ISO week 1–53, month 1–12, year. */
  | {
      readonly op: 'part';
      readonly part: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
      readonly comparison: Comparison;
      readonly value: number;
    };

export const ALL: Query = { kind: 'all' };
export const NONE: Query = { kind: 'none' };
export const and = (...of: Query[]): Query => ({ kind: 'and', of });
export const or = (...of: Query[]): Query => ({ kind: 'or', of });
export const not = (of: Query): Query => ({ kind: 'not', of });
export const field = (name: string, test: Test): Query => ({ kind: 'field', field: name, test });
/** The whole value, case-insensitively. */
export const is = (name: string, value: string | number | boolean): Query =>
  field(name, { op: 'like', pattern: [String(value)], cased: false });
export const isAny = (name: string, values: readonly (string | number)[]): Query =>
  or(...values.map((v) => is(name, v)));
