import type { Bound, SigmaCorrelation } from './model.ts';

/** What a correlation measures over the events of a window, kept up to date as events enter and leave. */
export interface Measure<E> {
  add(entry: E): void;
  remove(entry: E): void;
  value(): number | undefined;
}

export interface Measured {
  /** Position of the matched rule among the correlation's rules. */
  readonly rule: number;
  /** Values of the value field, folded; numbers as text. */
  readonly values: readonly string[];
}

const counter = (): Measure<Measured> => {
  let count = 0;
  return {
    add: () => {
      count += 1;
    },
    remove: () => {
      count -= 1;
    },
    value: () => count,
  };
};

const distinct = (keysOf: (entry: Measured) => readonly (string | number)[]): Measure<Measured> => {
  const counts = new Map<string | number, number>();
  return {
    add: (entry) => {
      for (const key of keysOf(entry)) counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    remove: (entry) => {
      for (const key of keysOf(entry)) {
        const left = (counts.get(key) ?? 0) - 1;
        if (left <= 0) counts.delete(key);
        else counts.set(key, left);
      }
    },
    value: () => counts.size,
  };
};

const numbersOf = ({ values }: Measured): number[] =>
  values.flatMap((text) => {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(number) ? [number] : [];
  });

const total = (average: boolean): Measure<Measured> => {
  let sum = 0;
  let count = 0;
  const change = (entry: Measured, sign: 1 | -1): void => {
    for (const number of numbersOf(entry)) {
      sum += sign * number;
      count += sign;
    }
  };
  return {
    add: (entry) => change(entry, 1),
    remove: (entry) => change(entry, -1),
    value: () => (count === 0 ? undefined : average ? sum / count : sum),
  };
};

/** Linear interpolation between the closest ranks (as SQL `percentile_cont`). */
const percentile = (share: number): Measure<Measured> => {
  const entries = new Set<Measured>();
  return {
    add: (entry) => entries.add(entry),
    remove: (entry) => entries.delete(entry),
    value: () => {
      const numbers = [...entries].flatMap(numbersOf).sort((a, b) => a - b);
      if (numbers.length === 0) return undefined;
      const rank = (share / 100) * (numbers.length - 1);
      const low = numbers[Math.floor(rank)] as number;
      const high = numbers[Math.ceil(rank)] as number;
      return low + (high - low) * (rank - Math.floor(rank));
    },
  };
};

export const measureOf = (correlation: SigmaCorrelation): Measure<Measured> => {
  switch (correlation.type) {
    case 'event_count':
      return counter();
    case 'value_count':
      return distinct((entry) => entry.values);
    case 'value_sum':
      return total(false);
    case 'value_avg':
      return total(true);
    case 'value_median':
      return percentile(50);
    case 'value_percentile':
      return percentile(correlation.percentile);
    default:
      return distinct((entry) => [entry.rule]);
  }
};

const TESTS: Readonly<Record<Bound, (value: number, bound: number) => boolean>> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  eq: (value, bound) => value === bound,
  neq: (value, bound) => value !== bound,
};

/** Bounds of a correlation; temporal ones without a condition need every rule. */
export const boundsOf = ({ type, bounds, rules }: SigmaCorrelation): SigmaCorrelation['bounds'] =>
  bounds.length === 0 && (type === 'temporal' || type === 'temporal_ordered')
    ? [{ bound: 'gte', value: new Set(rules).size }]
    : bounds;

export const fulfils = (bounds: SigmaCorrelation['bounds'], value: number | undefined): boolean =>
  value !== undefined && bounds.every(({ bound, value: limit }) => TESTS[bound](value, limit));

/** What more events may as well lower. */
const LEVELLING: ReadonlySet<SigmaCorrelation['type']> = new Set(['value_avg', 'value_percentile', 'value_median']);

/**
 * Whether a window that fulfils the bounds still does when it grows: then it counts at once. Otherwise only windows that
 * cannot grow are tested, so that three of five events are not taken for "at most three".
 */
export const growsOnly = ({ type, bounds }: SigmaCorrelation): boolean =>
  !LEVELLING.has(type) && bounds.every(({ bound }) => bound === 'gt' || bound === 'gte');
