import { ACTS, type Act, classOf, type LogClass } from '../../ecs/acts.ts';
import { compareText } from '../order.ts';
import type { StreamSummary } from '../store.ts';
import { columnName } from './columns.ts';
import type { Engine, Row } from './engine.ts';
import type { Part, Plan } from './plan.ts';

const numberOr = (value: unknown): number | undefined => (value === null ? undefined : Number(value));

const selectOf = ({ columns, from, time }: Part): string => {
  const text = (field: string): string => {
    const column = columns.find((c) => c.field === field && c.kind === 'text');
    return column === undefined ? 'NULL' : columnName(column.id);
  };
  return `SELECT stream, ${text('einfallstor.act')} AS act, coalesce(${text('event.kind')} = 'pipeline_error', false) AS rejected,
      count(*), min(${time}), max(${time}) FROM ${from} GROUP BY ALL`;
};

/** Counts per stream and act, added up per stream and class. */
export const streamSummaries = async (engine: Engine, plan: Plan): Promise<StreamSummary[]> => {
  if (plan.parts.length === 0) return [];
  const rows = await engine.rows(plan.parts.map(selectOf).join(' UNION ALL '), plan.bound);
  const streams = new Map<string, Counted>();
  for (const row of rows) {
    const stream = row[0] as string;
    const counted = streams.get(stream) ?? { events: 0, rejected: 0, first: undefined, last: undefined, classes: {} };
    streams.set(stream, counted);
    add(counted, row);
  }
  return [...streams]
    .map(([stream, counted]) => ({ stream, ...counted }))
    .sort((a, b) => compareText(a.stream, b.stream));
};

interface Counted {
  events: number;
  rejected: number;
  first: number | undefined;
  last: number | undefined;
  classes: Partial<Record<LogClass, number>>;
}

const add = (into: Counted, [, act, rejected, count, first, last]: Row): void => {
  into[rejected === true ? 'rejected' : 'events'] += Number(count);
  const [from, to] = [numberOr(first), numberOr(last)];
  if (from !== undefined) into.first = Math.min(into.first ?? from, from);
  if (to !== undefined) into.last = Math.max(into.last ?? to, to);
  if (typeof act !== 'string' || !Object.hasOwn(ACTS, act)) return;
  const name = classOf(act as Act);
  into.classes[name] = (into.classes[name] ?? 0) + Number(count);
};
