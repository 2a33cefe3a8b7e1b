import { textOf } from '../ecs/event.ts';
import { and, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { CONNECTIONS, connectionsOf, MOST_FLOWS, type Pair, paired, SAMPLES, spread } from './clocks-pairs.ts';
import { acts, collect, exists, isPublic, packed, timeOf } from './read.ts';
import type { Sources } from './sources.ts';

/**
 * A third witness for clocks: what a server wrote of a foreign address (a login, a mail connection, a request) and what
 * the firewall wrote of the connection that carried it. Asked of sources whose zone was assumed.
 *
 * A case may have hundreds of such sources with few records each: they are asked together, as many as their limit allows.
 */

const ARRIVALS = and(
  acts('login', 'admin-login', 'vpn-login', 'mail-connection', 'mail-received', 'http-request'),
  exists('source.ip'),
);
/** Looked at of one source. */
const MOST_RECORDS = 20_000;

interface Arrival {
  readonly id: string;
  readonly remote: string;
  readonly time: number;
}

/** Sources with how many records they have that may tell. */
const sourcesWith = async (
  names: readonly string[],
  store: StoreReader,
  { streams }: Sources,
): Promise<{ source: string; records: number }[]> => {
  if (names.length === 0) return [];
  const most = [...streams.values()].reduce((sum, list) => sum + list.length, 0);
  const counts = new Map((await store.top(ARRIVALS, 'einfallstor.stream', most)).map((t) => [t.value, t.count]));
  return names
    .map((source) => ({
      source,
      records: (streams.get(source) ?? []).reduce((sum, stream) => sum + (counts.get(stream) ?? 0), 0),
    }))
    .filter(({ records }) => records > 0);
};

/** Records of addresses that come seldom: who comes all day fits any shift. */
const seldom = (byRemote: ReadonlyMap<string, readonly Arrival[]>): Arrival[] =>
  spread(
    [...byRemote.values()]
      .sort((a, b) => a.length - b.length)
      .slice(0, 2 * SAMPLES)
      .map((list) => list[0] as Arrival)
      .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1)),
    SAMPLES,
  );

/** Arrivals at each of some sources, which have no more than the limit together or are one. */
const arrivalsAt = async (
  asked: readonly string[],
  store: StoreReader,
  sources: Sources,
): Promise<{ source: string; arrivals: Arrival[] }[]> => {
  const bySource = new Map(asked.map((source) => [source, new Map<string, Arrival[]>()]));
  const streams = asked.flatMap((source) => sources.streams.get(source) ?? []);
  const options = { order: 'time', limit: MOST_RECORDS, fields: ['einfallstor.stream', 'source.ip'] } as const;
  for (const event of await collect(store, and(ARRIVALS, isAny('einfallstor.stream', streams)), options)) {
    const byRemote = bySource.get(sources.of(textOf(event.fields, 'einfallstor.stream') ?? ''));
    const remote = textOf(event.fields, 'source.ip');
    const time = timeOf(event);
    if (byRemote === undefined || remote === undefined || time === undefined || !isPublic(remote)) continue;
    byRemote.set(remote, [...(byRemote.get(remote) ?? []).slice(0, 3), { id: event.id, remote, time }]);
  }
  return [...bySource].map(([source, byRemote]) => ({ source, arrivals: seldom(byRemote) }));
};

const remotesOf = (arrivals: readonly Arrival[]): string[] => [...new Set(arrivals.map(({ remote }) => remote))];

/** How many connections the store has of each of some addresses. */
const connectionCounts = async (remotes: readonly string[], store: StoreReader): Promise<Map<string, number>> =>
  remotes.length === 0
    ? new Map()
    : new Map(
        (await store.top(and(CONNECTIONS, isAny('source.ip', remotes)), 'source.ip', remotes.length)).map((t) => [
          t.value,
          t.count,
        ]),
      );

export const fromArrivals = async (names: readonly string[], store: StoreReader, sources: Sources): Promise<Pair[]> => {
  const found = [];
  for (const batch of packed(await sourcesWith([...names].sort(), store, sources), (s) => s.records, MOST_RECORDS))
    found.push(
      ...(await arrivalsAt(
        batch.map(({ source }) => source),
        store,
        sources,
      )),
    );
  const counts = await connectionCounts(remotesOf(found.flatMap(({ arrivals }) => arrivals)), store);
  const connections = ({ arrivals }: { arrivals: readonly Arrival[] }): number =>
    remotesOf(arrivals).reduce((sum, remote) => sum + (counts.get(remote) ?? 0), 0);
  const pairs: Pair[] = [];
  for (const batch of packed(
    found.filter((f) => connections(f) > 0),
    connections,
    MOST_FLOWS,
  )) {
    const seen = await connectionsOf(remotesOf(batch.flatMap(({ arrivals }) => arrivals)), store, sources);
    for (const { source, arrivals } of batch)
      pairs.push(...arrivals.flatMap((a) => paired(source, a.id, a.time, seen.get(a.remote) ?? [])));
  }
  return pairs;
};
