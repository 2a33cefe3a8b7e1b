import { DuckDBListValue, type DuckDBValue } from '@duckdb/node-api';
import { eventId } from '../../core/locator.ts';
import type { Fields, StoredEvent, Value } from '../../ecs/event.ts';
import { type Column, columnName } from './columns.ts';
import type { Row } from './engine.ts';

/** What a row of a scan begins with; the values of `columns` follow. */
export const rowColumns = (columns: readonly Column[]): string =>
  ['stream', 'off', 'rest', ...columns.map((column) => columnName(column.id))].join(', ');

const plainValue = (value: DuckDBValue): Value => {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof DuckDBListValue) return value.items as string[];
  return value as string | number | boolean;
};

export const eventOf = (row: Row, columns: readonly Column[], wanted: ReadonlySet<string> | undefined): StoredEvent => {
  const id = eventId(row[0] as string, Number(row[1]));
  const fields: Fields = {};
  for (let i = 0; i < columns.length; i += 1) {
    const value = row[i + 3];
    if (value === null || value === undefined) continue;
    const { field, kind } = columns[i] as Column;
    if (kind !== 'self') fields[field] = plainValue(value);
    else if (value === true) fields[field] = id;
  }
  if (row[2] !== null) addRest(fields, row[2] as string, wanted);
  return { id, fields };
};

const addRest = (fields: Fields, rest: string, wanted: ReadonlySet<string> | undefined): void => {
  for (const [name, value] of Object.entries(JSON.parse(rest) as Fields)) {
    if (wanted === undefined || wanted.has(name)) fields[name] = value;
  }
};
