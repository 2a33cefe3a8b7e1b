import { isDate } from '../../core/time.ts';

/** A time as a log line writes it: the year and the zone may be missing. Month 1–12, micros 0–999999. */
export interface Civil {
  readonly year?: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Minutes east of UTC, when stated as an offset or `Z`. */
  readonly offset?: number;
  /** Zone name, when stated as one: `CEST`, `Europe/Berlin`. */
  readonly zone?: string;
}

/** A civil time and where the text after it starts. */
export interface ReadCivil {
  readonly civil: Civil;
  readonly end: number;
}

const MONTHS: Readonly<Record<string, number>> = {
  // English, and the German and French abbreviations that differ
  jan: 1, feb: 2, mar: 3, apr: 4, may: 5, jun: 6, jul: 7, aug: 8, sep: 9, oct: 10, nov: 11, dec: 12,
  'mär': 3, mrz: 3, mai: 5, okt: 10, dez: 12, sept: 9,
  january: 1, february: 2, march: 3, april: 4, june: 6, july: 7, august: 8, september: 9, october: 10, november: 11, december: 12,
}; // biome-ignore format: a table

/** 1–12 of a month's name or abbreviation, or undefined. */
export const monthOf = (name: string): number | undefined => MONTHS[name.toLowerCase()];

const micros = (fraction: string | undefined): number =>
  fraction === undefined ? 0 : Number(`${fraction}000000`.slice(0, 6));

/** `Z` → 0, `+0130`, `+01:30`, `-05`, `UTC+2`; undefined for anything else. Minutes east of UTC. */
export const offsetOf = (text: string): number | undefined => {
  if (text === 'Z' || text === 'z' || text === 'UTC' || text === 'GMT') return 0;
  const m = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(text);
  if (m === null) return undefined;
  const minutes = Number(m[2]) * 60 + Number(m[3] ?? 0);
  return minutes > 14 * 60 ? undefined : m[1] === '-' ? -minutes : minutes;
};

const made = (
  parts: { year?: number | undefined; month: number; day: number; hour: number; minute: number; second: number },
  fraction: string | undefined,
  zone: string | undefined,
): Civil | undefined => {
  if (!isDate(parts.year, parts.month, parts.day)) return undefined;
  // second 60 is a leap second
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 60) return undefined;
  const offset = zone === undefined ? undefined : offsetOf(zone);
  const { year, ...rest } = parts;
  return {
    ...rest,
    micros: micros(fraction),
    ...(year === undefined ? {} : { year }),
    ...(offset !== undefined ? { offset } : zone === undefined ? {} : { zone }),
  };
};

const at = (pattern: RegExp, text: string, index: number): RegExpExecArray | null => {
  pattern.lastIndex = index;
  return pattern.exec(text);
};

// 2021-10-31T23:14:07.123456+01:00 · 2021-10-31 23:14:07,123 · 2021/10/31 23:14:07 · 2023:04:28-00:50:54 (Sophos UTM)
const ISO =
  /(\d{4})([-/:.])(\d{1,2})\2(\d{1,2})[T \-_](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d)))?/y;

/** ISO 8601 and its relatives at `index`. */
export const readIso = (text: string, index = 0): ReadCivil | undefined => {
  const m = at(ISO, text, index);
  if (m === null) return undefined;
  const civil = made(
    {
      year: Number(m[1]),
      month: Number(m[3]),
      day: Number(m[4]),
      hour: Number(m[5]),
      minute: Number(m[6]),
      second: Number(m[7] ?? 0),
    },
    m[8],
    m[9],
  );
  return civil && { civil, end: ISO.lastIndex };
};

// Oct 31 23:14:07 · Oct  1 2021 23:14:07.123 CET · 2021 Oct 31 23:14:07 · Oct 31 23:14:07 2021 (year behind, ctime); a host `2001:db8::1` is no year
const BSD =
  /(?:(\d{4}) )?([A-Za-zä]{3,9})\.? {1,2}(\d{1,2})(?:,)? (?:(\d{4}) )?(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: (\d{4})(?= |:(?![\da-fA-F:])|$))?(?: (Z|UTC|GMT|CES?T|MES?Z|[ACEMPN][DS]T|WES?T|EES?T|BST|IST|MSK|A[ECW][DS]T|NZ[DS]T|[JKH]ST|[+-]\d{2}:?\d{2})(?=[ :]|$))?/y;

