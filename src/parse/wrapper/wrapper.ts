import type { Framing } from '../../read/framing.ts';
import { type Civil, epochMicros, readBsd, readIso } from '../kit/civil.ts';
import { isObject, type Json, parseJson } from '../kit/json.ts';
import type { Reference } from '../parser.ts';

/** What a collector knows of the record inside; used where the record itself does not say it. */
export interface Hints {
  /** A number is an instant in epoch µs. */
  readonly time?: Civil | number | undefined;
  readonly host?: string | undefined;
  readonly program?: string | undefined;
  readonly pid?: number | undefined;
  readonly priority?: number | undefined;
  /** The file the collector read, and what it takes its lines for. */
  readonly path?: string | undefined;
  readonly sourcetype?: string | undefined;
}

export interface Peeled extends Hints {
  /** The record inside. */
  readonly text: string;
  /** The record goes on in the next one. */
  readonly partial?: boolean;
  /** The collector says, or its form shows, that it did not keep the whole record. */
  readonly truncated?: boolean;
}

/** `header`: belongs to the wrapper and holds no record. undefined: not this wrapper. */
export type Peel = Peeled | 'header' | undefined;

/** One form in which collectors keep other products' records. */
export interface Wrapper {
  readonly id: string;
  readonly title: string;
  readonly reference: Reference;
  /** How a stream of its records is cut. */
  readonly framing: Framing;
  /**
   * `stamp`: its time and host are the record's own, as a syslog header's are. `collection`: they tell when and where it was
   * collected, so an event that has to take them says so.
   */
  readonly knows: 'stamp' | 'collection';
  /** Reads the records of one stream. Linear, never throws; certain: a product's own format is never taken for it. */
  open(): (text: string) => Peel;
}

/** A wrapper that is a JSON object. `signature` spares reading what is not: it must match wherever `read` gives something. */
export const jsonPeel =
  (signature: RegExp, read: (object: Json) => Peel): Wrapper['open'] =>
  () =>
  (text) => {
    if (text.charCodeAt(0) !== 123 || !signature.test(text)) return undefined;
    const object = parseJson(text);
    return isObject(object) ? read(object) : undefined;
  };

// 2021-10-31 23:14:07.000 CET (Splunk)
const ZONE = / ([A-Z]{3,5})$/;
// Oct 31, 2021 @ 23:14:07.123 (Kibana)
const KIBANA = / @ /;

/** A collector's time: epoch of any unit, ISO, Splunk's with a zone's name, Kibana's. */
export const readStamp = (value: unknown): Civil | number | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  const epoch = epochMicros(text);
  if (epoch !== undefined) return epoch;
  const read = readIso(text) ?? readBsd(text.replace(KIBANA, ' '));
  if (read === undefined) return undefined;
  const zone = read.civil.offset === undefined ? ZONE.exec(text)?.[1] : undefined;
  return zone === undefined ? read.civil : { ...read.civil, zone };
};

/** Text that says something, of a member of a hostile document. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

export const integerOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
};

/** RFC 5424 §6.2.1 from its parts; undefined unless both are there. */
export const priorityOf = (facility: number | undefined, severity: number | undefined): number | undefined =>
  facility === undefined || severity === undefined || facility > 23 || severity > 7
    ? undefined
    : facility * 8 + severity;
