/** How far long work is: shown on stderr, never part of a result. */
export interface Progress {
  readonly phase: 'hashing' | 'reading' | 'detecting' | 'tracing' | 'exporting' | 'verifying' | 'moving' | 'retiming';
  /** Done so far, in `unit`. */
  readonly done: number;
  /** undefined: not known beforehand (standard input, compressed streams count their compressed bytes). */
  readonly total: number | undefined;
  readonly unit: 'bytes' | 'rules' | 'steps' | 'files' | 'events';
  /** What is worked on, e.g. the path of a stream; from evidence, so untrusted. */
  readonly note?: string;
  /** Events so far, for a rate. */
  readonly events?: number;
}

export type OnProgress = (progress: Progress) => void;
