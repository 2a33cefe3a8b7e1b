import { canonicalIp, type IpRange, ipKey, parseCidr } from '../core/net.ts';
import { FIELDS, type FieldType } from '../ecs/fields.ts';
import { and, type Comparison, field, type PatternPart, type Query, type TextTest } from './ast.ts';
import { dateRange } from './calendar.ts';
import { fold } from './fold.ts';
import type { FilterText, Term } from './kql-text.ts';

const TYPES: ReadonlyMap<string, FieldType> = new Map(FIELDS.map(({ name, type }) => [fold(name), type]));

export type RangeSign = '>' | '>=' | '<' | '<=';

const COMPARISONS: Readonly<Record<RangeSign, Comparison>> = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' };

/** `443`, `-1`, `0.5`, `1e6` */
const NUMBER = /^[+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/;
/** Epoch µs, as events hold dates. `1635721200000000` */
const MICROS = /^\d{15,16}$/;

const isWild = ({ parts }: Term): boolean => parts.some((part) => typeof part !== 'string');
const ANY: PatternPart = { wild: 'any' };

export const likeTerm = (parts: readonly PatternPart[]): TextTest => ({ op: 'like', pattern: parts, cased: false });

const compare = (name: string, comparison: Comparison, value: number): Query =>
  field(name, { op: 'compare', comparison, value });

/** `[from, to)` of a date field. */
const within = (name: string, { from, to }: { readonly from: number; readonly to: number }): Query =>
  and(compare(name, 'gte', from), compare(name, 'lt', to));

const cidr = (name: string, range: IpRange): Query => field(name, { op: 'cidr', range });

/** `name: term` */
export const equalsTerm = (name: string, term: Term, text: FilterText): Query => {
  if (!term.quoted && term.parts.length === 1 && typeof term.parts[0] !== 'string')
    return field(name, { op: 'exists' });
  if (term.quoted && term.text === '') return field(name, { op: 'empty' });
  if (isWild(term)) return field(name, likeTerm(term.parts));
  switch (TYPES.get(fold(name))) {
    case 'date':
      return dateEquals(name, term, text);
    case 'ip':
      return addressEquals(name, term);
    case 'long':
    case 'double':
      return !term.quoted && NUMBER.test(term.text)
        ? compare(name, 'eq', Number(term.text))
        : field(name, likeTerm(term.parts));
    case 'text':
      return field(name, likeTerm([ANY, term.text, ANY]));
    case undefined:
      return unlistedEquals(name, term);
    default:
      return field(name, likeTerm(term.parts));
  }
};

const dateEquals = (name: string, term: Term, text: FilterText): Query => {
  if (MICROS.test(term.text)) return compare(name, 'eq', Number(term.text));
  return within(name, dateOf(name, term, text));
};

const addressEquals = (name: string, term: Term): Query => {
  const range = term.text.includes('/') ? parseCidr(term.text) : undefined;
  return range === undefined ? field(name, likeTerm([canonicalIp(term.text) ?? term.text])) : cidr(name, range);
};

/** A field of the vendor, or a name with `*`: an address range is meant as one where the value can be nothing else. */
const unlistedEquals = (name: string, term: Term): Query => {
  const range = term.text.includes('/') ? parseCidr(term.text) : undefined;
  return range === undefined ? field(name, likeTerm(term.parts)) : cidr(name, range);
};

/** `name >= term` */
export const rangeTerm = (name: string, sign: RangeSign, term: Term, text: FilterText): Query => {
  if (isWild(term))
    throw text.fail('a wildcard in a range', 'Compare with a number, an address or a date.', term.start);
  switch (TYPES.get(fold(name))) {
    case 'date':
      return dateRangeTerm(name, sign, term, text);
    case 'ip':
      return addressRangeTerm(name, sign, term, text);
    default:
      if (NUMBER.test(term.text)) return compare(name, COMPARISONS[sign], Number(term.text));
      throw text.fail(
        `${term.text === '' ? 'nothing' : term.text} is no number`,
        `${name} can be compared with numbers only.`,
        term.start,
      );
  }
};

const dateRangeTerm = (name: string, sign: RangeSign, term: Term, text: FilterText): Query => {
  if (MICROS.test(term.text)) return compare(name, COMPARISONS[sign], Number(term.text));
  const { from, to } = dateOf(name, term, text);
  switch (sign) {
    case '>':
      return compare(name, 'gte', to);
    case '>=':
      return compare(name, 'gte', from);
    case '<':
      return compare(name, 'lt', from);
    case '<=':
      return compare(name, 'lt', to);
  }
};

const dateOf = (name: string, term: Term, text: FilterText): { readonly from: number; readonly to: number } => {
  const range = dateRange(term.text);
  if (range !== undefined) return range;
  const hint = /^now/i.test(term.text)
    ? 'A case has no present time: give a date, such as 2021-10-31 or 2021-10-31T23:14+01:00.'
    : `${name} is a date: write 2021-10-31, 2021-10-31T23:14 or 2021-10-31T23:14:07+01:00 (UTC where no zone is given).`;
  throw text.fail(`${term.text === '' ? 'nothing' : term.text} is no date`, hint, term.start);
};

const LAST_KEY = 'f'.repeat(32);

/** The key `by` steps from this one; undefined beyond the ends. */
const keyBeside = (key: string, by: bigint): string | undefined => {
  const moved = BigInt(`0x${key}`) + by;
  return moved < 0n || moved >= 1n << 128n ? undefined : moved.toString(16).padStart(32, '0');
};

const addressRangeTerm = (name: string, sign: RangeSign, term: Term, text: FilterText): Query => {
  const key = ipKey(term.text);
  if (key === undefined)
    throw text.fail(`${term.text} is no address`, `${name} can be compared with addresses only.`, term.start);
  const first = sign === '>' ? keyBeside(key, 1n) : sign === '>=' ? key : '0'.repeat(32);
  const last = sign === '<' ? keyBeside(key, -1n) : sign === '<=' ? key : LAST_KEY;
  return first === undefined || last === undefined ? { kind: 'none' } : cidr(name, { first, last });
};
