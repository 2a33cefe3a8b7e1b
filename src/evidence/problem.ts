/** What can be wrong with evidence. A problem is a value that is reported, never an error. */
export type ProblemCode =
  /** The file system or the medium refused the bytes. */
  | 'unreadable'
  /** The bytes are not those that were taken in. */
  | 'changed'
  | 'missing'
  /** Another item has the same bytes. */
  | 'duplicate'
  /** A link, device, socket or pipe: it has no bytes of its own. */
  | 'not-a-file'
  /** Ends before its format says it does; what was readable was read. */
  | 'truncated'
  /** Contradicts its own format or checksum; what was readable up to there was read. */
  | 'damaged'
  | 'encrypted'
  /** A variant of a format that is not read. */
  | 'unsupported'
  /** Expands beyond what is allowed: a decompression bomb, or archives nested too deep. */
  | 'limit'
  /** A member name that would lead out of a directory. It is only a label here. */
  | 'hostile-name'
  /** A record of acts that does not fit together. */
  | 'custody';

export interface Problem {
  /** As results show it: item path, `!member` added. */
  readonly path: string;
  readonly code: ProblemCode;
  readonly detail: string;
}

/** The words of anything thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
