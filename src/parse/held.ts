import type { Scalar, StoredEvent } from '../ecs/event.ts';
import type { FramedRecord } from '../read/framing.ts';
import { JOINED_MAX, type Piece } from './assemble.ts';

/** Events that may wait behind one whose parts are still to come. */
const HELD_MAX = 256;

/** Fields that say where an event stands. */
const PLACE = [
  'event.id',
  'event.original',
  'einfallstor.joined',
  'einfallstor.record.length',
  'einfallstor.record.line',
  'einfallstor.record.number',
  'log.offset',
] as const;

/** An event that a later record may add to, and how much. */
interface Held {
  event: StoredEvent;
  room: number;
  /** Key of the message whose other parts are waited for. */
  open: string | undefined;
}

/** `offset+length` of a record's bytes, as `einfallstor.joined` has them. */
export const spanOf = ({ offset, length }: FramedRecord): string => `${offset}+${length}`;

/** Events in order, kept back while the next record may continue the last, or parts of a message are still to come. */
export interface Waiting {
  /** `part`: key of the message the event is a part of, and whether it is whole with it. */
  add(event: StoredEvent, part: { readonly key: string; readonly complete: boolean } | undefined): void;
  /** Adds to the message whose earlier part waits; false when none does. */
  complete(key: string, event: StoredEvent, piece: Piece, isWhole: boolean): boolean;
  /** Adds a record that continues the one before it; false when there is none in this stream. */
  continue(piece: Piece): boolean;
  /** An event that nothing continues. */
  close(event: StoredEvent): void;
  end(): void;
}

export const openWaiting = (emit: (event: StoredEvent) => void): Waiting => {
  const held: Held[] = [];
  /** The one that a record which continues the record before it is added to. */
  let last: Held | undefined;

  /** Emits what nothing is waited for; `all`: everything. */
  const release = (all = false): void => {
    let n = 0;
    while (n < held.length && (all || held.length - n > HELD_MAX || (held[n] as Held).open === undefined)) n += 1;
    for (const { event } of held.splice(0, n)) emit(event);
  };

  /** Adds a record's bytes to a held event; its text too, while there is room. */
  const addTo = (target: Held, { framed }: Piece): boolean => {
    const { fields } = target.event;
    const before = (fields['einfallstor.joined'] ?? []) as readonly Scalar[];
    fields['einfallstor.joined'] = [...before, spanOf(framed)];
    if (framed.text.length > target.room) return false;
    target.room -= framed.text.length;
    fields['event.original'] = `${fields['event.original']}\n${framed.text}`;
    return true;
  };

  return {
    add: (event, part) => {
      release();
      last = { event, room: JOINED_MAX, open: part?.complete === false ? part.key : undefined };
      held.push(last);
    },
    complete: (key, event, piece, isWhole) => {
      const target = held.find(({ open }) => open === key);
      if (target === undefined) return false;
      const before = target.event;
      // what is known now takes its place; where it stands is that of the first part
      for (const name of PLACE) {
        const value = before.fields[name];
        if (value === undefined) delete event.fields[name];
        else event.fields[name] = value;
      }
      target.event = { id: before.id, fields: event.fields };
      addTo(target, piece);
      if (isWhole) target.open = undefined;
      last = target;
      return true;
    },
    continue: (piece) => {
      if (last === undefined) return false;
      const { fields } = last.event;
      if (addTo(last, piece) && fields['message'] !== undefined)
        fields['message'] = `${fields['message']}\n${piece.text}`;
      return true;
    },
    close: (event) => {
      release();
      held.push({ event, room: 0, open: undefined });
      last = undefined;
    },
    end: () => release(true),
  };
};
