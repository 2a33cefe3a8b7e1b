import { and, field, not, or, type Query, type Test, type TextTest } from '../../query/ast.ts';
import { regexOf } from '../../query/regex.ts';
import { parseCondition } from './condition.ts';
import { isBlock } from './header.ts';
import { RuleError } from './model.ts';
import { type Modified, type ModifierContext, modify, type Term } from './modifiers.ts';
import { ANY, joined, parsePattern } from './pattern.ts';

const termOf = (value: unknown): Term => {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string') return { kind: 'text', parts: parsePattern(value), written: value };
  if (typeof value === 'number') return { kind: 'number', value };
  if (typeof value === 'bigint') return { kind: 'text', parts: [String(value)] };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  throw new RuleError('a value must be text, a number, true, false or null');
};

const regexTest = (source: string, flags: string): TextTest => {
  try {
    regexOf(source, flags);
  } catch (cause) {
    throw new RuleError(cause instanceof Error ? cause.message : String(cause));
  }
  return { op: 'regex', source, flags };
};

const testOf = (term: Term, { cased, part }: Modified): Test => {
  switch (term.kind) {
    case 'text':
      return term.parts.length === 0 ? { op: 'empty' } : { op: 'like', pattern: term.parts, cased };
    case 'number':
      if (part !== undefined) return { op: 'part', part, comparison: 'eq', value: term.value };
      return { op: 'like', pattern: [String(term.value)], cased };
    case 'boolean':
      return { op: 'like', pattern: [String(term.value)], cased };
    case 'bytes':
      return { op: 'like', pattern: [Buffer.from(term.bytes).toString('latin1')], cased };
    case 'regex':
      return regexTest(term.source, term.flags);
    case 'null':
      return { op: 'absent' };
    case 'reference':
      return { op: 'same', other: term.field, how: term.how, cased };
    case 'test':
      return term.test;
  }
};

/** A keyword is found in any field's value or the raw record, wherever it stands there. */
const keywordTest = (test: Test): TextTest => {
  if (test.op === 'regex') return test;
  if (test.op === 'like') return { ...test, pattern: joined([ANY, ...test.pattern, ANY]) };
  throw new RuleError('a keyword must be text, a number or a regular expression');
};

const fold = (modified: Modified, leaf: (test: Test) => Query): Query => {
  const alternatives = modified.values.map((terms) => {
    const queries = terms.map((term) => leaf(testOf(term, modified)));
    return queries.length === 1 ? (queries[0] as Query) : or(...queries);
  });
  const joint =
    alternatives.length === 1 ? (alternatives[0] as Query) : modified.all ? and(...alternatives) : or(...alternatives);
  return modified.negated ? not(joint) : joint;
};

/** `field|modifier|…: value or list`. An empty field name means keywords. */
const lowerItem = (key: string, raw: unknown, context: ModifierContext): Query => {
  const [name, ...modifiers] = key.split('|') as [string, ...string[]];
  const list = Array.isArray(raw) ? raw : [raw];
  if (list.length === 0) throw new RuleError('the list of values is empty');
  if (list.length > 1 && list.includes(null)) throw new RuleError('null must not stand in a list of values');
  const modified = modify(list.map(termOf), modifiers, context);
  if (name === '') return fold(modified, (test) => ({ kind: 'anywhere', test: keywordTest(test) }));
  const mapped = context.fieldName(name);
  return fold(modified, (test) => field(mapped, test));
};

const at = <T>(path: string | number, lower: () => T): T => {
  try {
    return lower();
  } catch (error) {
    if (error instanceof RuleError) throw new RuleError(error.message, [path, ...error.path]);
    throw error;
  }
};

/** A map is AND, a list of maps OR, a list of values keywords. */
const lowerDetection = (definition: unknown, context: ModifierContext): Query => {
  if (isBlock(definition)) {
    const items = Object.entries(definition).map(([key, value]) => at(key, () => lowerItem(key, value, context)));
    if (items.length === 0) throw new RuleError('the detection is empty');
    return items.length === 1 ? (items[0] as Query) : and(...items);
  }
  if (!Array.isArray(definition)) return lowerItem('', definition, context);
  if (!definition.some(isBlock)) return lowerItem('', definition, context);
  const items = definition.map((item, i) =>
    at(i, () => {
      if (Array.isArray(item)) throw new RuleError('a list inside a list');
      return lowerDetection(item, context);
    }),
  );
  return or(...items);
};

/** The query of a `detection` (or `filter`) block. Keys in `reserved` are no search identifiers. */
export const lowerBlock = (block: unknown, reserved: readonly string[], context: ModifierContext): Query => {
  if (!isBlock(block)) throw new RuleError('a map of search identifiers is expected');
  const detections = new Map<string, Query>();
  for (const [name, definition] of Object.entries(block)) {
    if (name === 'condition' || reserved.includes(name)) continue;
    detections.set(
      name,
      at(name, () => lowerDetection(definition, context)),
    );
  }
  const { condition } = block;
  if (condition === undefined) throw new RuleError('condition is missing');
  return at('condition', () => {
    const list = Array.isArray(condition) ? condition : [condition];
    if (list.length === 0) throw new RuleError('condition is empty');
    const queries = list.map((text) => {
      if (typeof text !== 'string') throw new RuleError('condition must be text');
      return parseCondition(text, detections);
    });
    return queries.length === 1 ? (queries[0] as Query) : or(...queries);
  });
};
