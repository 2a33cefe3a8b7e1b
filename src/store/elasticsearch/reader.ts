import type { StoredEvent } from '../../ecs/event.ts';
import { ALL, type Query } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { fieldsOf, nameMatcher } from '../../query/names.ts';
import { commonest, histogramOf, streamsOf, topOf } from '../aggregate.ts';
import { digestOf } from '../canonical.ts';
import { bucketStarts } from '../order.ts';
import { namesOf, projected } from '../projection.ts';
import type { Bucket, ScanOptions, StoreReader, StreamSummary, TopOptions, TopValue } from '../store.ts';
import { allDsl, type Bracket, type Dsl, isExact, noDsl } from './bracket.ts';
import type { Server } from './connect.ts';
import { countEvents, countSteps, countValues, SUMMED, spanOf, streamSummaries } from './counts.ts';
import type { CaseIndices } from './index-names.ts';
import { type PageOptions, pagesOf } from './pages.ts';
import { eventOfHit, Forgotten, Snapshot, type TimeRange, within } from './snapshot.ts';

/** Ids in one request. */
const MOST_IDS = 1000;

export const openElasticsearchReader = async (server: Server, indices: CaseIndices): Promise<StoreReader> =>
  new ElasticsearchReader(server, indices, await Snapshot.open(server, indices));

/** Which fields are wanted; undefined: all. */
type Wanted = ((name: string) => boolean) | undefined;

class ElasticsearchReader implements StoreReader {
  readonly #server: Server;
  readonly #indices: CaseIndices;
  #snapshot: Snapshot;

  constructor(server: Server, indices: CaseIndices, snapshot: Snapshot) {
    this.#server = server;
    this.#indices = indices;
    this.#snapshot = snapshot;
  }

  async refresh(): Promise<void> {
    const old = this.#snapshot;
    this.#snapshot = await Snapshot.open(this.#server, this.#indices);
    await old.retire();
  }

