import type { StoredEvent } from '../../ecs/event.ts';
import type { Query } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { fieldsOf } from '../../query/names.ts';
import type { Cursor, ScanOptions } from '../store.ts';
import { ID } from './compile.ts';
import type { Engine } from './engine.ts';
import type { Part, Plan } from './plan.ts';
import { rowReader, type Wanted } from './rows.ts';

/** Behind every time: where events without one stand. */
const LAST_TIME = '9223372036854775807';

export type Order = NonNullable<ScanOptions['order']> | 'none';

export interface EventsOptions {
  readonly order: Order;
  readonly limit?: number | undefined;
  readonly after?: Cursor | undefined;
  /** Events that pass the parts' conditions will do. */
  readonly rough?: boolean | undefined;
  readonly wanted: Wanted;
}

const stampOf = ({ time }: Part): string => `coalesce(${time}, ${LAST_TIME})`;

const behindCursor = (part: Part, plan: Plan, { after, order }: EventsOptions): string => {
  if (after === undefined || (order !== 'time' && order !== 'time-desc')) return 'true';
  const sign = order === 'time-desc' ? '<' : '>';
  const at = Number.isFinite(after.time) ? plan.bound.add(BigInt(after.time)) : LAST_TIME;
  return `(${stampOf(part)} ${sign} ${at} OR (${stampOf(part)} = ${at} AND ${ID} ${sign} ${plan.bound.add(after.id)}))`;
};

const orderBy = (order: Order): string => {
  switch (order) {
    case 'time':
      return ' ORDER BY stamp, id';
    case 'time-desc':
      return ' ORDER BY stamp DESC, id DESC';
    case 'locator':
      return ' ORDER BY stream, off';
    case 'none':
      return '';
  }
};

/** What a statement selects beside the row itself, to sort by. */
const sortColumns = (part: Part, order: Order): string => {
  if (order === 'none') return '';
  return order === 'locator' ? ', stream, off' : `, ${stampOf(part)} AS stamp, ${ID} AS id`;
};

/** Events that pass the query of a plan, in order, with at least the fields wanted. */
export async function* eventsOf(
  engine: Engine,
  plan: Plan,
  query: Query,
  options: EventsOptions,
): AsyncGenerator<StoredEvent> {
  if (plan.parts.length === 0) return;
  const isEnough = plan.exact || options.rough === true;
  const passes = isEnough ? undefined : predicateOf(query);
  const wanted = isEnough ? options.wanted : joined(options.wanted, fieldsOf(query));
  const readers = plan.parts.map((part, i) => rowReader(i, part.columns, wanted));
  const selects = plan.parts.map(
    (part, i) =>
      `SELECT ${readers[i]?.sql} AS row${sortColumns(part, options.order)} FROM ${part.from}
       WHERE ${part.where} AND ${behindCursor(part, plan, options)}`,
  );
  const limit = plan.exact && options.limit !== undefined ? ` LIMIT ${plan.bound.add(BigInt(options.limit))}` : '';
  const sql = `SELECT row FROM (${selects.join(' UNION ALL ')})${orderBy(options.order)}${limit}`;
  for await (const texts of engine.texts(sql, plan.bound)) {
    for (const text of texts) {
      const row = JSON.parse(text) as unknown[];
      const event = (readers[row[0] as number] as (typeof readers)[number]).event(row);
      if (passes?.(event.fields) ?? true) yield event;
    }
  }
}

const joined = (wanted: Wanted, needed: Wanted): Wanted =>
  wanted === undefined || needed === undefined ? undefined : (field) => wanted(field) || needed(field);
