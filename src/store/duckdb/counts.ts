import { nameMatcher } from '../../query/names.ts';
import { bucketStarts } from '../order.ts';
import type { Bucket, TopValue } from '../store.ts';
import { type Column, columnName } from './columns.ts';
import { ID } from './compile.ts';
import type { Engine } from './engine.ts';
import { splitSql } from './lists.ts';
import type { Part, Plan } from './plan.ts';

/** Aggregates that DuckDB does itself, for plans that are exact. */

export const countEvents = async (engine: Engine, { parts, bound }: Plan): Promise<number> => {
  if (parts.length === 0) return 0;
  const counts = parts.map(({ from, where }) => `(SELECT count(*) FROM ${from} WHERE ${where})`);
  const rows = await engine.rows(`SELECT ${counts.join(' + ')}`, bound);
  return Number(rows[0]?.[0]);
};

export const countSteps = async (
  engine: Engine,
  { parts, bound }: Plan,
  range: { readonly from: number; readonly to: number; readonly buckets: number },
): Promise<Bucket[]> => {
  const counts = bucketStarts(range.from, range.to, range.buckets).map((start) => ({ start, count: 0 }));
  if (parts.length === 0) return counts;
  const numbers = [range.from, range.to - range.from, range.buckets].map(BigInt) as [bigint, bigint, bigint];
  const [from, width, buckets] = numbers.map((n) => bound.add(n));
  // wide numbers are slow
  const type = BigInt.asIntN(64, numbers[1] * numbers[2]) === numbers[1] * numbers[2] ? 'BIGINT' : 'HUGEINT';
  const step = (time: string): string => `((${time} - ${from})::${type} * ${buckets}) // ${width}`;
  const selects = parts.map(
    (part) => `SELECT ${step(part.time)} AS step, count(*) AS n FROM ${part.from} WHERE ${part.where} GROUP BY 1`,
  );
  for (const [index, count] of await engine.rows(
    `SELECT step::BIGINT, n FROM (${selects.join(' UNION ALL ')})`,
    bound,
  )) {
    const bucket = counts[Number(index)];
    if (bucket !== undefined) bucket.count += Number(count);
  }
  return counts;
};

/**
 * SQL of the different values of a field as a list of texts; undefined where DuckDB cannot tell: it writes decimals in
 * its own way, and which of several names counts is decided event by event.
 */
const textsSql = (field: string, columns: readonly Column[]): string | undefined => {
  const matches = nameMatcher(field);
  const named = columns.filter((column) => matches(column.field));
  if (named.length === 0) return 'NULL';
  const isMixed = !field.includes('*') && new Set(named.map((column) => column.field)).size > 1;
  if (isMixed || named.some(({ kind }) => kind === 'decimal')) return undefined;
  const lists = named.map(({ id, kind }) => {
    const name = columnName(id);
    if (kind === 'texts') return splitSql(name);
    const text = kind === 'self' ? `CASE WHEN ${name} THEN ${ID} END` : `${name}::VARCHAR`;
    return `[${text}]`;
  });
  return `list_distinct(${lists.length === 1 ? lists[0] : `list_concat(${lists.join(', ')})`})`;
};

/** The commonest values; undefined when DuckDB cannot tell. */
export const countValues = async (
  engine: Engine,
  plan: Plan,
  field: string,
  distinct: string | undefined,
): Promise<TopValue[] | undefined> => {
  const selects: string[] = [];
  for (const part of plan.parts) {
    const select = valuesSql(part, field, distinct);
    if (select === undefined) return undefined;
    selects.push(select);
  }
  if (selects.length === 0) return [];
  const counted = distinct === undefined ? 'count(*)' : 'count(DISTINCT other)';
  const sql = `SELECT value, ${counted} AS n FROM (${selects.join(' UNION ALL ')}) WHERE value IS NOT NULL GROUP BY value HAVING n > 0`;
  const rows = await engine.rows(sql, plan.bound);
  return rows.map(([value, count]) => ({ value: value as string, count: Number(count) }));
};

const valuesSql = ({ columns, from, where }: Part, field: string, distinct: string | undefined): string | undefined => {
  const values = textsSql(field, columns);
  if (values === undefined) return undefined;
  const one = `SELECT unnest(${values}::VARCHAR[]) AS value FROM ${from} WHERE ${where}`;
  if (distinct === undefined) return one;
  const others = textsSql(distinct, columns);
  if (others === undefined) return undefined;
  return `SELECT value, unnest(others) AS other FROM
    (SELECT unnest(${values}::VARCHAR[]) AS value, ${others}::VARCHAR[] AS others FROM ${from} WHERE ${where})`;
};
