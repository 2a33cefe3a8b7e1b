import { asIs, type Said, say } from '../core/said.ts';
import { DAY, HOUR, hourOf, isoOf } from '../core/time.ts';
import type { LogClass } from '../ecs/acts.ts';
import { ACTS } from '../ecs/acts.ts';
import type { Query } from '../query/ast.ts';
import { and, isAny, not } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { causesOf, type FileSpan, outages, type Silent, statingStreams } from './gap-causes.ts';
import { acts, collect, exists, inner } from './read.ts';
import type { Coverage } from './result.ts';
import type { Sources } from './sources.ts';

/** One device and class of log over time, in µs; `Coverage` is its printed form. */
export interface Covered {
  readonly source: string;
  readonly class: Coverage['class'];
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly because: Said }[];
  /** Whether it recorded any connection that passed from inside to outside, with bytes: else it shows no path out. */
  readonly outward: boolean;
  /** Whether it recorded any that passed, with bytes or without. */
  readonly passing: boolean;
}

const CLASSES: readonly Coverage['class'][] = ['firewall', 'vpn', 'mail', 'auth', 'web', 'network'];
/** Silence is a gap when this many events were to be expected in it: by chance it would be one in e^14. */
export const EXPECTED = 14;
/** Shorter silence is a rotation. */
const SHORTEST = HOUR / 2;
const MOST_BUCKETS = 6_000;
/** Silence no longer than this many times the source's own usual longest pause is its rhythm. */
const BEYOND_USUAL = 3;
/**
 * Records come in bursts, so that chance makes longer silences than their number lets expect: a gap swallows so many times
 * the records that the source's longest ordinary silence at comparable hours does.
 */
const BEYOND_QUIET = 3;
/** What may be outages is not measured against itself: a tenth of all silences at most, and no more than this many. */
const MOST_OUTAGES = 5;

const isCovered = (name: LogClass): name is Coverage['class'] => name !== 'system';

interface Source {
  from: number | undefined;
  to: number | undefined;
  readonly streams: string[];
  /** Its files, in its own times. */
  readonly files: FileSpan[];
  readonly classes: Map<Coverage['class'], number>;
}

const classesOf = async (store: StoreReader, sources: Sources): Promise<Map<string, Source>> => {
  const out = new Map<string, Source>();
  for (const summary of await store.streams()) {
    const name = sources.of(summary.stream);
    const source: Source = out.get(name) ?? {
      from: undefined,
      to: undefined,
      streams: [],
      files: [],
      classes: new Map(),
    };
    source.streams.push(summary.stream);
    if (summary.first !== undefined && summary.last !== undefined)
      source.files.push({ stream: summary.stream, from: summary.first, to: summary.last });
    source.from = Math.min(source.from ?? Number.POSITIVE_INFINITY, summary.first ?? Number.POSITIVE_INFINITY);
    source.to = Math.max(source.to ?? Number.NEGATIVE_INFINITY, summary.last ?? Number.NEGATIVE_INFINITY);
    for (const [key, count] of Object.entries(summary.classes) as [LogClass, number][]) {
      if (isCovered(key) && count > 0) source.classes.set(key, (source.classes.get(key) ?? 0) + count);
    }
    out.set(name, source);
  }
  return out;
};

const actsOf = (name: LogClass): string[] =>
  Object.entries(ACTS).flatMap(([act, kind]) => (kind === name ? [act] : []));

/** Usual count per bucket by hour of the day, weekends apart: the median of all days, as one burst is no rhythm. */
const rhythm = (buckets: readonly { start: number; count: number }[]): ((start: number) => number) => {
  const counts = new Map<number, number[]>();
  const slot = (start: number): number => {
    // 1 January 1970 was a Thursday
    const weekend = [5, 6].includes((Math.floor(start / DAY) + 3) % 7);
    return hourOf(start) + (weekend ? 24 : 0);
  };
  for (const { start, count } of buckets) {
    const list = counts.get(slot(start));
    if (list === undefined) counts.set(slot(start), [count]);
    else list.push(count);
  }
  const medians = new Map(
    [...counts].map(([key, list]) => [key, list.sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)] ?? 0]),
  );
  return (start) => medians.get(slot(start)) ?? 0;
};

interface Silence {
  readonly from: number;
  readonly to: number;
  readonly expected: number;
}

const silences = (buckets: readonly { start: number; count: number }[], width: number): Silence[] => {
  const usual = rhythm(buckets);
  const out: Silence[] = [];
  let from: number | undefined;
  let expected = 0;
  for (const { start, count } of buckets) {
    if (count > 0) {
      if (from !== undefined) out.push({ from, to: start, expected });
      from = undefined;
      expected = 0;
    } else {
      from ??= start;
      expected += usual(start);
    }
  }
  if (from !== undefined) out.push({ from, to: (buckets[buckets.length - 1]?.start ?? from) + width, expected });
  return out;
};

/** Records that the longest ordinary silence swallows; hours at which nothing is usual swallow none. */
const usualQuiet = (all: readonly Silence[]): number => {
  const swallowed = all
    .map((s) => s.expected)
    .filter((expected) => expected > 0)
    .sort((a, b) => b - a);
  return swallowed[Math.min(MOST_OUTAGES, Math.ceil(swallowed.length / 10))] ?? 0;
};

