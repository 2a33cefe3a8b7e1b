import type { StoredEvent } from '../ecs/event.ts';
import { type Choice, choose, claimerOf, foreignTo } from '../parse/detect.ts';
import type { ClockSettings } from '../parse/kit/clock.ts';
import type { Parser, RawRecord } from '../parse/parser.ts';
import { recordOf, type UnwrappedRecord } from '../parse/record.ts';
import { type Accounting, openRun } from '../parse/run.ts';
import { framingOf, openPeeler } from '../parse/wrapper/peel.ts';
import { type Charset, detectCharset } from '../read/charset.ts';
import { isEvtx } from '../read/evtx/framer.ts';
import type { FramedRecord, Framing, StreamFraming } from '../read/framing.ts';
import { firstEntries, journalHeadBytes } from '../read/journal/frame.ts';
import { isJournal } from '../read/journal/layout.ts';
import { lineFramer } from '../read/lines.ts';
import { peek } from '../read/peek.ts';
import { frame, framer } from '../read/records.ts';
import { isUtmp } from '../read/utmp.ts';

/** How much of a stream the choice of a parser sees. */
const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_RECORDS = 200;

type Binary = Extract<StreamFraming, 'evtx' | 'journal' | 'utmp'>;

/** A stream whose head was looked at. */
export interface Prepared {
  readonly charset: Charset;
  readonly choice: Choice;
  /** The binary format of the stream, told by its bytes. */
  readonly binary: Binary | undefined;
  /** How the stream is cut: as its bytes or its wrapper need it, else as its parser does. */
  readonly framing: StreamFraming;
  /** Wrappers that most of the head's records were taken out of, outermost first. */
  readonly wrappers: readonly string[];
  /** Whether its lines leave out the year, as far as the head shows. */
  readonly yearless: boolean;
  readonly chunks: AsyncIterable<Buffer>;
}

/** JSON begins with an object, or with a list of them, perhaps behind RFC 7464's separator; `[Tue Nov 02 …] [error]` is a line of Apache's. */
const JSON_BEGINS = /^[\s\x1e]*(?:\{|\[\s*(?:[{[\]]|$))/;

/** How the head shows that the stream is cut, whatever its product. */
const outerFraming = (head: Buffer, charset: Charset): Framing => {
  const lines = lineFramer(charset);
  const first = [...lines.push(head), ...lines.end()].find(({ text }) => text.trim() !== '')?.text ?? '';
  return JSON_BEGINS.test(first.slice(0, 64)) ? 'json' : (framingOf(first) ?? 'line');
};

/** Formats that are told by their bytes, whatever parser reads them. */
const binaryOf = (head: Buffer): Binary | undefined => {
  if (isEvtx(head)) return 'evtx';
  if (isJournal(head)) return 'journal';
  return isUtmp(head) ? 'utmp' : undefined;
};
const BINARY_CHARSET: Readonly<Record<Binary, Charset>> = { evtx: 'utf-16le', journal: 'utf-8', utmp: 'utf-8' };

interface Head {
  readonly records: readonly UnwrappedRecord[];
  readonly wrappers: readonly string[];
}

const framedHead = async (head: Buffer, charset: Charset, framing: StreamFraming): Promise<readonly FramedRecord[]> => {
  if (framing === 'journal') return firstEntries(head, SAMPLE_RECORDS);
  const framed = framer(framing, charset);
  const complete = framed.push(head);
  // the last record is cut unless the stream is this short; a binary one's first chunk reaches beyond the head
  const whole = head.length < SAMPLE_BYTES || complete.length === 0 || framing === 'evtx' || framing === 'utmp';
  return whole ? [...complete, ...framed.end()] : complete;
};

const sampleOf = (head: readonly FramedRecord[]): Head => {
  const peel = openPeeler();
  const records: UnwrappedRecord[] = [];
  const wrapped: string[][] = [];
  for (const record of head.slice(0, SAMPLE_RECORDS)) {
    if (record.damage !== undefined) continue;
    const unwrapped = peel(record.text);
    if (unwrapped === 'header') continue;
    const { text, layers } = unwrapped;
    if (layers.length > 0) wrapped.push(layers.map(({ wrapper }) => wrapper.id));
    records.push(recordOf({ ...record, text }, layers));
  }
  return { records, wrappers: wrapped.length * 2 > records.length ? (wrapped[0] as string[]) : [] };
};

const isYearless = (records: readonly RawRecord[], { parser, split }: Choice): boolean => {
  if (parser === undefined) return false;
  if (parser.states.year === 'unstated') return true;
  const parsers = [parser, ...split.map((part) => part.parser)];
  if (parsers.every(({ states }) => states.year === 'stated')) return false;
  const others = parsers.slice(1);
  return records.some((record) => {
    const { civil } = record.envelope;
    if (civil === undefined || civil.year !== undefined) return false;
    return (others.length === 0 ? parser : claimerOf(record, parser, others))?.states.year !== 'stated';
  });
};

/** Chooses character set and parser by the stream's head; `forced` is the operator's choice. */
export const prepare = async (
  source: AsyncIterable<Buffer>,
  parsers: readonly Parser[],
  forced: Parser | undefined,
): Promise<Prepared> => {
  const first = await peek(source, SAMPLE_BYTES);
  const binary = binaryOf(first.head);
  const { head, chunks } = binary === 'journal' ? await peek(first.chunks, journalHeadBytes(first.head)) : first;
  const charset = binary === undefined ? detectCharset(head) : BINARY_CHARSET[binary];
  const outer = binary ?? outerFraming(head, charset);
  const { records, wrappers } = sampleOf(await framedHead(head, charset, outer));
  const choice = choose(records, parsers);
  const chosen = forced === undefined ? choice : { ...choice, parser: forced, doubt: 'none' as const };
  const framing =
    binary !== undefined || wrappers.length > 0 || typeof outer === 'object'
      ? outer
      : (chosen.parser?.framing ?? 'line');
  return { charset, binary, choice: chosen, framing, wrappers, yearless: isYearless(records, chosen), chunks };
};

export interface ReadResult {
  readonly accounting: Accounting;
  /** The inferred years overran: read again with `clock.yearsBack` this much. */
  readonly yearsOver: number;
}

export interface ReadSettings {
  readonly stream: string;
  readonly path: string;
  readonly parsers: readonly Parser[];
  readonly clock: ClockSettings;
  readonly emit: (event: StoredEvent) => void;
  /** Where a stream that is read at random is put aside. */
  readonly spoolDirectory?: string;
  /** After each batch of records; waits for what `emit` handed on. */
  readonly flush?: () => void | Promise<void>;
}

/** Reads a prepared stream to its end. */
export const readStream = async (prepared: Prepared, settings: ReadSettings): Promise<ReadResult> => {
  const run = openRun({
    stream: settings.stream,
    path: settings.path,
    parser: prepared.choice.parser,
    others: settings.parsers,
    clock: settings.clock,
    emit: settings.emit,
  });
  const isForeign = foreignTo(prepared.choice.parser, settings.parsers);
  const { spoolDirectory } = settings;
  for await (const batch of frame(prepared.chunks, prepared.framing, prepared.charset, { isForeign, spoolDirectory })) {
    for (const record of batch) run.push(record);
    await settings.flush?.();
  }
  return { accounting: run.end(), yearsOver: run.yearsOver };
};
