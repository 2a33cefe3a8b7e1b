import { PARSERS } from '../../parsers/registry.ts';
import { numberOf, type StoredEvent, valuesOf } from '../ecs/event.ts';
import type { Digest } from '../evidence/digest.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import type { Problem } from '../evidence/problem.ts';
import type { ClockSettings } from '../parse/kit/clock.ts';
import type { Accounting } from '../parse/run.ts';
import { defaultBudget } from '../read/limits.ts';
import { type OpenedItem, type OpenedStream, openItem } from '../read/open.ts';
import type { StoreWriter } from '../store/store.ts';
import { type Prepared, type ReadResult, readStream } from './read-stream.ts';
import { type CaseTime, clockSettingsOf, prepareStream, waitsForOthers } from './streams.ts';
import type { TimeSettings } from './time-settings.ts';

/** A stream that was read into the store. */
export interface LoadedStream {
  readonly item: EvidenceItem;
  readonly id: string;
  readonly path: string;
  readonly member: string;
  readonly digest: Digest;
  readonly charset: string;
  readonly parser: string | undefined;
  readonly wrappers: readonly string[];
  readonly doubt: string;
  readonly accounting: Accounting;
  readonly clock: ClockSettings;
  /** Some of its times state no zone. */
  readonly zoneless: boolean;
  /** What is wrong with its bytes. */
  readonly problems: readonly Problem[];
  /** Its last `@timestamp`, µs, when no year had to be inferred: such streams tell others theirs. */
  readonly speaksOf: number | undefined;
}

export interface LoadSettings {
  readonly writer: StoreWriter;
  readonly times: TimeSettings;
  /** Streams whose accounting the case has; one that only the store has is read once more for it. */
  readonly accounted: ReadonlySet<string>;
  /** Last times of streams loaded before that state their year, µs, by stream. */
  readonly lasts: ReadonlyMap<string, number>;
  readonly spoolDirectory: string;
  readonly loaded: (stream: LoadedStream) => Promise<void>;
  readonly itemDone: (item: EvidenceItem, problems: readonly Problem[]) => Promise<void>;
  readonly progress: (bytes: number, events: number, note: string) => void;
}

/** Watches the times of the events that pass. */
export class Times {
  #last: number | undefined;
  #yearStated = true;
  /** See `LoadedStream.zoneless`. */
  zoneless = false;

