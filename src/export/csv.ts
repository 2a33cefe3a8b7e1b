import { isoOf } from '../core/time.ts';
import type { Fields, Value } from '../ecs/event.ts';
import { fieldOf } from '../ecs/fields.ts';

/**
 * A cell: quoted where CSV needs it (RFC 4180), and with an apostrophe before what a spreadsheet would take for a formula
 * (`=`, `+`, `-`, `@`, tab, carriage return), also behind a semicolon, which divides cells where the comma is the decimal
 * sign: log text is hostile.
 */
const cell = (text: string): string => {
  const first = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
  const harmless = first.replace(/;(?=\s{0,9}(?:[=+@]|-\D))/g, ";'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

const textOfValue = (name: string, value: Value | undefined): string => {
  if (value === undefined) return '';
  if (typeof value === 'number' && fieldOf(name)?.type === 'date') return isoOf(value);
  return Array.isArray(value) ? value.join(';') : String(value);
};

/** Columns of a table of events, in this order. */
export const CSV_COLUMNS: readonly string[] = [
  '@timestamp',
  'event.id',
  'einfallstor.act',
  'event.outcome',
  'user.name',
  'source.ip',
  'source.port',
  'destination.ip',
  'destination.port',
  'source.bytes',
  'destination.bytes',
  'host.name',
  'observer.name',
  'event.code',
  'event.action',
  'email.from.address',
  'email.to.address',
  'url.original',
  'http.response.status_code',
  'message',
  'event.module',
  'log.file.path',
  'einfallstor.record.line',
  'log.offset',
  'einfallstor.record.length',
  'einfallstor.warnings',
  'event.original',
];

export const csvHead = (): string => `${CSV_COLUMNS.join(',')}\r\n`;

export const csvRow = (fields: Readonly<Fields>): string =>
  `${CSV_COLUMNS.map((name) => cell(textOfValue(name, fields[name]))).join(',')}\r\n`;
