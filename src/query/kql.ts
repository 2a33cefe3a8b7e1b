import { ALL, and, not, or, type Query } from './ast.ts';
import { FilterText, type Term } from './kql-text.ts';
import { equalsTerm, likeTerm, type RangeSign, rangeTerm } from './kql-value.ts';

/**
 * The filter language: Kibana's KQL, as far as it goes for events.
 *
 *     source.ip: 10.0.0.0/8 and event.outcome: failure and not user.name: svc*
 *     @timestamp >= 2021-10-31T23:14+01:00 and destination.port: (22 or 3389)
 *     "authentication failed"
 *
 * `and` binds tighter than `or`; values side by side are alternatives; upper and lower case are the same. A value stands
 * for the whole field, in long text (`message`, `event.original`) for a part of it; a quoted value has no wildcards.
 * A term without a field is looked for in every field. A date stands for all of the day, minute or second it names.
 */
export const parseKql = (filter: string): Query => {
  const parser = new Parser(new FilterText(filter));
  return parser.parse();
};

/** Deeper ones are no filters that someone wrote. */
const DEEPEST = 100;
const SIGNS: readonly RangeSign[] = ['>=', '<=', '>', '<'];

/** What a value of a group means: that of a field, or a term for all fields. */
type Meaning = (term: Term) => Query;

class Parser {
  readonly #text: FilterText;
  #depth = 0;

  constructor(text: FilterText) {
    this.#text = text;
  }

  parse(): Query {
    if (this.#text.peek() === '') return ALL;
    const query = this.#either(() => this.#condition());
    if (this.#text.peek() === '') return query;
    throw this.#text.fail(
      `an unexpected ${this.#text.peek()}`,
      this.#text.peek() === ')' ? 'There is no ( before it.' : 'Put and, or, or quotation marks.',
    );
  }

  /** Alternatives of combinations of what `one` reads. */
  #either(one: () => Query): Query {
    const parts = [this.#both(one)];
    while (this.#text.takeKeyword('or')) parts.push(this.#both(one));
    return parts.length === 1 ? (parts[0] as Query) : or(...parts);
  }

  #both(one: () => Query): Query {
    const parts = [this.#negation(one)];
    while (this.#text.takeKeyword('and')) parts.push(this.#negation(one));
    return parts.length === 1 ? (parts[0] as Query) : and(...parts);
  }

  #negation(one: () => Query): Query {
    if (!this.#text.takeKeyword('not')) return one();
    return this.#deeper(() => not(this.#negation(one)));
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#text.fail('a filter nested too deeply', 'Write it with fewer parentheses.');
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #condition(): Query {
    if (this.#text.take('(')) return this.#group(() => this.#condition());
    const term = this.#term('a field or a value', false);
    if (this.#text.take(':')) return this.#valueOf(term);
    const sign = SIGNS.find((symbol) => this.#text.take(symbol));
    if (sign !== undefined) return rangeTerm(term.text, sign, this.#term('a value', true), this.#text);
    return this.#alternatives(term, anywhere);
  }

  /** What stands between parentheses, the first of which was read. */
  #group(one: () => Query): Query {
    const query = this.#deeper(() => this.#either(one));
    if (!this.#text.take(')')) {
      const next = this.#text.peek();
      throw this.#text.fail(
        next === '' ? 'a ) is missing' : `an unexpected ${next}`,
        'Close each ( with a ), and part conditions by and or or.',
      );
    }
    return query;
  }

  #valueOf(name: Term): Query {
    const meaning: Meaning = (term) => equalsTerm(name.text, term, this.#text);
    if (this.#text.peek() === '{')
      throw this.#text.fail('a nested condition', 'Events are flat: write the whole name, as in a.b: 1.');
    if (this.#text.take('(')) return this.#group(() => this.#groupValue(meaning));
    return this.#alternatives(this.#term('a value', true), meaning);
  }

  #groupValue(meaning: Meaning): Query {
    if (this.#text.take('(')) return this.#group(() => this.#groupValue(meaning));
    return this.#alternatives(this.#term('a value', true), meaning);
  }

  /** Values side by side: any of them. */
  #alternatives(first: Term, meaning: Meaning): Query {
    const queries = [meaning(first)];
    while (this.#startsTerm()) {
      const term = this.#term('a value', false);
      if (/^[:<>]/.test(this.#text.peek())) {
        throw this.#text.fail(
          'a condition begins',
          'Put and or or before it, or quotation marks around a value with : < or >.',
          term.start,
        );
      }
      queries.push(meaning(term));
    }
    return queries.length === 1 ? (queries[0] as Query) : or(...queries);
  }

  #startsTerm(): boolean {
    return !/^$|^[(){}:<>]/.test(this.#text.peek()) && this.#text.peekKeyword() === undefined;
  }

  #term(what: string, colons: boolean): Term {
    const next = this.#text.peek();
    const keyword = this.#text.peekKeyword();
    if (keyword !== undefined)
      throw this.#text.fail(`${what} is missing before ${keyword}`, `To look for the word itself, write "${keyword}".`);
    if (next === '' || /^[(){}:<>]/.test(next)) {
      throw this.#text.fail(
        next === '' ? `${what} is missing` : `${what} is missing before ${next}`,
        `Write ${what}; in quotation marks when it holds ( ) { } : < or >.`,
      );
    }
    return this.#text.term(colons);
  }
}

/** A term without a field: any field holds it. */
const anywhere: Meaning = (term) => {
  if (!term.quoted && term.text === '*') return ALL;
  return { kind: 'anywhere', test: likeTerm([{ wild: 'any' }, ...term.parts, { wild: 'any' }]) };
};
