import { afterAll, describe, expect, test } from 'vitest';
import { eventId } from '../../src/core/locator.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { ALL, field, is } from '../../src/query/ast.ts';
import { eventMappings } from '../../src/store/elasticsearch/mapping.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { freshIndices, loadInto, NO_SERVER, openReader, openWriter, remove, SERVER, server } from './elasticsearch.ts';

/** More names than a case keeps on a server. */
const NAMES = 5000;
const EVENTS: readonly StoredEvent[] = Array.from({ length: NAMES / 10 }, (_, i) => ({
  id: eventId('aa', i),
  fields: {
    '@timestamp': 1_635_721_200_000_000 + i,
    ...Object.fromEntries(Array.from({ length: 10 }, (_, k) => [`vendor.f${i * 10 + k}`, `v${k}`])),
  },
}));

describe.skipIf(SERVER === undefined)(`the index of a case (left out: ${NO_SERVER})`, { timeout: 300_000 }, () => {
  const indices = freshIndices();
  afterAll(() => remove(indices));

  test('has an alias, the shards asked for, and no field more for all the names that evidence has', async () => {
    await loadInto(await openWriter(indices, SERVER, { layout: { shards: 2, replicas: 0 } }), EVENTS);
    const { client } = await server();
    const found = (await client.indices.get({ index: indices.events }))[indices.eventsIndex];
    await client.close();
    expect(Object.keys(found?.aliases ?? {})).toEqual([indices.events]);
    expect(found?.settings?.index).toMatchObject({ number_of_shards: '2', number_of_replicas: '0' });
    const topmost = (names: readonly string[]): string[] => [...new Set(names.map((name) => name.split('.')[0] ?? ''))];
    expect(Object.keys(found?.mappings?.properties ?? {}).sort()).toEqual(
      topmost(Object.keys(eventMappings().properties ?? {})).sort(),
    );

    const reader = await openReader(indices);
    expect(await reader.digest()).toEqual(await memoryStore(EVENTS).digest());
    expect(await reader.count(is('vendor.f7', 'v7'))).toBe(1);
    expect(await reader.count(is('VENDOR.F4999', 'V9'))).toBe(1);
    expect(await reader.count(field('vendor.f*', { op: 'exists' }))).toBe(EVENTS.length);
    expect(await reader.top(ALL, 'vendor.f4998', 3)).toEqual([{ value: 'v8', count: 1 }]);
    await reader.close();
  });
});
