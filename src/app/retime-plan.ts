import type { StreamEntry } from '../case/entries.ts';
import { numberOf, type StoredEvent } from '../ecs/event.ts';
import { OTHER_DATES } from '../parse/assumptions.ts';
import { type Assumed, inferredYear, retimed } from '../parse/retime.ts';
import { is } from '../query/ast.ts';
import { canonicalLine } from '../store/canonical.ts';
import type { StoreReader } from '../store/store.ts';
import { Times } from './load.ts';

/** What is to be assumed from now on; what is undefined stays as it is. */
export interface Assumption {
  /** `null`: none, taken as UTC and said so. */
  readonly zone?: string | null | undefined;
  /** Of the stream's first record without one. */
  readonly year?: number | undefined;
  /** µs. */
  readonly shift?: number | undefined;
}

/** First and last time of a stream, µs. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** What a change does to one stream. */
export interface StreamPlan {
  readonly entry: StreamEntry;
  /** The entry as it becomes; the same one when no event changes. */
  readonly becomes: StreamEntry;
  readonly change: (event: StoredEvent) => StoredEvent;
  readonly timed: number;
  /** Events whose time becomes another. */
  readonly moved: number;
  readonly before: Span | undefined;
  readonly after: Span | undefined;
  /** An event that changes; undefined: none does. */
  readonly sample: string | undefined;
}

const FIELDS = [
  'einfallstor.time.basis',
  'einfallstor.time.local',
  'einfallstor.time.differs',
  'einfallstor.time.uncorrected',
  'einfallstor.warnings',
  'event.duration',
  'event.timezone',
  ...OTHER_DATES,
];

const scan = (store: StoreReader, stream: string): AsyncIterable<StoredEvent> =>
  store.scan(is('einfallstor.stream', stream), { order: 'locator', fields: FIELDS });

const firstYear = async (store: StoreReader, stream: string): Promise<number | undefined> => {
  for await (const { fields } of scan(store, stream)) {
    const year = inferredYear(fields);
    if (year !== undefined) return year;
  }
  return undefined;
};

const assumedOf = ({ timing }: StreamEntry): Assumed => ({ zone: timing.zone, shift: timing.shift ?? 0 });

const widened = (span: Span | undefined, time: number | undefined): Span | undefined => {
  if (time === undefined) return span;
  return { first: Math.min(span?.first ?? time, time), last: Math.max(span?.last ?? time, time) };
};

const timingOf = ({ timing }: StreamEntry, { zone, year, shift }: Assumption): StreamEntry['timing'] => ({
  ...timing,
  ...(zone === undefined ? {} : { zone: zone ?? undefined }),
  ...(year === undefined ? {} : { year, yearsBack: 0 }),
  ...(shift === undefined ? {} : { shift: shift === 0 ? undefined : shift }),
});

/** Reckons what a change does to a stream, from the times that the store has of it. */
export const planStream = async (
  store: StoreReader,
  entry: StreamEntry,
  assumption: Assumption,
): Promise<StreamPlan> => {
  const from = assumedOf(entry);
  const timing = timingOf(entry, assumption);
  const to = assumedOf({ ...entry, timing });
  const begins = assumption.year === undefined ? undefined : await firstYear(store, entry.id);
  const years = begins === undefined ? 0 : (assumption.year as number) - begins;
  const change = ({ id, fields }: StoredEvent): StoredEvent => ({ id, fields: retimed(fields, from, to, years) });
  const times = new Times();
  let [timed, moved] = [0, 0];
  let [before, after]: (Span | undefined)[] = [];
  let sample: string | undefined;
  for await (const event of scan(store, entry.id)) {
    const changed = change(event);
    times.see(changed);
    const [old, now] = [numberOf(event.fields, '@timestamp'), numberOf(changed.fields, '@timestamp')];
    before = widened(before, old);
    after = widened(after, now);
    if (old !== undefined) timed += 1;
    if (old !== now) moved += 1;
    sample ??= canonicalLine(event) === canonicalLine(changed) ? undefined : event.id;
  }
  const becomes = sample === undefined ? entry : { ...entry, timing, speaksOf: times.speaksOf };
  return { entry, becomes, change, timed, moved, before, after, sample };
};
