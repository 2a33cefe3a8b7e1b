/** Compressed bytes worked on at once: bounds what one step can expand to. */
const STEP = 16 * 1024;

/** Bytes of a stream, taken step by step; what was taken too much can be given back. */
export class Input {
  readonly #iterator: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #arrived = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#iterator = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes, at most a step; undefined at the end. */
  async step(): Promise<Buffer | undefined> {
    if (!(await this.#fill(1))) return undefined;
    const step = this.#rest.subarray(0, STEP);
    this.#rest = this.#rest.subarray(step.length);
    return step;
  }

  /** Exactly so many bytes; undefined when there are fewer. */
  async exactly(bytes: number): Promise<Buffer | undefined> {
    if (!(await this.#fill(bytes))) return undefined;
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#arrived - this.#rest.length;
  }

  giveBack(bytes: Buffer): void {
    if (bytes.length > 0) this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest]);
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #fill(bytes: number): Promise<boolean> {
    while (this.#rest.length < bytes) {
      const next = await this.#iterator.next();
      if (next.done === true) return false;
      this.#arrived += next.value.length;
      this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    }
    return true;
  }
}
