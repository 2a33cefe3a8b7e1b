/** A queue that is cheap at both ends; entries are numbered upwards. */
export class Window<E extends { readonly number: number }> {
  #entries: E[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  get first(): E | undefined {
    return this.#entries[this.#head];
  }

  get last(): E | undefined {
    return this.#entries.at(-1);
  }

  push(entry: E): void {
    this.#entries.push(entry);
  }

  shift(): E | undefined {
    const entry = this.first;
    if (entry === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  /** Entries behind this number; the last one in any case. */
  since(number: number): readonly E[] {
    let start = this.#entries.length - 1;
    while (start > this.#head && (this.#entries[start - 1] as E).number > number) start -= 1;
    return this.#entries.slice(start);
  }
}
