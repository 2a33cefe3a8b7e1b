import { DAY, daysOf, isDate, MINUTE } from '../core/time.ts';
import type { Fields } from '../ecs/event.ts';
import {
  correct,
  followsYear,
  followsZone,
  isComputed,
  isZoneless,
  OTHER_DATES,
  putWarnings,
  warningsOf,
} from './assumptions.ts';
import { NO_LEAP_DAY } from './kit/clock.ts';
import { abbreviationOffset, instantOf, isZone, offsetAt } from './kit/zones.ts';

/** What is assumed of a stream's times. */
export interface Assumed {
  /** The operator's zone; undefined: none, taken as UTC. */
  readonly zone: string | undefined;
  /** Correction of the clock, µs. */
  readonly shift: number;
}

const INFERRED = /^year-(?:inferred:(-?\d+)|unknown)$/;
const ZONE_CODE = /^(?:zone-assumed|time-doubtful:dst$)/;
const isYearCode = (code: string): boolean => INFERRED.test(code) || code === NO_LEAP_DAY;

/** The year an event's time was given; undefined where its record states one. */
export const inferredYear = (fields: Readonly<Fields>): number | undefined => {
  for (const code of warningsOf(fields)) {
    const m = INFERRED.exec(code);
    if (m === null) continue;
    if (m[1] !== undefined) return Number(m[1]);
    const local = fields['einfallstor.time.local'] ?? fields['@timestamp'];
    return typeof local === 'number' ? new Date(local / 1000).getUTCFullYear() : undefined;
  }
  return undefined;
};

/** A local time (µs as if it were UTC) so many years later. `leap`: its 1 March stands for 29 February. */
const inYear = (local: number, years: number, leap: boolean): number => {
  const date = new Date(Math.floor(local / DAY) * (DAY / 1000));
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
  const isLeapDay = leap && month === 3 && day === 1;
  const rest = local - Math.floor(local / DAY) * DAY;
  return daysOf(date.getUTCFullYear() + years, isLeapDay ? 2 : month, isLeapDay ? 29 : day) * DAY + rest;
};

const resolved = (zone: string | undefined, local: number): { instant: number; doubtful: boolean } =>
  zone === undefined ? { instant: local, doubtful: false } : instantOf(zone, local);

/** The local time that an instant was resolved from. */
const localOf = (zone: string | undefined, instant: number): number =>
  zone === undefined ? instant : instant + offsetAt(zone, instant) * MINUTE;

/** Takes a correction of the clock back. */
const uncorrected = (given: Readonly<Fields>, shift: number): Fields => {
  const fields = { ...given };
  const time = fields['einfallstor.time.uncorrected'];
  if (time === undefined) return fields;
  delete fields['einfallstor.time.uncorrected'];
  for (const name of ['event.start', 'event.end']) {
    const value = fields[name];
    if (typeof value === 'number') fields[name] = value - shift;
  }
  fields['@timestamp'] = time;
  putWarnings(
    fields,
    warningsOf(fields).filter((code) => !code.startsWith('clock-corrected')),
  );
  return fields;
};

/** Puts `years` between the year that was inferred and the one it is now; the local time that results. */
const changeYear = (fields: Fields, years: number): number | undefined => {
  const local = fields['einfallstor.time.local'];
  const year = inferredYear(fields);
  if (typeof local !== 'number') return undefined;
  if (years === 0 || year === undefined) return local;
  const codes = warningsOf(fields);
  const leap = codes.includes(NO_LEAP_DAY);
  const moved = inYear(local, years, leap);
  const isLeapDay = leap || new Date(local / 1000).toISOString().slice(5, 10) === '02-29';
  const missing = isLeapDay && !isDate(year + years, 2, 29);
  fields['einfallstor.time.local'] = moved;
  putWarnings(fields, [
    `year-inferred:${year + years}`,
    ...(missing ? [NO_LEAP_DAY] : []),
    ...codes.filter((code) => !isYearCode(code)),
  ]);
  return moved;
};

/** `@timestamp` of a local time under the zone that is assumed, or under the one that the record states. */
const stamp = (fields: Fields, local: number, before: number, zone: string | undefined): void => {
  const { 'event.timezone': stated } = fields;
  if (!isZoneless(fields)) {
    // an offset is stated, or a name that stands for one, and only the year has changed
    const named = typeof stated === 'string' && stated.includes('/') && abbreviationOffset(stated) === undefined;
    fields['@timestamp'] =
      named && isZone(stated) ? instantOf(stated, local).instant : (fields['@timestamp'] as number) + local - before;
    return;
  }
  const { instant, doubtful } = resolved(zone, local);
  fields['@timestamp'] = instant;
  fields['einfallstor.time.basis'] = zone === undefined ? 'assumed' : 'configured';
  putWarnings(fields, [
    ...warningsOf(fields).filter((code) => !ZONE_CODE.test(code)),
    ...(zone === undefined ? ['zone-assumed:UTC'] : []),
    ...(doubtful ? ['time-doubtful:dst'] : []),
  ]);
};

/**
 * An event's fields under other assumptions, as reading its record with them gives. `years`: added to every year that was
 * inferred. What a record states stays as it is, but for the correction of the clock.
 */
export const retimed = (given: Readonly<Fields>, from: Assumed, to: Assumed, years: number): Fields => {
  const old = uncorrected(given, from.shift);
  const fields = { ...old };
  const time = old['@timestamp'];
  const before = old['einfallstor.time.local'];
  const local = changeYear(fields, years);
  if (typeof time === 'number' && typeof before === 'number' && local !== undefined)
    if (isZoneless(old) || years !== 0) stamp(fields, local, before, to.zone);
  const leap = warningsOf(old).includes(NO_LEAP_DAY);
  for (const name of OTHER_DATES) {
    const value = old[name];
    if (typeof value !== 'number') continue;
    if (isComputed(old, name)) fields[name] = value + (fields['@timestamp'] as number) - (time as number);
    else if (followsZone(old, name))
      fields[name] = resolved(
        to.zone,
        inYear(localOf(from.zone, value), followsYear(old, name) ? years : 0, leap),
      ).instant;
  }
  correct(fields, to.shift);
  return fields;
};
