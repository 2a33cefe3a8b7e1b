import { PARSERS } from '../../parsers/registry.ts';
import { EinfallstorError } from '../core/errors.ts';
import type { Parser } from '../parse/parser.ts';

/** The parser of an id the operator named. */
export const parserOf = (id: string): Parser => {
  const parser = PARSERS.find((candidate) => candidate.id === id);
  if (parser === undefined)
    throw new EinfallstorError('USAGE', `unknown parser: ${id}`, '`einfallstor formats list` names them all.');
  return parser;
};

/** A format as `formats list` shows it. */
export interface FormatLine {
  readonly id: string;
  readonly title: string;
  readonly zone: string;
  readonly year: string;
  readonly resolution: string;
  readonly families: readonly string[];
  readonly limits: readonly string[];
  readonly references: readonly { readonly title: string; readonly url: string }[];
}

export const listFormats = (): FormatLine[] =>
  PARSERS.map(({ id, title, states, families, limits, references }) => ({
    id,
    title,
    ...states,
    families,
    limits: limits ?? [],
    references,
  }));
