import { randomBytes } from 'node:crypto';
import type { StoredEvent } from '../../src/ecs/event.ts';
import { connect, type Server } from '../../src/store/elasticsearch/connect.ts';
import { deleteIndices } from '../../src/store/elasticsearch/create.ts';
import { type CaseIndices, indexName, indicesOf } from '../../src/store/elasticsearch/index-names.ts';
import { openElasticsearchReader } from '../../src/store/elasticsearch/reader.ts';
import { connectionOf } from '../../src/store/elasticsearch/settings.ts';
import { openElasticsearchWriter, type WriterOptions } from '../../src/store/elasticsearch/writer.ts';
import { locatorOf } from '../../src/store/order.ts';
import type { StoreReader, StoreWriter } from '../../src/store/store.ts';

/** The server that tests of this store run on; without one they are left out. `npm run elasticsearch` starts one. */
export const SERVER = process.env['ELASTICSEARCH_URL'];

export const NO_SERVER = 'no Elasticsearch server: set ELASTICSEARCH_URL (npm run elasticsearch starts one)';

export const freshIndices = (): CaseIndices => indicesOf(indexName('test', randomBytes(4).toString('hex')));

export const server = (url = SERVER ?? ''): Promise<Server> => connect(connectionOf(url, {}));

export const LAYOUT = { shards: 1, replicas: 0 } as const;

export const openWriter = async (
  indices: CaseIndices,
  url = SERVER,
  options: Partial<WriterOptions> = {},
): Promise<StoreWriter> => openElasticsearchWriter(await server(url), indices, { layout: LAYOUT, ...options });

export const openReader = async (indices: CaseIndices): Promise<StoreReader> =>
  openElasticsearchReader(await server(), indices);

export const remove = async (indices: CaseIndices): Promise<void> => {
  const { client, ...rest } = await server();
  await deleteIndices({ client, ...rest }, indices);
  await client.close();
};

/** Loads events stream by stream. */
export const loadInto = async (writer: StoreWriter, events: readonly StoredEvent[]): Promise<void> => {
  for (const stream of new Set(events.map((event) => locatorOf(event.id).stream))) {
    await writer.begin(stream);
    for (const event of events) if (locatorOf(event.id).stream === stream) await writer.append(event);
    await writer.finish(stream);
  }
  await writer.close();
};

/** A reader over indices of its own with these events; they are gone when it is closed. */
export const openElasticsearch = async (events: readonly StoredEvent[]): Promise<StoreReader> => {
  const indices = freshIndices();
  await loadInto(await openWriter(indices), events);
  const reader = await openReader(indices);
  const close = reader.close.bind(reader);
  return Object.assign(reader, {
    close: async (): Promise<void> => {
      await close();
      await remove(indices);
    },
  });
};
