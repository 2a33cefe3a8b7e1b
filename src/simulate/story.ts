import type { Written } from './journal.ts';
import type { Simulation } from './simulation.ts';

/** What really happened, in terms of the lines written; `write.ts` turns lines into path and number. */
export interface Act {
  readonly stage: string;
  readonly technique: string;
  /** True instant, epoch µs. */
  readonly time: number;
  readonly lines: readonly Written[];
}

export interface Entry extends Omit<Act, 'stage'> {
  readonly vector: string;
  readonly origin: 'external' | 'partner' | 'internal' | 'unknown';
}

type Expectation = 'ranked' | 'undetermined' | 'none' | 'upstream';

export interface Story {
  readonly expect: Expectation;
  /** Null when nothing happened. */
  readonly entry: Entry | null;
  /** Lines that are also right as an entry. */
  readonly accept?: readonly Written[];
  readonly chain: readonly Act[];
  readonly decoys: readonly { readonly what: string; readonly lines: readonly Written[] }[];
  /** Null where the story makes no claim. */
  readonly exfiltration: {
    readonly grade: 'shown' | 'likely' | 'cannot-be-excluded' | 'excluded';
    readonly bytes: number | null;
    readonly destination: string | null;
  } | null;
  /** What made the entry possible without being it. */
  readonly contributing?: readonly { readonly what: string; readonly lines: readonly Written[] }[];
  /** What the company can tell the analyst, in the shape of a context file. */
  readonly context?: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Length of the logs when the caller does not say. */
  readonly days: number;
  /** Fixed start (ISO 8601); otherwise the seed draws one. */
  readonly start?: string;
  readonly tell: (sim: Simulation) => Story;
}
