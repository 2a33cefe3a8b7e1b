import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { type Egress, LARGE_FLOW } from './egress.ts';
import type { Act } from './model.ts';
import { acts, atLeast, inner } from './read.ts';
import { volumeOf } from './volumes.ts';

/** Data that a machine fetched inside before it sent as much to a new destination: gathered to be taken away. */

/** What was fetched so long before the sending began may have been fetched for it. */
const AHEAD = DAY;
/** What was sent is about what was fetched: neither packing nor other work changed it by more. */
const ALIKE = 0.25;
/** At least this share of what was sent. */
const SHARE = 0.5;
/** So many times the machine's busiest day of fetching before. */
const TIMES = 3;
const NATS = { alike: 1.5, share: 0.8 };
/** Transfers of one machine that are looked at: a server of files has more, and fetches nothing. */
const MOST_FETCHES = 20_000;

/** µs, bytes. */
interface Fetch {
  readonly id: string;
  readonly time: number;
  readonly bytes: number;
  readonly server: string;
  readonly stream: string;
}

const FIELDS = ['einfallstor.stream', 'source.ip', 'destination.ip', 'destination.bytes'];

/** Larger transfers from machines inside to those that asked for them, by who asked, in order of time. */
const fetchesBy = async (
  machines: readonly string[],
  until: number,
  store: StoreReader,
  clocks: Clocks,
): Promise<ReadonlyMap<string, readonly Fetch[]>> => {
  const query = and(
    acts('flow'),
    isAny('source.ip', machines),
    inner('destination.ip'),
    atLeast('destination.bytes', LARGE_FLOW),
  );
  const found = new Map<string, Fetch[]>(machines.map((machine) => [machine, []]));
  const options = { order: 'time', to: until + clocks.widest, fields: FIELDS } as const;
  for await (const { id, fields } of store.scan(query, options)) {
    const own = found.get(textOf(fields, 'source.ip') ?? '');
    const [server, stream] = [textOf(fields, 'destination.ip'), textOf(fields, 'einfallstor.stream') ?? ''];
    const raw = numberOf(fields, '@timestamp');
    if (own === undefined || own.length >= MOST_FETCHES || raw === undefined || server === undefined) continue;
    const bytes = numberOf(fields, 'destination.bytes') ?? 0;
    own.push({ id, time: raw - clocks.offsetOf(stream), bytes, server, stream });
  }
  return found;
};

const sumOf = (fetches: readonly Fetch[]): number => fetches.reduce((sum, { bytes }) => sum + bytes, 0);

const busiestDay = (fetches: readonly Fetch[]): number => {
  const days = new Map<number, number>();
  for (const { time, bytes } of fetches) {
    const day = Math.floor(time / DAY);
    days.set(day, (days.get(day) ?? 0) + bytes);
  }
  return Math.max(0, ...days.values());
};

const stagingFor = (egress: Egress, all: readonly Fetch[], clocks: Clocks): Act[] => {
  const own = all.filter((f) => f.time >= egress.first - AHEAD && f.time <= egress.last);
  const fetched = sumOf(own);
  const before = busiestDay(all.filter((f) => f.time < egress.first - AHEAD));
  if (own.length === 0 || fetched < SHARE * egress.bytes || busiestDay(own) < TIMES * before) return [];
  const alike = Math.abs(fetched - egress.bytes) <= ALIKE * egress.bytes;
  const byBytes = [...own].sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1));
  const largest = byBytes[0] as Fetch;
  const servers = [...new Set(own.map(({ server }) => server))];
  const [more, weitere] =
    servers.length === 1 ? ['', ''] : [` and ${servers.length - 1} more`, ` und ${servers.length - 1} weiteren`];
  const volume = volumeOf([egress]);
  const [sent, sandte] = egress.bothWays
    ? [`exchanged ${volume.en} with ${egress.destination}`, `tauschte ${volume.de} mit ${egress.destination} aus`]
    : [`sent ${volume.en} to ${egress.destination}`, `sandte ${volume.de} an ${egress.destination}`];
  const summary = say(
    `${egress.source} fetched ${bytesText(fetched)} from ${largest.server}${more}, and ${sent}`,
    `${egress.source} holte ${bytesText(fetched)} von ${largest.server}${weitere} und ${sandte}`,
  );
  const events = byBytes.slice(0, 20).map(({ id }) => id);
  return [
    {
      key: `staging:${egress.source}>${egress.destination}`,
      kind: 'impact',
      stage: 'collection',
      technique: 'T1039',
      from: Math.min(...own.map(({ time }) => time)),
      to: Math.max(...own.map(({ time }) => time)),
      slack: clocks.slackOf(largest.stream),
      address: egress.source,
      targets: servers.slice(0, 50),
      events,
      count: own.length,
      summary,
      marks: [{ family: 'staging', nats: alike ? NATS.alike : NATS.share, because: summary, events }],
      labels: [],
    },
  ];
};

export const stagings = async (striking: readonly Egress[], store: StoreReader, clocks: Clocks): Promise<Act[]> => {
  if (striking.length === 0) return [];
  const machines = [...new Set(striking.map(({ source }) => source))];
  const until = Math.max(...striking.map(({ last }) => last));
  const fetches = await fetchesBy(machines, until, store, clocks);
  return striking.flatMap((egress) => stagingFor(egress, fetches.get(egress.source) ?? [], clocks));
};
