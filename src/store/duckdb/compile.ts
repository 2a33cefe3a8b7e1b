import { assertNever } from '../../core/assert-never.ts';
import type { IpRange } from '../../core/net.ts';
import { gathered, type OneOf } from '../../query/alternatives.ts';
import type { Query, Test, TextTest } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { fold } from '../../query/fold.ts';
import { nameMatcher } from '../../query/names.ts';
import { addressesSql } from './address.ts';
import type { Bound } from './bound.ts';
import { type Column, columnName } from './columns.ts';
import type { Stated } from './known.ts';
import { listOneOfSql, listSql } from './lists.ts';
import {
  atMost,
  type Bracket,
  booleanSql,
  decimalSql,
  exactly,
  integerOneOfSql,
  integerSql,
  isOneOfSql,
  NEVER,
  oneOfSql,
  textValueSql,
  type ValueTest,
} from './tests.ts';

/** Alternatives with those taken together that ask one field for networks. */
const gatheredRanges = (
  of: readonly Query[],
): { readonly ranges: ReadonlyMap<string, readonly IpRange[]>; readonly others: readonly Query[] } => {
  const ranges = new Map<string, IpRange[]>();
  const others: Query[] = [];
  for (const query of of) {
    if (query.kind === 'field' && query.test.op === 'cidr')
      ranges.set(query.field, [...(ranges.get(query.field) ?? []), query.test.range]);
    else others.push(query);
  }
  return { ranges, others };
};

/** An event's id, from its locator; see core/locator `eventId`. */
export const ID = "(stream || '-' || lower(to_base(off, 36)))";

const ALWAYS: Bracket = exactly('true');

const anyOf = (parts: readonly Bracket[]): Bracket => {
  const real = parts.filter((part) => part !== NEVER);
  if (real.length === 0) return NEVER;
  return { over: `(${real.map((p) => p.over).join(' OR ')})`, under: `(${real.map((p) => p.under).join(' OR ')})` };
};

const allOf = (parts: readonly Bracket[]): Bracket => {
  if (parts.length === 0) return ALWAYS;
  return { over: `(${parts.map((p) => p.over).join(' AND ')})`, under: `(${parts.map((p) => p.under).join(' AND ')})` };
};

/** Below a negation, NULL becomes the false it stands for. */
const negated = ({ over, under }: Bracket): Bracket => {
  const no = (sql: string): string => (sql === 'false' ? 'true' : `(NOT coalesce(${sql}, false))`);
  return { over: no(under), under: over === under ? no(under) : no(over) };
};

/** Compiles queries over the columns that the chosen segments have. */
export class Compiler {
  readonly #columns: readonly Column[];
  readonly #bound: Bound;
  readonly #stated: Stated;

  constructor(columns: readonly Column[], bound: Bound, stated: Stated) {
    this.#columns = columns;
    this.#bound = bound;
    this.#stated = stated;
  }

  compile(query: Query): Bracket {
    switch (query.kind) {
      case 'all':
        return ALWAYS;
      case 'none':
        return NEVER;
      case 'and':
        return this.#all(query.of);
      case 'or':
        return this.#any(query.of);
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

  /** Nothing is left of a conjunction that a part makes impossible, so that its segments need not be read. */
  #all(of: readonly Query[]): Bracket {
    const { mark } = this.#bound;
    const parts: Bracket[] = [];
    for (const query of of) {
      const part = this.compile(query);
      if (part.over === 'false') {
        this.#bound.forget(mark);
        return NEVER;
      }
      parts.push(part);
    }
    return allOf(parts);
  }

  #any(of: readonly Query[]): Bracket {
    const { sets, others } = gathered(of);
    const { ranges, others: rest } = gatheredRanges(others);
    return anyOf([
      ...sets.map((set) => this.#oneOf(set)),
      ...[...ranges].map(([field, some]) => this.#inRanges(field, some)),
      ...rest.map((query) => this.compile(query)),
    ]);
  }

  #inRanges(field: string, ranges: readonly IpRange[]): Bracket {
    return this.#anyValue(field, (column, x) =>
      column.kind === 'text'
        ? exactly(addressesSql(x, ranges, this.#bound))
        : anyOf(ranges.map((range) => this.#value(column, x, { op: 'cidr', range }))),
    );
  }

  #oneOf({ field, texts }: OneOf): Bracket {
    const stated = this.#stated.get(field);
    if (stated !== undefined)
      return this.#among(
        field,
        stated.filter((value) => texts.has(fold(value))),
      );
    const all = [...texts];
    return this.#anyValue(field, (column, x) => {
      switch (column.kind) {
        case 'texts':
          return exactly(listOneOfSql(x, all, this.#bound));
        case 'integer':
          return integerOneOfSql(x, all, this.#bound);
        case 'decimal':
          return atMost(`${x} IS NOT NULL`);
        case 'self':
          return exactly(oneOfSql(ownId(x), all, this.#bound));
        default:
          return exactly(oneOfSql(`${x}::VARCHAR`, all, this.#bound));
      }
    });
  }

  #field(field: string, test: Test): Bracket {
    if (test.op === 'exists') return this.#present(field);
    if (test.op === 'absent') return negated(this.#present(field));
    if (test.op === 'same') return this.#same(field, test.other);
    const stated = this.#stated.get(field);
    if (stated === undefined) return this.#anyValue(field, (column, x) => this.#value(column, x, test));
    const passes = predicateOf({ kind: 'field', field, test });
    return this.#among(
      field,
      stated.filter((value) => passes({ [field]: value })),
    );
  }

  /** Where all values of a field are stated, those that pass stand for its test. */
  #among(field: string, values: readonly string[]): Bracket {
    const [column] = this.#named(field).exact;
    if (values.length === 0 || column === undefined) return NEVER;
    return exactly(isOneOfSql(columnName(column.id), values, this.#bound));
  }

  /** Any value of the field passes: of the one so named; only where it is absent, of those named so in another case. */
  #anyValue(field: string, passes: (column: Column, x: string) => Bracket): Bracket {
    const { exact, others } = this.#named(field);
    const mine = anyOf(exact.map((column) => passes(column, columnName(column.id))));
    const theirs = anyOf(others.map((column) => passes(column, columnName(column.id))));
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
        column.kind === 'text' || column.kind === 'texts' || column.kind === 'self'
          ? [this.#value(column, columnName(column.id), test)]
          : [],
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

  #value(column: Column, x: string, test: ValueTest): Bracket {
    switch (column.kind) {
      case 'text':
        return textValueSql(x, test, this.#bound);
      case 'self':
        return textValueSql(ownId(x), test, this.#bound);
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

/** The text of a `self` column. */
const ownId = (x: string): string => `(CASE WHEN ${x} THEN ${ID} END)`;

const isPresent = (column: Column): Bracket => exactly(`(${columnName(column.id)} IS NOT NULL)`);
