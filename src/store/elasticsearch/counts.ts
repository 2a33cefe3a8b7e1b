import type { estypes } from '@elastic/elasticsearch';
import type { StreamSummary, TopValue } from '../store.ts';
import { Tally } from '../tally.ts';
import type { Dsl } from './bracket.ts';
import type { Compiler } from './compile.ts';
import { OWN, TIMELESS } from './mapping.ts';
import { bucketsOf, type SearchBody, type Snapshot } from './snapshot.ts';

/** Aggregates that Elasticsearch does itself, for queries that are exact. */

export const countEvents = async (snapshot: Snapshot, query: Dsl): Promise<number> => {
  const { hits } = await snapshot.search({ query, size: 0, track_total_hits: true });
  return typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
};

/** Counts of the steps that begin at these times; the last ends at `to`. */
export const countSteps = async (
  snapshot: Snapshot,
  query: Dsl,
  starts: readonly number[],
  to: number,
): Promise<number[]> => {
  // steps without width would be open-ended to Elasticsearch
  const ranges = starts
    .map((from, i) => ({ key: String(i), from, to: starts[i + 1] ?? to }))
    .filter((range) => range.to > range.from);
  const counts = starts.map(() => 0);
  if (ranges.length === 0) return counts;
  const found = await snapshot.search({
    query,
    size: 0,
    aggs: { steps: { range: { field: OWN.time, ranges } } },
  });
  for (const { key, doc_count } of bucketsOf(found, 'steps')) counts[Number(key)] = doc_count;
  return counts;
};

/** Where the values of a field can be counted as their texts; undefined where Elasticsearch writes them otherwise. */
const countable = (compiler: Compiler, field: string): string | undefined => {
  const { exact, others } = compiler.named(field);
  const places = exact === undefined ? others : [exact, ...others];
  const [place] = places;
  if (place === undefined || places.length > 1 || field.includes('*') || !compiler.isPlain(place.name))
    return undefined;
  switch (place.type) {
    case 'keyword':
    case 'long':
      return place.name;
    case 'ip':
      return `${place.name}.text`;
    // composite aggregations lose values of a `flattened` field's keys
    default:
      return undefined;
  }
};

/** Buckets in one answer. */
const PAGE = 5000;

/** All combinations of values there are, with their counts. */
async function* combinations(
  snapshot: Snapshot,
  query: Dsl,
  sources: Readonly<Record<string, estypes.AggregationsCompositeAggregationSource>>,
  aggs: SearchBody['aggs'] = undefined,
): AsyncGenerator<{
  key: Readonly<Record<string, string | number | null>>;
  bucket: ReturnType<typeof bucketsOf>[number];
}> {
  for (let after: estypes.AggregationsCompositeAggregateKey | undefined; ; ) {
    const found = await snapshot.search({
      query,
      size: 0,
      aggs: {
        all: {
          composite: {
            size: PAGE,
            sources: Object.entries(sources).map(([name, source]) => ({ [name]: source })),
            ...(after === undefined ? {} : { after }),
          },
          ...(aggs === undefined ? {} : { aggs }),
        },
      },
    });
    for (const bucket of bucketsOf(found, 'all'))
      yield { key: bucket.key as Record<string, string | number | null>, bucket };
    after = (found.aggregations?.['all'] as estypes.AggregationsCompositeAggregate | undefined)?.after_key;
    if (after === undefined) return;
  }
}

/** How often each value is there, or, with `distinct`, with how many values of that field; undefined when it cannot tell. */
export const countValues = async (
  snapshot: Snapshot,
  query: Dsl,
  field: string,
  distinct: string | undefined,
): Promise<TopValue[] | undefined> => {
  const mine = countable(snapshot.compiler, field);
  const theirs = distinct === undefined ? undefined : countable(snapshot.compiler, distinct);
  if (mine === undefined || (distinct !== undefined && theirs === undefined)) return undefined;
  const counts = new Map<string, number>();
  const sources = {
    value: { terms: { field: mine } },
    ...(theirs === undefined ? {} : { other: { terms: { field: theirs } } }),
  };
  for await (const { key, bucket } of combinations(snapshot, query, sources)) {
    const value = String(key['value']);
    counts.set(value, (counts.get(value) ?? 0) + (theirs === undefined ? bucket.doc_count : 1));
  }
  return [...counts].map(([value, count]) => ({ value, count }));
};

/** First and last time of the events that a query finds. */
export const spanOf = async (
  snapshot: Snapshot,
): Promise<{ readonly first: number; readonly last: number } | undefined> => {
  const found = await snapshot.search({ query: TIMED, size: 0, aggs: SPAN });
  const [first, last] = [numberIn(found.aggregations?.['first']), numberIn(found.aggregations?.['last'])];
  return first === null || last === null ? undefined : { first, last };
};

const TIMED: Dsl = { range: { [OWN.time]: { lt: TIMELESS } } };
const SPAN = { first: { min: { field: OWN.time } }, last: { max: { field: OWN.time } } };

const numberIn = (aggregate: unknown): number | null => (aggregate as { value?: number | null })?.value ?? null;

/** Fields that the summaries are made of. */
export const SUMMED = ['einfallstor.act', 'event.kind', '@timestamp'] as const;

/** Counts per stream, act and kind, added up per stream and class. */
export const streamSummaries = async (snapshot: Snapshot): Promise<StreamSummary[]> => {
  const tally = new Tally();
  const sources = {
    stream: { terms: { field: OWN.stream } },
    act: { terms: { field: 'einfallstor.act', missing_bucket: true } },
    kind: { terms: { field: 'event.kind', missing_bucket: true } },
  };
  const aggs = { timed: { filter: TIMED, aggs: SPAN } };
  for await (const { key, bucket } of combinations(snapshot, { match_all: {} }, sources, aggs)) {
    const timed = bucket['timed'] as Record<string, unknown>;
    tally.add({
      stream: String(key['stream']),
      act: key['act'],
      rejected: key['kind'] === 'pipeline_error',
      count: bucket.doc_count,
      first: numberIn(timed['first']) ?? undefined,
      last: numberIn(timed['last']) ?? undefined,
    });
  }
  return tally.summaries();
};
