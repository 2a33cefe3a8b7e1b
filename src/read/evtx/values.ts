import { decodeWindows1252 } from '../charset.ts';

/** Types of values in binary XML (MS-EVEN6 §2.2.12; libevtx, "Value types"). */
export const TYPE = { null: 0x00, string: 0x01, binaryXml: 0x21, array: 0x80 } as const;

/** A value of a template instance: where its bytes lie in the chunk. */
export interface EvtxValue {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** Bytes of one item, by type; strings have no fixed size. */
const SIZES: Readonly<Record<number, number>> = {
  3: 1, 4: 1, 5: 2, 6: 2, 7: 4, 8: 4, 9: 8, 10: 8, 11: 4, 12: 8, 13: 4, 15: 16, 17: 8, 18: 16, 20: 4, 21: 8,
}; // biome-ignore format: a table

const hex = (bytes: Buffer, from: number, to: number): string => bytes.toString('hex', from, to);

/** The first four groups of a GUID's digits are numbers in little-endian order. */
const guid = (bytes: Buffer, at: number): string => {
  const turned = Buffer.from(bytes.subarray(at, at + 8));
  turned.subarray(0, 4).reverse();
  turned.subarray(4, 6).reverse();
  turned.subarray(6, 8).reverse();
  const head = turned.toString('hex');
  return `{${head.slice(0, 8)}-${head.slice(8, 12)}-${head.slice(12)}-${hex(bytes, at + 8, at + 10)}-${hex(bytes, at + 10, at + 16)}}`;
};

/** From 1601 to the Unix epoch. */
const EPOCH_SECONDS = 11_644_473_600;
/** 2^32 units of 100 ns are 429 s and so many units. */
const [WRAP_SECONDS, WRAP_UNITS] = [429, 4_967_296];
/** High words up to the year 9999: the sums below stay exact. */
const HIGH_MAX = 620_000_000;

/** FILETIME as `2021-11-02T07:15:30.1234567Z`; what is no date of this calendar as a number. */
const fileTime = (bytes: Buffer, at: number): string => {
  const high = bytes.readUInt32LE(at + 4);
  if (high > HIGH_MAX) return `0x${bytes.readBigUInt64LE(at).toString(16)}`;
  const units = high * WRAP_UNITS + bytes.readUInt32LE(at);
  const seconds = high * WRAP_SECONDS + Math.floor(units / 1e7) - EPOCH_SECONDS;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${(units % 1e7).toString().padStart(7, '0')}Z`;
};

/** SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond. */
const systemTime = (bytes: Buffer, at: number): string => {
  const part = (n: number, width: number): string =>
    bytes
      .readUInt16LE(at + 2 * n)
      .toString()
      .padStart(width, '0');
  return `${part(0, 4)}-${part(1, 2)}-${part(3, 2)}T${part(4, 2)}:${part(5, 2)}:${part(6, 2)}.${part(7, 3)}Z`;
};

/** `S-1-5-21-…`: revision, count of parts, authority (48 bits, big-endian), parts (32 bits each). */
const sid = (bytes: Buffer, at: number, size: number): string => {
  if (size < 8) return hex(bytes, at, at + size);
  const count = Math.min(bytes[at + 1] as number, (size - 8) >> 2);
  let text = `S-${bytes[at]}-${bytes.readUIntBE(at + 2, 6)}`;
  for (let n = 0; n < count; n += 1) text += `-${bytes.readUInt32LE(at + 8 + 4 * n)}`;
  return text;
};

/** Other numbers are not allowed, and there. */
const BOOLEANS = ['false', 'true'];

const real = (value: number): string =>
  Number.isFinite(value) ? String(value) : value > 0 ? '1.#INF' : value < 0 ? '-1.#INF' : '-1.#IND';

const utf16 = (bytes: Buffer, at: number, size: number): string =>
  bytes.toString('utf16le', at, at + size - (size % 2));

/** One item; `at` and `size` were checked against the chunk. */
const item = (bytes: Buffer, type: number, at: number, size: number): string => {
  const fixed = SIZES[type];
  if (fixed !== undefined && size < fixed) return hex(bytes, at, at + size);
  switch (type) {
    case TYPE.null:
      return '';
    case TYPE.string:
      return utf16(bytes, at, size).replace(/\0+$/, '');
    case 0x02:
      return decodeWindows1252(bytes.subarray(at, at + size)).replace(/\0+$/, '');
    case 0x03:
      return String(bytes.readInt8(at));
    case 0x04:
      return String(bytes.readUInt8(at));
    case 0x05:
      return String(bytes.readInt16LE(at));
    case 0x06:
      return String(bytes.readUInt16LE(at));
    case 0x07:
      return String(bytes.readInt32LE(at));
    case 0x08:
      return String(bytes.readUInt32LE(at));
    case 0x09:
      return String(bytes.readBigInt64LE(at));
    case 0x0a:
      return String(bytes.readBigUInt64LE(at));
    case 0x0b:
      return real(bytes.readFloatLE(at));
    case 0x0c:
      return real(bytes.readDoubleLE(at));
    case 0x0d:
      return BOOLEANS[bytes.readUInt32LE(at)] ?? String(bytes.readUInt32LE(at));
    case 0x0f:
      return guid(bytes, at);
    case 0x10: // a pointer's width tells the system's
      return size === 8
        ? `0x${bytes.readBigUInt64LE(at).toString(16)}`
        : size === 4
          ? `0x${bytes.readUInt32LE(at).toString(16)}`
          : hex(bytes, at, at + size);
    case 0x11:
      return fileTime(bytes, at);
    case 0x12:
      return systemTime(bytes, at);
    case 0x13:
      return sid(bytes, at, size);
    case 0x14:
      return `0x${bytes.readUInt32LE(at).toString(16)}`;
    case 0x15:
      return `0x${bytes.readBigUInt64LE(at).toString(16)}`;
    default: // binary, and types nobody documents
      return hex(bytes, at, at + size).toUpperCase();
  }
};

/** Items of a value: one, or those of an array. Binary XML is not read here. */
export const itemsOf = (bytes: Buffer, { type, at, size }: EvtxValue): string[] => {
  if ((type & TYPE.array) === 0) return [item(bytes, type, at, size)];
  const inner = type & ~TYPE.array;
  if (inner === TYPE.string || inner === 0x02) {
    const text = inner === TYPE.string ? utf16(bytes, at, size) : decodeWindows1252(bytes.subarray(at, at + size));
    const items = text.split('\0');
    if (items.length > 1 && items[items.length - 1] === '') items.pop();
    return items;
  }
  const width = SIZES[inner];
  if (width === undefined) return [item(bytes, inner, at, size)];
  const items: string[] = [];
  for (let from = at; from + width <= at + size; from += width) items.push(item(bytes, inner, from, width));
  return items.length === 0 ? [''] : items;
};
