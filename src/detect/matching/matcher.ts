import type { Query } from '../../query/ast.ts';
import type { Predicate } from '../../query/evaluate.ts';
import { fold } from '../../query/fold.ts';
import { type Lookup, lookup, type QueryFields, type QueryValue } from '../../query/names.ts';
import { kindOf, kindTestOf } from './kind.ts';
import { LiteralIndex } from './literals.ts';
import { type Literal, requiredBy } from './required.ts';

/** A query, and what decides whether an event passes it. */
interface Rule {
  readonly query: Query;
  readonly matches: Predicate;
}

/** What is known of the events of one kind. */
interface Kind {
  /** Rules that can match them, by number. */
  readonly fits: Uint8Array;
  /** Those of them that no text tells from others. */
  readonly always: readonly number[];
  /** The fields in which texts of rules are looked for. */
  readonly searched: readonly Searched[];
}

interface Searched {
  readonly index: LiteralIndex;
  /** The values looked through; undefined: all texts. */
  readonly look: Lookup | undefined;
  readonly owners: ReadonlySet<number>;
}

/** More kinds than a store of many products has; beyond it they are forgotten and told anew. */
const MAX_KINDS = 2000;

const filed = (literals: readonly (readonly [Literal, number])[], whole: boolean): Map<string, number[]> => {
  const owners = new Map<string, number[]>();
  for (const [literal, owner] of literals) {
    if (literal.whole !== whole) continue;
    owners.set(literal.text, [...(owners.get(literal.text) ?? []), owner]);
  }
  return owners;
};

const searchedFor = (required: readonly (readonly Literal[] | undefined)[]): Searched[] => {
  const byField = new Map<string, (readonly [Literal, number])[]>();
  for (const [number, literals] of required.entries()) {
    for (const literal of literals ?? []) {
      const of = byField.get(literal.field);
      if (of === undefined) byField.set(literal.field, [[literal, number]]);
      else of.push([literal, number]);
    }
  }
  return [...byField].map(([field, literals]) => ({
    index: new LiteralIndex(filed(literals, false), filed(literals, true)),
    look: field === '*' ? undefined : lookup(field),
    owners: new Set(literals.map(([, number]) => number)),
  }));
};

/** Many rules over many events: by the kind of the event and the texts in it, few of them are left to be tried. */
export class Matcher<R extends Rule> {
  readonly #rules: readonly R[];
  readonly #kindTests: readonly ((fields: QueryFields) => boolean | undefined)[];
  readonly #isIndexed: readonly boolean[];
  readonly #searched: readonly Searched[];
  readonly #kinds = new Map<string, Kind>();
  /** By rule: the event that it was found to be a candidate for. */
  readonly #marks: Uint32Array;
  #event = 0;

  constructor(rules: readonly R[]) {
    this.#rules = rules;
    this.#kindTests = rules.map(({ query }) => kindTestOf(query));
    const required = rules.map(({ query }) => requiredBy(query));
    this.#isIndexed = required.map((literals) => literals !== undefined);
    this.#searched = searchedFor(required);
    this.#marks = new Uint32Array(rules.length);
  }

  /** The rules that an event passes, in their order. */
  matching(fields: QueryFields): readonly R[] {
    const { fits, always, searched } = this.#kindOf(fields);
    const candidates = [...always];
    this.#event += 1;
    const found = (owners: readonly number[]): void => {
      for (const number of owners) {
        if (fits[number] === 0 || this.#marks[number] === this.#event) continue;
        this.#marks[number] = this.#event;
        candidates.push(number);
      }
    };
    for (const { index, look } of searched) {
      for (const value of look === undefined ? textsOf(fields) : look(fields)) {
        if (Array.isArray(value)) for (const one of value) one !== null && index.search(fold(String(one)), found);
        else if (value !== null) index.search(fold(String(value)), found);
      }
    }
    return candidates
      .sort((a, b) => a - b)
      .map((number) => this.#rules[number] as R)
      .filter(({ matches }) => matches(fields));
  }

  #kindOf(fields: QueryFields): Kind {
    const name = kindOf(fields);
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      const fits = Uint8Array.from(this.#kindTests, (test) => (test(fields) === false ? 0 : 1));
      const fitting = [...fits.keys()].filter((number) => fits[number] === 1);
      kind = {
        fits,
        always: fitting.filter((number) => !this.#isIndexed[number]),
        searched: this.#searched.filter(({ owners }) => fitting.some((number) => owners.has(number))),
      };
      if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
      this.#kinds.set(name, kind);
    }
    return kind;
  }
}

/** What a keyword is looked for in: texts alone. */
function* textsOf(fields: QueryFields): Generator<QueryValue> {
  for (const name in fields) {
    const value = fields[name] as QueryValue;
    if (typeof value === 'string') yield value;
    else if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') yield one;
  }
}
