import { gathered } from '../../query/alternatives.ts';
import type { Query } from '../../query/ast.ts';
import { predicateOf } from '../../query/evaluate.ts';
import { fold } from '../../query/fold.ts';
import type { Column } from './columns.ts';
import type { Segment } from './manifest.ts';

/**
 * Fields of which a segment states its different values: nearly every question begins with one of them, and a segment holds
 * one or a few products and devices. It answers for most segments without a look into them.
 */
export const STATED = ['einfallstor.act', 'einfallstor.stream'] as const;

/** Segments of so many small streams state none. */
export const MOST_STATED = 500;

type Values = readonly string[];

/** All values of a field in a segment; undefined when it does not tell. Values that fit no column may be of any field. */
const statedOf = ({ values, odd }: Segment, field: string): Values | undefined =>
  odd > 0 ? undefined : values?.[field];

/** Whether the values of a field can be told from the columns: all text, and under no other case of its name. */
export const canState = (field: string, columns: readonly Column[]): boolean =>
  columns.every((column) => fold(column.field) !== fold(field) || (column.field === field && column.kind === 'text'));

/** All values of fields in some segments. */
export type Stated = ReadonlyMap<string, Values>;

/** What some segments state together: of the fields that each of them states. */
export const statedBy = (segments: readonly Segment[]): Stated =>
  new Map(
    STATED.flatMap((field) => {
      const all = segments.map((segment) => statedOf(segment, field));
      return all.includes(undefined) ? [] : [[field, [...new Set(all.flatMap((values) => values ?? []))]] as const];
    }),
  );

/** Whether a segment may hold events that pass a query, by what it states; true in doubt. */
export const mayHold = (query: Query): ((segment: Segment) => boolean) => {
  switch (query.kind) {
    case 'none':
      return () => false;
    case 'and': {
      const parts = query.of.map(mayHold);
      return (segment) => parts.every((part) => part(segment));
    }
    case 'or': {
      const { sets, others } = gathered(query.of);
      const parts = [
        ...sets.map(({ field, texts }) => ofField(field, (value) => texts.has(fold(value)))),
        ...others.map(mayHold),
      ];
      return (segment) => parts.some((part) => part(segment));
    }
    case 'field': {
      if (query.test.op === 'absent' || query.test.op === 'same') return () => true;
      const passes = predicateOf(query);
      return ofField(query.field, (value) => passes({ [query.field]: value }));
    }
    default:
      return () => true;
  }
};

const ofField = (field: string, passes: (value: string) => boolean): ((segment: Segment) => boolean) => {
  if (!STATED.some((name) => name === field)) return () => true;
  return (segment) => statedOf(segment, field)?.some(passes) ?? true;
};
