import { eventId } from '../../src/core/locator.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { openDuckdbWriter } from '../../src/store/duckdb/writer.ts';

/** Short streams around a long one, which takes several segments. */
const SIZES: Readonly<Record<string, number>> = { aa: 3, bb: 0, cc: 150_000, dd: 5, ee: 700 };

export const madeEvent = (stream: string, i: number): StoredEvent => ({
  id: eventId(stream, i * 50),
  fields: {
    // now and then a record without a time
    ...(i % 1000 === 7 ? {} : { '@timestamp': 1_635_721_200_000_000 + ((i * 7919) % 150_001) * 1000 }),
    'source.ip': `192.0.2.${i % 250}`,
    'source.port': i % 60_000,
    'event.original': `record ${i} of ${stream}`,
    'vendor.session': `s${i}`,
  },
});

/** Loads what is not finished yet, as a run after a crash does. */
export const loadAll = async (directory: string): Promise<void> => {
  const writer = await openDuckdbWriter(directory);
  for (const [stream, size] of Object.entries(SIZES)) {
    if (writer.finished().has(stream)) continue;
    await writer.begin(stream);
    for (let i = 0; i < size; i += 1) await writer.append(madeEvent(stream, i));
    await writer.finish(stream);
  }
  await writer.close();
};

// run by itself: node loader.js DIRECTORY
if (process.argv[1]?.endsWith('loader.js') === true) await loadAll(process.argv[2] as string);
