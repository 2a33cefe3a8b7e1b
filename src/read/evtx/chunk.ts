import { crc32 } from 'node:zlib';
import { type FramedRecord, NO_FLAGS, type RecordFlag } from '../framing.ts';
import { BinaryXmlDamage, BinaryXmlReader } from './binary-xml.ts';

export const CHUNK_BYTES = 65_536;
const HEADER_BYTES = 512;
/** In front of the binary XML: mark, size, number, time; behind it the size again. */
const RECORD_HEAD = 24;
const RECORD_LEAST = RECORD_HEAD + 4 + 1;
/** `**\0\0` */
const RECORD_MARK = Buffer.from([0x2a, 0x2a, 0, 0]);
const CHUNK_MARK = Buffer.from('ElfChnk\0', 'latin1');
/** Characters that the records of one chunk may render to; real ones stay below two million. */
const TEXT_MAX = 8 << 20;

/** Marks text that stands for bytes without event: parsers refuse it, with the reason it gives. */
const DAMAGE = 'EVTX:';
/** Marks what the format needs beside events. */
export const note = (text: string): string => `<!--EVTX ${text}-->`;

// four or more characters of UTF-16 in a row
const READABLE = /[\x20-\x7e\u00a0-\u024f]{4,}/g;
const STRINGS_MAX = 200;

/** What can still be read in bytes that make no record: found by a search, shown in the report. */
const damage = (reason: string, bytes: Buffer): string => {
  const found: string[] = [];
  for (const shift of [0, 1]) {
    const text = bytes.subarray(shift).toString('utf16le');
    for (const [run] of text.matchAll(READABLE)) {
      if (found.length < STRINGS_MAX) found.push(run.slice(0, 1000));
    }
  }
  return `${DAMAGE} ${reason}; ${bytes.length} bytes${found.length === 0 ? '' : `; strings: ${found.join(' | ')}`}`;
};

const isZero = (bytes: Buffer): boolean => {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== 0) return false;
  return true;
};

/** The size of the record at `at`, when one is there that its own trailing size confirms. */
const sizeAt = (chunk: Buffer, at: number): number | undefined => {
  if (at + RECORD_LEAST > chunk.length || chunk.compare(RECORD_MARK, 0, 4, at, at + 4) !== 0) return undefined;
  const size = chunk.readUInt32LE(at + 4);
  if (size < RECORD_LEAST || at + size > chunk.length) return undefined;
  return chunk.readUInt32LE(at + size - 4) === size ? size : undefined;
};

const nextRecord = (chunk: Buffer, from: number): number => {
  for (let at = chunk.indexOf(RECORD_MARK, from); at >= 0; at = chunk.indexOf(RECORD_MARK, at + 1)) {
    if (sizeAt(chunk, at) !== undefined) return at;
  }
  return chunk.length;
};

/** Whether both sums that the chunk states are right: of its records, and of its header. */
const sumsFit = (chunk: Buffer, free: number): boolean => {
  const head = crc32(chunk.subarray(128, HEADER_BYTES), crc32(chunk.subarray(0, 120)));
  return head === chunk.readUInt32LE(124) && crc32(chunk.subarray(HEADER_BYTES, free)) === chunk.readUInt32LE(52);
};

/** Reads one chunk, whole or cut: its records in order, and records for all bytes between and behind them. */
class ChunkReader {
  readonly #chunk: Buffer;
  readonly #offset: number;
  readonly #xml: BinaryXmlReader;
  readonly #out: FramedRecord[] = [];
  /** Where the chunk says that its records end; behind it may lie what is not yet counted, or left from before. */
  #free: number;
  #flags: readonly RecordFlag[] = NO_FLAGS;
  #last: bigint | undefined;

  constructor(chunk: Buffer, offset: number) {
    this.#chunk = chunk;
    this.#offset = offset;
    this.#xml = new BinaryXmlReader(chunk, TEXT_MAX);
    this.#free = chunk.length;
  }

  read(): FramedRecord[] {
    const chunk = this.#chunk;
    let at = this.#header();
    while (at < chunk.length) {
      const size = sizeAt(chunk, at);
      if (at >= this.#free && !this.#goesOn(at, size)) {
        // memory that was never cleared, often of other logs: to read it with this chunk's templates would invent events
        this.#emit(at, chunk.length, note('unused'));
        break;
      }
      if (size !== undefined) {
        this.#record(at, size);
        at += size;
        continue;
      }
      const next = Math.max(at + 1, Math.min(nextRecord(chunk, at), at < this.#free ? this.#free : chunk.length));
      this.#between(at, next);
      at = next;
    }
    return this.#out;
  }

  #emit(from: number, to: number, text: string, flags: readonly RecordFlag[] = NO_FLAGS, number?: number): void {
    this.#out.push({
      text,
      offset: this.#offset + from,
      length: to - from,
      line: 0,
      flags,
      ...(number === undefined ? {} : { number }),
    });
  }

  /** Where the records begin. A chunk without its mark is searched from its first byte. */
  #header(): number {
    const chunk = this.#chunk;
    if (chunk.length < HEADER_BYTES || chunk.compare(CHUNK_MARK, 0, 8, 0, 8) !== 0) return 0;
    const free = chunk.readUInt32LE(48);
    if (free >= HEADER_BYTES && free <= chunk.length) this.#free = free;
    if (!sumsFit(chunk, this.#free)) this.#flags = ['checksum'];
    this.#emit(0, HEADER_BYTES, note(`chunk, events ${chunk.readBigUInt64LE(24)} to ${chunk.readBigUInt64LE(32)}`));
    return HEADER_BYTES;
  }

  /** Behind the end that the chunk states goes on a log that was not closed: with the next number. */
  #goesOn(at: number, size: number | undefined): boolean {
    return size !== undefined && this.#last !== undefined && this.#chunk.readBigUInt64LE(at + 8) === this.#last + 1n;
  }

  #between(from: number, to: number): void {
    const bytes = this.#chunk.subarray(from, to);
    if (isZero(bytes)) this.#emit(from, to, '');
    else this.#emit(from, to, damage('no event record', bytes));
  }

  #record(at: number, size: number): void {
    const chunk = this.#chunk;
    const id = chunk.readBigUInt64LE(at + 8);
    this.#last = id;
    const flags = at >= this.#free ? [...this.#flags, 'behind-end' as const] : this.#flags;
    const number = id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : undefined;
    try {
      const { text, broken } = this.#xml.read(at + RECORD_HEAD, at + size - 4);
      this.#emit(at, at + size, text, broken ? [...flags, 'undecodable'] : flags, number);
    } catch (error) {
      if (!(error instanceof BinaryXmlDamage)) throw error;
      this.#emit(at, at + size, damage(`event ${id}: ${error.message}`, chunk.subarray(at, at + size)), flags, number);
    }
  }
}

export const readChunk = (chunk: Buffer, offset: number): FramedRecord[] => {
  if (isZero(chunk)) return [{ text: '', offset, length: chunk.length, line: 0, flags: NO_FLAGS }];
  return new ChunkReader(chunk, offset).read();
};
