import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../src/ecs/event.ts';
import type { Query } from '../../src/query/ast.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { events, query } from '../query/arbitraries.ts';
import { answers, found } from './answers.ts';
import { NO_SERVER, openElasticsearch, SERVER } from './elasticsearch.ts';

const agree = async (given: readonly StoredEvent[], queries: readonly Query[]): Promise<void> => {
  const [store, memory] = [await openElasticsearch(given), memoryStore(given)];
  try {
    expect(await store.digest()).toEqual(await memory.digest());
    for (const [i, asked] of queries.entries()) {
      expect(await found(store, asked), JSON.stringify(asked)).toEqual(await found(memory, asked));
      if (i < 4) expect(await answers(store, asked), JSON.stringify(asked)).toEqual(await answers(memory, asked));
    }
  } finally {
    await store.close();
  }
};

describe.skipIf(SERVER === undefined)(`against the server (left out: ${NO_SERVER})`, () => {
  test('Elasticsearch answers as the evaluator does', async () => {
    // fast-check prints the seed of a failure; give it here to see it again
    await fc.assert(fc.asyncProperty(events, fc.array(query, { minLength: 20, maxLength: 20 }), agree), {
      numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 15),
      endOnFailure: true,
    });
  }, 600_000);
});
