import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { fromLeases, sharedZone } from './clocks-leases.ts';
import type { Movement } from './movements.ts';
import { acts, collect, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';
import type { Sources } from './sources.ts';

/** How a source's clock stands to the others, from occurrences that two sources saw. Positive: it runs ahead. */
export interface Offset {
  readonly source: string;
  /** µs to take off the source's times. */
  readonly offset: number;
  /** ± µs. */
  readonly error: number;
  /** Occurrences seen by both. */
  readonly pairs: number;
  readonly events: readonly string[];
  readonly because: string;
}

export interface Clocks {
  offsetOf(stream: string): number;
  /** How far a time of this source may be off, µs, after correction. */
  slackOf(stream: string): number;
  /** How far an assumed zone that no comparison supports may be off besides, µs: an hour or two where logs are gathered. */
  doubtOf(stream: string): number;
  readonly offsets: readonly Offset[];
  /** The largest correction: store queries by raw time are widened by it. */
  readonly widest: number;
}

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly sample: string;
  /** Time in a less time in b. */
  readonly delta: number;
}

export interface Difference {
  readonly a: string;
  readonly b: string;
  readonly delta: number;
  readonly error: number;
  readonly pairs: number;
  readonly events: readonly string[];
}

/** Wrong zones reach 14 h; the search for the other side's record goes as far. */
const REACH = 14 * HOUR;
/** Deltas that agree lie in a window of this width. */
const WINDOW = 90 * SECOND;
/** Less is the lag between a connection and its record, not a wrong clock. */
const NEGLIGIBLE = 60 * SECOND;
/** Fewer occurrences prove nothing. */
const FEWEST = 3;
const TIMES_CHANCE = 3;
const SAMPLES = 80;
/** Uncertainty of any time that no comparison supports. */
const UNCHECKED = 2 * SECOND;
/** Winter and summer time of the countries whose logs leave the zone out most often stand this far from UTC. */
const ZONE_DOUBT = 2 * HOUR;

/** When the connection opened: a record written at its end says how long it took (ECS: ns). */
export const openedAt = (event: StoredEvent): number | undefined => {
  const start = numberOf(event.fields, 'event.start');
  if (start !== undefined) return start;
  const time = timeOf(event);
  const duration = numberOf(event.fields, 'event.duration');
  const ended = textOf(event.fields, 'einfallstor.act') !== 'flow-start';
  return time === undefined || duration === undefined || !ended ? time : time - Math.round(duration / 1000);
};

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
const fromSessions = async (store: StoreReader, sessions: readonly VpnSession[], sources: Sources): Promise<Pair[]> => {
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
const fromMovements = (movements: readonly Movement[], sources: Sources): Pair[] => {
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

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
};

/** The delta that most different occurrences agree on; undefined when too few do, or another says as much. */
const agreed = (pairs: readonly Pair[]): Difference | undefined => {
  const sorted = [...pairs].sort((x, y) => x.delta - y.delta);
  const samples = new Set(pairs.map((p) => p.sample)).size;
  let best: readonly Pair[] = [];
  let bestCount = 0;
  let from = 0;
  for (let to = 0; to < sorted.length; to += 1) {
    while ((sorted[to] as Pair).delta - (sorted[from] as Pair).delta > WINDOW) from += 1;
    const group = sorted.slice(from, to + 1);
    const count = new Set(group.map((p) => p.sample)).size;
    // among equals, the smaller correction
    if (
      count > bestCount ||
      (count === bestCount && Math.abs(median(group.map((p) => p.delta))) < Math.abs(median(best.map((p) => p.delta))))
    ) {
      [best, bestCount] = [group, count];
    }
  }
  // where a source connects all the time, any shift finds a partner: the right one must stand out of chance
  const perWindow = pairs.length / ((2 * REACH) / WINDOW);
  const byChance = samples * (1 - Math.exp(-perWindow / Math.max(1, samples)));
  if (bestCount < FEWEST || bestCount < samples * 0.4 || bestCount < FEWEST + TIMES_CHANCE * byChance) return undefined;
  const first = best[0] as Pair;
  const delta = median(best.map((p) => p.delta));
  const error = Math.max(UNCHECKED, Math.round(1.5 * median(best.map((p) => Math.abs(p.delta - delta)))));
  return {
    a: first.a,
    b: first.b,
    delta,
    error,
    pairs: bestCount,
    events: [...new Set(best.map((p) => p.sample))].slice(0, 20),
  };
};

const differences = (pairs: readonly Pair[]): Difference[] => {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const key = `${pair.a}\n${pair.b}`;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [pair]);
    else list.push(pair);
  }
  return [...groups.entries()].sort(([x], [y]) => (x < y ? -1 : 1)).flatMap(([, list]) => agreed(list) ?? []);
};