  see({ fields }: Pick<StoredEvent, 'fields'>): void {
    const basis = fields['einfallstor.time.basis'];
    if (basis === 'assumed' || basis === 'configured') this.zoneless = true;
    const time = numberOf(fields, '@timestamp');
    if (time === undefined) return;
    if (this.#last === undefined || time > this.#last) this.#last = time;
    if (this.#yearStated && valuesOf(fields, 'einfallstor.warnings').some((w) => String(w).startsWith('year-')))
      this.#yearStated = false;
  }

  /** See `LoadedStream.speaksOf`. */
  get speaksOf(): number | undefined {
    return this.#yearStated ? this.#last : undefined;
  }
}

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

class Loader {
  readonly #settings: LoadSettings;
  /** Last times of streams that state their year, µs: one odd date among them does no harm to their median. */
  readonly #lasts: Map<string, number>;
  /** Streams read in this run. */
  readonly #read = new Set<string>();
  readonly #budget = defaultBudget();
  /** Bytes of items, so far. */
  #bytes = 0;
  #events = 0;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#lasts = new Map(settings.lasts);
  }

  #caseTime(): CaseTime {
    return median([...this.#lasts.values()]);
  }

  #isDone(stream: string): boolean {
    const { writer, accounted } = this.#settings;
    return this.#read.has(stream) || (writer.finished().has(stream) && accounted.has(stream));
  }

  #open(item: EvidenceItem, onBytes: (bytes: number) => void): OpenedItem {
    return openItem(item, { spoolDirectory: this.#settings.spoolDirectory, budget: this.#budget, onBytes });
  }

  /** Loads an item's streams; whether some are left because their years are better inferred later, unless `last`. */
  async item(item: EvidenceItem, last: boolean): Promise<boolean> {
    const begun = this.#bytes;
    const { left } = this.#budget;
    const { streams, problems } = this.#open(item, (bytes) => {
      this.#bytes += bytes;
    });
    let waiting = false;
    for await (const opened of streams) {
      if (this.#isDone(opened.stream.id)) continue;
      const prepared = await prepareStream(opened, PARSERS, undefined);
      if (last || !waitsForOthers(prepared, opened, item, this.#settings.times))
        await this.#stream(opened, item, prepared, problems, 0);
      else {
        waiting = true;
        if (opened.stream.member === '') break; // it is the only one
      }
    }
    if (waiting) {
      this.#bytes = begun;
      this.#budget.left = left;
      return true;
    }
    this.#bytes = begun + item.bytes;
    await this.#settings.itemDone(item, problems);
    return false;
  }

  async #stream(
    opened: OpenedStream,
    item: EvidenceItem,
    prepared: Prepared,
    problems: readonly Problem[],
    yearsBack: number,
  ): Promise<void> {
    const { writer, loaded, times } = this.#settings;
    const { id, path, member } = opened.stream;
    const clock = { ...clockSettingsOf(opened, item, times, this.#caseTime()), yearsBack };
    const stored = writer.finished().has(id);
    if (!stored) await writer.begin(id);
    const { accounting, yearsOver, speaksOf, zoneless } = await this.#hand(prepared, { id, path, clock, stored });
    if (yearsOver > 0 && yearsBack === 0) {
      if (!stored) await writer.abandon(id);
      return this.#again(item, member, yearsOver);
    }
    const digest = await digestOf(opened);
    if (!stored) await writer.finish(id);
    this.#read.add(id);
    if (speaksOf !== undefined) this.#lasts.set(id, speaksOf);
    await loaded({
      item,
      id,
      path,
      member,
      digest,
      charset: prepared.charset,
      parser: prepared.choice.parser?.id,
      wrappers: prepared.wrappers,
      doubt: prepared.choice.doubt,
      accounting,
      clock,
      zoneless,
      problems: problems.filter((problem) => problem.path === path),
      speaksOf,
    });
  }

  /** Reads a stream to its end and hands its events to the store, unless the store has them. */
  async #hand(
    prepared: Prepared,
    { id, path, clock, stored }: { id: string; path: string; clock: ClockSettings; stored: boolean },
  ): Promise<ReadResult & { speaksOf: number | undefined; zoneless: boolean }> {
    const { writer, progress } = this.#settings;
    const seen = new Times();
    let batch: StoredEvent[] = [];
    const flush = async (): Promise<void> => {
      const events = batch;
      batch = [];
      this.#events += events.length;
      for (const event of stored ? [] : events) {
        const written = writer.append(event);
        if (written !== undefined) await written;
      }
      progress(this.#bytes, this.#events, path);
    };
    const emit = (event: StoredEvent): void => {
      seen.see(event);
      batch.push(event);
    };
    const { spoolDirectory } = this.#settings;
    const result = await readStream(prepared, {
      stream: id,
      path,
      parsers: PARSERS,
      clock,
      emit,
      flush,
      spoolDirectory,
    });
    await flush();
    return { ...result, speaksOf: seen.speaksOf, zoneless: seen.zoneless };
  }

  /** Reads one stream of an item once more, with years that do not overrun. */
  async #again(item: EvidenceItem, member: string, yearsBack: number): Promise<void> {
    const { left } = this.#budget;
    const { streams, problems } = this.#open(item, () => {});
    for await (const opened of streams) {
      if (opened.stream.member !== member) continue;
      const prepared = await prepareStream(opened, PARSERS, undefined);
      await this.#stream(opened, item, prepared, problems, yearsBack);
      break;
    }
    this.#budget.left = left;
  }
}

/** The digest is known once the stream was read to its end, which the runner did. */
const digestOf = async (opened: OpenedStream): Promise<Digest> => {
  for await (const rest of opened.chunks) void rest;
  const digest = opened.digest();
  if (digest === undefined) throw new Error(`stream ${opened.stream.path} was not read to its end`);
  return digest;
};

/**
 * Reads items into a store. Sources that state their year come first: the others' years are then inferred from them.
 * Streams the store has finished are passed over.
 */
export const loadItems = async (items: readonly EvidenceItem[], settings: LoadSettings): Promise<void> => {
  const loader = new Loader(settings);
  const waiting: EvidenceItem[] = [];
  for (const item of items) if (await loader.item(item, false)) waiting.push(item);
  for (const item of waiting) await loader.item(item, true);
};
