import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StoredEvent } from '../../ecs/event.ts';
import { ALL, type Query } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { histogramOf, topOf } from '../aggregate.ts';
import { digestOf } from '../canonical.ts';
import { locatorOf } from '../order.ts';
import type { Bucket, ScanOptions, StoreReader, StreamSummary, TopOptions, TopValue } from '../store.ts';
import { Bound } from './bound.ts';
import { type Column, columnName } from './columns.ts';
import { Compiler, ID } from './compile.ts';
import { type Engine, openEngine } from './engine.ts';
import { type Manifest, readManifest, type Segment } from './manifest.ts';
import type { Plan } from './plan.ts';
import { eventOf, rowColumns } from './rows.ts';
import { streamSummaries } from './summary.ts';

interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

let readers = 0;

/** The embedded store's reading side: sees what was published when it was opened or last refreshed. */
export const openDuckdbReader = async (directory: string): Promise<StoreReader> => {
  const home = resolve(directory);
  readers += 1;
  const temporary = join(home, 'tmp', `read-${process.pid}-${readers}`);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  const engine = await openEngine({ directory: home, temporary, threads: 2, memory: '1GB' });
  return new DuckdbReader(home, engine, readManifest(home));
};

class DuckdbReader implements StoreReader {
  readonly #home: string;
  readonly #engine: Engine;
  #manifest: Manifest;

  constructor(home: string, engine: Engine, manifest: Manifest) {
    this.#home = home;
    this.#engine = engine;
    this.#manifest = manifest;
  }

  async refresh(): Promise<void> {
    this.#manifest = readManifest(this.#home);
  }

  async count(query: Query, range: Range = {}): Promise<number> {
    const plan = this.#plan(query, range);
    if (plan === undefined) return 0;
    if (!plan.exact) {
      let count = 0;
      for await (const _ of this.#matching(query, plan, '', queryFields(query))) count += 1;
      return count;
    }
    const rows = await this.#engine.rows(`SELECT count(*) FROM ${plan.from} WHERE ${plan.where}`, plan.bound);
    return Number(rows[0]?.[0] ?? 0);
  }

  async *scan(query: Query, options: ScanOptions = {}): AsyncGenerator<StoredEvent> {
    const plan = this.#plan(query, options);
    if (plan === undefined || options.limit === 0) return;
    const order = options.order ?? 'time';
    const direction = order === 'time-desc' ? 'DESC' : 'ASC';
    const by =
      order === 'locator' ? 'stream, off' : `coalesce(${plan.time}, ${LAST_TIME}) ${direction}, ${ID} ${direction}`;
    const after = order === 'locator' ? undefined : options.after;
    const behind = after === undefined ? '' : ` AND ${behindCursor(plan, after, order === 'time-desc')}`;
    const limit = options.limit !== undefined && plan.exact ? ` LIMIT ${plan.bound.add(BigInt(options.limit))}` : '';
    const wanted = options.fields === undefined ? undefined : new Set(['@timestamp', ...options.fields]);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for await (const event of this.#matching(query, plan, `${behind} ORDER BY ${by}${limit}`, wanted)) {
      yield event;
      left -= 1;
      if (left <= 0) return;
    }
  }

  async get(ids: readonly string[]): Promise<StoredEvent[]> {
    const unique = [...new Set(ids)];
    const locators = unique.map(locatorOf);
    const streams = new Set(locators.map(({ stream }) => stream));
    const segments = this.#manifest.segments.filter((segment) => segment.streams.some((stream) => streams.has(stream)));
    const found = new Map<string, StoredEvent>();
    if (segments.length > 0) {
      const columns = this.#columnsOf(segments);
      const bound = new Bound();
      const wanted = locators.map(
        ({ stream, offset }) =>
          `(${bound.add(stream)}, ${bound.add(BigInt(Number.isSafeInteger(offset) ? offset : -1))})`,
      );
      const sql = `SELECT ${rowColumns(columns)} FROM ${this.#source(segments)} WHERE (stream, off) IN (${wanted.join(', ')})`;
      for (const row of await this.#engine.rows(sql, bound)) {
        const event = eventOf(row, columns, undefined);
        found.set(event.id, event);
      }
    }
    return unique.flatMap((id) => found.get(id) ?? []);
  }

  async histogram(
    query: Query,
    range: { readonly from: number; readonly to: number; readonly buckets: number },
  ): Promise<Bucket[]> {
    return histogramOf(this.scan(query, { ...range, order: 'locator', fields: [] }), range);
  }

  async top(query: Query, field: string, limit: number, options: TopOptions = {}): Promise<readonly TopValue[]> {
    return topOf(this.scan(query, { ...options, order: 'locator' }), field, limit, options.distinct);
  }

  async span(): Promise<{ readonly first: number; readonly last: number } | undefined> {
    const firsts = this.#manifest.segments.flatMap(({ first }) => first ?? []);
    const lasts = this.#manifest.segments.flatMap(({ last }) => last ?? []);
    return firsts.length === 0 ? undefined : { first: Math.min(...firsts), last: Math.max(...lasts) };
  }

  async streams(): Promise<readonly StreamSummary[]> {
    const plan = this.#plan(ALL, {});
    return plan === undefined ? [] : streamSummaries(this.#engine, plan);
  }

  async digest(): Promise<{ readonly events: number; readonly sha256: string }> {
    return digestOf(this.scan(ALL, { order: 'locator' }));
  }

  async close(): Promise<void> {
    this.#engine.close();
  }

  #plan(query: Query, { from, to }: Range): Plan | undefined {
    const timed = from !== undefined || to !== undefined;
    const segments = this.#manifest.segments.filter(
      ({ first, last }) =>
        !timed ||
        (first !== null && last !== null && (from === undefined || last >= from) && (to === undefined || first < to)),
    );
    if (segments.length === 0) return undefined;
    const columns = this.#columnsOf(segments);
    const bound = new Bound();
    const { over, under } = new Compiler(columns, bound).compile(query);
    const odd = segments.some((segment) => segment.odd > 0);
    const stamp = columns.find((column) => column.field === '@timestamp' && column.kind === 'integer');
    const time = stamp === undefined ? 'NULL::BIGINT' : columnName(stamp.id);
    const limits = [
      odd ? `(rest IS NOT NULL OR ${over})` : over,
      ...(from === undefined ? [] : [`coalesce(${time} >= ${bound.add(BigInt(Math.ceil(from)))}, false)`]),
      ...(to === undefined ? [] : [`coalesce(${time} < ${bound.add(BigInt(Math.ceil(to)))}, false)`]),
    ];
    return {
      from: this.#source(segments),
      columns,
      time,
      where: limits.join(' AND '),
      exact: over === under && !odd,
      bound,
    };
  }

