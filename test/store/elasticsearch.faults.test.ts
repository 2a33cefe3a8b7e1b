import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { openDuckdbReader } from '../../src/store/duckdb/reader.ts';
import { eventMappings, stateMappings } from '../../src/store/elasticsearch/mapping.ts';
import type { StoreWriter } from '../../src/store/store.ts';
import { freshIndices, NO_SERVER, openReader, openWriter, remove, SERVER, server } from './elasticsearch.ts';
import { type Front, front, type Verdict } from './front.ts';
import { load } from './load.ts';
import { madeEvent } from './loader.ts';

/** Streams and how many events they have. */
const SIZES: Readonly<Record<string, number>> = { aa: 3, cc: 24_000, dd: 5, ee: 700 };
const EVENTS: readonly StoredEvent[] = Object.entries(SIZES).flatMap(([stream, size]) =>
  Array.from({ length: size }, (_, i) => madeEvent(stream, i)),
);

describe.skipIf(SERVER === undefined)(`faults (left out: ${NO_SERVER})`, { timeout: 600_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'einfallstor-faults-'));
  let wanted: unknown;
  let indices = freshIndices();
  let proxy: Front | undefined;

  beforeAll(async () => {
    await load(directory, EVENTS);
    const reader = await openDuckdbReader(directory);
    wanted = await reader.digest();
    await reader.close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
    await remove(indices);
    indices = freshIndices();
  });

  /** Loads what is not finished yet; `between` comes after each thousandth event. */
  const loadAll = async (
    writer: StoreWriter,
    between: (events: number) => Promise<void> = async () => {},
  ): Promise<void> => {
    let count = 0;
    for (const [stream, size] of Object.entries(SIZES)) {
      if (writer.finished().has(stream)) continue;
      await writer.begin(stream);
      for (let i = 0; i < size; i += 1) {
        await writer.append(madeEvent(stream, i));
        count += 1;
        if (count % 1000 === 0) await between(count);
      }
      await writer.finish(stream);
    }
    await writer.close();
  };

  const digest = async (): Promise<unknown> => {
    const reader = await openReader(indices);
    try {
      return await reader.digest();
    } finally {
      await reader.close();
    }
  };

  /** The server behind a proxy that decides over the nth bulk request of events. */
  const behind = async (decide: (bulk: number) => Verdict): Promise<string> => {
    let bulks = 0;
    proxy = await front(SERVER as string, ({ url = '' }) => {
      if (url.startsWith(`/${indices.events}/_bulk`)) bulks += 1;
      return decide(bulks);
    });
    return proxy.url;
  };

  const BUSY = {
    status: 429,
    type: 'es_rejected_execution_exception',
    reason: 'rejected execution of coordinating operation',
  };

  test('a server that answers 429 under load loses nothing', async () => {
    let refusals = 0;
    const url = await behind((bulk) => {
      // in pairs, so that one request is refused more than once
      const refuses = bulk % 3 !== 0 && refusals < 12;
      if (refuses) refusals += 1;
      return refuses ? BUSY : 'pass';
    });
    const reasons = new Set<string>();
    await loadAll(await openWriter(indices, url, { onWait: (reason) => reasons.add(reason) }));
    expect(await digest()).toEqual(wanted);
    expect([...reasons].join()).toContain('is overloaded: rejected execution');
    expect(refusals).toBeGreaterThan(3);
  });

  test('a network that is cut for 30 seconds loses nothing', async () => {
    let until = 0;
    const url = await behind((bulk) => {
      if (bulk === 2 && until === 0) until = Date.now() + 30_000;
      return Date.now() < until ? 'cut' : 'pass';
    });
    const reasons = new Set<string>();
    await loadAll(await openWriter(indices, url, { onWait: (reason) => reasons.add(reason) }));
    expect(Date.now()).toBeGreaterThan(until);
    expect(await digest()).toEqual(wanted);
    expect([...reasons].join()).toContain('cannot be reached');
  });

  /** What the server does itself when its disk passes the flood-stage watermark. */
  const block = async (blocked: boolean): Promise<void> => {
    const { client } = await server();
    await client.indices.putSettings({
      index: indices.eventsIndex,
      settings: { 'index.blocks.read_only_allow_delete': blocked ? true : null },
    });
    await client.close();
  };

  test('a load that gives up says why, and goes on where it stopped', async () => {
    const writer = await openWriter(indices, SERVER, { patience: 1000 });
    const loading = loadAll(writer, async (events) => {
      if (events === 5000) await block(true);
    });
    await expect(loading).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(/takes no writes/),
      hint: expect.stringContaining('Free disk space'),
    });
    await block(false);
    await writer.close().catch(() => {});
    await loadAll(await openWriter(indices));
    expect(await digest()).toEqual(wanted);
  });

  const runner = Number(process.env['ELASTICSEARCH_RUNNER']);

  test.skipIf(Number.isNaN(runner))(
    'a server that is killed twice in mid-load loses nothing (left out: it can only be killed when npm run elasticsearch started it)',
    async () => {
      let kills = 0;
      const reasons = new Set<string>();
      const writer = await openWriter(indices, SERVER, { onWait: (reason) => reasons.add(reason) });
      await loadAll(writer, async (events) => {
        if (events !== 8000 && events !== 16_000) return;
        await writer.flush();
        process.kill(runner, 'SIGUSR2');
        kills += 1;
        await pause(200);
      });
      expect(kills).toBe(2);
      expect([...reasons].join()).toContain('cannot be reached');
      expect(await digest()).toEqual(wanted);
    },
  );

  test('a document that the server refuses is kept as a rejected record with the reason', async () => {
    // an index whose mapping has no limit on user.name: Lucene refuses terms of more than 32766 bytes
    const { client } = await server();
    const mappings = eventMappings();
    await client.indices.create({
      index: indices.eventsIndex,
      mappings: { ...mappings, properties: { ...mappings.properties, 'user.name': { type: 'keyword' } } },
      aliases: { [indices.events]: {} },
    });
    await client.indices.create({ index: indices.state, mappings: stateMappings() });
    await client.close();
    const writer = await openWriter(indices);
    await writer.begin('aa');
    await writer.append(madeEvent('aa', 0));
    const long = { 'user.name': 'x'.repeat(40_000), 'event.original': 'the record', 'log.offset': 50 };
    await writer.append({ id: 'aa-1e', fields: { '@timestamp': 7, ...long } });
    await writer.finish('aa');
    await writer.close();
    const reader = await openReader(indices);
    expect((await reader.streams()).map(({ events, rejected }) => [events, rejected])).toEqual([[1, 1]]);
    const [rejected] = await reader.get(['aa-1e']);
    expect(rejected?.fields).toEqual({
      '@timestamp': 7,
      'event.kind': 'pipeline_error',
      'event.original': 'the record',
      'log.offset': 50,
      'einfallstor.reject_code': 'store',
      'error.message': expect.stringMatching(/^refused by the store: .*immense term/s),
    });
    await reader.close();
  });

  test('one process at a time writes to a case; one that died holds nobody up', async () => {
    const writer = await openWriter(indices);
    await expect(openWriter(indices)).rejects.toMatchObject({ code: 'CASE_LOCKED' });
    await writer.close();
    const { client } = await server();
    const gone = { host: (await import('node:os')).hostname(), pid: 999_999_999, heard: Date.now() };
    await client.index({ index: indices.state, id: 'writer', document: { journal: 'writer', number: 0, entry: gone } });
    await client.close();
    await (await openWriter(indices)).close();
  });

  test('a second run replaces what an unfinished one left', async () => {
    const first = await openWriter(indices);
    await first.begin('aa');
    await first.append(madeEvent('aa', 0));
    await first.finish('aa');
    await first.begin('bb');
    await first.append(madeEvent('bb', 1));
    await first.flush();
    await first.append(madeEvent('bb', 2));
    await first.abandon('bb');
    await first.begin('bb');
    await first.append(madeEvent('bb', 3));
    await first.flush();
    // the next one finds bb unfinished, as after a kill; closing would have dropped it
    const { client } = await server();
    await client.delete({ index: indices.state, id: 'writer', refresh: true });
    await client.close();
    const second = await openWriter(indices);
    expect([...second.finished()]).toEqual(['aa']);
    await second.close();
    const reader = await openReader(indices);
    expect((await reader.streams()).map(({ stream, events }) => [stream, events])).toEqual([['aa', 1]]);
    await reader.close();
  });
});
