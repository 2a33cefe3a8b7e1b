/** The head of a stream, and the stream from its first byte on. */
export interface Peeked {
  /** The first `bytes` bytes exactly, or all there are. */
  readonly head: Buffer;
  readonly chunks: AsyncIterable<Buffer>;
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
    try {
      yield* seen;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(seen).subarray(0, bytes), chunks: whole() };
};
