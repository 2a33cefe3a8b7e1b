import { list, type Said, say } from '../core/said.ts';
import { DAY, HOUR, timeText } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import { textOf } from '../ecs/event.ts';
import { and, not } from '../query/ast.ts';
import { shortened, toldOf } from './commands.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { Egress } from './egress.ts';
import { habits, isUnusual, MASSIVE } from './egress.ts';
import type { Act, World } from './model.ts';
import { strangersOf } from './reached.ts';
import { acts, collect, exists, isInner, isPublic } from './read.ts';
import type { ExfiltrationGrade } from './result.ts';
import { isSlightTransfer, type TiedEgress, tiedEgress, WORTH_NAMING } from './tied-egress.ts';
import { fetchedBy, pulledBy, readByStrangers, screensOpenTo } from './to-strangers.ts';
import { isTunnelTake } from './tunnel-takes.ts';

export interface Outflow {
  readonly grade: ExfiltrationGrade;
  readonly bytesUpperBound: number | null;
  readonly events: readonly string[];
  readonly because: Said;
}

/** So many connections without bytes are counted; more is more of the same. */
const MOST_UNCOUNTED = 5_000;

/**
 * Passed connections to the outside whose bytes nobody counted: without both directions or their sum. A packet filter's
 * record states the length of one packet, which bounds nothing.
 */
const uncounted = async (from: number, to: number, world: World): Promise<number> => {
  const query = and(acts('flow'), not(exists('network.bytes')));
  const events = await collect(world.store, query, {
    from,
    to,
    limit: MOST_UNCOUNTED,
    fields: ['source.ip', 'destination.ip'],
  });
  return events.filter((e) => isInner(textOf(e.fields, 'source.ip')) && isPublic(textOf(e.fields, 'destination.ip')))
    .length;
};

/** `byMachine`: tied by who sent the largest; else by who got it. */
const shownBy = (flows: readonly Egress[], byMachine: boolean): Said => {
  const total = bytesText(flows.reduce((sum, f) => sum + f.bytes, 0));
  const { source, destination } = flows[0] as Egress;
  const others = flows.length - 1;
  const [more, weitere] =
    others === 0
      ? ['', '']
      : [
          ` and ${others} other destination${others > 1 ? 's' : ''}`,
          ` und ${others} weitere${others > 1 ? '' : 's'} Ziel${others > 1 ? 'e' : ''}`,
        ];
  const from = timeText(Math.min(...flows.map((f) => f.first)));
  const to = timeText(Math.max(...flows.map((f) => f.last)));
  const [tie, bezug] = byMachine
    ? [
        'a destination outside the baseline, from a machine of the chain',
        'ein Ziel außerhalb des Üblichen, von einem Rechner der Kette',
      ]
    : [
        'a destination outside the baseline that the chain came from or spoke to',
        'ein Ziel außerhalb des Üblichen, von dem die Kette kam oder mit dem sie sprach',
      ];
  return say(
    `${total} from ${source} to ${destination}${more}, ${from} to ${to}: ${tie}`,
    `${total} von ${source} an ${destination}${weitere}, ${from} bis ${to}: ${bezug}`,
  );
};

/** The time in question, and what the logs show of it. */
interface Window {
  readonly from: number;
  readonly to: number;
  /** Larger transfers to destinations that were outside the baseline at the time, in all of the logs. */
  readonly ever: readonly Egress[];
  /** Those of the time in question. */
  readonly unusual: readonly Egress[];
  /** Those that were no habit yet when the first known act of the chain happened: only they are said to be its doing. */
  readonly fresh: readonly Egress[];
  readonly firewalls: readonly Covered[];
  /** Why the logs would not show everything. */
  readonly holes: readonly Said[];
  /** What machines' own logs of programs say of what they sent to new destinations. */
  readonly purpose: Said;
}

const NO_PURPOSE = say('no log says what for', 'kein Protokoll sagt, wozu');

/** By what the largest of the flows left, as the sending machine's log of programs tells it. */
const purposeOf = async (flows: readonly Egress[], world: World): Promise<Said> => {
  const [largest] = flows.filter((e) => e.largestDay >= MASSIVE);
  if (largest === undefined) return NO_PURPOSE;
  const { source, destination, first, last } = largest;
  const told = await toldOf(source, destination, { from: first, to: last }, world);
  if (told === undefined) return NO_PURPOSE;
  const { host, by } = told;
  if (by === undefined)
    return say(
      `no command in the process log of ${host} names ${destination}`,
      `kein Befehl im Prozessprotokoll von ${host} nennt ${destination}`,
    );
  return say(
    `the process log of ${host} has “${shortened(by.command)}” at ${timeText(by.time)}`,
    `das Prozessprotokoll von ${host} nennt „${shortened(by.command)}“ um ${timeText(by.time)}`,
  );
};

