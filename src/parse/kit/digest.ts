import { createHash } from 'node:crypto';

/** SHA-256 of bytes that a record carries, in hex: what an attached file is known by. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
