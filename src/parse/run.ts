import { eventId } from '../core/locator.ts';
import type { Fields, Scalar, StoredEvent } from '../ecs/event.ts';
import type { FramedRecord } from '../read/framing.ts';
import { complete } from './complete.ts';
import { isGeneric } from './detect.ts';
import { type ClockSettings, openClock } from './kit/clock.ts';
import type { Outcome, Parser, RawRecord } from './parser.ts';
import { recordOf } from './record.ts';

/** events + joined + skipped + rejected = records (design §4.1). */
export interface Accounting {
  readonly records: number;
  readonly events: number;
  readonly joined: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Events by the parser that read them. */
  readonly parsers: Readonly<Record<string, number>>;
}

export interface RunSettings {
  /** Id of the stream; part of every event id. */
  readonly stream: string;
  /** As results show it: `logs/fw.zip!fw1.log`. */
  readonly path: string;
  /** The stream's own parser; undefined when no product was recognised. */
  readonly parser: Parser | undefined;
  /** All parsers: a record that the stream's own parser rejects goes to the one that claims it, then to the fallbacks. */
  readonly others: readonly Parser[];
  readonly clock: ClockSettings;
  readonly emit: (event: StoredEvent) => void;
}

export interface Run {
  push(record: FramedRecord): void;
  end(): Accounting;
  /** See `Clock.yearsOver`. */
  readonly yearsOver: number;
}

/** Fields that say where an event stands. */
const PLACE = [
  'event.id',
  'event.original',
  'einfallstor.joined',
  'einfallstor.record.length',
  'einfallstor.record.line',
  'log.offset',
] as const;

type Read = (record: RawRecord) => Outcome;

/** Text that continuation records may add to one event, in characters. */
const JOINED_MAX = 1 << 20;
/** Events that may wait behind one whose parts are still to come. */
const HELD_MAX = 256;

/** An event that a later record may add to, and how much. */
interface Held {
  event: StoredEvent;
  room: number;
  /** Key of the message whose other parts are waited for. */
  open: string | undefined;
}

