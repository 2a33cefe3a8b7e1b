import { decompress as unzstd } from 'fzstd';
import { DECOMPRESS } from '../decompress.ts';
import { RECORD_MAX } from '../framing.ts';
import { u64 } from './layout.ts';
import { expandLz4 } from './lz4.ts';

/** Bytes of the size in front of a block of LZ4. */
const LZ4_SIZE = 8;
/** Bits of the flags of a DATA object. */
const XZ = 1;
const LZ4 = 2;
const ZSTD = 4;

const lz4 = (payload: Buffer): Buffer | undefined => {
  const size = payload.length < LZ4_SIZE ? Number.NaN : u64(payload, 0);
  return size <= RECORD_MAX ? expandLz4(payload.subarray(LZ4_SIZE), size) : undefined;
};

/** The size that a zstd frame states (RFC 8878 §3.1.1.1); systemd writes none without it. */
const zstdSize = (frame: Buffer): number | undefined => {
  if (frame.length < 14 || frame.readUInt32LE(0) !== 0xfd2fb528) return undefined;
  const descriptor = frame[4] as number;
  const single = (descriptor & 0x20) !== 0;
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] as number);
  const width = descriptor >> 6;
  if (width === 0) return single ? frame[at] : undefined;
  if (width === 1) return frame.readUInt16LE(at) + 256;
  if (width === 2) return frame.readUInt32LE(at);
  return at + 8 <= frame.length ? u64(frame, at) : undefined;
};

const zstd = (payload: Buffer): Buffer | undefined => {
  const size = zstdSize(payload);
  if (size === undefined || size > RECORD_MAX) return undefined;
  try {
    const out = unzstd(payload, new Uint8Array(size));
    return out.length === size ? Buffer.from(out.buffer, out.byteOffset, out.length) : undefined;
  } catch {
    return undefined; // damage: what it throws then is not always its own error
  }
};

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const xz = async (payload: Buffer): Promise<Buffer | undefined> => {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of DECOMPRESS.xz(once(payload))) {
      size += piece.length;
      if (size > RECORD_MAX) return undefined;
      pieces.push(piece);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces);
};

/** The payload of a DATA object as it was before it was compressed; undefined when it is damaged or longer than a record may be. */
export const expand = (payload: Buffer, flags: number): Buffer | undefined | Promise<Buffer | undefined> => {
  if (flags === 0) return payload;
  if (flags === ZSTD) return zstd(payload);
  if (flags === LZ4) return lz4(payload);
  return flags === XZ ? xz(payload) : undefined;
};
