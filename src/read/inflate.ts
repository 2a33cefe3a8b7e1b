import { setImmediate as nextTurn } from 'node:timers/promises';
import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { Truncated } from './failure.ts';
import type { Input } from './input.ts';

/** Expanded bytes handed out at once. */
const PIECE = 64 * 1024;

/** What an inflating stream does, as something that can be waited for. */
class Inflater {
  readonly #zlib: InflateRaw = createInflateRaw({ chunkSize: PIECE });
  #out: Buffer[] = [];
  #wake = (): void => {};
  failure: Error | undefined;
  ended = false;

  constructor() {
    this.#zlib.on('data', (piece: Buffer) => this.#out.push(piece));
    this.#zlib.on('error', (error) => {
      const isEnd = 'code' in error && error.code === 'Z_BUF_ERROR';
      this.failure = isEnd ? new Truncated(error.message) : error;
      this.#wake();
    });
    this.#zlib.on('end', () => {
      this.ended = true;
      this.#wake();
    });
  }

  get done(): boolean {
    return this.ended || this.failure !== undefined;
  }

  /** Compressed bytes used so far. */
  get used(): number {
    return this.#zlib.bytesWritten;
  }

  write(step: Buffer): Promise<void> {
    return this.#settle((done) => this.#zlib.write(step, () => done()));
  }

  async end(): Promise<void> {
    await nextTurn(); // what the last write gave is handed out before the end can fail
    await this.#settle(() => this.#zlib.end());
  }

  take(): Buffer[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  close(): void {
    this.#zlib.destroy();
  }

  #settle(act: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.done) resolve();
      else act(resolve);
    });
  }
}

/**
 * Expands one deflate stream and leaves what stands behind it in the input. Throws at damage, after handing out
 * everything readable before it.
 */
export async function* inflateFrom(input: Input): AsyncGenerator<Buffer> {
  const inflater = new Inflater();
  let fed = 0;
  try {
    while (!inflater.done) {
      const step = await input.step();
      if (step === undefined) break;
      fed += step.length;
      await inflater.write(step);
      yield* inflater.take();
      if (inflater.ended) input.giveBack(step.subarray(step.length - (fed - inflater.used)));
    }
    await inflater.end();
    yield* inflater.take();
    if (inflater.failure !== undefined) throw inflater.failure;
  } finally {
    inflater.close();
  }
}
