import { type Said, say } from '../core/said.ts';
import { DAY, timeText } from '../core/time.ts';
import { shortened, toldOf } from './commands.ts';
import type { Covered } from './coverage.ts';
import { LOG_NAMES } from './log-names.ts';
import type { Act, World } from './model.ts';
import { during } from './movements.ts';
import { isInner } from './read.ts';
import type { Coverage } from './result.ts';
import { isRead } from './strange-reads.ts';

/**
 * What came of an act that stands out shows within a day, if it shows at all. Where the logs that would show it reach that far,
 * their silence answers for it; where they do not, nobody can say that nothing came of it.
 */
const FOLLOWS = DAY;

type LogClass = Coverage['class'];

/** A question about an act, and the logs of which one answers it. */
interface Question {
  readonly act: Act;
  readonly classes: readonly LogClass[];
  readonly answer: Said;
}

const WHAT_CAME = say('what came of it', 'was daraus wurde');
const WHOSE_DOING = say('whether its owner did it', 'ob der Inhaber es selbst war');
const WHO_ACTED = say('how its actor came by the address', 'wie der Handelnde an die Adresse kam');

/** A mailbox or file store worked on from outside: what is read and sent there passes no firewall and no machine of the house. */
const isOfService = (act: Act): boolean =>
  act.kind === 'mail-login' ||
  act.vector === 'mail-account-takeover' ||
  /^T(?:1114|1534)/.test(act.technique) ||
  (act.vector === undefined && act.remote !== undefined && act.host === undefined && act.address === undefined);

/** An address may change hands overnight: who logged on from it so near in time may have held it. */
const SAME_HANDS = DAY / 2;

const isUnaccounted = (act: Act, { movements, leases }: World): boolean =>
  act.vector === undefined &&
  isInner(act.address) &&
  leases.mayLend(act.address as string) &&
  !leases.isLeased(act.address as string) &&
  !during(movements.from(act.address as string), act.from - SAME_HANDS, act.to + SAME_HANDS).some(
    ({ kind }) => kind === 'logon',
  );

const questionsOf = (act: Act, world: World): Question[] => {
  // what was fetched from outside is told by the record itself; no log tells who sat there
  if (isRead(act) && act.remote !== undefined) return [{ act, classes: [], answer: WHOSE_DOING }];
  if (isOfService(act)) return [{ act, classes: ['mail'], answer: WHAT_CAME }];
  return [
    { act, classes: ['firewall'], answer: WHAT_CAME },
    { act, classes: ['auth'], answer: WHAT_CAME },
    ...(isUnaccounted(act, world) ? [{ act, classes: ['vpn', 'network'], answer: WHO_ACTED } as const] : []),
  ];
};

/** Logins to gateways and their management are no logons to machines, which is where an intruder goes on. */
const tellsOfMachines = ({ movements, logons }: World): boolean =>
  movements.all.some(({ kind }) => kind === 'logon') || logons.remote.some(({ kind }) => kind === 'remote-login');

/** A log of a machine's programs tells what came of an act on it, whatever else writes of logons. */
const tellsOfIts = ({ host, address, from }: Act, { hosts, machines }: World): boolean => {
  const names = host !== undefined ? [host] : address !== undefined ? hosts.namesOf(address, from) : [];
  return names.some((name) => machines.hosts.includes(name.toLowerCase()));
};

const isAnswered = ({ act, classes }: Question, coverage: readonly Covered[], world: World): boolean => {
  const to = act.from + FOLLOWS;
  // a quiet source's last record lies some hours before its end; where all logs end, no more is to be had
  const reaching = to > world.span.last ? act.from : (act.from + to) / 2;
  return coverage.some(
    (c) =>
      classes.includes(c.class) &&
      (c.class !== 'auth' || tellsOfMachines(world) || tellsOfIts(act, world)) &&
      c.from <= act.from + act.slack &&
      c.to >= reaching &&
      !c.gaps.some((gap) => gap.from < to && gap.to > act.from),
  );
};

