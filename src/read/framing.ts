/**
 * How bytes become records. `line`: one a line. `csv`: a quoted field may hold line breaks. `json`: one value a line,
 * or values spread over lines, or one array of values. `mail`: the messages of an mbox, or the stream is one message.
 * `evtx`: the binary event log of Windows, told by its bytes; each event's text is its XML. `utmp`: login records
 * of Linux (wtmp, btmp, utmp), told alike; each one's text is the line that `utmpdump` prints. `startsWith`: a line that
 * matches begins a record, others continue it; `quoting`: its records hold what clients sent, so that a line within one that
 * looks like another product's is the client's word; `endsBehind`: a record ends behind this text too, within a line.
 */
export type Framing =
  | 'line'
  | 'csv'
  | 'json'
  | 'mail'
  | 'evtx'
  | 'utmp'
  | { readonly startsWith: RegExp; readonly quoting?: true; readonly endsBehind?: string };

/** `journal`: the binary log of systemd, told by its bytes and read at random; each entry's text is its JSON. */
export type StreamFraming = Framing | 'journal';

/** A doubt about how a record came about. */
export type RecordFlag =
  /** Not valid UTF-8: read as Windows-1252. */
  | 'charset-fallback'
  /** Longer than a record may be: cut here, the rest follows as further records. */
  | 'too-long'
  /** Bytes that are no text in the stream's UTF-16, replaced by U+FFFD. */
  | 'undecodable'
  /** A sum that the bytes around the record state is not theirs. */
  | 'checksum'
  /** Stands behind the end that its chunk states: the log was not closed. */
  | 'behind-end'
  /** Fields of it cannot be read, or are too long: they are missing, or null stands for them. */
  | 'incomplete'
  /** The file's index does not lead to it: the log was not closed, or the index was changed. */
  | 'not-indexed';

export const NO_FLAGS: readonly RecordFlag[] = [];

/** A piece of a stream: the ranges of all its records, in order, tile it. */
export interface FramedRecord {
  /**
   * Decoded, without the terminator. May share memory with the text of the whole chunk it came from: what outlives the
   * batch should be copied.
   */
  readonly text: string;
  /** Bytes from the start of the stream. */
  readonly offset: number;
  /** Bytes, terminator included. */
  readonly length: number;
  /** 1-based line on which the record's text begins; 0 in binary formats, which have none. */
  readonly line: number;
  /** The number that a binary format gives the record. */
  readonly number?: number;
  /** The bytes are damaged and hold no record: why. The text is what can still be read in them. */
  readonly damage?: string;
  readonly flags: readonly RecordFlag[];
}

export interface Line extends FramedRecord {
  /** Empty at the end of the stream, or where a long line was cut. */
  readonly terminator: '' | '\n' | '\r\n';
}

/** Bytes become records, chunk by chunk: `push` gives the records that are complete, `end` the rest. */
export interface Framer<T extends FramedRecord = FramedRecord> {
  push(chunk: Buffer): T[];
  end(): T[];
}

/** Lines become records, batch by batch. */
export interface Grouper {
  push(lines: readonly Line[]): FramedRecord[];
  end(): FramedRecord[];
}

/** Longest line or JSON value, in bytes; a longer one is cut. Even, so that UTF-16 is not cut in a character. */
export const RECORD_MAX = 16 * 1024 * 1024;

export const mergeFlags = (a: readonly RecordFlag[], b: readonly RecordFlag[]): readonly RecordFlag[] => {
  if (b.length === 0 || a === b) return a;
  return a.length === 0 ? b : [...new Set([...a, ...b])];
};