  count(query: Query, range: TimeRange = {}): Promise<number> {
    return this.#ask(async (snapshot) => {
      const bracket = snapshot.compiler.compile(query);
      let count = await countEvents(snapshot, within(bracket.under, range));
      for await (const _ of this.#doubtful(snapshot, query, bracket, range, () => false)) count += 1;
      return count;
    });
  }

  async *scan(query: Query, options: ScanOptions = {}): AsyncGenerator<StoredEvent> {
    const { order = 'time', limit = Number.POSITIVE_INFINITY, after, fields } = options;
    const names = namesOf(fields);
    if (limit <= 0) return;
    const wanted: Wanted = names === undefined ? undefined : (name) => names.has(name);
    const cursor = order === 'locator' ? undefined : after;
    const { events, first } = await this.#ask(async (snapshot) => {
      const compiled = snapshot.compiler.compile(query);
      const bracket = options.rough === true ? { over: compiled.over, under: compiled.over } : compiled;
      const most = isExact(bracket) ? limit : Number.POSITIVE_INFINITY;
      const more = { order, after: cursor, limit: most };
      const found = this.#events(snapshot, query, bracket, bracket.over, options, wanted, more);
      return { events: found, first: await found.next() };
    });
    try {
      let left = limit;
      for (let next = first; next.done !== true; next = await events.next()) {
        yield projected(next.value, names);
        left -= 1;
        if (left <= 0) return;
      }
    } finally {
      await events.return(undefined);
    }
  }

  get(ids: readonly string[], fields?: readonly string[]): Promise<StoredEvent[]> {
    return this.#ask(async (snapshot) => {
      const unique = [...new Set(ids)];
      const names = namesOf(fields);
      const found = new Map<string, StoredEvent>();
      for (let i = 0; i < unique.length; i += MOST_IDS) {
        const values = unique.slice(i, i + MOST_IDS);
        const more = { order: 'locator', names: names && [...names], limit: values.length } as const;
        for await (const hits of pagesOf(snapshot, { ids: { values } }, more))
          for (const hit of hits) {
            const event = eventOfHit(hit);
            found.set(event.id, projected(event, names));
          }
      }
      return unique.flatMap((id) => found.get(id) ?? []);
    });
  }

  histogram(
    query: Query,
    range: { readonly from: number; readonly to: number; readonly buckets: number },
  ): Promise<Bucket[]> {
    return this.#ask(async (snapshot) => {
      const bracket = snapshot.compiler.compile(query);
      const starts = bucketStarts(range.from, range.to, range.buckets);
      const certain = await countSteps(snapshot, within(bracket.under, range), starts, range.to);
      const others = await histogramOf(
        this.#doubtful(snapshot, query, bracket, range, () => false),
        range,
      );
      return others.map(({ start, count }, i) => ({ start, count: count + (certain[i] as number) }));
    });
  }

  top(query: Query, field: string, limit: number, options: TopOptions = {}): Promise<readonly TopValue[]> {
    return this.#ask(async (snapshot) => {
      const bracket = snapshot.compiler.compile(query);
      const { distinct } = options;
      const counted = isExact(bracket)
        ? await countValues(snapshot, within(bracket.over, options), field, distinct)
        : undefined;
      if (counted !== undefined) return commonest(counted, limit);
      const [isField, isOther] = [nameMatcher(field), nameMatcher(distinct ?? field)];
      const wanted = (name: string): boolean => isField(name) || isOther(name);
      const events = this.#events(snapshot, query, bracket, bracket.over, options, wanted);
      return topOf(events, field, limit, distinct);
    });
  }

  span(): Promise<{ readonly first: number; readonly last: number } | undefined> {
    return this.#ask(spanOf);
  }

  streams(): Promise<readonly StreamSummary[]> {
    return this.#ask(async (snapshot) => {
      if (SUMMED.every((name) => snapshot.compiler.isPlain(name))) return streamSummaries(snapshot);
      const events: StoredEvent[] = [];
      for await (const event of this.scan(ALL, { order: 'locator', fields: SUMMED })) events.push(event);
      return streamsOf(events);
    });
  }

  async digest(): Promise<{ readonly events: number; readonly sha256: string }> {
    return digestOf(this.scan(ALL, { order: 'locator' }));
  }

  async close(): Promise<void> {
    await this.#snapshot.retire();
    await this.#server.close();
  }

  /** Answers from the snapshot; anew from a fresh one when the server has forgotten it. */
  async #ask<T>(answer: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    try {
      return await this.#using(answer);
    } catch (error) {
      if (!(error instanceof Forgotten)) throw error;
      await this.refresh();
      return this.#using(answer);
    }
  }

  async #using<T>(answer: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const snapshot = this.#snapshot;
    const done = snapshot.use();
    try {
      return await answer(snapshot);
    } finally {
      await done();
    }
  }

  /** Events that pass though Elasticsearch alone could not tell. */
  #doubtful(
    snapshot: Snapshot,
    query: Query,
    bracket: Bracket,
    range: TimeRange,
    wanted: Wanted,
  ): AsyncIterable<StoredEvent> {
    if (isExact(bracket)) return none();
    return this.#events(snapshot, query, bracket, allDsl([bracket.over, noDsl(bracket.under)]), range, wanted);
  }

  /** Events that `dsl` finds and that pass the query, with at least the fields wanted. */
  async *#events(
    snapshot: Snapshot,
    query: Query,
    bracket: Bracket,
    dsl: Dsl,
    range: TimeRange,
    wanted: Wanted,
    more: Omit<PageOptions, 'names'> = { order: 'locator', limit: Number.POSITIVE_INFINITY },
  ): AsyncGenerator<StoredEvent> {
    const passes = isExact(bracket) ? undefined : predicateOf(query);
    const needed = passes === undefined ? () => false : fieldsOf(query);
    const names =
      wanted === undefined || needed === undefined
        ? undefined
        : ['@timestamp', ...snapshot.compiler.names.filter((name) => wanted(name) || needed(name))];
    const done = snapshot.use();
    try {
      for await (const hits of pagesOf(snapshot, within(dsl, range), { ...more, names })) {
        for (const hit of hits) {
          const event = eventOfHit(hit);
          if (passes?.(event.fields) ?? true) yield event;
        }
      }
    } finally {
      await done();
    }
  }
}

async function* none(): AsyncGenerator<StoredEvent> {}
