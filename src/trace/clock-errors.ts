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
      const glob = covering(paths, all);
      const globs = glob === undefined ? paths : [glob];
      return {
        source: wrong.source,
        paths,
        offsetSeconds: Math.round(wrong.offset / SECOND),
        errorSeconds: Math.ceil(wrong.error / SECOND),
        because: wrong.because,
        events: references(wrong.events),
        retime: globs.map((one) => ['--source', one, ...correctionOf(wrong, sources)]),
      };
    });
};
