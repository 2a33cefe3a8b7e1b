import { DAY, daysOf, HOUR, MINUTE, SECOND } from '../core/time.ts';

/** The clock of one device: the zone its stamps are in, and by how much it is fast (µs; negative: slow). */
export interface Clock {
  readonly zone: 'utc' | 'berlin';
  readonly skew: number;
}

/** What a device's clock shows at a true instant. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micro: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Minutes east of UTC. */
  readonly offset: number;
  /** Epoch µs as the device believes it. */
  readonly believed: number;
}

/** Last Sunday of the month, 01:00 UTC: when the EU's clocks change (directive 2000/84/EC). */
const euChange = (year: number, month: number): number => {
  const last = daysOf(year, month, 31);
  return (last - ((last + 4) % 7)) * DAY + HOUR;
};

const berlinOffset = (utc: number): number => {
  const year = new Date(utc / 1000).getUTCFullYear();
  return utc >= euChange(year, 3) && utc < euChange(year, 10) ? 120 : 60;
};

export const civil = (clock: Clock, time: number): Civil => {
  const believed = Math.floor(time + clock.skew);
  const offset = clock.zone === 'berlin' ? berlinOffset(believed) : 0;
  const local = believed + offset * MINUTE;
  const date = new Date(Math.floor(local / 1000));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    micro: local - Math.floor(local / SECOND) * SECOND,
    weekday: date.getUTCDay(),
    offset,
    believed,
  };
};

/** The company's wall clock: people live by it whatever their devices show. */
export const WALL: Clock = { zone: 'berlin', skew: 0 };

/** The true instant at which the company's wall clock shows this hour (a fraction is allowed) on the day of `day`. */
export const wallTime = (day: number, hour: number): number => {
  const c = civil(WALL, day);
  const midnight = daysOf(c.year, c.month, c.day) * DAY;
  const guess = midnight + Math.round(hour * HOUR) - c.offset * MINUTE;
  return guess + (c.offset - civil(WALL, guess).offset) * MINUTE;
};

const two = (n: number): string => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const dateOf = (c: Civil): string => `${c.year}-${two(c.month)}-${two(c.day)}`;
export const timeOf = (c: Civil): string => `${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;
export const monthOf = (c: Civil): string => MONTHS[c.month - 1] as string;
export const twoDigits = two;

/** `+0100`, or `+01:00` with a colon as separator. */
export const offsetOf = (c: Civil, separator = ''): string => {
  const size = Math.abs(c.offset);
  return `${c.offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
};

/** `Nov  3 21:10:07`: RFC 3164, without a year. */
export const bsdStamp = (c: Civil): string => `${monthOf(c)} ${String(c.day).padStart(2)} ${timeOf(c)}`;

/** `2021-11-03T20:10:07.123Z` */
export const isoMillis = (c: Civil): string => new Date(Math.floor(c.believed / 1000)).toISOString();
