import type { PatternPart } from '../../query/ast.ts';

/**
 * Text fields are cut into words by Unicode's rules (UAX #29). Of those, this is all that is relied on: ASCII letters and
 * digits side by side are in one word, and these characters always part words.
 */
const PARTING = /[ \t\n\v\f\r"\\/=&?<>()[\]{}|!@#$%^*+~`-]/;

/** The standard tokenizer cuts longer words. */
const MOST_LETTERS = 255;

const PARTS = Uint8Array.from({ length: 128 }, (_, code) => (PARTING.test(String.fromCharCode(code)) ? 1 : 0));
/** In Hebrew a quotation mark may be part of a word. */
const HEBREW_QUOTES = /[\u05d0-\u05ea\ufb1d-\ufb4f][\u0300-\u05cf]*"/;

/** Whether a word may be longer than the tokenizer takes, so that it cannot be found by its letters. */
export const hasLongToken = (text: string): boolean => {
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    length = code < 128 && PARTS[code] === 1 ? 0 : length + 1;
    if (length > MOST_LETTERS) return true;
  }
  return HEBREW_QUOTES.test(text);
};

/** A word that every text of a pattern holds, or a part of one. */
export interface Piece {
  readonly text: string;
  /** Whether the word begins, and ends, with it. */
  readonly begins: boolean;
  readonly ends: boolean;
}

const RUN = /[A-Za-z0-9]+/g;

/** What the words of all texts of this form have in common. `*from 198.51.*` → `from` whole, … */
export const piecesOf = (pattern: readonly PatternPart[]): Piece[] =>
  joined(pattern).flatMap(({ text, first, last }) =>
    [...text.matchAll(RUN)].map((match): Piece => {
      const [before, after] = [text[match.index - 1], text[match.index + match[0].length]];
      return {
        text: match[0].toLowerCase(),
        begins: before === undefined ? first : PARTING.test(before),
        ends: after === undefined ? last : PARTING.test(after),
      };
    }),
  );

/** Literal texts of a pattern, and whether the value begins and ends with them. */
const joined = (pattern: readonly PatternPart[]): { text: string; first: boolean; last: boolean }[] => {
  const texts: { text: string; first: boolean; last: boolean }[] = [];
  let open = false;
  for (const [i, part] of pattern.entries()) {
    if (typeof part !== 'string') {
      open = false;
      continue;
    }
    const last = texts.at(-1);
    if (open && last !== undefined) last.text += part;
    else texts.push({ text: part, first: i === 0, last: false });
    open = true;
  }
  const final = texts.at(-1);
  if (final !== undefined && open) final.last = true;
  return texts;
};
