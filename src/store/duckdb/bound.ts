import type { DuckDBValue } from '@duckdb/node-api';

/** Values of a statement, bound and never part of its text. `$1`, `$2`, … */
export class Bound {
  readonly values: DuckDBValue[] = [];

  add(value: DuckDBValue): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
