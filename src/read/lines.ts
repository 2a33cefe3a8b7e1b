import { isAscii, isUtf8 } from 'node:buffer';
import { type Charset, decodeWindows1252, isIllFormed, wellFormed } from './charset.ts';
import { type Framer, type Line, mergeFlags, NO_FLAGS, RECORD_MAX, type RecordFlag } from './framing.ts';

const LF = 10;
const CR = 13;
const BOM = 0xfeff;
const FALLBACK: readonly RecordFlag[] = ['charset-fallback'];
const TOO_LONG: readonly RecordFlag[] = ['too-long'];
const UNDECODABLE: readonly RecordFlag[] = ['undecodable'];

/** Text of one line's bytes and what was wrong with them. */
interface Decoded {
  readonly text: string;
  readonly flags: readonly RecordFlag[];
}

/** How a character set is cut into lines. UTF-16BE is turned round before. */
interface Script {
  /** Bytes per code unit. */
  readonly unit: 1 | 2;
  /** Index behind the last terminator in `bytes`, or 0. */
  behindLast(bytes: Buffer): number;
  /** Text of whole lines in which every character takes `unit` bytes, or undefined. */
  even(bytes: Buffer): string | undefined;
  /** Text of whole lines in which the n-th LF stands for the n-th LF byte, or undefined. */
  uneven(bytes: Buffer): string | undefined;
  /** Text of one line or a piece of one. */
  one(bytes: Buffer): Decoded;
  /** Where a piece of at most `limit` bytes ends without cutting a character. */
  cut(bytes: Buffer, limit: number): number;
}

const utf8: Script = {
  unit: 1,
  behindLast: (bytes) => bytes.lastIndexOf(LF) + 1,
  even: (bytes) => (isAscii(bytes) ? bytes.toString('latin1') : undefined),
  uneven: (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined),
  one: (bytes) => {
    if (isUtf8(bytes)) return { text: bytes.toString('utf8'), flags: NO_FLAGS };
    return { text: decodeWindows1252(bytes), flags: FALLBACK };
  },
  cut: (bytes, limit) => {
    // UTF-8 continuation bytes are 10xxxxxx, at most three in a row
    for (let at = limit; at > limit - 4; at -= 1) if (((bytes[at] as number) & 0xc0) !== 0x80) return at;
    return limit;
  },
};

const utf16: Script = {
  unit: 2,
  behindLast: (bytes) => {
    for (let at = bytes.lastIndexOf(LF); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(LF, at - 1)) {
      if (at % 2 === 0 && bytes[at + 1] === 0) return at + 2;
    }
    return 0;
  },
  even: (bytes) => {
    const text = bytes.toString('utf16le');
    return isIllFormed(text) ? undefined : text;
  },
  uneven: () => undefined,
  one: (bytes) => {
    const text = bytes.toString('utf16le');
    const bad = isIllFormed(text);
    if (bytes.length % 2 === 1) return { text: `${wellFormed(text)}\ufffd`, flags: UNDECODABLE };
    return bad ? { text: wellFormed(text), flags: UNDECODABLE } : { text, flags: NO_FLAGS };
  },
  cut: (_bytes, limit) => limit,
};

/**
 * Cuts a stream at its line feeds. What is not yet a whole line is carried to the next chunk; the common case, a chunk of
 * ASCII, is decoded and cut without touching single bytes.
 */
class LineFramer implements Framer<Line> {
  readonly #script: Script;
  #carry: Buffer[] = [];
  #carried = 0;
  #offset = 0;
  #line = 1;
  /** Inside a line whose beginning was cut off as too long. */
  #cut = false;

  constructor(script: Script) {
    this.#script = script;
  }

  push(chunk: Buffer): Line[] {
    const out: Line[] = [];
    const end = this.#script.behindLast(chunk);
    if (end > 0) {
      const head = chunk.subarray(0, end);
      this.#lines(this.#carried === 0 ? head : Buffer.concat([...this.#carry, head]), out);
      this.#carry = [];
      this.#carried = 0;
    }
    if (end < chunk.length) {
      this.#carry.push(end === 0 ? chunk : chunk.subarray(end));
      this.#carried += chunk.length - end;
      if (this.#carried > RECORD_MAX) this.#shorten(out);
    }
    return out;
  }

  end(): Line[] {
    const out: Line[] = [];
    if (this.#carried > 0) this.#single(Buffer.concat(this.#carry), out);
    this.#carry = [];
    this.#carried = 0;
    return out;
  }

  /** Cuts pieces off a carried line that is already longer than a record may be. */
  #shorten(out: Line[]): void {
    const rest = this.#pieces(Buffer.concat(this.#carry), out);
    this.#carry = [rest];
    this.#carried = rest.length;
  }

  #pieces(line: Buffer, out: Line[]): Buffer {
    let rest = line;
    while (rest.length > RECORD_MAX) {
      const at = this.#script.cut(rest, RECORD_MAX);
      this.#cut = true;
      this.#emit(rest.subarray(0, at), out);
      rest = rest.subarray(at);
    }
    return rest;
  }

