/** 2^62 + 10: TAI label of the epoch as libtai's `taia_now` and multilog write it, leap seconds left out. */
const EPOCH = 4_611_686_018_427_387_914n;

// @400000004c91b044077a9e94: 16 hex digits of TAI seconds, 8 of nanoseconds (https://cr.yp.to/libtai/tai64.html)
const TAI64N = /^@([0-9a-f]{16})([0-9a-f]{8})? ?/;

/** A TAI64N stamp at the start of a line, as epoch µs, and where the text behind it begins. */
export const readTai64n = (text: string): { readonly micros: number; readonly end: number } | undefined => {
  const m = TAI64N.exec(text);
  if (m === null) return undefined;
  const seconds = Number(BigInt(`0x${m[1]}`) - EPOCH);
  const nanos = Number.parseInt(m[2] ?? '0', 16);
  // before 1980 or behind 2255 it is no time
  if (seconds < 315_532_800 || seconds > 9_000_000_000 || nanos >= 1e9) return undefined;
  return { micros: seconds * 1_000_000 + Math.floor(nanos / 1000), end: m[0].length };
};