const UNDECIDED = say(
  'the entry is not decided: data may have left before anything that these logs tie to it',
  'das Einfallstor ist nicht entschieden: Daten können abgeflossen sein, bevor diese Protokolle etwas damit verbinden',
);

const windowOf = async (
  { chain, begins }: Compromise,
  egress: readonly Egress[],
  coverage: readonly Covered[],
  world: World,
): Promise<Window> => {
  const { first, last } = world.span;
  const begun = chain.length === 0 ? first : Math.min(...chain.map((a) => a.from));
  const from = begins === 'known' ? begun : first;
  // nothing tells that the intruder was gone after his last known act
  const to = last + 1;
  const habit = habits(egress);
  // in the first day of a log everything is new: where no beginning is known, only novelty casts doubt on a transfer
  const since = begins === 'known' ? Number.NEGATIVE_INFINITY : first + DAY;
  const ever = egress.filter((e) => isUnusual(e, habit, world.context, e.first));
  const all = egress.filter(
    (e) => e.last >= from && e.first <= to && isUnusual(e, habit, world.context, Math.max(from, e.first)),
  );
  const unusual = all.filter((e) => e.first >= since);
  const firewalls = coverage.filter((c) => c.class === 'firewall' && c.outward);
  const holes = await holesIn(from, to, firewalls, world);
  const unknown = begins === 'unknown' ? [UNDECIDED] : [];
  const fresh = all.filter((e) => isUnusual(e, habit, world.context, Math.max(begun, e.first)));
  const purpose = await purposeOf(unusual, world);
  return { from, to, ever, unusual, fresh, firewalls, holes: [...holes, ...unknown], purpose };
};

/** Mailboxes and files in a cloud are read past every firewall, and its audit counts no bytes. */
const readOutside = async (from: number, to: number, world: World): Promise<number> => {
  const query = and(acts('mail-access', 'share-access'), not(exists('destination.bytes')));
  const { widest } = world.clocks;
  const events = await collect(world.store, query, {
    from: from - widest,
    to: to + widest,
    limit: MOST_UNCOUNTED,
    fields: ['source.ip'],
  });
  return events.filter((e) => isPublic(textOf(e.fields, 'source.ip'))).length;
};

const holesIn = async (from: number, to: number, firewalls: readonly Covered[], world: World): Promise<Said[]> => {
  if (firewalls.length === 0)
    return [
      say('no firewall log shows what left the house', 'kein Firewall-Protokoll zeigt, was das Haus verlassen hat'),
    ];
  const without = await uncounted(from - world.clocks.widest, to + world.clocks.widest, world);
  const past = await readOutside(from, to, world);
  const late = Math.min(...firewalls.map((c) => c.from)) > from + HOUR;
  const early = Math.max(...firewalls.map((c) => c.to)) < to - DAY;
  return [
    ...gapsWithin(firewalls, ['firewall'], from, to)
      .slice(0, 3)
      .map((g) =>
        say(
          `${g.source} is silent from ${timeText(g.from)} to ${timeText(g.to)}`,
          `${g.source} ist stumm von ${timeText(g.from)} bis ${timeText(g.to)}`,
        ),
      ),
    ...(without > 0
      ? [
          say(
            `${without} connections to the outside were recorded without bytes`,
            `${without} Verbindungen nach außen wurden ohne Byteangabe verzeichnet`,
          ),
        ]
      : []),
    ...(past > 0
      ? [
          say(
            `mailboxes or files were read from the internet ${past} times, past the firewall and without bytes`,
            `auf Postfächer oder Dateien wurde ${past}-mal aus dem Internet zugegriffen, an der Firewall vorbei und ohne Byteangabe`,
          ),
        ]
      : []),
    ...(late
      ? [
          say(
            'the firewall log begins after the intrusion does',
            'das Firewall-Protokoll beginnt erst nach dem Einbruch',
          ),
        ]
      : []),
    ...(early
      ? [say('the firewall log ends before the intrusion does', 'das Firewall-Protokoll endet vor dem Einbruch')]
      : []),
  ];
};

