import { networkOf } from '../core/net.ts';
import { DAY } from '../core/time.ts';
import { familiarity, isStrange, isUnsettled } from './familiarity.ts';
import type { Logons } from './logons.ts';
import { type Act, weightOf } from './model.ts';
import { isPublic } from './read.ts';

/**
 * In whose hands an account was when something was done with it: `taken` where its password was guessed, its second factor
 * wrung from the owner or an application let in shortly before; `strange` where it came from a network new to it, or from one
 * after another since it first came from outside.
 */
export type Hands = 'own' | 'strange' | 'taken';
export type HandsOf = (account: string, remote: string | undefined, time: number) => Hands;

/** Signs of how somebody got in that name the account itself. A moved session or a new place everybody shows. */
const TAKING = new Set(['guessing', 'mfa', 'consent']);
const WEIGHTY = 1.5;
/** What is done later is no longer told by how somebody got in. */
const HELD = 7 * DAY;
/** A network is new to an account for so long after its first use. */
const NEW_FOR = 3 * DAY;

const takings = (stated: readonly Act[]): Map<string, Act[]> => {
  const found = new Map<string, Act[]>();
  for (const act of stated) {
    const family = act.marks[0]?.family ?? '';
    if (act.account === undefined || act.vector === undefined || act.labels.length > 0) continue;
    if (!TAKING.has(family) || weightOf(act) < WEIGHTY) continue;
    found.set(act.account, [...(found.get(act.account) ?? []), act]);
  }
  return found;
};

export const handsIn = (stated: readonly Act[], logons: Logons): HandsOf => {
  const taken = takings(stated);
  return (account, remote, time) => {
    const network = remote === undefined ? undefined : networkOf(remote);
    const isTaken = (taken.get(account) ?? []).some((act) => {
      if (act.from > time || time > act.to + HELD) return false;
      // an application acts from wherever its maker pleases; a login is its own address's, or of one that the owner never used
      const anywhere = act.vector === 'token-or-consent' || act.remote === undefined;
      if (anywhere || network === undefined || remote === undefined) return anywhere;
      const history = logons.historyOf(account);
      const wasOwners = history.daysFrom(network, act.from) > 0 || history.daysNear(remote, act.from) > 0;
      return networkOf(act.remote as string) === network || (isPublic(remote) && !wasOwners);
    });
    if (isTaken) return 'taken';
    if (!isPublic(remote)) return 'own';
    const history = logons.historyOf(account);
    const first = network === undefined ? time : (history.firstFrom(network, time - NEW_FOR, time) ?? time);
    const f = familiarity(logons, account, remote, undefined, first);
    return isStrange(f) || isUnsettled(f, logons, account) ? 'strange' : 'own';
  };
};
