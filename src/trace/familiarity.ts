import { networkOf } from '../core/net.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { halfOf } from './history.ts';
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
  const history = logons.historyOf(account);
  // the same login written twice, or retried, is no history of itself
  const until = time - 10 * MINUTE;
  const days = history.days(until);
  // a provider lends its customers addresses of neighbouring networks from day to day
  const daysNear = remote === undefined ? 0 : history.daysNear(remote, until);
  const daysHere = network === undefined ? 0 : history.daysFrom(network, until);
  const first = days === 0 && time - logons.begin >= QUIET;
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
    networks: history.networks(until),
    clientSeen: client === undefined || days === 0 || history.hasUsed(client, until) || !history.tellsClients(until),
    known,
  };
};

/** Neighbouring networks, such as one provider has: the same first half of the address. `198.51.100.7`, `198.51.7.0/24` */
export const isNear = (a: string, b: string): boolean => halfOf(a) === halfOf(b);

/** How readily such a login is taken for a stranger's, 0 to 1: the share it gets among logins of the same account. */
export const strangeness = (f: Familiarity): number =>
  ({ usual: 0.1, seen: 0.45, new: 0.85, first: 0.7, 'no-history': 0.6 })[f.known];

/**
 * An account that came from outside for the first time when the logs were old already, and since then from one place after
 * another: its few days tell of no place that it is at home. For a new employee it is everyday, so it weighs with what is done only.
 */
export const isUnsettled = (f: Familiarity, logons: Logons, account: string): boolean =>
  f.known === 'no-history' && f.days > 0 && (logons.usesOf(account)[0]?.time ?? 0) - logons.begin >= QUIET;

/** A stranger rarely keeps to one network for longer. */
const OWN_DAYS = 4;

/** A network that the account goes on using on many days is its home, however new it was, or the log. */
export const becameUsual = (logons: Logons, account: string, remote: string): boolean => {
  const network = networkOf(remote);
  const uses = logons.usesOf(account).filter((use) => use.network === network);
  return new Set(uses.map(({ time }) => Math.floor(time / DAY))).size > OWN_DAYS;
};

/** Whether somebody other than the owner may be behind it. */
export const isStrange = (f: Familiarity): boolean => f.known === 'new' || f.known === 'first';
