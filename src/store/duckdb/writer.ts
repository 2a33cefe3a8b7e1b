import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { StoredEvent } from '../../ecs/event.ts';
import { ALL } from '../../query/ast.ts';
import { locatorOf } from '../order.ts';
import type { StoreWriter } from '../store.ts';
import { Batch } from './batch.ts';
import { Codes } from './buffers.ts';
import { ColumnCatalogue } from './columns.ts';
import { type Engine, openEngine } from './engine.ts';
import { type Manifest, publishFile, readManifest, type Segment, writeManifest } from './manifest.ts';
import { planOf } from './plan.ts';
import { eventsOf } from './scan.ts';
import { type Range, writeSegment } from './segment.ts';
import { READING } from './settings.ts';
import { openPress, type Press, stage, unstage } from './stage.ts';

/** A segment has at most so many events (24 chunks of DuckDB) … */
const MOST_ROWS = 49_152;
/** … or so many bytes of memory while it is gathered. */
const MOST_WEIGHT = 64 << 20;
/** Short streams are published together: when so many events wait, … */
const GROUP_ROWS = 50_000;
/** … or so many milliseconds after the last time. */
const GROUP_MS = 2000;
/** A field whose values repeat less than every second time is no dictionary. */
const PLAIN_FROM_ROWS = 4096;

const segmentsOf = (directory: string): string => join(directory, 'segments');

/** What a killed run left behind is removed: its unpublished files, and the parts of streams it did not finish. */
const recovered = (directory: string, temporary: string): Manifest => {
  const found = readManifest(directory);
  const finished = new Set(found.finished);
  const segments = found.segments.filter((segment) => segment.streams.every((stream) => finished.has(stream)));
  const manifest = { ...found, segments };
  if (segments.length < found.segments.length) writeManifest(directory, manifest);
  const known = new Set(segments.map((segment) => segment.file));
  for (const file of readdirSync(segmentsOf(directory)))
    if (!known.has(file)) rmSync(join(segmentsOf(directory), file));
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  for (const name of readdirSync(dirname(temporary))) {
    if (isDeadReaders(name)) rmSync(join(dirname(temporary), name), { recursive: true, force: true });
  }
  return manifest;
};

