import { list, type Said, say } from '../core/said.ts';
import { timeText } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import type { Covered } from './coverage.ts';
import type { Egress } from './egress.ts';
import { egressKey, MASSIVE, NOTABLE } from './egress.ts';
import { type Lent, lentBytes, lentText } from './lent-bytes.ts';
import type { Act, World } from './model.ts';
import { type Aside, takenAside } from './outflow-aside.ts';
import { purposeOf } from './outflow-purpose.ts';
import { type Compromise, type Window, windowOf } from './outflow-window.ts';
import type { Pull } from './pulls.ts';
import { strangersOf } from './reached.ts';
import type { ExfiltrationGrade } from './result.ts';
import { isRead } from './strange-reads.ts';
import { isSlightTransfer, type TiedEgress, tiedEgress, WORTH_NAMING } from './tied-egress.ts';
import { fetchedBy, pulledBy, readByStrangers, screensOpenTo } from './to-strangers.ts';
import { isTunnelTake } from './tunnel-takes.ts';
import { outsideText, totalOf, transferText, volumeOf } from './volumes.ts';
import { uncountedText, type WebFetch, webFetches, webFetchText } from './web-fetches.ts';

export interface Outflow {
  readonly grade: ExfiltrationGrade;
  readonly bytesUpperBound: number | null;
  readonly events: readonly string[];
  readonly because: Said;
}

/** How a transfer is tied: by who sent the largest, else by who got it. */
const tieOf = (byMachine: boolean): Said =>
  byMachine
    ? say(
        'a destination outside the baseline, from a machine of the chain',
        'ein Ziel außerhalb des Üblichen, von einem Rechner der Kette',
      )
    : say(
        'a destination outside the baseline that the chain came from or spoke to',
        'ein Ziel außerhalb des Üblichen, von dem die Kette kam oder mit dem sie sprach',
      );

const transferBy = (flows: readonly Egress[], byMachine: boolean): Said => {
  const transfer = transferText(flows);
  const from = timeText(Math.min(...flows.map((f) => f.first)));
  const to = timeText(Math.max(...flows.map((f) => f.last)));
  const tie = tieOf(byMachine);
  return say(`${transfer.en}, ${from} to ${to}: ${tie.en}`, `${transfer.de}, ${from} bis ${to}: ${tie.de}`);
};

const eventsOf = (all: readonly { readonly events: readonly string[] }[]): string[] =>
  all.flatMap((a) => a.events).slice(0, 20);

/** Bytes that left by another way than a flow: read from a mailbox, taken through the gateway's own tunnel. */
const countsBytes = (act: Act): boolean =>
  (act.stage === 'collection' || act.stage === 'exfiltration') && act.bytes !== undefined;

/** Data in the names asked by DNS pass every firewall within the resolver's own traffic; the finding says how much at most. */
const isNameTunnel = (act: Act): boolean => act.technique.startsWith('T1071.004');

/** What somebody in a network new to the account fetched of it, far beyond its measure. */
const isMassiveRead = (act: Act): boolean => isRead(act) && (act.bytes ?? 0) >= MASSIVE;

/** The ways by which data of the house may have reached the intruder, each byte told once. */
interface Ways {
  readonly tied: TiedEgress;
  /** Acts of the chain that count their bytes. */
  readonly counted: readonly Act[];
  readonly pulled: readonly Pull[];
  readonly fetched: readonly WebFetch[];
  /** Answers that nobody counted. */
  readonly uncounted: readonly Said[];
  readonly lent: Lent;
}

const waysOf = async (chain: readonly Act[], window: Window, world: World): Promise<Ways> => {
  const strangers = strangersOf(chain);
  const counted = chain.filter(countsBytes);
  const told = new Set(counted.flatMap((a) => a.events));
  const all = fetchedBy(strangers, world);
  const fetches = await webFetches(strangers, world);
  // what a server answered passed the firewall, too
  const known = new Set([...all, ...counted].map(({ remote }) => remote));
  const read = new Set(counted.filter(isRead).map(({ remote }) => remote));
  return {
    tied: await tiedEgress(chain, window, world),
    counted,
    pulled: all.filter((p) => !p.events.some((id) => told.has(id)) && !read.has(p.remote)),
    fetched: fetches.filter(({ remote }) => !known.has(remote)),
    uncounted: uncountedText(fetches),
    lent: await lentBytes(chain, world),
  };
};

