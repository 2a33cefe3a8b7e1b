import type { Query } from './ast.ts';
import { fold } from './fold.ts';

/** Many whole values of one field, any of which will do: lists of indicators hold thousands. */
export interface OneOf {
  readonly field: string;
  /** Folded. */
  readonly texts: ReadonlySet<string>;
}

/** Fewer are as quick one by one. */
const MANY = 4;

const literal = (query: Query): string | undefined => {
  if (query.kind !== 'field' || query.test.op !== 'like' || query.test.cased) return undefined;
  const { pattern } = query.test;
  return pattern.every((part) => typeof part === 'string') ? fold(pattern.join('')) : undefined;
};

/** Alternatives with those taken together that ask one field for whole values, in any case. */
export const gathered = (
  of: readonly Query[],
): { readonly sets: readonly OneOf[]; readonly others: readonly Query[] } => {
  const texts = new Map<string, Set<string>>();
  for (const query of of) {
    const text = literal(query);
    if (query.kind !== 'field' || text === undefined) continue;
    texts.set(query.field, (texts.get(query.field) ?? new Set()).add(text));
  }
  const isTogether = (field: string): boolean => (texts.get(field)?.size ?? 0) >= MANY;
  return {
    sets: [...texts].filter(([field]) => isTogether(field)).map(([field, set]) => ({ field, texts: set })),
    others: of.filter((query) => !(query.kind === 'field' && literal(query) !== undefined && isTogether(query.field))),
  };
};
