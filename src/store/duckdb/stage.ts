import duckdb, { type Connection, type LogicalType, type Vector } from '@duckdb/node-bindings';
import type { Batch } from './batch.ts';
import { Codes, Numbers, type Plain } from './buffers.ts';
import { columnName } from './columns.ts';
import { configOf, type EngineOptions, lockdownOf } from './settings.ts';

/** Rows of a DuckDB data chunk. */
const CHUNK = 2048;

/** A DuckDB to write with, used below its JavaScript interface, which has no way to hand over whole columns. */
export interface Press {
  readonly connection: Connection;
  run(sql: string): Promise<void>;
  close(): void;
}

export const openPress = async (options: EngineOptions): Promise<Press> => {
  const config = duckdb.create_config();
  for (const [name, value] of Object.entries(configOf(options))) duckdb.set_config(config, name, value);
  const database = await duckdb.open(':memory:', config);
  const connection = await duckdb.connect(database);
  const run = async (sql: string): Promise<void> => {
    await duckdb.query(connection, sql);
  };
  for (const statement of lockdownOf(options)) await run(statement);
  return {
    connection,
    run,
    close: () => {
      duckdb.disconnect_sync(connection);
      duckdb.close_sync(database);
    },
  };
};

interface Staged {
  readonly name: string;
  readonly buffer: Codes | Numbers | Plain;
}

const stagedColumns = (batch: Batch): Staged[] => [
  { name: 'stream', buffer: batch.streams },
  { name: 'off', buffer: batch.offsets },
  { name: 'rest', buffer: batch.rest },
  ...batch.columns.map(({ column, buffer }) => ({ name: columnName(column.id), buffer })),
];

const typeOf = ({ name, buffer }: Staged): string =>
  buffer instanceof Codes ? `texts_of_${name}` : buffer instanceof Numbers ? 'DOUBLE' : 'VARCHAR';

/**
 * Lays a batch down as the table `stage`. Repeating texts are enumerations: their codes are copied as they are, and
 * Parquet takes the enumeration for its dictionary.
 */
export const stage = async (press: Press, batch: Batch): Promise<void> => {
  const columns = stagedColumns(batch);
  await makeTypes(press, columns);
  await press.run(`CREATE TABLE stage (${columns.map((column) => `${column.name} ${typeOf(column)}`).join(', ')})`);
  append(
    press,
    'stage',
    columns.map((column) => filler(column, batch.rows)),
    batch.rows,
  );
};

export const unstage = async (press: Press, batch: Batch): Promise<void> => {
  await press.run('DROP TABLE stage');
  for (const column of stagedColumns(batch))
    if (column.buffer instanceof Codes) await press.run(`DROP TYPE ${typeOf(column)}`);
};

const makeTypes = async (press: Press, columns: readonly Staged[]): Promise<void> => {
  const coded = columns.flatMap(({ buffer }, i) => (buffer instanceof Codes ? [{ i, buffer }] : []));
  const lists = coded.map(({ i, buffer }) => ({ i, texts: buffer.texts() }));
  const texts = lists.flatMap((list) => list.texts);
  const owners = Float64Array.from(lists.flatMap((list) => new Array<number>(list.texts.length).fill(list.i)));
  await press.run('CREATE TABLE texts (owner DOUBLE, text VARCHAR)');
  append(press, 'texts', [numberFiller(owners), textFiller(texts)], texts.length);
  for (const { i } of coded) {
    await press.run(
      `CREATE TYPE ${typeOf(columns[i] as Staged)} AS ENUM (SELECT text FROM texts WHERE owner = ${i} ORDER BY rowid)`,
    );
  }
  await press.run('DROP TABLE texts');
};

/** Fills a vector with the values of `count` rows from `base` on. */
type Filler = (vector: Vector, base: number, count: number) => void;

const append = (press: Press, table: string, fillers: readonly Filler[], rows: number): void => {
  const appender = duckdb.appender_create(press.connection, null, table);
  const types: LogicalType[] = fillers.map((_, i) => duckdb.appender_column_type(appender, i));
  const chunk = duckdb.create_data_chunk(types);
  for (let base = 0; base < rows; base += CHUNK) {
    const count = Math.min(CHUNK, rows - base);
    duckdb.data_chunk_reset(chunk);
    fillers.forEach((fill, i) => {
      fill(duckdb.data_chunk_get_vector(chunk, i), base, count);
    });
    duckdb.data_chunk_set_size(chunk, count);
    duckdb.append_data_chunk(appender, chunk);
  }
  duckdb.appender_close_sync(appender);
};

const filler = ({ buffer }: Staged, rows: number): Filler => {
  const fill =
    buffer instanceof Codes
      ? codeFiller(buffer)
      : buffer instanceof Numbers
        ? numberFiller(buffer.numbers)
        : textFiller(buffer.texts);
  return buffer.filled === rows ? fill : validFiller(fill, presence(buffer));
};

const presence = (buffer: Staged['buffer']): ((row: number) => boolean) => {
  if (buffer instanceof Codes) return (row) => (buffer.codes[row] ?? 0) !== 0;
  if (buffer instanceof Numbers) return (row) => !Number.isNaN(buffer.numbers[row] ?? Number.NaN);
  return (row) => buffer.texts[row] !== undefined;
};

/** Tells which rows have a value, one bit each; DuckDB assumes one everywhere until told. */
const validFiller =
  (fill: Filler, isPresent: (row: number) => boolean): Filler =>
  (vector, base, count) => {
    fill(vector, base, count);
    const bits = new Uint8Array(CHUNK / 8);
    for (let row = 0; row < count; row += 1) {
      if (isPresent(base + row)) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
    }
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, bits.byteLength);
  };

/** An enumeration of up to 2⁸ − 1 texts has codes of one byte, of up to 2¹⁶ − 1 two. */
const codeFiller = ({ codes, size }: Codes): Filler => {
  const width = size < 0xff ? Uint8Array : size < 0xffff ? Uint16Array : Uint32Array;
  return (vector, base, count) => {
    const own = new width(count);
    own.set(codes.subarray(base, base + count));
    duckdb.copy_data_to_vector(vector, 0, own.buffer, 0, own.byteLength);
  };
};

const numberFiller =
  (numbers: Float64Array<ArrayBuffer>): Filler =>
  (vector, base, count) => {
    const own = numbers.slice(base, base + count);
    duckdb.copy_data_to_vector(vector, 0, own.buffer, 0, own.byteLength);
  };

const textFiller =
  (texts: readonly (string | undefined)[]): Filler =>
  (vector, base, count) => {
    for (let row = 0; row < count; row += 1) {
      const text = texts[base + row];
      if (text !== undefined) duckdb.vector_assign_string_element(vector, row, text);
    }
  };