const totalOf = (flows: readonly Egress[]): number => flows.reduce((sum, e) => sum + e.bytes, 0);
const eventsOf = (all: readonly { readonly events: readonly string[] }[]): string[] =>
  all.flatMap((a) => a.events).slice(0, 20);

/** Bytes that left by another way than a flow: read from a mailbox, taken through the gateway's own tunnel. */
const countsBytes = (act: Act): boolean =>
  (act.stage === 'collection' || act.stage === 'exfiltration') && act.bytes !== undefined;

/** Data in the names asked by DNS pass every firewall within the resolver's own traffic; the finding says how much at most. */
const isNameTunnel = (act: Act): boolean => act.technique.startsWith('T1071.004');

/** Data that demonstrably left, or probably did. */
const outflowOf = async (
  chain: readonly Act[],
  tied: TiedEgress,
  window: Window,
  bound: number | null,
  world: World,
): Promise<Outflow | undefined> => {
  const strangers = strangersOf(chain);
  const counted = chain.filter(countsBytes);
  const told = new Set(counted.flatMap((a) => a.events));
  const pulled = fetchedBy(strangers, world).filter(
    (p) => p.bytes >= WORTH_NAMING && !p.events.some((id) => told.has(id)),
  );
  const { striking, byMachine } = tied;
  if (striking.length > 0 || counted.length > 0 || pulled.length > 0) {
    const [largest] = striking;
    const sent = largest === undefined ? [] : [shownBy(striking, byMachine(largest))];
    return {
      grade: 'shown',
      bytesUpperBound: bound,
      events: eventsOf([...striking, ...counted, ...pulled]),
      because: list([...sent, ...counted.map((a) => a.summary), ...pulled.map(pulledBy)], '; '),
    };
  }
  const stated = chain.filter(
    (a) => (a.stage === 'exfiltration' && !isSlightTransfer(a)) || a.stage === 'collection' || isNameTunnel(a),
  );
  const read = await readByStrangers(strangers, world);
  if (stated.length === 0 && read === undefined) return undefined;
  const other = window.fresh.filter((e) => e.bytes >= WORTH_NAMING * 10);
  const besides = bytesText(totalOf(other));
  const [beside, daneben] =
    other.length === 0
      ? ['', '']
      : [
          `, while ${besides} went to destinations outside the baseline from machines not tied to the chain`,
          `, während ${besides} von Rechnern, die nicht zur Kette gehören, an Ziele außerhalb des Üblichen gingen`,
        ];
  const what = stated[0]?.summary ?? read?.because;
  return {
    grade: 'likely',
    bytesUpperBound: bound,
    events: eventsOf([...stated, ...(read === undefined ? [] : [read])]),
    because: say(
      `${what?.en}; which bytes left with it cannot be told${beside}`,
      `${what?.de}; welche Bytes damit abgeflossen sind, lässt sich nicht sagen${daneben}`,
    ),
  };
};

/** Transfers to destinations outside the baseline that nothing ties to the chain. */
interface Residue {
  readonly because: Said;
  readonly flows: readonly Egress[];
}

/** Without an intrusion, ordinary new destinations are no doubt; very large transfers to them are. */
const residueOf = (chain: readonly Act[], window: Window): Residue | undefined => {
  const flows = window.unusual.filter((e) => (chain.length > 0 ? e.bytes >= WORTH_NAMING : e.largestDay >= MASSIVE));
  if (flows.length === 0) return undefined;
  const total = bytesText(totalOf(flows));
  const [what, wozu] =
    chain.length > 0
      ? [
          '; none of the machines is tied to the chain, but none is cleared either',
          '; keiner der Rechner ist mit der Kette verbunden, aber auch keiner entlastet',
        ]
      : [`, and ${window.purpose.en}`, `, und ${window.purpose.de}`];
  const because = say(
    `${total} went to destinations outside the baseline${what}`,
    `${total} gingen an Ziele außerhalb des Üblichen${wozu}`,
  );
  return { because, flows };
};