const isDeadReaders = (name: string): boolean => {
  if (!name.startsWith(READING)) return false;
  try {
    process.kill(Number.parseInt(name.slice(READING.length), 10), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
};

/** The embedded store's writing side. `directory` is the case's `store/`; the case lock keeps a second writer out. */
export const openDuckdbWriter = async (directory: string): Promise<StoreWriter> => {
  const home = resolve(directory);
  mkdirSync(segmentsOf(home), { recursive: true });
  const temporary = join(home, 'tmp', 'load');
  const manifest = recovered(home, temporary);
  const press = await openPress({ directory: home, temporary, threads: 2, memory: '1GB' });
  return new DuckdbWriter(home, temporary, manifest, press);
};

class DuckdbWriter implements StoreWriter {
  readonly #home: string;
  readonly #temporary: string;
  readonly #press: Press;
  readonly #catalogue: ColumnCatalogue;
  readonly #finished: Set<string>;
  readonly #plain = new Set<string>();
  #manifest: Manifest;
  #batch: Batch;
  #stream: string | undefined;
  /** Where the current stream begins in the batch. */
  #start = 0;
  /** Streams that are whole in the batch or before it, and become finished when it is published. */
  #whole: string[] = [];
  #published = Date.now();
  /** The segment being written while further events gather. */
  #writing: Promise<void> = Promise.resolve();

  constructor(home: string, temporary: string, manifest: Manifest, press: Press) {
    this.#home = home;
    this.#temporary = temporary;
    this.#manifest = manifest;
    this.#press = press;
    this.#finished = new Set(manifest.finished);
    this.#catalogue = new ColumnCatalogue(manifest.columns);
    this.#batch = new Batch(this.#catalogue, this.#plain);
  }

  finished(): ReadonlySet<string> {
    return this.#finished;
  }

  async begin(stream: string): Promise<void> {
    if (this.#stream !== undefined) throw new Error(`stream ${this.#stream} is still open`);
    if (this.#finished.has(stream) || this.#whole.includes(stream)) throw new Error(`stream ${stream} is finished`);
    this.#stream = stream;
    this.#start = this.#batch.rows;
  }

  append(event: StoredEvent): void | Promise<void> {
    if (this.#stream === undefined) throw new Error('no stream is open');
    this.#batch.put(this.#stream, event);
    if (this.#batch.rows >= MOST_ROWS || this.#batch.weight >= MOST_WEIGHT) return this.#publish();
  }

  async finish(stream: string): Promise<void> {
    if (this.#stream !== stream) throw new Error(`stream ${stream} is not open`);
    this.#stream = undefined;
    this.#whole.push(stream);
    if (this.#batch.rows >= GROUP_ROWS || Date.now() - this.#published >= GROUP_MS) await this.#publish();
  }

  async abandon(stream: string): Promise<void> {
    if (this.#stream === stream) {
      this.#stream = undefined;
      this.#batch.truncate(this.#start);
    }
    await this.#writing;
    const dropped = this.#manifest.segments.filter((segment) => segment.streams.includes(stream));
    if (this.#finished.has(stream) || dropped.length === 0) return;
    this.#commit({ segments: this.#manifest.segments.filter((segment) => !dropped.includes(segment)) });
    for (const { file } of dropped) rmSync(join(segmentsOf(this.#home), file), { force: true });
  }

  async flush(): Promise<void> {
    if (this.#batch.rows > 0 || this.#whole.length > 0) await this.#publish();
    await this.#writing;
  }

  async rewrite(streams: ReadonlySet<string>, change: (event: StoredEvent) => StoredEvent): Promise<void> {
    await this.flush();
    const isTouched = (segment: Segment): boolean => segment.streams.some((stream) => streams.has(stream));
    const touched = this.#manifest.segments.filter(isTouched);
    const engine = await openEngine({ directory: this.#home, temporary: this.#temporary, threads: 2, memory: '1GB' });
    const segments: Segment[] = [];
    let next = this.#manifest.next;
    try {
      for (const segment of touched) segments.push(await this.#rewritten(engine, segment, streams, change, next++));
    } finally {
      engine.close();
    }
    // readers may still be in the old files: the next writer clears them away
    const untouched = this.#manifest.segments.filter((segment) => !isTouched(segment));
    this.#commit({ next, columns: this.#catalogue.columns, segments: [...untouched, ...segments] });
  }

  /** A segment with the same events, those of some streams changed; not published yet. */
  async #rewritten(
    engine: Engine,
    segment: Segment,
    streams: ReadonlySet<string>,
    change: (event: StoredEvent) => StoredEvent,
    number: number,
  ): Promise<Segment> {
    const batch = new Batch(this.#catalogue, this.#plain);
    const plan = planOf(this.#home, this.#manifest, ALL, { segments: (one) => one === segment });
    for await (const event of eventsOf(engine, plan, ALL, { order: 'locator', wanted: undefined })) {
      const { stream } = locatorOf(event.id);
      batch.put(stream, streams.has(stream) ? change(event) : event);
    }
    await stage(this.#press, batch);
    const written = await this.#segment(batch, { from: 0, to: batch.rows }, number);
    await unstage(this.#press, batch);
    return written;
  }

  async close(): Promise<void> {
    try {
      if (this.#stream !== undefined) await this.abandon(this.#stream);
      await this.flush();
    } finally {
      this.#press.close();
      rmSync(this.#temporary, { recursive: true, force: true });
    }
  }

  /** Hands the batch over to be written, once the one before is; the writing goes on while further events come. */
  async #publish(): Promise<void> {
    await this.#writing;
    const batch = this.#batch;
    const whole = this.#whole;
    const start = this.#stream === undefined ? batch.rows : this.#start;
    this.#notePlain(batch);
    this.#batch = new Batch(this.#catalogue, this.#plain);
    this.#whole = [];
    this.#start = 0;
    this.#published = Date.now();
    this.#writing = this.#write(batch, start, whole);
    // whoever awaits next gets the failure; until then it is not unhandled
    this.#writing.catch(() => {});
  }

  /** Events of whole streams and those of the open one make segments of their own, so that either can be dropped. */
  async #write(batch: Batch, start: number, whole: readonly string[]): Promise<void> {
    const ranges = [
      { from: 0, to: start },
      { from: start, to: batch.rows },
    ].filter(({ from, to }) => to > from);
    const segments: Segment[] = [];
    let next = this.#manifest.next;
    if (ranges.length > 0) await stage(this.#press, batch);
    for (const range of ranges) segments.push(await this.#segment(batch, range, next++));
    if (ranges.length > 0) await unstage(this.#press, batch);
    this.#commit({
      next,
      columns: this.#catalogue.columns,
      segments: [...this.#manifest.segments, ...segments],
      finished: [...this.#manifest.finished, ...whole],
    });
    for (const stream of whole) this.#finished.add(stream);
  }

  async #segment(batch: Batch, range: Range, number: number): Promise<Segment> {
    const file = `${String(number).padStart(6, '0')}.parquet`;
    const path = join(this.#temporary, file);
    const written = await writeSegment(this.#press, batch, range, path);
    publishFile(path, join(segmentsOf(this.#home), file));
    return { file, ...written };
  }

  #commit(change: Partial<Manifest>): void {
    this.#manifest = { ...this.#manifest, ...change };
    writeManifest(this.#home, this.#manifest);
  }

  #notePlain(batch: Batch): void {
    if (batch.rows < PLAIN_FROM_ROWS) return;
    for (const { column, buffer } of batch.columns) {
      if (buffer instanceof Codes && column.kind === 'text' && buffer.size > batch.rows / 2)
        this.#plain.add(column.field);
    }
  }
}
