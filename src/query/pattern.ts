import { wellFormed } from '../core/text.ts';
import type { PatternPart } from './ast.ts';
import { fold } from './fold.ts';

/** What stands between two `*`: literal text, or code points of which some are free. */
type Segment = string | readonly (string | undefined)[];

const isFree = (part: PatternPart): boolean => typeof part !== 'string' && part.wild === 'one';

/** `a*b?c` → [[`a`], [`b`, one, `c`]] */
const segmentsOf = (pattern: readonly PatternPart[], folded: (text: string) => string): Segment[] => {
  const runs: PatternPart[][] = [[]];
  for (const part of pattern) {
    if (typeof part !== 'string' && part.wild === 'any') runs.push([]);
    else (runs.at(-1) as PatternPart[]).push(part);
  }
  return runs.map((run) =>
    run.some(isFree)
      ? run.flatMap((part) => (typeof part === 'string' ? [...folded(wellFormed(part))] : [undefined]))
      : folded(wellFormed(run.join(''))),
  );
};

type Letters = readonly string[];

const fitsAt = (letters: Letters, at: number, segment: readonly (string | undefined)[]): boolean => {
  if (at < 0 || at + segment.length > letters.length) return false;
  for (let i = 0; i < segment.length; i += 1)
    if (segment[i] !== undefined && segment[i] !== letters[at + i]) return false;
  return true;
};

/** By code points: `?` is one of them, also outside the BMP. The leftmost folded of each segment is enough (no backtracking). */
const matchLetters = (letters: Letters, segments: readonly (readonly (string | undefined)[])[]): boolean => {
  const first = segments[0] as readonly (string | undefined)[];
  if (segments.length === 1) return letters.length === first.length && fitsAt(letters, 0, first);
  const last = segments.at(-1) as readonly (string | undefined)[];
  const end = letters.length - last.length;
  if (!fitsAt(letters, 0, first) || first.length > end || !fitsAt(letters, end, last)) return false;
  let at = first.length;
  for (const segment of segments.slice(1, -1)) {
    while (at + segment.length <= end && !fitsAt(letters, at, segment)) at += 1;
    if (at + segment.length > end) return false;
    at += segment.length;
  }
  return true;
};

const matchText = (value: string, segments: readonly string[]): boolean => {
  const first = segments[0] as string;
  const last = segments.at(-1) as string;
  const end = value.length - last.length;
  if (first.length > end || !value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (let i = 1; i < segments.length - 1; i += 1) {
    const segment = segments[i] as string;
    const found = value.indexOf(segment, at);
    if (found < 0 || found + segment.length > end) return false;
    at = found + segment.length;
  }
  return true;
};

const same = (text: string): string => text;

/** Whether a whole value has the form of the pattern. */
export const patternMatcher = (pattern: readonly PatternPart[], cased: boolean): ((value: string) => boolean) => {
  const folded = cased ? same : fold;
  const segments = segmentsOf(pattern, folded);
  if (segments.every((segment) => typeof segment === 'string')) {
    if (segments.length === 1) return (value) => folded(value) === segments[0];
    return (value) => matchText(folded(value), segments);
  }
  const letters = segments.map((segment) => (typeof segment === 'string' ? [...segment] : segment));
  return (value) => matchLetters([...folded(value)], letters);
};

const ANY: PatternPart = { wild: 'any' };
const ONE: PatternPart = { wild: 'one' };

/** Parts of a text in which `*` and `?` are wild. */
export const wildcards = (text: string): PatternPart[] =>
  text
    .split(/([*?])/)
    .flatMap((piece): PatternPart[] => (piece === '' ? [] : piece === '*' ? [ANY] : piece === '?' ? [ONE] : [piece]));

/** The pattern of a value that contains the text. */
export const containing = (text: string): PatternPart[] => [ANY, text, ANY];
