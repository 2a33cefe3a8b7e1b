import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { EinfallstorError } from '../../core/errors.ts';
import { Bound } from './bound.ts';
import { MACROS } from './macros.ts';
import { configOf, type EngineOptions, lockdownOf } from './settings.ts';

export type Row = readonly DuckDBValue[];

/** An in-memory DuckDB to read with. */
export interface Engine {
  rows(sql: string, bound?: Bound): Promise<readonly Row[]>;
  /** The one text column of a statement, as it comes, a chunk at a time. */
  texts(sql: string, bound: Bound): AsyncIterable<readonly string[]>;
  close(): void;
}

/** A segment of an unfinished stream that a new run has dropped, a damaged file, a full disk: no bug, but no answer. */
const refused = (cause: unknown): unknown => {
  const message = cause instanceof Error ? cause.message : '';
  if (!/^(?:IO Error|Invalid Input Error: .*parquet|Out of Memory Error)/i.test(message)) return cause;
  return new EinfallstorError(
    'STORE',
    `the store cannot be read: ${message.split('\n', 1)[0]}`,
    'If a load is running, try again; else verify the case.',
    { cause },
  );
};

export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const instance = await DuckDBInstance.create(':memory:', configOf(options));
  const connection = await instance.connect();
  await connection.run('SET parquet_metadata_cache = true');
  for (const macro of MACROS) await connection.run(macro);
  for (const statement of lockdownOf(options)) await connection.run(statement);
  return {
    rows: async (sql, { values, types } = new Bound()) => {
      try {
        return (await connection.runAndReadAll(sql, values, types)).getRows();
      } catch (cause) {
        throw refused(cause);
      }
    },
    texts: async function* (sql, { values, types }) {
      // a connection has one open result: each stream has its own
      const own = await instance.connect();
      try {
        const result = await own.stream(sql, values, types);
        for (
          let chunk = await result.fetchChunk();
          chunk !== null && chunk.rowCount > 0;
          chunk = await result.fetchChunk()
        ) {
          yield chunk.getColumnValues(0) as string[];
        }
      } catch (cause) {
        throw refused(cause);
      } finally {
        own.closeSync();
      }
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
