import type { Charset } from './charset.ts';
import { cutBehind } from './ends.ts';
import { EvtxFramer } from './evtx/framer.ts';
import type { FramedRecord, Framer, Framing, Grouper, Line } from './framing.ts';
import { CsvGrouper, StartGrouper } from './group.ts';
import { JsonGrouper } from './json.ts';
import { lineFramer } from './lines.ts';
import { MailGrouper } from './mail.ts';

const grouperOf = (framing: Exclude<Framing, 'line' | 'evtx'>, charset: Charset, isForeign?: IsForeign): Grouper => {
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

/** Records of a stream, in batches of about a chunk each. */
export async function* frame(
  chunks: AsyncIterable<Buffer>,
  framing: Framing,
  charset: Charset,
  isForeign?: IsForeign,
): AsyncGenerator<FramedRecord[]> {
  const records = framer(framing, charset, isForeign);
  for await (const chunk of chunks) {
    const batch = records.push(chunk);
    if (batch.length > 0) yield batch;
  }
  const rest = records.end();
  if (rest.length > 0) yield rest;
}
