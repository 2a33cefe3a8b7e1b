import { networkOf } from '../core/net.ts';
import { asIs, list, type Said, say } from '../core/said.ts';
import { DAY, HOUR, hourOf, MINUTE } from '../core/time.ts';
import { durationText } from '../detect/words.ts';
import type { Background } from './background.ts';
import { speaksOf } from './board.ts';
import type { Calls } from './calls.ts';
import { calledBack } from './calls.ts';
import type { Failure, Failures } from './failures.ts';
import { once } from './failures.ts';
import { type Familiarity, familiarity } from './familiarity.ts';
import { type Act, LOGINS, type Mark, type World } from './model.ts';
import { during } from './movements.ts';
import type { Vector } from './result.ts';
import { isBeforeEntry, isLate } from './stages.ts';

/** What the records say of a possible entry act by itself, apart from what followed. */
export interface Evidence {
  readonly marks: readonly Mark[];
  readonly vector: Vector;
}

const clamp = (low: number, value: number, high: number): number => Math.max(low, Math.min(high, value));
const mark = (
  family: string,
  nats: number,
  because: Said,
  events: readonly string[] = [],
  from: number | undefined = undefined,
): Mark => ({ family, nats, because, events, ...(from === undefined ? {} : { from }) });

/** Fewer failures are typing errors. */
const TYPOS = 5;
/** Attempts on so many accounts are no person's. */
const SPRAYED = 4;

const guessing = (act: Act, failures: Failures): Mark[] => {
  if (act.account === undefined || act.remote === undefined) return [];
  const all = once(during(failures.from(networkOf(act.remote) ?? act.remote), 0, act.from + act.slack));
  const own = all.filter((f) => f.account === act.account);
  const recent = own.filter((f) => f.time >= act.from - DAY);
  // a device that kept an old password fails every day and then succeeds when somebody mends it
  const habitual = own.filter((f) => f.time >= act.from - 15 * DAY && f.time < act.from - 2 * DAY).length;
  if (recent.length < TYPOS || habitual >= recent.length) return spraying(act, all);
  const span = act.from - (recent[0] as Failure).time;
  const within = durationText(Math.max(span, MINUTE));
  const because = say(
    `${recent.length} failed logins of ${act.account} from the same network within ${within.en} before it`,
    `${recent.length} gescheiterte Anmeldungen von ${act.account} aus demselben Netz innerhalb von ${within.de} davor`,
  );
  return [
    mark(
      'guessing',
      clamp(0, 1 + Math.log(recent.length / TYPOS), 3),
      because,
      recent.slice(-20).map((f) => f.id),
      (recent[0] as Failure).time,
    ),
  ];
};

/** Attempts on many accounts from the network that then succeeded. */
const spraying = (act: Act, all: readonly Failure[]): Mark[] => {
  const recent = all.filter((f) => f.time >= act.from - 21 * DAY);
  const accounts = new Set(recent.map((f) => f.account));
  if (accounts.size < SPRAYED) return [];
  const because = say(
    `failed logins of ${accounts.size} accounts from the same network in the weeks before it`,
    `gescheiterte Anmeldungen an ${accounts.size} Konten aus demselben Netz in den Wochen davor`,
  );
  return [
    mark(
      'guessing',
      clamp(0, Math.log(accounts.size), 2),
      because,
      recent.slice(-12).map((f) => f.id),
      recent[0]?.time,
    ),
  ];
};

const percent = (rate: number): Said =>
  rate < 0.01 ? say('under 1 %', 'unter 1 %') : asIs(`${Math.round(rate * 100)} %`);

const hourText = (time: number): string => `${new Date(time / 1000).toISOString().slice(11, 16)} UTC`;

/** Nats. Who carries on another's work from his own place does it when the other is not there. */
const USUAL_PLACE = -1.5;
const ODD_HOUR_THERE = 1;

const oddHour = (act: Act, { days }: Familiarity, world: World, background: Background): Said | undefined => {
  const [never, nie] =
    days >= 5 && isOddHour(act, world)
      ? ['the account is never used', 'das Konto nie benutzt wird']
      : isNobodysHour(act, background)
        ? ['hardly anybody comes', 'kaum jemand kommt']
        : [];
  if (never === undefined) return undefined;
  const at = hourText(act.from);
  return say(`at an hour (${at}) at which ${never}`, `zu einer Stunde (${at}), zu der ${nie}`);
};

