import type { Problem } from '../evidence/problem.ts';

/** What the case keeps of a stream that was read to its end. */
export interface StreamEntry {
  readonly id: string;
  /** SHA-256 of the item. */
  readonly item: string;
  /** `''` for the item itself. */
  readonly member: string;
  /** As results show it. */
  readonly path: string;
  /** Epoch µs. */
  readonly modified?: number | undefined;
  /** Of the decompressed stream. */
  readonly memberSha256: string;
  readonly bytes: number;
  readonly charset: string;
  /** The stream's own parser; absent when no product was recognised. */
  readonly parser?: string | undefined;
  /** Collectors' wrappers its records were taken out of, outermost first; the outermost says how it is cut. */
  readonly wrappers?: readonly string[] | undefined;
  /** Events by the parser that read them. */
  readonly parsers: Readonly<Record<string, number>>;
  /** events + joined + skipped + rejected = records (design §4.1). */
  readonly accounting: {
    readonly records: number;
    readonly events: number;
    readonly joined: number;
    readonly skipped: number;
    readonly rejected: number;
  };
  readonly problems: readonly Problem[];
  readonly timing: TimeAssumptions;
  /** Some of its times state no zone: the one assumed counts for them. */
  readonly zoneless?: true | undefined;
  /** Latest time in it, epoch µs, when no year had to be inferred: it tells the year to sources that leave it out. */
  readonly speaksOf?: number | undefined;
  /** `tie`, `low-certainty` or `unknown` when the choice of the parser should be looked at. */
  readonly doubt?: string | undefined;
}

/** What was assumed of a stream's time: with it, its bytes give the same events again. Instants in epoch µs. */
export interface TimeAssumptions {
  readonly zone?: string | undefined;
  readonly year?: number | undefined;
  readonly reference?: { readonly instant: number; readonly kind: 'latest' | 'near' } | undefined;
  readonly yearsBack?: number | undefined;
  /** Correction of the source's clock, µs, added to all its times. */
  readonly shift?: number | undefined;
}

/** What an analyst adds to events, to findings, or, without either, to the case. */
export interface Annotation {
  readonly id: string;
  /** UTC, ISO 8601. */
  readonly ts: string;
  readonly author: string;
  readonly events: readonly string[] | null;
  /** Ids of findings that are muted or confirmed. */
  readonly findings?: readonly string[] | undefined;
  readonly kind: 'comment' | 'tag' | 'star' | 'anchor' | 'mute' | 'confirm' | 'retract';
  /** Of a judgement of findings: the reason. Of a retraction: the id of the annotation that no longer counts. */
  readonly text: string;
}
