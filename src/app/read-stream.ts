import type { StoredEvent } from '../ecs/event.ts';
import { type Choice, choose } from '../parse/detect.ts';
import type { ClockSettings } from '../parse/kit/clock.ts';
import type { Parser, RawRecord } from '../parse/parser.ts';
import { recordOf } from '../parse/record.ts';
import { type Accounting, openRun } from '../parse/run.ts';
import { type Charset, detectCharset } from '../read/charset.ts';
import { isEvtx } from '../read/evtx/framer.ts';
import type { Framing } from '../read/framing.ts';
import { peek } from '../read/peek.ts';
import { frame, framer } from '../read/records.ts';

/** How much of a stream the choice of a parser sees. */
const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_RECORDS = 200;

/** A stream whose head was looked at. */
export interface Prepared {
  readonly charset: Charset;
  /** As the bytes demand, else as the parser wants it. */
  readonly framing: Framing;
  readonly choice: Choice;
  /** Whether its lines leave out the year, as far as the head shows. */
  readonly yearless: boolean;
  readonly chunks: AsyncIterable<Buffer>;
}

/** JSON begins with an object, or with a list of them; `[Tue Nov 02 …] [error]` is a line of Apache's. */
const beginsJson = (head: Buffer, charset: Charset): boolean => {
  const start = head.subarray(0, Math.min(64, head.length - (head.length % 2)));
  const units = charset === 'utf-16be' ? Buffer.from(start).swap16() : start;
  const text = charset === 'utf-8' ? head.toString('utf8', 0, 64) : units.toString('utf16le');
  return /^\s*(?:\{|\[\s*(?:[{[\]]|$))/.test(text);
};

const sampleOf = (head: Buffer, charset: Charset, binary: Framing | undefined): RawRecord[] => {
  const records = framer(binary ?? (beginsJson(head, charset) ? 'json' : 'line'), charset);
  const complete = records.push(head);
  // the last record is cut unless the stream is this short; a binary one's first chunk reaches beyond the head
  const all =
    head.length < SAMPLE_BYTES || complete.length === 0 || binary !== undefined
      ? [...complete, ...records.end()]
      : complete;
  return all.slice(0, SAMPLE_RECORDS).map(recordOf);
};

const isYearless = (records: readonly RawRecord[], parser: Parser | undefined): boolean => {
  if (parser === undefined || parser.states.year === 'stated') return false;
  const times = records.map((record) => record.envelope.civil).filter((civil) => civil !== undefined);
  return times.some((civil) => civil.year === undefined) || parser.states.year === 'unstated';
};

/** Chooses character set and parser by the stream's head; `forced` is the operator's choice. */
export const prepare = async (
  source: AsyncIterable<Buffer>,
  parsers: readonly Parser[],
  forced: Parser | undefined,
): Promise<Prepared> => {
  const { head, chunks } = await peek(source, SAMPLE_BYTES);
  const binary: Framing | undefined = isEvtx(head) ? 'evtx' : undefined;
  const charset = binary === undefined ? detectCharset(head) : 'utf-16le';
  const records = sampleOf(head, charset, binary);
  const choice = choose(records, parsers);
  const chosen = forced === undefined ? choice : { ...choice, parser: forced, doubt: 'none' as const };
  const framing = binary ?? chosen.parser?.framing ?? 'line';
  return { charset, framing, choice: chosen, yearless: isYearless(records, chosen.parser), chunks };
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
  for await (const batch of frame(prepared.chunks, prepared.framing, prepared.charset)) {
    for (const record of batch) run.push(record);
    await settings.flush?.();
  }
  return { accounting: run.end(), yearsOver: run.yearsOver };
};