/** New network, new client, odd hour and a second stay at once say one thing: not the owner. Together at most 3. */
const novelty = (act: Act, world: World, background: Background): Mark[] => {
  const { account, remote } = act;
  if (account === undefined || remote === undefined) return [];
  const own = world.sessions.find((s) => s.key === act.key);
  const client = own?.client ?? world.logons.remote.find((l) => `login:${l.events[0]}` === act.key)?.client;
  const f = familiarity(world.logons, account, remote, client, act.from);
  const network = networkOf(remote) ?? remote;
  const odd = oddHour(act, f, world, background);
  if (f.known === 'usual') {
    const [but, doch] = odd === undefined ? ['', ''] : [`, though ${odd.en}`, `, wenn auch ${odd.de}`];
    return [
      mark(
        'novelty',
        odd === undefined ? USUAL_PLACE : USUAL_PLACE + ODD_HOUR_THERE,
        say(
          `${account} came from ${network} on ${f.daysHere} days before: it is where the account usually comes from${but}`,
          `${account} kam an ${f.daysHere} Tagen zuvor aus ${network}: von dort kommt das Konto gewöhnlich${doch}`,
        ),
      ),
    ];
  }
  const said: Said[] = [];
  let nats = 0;
  if (f.known === 'new') {
    nats += clamp(0, Math.log(0.8 / background.newNetwork), 2);
    said.push(
      say(
        `first login of ${account} from ${network}, after ${f.days} days of use from ${f.networks === 1 ? 'one other network' : `${f.networks} other networks`} (${percent(background.newNetwork).en} of all logins come from a new network)`,
        `erste Anmeldung von ${account} aus ${network}, nach ${f.days} Tagen Nutzung aus ${f.networks === 1 ? 'einem anderen Netz' : `${f.networks} anderen Netzen`} (${percent(background.newNetwork).de} aller Anmeldungen kommen aus einem neuen Netz)`,
      ),
    );
  }
  if (f.known === 'first') {
    nats += clamp(0, Math.log(0.5 / background.newNetwork), 1.5);
    said.push(
      say(
        `first use of ${account} from outside since the logs begin, ${Math.floor((act.from - world.logons.begin) / DAY)} days before`,
        `erste Nutzung von ${account} von außen seit Beginn der Protokolle, ${Math.floor((act.from - world.logons.begin) / DAY)} Tage zuvor`,
      ),
    );
  }
  if (!f.clientSeen && f.days > 0) {
    nats += clamp(0, Math.log(0.5 / background.newClient), 1);
    said.push(
      say(
        `with a client that the account had not used (${client})`,
        `mit einem Programm, das das Konto nicht benutzt hatte (${client})`,
      ),
    );
  }
  const beside = concurrent(act, world);
  if (beside !== undefined) {
    nats += 1.5;
    said.push(
      say(
        `while ${account} was already connected from ${beside}`,
        `während ${account} schon von ${beside} verbunden war`,
      ),
    );
  }
  if (odd !== undefined) {
    nats += 0.5;
    said.push(odd);
  }
  return said.length === 0 ? [] : [mark('novelty', Math.min(3, nats), list(said, ', '), act.events.slice(0, 3))];
};

const concurrent = (act: Act, world: World): string | undefined => {
  const network = networkOf(act.remote as string);
  return world.sessions.find(
    (s) =>
      s.account === act.account &&
      s.key !== act.key &&
      s.remote !== undefined &&
      networkOf(s.remote) !== network &&
      s.endKnown &&
      s.begin < act.from - 2 * MINUTE &&
      s.end > act.from + 2 * MINUTE,
  )?.remote;
};

/** Fewer uses show nobody's hours. */
const KNOWN_HOURS = 8;

const isOddHour = (act: Act, world: World): boolean => {
  const own = hourOf(act.from);
  const apart = (hour: number): number => Math.min(Math.abs(hour - own), 24 - Math.abs(hour - own));
  const uses = world.logons.usesOf(act.account as string).filter((u) => u.time < act.from - HOUR);
  return uses.length >= KNOWN_HOURS && uses.every(({ hours }) => [...hours].every((hour) => apart(hour) > 2));
};

/** In so small a share of the house's stays and logins, or none but its own, somebody is there at the hour. */
const NOBODYS = 0.02;
/** Fewer show no rhythm of a house. */
const RHYTHM = 50;

const isNobodysHour = (act: Act, { hours, total }: Background): boolean =>
  total >= RHYTHM && (hours[hourOf(act.from)] ?? 0) - 1 < NOBODYS * total;

const secondFactor = (act: Act, failures: Failures): Mark[] => {
  if (act.account === undefined) return [];
  const denied = once(during(failures.denied(act.account), act.from - HOUR - act.slack, act.from + MINUTE));
  return denied.length < 5
    ? []
    : [
        mark(
          'mfa',
          3.5,
          say(
            `${denied.length} second-factor requests were denied in the hour before it`,
            `${denied.length} Anfragen des zweiten Faktors wurden in der Stunde davor abgelehnt`,
          ),
          denied.slice(0, 20).map((f) => f.id),
          denied[0]?.time,
        ),
      ];
};

/** The same session id from another network: somebody carries on another's session. */
const carriedOver = (act: Act, world: World): Mark[] => {
  const own = world.sessions.find((s) => s.key === act.key);
  if (own?.id === undefined || own.remote === undefined) return [];
  const network = networkOf(own.remote);
  const first = world.sessions.find(
    (s) =>
      s.id === own.id &&
      s.account === own.account &&
      s.begin < own.begin &&
      s.begin > own.begin - 3 * DAY &&
      s.remote !== undefined &&
      networkOf(s.remote) !== network,
  );
  return first === undefined
    ? []
    : [
        mark(
          'session',
          3,
          say(
            `the session ${own.id} had been opened from ${first.remote} before`,
            `die Sitzung ${own.id} war zuvor von ${first.remote} eröffnet worden`,
          ),
          [...first.events.slice(0, 2), ...own.events.slice(0, 2)],
        ),
      ];
};

