import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { openDuckdbWriter } from '../../src/store/duckdb/writer.ts';
import type { StoreReader } from '../../src/store/store.ts';

/** A store of these events in a folder that is gone when it is closed. */
export const openDuckdb = async (events: readonly StoredEvent[]): Promise<StoreReader> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigma-case-'));
  const writer = await openDuckdbWriter(folder);
  await writer.begin('000000000000');
  for (const event of events) await writer.append(event);
  await writer.finish('000000000000');
  await writer.close();
  const reader = await openDuckdbReader(folder);
  const close = reader.close.bind(reader);
  return Object.assign(reader, {
    close: async (): Promise<void> => {
      await close();
      rmSync(folder, { recursive: true });
    },
  });
};
