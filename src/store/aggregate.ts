import { ACTS, type Act, classOf, type LogClass } from '../ecs/acts.ts';
import { numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import { lookup } from '../query/names.ts';
import { bucketIndex, bucketStarts, compareText, locatorOf } from './order.ts';
import type { Bucket, StreamSummary, TopValue } from './store.ts';

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

const isAct = (act: string | undefined): act is Act => act !== undefined && Object.hasOwn(ACTS, act);

export const streamsOf = (events: Iterable<StoredEvent>): StreamSummary[] => {
  const streams = new Map<string, Counted>();
  for (const event of events) {
    const { stream } = locatorOf(event.id);
    const counted = streams.get(stream) ?? { events: 0, rejected: 0, first: undefined, last: undefined, classes: {} };
    streams.set(stream, counted);
    count(counted, event);
  }
  return [...streams]
    .map(([stream, counted]) => ({ stream, ...counted }))
    .sort((a, b) => compareText(a.stream, b.stream));
};

interface Counted {
  events: number;
  rejected: number;
  first: number | undefined;
  last: number | undefined;
  classes: Partial<Record<LogClass, number>>;
}

const count = (into: Counted, { fields }: StoredEvent): void => {
  if (fields['event.kind'] === 'pipeline_error') into.rejected += 1;
  else into.events += 1;
  const time = numberOf(fields, '@timestamp');
  if (time !== undefined) {
    into.first = Math.min(into.first ?? time, time);
    into.last = Math.max(into.last ?? time, time);
  }
  const act = textOf(fields, 'einfallstor.act');
  if (isAct(act)) into.classes[classOf(act)] = (into.classes[classOf(act)] ?? 0) + 1;
};
