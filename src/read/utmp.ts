import { isUtf8 } from 'node:buffer';
import { canonicalIp } from '../core/net.ts';
import { decodeWindows1252 } from './charset.ts';
import { type FramedRecord, type Framer, NO_FLAGS, type RecordFlag } from './framing.ts';

/** How glibc lays out `struct utmp` on one architecture. */
interface Layout {
  readonly size: number;
  readonly bigEndian: boolean;
  /** Session and time take 64 bits each part: aarch64 and other ports that never had 32-bit programs. */
  readonly wide: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { size: 384, bigEndian: false, wide: false }, // x86, x86_64, 32-bit ARM, riscv64, ppc64le
  { size: 400, bigEndian: false, wide: true }, // aarch64
  { size: 384, bigEndian: true, wide: false }, // s390, ppc64
  { size: 400, bigEndian: true, wide: true }, // s390x
];
/** Bytes of a stream that its layout is chosen on. */
const HEAD = 64 * 1024;
/** Bytes in which the next record is looked for. */
const TORN_MAX = 64 * 1024;
/** Share of the head that must be sound records. */
const SOUND_SHARE = 0.9;

/** Types of `ut_type`, 0 being an empty record. */
const TYPE_MAX = 9;
/** Offsets of what all layouts have in common: line, id, user, host. */
const [LINE, ID, USER, HOST, EXIT] = [8, 40, 44, 76, 332];
const UNUSED_BYTES = 20;
const MICROS = 1_000_000;

/** One record's bytes. */
class Utmp {
  readonly #bytes: Buffer;
  readonly #layout: Layout;
  readonly #address: number;

  constructor(bytes: Buffer, layout: Layout) {
    this.#bytes = bytes;
    this.#layout = layout;
    this.#address = layout.wide ? 360 : 348;
  }

  get type(): number {
    return this.#layout.bigEndian ? this.#bytes.readUInt16BE(0) : this.#bytes.readUInt16LE(0);
  }

  get pid(): number {
    return this.#layout.bigEndian ? this.#bytes.readInt32BE(4) : this.#bytes.readInt32LE(4);
  }

  /** Seconds since 1970; 32-bit ones are taken as unsigned, for they go on behind 2038 so. */
  get seconds(): number {
    return this.#time(0);
  }

  get micros(): number {
    return this.#time(1);
  }

  get isZero(): boolean {
    return this.#bytes.every((byte) => byte === 0);
  }

  /** Whether this can be a record: what no program writes otherwise is as it must be. */
  get isSound(): boolean {
    if (this.type === 0) return this.isZero;
    if (this.type > TYPE_MAX || this.micros >= MICROS || this.seconds === 0 || this.seconds >= 2 ** 32) return false;
    const unused = this.#bytes.subarray(this.#address + 16, this.#address + 16 + UNUSED_BYTES);
    return unused.every((byte) => byte === 0) && /^[\x20-\x7e\0]*$/.test(this.#bytes.toString('latin1', LINE, ID));
  }

  /** A text, without the NULs that fill its field up. */
  text(from: number, to: number): Buffer {
    const field = this.#bytes.subarray(from, to);
    const end = field.indexOf(0);
    return end < 0 ? field : field.subarray(0, end);
  }

  /** IPv4 stands in the first four bytes, in network order whatever the machine's. */
  get address(): string {
    const bytes = this.#bytes.subarray(this.#address, this.#address + 16);
    if (bytes.subarray(4).every((byte) => byte === 0)) return bytes.subarray(0, 4).join('.');
    const groups = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(2 * n).toString(16)).join(':');
    return canonicalIp(groups) ?? groups;
  }

  #time(part: 0 | 1): number {
    const { bigEndian, wide } = this.#layout;
    const at = wide ? 344 + 8 * part : 340 + 4 * part;
    if (!wide) return bigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
    return Number(bigEndian ? this.#bytes.readBigUInt64BE(at) : this.#bytes.readBigUInt64LE(at));
  }
}

const isSoundAt = (bytes: Buffer, at: number, layout: Layout): boolean =>
  at + layout.size <= bytes.length && new Utmp(bytes.subarray(at, at + layout.size), layout).isSound;

/** Whether a record that says something stands there, and another, or nothing, behind it. */
const isStart = (bytes: Buffer, at: number, layout: Layout): boolean => {
  if (!isSoundAt(bytes, at, layout)) return false;
  const behind = at + layout.size;
  const { isZero } = new Utmp(bytes.subarray(at, behind), layout);
  return !isZero && (behind === bytes.length || isSoundAt(bytes, behind, layout));
};

/** Where the next record begins, of those that begin in front of `end`; `end` where there is none. */
const nextStart = (bytes: Buffer, from: number, end: number, layout: Layout): number => {
  for (let at = from; at < end; at += 1) if (isStart(bytes, at, layout)) return at;
  return end;
};

