/** An immutable source file as it was handed over. Known by its SHA-256; never written to. */
export interface EvidenceItem {
  readonly sha256: string;
  readonly bytes: number;
  /** Relative to the parent of the path given to ingest, `/` as separator; `-` for standard input. */
  readonly path: string;
  /** Where it lies now: absolute path. Never printed in results (design §4.4). */
  readonly location: string;
  /** Last change as the file system tells it, epoch µs: a hint for missing years, no evidence. */
  readonly modified: number | undefined;
}

/** A decompressed byte stream in an item: the item itself, or a member of an archive, however deep. */
export interface EvidenceStream {
  /** First 12 hex digits of SHA-256(item sha256 + NUL + member path): names the stream in event ids. */
  readonly id: string;
  readonly item: EvidenceItem;
  /** `''` for the item itself (compressed or not), else `inner.zip!log/fw.log`. */
  readonly member: string;
  /** As results show it: item path, `!member` added inside an archive. */
  readonly path: string;
  /** Last change that the archive or gzip header states, epoch µs. */
  readonly modified: number | undefined;
}
