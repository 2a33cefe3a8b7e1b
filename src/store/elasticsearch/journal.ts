import type { Server } from './connect.ts';
import { itemError } from './refused.ts';

/** One document of the state index. */
interface Line<T> {
  readonly journal: string;
  readonly number: number;
  readonly entry: T;
}

const PAGE = 1000;

/** All entries of a journal, in their order. */
export const readEntries = async <T>(server: Server, index: string, journal: string): Promise<T[]> => {
  const entries: T[] = [];
  for (let after: number | undefined; ; ) {
    const { hits } = await server.ask((client) =>
      client.search<Line<T>>({
        index,
        size: PAGE,
        query: { term: { journal } },
        sort: [{ number: 'asc' }],
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: [after] }),
      }),
    );
    for (const { _source } of hits.hits) if (_source !== undefined) entries.push(_source.entry);
    after = hits.hits.at(-1)?._source?.number;
    if (hits.hits.length < PAGE || after === undefined) return entries;
  }
};

/** The last entry of a journal with its number; undefined when it has none. */
export const lastEntry = async <T>(
  server: Server,
  index: string,
  journal: string,
): Promise<{ readonly number: number; readonly entry: T } | undefined> => {
  const { hits } = await server.ask((client) =>
    client.search<Line<T>>({
      index,
      size: 1,
      query: { term: { journal } },
      sort: [{ number: 'desc' }],
      track_total_hits: false,
    }),
  );
  return hits.hits[0]?._source;
};

/** Writes lines under ids of their own; repeating it does no harm. */
export const putLines = async (
  server: Server,
  index: string,
  lines: readonly (Line<unknown> & { readonly id: string })[],
): Promise<void> => {
  if (lines.length === 0) return;
  await server.ask(async (client) => {
    const operations = lines.flatMap(({ id, ...line }) => [{ index: { _index: index, _id: id } }, line]);
    const { items } = await client.bulk({ refresh: true, operations });
    for (const { index: result } of items) if (result?.error !== undefined) throw itemError(result);
  });
};

/** Adds an entry at a number; false when somebody else has written that number in the meantime. */
const create = (server: Server, index: string, line: Line<unknown>): Promise<boolean> =>
  server.ask(async (client) => {
    const operations = [{ create: { _index: index, _id: `${line.journal}-${line.number}` } }, line];
    const { items } = await client.bulk({ refresh: true, operations });
    const result = items[0]?.create;
    if (result?.status === 409) return false;
    if (result?.error !== undefined) throw itemError(result);
    return true;
  });

/**
 * Adds an entry, which may depend on how many there are. Optimistic: whoever comes second with a number sees it taken
 * and takes the next, so that nothing is written over.
 */
export const appendEntry = async (
  server: Server,
  index: string,
  journal: string,
  entry: (count: number) => unknown,
): Promise<void> => {
  for (;;) {
    const count = (await lastEntry(server, index, journal))?.number ?? 0;
    if (await create(server, index, { journal, number: count + 1, entry: entry(count) })) return;
  }
};
