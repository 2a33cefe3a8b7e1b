import { tzOffset } from '@date-fns/tz';
import { HOUR, MINUTE } from '../../core/time.ts';
import { offsetOf } from './civil.ts';

/**
 * Zone abbreviations that devices print, as minutes east of UTC. Those that name several zones in the world carry the
 * most likely one for these products, and `ambiguous`.
 */
const ABBREVIATIONS: Readonly<Record<string, { readonly offset: number; readonly ambiguous?: true }>> = {
  UTC: { offset: 0 }, GMT: { offset: 0 }, Z: { offset: 0 }, WET: { offset: 0 }, WEST: { offset: 60 },
  CET: { offset: 60 }, MEZ: { offset: 60 }, CEST: { offset: 120 }, MESZ: { offset: 120 },
  EET: { offset: 120 }, EEST: { offset: 180 }, MSK: { offset: 180 }, TRT: { offset: 180 },
  BST: { offset: 60, ambiguous: true }, IST: { offset: 330, ambiguous: true },
  EST: { offset: -300, ambiguous: true }, EDT: { offset: -240 }, CST: { offset: -360, ambiguous: true },
  CDT: { offset: -300 }, MST: { offset: -420, ambiguous: true }, MDT: { offset: -360 }, PST: { offset: -480, ambiguous: true },
  PDT: { offset: -420 }, AKST: { offset: -540 }, AKDT: { offset: -480 }, HST: { offset: -600 },
  AST: { offset: -240, ambiguous: true }, ADT: { offset: -180 }, BRT: { offset: -180 }, SAST: { offset: 120 },
  JST: { offset: 540 }, KST: { offset: 540 }, SGT: { offset: 480 }, HKT: { offset: 480 }, PKT: { offset: 300 },
  AEST: { offset: 600 }, AEDT: { offset: 660 }, ACST: { offset: 570 }, AWST: { offset: 480 }, NZST: { offset: 720 }, NZDT: { offset: 780 },
}; // biome-ignore format: a table

export interface NamedOffset {
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly ambiguous: boolean;
}

/** The offset an abbreviation states; undefined for unknown ones and for IANA names, whose offset depends on the day. */
export const abbreviationOffset = (name: string): NamedOffset | undefined => {
  const found = ABBREVIATIONS[name.toUpperCase()];
  return found && { offset: found.offset, ambiguous: found.ambiguous ?? false };
};

/** A zone as an operator names it: IANA (`Europe/Berlin`), offset (`+02:00`) or abbreviation (`CEST`). */
export const isZone = (name: string): boolean =>
  offsetOf(name) !== undefined || abbreviationOffset(name) !== undefined || !Number.isNaN(tzOffset(name, new Date(0)));

const hours = new Map<string, number>();

/** Minutes east of UTC of a zone at an instant (µs). Cached by the hour: zones change offset on no finer grid but history's. */
export const offsetAt = (zone: string, instant: number): number => {
  const fixed = offsetOf(zone) ?? abbreviationOffset(zone)?.offset;
  if (fixed !== undefined) return fixed;
  const hour = Math.floor(instant / (HOUR / 4));
  const key = `${zone}\0${hour}`;
  let offset = hours.get(key);
  if (offset === undefined) {
    offset = tzOffset(zone, new Date(hour * (HOUR / 4 / 1000)));
    if (hours.size > 100_000) hours.clear();
    hours.set(key, offset);
  }
  return offset;
};

/** The instant of a local time (µs as if it were UTC), and whether that local time happens twice or never (DST). */
export const instantOf = (zone: string, local: number): { readonly instant: number; readonly doubtful: boolean } => {
  const before = offsetAt(zone, local - 24 * HOUR);
  const after = offsetAt(zone, local + 24 * HOUR);
  if (before === after) {
    const here = offsetAt(zone, local - before * MINUTE);
    return { instant: local - here * MINUTE, doubtful: false };
  }
  const first = local - before * MINUTE;
  const second = local - after * MINUTE;
  const firstHolds = offsetAt(zone, first) === before;
  const secondHolds = offsetAt(zone, second) === after;
  if (firstHolds) return { instant: first, doubtful: secondHolds };
  return { instant: second, doubtful: !secondHolds };
};
