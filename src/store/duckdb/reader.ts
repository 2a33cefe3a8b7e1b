import { join, resolve } from 'node:path';
import type { StoredEvent } from '../../ecs/event.ts';
import { ALL, type Query } from '../../query/ast.ts';
import { nameMatcher } from '../../query/names.ts';
import { commonest, histogramOf, topOf } from '../aggregate.ts';
import { digestOf } from '../canonical.ts';
import { namesOf, projected } from '../projection.ts';
import type { Bucket, ScanOptions, StoreReader, StreamSummary, TopOptions, TopValue } from '../store.ts';
import { countEvents, countSteps, countValues } from './counts.ts';
import { type Engine, openEngine } from './engine.ts';
import { getEvents } from './get.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type Plan, type PlanOptions, planOf, type TimeRange } from './plan.ts';
import type { Wanted } from './rows.ts';
import { eventsOf, type Order } from './scan.ts';
import { READING } from './settings.ts';
import { streamSummaries } from './summary.ts';
import { firstSteps, locatorSteps, SLIM, timeSteps, WHOLE } from './sweep.ts';

let readers = 0;

/** The embedded store's reading side: sees what was published when it was opened or last refreshed. */
export const openDuckdbReader = async (directory: string): Promise<StoreReader> => {
  const home = resolve(directory);
  readers += 1;
  const temporary = join(home, 'tmp', `${READING}${process.pid}-${readers}`);
  const engine = await openEngine({ directory: home, temporary, threads: 2, memory: '1GB' });
  return new DuckdbReader(home, engine, readManifest(home));
};

/** Above this many events a page is not looked up event by event. */
const SMALL_PAGE = 2000;

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

  async count(query: Query, range: TimeRange = {}): Promise<number> {
    const plan = this.#plan(query, range);
    if (plan.exact) return countEvents(this.#engine, plan);
    let count = 0;
    for await (const _ of eventsOf(this.#engine, plan, query, { order: 'none', wanted: () => false })) count += 1;
    return count;
  }

  async *scan(query: Query, options: ScanOptions = {}): AsyncGenerator<StoredEvent> {
    const { order = 'time', limit = Number.POSITIVE_INFINITY, after, fields } = options;
    if (limit <= 0) return;
    const plan = this.#plan(query, { from: options.from, to: options.to });
    const names = namesOf(fields);
    const wanted = wantedOf(names);
    if (plan.exact && limit <= SMALL_PAGE) {
      // sorting whole events to give a few would read them all: first which ones, then those
      const ids: string[] = [];
      for await (const { id } of eventsOf(this.#engine, plan, query, { order, limit, after, wanted: () => false }))
        ids.push(id);
      yield* await getEvents(this.#engine, this.#home, this.#manifest, ids, wanted);
      return;
    }
    let left = limit;
    // what is looked at again brings the fields the query asks of, too
    const surplus = plan.exact || options.rough === true ? undefined : names;
    for await (const event of this.#sweep(query, options, order, wanted)) {
      yield projected(event, surplus);
      left -= 1;
      if (left <= 0) return;
    }
  }

  /** All events of a query, in order. */
  async *#sweep(query: Query, options: ScanOptions, order: Order, wanted: Wanted): AsyncGenerator<StoredEvent> {
    for (const step of await this.#steps(query, options, order, wanted)) {
      const { after, rough } = options;
      yield* eventsOf(this.#engine, this.#plan(query, step), query, { order, after, rough, wanted });
    }
  }

  async #steps(query: Query, options: ScanOptions, order: Order, wanted: Wanted): Promise<readonly PlanOptions[]> {
    const { from, to, after, limit, rough } = options;
    if (order === 'locator') return locatorSteps(this.#manifest, { from, to });
    const descending = order === 'time-desc';
    const plan = this.#plan(query, { from, to });
    if (wanted !== undefined && plan.exact && limit !== undefined && Number.isFinite(limit) && after === undefined)
      return firstSteps(this.#engine, plan, { from, to }, descending, limit);
    if (wanted === undefined) return timeSteps(this.#engine, plan, { from, to }, { descending, window: WHOLE });
    // who asks roughly asks for much: parted by the times of all events, as the conditions cost more than reading
    if (rough === true)
      return timeSteps(this.#engine, this.#plan(ALL, { from, to }), { from, to }, { descending, window: SLIM });
    // a few fields of the events asked for can be sorted at once
    return [{ from, to }];
  }

  async get(ids: readonly string[], fields?: readonly string[]): Promise<StoredEvent[]> {
    const names = namesOf(fields);
    const found = await getEvents(this.#engine, this.#home, this.#manifest, ids, wantedOf(names));
    return found.map((event) => projected(event, names));
  }

  async histogram(
    query: Query,
    range: { readonly from: number; readonly to: number; readonly buckets: number },
  ): Promise<Bucket[]> {
    const plan = this.#plan(query, { from: range.from, to: range.to });
    if (plan.exact) return countSteps(this.#engine, plan, range);
    return histogramOf(
      eventsOf(this.#engine, plan, query, { order: 'none', wanted: (field) => field === '@timestamp' }),
      range,
    );
  }

  async top(query: Query, field: string, limit: number, options: TopOptions = {}): Promise<readonly TopValue[]> {
    const plan = this.#plan(query, { from: options.from, to: options.to });
    const counted = plan.exact ? await countValues(this.#engine, plan, field, options.distinct) : undefined;
    if (counted !== undefined) return commonest(counted, limit);
    const [isField, isOther] = [nameMatcher(field), nameMatcher(options.distinct ?? field)];
    const fresh = this.#plan(query, { from: options.from, to: options.to });
    const events = eventsOf(this.#engine, fresh, query, {
      order: 'none',
      wanted: (name) => isField(name) || isOther(name),
    });
    return topOf(events, field, limit, options.distinct);
  }

  async span(): Promise<{ readonly first: number; readonly last: number } | undefined> {
    const firsts = this.#manifest.segments.flatMap(({ first }) => first ?? []);
    const lasts = this.#manifest.segments.flatMap(({ last }) => last ?? []);
    return firsts.length === 0 ? undefined : { first: Math.min(...firsts), last: Math.max(...lasts) };
  }

  async streams(): Promise<readonly StreamSummary[]> {
    return streamSummaries(this.#engine, this.#plan(ALL, {}));
  }

  async digest(): Promise<{ readonly events: number; readonly sha256: string }> {
    return digestOf(this.scan(ALL, { order: 'locator' }));
  }

  async close(): Promise<void> {
    this.#engine.close();
  }

  #plan(query: Query, options: PlanOptions): Plan {
    return planOf(this.#home, this.#manifest, query, options);
  }
}

const wantedOf = (names: ReadonlySet<string> | undefined): Wanted =>
  names === undefined ? undefined : (field) => names.has(field);
