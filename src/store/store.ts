import type { LogClass } from '../ecs/acts.ts';
import type { StoredEvent } from '../ecs/event.ts';
import type { Query } from '../query/ast.ts';

/** Position behind an event in the timeline order; see `cursorOf`. */
export interface Cursor {
  /** `@timestamp`; infinite for an event without one. */
  readonly time: number;
  readonly id: string;
}

export interface ScanOptions {
  /**
   * `time`: by `@timestamp`, ties by id, events without time last. `time-desc`: the reverse, without time first.
   * `locator`: by stream and offset.
   */
  readonly order?: 'time' | 'time-desc' | 'locator';
  readonly limit?: number;
  /** Only events behind this one in the order (keyset paging; orders by time only). */
  readonly after?: Cursor;
  /** Only these fields are needed (a projection; `@timestamp` always comes). Default: all. */
  readonly fields?: readonly string[];
  /** The caller looks at every event again: a store may also give others, where telling them apart would cost it more. */
  readonly rough?: boolean;
  /** `@timestamp` in [from, to), epoch µs. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface Bucket {
  /** Start, epoch µs. */
  readonly start: number;
  readonly count: number;
}

export interface TopOptions {
  /** Count the different values of this field instead of events. */
  readonly distinct?: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface TopValue {
  readonly value: string;
  readonly count: number;
}

/** What one stream has in the store, for accounting and coverage. */
export interface StreamSummary {
  readonly stream: string;
  /** Rejected records not counted. */
  readonly events: number;
  readonly rejected: number;
  /** First and last `@timestamp`, epoch µs; undefined when no event has one. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly classes: Readonly<Partial<Record<LogClass, number>>>;
}

/**
 * Reading side of a store: sees what was committed when it was opened or last refreshed. Rejected records are events
 * with `event.kind: pipeline_error`. Several readers and one writer work at once.
 */
export interface StoreReader {
  refresh(): Promise<void>;
  count(query: Query, range?: { from?: number | undefined; to?: number | undefined }): Promise<number>;
  scan(query: Query, options?: ScanOptions): AsyncIterable<StoredEvent>;
  /** Events by id, in the order of the ids, those that are there; `fields`: only these are needed, as in a scan. */
  get(ids: readonly string[], fields?: readonly string[]): Promise<StoredEvent[]>;
  /** Counts of `[from, to)` in `buckets` equal steps. */
  histogram(
    query: Query,
    range: { readonly from: number; readonly to: number; readonly buckets: number },
  ): Promise<Bucket[]>;
  /** The commonest values of a field, most first, ties by value; `distinct` counts another field's values instead of events. */
  top(query: Query, field: string, limit: number, options?: TopOptions): Promise<readonly TopValue[]>;
  /** First and last `@timestamp` of all events, or undefined in an empty store. */
  span(): Promise<{ readonly first: number; readonly last: number } | undefined>;
  streams(): Promise<readonly StreamSummary[]>;
  /** Count and SHA-256 over the canonical JSON of all events in locator order: equal content, equal digest, any store. */
  digest(): Promise<{ readonly events: number; readonly sha256: string }>;
  close(): Promise<void>;
}

/**
 * Writing side; one at a time per case. Events of a stream arrive in order of offset. Nothing is visible before
 * `commit`, everything is after; a stream that was begun again replaces what an unfinished run left of it.
 */
export interface StoreWriter {
  /** Streams that were finished: they need no second reading. */
  finished(): ReadonlySet<string>;
  begin(stream: string): Promise<void>;
  /** Events of the stream begun last; may hold several thousand back before writing them. */
  append(event: StoredEvent): void | Promise<void>;
  /**
   * The stream is whole. A long one was published in parts and is now marked finished; short ones may wait for further
   * ones, to be published together within seconds, or by `flush` or `close`. `finished` tells when it has happened.
   */
  finish(stream: string): Promise<void>;
  /** Drops what was written of a stream that is not finished. */
  abandon(stream: string): Promise<void>;
  /** Publishes what waits; durable when it returns. */
  flush(): Promise<void>;
  /**
   * Puts in place of each event of finished streams what `change` makes of it (its id stays): all at once, so that a reader
   * and a kill find the old events or the new.
   */
  rewrite(streams: ReadonlySet<string>, change: (event: StoredEvent) => StoredEvent): Promise<void>;
  close(): Promise<void>;
}
