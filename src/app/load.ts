import { PARSERS } from '../../parsers/registry.ts';
import { numberOf, type StoredEvent, valuesOf } from '../ecs/event.ts';
import type { Digest } from '../evidence/digest.ts';
import type { EvidenceItem } from '../evidence/item.ts';
import type { Problem } from '../evidence/problem.ts';
import type { ClockSettings } from '../parse/kit/clock.ts';
import type { Accounting } from '../parse/run.ts';
import { type OpenedStream, openItem } from '../read/open.ts';
import type { StoreWriter } from '../store/store.ts';
import { type Prepared, readStream } from './read-stream.ts';
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
  readonly doubt: string;
  readonly accounting: Accounting;
  readonly clock: ClockSettings;
  /** First and last `@timestamp`, µs. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Whether no year had to be inferred: such streams tell others theirs. */
  readonly yearStated: boolean;
}

export interface LoadSettings {
  readonly writer: StoreWriter;
  readonly times: TimeSettings;
  /** Streams whose accounting the case has; one that only the store has is read once more for it. */
  readonly accounted: ReadonlySet<string>;
  /** Last times of sources loaded before that state their year, µs. */
  readonly lasts: readonly number[];
  readonly spoolDirectory: string;
  readonly loaded: (stream: LoadedStream) => Promise<void>;
  readonly itemDone: (item: EvidenceItem, problems: readonly Problem[]) => Promise<void>;
  readonly progress: (bytes: number, events: number, note: string) => void;
}

/** Watches the times of the events that pass. */
class Times {
  first: number | undefined;
  last: number | undefined;
  yearStated = true;

  see({ fields }: StoredEvent): void {
    const time = numberOf(fields, '@timestamp');
    if (time === undefined) return;
    if (this.first === undefined || time < this.first) this.first = time;
    if (this.last === undefined || time > this.last) this.last = time;
    if (this.yearStated && valuesOf(fields, 'einfallstor.warnings').some((w) => String(w).startsWith('year-')))
      this.yearStated = false;
  }
}

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

class Loader {
  readonly #settings: LoadSettings;
  /** Last times of sources that state their year, µs: one odd date among them does no harm to their median. */
  readonly #lasts: number[];
  #bytes = 0;
  #events = 0;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#lasts = [...settings.lasts];
  }

  #caseTime(): CaseTime {
    return median(this.#lasts);
  }

  #isDone(stream: string): boolean {
    return this.#settings.writer.finished().has(stream) && this.#settings.accounted.has(stream);
  }

  /** Loads an item's streams; whether some are left because their years are better inferred later, unless `last`. */
  async item(item: EvidenceItem, last: boolean): Promise<boolean> {
    const { streams, problems } = openItem(item, { spoolDirectory: this.#settings.spoolDirectory });
    let waiting = false;
    const begun = this.#bytes;
    for await (const opened of streams) {
      if (this.#isDone(opened.stream.id)) continue;
      const prepared = await prepareStream(opened, PARSERS, undefined);
      if (!last && waitsForOthers(prepared, opened, item, this.#settings.times)) waiting = true;
      else await this.#stream(opened, item, prepared, 0);
    }
    if (waiting) return true;
    this.#bytes = begun + item.bytes;
    await this.#settings.itemDone(item, problems);
    return false;
  }

  async #stream(opened: OpenedStream, item: EvidenceItem, prepared: Prepared, yearsBack: number): Promise<void> {
    const { writer, loaded, progress, times } = this.#settings;
    const { id, path, member } = opened.stream;
    const clock = { ...clockSettingsOf(opened, item, times, this.#caseTime()), yearsBack };
    const seen = new Times();
    let batch: StoredEvent[] = [];
    const stored = writer.finished().has(id);
    if (!stored) await writer.begin(id);
    const hand = async (): Promise<void> => {
      const events = batch;
      batch = [];
      this.#events += events.length;
      if (stored) return;
      for (const event of events) {
        const written = writer.append(event);
        if (written !== undefined) await written;
      }
    };
    const { accounting, yearsOver } = await readStream(prepared, {
      stream: id,
      path,
      parsers: PARSERS,
      clock,
      emit: (event) => {
        seen.see(event);
        batch.push(event);
      },
      flush: async () => {
        await hand();
        progress(this.#bytes, this.#events, path);
      },
    });
    await hand();
    if (yearsOver > 0 && yearsBack === 0) {
      if (!stored) await writer.abandon(id);
      await this.#again(item, member, yearsOver);
      return;
    }
    if (!stored) await writer.finish(id);
    if (seen.yearStated && seen.last !== undefined) this.#lasts.push(seen.last);
    await loaded({
      item,
      id,
      path,
      member,
      digest: await digestOf(opened),
      charset: prepared.charset,
      parser: prepared.choice.parser?.id,
      doubt: prepared.choice.doubt,
      accounting,
      clock,
      first: seen.first,
      last: seen.last,
      yearStated: seen.yearStated,
    });
  }

  /** Reads one stream of an item once more, with years that do not overrun. */
  async #again(item: EvidenceItem, member: string, yearsBack: number): Promise<void> {
    for await (const opened of openItem(item, { spoolDirectory: this.#settings.spoolDirectory }).streams) {
      if (opened.stream.member !== member) continue;
      const prepared = await prepareStream(opened, PARSERS, undefined);
      return this.#stream(opened, item, prepared, yearsBack);
    }
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
