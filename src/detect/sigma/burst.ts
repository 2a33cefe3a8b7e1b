import { EventSample, ends } from '../sample.ts';

/** An event, or the firing of an inner correlation, that a correlation takes in. */
export interface Input {
  /** Epoch µs; of a firing, the time of its last event. */
  readonly time: number;
  /** Event id; of a firing, that of its last event. */
  readonly id: string;
  /** All values of a field; those of a firing are of all its events. */
  values(field: string): readonly string[];
  /** The burst of the inner correlation that fired. */
  readonly inner?: Burst;
  /** Whether it is the first firing of its burst; true for events. */
  readonly isFirst: boolean;
}

const MAX_DISTINCT = 1000;
const MAX_VALUES = 50;

interface Snapshot {
  readonly count: number;
  readonly ids: readonly string[];
}

/** Overlapping windows of one group that fulfilled a correlation: what one finding is made of. */
export class Burst {
  /** Values of the group keys, as first seen. */
  readonly by: Readonly<Record<string, string>>;
  /** When the condition was first fulfilled. */
  readonly at: number;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  /** The event that fulfilled the condition last. */
  last: Input;
  /** Distinct values of the correlation's value field (the first thousand). */
  readonly distinct = new Set<string>();
  readonly #tracked: readonly string[];
  readonly #values = new Map<string, Set<string>>();
  readonly #own = new EventSample();
  readonly #inner = new Map<Burst, Snapshot>();
  #lastId: string | undefined;

  constructor(by: Readonly<Record<string, string>>, last: Input, tracked: readonly string[]) {
    this.by = by;
    this.at = last.time;
    this.last = last;
    this.#tracked = tracked;
  }

  add(input: Input, counted: readonly string[]): void {
    const { inner } = input;
    this.from = Math.min(this.from, inner?.from ?? input.time);
    this.to = Math.max(this.to, input.time);
    if (inner !== undefined) this.#inner.set(inner, { count: inner.count, ids: inner.ids() });
    else if (input.id !== this.#lastId) {
      this.#lastId = input.id; // one event may match two of the rules: they follow each other
      this.#own.add(input.id);
    }
    for (const field of this.#tracked) this.#note(field, input.values(field));
    for (const value of counted) if (this.distinct.size < MAX_DISTINCT) this.distinct.add(value);
  }

  #note(field: string, values: readonly string[]): void {
    if (values.length === 0) return;
    let known = this.#values.get(field);
    if (known === undefined) {
      known = new Set();
      this.#values.set(field, known);
    }
    for (const value of values) if (known.size < MAX_VALUES) known.add(value);
  }

  get count(): number {
    return this.#own.count + this.innerCount;
  }

  /** Events of the inner correlations alone: the failures before a success. */
  get innerCount(): number {
    let count = 0;
    for (const snapshot of this.#inner.values()) count += snapshot.count;
    return count;
  }

  /** In the order of their bursts, then own events: time order, as inner bursts precede what they lead to. */
  ids(): readonly string[] {
    const ids = [...this.#inner.values()].flatMap((snapshot) => snapshot.ids);
    return ends([...new Set([...ids, ...this.#own.ids()])]);
  }

  values(field: string): readonly string[] {
    const key = this.by[field];
    return key === undefined ? [...(this.#values.get(field) ?? [])] : [key];
  }
}