/** Reads the records of one stream: adds provenance, keeps what is rejected, counts everything. */
export const openRun = (settings: RunSettings): Run => {
  const clock = openClock(settings.clock);
  const opened = new Map<string, Read>();
  const counts = { records: 0, events: 0, joined: 0, skipped: 0, rejected: 0 };
  const byParser: Record<string, number> = {};
  const own = settings.parser;
  const claimers = settings.others.filter((p) => p !== own && !isGeneric(p) && p.claims !== undefined);
  // A fallback that states what it takes (CEF, LEEF, pairs) before one that takes what is left (any syslog header).
  const generics = settings.others.filter(isGeneric);
  const fallbacks = [
    ...generics.filter((p) => p.claims !== undefined),
    ...generics.filter((p) => p.claims === undefined),
  ];
  /** In order: the last event, because the next record may continue it, and those not before one with parts to come. */
  const held: Held[] = [];
  /** The one that a record which continues the record before it is added to. */
  let last: Held | undefined;

  const read = (parser: Parser, record: RawRecord): Outcome => {
    let reader = opened.get(parser.id);
    if (reader === undefined) {
      reader = parser.open({ clock });
      opened.set(parser.id, reader);
    }
    return reader(record);
  };

  /** The first outcome that is no rejection: own parser, claimers, fallbacks; a fallback is never asked before its turn. */
  const dispatch = (record: RawRecord): { outcome: Outcome; parser: Parser | undefined } => {
    let first: Outcome | undefined;
    const order = own === undefined || isGeneric(own) ? [] : [own];
    for (const parser of order) {
      const outcome = read(parser, record);
      if (outcome.kind !== 'rejected') return { outcome, parser };
      first = outcome;
    }
    for (const parser of claimers) {
      if (!(parser.claims as (r: RawRecord) => boolean)(record)) continue;
      const outcome = read(parser, record);
      if (outcome.kind !== 'rejected') return { outcome, parser };
      first ??= outcome;
    }
    for (const parser of fallbacks) {
      const outcome = read(parser, record);
      if (outcome.kind !== 'rejected') return { outcome, parser };
      // the stream's own parser has the word on why
      first = parser === own ? outcome : (first ?? outcome);
    }
    return {
      outcome: first ?? { kind: 'rejected', code: 'not-this-format', detail: 'no parser knows this record' },
      parser: own,
    };
  };

  const provenance = (fields: Fields, record: RawRecord, id: string, { flags, number }: FramedRecord): void => {
    if (flags.length > 0) {
      const before = (fields['einfallstor.warnings'] ?? []) as readonly Scalar[];
      fields['einfallstor.warnings'] = [...before, ...flags];
    }
    fields['event.id'] = id;
    fields['event.original'] = record.text;
    fields['einfallstor.stream'] = settings.stream;
    fields['einfallstor.record.length'] = record.length;
    if (record.line > 0) fields['einfallstor.record.line'] = record.line;
    if (number !== undefined) fields['einfallstor.record.number'] = number;
    fields['log.file.path'] = settings.path;
    fields['log.offset'] = record.offset;
  };

  /** Emits what nothing is waited for; `all`: everything. */
  const release = (all = false): void => {
    let n = 0;
    while (n < held.length && (all || held.length - n > HELD_MAX || (held[n] as Held).open === undefined)) n += 1;
    for (const { event } of held.splice(0, n)) settings.emit(event);
  };

  /** Adds a record's bytes to a held event; its text too, while there is room. */
  const addTo = (target: Held, record: RawRecord): boolean => {
    const { fields } = target.event;
    const before = (fields['einfallstor.joined'] ?? []) as readonly Scalar[];
    fields['einfallstor.joined'] = [...before, `${record.offset}+${record.length}`];
    if (record.text.length > target.room) return false;
    target.room -= record.text.length;
    fields['event.original'] = `${fields['event.original']}\n${record.text}`;
    return true;
  };

  const join = (target: Held, record: RawRecord): void => {
    const { fields } = target.event;
    if (addTo(target, record) && fields['message'] !== undefined)
      fields['message'] = `${fields['message']}\n${record.text}`;
  };

  /** A further part of a held event's message: what is known now takes its place; where it stands is that of the first. */
  const replace = (target: Held, next: StoredEvent, record: RawRecord, complete: boolean): void => {
    const before = target.event;
    for (const name of PLACE) {
      const value = before.fields[name];
      if (value === undefined) delete next.fields[name];
      else next.fields[name] = value;
    }
    target.event = { id: before.id, fields: next.fields };
    addTo(target, record);
    if (complete) target.open = undefined;
  };

  const event = (
    record: RawRecord,
    outcome: Outcome & { kind: 'event' },
    parser: Parser,
    framed: FramedRecord,
  ): StoredEvent => {
    const fields = outcome.fields;
    const id = eventId(settings.stream, record.offset);
    provenance(fields, record, id, framed);
    fields['einfallstor.act'] = outcome.act;
    fields['event.module'] = parser.id;
    fields['event.kind'] ??= 'event';
    if (outcome.warnings !== undefined && outcome.warnings.length > 0) {
      const before = (fields['einfallstor.warnings'] ?? []) as readonly Scalar[];
      fields['einfallstor.warnings'] = [...before, ...outcome.warnings];
    }
    complete(fields);
    return { id, fields };
  };

  const rejection = (record: RawRecord, outcome: Outcome & { kind: 'rejected' }, framed: FramedRecord): StoredEvent => {
    const id = eventId(settings.stream, record.offset);
    const fields: Fields = {
      'event.kind': 'pipeline_error',
      'error.message': outcome.detail,
      'einfallstor.reject_code': outcome.code,
      'einfallstor.act': 'other',
    };
    if (own !== undefined) fields['event.module'] = own.id;
    provenance(fields, record, id, framed);
    clock.stamp(fields, record.envelope.civil);
    return { id, fields };
  };

  return {
    push: (framed) => {
      counts.records += 1;
      const record = recordOf(framed);
      const { outcome, parser }: { outcome: Outcome; parser: Parser | undefined } =
        framed.text.trim() === '' ? { outcome: { kind: 'skipped', reason: 'blank' }, parser: own } : dispatch(record);
      switch (outcome.kind) {
        case 'event': {
          const id = (parser as Parser).id;
          const { part } = outcome;
          const key = part && `${id} ${part.key}`;
          const next = event(record, outcome, parser as Parser, framed);
          const first = key === undefined ? undefined : held.find(({ open }) => open === key);
          if (first !== undefined) {
            counts.joined += 1;
            replace(first, next, record, part?.complete === true);
            last = first;
            break;
          }
          release();
          counts.events += 1;
          byParser[id] = (byParser[id] ?? 0) + 1;
          last = { event: next, room: JOINED_MAX, open: part?.complete === false ? key : undefined };
          held.push(last);
          break;
        }
        case 'joined':
          if (last === undefined) {
            counts.rejected += 1;
            settings.emit(
              rejection(
                record,
                { kind: 'rejected', code: 'not-this-format', detail: 'continues a record that is not in this file' },
                framed,
              ),
            );
          } else {
            counts.joined += 1;
            join(last, record);
          }
          break;
        case 'skipped':
          counts.skipped += 1;
          break;
        case 'rejected':
          release();
          counts.rejected += 1;
          held.push({ event: rejection(record, outcome, framed), room: 0, open: undefined });
          last = undefined;
          break;
      }
    },
    end: () => {
      release(true);
      return { ...counts, parsers: byParser };
    },
    get yearsOver() {
      return clock.yearsOver;
    },
  };
};
