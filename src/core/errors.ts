import type { Locator } from './locator.ts';

/** What an operator can have done wrong, or what the machine refused. Evidence problems are values, never errors. */
export type ErrorCode =
  | 'USAGE'
  | 'NOT_FOUND'
  | 'CASE_LOCKED'
  | 'CASE_FORMAT'
  | 'EVIDENCE_CHANGED'
  | 'BAD_FILTER'
  | 'BAD_CONTEXT'
  | 'UNREADABLE'
  | 'STORE';

/** An operator's mistake or a refused resource: what happened, and what to do next. Bugs are plain errors and crash. */
export class EinfallstorError extends Error {
  readonly code: ErrorCode;
  /** One sentence: what the operator can do about it. */
  readonly hint: string;
  readonly location: Locator | undefined;

  constructor(code: ErrorCode, message: string, hint: string, options: { location?: Locator; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'EinfallstorError';
    this.code = code;
    this.hint = hint;
    this.location = options.location;
  }
}
