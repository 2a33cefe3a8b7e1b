import { networkOf } from '../core/net.ts';
import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import type { CaseContext } from '../detect/context.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import type { Query } from '../query/ast.ts';
import { and, is, not, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { isBackup } from './context.ts';
import type { Act } from './model.ts';
import { acts, atLeast, exists, isInner, isPublic } from './read.ts';
import { transferText } from './volumes.ts';

/** Bytes that one inner address sent to one foreign address, by day: itself, or through a proxy that names it. */
export interface Egress {
  readonly source: string;
  readonly destination: string;
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly largestDay: number;
  readonly events: readonly string[];
  readonly stream: string;
  /** Only the sum of both directions was counted: an upper bound, and downloads look the same. */
  readonly bothWays: boolean;
  /** Days since 1970 on which it happened. */
  readonly days: readonly number[];
  /** Bytes by these days. */
  readonly perDay: ReadonlyMap<number, number>;
  /** Bytes of its busiest day before, where it is only what went beyond that. */
  readonly habit?: number;
}

/** Smaller connections are not looked at one by one: their sum is bounded by their number. */
export const LARGE_FLOW = 1_000_000;
const MOST_PAIRS = 300_000;
/** Records remembered to know a second copy of one by its ends, time and bytes. */
const MOST_TOLD = 1_000_000;
/** A day's volume to a new network that is worth an anchor's while. */
export const NOTABLE = 200_000_000;
export const MASSIVE = 2_000_000_000;
/** A network that was sent to on so many earlier days is a habit. */
const HABIT_DAYS = 2;

const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'source.ip',
  'destination.ip',
  'source.bytes',
  'destination.bytes',
  'network.bytes',
  'http.request.bytes',
  'event.duration',
  'event.start',
];

interface Growing {
  source: string;
  destination: string;
  first: number;
  last: number;
  bytes: number;
  perDay: Map<number, number>;
  events: { id: string; bytes: number }[];
  stream: string;
  bothWays: boolean;
}

/** The largest records stand for the rest. */
const keepLargest = (events: { id: string; bytes: number }[], id: string, bytes: number): void => {
  events.push({ id, bytes });
  if (events.length <= 40) return;
  events.sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1));
  events.length = 20;
};

interface Transfer {
  readonly source: string;
  readonly destination: string;
  readonly time: number;
  readonly bytes: number;
  readonly bothWays: boolean;
  readonly stream: string;
  readonly id: string;
}

const transferOf = (event: StoredEvent, clocks: Clocks): Transfer | undefined => {
  const source = textOf(event.fields, 'source.ip');
  const destination = textOf(event.fields, 'destination.ip');
  const opened = openedAt(event);
  // some firewalls count both directions together: then the sum bounds what was sent
  const own = numberOf(event.fields, 'source.bytes') ?? numberOf(event.fields, 'http.request.bytes');
  const bytes = own ?? numberOf(event.fields, 'network.bytes');
  if (source === undefined || destination === undefined || opened === undefined || bytes === undefined)
    return undefined;
  if (!isInner(source) || !isPublic(destination)) return undefined;
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  return {
    source,
    destination,
    time: opened - clocks.offsetOf(stream),
    bytes,
    bothWays: own === undefined,
    stream,
    id: event.id,
  };
};

const begun = ({ source, destination, time, stream, bothWays }: Transfer): Growing => ({
  source,
  destination,
  first: time,
  last: time,
  bytes: 0,
  perDay: new Map(),
  events: [],
  stream,
  bothWays,
});

const grow = (pair: Growing, { time, bytes, id, bothWays }: Transfer): void => {
  pair.bothWays ||= bothWays;
  const day = Math.floor(time / DAY);
  pair.first = Math.min(pair.first, time);
  pair.last = Math.max(pair.last, time);
  pair.bytes += bytes;
  pair.perDay.set(day, (pair.perDay.get(day) ?? 0) + bytes);
  keepLargest(pair.events, id, bytes);
};

const FLOWS = and(
  acts('flow'),
  or(atLeast('source.bytes', LARGE_FLOW), and(not(exists('source.bytes')), atLeast('network.bytes', LARGE_FLOW))),
);
/** What a proxy or a web filter counted of the requests that it passed on. */
const REQUESTS = and(
  acts('http-request'),
  is('network.direction', 'outbound'),
  or(atLeast('source.bytes', LARGE_FLOW), atLeast('http.request.bytes', LARGE_FLOW)),
);

type Pairs = ReadonlyMap<string, Growing>;

/** A proxy's own connections to where its clients sent at least this share of the bytes carried what they sent. */
const CARRIED = 0.5;

/**
 * Each byte once. A web filter's request repeats the flow of the same machine. A firewall behind a proxy sees the proxy
 * send what the proxy's log attributes to a machine: the machine stands, as it is the one to look at.
 */
