import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { configOf, type EngineOptions, lockdownOf } from './settings.ts';

export type Row = readonly DuckDBValue[];

/** An in-memory DuckDB to read with. */
export interface Engine {
  run(sql: string, parameters?: readonly DuckDBValue[]): Promise<void>;
  rows(sql: string, parameters?: readonly DuckDBValue[]): Promise<readonly Row[]>;
  /** Rows as they come, a chunk at a time. */
  stream(sql: string, parameters?: readonly DuckDBValue[]): AsyncIterable<readonly Row[]>;
  close(): void;
}

export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const instance = await DuckDBInstance.create(':memory:', configOf(options));
  const connection = await instance.connect();
  await connection.run('SET parquet_metadata_cache = true');
  for (const statement of lockdownOf(options)) await connection.run(statement);
  return {
    run: async (sql, parameters = []) => {
      await connection.run(sql, [...parameters]);
    },
    rows: async (sql, parameters = []) => (await connection.runAndReadAll(sql, [...parameters])).getRows(),
    stream: async function* (sql, parameters = []) {
      // a connection has one open result: each stream has its own
      const own = await instance.connect();
      try {
        const result = await own.stream(sql, [...parameters]);
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
