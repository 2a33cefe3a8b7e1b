import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { openDuckdbWriter } from '../../src/store/duckdb/writer.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { locatorOf } from '../../src/store/order.ts';
import { storeContract } from './contract.ts';

storeContract({
  name: 'memory',
  open: async (events) => {
    const reader = memoryStore(events);
    return { reader, close: () => reader.close() };
  },
});

const load = async (directory: string, events: readonly StoredEvent[]): Promise<void> => {
  const writer = await openDuckdbWriter(directory);
  for (const stream of new Set(events.map((event) => locatorOf(event.id).stream))) {
    await writer.begin(stream);
    for (const event of events) if (locatorOf(event.id).stream === stream) await writer.append(event);
    await writer.finish(stream);
  }
  await writer.close();
};

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
