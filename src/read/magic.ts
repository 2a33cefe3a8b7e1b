export type Container = 'plain' | 'gzip' | 'zip' | 'tar' | 'bzip2' | 'xz' | 'zstd';

/** Bytes that a container is told by. */
export const MAGIC_HEAD = 512;

const MAGICS: readonly (readonly [Container, string])[] = [
  ['gzip', '1f8b08'], // RFC 1952 §2.3.1, method deflate
  ['zip', '504b0304'], // APPNOTE 4.3.7, local file header
  ['zip', '504b0506'], // APPNOTE 4.3.16, an archive without members
  ['xz', 'fd377a585a00'], // xz file format 2.1.1.1
  ['zstd', '28b52ffd'], // RFC 8878 §3.1.1
];

/** Archives that are not opened: to read them as text would make thousands of records of nothing. */
const CLOSED: readonly (readonly [string, string])[] = [
  ['7z', '377abcaf271c'],
  ['RAR', '526172211a07'],
  ['LZ4', '04224d18'],
  ['compress (.Z)', '1f9d'],
  ['lzip', '4c5a4950'],
  ['cabinet', '4d534346'],
  ['Windows event log of XP (EVT)', '300000004c664c65'],
  ['EnCase image', '455646090d0aff00'],
];

/** The name of an archive format that is known but not opened. */
export const closedFormat = (head: Buffer): string | undefined => {
  const hex = head.toString('hex', 0, 16);
  return CLOSED.find(([, magic]) => hex.startsWith(magic))?.[0];
};

/** A tar header carries the sum of its bytes, the sum's own field counted as blanks (POSIX pax, ustar). */
const isTar = (head: Buffer): boolean => {
  if (head.length < 512 || head[0] === 0) return false;
  // '0006743\0 ': octal digits, blanks or NULs around them
  const stated = /^[ \0]*([0-7]{1,7})[ \0]/.exec(head.toString('latin1', 148, 157))?.[1];
  if (stated === undefined) return false;
  let sum = 8 * 32;
  for (let i = 0; i < 512; i += 1) if (i < 148 || i >= 156) sum += head[i] as number;
  return sum === Number.parseInt(stated, 8);
};

/** Blocks of bzip2 begin with the digits of pi, an empty stream with those of its root. */
const isBzip2 = (hex: string): boolean => /^425a683[1-9](?:314159265359|177245385090)/.test(hex);

/** What a stream is by its first bytes; names tell nothing. */
export const containerOf = (head: Buffer): Container => {
  const hex = head.toString('hex', 0, 16);
  for (const [container, magic] of MAGICS) if (hex.startsWith(magic)) return container;
  if (isBzip2(hex)) return 'bzip2';
  return isTar(head) ? 'tar' : 'plain';
};

/** Last change in a gzip header, epoch µs; undefined when it states none (RFC 1952 §2.3.1: seconds, 0 is none). */
export const gzipModified = (head: Buffer): number | undefined => {
  const seconds = head.length >= 8 ? head.readUInt32LE(4) : 0;
  return seconds === 0 ? undefined : seconds * 1_000_000;
};
