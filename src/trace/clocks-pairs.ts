import { HOUR } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Movement } from './movements.ts';
import { acts, collect } from './read.ts';
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
  /** Machine that was logged on to, and the address that was connected to, where both are told. */
  readonly host?: string;
  readonly address?: string;
}

/** A connection as the source that recorded it has it. */
export interface Seen {
  readonly source: string;
  readonly time: number;
  readonly address?: string;
}

/** Wrong zones reach 14 h; the search for the other side's record goes as far. */
export const REACH = 14 * HOUR;
/** Fewer logons of persons prove nothing. */
const FEWEST = 3;
export const SAMPLES = 80;

/** At most so many of a list, evenly from all of it. */
export const spread = <T>(items: readonly T[], most: number): T[] => {
  const step = Math.max(1, items.length / most);
  return Array.from({ length: Math.min(most, items.length) }, (_, i) => items[Math.floor(i * step)] as T);
};

export const CONNECTIONS = acts('flow', 'flow-start');
const FLOW_FIELDS = ['einfallstor.stream', 'einfallstor.act', 'event.duration', 'event.start', 'source.ip'];
export const MOST_FLOWS = 40_000;

/** An occurrence and the records that another source may have made of it: same source address, any time within reach. */
export const paired = (a: string, sample: string, time: number, others: readonly Seen[], host?: string): Pair[] =>
  others
    .filter((o) => o.source !== a && Math.abs(o.time - time) <= REACH)
    .map((o) => ({
      a,
      b: o.source,
      sample,
      delta: time - o.time,
      ...(host === undefined || o.address === undefined ? {} : { host, address: o.address }),
    }));

/** Connections of foreign addresses, by address, in the order of their records. */
export const connectionsOf = async (
  remotes: readonly string[],
  store: StoreReader,
  sources: Sources,
): Promise<ReadonlyMap<string, readonly Seen[]>> => {
  const seen = new Map<string, Seen[]>();
  for (const flow of await collect(store, and(CONNECTIONS, isAny('source.ip', remotes)), {
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
  return seen;
};

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
  const seen = await connectionsOf(remotes, store, sources);
  return sampled.flatMap((s) =>
    paired(sources.of(s.stream), s.events[0] ?? s.key, s.begin, seen.get(s.remote as string) ?? []),
  );
};

/** Logons at hosts against the connections that carried them. */
export const fromMovements = (movements: readonly Movement[], sources: Sources): Pair[] => {
  const carried = new Map<string, Seen[]>();
  for (const m of movements) {
    if (m.kind !== 'connection') continue;
    const list = carried.get(m.source) ?? [];
    list.push({ source: sources.of(m.stream), time: m.time, address: m.place });
    carried.set(m.source, list);
  }
  const logons = movements
    .filter((m) => m.kind === 'logon' && carried.has(m.source))
    .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  // what a person does stands out of the traffic of services
  const clear = logons.filter((m) => m.interactive);
  return spread(clear.length >= FEWEST ? clear : logons, 2 * SAMPLES).flatMap((m) =>
    paired(sources.of(m.stream), m.id, m.time, carried.get(m.source) ?? [], m.place),
  );
};