/** The layout in which nearly all of a stream's head is records, and its first one says something. */
const layoutOf = (bytes: Buffer): Layout | undefined => {
  const head = bytes.subarray(0, HEAD);
  return LAYOUTS.find((layout) => {
    const { size } = layout;
    let sound = 0;
    for (let at = 0; at + size <= head.length; ) {
      const isWhole = isSoundAt(head, at, layout);
      if (at === 0 && (!isWhole || head.readUInt16LE(0) === 0)) return false;
      if (isWhole) sound += size;
      at = isWhole ? at + size : nextStart(head, at + 1, head.length, layout);
    }
    return sound > 0 && sound >= (head.length - size) * SOUND_SHARE;
  });
};

/** Whether a stream is a file of login records of Linux (wtmp, btmp, utmp): told by its records, they have no mark. */
export const isUtmp = (head: Buffer): boolean => layoutOf(head) !== undefined;

// what would make the brackets around a field ambiguous, and controls
const UNSAFE = /[\x00-\x1f\x7f-\x9f[\]]/g;

const iso = (seconds: number, micros: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19)},${String(micros).padStart(6, '0')}+00:00`;

/** A record as `utmpdump` prints it (util-linux 2.38); it too writes `?` for what could not stand between brackets. */
const render = (record: Utmp): { readonly text: string; readonly flags: readonly RecordFlag[] } => {
  const flags = new Set<RecordFlag>();
  const field = (from: number, to: number, width: number): string => {
    const bytes = record.text(from, to);
    // a name that fills its field may be cut in a character
    const isText = isUtf8(bytes);
    if (!isText) flags.add('charset-fallback');
    const raw = isText ? bytes.toString('utf8') : decodeWindows1252(bytes);
    const safe = raw.replace(UNSAFE, '?');
    if (safe !== raw) flags.add('undecodable');
    return `[${safe.padEnd(width)}]`;
  };
  const pid = `${record.pid < 0 ? '-' : ''}${String(Math.abs(record.pid)).padStart(record.pid < 0 ? 4 : 5, '0')}`;
  const fields = [field(ID, USER, 4), field(USER, HOST, 8), field(LINE, ID, 12), field(HOST, EXIT, 20)];
  const time = iso(record.seconds, record.micros);
  const text = `[${record.type}] [${pid}] ${fields.join(' ')} [${record.address.padEnd(15)}] [${time}]`;
  return { text, flags: flags.size === 0 ? NO_FLAGS : [...flags] };
};

/** What can still be read in bytes that make no record. */
const stringsIn = (bytes: Buffer): string => (bytes.toString('latin1').match(/[\x20-\x7e]{4,}/g) ?? []).join('\n');

const OVERWRITTEN = 'a record of zeros: an unused place in utmp; in wtmp and btmp, which only grow, it was overwritten';

/** Cuts login records, one after the other; where one is torn, the next is looked for at every byte. */
export class UtmpFramer implements Framer {
  #held: Buffer = Buffer.alloc(0);
  #offset = 0;
  #number = 0;
  #layout: Layout | undefined;

  push(chunk: Buffer): FramedRecord[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#held.length < HEAD ? [] : this.#records(false);
  }

  end(): FramedRecord[] {
    return this.#records(true);
  }

  #records(isEnd: boolean): FramedRecord[] {
    this.#layout ??= layoutOf(this.#held) ?? (LAYOUTS[0] as Layout);
    const out: FramedRecord[] = [];
    while (this.#held.length > 0) {
      const record = this.#record(this.#held, this.#layout, isEnd);
      if (record === undefined) break;
      this.#number += 1;
      out.push({ ...record, offset: this.#offset, line: 0, number: this.#number });
      this.#held = this.#held.subarray(record.length);
      this.#offset += record.length;
    }
    return out;
  }

  /** The next record; undefined where more bytes must come before it can be told. */
  #record(bytes: Buffer, layout: Layout, isEnd: boolean): Omit<FramedRecord, 'offset' | 'line'> | undefined {
    const { size } = layout;
    if (bytes.length < size && !isEnd) return undefined;
    if (!isSoundAt(bytes, 0, layout)) {
      const length = this.#torn(bytes, layout, isEnd);
      if (length === undefined) return undefined;
      const damage = `no login record; ${length} bytes`;
      return { text: stringsIn(bytes.subarray(0, length)), length, flags: NO_FLAGS, damage };
    }
    const record = new Utmp(bytes.subarray(0, size), layout);
    return record.isZero
      ? { text: '', length: size, flags: NO_FLAGS, damage: OVERWRITTEN }
      : { ...render(record), length: size };
  }

  /** Bytes up to where a record begins again, at most `TORN_MAX`. */
  #torn(bytes: Buffer, layout: Layout, isEnd: boolean): number | undefined {
    const last = bytes.length - (isEnd ? 1 : 2) * layout.size;
    const end = Math.max(1, Math.min(last, TORN_MAX) + 1);
    const next = nextStart(bytes, 1, end, layout);
    if (next < end) return next;
    if (last >= TORN_MAX) return TORN_MAX;
    return isEnd ? bytes.length : undefined;
  }
}
