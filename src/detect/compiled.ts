import { fieldOf } from '../ecs/fields.ts';
import { and, type Query } from '../query/ast.ts';
import { type Predicate, predicateOf } from '../query/evaluate.ts';
import { routeOf } from './sigma/logsource.ts';
import type { Problem, SigmaRule } from './sigma/model.ts';

/** A rule with what the store is asked and what decides here. */
export interface CompiledRule {
  readonly rule: SigmaRule;
  /** Its detection, routed by its logsource. */
  readonly query: Query;
  readonly matches: Predicate;
  /** Fields it tests. */
  readonly fields: ReadonlySet<string>;
  /** Looks at any field, at fields whose case is not known, or at long texts that other rules need not wait for. */
  readonly isWide: boolean;
}

/** Whatever field; and fields that hold whole records. */
const WIDE = ['*', 'message', 'event.original'] as const;

/** A product's own field: classic rules write it in another case than the product, so that no store can project it. */
const isOpen = (name: string): boolean => fieldOf(name) === undefined;

/** The fields a query tests; `*` when it looks anywhere. */
const fieldsOf = (query: Query, into: Set<string>): Set<string> => {
  switch (query.kind) {
    case 'and':
    case 'or':
      for (const one of query.of) fieldsOf(one, into);
      break;
    case 'not':
      fieldsOf(query.of, into);
      break;
    case 'field':
      into.add(query.field.includes('*') ? '*' : query.field);
      if (query.test.op === 'same') into.add(query.test.other);
      break;
    case 'anywhere':
      into.add('*');
      break;
    default:
  }
  return into;
};

/** Routes a rule by its logsource; a problem when no log that is read here can be of it. */
export const compileRule = (rule: SigmaRule): CompiledRule | Problem => {
  const route = routeOf(rule.logsource);
  if (route === undefined && !rule.isEcs) {
    const source = Object.values(rule.logsource).join('/');
    const reason = `no event here is of log source ${source === '' ? '(none)' : source}`;
    return { file: rule.file, line: rule.line, reason, rule: rule.label, severity: 'not run' };
  }
  const query = route === undefined ? rule.query : and(route, rule.query);
  const fields = fieldsOf(query, new Set());
  return {
    rule,
    query,
    matches: predicateOf(query),
    fields,
    isWide: WIDE.some((name) => fields.has(name)) || (!rule.isEcs && [...fields].some(isOpen)),
  };
};
