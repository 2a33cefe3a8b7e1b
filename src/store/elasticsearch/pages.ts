import type { estypes } from '@elastic/elasticsearch';
import { fieldOf } from '../../ecs/fields.ts';
import type { Cursor, ScanOptions } from '../store.ts';
import type { Dsl } from './bracket.ts';
import { OWN, TIMELESS, VENDOR } from './mapping.ts';
import type { Hit, Snapshot } from './snapshot.ts';

/** Whole events are long; a few fields are not. */
const WHOLE_PAGE = 1000;
const NARROW_PAGE = 5000;

type Order = NonNullable<ScanOptions['order']>;

const SORTS: Readonly<Record<Order, estypes.SortCombinations[]>> = {
  time: [{ [OWN.time]: 'asc' }, { [OWN.id]: 'asc' }],
  'time-desc': [{ [OWN.time]: 'desc' }, { [OWN.id]: 'desc' }],
  locator: [{ [OWN.stream]: 'asc' }, { [OWN.offset]: 'asc' }],
};

export interface PageOptions {
  readonly order: Order;
  readonly after?: Cursor | undefined;
  /** Names of the fields wanted; undefined: all. */
  readonly names: readonly string[] | undefined;
  /** As many as will be asked for, if that is known. */
  readonly limit: number;
}

/** What of a document holds the fields of these names. */
const sourceOf = (names: readonly string[] | undefined): estypes.SearchSourceConfig =>
  names === undefined || [OWN.rest, ...names.map((name) => (fieldOf(name) === undefined ? `${VENDOR}.${name}` : name))];

/** Documents in order, a page at a time; the next page is on its way while one is looked at. */
export async function* pagesOf(snapshot: Snapshot, query: Dsl, options: PageOptions): AsyncGenerator<readonly Hit[]> {
  const most = options.names === undefined ? WHOLE_PAGE : NARROW_PAGE;
  const size = Math.min(most, options.limit);
  const ask = async (after: estypes.SortResults | undefined): Promise<readonly Hit[]> => {
    const { hits } = await snapshot.search({
      query,
      size,
      sort: SORTS[options.order],
      _source: sourceOf(options.names),
      track_total_hits: false,
      ...(after === undefined ? {} : { search_after: after }),
    });
    return hits.hits;
  };
  const { after } = options;
  let next = ask(after === undefined ? undefined : [Number.isFinite(after.time) ? after.time : TIMELESS, after.id]);
  for (let left = options.limit; left > 0; ) {
    const hits = await next;
    left -= hits.length;
    if (hits.length < size) left = 0;
    if (left > 0) {
      next = ask(hits.at(-1)?.sort);
      next.catch(() => {}); // told to whoever awaits it; a reader that leaves early does not
    }
    yield hits;
  }
}
