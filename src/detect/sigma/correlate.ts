import { Burst, type Input } from './burst.ts';
import { boundsOf, fulfils, growsOnly, type Measure, type Measured, measureOf } from './measure.ts';
import type { SigmaCorrelation } from './model.ts';
import { type Entry, extend, type Step } from './sequence.ts';
import { Window } from './window.ts';

export interface Listener {
  /** The condition is fulfilled; the burst may go on growing. */
  fired(burst: Burst, input: Input, isFirst: boolean): void;
  /** Nothing more will be added to the burst. */
  ended(burst: Burst): void;
}

interface Group {
  readonly by: Readonly<Record<string, string>>;
  readonly window: Window<Entry>;
  readonly measure: Measure<Measured>;
  steps: Step[][];
  /** Whether the window was tested since its last growth. */
  isTested: boolean;
  burst: Burst | undefined;
  burstEnd: number;
}

/** Groups hold at most so many events; beyond it the oldest are forgotten. No threshold of a rule comes near it. */
const MAX_WINDOW = 20_000;
const MAX_COMBINATIONS = 64;

/** Every combination of one value of each field; none when a field is absent. */
const combinations = (fields: readonly string[], input: Input): string[][] => {
  let out: string[][] = [[]];
  for (const field of fields) {
    const values = input.values(field);
    out = out.flatMap((before) => values.map((value) => [...before, value])).slice(0, MAX_COMBINATIONS);
  }
  return out;
};

const countedValues = (fields: readonly string[], input: Input): string[] =>
  combinations(fields, input).map((values) => values.join('\u0000').toLowerCase());

/** One correlation rule over its inputs: windows that slide in time per group, memory bounded by the windows. */
export class Correlator {
  readonly #rule: SigmaCorrelation;
  readonly #tracked: readonly string[];
  readonly #listener: Listener;
  readonly #bounds: SigmaCorrelation['bounds'];
  readonly #growing: boolean;
  readonly #groups = new Map<string, Group>();
  #now = Number.NEGATIVE_INFINITY;
  #swept = Number.NEGATIVE_INFINITY;
  #entries = 0;

  /** `tracked`: fields whose values a burst keeps. */
  constructor(rule: SigmaCorrelation, tracked: readonly string[], listener: Listener) {
    this.#rule = rule;
    this.#tracked = tracked;
    this.#listener = listener;
    this.#bounds = boundsOf(rule);
    this.#growing = growsOnly(rule);
  }

  /** Inputs come in time order. `position`: of the matched rule among the correlation's rules. */
  accept(position: number, input: Input): void {
    const { type, groupBy, valueFields, timespan } = this.#rule;
    if (!type.startsWith('temporal') && !input.isFirst) return; // a burst counts once
    const values = valueFields.length === 0 ? [] : countedValues(valueFields, input);
    if (valueFields.length > 0 && values.length === 0) return;
    this.#now = Math.max(this.#now, input.time);
    if (this.#now - this.#swept > timespan) this.#sweep();
    for (const key of combinations(
      groupBy.map(({ fields }) => fields[position] as string),
      input,
    )) {
      this.#entries += 1;
      this.#enter(this.#groupOf(key), { rule: position, values, input, number: this.#entries });
    }
  }

  finish(): void {
    for (const group of this.#groups.values()) this.#close(group);
    this.#groups.clear();
  }

  #groupOf(key: readonly string[]): Group {
    const id = key.join('\u0000').toLowerCase();
    let group = this.#groups.get(id);
    if (group === undefined) {
      const by = Object.fromEntries(this.#rule.groupBy.map(({ name }, i) => [name, key[i] as string]));
      const measure = measureOf(this.#rule);
      group = { by, window: new Window(), measure, steps: [], isTested: true, burst: undefined, burstEnd: -1 };
      this.#groups.set(id, group);
    }
    return group;
  }

  #enter(group: Group, entry: Entry): void {
    const { window, measure } = group;
    const oldest = entry.input.time - this.#rule.timespan;
    while (window.length > 0 && ((window.first as Entry).input.time < oldest || window.length >= MAX_WINDOW)) {
      if (!this.#growing) this.#test(group);
      measure.remove(window.shift() as Entry);
    }
    window.push(entry);
    if (this.#rule.type === 'temporal_ordered') {
      const sequence = extend(group.steps, entry, oldest);
      if (fulfils(this.#bounds, sequence.length)) this.#fire(group, sequence);
      return;
    }
    measure.add(entry);
    group.isTested = false;
    if (this.#growing) this.#test(group);
  }

  #test(group: Group): void {
    if (group.isTested) return;
    group.isTested = true;
    if (fulfils(this.#bounds, group.measure.value())) this.#fire(group, group.window.since(group.burstEnd));
  }

  /** These entries fulfil the condition: they begin a burst, or go on with the one they overlap. */
  #fire(group: Group, entries: readonly Entry[]): void {
    const last = entries.at(-1) as Entry;
    const overlaps = this.#firstOf(group, entries).number <= group.burstEnd;
    if (!overlaps) {
      this.#end(group);
      group.burst = new Burst(group.by, last.input, this.#tracked);
    }
    const burst = group.burst as Burst;
    for (const entry of entries) if (entry.number > group.burstEnd) burst.add(entry.input, entry.values);
    group.burstEnd = last.number;
    burst.last = last.input;
    this.#listener.fired(burst, last.input, !overlaps);
  }

  #firstOf(group: Group, entries: readonly Entry[]): Entry {
    return (this.#rule.type === 'temporal_ordered' ? entries[0] : group.window.first) as Entry;
  }

  #end(group: Group): void {
    if (group.burst !== undefined) this.#listener.ended(group.burst);
    group.burst = undefined;
  }

  #close(group: Group): void {
    if (!this.#growing) this.#test(group);
    this.#end(group);
  }

  /** Forgets groups to which nothing can be added. */
  #sweep(): void {
    this.#swept = this.#now;
    for (const [id, group] of this.#groups) {
      if ((group.window.last as Entry).input.time >= this.#now - this.#rule.timespan) continue;
      this.#close(group);
      this.#groups.delete(id);
    }
  }
}
