import { join } from 'node:path';
import type { Query } from '../../query/ast.ts';
import { Bound } from './bound.ts';
import { type Column, columnName } from './columns.ts';
import { Compiler } from './compile.ts';
import { mayHold, statedBy } from './known.ts';
import type { Manifest, Segment } from './manifest.ts';

export interface TimeRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface PlanOptions extends TimeRange {
  /** Only these segments. */
  readonly segments?: (segment: Segment) => boolean;
  /** Only events without a time. */
  readonly timeless?: boolean;
  /** Only events of streams from the first to the last of these, by name. */
  readonly streams?: readonly [string, string];
}

/** Segments with much the same columns, read as one table. */
export interface Part {
  readonly from: string;
  readonly columns: readonly Column[];
  /** SQL of `@timestamp`, NULL where there is none. */
  readonly time: string;
  /** What the events looked for have in common; others may pass it too when the plan is not exact. */
  readonly where: string;
  /** Whether some events have values in `rest`. */
  readonly odd: boolean;
}

/** How a question is put to the segments it concerns. */
export interface Plan {
  readonly parts: readonly Part[];
  /** Whether the parts' conditions are the query itself; else events that pass them are looked at again. */
  readonly exact: boolean;
  readonly bound: Bound;
}

/** Segments are read together when they share so much of their columns. */
const ALIKE = 0.7;

interface Group {
  readonly segments: Segment[];
  readonly columns: Set<number>;
}

const alikeness = (columns: ReadonlySet<number>, segment: Segment): number => {
  const shared = segment.columns.filter((id) => columns.has(id)).length;
  const all = columns.size + segment.columns.length - shared;
  return all === 0 ? 1 : shared / all;
};

const grouped = (segments: readonly Segment[]): Group[] => {
  const groups: Group[] = [];
  for (const segment of segments) {
    const group = groups.find(({ columns }) => alikeness(columns, segment) >= ALIKE);
    if (group === undefined) groups.push({ segments: [segment], columns: new Set(segment.columns) });
    else {
      group.segments.push(segment);
      for (const id of segment.columns) group.columns.add(id);
    }
  }
  return groups;
};

const inTime = ({ first, last }: Segment, { from, to }: TimeRange): boolean => {
  if (from === undefined && to === undefined) return true;
  return first !== null && last !== null && (from === undefined || last >= from) && (to === undefined || first < to);
};

const timeOf = (columns: readonly Column[]): string => {
  const stamp = columns.find(({ field, kind }) => field === '@timestamp' && kind === 'integer');
  return stamp === undefined ? 'NULL::BIGINT' : columnName(stamp.id);
};

const conditions = (time: string, { from, to, timeless, streams }: PlanOptions, bound: Bound): string[] => [
  ...(timeless === true ? [`${time} IS NULL`] : []),
  ...(streams === undefined ? [] : [`stream BETWEEN ${bound.add(streams[0])} AND ${bound.add(streams[1])}`]),
  ...(from === undefined ? [] : [`${time} >= ${bound.add(BigInt(Math.ceil(from)))}`]),
  ...(to === undefined ? [] : [`${time} < ${bound.add(BigInt(Math.ceil(to)))}`]),
];

export const planOf = (home: string, manifest: Manifest, query: Query, options: PlanOptions = {}): Plan => {
  const bound = new Bound();
  const parts: Part[] = [];
  let exact = true;
  const isPossible = mayHold(query);
  const chosen = manifest.segments.filter(
    (segment) => inTime(segment, options) && (options.segments?.(segment) ?? true) && isPossible(segment),
  );
  for (const { segments, columns: ids } of grouped(chosen)) {
    const columns = manifest.columns.filter(({ id }) => ids.has(id));
    const odd = segments.some((segment) => segment.odd > 0);
    const { over, under } = new Compiler(columns, bound, statedBy(segments)).compile(query);
    if (over === 'false' && !odd) continue;
    exact &&= over === under && !odd;
    const time = timeOf(columns);
    const where = [odd ? `(rest IS NOT NULL OR ${over})` : over, ...conditions(time, options, bound)].join(' AND ');
    parts.push({ from: sourceOf(home, segments), columns, time, where, odd });
  }
  return { parts, exact, bound };
};

const sourceOf = (home: string, segments: readonly Segment[]): string => {
  const files = segments.map(({ file }) => `'${join(home, 'segments', file).replaceAll("'", "''")}'`);
  return `read_parquet([${files.join(', ')}], union_by_name = true)`;
};
