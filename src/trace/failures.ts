import { networkOf } from '../core/net.ts';
import { DAY } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, is, isAny, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Act } from './model.ts';
import { accountOf, acts, timeOf, within } from './read.ts';

export interface Failure {
  readonly time: number;
  readonly account: string;
  readonly network: string;
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
  const refused = and(acts('vpn-login', 'login', 'admin-login'), within('source.ip', networks));
  const query = and(
    is('event.outcome', 'failure'),
    or(refused, and(acts('mfa-challenge'), isAny('user.name', accounts))),
  );
  const until = Math.max(...candidates.map((a) => a.from)) + clocks.widest + 1;
  for await (const event of store.scan(query, {
    order: 'time',
    fields: FIELDS,
    to: until,
    from: Math.min(...candidates.map((a) => a.from)) - 30 * DAY,
  })) {
    const raw = timeOf(event);
    if (raw === undefined) continue;
    const account = accountOf(event.fields) ?? '';
    const network = networkOf(textOf(event.fields, 'source.ip') ?? '') ?? '';
    const failure = {
      time: raw - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? ''),
      account,
      network,
      id: event.id,
    };
    const index = textOf(event.fields, 'einfallstor.act') === 'mfa-challenge' ? byAccount : byNetwork;
    const key = index === byAccount ? account : network;
    const list = index.get(key) ?? [];
    if (list.length >= MOST_OF_ONE) list.splice(0, MOST_OF_ONE / 2);
    list.push(failure);
    index.set(key, list);
  }
  for (const list of [...byNetwork.values(), ...byAccount.values()])
    list.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  return result;
};
