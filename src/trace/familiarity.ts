import { networkOf } from '../core/net.ts';
import { DAY, MINUTE } from '../core/time.ts';
import type { Logons } from './logons.ts';

/** How an account stood to a network before an instant: what was usual is no sign of a stranger. */
export interface Familiarity {
  /** Days on which the account came from this network before. */
  readonly daysHere: number;
  /** Days on which it came from anywhere outside before. */
  readonly days: number;
  /** Distinct networks it came from before. */
  readonly networks: number;
  readonly clientSeen: boolean;
  /** Other accounts that came from this network before. */
  readonly known: 'usual' | 'seen' | 'new' | 'first' | 'no-history';
}

/** On so many earlier days from one network, it is the account's own. */
const USUAL_DAYS = 3;
/** Young logs inflate "first seen": fewer earlier days tell nothing. */
const HISTORY_DAYS = 3;
/** An account that nobody used for so long since the logs begin is used for the first time. */
const QUIET = 7 * DAY;

export const familiarity = (
  logons: Logons,
  account: string,
  remote: string | undefined,
  client: string | undefined,
  time: number,
): Familiarity => {
  const network = remote === undefined ? undefined : networkOf(remote);
  // the same login written twice, or retried, is no history of itself
  const before = logons.usesOf(account).filter((u) => u.time < time - 10 * MINUTE);
  const daysOf = (uses: readonly { time: number }[]): number => new Set(uses.map((u) => Math.floor(u.time / DAY))).size;
  const here = before.filter((u) => u.network === network);
  const days = daysOf(before);
  // a provider lends its customers addresses of neighbouring networks from day to day
  const daysNear = remote === undefined ? 0 : daysOf(before.filter((u) => isNear(u.network, remote)));
  const daysHere = daysOf(here);
  const first = before.length === 0 && time - logons.begin >= QUIET;
  const known =
    daysHere >= USUAL_DAYS
      ? 'usual'
      : daysHere > 0 || daysNear >= USUAL_DAYS
        ? 'seen'
        : days >= HISTORY_DAYS
          ? 'new'
          : first
            ? 'first'
            : 'no-history';
  return {
    daysHere,
    days,
    networks: new Set(before.map((u) => u.network)).size,
    clientSeen:
      client === undefined ||
      before.length === 0 ||
      before.some((u) => u.client === client) ||
      before.every((u) => u.client === undefined),
    known,
  };
};

/** Neighbouring networks, such as one provider has: the same first half of the address. `198.51.100.7`, `198.51.7.0/24` */
export const isNear = (a: string, b: string): boolean => {
  const half = (ip: string): string =>
    ip
      .split(ip.includes(':') ? ':' : '.')
      .slice(0, 2)
      .join('.');
  return half(a) === half(b);
};

/** How readily such a login is taken for a stranger's, 0 to 1: the share it gets among logins of the same account. */
export const strangeness = (f: Familiarity): number =>
  ({ usual: 0.1, seen: 0.45, new: 0.85, first: 0.7, 'no-history': 0.6 })[f.known];

/** Whether somebody other than the owner may be behind it. */
export const isStrange = (f: Familiarity): boolean => f.known === 'new' || f.known === 'first';
