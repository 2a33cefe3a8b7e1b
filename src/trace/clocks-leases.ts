import { HOUR, MINUTE } from '../core/time.ts';
import type { Difference } from './clocks.ts';
import type { Movement } from './movements.ts';
import type { VpnSession } from './sessions.ts';
import type { Sources } from './sources.ts';

/**
 * A second witness for clocks: an account that logs on from an address which a gateway lent to that same account must do
 * so during its stay. The shift under which most logons fall into a stay of their own account is the difference.
 */

const REACH = 14 * HOUR;
/** Fewer logons that only fit after a shift prove nothing. */
const FEWEST = 4;
/** A shift must place so much more than none does. */
const GAIN = 1.15;
const MOST = 4_000;

interface Edge {
  readonly at: number;
  readonly step: 1 | -1;
}

/** For one logon, the shifts under which it falls into a stay: each counts once, however many stays overlap. */
const fits = (m: Movement, stays: readonly VpnSession[]): Edge[] => {
  const spans = stays
    .map((s) => ({ from: s.begin - m.time, to: s.end - m.time }))
    .filter((s) => s.to >= -REACH && s.from <= REACH)
    .sort((a, b) => a.from - b.from);
  const edges: Edge[] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans) {
    if (to <= until) continue;
    edges.push({ at: Math.max(from, until), step: 1 }, { at: to, step: -1 });
    until = to;
  }
  return edges;
};

interface Plateau {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Stretches of shifts with the number of logons they place. */
const swept = (edges: readonly Edge[]): Plateau[] => {
  const sorted = [...edges].sort((a, b) => a.at - b.at || b.step - a.step);
  const out: Plateau[] = [];
  let count = 0;
  for (const [i, edge] of sorted.entries()) {
    count += edge.step;
    const to = sorted[i + 1]?.at;
    if (to !== undefined && to > edge.at) out.push({ from: edge.at, to, count });
  }
  return out;
};

/** The shift in a plateau nearest to what clocks do wrong: nothing, a whole zone, else its middle. */
const chosen = ({ from, to }: Plateau): number => {
  if (from <= 0 && to >= 0) return 0;
  const half = HOUR / 2;
  const zone = Math.ceil(from / half) * half;
  return zone <= to ? zone : Math.round((from + to) / 2);
};

/** A logon must be its account's own stay's; a connection states no account, and must only be somebody's. */
const keyOf = (m: Movement): string => (m.kind === 'logon' ? `${m.source}\n${m.account}` : m.source);

const difference = (
  gateway: string,
  other: string,
  movements: readonly Movement[],
  stays: ReadonlyMap<string, readonly VpnSession[]>,
): Difference | undefined => {
  const plateaus = swept(movements.flatMap((m) => fits(m, stays.get(keyOf(m)) ?? [])));
  const most = Math.max(0, ...plateaus.map((p) => p.count));
  const now = plateaus.find((p) => p.from <= 0 && p.to >= 0)?.count ?? 0;
  if (most < FEWEST || most < now * GAIN || most - now < FEWEST) return undefined;
  // neighbours of the peak are as good: a logon or two may belong to a stay whose end nobody wrote
  const good = plateaus.filter((p) => p.count >= most * 0.98);
  const best = good
    .map((p) => ({ p, shift: chosen(p) }))
    .sort((a, b) => b.p.count - a.p.count || Math.abs(a.shift) - Math.abs(b.shift))[0];
  if (best === undefined || Math.abs(best.shift) < 5 * MINUTE) return undefined;
  const sample = movements.filter((m) =>
    (stays.get(keyOf(m)) ?? []).some((s) => m.time + best.shift >= s.begin && m.time + best.shift <= s.end),
  );
  return {
    a: gateway,
    b: other,
    delta: best.shift,
    error: Math.max(MINUTE, Math.round((best.p.to - best.p.from) / 2)),
    pairs: most,
    events: sample.slice(0, 20).map((m) => m.id),
  };
};

/** How many movements fall into a stay under a shift. */
const placed = (
  movements: readonly Movement[],
  stays: ReadonlyMap<string, readonly VpnSession[]>,
  shift: number,
): number =>
  movements.filter((m) => (stays.get(keyOf(m)) ?? []).some((s) => m.time + shift >= s.begin && m.time + shift <= s.end))
    .length;

/**
 * Two sources that state no zone most likely stand in the same one: where one was shown to differ by whole half hours
 * from a source that states its zone, the other is taken along, unless the stays speak against it.
 */
export const sharedZone = (
  known: readonly Difference[],
  sessions: readonly VpnSession[],
  movements: readonly Movement[],
  sources: Sources,
): Difference[] => {
  const half = HOUR / 2;
  const shown = known.flatMap((d) => {
    const zone = Math.round(d.delta / half) * half;
    return zone !== 0 &&
      sources.zoneless.has(d.a) &&
      !sources.zoneless.has(d.b) &&
      Math.abs(d.delta - zone) <= 15 * MINUTE
      ? [{ d, zone }]
      : [];
  });
  const first = shown[0];
  if (first === undefined) return [];
  const compared = new Set(known.flatMap((d) => [d.a, d.b]));
  const stays = new Map<string, VpnSession[]>();
  for (const s of sessions) for (const { ip } of s.addresses) stays.set(ip, [...(stays.get(ip) ?? []), s]);
  return [...sources.zoneless]
    .sort()
    .filter((s) => !compared.has(s))
    .flatMap((source): Difference[] => {
      const own = movements
        .filter((m) => m.kind !== 'logon' && sources.of(m.stream) === source && stays.has(m.source))
        .slice(0, MOST);
      // the stays' gateway stands in the same zone: under the common zone nothing is to be shifted between the two
      const [together, apart] = [placed(own, stays, 0), placed(own, stays, first.zone)];
      if (apart > together * GAIN) return [];
      return [
        {
          a: source,
          b: first.d.b,
          delta: first.zone,
          error: Math.max(first.d.error, 5 * MINUTE),
          pairs: together,
          events: own.slice(0, 20).map((m) => m.id),
        },
      ];
    });
};

export const fromLeases = (
  sessions: readonly VpnSession[],
  movements: readonly Movement[],
  sources: Sources,
): Difference[] => {
  const stays = new Map<string, Map<string, VpnSession[]>>();
  for (const s of sessions) {
    const gateway = sources.of(s.stream);
    const own = stays.get(gateway) ?? new Map<string, VpnSession[]>();
    for (const { ip } of s.addresses)
      for (const key of [`${ip}\n${s.account}`, ip]) {
        const list = own.get(key) ?? [];
        list.push(s);
        own.set(key, list);
      }
    stays.set(gateway, own);
  }
  const out: Difference[] = [];
  for (const [gateway, own] of [...stays].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bySource = new Map<string, Movement[]>();
    for (const m of movements) {
      const source = sources.of(m.stream);
      if (source === gateway || !own.has(keyOf(m))) continue;
      const list = bySource.get(source) ?? [];
      if (list.length < MOST) list.push(m);
      bySource.set(source, list);
    }
    for (const [source, list] of [...bySource].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const found = difference(gateway, source, list, own);
      if (found !== undefined) out.push(found);
    }
  }
  return out;
};
