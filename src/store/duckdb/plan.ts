import type { Bound } from './bound.ts';
import type { Column } from './columns.ts';

/** The segments a question concerns, and the SQL of it. */
export interface Plan {
  readonly from: string;
  readonly columns: readonly Column[];
  /** Integer column of `@timestamp`, or NULL. */
  readonly time: string;
  readonly where: string;
  /** Whether `where` is the query itself; else it is passed by more events, to be looked at again. */
  readonly exact: boolean;
  readonly bound: Bound;
}
