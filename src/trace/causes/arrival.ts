import { type Said, say } from '../../core/said.ts';
import { DAY, HOUR, MINUTE } from '../../core/time.ts';
import { loginAct } from '../entries.ts';
import { becameUsual, familiarity, isStrange, strangeness } from '../familiarity.ts';
import type { Act, Cause, World } from '../model.ts';
import type { Movement } from '../movements.ts';
import { during } from '../movements.ts';
import { isInner, samePerson } from '../read.ts';

/** Somebody reached the machine first: a logon or an administrative connection from another address. */

/** A foothold is used within this time, or something else explains the act better. */
const LOOKBACK = 14 * DAY;
/** A remote installation follows its network logon at once. */
const AT_ONCE = HOUR;
/** Hosts of a fan-out that are looked at: the common source shows in a few. */
const SAMPLE = 8;
/** A pair of machines active on so many earlier days is routine administration. */
const ROUTINE_DAYS = 3;
/** An intrusion may have lasted this long before the act; what it did then is no routine. */
const RECENT = 3 * DAY;
const WEIGHT_NEW = 0.9;
const WEIGHT_ROUTINE = 0.08;
/** Another account than the act's, where the act's own account was there too. */
const WEIGHT_OTHER = 0.12;
/** Somebody read a share or called a service of the machine: that gives no hold of it. */
const NOT_AT_THE_KEYBOARD = 0.3;
/** A bare connection to a machine whose own log shows logons, but none for it. */
const WITHOUT_LOGON = 0.15;

/** All movements from one source to one machine. */
interface Pair {
  readonly source: string;
  /** The stay behind a lent address, else the source itself. */
  readonly stay: string;
  readonly place: string;
  /** In the time looked at, in order. */
  readonly moves: readonly Movement[];
  readonly routine: boolean;
  /** Another person's account, as never before, from an address lent to this one. */
  readonly switched: boolean;
}

/** A fan-out goes on while its targets are reached one by one. */
const latest = (act: Act): number => (act.kind === 'impact' && act.targets.length > 1 ? act.to : act.from);

/** Whether a movement can have made the act possible: services' own logons only at once, or by the same account. */
const isRelevant = (m: Movement, act: Act): boolean =>
  m.kind === 'connection' ||
  (m.kind === 'logon' && (m.interactive || m.account === act.account || m.time >= act.from - AT_ONCE));

const dayOf = (time: number): number => Math.floor(time / DAY);

/** Who stood behind a source: the holder of a lent address and his stay, else the machine. */
const whoseOf = (m: Movement, world: World): { who: string; stay: string } => {
  const held = world.leases.isLeased(m.source)
    ? world.leases.holdersOf(m.source, m.time, world.clocks.slackOf(m.stream))[0]
    : undefined;
  return held === undefined ? { who: m.source, stay: m.source } : { who: held.session.account, stay: held.session.key };
};

/** What is gathered of one pair before it is judged. */
interface Gathered {
  readonly source: string;
  readonly stay: string;
  readonly who: string;
  readonly moves: Movement[];
  /** Those among them with another person's account, from an address lent to this one. */
  readonly switched: Movement[];
}

/** On how many earlier days something was done; habits are people's, not addresses'. */
class Habits {
  readonly #days = new Map<string, Set<number>>();

  add(habit: string, time: number): void {
    this.#days.set(habit, (this.#days.get(habit) ?? new Set<number>()).add(dayOf(time)));
  }

  isRoutine(habit: string): boolean {
    return (this.#days.get(habit)?.size ?? 0) >= ROUTINE_DAYS;
  }
}

const asAccount = (who: string, account: string | undefined): string => `${who}\n${account ?? ''}`;

/** Whose visits are habit says nothing of another's account used in one: that is judged by itself. */
const pairOf = ({ source, stay, who, moves, switched }: Gathered, place: string, habits: Habits): Pair => {
  const unheardOf = switched.filter((m) => !habits.isRoutine(asAccount(who, m.account)));
  return {
    source,
    stay,
    place,
    moves: (unheardOf.length > 0 ? unheardOf : moves).sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1)),
    routine: unheardOf.length === 0 && habits.isRoutine(who),
    switched: unheardOf.length > 0,
  };
};

