/** Character sets that streams are told apart by; `utf-8` falls back to Windows-1252 record by record. */
export type Charset = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Bytes of the head of a stream that its character set is decided on. */
const CHARSET_HEAD = 4096;

/** Share of 16-bit units that must hold a NUL on one side only: digits, spaces and line ends do that in any script. */
const UTF16_SHARE = 0.2;

/** By byte order mark, else UTF-16 by where the NULs stand, else UTF-8. `start`: at least `CHARSET_HEAD` bytes or all. */
export const detectCharset = (start: Buffer): Charset => {
  const head = start.subarray(0, CHARSET_HEAD);
  if (head.length >= 2 && head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head.length >= 2 && head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const units = head.length >> 1;
  if (units < 2) return 'utf-8';
  let even = 0;
  let odd = 0;
  for (let i = 0; i < units * 2; i += 2) {
    if (head[i] === 0) even += 1;
    if (head[i + 1] === 0) odd += 1;
  }
  if (odd >= units * UTF16_SHARE && even * 10 <= odd) return 'utf-16le';
  if (even >= units * UTF16_SHARE && odd * 10 <= even) return 'utf-16be';
  return 'utf-8';
};

/** 0x80–0x9f in Windows-1252; the five bytes it leaves open stay control characters (WHATWG encoding, index-windows-1252). */
const HIGH_CONTROLS =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

export const decodeWindows1252 = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (c) => HIGH_CONTROLS[c.charCodeAt(0) - 0x80] as string);

/** The bytes that such text came from. */
export const encodeWindows1252 = (text: string): Buffer =>
  Buffer.from(
    text.replace(/[^\0-\xff]/g, (c) => String.fromCharCode(0x80 + HIGH_CONTROLS.indexOf(c))),
    'latin1',
  );

// a high surrogate without its low one, or a low one alone
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether UTF-16 text holds half characters, which no UTF-8 can carry. */
export const isIllFormed = (text: string): boolean => LONE_SURROGATE.test(text);

/** The same length in units: each half character becomes U+FFFD. */
export const wellFormed = (text: string): string => text.replace(new RegExp(LONE_SURROGATE, 'g'), '\ufffd');
