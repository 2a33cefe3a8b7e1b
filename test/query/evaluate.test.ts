import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IpRange, parseCidr } from '../../src/core/net.ts';
import { and, field, is, isAny, not, or, type Query, type Test } from '../../src/query/ast.ts';
import { parseIso } from '../../src/query/calendar.ts';
import { predicateOf, type QueryFields } from '../../src/query/evaluate.ts';
import { containing, patternMatcher, wildcards } from '../../src/query/pattern.ts';
import { events, query } from './arbitraries.ts';

const passes = (asked: Query, event: QueryFields): boolean => predicateOf(asked)(event);
const f = (test: Test): Query => field('f', test);
const like = (text: string, cased = false): Query => f({ op: 'like', pattern: wildcards(text), cased });
const compare = (comparison: 'lt' | 'lte' | 'gt' | 'gte' | 'eq', value: number): Query =>
  f({ op: 'compare', comparison, value });
const cidr = (range: string): Query => f({ op: 'cidr', range: parseCidr(range) as IpRange });

describe('a test of a value', () => {
  const CASES: readonly (readonly [string, Query, QueryFields[string], boolean])[] = [
    ['like is the whole value', like('foo'), 'foobar', false],
    ['like in any case', like('FOO*'), 'foobar', true],
    ['like cased', like('FOO*', true), 'foobar', false],
    ['? is one character', like('f?o'), 'fo', false],
    ['? is one code point', like('a?c'), 'a😀c', true],
    ['* may be empty', like('a*b*c'), 'abc', true],
    ['the end is not shared with what stands before', like('ab*ba'), 'aba', false],
    ['like on a number', like('44*'), 443, true],
    ['like on a boolean', like('TRUE'), true, true],
    ['like on a list', like('b'), ['a', 'b'], true],
    ['like on null', like('null'), null, false],
    ['a literal part may hold a star', f({ op: 'like', pattern: ['a*'], cased: false }), 'ab', false],
    ['regex is found anywhere', f({ op: 'regex', source: 'b+', flags: '' }), 'abbbc', true],
    ['regex is cased', f({ op: 'regex', source: 'foo', flags: '' }), 'FOO', false],
    ['regex flag i', f({ op: 'regex', source: 'foo', flags: 'i' }), 'FOO', true],
    ['regex flag m', f({ op: 'regex', source: '^b$', flags: 'm' }), 'a\nb', true],
    ['regex flag s', f({ op: 'regex', source: 'a.b', flags: 's' }), 'a\nb', true],
    ['exists though null', f({ op: 'exists' }), null, true],
    ['exists though empty', f({ op: 'exists' }), '', true],
    ['absent when null', f({ op: 'absent' }), null, true],
    ['not absent when empty', f({ op: 'absent' }), '', false],
    ['empty', f({ op: 'empty' }), '', true],
    ['null is not empty', f({ op: 'empty' }), null, false],
    ['numeric text compares', compare('lt', 6), '5', true],
    ['other text does not', compare('lte', 5), 'n/a', false],
    ['nor does hexadecimal', compare('eq', 16), '0x10', false],
    ['nor what overflows', compare('gt', 1), '1e999', false],
    ['a fraction', compare('gt', 0.4), '0.5', true],
    ['a boolean is no number', compare('eq', 1), true, false],
    ['an address of the network', cidr('10.0.0.0/8'), '10.255.0.1', true],
    ['no address', cidr('10.0.0.0/8'), '-', false],
    ['IPv4 in IPv6', cidr('10.0.0.0/8'), '::ffff:10.1.2.3', true],
    ['IPv6', cidr('2001:db8::/32'), ['::1', '2001:DB8::5'], true],
    [
      'hour of a number',
      f({ op: 'part', part: 'hour', comparison: 'gte', value: 22 }),
      parseIso('2026-03-01T23:10:00Z') as number,
      true,
    ],
    [
      'hour of ISO text',
      f({ op: 'part', part: 'hour', comparison: 'eq', value: 22 }),
      '2026-03-01T23:10:00+01:00',
      true,
    ],
    ['no part of other text', f({ op: 'part', part: 'year', comparison: 'gte', value: 0 }), 'yesterday', false],
    [
      'first ISO week belongs to the next year',
      f({ op: 'part', part: 'week', comparison: 'eq', value: 53 }),
      '2021-01-03',
      true,
    ],
    ['part before 1970', f({ op: 'part', part: 'day', comparison: 'eq', value: 31 }), -1, true],
  ];
  test.each(CASES)('%s', (_, asked, value, expected) => {
    expect(passes(asked, { f: value })).toBe(expected);
    expect(passes(not(asked), { f: value })).toBe(!expected);
  });

  test('an absent field passes nothing but absence', () => {
    for (const [what, asked] of CASES)
      if (asked.kind === 'field' && asked.test.op !== 'absent') expect(passes(asked, { g: 1 }), what).toBe(false);
    expect(passes(f({ op: 'absent' }), { g: 1 })).toBe(true);
    expect(passes(f({ op: 'same', other: 'g', how: 'equals', cased: false }), { x: 1 })).toBe(false);
  });
});

