import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import { and, isAny, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { acts, collect, exists, inner, isPublic } from './read.ts';

/** Names that zones, interfaces and tunnels to other companies carry. */
// partner · msp-tunnel · supplier_vpn · lieferant · S2S-ACME · extranet · wartung
const FOREIGN_ZONE =
  /partner|supplier|lieferant|dienstleister|msp|extranet|s2s|site-?to-?site|third-?party|wartung|maintenance/i;
export const ZONES = ['observer.ingress.zone', 'observer.ingress.interface.name', 'observer.ingress.interface.alias'];
/** Names of interfaces and zones behind which a tunnel begins, to whomever it leads. */
// ipsec0 · enc0 · vti12 · xfrm1 · gre1 · st0.3 · Tunnel7 · wg0 · VPN
const TUNNEL = /^(?:ipsec|enc\d|vti|xfrm|gre|st\d|tun|wg\d|vpn)/i;
/** Connections that are looked at to learn by which interface the internet comes in. */
const SAMPLE = 20_000;
/** An interface by which so many of the sources are public leads outside; inner firewalls see both. */
const OUTSIDE = 0.8;
const FEWEST_SOURCES = 20;
/** Addresses that are listed. */
const MOST_BROUGHT = 50_000;

/** Interfaces and zones by which machines of other houses come in: `named` ones, and tunnels and the outside. */
export interface Approaches {
  readonly named: ReadonlySet<string>;
  readonly unnamed: ReadonlySet<string>;
  /** Whether an inner address ever came in by one of them. */
  brings(address: string): boolean;
}

export const CONNECTIONS = acts('flow', 'flow-start', 'flow-denied');

export const zonesOf = (event: StoredEvent): string[] => ZONES.flatMap((f) => textOf(event.fields, f) ?? []);

const outsideOf = async (store: StoreReader): Promise<string[]> => {
  const query = and(CONNECTIONS, or(...ZONES.map(exists)));
  const sources = new Map<string, Set<string>>();
  for (const event of await collect(store, query, { limit: SAMPLE, fields: ['source.ip', ...ZONES] }))
    for (const zone of zonesOf(event))
      sources.set(zone, (sources.get(zone) ?? new Set<string>()).add(textOf(event.fields, 'source.ip') ?? ''));
  return [...sources]
    .filter(([, all]) => all.size >= FEWEST_SOURCES && [...all].filter(isPublic).length / all.size >= OUTSIDE)
    .map(([zone]) => zone);
};

/** Inner addresses that came in by some interfaces and zones; undefined when they are too many to be listed. */
const broughtBy = async (names: readonly string[], store: StoreReader): Promise<ReadonlySet<string> | undefined> => {
  if (names.length === 0) return new Set();
  const query = and(CONNECTIONS, or(...ZONES.map((zone) => isAny(zone, names))), inner('source.ip'));
  const top = await store.top(query, 'source.ip', MOST_BROUGHT);
  return top.length < MOST_BROUGHT ? new Set(top.map(({ value }) => value.toLowerCase())) : undefined;
};

/** Asked once. */
export const approachesOf = async (store: StoreReader): Promise<Approaches> => {
  const names = new Set<string>();
  for (const name of ZONES) for (const { value } of await store.top(CONNECTIONS, name, 200)) names.add(value);
  const outside = names.size === 0 ? [] : await outsideOf(store);
  const named = [...names].filter((name) => FOREIGN_ZONE.test(name));
  const unnamed = [...[...names].filter((name) => TUNNEL.test(name) && !FOREIGN_ZONE.test(name)), ...outside];
  const brought = await broughtBy([...named, ...unnamed], store);
  return {
    named: new Set(named),
    unnamed: new Set(unnamed),
    brings: (address) => brought?.has(address.toLowerCase()) ?? true,
  };
};
