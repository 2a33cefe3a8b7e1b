import { MINUTE } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { accountOf, acts, exists, inner, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';

/**
 * Many gateways write no record of the address that they lend, but name the user of each connection through the tunnel.
 * An address from which a user's connections come during his stays, and hardly ever else, was lent to them.
 */

/** The first connection may be told before the login, and the last when it is closed. */
const EDGE = 2 * MINUTE;
/** Share of the connections of a user from an address that must lie within his stays: at his desk he is without one. */
const WITHIN = 0.9;
const MOST = 2_000_000;

/** A stay, and when each address was first seen in it. */
interface Stay {
  readonly session: VpnSession;
  readonly seen: Map<string, number>;
}

/** The last stay that began before a time. */
const stayAt = (stays: readonly Stay[], time: number): Stay | undefined => {
  let [low, high] = [0, stays.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stays[middle] as Stay).session.begin - EDGE <= time) low = middle + 1;
    else high = middle;
  }
  const stay = stays[low - 1];
  return stay !== undefined && time <= stay.session.end + EDGE ? stay : undefined;
};

/** `sessions` by begin, on the clock of the connections; those without an address with what connections tell of it. */
export const withFlowAddresses = async (
  sessions: readonly VpnSession[],
  store: StoreReader,
  offsetOf: (stream: string) => number,
): Promise<VpnSession[]> => {
  const byAccount = new Map<string, Stay[]>();
  for (const session of sessions.filter((s) => s.addresses.length === 0)) {
    const stays = byAccount.get(session.account) ?? [];
    stays.push({ session, seen: new Map() });
    byAccount.set(session.account, stays);
  }
  if (byAccount.size === 0) return [...sessions];
  /** Connections by user and address, within his stays and without. */
  const counts = new Map<string, { inside: number; outside: number }>();
  const query = and(acts('flow', 'flow-start'), exists('user.name'), inner('source.ip'));
  const fields = ['einfallstor.stream', 'user.name', 'user.email', 'source.ip'];
  for await (const event of store.scan(query, { order: 'time', fields, limit: MOST })) {
    const account = accountOf(event.fields);
    const stays = account === undefined ? undefined : byAccount.get(account);
    const raw = timeOf(event);
    const address = textOf(event.fields, 'source.ip');
    if (stays === undefined || raw === undefined || address === undefined) continue;
    const time = raw - offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    const key = `${account}\n${address}`;
    const count = counts.get(key) ?? { inside: 0, outside: 0 };
    counts.set(key, count);
    const stay = stayAt(stays, time);
    if (stay === undefined) count.outside += 1;
    else {
      count.inside += 1;
      stay.seen.set(address, Math.min(time, stay.seen.get(address) ?? time));
    }
  }
  const isLent = (account: string, address: string): boolean => {
    const { inside, outside } = counts.get(`${account}\n${address}`) ?? { inside: 0, outside: 1 };
    return inside >= WITHIN * (inside + outside);
  };
  const told = new Map(
    [...byAccount.values()].flat().map(({ session, seen }) => [
      session,
      [...seen]
        .filter(([ip]) => isLent(session.account, ip))
        .map(([ip, from]) => ({ ip, from }))
        .sort((a, b) => a.from - b.from),
    ]),
  );
  return sessions.map((s) => ({ ...s, addresses: told.get(s) ?? s.addresses }));
};
