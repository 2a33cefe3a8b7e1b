import { say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import { type Act, type Cause, type World, weightOf } from '../model.ts';
import type { Vector } from '../result.ts';

const REACH = 30 * DAY;
/** Ways in that only a rule can tell, and what binds them to later acts. */
const BY_PLACE: ReadonlySet<Vector> = new Set<Vector>(['rogue-device', 'physical-or-unknown']);
const BY_ACCOUNT: ReadonlySet<Vector> = new Set<Vector>([
  'token-or-consent',
  'session-theft',
  'mfa-fatigue',
  'insider-or-leaver',
]);

/** A machine in other hands acts again: what first showed it came before. */
const FORERUNNER = 0.8;
const WEIGHTY = 1.2;
const HELD = 14 * DAY;

export const byForerunner = (act: Act, world: World): Cause[] => {
  const { address } = act;
  if (address === undefined || act.vector !== undefined || world.leases.isLeased(address)) return [];
  return world.board
    .naming(address)
    .filter(
      (a) =>
        a.key !== act.key &&
        a.address === address &&
        a.stage === 'command-and-control' &&
        a.from < act.from - act.slack &&
        a.from >= act.from - HELD,
    )
    .filter((a) => weightOf(a) >= WEIGHTY)
    .map((a) => ({
      act: a,
      strength: FORERUNNER,
      because: say(
        `${address} had shown itself in other hands: ${a.summary.en}`,
        `${address} hatte sich als in fremden Händen gezeigt: ${a.summary.de}`,
      ),
    }));
};

/** A connection from outside that was held shows a login only by its length. */
const HELD_CONNECTION = 0.7;

/** Connections held to this machine from outside, as far as no log of its own tells of a login from there. */
const heldTo = (place: string, world: World): Act[] =>
  world.board.naming(place).filter(
    (a) =>
      a.kind === 'finding' &&
      a.vector === 'exposed-remote-service' &&
      a.account === undefined &&
      // of a port that many reached nobody is known to have got in
      a.remote !== undefined &&
      weightOf(a) >= WEIGHTY &&
      a.targets.includes(place) &&
      !world.logons.remote.some((login) => login.remote === a.remote),
  );

/** A finding states a way in for this machine or account. */
export const byStatement = (act: Act, world: World): Cause[] => {
  const earlier = (a: Act): boolean =>
    a.key !== act.key && a.from <= act.from + act.slack && a.from >= act.from - REACH;
  const place = act.address ?? act.host;
  const atPlace =
    place === undefined || world.leases.isLeased(place)
      ? []
      : world.board.naming(place).filter((a) => a.vector !== undefined && BY_PLACE.has(a.vector));
  const ofAccount =
    act.account === undefined || act.vector !== undefined
      ? []
      : world.board
          .naming(act.account)
          .filter((a) => a.vector !== undefined && BY_ACCOUNT.has(a.vector) && a.account === act.account);
  const held = place === undefined || act.vector !== undefined ? [] : heldTo(place, world);
  return [
    ...held.filter(earlier).map((a) => ({ act: a, strength: HELD_CONNECTION, because: a.summary })),
    ...atPlace.filter(earlier).map((a) => ({ act: a, strength: 0.9, because: a.summary })),
    ...ofAccount.filter(earlier).map((a) => ({ act: a, strength: 0.6, because: a.summary })),
  ];
};
