import type { PatternPart } from '../../query/ast.ts';

export const ANY: PatternPart = { wild: 'any' };
const ONE: PatternPart = { wild: 'one' };

/**
 * Text of a rule as parts (Sigma rules specification, "Escaping"): `*` any run, `?` one character. Before `*` or `?`,
 * two backslashes are one and an odd one makes the character literal; before other text or the end, each pair is one
 * and a single one is itself. `\*` → `*`; `\\*` → backslash, any; `a\b` and `a\\b` → `a\b`.
 */
export const parsePattern = (text: string): PatternPart[] => {
  const parts: PatternPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
  };
  for (let i = 0; i < text.length; ) {
    let slashes = 0;
    while (text[i + slashes] === '\\') slashes += 1;
    i += slashes;
    const next = text[i];
    const special = next === '*' || next === '?';
    literal += '\\'.repeat(special ? Math.floor(slashes / 2) : Math.ceil(slashes / 2));
    if (next === undefined) break;
    i += 1;
    if (special && slashes % 2 === 0) {
      flush();
      parts.push(next === '*' ? ANY : ONE);
    } else literal += next;
  }
  flush();
  return parts;
};

/** The text, when there is no wildcard in it. */
export const literalOf = (parts: readonly PatternPart[]): string | undefined => {
  if (parts.some((part) => typeof part !== 'string')) return undefined;
  return parts.join('');
};

/** Parts joined so that neighbouring texts are one and runs of `*` are one. */
export const joined = (parts: readonly PatternPart[]): PatternPart[] => {
  const out: PatternPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (typeof part !== 'string' && part.wild === 'any' && typeof last === 'object' && last.wild === 'any')
      continue;
    else if (part !== '') out.push(part);
  }
  return out;
};
