import { HOUR } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Movement } from './movements.ts';
import { openedAt } from './opened.ts';
import { acts, collect, exists, isPublic, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';
import type { Sources } from './sources.ts';

/** Occurrences that two sources recorded, gathered for the comparison of their clocks. */

/** One occurrence that two sources recorded. */
export interface Pair {
  readonly a: string;
  readonly b: string;
  readonly sample: string;
  /** Time in a less time in b. */
  readonly delta: number;
}

/** Wrong zones reach 14 h; the search for the other side's record goes as far. */
export const REACH = 14 * HOUR;
/** Fewer logons of persons prove nothing. */
const FEWEST = 3;
const SAMPLES = 80;

const spread = <T>(items: readonly T[], most: number): T[] => {
  const step = Math.max(1, items.length / most);
  return Array.from({ length: Math.min(most, items.length) }, (_, i) => items[Math.floor(i * step)] as T);
};

const FLOW_FIELDS = ['einfallstor.stream', 'einfallstor.act', 'event.duration', 'event.start', 'source.ip'];
const MOST_FLOWS = 40_000;

/** An occurrence and the records that another source may have made of it: same source address, any time within reach. */
const paired = (a: string, sample: string, time: number, others: readonly { source: string; time: number }[]): Pair[] =>
  others
    .filter((o) => o.source !== a && Math.abs(o.time - time) <= REACH)
    .map((o) => ({ a, b: o.source, sample, delta: time - o.time }));

/** Logins at the gateway against connections of the same foreign address. */
export const fromSessions = async (
  store: StoreReader,
  sessions: readonly VpnSession[],
  sources: Sources,
): Promise<Pair[]> => {
  const sampled = spread(
    sessions.filter((s) => s.remote !== undefined),
    SAMPLES,
  );
  if (sampled.length === 0) return [];
  const remotes = [...new Set(sampled.map((s) => s.remote as string))];
  const seen = new Map<string, { source: string; time: number }[]>();
  for (const flow of await collect(store, and(acts('flow', 'flow-start'), isAny('source.ip', remotes)), {
    limit: MOST_FLOWS,
    fields: FLOW_FIELDS,
  })) {
    const time = openedAt(flow);
    const remote = textOf(flow.fields, 'source.ip') ?? '';
    if (time === undefined) continue;
    const list = seen.get(remote) ?? [];
    list.push({ source: sources.of(textOf(flow.fields, 'einfallstor.stream') ?? ''), time });
    seen.set(remote, list);
  }
  return sampled.flatMap((s) =>
    paired(sources.of(s.stream), s.events[0] ?? s.key, s.begin, seen.get(s.remote as string) ?? []),
  );
};

/** Logons at hosts against the connections that carried them. */
export const fromMovements = (movements: readonly Movement[], sources: Sources): Pair[] => {
  const carried = new Map<string, { source: string; time: number }[]>();
  for (const m of movements) {
    if (m.kind !== 'connection') continue;
    const list = carried.get(m.source) ?? [];
    list.push({ source: sources.of(m.stream), time: m.time });
    carried.set(m.source, list);
  }
  const logons = movements
    .filter((m) => m.kind === 'logon' && carried.has(m.source))
    .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  // what a person does stands out of the traffic of services
  const clear = logons.filter((m) => m.interactive);
  return spread(clear.length >= FEWEST ? clear : logons, 2 * SAMPLES).flatMap((m) =>
    paired(sources.of(m.stream), m.id, m.time, carried.get(m.source) ?? []),
  );
};

/**
 * A third witness for clocks: what a server wrote of a foreign address (a login, a mail connection, a request) and what
 * the firewall wrote of the connection that carried it. Asked of sources whose zone was assumed.
 */

const ARRIVALS = acts('login', 'admin-login', 'vpn-login', 'mail-connection', 'mail-received', 'http-request');
const MOST_RECORDS = 20_000;

interface Arrival {
  readonly id: string;
  readonly remote: string;
  readonly time: number;
}

/** Records of addresses that come seldom: who comes all day fits any shift. */
const arrivalsAt = async (source: string, store: StoreReader, sources: Sources): Promise<Arrival[]> => {
  const streams = sources.streams.get(source) ?? [];
  const query = and(ARRIVALS, exists('source.ip'), isAny('einfallstor.stream', streams));
  const byRemote = new Map<string, Arrival[]>();
  for (const event of await collect(store, query, { order: 'time', limit: MOST_RECORDS, fields: ['source.ip'] })) {
    const remote = textOf(event.fields, 'source.ip');
    const time = timeOf(event);
    if (remote === undefined || time === undefined || !isPublic(remote)) continue;
    byRemote.set(remote, [...(byRemote.get(remote) ?? []).slice(0, 3), { id: event.id, remote, time }]);
  }
  const seldom = [...byRemote.values()].sort((a, b) => a.length - b.length).slice(0, 2 * SAMPLES);
  return spread(
    seldom.map((list) => list[0] as Arrival).sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1)),
    SAMPLES,
  );
};

export const fromArrivals = async (store: StoreReader, sources: Sources): Promise<Pair[]> => {
  const pairs: Pair[] = [];
  for (const source of [...sources.zoneless].sort()) {
    const arrivals = await arrivalsAt(source, store, sources);
    if (arrivals.length === 0) continue;
    const remotes = [...new Set(arrivals.map((a) => a.remote))];
    const seen = new Map<string, { source: string; time: number }[]>();
    const query = and(acts('flow', 'flow-start'), isAny('source.ip', remotes));
    for (const flow of await collect(store, query, { limit: MOST_FLOWS, fields: FLOW_FIELDS })) {
      const time = openedAt(flow);
      const remote = textOf(flow.fields, 'source.ip') ?? '';
      if (time === undefined) continue;
      const own = { source: sources.of(textOf(flow.fields, 'einfallstor.stream') ?? ''), time };
      seen.set(remote, [...(seen.get(remote) ?? []), own]);
    }
    pairs.push(...arrivals.flatMap((a) => paired(source, a.id, a.time, seen.get(a.remote) ?? [])));
  }
  return pairs;
};