/** What left by all ways together, at most: never less than any statement names. */
const boundOf = ({ tied, counted, pulled, fetched, lent }: Ways, { unusual }: Window): number => {
  const known = new Set(unusual.map(egressKey));
  const isLent = (act: Act): boolean => act.address !== undefined && lent.addresses.includes(act.address);
  const bytesOf = (acts: readonly Act[]): number => acts.reduce((sum, a) => sum + (a.bytes ?? 0), 0);
  return (
    totalOf(unusual) +
    totalOf(tied.usual.filter((e) => !known.has(egressKey(e)))) +
    bytesOf(counted.filter((a) => !isLent(a))) +
    Math.max(lent.bytes, bytesOf(counted.filter(isLent))) +
    totalOf(pulled) +
    totalOf(fetched)
  );
};

/** Data that demonstrably left, or probably did. */
const outflowOf = async (
  chain: readonly Act[],
  { tied, counted, uncounted, ...ways }: Ways,
  window: Window,
  bound: number | null,
  world: World,
): Promise<Outflow | undefined> => {
  const { begins } = window;
  const pulled = ways.pulled.filter((p) => p.bytes >= WORTH_NAMING);
  const fetched = ways.fetched.filter((f) => f.bytes >= WORTH_NAMING);
  const striking = tied.striking.filter((e) => !e.bothWays);
  const exchanged = tied.striking.filter((e) => e.bothWays);
  const tellOf = (flows: readonly Egress[]): Said[] =>
    flows[0] === undefined ? [] : [transferBy(flows, tied.byMachine(flows[0]))];
  const beside = [...tellOf(exchanged), ...beyondText(tied.beyond), ...uncounted];
  if ([striking, counted, pulled, fetched].some((way) => way.length > 0)) {
    const left = [
      ...tellOf(striking),
      ...counted.map((a) => a.summary),
      ...pulled.map(pulledBy),
      ...fetched.map(webFetchText),
    ];
    return {
      grade: 'shown',
      bytesUpperBound: bound,
      events: eventsOf([...striking, ...counted, ...pulled, ...fetched]),
      because: list([...left, ...beside], '; '),
    };
  }
  // a sum of both directions may be a download: it makes it likely only in an intrusion whose beginning is known
  const large = begins === 'known' ? exchanged.filter((e) => e.bytes >= MASSIVE) : [];
  const unclear = new Set(window.ever.filter((e) => e.bothWays).map(egressKey));
  const stated = chain.filter(
    (a) =>
      !unclear.has(a.key) &&
      ((a.stage === 'exfiltration' && !isSlightTransfer(a)) || a.stage === 'collection' || isNameTunnel(a)),
  );
  const read = await readByStrangers(strangersOf(chain), world);
  if (stated.length === 0 && read === undefined && large.length === 0) return undefined;
  const own = new Set([...tied.striking, ...tied.beyond].map(egressKey));
  const others = window.fresh.filter((e) => e.bytes >= WORTH_NAMING * 10 && !own.has(egressKey(e)));
  const what = stated[0]?.summary ?? read?.because;
  const said =
    what === undefined
      ? []
      : [
          say(
            `${what.en}; which bytes left with it cannot be told`,
            `${what.de}; welche Bytes damit abgeflossen sind, lässt sich nicht sagen`,
          ),
        ];
  return {
    grade: 'likely',
    bytesUpperBound: bound,
    events: eventsOf([...stated, ...(read === undefined ? [] : [read]), ...exchanged]),
    because: list([...said, ...beside, ...untiedText(others)], '; '),
  };
};

/** What left by machines that nothing ties to the chain. */
const untiedText = (flows: readonly Egress[]): Said[] => {
  if (flows.length === 0) return [];
  const outside = outsideText(flows);
  return [
    say(
      `besides, ${outside.en} from machines not tied to the chain`,
      `daneben: ${outside.de}, von Rechnern, die nicht zur Kette gehören`,
    ),
  ];
};

