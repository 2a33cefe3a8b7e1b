import type { StreamSummary } from '../store.ts';
import { Tally } from '../tally.ts';
import { columnName } from './columns.ts';
import type { Engine } from './engine.ts';
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
  const tally = new Tally();
  for (const [stream, act, rejected, count, first, last] of rows)
    tally.add({
      stream: stream as string,
      act,
      rejected: rejected === true,
      count: Number(count),
      first: numberOr(first),
      last: numberOr(last),
    });
  return tally.summaries();
};
