import type { Query } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { lookup, type QueryFields } from '../../query/names.ts';

/** Fields that log sources are told apart by: few values each, and most rules test one of them. */
const KIND_FIELDS = ['einfallstor.act', 'event.module', 'winlog.channel', 'event.code'] as const;
const LOOKUPS = KIND_FIELDS.map(lookup);

export const isKindField = (name: string): boolean => KIND_FIELDS.some((field) => field === name);

/** Names what rules can be told by from the fields above alone: events of one kind have the same candidates. */
export const kindOf = (fields: QueryFields): string => {
  let kind = '';
  for (const look of LOOKUPS) kind += `${look(fields).join('\u0001')}\u0000`;
  return kind;
};

/** What a query comes to for every event of a kind; undefined: that depends on its other fields. */
export type KindTest = (fields: QueryFields) => boolean | undefined;

const OPEN: KindTest = () => undefined;

/** `decisive`: the value that settles the whole, whatever the others come to. */
const joint =
  (parts: readonly KindTest[], decisive: boolean): KindTest =>
  (fields) => {
    let isOpen = false;
    for (const part of parts) {
      const outcome = part(fields);
      if (outcome === decisive) return decisive;
      isOpen ||= outcome === undefined;
    }
    return isOpen ? undefined : !decisive;
  };

/** The part of a query that is about kinds. */
export const kindTestOf = (query: Query): KindTest => {
  switch (query.kind) {
    case 'all':
    case 'none':
      return () => query.kind === 'all';
    case 'and':
    case 'or':
      return joint(query.of.map(kindTestOf), query.kind === 'or');
    case 'not': {
      const part = kindTestOf(query.of);
      return (fields) => {
        const outcome = part(fields);
        return outcome === undefined ? undefined : !outcome;
      };
    }
    case 'field':
      return isKindField(query.field) && query.test.op !== 'same' ? predicateOf(query) : OPEN;
    default:
      return OPEN;
  }
};
