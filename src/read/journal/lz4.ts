/** Longest match or run of literals that the token itself states; further bytes of 255 go on. */
const TOKEN_MAX = 15;
const MATCH_LEAST = 4;

/**
 * One block of LZ4 (lz4_Block_format.md) of known size; undefined when it is damaged. Node has no LZ4, and the journal's
 * blocks stand without the frame that stream decompressors ask for.
 */
export const expandLz4 = (block: Buffer, size: number): Buffer | undefined => {
  const out = Buffer.alloc(size);
  let [from, to] = [0, 0];
  const length = (token: number): number => {
    let sum = token;
    if (token < TOKEN_MAX) return sum;
    for (let byte = 255; byte === 255; from += 1) {
      byte = block[from] ?? 0;
      sum += byte;
    }
    return sum;
  };
  while (from < block.length) {
    const token = block[from] as number;
    from += 1;
    const literals = length(token >> 4);
    if (from + literals > block.length || to + literals > size) return undefined;
    block.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (from === block.length) return to === size ? out : undefined;
    if (from + 2 > block.length) return undefined;
    const back = block.readUInt16LE(from);
    from += 2;
    const match = length(token & TOKEN_MAX) + MATCH_LEAST;
    if (back === 0 || back > to || to + match > size) return undefined;
    // the match may reach into what it writes
    for (const end = to + match; to < end; to += 1) out[to] = out[to - back] as number;
  }
  return undefined;
};
