import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Digest } from '../evidence/digest.ts';
import type { EvidenceItem, EvidenceStream } from '../evidence/item.ts';
import { type Problem, type ProblemCode, reasonOf } from '../evidence/problem.ts';
import { spool } from '../evidence/spool.ts';
import { streamOf } from '../evidence/stream-id.ts';
import { DECOMPRESS } from './decompress.ts';
import { codeOf } from './failure.ts';
import { type Budget, counted, defaultBudget, limited } from './limits.ts';
import { closedFormat, containerOf, gzipModified, MAGIC_HEAD } from './magic.ts';
import { Held, type Peeked, peek } from './peek.ts';
import { type Member, type ReportMember, tarMembers } from './tar.ts';
import { openZip } from './zip.ts';
import { rescuedMembers } from './zip-rescue.ts';

/** Archives in archives, up to here. */
const DEPTH_MAX = 8;
const CHUNK = 256 * 1024;

export interface OpenedStream {
  readonly stream: EvidenceStream;
  /** To be read once, before the next stream is asked for; what is left unread then is read for the digest. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Known when the stream was read to its end. */
  readonly digest: () => Digest | undefined;
}

export interface OpenedItem {
  /** The streams in order: one for a plain or compressed file, one for each file in an archive. */
  readonly streams: AsyncIterable<OpenedStream>;
  /** Grows while the streams are read. */
  readonly problems: readonly Problem[];
}

export interface OpenOptions {
  /** Shared by the items of a run. */
  readonly budget?: Budget;
  /** Where archives that lie in archives are put for a moment. Default: the system's temporary directory. */
  readonly spoolDirectory?: string;
  /** Told of bytes of the item itself as they are read, compressed as they lie there; for progress. */
  readonly onBytes?: (bytes: number) => void;
}

/** Where in an item a stream stands. */
interface Place {
  readonly member: string;
  readonly modified: number | undefined;
  readonly depth: number;
}

class ItemReader {
  readonly problems: Problem[] = [];
  readonly #item: EvidenceItem;
  readonly #budget: Budget;
  readonly #spoolDirectory: string | undefined;
  readonly #onBytes: (bytes: number) => void;
  readonly #members = new Set<string>();

  constructor(item: EvidenceItem, options: OpenOptions) {
    this.#item = item;
    this.#budget = options.budget ?? defaultBudget();
    this.#spoolDirectory = options.spoolDirectory;
    this.#onBytes = options.onBytes ?? (() => {});
  }

  streams(): AsyncGenerator<OpenedStream> {
    return this.#walk(this.#file(this.#item.location), { member: '', modified: this.#item.modified, depth: 0 });
  }

  #report(member: string, code: ProblemCode, detail: string): void {
    this.problems.push({ path: streamOf(this.#item, member, undefined).path, code, detail });
  }

  async *#file(location: string): AsyncGenerator<Buffer> {
    try {
      yield* createReadStream(location, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
    } catch (error) {
      this.#report('', 'unreadable', reasonOf(error));
    }
  }

  /** Every stream in `source`, however deep. */
  async *#walk(source: AsyncIterable<Buffer>, place: Place): AsyncGenerator<OpenedStream> {
    const peeked = await peek(source, MAGIC_HEAD);
    try {
      const container = containerOf(peeked.head);
      const closed = closedFormat(peeked.head);
      if (closed !== undefined) this.#report(place.member, 'unsupported', `${closed} is not opened; unpack it first`);
      else if (container === 'plain') yield* this.#plain(peeked.chunks, place);
      else if (place.depth === DEPTH_MAX)
        this.#report(place.member, 'limit', `${container} nested deeper than ${DEPTH_MAX}`);
      else if (container === 'tar') yield* this.#tar(this.#checked(peeked.chunks, place), place);
      else if (container === 'zip') yield* this.#zip(peeked, place);
      else yield* this.#compressed(container, peeked, place);
    } finally {
      await peeked.close();
    }
  }

  /** Tells of the bytes that are the item's own, not of what is expanded from them. */
  #metered(chunks: AsyncIterable<Buffer>, place: Place): AsyncIterable<Buffer> {
    return place.depth === 0 ? counted(chunks, this.#onBytes) : chunks;
  }

  async *#plain(chunks: AsyncIterable<Buffer>, place: Place): AsyncGenerator<OpenedStream> {
    const hash = createHash('sha256');
    const source = this.#metered(chunks, place);
    let bytes = 0;
    let digest: Digest | undefined;
    async function* hashed(): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
      digest = { sha256: hash.digest('hex'), bytes };
    }
    const held = new Held(hashed());
    yield { stream: streamOf(this.#item, place.member, place.modified), chunks: held, digest: () => digest };
    await held.drain();
    if (place.depth === 0 && digest !== undefined) this.#compare(digest.sha256);
  }

  #compare(sha256: string): void {
    if (sha256 !== this.#item.sha256) this.#report('', 'changed', `SHA-256 is ${sha256} now`);
  }

  /** Bytes of the item itself, compared with what was taken in when they are read to the end. */
  async *#checked(chunks: AsyncIterable<Buffer>, place: Place): AsyncGenerator<Buffer> {
    if (place.depth > 0) return yield* chunks;
    const hash = createHash('sha256');
    for await (const chunk of this.#metered(chunks, place)) {
      hash.update(chunk);
      yield chunk;
    }
    this.#compare(hash.digest('hex'));
  }

