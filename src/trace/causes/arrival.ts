import { DAY, HOUR, MINUTE } from '../../core/time.ts';
import type { StoredEvent } from '../../ecs/event.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import type { Query } from '../../query/ast.ts';
import { and, field, is, isAny, not, or } from '../../query/ast.ts';
import { openedAt } from '../clocks.ts';
import { loginAct } from '../entries.ts';
import { familiarity, strangeness } from '../familiarity.ts';
import { hostQuery } from '../hosts.ts';
import type { Act, Cause, World } from '../model.ts';
import { ADMIN_PORTS, accountOf, acts, collect, exists, isInner, timeOf } from '../read.ts';

/** Somebody reached the machine first: a logon or an administrative connection from another address. */

/** A foothold is used within this time, or something else explains the act better. */
const LOOKBACK = 14 * DAY;
/** A remote installation follows its network logon at once. */
const AT_ONCE = 20 * MINUTE;
const MOST = 400;
/** Hosts of a fan-out that are looked at: the common source shows in a few. */
const SAMPLE = 6;
/** A pair of machines active on so many earlier days is routine administration. */
const ROUTINE_DAYS = 4;
const WEIGHT_NEW = 0.9;
const WEIGHT_ROUTINE = 0.2;

const LOGON_FIELDS = [
  'source.ip',
  'user.name',
  'user.email',
  'winlog.logon.type',
  'service.type',
  'einfallstor.stream',
];
const FLOW_FIELDS = [
  'source.ip',
  'destination.ip',
  'destination.port',
  'einfallstor.stream',
  'einfallstor.act',
  'event.duration',
  'event.start',
];

interface Pair {
  readonly source: string;
  readonly place: string;
  readonly times: number[];
  readonly events: string[];
  readonly accounts: Set<string>;
  stream: string;
  technique: string;
  kind: 'logon' | 'connection';
}

const techniqueOf = (event: StoredEvent): string => {
  const port = numberOf(event.fields, 'destination.port');
  if (port === 3389 || textOf(event.fields, 'winlog.logon.type') === '10') return 'T1021.001';
  if (port === 22 || textOf(event.fields, 'service.type') === 'ssh') return 'T1021.004';
  if (port === 5985 || port === 5986) return 'T1021.006';
  return 'T1021.002';
};

const accountIs = (account: string): Query =>
  or(
    is('user.name', account),
    field('user.name', { op: 'like', pattern: [`${account}@`, { wild: 'any' }], cased: false }),
  );

/** A fan-out goes on while its targets are reached one by one. */
const latest = (act: Act): number => (act.kind === 'impact' && act.targets.length > 1 ? act.to : act.from);

const note = (
  pairs: Map<string, Pair>,
  event: StoredEvent,
  place: string,
  kind: Pair['kind'],
  world: World,
  act: Act,
): void => {
  const source = textOf(event.fields, 'source.ip');
  const raw = kind === 'connection' ? openedAt(event) : timeOf(event);
  if (source === undefined || raw === undefined || !isInner(source)) return;
  const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
  const time = raw - world.clocks.offsetOf(stream);
  if (time > latest(act) + act.slack + world.clocks.slackOf(stream)) return;
  const key = `${source}\n${place}`;
  const pair = pairs.get(key) ?? {
    source,
    place,
    times: [],
    events: [],
    accounts: new Set(),
    stream,
    technique: techniqueOf(event),
    kind,
  };
  pair.times.push(time);
  pair.events.push(event.id);
  if (kind === 'logon') pair.kind = 'logon';
  const account = accountOf(event.fields);
  if (account !== undefined) pair.accounts.add(account);
  pairs.set(key, pair);
};

const logonQueries = (host: string, account: string | undefined): { query: Query; reach: number }[] => {
  const success = and(acts('login'), is('event.outcome', 'success'), exists('source.ip'), hostQuery(host));
  const interactive = or(isAny('winlog.logon.type', ['10', '7']), isAny('service.type', ['ssh', 'rdp', 'winrm']));
  const queries = [
    { query: and(success, interactive), reach: LOOKBACK },
    { query: and(success, not(interactive)), reach: AT_ONCE },
  ];
  if (account !== undefined) queries.push({ query: and(success, accountIs(account)), reach: LOOKBACK });
  return queries;
};

/** Pairs of source and place that led to one machine. */
const pairsTo = async (place: string, act: Act, world: World): Promise<Pair[]> => {
  const pairs = new Map<string, Pair>();
  const seen = new Set<string>();
  const to = latest(act) + act.slack + world.clocks.widest + MINUTE;
  const take = async (query: Query, reach: number, kind: Pair['kind'], fields: readonly string[]): Promise<void> => {
    const events = await collect(world.store, query, {
      order: 'time-desc',
      from: act.from - reach - world.clocks.widest,
      to,
      limit: MOST,
      fields,
    });
    for (const event of events) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      note(pairs, event, place, kind, world, act);
    }
  };
  const addresses = await world.hosts.addressesOf(place);
  const names = isInner(place) ? await world.hosts.namesOf(place, act.from) : [place];
  for (const name of names)
    for (const { query, reach } of logonQueries(name, act.account)) await take(query, reach, 'logon', LOGON_FIELDS);
  for (const address of addresses) {
    await take(
      and(acts('flow', 'flow-start'), is('destination.ip', address), isAny('destination.port', ADMIN_PORTS)),
      LOOKBACK,
      'connection',
      FLOW_FIELDS,
    );
  }
  return [...pairs.values()].filter((p) => !addresses.includes(p.source));
};

