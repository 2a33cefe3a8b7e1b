import { SHORTEST } from './required.ts';

interface Entry {
  readonly text: string;
  /** Where in the text the three characters stand that it is filed under. */
  readonly at: number;
  readonly owners: readonly number[];
}

/** Buckets of three-character pieces: 16 bits, as many as thousands of texts fill thinly. */
const BUCKETS = 1 << 16;
const NO_OWNERS: readonly number[] = [];

const bucketOf = (text: string, at: number): number =>
  ((text.charCodeAt(at) * 961 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) & (BUCKETS - 1);

/**
 * Which of many texts a value contains or is: each is filed under the three of its characters that the fewest others have, so
 * that one walk over the value meets all of them.
 */
export class LiteralIndex {
  readonly #buckets: (Entry[] | undefined)[] = new Array(BUCKETS).fill(undefined);
  readonly #whole: ReadonlyMap<string, readonly number[]>;

  /** Texts are folded; those in `within` have three characters or more. Owners are numbers. */
  constructor(within: ReadonlyMap<string, readonly number[]>, whole: ReadonlyMap<string, readonly number[]>) {
    this.#whole = whole;
    const crowds = new Map<number, number>();
    for (const text of within.keys()) {
      for (let at = 0; at + SHORTEST <= text.length; at += 1) {
        const bucket = bucketOf(text, at);
        crowds.set(bucket, (crowds.get(bucket) ?? 0) + 1);
      }
    }
    for (const [text, owners] of within) {
      let best = 0;
      const crowd = (at: number): number => crowds.get(bucketOf(text, at)) ?? 0;
      for (let at = 1; at + SHORTEST <= text.length; at += 1) if (crowd(at) < crowd(best)) best = at;
      const bucket = bucketOf(text, best);
      const entries = this.#buckets[bucket] ?? [];
      entries.push({ text, at: best, owners });
      this.#buckets[bucket] = entries;
    }
  }

  /** Calls `found` with the owners of every text that is in the folded value, some perhaps more than once. */
  search(value: string, found: (owners: readonly number[]) => void): void {
    found(this.#whole.get(value) ?? NO_OWNERS);
    const last = value.length - SHORTEST;
    for (let i = 0; i <= last; i += 1) {
      const entries = this.#buckets[bucketOf(value, i)];
      if (entries === undefined) continue;
      for (const { text, at, owners } of entries) if (value.startsWith(text, i - at) && i >= at) found(owners);
    }
  }
}
