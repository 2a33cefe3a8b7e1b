import { and, not, or, type Query } from '../../query/ast.ts';
import { RuleError } from './model.ts';

/** Parentheses and `not` nested deeper than this are no rule anyone wrote. */
const MAX_DEPTH = 50;

/** `sel and not 1 of filter_*` → names, words, parentheses, the pipe of Sigma 1. */
const TOKEN = /[()|]|[^\s()|]+/g;

const matcher = (pattern: string): ((name: string) => boolean) => {
  const parts = pattern.split('*');
  return (name) => {
    let at = 0;
    for (const [i, part] of parts.entries()) {
      if (i === parts.length - 1 && i > 0) return name.length - part.length >= at && name.endsWith(part);
      const found = i === 0 ? (name.startsWith(part) ? 0 : -1) : name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at === name.length;
  };
};

const selected = (pattern: string, names: readonly string[]): string[] => {
  if (pattern.toLowerCase() === 'them') return names.filter((name) => !name.startsWith('_'));
  const matches = matcher(pattern);
  return names.filter((name) => matches(name) && (!name.startsWith('_') || pattern.startsWith('_')));
};

/** The query of a condition. `or` binds weakest, then `and`, `not`, `1 of` / `all of`, parentheses. */
export const parseCondition = (text: string, detections: ReadonlyMap<string, Query>): Query => {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  let depth = 0;
  const word = (): string | undefined => tokens[at]?.toLowerCase();

  const quantified = (all: boolean): Query => {
    const pattern = tokens[at + 2];
    at += 3;
    if (pattern === undefined) throw new RuleError('condition ends after "of"');
    const names = selected(pattern, [...detections.keys()]);
    if (names.length === 0) throw new RuleError(`"${pattern}" in the condition matches no detection`);
    const queries = names.map((name) => detections.get(name) as Query);
    return all ? and(...queries) : or(...queries);
  };

  const operand = (): Query => {
    const token = tokens[at];
    if (token === undefined) throw new RuleError('condition ends where a name is expected');
    if (token === '(') {
      at += 1;
      const inner = either();
      if (tokens[at] !== ')') throw new RuleError('a parenthesis of the condition is not closed');
      at += 1;
      return inner;
    }
    const quantifier = token.toLowerCase();
    if (tokens[at + 1]?.toLowerCase() === 'of') {
      if (quantifier !== '1' && quantifier !== 'any' && quantifier !== 'all') {
        throw new RuleError(`"${token} of" is not supported: only 1, any and all`);
      }
      return quantified(quantifier === 'all');
    }
    const query = detections.get(token);
    if (query === undefined) throw new RuleError(`condition names "${token}", which is no detection of the rule`);
    at += 1;
    return query;
  };

  const negation = (): Query => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new RuleError('condition is nested too deeply');
    let query: Query;
    if (word() === 'not' && tokens[at + 1] !== undefined) {
      at += 1;
      query = not(negation());
    } else query = operand();
    depth -= 1;
    return query;
  };

  const chain = (operator: string, below: () => Query, join: (...of: Query[]) => Query): Query => {
    const of = [below()];
    while (word() === operator) {
      at += 1;
      of.push(below());
    }
    return of.length === 1 ? (of[0] as Query) : join(...of);
  };
  const both = (): Query => chain('and', negation, and);
  function either(): Query {
    return chain('or', both, or);
  }

  const query = either();
  if (tokens[at] === '|') throw new RuleError('aggregation after "|" is Sigma 1: write a correlation');
  if (at < tokens.length)
    throw new RuleError(`condition goes on with "${tokens[at]}" where and, or or its end is expected`);
  return query;
};
