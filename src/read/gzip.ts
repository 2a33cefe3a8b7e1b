import { crc32 } from 'node:zlib';
import { Truncated } from './failure.ts';
import { inflateFrom } from './inflate.ts';
import { Input } from './input.ts';

/** Flags of a member header (RFC 1952 §2.3.1). */
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;

const need = async (input: Input, bytes: number): Promise<Buffer> => {
  const taken = await input.exactly(bytes);
  if (taken === undefined) throw new Truncated('the stream ends in a gzip header or trailer');
  return taken;
};

const skipText = async (input: Input): Promise<void> => {
  while ((await need(input, 1))[0] !== 0);
};

/** Reads past a member's header. */
const skipHeader = async (input: Input): Promise<void> => {
  const header = await need(input, 10);
  if (header[0] !== 0x1f || header[1] !== 0x8b || header[2] !== 8)
    throw new Error('data that is no gzip behind the stream');
  const flags = header[3] as number;
  if (flags & EXTRA) await need(input, (await need(input, 2)).readUInt16LE(0));
  if (flags & NAME) await skipText(input);
  if (flags & COMMENT) await skipText(input);
  if (flags & HEADER_CRC) await need(input, 2);
};

/** Skips the NULs that pad streams on tape; whether anything follows. */
const follows = async (input: Input): Promise<boolean> => {
  for (let step = await input.step(); step !== undefined; step = await input.step()) {
    const at = step.findIndex((byte) => byte !== 0);
    if (at < 0) continue;
    input.giveBack(step.subarray(at));
    return true;
  }
  return false;
};

/** Expands gzip, member by member, and checks each one's checksum and length. */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new Input(chunks);
  try {
    do {
      await skipHeader(input);
      let sum = 0;
      let bytes = 0;
      for await (const piece of inflateFrom(input)) {
        sum = crc32(piece, sum);
        bytes += piece.length;
        yield piece;
      }
      const trailer = await need(input, 8);
      if (trailer.readUInt32LE(0) !== sum) throw new Error('the checksum differs from the one stated');
      if (trailer.readUInt32LE(4) !== bytes % 2 ** 32) throw new Error('the length differs from the one stated');
    } while (await follows(input));
  } finally {
    await input.close();
  }
}

/** Expands deflate without a header, as zip members have it. */
export async function* inflate(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new Input(chunks);
  try {
    yield* inflateFrom(input);
  } finally {
    await input.close();
  }
}
