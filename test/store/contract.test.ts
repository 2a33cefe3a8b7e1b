import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { storeContract } from './contract.ts';
import { load } from './load.ts';

storeContract({
  name: 'memory',
  open: async (events) => {
    const reader = memoryStore(events);
    return { reader, close: () => reader.close() };
  },
});

storeContract({
  name: 'duckdb',
  open: async (events) => {
    const directory = mkdtempSync(join(tmpdir(), "it's a store-"));
    await load(directory, events);
    const reader = await openDuckdbReader(directory);
    return {
      reader,
      close: async () => {
        await reader.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
});