/** Machines inside that a remote worker does not visit in a few hours. */
const SCANNED = 25;

const reachAfter = (act: Act, world: World): Mark[] => {
  if (act.kind !== 'vpn-session') return [];
  return act.targets.slice(0, 3).flatMap((address) => {
    const moves = during(
      world.movements.from(address),
      act.from - act.slack,
      Math.min(act.to, act.from + 6 * HOUR),
    ).filter((m) => m.kind !== 'logon');
    const places = new Set(moves.map((m) => m.place));
    const first = moves[0];
    if (first === undefined || places.size < SCANNED) return [];
    const after = durationText(Math.max(0, first.time - act.from));
    const because = say(
      `its address ${address} tried ${places.size} hosts on administration ports, beginning ${after.en} after the login`,
      `seine Adresse ${address} versuchte ${places.size} Rechner an Verwaltungsports, beginnend ${after.de} nach der Anmeldung`,
    );
    return [
      mark(
        'discovery',
        2,
        because,
        moves.slice(0, 10).map((m) => m.id),
      ),
    ];
  });
};

const LABELS: Readonly<Record<string, readonly [number, Said]>> = {
  'known-travel': [
    -1.5,
    say('the operator states that this person was travelling', 'nach Angabe des Betreibers war die Person auf Reisen'),
  ],
  pentest: [
    -4,
    say('the operator states that this was an announced test', 'nach Angabe des Betreibers ein angekündigter Test'),
  ],
  scanner: [
    -2,
    say(
      'the operator states that this address is a scanner',
      'nach Angabe des Betreibers die Adresse eines Prüfgeräts',
    ),
  ],
  leaver: [
    2.5,
    say(
      'the operator states that this person had left before',
      'nach Angabe des Betreibers war die Person zuvor ausgeschieden',
    ),
  ],
};

const byLabels = (act: Act): Mark[] =>
  act.labels.flatMap((label) => {
    const known = LABELS[label];
    return known === undefined ? [] : [mark(`label ${label}`, known[0], known[1])];
  });

/** Findings about the act, or about what led up to it. */
const stated = (act: Act, world: World): { marks: Mark[]; vectors: Vector[] } => {
  const near = new Set([act.account, act.remote].flatMap((e) => (e === undefined ? [] : world.board.naming(e))));
  const own = [...near].filter(
    (f) =>
      f.key !== act.key &&
      f.kind === 'finding' &&
      (f.vector !== undefined || !isLate(f.stage) || isBeforeEntry(f.technique)) &&
      speaksOf(f, act),
  );
  const usual =
    act.remote !== undefined &&
    act.account !== undefined &&
    familiarity(world.logons, act.account, act.remote, undefined, act.from).known === 'usual';
  const marks = own.flatMap((f) => f.marks).filter((m) => m.nats < 0 || !(usual && m.family === 'novelty'));
  const vectors = own
    .filter(
      (f) => (f.marks[0]?.nats ?? 0) >= 1 && f.vector !== undefined && f.events.some((id) => act.events.includes(id)),
    )
    .map((f) => f.vector as Vector);
  return { marks, vectors };
};

const CARRYING: readonly Vector[] = [
  'session-theft',
  'mfa-fatigue',
  'token-or-consent',
  'insider-or-leaver',
  'partner-access',
];

const vectorOf = (act: Act, marks: readonly Mark[], vectors: readonly Vector[]): Vector => {
  const has = (family: string): boolean => marks.some((m) => m.family === family && m.nats >= 1);
  const base = act.vector ?? 'physical-or-unknown';
  if (act.labels.includes('leaver')) return 'insider-or-leaver';
  if (has('session')) return 'session-theft';
  if (has('mfa')) return 'mfa-fatigue';
  const special = CARRYING.find((v) => vectors.includes(v));
  if (special !== undefined) return special;
  return base === 'vpn-valid-account' && has('guessing') ? 'vpn-guessed-password' : base;
};

/** Everything known of one possible entry act. */
export const evidenceOf = (
  act: Act,
  world: World,
  background: Background,
  failures: Failures,
  calls: Calls,
): Evidence => {
  if (!LOGINS.has(act.kind))
    return {
      marks: [...act.marks, ...calledBack(act, calls), ...byLabels(act)],
      vector: act.vector ?? 'physical-or-unknown',
    };
  const { marks: statements, vectors } = stated(act, world);
  const marks = [
    ...act.marks,
    ...guessing(act, failures),
    ...secondFactor(act, failures),
    ...reachAfter(act, world),
    ...novelty(act, world, background),
    ...carriedOver(act, world),
    ...calledBack(act, calls),
    ...byLabels(act),
    ...statements,
  ];
  return { marks, vector: vectorOf(act, marks, vectors) };
};
