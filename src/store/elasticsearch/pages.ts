import type { estypes } from '@elastic/elasticsearch';
import { fieldOf } from '../../ecs/fields.ts';
import type { Cursor, ScanOptions } from '../store.ts';
import type { Dsl } from './bracket.ts';
import { OWN, TIMELESS, VENDOR } from './mapping.ts';
import { type Hit, type Snapshot, TooLarge } from './snapshot.ts';

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

interface Page {
  readonly hits: readonly Hit[];
  readonly isLast: boolean;
}

/**
 * Documents in order, a page at a time; the next page is on its way while one is looked at. Pages become smaller where
 * records are so long that a whole one is too much.
 */
export async function* pagesOf(snapshot: Snapshot, query: Dsl, options: PageOptions): AsyncGenerator<readonly Hit[]> {
  const { after, limit, names, order } = options;
  let size = Math.min(names === undefined ? WHOLE_PAGE : NARROW_PAGE, limit);
  const ask = async (last: estypes.SortResults | undefined): Promise<Page> => {
    const asked = size;
    try {
      const { hits } = await snapshot.search({
        query,
        size: asked,
        sort: SORTS[order],
        _source: sourceOf(names),
        track_total_hits: false,
        ...(last === undefined ? {} : { search_after: last }),
      });
      return { hits: hits.hits, isLast: hits.hits.length < asked };
    } catch (error) {
      if (!(error instanceof TooLarge) || asked === 1) throw error;
      size = Math.ceil(asked / 4);
      return ask(last);
    }
  };
  let next = ask(after === undefined ? undefined : [Number.isFinite(after.time) ? after.time : TIMELESS, after.id]);
  for (let left = limit; left > 0; ) {
    const { hits, isLast } = await next;
    left = isLast ? 0 : left - hits.length;
    if (left > 0) {
      next = ask(hits.at(-1)?.sort);
      next.catch(() => {}); // told to whoever awaits it; a reader that leaves early does not
    }
    yield hits;
  }
}
