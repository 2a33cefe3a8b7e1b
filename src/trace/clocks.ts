import { type Said, say } from '../core/said.ts';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import type { StoreReader } from '../store/store.ts';
import { fromArrivals } from './clocks-arrivals.ts';
import { fromLeases, sharedZone } from './clocks-leases.ts';
import { fromMovements, fromSessions, type Pair, REACH } from './clocks-pairs.ts';
import type { Movement } from './movements.ts';
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
  readonly because: Said;
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

export interface Difference {
  readonly a: string;
  readonly b: string;
  readonly delta: number;
  readonly error: number;
  readonly pairs: number;
  readonly events: readonly string[];
}

/** Deltas that agree lie in a window of this width. */
const WINDOW = 90 * SECOND;
/** Less is the lag between a connection and its record, not a wrong clock. */
const NEGLIGIBLE = 60 * SECOND;
/** Fewer occurrences prove nothing. */
const FEWEST = 3;
const TIMES_CHANCE = 3;
/** Uncertainty of any time that no comparison supports. */
const UNCHECKED = 2 * SECOND;
/** Winter and summer time of the countries whose logs leave the zone out most often stand this far from UTC. */
const ZONE_DOUBT = 2 * HOUR;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
};

const samplesOf = (pairs: readonly Pair[]): number => new Set(pairs.map((p) => p.sample)).size;

/**
 * Pairs that can be true together: an address is one machine's. Who goes from machine to machine in a steady rhythm leaves logons
 * at several of them at one distance from connections to another.
 */
const together = (pairs: readonly Pair[]): readonly Pair[] => {
  const byAddress = new Map<string, Map<string, Set<string>>>();
  for (const { host, address, sample } of pairs) {
    if (host === undefined || address === undefined) continue;
    const hosts = byAddress.get(address) ?? new Map<string, Set<string>>();
    hosts.set(host, (hosts.get(host) ?? new Set<string>()).add(sample));
    byAddress.set(address, hosts);
  }
  const machines = new Map(
    [...byAddress].map(([address, hosts]) => [
      address,
      [...hosts].sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1))[0]?.[0],
    ]),
  );
  return pairs.filter(({ host, address }) => address === undefined || machines.get(address) === host);
};

/** The delta that most different occurrences agree on; undefined when too few do, or another says as much. */
const agreed = (pairs: readonly Pair[]): Difference | undefined => {
  const sorted = [...pairs].sort((x, y) => x.delta - y.delta);
  const samples = samplesOf(pairs);
  let best: readonly Pair[] = [];
  let bestCount = 0;
  let from = 0;
  for (let to = 0; to < sorted.length; to += 1) {
    while ((sorted[to] as Pair).delta - (sorted[from] as Pair).delta > WINDOW) from += 1;
    const near = sorted.slice(from, to + 1);
    if (samplesOf(near) < bestCount) continue;
    const group = together(near);
    const count = samplesOf(group);
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

/** An offset as whole half hours of a zone, where it looks like one, and what a wrong clock adds. µs. */
export const partsOf = (offset: number): { readonly zone: number; readonly rest: number } => {
  const zone = Math.round(offset / (HOUR / 2)) * (HOUR / 2);
  return zone !== 0 && Math.abs(offset - zone) < 20 * MINUTE
    ? { zone, rest: offset - zone }
    : { zone: 0, rest: offset };
};

const spoken = (offset: number, pairs: number): Said => {
  const { zone, rest } = partsOf(offset);
  const away = (Math.abs(offset) / MINUTE).toFixed(1);
  const hours = Math.abs(zone / HOUR);
  const minutes = Math.abs(rest / MINUTE).toFixed(1);
  const wrong = Math.abs(rest) > MINUTE;
  const [en, de] =
    zone === 0
      ? ['', '']
      : [
          `: a zone error of ${hours} h${wrong ? ` and a clock ${minutes} min ${rest > 0 ? 'fast' : 'slow'}` : ''}`,
          `: die Zone um ${hours} h falsch${wrong ? `, die Uhr geht ${minutes} min ${rest > 0 ? 'vor' : 'nach'}` : ''}`,
        ];
  // nothing of its own was compared: it states no zone, as others do that were found to be in this one
  const [from, nach] =
    pairs === 0
      ? [
          'taken from other sources that state no zone either',
          'übernommen von anderen Quellen, die auch keine Zone nennen',
        ]
      : [
          `from ${pairs} occurrences that both sides recorded`,
          `nach ${pairs} Vorgängen, die beide Seiten aufgezeichnet haben`,
        ];
  return say(
    `its clock stands ${away} min ${offset > 0 ? 'ahead' : 'behind'} of the others, ${from}${en}`,
    `ihre Uhr geht den anderen ${away} min ${offset > 0 ? 'vor' : 'nach'}, ${nach}${de}`,
  );
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
        because: small ? say('agrees with the others', 'stimmt mit den anderen überein') : spoken(offset, pairs),
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
  const carried = [...(await fromSessions(store, sessions, sources)), ...fromMovements(movements, sources)];
  const direct = differences(carried);
  const compared = new Set(direct.flatMap((d) => [d.a, d.b]));
  const unseen = [...sources.zoneless].filter((source) => !compared.has(source));
  const seen = [...direct, ...differences(await fromArrivals(unseen, store, sources))];
  // what connections tell is exact; stays tell only where connections do not
  const known = new Set(seen.map((d) => [d.a, d.b].sort().join('\n')));
  const lent = fromLeases(sessions, movements, sources).filter((d) => !known.has([d.a, d.b].sort().join('\n')));
  const shared = sharedZone([...seen, ...lent], sessions, movements, sources);
  return clocksOf([...seen, ...lent, ...shared], sources);
};
