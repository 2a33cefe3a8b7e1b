declare global {
  /** ES2024, in Node since 20. */
  interface String {
    isWellFormed(): boolean;
    toWellFormed(): string;
  }
}

/** Without the given characters at its end: a pattern `[…]+$` would try again at each of them in the middle. */
export const withoutTail = (text: string, characters: string): string => {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] as string)) end -= 1;
  return text.slice(0, end);
};

/** Text as UTF-8 can carry it: half surrogate pairs become U+FFFD. What is stored, and what is asked for. */
export const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());

/** A word as a POSIX shell takes it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