const pairsTo = (place: string, act: Act, world: World): Pair[] => {
  const addresses = world.hosts.addressesOf(place);
  const names = isInner(place) ? world.hosts.namesOf(place, act.from) : [place];
  const until = latest(act) + act.slack;
  const habits = new Habits();
  const pairs = new Map<string, Gathered>();
  for (const name of new Set([...addresses, ...names])) {
    for (const m of during(world.movements.to(name), world.span.first - world.clocks.widest, until)) {
      if (m.kind === 'refused' || addresses.includes(m.source)) continue;
      const { who, stay } = whoseOf(m, world);
      if (m.time < act.from - RECENT) {
        habits.add(who, m.time);
        habits.add(asAccount(who, m.account), m.time);
      }
      const isSwitched = stay !== m.source && m.account !== undefined && !samePerson(m.account, who);
      if (m.time < act.from - LOOKBACK || !(isSwitched || isRelevant(m, act))) continue;
      const key = `${m.source}\n${stay}`;
      const pair = pairs.get(key) ?? { source: m.source, stay, who, moves: [], switched: [] };
      if (isSwitched) pair.switched.push(m);
      pair.moves.push(m);
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()].map((gathered) => pairOf(gathered, place, habits));
};

/** The longer ago, the less likely it was for this act. */
export const recency = (elapsed: number): number =>
  elapsed <= HOUR ? 1 : elapsed <= DAY ? 0.95 : elapsed <= 4 * DAY ? 0.85 : 0.65;

const VIA: Readonly<Record<string, string>> = { 'T1021.001': 'RDP ', 'T1021.004': 'SSH ', 'T1021.006': 'WinRM ' };

const nameOfPlace = (place: string, time: number, world: World): string =>
  isInner(place) ? (world.hosts.namesOf(place, time)[0] ?? place) : place;

const arrivalText = (
  kind: 'logon' | 'connection',
  via: string,
  place: string,
  source: string,
  account: string | undefined,
): Said => {
  const [as, als] = account === undefined ? ['', ''] : [` as ${account}`, ` als ${account}`];
  const word = kind === 'logon' ? 'Anmeldung an' : 'Verbindung zu';
  return say(`${via}${kind} to ${place} from ${source}${as}`, `${via}${word} ${place} von ${source}${als}`);
};

/** The arrival that movements from one source at one place amount to. */
export const arrivalAct = (pair: Pick<Pair, 'source' | 'place' | 'moves' | 'routine'>, world: World): Act => {
  const last = pair.moves[pair.moves.length - 1] as Movement;
  // of a routine pair, only its last use before the act can belong to it
  const recent = pair.routine ? pair.moves.filter((m) => m.time >= last.time - HOUR) : pair.moves;
  // a scan touches a machine long before somebody logs on to it: the logon is the arrival
  const logons = recent.filter((m) => m.kind === 'logon');
  const own = logons.length > 0 ? logons : recent;
  const first = own[0] as Movement;
  const accounts = new Set(own.flatMap((m) => m.account ?? []));
  const account = accounts.size === 1 ? [...accounts][0] : undefined;
  const kind = own.some((m) => m.kind === 'logon') ? 'logon' : 'connection';
  const technique = own.find((m) => m.interactive)?.technique ?? first.technique;
  return {
    key: `${kind}:${first.id}`,
    kind,
    stage: 'lateral-movement',
    technique,
    from: first.time,
    to: last.time,
    slack: world.clocks.slackOf(first.stream),
    account,
    address: pair.source,
    targets: [pair.place],
    events: own.slice(0, 20).map((m) => m.id),
    count: own.length,
    summary: arrivalText(kind, VIA[technique] ?? '', nameOfPlace(pair.place, last.time, world), pair.source, account),
    marks: [],
    labels: [],
  };
};

/** A login straight from the internet, not from where the account usually comes from, shortly before. */
const FROM_THE_INTERNET = 0.7;
const STRANGER = 2;
const SOON = 6 * HOUR;

/** Logins to the machine straight from the internet. */
const foreign = (place: string, act: Act, world: World): Weighed[] => {
  const names = isInner(place) ? world.hosts.namesOf(place, act.from) : [place];
  return world.logons.remote
    .filter(
      (l) =>
        l.kind === 'remote-login' &&
        l.host !== undefined &&
        !isInner(l.remote) &&
        (l.host === place || names.includes(l.host)),
    )
    .filter((l) => l.first - world.clocks.doubtOf(l.stream) <= act.from + act.slack && l.last >= act.from - LOOKBACK)
    .map((l) => {
      const known = familiarity(world.logons, l.account, l.remote, l.client, l.first);
      // where the log begins with somebody, it shows later whether he was at home
      const atHome = known.known === 'usual' || (!isStrange(known) && becameUsual(world.logons, l.account, l.remote));
      const soon = act.from - l.last <= SOON;
      const strange = atHome
        ? strangeness({ ...known, known: 'usual' })
        : Math.max(strangeness(known), soon ? FROM_THE_INTERNET : 0);
      return {
        act: loginAct(l, world),
        weight: strange * (act.account === undefined || act.account === l.account ? 1 : 0.85),
        odds: soon && !atHome ? STRANGER : 1,
        source: l.remote,
      };
    });
};

/** Soon after a strange login to the only machine whose address nobody tells, an address whose name nobody tells acts. */
const BY_ELIMINATION = 0.35;

const unplaced = (place: string, act: Act, world: World): Weighed[] => {
  if (!isInner(place) || world.hosts.namesOf(place, act.from).length > 0) return [];
  const strange = world.logons.remote.filter(
    (l) =>
      l.kind === 'remote-login' &&
      l.host !== undefined &&
      world.hosts.addressesOf(l.host).length === 0 &&
      l.first - world.clocks.doubtOf(l.stream) <= act.from + act.slack &&
      l.first >= act.from - SOON &&
      isStrange(familiarity(world.logons, l.account, l.remote, l.client, l.first)),
  );
  return strange.length === 1
    ? strange.map((l) => ({ act: loginAct(l, world), weight: BY_ELIMINATION, odds: 1, source: l.remote }))
    : [];
};

const placesOf = (act: Act, world: World): string[] => {
  if (act.kind === 'impact' && act.targets.length > 1) return act.targets.slice(0, SAMPLE);
  if (act.host !== undefined && act.address === undefined) return [act.host];
  if (act.address !== undefined && !world.leases.isLeased(act.address)) return [act.address];
  return [];
};

const accountsIn = (pair: Pair): Set<string> => new Set(pair.moves.flatMap((m) => m.account ?? []));

const matchOf = (pair: Pair, act: Act, ownWasThere: boolean, logonsAreLogged: boolean): number => {
  if (logonsAreLogged && !pair.moves.some((m) => m.kind === 'logon')) return WITHOUT_LOGON;
  const accounts = accountsIn(pair);
  if (act.account !== undefined && accounts.has(act.account)) return 1;
  if (act.account === undefined)
    return pair.moves.some((m) => m.interactive) || accounts.size === 0 ? 1 : NOT_AT_THE_KEYBOARD;
  if (ownWasThere) return WEIGHT_OTHER;
  return accounts.size === 0 ? 0.7 : 0.5;
};

/** A person's account logged on over the network just before: whatever is routine between these machines, this was it. */
const JUST_BEFORE = 3 * MINUTE;
const WEIGHT_IMMEDIATE = 0.95;
const BESIDE_IMMEDIATE = 0.1;

const isImmediate = (pair: Pair, act: Act): boolean =>
  act.kind === 'impact' || act.stage === 'impact' || act.stage === 'execution'
    ? pair.moves.some(
        (m) =>
          m.kind === 'logon' && m.account !== undefined && !m.account.endsWith('$') && m.time >= act.from - JUST_BEFORE,
      )
    : false;

/**
 * Rivals share by the cube of their odds: many weak ones do not drown a strong one, equals divide evenly. What only sets
 * rivals apart does not weaken the one that has none.
 */
export const shared = <T extends Weighed>(all: readonly T[]): T[] => {
  const total = all.reduce((sum, w) => sum + (w.weight * w.odds) ** 3, 0);
  return all.map((w) => ({ ...w, weight: total === 0 ? 0 : (w.weight * (w.weight * w.odds) ** 3) / total }));
};

/** A machine that nothing had been heard of in a week of logs comes with a stranger more often than with a colleague. */
const SILENT_BEFORE = 7 * DAY;
const NEWCOMER = 1.5;

/** Who uses another's account from his own VPN stay is rarely a colleague. */
const SWITCHED = 2;
/** … whatever it was that he called up. */
const WEIGHT_SWITCHED = 0.7;

const oddsOf = (pair: Pair, act: Act, world: World): number => {
  if (pair.switched) return SWITCHED;
  if (pair.stay !== pair.source) return 1;
  const first = world.movements.from(pair.source)[0]?.time ?? act.from;
  return first - world.span.first >= SILENT_BEFORE && first >= act.from - LOOKBACK ? NEWCOMER : 1;
};

const arrivalsAt = (place: string, act: Act, world: World): Weighed[] => {
  const pairs = pairsTo(place, act, world);
  const ownWasThere = act.account !== undefined && pairs.some((p) => accountsIn(p).has(act.account as string));
  const logged = pairs.some((p) => p.moves.some((m) => m.kind === 'logon'));
  const weighed = pairs.map((pair) => {
    const made = arrivalAct(pair, world);
    const odds = oddsOf(pair, act, world);
    if (isImmediate(pair, act)) return { act: made, weight: WEIGHT_IMMEDIATE, odds, source: pair.stay };
    const weight =
      (pair.routine ? WEIGHT_ROUTINE : WEIGHT_NEW) *
      Math.max(matchOf(pair, act, ownWasThere, logged), pair.switched ? WEIGHT_SWITCHED : 0) *
      recency(latest(act) - made.to);
    return { act: made, weight, odds, source: pair.stay };
  });
  const all = [...weighed, ...foreign(place, act, world)];
  if (all.length === 0) return unplaced(place, act, world);
  const immediate = pairs.some((p) => isImmediate(p, act));
  const told = immediate
    ? all.map((w) => (w.weight === WEIGHT_IMMEDIATE ? w : { ...w, weight: w.weight * BESIDE_IMMEDIATE }))
    : all;
  return shared(told);
};

export interface Weighed {
  readonly act: Act;
  readonly weight: number;
  /** How much likelier than its weight says it is beside rivals. */
  readonly odds: number;
  readonly source: string;
}

/** Machines reached without a logon of their own: by policy, from whoever stood at a domain controller. */
const DOMAIN_WIDE = 5;
const BY_POLICY = 0.6;

const byController = (act: Act, places: readonly string[], explained: number, world: World): Cause[] => {
  if (act.kind !== 'impact' || act.targets.length < DOMAIN_WIDE || explained > 0.4) return [];
  const controllers = [...world.controllers].filter((c) => !places.includes(c) || places.length > 1);
  const found = controllers
    .flatMap((c) => arrivalsAt(c, { ...act, kind: 'finding', targets: [] }, world))
    .filter((w) => w.weight > 0.3);
  const total = Math.max(
    1,
    found.reduce((sum, w) => sum + w.weight, 0),
  );
  return found.map((w) => ({
    act: w.act,
    strength: (BY_POLICY * w.weight) / total,
    because: say(
      `${w.act.summary.en}: from a domain controller every machine is reached by policy, without a logon of its own`,
      `${w.act.summary.de}: vom Domänencontroller aus wird jeder Rechner per Richtlinie erreicht, ohne eigene Anmeldung`,
    ),
  }));
};

export const byArrival = (act: Act, world: World): Cause[] => {
  if (act.kind === 'vpn-session' || act.vector !== undefined) return [];
  const places = placesOf(act, world);
  const arrivals = places.map((place) => arrivalsAt(place, act, world)).filter((a) => a.length > 0);
  const bySource = new Map<string, number>();
  for (const w of arrivals.flat()) bySource.set(w.source, (bySource.get(w.source) ?? 0) + w.weight / arrivals.length);
  const causes = arrivals.flat().map((w) => ({
    act: w.act,
    // what reached several of the places counts for all of them
    strength: Math.min(0.95, bySource.get(w.source) ?? 0),
    because: say(`${w.act.summary.en} came before it`, `${w.act.summary.de} ging voraus`),
  }));
  return [...causes, ...byController(act, places, Math.max(0, ...causes.map((c) => c.strength)), world)];
};
