/** What regular expressions have to find as it stands: enough to tell most values that they cannot match from. */

/** Escapes that are one character of many, or none. `\d`, `\b`, `\n` */
const CLASSES = /[dDwWsSbBAzntrfv]/;

/** The index behind a bracketed class that begins at `at`; undefined when that is not plain to see. */
const behindClass = (source: string, at: number): number | undefined => {
  let i = at + 1;
  if (source[i] === '^') i += 1;
  if (source[i] === ']') i += 1;
  for (; i < source.length; i += 1) {
    if (source.startsWith('[:', i)) return undefined;
    if (source[i] === '\\') i += 1;
    else if (source[i] === ']') return i + 1;
  }
  return undefined;
};

/** The index behind a group that begins at `at`. */
const behindGroup = (source: string, at: number): number | undefined => {
  let depth = 0;
  for (let i = at; i < source.length; ) {
    const sign = source[i];
    if (sign === '\\') i += 2;
    else if (sign === '[') {
      const end = behindClass(source, i);
      if (end === undefined) return undefined;
      i = end;
    } else {
      if (sign === '(') depth += 1;
      if (sign === ')') depth -= 1;
      i += 1;
      if (depth === 0) return i;
    }
  }
  return undefined;
};

/** The index behind a quantifier at `at`, and whether what it is about may be missing; undefined without one. */
const quantifier = (source: string, at: number): { readonly end: number; readonly optional: boolean } | undefined => {
  const found = /^(?:[*?+]|\{(\d+)(?:,\d*)?\})[?+]?/.exec(source.slice(at, at + 16));
  if (found === null) return undefined;
  const optional = found[1] === undefined ? !found[0].startsWith('+') : Number(found[1]) === 0;
  return { end: at + found[0].length, optional };
};

/**
 * Texts that every match of an RE2 expression contains, up to case; none where that is not plain to see (alternatives,
 * groups, numeric escapes). Letters that fold to others than their own two cases end a text.
 */
export const requiredTexts = (source: string): readonly string[] => {
  const texts: string[] = [];
  let text = '';
  const end = (): void => {
    if (text !== '') texts.push(text);
    text = '';
  };
  for (let at = 0; at < source.length; ) {
    const sign = source[at] as string;
    let [next, literal]: [number | undefined, string | undefined] = [at + 1, sign];
    if (sign === '|') return [];
    if (sign === '(') [next, literal] = [behindGroup(source, at), undefined];
    else if (sign === '[') [next, literal] = [behindClass(source, at), undefined];
    else if (sign === '.' || sign === '^' || sign === '$') literal = undefined;
    else if (sign === '\\') {
      const escaped = source[at + 1] ?? '';
      if (CLASSES.test(escaped)) literal = undefined;
      else if (/^[\x21-\x7e]$/.test(escaped) && !/\w/.test(escaped)) literal = escaped;
      else return [];
      next = at + 2;
    }
    if (next === undefined) return [];
    const repeated = quantifier(source, next);
    // with (?i), K and S also stand for the Kelvin sign and the long s
    if (literal !== undefined && /[\x20-\x7e]/.test(literal) && !/[kKsS]/.test(literal) && !repeated?.optional)
      text += literal;
    else end();
    if (repeated !== undefined) end();
    at = repeated?.end ?? next;
  }
  end();
  return texts;
};