/** Transfers to destinations outside the baseline that nothing ties to the chain. */
interface Residue {
  readonly because: Said;
  readonly flows: readonly { readonly events: readonly string[] }[];
}

/** Without an intrusion, ordinary new destinations are no doubt; very large transfers to them are. */
const residueOf = async (chain: readonly Act[], window: Window, world: World): Promise<Residue | undefined> => {
  const flows = window.unusual.filter((e) => (chain.length > 0 ? e.bytes >= WORTH_NAMING : e.largestDay >= MASSIVE));
  if (flows.length === 0) return undefined;
  const outside = outsideText(flows);
  if (chain.length === 0) {
    const purpose = await purposeOf(window.unusual, world);
    return { because: say(`${outside.en}, and ${purpose.en}`, `${outside.de}, und ${purpose.de}`), flows };
  }
  const because = say(
    `${outside.en}; none of the machines is tied to the chain, but none is cleared either`,
    `${outside.de}; keiner der Rechner ist mit der Kette verbunden, aber auch keiner entlastet`,
  );
  return { because, flows };
};

/** A machine of the chain sent no more than others do: it may have been its user's work, or the intruder's. */
const everydayText = (flows: readonly Egress[]): Said => {
  const transfer = transferText(flows);
  return say(
    `${transfer.en}, outside the baseline, from a machine of the chain, though other machines send as much to new destinations, too`,
    `${transfer.de}, außerhalb des Üblichen, von einem Rechner der Kette, doch auch andere Rechner senden so viel an neue Ziele`,
  );
};

/** It had sent much there before, but never so much: a full copy, or the intruder's. */
const beyondText = (flows: readonly Egress[]): Said[] => {
  if (flows.length === 0) return [];
  const transfer = transferText(flows);
  const habit = bytesText(Math.max(...flows.map((e) => e.habit ?? 0)));
  return [
    say(
      `${transfer.en}, beyond the ${habit} a day that this machine of the chain sent there before`,
      `${transfer.de}, mehr als die ${habit} am Tag, die dieser Rechner der Kette zuvor dorthin sandte`,
    ),
  ];
};

/** What machines of the chain sent, or exchanged, where nothing shows it to be the intruder's doing. */
const tiedResidue = ({ striking, everyday, beyond, byMachine }: TiedEgress): Residue | undefined => {
  const exchanged = striking.filter((e) => e.bothWays);
  const flows = [...exchanged, ...everyday, ...beyond];
  if (flows.length === 0) return undefined;
  const parts = [
    ...(exchanged[0] === undefined ? [] : [transferBy(exchanged, byMachine(exchanged[0]))]),
    ...(everyday.length === 0 ? [] : [everydayText(everyday)]),
    ...beyondText(beyond),
  ];
  return { because: list(parts, '; '), flows };
};

/** A machine of the chain sent very much more than ever to a destination of everybody: where its user works, or the intruder stores. */
const usualText = (flows: readonly Egress[]): Said => {
  const transfer = transferText(flows);
  return say(
    `${transfer.en}, from a machine of the chain and more than it had ever sent there, though the house uses the destination`,
    `${transfer.de}, von einem Rechner der Kette und mehr, als er je dorthin sandte, auch wenn das Haus das Ziel benutzt`,
  );
};

/** More than an intruder’s looking around, by ways that the house and its tunnel use every day. */
const wayInUse = ({ tied, lent }: Ways): Residue | undefined => {
  const large = tied.usual.filter((e) => e.bytes >= MASSIVE).sort((a, b) => b.bytes - a.bytes);
  if (large.length > 0) return { because: usualText(large), flows: large };
  return lent.data >= WORTH_NAMING || lent.bytes >= NOTABLE ? { because: lentText(lent), flows: [lent] } : undefined;
};

