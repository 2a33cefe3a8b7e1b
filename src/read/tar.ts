import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { type ProblemCode, reasonOf } from '../evidence/problem.ts';
import { Held } from './peek.ts';

/** A file in an archive. */
export interface Member {
  /** As the archive has it; a label, never a path to write to. */
  readonly name: string;
  /** Epoch µs. */
  readonly modified: number | undefined;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Tells what is wrong with the archive, or with one member of it. */
export type ReportMember = (member: string | undefined, code: ProblemCode, detail: string) => void;

/** The checksum told that it is a tar: older ones have no mark. (tar-stream's types leave the first option out.) */
const OPTIONS = { allowUnknownFormat: true, highWaterMark: 1 << 16 };

const isFile = (type: Header['type']): boolean => type === 'file' || type === 'contiguous-file';

/** tar-stream hands out buffers; the types of streamx do not say so. */
const bytesOf = (entry: AsyncIterable<unknown>): AsyncIterable<Buffer> => entry as AsyncIterable<Buffer>;

/** A member's bytes; where the archive breaks off, they end. */
async function* tolerant(source: AsyncIterable<Buffer>, onFailure: () => void): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch {
    onFailure();
  }
}

/** The files of a tar archive in order; each is read, or left, before the next is asked for. */
export async function* tarMembers(chunks: AsyncIterable<Buffer>, report: ReportMember): AsyncGenerator<Member> {
  const archive = extract(OPTIONS);
  const source = Readable.from(chunks, { highWaterMark: 1 });
  source.on('error', (error) => archive.destroy(error));
  source.pipe(archive);
  try {
    for await (const entry of archive) {
      const { name, type, mtime } = entry.header;
      const broken = (): void => report(name, 'truncated', 'the archive breaks off in this member');
      const bytes = new Held(tolerant(new Held(bytesOf(entry)), broken));
      if (isFile(type)) {
        const modified = mtime.getTime() === 0 ? undefined : mtime.getTime() * 1000;
        yield { name: name.replace(/^(?:\.\/)+/, ''), modified, chunks: bytes };
      } else if (type !== 'directory') report(name, 'not-a-file', `${type ?? 'of unknown type'}, skipped`);
      await bytes.drain();
    }
  } catch (error) {
    const reason = reasonOf(error);
    report(undefined, reason === 'Unexpected end of data' ? 'truncated' : 'damaged', reason);
  } finally {
    source.destroy();
  }
}
