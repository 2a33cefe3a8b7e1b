import { groupedBy } from '../core/grouped.ts';
import { MINUTE, SECOND } from '../core/time.ts';
import { type Clocks, type Offset, partsOf } from './clocks.ts';
import type { ClockError, EventReference } from './result.ts';
import type { Sources } from './sources.ts';

/** Sources whose clock or zone is wrong, and how the case is told so. */

const two = (n: number): string => String(n).padStart(2, '0');

/** `+00:09:00` of µs, to the second. */
const clockText = (micros: number): string => {
  const seconds = Math.round(Math.abs(micros) / SECOND);
  return `${micros < 0 ? '-' : '+'}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

/** `+01:00` */
const zoneText = (micros: number): string => clockText(micros).slice(0, 6);

/** The whole of a path, as a glob of `case retime` takes it; `*` and `?` in it stand for themselves and others. */
const covering = (own: readonly string[], all: readonly string[]): string | undefined => {
  const [first = '', ...rest] = own;
  if (rest.length === 0) return first;
  let head = first.length;
  let tail = first.length;
  for (const path of rest) {
    while (!path.startsWith(first.slice(0, head))) head -= 1;
    while (!path.endsWith(first.slice(first.length - tail))) tail -= 1;
  }
  const shortest = Math.min(...own.map((path) => path.length));
  const end = tail === 0 ? '' : first.slice(first.length - Math.min(tail, shortest - head));
  const begin = first.slice(0, head);
  const middle = own.every((path) => !path.slice(head, path.length - end.length).includes('/')) ? '*' : '**';
  const takesOther = all.some((path) => !own.includes(path) && path.startsWith(begin) && path.endsWith(end));
  return takesOther ? undefined : `${begin}${middle}${end}`;
};

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
/** `logs/vpn/asa-vpn-` of `logs/vpn/asa-vpn-2024-05-19.log.gz`: what rotated files of one log share. */
const beginningOf = (path: string): string => folderOf(path) + path.slice(folderOf(path).length).replace(/\d.*/, '');

/** The fewest globs that take these paths and no others: one, else one of each folder, of each log, of each file. */
const globsOf = (own: readonly string[], all: readonly string[]): string[] => {
  const one = covering(own, all);
  if (one !== undefined) return [one];
  const parts = [folderOf, beginningOf].map((key) => groupedBy(own, key)).find((groups) => groups.size > 1);
  return parts === undefined ? [...own] : [...parts.values()].flatMap((group) => globsOf(group, all));
};

/** A wrong zone is named where one was assumed; all else is a correction of the clock, in place of one made before. */
const correctionOf = ({ source, offset }: Offset, sources: Sources): string[] => {
  const { zone, rest } = sources.zoneless.has(source) ? partsOf(offset) : { zone: 0, rest: offset };
  const before = sources.corrected.get(source) ?? 0;
  return [
    ...(zone === 0 ? [] : ['--timezone', zoneText(zone)]),
    ...(zone !== 0 && Math.abs(rest) <= MINUTE ? [] : [`--shift=${clockText(before - rest)}`]),
  ];
};

export const clockErrors = (
  clocks: Clocks,
  sources: Sources,
  references: (ids: readonly string[]) => readonly EventReference[],
): ClockError[] => {
  const all = [...sources.paths.values()].flat();
  return clocks.offsets
    .filter(({ offset }) => offset !== 0)
    .map((wrong) => {
      const paths = sources.paths.get(wrong.source) ?? [];
      return {
        source: wrong.source,
        paths,
        offsetSeconds: Math.round(wrong.offset / SECOND),
        errorSeconds: Math.ceil(wrong.error / SECOND),
        because: wrong.because,
        events: references(wrong.events),
        retime: globsOf(paths, all).map((one) => ['--source', one, ...correctionOf(wrong, sources)]),
      };
    });
};
