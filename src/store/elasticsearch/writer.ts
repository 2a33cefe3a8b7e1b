import type { StoredEvent } from '../../ecs/event.ts';
import type { StoreWriter } from '../store.ts';
import { Bulk, type Write } from './bulk.ts';
import type { Server } from './connect.ts';
import { createIndices } from './create.ts';
import { documentOf } from './document.ts';
import type { CaseIndices } from './index-names.ts';
import { putLines, readEntries } from './journal.ts';
import { Names, readNames } from './known.ts';
import type { Layout } from './mapping.ts';
import { type Patience, patient } from './patient.ts';
import { rejectedDocument } from './rejected.ts';
import { streamIds, streamsStored } from './sweep.ts';
import { lockWriting } from './writer-lock.ts';

export interface WriterOptions extends Partial<Patience> {
  readonly layout: Layout;
}

/** A server may take minutes to come back; a load of hours should not be lost to that. */
const PATIENCE_MS = 5 * 60_000;

/** Streams that are whole. */
const STREAMS = 'streams';

/** What waits is published when so many events wait, … */
const GROUP_ROWS = 50_000;
/** … or so many milliseconds after the last time, … */
const GROUP_MS = 2000;
/** … so that a slow server spends a tenth of its time on it at most. */
const GROUP_SHARE = 10;

/** The writing side on a server. What a killed run left of unfinished streams is removed first. */
export const openElasticsearchWriter = async (
  hasty: Server,
  indices: CaseIndices,
  options: WriterOptions,
): Promise<StoreWriter> => {
  const waiting = { onWait: options.onWait ?? (() => {}), patience: options.patience ?? PATIENCE_MS };
  const server = patient(hasty, waiting);
  await createIndices(server, indices, options.layout);
  const release = await lockWriting(server, indices.state);
  try {
    await server.ask((client) => client.indices.refresh({ index: [indices.eventsIndex, indices.state] }));
    const names = new Names(await readNames(server, indices.state));
    const finished = new Set(await readEntries<string>(server, indices.state, STREAMS));
    const writer = new ElasticsearchWriter(server, indices, names, finished, release, waiting);
    for (const stream of await streamsStored(server, indices)) if (!finished.has(stream)) await writer.remove(stream);
    return writer;
  } catch (error) {
    await release();
    throw error;
  }
};

class ElasticsearchWriter implements StoreWriter {
  readonly #server: Server;
  readonly #indices: CaseIndices;
  readonly #names: Names;
  readonly #finished: Set<string>;
  readonly #release: () => Promise<void>;
  readonly #bulk: Bulk;
  #stream: string | undefined;
  #whole: string[] = [];
  #rows = 0;
  #published = Date.now();
  #wait = GROUP_MS;

  constructor(
    server: Server,
    indices: CaseIndices,
    names: Names,
    finished: Set<string>,
    release: () => Promise<void>,
    waiting: Patience,
  ) {
    this.#server = server;
    this.#indices = indices;
    this.#names = names;
    this.#finished = finished;
    this.#release = release;
    this.#bulk = new Bulk({
      server,
      index: indices.eventsIndex,
      before: () => names.save(server, indices.state),
      instead: (write, reason) => this.#rejected(write, reason),
      ...waiting,
    });
  }

  finished(): ReadonlySet<string> {
    return this.#finished;
  }

  async begin(stream: string): Promise<void> {
    if (this.#stream !== undefined) throw new Error(`stream ${this.#stream} is still open`);
    if (this.#finished.has(stream) || this.#whole.includes(stream)) throw new Error(`stream ${stream} is finished`);
    this.#stream = stream;
  }

  append(event: StoredEvent): void | Promise<void> {
    if (this.#stream === undefined) throw new Error('no stream is open');
    this.#rows += 1;
    return this.#bulk.add({
      id: event.id,
      document: JSON.stringify(documentOf(event, (name) => this.#names.admit(name))),
    });
  }

  async finish(stream: string): Promise<void> {
    if (this.#stream !== stream) throw new Error(`stream ${stream} is not open`);
    this.#stream = undefined;
    this.#whole.push(stream);
    if (this.#rows >= GROUP_ROWS || Date.now() - this.#published >= this.#wait) await this.flush();
  }

  async abandon(stream: string): Promise<void> {
    if (this.#stream === stream) this.#stream = undefined;
    if (this.#finished.has(stream)) return;
    await this.#bulk.drain();
    await this.remove(stream);
  }

  /** Removes all events of a stream. */
  async remove(stream: string): Promise<void> {
    await this.#refresh();
    for await (const id of streamIds(this.#server, this.#indices, stream)) await this.#bulk.add({ id });
    await this.#bulk.drain();
    await this.#refresh();
  }

  /** First the events, then the word that they are all there: a kill between leaves a stream to be read again. */
  async flush(): Promise<void> {
    const whole = this.#whole;
    const begun = Date.now();
    await this.#bulk.drain();
    await this.#refresh();
    await this.#finish(whole);
    this.#whole = this.#whole.slice(whole.length);
    for (const stream of whole) this.#finished.add(stream);
    this.#rows = 0;
    this.#published = Date.now();
    this.#wait = Math.max(GROUP_MS, GROUP_SHARE * (this.#published - begun));
  }

  async close(): Promise<void> {
    try {
      if (this.#stream !== undefined) await this.abandon(this.#stream);
      if (this.#rows > 0 || this.#whole.length > 0) await this.flush();
    } finally {
      await this.#release();
      await this.#server.close();
    }
  }

  async #refresh(): Promise<void> {
    await this.#server.ask((client) => client.indices.refresh({ index: this.#indices.eventsIndex }));
  }

  async #finish(streams: readonly string[]): Promise<void> {
    const first = this.#finished.size + 1;
    const lines = streams.map((stream, i) => ({
      id: `stream-${stream}`,
      journal: STREAMS,
      number: first + i,
      entry: stream,
    }));
    await putLines(this.#server, this.#indices.state, lines);
  }

  #rejected(write: Write, reason: string): Write {
    return rejectedDocument(write, reason, (name) => this.#names.admit(name));
  }
}
