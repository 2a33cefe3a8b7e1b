import { DAY, HOUR, timeText } from '../core/time.ts';
import { bytesText } from '../detect/words.ts';
import { textOf } from '../ecs/event.ts';
import { and, not } from '../query/ast.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { Egress } from './egress.ts';
import { habits, isUnusual, MASSIVE } from './egress.ts';
import type { Act, World } from './model.ts';
import { during } from './movements.ts';
import { acts, collect, exists, isInner, isPublic } from './read.ts';
import type { ExfiltrationGrade } from './result.ts';

export interface Outflow {
  readonly grade: ExfiltrationGrade;
  readonly bytesUpperBound: number | null;
  readonly events: readonly string[];
  readonly because: string;
}

/** Less to a new destination is ordinary traffic. */
const WORTH_NAMING = 20_000_000;

interface Reached {
  readonly place: string;
  readonly time: number;
}

/** Machines that somebody logged on to from an address lent to the chain's own VPN stays, with an account not the stay's. */
const reachedFrom = (chain: readonly Act[], world: World): Reached[] =>
  chain
    .filter((a) => a.kind === 'vpn-session')
    .flatMap((stay) =>
      stay.targets
        .flatMap((address) => during(world.movements.from(address), stay.from - stay.slack, stay.to + stay.slack))
        .filter((m) => m.kind === 'logon' && m.account !== undefined && m.account !== stay.account),
    );

/** Addresses of the machines of the chain, and when it had reached them: what they sent before was not its doing. */
const machinesOf = (chain: readonly Act[], world: World): Map<string, number> => {
  const places: Reached[] = chain.flatMap((a) =>
    [a.address, a.host, ...(a.targets.length <= 12 ? a.targets : [])]
      .filter((p): p is string => p !== undefined)
      .map((place) => ({ place, time: a.from - a.slack })),
  );
  const out = new Map<string, number>();
  for (const { place, time } of [...places, ...reachedFrom(chain, world)].slice(0, 400)) {
    const addresses = isInner(place) ? [place] : place.includes('@') ? [] : world.hosts.addressesOf(place);
    for (const address of addresses) out.set(address, Math.min(time, out.get(address) ?? time));
  }
  return out;
};

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

const shownBy = (flows: readonly Egress[]): string => {
  const total = flows.reduce((sum, f) => sum + f.bytes, 0);
  const first = flows[0] as Egress;
  const more = flows.length > 1 ? ` and ${flows.length - 1} other destination${flows.length > 2 ? 's' : ''}` : '';
  return `${bytesText(total)} from ${first.source} to ${first.destination}${more}, ${timeText(Math.min(...flows.map((f) => f.first)))} to ${timeText(Math.max(...flows.map((f) => f.last)))}: a destination outside the baseline, from a machine of the chain`;
};

/** The time in question, and what the logs show of it. */
interface Window {
  readonly from: number;
  readonly to: number;
  /** Larger transfers to destinations outside the baseline. */
  readonly unusual: readonly Egress[];
  readonly firewalls: readonly Covered[];
  /** Why the logs would not show everything. */
  readonly holes: readonly string[];
}

const windowOf = async (
  { chain, begins }: Compromise,
  egress: readonly Egress[],
  coverage: readonly Covered[],
  world: World,
): Promise<Window> => {
  const { first, last } = world.span;
  const from = begins === 'known' ? Math.min(...chain.map((a) => a.from)) : first;
  // nothing tells that the intruder was gone after his last known act
  const to = last + 1;
  const habit = habits(egress);
  const unusual = egress.filter(
    (e) => e.last >= from && e.first <= to && isUnusual(e, habit, world.context, Math.max(from, e.first)),
  );
  const firewalls = coverage.filter((c) => c.class === 'firewall');
  const holes = await holesIn(from, to, firewalls, world);
  const unknown =
    begins === 'unknown'
      ? ['the entry is not decided: data may have left before anything that these logs tie to it']
      : [];
  return { from, to, unusual, firewalls, holes: [...holes, ...unknown] };
};

