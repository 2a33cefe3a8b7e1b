import { type FramedRecord, NO_FLAGS, RECORD_MAX, type RecordFlag } from '../framing.ts';
import type { Bytes } from './bytes.ts';
import { Entries } from './entry.ts';
import { indexed } from './index.ts';
import {
  aligned,
  type JournalHeader,
  type JournalObject,
  OBJECT_HEAD,
  readHeader,
  readObject,
  TYPE,
} from './layout.ts';
import { Members } from './members.ts';

/** Records handed on at once. */
const BATCH = 500;
/** Bytes looked at in one step, and the most that one damaged record has. */
const STEP = 64 * 1024;
const HEADER_MOST = 512;
/** Bytes that values may expand to, and characters that entries may have, beside a hundred times the file; real ones stay below ten times. */
const TEXT_FREE = 100 * 1024 * 1024;

// eight or more characters in a row; names and values stand in the file as they are unless compressed
const READABLE = /[\x20-\x7e\u00a0-\u024f]{8,}/g;
const STRINGS_MAX = 200;

/** What can still be read in bytes that make no entry: found by a search, shown in the report. */
const stringsIn = (bytes: Buffer): string =>
  (bytes.toString('utf8').match(READABLE) ?? [])
    .slice(0, STRINGS_MAX)
    .map((run) => run.slice(0, 1000))
    .join('\n');

/** Where only zeros follow: journald makes room for eight mebibytes at once. */
const endOfContent = (file: Bytes): number => {
  for (let to = file.size; to > 0; to -= STEP) {
    const from = Math.max(0, to - STEP);
    const last = file.read(from, to - from).findLastIndex((byte) => byte !== 0);
    if (last >= 0) return from + last + 1;
  }
  return 0;
};

/**
 * Cuts a journal file of systemd into its entries, in the order they were appended in, object by object: so it finds those that
 * the file's index holds, and those that never came there. Each entry's text is its JSON. All else (header, tables, the DATA
 * objects that entries refer to, unused bytes) is between them: records without text. Damaged bytes are records of their own;
 * it goes on behind them.
 */
class Walk {
  readonly #file: Bytes;
  /** Behind here are zeros. */
  readonly #end: number;
  #batch: FramedRecord[] = [];
  /** Where the bytes begin that stand in no record yet. */
  #from = 0;
  /** The first DATA object behind the last entry. */
  #loose: number | undefined;

  constructor(file: Bytes) {
    this.#file = file;
    this.#end = endOfContent(file);
  }

  async *records(): AsyncGenerator<FramedRecord[]> {
    const { size } = this.#file;
    const header = readHeader(this.#file.read(0, HEADER_MOST));
    if (header === undefined) this.#damage(0, size, 'cut in the header');
    else if (header.unknownFlags !== 0)
      this.#damage(0, size, `features that are not known here (incompatible flags ${header.unknownFlags})`);
    else yield* this.#objects(header);
    this.#gap(size);
    if (this.#batch.length > 0) yield this.#batch;
  }

  async *#objects(header: JournalHeader): AsyncGenerator<FramedRecord[]> {
    const { size } = this.#file;
    const textMax = TEXT_FREE + 100 * size;
    const entries = new Entries(header, new Members(this.#file, header, textMax), textMax);
    const index = indexed(this.#file, header);
    let [linked, found] = [index.next().value ?? 0, 0];
    let at = Math.min(aligned(header.bytes), size);
    if (header.tailObject >= this.#end)
      this.#damage(
        0,
        at,
        `cut: its last object begins at ${header.tailObject}, the file, but for zeros, ends at ${this.#end}`,
      );
    while (at < this.#end) {
      while (linked > 0 && linked < at) [linked, found] = [index.next().value ?? 0, found + 1];
      const object = this.#object(at);
      const next = this.#next(at, object, linked);
      if (object === undefined || next < at + object.size) this.#damage(at, next, 'no object');
      else {
        const isEntry = object.type === TYPE.entry;
        if (isEntry && object.size <= RECORD_MAX) {
          // the index passes over it, or ended before it
          const isOutside = linked > at || (linked === 0 && found === header.entries);
          this.#entry(await entries.read(this.#file.read(at, object.size)), at, object.size, isOutside);
        } else if (isEntry) this.#damage(at, at + object.size, 'an entry longer than a record may be');
        else if (linked === at) this.#damage(at, at + object.size, 'no entry, where the index has one');
        else if (object.type === TYPE.data) this.#loose ??= at;
        if (next > at + aligned(object.size)) this.#damage(at + aligned(object.size), next, 'no object');
      }
      at = next;
      if (this.#batch.length < BATCH) continue;
      yield this.#batch;
      this.#batch = [];
    }
    // an entry is appended behind its data
    if (this.#loose !== undefined && this.#loose >= this.#from)
      this.#damage(this.#loose, Math.min(at, size), 'data whose entry is not in the file');
  }

  #emit(to: number, text: string, flags: readonly RecordFlag[], more: Partial<FramedRecord> = {}): void {
    this.#batch.push({ text, offset: this.#from, length: to - this.#from, line: 0, flags, ...more });
    this.#from = to;
  }

  /** All that stands in front of `to` and is in no record. */
  #gap(to: number): void {
    if (to > this.#from) this.#emit(to, '', NO_FLAGS);
  }

  #entry(
    { text, number, complete }: Awaited<ReturnType<Entries['read']>>,
    at: number,
    size: number,
    isOutside: boolean,
  ): void {
    this.#gap(at);
    this.#loose = undefined;
    const flags: RecordFlag[] = [];
    if (!complete) flags.push('incomplete');
    if (isOutside) flags.push('not-indexed');
    this.#emit(at + size, text, flags, number === undefined ? {} : { number });
  }

  #damage(from: number, to: number, reason: string): void {
    this.#gap(from);
    for (let at = from; at < to; at = this.#from) {
      const end = Math.min(at + STEP, to);
      this.#emit(end, stringsIn(this.#file.read(at, end - at)), NO_FLAGS, { damage: `${reason}; ${end - at} bytes` });
    }
  }

  #object(at: number): JournalObject | undefined {
    return readObject(this.#file.read(at, OBJECT_HEAD), this.#file.size - at);
  }

  /** Whether an object, or nothing any more, follows the one at `at`. */
  #isFollowed(at: number, { size }: JournalObject): boolean {
    const behind = at + aligned(size);
    return behind >= this.#end || this.#object(behind) !== undefined;
  }

  /**
   * Where to go on behind an object: where it ends; where none is, or where its size cannot be right for what it reaches into,
   * at the next place that an object can stand at.
   */
  #next(from: number, object: JournalObject | undefined, linked: number): number {
    if (object !== undefined && this.#isFollowed(from, object)) {
      const behind = from + aligned(object.size);
      if (linked <= from || linked >= behind) return Math.min(behind, this.#file.size);
    }
    for (let at = from + 8; at < this.#end; at += 8) {
      const other = this.#object(at);
      if (other !== undefined && this.#isFollowed(at, other)) return at;
    }
    return this.#file.size;
  }
}

/** Batches of records. */
export const journalRecords = (file: Bytes): AsyncGenerator<FramedRecord[]> => new Walk(file).records();
