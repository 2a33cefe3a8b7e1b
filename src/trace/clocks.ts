import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, is, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { ADMIN_PORTS, acts, collect, isInner, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';

/** How a source's clock stands to the others, from occurrences that two sources saw. Positive: it runs ahead. */
export interface Offset {
  readonly stream: string;
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

interface Difference {
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
const SAMPLES = 80;
/** Uncertainty of any time that no comparison supports. */
const UNCHECKED = 2 * SECOND;

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

const FLOW_FIELDS = ['einfallstor.stream', 'einfallstor.act', 'event.duration', 'event.start'];

/** All pairs of one known occurrence with the connections of its source address. */
const pairsWith = async (
  store: StoreReader,
  known: { stream: string; time: number; id: string; source: string },
  ports: readonly number[],
): Promise<Pair[]> => {
  const base = and(acts('flow', 'flow-start'), is('source.ip', known.source));
  const query = ports.length === 0 ? base : and(base, isAny('destination.port', ports));
  const flows = await collect(store, query, {
    from: known.time - REACH,
    to: known.time + REACH,
    limit: 60,
    fields: FLOW_FIELDS,
  });
  const pairs: Pair[] = [];
  for (const flow of flows) {
    const b = textOf(flow.fields, 'einfallstor.stream') ?? '';
    const time = openedAt(flow);
    if (b !== known.stream && time !== undefined)
      pairs.push({ a: known.stream, b, sample: known.id, delta: known.time - time });
  }
  return pairs;
};

const fromSessions = async (store: StoreReader, sessions: readonly VpnSession[]): Promise<Pair[]> => {
  const usable = sessions.filter((s) => s.remote !== undefined);
  const pairs: Pair[] = [];
  for (const s of spread(usable, SAMPLES)) {
    pairs.push(
      ...(await pairsWith(
        store,
        { stream: s.stream, time: s.begin, id: s.events[0] ?? s.key, source: s.remote as string },
        [],
      )),
    );
  }
  return pairs;
};

const fromLogons = async (store: StoreReader): Promise<Pair[]> => {
  const query = and(acts('login'), is('event.outcome', 'success'), isAny('service.type', ['rdp', 'ssh', 'windows']));
  const remote = and(query, isAny('winlog.logon.type', ['10', '3']));
  const fields = ['source.ip', 'einfallstor.stream', 'winlog.logon.type'];
  const logons = [
    ...(await collect(store, remote, { limit: 600, fields })),
    ...(await collect(store, and(query, is('service.type', 'ssh')), { limit: 300, fields })),
  ].filter((e) => isInner(textOf(e.fields, 'source.ip')));
  const pairs: Pair[] = [];
  for (const e of spread(logons, SAMPLES)) {
    const time = timeOf(e);
    if (time === undefined) continue;
    const known = {
      stream: textOf(e.fields, 'einfallstor.stream') ?? '',
      time,
      id: e.id,
      source: textOf(e.fields, 'source.ip') as string,
    };
    pairs.push(...(await pairsWith(store, known, ADMIN_PORTS)));
  }
  return pairs;
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
  if (bestCount < FEWEST || bestCount < samples * 0.4) return undefined;
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
  return `its clock stands ${minutes} of the others, from ${pairs} connections that both sides recorded${cause}`;
};

const clocksOf = (all: readonly Difference[]): Clocks => {
  const offsets = new Map<string, Offset>();
  const streams = [...new Set(all.flatMap((d) => [d.a, d.b]))].sort();
  for (const stream of streams) {
    if (offsets.has(stream)) continue;
    const members = [...seenFrom(stream, all).keys()].sort();
    // the source the others agree with best is taken as right
    const total = (r: string): number =>
      [...seenFrom(r, all).values()].reduce((n, x) => n + (Math.abs(x.offset) < NEGLIGIBLE ? 0 : 1), 0);
    const isFlows = (r: string): number => all.filter((d) => d.b === r).length;
    const reference = [...members].sort(
      (x, y) => total(x) - total(y) || isFlows(y) - isFlows(x) || (x < y ? -1 : 1),
    )[0] as string;
    for (const [member, { offset, error, via }] of seenFrom(reference, all)) {
      const small = Math.abs(offset) < NEGLIGIBLE;
      const pairs = via?.pairs ?? 0;
      offsets.set(member, {
        stream: member,
        offset: small ? 0 : offset,
        error: small ? Math.max(UNCHECKED, Math.min(NEGLIGIBLE, Math.abs(offset) + error)) : error,
        pairs,
        events: via?.events ?? [],
        because: small ? 'agrees with the others' : spoken(offset, pairs),
      });
    }
  }
  const list = [...offsets.values()].sort((x, y) => (x.stream < y.stream ? -1 : 1));
  return {
    offsetOf: (stream) => offsets.get(stream)?.offset ?? 0,
    slackOf: (stream) => offsets.get(stream)?.error ?? UNCHECKED,
    offsets: list,
    widest: Math.max(0, ...list.map((o) => Math.abs(o.offset))),
  };
};

/** Estimates how the clocks of the sources stand to each other. */
export const estimateClocks = async (store: StoreReader, sessions: readonly VpnSession[]): Promise<Clocks> => {
  const pairs = [...(await fromSessions(store, sessions)), ...(await fromLogons(store))];
  return clocksOf(differences(pairs));
};
