import type { Input } from './burst.ts';
import type { Measured } from './measure.ts';

/** An input in the window of a group. */
export interface Entry extends Measured {
  readonly input: Input;
  /** Counts up over all entries: tells which are in a burst already. */
  readonly number: number;
}

/** A partial sequence of a temporal_ordered correlation. */
export interface Step {
  readonly start: number;
  readonly entries: readonly Entry[];
}

/**
 * Extends the partial sequences of a group by an entry and gives the longest that ends with it. `steps[rule][n]` is the
 * sequence of n + 1 entries that ends with that rule and began last: no other one can stay in the window longer.
 * Entries of one event must come in descending order of rules, so that it never takes two places.
 */
export const extend = (steps: Step[][], entry: Entry, oldest: number): readonly Entry[] => {
  const reached: Step[] = [{ start: entry.input.time, entries: [entry] }];
  for (const before of steps.slice(0, entry.rule)) {
    for (const step of before ?? []) {
      if (step.start < oldest || step.entries.at(-1)?.input.id === entry.input.id) continue;
      const length = step.entries.length;
      const known = reached[length];
      if (known === undefined || known.start < step.start)
        reached[length] = { start: step.start, entries: [...step.entries, entry] };
    }
  }
  steps[entry.rule] = reached.filter((step) => step !== undefined);
  return (reached.at(-1) as Step).entries;
};