  /** Whole lines, each with its terminator. */
  #lines(bytes: Buffer, out: Line[]): void {
    let from = 0;
    if (this.#cut) {
      from = this.#next(bytes, 0);
      this.#single(bytes.subarray(0, from), out);
    }
    const region = from === 0 ? bytes : bytes.subarray(from);
    const even = this.#script.even(region);
    const uneven = even === undefined ? this.#script.uneven(region) : undefined;
    if (even !== undefined) this.#even(region, even, out);
    else if (uneven !== undefined) this.#uneven(region, uneven, out);
    else this.#singly(region, out);
  }

  /** Positions in the text are positions in the bytes. */
  #even(bytes: Buffer, text: string, out: Line[]): void {
    const unit = this.#script.unit;
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      const length = (at + 1 - from) * unit;
      if (length > RECORD_MAX) this.#single(bytes.subarray(from * unit, (at + 1) * unit), out);
      else this.#put(text, from, at, length, out);
      from = at + 1;
    }
  }

  /** Characters of several bytes: the n-th line of the text has the n-th line's bytes. */
  #uneven(bytes: Buffer, text: string, out: Line[]): void {
    let from = 0;
    let byte = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      const next = bytes.indexOf(LF, byte) + 1;
      if (next - byte > RECORD_MAX) this.#single(bytes.subarray(byte, next), out);
      else this.#put(text, from, at, next - byte, out);
      from = at + 1;
      byte = next;
    }
  }

  /** Line by line, because some of them are not what the rest is. */
  #singly(bytes: Buffer, out: Line[]): void {
    for (let from = 0; from < bytes.length; ) {
      const next = this.#next(bytes, from);
      this.#single(bytes.subarray(from, next), out);
      from = next;
    }
  }

  #next(bytes: Buffer, from: number): number {
    let at = bytes.indexOf(LF, from);
    if (this.#script.unit === 1) return at + 1;
    while ((at - from) % 2 !== 0 || bytes[at + 1] !== 0) at = bytes.indexOf(LF, at + 1);
    return at + 2;
  }

  #put(text: string, from: number, at: number, length: number, out: Line[]): void {
    const crlf = at > from && text.charCodeAt(at - 1) === CR;
    const start = text.charCodeAt(from) === BOM ? from + 1 : from;
    out.push({
      text: text.slice(start, crlf ? at - 1 : at),
      offset: this.#offset,
      length,
      line: this.#line,
      terminator: crlf ? '\r\n' : '\n',
      flags: NO_FLAGS,
    });
    this.#offset += length;
    this.#line += 1;
  }

  #single(line: Buffer, out: Line[]): void {
    this.#emit(this.#pieces(line, out), out);
  }

  /** One line or piece of a line, decoded by itself. */
  #emit(bytes: Buffer, out: Line[]): void {
    const { text, flags } = this.#script.one(bytes);
    const start = text.charCodeAt(0) === BOM ? 1 : 0;
    const terminator = text.endsWith('\r\n') ? '\r\n' : text.endsWith('\n') ? '\n' : '';
    out.push({
      text: text.slice(start, text.length - terminator.length),
      offset: this.#offset,
      length: bytes.length,
      line: this.#line,
      terminator,
      flags: this.#cut ? mergeFlags(flags, TOO_LONG) : flags,
    });
    this.#offset += bytes.length;
    if (terminator === '') return;
    this.#line += 1;
    this.#cut = false;
  }
}

/** Hands on whole 16-bit units, low byte first; an odd last byte of the stream goes along at the end. */
class UnitFramer implements Framer<Line> {
  readonly #lines = new LineFramer(utf16);
  readonly #swap: boolean;
  #odd: Buffer = Buffer.alloc(0);

  constructor(swap: boolean) {
    this.#swap = swap;
  }

  push(chunk: Buffer): Line[] {
    const bytes = Buffer.concat([this.#odd, chunk]);
    const end = bytes.length - (bytes.length % 2);
    this.#odd = bytes.subarray(end);
    const units = bytes.subarray(0, end);
    return this.#lines.push(this.#swap ? units.swap16() : units);
  }

  end(): Line[] {
    const last = this.#odd.length === 0 ? [] : this.#lines.push(this.#odd);
    return [...last, ...this.#lines.end()];
  }
}

/** Lines of a stream whose character set is known. */
export const lineFramer = (charset: Charset): Framer<Line> =>
  charset === 'utf-8' ? new LineFramer(utf8) : new UnitFramer(charset === 'utf-16be');
