import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Fields } from '../../src/ecs/event.ts';
import { complete } from '../../src/parse/complete.ts';
import { type ClockSettings, openClock } from '../../src/parse/kit/clock.ts';
import type { Outcome, Parser, RawRecord } from '../../src/parse/parser.ts';
import { recordOf } from '../../src/parse/record.ts';

export const recordsOf = (lines: readonly string[]): RawRecord[] => {
  let offset = 0;
  return lines.map((text, n) => {
    const length = Buffer.byteLength(text) + 1;
    const record = recordOf({ text, offset, length, line: n + 1 });
    offset += length;
    return record;
  });
};

/** The outcomes of lines that one stream holds. */
export const readLines = (
  parser: Parser,
  lines: readonly string[],
  clock: ClockSettings = { year: 2021 },
): Outcome[] => {
  const read = parser.open({ clock: openClock(clock) });
  return recordsOf(lines).map(read);
};

/** The event of one line: its act and fields. Fails when the line gives none. */
export const eventOf = (parser: Parser, line: string, clock?: ClockSettings): { act: string; fields: Fields } => {
  const outcome = readLines(parser, [line], clock)[0] as Outcome;
  if (outcome.kind !== 'event') throw new Error(`${outcome.kind}: ${line}`);
  return { act: outcome.act, fields: outcome.fields };
};

const MAX_MILLISECONDS = 500;

/** Hostile evidence: cut, repeated, spliced and huge lines never throw and never take long. */
export const expectRobust = (parser: Parser, lines: readonly string[]): void => {
  const junk = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom(' from ', ' to ', '(', ')', '<', '>', '\\', "'", '"', ': ', ' user ', '\u0000', '::1', '/'),
  );
  const mutated = fc
    .tuple(
      fc.constantFrom(...lines),
      fc.constantFrom(...lines),
      fc.nat(),
      fc.nat(),
      junk,
      fc.integer({ min: 1, max: 2000 }),
    )
    .map(
      ([a, b, cut, at, text, times]) =>
        a.slice(0, cut % (a.length + 1)) + text.repeat(times) + b.slice(at % (b.length + 1)),
    );
  const read = parser.open({ clock: openClock({ year: 2021 }) });
  fc.assert(
    fc.property(mutated, (line) => {
      const record = recordsOf([line])[0] as RawRecord;
      const start = performance.now();
      parser.claims?.(record);
      const outcome = read(record);
      expect(performance.now() - start).toBeLessThan(MAX_MILLISECONDS);
      if (outcome.kind === 'event') {
        complete(outcome.fields);
        for (const value of Object.values(outcome.fields)) expect(value).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
};

/** The lines of a parser's own fixtures: `zimbra/audit`. */
export const linesOf = (...cases: readonly string[]): string[] =>
  cases.flatMap((name) =>
    readFileSync(join(import.meta.dirname, '../../fixtures/parsers', name, 'input.log'), 'utf8')
      .split('\n')
      .filter(Boolean),
  );
