import { TooMuch } from './failure.ts';

/** Expanded bytes that are still allowed, for all items of a run together. */
export interface Budget {
  left: number;
}

/** 200 GiB. */
export const defaultBudget = (): Budget => ({ left: 200 * 1024 ** 3 });

/** Up to here a ratio says nothing. */
const RATIO_FROM = 100 * 1024 * 1024;
/** Deflate cannot do more than 1032; logs come to 10–100. */
const RATIO_MAX = 1000;

/** Passes expanded bytes on until they are more than their source or the budget allows; then throws. */
export async function* limited(
  expanded: AsyncIterable<Buffer>,
  compressedSoFar: () => number,
  budget: Budget,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of expanded) {
    bytes += piece.length;
    budget.left -= piece.length;
    if (budget.left < 0) throw new TooMuch('the limit of expanded bytes is reached');
    if (bytes > RATIO_FROM && bytes > compressedSoFar() * RATIO_MAX) {
      throw new TooMuch(`expands more than ${RATIO_MAX} times: a decompression bomb`);
    }
    yield piece;
  }
}

/** Passes bytes on and tells how many. */
export async function* counted(
  chunks: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}
