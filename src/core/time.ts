/** Instants are epoch microseconds: safe integers until the year 2255, finer than any log here states but a few. */

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Hour of the day, UTC. */
export const hourOf = (micros: number): number => Math.floor((micros % DAY) / HOUR);

/** ISO 8601 UTC with milliseconds, or microseconds where they are not zero. `2021-10-31T22:14:07.000Z` */
export const isoOf = (micros: number): string => {
  const millis = Math.floor(micros / 1000);
  const rest = micros - millis * 1000;
  const iso = new Date(millis).toISOString();
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
};

/** Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant, days_from_civil). Month 1–12. */
export const daysOf = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146097 + doe - 719468;
};

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the calendar has this day; without a year, 29 February is allowed. */
export const isDate = (year: number | undefined, month: number, day: number): boolean => {
  if (month < 1 || month > 12 || day < 1 || day > (MONTH_DAYS[month - 1] as number)) return false;
  if (month !== 2 || day < 29 || year === undefined) return true;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
};

/** A time in a sentence, to the second. `2021-10-31 22:14:07 UTC` */
export const timeText = (micros: number): string => `${isoOf(micros).slice(0, 19).replace('T', ' ')} UTC`;
