import { networkOf } from '../core/net.ts';
import { HOUR } from '../core/time.ts';
import type { Signs } from './candidates.ts';
import { loginAct, sessionAct } from './entries.ts';
import { type Act, byTime, type World, weightOf } from './model.ts';

/**
 * Logins whose own records show that somebody else got in: the password of one of many accounts guessed right, a second factor
 * wrung from its owner. Each is an intrusion by itself, whatever came of it. Attempts on one account alone may be its owner's,
 * or those of his telephone with an old password.
 */

/** Password spraying, and requests of a second factor until one is granted. */
const FORCING = /^T1(?:110\.003|621)$/;
/** The first success stands within this time after the last attempt that a finding counts. */
const AT_ONCE = HOUR;
/** Nats for the way in: e^2, seven to one, in each of which a stranger got in. */
const FORCED = 2;

/** Logins and stays that such findings speak of. */
export const loginsAfterForcing = (world: World): Act[] => {
  const forcing = world.board.acts.filter(
    (act) => act.vector !== undefined && FORCING.test(act.technique) && weightOf(act) >= FORCED,
  );
  const isForced = (account: string, remote: string | undefined, time: number): boolean =>
    forcing.some(
      (act) =>
        act.account === account &&
        time >= act.from - act.slack &&
        time <= act.to + AT_ONCE &&
        act.remote !== undefined &&
        remote !== undefined &&
        networkOf(act.remote) === networkOf(remote),
    );
  const acts = [
    ...world.sessions.filter((s) => isForced(s.account, s.remote, s.begin)).map((s) => sessionAct(s, world)),
    ...world.logons.remote.filter((l) => isForced(l.account, l.remote, l.first)).map((l) => loginAct(l, world)),
  ];
  const first = new Map<string, Act>();
  for (const act of acts.sort(byTime)) {
    const key = `${act.account} ${act.remote}`;
    if (act.vector !== undefined && !first.has(key)) first.set(key, act);
  }
  return [...first.values()];
};

/** Whether what was read of such a login bears it out: where its owner usually comes from, he is the one who mistyped. */
export const isForced = ({ stranger, entering }: Signs): boolean => stranger >= 0 && entering >= FORCED;
