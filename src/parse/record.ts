import type { FramedRecord } from '../read/framing.ts';
import { type Envelope, readEnvelope } from './kit/syslog.ts';
import type { RawRecord } from './parser.ts';

/** What a parser needs of a framed record. */
type Framed = Pick<FramedRecord, 'text' | 'offset' | 'length' | 'line'>;

class LazyRecord implements RawRecord {
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  #envelope: Envelope | undefined;

  constructor(framed: Framed) {
    this.text = framed.text;
    this.offset = framed.offset;
    this.length = framed.length;
    this.line = framed.line;
  }

  get envelope(): Envelope {
    this.#envelope ??= readEnvelope(this.text);
    return this.#envelope;
  }
}

/** A record whose syslog header is read when a parser first asks for it: many formats never do. */
export const recordOf = (framed: Framed): RawRecord => new LazyRecord(framed);
