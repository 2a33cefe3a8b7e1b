import type { Charset } from './charset.ts';
import { cutBehind } from './ends.ts';
import { EvtxFramer } from './evtx/framer.ts';
import type { FramedRecord, Framer, Framing, Grouper, Line, StreamFraming } from './framing.ts';
import { CsvGrouper, StartGrouper } from './group.ts';
import { frameJournal } from './journal/frame.ts';
import { JsonGrouper } from './json.ts';
import { lineFramer } from './lines.ts';
import { MailGrouper } from './mail.ts';
import { UtmpFramer } from './utmp.ts';

const grouperOf = (
  framing: Exclude<Framing, 'line' | 'evtx' | 'utmp'>,
  charset: Charset,
  isForeign?: IsForeign,
): Grouper => {
  if (framing === 'csv') return new CsvGrouper();
  if (framing === 'json') return new JsonGrouper(charset);
  if (framing === 'mail') return new MailGrouper();
  return new StartGrouper(framing.startsWith, isForeign);
};

/** Whether a line is another product's, which continues no record. */
type IsForeign = (text: string) => boolean;

/** Records of one stream. The bytes of one record alone, framed alike, give its text again; those of `evtx` need their chunk. */
export const framer = (framing: Framing, charset: Charset, isForeign?: IsForeign): Framer => {
  if (framing === 'evtx') return new EvtxFramer();
  if (framing === 'utmp') return new UtmpFramer();
  const lines = lineFramer(charset);
  if (framing === 'line') return lines;
  const groups = grouperOf(framing, charset, isForeign);
  const end = typeof framing === 'object' ? framing.endsBehind : undefined;
  const cut = (whole: readonly Line[]): readonly Line[] => (end === undefined ? whole : cutBehind(whole, end, charset));
  return {
    push: (chunk) => groups.push(cut(lines.push(chunk))),
    end: () => [...groups.push(cut(lines.end())), ...groups.end()],
  };
};

export interface FrameOptions {
  readonly isForeign?: IsForeign;
  /** Where a journal is put aside while it is read. Default: the system's temporary directory. */
  readonly spoolDirectory?: string | undefined;
}

/** Records of a stream, in batches of about a chunk each. */
export async function* frame(
  chunks: AsyncIterable<Buffer>,
  framing: StreamFraming,
  charset: Charset,
  { isForeign, spoolDirectory }: FrameOptions = {},
): AsyncGenerator<FramedRecord[]> {
  if (framing === 'journal') return yield* frameJournal(chunks, spoolDirectory);
  const records = framer(framing, charset, isForeign);
  for await (const chunk of chunks) {
    const batch = records.push(chunk);
    if (batch.length > 0) yield batch;
  }
  const rest = records.end();
  if (rest.length > 0) yield rest;
}
