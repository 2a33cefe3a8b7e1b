import { DAY, HOUR } from '../core/time.ts';
import { type Egress, NOTABLE } from './egress.ts';

/**
 * What one machine sent to one destination before something happened is its habit there: a backup goes on after the
 * machine fell into other hands.
 */

/** A day of up to so many times its busiest day before is the same order of volume. */
const SAME_ORDER = 10;

const sum = (days: readonly (readonly [day: number, bytes: number])[]): number =>
  days.reduce((total, [, bytes]) => total + bytes, 0);

/** Its days from a time on, and the bytes of its busiest day before. */
const parted = ({ perDay, first }: Egress, since: number): { after: [number, number][]; busiest: number } => {
  const [from, begun] = [Math.floor(since / DAY), Math.floor(first / DAY)];
  // of the day on which it happened only the whole is known: it was begun before, or not
  const isBefore = (day: number): boolean => day < from || (day === begun && first < since - HOUR);
  const days = [...perDay];
  return {
    after: days.filter(([day]) => !isBefore(day)),
    busiest: Math.max(0, ...days.filter(([day]) => isBefore(day)).map(([, bytes]) => bytes)),
  };
};

/** Bytes from a time on, above its busiest day before. */
export const aboveHabit = (egress: Egress, since: number): number => {
  const { after, busiest } = parted(egress, since);
  return sum(after.map(([day, bytes]) => [day, Math.max(0, bytes - busiest)]));
};

/**
 * What of it is no habit: all of it where nothing was sent there before, nothing where no day was of another order. Where
 * large volumes went there before, what is above them carries the habit that it exceeds: a full copy is larger than others.
 */
export const withoutHabit = (egress: Egress, since: number): Egress[] => {
  const { after, busiest } = parted(egress, since);
  if (busiest === 0) return [egress];
  const over = after.filter(([, bytes]) => bytes > SAME_ORDER * busiest);
  if (over.length === 0) return [];
  return busiest < NOTABLE
    ? [{ ...egress, bytes: sum(after) }]
    : [{ ...egress, bytes: sum(over) - over.length * busiest, habit: busiest }];
};
