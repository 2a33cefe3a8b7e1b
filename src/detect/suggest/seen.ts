import { type Said, say } from '../../core/said.ts';
import { DAY, isoOf } from '../../core/time.ts';

/** How many event ids a suggestion keeps. */
const KEPT = 3;

/** When and how often something was seen before the suspicious period; later events are counted apart. */
export class Seen {
  readonly #until: number;
  readonly #days = new Set<number>();
  readonly #ids: string[] = [];
  count = 0;
  /** Epoch µs; of the later events where there are no earlier ones. */
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  /** Events within the suspicious period. */
  later = 0;

  /** `until`: where the suspicious period begins, epoch µs. */
  constructor(until: number) {
    this.#until = until;
  }

  /** In time order. Whether something is learnt of the event: of later ones only where there are no earlier ones. */
  add(time: number, id: string): boolean {
    if (time < this.#until) {
      this.count += 1;
      this.#days.add(Math.floor(time / DAY));
    } else {
      this.later += 1;
      if (this.count > 0) return false;
    }
    this.from = Math.min(this.from, time);
    this.to = Math.max(this.to, time);
    if (this.#ids.length < KEPT) this.#ids.push(id);
    return true;
  }

  get days(): number {
    return this.#days.size;
  }

  /** Ids of the first events. */
  get events(): readonly string[] {
    return this.#ids;
  }

  /** `1204 events on 12 days, 2021-10-01 to 2021-10-14` */
  text(): Said {
    const [from, to] = [isoOf(this.from).slice(0, 10), isoOf(this.to).slice(0, 10)];
    if (this.count === 0) return say(`${this.later} events from ${from} on`, `${this.later} Ereignisse ab ${from}`);
    return say(
      `${this.count} events on ${this.days} days, ${from} to ${to}`,
      `${this.count} Ereignisse an ${this.days} Tagen, ${from} bis ${to}`,
    );
  }
}

/** One `Seen` per key. */
export class SeenBy<V extends { readonly seen: Seen }> extends Map<string, V> {
  readonly #make: () => V;

  constructor(make: () => V) {
    super();
    this.#make = make;
  }

  of(key: string): V {
    let value = this.get(key);
    if (value === undefined) {
      value = this.#make();
      this.set(key, value);
    }
    return value;
  }

  /** In the order of their keys: equal logs give equal files. */
  sorted(): [string, V][] {
    return [...this].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