const spoken = ({ act, classes, answer }: Question): Said => {
  if (classes.length === 0)
    return say(
      `Open: ${answer.en}, which no log tells; ask whoever holds the account: ${act.summary.en}.`,
      `Offen: ${answer.de}, was kein Protokoll sagt; zu fragen ist der Inhaber des Kontos: ${act.summary.de}.`,
    );
  const [from, to] = [timeText(act.from), timeText(act.from + FOLLOWS)];
  const [log, protokoll] = [
    classes.map((kind) => LOG_NAMES[kind].en).join(' or '),
    classes.map((kind) => LOG_NAMES[kind].de).join(' oder '),
  ];
  const whose = classes[0] === 'auth' ? [' of the machines', ' der Rechner'] : ['', ''];
  return say(
    `Open: ${answer.en}. No ${log}${whose[0]} covers ${from} to ${to}: ${act.summary.en}.`,
    `Offen: ${answer.de}. Kein ${protokoll}${whose[1]} reicht von ${from} bis ${to}: ${act.summary.de}.`,
  );
};

/** Who was at the address of a machine that logs its own programs stands in that log, as far as it stands anywhere. */
const spokenOfMachine = async ({ act, answer }: Question, world: World): Promise<Said | undefined> => {
  const [target] = act.targets;
  if (answer !== WHO_ACTED || act.address === undefined || target === undefined) return undefined;
  const told = await toldOf(act.address, target, act, world);
  if (told === undefined) return undefined;
  const { host, by } = told;
  if (by === undefined)
    return say(
      `Open: what on ${host} did it. Its process log covers the time, but no command in it names ${target}: ${act.summary.en}.`,
      `Offen: was auf ${host} dies tat. Dessen Prozessprotokoll deckt die Zeit ab, doch kein Befehl darin nennt ${target}: ${act.summary.de}.`,
    );
  const command = shortened(by.command);
  return say(
    `Open: whether it was wanted. The process log of ${host} has “${command}” at ${timeText(by.time)}: ${act.summary.en}.`,
    `Offen: ob es gewollt war. Das Prozessprotokoll von ${host} nennt „${command}“ um ${timeText(by.time)}: ${act.summary.de}.`,
  );
};

/** What the logs leave open about acts that stand out: one sentence for each kind of log that is not there. */
export const unanswered = async (acts: readonly Act[], coverage: readonly Covered[], world: World): Promise<Said[]> => {
  const open = acts.flatMap((act) => questionsOf(act, world)).filter((q) => !isAnswered(q, coverage, world));
  const first = new Map<string, Question>();
  for (const question of open) {
    const key = question.classes.join();
    if (!first.has(key)) first.set(key, question);
  }
  return Promise.all([...first.values()].map(async (q) => (await spokenOfMachine(q, world)) ?? spoken(q)));
};

/** What these logs could not have shown, whoever did it: where they show nothing, that says nothing of it. */
export const blindSpots = (coverage: readonly Covered[], world: World): Said[] => {
  const has = (kind: LogClass): boolean => coverage.some((c) => c.class === kind);
  return [
    ...(has('auth') && (tellsOfMachines(world) || world.machines.hosts.length > 0)
      ? []
      : [
          say(
            'No log of the machines themselves is here: a logon from one to another, a service installed or a log cleared on them would not show.',
            'Kein Protokoll der Rechner selbst liegt vor: eine Anmeldung von einem am anderen, ein eingerichteter Dienst oder ein gelöschtes Protokoll darauf wäre nicht zu sehen.',
          ),
        ]),
    ...(has('firewall')
      ? []
      : [
          say(
            'No firewall log is here: connections between networks, and what left the house, would not show.',
            'Kein Firewall-Protokoll liegt vor: Verbindungen zwischen Netzen und was das Haus verließ wären nicht zu sehen.',
          ),
        ]),
  ];
};
