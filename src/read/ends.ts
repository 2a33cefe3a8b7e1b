import { isUtf8 } from 'node:buffer';
import { type Charset, encodeWindows1252 } from './charset.ts';
import { type Line, NO_FLAGS, type RecordFlag } from './framing.ts';

/** Byte order mark. */
const MARK = '\ufeff';
const FALLBACK: readonly RecordFlag[] = ['charset-fallback'];

/** Bytes that decoded text had in the stream. */
const bytesOf = (text: string, charset: Charset, flags: readonly RecordFlag[]): number => {
  if (charset !== 'utf-8') return text.length * 2;
  return flags.includes('charset-fallback') ? text.length : Buffer.byteLength(text);
};

/** Text cut behind each `end`; what stands behind the last one is a piece of its own. */
const piecesOf = (text: string, end: string): string[] => {
  const out: string[] = [];
  let from = 0;
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, from)) {
    out.push(text.slice(from, at + end.length));
    from = at + end.length;
  }
  if (from < text.length || out.length === 0) out.push(text.slice(from));
  return out;
};

/** One line as lines without terminator but the last. A mark before the text (BOM), which is no part of it, goes to the first. */
const cutLine = (line: Line, end: string, charset: Charset): Line[] => {
  const pieces = piecesOf(line.text, end);
  if (pieces.length === 1) return [line];
  // where a line of many records was cut as too long, its pieces meet again in the record across the cut
  const flags = line.flags.filter((flag) => flag !== 'too-long');
  const sizes = pieces.map((piece) => bytesOf(piece, charset, line.flags));
  const told = sizes.reduce((sum, size) => sum + size, 0) + bytesOf(line.terminator, charset, NO_FLAGS);
  sizes[0] = (sizes[0] as number) + Math.max(0, line.length - told);
  let offset = line.offset;
  return pieces.map((own, n) => {
    const last = n === pieces.length - 1;
    const length = last ? line.offset + line.length - offset : (sizes[n] as number);
    const alone = flags.includes('charset-fallback') ? decodedAlone(own) : { text: own, flags };
    // as at the start of every line
    const text = n > 0 || alone.text !== own ? unmarked(alone.text) : own;
    const terminator = last ? line.terminator : '';
    const piece: Line = { text, offset, length, line: line.line, terminator, flags: alone.flags };
    offset += length;
    return piece;
  });
};

const unmarked = (text: string): string => (text.startsWith(MARK) ? text.slice(1) : text);

/** A line is no UTF-8 for one byte in it: the other pieces may be. */
const decodedAlone = (text: string): { readonly text: string; readonly flags: readonly RecordFlag[] } => {
  const bytes = encodeWindows1252(text);
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), flags: NO_FLAGS } : { text, flags: FALLBACK };
};

/** Lines end behind a text too, wherever it stands: Event Viewer writes all events of a log on one line. */
export const cutBehind = (lines: readonly Line[], end: string, charset: Charset): Line[] =>
  lines.flatMap((line) => (line.text.includes(end) ? cutLine(line, end, charset) : [line]));