/** Silences that the source's own rhythm does not explain. */
export const gapsIn = (buckets: readonly { start: number; count: number }[], width: number): Silence[] => {
  const all = silences(buckets, width);
  const lengths = all.map((s) => s.to - s.from).sort((a, b) => a - b);
  // the longest usual pause: nine of ten are no longer
  const pause = lengths.length < 5 ? 0 : (lengths[Math.floor(lengths.length * 0.9)] ?? 0);
  const swallowed = Math.max(EXPECTED, usualQuiet(all) * BEYOND_QUIET);
  return all.filter((s) => s.to - s.from >= Math.max(SHORTEST, pause * BEYOND_USUAL) && s.expected >= swallowed);
};

const lengthOf = (micros: number): Said => {
  if (micros < 2 * DAY) return asIs(`${(micros / HOUR).toFixed(1)} h`);
  const days = (micros / DAY).toFixed(1);
  return say(`${days} days`, `${days} Tage`);
};

const silence = (micros: number, expected: number): Said => {
  const length = lengthOf(micros);
  return say(
    `silent for ${length.en}, in which its own rhythm lets ${Math.round(expected)} records be expected`,
    `${length.de} stumm, in denen nach dem eigenen Takt ${Math.round(expected)} Einträge zu erwarten wären`,
  );
};

const outage = (micros: number): Said => {
  const length = lengthOf(micros);
  return say(`silent for ${length.en}`, `${length.de} stumm`);
};

const joined = (parts: readonly Said[]): Said =>
  say(parts.map(({ en }) => en).join('; '), parts.map(({ de }) => de).join('; '));

const OUTWARD = and(acts('flow', 'flow-start'), inner('source.ip'), not(inner('destination.ip')));
/** A host's packet filter that tells of refused packets only, or of its own, counts nothing of what leaves the house. */
const COUNTED_OUTWARD = and(acts('flow'), exists('network.bytes'), inner('source.ip'), not(inner('destination.ip')));

const hasAny = async (store: StoreReader, streams: readonly string[], query: Query): Promise<boolean> =>
  (await collect(store, and(isAny('einfallstor.stream', streams), query), { limit: 1, fields: [] })).length > 0;

const coveredBy = async (
  store: StoreReader,
  name: string,
  source: Source,
  kind: Coverage['class'],
  full: readonly Silent[],
  clocks: Clocks,
): Promise<Covered | undefined> => {
  const { from, to } = source;
  if (from === undefined || to === undefined || from > to || !Number.isFinite(from)) return undefined;
  const events = source.classes.get(kind) ?? 0;
  const shift = clocks.offsetOf(source.streams[0] ?? '');
  const width = Math.max(HOUR / 4, Math.ceil((to - from + 1) / MOST_BUCKETS));
  const count = Math.max(1, Math.ceil((to - from + 1) / width));
  const query = and(isAny('einfallstor.stream', source.streams), isAny('einfallstor.act', actsOf(kind)));
  // where an hour's median is above zero, fewer of its buckets are silent than not: all silences together let fewer
  // records be expected than there are
  const buckets =
    events <= EXPECTED ? [] : await store.histogram(query, { from, to: from + count * width, buckets: count });
  const silent = gapsIn(buckets, width).map((g) => ({ ...g, because: silence(g.to - g.from, g.expected) }));
  const stated = full
    .filter((o) => !silent.some((g) => o.from < g.to && g.from < o.to))
    .map((o) => ({ ...o, because: outage(o.to - o.from) }));
  const gaps: Covered['gaps'][number][] = [];
  for (const g of [...silent, ...stated].sort((x, y) => x.from - y.from)) {
    const causes = await causesOf(store, source.files, g, width);
    gaps.push({ from: g.from - shift, to: g.to - shift, because: joined([g.because, ...causes]) });
  }
  const outward = kind === 'firewall' && (await hasAny(store, source.streams, COUNTED_OUTWARD));
  const passing = outward || (kind === 'firewall' && (await hasAny(store, source.streams, OUTWARD)));
  return { source: name, class: kind, from: from - shift, to: to - shift, events, gaps, outward, passing };
};

/** What each device's log would have shown, and when it was silent against its own rhythm. */
export const coverageOf = async (store: StoreReader, sources: Sources, clocks: Clocks): Promise<Covered[]> => {
  const out: Covered[] = [];
  const all = [...(await classesOf(store, sources))].sort(([a], [b]) => (a < b ? -1 : 1));
  const stating = await statingStreams(
    store,
    all.reduce((sum, [, { streams }]) => sum + streams.length, 0),
  );
  for (const [name, source] of all) {
    const full = source.streams.some((stream) => stating.has(stream)) ? await outages(store, source.streams) : [];
    for (const kind of CLASSES) {
      if (!source.classes.has(kind)) continue;
      const covered = await coveredBy(store, name, source, kind, full, clocks);
      if (covered !== undefined) out.push(covered);
    }
  }
  return out;
};

export const printed = (covered: Covered): Coverage => ({
  source: covered.source,
  class: covered.class,
  from: isoOf(covered.from),
  to: isoOf(covered.to),
  gaps: covered.gaps.map((g) => ({ from: isoOf(g.from), to: isoOf(g.to), because: g.because })),
});

/** Gaps of the given classes that fall into a window, cut to it. */
export const gapsWithin = (
  all: readonly Covered[],
  classes: readonly Coverage['class'][],
  from: number,
  to: number,
): { source: string; class: Coverage['class']; from: number; to: number }[] =>
  all
    .filter((c) => classes.includes(c.class))
    .flatMap((c) =>
      c.gaps.map((g) => ({ source: c.source, class: c.class, from: Math.max(g.from, from), to: Math.min(g.to, to) })),
    )
    .filter((g) => g.to > g.from);
