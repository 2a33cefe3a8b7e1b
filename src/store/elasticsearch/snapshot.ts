import type { estypes } from '@elastic/elasticsearch';
import { EinfallstorError } from '../../core/errors.ts';
import type { StoredEvent } from '../../ecs/event.ts';
import { allDsl, type Dsl } from './bracket.ts';
import { Compiler } from './compile.ts';
import type { Server } from './connect.ts';
import { type Document, eventOf } from './document.ts';
import type { CaseIndices } from './index-names.ts';
import { readNames } from './known.ts';
import { OWN, TIMELESS } from './mapping.ts';
import { isForgotten, isTooLarge } from './refused.ts';

/** How long the server keeps a point in time that nobody asks for. */
const KEEP = '10m';

export type SearchBody = Omit<estypes.SearchRequest, 'index' | 'pit'>;
export type Found = estypes.SearchResponse<Document, Record<string, estypes.AggregationsAggregate>>;
export type Hit = estypes.SearchHit<Document>;

/** The server no longer has the point in time: it was restarted, or nobody asked for long. */
export class Forgotten extends EinfallstorError {
  constructor(url: string) {
    super(
      'STORE',
      `${url} no longer has the state of the case that was read from`,
      'It was restarted, or the reading paused for long: run the command again.',
    );
  }
}

/** The answer is more than the server has memory for, or the client takes: fewer events may be asked for. */
export class TooLarge extends EinfallstorError {
  constructor(url: string, cause: unknown) {
    super('STORE', `${url} has no memory for this answer`, 'Give the server more memory, or try again later.', {
      cause,
    });
  }
}

/** One state of a case's events: a point in time of the server, and what is known of its fields. */
export class Snapshot {
  readonly compiler: Compiler;
  readonly #server: Server;
  #pit: string;
  #users = 0;
  #retired = false;

  private constructor(server: Server, pit: string, compiler: Compiler) {
    this.#server = server;
    this.#pit = pit;
    this.compiler = compiler;
  }

  static async open(server: Server, indices: CaseIndices): Promise<Snapshot> {
    const { id } = await server.ask((client) => client.openPointInTime({ index: indices.events, keep_alive: KEEP }));
    // names are written down before the events that have them
    const names = await readNames(server, indices.state);
    const bare = new Snapshot(server, id, new Compiler({ names, odd: new Set(), folded: new Set() }));
    const [odd, folded] = [await bare.#marks(OWN.odd), await bare.#marks(OWN.folded)];
    return new Snapshot(server, bare.#pit, new Compiler({ names, odd, folded }));
  }

  async #marks(field: string): Promise<ReadonlySet<string>> {
    const found = await this.search({ size: 0, aggs: { marks: { terms: { field, size: 10_000 } } } });
    return new Set(bucketsOf(found, 'marks').map(({ key }) => String(key)));
  }

  async search(body: SearchBody): Promise<Found> {
    const found = await this.#server.ask(async (client) => {
      try {
        return (await client.search({ ...body, pit: { id: this.#pit, keep_alive: KEEP } })) as Found;
      } catch (error) {
        if (isForgotten(error)) throw new Forgotten(this.#server.url);
        if (isTooLarge(error)) throw new TooLarge(this.#server.url, error);
        throw error;
      }
    });
    this.#pit = found.pit_id ?? this.#pit;
    return found;
  }

  /** Keeps it open while something is read from it. */
  use(): () => Promise<void> {
    this.#users += 1;
    return async () => {
      this.#users -= 1;
      await this.#closeUnused();
    };
  }

  /** Nobody asks it anew. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.#closeUnused();
  }

  async #closeUnused(): Promise<void> {
    if (!this.#retired || this.#users > 0) return;
    // a server that is gone has forgotten it anyway
    await this.#server.client.closePointInTime({ id: this.#pit }).catch(() => {});
  }
}

interface BucketLike {
  readonly key: unknown;
  readonly doc_count: number;
  readonly [name: string]: unknown;
}

export const bucketsOf = (found: Found, name: string): readonly BucketLike[] =>
  ((found.aggregations?.[name] as { buckets?: BucketLike[] } | undefined)?.buckets ?? []) as BucketLike[];

export interface TimeRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export const within = (dsl: Dsl, { from, to }: TimeRange): Dsl => {
  if (from === undefined && to === undefined) return dsl;
  const time = {
    lt: to === undefined ? TIMELESS : Math.min(Math.ceil(to), TIMELESS),
    ...(from === undefined ? {} : { gte: Math.ceil(from) }),
  };
  return allDsl([dsl, { range: { [OWN.time]: time } }]);
};

export const eventOfHit = ({ _id, _source }: Hit): StoredEvent => eventOf(_id ?? '', _source ?? {});
