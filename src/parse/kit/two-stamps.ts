import { DAY, daysOf, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import type { Civil } from './civil.ts';

const localMicros = (civil: Civil, year: number): number =>
  daysOf(year, civil.month, civil.day) * DAY +
  ((civil.hour * 60 + civil.minute) * 60 + civil.second) * SECOND +
  civil.micros;

/** Between the message's own stamp and the header's: the time it took to write and send it. */
const WRITING = 2 * MINUTE;
const QUARTER = 15 * MINUTE;
/** The farthest zones are 14 hours from UTC. */
const FARTHEST = 14 * HOUR;

/**
 * The header's time with what a second stamp in the same message states of year and zone: `Oct 31 23:14:07 … (2021-10-31T22:14:06Z)`.
 * Undefined when the two contradict each other, or when neither states a year.
 */
export const completedBy = (header: Civil, inner: Civil): Civil | undefined => {
  if (header.year !== undefined && (header.offset !== undefined || inner.offset === undefined)) return header;
  if (inner.year === undefined) return undefined;
  const said = localMicros(inner, inner.year) - (inner.offset ?? 0) * MINUTE;
  const years = header.year === undefined ? [inner.year - 1, inner.year, inner.year + 1] : [header.year];
  for (const year of years) {
    const apart = localMicros(header, year) - said;
    if (Math.abs(apart) > FARTHEST + WRITING) continue;
    if (inner.offset === undefined || header.offset !== undefined) return { ...header, year };
    const offset = Math.round(apart / QUARTER) * QUARTER;
    return Math.abs(apart - offset) > WRITING ? undefined : { ...header, year, offset: offset / MINUTE };
  }
  return undefined;
};
