/** How many event ids a finding keeps from either end. */
const KEPT = 100;

/** Ids of many events in time order: all are counted, the first and the last are kept. */
export class EventSample {
  #first: string[] = [];
  #last: string[] = [];
  #count = 0;

  add(id: string): void {
    this.#count += 1;
    if (this.#first.length < KEPT) {
      this.#first.push(id);
      return;
    }
    this.#last.push(id);
    if (this.#last.length > 2 * KEPT) this.#last = this.#last.slice(-KEPT);
  }

  get count(): number {
    return this.#count;
  }

  ids(): string[] {
    return [...this.#first, ...this.#last.slice(-KEPT)];
  }
}

/** The first and the last of a list of ids, as a finding keeps them. */
export const ends = (ids: readonly string[]): readonly string[] =>
  ids.length <= 2 * KEPT ? ids : [...ids.slice(0, KEPT), ...ids.slice(-KEPT)];
