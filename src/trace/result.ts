import type { Said, Told } from '../core/said.ts';
/** What `trace --json` prints, told in one language; design §8 fixes names and meaning. Times are ISO 8601 UTC. */

export type Verdict = 'determined' | 'probable' | 'undetermined' | 'none';

export type Vector =
  | 'vpn-valid-account'
  | 'vpn-guessed-password'
  | 'mail-phishing'
  | 'mail-account-takeover'
  | 'web-exploit'
  | 'appliance-exploit'
  | 'exposed-remote-service'
  | 'session-theft'
  | 'mfa-fatigue'
  | 'token-or-consent'
  | 'partner-access'
  | 'rogue-device'
  | 'insider-or-leaver'
  | 'physical-or-unknown';

export interface EventReference {
  readonly id: string;
  readonly evidence: {
    /** Relative to the parent of the path given to ingest; `archive.zip!member` inside an archive. */
    readonly path: string;
    /** 1-based in the decompressed text; null in binary formats, which give `record`. */
    readonly line: number | null;
    readonly record?: number;
    readonly offset: number;
    readonly length: number;
    /** Of the item as ingested. */
    readonly sha256: string;
    /** Of the decompressed stream. */
    readonly memberSha256: string;
  };
}

export interface ScoreTerm {
  readonly term: string;
  /** Log-likelihood ratio, natural logarithm. */
  readonly nats: number;
  readonly because: Said;
  readonly events: readonly EventReference[];
}

export interface ChainStep {
  /** ATT&CK tactic short name. */
  readonly stage: string;
  readonly technique: string;
  readonly timestamp: string;
  readonly summary: Said;
  readonly events: readonly EventReference[];
}

/** One piece of evidence for or against, or what is missing and would decide. */
export interface Statement {
  readonly text: Said;
  readonly events: readonly EventReference[];
}

export interface Hypothesis {
  readonly rank: number;
  readonly probability: number;
  readonly vector: Vector;
  readonly technique: string;
  readonly origin: 'external' | 'partner' | 'internal' | 'unknown';
  readonly title: Said;
  readonly entry: {
    readonly timestamp: string;
    readonly uncertaintySeconds: number;
    readonly summary: Said;
    /** Records of the entry act itself, at most 20, most telling first. */
    readonly events: readonly EventReference[];
  };
  readonly chain: readonly ChainStep[];
  readonly score: readonly ScoreTerm[];
  readonly for: readonly Statement[];
  readonly against: readonly Statement[];
  readonly missing: readonly Statement[];
}

export type ExfiltrationGrade = 'shown' | 'likely' | 'cannot-be-excluded' | 'excluded';

export interface Exfiltration {
  readonly grade: ExfiltrationGrade;
  readonly bytesUpperBound: number | null;
  readonly events: readonly EventReference[];
  readonly because: Said;
}

export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly because: Said;
}

export interface Coverage {
  readonly source: string;
  readonly class: 'firewall' | 'vpn' | 'mail' | 'auth' | 'web' | 'network';
  readonly from: string;
  readonly to: string;
  readonly gaps: readonly Gap[];
}

/** A source whose clock or zone does not fit the others'. The trace reckons with it; `case retime` puts it right. */
export interface ClockError {
  readonly source: string;
  readonly paths: readonly string[];
  /** Positive: ahead of the others. */
  readonly offsetSeconds: number;
  readonly errorSeconds: number;
  readonly because: Said;
  readonly events: readonly EventReference[];
  /** Arguments of `case retime` that put it right, for each glob of paths. */
  readonly retime: readonly (readonly string[])[];
}

/** The ranking if every way in, and an entry that no log shows, were equally common beforehand. */
export interface UniformPriors {
  /** By rank, as in `hypotheses`. */
  readonly hypotheses: readonly { readonly rank: number; readonly probability: number }[];
  readonly notInTheseLogs: number;
  /** Whether something else leads then than does with priors. */
  readonly flips: boolean;
}

export interface TraceResult {
  readonly verdict: Verdict;
  /**
   * The event the chain leads to, and why it is the anchor; null when nothing shows what came of an entry, or the verdict
   * is none.
   */
  readonly anchor: {
    readonly timestamp: string;
    readonly summary: Said;
    readonly events: readonly EventReference[];
  } | null;
  /**
   * How far an intrusion is shown. Where it is only suspected, the verdict is undetermined, and the hypotheses say how it
   * would have begun; so it is where something stands out of which the logs leave unanswered what came of it. Absent in
   * a verdict that an earlier version left in a case, as are `standsOut` and `clocks`.
   */
  readonly intrusion?: 'shown' | 'suspected' | 'unanswered' | 'none';
  /**
   * Where it is `unanswered`: which logs are not there; where it is `none`: what these logs could not have shown; where it
   * is `shown`: doings of an intruder of which nothing tells how they began.
   */
  readonly unanswered?: readonly Said[];
  /** Where no intrusion is shown, or no act leads: what stands out all the same, by time. */
  readonly standsOut?: readonly ChainStep[];
  readonly hypotheses: readonly Hypothesis[];
  readonly notInTheseLogs: { readonly probability: number; readonly score: readonly ScoreTerm[] };
  readonly exfiltration: Exfiltration;
  readonly coverage: readonly Coverage[];
  readonly otherChains: readonly { readonly hypotheses: readonly Hypothesis[] }[];
  readonly clocks?: readonly ClockError[];
  /** Absent where the verdict is none. */
  readonly uniformPriors?: UniformPriors;
}

/** A result in one language: what is printed. */
export type ToldTrace = Told<TraceResult>;
export type ToldHypothesis = Told<Hypothesis>;
