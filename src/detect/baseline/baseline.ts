import type { StoreReader } from '../../store/store.ts';
import type { CaseContext } from '../context.ts';
import type { Finding } from '../finding.ts';

/** Countries of addresses; see `enrich/geo.ts`. No baseline needs it. */
export interface Countries {
  readonly database: { readonly name: string; readonly built: string; readonly sha256: string };
  countryOf(address: string): string | undefined;
}

export interface BaselineInput {
  readonly store: StoreReader;
  readonly context: CaseContext;
  readonly countries: Countries | undefined;
}

/** A rule that compares events with what was usual before: it learns from the case itself. */
export interface Baseline {
  readonly title: string;
  run(input: BaselineInput): Promise<readonly Finding[]>;
}
