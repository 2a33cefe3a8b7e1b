import { networkOf } from '../core/net.ts';
import { DAY, HOUR } from '../core/time.ts';
import { and, is } from '../query/ast.ts';
import type { Signs } from './candidates.ts';
import { loginAct, sessionAct } from './entries.ts';
import { familiarity, isStrange } from './familiarity.ts';
import { type Act, byTime, type World, weightOf } from './model.ts';
import { accountKey, acts } from './read.ts';

/**
 * Logins whose own records show that somebody else got in: the password of one of many accounts guessed right, a second factor
 * wrung from its owner. Each is an intrusion by itself, whatever came of it. Attempts on one account alone may be its owner's,
 * or those of his telephone with an old password: many of them, and then a login from where he never was, raise suspicion.
 */

/** A login after what would force it, and whether that leaves a doubt. */
export interface Forced {
  readonly act: Act;
  readonly isSure: boolean;
}

/** Requests of a second factor until one is granted. */
const WORN_DOWN = 'T1621';
/** The first success stands within this time after the last attempt that a finding counts. */
const AT_ONCE = HOUR;
/** Nats for the way in: e^2, seven to one, in each of which a stranger got in. */
const FORCED = 2;
/** Accounts that the address itself had tried: its neighbours in a provider's network are other people. */
const ACCOUNTS = 4;
/** Refusals of one account by the address after which nobody has merely mistyped. */
const REFUSALS = 20;
const TRIED_FOR = 21 * DAY;
/** Accounts that are counted one by one, the most tried first. */
const MOST_TRIED = 200;

/** What an address had tried before: whether many accounts, and whether this one again and again. */
const triedFrom = async (
  { remote, account, from }: Act,
  { store, clocks }: World,
): Promise<{ many: boolean; often: boolean }> => {
  const failures = and(
    acts('vpn-login', 'login', 'admin-login'),
    is('event.outcome', 'failure'),
    is('source.ip', remote as string),
  );
  const { widest } = clocks;
  const range = { from: from - TRIED_FOR - widest, to: from + widest };
  const tried = await store.top(failures, 'user.name', MOST_TRIED, range);
  const own = tried.filter(({ value }) => accountKey(String(value)) === account);
  return {
    many: tried.length >= ACCOUNTS,
    often: own.reduce((sum, { count }) => sum + count, 0) >= REFUSALS,
  };
};

/** A log of a few days knows some of the places where the owner is. */
const isStrangers = ({ account, remote, from }: Act, { logons }: World): boolean => {
  const known = familiarity(logons, account as string, remote, undefined, from);
  return isStrange(known) || (known.known === 'no-history' && known.days > 0);
};

/** `found`: findings that speak of the login. */
const forcedBy = async (found: readonly Act[], act: Act, world: World): Promise<Forced | undefined> => {
  if (found.some(({ technique }) => technique === WORN_DOWN)) return { act, isSure: true };
  const { many, often } = await triedFrom(act, world);
  return many || (often && isStrangers(act, world)) ? { act, isSure: many } : undefined;
};

/** Logins and stays that such findings speak of. */
export const loginsAfterForcing = async (world: World): Promise<Forced[]> => {
  const forcing = world.board.acts.filter(
    (act) =>
      act.vector !== undefined &&
      (act.technique === WORN_DOWN || act.marks[0]?.family === 'guessing') &&
      weightOf(act) >= FORCED,
  );
  const speaking = (account: string, remote: string | undefined, time: number): Act[] =>
    forcing.filter(
      (act) =>
        act.account === account &&
        time >= act.from - act.slack &&
        time <= act.to + AT_ONCE &&
        act.remote !== undefined &&
        remote !== undefined &&
        networkOf(act.remote) === networkOf(remote),
    );
  const told = [
    ...world.sessions.map((s) => ({ found: speaking(s.account, s.remote, s.begin), make: () => sessionAct(s, world) })),
    ...world.logons.remote.map((l) => ({
      found: speaking(l.account, l.remote, l.first),
      make: () => loginAct(l, world),
    })),
  ].filter(({ found }) => found.length > 0);
  const logins = told.map(({ found, make }) => ({ act: make(), found })).sort((a, b) => byTime(a.act, b.act));
  const first = new Map<string, Forced>();
  for (const { act, found } of logins) {
    const key = `${act.account} ${act.remote}`;
    if (act.vector === undefined || act.remote === undefined || first.has(key)) continue;
    const forced = await forcedBy(found, act, world);
    if (forced !== undefined) first.set(key, forced);
  }
  return [...first.values()];
};

/** Whether what was read of such a login bears it out: where its owner usually comes from, he is the one who mistyped. */
export const isForced = ({ stranger, entering }: Signs): boolean => stranger >= 0 && entering >= FORCED;
