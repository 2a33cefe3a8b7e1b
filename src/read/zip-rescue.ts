import { crc32 } from 'node:zlib';
import { reasonOf } from '../evidence/problem.ts';
import { codeOf, Truncated } from './failure.ts';
import { inflateFrom } from './inflate.ts';
import { Input } from './input.ts';
import { type Budget, limited } from './limits.ts';
import { Held } from './peek.ts';
import type { Member, ReportMember } from './tar.ts';
import { nameOf } from './zip.ts';

/** Signatures (APPNOTE 4.3.7, 4.3.9, 4.3.12). */
const LOCAL_FILE = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const DIRECTORY = 0x02014b50;

/** What a member's own header states. */
interface LocalHeader {
  readonly name: string;
  readonly encrypted: boolean;
  /** Checksum and sizes stand behind the data. */
  readonly described: boolean;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
}

const readHeader = async (input: Input): Promise<LocalHeader | undefined> => {
  const fixed = await input.exactly(30);
  if (fixed === undefined || fixed.readUInt32LE(0) !== LOCAL_FILE) return undefined;
  const flags = fixed.readUInt16LE(6);
  const name = await input.exactly(fixed.readUInt16LE(26));
  const extra = await input.exactly(fixed.readUInt16LE(28));
  if (name === undefined || extra === undefined) return undefined;
  return {
    name: nameOf(flags, name, []),
    encrypted: (flags & 1) !== 0,
    described: (flags & 8) !== 0,
    method: fixed.readUInt16LE(8),
    crc: fixed.readUInt32LE(14),
    compressed: fixed.readUInt32LE(18),
  };
};

async function* stored(input: Input, bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; ) {
    const step = await input.step();
    if (step === undefined) throw new Truncated(`${left} of ${bytes} bytes are missing`);
    const mine = step.subarray(0, left);
    input.giveBack(step.subarray(mine.length));
    left -= mine.length;
    yield mine;
  }
}

/** Reads past what may stand behind a member's data; sizes have 4 bytes there, or 8 (zip64). */
const skipDescriptor = async (input: Input): Promise<void> => {
  const first = await input.exactly(4);
  if (first === undefined) return;
  await input.exactly(first.readUInt32LE(0) === DESCRIPTOR ? 12 : 8);
  const next = await input.exactly(4);
  if (next === undefined) return;
  const signature = next.readUInt32LE(0);
  if (signature === LOCAL_FILE || signature === DIRECTORY) input.giveBack(next);
  else await input.exactly(4);
};

/**
 * The files of a zip whose directory, which stands at its end, is missing: by the headers in front of each. Behind a
 * damaged member nothing can be found.
 */
export async function* rescuedMembers(
  chunks: AsyncIterable<Buffer>,
  report: ReportMember,
  budget: Budget,
): AsyncGenerator<Member> {
  const input = new Input(chunks);
  let whole = true;
  async function* contents(header: LocalHeader): AsyncGenerator<Buffer> {
    const { method, compressed, described, crc, name } = header;
    const start = input.taken;
    let sum = 0;
    try {
      const expanded = method === 8 ? inflateFrom(input) : stored(input, compressed);
      for await (const piece of limited(expanded, () => input.taken - start, budget)) {
        sum = crc32(piece, sum);
        yield piece;
      }
    } catch (error) {
      whole = false;
      report(name, codeOf(error), reasonOf(error));
      return;
    }
    if (!described && sum !== crc) report(name, 'damaged', 'checksum differs from the one stated');
  }
  try {
    for (let header = await readHeader(input); header !== undefined; header = await readHeader(input)) {
      const { name, method, described, encrypted } = header;
      const readable = !encrypted && (method === 8 || (method === 0 && !described));
      // what cannot be read is passed over by its length
      const bytes = new Held(contents(readable ? header : { ...header, method: 0, described: true }));
      if (!readable) report(name, encrypted ? 'encrypted' : 'unsupported', `compression method ${method}, skipped`);
      else if (!name.endsWith('/')) yield { name, modified: undefined, chunks: bytes };
      await bytes.drain();
      if (!whole) return;
      if (described) await skipDescriptor(input);
    }
  } finally {
    await input.close();
  }
}
