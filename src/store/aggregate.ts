import { numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import { lookup } from '../query/names.ts';
import { bucketIndex, bucketStarts, compareText, locatorOf } from './order.ts';
import type { Bucket, StreamSummary, TopValue } from './store.ts';
import { Tally } from './tally.ts';

/** Aggregates over events as they come: for the memory store, and for queries a store cannot answer exactly itself. */
export const histogramOf = async (
  events: AsyncIterable<StoredEvent>,
  range: { readonly from: number; readonly to: number; readonly buckets: number },
): Promise<Bucket[]> => {
  const starts = bucketStarts(range.from, range.to, range.buckets);
  const counts = starts.map(() => 0);
  for await (const event of events) {
    const time = numberOf(event.fields, '@timestamp');
    if (time === undefined || time < range.from || time >= range.to) continue;
    const index = bucketIndex(starts, time);
    counts[index] = (counts[index] as number) + 1;
  }
  return starts.map((start, i) => ({ start, count: counts[i] as number }));
};

/** The different values an event has in a field, as text. */
export const fieldTexts = (field: string): ((event: StoredEvent) => ReadonlySet<string>) => {
  const values = lookup(field);
  return (event) => {
    const texts = new Set<string>();
    for (const value of values(event.fields)) {
      if (Array.isArray(value)) for (const one of value) one !== null && texts.add(String(one));
      else if (value !== null) texts.add(String(value));
    }
    return texts;
  };
};

export const topOf = async (
  events: AsyncIterable<StoredEvent>,
  field: string,
  limit: number,
  distinct: string | undefined,
): Promise<TopValue[]> => {
  const textsOf = fieldTexts(field);
  const counts =
    distinct === undefined
      ? await countEvents(events, textsOf)
      : await countValues(events, textsOf, fieldTexts(distinct));
  return commonest(
    [...counts].map(([value, count]) => ({ value, count })),
    limit,
  );
};

/** Most first, ties by value. */
export const commonest = (values: readonly TopValue[], limit: number): TopValue[] =>
  [...values].sort((a, b) => b.count - a.count || compareText(a.value, b.value)).slice(0, limit);

type Texts = (event: StoredEvent) => ReadonlySet<string>;

const countEvents = async (events: AsyncIterable<StoredEvent>, textsOf: Texts): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  for await (const event of events) for (const text of textsOf(event)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
};

const countValues = async (
  events: AsyncIterable<StoredEvent>,
  textsOf: Texts,
  others: Texts,
): Promise<Map<string, number>> => {
  const seen = new Map<string, Set<string>>();
  for await (const event of events) {
    const found = others(event);
    for (const text of textsOf(event)) {
      const set = seen.get(text) ?? new Set();
      seen.set(text, set);
      for (const other of found) set.add(other);
    }
  }
  return new Map([...seen].flatMap(([text, set]) => (set.size > 0 ? [[text, set.size] as const] : [])));
};

export const streamsOf = (events: Iterable<StoredEvent>): StreamSummary[] => {
  const tally = new Tally();
  for (const { id, fields } of events) {
    const time = numberOf(fields, '@timestamp');
    tally.add({
      stream: locatorOf(id).stream,
      act: textOf(fields, 'einfallstor.act'),
      rejected: fields['event.kind'] === 'pipeline_error',
      count: 1,
      first: time,
      last: time,
    });
  }
  return tally.summaries();
};
