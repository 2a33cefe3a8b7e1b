import { networkOf, parseCidr } from '../core/net.ts';
import { DAY } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, field, is, or, type Query } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountOf, acts, timeOf } from './read.ts';

export interface Failure {
  readonly time: number;
  readonly account: string;
  readonly network: string;
  readonly stream: string;
  readonly id: string;
}

/** Failed logins and denied second factors that concern a set of possible entries. */
export interface Failures {
  /** By time. */
  from(network: string): readonly Failure[];
  denied(account: string): readonly Failure[];
}

/** Kept of one network: a sprayer fails for weeks, the latest tell enough. */
const MOST_OF_ONE = 20_000;
const MOST_NETWORKS = 200;
const FIELDS = ['einfallstor.act', 'einfallstor.stream', 'user.name', 'user.email', 'source.ip'];

/** More alternatives cost a store more than carrying all failures here costs us. */
const MOST_ASKED = 20;

const within = (name: string, networks: readonly string[]): Query[] => {
  const ranges = networks.flatMap((network) => parseCidr(network) ?? []);
  return ranges.length > MOST_ASKED ? [] : [or(...ranges.map((range) => field(name, { op: 'cidr', range })))];
};

/** One question to the store for all candidates. */
export const readFailures = async (
  candidates: readonly Act[],
  store: StoreReader,
  clocks: Clocks,
): Promise<Failures> => {
  const networks = [
    ...new Set(candidates.flatMap((a) => (a.remote === undefined ? [] : (networkOf(a.remote) ?? [])))),
  ].slice(0, MOST_NETWORKS);
  const accounts = [...new Set(candidates.flatMap((a) => a.account ?? []))].slice(0, MOST_NETWORKS);
  const byNetwork = new Map<string, Failure[]>();
  const byAccount = new Map<string, Failure[]>();
  const result: Failures = {
    from: (network) => byNetwork.get(network) ?? [],
    denied: (account) => byAccount.get(account) ?? [],
  };
  if (networks.length === 0 && accounts.length === 0) return result;
  const [wantedNetworks, wantedAccounts] = [new Set(networks), new Set(accounts)];
  const guesses = and(acts('vpn-login', 'login', 'admin-login'), ...within('source.ip', networks));
  const query = and(or(guesses, acts('mfa-challenge')), is('event.outcome', 'failure'));
  const until = Math.max(...candidates.map((a) => a.from)) + clocks.widest + 1;
  const from = Math.min(...candidates.map((a) => a.from)) - 30 * DAY;
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS, to: until, from })) {
    const raw = timeOf(event);
    if (raw === undefined) continue;
    const account = accountOf(event.fields) ?? '';
    const network = networkOf(textOf(event.fields, 'source.ip') ?? '') ?? '';
    const factor = textOf(event.fields, 'einfallstor.act') === 'mfa-challenge';
    if (factor ? !wantedAccounts.has(account) : !wantedNetworks.has(network)) continue;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const failure = {
      time: raw - clocks.offsetOf(stream),
      account,
      network,
      stream,
      id: event.id,
    };
    const index = factor ? byAccount : byNetwork;
    const key = factor ? account : network;
    const list = index.get(key) ?? [];
    if (list.length >= MOST_OF_ONE) list.splice(0, MOST_OF_ONE / 2);
    list.push(failure);
    index.set(key, list);
  }
  for (const list of [...byNetwork.values(), ...byAccount.values()])
    list.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  return result;
};

/** Rotation overlaps and syslog copies write an occurrence down twice, in two streams: the fullest stream counts. */
export const once = (failures: readonly Failure[]): readonly Failure[] => {
  const streams = new Map<string, Failure[]>();
  for (const f of failures) {
    const list = streams.get(f.stream);
    if (list === undefined) streams.set(f.stream, [f]);
    else list.push(f);
  }
  const lists = [...streams.entries()]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([, list]) => list);
  const fullest = lists[0] ?? [];
  const told = new Set(fullest.map((f) => `${f.account} ${Math.round(f.time / 2e6)}`));
  const others = lists
    .slice(1)
    .flat()
    .filter((f) => [-1, 0, 1].every((d) => !told.has(`${f.account} ${Math.round(f.time / 2e6) + d}`)));
  return [...fullest, ...others].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
};