/** A machine of the chain sent no more than others do: it may have been its user's work, or the intruder's. */
const everydayResidue = (flows: readonly Egress[]): Residue => {
  const total = bytesText(totalOf(flows));
  const { source, destination } = flows[0] as Egress;
  const [more, weitere] =
    flows.length === 1 ? ['', ''] : [` and ${flows.length - 1} more`, ` und ${flows.length - 1} weitere`];
  const because = say(
    `${total} from ${source} to ${destination}${more}, outside the baseline, from a machine of the chain, though other machines send as much to new destinations, too`,
    `${total} von ${source} an ${destination}${weitere}, außerhalb des Üblichen, von einem Rechner der Kette, doch auch andere Rechner senden so viel an neue Ziele`,
  );
  return { because, flows };
};

/** Why it cannot be excluded that data left, or undefined. */
const doubtOf = (
  chain: readonly Act[],
  { everyday }: TiedEgress,
  window: Window,
  bound: number | null,
  world: World,
): Outflow | undefined => {
  const doubt = (because: Said, upper: number | null, events: readonly string[] = []): Outflow => ({
    grade: 'cannot-be-excluded',
    bytesUpperBound: upper,
    events,
    because,
  });
  const residue = everyday.length > 0 ? everydayResidue(everyday) : residueOf(chain, window);
  const flows = eventsOf(residue?.flows ?? []);
  const taken = world.board.acts.filter((a) => isTunnelTake(a) || isNameTunnel(a));
  if (window.holes.length > 0) {
    const names = taken.filter(isNameTunnel).map((a) => a.summary);
    return doubt(
      list([...names, ...(residue === undefined ? [] : [residue.because]), ...window.holes], '; '),
      null,
      [...eventsOf(taken.filter(isNameTunnel)), ...flows].slice(0, 20),
    );
  }
  const screens = screensOpenTo(strangersOf(chain), world);
  if (screens !== undefined) return doubt(screens.because, null, screens.events);
  if (chain.some((a) => a.kind === 'mail-login'))
    return doubt(
      say(
        'a mailbox was open to the intruder, and no log counts what he read',
        'ein Postfach stand dem Eindringling offen, und kein Protokoll zählt, was er gelesen hat',
      ),
      null,
    );
  if (taken.length > 0)
    return doubt(
      list(
        taken.map((a) => a.summary),
        '; ',
      ),
      null,
      eventsOf(taken),
    );
  return residue === undefined ? undefined : doubt(residue.because, bound, flows);
};

/** The chain that the question is asked of. */
export interface Compromise {
  readonly chain: readonly Act[];
  /** `unknown`: there was an intrusion, but its entry is not decided; `never`: none was shown. */
  readonly begins: 'known' | 'unknown' | 'never';
}

/** What may have left, from the entry (or the logs' beginning where it is not known) to the end. */
export const exfiltrationOf = async (
  compromise: Compromise,
  egress: readonly Egress[],
  coverage: readonly Covered[],
  world: World,
): Promise<Outflow> => {
  const { chain } = compromise;
  const window = await windowOf(compromise, egress, coverage, world);
  const otherwise = chain.filter(countsBytes).reduce((sum, a) => sum + (a.bytes ?? 0), 0);
  const open = window.holes.length > 0 || world.board.acts.some(isNameTunnel);
  const bound = open ? null : totalOf(window.unusual) + otherwise;
  const tied = await tiedEgress(chain, window, world);
  const known = (await outflowOf(chain, tied, window, bound, world)) ?? doubtOf(chain, tied, window, bound, world);
  if (known !== undefined) return known;
  const sources = window.firewalls.map((c) => c.source).join(', ');
  const largest = window.unusual.reduce<Egress | undefined>(
    (a, e) => (a && a.largestDay >= e.largestDay ? a : e),
    undefined,
  );
  const [nothing, nichts] =
    largest === undefined
      ? ['nothing left to a destination outside the baseline', 'nichts ging an ein Ziel außerhalb des Üblichen']
      : [
          `no destination outside the baseline was sent more than is ordinary (the most: ${bytesText(largest.largestDay)} in a day, to ${largest.destination})`,
          `kein Ziel außerhalb des Üblichen erhielt mehr als gewöhnlich (am meisten: ${bytesText(largest.largestDay)} an einem Tag, an ${largest.destination})`,
        ];
  return {
    grade: 'excluded',
    bytesUpperBound: bound ?? 0,
    events: [],
    because: say(
      `${sources} covers every path out from ${timeText(window.from)} to ${timeText(window.to)} without a gap and with bytes, and ${nothing}`,
      `${sources} erfasst jeden Weg nach außen von ${timeText(window.from)} bis ${timeText(window.to)} ohne Lücke und mit Byteangaben, und ${nichts}`,
    ),
  };
};
