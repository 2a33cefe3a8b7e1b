import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf, valuesOf } from '../ecs/event.ts';
import { is, isAny } from '../query/ast.ts';
import type { StoreReader, StreamSummary } from '../store/store.ts';
import { collect, packed } from './read.ts';

/** What one device wrote in one format, over however many rotated files: it has one clock and one rhythm. */
export interface Sources {
  /** Name of the source a stream belongs to. */
  of(stream: string): string;
  readonly streams: ReadonlyMap<string, readonly string[]>;
  /** Sources whose times state no zone: the zone was assumed. */
  readonly zoneless: ReadonlySet<string>;
  /** Paths of a source's streams. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** Correction of a source's clock that was made already, µs. */
  readonly corrected: ReadonlyMap<string, number>;
}

/**
 * `fgt01.log.3.gz`, `fgt01-20211031.log` and `fgt01.log` are one source; so are `system.journal`, what journald archived of it
 * (`system@…-….journal`) and what it found damaged (`system@….journal~`).
 */
const stem = (path: string): string =>
  path
    .replace(/\.(?:gz|bz2|xz|zst|zip)$/i, '')
    .replace(/\.\d{1,4}$/, '')
    .replace(/@[\da-f]{16,32}(?:-[\da-f]{16}){1,2}\.journal~?$/, '.journal')
    .replace(/[-_.]?(?:19|20)\d{2}-?(?:0[1-9]|1[0-2])-?(?:[0-2]\d|3[01])(?:[-_T]?\d{2,6})?/, '')
    .replace(/[-_.]\d{1,3}(?=\.[a-z]{2,5}$)/i, '');

const FIELDS = [
  'einfallstor.stream',
  'log.file.path',
  'observer.name',
  'event.module',
  'log.offset',
  'einfallstor.warnings',
  'einfallstor.time.uncorrected',
];

const nameOf = (event: StoredEvent | undefined, stream: string): string => {
  if (event === undefined) return stream;
  const path = textOf(event.fields, 'log.file.path');
  const device = textOf(event.fields, 'observer.name');
  const module = textOf(event.fields, 'event.module');
  if (device !== undefined) return module === undefined ? device : `${device} (${module})`;
  return path === undefined ? stream : stem(path);
};

/** Records of small streams that are read at once to find the first of each. */
const MOST_AT_ONCE = 5_000;

/** An event of each stream that tells what wrote it. */
const firstEvents = async (
  store: StoreReader,
  streams: readonly StreamSummary[],
): Promise<ReadonlyMap<string, StoredEvent>> => {
  const first = new Map<string, StoredEvent>();
  for await (const event of store.scan(is('log.offset', 0), { fields: FIELDS })) {
    const stream = textOf(event.fields, 'einfallstor.stream');
    if (stream !== undefined && textOf(event.fields, 'event.module') !== undefined) first.set(stream, event);
  }
  // streams that begin with a header or a rejected record: their first in time
  const others = streams.filter(({ stream }) => !first.has(stream));
  for (const part of packed(others, ({ events, rejected }) => events + rejected, MOST_AT_ONCE)) {
    const limit = part.length === 1 ? 1 : MOST_AT_ONCE;
    const query = isAny(
      'einfallstor.stream',
      part.map(({ stream }) => stream),
    );
    for (const event of await collect(store, query, { limit, fields: FIELDS })) {
      const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
      if (!first.has(stream)) first.set(stream, event);
    }
  }
  return first;
};

const isZoneless = (event: StoredEvent | undefined): boolean =>
  event !== undefined &&
  valuesOf(event.fields, 'einfallstor.warnings').some((w) => String(w).startsWith('zone-assumed'));

/**
 * Names of the sources. What a device writes without a zone into one log and with it into another (PAN-OS: traffic by the
 * second in its local time, GlobalProtect to the millisecond with the zone) may stand hours apart: two sources.
 */
const namesOf = (
  streams: readonly string[],
  first: ReadonlyMap<string, StoredEvent>,
): { names: ReadonlyMap<string, string>; zoneless: ReadonlySet<string> } => {
  const logs = new Map<string, { name: string; streams: string[]; zoneless: boolean }>();
  for (const stream of streams) {
    const sample = first.get(stream);
    const name = nameOf(sample, stream);
    const key = `${name}\n${sample === undefined ? stream : stem(textOf(sample.fields, 'log.file.path') ?? stream)}`;
    const log = logs.get(key) ?? { name, streams: [], zoneless: false };
    log.streams.push(stream);
    log.zoneless ||= isZoneless(sample);
    logs.set(key, log);
  }
  const stating = new Set([...logs.values()].flatMap(({ name, zoneless }) => (zoneless ? [] : [name])));
  const names = new Map<string, string>();
  const zoneless = new Set<string>();
  for (const log of logs.values()) {
    const name = log.zoneless && stating.has(log.name) ? `${log.name}, no zone stated` : log.name;
    if (log.zoneless) zoneless.add(name);
    for (const stream of log.streams) names.set(stream, name);
  }
  return { names, zoneless };
};

export const sourcesOf = async (store: StoreReader): Promise<Sources> => {
  const summaries = (await store.streams()).filter(({ events }) => events > 0);
  const first = await firstEvents(store, summaries);
  const { names, zoneless } = namesOf(
    summaries.map(({ stream }) => stream),
    first,
  );
  const streams = new Map<string, string[]>();
  const paths = new Map<string, string[]>();
  const corrected = new Map<string, number>();
  for (const [stream, name] of names) {
    const sample = first.get(stream);
    streams.set(name, [...(streams.get(name) ?? []), stream]);
    if (sample === undefined) continue;
    const path = textOf(sample.fields, 'log.file.path');
    if (path !== undefined) paths.set(name, [...(paths.get(name) ?? []), path]);
    const raw = numberOf(sample.fields, 'einfallstor.time.uncorrected');
    if (raw !== undefined) corrected.set(name, (numberOf(sample.fields, '@timestamp') ?? raw) - raw);
  }
  return { of: (stream) => names.get(stream) ?? stream, streams, zoneless, paths, corrected };
};
