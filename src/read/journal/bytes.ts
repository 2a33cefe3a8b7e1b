import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Bytes that are read at random. */
export interface Bytes {
  readonly size: number;
  /** So many bytes from there, or what there is; not to be written to. */
  read(from: number, length: number): Buffer;
}

export const bytesOf = (buffer: Buffer): Bytes => ({
  size: buffer.length,
  read: (from, length) => buffer.subarray(from, from + length),
});

const PAGE = 64 * 1024;
/** 16 MiB: what entries refer to stands mostly a short way in front of them. */
const PAGES_MAX = 256;

/** A file, of which the pages last used are held. */
export class FileBytes implements Bytes {
  readonly size: number;
  readonly #file: number;
  readonly #pages = new Map<number, Buffer>();

  constructor(path: string) {
    this.size = statSync(path).size;
    this.#file = openSync(path, 'r');
  }

  read(from: number, length: number): Buffer {
    const end = Math.min(from + length, this.size);
    if (from >= end) return Buffer.alloc(0);
    const first = Math.floor(from / PAGE);
    const last = Math.floor((end - 1) / PAGE);
    if (first === last) return this.#page(first).subarray(from - first * PAGE, end - first * PAGE);
    const out = Buffer.allocUnsafe(end - from);
    return out.subarray(0, readSync(this.#file, out, 0, out.length, from));
  }

  close(): void {
    closeSync(this.#file);
  }

  #page(number: number): Buffer {
    let page = this.#pages.get(number);
    if (page === undefined) {
      const bytes = Buffer.allocUnsafe(PAGE);
      page = bytes.subarray(0, readSync(this.#file, bytes, 0, PAGE, number * PAGE));
      if (this.#pages.size === PAGES_MAX) this.#pages.delete(this.#pages.keys().next().value as number);
    } else this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }
}
