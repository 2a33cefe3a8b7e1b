import type { Act } from '../ecs/acts.ts';
import type { Fields } from '../ecs/event.ts';
import type { Framing } from '../read/framing.ts';
import type { Clock } from './kit/clock.ts';
import type { Envelope } from './kit/syslog.ts';

export type { Framing } from '../read/framing.ts';

/** One framed piece of evidence, decoded, without its line terminator. */
export interface RawRecord {
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  /** The syslog header in front of the message, if there is one, else `message` is the whole text. Computed once. */
  readonly envelope: Envelope;
}

/** How certain a parser is that it knows the product, 0 to 1, and what it saw. */
export interface Recognition {
  readonly certainty: number;
  readonly reason: string;
}

/** The head of a stream: its first records as lines (at most 64 KiB or 200 records). */
export interface Sample {
  readonly records: readonly RawRecord[];
}

export interface Reference {
  readonly title: string;
  readonly url: string;
}

/** Codes of rejection; `detail` says it in words. */
export type RejectCode = 'not-this-format' | 'truncated' | 'bad-time' | 'bad-value' | 'too-long' | 'undecodable';

export type Outcome =
  | {
      readonly kind: 'event';
      readonly act: Act;
      readonly fields: Fields;
      /** Doubts about this event, as short codes with an optional value: `host-missing`, `truncated:1024`. */
      readonly warnings?: readonly string[];
      /**
       * The record is one of several that carry one message. The event says what all of them so far say, and takes the
       * place of the event before it under the same key while that is held; `complete`: no other is waited for.
       */
      readonly part?: { readonly key: string; readonly complete: boolean };
    }
  /** The record continues the previous event of the same stream. `message` text is added to it. */
  | { readonly kind: 'joined' }
  | { readonly kind: 'skipped'; readonly reason: 'blank' | 'comment' | 'header' }
  | { readonly kind: 'rejected'; readonly code: RejectCode; readonly detail: string };

export interface ParseContext {
  /** Turns what a line says of time into an instant, by the zone and year settings of this stream. */
  readonly clock: Clock;
}

/**
 * One product format. Pure: no I/O, no clock, no locale, never throws on evidence, linear time in the record's length.
 * State for one stream (a CSV header) lives in the closure that `open` returns.
 */
export interface Parser {
  /** = file name = fixture folder = `event.module`. */
  readonly id: string;
  readonly title: string;
  /** Vendor documentation that the field meanings are taken from. */
  readonly references: readonly Reference[];
  readonly framing: Framing;
  /** What its timestamps state. */
  readonly states: {
    readonly zone: 'stated' | 'unstated' | 'varies';
    readonly year: 'stated' | 'unstated' | 'varies';
    readonly resolution: 's' | 'ms' | 'us' | 'ns';
  };
  /** Product versions whose documentation it was written to, where the layout differs between them. */
  readonly versions?: readonly string[];
  /** Message families it knows, and what it does not, for docs/formats.md. */
  readonly families: readonly string[];
  readonly limits?: readonly string[];
  /** An appliance, whose operating system's daemons write into the same stream: `daemon-lines.ts` reads what they say. */
  readonly appliance?: true;
  /** A fallback for streams that no other parser knows: it is not asked about single records of another's stream. */
  readonly alone?: true;
  recognise(sample: Sample): Recognition;
  /** Whether this one record is unmistakably of this product: splits files that several devices write into. */
  claims?(record: RawRecord): boolean;
  open(context: ParseContext): (record: RawRecord) => Outcome;
}

export const rejected = (code: RejectCode, detail: string): Outcome => ({ kind: 'rejected', code, detail });
export const BLANK: Outcome = { kind: 'skipped', reason: 'blank' };
