import { canonicalIp } from '../../core/net.ts';
import { wellFormed } from '../../core/text.ts';
import type { Fields, Scalar, StoredEvent, Value } from '../../ecs/event.ts';
import { type FieldType, fieldOf } from '../../ecs/fields.ts';
import { fold } from '../../query/fold.ts';
import { storableFields } from '../canonical.ts';
import { locatorOf } from '../order.ts';
import { IGNORE_ABOVE, OWN, TIMELESS, VENDOR } from './mapping.ts';
import { hasLongToken } from './tokens.ts';

export type Document = Record<string, unknown>;

/** Stands for all names that the registry has no room for. */
export const UNNAMED = '*';

/** Whether a name may be a field of documents: all of the catalogue, and others as keys of the `flattened` field; notes it. */
export type Admit = (name: string) => boolean;

/** `date_nanos` begins with 1970; until 2109 a number of milliseconds is exact to the microsecond. */
const LAST_DATE = 2 ** 42 * 1000;

const isText = (value: Scalar): value is string => typeof value === 'string';

const FITS: Readonly<Record<FieldType, (value: Scalar) => boolean>> = {
  keyword: isText,
  text: isText,
  // looked for by its text, too: `::1` must not be found as `0:0:0:0:0:0:0:1`
  ip: (value) => isText(value) && canonicalIp(value) === value,
  date: (value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < LAST_DATE,
  long: (value) => Number.isSafeInteger(value),
  double: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

/** Lower case as Elasticsearch's `case_insensitive` knows it. */
const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
const BEYOND_ASCII = /[^\0-\x7f]/;
/** The only two whose lower case is in ASCII: the Kelvin sign and the dotted capital I. */
const BECOMING_ASCII = /[\u212a\u0130]/;

const scalarsOf = (value: Value): readonly Scalar[] => (Array.isArray(value) ? value : [value as Scalar]);

/** Writes events as documents; see `eventMappings`. */
export const documentOf = (event: StoredEvent, admit: Admit): Document => {
  const fields = storableFields(event.fields);
  const { stream, offset } = locatorOf(event.id);
  const document: Document = { [OWN.time]: TIMELESS, [OWN.id]: event.id, [OWN.stream]: stream, [OWN.offset]: offset };
  const odd = new Set<string>();
  const folded = new Set<string>();
  const rest: Fields = {};
  const vendor: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    const field = fieldOf(name);
    const scalars = value === null ? [] : scalarsOf(value);
    const isKnown = admit(name);
    const mark = isKnown ? name : UNNAMED;
    const isArray = Array.isArray(value);
    const fits =
      scalars.length > 0 &&
      isKnown &&
      (field === undefined
        ? scalars.every((one) => one !== null)
        : (field.array || !isArray) && scalars.every(FITS[field.type]));
    const isTime = name === '@timestamp' && Number.isSafeInteger(value) && value !== TIMELESS;
    if (isTime) document[OWN.time] = value;
    if (!fits) {
      // a time beyond `date_nanos` is still found by ours
      if (!isTime) odd.add(mark);
      rest[name] = value;
      continue;
    }
    if (field === undefined) vendor[name] = value;
    else if (field.type === 'date')
      document[name] = isArray ? (value as number[]).map(millis) : millis(value as number);
    else document[name] = value;
    for (const one of scalars) {
      if (!isText(one)) continue;
      if (field?.type === 'text' ? hasLongToken(one) : one.length > IGNORE_ABOVE) odd.add(mark);
      if (!BEYOND_ASCII.test(one)) continue;
      if (BECOMING_ASCII.test(one)) odd.add(mark);
      if (fold(one) !== foldAscii(one)) folded.add(mark);
    }
  }
  if (Object.keys(vendor).length > 0) document[VENDOR] = vendor;
  if (odd.size > 0) document[OWN.odd] = [...odd];
  if (folded.size > 0) document[OWN.folded] = [...folded];
  if (Object.keys(rest).length > 0) document[OWN.rest] = JSON.stringify(rest);
  return document;
};

/** Epoch milliseconds with a fraction: `1635681600000.123` */
const millis = (micros: number): number => micros / 1000;
const micros = (value: number): number => Math.round(value * 1000);

/** The event a document holds, or those of its fields that were asked for. */
export const eventOf = (id: string, source: Document): StoredEvent => {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(source)) {
    if (name.startsWith('einfallstor.store.')) continue;
    if (name === VENDOR) Object.assign(fields, value);
    else if (fieldOf(name)?.type === 'date')
      fields[name] = Array.isArray(value) ? (value as number[]).map(micros) : micros(value as number);
    else fields[name] = value as Value;
  }
  const rest = source[OWN.rest];
  if (typeof rest === 'string') Object.assign(fields, JSON.parse(rest));
  return { id, fields };
};

/** Names the `flattened` field can hold as keys and queries can name. */
export const isPlainName = (name: string): boolean => /^[^\0*]{1,512}$/.test(name) && wellFormed(name) === name;
