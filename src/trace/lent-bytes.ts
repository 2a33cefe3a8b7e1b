import { type Said, say } from '../core/said.ts';
import { bytesText } from '../detect/words.ts';
import { numberOf, type StoredEvent, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, isAny, or } from '../query/ast.ts';
import type { Act, World } from './model.ts';
import { SCREEN_PORTS } from './pulls.ts';
import { acts, collect, isInner } from './read.ts';
import type { VpnSession } from './sessions.ts';

/** What machines of the house sent to the address that a gateway lent to a stay of the chain: it left through the tunnel. */
export interface Lent {
  readonly addresses: readonly string[];
  readonly bytes: number;
  /** Of these without Remote Desktop and VNC, which send pictures. */
  readonly data: number;
  readonly events: readonly string[];
}

const MOST_FLOWS = 100_000;
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'source.ip',
  'source.bytes',
  'destination.ip',
  'destination.port',
  'destination.bytes',
  'network.bytes',
  'event.duration',
  'event.start',
];

/** Stays that are acts of the chain, and those from whose addresses it acted. */
const staysOf = (chain: readonly Act[], { sessions, leases }: World): VpnSession[] => {
  const keys = new Set([
    ...chain.map((a) => a.key),
    ...chain.flatMap((a) =>
      a.address === undefined ? [] : leases.holdersOf(a.address, a.from, a.slack).map((h) => h.session.key),
    ),
  ]);
  return sessions.filter((s) => keys.has(s.key) && s.addresses.some(({ ip }) => isInner(ip)));
};

/** Bytes to a lent address; where only the sum of both directions was counted, at most these. */
const toward = ({ fields }: StoredEvent, lent: ReadonlySet<string>): number => {
  const [source, destination] = [textOf(fields, 'source.ip'), textOf(fields, 'destination.ip')];
  if (!isInner(source) || !isInner(destination)) return 0;
  const sum = numberOf(fields, 'network.bytes') ?? 0;
  return numberOf(fields, lent.has(source ?? '') ? 'destination.bytes' : 'source.bytes') ?? sum;
};

/** By the connections of the stay's address; where none is logged, by the gateway, whichever direction it calls which. */
const sentTo = async (stay: VpnSession, { store, clocks }: World): Promise<Lent> => {
  const addresses = stay.addresses.map(({ ip }) => ip).filter(isInner);
  const lent = new Set(addresses);
  const slack = clocks.slackOf(stay.stream);
  const query = and(acts('flow'), or(isAny('source.ip', addresses), isAny('destination.ip', addresses)));
  const range = { from: stay.begin - clocks.widest, to: stay.end + slack + clocks.widest };
  const all = await collect(store, query, { ...range, limit: MOST_FLOWS, fields: FIELDS });
  const own = all.filter((event) => {
    const time = (openedAt(event) ?? 0) - clocks.offsetOf(textOf(event.fields, 'einfallstor.stream') ?? '');
    return time >= stay.begin - slack && time <= stay.end + slack;
  });
  if (own.length === 0) {
    const bytes = Math.max(stay.bytesFromClient, stay.bytesToClient);
    return { addresses, bytes, data: 0, events: stay.endEvents };
  }
  const sizes = own
    .map((event) => ({ event, bytes: toward(event, lent) }))
    .sort((a, b) => b.bytes - a.bytes || (a.event.id < b.event.id ? -1 : 1));
  const isScreen = (event: StoredEvent): boolean => SCREEN_PORTS.has(numberOf(event.fields, 'destination.port') ?? 0);
  const sum = (part: typeof sizes): number => part.reduce((total, { bytes }) => total + bytes, 0);
  return {
    addresses,
    bytes: sum(sizes),
    data: sum(sizes.filter(({ event }) => !isScreen(event))),
    events: sizes.slice(0, 20).map(({ event }) => event.id),
  };
};

export const lentBytes = async (chain: readonly Act[], world: World): Promise<Lent> => {
  const all: Lent[] = [];
  for (const stay of staysOf(chain, world)) all.push(await sentTo(stay, world));
  const largest = [...all].sort((a, b) => b.bytes - a.bytes);
  return {
    addresses: [...new Set(all.flatMap((l) => l.addresses))],
    bytes: all.reduce((sum, l) => sum + l.bytes, 0),
    data: all.reduce((sum, l) => sum + l.data, 0),
    events: largest.flatMap((l) => l.events).slice(0, 20),
  };
};

export const lentText = ({ addresses, bytes }: Lent): Said => {
  const more = addresses.length > 1 ? ', …' : '';
  return say(
    `${bytesText(bytes)} went to ${addresses[0]}${more}, lent to stays of the chain`,
    `${bytesText(bytes)} gingen an ${addresses[0]}${more}, an Sitzungen der Kette vergeben`,
  );
};