describe('names', () => {
  test('the exact name counts first, then those in another case', () => {
    expect(passes(is('a', 'x'), { A: 'x' })).toBe(true);
    expect(passes(is('A', 'x'), { a: 'x' })).toBe(true);
    expect(passes(is('a', 'x'), { a: 'y', A: 'x' })).toBe(false);
    expect(passes(is('a.B', 'x'), { 'a.b': 'y', 'A.b': 'x' })).toBe(true);
  });

  test('a star stands for any name', () => {
    expect(passes(is('*.IP', '192.0.2.1'), { 'source.ip': '192.0.2.2', 'Host.Ip': '192.0.2.1' })).toBe(true);
    expect(passes(field('x.*', { op: 'absent' }), { 'x.a': null })).toBe(true);
    expect(passes(field('x.*', { op: 'exists' }), { y: 1 })).toBe(false);
  });

  test('names of objects are not fields', () => {
    expect(passes(field('constructor', { op: 'exists' }), {})).toBe(false);
    expect(passes(field('__proto__', { op: 'exists' }), {})).toBe(false);
  });
});

test('anywhere looks into all text, numbers excepted', () => {
  const anywhere = (text: string): Query => ({
    kind: 'anywhere',
    test: { op: 'like', pattern: containing(text), cased: false },
  });
  const event = { a: 'one', b: ['two', 3], c: 443, message: 'Three' };
  expect(['ONE', 'two', 'hre'].every((text) => passes(anywhere(text), event))).toBe(true);
  expect(passes(anywhere('443'), event)).toBe(false);
});

test('combinations', () => {
  expect(passes(and(), {})).toBe(true);
  expect(passes(or(), {})).toBe(false);
  expect(passes({ kind: 'none' }, {})).toBe(false);
  expect(passes(isAny('a', ['b', 'c', 'd', 'e', 5]), { a: 'E' })).toBe(true);
  expect(passes(isAny('a', ['b', 'c', 'd', 'e', 5]), { a: 5 })).toBe(true);
  expect(passes(isAny('a', ['b', 'c', 'd', 'e', 5]), { a: 'f' })).toBe(false);
});

test('alternatives taken together mean the same as one by one', () => {
  const oneByOne = (asked: Query): Query => {
    if (asked.kind === 'not') return not(oneByOne(asked.of));
    if (asked.kind === 'and') return and(...asked.of.map(oneByOne));
    // a nested pair is never long enough to be gathered
    return asked.kind === 'or' ? asked.of.map(oneByOne).reduce((all, part) => or(all, part), or()) : asked;
  };
  fc.assert(
    fc.property(events, query, (given, asked) => {
      for (const { fields } of given) expect(passes(asked, fields)).toBe(passes(oneByOne(asked), fields));
    }),
  );
});

test('a pattern matches as the regular expression of its parts does', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '😀', '.'), maxLength: 6 });
  const part = fc.oneof(letters, fc.constant({ wild: 'any' } as const), fc.constant({ wild: 'one' } as const));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), letters, fc.boolean(), (pattern, value, cased) => {
      const source = pattern
        .map((p) => (typeof p === 'string' ? p.replaceAll('.', '\\.') : p.wild === 'any' ? '.*' : '.'))
        .join('');
      expect(patternMatcher(pattern, cased)(value)).toBe(new RegExp(`^${source}$`, cased ? 'su' : 'sui').test(value));
    }),
    { numRuns: 2000 },
  );
});

test('patterns and expressions take linear time', () => {
  const value = 'a'.repeat(100_000);
  const started = performance.now();
  passes(f({ op: 'like', pattern: wildcards(`${'*a'.repeat(50)}*b`), cased: false }), { f: value });
  passes(f({ op: 'regex', source: '(a+)+$', flags: '' }), { f: `${value}b` });
  expect(performance.now() - started).toBeLessThan(5000);
});
