import { BIGINT, DOUBLE, type DuckDBType, type DuckDBValue, VARCHAR } from '@duckdb/node-api';

/** Values of a statement, bound and never part of its text. `$1`, `$2`, … A bigint is BIGINT, a number DOUBLE. */
export class Bound {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];

  add(value: bigint | number | string): string {
    this.values.push(value);
    this.types.push(typeof value === 'bigint' ? BIGINT : typeof value === 'number' ? DOUBLE : VARCHAR);
    return `$${this.values.length}`;
  }

  /** A place to go back to when what was bound since turns out not to be needed. */
  get mark(): number {
    return this.values.length;
  }

  forget(mark: number): void {
    this.values.length = mark;
    this.types.length = mark;
  }
}
