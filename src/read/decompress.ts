import { ReadableStream } from 'node:stream/web';
import { TooMuch, Truncated, Unsupported } from './failure.ts';
import { gunzip } from './gzip.ts';
import type { Container } from './magic.ts';

/** Expanded bytes. Throws at damage, after everything readable before it was handed out. */
export type Decompress = (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;

/** Compressed bytes worked on at once. */
const STEP = 64 * 1024;
/** One step of input must not expand to more: it would be held in memory. */
const STEP_MAX = 100 * 1024 * 1024;

const steps = function* (chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += STEP) yield chunk.subarray(at, at + STEP);
};

/** Runs bytes through a decompressor that answers each step at once by calling back. */
async function* throughSteps(
  chunks: AsyncIterable<Buffer>,
  open: (emit: (piece: Uint8Array) => void) => { push(step: Buffer): void; end(): void },
): AsyncGenerator<Buffer> {
  let out: Buffer[] = [];
  let held = 0;
  const decompressor = open((piece) => {
    held += piece.length;
    if (held > STEP_MAX) throw new TooMuch(`${STEP} compressed bytes expand to more than ${STEP_MAX}`);
    if (piece.length > 0) out.push(Buffer.from(piece));
  });
  const take = (act: () => void): { pieces: Buffer[]; failure: unknown } => {
    let failure: unknown;
    try {
      act();
    } catch (error) {
      failure = error ?? new Error('failed');
    }
    const pieces = out;
    out = [];
    held = 0;
    return { pieces, failure };
  };
  for await (const chunk of chunks) {
    for (const step of steps(chunk)) {
      const { pieces, failure } = take(() => decompressor.push(step));
      yield* pieces;
      if (failure !== undefined) throw failure;
    }
  }
  const { pieces, failure } = take(() => decompressor.end());
  yield* pieces;
  if (failure !== undefined) throw failure;
}

async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress: Zstd, ZstdErrorCode } = await import('fzstd');
  try {
    yield* throughSteps(chunks, (emit) => {
      const zstd = new Zstd(emit);
      return { push: (step) => zstd.push(step), end: () => zstd.push(new Uint8Array(0), true) };
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === ZstdErrorCode.UnexpectedEOF) {
      throw new Truncated(error.message);
    }
    throw error;
  }
}

async function* bunzip2(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { default: unbzip2 } = await import('unbzip2-stream');
  yield* throughSteps(chunks, (emit) => {
    const bzip2 = unbzip2();
    let failure: Error | undefined;
    bzip2.on('data', emit);
    bzip2.on('error', (error: Error) => {
      // reading behind the last buffer is how it meets the end
      failure = error instanceof TypeError ? new Truncated('unexpected end of data') : error;
    });
    const check = (): void => {
      if (failure !== undefined) throw failure;
    };
    const push = (step: Buffer): void => {
      bzip2.write(step);
      check();
    };
    const end = (): void => {
      bzip2.end();
      check();
    };
    return { push, end };
  });
}

/** What the codes of xz-embedded (`enum xz_ret`) mean. */
const xzFailure = (error: unknown): unknown => {
  const code = /error code (\d)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (code === '4') return new Unsupported('the dictionary is larger than 64 MiB');
  if (code === '5') return new Error('data that is no xz behind the stream');
  if (code === '6') return new Unsupported('a filter or check that is not read');
  if (code === '7') return new Error('corrupt data');
  if (code === '8') return new Truncated('unexpected end of data');
  return error;
};

async function* unxz(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { default: xz } = await import('xz-decompress');
  const iterator = chunks[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
  try {
    for await (const piece of new xz.XzReadableStream(source)) yield Buffer.from(piece);
  } catch (error) {
    throw xzFailure(error);
  } finally {
    await iterator.return?.();
  }
}

export const DECOMPRESS: Readonly<Record<Exclude<Container, 'plain' | 'zip' | 'tar'>, Decompress>> = {
  gzip: gunzip,
  bzip2: bunzip2,
  xz: unxz,
  zstd: unzstd,
};
