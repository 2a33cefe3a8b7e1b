import { networkOf } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { DAY, HOUR } from '../../core/time.ts';
import { loginAct, sessionAct } from '../entries.ts';
import type { Familiarity } from '../familiarity.ts';
import { becameUsual, familiarity, isNear, isStrange } from '../familiarity.ts';
import { type Act, type Cause, LOGINS, type World, weightOf } from '../model.ts';
import { during } from '../movements.ts';
import { samePerson } from '../read.ts';
import { isLate } from '../stages.ts';

/** An attacker's address and an account in a stranger's hands are used again within this time. */
const REACH = 21 * DAY;
/** More accounts than this at one address: an office, a relay, a carrier's NAT. It ties nobody to anybody. */
const SHARED = 4;

const earlier = (candidate: { from: number; key: string }, act: Act): boolean =>
  candidate.key !== act.key && candidate.from < act.from - act.slack && candidate.from >= act.from - REACH;

/**
 * Mailbox, VPN and directory write one person's name differently; from one foreign address it is one use of his accounts.
 * Only a stay is tied to the chain by the machine that it was lent to; a login found by its name alone may be the owner's.
 */
const isOnePerson = (earlier: Act, act: Act): boolean =>
  earlier.account === act.account ||
  (act.kind === 'vpn-session' &&
    earlier.account !== undefined &&
    act.account !== undefined &&
    samePerson(earlier.account, act.account));

const SAME_PERSON = 0.9;

const isBreakIn = (act: Act): boolean =>
  act.vector === 'web-exploit' ||
  act.vector === 'appliance-exploit' ||
  act.technique.startsWith('T1505') ||
  act.technique.startsWith('T1190');

/** A script that was planted is used in the same second, so that order does not tell; whoever uses it, planted it. */
const brokenInWith = (act: Act, remote: string, world: World): Act[] =>
  act.vector !== undefined || act.kind !== 'impact'
    ? []
    : world.board
        .naming(remote)
        .filter(
          (a) =>
            a.remote === remote && isBreakIn(a) && a.vector !== undefined && Math.abs(a.from - act.from) <= act.slack,
        );

/** The same foreign address did something before. */
const sameAddress = (act: Act, remote: string, world: World): Cause[] => {
  const accounts = world.logons.accountsAt(remote);
  if (accounts > SHARED) return [];
  const strength = 0.85 / Math.max(1, accounts);
  const found: Act[] = [
    ...world.logons.remote.filter((l) => l.remote === remote).map((l) => loginAct(l, world)),
    ...world.sessions.filter((s) => s.remote === remote).map((s) => sessionAct(s, world)),
    ...world.board.naming(remote).filter((a) => a.remote === remote && isBreakIn(a)),
  ].filter((f) => earlier(f, act));
  return [...found, ...brokenInWith(act, remote, world)]
    .filter((f) => !(act.account === f.account && isUsual(f, world)))
    .map((f) => ({
      act: f,
      strength: isOnePerson(f, act) || f.kind === 'finding' ? SAME_PERSON : strength,
      because: say(`${remote} had been there before: ${f.summary.en}`, `${remote} war schon da: ${f.summary.de}`),
    }));
};

/** How strongly a break-in from another address of the same provider is the same stranger's. */
const SAME_PROVIDER = 0.5;
/** Findings weaker than this show no break-in. */
const WEIGHTY = 1;

/** Somebody broke in from a neighbouring network, which nobody else of the house comes from. */
const sameProvider = (act: Act, remote: string, world: World): Cause[] =>
  world.logons.accountsNear(remote) > 1
    ? []
    : world.board.acts
        .filter(
          (a) =>
            a.vector !== undefined &&
            a.remote !== undefined &&
            a.remote !== remote &&
            isNear(a.remote, remote) &&
            isBreakIn(a) &&
            weightOf(a) >= WEIGHTY &&
            earlier(a, act),
        )
        .map((a) => ({
          act: a,
          strength: SAME_PROVIDER,
          because: say(
            `it came from ${remote}, a network next to ${a.remote}, from where nobody else of the house comes: ${a.summary.en}`,
            `es kam von ${remote}, einem Netz neben ${a.remote}, von wo sonst niemand des Hauses kommt: ${a.summary.de}`,
          ),
        }));

/** How strongly two accounts that come for the first time from one foreign network are in one stranger's hands. */
const TWO_ACCOUNTS = 0.6;
/** Later, the two have nothing to do with each other. */
const TOGETHER = 3 * DAY;

/** Another account came from this network, new to it too, and nobody else of the house comes from anywhere near. */
const sameNeighbourhood = (act: Act, remote: string, world: World): Cause[] => {
  if (world.logons.accountsNear(remote) !== 2) return [];
  const network = networkOf(remote);
  return world.logons.remote
    .filter((l) => l.account !== act.account && l.remote !== remote && networkOf(l.remote) === network)
    .map((l) => loginAct(l, world))
    .filter((a) => earlier(a, act) && a.from >= act.from - TOGETHER)
    .filter((a) => isStrange(familiarity(world.logons, a.account as string, a.remote, undefined, a.from)))
    .map((a) => ({
      act: a,
      strength: TWO_ACCOUNTS,
      because: say(
        `${remote} lies in the network of ${a.remote}, from where only these two accounts came, both for the first time: ${a.summary.en}`,
        `${remote} liegt im Netz von ${a.remote}, von wo nur diese beiden Konten kamen, beide zum ersten Mal: ${a.summary.de}`,
      ),
    }));
};

