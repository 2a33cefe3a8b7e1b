/** A stream whose head was looked at. */
export interface Peeked {
  /** The first `bytes` bytes exactly, or all there are. */
  readonly head: Buffer;
  /** The stream from its first byte on; to be read once. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Lets go of the source, read or not. */
  close(): Promise<void>;
}

/** Looks at the first bytes of a stream without losing them. */
export const peek = async (source: AsyncIterable<Buffer>, bytes: number): Promise<Peeked> => {
  const iterator = source[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    seen.push(next.value);
    length += next.value.length;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield* seen;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return {
    head: Buffer.concat(seen).subarray(0, bytes),
    chunks: whole(),
    close: async () => {
      await iterator.return?.();
    },
  };
};

/** A stream that stays open when its reader stops early, so that what follows it can still be reached. */
export class Held implements AsyncIterable<Buffer> {
  readonly #iterator: AsyncIterator<Buffer>;

  constructor(source: AsyncIterable<Buffer>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: () => this.#iterator.next() };
  }

  /** Reads what the reader left. */
  async drain(): Promise<void> {
    while ((await this.#iterator.next()).done !== true);
  }
}