  /** Events that pass the query, with the fields wanted; `tail` follows the condition in the statement. */
  async *#matching(
    query: Query,
    plan: Plan,
    tail: string,
    wanted: ReadonlySet<string> | undefined,
  ): AsyncGenerator<StoredEvent> {
    const passes = plan.exact ? undefined : predicateOf(query);
    const needed = plan.exact ? wanted : undefined;
    const columns = plan.columns.filter(({ field }) => needed === undefined || needed.has(field));
    const sql = `SELECT ${rowColumns(columns)} FROM ${plan.from} WHERE ${plan.where}${tail}`;
    for await (const rows of this.#engine.stream(sql, plan.bound)) {
      for (const row of rows) {
        const event = eventOf(row, columns, needed);
        if (passes === undefined) yield event;
        else if (passes(event.fields)) yield projected(event, wanted);
      }
    }
  }

  #columnsOf(segments: readonly Segment[]): Column[] {
    const ids = new Set(segments.flatMap((segment) => segment.columns));
    return this.#manifest.columns.filter((column) => ids.has(column.id));
  }

  #source(segments: readonly Segment[]): string {
    const files = segments.map(({ file }) => `'${join(this.#home, 'segments', file).replaceAll("'", "''")}'`);
    return `read_parquet([${files.join(', ')}], union_by_name = true)`;
  }
}

/** Behind every time. */
const LAST_TIME = '9223372036854775807';

const behindCursor = (
  plan: Plan,
  after: { readonly time: number; readonly id: string },
  backwards: boolean,
): string => {
  const time = `coalesce(${plan.time}, ${LAST_TIME})`;
  const at = Number.isFinite(after.time) ? plan.bound.add(BigInt(after.time)) : LAST_TIME;
  const sign = backwards ? '<' : '>';
  return `(${time} ${sign} ${at} OR (${time} = ${at} AND ${ID} ${sign} ${plan.bound.add(after.id)}))`;
};

const queryFields = (_: Query): ReadonlySet<string> | undefined => undefined;

const projected = (event: StoredEvent, wanted: ReadonlySet<string> | undefined): StoredEvent =>
  wanted === undefined
    ? event
    : { id: event.id, fields: Object.fromEntries(Object.entries(event.fields).filter(([name]) => wanted.has(name))) };
