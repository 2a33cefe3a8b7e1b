import type { PatternPart } from '../../query/ast.ts';
import { RuleError } from './model.ts';
import { literalOf } from './pattern.ts';

/** Encodings of rule values: base64, UTF-16, dash variants, placeholders. */

const literal = (parts: readonly PatternPart[], modifier: string): string => {
  const text = literalOf(parts);
  if (text === undefined) throw new RuleError(`${modifier} takes no wildcards`);
  return text;
};

export const utf8 = (parts: readonly PatternPart[]): Uint8Array => Buffer.from(literal(parts, 'base64'), 'utf8');

export const utf16 = (parts: readonly PatternPart[], order: 'le' | 'be', mark: boolean): Uint8Array => {
  const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${literal(parts, 'utf16')}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** First and last characters of a base64 text depend on neighbours when the value starts 0, 1 or 2 bytes into a group. */
const SKIP_START = [0, 2, 3] as const;
const SKIP_END = [0, 3, 2] as const;

/** The part of the base64 text that stays the same wherever the value lies in the encoded text: three variants. */
export const base64Offsets = (bytes: Uint8Array): string[] =>
  ([0, 1, 2] as const).map((shift) => {
    const text = base64(Buffer.concat([Buffer.alloc(shift, ' '), bytes]));
    const end = SKIP_END[((bytes.length + shift) % 3) as 0 | 1 | 2];
    return text.slice(SKIP_START[shift], text.length - end);
  });

/** Characters that Windows programs take for the dash of an option (appendix modifiers, `windash`). */
const DASHES = ['-', '/', '–', '—', '―'] as const;
/** An option's dash: not behind a word character, and before one. ` -f`, `/c` */
const DASH = /(?<!\w)[-/–—―](?=\w)/g;
const MAX_VARIANTS = 3125;

/** All spellings of the value with other dashes. */
export const dashVariants = (parts: readonly PatternPart[]): PatternPart[][] => {
  let variants: PatternPart[][] = [[]];
  for (const part of parts) {
    const pieces = typeof part === 'string' ? part.split(DASH) : [part];
    for (const [i, piece] of pieces.entries()) {
      const dashes = i === 0 ? [''] : DASHES;
      if (variants.length * dashes.length > MAX_VARIANTS) throw new RuleError('windash: too many dashes in one value');
      variants = variants.flatMap((before) =>
        dashes.map((dash) => [...before, ...(typeof piece === 'string' ? [dash + piece] : [piece])]),
      );
    }
  }
  return variants;
};

/** A placeholder, `%internal_hosts%`, or a percent sign that is none: `\%` (rules specification, "Placeholders"). */
const PLACEHOLDER = /\\%|%(\w[\w.-]*)%/;

/** The value with its placeholders replaced by each of their values. */
export const expandPlaceholders = (
  parts: readonly PatternPart[],
  placeholders: ReadonlyMap<string, readonly string[]>,
  parse: (text: string) => PatternPart[],
): PatternPart[][] => {
  const at = parts.findIndex((part) => typeof part === 'string' && PLACEHOLDER.test(part));
  if (at < 0) return [[...parts]];
  const text = parts[at] as string;
  const found = PLACEHOLDER.exec(text) as RegExpExecArray;
  const name = found[1];
  const values = name === undefined ? ['%'] : placeholders.get(name);
  if (values === undefined) throw new RuleError(`placeholder %${name}% has no values`);
  const before = [...parts.slice(0, at), text.slice(0, found.index)];
  const rest = expandPlaceholders(
    [text.slice(found.index + found[0].length), ...parts.slice(at + 1)],
    placeholders,
    parse,
  );
  const out = values.flatMap((value) => rest.map((tail) => [...before, ...parse(value), ...tail]));
  if (out.length > MAX_VARIANTS) throw new RuleError('expand: too many combinations of placeholder values');
  return out;
};
