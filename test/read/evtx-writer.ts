/**
 * Writes Windows event logs (EVTX) for tests, after MS-EVEN6 §2.2.12 and libevtx' description of the format. Shares nothing with
 * the reader: own sums, own encodings.
 */

export const CHUNK = 65_536;
const HEADER = 512;
const FILE_HEADER = 4096;

// ---------------------------------------------------------------------------------------------------- what is written

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, Content>>;
  readonly children: readonly (Element | Content)[];
}
/** Text, a place for a value, or a reference. */
export type Content =
  | string
  | { readonly sub: number; readonly optional?: boolean }
  | { readonly entity: string }
  | { readonly char: number }
  | { readonly cdata: string };

export interface Instance {
  readonly template: Element;
  readonly values: readonly Value[];
}
export type Value =
  | { readonly type: number; readonly bytes: Buffer }
  | { readonly type: 0x21; readonly xml: Instance | Element };

export interface Event extends Instance {
  readonly id: number;
  readonly time: Date;
}

export const el = (
  name: string,
  attributes: Element['attributes'] = {},
  ...children: Element['children']
): Element => ({
  name,
  attributes,
  children,
});
export const sub = (n: number): Content => ({ sub: n });
export const optional = (n: number): Content => ({ sub: n, optional: true });

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const little = (bytes: number, value: bigint): Buffer => {
  const out = Buffer.alloc(bytes);
  let rest = BigInt.asUintN(bytes * 8, value);
  for (let n = 0; n < bytes; n += 1) {
    out[n] = Number(rest & 255n);
    rest >>= 8n;
  }
  return out;
};
export const value = (type: number, bytes: Buffer): Value => ({ type, bytes });
export const nothing: Value = value(0x00, Buffer.alloc(0));
export const text = (string: string): Value => value(0x01, utf16(string));
export const texts = (...strings: string[]): Value => value(0x81, utf16(strings.map((s) => `${s}\0`).join('')));
export const integer = (type: number, bytes: number, number: bigint | number): Value =>
  value(type, little(bytes, BigInt(number)));
/** 100 ns since 1601. */
export const ticks = (time: Date, hundreds = 0): Buffer =>
  little(8, BigInt(time.getTime()) * 10_000n + 116_444_736_000_000_000n + BigInt(hundreds));
export const fileTime = (time: Date, hundreds = 0): Value => value(0x11, ticks(time, hundreds));
export const sid = (authority: number, ...parts: number[]): Value =>
  value(
    0x13,
    Buffer.concat([
      Buffer.from([1, parts.length, 0, 0, 0, 0, 0, authority]),
      ...parts.map((part) => little(4, BigInt(part))),
    ]),
  );
export const xml = (inner: Instance | Element): Value => ({ type: 0x21, xml: inner });

// ---------------------------------------------------------------------------------------------------- sums

const TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
export const crc = (...pieces: Buffer[]): number => {
  let c = 0xffffffff;
  for (const piece of pieces) for (const byte of piece) c = (TABLE[(c ^ byte) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};

// ---------------------------------------------------------------------------------------------------- binary XML

class ChunkWriter {
  readonly bytes = Buffer.alloc(CHUNK);
  at = HEADER;
  last = HEADER;
  readonly #names = new Map<string, number>();
  readonly #templates = new Map<Element, number>();

  u8(number: number): void {
    this.bytes[this.at] = number;
    this.at += 1;
  }
  u16(number: number): void {
    this.at = this.bytes.writeUInt16LE(number, this.at);
  }
  u32(number: number): void {
    this.at = this.bytes.writeUInt32LE(number >>> 0, this.at);
  }
  raw(piece: Buffer): void {
    if (this.at + piece.length > CHUNK) throw new Error('the test wants more than a chunk holds');
    piece.copy(this.bytes, this.at);
    this.at += piece.length;
  }
  /** Room for a size that is known later. */
  #sized(write: () => void): void {
    const at = this.at;
    this.u32(0);
    write();
    this.bytes.writeUInt32LE(this.at - at - 4, at);
  }
  #counted(string: string): void {
    this.u16(string.length);
    this.raw(utf16(string));
  }

  /** Where a name was written before, its offset; else here. */
  #name(name: string): void {
    const known = this.#names.get(name);
    this.u32(known ?? this.at + 4);
    if (known !== undefined) return;
    this.#names.set(name, this.at);
    let hash = 0;
    for (const c of name) hash = (Math.imul(hash, 65_599) + c.charCodeAt(0)) >>> 0;
    this.u32(0);
    this.u16(hash & 0xffff);
    this.#counted(name);
    this.u16(0);
  }

  #content(content: Content): void {
    if (typeof content === 'string') {
      this.u8(0x05);
      this.u8(0x01);
      this.#counted(content);
    } else if ('sub' in content) {
      this.u8(content.optional ? 0x0e : 0x0d);
      this.u16(content.sub);
      this.u8(0x01);
    } else if ('entity' in content) {
      this.u8(0x09);
      this.#name(content.entity);
    } else if ('char' in content) {
      this.u8(0x08);
      this.u16(content.char);
    } else {
      this.u8(0x07);
      this.#counted(content.cdata);
    }
  }

  /** `bare`: as a value, without dependency identifier. */
  element(element: Element, bare = false): void {
    const attributes = Object.entries(element.attributes);
    this.u8(attributes.length > 0 ? 0x41 : 0x01);
    if (!bare) this.u16(0xffff);
    this.#sized(() => {
      this.#name(element.name);
      if (attributes.length > 0)
        this.#sized(() => {
          attributes.forEach(([name, content], n) => {
            this.u8(n < attributes.length - 1 ? 0x46 : 0x06);
            this.#name(name);
            this.#content(content);
          });
        });
      if (element.children.length === 0) this.u8(0x03);
      else {
        this.u8(0x02);
        for (const child of element.children)
          if (typeof child === 'object' && 'children' in child) this.element(child, bare);
          else this.#content(child);
        this.u8(0x04);
      }
    });
  }

  fragment(write: () => void): void {
    for (const byte of [0x0f, 1, 1, 0]) this.u8(byte);
    write();
  }

  instance({ template, values }: Instance): void {
    this.u8(0x0c);
    this.u8(1);
    const known = this.#templates.get(template);
    this.u32(0x1234);
    this.u32(known ?? this.at + 4);
    if (known === undefined) {
      this.#templates.set(template, this.at);
      this.u32(0); // next definition
      this.raw(Buffer.alloc(16, 0xab)); // GUID
      this.#sized(() => {
        this.fragment(() => this.element(template));
        this.u8(0);
      });
    }
    this.u32(values.length);
    const table = this.at;
    for (const { type } of values) {
      this.u16(0);
      this.u8(type);
      this.u8(0);
    }
    values.forEach((one, n) => {
      const from = this.at;
      if ('bytes' in one) this.raw(one.bytes);
      else if ('template' in one.xml) {
        const inner = one.xml;
        this.fragment(() => this.instance(inner));
        this.u8(0);
      } else this.element(one.xml, true);
      this.bytes.writeUInt16LE(this.at - from, table + 4 * n);
    });
  }

  record(event: Event): void {
    const from = this.at;
    this.last = from;
    this.raw(Buffer.from('**\0\0', 'latin1'));
    this.u32(0);
    this.raw(little(8, BigInt(event.id)));
    this.raw(ticks(event.time));
    this.fragment(() => this.instance(event));
    this.u8(0);
    while (this.at % 8 !== 4) this.u8(0);
    const size = this.at + 4 - from;
    this.u32(size);
    this.bytes.writeUInt32LE(size, from + 4);
  }

  /** The header, written last: `free` is where it says that the records end. */
  close(events: readonly Event[], free = this.at): Buffer {
    const { bytes } = this;
    bytes.write('ElfChnk\0', 0, 'latin1');
    const ids = [events[0]?.id ?? 0, events[events.length - 1]?.id ?? 0];
    for (const [n, id] of [...ids, ...ids].entries()) bytes.writeBigUInt64LE(BigInt(id), 8 + 8 * n);
    bytes.writeUInt32LE(128, 40);
    bytes.writeUInt32LE(this.last, 44);
    bytes.writeUInt32LE(free, 48);
    bytes.writeUInt32LE(crc(bytes.subarray(HEADER, free)), 52);
    bytes.writeUInt32LE(crc(bytes.subarray(0, 120), bytes.subarray(128, HEADER)), 124);
    return bytes;
  }
}

/** A chunk of events; `counted` events stand before the end that it states (an unclosed log has more). */
export const writeChunk = (events: readonly Event[], counted = events.length): Buffer => {
  const writer = new ChunkWriter();
  let free = HEADER;
  events.forEach((event, n) => {
    writer.record(event);
    if (n < counted) free = writer.at;
  });
  return writer.close(events.slice(0, counted), free);
};

export const writeEvtx = (chunks: readonly Buffer[]): Buffer => {
  const header = Buffer.alloc(FILE_HEADER);
  header.write('ElfFile\0', 0, 'latin1');
  header.writeBigUInt64LE(BigInt(Math.max(0, chunks.length - 1)), 16);
  header.writeBigUInt64LE(77n, 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(FILE_HEADER, 40);
  header.writeUInt16LE(chunks.length, 42);
  header.writeUInt32LE(crc(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
};
