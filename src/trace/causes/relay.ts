import { say } from '../../core/said.ts';
import { DAY, MINUTE } from '../../core/time.ts';
import { loginAct, sessionAct } from '../entries.ts';
import { familiarity, strangeness } from '../familiarity.ts';
import { type Act, type Cause, type World, weightOf } from '../model.ts';
import { AT_ONCE, type Relayed } from '../relayed.ts';
import { recency, shared, type Weighed } from './arrival.ts';

/** Who was led to the machine by a gateway, and came in at the gateway for it. */

/** What somebody left behind at a published desktop is used within this time. */
const LOOKBACK = 4 * DAY;
/** A desktop is opened soon after its login, or in a session that was carried on by another. */
const OPENED = DAY / 2;
const SLACK = 5 * MINUTE;
/** A finding that the session was carried on by another tells more than its network. */
const STOLEN = 3;
const WEIGHTY = 1;
/** The act's account is another than the one that was led there: it was taken over there, or is another's. */
const OTHER_ACCOUNT = 0.85;
/** The logon that a gateway's own record explains. */
const RESOLVED = 0.95;

/** The act at the gateway by which a connection came to be: the theft of its session, else its stay, else its login. */
const entryOf = ({ account, remote, first }: Relayed, world: World): Act | undefined => {
  const near = (from: number, to: number): boolean => from - SLACK <= first && first <= to + OPENED;
  const theft = world.board
    .naming(account)
    .find((a) => a.vector === 'session-theft' && a.account === account && a.remote === remote && near(a.from, a.to));
  if (theft !== undefined) return theft;
  const stay = world.sessions.findLast(
    (s) => s.account === account && s.remote === remote && s.begin - SLACK <= first && first <= s.end,
  );
  if (stay !== undefined) return sessionAct(stay, world);
  const login = world.logons.remote.find((l) => l.account === account && l.remote === remote && near(l.first, l.last));
  return login === undefined ? undefined : loginAct(login, world);
};

const because = ({ account, remote }: Relayed): Cause['because'] =>
  say(
    `the gateway had led ${account} from ${remote} to this machine`,
    `das Gateway hatte ${account} von ${remote} zu diesem Rechner geführt`,
  );

/** A logon that comes from the gateway: its record of the same account and instant tells from where. */
const resolved = (act: Act, world: World): Cause[] =>
  act.kind !== 'logon'
    ? []
    : act.targets
        .flatMap((place) => [place, ...world.hosts.addressesOf(place)])
        .flatMap((address) => world.relayed.to(address))
        .filter((r) => r.account === act.account && Math.abs(r.first - act.from) <= AT_ONCE + act.slack)
        .flatMap((r) => {
          const made = entryOf(r, world);
          return made === undefined ? [] : [{ act: made, strength: RESOLVED, because: because(r) }];
        });

const addressesOf = (act: Act, world: World): readonly string[] => {
  if (act.address !== undefined) return world.leases.isLeased(act.address) ? [] : [act.address];
  return act.host === undefined ? [] : world.hosts.addressesOf(act.host);
};

const weigh = (relayed: Relayed, act: Act, world: World): (Weighed & { readonly relayed: Relayed }) | undefined => {
  const made = entryOf(relayed, world);
  if (made === undefined) return undefined;
  const { account, remote, first, last } = relayed;
  const strange = strangeness(familiarity(world.logons, account, remote, undefined, first));
  const same = act.account === undefined || act.account === account ? 1 : OTHER_ACCOUNT;
  const odds = made.vector === 'session-theft' && weightOf(made) >= WEIGHTY ? STOLEN : 1;
  return { act: made, weight: strange * same * recency(act.from - last), odds, source: remote, relayed };
};

export const byRelay = (act: Act, world: World): Cause[] => {
  if (act.kind === 'vpn-session' || act.vector !== undefined) return [];
  const told = resolved(act, world);
  if (told.length > 0) return told;
  const found = addressesOf(act, world)
    .flatMap((address) => world.relayed.to(address))
    .filter((r) => r.first <= act.from + act.slack && r.last >= act.from - LOOKBACK)
    .flatMap((r) => weigh(r, act, world) ?? []);
  return shared(found).map((w) => ({ act: w.act, strength: w.weight, because: because(w.relayed) }));
};
