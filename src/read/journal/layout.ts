/** What a journal's header says of the whole file. */
export interface JournalHeader {
  /** Bytes of the header itself: the first object begins behind it. */
  readonly bytes: number;
  /** Offsets of DATA objects are 32-bit. */
  readonly compact: boolean;
  /** Feature flags that nobody knew when this was written; the layout cannot be relied on. */
  readonly unknownFlags: number;
  readonly tailObject: number;
  /** How many entries the index holds. */
  readonly entries: number;
  /** The first array of the index. */
  readonly entryArray: number;
  /** 32 hexadecimal digits: the daemon that numbered the entries. */
  readonly seqnumId: string;
  /** Where the two hash tables end; no entry stands in front of that. */
  readonly tablesEnd: number;
}

/** `OBJECT_*` of systemd's journal-def.h. */
export const TYPE = { data: 1, field: 2, entry: 3, dataTable: 4, fieldTable: 5, entryArray: 6, tag: 7 } as const;
/** Type, flags, six reserved bytes, size. */
export const OBJECT_HEAD = 16;
/** In front of an entry's items: object, number, wall clock, monotonic clock, boot, sum. */
export const ENTRY_HEAD = 64;

/** Least size of an object by its type. */
const LEAST: readonly number[] = [0, 64, 40, ENTRY_HEAD, OBJECT_HEAD, OBJECT_HEAD, 24, 64];
const MARK = 'LPKSHHRH';
/** The header as it was first released. */
const HEADER_LEAST = 208;
/** Twice what it has grown to in fifteen years; a larger size is damage, and objects are looked for from the least on. */
const HEADER_MOST = 512;
/** `HEADER_INCOMPATIBLE_*`: XZ, LZ4, keyed hash, ZSTD, compact. */
const KNOWN_FLAGS = 0x1f;
const COMPACT = 0x10;
/** `OBJECT_COMPRESSED_*` together. */
const COMPRESSED = 7;

/** Whether a stream is a journal file of systemd. */
export const isJournal = (head: Buffer): boolean => head.toString('latin1', 0, 8) === MARK;

/** An offset, size or count; what is no safe integer lies behind the end of any file. */
export const u64 = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);

/** undefined when the file is cut in its header. */
export const readHeader = (head: Buffer): JournalHeader | undefined => {
  if (head.length < HEADER_LEAST) return undefined;
  const flags = head.readUInt32LE(12);
  const bytes = u64(head, 88);
  return {
    bytes: bytes >= HEADER_LEAST && bytes <= HEADER_MOST ? bytes : HEADER_LEAST,
    compact: (flags & COMPACT) !== 0,
    unknownFlags: flags & ~KNOWN_FLAGS,
    tailObject: u64(head, 136),
    entries: u64(head, 152),
    entryArray: u64(head, 176),
    seqnumId: head.toString('hex', 72, 88),
    tablesEnd: Math.max(u64(head, 104) + u64(head, 112), u64(head, 120) + u64(head, 128)),
  };
};

/** Objects begin at multiples of eight bytes. */
export const aligned = (at: number): number => Math.ceil(at / 8) * 8;

export interface JournalObject {
  readonly type: number;
  /** Compression of a DATA object. */
  readonly flags: number;
  readonly size: number;
}

/** What a head of `OBJECT_HEAD` bytes says, when it can be the head of an object that has `room` bytes. */
export const readObject = (head: Buffer, room: number): JournalObject | undefined => {
  if (head.length < OBJECT_HEAD) return undefined;
  const type = head[0] as number;
  const flags = head[1] as number;
  const size = u64(head, 8);
  if (type < TYPE.data || type > TYPE.tag || size < (LEAST[type] as number) || size > room) return undefined;
  if (head.readUInt16LE(2) !== 0 || head.readUInt32LE(4) !== 0) return undefined;
  return flags === 0 || (type === TYPE.data && flags <= COMPRESSED) ? { type, flags, size } : undefined;
};
