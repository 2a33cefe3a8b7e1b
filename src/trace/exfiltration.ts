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

/** Time after the last act in which data may still have left. */
const AFTER = DAY;
/** Less to a new destination is ordinary traffic. */
const WORTH_NAMING = 20_000_000;

/** Machines that somebody logged on to from an address lent to the chain's own VPN stays, with an account not the stay's. */
const reachedFrom = (chain: readonly Act[], world: World): string[] =>
  chain
    .filter((a) => a.kind === 'vpn-session')
    .flatMap((stay) =>
      stay.targets
        .flatMap((address) => during(world.movements.from(address), stay.from - stay.slack, stay.to + stay.slack))
        .filter((m) => m.kind === 'logon' && m.account !== undefined && m.account !== stay.account)
        .map((m) => m.place),
    );

const addressesOf = (chain: readonly Act[], world: World): Set<string> => {
  const places = new Set(
    chain
      .flatMap((a) => [a.address, a.host, ...(a.targets.length <= 12 ? a.targets : [])])
      .filter((p): p is string => p !== undefined),
  );
  const out = new Set<string>();
  for (const place of reachedFrom(chain, world)) places.add(place);
  for (const place of [...places].slice(0, 60)) {
    if (isInner(place)) out.add(place);
    else if (!place.includes('@')) for (const address of world.hosts.addressesOf(place)) out.add(address);
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

/** What may have left, from the first act of the chain (or the whole log when there is none) to the end. */
export const exfiltrationOf = async (
  chain: readonly Act[],
  egress: readonly Egress[],
  coverage: readonly Covered[],
  world: World,
): Promise<Outflow> => {
  const from = chain.length === 0 ? world.span.first : Math.min(...chain.map((a) => a.from));
  const to =
    chain.length === 0
      ? world.span.last + 1
      : Math.min(world.span.last + 1, Math.max(...chain.map((a) => a.to)) + AFTER);
  const habit = habits(egress);
  const inWindow = egress.filter(
    (e) => e.last >= from && e.first <= to && isUnusual(e, habit, world.context, Math.max(from, e.first)),
  );
  const machines = addressesOf(chain, world);
  const tied = inWindow.filter((e) => machines.has(e.source) && e.bytes >= WORTH_NAMING && e.first >= from - HOUR);
  const mail = chain.filter((a) => a.stage === 'collection' && a.bytes !== undefined);
  const mailBytes = mail.reduce((sum, a) => sum + (a.bytes ?? 0), 0);
  const firewalls = coverage.filter((c) => c.class === 'firewall');
  const gaps = gapsWithin(coverage, ['firewall'], from, to);
  const without =
    firewalls.length === 0 ? 0 : await uncounted(from - world.clocks.widest, to + world.clocks.widest, world);
  const late = firewalls.length > 0 && Math.min(...firewalls.map((c) => c.from)) > from + HOUR;
  const early = firewalls.length > 0 && Math.max(...firewalls.map((c) => c.to)) < to - AFTER - HOUR;
  const holes = [
    ...(firewalls.length === 0 ? ['no firewall log shows what left the house'] : []),
    ...gaps.slice(0, 3).map((g) => `${g.source} is silent from ${timeText(g.from)} to ${timeText(g.to)}`),
    ...(without > 0 ? [`${without} connections to the outside were recorded without bytes`] : []),
    ...(late ? ['the firewall log begins after the intrusion does'] : []),
    ...(early ? ['the firewall log ends before the intrusion does'] : []),
  ];
  const bound = holes.length > 0 ? null : inWindow.reduce((sum, e) => sum + e.bytes, 0) + mailBytes;
  if (tied.length > 0)
    return {
      grade: 'shown',
      bytesUpperBound: bound,
      events: tied.flatMap((t) => t.events).slice(0, 20),
      because: shownBy(tied),
    };
  if (mailBytes > 0)
    return {
      grade: 'shown',
      bytesUpperBound: bound,
      events: mail.flatMap((a) => a.events).slice(0, 20),
      because: mail.map((a) => a.summary).join('; '),
    };
  if (chain.length > 0) {
    const stated = chain.filter((a) => a.stage === 'exfiltration' || a.stage === 'collection');
    const other = inWindow.filter((e) => e.bytes >= WORTH_NAMING * 10);
    if (stated.length > 0) {
      return {
        grade: 'likely',
        bytesUpperBound: bound,
        events: stated.flatMap((a) => a.events).slice(0, 20),
        because: `${stated[0]?.summary}; which bytes left with it cannot be told${other.length > 0 ? `, while ${bytesText(other.reduce((n, e) => n + e.bytes, 0))} went to destinations outside the baseline from machines not tied to the chain` : ''}`,
      };
    }
  }
  if (holes.length > 0)
    return { grade: 'cannot-be-excluded', bytesUpperBound: null, events: [], because: holes.join('; ') };
  const mailbox = chain.some((a) => a.kind === 'mail-login');
  if (mailbox)
    return {
      grade: 'cannot-be-excluded',
      bytesUpperBound: null,
      events: [],
      because: 'a mailbox was open to the intruder, and no log counts what he read',
    };
  // without an intrusion, ordinary new destinations are no doubt; very large transfers to them are
  const residue = inWindow.filter((e) =>
    chain.length > 0 ? e.bytes >= WORTH_NAMING : e.largestDay >= MASSIVE && e.first >= from + DAY,
  );
  if (residue.length > 0) {
    return {
      grade: 'cannot-be-excluded',
      bytesUpperBound: bound,
      events: residue.flatMap((r) => r.events).slice(0, 20),
      because: `${bytesText(residue.reduce((n, e) => n + e.bytes, 0))} went to destinations outside the baseline${chain.length > 0 ? '; none of the machines is tied to the chain, but none is cleared either' : ', and no log says what for'}`,
    };
  }
  return {
    grade: 'excluded',
    bytesUpperBound: bound ?? 0,
    events: [],
    because: `${firewalls.map((c) => c.source).join(', ')} covers every path out from ${timeText(from)} to ${timeText(to)} without a gap and with bytes, and nothing left to a destination outside the baseline`,
  };
};