const once = (flows: Pairs, requests: Pairs): Growing[] => {
  const carried = new Map<string, number>();
  const seen = [...requests].filter(([key]) => !flows.has(key)).map(([, pair]) => pair);
  for (const { destination, bytes } of seen) carried.set(destination, (carried.get(destination) ?? 0) + bytes);
  const own = [...flows.values()].filter((pair) => (carried.get(pair.destination) ?? 0) < CARRIED * pair.bytes);
  return [...own, ...seen];
};

/** All larger transfers from inside to outside. */
export const largeEgress = async (store: StoreReader, clocks: Clocks): Promise<Egress[]> =>
  once(await pairsOf(FLOWS, store, clocks), await pairsOf(REQUESTS, store, clocks))
    .map(finished)
    .sort((a, b) => b.bytes - a.bytes || (a.source + a.destination < b.source + b.destination ? -1 : 1));

const pairsOf = async (query: Query, store: StoreReader, clocks: Clocks): Promise<Pairs> => {
  const pairs = new Map<string, Growing>();
  const told = new Set<string>();
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const transfer = transferOf(event, clocks);
    if (transfer === undefined) continue;
    const copy = `${transfer.source} ${transfer.destination} ${transfer.time} ${transfer.bytes}`;
    if (told.has(copy)) continue;
    if (told.size < MOST_TOLD) told.add(copy);
    const key = `${transfer.source}\n${transfer.destination}`;
    const pair = pairs.get(key) ?? begun(transfer);
    if (!pairs.has(key) && pairs.size >= MOST_PAIRS) continue;
    pairs.set(key, pair);
    grow(pair, transfer);
  }
  return pairs;
};

const finished = (pair: Growing): Egress => ({
  source: pair.source,
  destination: pair.destination,
  first: pair.first,
  last: pair.last,
  bytes: pair.bytes,
  largestDay: Math.max(...pair.perDay.values()),
  events: pair.events
    .sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1))
    .slice(0, 20)
    .map((e) => e.id),
  stream: pair.stream,
  bothWays: pair.bothWays,
  days: [...pair.perDay.keys()].sort((a, b) => a - b),
  perDay: pair.perDay,
});

/** Days on which anybody inside had sent much to each foreign network. */
export const habits = (all: readonly Egress[]): ReadonlyMap<string, readonly number[]> => {
  const days = new Map<string, Set<number>>();
  for (const e of all) {
    const network = networkOf(e.destination) ?? e.destination;
    const set = days.get(network) ?? new Set();
    for (const day of e.days) set.add(day);
    days.set(network, set);
  }
  return new Map([...days].map(([network, set]) => [network, [...set].sort((a, b) => a - b)]));
};

/** Whether the destination was none of the house's habits before an instant. */
export const isUnusual = (
  egress: Egress,
  habit: ReadonlyMap<string, readonly number[]>,
  context: CaseContext,
  before: number,
): boolean => {
  if (isBackup(context, egress.destination)) return false;
  const days = habit.get(networkOf(egress.destination) ?? egress.destination) ?? [];
  return days.filter((d) => d < Math.floor(before / DAY)).length < HABIT_DAYS;
};

/** The act that a transfer is. */
export const egressKey = (e: Pick<Egress, 'source' | 'destination'>): string => `egress:${e.source}>${e.destination}`;

const actOf = (e: Egress, clocks: Clocks): Act => {
  const transfer = transferText([e]);
  const summary = e.bothWays
    ? say(
        `${transfer.en}, a network nobody had exchanged much with before`,
        `${transfer.de}, ein Netz, mit dem zuvor niemand viel ausgetauscht hatte`,
      )
    : say(
        `${transfer.en}, a network nobody had sent to before`,
        `${transfer.de}, ein Netz, an das zuvor niemand gesandt hatte`,
      );
  const nats = e.largestDay >= (e.bothWays ? 10 : 1) * MASSIVE ? 2.5 : 1.2;
  return {
    key: egressKey(e),
    kind: 'impact',
    stage: 'exfiltration',
    technique: 'T1048',
    from: e.first,
    to: e.last,
    slack: clocks.slackOf(e.stream),
    address: e.source,
    targets: [e.destination],
    events: e.events,
    count: e.events.length,
    summary,
    marks: [{ family: 'exfiltration', nats, because: summary, events: e.events }],
    labels: [],
  };
};

/** A destination that stays in use for longer is a new habit of the house. */
const HABIT_MADE = 7;
const MOST_ACTS = 50;

/** Transfers to destinations outside the habits that are worth an anchor. In the first day of a log everything is new. */
export const strikingEgress = (
  all: readonly Egress[],
  context: CaseContext,
  span: { readonly first: number },
): Egress[] => {
  const habit = habits(all);
  return all
    .filter((e) => e.largestDay >= (e.bothWays ? MASSIVE : NOTABLE) && isUnusual(e, habit, context, e.first))
    .filter((e) => e.first - span.first >= DAY && e.days.length <= HABIT_MADE)
    .slice(0, MOST_ACTS);
};

/** The same as late-stage acts. */
export const egressActs = (striking: readonly Egress[], clocks: Clocks): Act[] => striking.map((e) => actOf(e, clocks));
