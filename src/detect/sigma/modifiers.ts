import { parseCidr } from '../../core/net.ts';
import type { Comparison, PatternPart, Test } from '../../query/ast.ts';
import { base64, base64Offsets, dashVariants, expandPlaceholders, utf8, utf16 } from './encode.ts';
import { RuleError } from './model.ts';
import { ANY, joined, literalOf, parsePattern } from './pattern.ts';

type How = 'equals' | 'contains' | 'startswith' | 'endswith';
type Part = Extract<Test, { op: 'part' }>['part'];

/** A value on its way through the modifiers. `written`: as the rule has it, until a modifier changed it. */
export type Term =
  | { readonly kind: 'text'; readonly parts: readonly PatternPart[]; readonly written?: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | { readonly kind: 'reference'; readonly field: string; readonly how: How }
  | { readonly kind: 'test'; readonly test: Test };

/** Values of one field with its modifiers: each value may have become several, which are alternatives. */
export interface Modified {
  readonly values: readonly (readonly Term[])[];
  readonly all: boolean;
  readonly negated: boolean;
  readonly cased: boolean;
  readonly part: Part | undefined;
}

export interface ModifierContext {
  readonly placeholders: ReadonlyMap<string, readonly string[]>;
  /** Field name of the rule → field name of the events. */
  readonly fieldName: (name: string) => string;
}

type Modifier = (state: Modified, context: ModifierContext) => Modified;

const refuse = (modifier: string, term: Term): never => {
  const what = term.kind === 'test' ? 'a value that is compared' : `a ${term.kind}`;
  throw new RuleError(`modifier "${modifier}" cannot be applied to ${what}`);
};

/** Applies `change` to every value. */
const each =
  (change: (term: Term, state: Modified, context: ModifierContext) => Term | readonly Term[]): Modifier =>
  (state, context) => ({
    ...state,
    values: state.values.map((terms) => terms.flatMap((term) => change(term, state, context))),
  });

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const partsOf = (term: Term, modifier: string): readonly PatternPart[] => {
  if (term.kind === 'text') return term.parts;
  if (term.kind === 'number') return [String(term.value)];
  if (term.kind === 'bytes') return [latin1(term.bytes)];
  return refuse(modifier, term);
};

const around = (how: Exclude<How, 'equals'>): Modifier =>
  each((term) => {
    if (term.kind === 'reference') return { ...term, how };
    if (term.kind === 'regex' && how === 'contains') return term; // a regex is searched for anyway
    const parts = partsOf(term, how);
    const before = how === 'startswith' ? [] : [ANY];
    const after = how === 'endswith' ? [] : [ANY];
    return { kind: 'text', parts: joined([...before, ...parts, ...after]) };
  });

const texts = (
  name: string,
  change: (parts: readonly PatternPart[], context: ModifierContext) => readonly Term[],
): Modifier => each((term, _, context) => change(partsOf(term, name), context));

const encoded = (name: string, change: (bytes: Uint8Array) => readonly string[]): Modifier =>
  each((term) => {
    const bytes = term.kind === 'bytes' ? term.bytes : utf8(partsOf(term, name));
    return change(bytes).map((text) => ({ kind: 'text', parts: [text] }));
  });

const compare = (comparison: Comparison): Modifier =>
  each((term, { part }) => {
    const text = term.kind === 'text' ? literalOf(term.parts) : undefined;
    const value =
      term.kind === 'number'
        ? term.value
        : text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text)
          ? Number(text)
          : undefined;
    if (value === undefined) throw new RuleError(`${comparison} needs a number`);
    return {
      kind: 'test',
      test: part === undefined ? { op: 'compare', comparison, value } : { op: 'part', part, comparison, value },
    };
  });

const flag = (letter: string): Modifier =>
  each((term) => {
    if (term.kind !== 'regex') return refuse(letter, term);
    return { ...term, flags: term.flags.includes(letter) ? term.flags : term.flags + letter };
  });

const regex = each((term) => {
  const source = term.kind === 'text' ? term.written : term.kind === 'number' ? String(term.value) : undefined;
  if (source === undefined) throw new RuleError('re works on unmodified text only');
  return { kind: 'regex', source, flags: '' };
});

const cidr = each((term) => {
  const text = term.kind === 'text' ? term.written : undefined;
  const range = text === undefined ? undefined : parseCidr(text);
  if (range === undefined)
    throw new RuleError(`cidr needs a network such as 192.0.2.0/24${text === undefined ? '' : `, not "${text}"`}`);
  return { kind: 'test', test: { op: 'cidr', range } };
});

const fieldref = each((term, _, { fieldName }) => {
  const name = term.kind === 'text' ? term.written : undefined;
  if (name === undefined || name === '') throw new RuleError('fieldref needs the name of a field');
  return { kind: 'reference', field: fieldName(name), how: 'equals' };
});

const exists: Modifier = (state) => {
  const term = state.values[0]?.[0];
  if (state.values.length !== 1 || term?.kind !== 'boolean')
    throw new RuleError('exists needs one value, true or false');
  const test: Term = { kind: 'test', test: { op: 'exists' } };
  return { ...state, values: [[test]], negated: state.negated !== !term.value };
};

const part =
  (name: Part): Modifier =>
  (state) => {
    if (state.values.some((terms) => terms.some((term) => term.kind !== 'number'))) {
      throw new RuleError(`${name} needs a number and stands before the comparison`);
    }
    return { ...state, part: name };
  };

const utf16Of = (name: string, order: 'le' | 'be', mark = false): Modifier =>
  texts(name, (parts) => [{ kind: 'bytes', bytes: utf16(parts, order, mark) }]);

const MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['contains', around('contains')],
  ['startswith', around('startswith')],
  ['endswith', around('endswith')],
  ['all', (state) => ({ ...state, all: true })],
  ['neq', (state) => ({ ...state, negated: !state.negated })],
  ['cased', (state) => ({ ...state, cased: true })],
  ['exists', exists],
  ['windash', texts('windash', (parts) => dashVariants(parts).map((variant) => ({ kind: 'text', parts: variant })))],
  [
    'expand',
    texts('expand', (parts, { placeholders }) =>
      expandPlaceholders(parts, placeholders, parsePattern).map((variant) => ({
        kind: 'text',
        parts: joined(variant),
      })),
    ),
  ],
  ['re', regex],
  ['i', flag('i')],
  ['m', flag('m')],
  ['s', flag('s')],
  ['base64', encoded('base64', (bytes) => [base64(bytes)])],
  ['base64offset', encoded('base64offset', base64Offsets)],
  ['utf16le', utf16Of('utf16le', 'le')],
  ['wide', utf16Of('wide', 'le')],
  ['utf16be', utf16Of('utf16be', 'be')],
  ['utf16', utf16Of('utf16', 'le', true)],
  ['lt', compare('lt')],
  ['lte', compare('lte')],
  ['gt', compare('gt')],
  ['gte', compare('gte')],
  ['cidr', cidr],
  ['fieldref', fieldref],
  ...(['minute', 'hour', 'day', 'week', 'month', 'year'] as const).map((name) => [name, part(name)] as const),
]);

/** Applies the modifiers of `field|a|b` from left to right. */
export const modify = (values: readonly Term[], names: readonly string[], context: ModifierContext): Modified => {
  let state: Modified = { values: values.map((v) => [v]), all: false, negated: false, cased: false, part: undefined };
  for (const name of names) {
    const modifier = MODIFIERS.get(name);
    if (modifier === undefined) throw new RuleError(`unknown modifier "${name}"`);
    state = modifier(state, context);
  }
  return state;
};