/** Why it cannot be excluded that data left, or undefined. */
const doubtOf = async (
  chain: readonly Act[],
  ways: Ways,
  window: Window,
  bound: number | null,
  aside: Aside,
  world: World,
): Promise<Outflow | undefined> => {
  const doubt = (because: Said, upper: number | null, events: readonly string[] = []): Outflow => ({
    grade: 'cannot-be-excluded',
    bytesUpperBound: upper,
    events,
    because,
  });
  const own =
    tiedResidue(ways.tied) ??
    wayInUse(ways) ??
    (aside.because === undefined ? undefined : { because: aside.because, flows: [aside] });
  const residue = own ?? (await residueOf(chain, window, world));
  const flows = eventsOf(residue?.flows ?? []);
  const past = world.board.acts.filter((a) => isNameTunnel(a) || isMassiveRead(a));
  const taken = [...world.board.acts.filter(isTunnelTake), ...past];
  if (window.holes.length > 0) {
    const told = [...past.map((a) => a.summary), ...(residue === undefined ? [] : [residue.because])];
    return doubt(list([...told, ...window.holes], '; '), null, [...eventsOf(past), ...flows].slice(0, 20));
  }
  // what the chain's own machines sent is named with whatever leaves the bytes open
  const unbounded = (because: Said, events: readonly string[] = []): Outflow =>
    own === undefined
      ? doubt(because, null, events)
      : doubt(list([own.because, because], '; '), null, [...flows, ...events].slice(0, 20));
  const screens = screensOpenTo(strangersOf(chain), world);
  if (screens !== undefined) return unbounded(screens.because, screens.events);
  if (chain.some((a) => a.kind === 'mail-login'))
    return unbounded(
      say(
        'a mailbox was open to the intruder, and no log counts what he read',
        'ein Postfach stand dem Eindringling offen, und kein Protokoll zählt, was er gelesen hat',
      ),
    );
  if (taken.length > 0)
    return unbounded(
      list(
        taken.map((a) => a.summary),
        '; ',
      ),
      eventsOf(taken),
    );
  return residue === undefined ? undefined : doubt(residue.because, bound, flows);
};

/** What may have left, from the entry (or the logs' beginning where it is not known) to the end. */
export const exfiltrationOf = async (
  compromise: Compromise,
  egress: readonly Egress[],
  coverage: readonly Covered[],
  world: World,
): Promise<Outflow> => {
  const { chain } = compromise;
  const seen = await windowOf(compromise, egress, coverage, world);
  const ways = await waysOf(chain, seen, world);
  const window = { ...seen, holes: [...seen.holes, ...ways.uncounted] };
  const open = window.holes.length > 0 || world.board.acts.some(isNameTunnel);
  const aside = await takenAside(compromise.standsOut ?? [], world);
  const bound = open ? null : boundOf(ways, window) + aside.bytes;
  const known =
    (await outflowOf(chain, ways, window, bound, world)) ?? (await doubtOf(chain, ways, window, bound, aside, world));
  if (known !== undefined) return known;
  const sources = window.firewalls.map((c) => c.source).join(', ');
  const largest = window.unusual.reduce<Egress | undefined>(
    (a, e) => (a && a.largestDay >= e.largestDay ? a : e),
    undefined,
  );
  const most = volumeOf(largest === undefined ? [] : [{ ...largest, bytes: largest.largestDay }]);
  const [nothing, nichts] =
    largest === undefined
      ? ['nothing left to a destination outside the baseline', 'nichts ging an ein Ziel außerhalb des Üblichen']
      : [
          `no destination outside the baseline was sent more than is ordinary (the most: ${most.en} in a day, to ${largest.destination})`,
          `kein Ziel außerhalb des Üblichen erhielt mehr als gewöhnlich (am meisten: ${most.de} an einem Tag, an ${largest.destination})`,
        ];
  const said = say(
    `${sources} covers every path out from ${timeText(window.from)} to ${timeText(window.to)} without a gap and with bytes, and ${nothing}`,
    `${sources} erfasst jeden Weg nach außen von ${timeText(window.from)} bis ${timeText(window.to)} ohne Lücke und mit Byteangaben, und ${nichts}`,
  );
  const { lent } = ways;
  return {
    grade: 'excluded',
    bytesUpperBound: bound ?? 0,
    events: lent.bytes > 0 ? lent.events : [],
    because: list([said, ...(lent.bytes > 0 ? [lentText(lent)] : [])], '; '),
  };
};
