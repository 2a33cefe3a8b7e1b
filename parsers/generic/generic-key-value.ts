import type { Fields } from '../../src/ecs/event.ts';
import { firstKey, readKeyValues } from '../../src/parse/kit/key-value.ts';
import {
  type DateOrder,
  type NamedValues,
  namedValues,
  plainName,
  readNamed,
  saysWho,
} from '../../src/parse/kit/named-values.ts';
import { put } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Above the fallback that reads only a header, below those of a stated format. */
const CERTAINTY = 0.35;
/** Fewer pairs are a sentence with a value in it. */
const LEAST_PAIRS = 3;
const KEY = /[\w.-]{1,64}$/;

const putValues = namedValues('keyvalue');

/** A sentence before the pairs: `authentication failure; rhost=…`. */
const leadOf = (message: string): string => message.slice(0, Math.max(0, firstKey(message, KEY))).trim();

/** Pairs that say who, or from where to where; undefined where the line has none, or is of a stated format. */
const readPairs = ({ text, envelope }: RawRecord): NamedValues | undefined => {
  if (!text.includes('=') || /(?:CEF|LEEF): ?\d/.test(text)) return undefined;
  const message = envelope.message;
  const first = firstKey(message, KEY);
  if (first < 0) return undefined;
  const separator =
    message.includes('",') || /=[^\s",=]{0,200},\s?[\w.-]{1,64}=/.test(message.slice(0, 2000)) ? ',' : ' ';
  const raw = readKeyValues(message, first, separator);
  if (raw.size < LEAST_PAIRS) return undefined;
  const pairs = new Map([...raw].map(([key, value]) => [plainName(key), value] as const));
  return saysWho(pairs) ? pairs : undefined;
};

const claims = (record: RawRecord): boolean => readPairs(record) !== undefined;

const open: Parser['open'] = ({ clock }) => {
  const order: DateOrder = { first: undefined };
  return (record) => {
    const pairs = readPairs(record);
    if (pairs === undefined)
      return rejected('not-this-format', 'no key=value pairs that say who or from where to where');
    const fields: Fields = {};
    const at = { clock, envelope: record.envelope, order, lead: leadOf(record.envelope.message) };
    const act = readNamed(fields, pairs, at, putValues);
    if (fields['message'] === undefined) put(fields, 'message', record.envelope.message);
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'generic-key-value',
  title: 'Lines of key=value pairs of any product',
  references: [{ title: 'logfmt', url: 'https://brandur.org/logfmt' }],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['pairs with a source, destination, or user and action under one of their common names'],
  limits: ['Keys are known by name only: what a product means by them is not known.'],
  recognise: recogniseBy(claims, 'are key=value pairs with addresses or users', CERTAINTY),
  claims,
  open,
} satisfies Parser as Parser;
