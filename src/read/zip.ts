import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { DECOMPRESS, type Decompress } from './decompress.ts';
import { Truncated, Unsupported } from './failure.ts';
import { inflate } from './gzip.ts';
import { counted } from './limits.ts';
import type { Member, ReportMember } from './tar.ts';

/** A member, and how many bytes of the archive it has taken. */
interface ZipMember extends Member {
  readonly compressed: () => number;
}

/** More members are no evidence archive. */
const MEMBERS_MAX = 1_000_000;

async function* stored(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** Compression methods (APPNOTE 4.4.5). */
const METHODS: Readonly<Record<number, Decompress>> = {
  0: stored,
  8: inflate,
  12: DECOMPRESS.bzip2,
  93: DECOMPRESS.zstd,
  95: DECOMPRESS.xz,
};

/** A member's name as text; `extra` may hold it in UTF-8. */
export const nameOf = (flags: number, raw: Buffer, extra: Entry['extraFields']): string =>
  getFileNameLowLevel(flags, raw, extra, false);

const entryName = (entry: Entry): string => nameOf(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields);

/** File type bits of a member made on Unix (APPNOTE 4.4.2.2, 4.4.15): symbolic links, devices and the like. */
const isSpecial = (entry: Entry): boolean => {
  if (entry.versionMadeBy >> 8 !== 3) return false;
  const type = (entry.externalFileAttributes >>> 28) & 0xf;
  return type !== 0 && type !== 0x8 && type !== 0x4;
};

/** The time zone of a DOS date is unknown; taken as UTC, for a hint is all it is. */
const modifiedOf = (entry: Entry): number | undefined => {
  const millis = entry.getLastModDate({ timezone: 'UTC' }).getTime();
  return Number.isFinite(millis) ? millis * 1000 : undefined;
};

/** A member's bytes, checked against the length and the checksum that the archive states. */
async function* contents(zip: ZipFile, entry: Entry, onRaw: (bytes: number) => void): AsyncGenerator<Buffer> {
  const method = METHODS[entry.compressionMethod];
  if (method === undefined) throw new Unsupported(`compression method ${entry.compressionMethod}`);
  const raw = (await zip.openReadStreamPromise(entry, { decodeFileData: false })) as AsyncIterable<Buffer>;
  let sum = 0;
  let bytes = 0;
  for await (const piece of method(counted(raw, onRaw))) {
    sum = crc32(piece, sum);
    bytes += piece.length;
    yield piece;
  }
  if (bytes < entry.uncompressedSize) throw new Truncated(`${bytes} of ${entry.uncompressedSize} bytes`);
  if (bytes > entry.uncompressedSize) throw new Error(`${bytes} bytes, ${entry.uncompressedSize} stated`);
  if (sum !== entry.crc32) throw new Error('checksum differs from the one stated');
}

const memberOf = (zip: ZipFile, entry: Entry, name: string, onBytes: (bytes: number) => void): ZipMember => {
  let compressed = 0;
  const chunks = contents(zip, entry, (bytes) => {
    compressed += bytes;
    onBytes(bytes);
  });
  return { name, modified: modifiedOf(entry), chunks, compressed: () => compressed };
};

/** Whether the members are the parts of one document (OOXML, OpenDocument, EPUB) rather than files of their own. */
const isDocument = (names: readonly string[]): boolean =>
  names.includes('[Content_Types].xml') || names[0] === 'mimetype';

export interface Zip {
  /** Parts of one document: the file is to be taken as it is. */
  readonly document: boolean;
  /** The files in the order of the directory. */
  members(): Iterable<ZipMember>;
  close(): void;
}

/**
 * Opens a zip file by its directory, which lists what belongs to it. Throws when there is none. `onBytes` is told of
 * members' bytes, compressed, as they are read.
 */
export const openZip = async (
  file: string,
  report: ReportMember,
  onBytes: (bytes: number) => void = () => {},
): Promise<Zip> => {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false, decodeStrings: false });
  zip.on('error', () => {}); // told by the calls that fail
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.length === MEMBERS_MAX) throw new Unsupported(`more than ${MEMBERS_MAX} members`);
      entries.push(entry);
    }
  } catch (error) {
    zip.close();
    throw error;
  }
  function* members(): Generator<ZipMember> {
    for (const entry of entries) {
      const name = entryName(entry);
      if (name.endsWith('/')) continue;
      if (isSpecial(entry)) report(name, 'not-a-file', 'link or device, skipped');
      else if (entry.isEncrypted()) report(name, 'encrypted', 'encrypted, skipped');
      else yield memberOf(zip, entry, name, onBytes);
    }
  }
  return { document: isDocument(entries.map(entryName)), members, close: () => zip.close() };
};
