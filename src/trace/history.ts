import { DAY } from '../core/time.ts';
import type { Use } from './logons.ts';

/**
 * What an account's uses amount to before an instant. It is asked for every login and stay of a case, and an account may
 * have thousands of uses: so it is counted up once, by time.
 */
export interface History {
  /** Different days of use before a time. */
  days(time: number): number;
  /** The same from one network. */
  daysFrom(network: string, time: number): number;
  /** First use from a network behind one time and until another. */
  firstFrom(network: string, after: number, until: number): number | undefined;
  /** The same from networks near an address. */
  daysNear(remote: string, time: number): number;
  /** Different networks. */
  networks(time: number): number;
  hasUsed(client: string, time: number): boolean;
  /** Whether any client was told. */
  tellsClients(time: number): boolean;
}

/** The first half of an address: neighbouring networks, such as one provider has, share it. `198.51.100.7` → `198.51` */
export const halfOf = (address: string): string =>
  address
    .split(address.includes(':') ? ':' : '.')
    .slice(0, 2)
    .join('.');

/** How many of ascending times lie before an instant. */
const countBefore = (times: readonly number[], time: number): number => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Ascending times of first use, one for each day. */
class Days {
  readonly #firsts: number[] = [];
  #last = Number.NaN;

  add(time: number): void {
    const day = Math.floor(time / DAY);
    if (day !== this.#last) this.#firsts.push(time);
    this.#last = day;
  }

  before(time: number): number {
    return countBefore(this.#firsts, time);
  }
}

const addTo = (index: Map<string, Days>, key: string, time: number): void => {
  const days = index.get(key) ?? new Days();
  days.add(time);
  index.set(key, days);
};

/** `uses` by time. */
export const historyOf = (uses: readonly Use[]): History => {
  const all = new Days();
  const [byNetwork, byHalf] = [new Map<string, Days>(), new Map<string, Days>()];
  const timesFrom = new Map<string, number[]>();
  const newNetworks: number[] = [];
  const clients = new Map<string, number>();
  let told = Number.POSITIVE_INFINITY;
  for (const { time, network, client } of uses) {
    const times = timesFrom.get(network) ?? [];
    if (times.length === 0) newNetworks.push(time);
    times.push(time);
    timesFrom.set(network, times);
    all.add(time);
    addTo(byNetwork, network, time);
    addTo(byHalf, halfOf(network), time);
    if (client === undefined) continue;
    if (!clients.has(client)) clients.set(client, time);
    told = Math.min(told, time);
  }
  return {
    days: (time) => all.before(time),
    daysFrom: (network, time) => byNetwork.get(network)?.before(time) ?? 0,
    firstFrom: (network, after, until) => {
      const times = timesFrom.get(network) ?? [];
      // times are whole µs
      const first = times[countBefore(times, after + 1)];
      return first !== undefined && first <= until ? first : undefined;
    },
    daysNear: (remote, time) => byHalf.get(halfOf(remote))?.before(time) ?? 0,
    networks: (time) => countBefore(newNetworks, time),
    hasUsed: (client, time) => (clients.get(client) ?? Number.POSITIVE_INFINITY) < time,
    tellsClients: (time) => told < time,
  };
};
