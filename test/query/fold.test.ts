import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { fold } from '../../src/query/fold.ts';

test('folds every code point as DuckDB does, alone and within a word', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (
    await connection.runAndReadAll(
      `SELECT string_agg('aΣ' || chr(i::INTEGER), '' ORDER BY i) AS text, lower(text)
       FROM range(1, 1114112) t(i) WHERE NOT (i BETWEEN 55296 AND 57343) GROUP BY i // 512`,
    )
  ).getRows() as [string, string][];
  connection.closeSync();
  instance.closeSync();
  expect(rows.reduce((sum, [text]) => sum + [...text].length / 3, 0)).toBe(1_112_063);
  for (const [text, lower] of rows) expect(fold(text)).toBe(lower);
});

test('a part of a text folds as it does in the text', () => {
  expect(fold('ΟΔΟΣ')).toBe('οδοσ');
  expect(fold('İSTANBUL')).toBe('istanbul');
  expect(fold('\u212a')).toBe('k');
  expect(fold('Straße ſ ς')).toBe('straße ſ ς');
});
