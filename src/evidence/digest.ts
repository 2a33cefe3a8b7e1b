import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256, as 64 lower-case hex digits, and length of a stream of bytes. */
export interface Digest {
  readonly sha256: string;
  readonly bytes: number;
}

/** Bytes read at once. */
const CHUNK = 1 << 20;

export const sha256Of = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Hashes while streaming; `onBytes` is told of each chunk's length. */
export const digestFile = async (path: string, onBytes: (bytes: number) => void = () => {}): Promise<Digest> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    onBytes(chunk.length);
  }
  return { sha256: hash.digest('hex'), bytes };
};