/** RFC 3164 time at `index`, with or without year, fraction and zone. */
export const readBsd = (text: string, index = 0): ReadCivil | undefined => {
  const m = at(BSD, text, index);
  if (m === null) return undefined;
  const month = monthOf(m[2] as string);
  if (month === undefined) return undefined;
  const year = m[1] ?? m[4] ?? m[9];
  const civil = made(
    {
      year: year === undefined ? undefined : Number(year),
      month,
      day: Number(m[3]),
      hour: Number(m[5]),
      minute: Number(m[6]),
      second: Number(m[7]),
    },
    m[8],
    m[10],
  );
  return civil && { civil, end: BSD.lastIndex };
};

// Sun Oct 31 23:14:07 2021 · Sun Oct 31 23:14:07.123 CET 2021
const CTIME =
  /(?:[A-Z][a-z]{2},? )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ([A-Z]{3,5}|[+-]\d{4}))? (\d{4})/y;

/** ctime(3) at `index`. */
export const readCtime = (text: string, index = 0): ReadCivil | undefined => {
  const m = at(CTIME, text, index);
  const month = m === null ? undefined : monthOf(m[1] as string);
  if (m === null || month === undefined) return undefined;
  const civil = made(
    { year: Number(m[8]), month, day: Number(m[2]), hour: Number(m[3]), minute: Number(m[4]), second: Number(m[5]) },
    m[6],
    m[7],
  );
  return civil && { civil, end: CTIME.lastIndex };
};

// 10/Oct/2000:13:55:36 -0700 (Common Log Format) · 10-Oct-2000 13:55:36.123 · 10 Oct 2000 13:55:36 +0200
const CLF =
  /(\d{1,2})[/\- ]([A-Za-z]{3})[/\- ](\d{4})[: ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: (Z|UTC|GMT|[A-Z]{3,4}|[+-]\d{4}))?/y;

/** Common Log Format and other day-month-year forms at `index`. */
export const readClf = (text: string, index = 0): ReadCivil | undefined => {
  const m = at(CLF, text, index);
  const month = m === null ? undefined : monthOf(m[2] as string);
  if (m === null || month === undefined) return undefined;
  const civil = made(
    { year: Number(m[3]), month, day: Number(m[1]), hour: Number(m[4]), minute: Number(m[5]), second: Number(m[6]) },
    m[7],
    m[8],
  );
  return civil && { civil, end: CLF.lastIndex };
};

// 10/31/2021 23:14:07 · 10/31/2021:23:14:07 GMT (Citrix) · 31.10.2021 23:14:07 · 10/31/21 11:14:07 PM
const SLASHED =
  /(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})[ :,T]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?(?: (Z|UTC|GMT|[A-Z]{3,4}|[+-]\d{4}))?/y;

/** Numeric dates of which the format says whether the month comes first; a dotted date is always day first. */
export const readSlashed = (text: string, index: number, first: 'month' | 'day'): ReadCivil | undefined => {
  const m = at(SLASHED, text, index);
  if (m === null) return undefined;
  const [a, b] = [Number(m[1]), Number(m[3])];
  const dayFirst = m[2] === '.' || first === 'day';
  const year = Number(m[4]);
  const twelve = m[9]?.toLowerCase();
  const hour = Number(m[5]);
  const civil = made(
    {
      year: year < 100 ? (year < 70 ? 2000 : 1900) + year : year,
      month: dayFirst ? b : a,
      day: dayFirst ? a : b,
      hour: twelve === undefined ? hour : (hour % 12) + (twelve === 'p' ? 12 : 0),
      minute: Number(m[6]),
      second: Number(m[7] ?? 0),
    },
    m[8],
    m[10],
  );
  return civil && { civil, end: SLASHED.lastIndex };
};

/**
 * Epoch text or number in s, ms, µs or ns, told by magnitude (until the year 5138), to microseconds; undefined if it
 * is no plausible time (before 1980). `1635718447`, `1635718447.123`, `1557513467369913239`
 */
export const epochMicros = (value: string | number): number | undefined => {
  const text = String(value).trim();
  const m = /^(\d{9,19})(?:\.(\d{1,9}))?$/.exec(text);
  if (m === null) return undefined;
  const whole = m[1] as string;
  const digits = whole.length;
  const micro =
    digits <= 11
      ? Number(whole) * 1_000_000 + micros(m[2])
      : digits <= 14
        ? Number(whole) * 1000 + micros(m[2] === undefined ? undefined : `000${m[2]}`)
        : digits <= 17
          ? Number(whole)
          : Number(whole.slice(0, -3));
  return micro < 315_532_800_000_000 ? undefined : micro;
};

/** An instant (epoch µs) as a civil time that states its zone: UTC. */
export const civilOfInstant = (instant: number): Civil => {
  const date = new Date(Math.floor(instant / 1000));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    micros: ((instant % 1_000_000) + 1_000_000) % 1_000_000,
    offset: 0,
  };
};
