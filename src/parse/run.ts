import { eventId } from '../core/locator.ts';
import type { Fields, StoredEvent } from '../ecs/event.ts';
import { type FramedRecord, mergeFlags } from '../read/framing.ts';
import { openAssembler, type Piece } from './assemble.ts';
import { correct, putDiffering, putWarnings, warningsOf } from './assumptions.ts';
import { complete, relateSenders } from './complete.ts';
import { cutAt } from './cut.ts';
import { openDaemonLines } from './daemon-lines.ts';
import { foreignTo, isGeneric } from './detect.ts';
import { openWaiting, spanOf } from './held.ts';
import { type ClockSettings, openClock } from './kit/clock.ts';
import { warn } from './kit/put.ts';
import type { Outcome, Parser, RawRecord } from './parser.ts';
import { recordOf, type UnwrappedRecord } from './record.ts';
import { putWrappers } from './wrapper/put.ts';

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

type Read = (record: RawRecord) => Outcome;

/** `-o short` of journalctl and rsyslog indent the further lines of a message by their header's width or a tab. */
const CONTINUATION = /^(?: {16,}|\t)\S/;

const ORPHAN = {
  kind: 'rejected',
  code: 'not-this-format',
  detail: 'continues a record that is not in this file',
} as const;

/** Reads the records of one stream: adds provenance, keeps what is rejected, counts everything. */
export const openRun = (settings: RunSettings): Run => {
  const clock = openClock(settings.clock);
  const opened = new Map<string, Read>();
  const counts = { records: 0, events: 0, joined: 0, skipped: 0, rejected: 0 };
  const byParser: Record<string, number> = {};
  const own = settings.parser;
  const claimers = settings.others.filter((p) => p !== own && !isGeneric(p) && p.claims !== undefined);
  // a fallback that states what it takes (CEF, LEEF, pairs) before one that takes what is left (any syslog header)
  const generics = settings.others.filter(isGeneric);
  const shapes = generics.filter((p) => p.claims !== undefined);
  const leftovers = generics.filter((p) => p.claims === undefined && (p.alone !== true || p === own));
  const daemons = own?.appliance === true ? openDaemonLines() : undefined;
  const waiting = openWaiting(settings.emit);

  const read = (parser: Parser, record: RawRecord): Outcome => {
    let reader = opened.get(parser.id);
    if (reader === undefined) {
      reader = parser.open({ clock });
      opened.set(parser.id, reader);
    }
    return reader(record);
  };

  /**
   * The first outcome that is no rejection: the own parser where it claims the record, others that do, the own parser
   * otherwise, a fallback that knows its shape, the own appliance's daemons, the last fallbacks; none is asked before its turn.
   */
  const dispatch = (record: RawRecord): { outcome: Outcome; parser: Parser | undefined } => {
    let first: Outcome | undefined;
    const ask = (parser: Parser): Outcome | undefined => {
      const outcome = read(parser, record);
      if (outcome.kind !== 'rejected') return outcome;
      // the stream's own parser has the word on why
      if (first === undefined || parser === own) first = outcome;
      return undefined;
    };
    const product = own === undefined || isGeneric(own) ? undefined : own;
    // a loosely written format would else take what another device's parser knows surely
    const later = product?.claims === undefined || product.claims(record) ? [] : [product];
    const order = function* (): Generator<Parser> {
      if (product !== undefined && later.length === 0) yield product;
      for (const parser of claimers) if ((parser.claims as (r: RawRecord) => boolean)(record)) yield parser;
      yield* later;
      yield* shapes;
    };
    for (const parser of order()) {
      const outcome = ask(parser);
      if (outcome === undefined) continue;
      if (parser === own && outcome.kind === 'event') daemons?.saw(record);
      return { outcome, parser };
    }
    const said = daemons?.read(record, clock);
    if (said !== undefined) return { outcome: said, parser: own };
    for (const parser of leftovers) {
      const outcome = ask(parser);
      if (outcome !== undefined) return { outcome, parser };
    }
    return {
      outcome: first ?? { kind: 'rejected', code: 'not-this-format', detail: 'no parser knows this record' },
      parser: own,
    };
  };

  const provenance = (fields: Fields, { framed, rest }: Piece, id: string): void => {
    const flags = rest.reduce((all, { flags }) => mergeFlags(all, flags), framed.flags);
    for (const flag of flags) warn(fields, flag);
    fields['event.id'] = id;
    fields['event.original'] = [framed, ...rest].map(({ text }) => text).join('\n');
    fields['einfallstor.stream'] = settings.stream;
    fields['einfallstor.record.length'] = framed.length;
    if (framed.line > 0) fields['einfallstor.record.line'] = framed.line;
    if (framed.number !== undefined) fields['einfallstor.record.number'] = framed.number;
    if (rest.length > 0) fields['einfallstor.joined'] = rest.map(spanOf);
    fields['log.file.path'] = settings.path;
    fields['log.offset'] = framed.offset;
  };

  /** What was assumed of the time, said in one way whatever the parser. */
  const settle = (fields: Fields): void => {
    if (fields['einfallstor.warnings'] !== undefined) putWarnings(fields, warningsOf(fields));
    putDiffering(fields, clock.takeResolutions());
    correct(fields, settings.clock.shift);
  };

  const event = (
    record: UnwrappedRecord,
    piece: Piece,
    outcome: Outcome & { kind: 'event' },
    parser: Parser,
  ): StoredEvent => {
    const fields = outcome.fields;
    const id = eventId(settings.stream, record.offset);
    provenance(fields, piece, id);
    fields['einfallstor.act'] = outcome.act;
    fields['event.module'] = parser.id;
    fields['event.kind'] ??= 'event';
    for (const code of outcome.warnings ?? []) warn(fields, code);
    const cut = cutAt(record);
    if (cut !== undefined) warn(fields, `truncated:${cut}`);
    if (record.text.length < piece.text.length) warn(fields, `read-only:${record.text.length}`);
    putWrappers(fields, record, piece.layers, clock);
    relateSenders(fields, record);
    complete(fields);
    settle(fields);
    return { id, fields };
  };

  const rejection = (record: UnwrappedRecord, piece: Piece, outcome: Outcome & { kind: 'rejected' }): StoredEvent => {
    const id = eventId(settings.stream, record.offset);
    const fields: Fields = {
      'event.kind': 'pipeline_error',
      'error.message': outcome.detail,
      'einfallstor.reject_code': outcome.code,
      'einfallstor.act': 'other',
    };
    if (own !== undefined) fields['event.module'] = own.id;
    provenance(fields, piece, id);
    clock.stamp(fields, record.envelope.civil);
    putWrappers(fields, record, piece.layers, clock);
    settle(fields);
    return { id, fields };
  };

  const refuse = (record: UnwrappedRecord, piece: Piece, outcome: Outcome & { kind: 'rejected' }): void => {
    counts.rejected += 1;
    waiting.close(rejection(record, piece, outcome));
  };

  const accept = (
    record: UnwrappedRecord,
    piece: Piece,
    outcome: Outcome & { kind: 'event' },
    parser: Parser,
  ): void => {
    const part = outcome.part && { ...outcome.part, key: `${parser.id} ${outcome.part.key}` };
    const made = event(record, piece, outcome, parser);
    if (part !== undefined && waiting.complete(part.key, made, piece, part.complete)) {
      counts.joined += 1;
      return;
    }
    counts.events += 1;
    byParser[parser.id] = (byParser[parser.id] ?? 0) + 1;
    waiting.add(made, part);
  };

  const take = (piece: Piece): void => {
    clock.takeResolutions();
    counts.joined += piece.rest.length;
    const record = recordOf({ ...piece.framed, text: piece.text }, piece.layers);
    const { damage } = piece.framed;
    if (damage !== undefined) {
      refuse(record, piece, { kind: 'rejected', code: 'undecodable', detail: damage });
      return;
    }
    const { outcome, parser }: { outcome: Outcome; parser: Parser | undefined } =
      piece.text.trim() === '' ? { outcome: { kind: 'skipped', reason: 'blank' }, parser: own } : dispatch(record);
    switch (outcome.kind) {
      case 'event':
        accept(record, piece, outcome, parser as Parser);
        break;
      case 'joined':
        if (waiting.continue(piece)) counts.joined += 1;
        else refuse(record, piece, ORPHAN);
        break;
      case 'skipped':
        counts.skipped += 1;
        break;
      case 'rejected':
        if (CONTINUATION.test(piece.text) && waiting.continue(piece)) counts.joined += 1;
        else refuse(record, piece, outcome);
        break;
    }
  };

  const isForeign = foreignTo(own, settings.others);
  const framing = own?.framing;
  const begins =
    typeof framing === 'object' ? (text: string) => framing.startsWith.test(text) || isForeign(text) : undefined;
  const assembler = openAssembler(begins, {
    piece: take,
    header: () => {
      counts.skipped += 1;
    },
  });

  return {
    push: (framed) => {
      counts.records += 1;
      assembler.push(framed);
    },
    end: () => {
      assembler.end();
      waiting.end();
      return { ...counts, parsers: byParser };
    },
    get yearsOver() {
      return clock.yearsOver;
    },
  };
};
