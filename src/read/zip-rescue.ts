import { crc32 } from 'node:zlib';
import { inflateFrom, Truncated } from './inflate.ts';
import { Input } from './input.ts';
import { Held } from './peek.ts';
import type { ReportMember } from './tar.ts';
import { nameOf, type ZipMember } from './zip.ts';

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

/** The files of a zip whose directory, which stands at its end, is missing: by the headers in front of each, up to a damage. */
export async function* rescuedMembers(chunks: AsyncIterable<Buffer>, report: ReportMember): AsyncGenerator<ZipMember> {
  const input = new Input(chunks);
  let whole = true;
  async function* contents(header: LocalHeader): AsyncGenerator<Buffer> {
    whole = false;
    let sum = 0;
    for await (const piece of header.method === 8 ? inflateFrom(input) : stored(input, header.compressed)) {
      sum = crc32(piece, sum);
      yield piece;
    }
    whole = true;
    if (!header.described && sum !== header.crc) throw new Error('checksum differs from the one stated');
  }
  try {
    for (let header = await readHeader(input); header !== undefined && whole; header = await readHeader(input)) {
      const { name, method, described, encrypted } = header;
      const readable = !encrypted && (method === 8 || (method === 0 && !described));
      const start = input.taken;
      const bytes = new Held(readable ? contents(header) : stored(input, header.compressed));
      if (!readable) report(name, encrypted ? 'encrypted' : 'unsupported', `compression method ${method}, skipped`);
      else if (!name.endsWith('/')) {
        yield { name, modified: undefined, chunks: bytes, compressed: () => input.taken - start };
      }
      await bytes.drain();
      if (described) await skipDescriptor(input);
    }
  } catch (error) {
    if (!(error instanceof Truncated)) throw error; // a member that is skipped breaks off
  } finally {
    await input.close();
  }
}