  async *#compressed(container: keyof typeof DECOMPRESS, peeked: Peeked, place: Place): AsyncGenerator<OpenedStream> {
    let compressed = 0;
    const source = counted(this.#checked(peeked.chunks, place), (bytes) => {
      compressed += bytes;
    });
    const expanded = DECOMPRESS[container](source);
    const stated = container === 'gzip' ? gzipModified(peeked.head) : undefined;
    const inner = { ...place, depth: place.depth + 1, modified: stated ?? place.modified };
    yield* this.#walk(
      this.#tolerant(
        limited(expanded, () => compressed, this.#budget),
        place.member,
      ),
      inner,
    );
  }

  /** Bytes up to where they cannot be had any more; the reason is a problem. */
  async *#tolerant(source: AsyncIterable<Buffer>, member: string): AsyncGenerator<Buffer> {
    let bytes = 0;
    try {
      for await (const chunk of source) {
        bytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      this.#report(member, codeOf(error), `${reasonOf(error)}; ${bytes} bytes were read`);
    }
  }

  async *#tar(chunks: AsyncIterable<Buffer>, place: Place): AsyncGenerator<OpenedStream> {
    for await (const member of tarMembers(chunks, this.#reporter(place))) {
      yield* this.#walk(member.chunks, this.#enter(place, member));
    }
  }

  async *#zip(peeked: Peeked, place: Place): AsyncGenerator<OpenedStream> {
    const file = place.depth === 0 ? undefined : await spool(peeked.chunks, this.#spoolDirectory);
    try {
      yield* this.#zipFile(file?.path ?? this.#item.location, place);
    } finally {
      await file?.remove();
    }
  }

  async *#zipFile(file: string, place: Place): AsyncGenerator<OpenedStream> {
    const report = this.#reporter(place);
    // the bytes of an archive in an archive were told of when they were put aside
    const onBytes = place.depth === 0 ? this.#onBytes : () => {};
    const zip = await openZip(file, report, onBytes).catch((error: unknown) => {
      this.#report(place.member, codeOf(error), `${reasonOf(error)}; members are read as far as they go`);
      return undefined;
    });
    if (zip === undefined) {
      for await (const member of rescuedMembers(this.#metered(this.#file(file), place), report, this.#budget)) {
        yield* this.#walk(member.chunks, this.#enter(place, member));
      }
      return;
    }
    try {
      if (zip.document) return yield* this.#plain(this.#file(file), place);
      for (const member of zip.members()) {
        const inner = this.#enter(place, member);
        const source = limited(member.chunks, member.compressed, this.#budget);
        yield* this.#walk(this.#tolerant(source, inner.member), inner);
      }
    } finally {
      zip.close();
    }
  }

  #reporter(place: Place): ReportMember {
    return (member, code, detail) => {
      this.#report(member === undefined ? place.member : this.#label(place, member), code, detail);
    };
  }

  #label(place: Place, name: string): string {
    return place.member === '' ? name : `${place.member}!${name}`;
  }

  /** The place of a member; a name that was there already gets a number, so that both can be told apart. */
  #enter(place: Place, member: Member): Place {
    const label = this.#label(place, member.name);
    let unique = label;
    for (let n = 2; this.#members.has(unique); n += 1) unique = `${label}#${n}`;
    this.#members.add(unique);
    if (leadsOut(member.name))
      this.#report(unique, 'hostile-name', 'the name leads out of a directory; it is used as a label only');
    return { member: unique, modified: member.modified ?? place.modified, depth: place.depth + 1 };
  }
}

/** `../x`, `/etc/x`, `C:\x` */
const leadsOut = (name: string): boolean =>
  /^(?:[/\\]|[A-Za-z]:[/\\])/.test(name) || name.split(/[/\\]/).includes('..');

/** Opens an item: what it is, is told by its first bytes, never by its name. */
export const openItem = (item: EvidenceItem, options: OpenOptions = {}): OpenedItem => {
  const reader = new ItemReader(item, options);
  return { streams: reader.streams(), problems: reader.problems };
};
