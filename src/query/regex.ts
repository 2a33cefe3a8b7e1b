import { RE2JS } from 're2js';
import { EinfallstorError } from '../core/errors.ts';
import { wellFormed } from '../core/text.ts';

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

const COMPILED = new Map<string, RE2JS>();

/** An RE2 expression, found anywhere in a text, in linear time. Compiled once; an invalid one is the operator's. */
export const regexOf = (given: string, flags: string): RE2JS => {
  const source = wellFormed(given);
  const key = `${flags}/${source}`;
  let regex = COMPILED.get(key);
  if (regex === undefined) {
    try {
      regex = RE2JS.compile(
        source,
        [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0),
      );
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new EinfallstorError(
        'BAD_FILTER',
        `not a regular expression: ${source} (${why})`,
        'Use RE2 syntax: no look-around, no back-references.',
        { cause },
      );
    }
    COMPILED.set(key, regex);
  }
  return regex;
};
