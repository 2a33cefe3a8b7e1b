import { numberOf, type StoredEvent } from '../ecs/event.ts';
import type { Cursor } from './store.ts';

/** Where an event stands in the timeline; one without a time stands behind all others. */
export const cursorOf = (event: StoredEvent): Cursor => ({
  time: numberOf(event.fields, '@timestamp') ?? Number.POSITIVE_INFINITY,
  id: event.id,
});

/** By code points, as UTF-8 bytes sort. */
export const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
};

export const compareCursors = (a: Cursor, b: Cursor): number => {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return compareText(a.id, b.id);
};

/** Stream and offset an id was made of; see `eventId`. */
export const locatorOf = (id: string): { readonly stream: string; readonly offset: number } => {
  const dash = id.lastIndexOf('-');
  if (dash < 0) return { stream: id, offset: 0 };
  return { stream: id.slice(0, dash), offset: Number.parseInt(id.slice(dash + 1), 36) };
};

/** Starts of `buckets` equal steps of [from, to): a time t is in the last one that starts at or before it. */
export const bucketStarts = (from: number, to: number, buckets: number): number[] => {
  const [width, steps] = [BigInt(to - from), BigInt(buckets)];
  return Array.from({ length: buckets }, (_, i) => from + Number((BigInt(i) * width + steps - 1n) / steps));
};

/** The bucket a time of the range is in. */
export const bucketIndex = (starts: readonly number[], time: number): number => {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as number) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
};
