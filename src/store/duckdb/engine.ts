import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { Bound } from './bound.ts';
import { MACROS } from './macros.ts';
import { configOf, type EngineOptions, lockdownOf } from './settings.ts';

export type Row = readonly DuckDBValue[];

/** An in-memory DuckDB to read with. */
export interface Engine {
  rows(sql: string, bound?: Bound): Promise<readonly Row[]>;
  /** Rows as they come, a chunk at a time. */
  stream(sql: string, bound: Bound): AsyncIterable<readonly Row[]>;
  close(): void;
}

export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const instance = await DuckDBInstance.create(':memory:', configOf(options));
  const connection = await instance.connect();
  await connection.run('SET parquet_metadata_cache = true');
  for (const macro of MACROS) await connection.run(macro);
  for (const statement of lockdownOf(options)) await connection.run(statement);
  return {
    rows: async (sql, { values, types } = new Bound()) =>
      (await connection.runAndReadAll(sql, values, types)).getRows(),
    stream: async function* (sql, { values, types }) {
      // a connection has one open result: each stream has its own
      const own = await instance.connect();
      try {
        const result = await own.stream(sql, values, types);
        for (
          let chunk = await result.fetchChunk();
          chunk !== null && chunk.rowCount > 0;
          chunk = await result.fetchChunk()
        ) {
          yield chunk.getRows();
        }
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
