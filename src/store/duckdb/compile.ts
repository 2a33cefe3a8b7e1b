import { assertNever } from '../../core/assert-never.ts';
import type { Query, Test, TextTest } from '../../query/ast.ts';
import { fold } from '../../query/fold.ts';
import { nameMatcher } from '../../query/names.ts';
import type { Bound } from './bound.ts';
import { type Column, columnName } from './columns.ts';
import { listSql } from './lists.ts';
import { atMost, type Bracket, booleanSql, decimalSql, exactly, integerSql, NEVER, textValueSql } from './tests.ts';

/** An event's id, from its locator; see core/locator `eventId`. */
export const ID = "(stream || '-' || lower(to_base(off, 36)))";

const ALWAYS: Bracket = exactly('true');

/** A leaf is true or false, never NULL. */
const twoValued = ({ over, under }: Bracket): Bracket => ({
  over: `coalesce(${over}, false)`,
  under: over === under ? `coalesce(${over}, false)` : under,
});

const anyOf = (parts: readonly Bracket[]): Bracket => {
  const real = parts.filter((part) => part !== NEVER);
  if (real.length === 0) return NEVER;
  return { over: `(${real.map((p) => p.over).join(' OR ')})`, under: `(${real.map((p) => p.under).join(' OR ')})` };
};

const allOf = (parts: readonly Bracket[]): Bracket => {
  if (parts.length === 0) return ALWAYS;
  return { over: `(${parts.map((p) => p.over).join(' AND ')})`, under: `(${parts.map((p) => p.under).join(' AND ')})` };
};

const negated = ({ over, under }: Bracket): Bracket => ({ over: `(NOT ${under})`, under: `(NOT ${over})` });

type ValueTest = Exclude<Test, { op: 'exists' | 'absent' | 'same' }>;

/** Compiles queries over the columns that the chosen segments have. */
export class Compiler {
  readonly #columns: readonly Column[];
  readonly #bound: Bound;

  constructor(columns: readonly Column[], bound: Bound) {
    this.#columns = columns;
    this.#bound = bound;
  }

  compile(query: Query): Bracket {
    switch (query.kind) {
      case 'all':
        return ALWAYS;
      case 'none':
        return NEVER;
      case 'and':
        return allOf(query.of.map((part) => this.compile(part)));
      case 'or':
        return anyOf(query.of.map((part) => this.compile(part)));
      case 'not':
        return negated(this.compile(query.of));
      case 'field':
        return this.#field(query.field, query.test);
      case 'anywhere':
        return this.#anywhere(query.test);
      default:
        return assertNever(query);
    }
  }

  #field(field: string, test: Test): Bracket {
    if (test.op === 'exists') return this.#present(field);
    if (test.op === 'absent') return negated(this.#present(field));
    if (test.op === 'same') return this.#same(field, test.other);
    const { exact, others } = this.#named(field);
    const mine = anyOf(exact.map((column) => this.#value(column, test)));
    const theirs = anyOf(others.map((column) => this.#value(column, test)));
    if (exact.length === 0) return theirs;
    if (theirs === NEVER) return mine;
    const present = anyOf(exact.map(isPresent)).over;
    return anyOf([mine, allOf([exactly(`(NOT ${present})`), theirs])]);
  }

  #present(field: string): Bracket {
    const { exact, others } = this.#named(field);
    return anyOf([...exact, ...others].map(isPresent));
  }

  /** Both fields are there; whether they agree is for the evaluator. */
  #same(field: string, other: string): Bracket {
    const [mine, theirs] = [this.#present(field), this.#present(other)];
    return mine === NEVER || theirs === NEVER ? NEVER : atMost(`(${mine.over} AND ${theirs.over})`);
  }

  #anywhere(test: TextTest): Bracket {
    return anyOf(
      this.#columns.flatMap((column) =>
        column.kind === 'text' || column.kind === 'texts' || column.kind === 'self' ? [this.#value(column, test)] : [],
      ),
    );
  }

  #named(field: string): { readonly exact: readonly Column[]; readonly others: readonly Column[] } {
    if (field.includes('*')) {
      const matches = nameMatcher(field);
      return { exact: [], others: this.#columns.filter((column) => matches(column.field)) };
    }
    const folded = fold(field);
    return {
      exact: this.#columns.filter((column) => column.field === field),
      others: this.#columns.filter((column) => column.field !== field && fold(column.field) === folded),
    };
  }

  #value(column: Column, test: ValueTest): Bracket {
    const x = columnName(column.id);
    const bracket = this.#ofKind(column, x, test);
    return bracket === NEVER ? NEVER : twoValued(bracket);
  }

  #ofKind(column: Column, x: string, test: ValueTest): Bracket {
    switch (column.kind) {
      case 'text':
        return textValueSql(x, test, this.#bound);
      case 'self':
        return textValueSql(`(CASE WHEN ${x} THEN ${ID} END)`, test, this.#bound);
      case 'texts':
        return listSql(x, test, this.#bound);
      case 'integer':
        return integerSql(x, test, this.#bound);
      case 'decimal':
        return decimalSql(x, test, this.#bound);
      case 'boolean':
        return booleanSql(x, test, this.#bound);
      default:
        return assertNever(column.kind);
    }
  }
}

const isPresent = (column: Column): Bracket => exactly(`(${columnName(column.id)} IS NOT NULL)`);
