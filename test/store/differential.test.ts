import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../../src/ecs/event.ts';
import type { Query } from '../../src/query/ast.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { events, query } from '../query/arbitraries.ts';
import { answers, found } from './answers.ts';
import { load } from './load.ts';

const agree = async (given: readonly StoredEvent[], queries: readonly Query[]): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'einfallstor-differential-'));
  try {
    await load(directory, given);
    const [duckdb, memory] = [await openDuckdbReader(directory), memoryStore(given)];
    expect(await duckdb.digest()).toEqual(await memory.digest());
    for (const [i, asked] of queries.entries()) {
      expect(await found(duckdb, asked), JSON.stringify(asked)).toEqual(await found(memory, asked));
      if (i < 4) expect(await answers(duckdb, asked), JSON.stringify(asked)).toEqual(await answers(memory, asked));
    }
    await duckdb.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
};

test('DuckDB answers as the evaluator does', async () => {
  // fast-check prints the seed of a failure; give it here to see it again
  await fc.assert(fc.asyncProperty(events, fc.array(query, { minLength: 20, maxLength: 20 }), agree), {
    numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 15),
    endOnFailure: true,
  });
}, 600_000);
