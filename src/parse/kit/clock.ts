import { DAY, daysOf, isDate, MINUTE, SECOND } from '../../core/time.ts';
import type { Fields } from '../../ecs/event.ts';
import type { Civil } from './civil.ts';
import { abbreviationOffset, instantOf, isZone } from './zones.ts';

/** What is known about a stream's time before it is read. */
export interface ClockSettings {
  /** The operator's zone for this source; without it a line without zone is taken as UTC, and says so. */
  readonly zone?: string | undefined;
  /** The operator's year for the first record without one. */
  readonly year?: number | undefined;
  /**
   * What a missing year is inferred from: the file's last change (`latest`: no record is later), or the time other
   * sources of the case speak of (`near`: the first record lies within half a year of it, or, where the records then go on
   * beyond that, as many years earlier as it takes).
   */
  readonly reference?: { readonly instant: number; readonly kind: 'latest' | 'near' } | undefined;
  /** Years to go back, set when a first pass ran past the reference. */
  readonly yearsBack?: number | undefined;
  /** Correction of the source's clock, µs, added to all its times; see `corrected`. */
  readonly shift?: number | undefined;
}

/** What a record left out of a time. */
export interface Unstated {
  readonly zone: boolean;
  readonly year: boolean;
}

/** Instants that a record's times beside the first were resolved to, µs, and what had to be assumed for them. */
export type Resolutions = ReadonlyMap<number, Unstated>;

/** Turns what lines say of time into instants, never guessing silently. One per stream: a missing year needs the order. */
export interface Clock {
  /**
   * Sets `@timestamp` (epoch µs), `einfallstor.time.basis` (stated | configured | assumed), `event.timezone` as stated, and,
   * where the zone or the year was not stated, `einfallstor.time.local` (µs, local time read as UTC). Doubts go to
   * `einfallstor.warnings`.
   * A number is an instant in epoch µs that the line states. Does nothing for undefined.
   */
  stamp(fields: Fields, time: Civil | number | undefined): void;
  /** The instant alone (for `event.start` and the like), or undefined. */
  instant(time: Civil | number | undefined): number | undefined;
  /** Years by which the inferred dates overran the reference: the stream should be read again with `yearsBack` this much. */
  readonly yearsOver: number;
  /** What `instant` gave since this was last asked for: once a record. */
  takeResolutions(): Resolutions;
}

const NONE: Resolutions = new Map();

const warn = (fields: Fields, code: string): void => {
  const before = fields['einfallstor.warnings'];
  fields['einfallstor.warnings'] = Array.isArray(before) ? [...before, code] : [code];
};

/** The year that was inferred has no 29 February. */
export const NO_LEAP_DAY = 'date-doubtful:02-29';

const HALF_YEAR = 183 * DAY;

interface Resolved {
  readonly instant: number;
  readonly local: number | undefined;
  readonly basis: 'stated' | 'configured' | 'assumed';
  readonly warnings: readonly string[];
}

const yearOf = (instant: number): number => new Date(instant / 1000).getUTCFullYear();

/** Local time as if it were UTC; 29 February of a year without one is 1 March. */
const localMicros = (year: number, civil: Civil): number =>
  daysOf(year, civil.month, civil.day) * DAY +
  ((civil.hour * 60 + civil.minute) * 60 + civil.second) * SECOND +
  civil.micros;

