import { DAY, daysOf, isDate, MINUTE, SECOND } from '../core/time.ts';
import type { Test } from './ast.ts';

export type DatePart = Extract<Test, { op: 'part' }>['part'];

/** `2021-10-31T23:14:07.123456+01:00`, `2021-10-31 23:14`, `2021-10-31` */
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?([Zz]|[+-]\d\d:?\d\d)?$/;

/** Epoch µs of ISO 8601 text, UTC where it names no zone; undefined when it is none. */
export const parseIso = (text: string): number | undefined => {
  const m = ISO.exec(text);
  if (m === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(m[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined;
  const fraction = Number((m[7] ?? '').padEnd(6, '0').slice(0, 6));
  return (daysOf(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zoneSeconds(m[8])) * 1e6 + fraction;
};

/** `2021`, `2021-10`: months and years, which are no instants */
const MONTH = /^(\d{4})(?:-(\d\d))?$/;

/** All of the time a date names, [from, to): `2021-10-31` the day, `2021-10-31T23:14Z` the minute, `…:07` the second. */
export const dateRange = (text: string): { readonly from: number; readonly to: number } | undefined => {
  const [, year, month] = MONTH.exec(text) ?? [];
  if (year !== undefined) return monthRange(Number(year), month === undefined ? undefined : Number(month));
  const from = parseIso(text);
  const m = ISO.exec(text);
  if (from === undefined || m === null) return undefined;
  const fraction = m[7];
  const step =
    fraction !== undefined
      ? 10 ** Math.max(6 - fraction.length, 0)
      : m[6] !== undefined
        ? SECOND
        : m[4] !== undefined
          ? MINUTE
          : DAY;
  return { from, to: from + step };
};

const monthRange = (
  year: number,
  month: number | undefined,
): { readonly from: number; readonly to: number } | undefined => {
  if (month === 0 || (month ?? 1) > 12) return undefined;
  const from = daysOf(year, month ?? 1, 1) * DAY;
  if (month === undefined) return { from, to: daysOf(year + 1, 1, 1) * DAY };
  return { from, to: (month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1)) * DAY };
};

/** `+01:00` → 3600 */
const zoneSeconds = (zone: string | undefined): number => {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const digits = zone.replace(':', '');
  return (digits.startsWith('-') ? -1 : 1) * (Number(digits.slice(1, 3)) * 3600 + Number(digits.slice(3, 5)) * 60);
};

/** ECMAScript's range of dates, in µs: parts of instants outside it are undefined. */
const LIMIT = 8.64e18;

/** A date: epoch µs, or ISO 8601 text. */
export const instantOf = (value: string | number | boolean): number | undefined => {
  if (typeof value === 'number') return Math.abs(value) <= LIMIT ? value : undefined;
  return typeof value === 'string' && value.length <= 40 ? parseIso(value) : undefined;
};

const DAY_MS = 86_400_000;

/** ISO 8601 week of the year: the week with the year's first Thursday is the first. */
const isoWeek = (date: Date): number => {
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(date.getTime() + (3 - weekday) * DAY_MS);
  const start = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - start) / (7 * DAY_MS)) + 1;
};

/** A part of an instant, in UTC. */
export const partOf = (part: DatePart, micros: number): number => {
  const date = new Date(Math.floor(micros / 1000));
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
};
