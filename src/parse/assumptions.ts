import type { Fields } from '../ecs/event.ts';
import { FIELDS } from '../ecs/fields.ts';
import { NO_LEAP_DAY, type Resolutions, type Unstated } from './kit/clock.ts';

/** How what was assumed of a record's times stands in its event, so that another assumption can take its place. */

/** Date fields beside `@timestamp`. */
export const OTHER_DATES: readonly string[] = FIELDS.flatMap(({ name, type }) =>
  type === 'date' && name !== '@timestamp' ? [name] : [],
);

/** Dates that a device writes by the same clock as `@timestamp`; often one is computed from the other and a duration. */
const SAME_CLOCK: ReadonlySet<string> = new Set(['event.start', 'event.end']);

/** Time codes among the warnings, in the order in which they stand before all others. */
const ORDER: readonly RegExp[] = [
  /^year-(?:inferred|unknown)/,
  new RegExp(`^${NO_LEAP_DAY}$`),
  /^zone-(?:ambiguous|unknown)/,
  /^time-doubtful:dst$/,
  /^zone-assumed/,
  /^clock-corrected/,
];

const rankOf = (code: string): number => {
  const rank = ORDER.findIndex((pattern) => pattern.test(code));
  return rank < 0 ? ORDER.length : rank;
};

export const warningsOf = (fields: Readonly<Fields>): string[] => {
  const value = fields['einfallstor.warnings'];
  return value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
};

/** Sets the warnings: what was assumed of the time first, each once. */
export const putWarnings = (fields: Fields, codes: readonly string[]): void => {
  const distinct = [...new Set(codes)];
  if (distinct.length === 0) delete fields['einfallstor.warnings'];
  else fields['einfallstor.warnings'] = distinct.sort((a, b) => rankOf(a) - rankOf(b));
};

/** Whether the zone of `@timestamp` was assumed or told by the operator. */
export const isZoneless = (fields: Readonly<Fields>): boolean =>
  fields['einfallstor.time.basis'] === 'assumed' || fields['einfallstor.time.basis'] === 'configured';

const YEARLESS = /^year-/;
const isYearless = (fields: Readonly<Fields>): boolean => warningsOf(fields).some((code) => YEARLESS.test(code));

/** Whether what was assumed of a date differs from what the event's basis and warnings say. */
const differs = (fields: Readonly<Fields>, mark: string): boolean => {
  const marks = fields['einfallstor.time.differs'];
  return Array.isArray(marks) && marks.includes(mark);
};

/** Whether a date goes by the assumed zone: as `@timestamp` does if it is of the same clock, else not. */
export const followsZone = (fields: Readonly<Fields>, name: string): boolean =>
  differs(fields, name) !== (SAME_CLOCK.has(name) && isZoneless(fields));

/** Whether a date's year was inferred. */
export const followsYear = (fields: Readonly<Fields>, name: string): boolean =>
  differs(fields, `${name} year`) !== isYearless(fields);

/** Whether a date is as far from `@timestamp` as the event lasted, and nothing else is said of it: it was computed. */
export const isComputed = (fields: Readonly<Fields>, name: string): boolean => {
  const { [name]: value, '@timestamp': time, 'event.duration': duration } = fields;
  if (!SAME_CLOCK.has(name) || differs(fields, name) || typeof value !== 'number' || typeof time !== 'number')
    return false;
  // a microsecond for rounding
  return value === time || (typeof duration === 'number' && Math.abs(Math.abs(value - time) - duration / 1000) <= 1);
};

/** What a date was resolved as: by itself, or by the other end of the span that it closes. */
const resolutionOf = (
  resolutions: Resolutions,
  fields: Readonly<Fields>,
  name: string,
  value: number,
): Unstated | undefined => {
  const duration = typeof fields['event.duration'] === 'number' ? fields['event.duration'] / 1000 : 0;
  const other = name === 'event.end' ? value - duration : name === 'event.start' ? value + duration : value;
  return resolutions.get(value) ?? resolutions.get(other);
};

/**
 * Notes the dates of which something else was assumed than of `@timestamp`: by name, where the zone was stated and that
 * one's was not or the reverse; as `event.start year`, where this is so of the year.
 */
export const putDiffering = (fields: Fields, resolutions: Resolutions): void => {
  if (resolutions.size === 0) return;
  const [zoneless, yearless] = [isZoneless(fields), isYearless(fields)];
  const marks = OTHER_DATES.flatMap((name) => {
    const value = fields[name];
    const resolution = typeof value === 'number' ? resolutionOf(resolutions, fields, name, value) : undefined;
    if (resolution === undefined) return [];
    return [
      ...(resolution.zone === (SAME_CLOCK.has(name) && zoneless) ? [] : [name]),
      ...(resolution.zone && resolution.year !== yearless ? [`${name} year`] : []),
    ];
  });
  if (marks.length > 0) fields['einfallstor.time.differs'] = marks;
};

const two = (n: number): string => String(n).padStart(2, '0');

/** `+00:09:00` of µs; a part of a second follows a point. */
export const shiftText = (micros: number): string => {
  const total = Math.abs(micros);
  const seconds = Math.floor(total / 1e6);
  const rest = total % 1e6;
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0')}`;
  return `${micros < 0 ? '-' : '+'}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
};

/**
 * Corrects the clock of an event's source: its times move, `einfallstor.time.uncorrected` (µs) keeps what the source wrote,
 * and a warning says so. Times of others in the event (a collector's, a sender's) stay.
 */
export const correct = (fields: Fields, shift: number | undefined): void => {
  const time = fields['@timestamp'];
  if (shift === undefined || shift === 0 || typeof time !== 'number') return;
  fields['einfallstor.time.uncorrected'] = time;
  for (const name of ['@timestamp', ...SAME_CLOCK]) {
    const value = fields[name];
    if (typeof value === 'number') fields[name] = value + shift;
  }
  putWarnings(fields, [...warningsOf(fields), `clock-corrected:${shiftText(shift)}`]);
};
