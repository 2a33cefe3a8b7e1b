/**
 * How a segment holds fields: a Parquet column for each field and kind of value, named by a number (`c17`), so that
 * names from the evidence never become identifiers. The catalogue of columns is kept in the manifest and only grows.
 *
 * text; integer (safe); decimal; boolean; texts: a list, as one text with separators, which Parquet and DuckDB handle far
 * better than lists; self: `event.id`, when it is the event's own id.
 */
export type Kind = 'text' | 'integer' | 'decimal' | 'boolean' | 'texts' | 'self';

export interface Column {
  readonly id: number;
  readonly field: string;
  readonly kind: Kind;
}

/** Parts the texts of a list; texts that hold it do not fit the column. */
export const LIST_SEPARATOR = '\x1e';

export const columnName = (id: number): string => `c${id}`;

/** Evidence with ever new field names must not make ever new columns: further ones go to the `rest` of their event. */
const MOST_COLUMNS = 4000;

export class ColumnCatalogue {
  readonly #columns: Column[];
  readonly #byField = new Map<string, Column[]>();

  constructor(columns: readonly Column[]) {
    this.#columns = [];
    for (const column of columns) this.#add(column);
  }

  get columns(): readonly Column[] {
    return this.#columns;
  }

  /** The columns of a field, one for each kind of value seen. */
  of(field: string): readonly Column[] {
    return this.#byField.get(field) ?? [];
  }

  /** The column for values of this kind; undefined when there is none and no more may be made. */
  ensure(field: string, kind: Kind): Column | undefined {
    const known = this.of(field).find((column) => column.kind === kind);
    if (known !== undefined || this.#columns.length >= MOST_COLUMNS) return known;
    const column = { id: this.#columns.length, field, kind };
    this.#add(column);
    return column;
  }

  #add(column: Column): void {
    this.#columns.push(column);
    const same = this.#byField.get(column.field);
    if (same === undefined) this.#byField.set(column.field, [column]);
    else same.push(column);
  }
}
