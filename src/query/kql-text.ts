import { EinfallstorError } from '../core/errors.ts';
import type { PatternPart } from './ast.ts';

/** A value as written: its text, its parts when `*` in it is wild, and where it stands. */
export interface Term {
  readonly text: string;
  readonly parts: readonly PatternPart[];
  readonly quoted: boolean;
  readonly start: number;
}

export const badFilter = (filter: string, at: number, what: string, hint: string): EinfallstorError => {
  const lineStart = filter.lastIndexOf('\n', at - 1) + 1;
  const line = filter.slice(lineStart).split('\n', 1)[0] ?? '';
  return new EinfallstorError(
    'BAD_FILTER',
    `${what} at character ${at + 1} of the filter\n  ${line}\n  ${' '.repeat(at - lineStart)}^`,
    hint,
  );
};

const SPECIAL = new Set(['(', ')', '{', '}', '<', '>', '"', ':']);
const SPACE = /\s/;
const NAMED: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };
/** What a backslash makes literal; before any other character it is itself. */
const ESCAPABLE = new Set([...SPECIAL, '\\', '*', '?', ' ']);

/** The text of a filter, read from left to right. */
export class FilterText {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(what: string, hint: string, at: number = this.at): EinfallstorError {
    return badFilter(this.text, at, what, hint);
  }

  skipSpace(): void {
    while (this.at < this.text.length && SPACE.test(this.text[this.at] as string)) this.at += 1;
  }

  /** The next character that is no space; '' at the end. */
  peek(): string {
    this.skipSpace();
    return this.text[this.at] ?? '';
  }

  take(symbol: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    return true;
  }

  /** `and`, `or`, `not`, in any case, as a word of its own. */
  peekKeyword(): 'and' | 'or' | 'not' | undefined {
    this.skipSpace();
    const word = /^(and|or|not)(?=[\s()"]|$)/i.exec(this.text.slice(this.at, this.at + 4))?.[1];
    return word?.toLowerCase() as 'and' | 'or' | 'not' | undefined;
  }

  takeKeyword(keyword: 'and' | 'or' | 'not'): boolean {
    if (this.peekKeyword() !== keyword) return false;
    this.at += keyword.length;
    return true;
  }

  /** A quoted text or a word; a word of a value may hold `:` (`2001:db8::1`, `23:14`), one of a name ends there. */
  term(colons: boolean): Term {
    this.skipSpace();
    return this.text[this.at] === '"' ? this.#quoted() : this.#word(colons);
  }

  #quoted(): Term {
    const start = this.at;
    let text = '';
    this.at += 1;
    while (this.text[this.at] !== '"') {
      if (this.at >= this.text.length)
        throw this.fail('a quotation that does not end', 'Close it with ", or write \\" for a quotation mark.', start);
      text += this.text[this.at] === '\\' ? this.#escaped() : this.#plain();
    }
    this.at += 1;
    return { text, parts: text === '' ? [] : [text], quoted: true, start };
  }

  #word(colons: boolean): Term {
    const start = this.at;
    const parts: PatternPart[] = [];
    let text = '';
    let literal = '';
    while (this.at < this.text.length && !this.#endsWord(colons)) {
      if (this.text[this.at] === '*') {
        if (literal !== '') parts.push(literal);
        parts.push({ wild: 'any' });
        literal = '';
        text += this.#plain();
        continue;
      }
      const piece = this.text[this.at] === '\\' ? this.#escaped() : this.#plain();
      literal += piece;
      text += piece;
    }
    if (literal !== '') parts.push(literal);
    return { text, parts, quoted: false, start };
  }

  #endsWord(colons: boolean): boolean {
    const c = this.text[this.at] as string;
    if (c === ':' && colons) {
      const next = this.text[this.at + 1] ?? ' ';
      return (SPACE.test(next) || next === '"' || next === ')') && this.text[this.at - 1] !== ':';
    }
    return SPACE.test(c) || SPECIAL.has(c);
  }

  #plain(): string {
    const c = this.text[this.at] as string;
    this.at += 1;
    return c;
  }

  #escaped(): string {
    const next = this.text[this.at + 1];
    const unicode = /^u([0-9a-fA-F]{4})/.exec(this.text.slice(this.at + 1, this.at + 6))?.[1];
    if (unicode !== undefined) {
      this.at += 6;
      return String.fromCharCode(Number.parseInt(unicode, 16));
    }
    if (next === undefined) return this.#plain();
    const keyword = /^(?:and|or|not)(?=\s|$|[()"])/i.exec(this.text.slice(this.at + 1, this.at + 5))?.[0];
    if (keyword !== undefined) {
      this.at += 1 + keyword.length;
      return keyword;
    }
    if (!ESCAPABLE.has(next) && NAMED[next] === undefined) return this.#plain();
    this.at += 2;
    return NAMED[next] ?? next;
  }
}
