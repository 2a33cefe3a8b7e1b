/** Columns of events on their way into a segment, as DuckDB takes them: codes, numbers and plain text. */

const grown = <T extends Uint32Array | Float64Array>(old: T, made: T): T => {
  made.set(old);
  return made;
};

/** Where values go that fit a column; `clear` forgets those from a row on. */
export interface Buffer<T> {
  /** How many rows have a value; undefined when that is not known any more. */
  readonly filled: number | undefined;
  put(row: number, value: T): void;
  clear(from: number, to: number): void;
}

/** Text by number: 0 is absent, n is the nth different text. */
export class Codes implements Buffer<string> {
  filled: number | undefined = 0;
  codes = new Uint32Array(2048);
  readonly #numbers = new Map<string, number>();
  #last = '';
  #lastCode = 0;

  put(row: number, value: string): void {
    if (row >= this.codes.length)
      this.codes = grown(this.codes, new Uint32Array(Math.max(row + 1, this.codes.length * 2)));
    // a value often repeats that of the event before
    if (value !== this.#last || this.#lastCode === 0) {
      let code = this.#numbers.get(value);
      if (code === undefined) {
        code = this.#numbers.size + 1;
        this.#numbers.set(value, code);
      }
      this.#last = value;
      this.#lastCode = code;
    }
    this.codes[row] = this.#lastCode;
    if (this.filled !== undefined) this.filled += 1;
  }

  clear(from: number, to: number): void {
    this.codes.fill(0, from, to);
    this.filled = undefined;
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** The different texts, by number; the one of 0 is none of them. */
  texts(): string[] {
    let none = '';
    while (this.#numbers.has(none)) none += '\0';
    return [none, ...this.#numbers.keys()];
  }
}

/** Numbers; NaN is absent. */
export class Numbers implements Buffer<number> {
  filled: number | undefined = 0;
  numbers = new Float64Array(2048).fill(Number.NaN);

  put(row: number, value: number): void {
    const { length } = this.numbers;
    if (row >= length) {
      this.numbers = grown(this.numbers, new Float64Array(Math.max(row + 1, length * 2)));
      this.numbers.fill(Number.NaN, length);
    }
    this.numbers[row] = value;
    if (this.filled !== undefined) this.filled += 1;
  }

  clear(from: number, to: number): void {
    this.numbers.fill(Number.NaN, from, to);
    this.filled = undefined;
  }
}

/** Texts that hardly repeat, such as the raw record. */
export class Plain implements Buffer<string> {
  filled: number | undefined = 0;
  readonly texts: (string | undefined)[] = [];

  put(row: number, value: string): void {
    while (this.texts.length < row) this.texts.push(undefined);
    this.texts[row] = value;
    if (this.filled !== undefined) this.filled += 1;
  }

  clear(from: number): void {
    if (this.texts.length > from) this.texts.length = from;
    this.filled = undefined;
  }
}
