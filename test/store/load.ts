import type { StoredEvent } from '../../src/ecs/event.ts';
import { openDuckdbWriter } from '../../src/store/duckdb/writer.ts';
import { locatorOf } from '../../src/store/order.ts';

/** Loads events into a store directory, stream by stream. */
export const load = async (directory: string, events: readonly StoredEvent[]): Promise<void> => {
  const writer = await openDuckdbWriter(directory);
  for (const stream of new Set(events.map((event) => locatorOf(event.id).stream))) {
    await writer.begin(stream);
    for (const event of events) if (locatorOf(event.id).stream === stream) await writer.append(event);
    await writer.finish(stream);
  }
  await writer.close();
};
