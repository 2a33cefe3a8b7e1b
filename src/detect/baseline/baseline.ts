import type { StoreReader } from '../../store/store.ts';
import type { CaseContext } from '../context.ts';
import type { Finding } from '../finding.ts';

export interface BaselineInput {
  readonly store: StoreReader;
  readonly context: CaseContext;
}

/** A rule that compares events with what was usual before: it learns from the case itself. */
export interface Baseline {
  /** `baseline-…`; findings carry it as their rule. */
  readonly id: string;
  readonly title: string;
  run(input: BaselineInput): Promise<readonly Finding[]>;
}
