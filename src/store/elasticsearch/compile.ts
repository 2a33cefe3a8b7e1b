import { assertNever } from '../../core/assert-never.ts';
import { fieldOf } from '../../ecs/fields.ts';
import { gathered, type OneOf } from '../../query/alternatives.ts';
import type { Query, Test, TextTest } from '../../query/ast.ts';
import { fold } from '../../query/fold.ts';
import { nameMatcher } from '../../query/names.ts';
import {
  ALWAYS,
  allDsl,
  allOf,
  anyDsl,
  anyOf,
  atMost,
  type Bracket,
  type Dsl,
  exactly,
  isNever,
  NEVER,
  negated,
  noDsl,
  sizeOf,
} from './bracket.ts';
import { UNNAMED } from './document.ts';
import { OWN } from './mapping.ts';
import { anyVendor, existsDsl, isFolding, type Place, type ValueTest, valueBracket } from './tests.ts';

/** What is known of the fields of an index when it is asked. */
export interface Known {
  /** Names that events have. */
  readonly names: readonly string[];
  /** Names of which some event has a value that is not indexed; see `OWN.odd`. */
  readonly odd: ReadonlySet<string>;
  /** See `OWN.folded`. */
  readonly folded: ReadonlySet<string>;
}

/** Fewer than any server takes. */
const MOST_LEAVES = 4000;
const MOST_DEPTH = 25;
/** Whole values looked for one by one. */
const MOST_TEXTS = 1000;

const placeOf = (name: string): Place => ({ name, type: fieldOf(name)?.type });

const isOdd = (mark: string): Dsl => ({ term: { [OWN.odd]: mark } });
const isFolded = (mark: string): Dsl => ({ term: { [OWN.folded]: mark } });

/** Compiles queries for one state of an index. */
export class Compiler {
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  get names(): readonly string[] {
    return this.#known.names;
  }

  /** Whether all values of a field are indexed as they are. */
  isPlain(name: string): boolean {
    return !this.#known.odd.has(name) && !this.#known.odd.has(UNNAMED);
  }

  compile(query: Query): Bracket {
    const found = this.#compile(query);
    const { leaves, depth } = sizeOf(found.over);
    if (leaves > MOST_LEAVES || depth > MOST_DEPTH) return atMost(ALWAYS.over);
    // events with names that nobody kept: nothing is known of them, whatever is asked of a name
    return query.kind === 'all' || !this.#known.odd.has(UNNAMED) ? found : withUnnamed(found);
  }

  #compile(query: Query): Bracket {
    switch (query.kind) {
      case 'all':
        return ALWAYS;
      case 'none':
        return NEVER;
      case 'and':
        return allOf(query.of.map((part) => this.#compile(part)));
      case 'or': {
        const { sets, others } = gathered(query.of);
        return anyOf([...sets.map((set) => this.#oneOf(set)), ...others.map((part) => this.#compile(part))]);
      }
      case 'not':
        return negated(this.#compile(query.of));
      case 'field':
        return this.#field(query.field, query.test);
      case 'anywhere':
        return this.#anywhere(query.test);
      default:
        return assertNever(query);
    }
  }

  #oneOf({ field, texts }: OneOf): Bracket {
    const all = [...texts];
    return this.#anyValue(field, (place) => {
      if (all.length > MOST_TEXTS) return this.#withOdd(place, atMost(existsDsl(place)), false);
      const tests = all.map((text): ValueTest => ({ op: 'like', pattern: [text], cased: false }));
      const found = anyOf(tests.map((test) => valueBracket(place, test)));
      return this.#withOdd(place, found, tests.some(isFolding));
    });
  }

  #field(field: string, test: Test): Bracket {
    switch (test.op) {
      case 'exists':
        return this.#present(field);
      case 'absent':
        return negated(this.#filled(field));
      case 'same':
        return allOf([this.#present(field), this.#present(test.other), atMost(ALWAYS.over)]);
      default:
        return this.#anyValue(field, (place) => this.#value(place, test));
    }
  }

  #value(place: Place, test: ValueTest): Bracket {
    return this.#withOdd(place, valueBracket(place, test), isFolding(test));
  }

  #withOdd(place: Place, found: Bracket, folding: boolean): Bracket {
    const more = [
      ...(this.#known.odd.has(place.name) ? [isOdd(place.name)] : []),
      ...(folding && this.#known.folded.has(place.name) ? [isFolded(place.name)] : []),
    ];
    return more.length === 0 ? found : { over: anyDsl([found.over, ...more]), under: found.under };
  }

  /** Any value of the field passes: of the one so named; only where it is absent, of those named so in another case. */
  #anyValue(field: string, passes: (place: Place) => Bracket): Bracket {
    const { exact, others } = this.named(field);
    const theirs = anyOf(others.map(passes));
    if (exact === undefined) return theirs;
    const mine = passes(exact);
    if (isNever(theirs)) return mine;
    return anyOf([mine, allOf([negated(this.#presence(exact)), theirs])]);
  }

  #present(field: string): Bracket {
    const { exact, others } = this.named(field);
    return anyOf([...(exact === undefined ? [] : [exact]), ...others].map((place) => this.#presence(place)));
  }

  /** Whether there is a value at all: of the field so named, else of others. */
  #filled(field: string): Bracket {
    return this.#anyValue(field, (place) => this.#withOdd(place, exactly(existsDsl(place)), false));
  }

  /** A value that is not indexed is there none the less. */
  #presence(place: Place): Bracket {
    const present = existsDsl(place);
    return exactly(this.#known.odd.has(place.name) ? anyDsl([present, isOdd(place.name)]) : present);
  }

  #anywhere(test: TextTest): Bracket {
    const texts = this.#known.names
      .map(placeOf)
      .filter(({ type }) => type === 'keyword' || type === 'text' || type === 'ip');
    const hasVendor = this.#known.names.some((name) => fieldOf(name) === undefined);
    const hasOdd = this.#known.odd.size > 0;
    const folding = isFolding(test) && this.#known.folded.size > 0;
    return anyOf([
      ...texts.map((place) => valueBracket(place, test)),
      ...(hasVendor ? [anyVendor(test)] : []),
      ...(hasOdd ? [atMost({ exists: { field: OWN.odd } })] : []),
      ...(folding ? [atMost({ exists: { field: OWN.folded } })] : []),
    ]);
  }

  /** The fields of the index that a name of a query stands for. */
  named(field: string): { readonly exact: Place | undefined; readonly others: readonly Place[] } {
    const { names } = this.#known;
    if (field.includes('*')) {
      const matches = nameMatcher(field);
      return { exact: undefined, others: names.filter((name) => matches(name)).map(placeOf) };
    }
    const folded = fold(field);
    return {
      exact: names.includes(field) ? placeOf(field) : undefined,
      others: names.filter((name) => name !== field && fold(name) === folded).map(placeOf),
    };
  }
}

const withUnnamed = (found: Bracket): Bracket => {
  const unnamed = isOdd(UNNAMED);
  return { over: anyDsl([found.over, unnamed]), under: allDsl([found.under, noDsl(unnamed)]) };
};
