/**
 * Case folding of the whole project: Unicode simple lower-casing, code point by code point, so that a value and a part
 * of it fold alike wherever the part stands. Two letters differ from `toLowerCase`: `Σ` is always `σ` (never the final
 * `ς`), `İ` is `i` (one code point, as in UnicodeData.txt). `ß`, `ſ` and `ς` stay themselves. Letters that got their
 * lower case after Unicode 15 have none here, whatever the version of Node: DuckDB's `lower` is the same function.
 */
export const fold = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : text.replace(SETTLED, (run) => run.replace(/Σ/g, 'σ').replace(/İ/g, 'i').toLowerCase());

const ASCII = /^[\0-\x7f]*$/;

/** Runs of anything but capitals of Unicode 16 and 17 (Georgian, Latin Extended-D, Garay, Beria Erfe). */
const SETTLED =
  /[^\u{1c89}\u{a7cb}\u{a7cc}\u{a7ce}\u{a7d2}\u{a7d4}\u{a7da}\u{a7dc}\u{10d50}-\u{10d65}\u{16ea0}-\u{16eb8}]+/gu;
