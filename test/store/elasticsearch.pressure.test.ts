import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventId } from '../../src/core/locator.ts';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { openElasticsearchReader } from '../../src/store/elasticsearch/reader.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { freshIndices, loadInto, NO_SERVER, openReader, openWriter, remove, SERVER, server } from './elasticsearch.ts';
import { type Front, front } from './front.ts';
import { load } from './load.ts';
import { madeEvent } from './loader.ts';

/** With a record of some length, so that requests are cut by bytes. */
const EVENTS: readonly StoredEvent[] = Array.from({ length: 9000 }, (_, i) => {
  const { id, fields } = madeEvent('aa', i);
  return { id, fields: { ...fields, 'event.original': `${fields['event.original']} ${'word '.repeat(120)}` } };
});

/** How often the server looks at its disk; it allows no less. */
const OFTEN = { 'cluster.info.update.interval': '10s' };
/** Any disk is fuller than this. */
const FULL = Object.fromEntries(
  Object.entries({
    threshold_enabled: 'true',
    'watermark.low': '0.1%',
    'watermark.high': '0.2%',
    'watermark.flood_stage': '0.3%',
  }).map(([name, value]) => [`cluster.routing.allocation.disk.${name}`, value]),
);
const none = (settings: object): Record<string, null> =>
  Object.fromEntries(Object.keys(settings).map((name) => [name, null]));

/** What the server itself does when it is short of memory or disk: set by its own settings, not played. */
describe.skipIf(SERVER === undefined)(`a server under pressure (left out: ${NO_SERVER})`, { timeout: 600_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'einfallstor-pressure-'));
  let wanted: unknown;
  let indices = freshIndices();
  let proxy: Front | undefined;
  let changed: object = {};

  beforeAll(async () => {
    await load(directory, EVENTS);
    const reader = await openDuckdbReader(directory);
    wanted = await reader.digest();
    await reader.close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  afterEach(async () => {
    if (Object.keys(changed).length > 0) await settle(none(changed));
    await proxy?.close();
    proxy = undefined;
    await remove(indices);
    indices = freshIndices();
  });

  const settle = async (settings: Readonly<Record<string, string | null>>): Promise<void> => {
    changed = settings;
    const { client } = await server();
    await client.cluster.putSettings({ persistent: settings });
    await client.close();
  };

  const digest = async (): Promise<unknown> => {
    const reader = await openReader(indices);
    try {
      return await reader.digest();
    } finally {
      await reader.close();
    }
  };

  /** Bytes of the requests with events, with what came of them, as a proxy sees them. */
  const watched = async (): Promise<{ url: string; sizes: number[] }> => {
    const sizes: number[] = [];
    proxy = await front(SERVER as string, ({ url = '', headers }) => {
      if (url.startsWith(`/${indices.events}/_bulk`)) sizes.push(Number(headers['content-length']));
      return 'pass';
    });
    return { url: proxy.url, sizes };
  };

  test('requests grow while the server is quick', async () => {
    const { url, sizes } = await watched();
    // a name that is not indexed: nothing that a busy machine could be slow with
    const light = Array.from({ length: 120 }, (_, i) => ({
      id: eventId('aa', i),
      fields: { 'a*b': `${i} ${'x'.repeat(100_000)}` },
    }));
    await loadInto(await openWriter(indices, url), light);
    const [first = 0, ...others] = sizes;
    expect(Math.max(...others)).toBeGreaterThan(1.2 * first);
    expect(await digest()).toEqual(await memoryStore(light).digest());
  });

  test('requests it has no memory for (429) are sent again in parts, and nothing is lost', async () => {
    const { url, sizes } = await watched();
    const reasons = new Set<string>();
    const writer = await openWriter(indices, url, { onWait: (reason) => reasons.add(reason) });
    await settle({ 'network.breaker.inflight_requests.limit': '800kb', 'rest.incremental_bulk': 'false' });
    await loadInto(writer, EVENTS);
    expect([...reasons].join()).toMatch(/is overloaded: .*(too large|rejected)/s);
    expect(Math.max(...sizes)).toBeGreaterThan(1_000_000);
    expect(Math.min(...sizes.slice(0, -1))).toBeLessThan(800_000);
    await settle(none(changed));
    expect(await digest()).toEqual(wanted);
  });

  test('a disk beyond its flood-stage watermark is waited for, until the server takes writes again', async () => {
    const reasons = new Set<string>();
    const writer = await openWriter(indices, SERVER, { onWait: (reason) => reasons.add(reason) });
    await writer.begin('aa');
    for (const event of EVENTS.slice(0, 3000)) await writer.append(event);
    await writer.flush();
    await settle({ ...OFTEN, ...FULL });
    await becomesReadOnly();
    const freed = pause(3000).then(() => settle({ ...OFTEN, ...none(FULL) }));
    for (const event of EVENTS.slice(3000)) await writer.append(event);
    await writer.finish('aa');
    await writer.close();
    await freed;
    expect([...reasons].join()).toMatch(/takes no writes: .*flood-stage watermark/);
    expect(await digest()).toEqual(wanted);
  });

  test('a page of events it has no memory for is asked for in parts (played before the server)', async () => {
    await loadInto(await openWriter(indices), EVENTS);
    let searches = 0;
    proxy = await front(SERVER as string, ({ url = '' }) => {
      if (!url.startsWith('/_search')) return 'pass';
      searches += 1;
      // two ask for marks when it is opened
      const isRefused = searches === 3;
      return isRefused
        ? { status: 429, type: 'circuit_breaking_exception', reason: '[parent] Data too large' }
        : 'pass';
    });
    const reader = await openElasticsearchReader(await server(proxy.url), indices);
    expect(await reader.digest()).toEqual(wanted);
    expect(searches).toBeGreaterThan(3 + EVENTS.length / 250 - 1);
    await reader.close();
  });

  /** Waits until the server has made the index read-only. */
  const becomesReadOnly = async (): Promise<void> => {
    const { client } = await server();
    const isReadOnly = async (): Promise<unknown> => {
      const found = await client.indices.getSettings({ index: indices.eventsIndex, flat_settings: true });
      const settings = found[indices.eventsIndex]?.settings as Record<string, unknown> | undefined;
      return settings?.['index.blocks.read_only_allow_delete'];
    };
    await expect.poll(isReadOnly, { timeout: 120_000, interval: 1000 }).toBe('true');
    await client.close();
  };
});
