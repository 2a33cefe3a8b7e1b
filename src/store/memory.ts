import { numberOf, type StoredEvent } from '../ecs/event.ts';
import type { Query } from '../query/ast.ts';
import { predicateOf } from '../query/evaluate.ts';
import { histogramOf, streamsOf, topOf } from './aggregate.ts';
import { digestOf, storable } from './canonical.ts';
import { compareCursors, compareText, cursorOf, locatorOf } from './order.ts';
import { namesOf, projected } from './projection.ts';
import type { Cursor, ScanOptions, StoreReader } from './store.ts';

interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const inTime = (event: StoredEvent, { from, to }: Range): boolean => {
  if (from === undefined && to === undefined) return true;
  const time = numberOf(event.fields, '@timestamp');
  return time !== undefined && (from === undefined || time >= from) && (to === undefined || time < to);
};

const byLocator = (a: StoredEvent, b: StoredEvent): number => {
  const [x, y] = [locatorOf(a.id), locatorOf(b.id)];
  return compareText(x.stream, y.stream) || x.offset - y.offset;
};

const isBehind = (event: StoredEvent, after: Cursor | undefined, order: ScanOptions['order']): boolean => {
  if (after === undefined) return true;
  const compared = compareCursors(cursorOf(event), after);
  return order === 'time-desc' ? compared < 0 : compared > 0;
};

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

/** The reference store: events in an array. For `rules test`, and for tests of what reads a store. */
export const memoryStore = (given: readonly StoredEvent[]): StoreReader => {
  const events = given.map(storable).sort(byLocator);
  const timeline = [...events].sort((a, b) => compareCursors(cursorOf(a), cursorOf(b)));
  const reversed = [...timeline].reverse();
  const byId = new Map(events.map((event) => [event.id, event]));

  function* matching(query: Query, range: Range = {}, source: readonly StoredEvent[] = events): Generator<StoredEvent> {
    const passes = predicateOf(query);
    for (const event of source) if (inTime(event, range) && passes(event.fields)) yield event;
  }

  async function* scan(query: Query, options: ScanOptions = {}): AsyncGenerator<StoredEvent> {
    const order = options.order ?? 'time';
    const source = order === 'locator' ? events : order === 'time' ? timeline : reversed;
    const names = namesOf(options.fields);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (const event of matching(query, options, source)) {
      if (order !== 'locator' && !isBehind(event, options.after, order)) continue;
      if (left <= 0) return;
      left -= 1;
      yield projected(event, names);
    }
  }

  const times = timeline.flatMap((event) => numberOf(event.fields, '@timestamp') ?? []);
  return {
    refresh: async () => {},
    count: async (query, range) => [...matching(query, range)].length,
    scan,
    get: async (ids, fields) => {
      const names = namesOf(fields);
      return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []).map((event) => projected(event, names));
    },
    histogram: async (query, range) => histogramOf(each(matching(query, range)), range),
    top: async (query, field, limit, options = {}) =>
      topOf(each(matching(query, options)), field, limit, options.distinct),
    span: async () => (times.length === 0 ? undefined : { first: times[0] as number, last: times.at(-1) as number }),
    streams: async () => streamsOf(events),
    digest: async () => digestOf(each(events)),
    close: async () => {},
  };
};
