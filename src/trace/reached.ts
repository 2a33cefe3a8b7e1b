import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, isAny } from '../query/ast.ts';
import type { Act, World } from './model.ts';
import { during, type Movement } from './movements.ts';
import { ADMIN_PORTS, acts, collect, isInner, isPublic } from './read.ts';

interface Reached {
  readonly place: string;
  readonly time: number;
}

/** Machines that somebody logged on to from an address lent to the chain's own VPN stays, with an account not the stay's. */
const loggedOnTo = (stays: readonly Act[], world: World): Reached[] =>
  stays.flatMap((stay) =>
    stay.targets
      .flatMap((address) => during(world.movements.from(address), stay.from - stay.slack, stay.to + stay.slack))
      .filter((m) => m.kind === 'logon' && m.account !== undefined && m.account !== stay.account),
  );

/** An administrative connection that carried so many bytes, both ways, is a session with the machine; a probe carries less. */
const CARRIED = 1_000_000;
const MOST_SESSIONS = 20_000;
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'source.bytes',
  'destination.ip',
  'destination.bytes',
  'network.bytes',
  'event.duration',
  'event.start',
];

/** Machines that an address lent to a VPN stay of the chain held a session with, whoever it logged on as. */
const servedTo = async (stay: Act, { store, clocks }: World): Promise<Reached[]> => {
  const lent = stay.targets.filter(isInner);
  if (lent.length === 0) return [];
  const [from, to] = [stay.from - stay.slack, stay.to + stay.slack];
  const query = and(acts('flow'), isAny('source.ip', lent), isAny('destination.port', [...ADMIN_PORTS]));
  const events = await collect(store, query, {
    from: from - clocks.widest,
    to: to + clocks.widest,
    limit: MOST_SESSIONS,
    fields: FIELDS,
  });
  return events.flatMap((event) => {
    const place = textOf(event.fields, 'destination.ip');
    const opened = openedAt(event);
    const sum = (numberOf(event.fields, 'source.bytes') ?? 0) + (numberOf(event.fields, 'destination.bytes') ?? 0);
    const carried = Math.max(sum, numberOf(event.fields, 'network.bytes') ?? 0);
    if (!isInner(place) || place === undefined || opened === undefined || carried < CARRIED) return [];
    const time = opened - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    return time >= from && time <= to ? [{ place, time }] : [];
  });
};

/** Whether a movement is the chain's own: from one of its machines after it had reached it, or from an address lent to its stay. */
const isItsOwn = (m: Movement, reached: ReadonlyMap<string, number>, stays: readonly Act[], world: World): boolean => {
  if (m.kind === 'refused' || m.time < (reached.get(m.source) ?? Number.POSITIVE_INFINITY)) return false;
  if (!world.leases.isLeased(m.source)) return true;
  const holder = world.leases.holdersOf(m.source, m.time, world.clocks.slackOf(m.stream))[0];
  return stays.some((stay) => stay.key === holder?.session.key);
};

/** What was done on a machine shows it to be the chain's; in its reach it was since another of its machines had connected to it. */
const sinceContact = (shown: ReadonlyMap<string, number>, stays: readonly Act[], world: World): Map<string, number> => {
  const reached = new Map(shown);
  const begin = Math.min(...shown.values());
  for (const [address, since] of [...shown].sort(([, a], [, b]) => a - b)) {
    const contacts = [address, ...world.hosts.namesOf(address, since)].flatMap(
      (place) => during(world.movements.to(place), begin, since).find((m) => isItsOwn(m, reached, stays, world)) ?? [],
    );
    reached.set(address, Math.min(since, ...contacts.map((m) => m.time)));
  }
  return reached;
};

/** Addresses of the machines of the chain, and when it had reached them: what they sent before was not its doing. */
export const machinesOf = async (chain: readonly Act[], world: World): Promise<Map<string, number>> => {
  const places: Reached[] = chain.flatMap((a) =>
    [a.address, a.host, ...(a.targets.length <= 12 ? a.targets : [])]
      .filter((p): p is string => p !== undefined)
      .map((place) => ({ place, time: a.from - a.slack })),
  );
  const stays = chain.filter((a) => a.kind === 'vpn-session');
  const served = (await Promise.all(stays.map((stay) => servedTo(stay, world)))).flat();
  const out = new Map<string, number>();
  for (const { place, time } of [...places, ...loggedOnTo(stays, world), ...served].slice(0, 400)) {
    const addresses = isInner(place) ? [place] : place.includes('@') ? [] : world.hosts.addressesOf(place);
    for (const address of addresses) out.set(address, Math.min(time, out.get(address) ?? time));
  }
  return sinceContact(out, stays, world);
};

/** Foreign addresses that the chain came from or spoke to, and since when: what goes there later goes to the intruder. */
export const strangersOf = (chain: readonly Act[]): Map<string, number> => {
  const out = new Map<string, number>();
  for (const a of chain)
    for (const address of [a.remote, ...a.targets])
      if (isPublic(address) && address !== undefined)
        out.set(address, Math.min(a.from - a.slack, out.get(address) ?? a.from));
  return out;
};
