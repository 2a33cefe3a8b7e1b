import type { FramedRecord } from '../read/framing.ts';
import { type Civil, civilOfInstant } from './kit/civil.ts';
import { type Envelope, latestYear, readEnvelope } from './kit/syslog.ts';
import type { RawRecord } from './parser.ts';
import type { Layer } from './wrapper/peel.ts';
import type { Hints } from './wrapper/wrapper.ts';

/** What a parser needs of a framed record. */
type Framed = Pick<FramedRecord, 'text' | 'offset' | 'length' | 'line'>;

/** What the record's wrappers knew and its own text did not say. */
export type Borrowed = Readonly<Partial<Record<'time' | 'year' | 'host', Layer>>>;

const NOTHING: Borrowed = {};

const civilOf = (time: Civil | number): Civil => (typeof time === 'number' ? civilOfInstant(time) : time);

/** The innermost layer that knows something: it stands nearest to the device. */
const knowing = (layers: readonly Layer[], hint: keyof Hints): Layer | undefined =>
  layers.findLast((layer) => layer[hint] !== undefined);

/** The text's own header, completed by what the wrappers know. */
const completed = (text: string, layers: readonly Layer[]): { envelope: Envelope; borrowed: Borrowed } => {
  const own = readEnvelope(text);
  const tagged = own.program === undefined ? knowing(layers, 'program') : undefined;
  // a tag that only the wrapper knows: what looks like a header is the program's own text
  const base: Envelope =
    tagged === undefined || own.host !== undefined
      ? own
      : { message: text, ...(tagged.priority === undefined ? {} : { priority: tagged.priority }) };
  const [timed, hosted] = [knowing(layers, 'time'), knowing(layers, 'host')];
  const civil = timed === undefined ? undefined : civilOf(timed.time as Civil | number);
  const yearless = base.civil !== undefined && base.civil.year === undefined ? base.civil : undefined;
  const year =
    yearless === undefined || civil?.year === undefined
      ? undefined
      : latestYear(yearless, { ...civil, year: civil.year });
  const priority = base.priority ?? knowing(layers, 'priority')?.priority;
  const host = base.host ?? hosted?.host;
  const time = yearless !== undefined && year !== undefined ? { ...yearless, year } : (base.civil ?? civil);
  return {
    envelope: {
      ...base,
      ...(time && { civil: time }),
      ...(host === undefined ? {} : { host }),
      ...(priority === undefined ? {} : { priority }),
      ...(tagged === undefined ? {} : { program: tagged.program as string }),
      ...(tagged?.pid === undefined ? {} : { pid: tagged.pid }),
    },
    borrowed: {
      ...(base.civil === undefined && timed !== undefined ? { time: timed } : {}),
      ...(year !== undefined && timed !== undefined ? { year: timed } : {}),
      ...(base.host === undefined && hosted !== undefined ? { host: hosted } : {}),
    },
  };
};

/** Characters of a record that parsers read; a longer line is hostile or torn, its whole text stays in the event. */
const PARSED_MAX = 128 * 1024;
/** Where a record's JSON begins, perhaps behind a header: cut, it could not be read, and large documents are genuine. */
const JSON_BEGINS = /^[^{]{0,512}\{\s{0,100}"/;

const parsedPart = (text: string): string => {
  if (text.length <= PARSED_MAX) return text;
  return JSON_BEGINS.test(text) ? text : text.slice(0, PARSED_MAX);
};

class LazyRecord implements RawRecord {
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly #layers: readonly Layer[];
  #envelope: Envelope | undefined;
  #borrowed = NOTHING;

  constructor(framed: Framed, layers: readonly Layer[]) {
    this.text = parsedPart(framed.text);
    this.offset = framed.offset;
    this.length = framed.length;
    this.line = framed.line;
    this.#layers = layers;
  }

  get envelope(): Envelope {
    if (this.#envelope === undefined) {
      if (this.#layers.length === 0) this.#envelope = readEnvelope(this.text);
      else ({ envelope: this.#envelope, borrowed: this.#borrowed } = completed(this.text, this.#layers));
    }
    return this.#envelope;
  }

  /** See `Borrowed`; reads the header if nobody has. */
  get borrowed(): Borrowed {
    if (this.#layers.length > 0) void this.envelope;
    return this.#borrowed;
  }
}

/** A record as parsers see it, out of its wrappers. */
export type UnwrappedRecord = RawRecord & { readonly borrowed: Borrowed };

/**
 * A record whose syslog header is read when a parser first asks for it: many formats never do. `layers`: the wrappers that
 * were taken off its text.
 */
export const recordOf = (framed: Framed, layers: readonly Layer[] = []): UnwrappedRecord =>
  new LazyRecord(framed, layers);
