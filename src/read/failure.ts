import type { ProblemCode } from '../evidence/problem.ts';

/** Bytes end before their format says they do. */
export class Truncated extends Error {}
/** A variant of a format that is not read. */
export class Unsupported extends Error {}
/** More bytes than are allowed. */
export class TooMuch extends Error {}

/** What kind of problem a failure to expand is. */
export const codeOf = (error: unknown): ProblemCode => {
  if (error instanceof TooMuch) return 'limit';
  if (error instanceof Truncated) return 'truncated';
  if (error instanceof Unsupported) return 'unsupported';
  return 'damaged';
};
