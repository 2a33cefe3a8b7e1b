import { type FramedRecord, type Grouper, type Line, mergeFlags, NO_FLAGS, type RecordFlag } from './framing.ts';

/** A quote open for longer is a stray one, not a field. */
const QUOTED_BYTES = 1 << 20;
const QUOTED_LINES = 1000;
/** Most that continuation lines may make of one record. */
const CONTINUED_BYTES = 1 << 20;
const CONTINUED_LINES = 10_000;
/** Characters of a line that a beginning is looked for in. */
const BEGINNING = 4096;

/** One record of several lines, with the terminators between them. */
export const joined = (lines: readonly Line[], flag?: RecordFlag): FramedRecord => {
  const first = lines[0] as Line;
  if (lines.length === 1 && flag === undefined) return first;
  const last = lines[lines.length - 1] as Line;
  return {
    text: lines.map((line) => (line === last ? line.text : line.text + line.terminator)).join(''),
    offset: first.offset,
    length: last.offset + last.length - first.offset,
    line: first.line,
    flags: lines.reduce<readonly RecordFlag[]>(
      (all, line) => mergeFlags(all, line.flags),
      flag === undefined ? NO_FLAGS : [flag],
    ),
  };
};

const isDelimiter = (c: string | undefined): boolean => c === ',' || c === ';' || c === '\t' || c === '|';

/** Whether a quoted field is open behind this line. A quote opens only where a field begins; a doubled one is text. */
const openBehind = (text: string, openBefore: boolean): boolean => {
  let open = openBefore;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    if (!open) open = at === 0 || isDelimiter(text[at - 1]);
    else if (text[at + 1] === '"') at += 1;
    else open = false;
  }
  return open;
};

/** CSV: lines belong together while a quoted field is open; a quote that never closes leaves its lines single. */
export class CsvGrouper implements Grouper {
  #held: Line[] = [];
  #bytes = 0;

  push(lines: readonly Line[]): FramedRecord[] {
    const out: FramedRecord[] = [];
    for (const line of lines) this.#add(line, out);
    return out;
  }

  end(): FramedRecord[] {
    const out: FramedRecord[] = [];
    while (this.#held.length > 0) this.#giveUp(out);
    return out;
  }

  #add(line: Line, out: FramedRecord[]): void {
    const open = openBehind(line.text, this.#held.length > 0);
    if (!open && this.#held.length === 0) {
      out.push(line);
      return;
    }
    this.#held.push(line);
    this.#bytes += line.length;
    if (!open) {
      out.push(joined(this.#held));
      this.#held = [];
      this.#bytes = 0;
    } else if (this.#bytes > QUOTED_BYTES || this.#held.length > QUOTED_LINES) this.#giveUp(out);
  }

  /** The first held line is a record; the others are looked at afresh. */
  #giveUp(out: FramedRecord[]): void {
    const [first, ...others] = this.#held;
    this.#held = [];
    this.#bytes = 0;
    if (first !== undefined) out.push(first);
    for (const line of others) this.#add(line, out);
  }
}

/** A line that matches begins a record; lines before the first such line stay single. */
export class StartGrouper implements Grouper {
  readonly #start: RegExp;
  readonly #isForeign: (text: string) => boolean;
  #held: Line[] = [];
  #bytes = 0;

  /** `isForeign`: a line of another source that was put into the stream; it begins a record too. */
  constructor(start: RegExp, isForeign: (text: string) => boolean = () => false) {
    this.#isForeign = isForeign;
    // without g and y: a match must not depend on the last one
    this.#start = new RegExp(start.source, start.flags.replace(/[gy]/g, ''));
  }

  push(lines: readonly Line[]): FramedRecord[] {
    const out: FramedRecord[] = [];
    for (const line of lines) {
      if (this.#begins(line.text)) {
        this.#release(out);
        this.#held = [line];
        this.#bytes = line.length;
      } else if (this.#held.length === 0) out.push(line);
      else this.#continue(line, out);
    }
    return out;
  }

  end(): FramedRecord[] {
    const out: FramedRecord[] = [];
    this.#release(out);
    return out;
  }

  #begins(text: string): boolean {
    return this.#start.test(text.length > BEGINNING ? text.slice(0, BEGINNING) : text) || this.#isForeign(text);
  }

  #continue(line: Line, out: FramedRecord[]): void {
    if (this.#bytes + line.length <= CONTINUED_BYTES && this.#held.length < CONTINUED_LINES) {
      this.#held.push(line);
      this.#bytes += line.length;
      return;
    }
    this.#release(out, 'too-long');
    out.push(line);
  }

  #release(out: FramedRecord[], flag?: RecordFlag): void {
    if (this.#held.length > 0) out.push(joined(this.#held, flag));
    this.#held = [];
    this.#bytes = 0;
  }
}
