import type { Charset } from './charset.ts';
import {
  type FramedRecord,
  type Grouper,
  type Line,
  mergeFlags,
  NO_FLAGS,
  RECORD_MAX,
  type RecordFlag,
} from './framing.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const COMMA = 44;
const COLON = 58;
/** Record separator of RFC 7464. */
const SEPARATOR = 0x1e;
/** Left where files were put together. */
const BOM = 0xfeff;

const isSpace = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === 10 || c === 0;
/** What stands between values: at the top level, or around the elements of the one array. */
const isBetween = (c: number): boolean =>
  isSpace(c) || c === COMMA || c === CLOSE_LIST || c === CLOSE_OBJECT || c === SEPARATOR || c === BOM;

/** `[` that holds the records rather than being one: an object, the end of the list or of the line follows. */
const holdsRecords = (text: string, at: number): boolean => {
  let next = at + 1;
  while (next < text.length && isSpace(text.charCodeAt(next))) next += 1;
  const c = text.charCodeAt(next);
  return next === text.length || c === OPEN_OBJECT || c === CLOSE_LIST;
};

/** Characters that may stand in front of the list in an object that holds records: Splunk names every field there. */
const WRAPPER = 16_384;
/** What stands in front of the list of records in answers of web services and searches. */
const HOLDERS: readonly RegExp[] = [
  // {"@odata.context":"https://…","value":[ as web services answer; {"Records":[ as cloud exports have it
  /^\{\s*(?:"@[^"]{1,80}"\s*:\s*"[^"]*"\s*,\s*){0,5}"(?:[Rr]ecords|value)"\s*:\s*$/,
  // {"kind":"admin#reports#activities","etag":"…","nextPageToken":"…","items":[ as Google's interfaces answer
  /^\{\s*(?:"(?:kind|etag|nextPageToken)"\s*:\s*"(?:[^"\\]|\\.){0,500}"\s*,\s*){1,5}"items"\s*:\s*$/,
  // {"stat":"OK","response":{"authlogs":[ · {"response":[ as Duo answers
  /^\{\s*(?:"stat"\s*:\s*"OK"\s*,\s*)?"response"\s*:\s*(?:\{\s*"(?:authlogs|items)"\s*:\s*)?$/,
  // {"took":3,"timed_out":false,"_shards":{…},"hits":{"total":{…},"max_score":null,"hits":[ of Elasticsearch
  /^\{\s*"took"\s*:[\s\S]{1,2000}?"hits"\s*:\s*\{[^[\]]{0,500}"hits"\s*:\s*$/,
  // {"preview":false,"init_offset":0,"messages":[],"fields":[…],"results":[ of Splunk
  /^\{\s*"preview"\s*:[\s\S]*"results"\s*:\s*$/,
  // {"events":[ of QRadar, {"data":[ of Datadog
  /^\{\s*"(?:events|data)"\s*:\s*$/,
  // {"query":"*",…,"messages":[ of Graylog
  /^\{\s*(?:"query"\s*:[\s\S]*)?"messages"\s*:\s*$/,
];

/**
 * JSON values, one a line or spread over lines, or the elements of one array, which an
 * object may wrap. A record's bytes go from the beginning of
 * its value to the beginning of the next one. What can be no JSON ends the value there, so that a damaged one costs one
 * record; text that is no value is a record up to the end of its line.
 */
export class JsonGrouper implements Grouper {
  readonly #charset: Charset;
  #out: FramedRecord[] = [];
  /** The record that is being read or whose end is not yet seen; its value's text so far. */
  #start = 0;
  #line = 1;
  #parts: string[] = [];
  #size = 0;
  #flags: readonly RecordFlag[] = NO_FLAGS;
  /** Whether there is a record, and what of its value is being read. */
  #seen = false;
  #state: 'between' | 'value' | 'string' | 'scalar' = 'between';
  /** Open brackets of the value: true is an object. */
  #nest: boolean[] = [];
  /** The last character of the value that is no space and in no string. */
  #before = 0;
  /** Behind the last line: where, and whether a terminator was there. */
  #end = 0;
  #midLine = false;
  /** Position in the current line's text that the byte position is known of. */
  #char = 0;
  #byte = 0;
  /** Where the open value's text begins in the current line. */
  #from = 0;

  constructor(charset: Charset) {
    this.#charset = charset;
  }

  push(lines: readonly Line[]): FramedRecord[] {
    this.#out = [];
    for (const line of lines) this.#read(line);
    return this.#out;
  }

  end(): FramedRecord[] {
    this.#out = [];
    if (this.#end > this.#start) this.#release(this.#end);
    return this.#out;
  }

  #read(line: Line): void {
    const text = line.text;
    const unit = this.#charset === 'utf-8' ? 1 : 2;
    this.#char = 0;
    // what the text does not show of the line is a byte order mark in front of it
    this.#byte = line.offset + Math.max(0, line.length - this.#width(line, text) - line.terminator.length * unit);
    this.#from = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#isBetween()) {
        at = this.#gap(text, at);
        if (at === text.length) break;
        this.#begin(line, at);
        this.#from = at;
        at += 1;
      } else {
        at = this.#value(text, at);
        if (this.#isBetween()) this.#take(text.slice(this.#from, at), line);
      }
    }
    if (!this.#isBetween()) this.#take(text.slice(this.#from), line);
    this.#finishLine(line);
  }

  #isBetween(): boolean {
    return this.#state === 'between';
  }

  /** The next beginning of a value, or the end of the line. */
  #gap(text: string, start: number): number {
    let at = start;
    while (at < text.length) {
      const c = text.charCodeAt(at);
      if (!isBetween(c) && !(c === OPEN_LIST && holdsRecords(text, at))) break;
      at += 1;
    }
    return at;
  }

  #begin(line: Line, at: number): void {
    const position = this.#position(line, at);
    if (this.#seen) this.#release(position);
    this.#seen = true;
    this.#line = line.line;
    const c = line.text.charCodeAt(at);
    this.#nest = [];
    this.#before = c;
    if (c === OPEN_OBJECT || c === OPEN_LIST) {
      this.#state = 'value';
      this.#nest.push(c === OPEN_OBJECT);
    } else this.#state = 'scalar';
  }

  /** Reads on in a value; returns where it stopped: behind the value (`between`) or at the end of the line. */
  #value(text: string, start: number): number {
    if (this.#state === 'scalar') return text.length;
    for (let at = start; at < text.length; at += 1) {
      const c = text.charCodeAt(at);
      if (this.#state === 'string') {
        if (c === BACKSLASH) at += 1;
        else if (c === QUOTE) this.#state = 'value';
        continue;
      }
      if (isSpace(c)) continue;
      if (c === QUOTE) this.#state = 'string';
      else if (c === OPEN_OBJECT || c === OPEN_LIST) {
        if (c === OPEN_OBJECT && !this.#mayOpen(at)) {
          this.#state = 'between';
          return at;
        }
        this.#nest.push(c === OPEN_OBJECT);
        if (c === OPEN_LIST && this.#isHolder(text, at)) {
          this.#unwrap(at + 1);
          return at + 1;
        }
      } else if (c === CLOSE_OBJECT || c === CLOSE_LIST) {
        this.#nest.pop();
        if (this.#nest.length === 0) {
          this.#state = 'between';
          return at + 1;
        }
      }
      this.#before = c;
    }
    return text.length;
  }

  /** Whether an object may begin here in JSON; at the very left behind a colon it does in no printer's output. */
  #mayOpen(at: number): boolean {
    const inObject = this.#nest[this.#nest.length - 1] === true;
    if (inObject) return this.#before === COLON && (at > 0 || this.#midLine);
    return this.#before === COMMA || this.#before === OPEN_LIST;
  }

  /** Whether the value so far is only the wrapper of the list that opens here. */
  #isHolder(text: string, at: number): boolean {
    // the list stands in the object, or, of Elasticsearch, in an object within
    if (this.#nest.length > 3 || this.#before !== COLON || at + this.#size > WRAPPER) return false;
    if (!holdsRecords(text, at)) return false;
    const front = this.#parts.join('') + text.slice(this.#from, at);
    return HOLDERS.some((holder) => holder.test(front));
  }

  /** The wrapper's bytes go to the record that begins in it. */
  #unwrap(from: number): void {
    this.#from = from;
    this.#parts = [];
    this.#size = 0;
    this.#seen = false;
    this.#state = 'between';
  }

  #take(text: string, line: Line): void {
    this.#parts.push(text);
    this.#size += text.length;
    if (line.flags.length > 0)
      this.#flags = mergeFlags(
        this.#flags,
        line.flags.filter((flag) => flag !== 'too-long'),
      );
  }

  #finishLine(line: Line): void {
    this.#end = line.offset + line.length;
    this.#midLine = line.terminator === '';
    if (this.#state === 'between') return;
    if (this.#size > RECORD_MAX) {
      // the rest of a long line goes on as text, a further record at the next piece
      this.#flags = mergeFlags(this.#flags, ['too-long']);
      this.#release(this.#end);
      this.#line = line.line;
      this.#seen = this.#midLine;
      this.#state = this.#midLine ? 'scalar' : 'between';
    } else if (this.#midLine) return;
    else if (this.#state === 'value') this.#parts.push(line.terminator);
    else this.#state = 'between'; // JSON has no raw line break in a string
  }

  #release(end: number): void {
    this.#out.push({
      text: this.#parts.join(''),
      offset: this.#start,
      length: end - this.#start,
      line: this.#line,
      flags: this.#flags,
    });
    this.#start = end;
    this.#parts = [];
    this.#size = 0;
    this.#flags = NO_FLAGS;
  }

  /** Byte position of a character of the current line; asked for in ascending order. */
  #position(line: Line, at: number): number {
    this.#byte += this.#width(line, line.text.slice(this.#char, at));
    this.#char = at;
    return this.#byte;
  }

  #width(line: Line, text: string): number {
    if (this.#charset !== 'utf-8') return text.length * 2;
    return line.flags.includes('charset-fallback') ? text.length : Buffer.byteLength(text);
  }
}
