import type { RawRecord } from './parser.ts';

/** Bytes at which senders and relays cut a message: RFC 3164 §4.1 allows 1024, RFC 5424 §6.1 asks for 2048; some end one short. */
const LIMITS: readonly number[] = [1023, 1024, 2047, 2048];

/** How a message that was not cut ends: a sentence, a closed quote or bracket. */
const WHOLE_END = /[.!)\]}>"';]\s*$/;

/**
 * The bytes at which a line was cut, when it is exactly as long as a syslog message may be and ends as no whole one does.
 * A doubt, not a certainty: the line may happen to be that long.
 */
export const cutAt = ({ text, envelope }: RawRecord): number | undefined => {
  // a character of UTF-16 takes at most three bytes of UTF-8
  if (text.length > 2048 || text.length < 1023 / 3) return undefined;
  const bytes = Buffer.byteLength(text);
  if (!LIMITS.includes(bytes) || WHOLE_END.test(text.slice(-8))) return undefined;
  return envelope.civil === undefined && envelope.priority === undefined ? undefined : bytes;
};
