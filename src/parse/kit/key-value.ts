/**
 * `key=value key="quoted \"value\"" key=` as firewalls write it, into a map. A value without quotes ends at a blank; a
 * quoted one at its closing quote, a backslash escapes. An unclosed quote takes the rest (the line was cut). A repeated key
 * keeps the first value and numbers the others `key#2`, `key#3`. Words without `=` are passed over. Linear time.
 * With `separator` a comma ends a value too: `key=value,key="quoted, value"`.
 */
export const readKeyValues = (text: string, index = 0, separator: ' ' | ',' = ' '): Map<string, string> => {
  const stop = separator.charCodeAt(0);
  const repeats = new Map<string, number>();
  const out = new Map<string, string>();
  const end = text.length;
  let i = index;
  while (i < end) {
    while (i < end && isStop(text.charCodeAt(i), stop)) i += 1;
    const keyStart = i;
    while (i < end && text.charCodeAt(i) !== EQUALS && !isStop(text.charCodeAt(i), stop)) i += 1;
    if (text.charCodeAt(i) !== EQUALS) continue;
    const key = text.slice(keyStart, i);
    i += 1;
    let value: string;
    if (text.charCodeAt(i) === QUOTE) {
      const start = i + 1;
      let close = text.indexOf('"', start);
      let escaped = false;
      while (close > 0 && isEscaped(text, close, start)) {
        escaped = true;
        close = text.indexOf('"', close + 1);
      }
      if (close < 0) close = end;
      value = text.slice(start, close);
      if (escaped) value = value.replaceAll('\\"', '"');
      i = close + 1;
    } else {
      const start = i;
      while (i < end && !isStop(text.charCodeAt(i), stop)) i += 1;
      value = text.slice(start, i);
    }
    if (key === '') continue;
    if (!out.has(key)) out.set(key, value);
    else {
      const n = (repeats.get(key) ?? 1) + 1;
      repeats.set(key, n);
      if (n <= REPEATS) out.set(`${key}#${n}`, value);
    }
  }
  return out;
};

/** Values of one key that are kept. */
const REPEATS = 100;
const EQUALS = 61;
const QUOTE = 34;
const isStop = (c: number, stop: number): boolean => c === 32 || c === 9 || c === stop;

/** Whether an odd number of backslashes stands before `index`. */
const isEscaped = (text: string, index: number, from: number): boolean => {
  let n = 0;
  for (let i = index - 1; i >= from && text.charCodeAt(i) === 92; i -= 1) n += 1;
  return n % 2 === 1;
};

/** The longest name that a search for the first one looks for. */
const NAME_MAX = 64;

/** Where the first `name=` begins, its name as `name` has it at the end of the text before; -1 when there is none. */
export const firstKey = (text: string, name: RegExp): number => {
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    // a run of thousands would cost the length of a name each
    if (text.charCodeAt(at - 1) === EQUALS) continue;
    const found = name.exec(text.slice(Math.max(0, at - NAME_MAX), at));
    if (found !== null) return at - found[0].length;
  }
  return -1;
};
