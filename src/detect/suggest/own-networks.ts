import { ipKey, networkOf } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import type { FlowLearner, SeenFlow } from './flows.ts';
import { Seen, SeenBy } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

/** Public addresses that are ours: the whole internet knocks at them, or our hosts go out by them. */
export class OwnNetworks implements FlowLearner {
  readonly #trust: Trust;
  readonly #knockedAt: SeenBy<{ seen: Seen; networks: Set<string> }>;
  readonly #goneOutBy: SeenBy<{ seen: Seen; hosts: Set<string> }>;

  constructor(trust: Trust) {
    this.#trust = trust;
    this.#knockedAt = new SeenBy(() => ({ seen: new Seen(trust.until), networks: new Set() }));
    this.#goneOutBy = new SeenBy(() => ({ seen: new Seen(trust.until), hosts: new Set() }));
  }

  add({ id, time, source, sourceClass, destination, destinationClass, translated }: SeenFlow): void {
    if (sourceClass === 'public' && destinationClass === 'public') {
      const address = this.#knockedAt.of(destination);
      if (address.seen.add(time, id) && address.networks.size < USUAL.knockers)
        address.networks.add(networkOf(source) as string);
    }
    if (sourceClass === 'private' && destinationClass === 'public' && translated !== undefined) {
      const address = this.#goneOutBy.of(translated);
      if (address.seen.add(time, id) && address.hosts.size < USUAL.hosts) address.hosts.add(source);
    }
  }

  suggestions(): Suggestion[] {
    const found = new Map<string, Suggestion>();
    for (const [address, { seen, hosts }] of this.#goneOutBy.sorted()) {
      if (hosts.size < USUAL.hosts) continue;
      const because = say('inner hosts go out by this address', 'innere Rechner gehen über diese Adresse hinaus');
      found.set(address, { key: 'networks', entry: address, because, doubt: this.#trust.doubt(seen), seen });
    }
    for (const [address, { seen, networks }] of this.#knockedAt.sorted()) {
      if (networks.size < USUAL.knockers || found.has(address)) continue;
      const because = say(
        `${USUAL.knockers} or more foreign networks tried to reach it; the range that was assigned is often larger`,
        `${USUAL.knockers} oder mehr fremde Netze versuchten sie zu erreichen; der zugeteilte Bereich ist oft größer`,
      );
      found.set(address, { key: 'networks', entry: address, because, doubt: this.#trust.doubt(seen), seen });
    }
    const keyOf = (address: string): string => ipKey(address) ?? address;
    return [...found].sort(([a], [b]) => (keyOf(a) < keyOf(b) ? -1 : 1)).map(([, one]) => one);
  }
}
