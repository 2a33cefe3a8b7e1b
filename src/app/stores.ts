import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Case } from '../case/case.ts';
import type { Shared } from '../case/shared.ts';
import { EinfallstorError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import { readManifest } from '../store/duckdb/manifest.ts';
import { openDuckdbReader } from '../store/duckdb/reader.ts';
import { openDuckdbWriter } from '../store/duckdb/writer.ts';
import { indexName, indicesOf } from '../store/elasticsearch/index-names.ts';
import { serverUrl, usualServer } from '../store/elasticsearch/settings.ts';
import type { StoreReader, StoreWriter } from '../store/store.ts';
import { agent, now } from './agent.ts';

/** Where the operator wants the events to be. */
export interface StoreWish {
  /** `--store`: address of an Elasticsearch server, or `duckdb`. */
  readonly given?: string | undefined;
  /** Names the server that a new case goes to when nothing is given. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Where a case's events are; kept in its `store.json`, in which no secret ever stands. */
export type StorePlace =
  | { readonly kind: 'duckdb' }
  | { readonly kind: 'elasticsearch'; readonly url: string; readonly index: string };

/** A case's store, not yet opened. */
export interface CaseStore {
  readonly place: StorePlace;
  reader(): Promise<StoreReader>;
  /** `onWait`: the server is away or busy and the load waits; in words. */
  writer(onWait: (reason: string) => void): Promise<StoreWriter>;
}

const DUCKDB: StorePlace = { kind: 'duckdb' };

const keptPlace = async (opened: Case): Promise<StorePlace | undefined> => {
  const text = await opened.read('store.json');
  return text === undefined ? undefined : (JSON.parse(text) as StorePlace);
};

/** Words for a place. */
export const placeText = (place: StorePlace): string =>
  place.kind === 'duckdb' ? 'DuckDB in the case directory' : `Elasticsearch at ${place.url}, index ${place.index}`;

/** The place that a wish speaks of, for this case. */
export const placeOf = async (opened: Case, wish: string): Promise<StorePlace> => {
  if (wish === 'duckdb') return DUCKDB;
  return { kind: 'elasticsearch', url: serverUrl(wish), index: indexName(opened.name, await identity(opened)) };
};

/** Tells a case from others of its name: the digest of its custody log's first line. */
const identity = async (opened: Case): Promise<string> => {
  const log = await readFile(opened.custodyLog, 'utf8');
  return createHash('sha256')
    .update(log.slice(0, log.indexOf('\n')))
    .digest('hex');
};

/** Decides where a new case's events go; an old one stays where it is. */
export const settlePlace = async (opened: Case, { given, env = {} }: StoreWish): Promise<void> => {
  const wish = given ?? usualServer(env);
  if (wish === undefined || (await keptPlace(opened)) !== undefined) return;
  const manifest = readManifest(opened.storeDirectory);
  if (manifest.segments.length > 0 || manifest.finished.length > 0) return;
  await keepPlace(opened, await placeOf(opened, wish));
};

export const keepPlace = (opened: Case, place: StorePlace): Promise<void> =>
  opened.write('store.json', `${JSON.stringify(place)}\n`);

/** The store a case has. */
export const storeOf = async (opened: Case, { given }: StoreWish = {}): Promise<CaseStore> => {
  const kept = (await keptPlace(opened)) ?? DUCKDB;
  if (given !== undefined && (given === 'duckdb') !== (kept.kind === 'duckdb'))
    throw new EinfallstorError(
      'USAGE',
      `the events of this case are elsewhere: ${placeText(kept)}`,
      'Leave --store out, or take them along with `einfallstor case move --to`.',
    );
  if (kept.kind === 'duckdb') return duckdbStore(opened);
  // a server may have another address by now, or from here
  return elasticsearchStore({
    ...kept,
    url: given === undefined ? (usualServer(process.env) ?? kept.url) : serverUrl(given),
  });
};

export const storeAt = (opened: Case, place: StorePlace): CaseStore =>
  place.kind === 'duckdb' ? duckdbStore(opened) : elasticsearchStore(place);

const duckdbStore = ({ storeDirectory }: Case): CaseStore => ({
  place: DUCKDB,
  reader: () => openDuckdbReader(storeDirectory),
  writer: () => openDuckdbWriter(storeDirectory),
});

type ServerPlace = Extract<StorePlace, { kind: 'elasticsearch' }>;

/** What speaks to a server is loaded when there is one. */
const onServer = async (place: ServerPlace) => {
  const { connectionOf } = await import('../store/elasticsearch/settings.ts');
  const { connect } = await import('../store/elasticsearch/connect.ts');
  const connection = connectionOf(place.url, process.env);
  return { server: await connect(connection), layout: connection.layout, indices: indicesOf(place.index) };
};

const elasticsearchStore = (place: ServerPlace): CaseStore => ({
  place,
  reader: async () => {
    const { openElasticsearchReader } = await import('../store/elasticsearch/reader.ts');
    const { server, indices } = await onServer(place);
    try {
      return await openElasticsearchReader(server, indices);
    } catch (error) {
      await server.close();
      throw error;
    }
  },
  writer: async (onWait) => {
    const { openElasticsearchWriter } = await import('../store/elasticsearch/writer.ts');
    const { server, indices, layout } = await onServer(place);
    try {
      // shown in a few letters beside a bar
      const tell = (reason: string): void => onWait(reason.replace(server.url, 'the server'));
      return await openElasticsearchWriter(server, indices, { layout, onWait: tell });
    } catch (error) {
      await server.close();
      throw error;
    }
  },
});

/** Removes a case's events, and what was shared beside them, from where they were. */
export const removeStore = async (place: ServerPlace): Promise<void> => {
  const { deleteIndices } = await import('../store/elasticsearch/create.ts');
  const { server, indices } = await onServer(place);
  try {
    await deleteIndices(server, indices);
  } finally {
    await server.close();
  }
};

/** A content kept beside others, with who kept it. */
interface KeptContent {
  readonly ts: string;
  readonly author: string;
  readonly content: string;
}

/** Opens what the analysts of a case share; undefined for a case that lies on one machine. */
export const openShared = async (
  place: StorePlace,
): Promise<{ readonly shared: Shared; close(): Promise<void> } | undefined> => {
  if (place.kind === 'duckdb') return undefined;
  const { appendEntry, lastEntry, readEntries } = await import('../store/elasticsearch/journal.ts');
  const { createIndices } = await import('../store/elasticsearch/create.ts');
  const { server, indices, layout } = await onServer(place);
  await createIndices(server, indices, layout);
  const last = async (name: string): Promise<string | undefined> =>
    (await lastEntry<KeptContent>(server, indices.state, name))?.entry.content;
  return {
    shared: {
      entries: (journal) => readEntries(server, indices.state, journal),
      append: (journal, entry) => appendEntry(server, indices.state, journal, entry),
      last,
      keep: async (name, content) => {
        if ((await last(name)) === content) return;
        const kept: KeptContent = { ts: isoOf(now()), author: agent().actor, content };
        await appendEntry(server, indices.state, name, () => kept);
      },
    },
    close: () => server.close(),
  };
};
