/** Where a statement is proven: bytes in the decompressed stream of an evidence item. */
export interface Locator {
  /** Id of the stream (an item, or a member of an archive); see `streamId` in evidence. */
  readonly stream: string;
  /** Byte offset of the record in the decompressed stream. */
  readonly offset: number;
  /** Length in bytes, line terminator included, so that the records of a stream tile it. */
  readonly length: number;
  /** 1-based line in the decompressed text. */
  readonly line: number;
}

/** Event id: the stream and the offset say it all; equal input gives equal ids. `9f3a52c01b7e-1s4k` */
export const eventId = (stream: string, offset: number): string => `${stream}-${offset.toString(36)}`;
