import type { IpRange } from '../../core/net.ts';
import { wellFormed } from '../../core/text.ts';
import type { FieldType } from '../../ecs/fields.ts';
import type { PatternPart, Test, TextTest } from '../../query/ast.ts';
import { field as fieldQuery } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { fold } from '../../query/fold.ts';
import { allDsl, anyOf, atMost, type Bracket, type Dsl, exactly, NEVER } from './bracket.ts';
import { IGNORE_ABOVE, OWN, TIMELESS, VENDOR } from './mapping.ts';
import { piecesOf } from './tokens.ts';

export type ValueTest = Exclude<Test, { op: 'exists' | 'absent' | 'same' }>;

/** A field of the index. */
export interface Place {
  readonly name: string;
  /** undefined: a key of the `flattened` field. */
  readonly type: FieldType | undefined;
}

export const existsDsl = ({ name, type }: Place): Dsl => {
  if (name === '@timestamp') return { range: { [OWN.time]: { lt: TIMELESS } } };
  return { exists: { field: type === undefined ? `${VENDOR}.${name}` : name } };
};

/** What finds the indexed values that pass; those that are not indexed, or fold otherwise, are added by the compiler. */
export const valueBracket = (place: Place, test: ValueTest): Bracket => {
  switch (place.type) {
    case 'keyword':
      return keyword(place.name, place, test);
    case 'ip':
      return test.op === 'cidr' ? exactly(cidr(place.name, test.range)) : keyword(`${place.name}.text`, place, test);
    case 'text':
      return text(place, test);
    case 'date':
    case 'long':
      return whole(place, test);
    case 'double':
      if (test.op === 'compare') return exactly(compareDsl(place.name, test.comparison, test.value));
      return test.op === 'empty' || test.op === 'cidr' ? NEVER : atMost(existsDsl(place));
    case 'boolean':
      return flag(place.name, test);
    case undefined:
      return vendor(place, test);
  }
};

/** Whether letters beyond ASCII are asked for in any case. */
export const isFolding = (test: Test): boolean =>
  test.op === 'like' && !test.cased && test.pattern.some((part) => typeof part === 'string' && /[^\0-\x7f]/.test(part));

const LETTERS = /[A-Za-z]/;

const term = (field: string, value: string, cased: boolean): Dsl => ({
  term: { [field]: cased || !LETTERS.test(value) ? { value } : { value, case_insensitive: true } },
});

/** The whole texts, or the form, that a pattern asks for. */
const formOf = ({ pattern, cased }: Extract<TextTest, { op: 'like' }>): PatternPart[] => {
  const out: PatternPart[] = [];
  for (const part of pattern) {
    const last = out.at(-1);
    if (typeof part !== 'string') {
      if (!(part.wild === 'any' && typeof last === 'object' && last.wild === 'any')) out.push(part);
      continue;
    }
    const text = wellFormed(cased ? part : fold(part));
    if (typeof last === 'string') out[out.length - 1] = last + text;
    else if (text !== '') out.push(text);
  }
  return out;
};

const wildcardText = (form: readonly PatternPart[]): string =>
  form
    .map((part) => (typeof part === 'string' ? part.replace(/[\\*?]/g, '\\$&') : part.wild === 'any' ? '*' : '?'))
    .join('');

const literalLength = (form: readonly PatternPart[]): number =>
  form.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);

const wildcard = (field: string, form: readonly PatternPart[], cased: boolean): Dsl => {
  const value = wildcardText(form);
  return {
    wildcard: { [field]: cased || !LETTERS.test(value) ? { value } : { value, case_insensitive: true } },
  };
};

const keyword = (field: string, place: Place, test: ValueTest): Bracket => {
  switch (test.op) {
    case 'like': {
      const form = formOf(test);
      if (literalLength(form) > IGNORE_ABOVE) return NEVER;
      const [only] = form;
      if (form.length === 0) return exactly(term(field, '', true));
      if (form.length === 1 && typeof only === 'string') return exactly(term(field, only, test.cased));
      if (form.length === 1 && typeof only === 'object' && only.wild === 'any') return exactly(existsDsl(place));
      return exactly(wildcard(field, form, test.cased));
    }
    case 'empty':
      return exactly(term(field, '', true));
    default:
      return atMost(existsDsl(place));
  }
};

/** Words that the text must hold; the text itself is looked at again. */
const text = (place: Place, test: ValueTest): Bracket => {
  if (test.op !== 'like') return atMost(existsDsl(place));
  const form = formOf(test);
  if (form.length === 1 && typeof form[0] === 'object' && form[0].wild === 'any') return exactly(existsDsl(place));
  return atMost(wordsDsl(place, form));
};

const wordsDsl = (place: Place, form: readonly PatternPart[]): Dsl => {
  const pieces = piecesOf(form).filter((piece) => piece.text.length <= 255);
  const whole = pieces.filter((piece) => piece.begins && piece.ends);
  if (whole.length > 0) return allDsl(whole.map((piece) => ({ term: { [place.name]: piece.text } })));
  const [longest] = [...pieces].sort((a, b) => b.text.length - a.text.length);
  if (longest === undefined) return existsDsl(place);
  const value = `${longest.begins ? '' : '*'}${longest.text}${longest.ends ? '' : '*'}`;
  return { wildcard: { [place.name]: { value } } };
};

