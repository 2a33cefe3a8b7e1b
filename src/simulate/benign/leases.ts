import { MINUTE } from '../../core/time.ts';
import type { Random } from '../random.ts';

/** Hands out inner addresses so that no two sessions hold one at the same time. */
export class Leases {
  readonly #pool: string;
  readonly #random: Random;
  readonly #held = new Map<number, { from: number; to: number }[]>();

  constructor(pool: string, random: Random) {
    this.#pool = pool;
    this.#random = random;
  }

  /** Low numbers first, as gateways do, with a little scatter. */
  take(from: number, to: number): string {
    const start = 10 + this.#random.int(0, 6);
    for (let last = start; last < 254; last += 1) {
      const held = this.#held.get(last) ?? [];
      if (held.some((h) => from < h.to + 2 * MINUTE && to > h.from - 2 * MINUTE)) continue;
      this.#held.set(last, [...held, { from, to }]);
      return `${this.#pool}.${last}`;
    }
    throw new Error('the VPN pool is exhausted');
  }

  /** A given address, whoever else holds it; for stories about reuse. */
  hold(address: string, from: number, to: number): string {
    const last = Number(address.slice(address.lastIndexOf('.') + 1));
    this.#held.set(last, [...(this.#held.get(last) ?? []), { from, to }]);
    return address;
  }
}
