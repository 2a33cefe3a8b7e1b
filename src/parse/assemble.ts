import type { FramedRecord } from '../read/framing.ts';
import { type Layer, openPeeler } from './wrapper/peel.ts';

/** A record out of its wrappers, with the records in which its text goes on. */
export interface Piece {
  readonly framed: FramedRecord;
  /** What parsers read: the record itself where it had no wrapper. */
  readonly text: string;
  readonly layers: readonly Layer[];
  readonly rest: readonly FramedRecord[];
}

/** Text that continuation records may add to one event, in characters. */
export const JOINED_MAX = 1 << 20;

interface Open {
  readonly framed: FramedRecord;
  text: string;
  readonly layers: readonly Layer[];
  rest: FramedRecord[];
  partial: boolean;
}

interface Assembler {
  push(framed: FramedRecord): void;
  end(): void;
}

const outermost = (layers: readonly Layer[]): string | undefined => layers[0]?.wrapper.id;

/**
 * Takes records out of their wrappers and puts together what a wrapper took apart: a long line in several entries, and,
 * where the stream’s own format has records of several lines, those lines (`begins`: whether such a record begins).
 */
export const openAssembler = (
  begins: ((text: string) => boolean) | undefined,
  to: { readonly piece: (piece: Piece) => void; readonly header: (framed: FramedRecord) => void },
): Assembler => {
  const peel = openPeeler();
  let open: Open | undefined;

  const release = (): void => {
    if (open !== undefined) to.piece(open);
    open = undefined;
  };

  const continues = (text: string, layers: readonly Layer[]): boolean =>
    open !== undefined &&
    outermost(open.layers) === outermost(layers) &&
    open.text.length + text.length <= JOINED_MAX &&
    (open.partial || (begins !== undefined && !begins(text)));

  return {
    push: (framed) => {
      const unwrapped = peel(framed.text);
      if (unwrapped === 'header') {
        release();
        to.header(framed);
        return;
      }
      const { text, layers } = unwrapped;
      const partial = layers.some((layer) => layer.partial === true);
      if (open !== undefined && continues(text, layers)) {
        open.text += open.partial ? text : `\n${text}`;
        open.rest.push(framed);
        open.partial = partial;
        return;
      }
      release();
      open = { framed, text, layers, rest: [], partial };
      if (!partial && (layers.length === 0 || begins === undefined)) release();
    },
    end: release,
  };
};
