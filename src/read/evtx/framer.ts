import type { FramedRecord, Framer } from '../framing.ts';
import { NO_FLAGS } from '../framing.ts';
import { CHUNK_BYTES, note, readChunk } from './chunk.ts';

const FILE_MARK = 'ElfFile\0';
const CHUNK_MARK = 'ElfChnk\0';
/** The header's block; its own 128 bytes, then nothing (libevtx, "File header"). */
const FILE_HEADER_BYTES = 4096;
const HEADER_LEAST = 128;

/** Whether a stream is a Windows event log of Vista or later, or chunks of one. */
export const isEvtx = (head: Buffer): boolean => {
  const mark = head.toString('latin1', 0, 8);
  return mark === FILE_MARK || mark === CHUNK_MARK;
};

/**
 * Cuts a Windows event log into its event records, one chunk of 64 KiB in memory at a time. What lies between them (headers,
 * unused and damaged bytes) is a record too: the records tile the stream. A record is read with its chunk, for names and
 * templates stand where the chunk used them first.
 */
export class EvtxFramer implements Framer {
  #held: Buffer[] = [];
  #bytes = 0;
  #offset = 0;
  #begun = false;

  push(piece: Buffer): FramedRecord[] {
    const out: FramedRecord[] = [];
    this.#held.push(piece);
    this.#bytes += piece.length;
    if (!this.#begun && this.#bytes >= FILE_HEADER_BYTES) this.#begin(out);
    while (this.#begun && this.#bytes >= CHUNK_BYTES) this.#chunk(CHUNK_BYTES, out);
    return out;
  }

  end(): FramedRecord[] {
    const out: FramedRecord[] = [];
    if (!this.#begun) this.#begin(out);
    if (this.#bytes > 0) this.#chunk(this.#bytes, out);
    return out;
  }

  #take(bytes: number): Buffer {
    const all = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held);
    this.#held = [all.subarray(bytes)];
    this.#bytes -= bytes;
    return all.subarray(0, bytes);
  }

  /** The file's header; chunks that were carved without it begin at once. */
  #begin(out: FramedRecord[]): void {
    this.#begun = true;
    const all = this.#take(this.#bytes);
    this.#held = [all];
    this.#bytes = all.length;
    if (all.toString('latin1', 0, 8) !== FILE_MARK) return;
    const header = this.#take(Math.min(FILE_HEADER_BYTES, all.length));
    const text =
      header.length < HEADER_LEAST
        ? 'file, cut in its header'
        : `file, version ${header.readUInt16LE(38)}.${header.readUInt16LE(36)}, next event ${header.readBigUInt64LE(24)}`;
    out.push({ text: note(text), offset: 0, length: header.length, line: 0, flags: NO_FLAGS });
    this.#offset = header.length;
  }

  #chunk(bytes: number, out: FramedRecord[]): void {
    const records = readChunk(this.#take(bytes), this.#offset);
    for (const record of records) out.push(record);
    this.#offset += bytes;
  }
}
