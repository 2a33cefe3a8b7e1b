import { expect, it } from 'vitest';
import { readCells, readCsv } from '../../../src/parse/kit/csv.ts';

it.each<[string, string[] | undefined]>([
  ['a,b,,c', ['a', 'b', '', 'c']],
  ['"a, b","say ""so""",', ['a, b', 'say "so"', '']],
  ['"two\nlines",b\r\n', ['two\nlines', 'b']],
  // stray quotes, as exports leave them
  ['a "b" c,d', ['a "b" c', 'd']],
  ['"a"b,c', ['"a"b', 'c']],
  ['"a" b","c"', ['a" b', 'c']],
  // cut, or more than one record
  ['a,"never closed', undefined],
  ['"a",b\n"c",d', undefined],
])('%j', (text, cells) => expect(readCsv(text)).toEqual(cells));

it('takes other delimiters', () => expect(readCsv('"a;b";c', ';')).toEqual(['a;b', 'c']));

it('never fails where a cut record is still worth reading', () => {
  expect(readCells('a,"b ""c"" d","cut')).toEqual({ cells: ['a', 'b "c" d', 'cut'], cut: true });
});

it('is linear in quotes that never close', () => {
  const text = '"a"b,'.repeat(200_000);
  const begun = performance.now();
  expect(readCsv(text)).toBeUndefined();
  expect(readCsv(text.slice(0, 5000))).toHaveLength(1001);
  expect(performance.now() - begun).toBeLessThan(2000);
});