interface Reached {
  readonly offset: number;
  readonly error: number;
  readonly via: Difference | undefined;
}

/** Offsets of everything reachable from one source that is taken as right. */
const seenFrom = (reference: string, all: readonly Difference[]): Map<string, Reached> => {
  const reached = new Map<string, Reached>([[reference, { offset: 0, error: UNCHECKED, via: undefined }]]);
  const queue = [reference];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const here = reached.get(at) as Reached;
    for (const d of all) {
      const other = d.a === at ? d.b : d.b === at ? d.a : undefined;
      if (other === undefined || reached.has(other)) continue;
      reached.set(other, {
        offset: here.offset + (d.a === other ? d.delta : -d.delta),
        error: here.error + d.error,
        via: d,
      });
      queue.push(other);
    }
  }
  return reached;
};

const spoken = (offset: number, pairs: number): string => {
  const hours = Math.round((offset / HOUR) * 2) / 2;
  const rest = Math.round((offset - hours * HOUR) / SECOND);
  const zone = hours !== 0 && Math.abs(rest) < 20 * 60;
  const minutes = `${(Math.abs(offset) / MINUTE).toFixed(1)} min ${offset > 0 ? 'ahead' : 'behind'}`;
  const cause = zone
    ? `: a zone error of ${Math.abs(hours)} h${Math.abs(rest) > 60 ? ` and a clock ${Math.abs(rest / 60).toFixed(1)} min ${rest > 0 ? 'fast' : 'slow'}` : ''}`
    : '';
  return `its clock stands ${minutes} of the others, from ${pairs} occurrences that both sides recorded${cause}`;
};

const clocksOf = (all: readonly Difference[], sources: Sources): Clocks => {
  const offsets = new Map<string, Offset>();
  const streams = [...new Set(all.flatMap((d) => [d.a, d.b]))].sort();
  for (const stream of streams) {
    if (offsets.has(stream)) continue;
    const members = [...seenFrom(stream, all).keys()].sort();
    // a source that states its zone is taken as right, of several the one the others agree with best
    const total = (r: string): number =>
      [...seenFrom(r, all).values()].reduce((n, x) => n + (Math.abs(x.offset) < NEGLIGIBLE ? 0 : 1), 0);
    const isFlows = (r: string): number => all.filter((d) => d.b === r).length;
    const reference = [...members].sort(
      (x, y) =>
        Number(sources.zoneless.has(x)) - Number(sources.zoneless.has(y)) ||
        total(x) - total(y) ||
        isFlows(y) - isFlows(x) ||
        (x < y ? -1 : 1),
    )[0] as string;
    for (const [member, { offset, error, via }] of seenFrom(reference, all)) {
      const small = Math.abs(offset) < NEGLIGIBLE;
      const pairs = via?.pairs ?? 0;
      offsets.set(member, {
        source: member,
        offset: small ? 0 : offset,
        error: small ? Math.max(UNCHECKED, Math.min(NEGLIGIBLE, Math.abs(offset) + error)) : error,
        pairs,
        events: via?.events ?? [],
        because: small ? 'agrees with the others' : spoken(offset, pairs),
      });
    }
  }
  const list = [...offsets.values()].sort((x, y) => (x.source < y.source ? -1 : 1));
  return {
    offsetOf: (stream) => offsets.get(sources.of(stream))?.offset ?? 0,
    slackOf: (stream) => offsets.get(sources.of(stream))?.error ?? UNCHECKED,
    doubtOf: (stream) =>
      sources.zoneless.has(sources.of(stream)) && !offsets.has(sources.of(stream)) ? ZONE_DOUBT : 0,
    offsets: list,
    widest: Math.max(0, ...list.map((o) => Math.abs(o.offset))),
  };
};

/** Estimates how the clocks of the sources stand to each other. */
export const estimateClocks = async (
  store: StoreReader,
  sessions: readonly VpnSession[],
  movements: readonly Movement[],
  sources: Sources,
): Promise<Clocks> => {
  const pairs = [...(await fromSessions(store, sessions, sources)), ...fromMovements(movements, sources)];
  const seen = differences(pairs);
  // what connections tell is exact; stays tell only where connections do not
  const known = new Set(seen.map((d) => [d.a, d.b].sort().join('\n')));
  const lent = fromLeases(sessions, movements, sources).filter((d) => !known.has([d.a, d.b].sort().join('\n')));
  const shared = sharedZone([...seen, ...lent], sessions, movements, sources);
  return clocksOf([...seen, ...lent, ...shared], sources);
};