/** Days before the act on which the pair was active, the last two left out: an intrusion may take that long. */
const routineDays = async (pair: Pair, act: Act, world: World): Promise<number> => {
  const until = act.from - 3 * DAY;
  const days = Math.min(60, Math.floor((until - world.span.first) / DAY));
  if (days < 1) return 0;
  const [address] = await world.hosts.addressesOf(pair.place);
  const ways = [
    and(
      acts('login'),
      is('source.ip', pair.source),
      isInner(pair.place) ? is('destination.ip', pair.place) : hostQuery(pair.place),
    ),
    ...(address === undefined
      ? []
      : [
          and(
            acts('flow', 'flow-start'),
            is('source.ip', pair.source),
            is('destination.ip', address),
            isAny('destination.port', ADMIN_PORTS),
          ),
        ]),
  ];
  const buckets = await world.store.histogram(or(...ways), { from: until - days * DAY, to: until, buckets: days });
  return buckets.filter((b) => b.count > 0).length;
};

const recency = (elapsed: number): number =>
  elapsed <= HOUR ? 1 : elapsed <= DAY ? 0.95 : elapsed <= 4 * DAY ? 0.85 : 0.65;

const arrivalAct = (pair: Pair, world: World, routine: boolean): Act => {
  const order = pair.times
    .map((t, i) => ({ t, id: pair.events[i] as string }))
    .sort((a, b) => a.t - b.t || (a.id < b.id ? -1 : 1));
  // of a routine pair, only its last use before the act can belong to it
  const own = routine ? order.filter((o) => o.t >= (order[order.length - 1]?.t ?? 0) - HOUR) : order;
  const account = pair.accounts.size === 1 ? [...pair.accounts][0] : undefined;
  const verb = pair.kind === 'logon' ? 'logon' : 'connection';
  const via =
    pair.technique === 'T1021.001'
      ? 'RDP '
      : pair.technique === 'T1021.004'
        ? 'SSH '
        : pair.technique === 'T1021.006'
          ? 'WinRM '
          : '';
  return {
    key: `${pair.kind}:${own[0]?.id}`,
    kind: pair.kind,
    stage: 'lateral-movement',
    technique: pair.technique,
    from: own[0]?.t ?? 0,
    to: own[own.length - 1]?.t ?? 0,
    slack: world.clocks.slackOf(pair.stream),
    account,
    address: pair.source,
    targets: [pair.place],
    events: own.slice(0, 20).map((o) => o.id),
    count: own.length,
    summary: `${via}${verb} to ${pair.place} from ${pair.source}${account === undefined ? '' : ` as ${account}`}`,
    marks: [],
    labels: [],
  };
};

/** Logins to the machine straight from the internet. */
const foreign = (place: string, names: readonly string[], act: Act, world: World): { act: Act; weight: number }[] =>
  world.logons.remote
    .filter(
      (l) =>
        l.kind === 'remote-login' &&
        l.host !== undefined &&
        !isInner(l.remote) &&
        (l.host === place || names.includes(l.host)) &&
        l.first <= act.from + act.slack &&
        l.last >= act.from - LOOKBACK,
    )
    .map((l) => ({
      act: loginAct(l, world),
      weight:
        strangeness(familiarity(world.logons, l.account, l.remote, l.client, l.first)) *
        (act.account === undefined || act.account === l.account ? 1 : 0.85),
    }));

const placesOf = (act: Act, world: World): string[] => {
  if (act.kind === 'impact' && act.targets.length > 1) return act.targets.slice(0, SAMPLE);
  if (act.host !== undefined && act.address === undefined) return [act.host];
  if (act.address !== undefined && !world.leases.isLeased(act.address)) return [act.address];
  return [];
};

export const byArrival = async (act: Act, world: World): Promise<Cause[]> => {
  if (act.kind === 'vpn-session' || act.vector !== undefined) return [];
  const places = placesOf(act, world);
  const weighed: { act: Act; weight: number; source: string }[] = [];
  for (const place of places) {
    for (const pair of (await pairsTo(place, act, world)).slice(0, 30)) {
      const routine = (await routineDays(pair, act, world)) >= ROUTINE_DAYS;
      const made = arrivalAct(pair, world, routine);
      const match =
        act.account === undefined || pair.accounts.size === 0 ? 0.85 : pair.accounts.has(act.account) ? 1 : 0.6;
      const weight = (routine ? WEIGHT_ROUTINE : WEIGHT_NEW) * match * recency(latest(act) - made.to);
      weighed.push({ act: made, weight, source: pair.source });
    }
    const names = isInner(place) ? await world.hosts.namesOf(place, act.from) : [place];
    for (const f of foreign(place, names, act, world)) weighed.push({ ...f, source: f.act.remote ?? '' });
  }
  const bySource = new Map<string, number>();
  for (const w of weighed) bySource.set(w.source, (bySource.get(w.source) ?? 0) + w.weight / places.length);
  const total = Math.max(
    1,
    [...bySource.values()].reduce((a, b) => a + b, 0),
  );
  return weighed.map((w) => ({
    act: w.act,
    // what reached several of the places counts for all of them
    strength: Math.min(0.95, Math.max(w.weight / places.length, bySource.get(w.source) ?? 0) / total),
    because: `${w.act.summary} came before it`,
  }));
};