export const openClock = (settings: ClockSettings): Clock => {
  const reference = settings.reference;
  /** Year of the last record without one, and its day in that year, to see a year roll over. */
  let year: number | undefined;
  let lastDay = 0;
  let yearsOver = 0;
  let resolutions: Map<number, Unstated> | undefined;

  const firstYear = (civil: Civil): number => {
    if (settings.year !== undefined) return settings.year;
    if (reference === undefined) return 1970;
    const guess = yearOf(reference.instant);
    if (reference.kind === 'latest') {
      const fits = localMicros(guess, civil) <= reference.instant + DAY;
      return (fits ? guess : guess - 1) - (settings.yearsBack ?? 0);
    }
    const distance = (y: number): number => Math.abs(localMicros(y, civil) - reference.instant);
    return (
      [guess - 1, guess, guess + 1].reduce((best, y) => (distance(y) < distance(best) ? y : best)) -
      (settings.yearsBack ?? 0)
    );
  };
  /** Later than this no record can be. */
  const latest =
    reference === undefined || settings.year !== undefined
      ? Number.POSITIVE_INFINITY
      : reference.instant + (reference.kind === 'latest' ? DAY : HALF_YEAR);

  const inferYear = (civil: Civil): number => {
    const day = (civil.month - 1) * 31 + civil.day;
    if (year === undefined) year = firstYear(civil);
    else if (day < lastDay - 186) year += 1;
    else if (lastDay < 62 && day > 310) return year - 1; // a late line from before the turn of the year
    lastDay = day;
    while (localMicros(year - yearsOver, civil) > latest) yearsOver += 1;
    return year;
  };

  const resolve = (civil: Civil): Resolved => {
    const warnings: string[] = [];
    let y = civil.year;
    const yearless = y === undefined;
    if (y === undefined) {
      y = inferYear(civil);
      warnings.push(settings.year === undefined && reference === undefined ? 'year-unknown' : `year-inferred:${y}`);
      if (!isDate(y, civil.month, civil.day)) warnings.push(NO_LEAP_DAY);
    }
    const local = localMicros(y, civil);
    if (civil.offset !== undefined)
      return { instant: local - civil.offset * MINUTE, local: yearless ? local : undefined, basis: 'stated', warnings };
    if (civil.zone !== undefined) {
      const named = abbreviationOffset(civil.zone);
      if (named !== undefined) {
        if (named.ambiguous) warnings.push(`zone-ambiguous:${civil.zone}`);
        return {
          instant: local - named.offset * MINUTE,
          local: yearless ? local : undefined,
          basis: 'stated',
          warnings,
        };
      }
      if (civil.zone.includes('/') && isZone(civil.zone)) {
        const { instant, doubtful } = instantOf(civil.zone, local);
        if (doubtful) warnings.push('time-doubtful:dst');
        return { instant, local, basis: 'stated', warnings };
      }
      warnings.push(`zone-unknown:${civil.zone.slice(0, 16)}`);
    }
    if (settings.zone === undefined)
      return { instant: local, local, basis: 'assumed', warnings: [...warnings, 'zone-assumed:UTC'] };
    const { instant, doubtful } = instantOf(settings.zone, local);
    if (doubtful) warnings.push('time-doubtful:dst');
    return { instant, local, basis: 'configured', warnings };
  };

  return {
    stamp: (fields, time) => {
      if (time === undefined) return;
      if (typeof time === 'number') {
        fields['@timestamp'] = time;
        fields['einfallstor.time.basis'] = 'stated';
        return;
      }
      const { instant, local, basis, warnings } = resolve(time);
      fields['@timestamp'] = instant;
      fields['einfallstor.time.basis'] = basis;
      if (local !== undefined) fields['einfallstor.time.local'] = local;
      else delete fields['einfallstor.time.local']; // of a time that this one takes the place of
      if (time.zone !== undefined) fields['event.timezone'] = time.zone;
      for (const code of warnings) warn(fields, code);
    },
    instant: (time) => {
      if (time === undefined) return undefined;
      const { instant, basis } = typeof time === 'number' ? { instant: time, basis: 'stated' as const } : resolve(time);
      resolutions ??= new Map();
      resolutions.set(instant, { zone: basis !== 'stated', year: typeof time === 'object' && time.year === undefined });
      return instant;
    },
    takeResolutions: () => {
      const taken = resolutions ?? NONE;
      resolutions = undefined;
      return taken;
    },
    get yearsOver() {
      return yearsOver;
    },
  };
};