const isUsual = (act: Act, world: World): boolean =>
  act.account !== undefined &&
  familiarity(world.logons, act.account, act.remote, undefined, act.from).known === 'usual';

/** How strongly an earlier login of the same account from another place is the same stranger's. */
const SAME_NETWORK = 0.85;
const STRANGE_BEFORE = 0.9;
const UNCLEAR_BEFORE = 0.2;

/**
 * Whether two strange networks are one stranger's: rather so, the less likely it is that the owner himself came from
 * another new network in the time between (Poisson, at the rate at which the account did so while the logs were kept: an
 * account that was never used from outside in a month is not one that changes its network daily). µs.
 */
const oneStranger = (between: number, observed: number, before: Familiarity): number => {
  const rate = (before.networks + 1) / (observed / DAY + 1);
  return Math.max(UNCLEAR_BEFORE, STRANGE_BEFORE * Math.exp((-rate * between) / DAY));
};

/** A working day by VPN: so long, and nothing but what everybody does from there. */
const WORKDAY = 4 * HOUR;
/** A server that so many others came to as well is everybody's. */
const EVERYBODYS = 5;
/** Strangers look around, or leave soon: a stay like a working day is half as likely theirs. */
const LIKE_WORK = 0.5;

const isLikeWork = (act: Act, world: World): boolean => {
  const stay = world.sessions.find((s) => s.key === act.key);
  if (stay === undefined || !stay.endKnown || stay.end - stay.begin < WORKDAY) return false;
  const inTime = (a: Act): boolean => a.from >= stay.begin - act.slack && a.from <= stay.end + act.slack;
  return stay.addresses.every(({ ip }) => {
    const places = new Set(during(world.movements.from(ip), stay.begin, stay.end).map(({ place }) => place));
    const everybodys = [...places].every(
      (place) => new Set(world.movements.to(place).map(({ source }) => source)).size >= EVERYBODYS,
    );
    return everybodys && !world.board.naming(ip).some((a) => isLate(a.stage) && inTime(a));
  });
};

/** Nats: e^1.5 to one that a login followed from guessing, not from its owner's mistyping. */
const GUESSED = 1.5;

/** A finding tells of the login that its password had been guessed. */
const wasGuessed = ({ account, remote, from, slack }: Act, { board }: World): boolean =>
  board
    .naming(account as string)
    .some(
      (a) =>
        a.vector !== undefined &&
        a.account === account &&
        a.remote === remote &&
        a.marks[0]?.family === 'guessing' &&
        weightOf(a) >= GUESSED &&
        from >= a.from - slack &&
        from <= a.to + HOUR,
    );

/** How strongly an earlier use of the account is the stranger's who uses it now. */
const bothStrangers = (earlier: Act, before: Familiarity, act: Act, world: World): number => {
  if (wasGuessed(earlier, world)) return STRANGE_BEFORE;
  if (!isStrange(before)) return UNCLEAR_BEFORE;
  if (isNear(earlier.remote as string, act.remote ?? '')) return SAME_NETWORK;
  const likely = oneStranger(act.from - earlier.from, earlier.from - world.span.first, before);
  return isLikeWork(earlier, world) ? likely * LIKE_WORK : likely;
};

/** The same account was in a stranger's hands before: the first time counts. */
const sameStranger = (act: Act, account: string, world: World): Cause[] => {
  const network = act.remote === undefined ? undefined : networkOf(act.remote);
  const acts = [
    ...world.sessions.filter((s) => s.account === account).map((s) => sessionAct(s, world)),
    ...world.logons.remote.filter((l) => l.account === account).map((l) => loginAct(l, world)),
  ];
  return (
    acts
      .filter(
        (a) => a.remote !== undefined && a.remote !== act.remote && earlier(a, act) && a.from >= act.from - SAME_MATTER,
      )
      // who is still connected from elsewhere is rather the owner
      .filter((a) => a.kind !== 'vpn-session' || a.to < act.from || networkOf(a.remote as string) === network)
      .map((a) => ({ a, before: familiarity(world.logons, account, a.remote, undefined, a.from) }))
      .filter(({ a, before }) => before.known !== 'usual' && !becameUsual(world.logons, account, a.remote as string))
      .map(({ a, before }) => ({
        act: a,
        strength: bothStrangers(a, before, act, world),
        because: say(
          `${account} had already been used from a place that was not its own: ${a.summary.en}`,
          `${account} war schon von einem Ort benutzt worden, der nicht der eigene war: ${a.summary.de}`,
        ),
      }))
  );
};

/** Two strangers' uses further apart are two matters. */
const SAME_MATTER = 14 * DAY;

export const byRemote = (act: Act, world: World): Cause[] => {
  if (act.remote === undefined) return [];
  const usual = LOGINS.has(act.kind) && isUsual(act, world);
  if (usual) return [];
  const causes = sameAddress(act, act.remote, world);
  if (LOGINS.has(act.kind) && act.account !== undefined) {
    causes.push(...sameStranger(act, act.account, world));
    const first = familiarity(world.logons, act.account, act.remote, undefined, act.from);
    if (isStrange(first))
      causes.push(...sameProvider(act, act.remote, world), ...sameNeighbourhood(act, act.remote, world));
  }
  return causes;
};
