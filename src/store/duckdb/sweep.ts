import { compareText } from '../order.ts';
import type { Engine } from './engine.ts';
import type { Manifest, Segment } from './manifest.ts';
import type { Plan, PlanOptions, TimeRange } from './plan.ts';

/** Ways to read all of a store in order, a part at a time, so that sorting needs little memory. */

/** Whole events that are sorted at once. */
export const WHOLE = 50_000;
/** Events of which some fields are sorted at once, when it is not known how few they are. */
export const SLIM = 200_000;

/**
 * Options of plans that, one after the other, give all events in locator order: each segment of a stream that has
 * segments of its own; streams that share segments by stretches of their names.
 */
export const locatorSteps = ({ segments }: Manifest, range: TimeRange): PlanOptions[] => {
  const own = new Map<string, Segment[]>();
  const shared = new Set<string>();
  for (const segment of segments) {
    const [stream] = segment.streams;
    if (segment.streams.length === 1 && stream !== undefined) own.set(stream, [...(own.get(stream) ?? []), segment]);
    else for (const name of segment.streams) shared.add(name);
  }
  const steps: PlanOptions[] = [];
  let stretch: [string, string] | undefined;
  const endStretch = (): void => {
    if (stretch !== undefined) steps.push({ ...range, streams: stretch });
    stretch = undefined;
  };
  for (const stream of [...new Set([...own.keys(), ...shared])].sort(compareText)) {
    if (shared.has(stream)) {
      stretch = [stretch?.[0] ?? stream, stream];
      continue;
    }
    endStretch();
    for (const one of own.get(stream) ?? []) steps.push({ ...range, segments: (segment) => segment === one });
  }
  endStretch();
  return steps;
};

/** Options of plans that, one after the other, give all events in the order of time, `window` events of the plan at a time. */
export const timeSteps = async (
  engine: Engine,
  plan: Plan,
  range: TimeRange,
  { descending, window }: { readonly descending: boolean; readonly window: number },
): Promise<PlanOptions[]> => {
  const bounds = await partings(engine, plan, window);
  if (bounds.length === 0) return [range];
  const steps: PlanOptions[] = [];
  let from = range.from;
  for (const to of bounds) {
    steps.push({ from, to });
    from = to;
  }
  steps.push({ from, to: range.to });
  if (range.from === undefined && range.to === undefined) steps.push({ timeless: true });
  return descending ? steps.reverse() : steps;
};

/** Options of plans that give the first events in the order of time, and few more: only those need their rows made and sorted. */
export const firstSteps = async (
  engine: Engine,
  { parts, bound }: Plan,
  range: TimeRange,
  descending: boolean,
  limit: number,
): Promise<PlanOptions[]> => {
  if (parts.length === 0) return [range];
  const times = parts
    .map(({ time, from, where }) => `SELECT ${time} AS time FROM ${from} WHERE ${where} AND ${time} IS NOT NULL`)
    .join(' UNION ALL ');
  const [found] = await engine.rows(
    `SELECT count(*), ${descending ? 'min' : 'max'}(time) FROM
       (SELECT time FROM (${times}) ORDER BY time ${descending ? 'DESC' : ''} LIMIT ${bound.add(BigInt(limit))})`,
    bound,
  );
  if (Number(found?.[0] ?? 0) < limit) return [range];
  const last = Number(found?.[1]);
  if (!descending) return [{ from: range.from, to: last + 1 }];
  const isOpen = range.from === undefined && range.to === undefined;
  return [...(isOpen ? [{ timeless: true }] : []), { from: last, to: range.to }];
};

/** Times that part the events of a plan into windows, ascending; found in one reading, as the plan's conditions can be long. */
const partings = async (engine: Engine, { parts, bound }: Plan, window: number): Promise<number[]> => {
  if (parts.length === 0) return [];
  const times = parts
    .map(({ time, from, where }) => `SELECT ${time} AS time FROM ${from} WHERE ${where}`)
    .join(' UNION ALL ');
  const rows = await engine.rows(
    `SELECT DISTINCT time FROM (SELECT time, row_number() OVER (ORDER BY time) AS n FROM (${times}) WHERE time IS NOT NULL)
     WHERE n % ${window} = 0 ORDER BY time`,
    bound,
  );
  return rows.map(([time]) => Number(time));
};
