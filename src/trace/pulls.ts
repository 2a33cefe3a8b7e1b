import { networkOf } from '../core/net.ts';
import { say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, not } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import { LARGE_FLOW, MASSIVE, NOTABLE } from './egress.ts';
import type { Act } from './model.ts';
import { acts, atLeast, inner, isInner, isPublic } from './read.ts';

/** What left in answer: bytes that a machine of the house sent over connections that somebody outside had opened to it. */
export interface Pull {
  /** Address of the machine. */
  readonly host: string;
  /** Address that fetched. */
  readonly remote: string;
  readonly port: number;
  /** µs. */
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly largestDay: number;
  readonly events: readonly string[];
  readonly stream: string;
}

interface Growing extends Omit<Pull, 'largestDay' | 'events'> {
  last: number;
  bytes: number;
  readonly days: Map<number, number>;
  readonly events: string[];
}

const MOST_PAIRS = 100_000;
const MOST_EVENTS = 20;

const FIELDS = [
  'einfallstor.stream',
  'source.ip',
  'destination.ip',
  'destination.nat.ip',
  'destination.port',
  'destination.bytes',
  'event.duration',
  'event.start',
];

/** By who fetched what from where, in order of time. */
export const readPulls = async (store: StoreReader, clocks: Clocks): Promise<Pull[]> => {
  const query = and(acts('flow'), atLeast('destination.bytes', LARGE_FLOW), not(inner('source.ip')));
  const pairs = new Map<string, Growing>();
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const remote = textOf(event.fields, 'source.ip');
    const host = [textOf(event.fields, 'destination.nat.ip'), textOf(event.fields, 'destination.ip')].find(isInner);
    const bytes = numberOf(event.fields, 'destination.bytes');
    const opened = openedAt(event);
    if (remote === undefined || !isPublic(remote) || host === undefined || bytes === undefined || opened === undefined)
      continue;
    const port = numberOf(event.fields, 'destination.port') ?? 0;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const time = opened - clocks.offsetOf(stream);
    const key = `${host}\n${port}\n${remote}`;
    const pair: Growing = pairs.get(key) ?? {
      host,
      remote,
      port,
      first: time,
      last: time,
      bytes: 0,
      days: new Map(),
      events: [],
      stream,
    };
    if (!pairs.has(key) && pairs.size >= MOST_PAIRS) continue;
    pairs.set(key, pair);
    pair.last = Math.max(pair.last, time);
    pair.bytes += bytes;
    const day = Math.floor(time / DAY);
    pair.days.set(day, (pair.days.get(day) ?? 0) + bytes);
    if (pair.events.length < MOST_EVENTS) pair.events.push(event.id);
  }
  return [...pairs.values()].map(({ days, ...pair }) => ({ ...pair, largestDay: Math.max(...days.values()) }));
};

/** What a service usually gives is learnt for so long. */
const LEARNING = 3 * DAY;
/** Times the most that anybody was given in a day before. */
const TIMES = 2;
/** Downloads are what a web server is for; a machine is copied from by SSH, FTP or its file shares. */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);
/** Remote Desktop and VNC send pictures of a screen: their bytes are no measure of what left. */
export const SCREEN_PORTS: ReadonlySet<number> = new Set([3389, 5900, 5901]);

/** Whether its bytes are data, as far as a port tells. */
export const isOfData = ({ port }: Pull): boolean => !SCREEN_PORTS.has(port);

const NATS = { web: 1.2, notable: 1.2, massive: 1.8 };

const actOf = (pull: Pull, usual: number, clocks: Clocks): Act => {
  const { host, remote, port, bytes, largestDay, events } = pull;
  const [before, zuvor] =
    usual === 0
      ? ['nobody was given as much as 1 MB before', 'zuvor erhielt niemand auch nur 1 MB']
      : [
          `at most ${bytesText(usual)} in a day to anybody before`,
          `zuvor an niemanden mehr als ${bytesText(usual)} am Tag`,
        ];
  const summary = say(
    `${bytesText(bytes)} fetched by ${remote} from ${host}, port ${port}; ${before}`,
    `${bytesText(bytes)} von ${remote} abgerufen von ${host}, Port ${port}; ${zuvor}`,
  );
  const nats = WEB_PORTS.has(port) ? NATS.web : largestDay >= MASSIVE ? NATS.massive : NATS.notable;
  return {
    key: `pull:${host}:${port}>${remote}`,
    kind: 'impact',
    stage: 'exfiltration',
    technique: 'T1048',
    from: pull.first,
    to: pull.last,
    slack: clocks.slackOf(pull.stream),
    remote,
    address: host,
    targets: [],
    events,
    count: events.length,
    summary,
    marks: [{ family: 'exfiltration', nats, because: summary, events }],
    labels: [],
    ...(isOfData(pull) ? { bytes } : {}),
  };
};

/** Fetches far beyond what the service gave anybody before, by a network that had fetched nothing before. */
export const pullActs = (pulls: readonly Pull[], clocks: Clocks, span: { readonly first: number }): Act[] => {
  const most = new Map<string, number>();
  const known = new Set<string>();
  const out: Act[] = [];
  for (const pull of [...pulls].sort((a, b) => a.first - b.first || (a.remote < b.remote ? -1 : 1))) {
    const service = `${pull.host}\n${pull.port}`;
    const network = `${service}\n${networkOf(pull.remote) ?? pull.remote}`;
    const usual = most.get(service) ?? 0;
    const isNew = !known.has(network) && pull.first - span.first >= LEARNING;
    if (isNew && pull.largestDay >= Math.max(NOTABLE, TIMES * usual)) out.push(actOf(pull, usual, clocks));
    else most.set(service, Math.max(usual, pull.largestDay));
    known.add(network);
  }
  return out;
};