const holesIn = async (from: number, to: number, firewalls: readonly Covered[], world: World): Promise<string[]> => {
  if (firewalls.length === 0) return ['no firewall log shows what left the house'];
  const without = await uncounted(from - world.clocks.widest, to + world.clocks.widest, world);
  const late = Math.min(...firewalls.map((c) => c.from)) > from + HOUR;
  const early = Math.max(...firewalls.map((c) => c.to)) < to - DAY;
  return [
    ...gapsWithin(firewalls, ['firewall'], from, to)
      .slice(0, 3)
      .map((g) => `${g.source} is silent from ${timeText(g.from)} to ${timeText(g.to)}`),
    ...(without > 0 ? [`${without} connections to the outside were recorded without bytes`] : []),
    ...(late ? ['the firewall log begins after the intrusion does'] : []),
    ...(early ? ['the firewall log ends before the intrusion does'] : []),
  ];
};

const totalOf = (flows: readonly Egress[]): number => flows.reduce((sum, e) => sum + e.bytes, 0);
const eventsOf = (all: readonly { readonly events: readonly string[] }[]): string[] =>
  all.flatMap((a) => a.events).slice(0, 20);

/** Data that demonstrably left, or probably did. */
const outflowOf = (chain: readonly Act[], window: Window, bound: number | null, world: World): Outflow | undefined => {
  const machines = machinesOf(chain, world);
  const tied = window.unusual.filter(
    (e) =>
      e.last >= (machines.get(e.source) ?? Number.POSITIVE_INFINITY) &&
      e.bytes >= WORTH_NAMING &&
      e.first >= window.from - HOUR,
  );
  if (tied.length > 0)
    return { grade: 'shown', bytesUpperBound: bound, events: eventsOf(tied), because: shownBy(tied) };
  const mail = chain.filter((a) => a.stage === 'collection' && a.bytes !== undefined);
  if (mail.length > 0)
    return {
      grade: 'shown',
      bytesUpperBound: bound,
      events: eventsOf(mail),
      because: mail.map((a) => a.summary).join('; '),
    };
  const stated = chain.filter((a) => a.stage === 'exfiltration' || a.stage === 'collection');
  if (stated.length === 0) return undefined;
  const other = window.unusual.filter((e) => e.bytes >= WORTH_NAMING * 10);
  const beside =
    other.length === 0
      ? ''
      : `, while ${bytesText(totalOf(other))} went to destinations outside the baseline from machines not tied to the chain`;
  return {
    grade: 'likely',
    bytesUpperBound: bound,
    events: eventsOf(stated),
    because: `${stated[0]?.summary}; which bytes left with it cannot be told${beside}`,
  };
};

/** Why it cannot be excluded that data left, or undefined. */
const doubtOf = (chain: readonly Act[], window: Window, bound: number | null): Outflow | undefined => {
  const doubt = (because: string, upper: number | null, events: readonly string[] = []): Outflow => ({
    grade: 'cannot-be-excluded',
    bytesUpperBound: upper,
    events,
    because,
  });
  if (window.holes.length > 0) return doubt(window.holes.join('; '), null);
  if (chain.some((a) => a.kind === 'mail-login'))
    return doubt('a mailbox was open to the intruder, and no log counts what he read', null);
  // without an intrusion, ordinary new destinations are no doubt; very large transfers to them are
  const residue = window.unusual.filter((e) =>
    chain.length > 0 ? e.bytes >= WORTH_NAMING : e.largestDay >= MASSIVE && e.first >= window.from + DAY,
  );
  if (residue.length === 0) return undefined;
  const what =
    chain.length > 0
      ? '; none of the machines is tied to the chain, but none is cleared either'
      : ', and no log says what for';
  return doubt(
    `${bytesText(totalOf(residue))} went to destinations outside the baseline${what}`,
    bound,
    eventsOf(residue),
  );
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
  const mailBytes = chain.reduce((sum, a) => sum + (a.stage === 'collection' ? (a.bytes ?? 0) : 0), 0);
  const bound = window.holes.length > 0 ? null : totalOf(window.unusual) + mailBytes;
  const known = outflowOf(chain, window, bound, world) ?? doubtOf(chain, window, bound);
  if (known !== undefined) return known;
  const sources = window.firewalls.map((c) => c.source).join(', ');
  return {
    grade: 'excluded',
    bytesUpperBound: bound ?? 0,
    events: [],
    because: `${sources} covers every path out from ${timeText(window.from)} to ${timeText(window.to)} without a gap and with bytes, and nothing left to a destination outside the baseline`,
  };
};
