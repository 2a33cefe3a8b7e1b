import type { estypes } from '@elastic/elasticsearch';
import type { Server } from './connect.ts';
import type { CaseIndices } from './index-names.ts';
import { OWN } from './mapping.ts';

const PAGE = 5000;
const KEEP = '5m';

/** Streams that have events in the index, finished or not. */
export const streamsStored = async (server: Server, { events }: CaseIndices): Promise<string[]> => {
  const streams: string[] = [];
  for (let after: estypes.AggregationsCompositeAggregateKey | undefined; ; ) {
    const { aggregations } = await server.ask((client) =>
      client.search<unknown, { streams: estypes.AggregationsCompositeAggregate }>({
        index: events,
        size: 0,
        aggs: {
          streams: {
            composite: {
              size: PAGE,
              sources: [{ stream: { terms: { field: OWN.stream } } }],
              ...(after === undefined ? {} : { after }),
            },
          },
        },
      }),
    );
    const buckets = (aggregations?.streams.buckets ?? []) as unknown as { key: { stream: string } }[];
    for (const { key } of buckets) streams.push(key.stream);
    after = aggregations?.streams.after_key;
    if (after === undefined) return streams;
  }
};

/** Ids of all events of a stream. */
export async function* streamIds(server: Server, { events }: CaseIndices, stream: string): AsyncGenerator<string> {
  const { id } = await server.ask((client) => client.openPointInTime({ index: events, keep_alive: KEEP }));
  try {
    for (let after: estypes.SortResults | undefined; ; ) {
      const { hits } = await server.ask((client) =>
        client.search({
          pit: { id, keep_alive: KEEP },
          size: PAGE,
          query: { term: { [OWN.stream]: stream } },
          sort: [{ [OWN.offset]: 'asc' }],
          _source: false,
          track_total_hits: false,
          ...(after === undefined ? {} : { search_after: after }),
        }),
      );
      for (const hit of hits.hits) yield hit._id ?? '';
      after = hits.hits.at(-1)?.sort;
      if (hits.hits.length < PAGE) return;
    }
  } finally {
    await server.client.closePointInTime({ id }).catch(() => {});
  }
}
