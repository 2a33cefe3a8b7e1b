import { eventId } from '../../core/locator.ts';
import type { Fields, StoredEvent, Value } from '../../ecs/event.ts';
import { type Column, columnName, LIST_SEPARATOR } from './columns.ts';

/** Which fields of an event are wanted; undefined: all. */
export type Wanted = ((field: string) => boolean) | undefined;

/** How rows of one part of a plan become events. */
export interface RowReader {
  /** SQL of the row as one JSON text, the fastest way out of DuckDB: number of the part, stream, offset, rest, values. */
  readonly sql: string;
  readonly event: (row: readonly unknown[]) => StoredEvent;
}

export const rowReader = (part: number, allColumns: readonly Column[], wanted: Wanted): RowReader => {
  const columns = allColumns.filter(({ field }) => wanted?.(field) ?? true);
  const names = columns.map(({ field }) => field);
  const kinds = columns.map(({ kind }) => kind);
  return {
    sql: `json_array(${[part, 'stream', 'off', 'rest', ...columns.map(({ id }) => columnName(id))].join(', ')})`,
    event: (row) => {
      const id = eventId(row[1] as string, row[2] as number);
      const fields: Fields = {};
      for (let i = 0; i < names.length; i += 1) {
        const value = row[i + 4];
        if (value === null) continue;
        const kind = kinds[i];
        fields[names[i] as string] =
          kind === 'self' ? id : kind === 'texts' ? (value as string).split(LIST_SEPARATOR) : (value as Value);
      }
      if (row[3] !== null) addRest(fields, row[3] as string, wanted);
      return { id, fields };
    },
  };
};

const addRest = (fields: Fields, rest: string, wanted: Wanted): void => {
  for (const [name, value] of Object.entries(JSON.parse(rest) as Fields))
    if (wanted?.(name) ?? true) fields[name] = value;
};
