import type { Case } from '../case/case.ts';
import { isoOf } from '../core/time.ts';
import type { Fields, StoredEvent } from '../ecs/event.ts';
import { TELLING } from '../ecs/summary.ts';
import { ALL, type Query } from '../query/ast.ts';
import { parseKql } from '../query/kql.ts';
import type { Bucket, Cursor, StoreReader } from '../store/store.ts';
import type { ToldTrace } from '../trace/result.ts';

export type { ToldTrace };

/** A page of the timeline, in time order. */
export interface Page {
  readonly events: readonly StoredEvent[];
  /** Whether the timeline goes on before and behind the page. */
  readonly more: boolean;
}

export interface Range {
  /** `[from, to)`, epoch µs. */
  readonly from: number;
  readonly to: number;
}

/** What the explorer asks of a case; the filter is KQL text, `''` for everything. */
export interface Explorer {
  readonly name: string;
  readonly trace: ToldTrace | undefined;
  span(): Promise<Range | undefined>;
  /** Throws EinfallstorError BAD_FILTER when the filter is none. */
  check(filter: string): void;
  count(filter: string, range: Range | undefined): Promise<number>;
  page(
    filter: string,
    range: Range | undefined,
    after: Cursor | undefined,
    direction: 'down' | 'up',
    limit: number,
  ): Promise<Page>;
  histogram(filter: string, range: Range, buckets: number): Promise<readonly Bucket[]>;
  fields(id: string): Promise<Readonly<Fields> | undefined>;
  /** Stars or comments an event; kept in the case's annotations journal. */
  annotate(id: string, kind: 'star' | 'comment' | 'anchor', text: string): Promise<void>;
  /** Sees what another process has loaded since. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const PROJECTION = [
  'einfallstor.act',
  'event.outcome',
  'event.kind',
  'user.name',
  'source.ip',
  'source.port',
  'source.domain',
  'destination.ip',
  'destination.port',
  'destination.domain',
  'observer.name',
  'host.name',
  'log.file.path',
  'event.module',
  'message',
  'event.original',
  'error.message',
  ...TELLING,
];

const queryOf = (filter: string): Query => (filter.trim() === '' ? ALL : parseKql(filter));

const collect = async (events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> => {
  const out: StoredEvent[] = [];
  for await (const event of events) out.push(event);
  return out;
};

export const openExplorer = (
  opened: Pick<Case, 'name' | 'annotate'>,
  store: StoreReader,
  trace: ToldTrace | undefined,
  author: string,
  now: () => Date,
): Explorer => ({
  name: opened.name,
  trace,
  span: async () => {
    const span = await store.span();
    return span === undefined ? undefined : { from: span.first, to: span.last + 1 };
  },
  check: (filter) => void queryOf(filter),
  count: (filter, range) => store.count(queryOf(filter), range ?? {}),
  page: async (filter, range, after, direction, limit) => {
    const events = await collect(
      store.scan(queryOf(filter), {
        order: direction === 'down' ? 'time' : 'time-desc',
        limit: limit + 1,
        fields: PROJECTION,
        ...(after === undefined ? {} : { after }),
        ...(range ?? {}),
      }),
    );
    const page = events.slice(0, limit);
    return { events: direction === 'down' ? page : page.reverse(), more: events.length > limit };
  },
  histogram: (filter, range, buckets) => store.histogram(queryOf(filter), { ...range, buckets }),
  fields: async (id) => (await store.get([id]))[0]?.fields,
  annotate: (id, kind, text) =>
    opened.annotate({ ts: isoOf(now().getTime() * 1000), author, events: [id], kind, text }),
  refresh: () => store.refresh(),
  close: () => store.close(),
});
