/**
 * Case folding of the whole project: Unicode simple lower-casing, code point by code point, so that a value and a part
 * of it fold alike wherever the part stands. Two letters differ from `toLowerCase`: `Σ` is always `σ` (never the final
 * `ς`), `İ` is `i` (one code point, as in UnicodeData.txt). `ß`, `ſ` and `ς` stay themselves.
 */
export const fold = (text: string): string =>
  ASCII.test(text) ? text.toLowerCase() : text.replace(/Σ/g, 'σ').replace(/İ/g, 'i').toLowerCase();

const ASCII = /^[\0-\x7f]*$/;
