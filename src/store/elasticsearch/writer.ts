import type { StoredEvent } from '../../ecs/event.ts';
import { ALL } from '../../query/ast.ts';
import { locatorOf } from '../order.ts';
import type { StoreWriter } from '../store.ts';
import { Bulk, type Write } from './bulk.ts';
import type { Server } from './connect.ts';
import { createIndices, createSuccessor, succeed } from './create.ts';
import { documentOf } from './document.ts';
import type { CaseIndices } from './index-names.ts';
import { putLines, readEntries } from './journal.ts';
import { Names, readNames } from './known.ts';
import type { Layout } from './mapping.ts';
import { type Patience, patient } from './patient.ts';
import { openElasticsearchReader } from './reader.ts';
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
    await server.ask((client) => client.indices.refresh({ index: [indices.events, indices.state] }));
    const names = new Names(await readNames(server, indices.state));
    const finished = new Set(await readEntries<string>(server, indices.state, STREAMS));
    const writer = new ElasticsearchWriter(server, indices, names, finished, release, waiting, options.layout);
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
  readonly #layout: Layout;
  readonly #waiting: Patience;
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
    layout: Layout,
  ) {
    this.#server = server;
    this.#indices = indices;
    this.#names = names;
    this.#finished = finished;
    this.#release = release;
    this.#layout = layout;
    this.#waiting = waiting;
    this.#bulk = this.#bulkInto(indices.events);
  }

  #bulkInto(index: string): Bulk {
    return new Bulk({
      server: this.#server,
      index,
      before: () => this.#names.save(this.#server, this.#indices.state),
      instead: (write, reason) => this.#rejected(write, reason),
      ...this.#waiting,
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
    return this.#bulk.add(this.#write(event));
  }

  #write(event: StoredEvent): Write {
    return { id: event.id, document: JSON.stringify(documentOf(event, (name) => this.#names.admit(name))) };
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

  /** An alias changes at once, documents one by one: all events go to a second index, which then takes the first one's place. */
  async rewrite(streams: ReadonlySet<string>, change: (event: StoredEvent) => StoredEvent): Promise<void> {
    await this.flush();
    const { current, next } = await createSuccessor(this.#server, this.#indices, this.#layout);
    // closing the reader must leave the writer its connection
    const reader = await openElasticsearchReader({ ...this.#server, close: async () => {} }, this.#indices);
    const bulk = this.#bulkInto(next);
    for await (const event of reader.scan(ALL, { order: 'locator' })) {
      const written = bulk.add(this.#write(streams.has(locatorOf(event.id).stream) ? change(event) : event));
      if (written !== undefined) await written;
    }
    await reader.close();
    await bulk.drain();
    await this.#server.ask((client) => client.indices.refresh({ index: next }));
    await succeed(this.#server, this.#indices, current, next);
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
    await this.#server.ask((client) => client.indices.refresh({ index: this.#indices.events }));
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