/** Integers from … to that compare so; dates in µs. */
const integers = (comparison: Extract<Test, { op: 'compare' }>['comparison'], value: number): [number, number] => {
  switch (comparison) {
    case 'lt':
      return [Number.NEGATIVE_INFINITY, Math.ceil(value) - 1];
    case 'lte':
      return [Number.NEGATIVE_INFINITY, Math.floor(value)];
    case 'gt':
      return [Math.floor(value) + 1, Number.POSITIVE_INFINITY];
    case 'gte':
      return [Math.ceil(value), Number.POSITIVE_INFINITY];
    case 'eq':
      return Number.isInteger(value) ? [value, value] : [1, 0];
  }
};

const whole = (place: Place, test: ValueTest): Bracket => {
  switch (test.op) {
    case 'like': {
      const form = formOf(test);
      const [only] = form;
      if (form.length === 1 && typeof only === 'string')
        return /^-?\d{1,16}$/.test(only) && String(Number(only)) === only
          ? exactly(between(place, Number(only), Number(only)))
          : NEVER;
      return form.length === 0 ? NEVER : atMost(existsDsl(place));
    }
    case 'compare':
      return Number.isNaN(test.value) ? NEVER : exactly(between(place, ...integers(test.comparison, test.value)));
    case 'regex':
    case 'part':
      return atMost(existsDsl(place));
    default:
      return NEVER;
  }
};

/** Integers of a field, both ends included. */
const between = (place: Place, from: number, to: number): Dsl => {
  const [least, most] =
    place.name === '@timestamp'
      ? [-TIMELESS, TIMELESS - 1]
      : place.type === 'date'
        ? [0, TIMELESS]
        : [-TIMELESS, TIMELESS];
  const [gte, lte] = [Math.max(from, least), Math.min(to, most)];
  if (!(gte <= lte)) return NEVER.over;
  if (place.name === '@timestamp') return { range: { [OWN.time]: { gte, lte } } };
  if (place.type !== 'date') return { range: { [place.name]: { gte, lte } } };
  return { range: { [place.name]: { gte: nanosText(gte), lte: nanosText(lte), format: NANOS } } };
};

const NANOS = 'strict_date_optional_time_nanos';

/** `2021-10-31T22:14:07.123456Z` */
const nanosText = (micros: number): string => {
  const millis = Math.floor(micros / 1000);
  return `${new Date(millis).toISOString().slice(0, -1)}${String(micros - millis * 1000).padStart(3, '0')}Z`;
};

const compareDsl = (field: string, comparison: 'lt' | 'lte' | 'gt' | 'gte' | 'eq', value: number): Dsl => {
  if (Number.isNaN(value)) return NEVER.over;
  if (comparison === 'eq') return Number.isFinite(value) ? { term: { [field]: value } } : NEVER.over;
  if (Number.isFinite(value)) return { range: { [field]: { [comparison]: value } } };
  return comparison.startsWith('l') === value > 0 ? { exists: { field } } : NEVER.over;
};

const flag = (field: string, test: ValueTest): Bracket => {
  const passes = predicateOf(fieldQuery('v', test));
  return anyOf([true, false].filter((v) => passes({ v })).map((value) => exactly({ term: { [field]: value } })));
};

/** `00000000000000000000ffff0a000001` → `0000:0000:0000:0000:0000:ffff:0a00:0001` */
const ipText = (key: string): string => (key.match(/.{4}/g) ?? []).join(':');

const cidr = (field: string, { first, last }: IpRange): Dsl =>
  first > last ? NEVER.over : { range: { [field]: { gte: ipText(first), lte: ipText(last) } } };

/** A key of the `flattened` field; patterns can be asked of all its keys together only. */
const vendor = (place: Place, test: ValueTest): Bracket => {
  const present = existsDsl(place);
  const field = `${VENDOR}.${place.name}`;
  if (test.op === 'empty') return exactly(term(field, '', true));
  if (test.op !== 'like') return atMost(present);
  const form = formOf(test);
  const [only] = form;
  if (literalLength(form) > IGNORE_ABOVE) return NEVER;
  if (form.length === 0) return exactly(term(field, '', true));
  if (form.length === 1 && typeof only === 'string') return exactly(term(field, only, test.cased));
  if (form.length === 1 && typeof only === 'object' && only.wild === 'any') return exactly(present);
  return atMost(allDsl([present, wildcard(VENDOR, form, test.cased)]));
};

/** Any key of the `flattened` field: numbers are among its texts. */
export const anyVendor = (test: TextTest): Bracket => {
  const present: Dsl = { exists: { field: VENDOR } };
  if (test.op === 'regex') return atMost(present);
  const form = formOf(test);
  if (literalLength(form) > IGNORE_ABOVE) return NEVER;
  return atMost(form.length === 0 ? term(VENDOR, '', true) : wildcard(VENDOR, form, test.cased));
};
