import { networkOf } from '../../core/net.ts';
import { type Said, say } from '../../core/said.ts';
import type { FlowLearner, SeenFlow } from './flows.ts';
import { Seen } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

/** Names of interfaces and zones behind which somebody else's network lies. `vpn-msp`, `Partner_Nord`, `IPsec-Kunde1` */
const PARTNER = /partner|msp|supplier|vendor|extern|dienstleister|lieferant|kunde|customer/i;
/** Names of tunnels: a partner, or a branch of our own. */
const TUNNEL = /ipsec|tunnel|s2s|site2site|site-to-site|mpls|vti|^tun\d|gre/i;

interface Network {
  readonly seen: Seen;
  readonly device: string;
  readonly ingress: string;
  readonly network: string;
  readonly hosts: Set<string>;
}

/** Private networks by the device and the interface behind which they lie: sites of our own, and partners. */
export class InnerNetworks implements FlowLearner {
  readonly #trust: Trust;
  readonly #isPool: (address: string) => boolean;
  readonly #networks = new Map<string, Network>();
  /** Device and interface by which public addresses come in. */
  readonly #outside = new Set<string>();

  constructor(trust: Trust, isPool: (address: string) => boolean) {
    this.#trust = trust;
    this.#isPool = isPool;
  }

  add({ id, time, passed, source, sourceClass, device, ingress }: SeenFlow): void {
    if (device === undefined) return;
    if (sourceClass === 'public') this.#outside.add(`${device} ${ingress ?? ''}`);
    if (!passed || sourceClass !== 'private' || this.#isPool(source)) return;
    const network = networkOf(source) as string;
    const key = JSON.stringify([device, network, ingress ?? '']);
    let known = this.#networks.get(key);
    if (known === undefined) {
      known = { seen: new Seen(this.#trust.until), device, ingress: ingress ?? '', network, hosts: new Set() };
      this.#networks.set(key, known);
    }
    if (known.seen.add(time, id) && known.hosts.size < USUAL.hosts) known.hosts.add(source);
  }

  suggestions(): Suggestion[] {
    const all = [...this.#networks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, network]) => network);
    const isForeign = ({ ingress }: Network): boolean => PARTNER.test(ingress) || TUNNEL.test(ingress);
    const isOutside = ({ device, ingress }: Network): boolean => this.#outside.has(`${device} ${ingress}`);
    return [
      ...all
        .filter((one) => !isForeign(one) && (!isOutside(one) || one.ingress === ''))
        .flatMap((one) => this.#site(one)),
      ...all.filter(isForeign).map((one) => this.#partner(one)),
    ];
  }

  #site({ seen, device, ingress, network, hosts }: Network): Suggestion[] {
    if (hosts.size < USUAL.hosts && seen.days < USUAL.days) return [];
    const behind = ingress === '' ? device : `${device}, ${ingress}`;
    const because = say(
      `connections from it passed ${behind}; one device may serve several sites`,
      `Verbindungen daraus gingen durch ${behind}; ein Gerät kann mehrere Standorte bedienen`,
    );
    return [
      { key: 'sites', entry: { name: device, networks: [network] }, because, doubt: this.#trust.doubt(seen), seen },
    ];
  }

  #partner({ seen, ingress, network, hosts, device }: Network): Suggestion {
    const unsure: Said | undefined = PARTNER.test(ingress)
      ? undefined
      : say(
          'the name says tunnel: it may also be a branch of your own',
          'der Name nennt einen Tunnel: es kann auch ein eigener Standort sein',
        );
    const because = say(
      `${hosts.size >= USUAL.hosts ? 'several hosts' : [...hosts].sort().join(' and ')} came in by ${ingress} of ${device}`,
      `${hosts.size >= USUAL.hosts ? 'mehrere Rechner' : [...hosts].sort().join(' und ')} kamen über ${ingress} von ${device}`,
    );
    const doubt = this.#trust.doubt(seen) ?? this.#trust.findingWithin(network) ?? unsure;
    return { key: 'partners', entry: { name: ingress, source: network }, because, doubt, seen };
  }
}
