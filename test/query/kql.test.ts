import { describe, expect, test } from 'vitest';
import { EinfallstorError } from '../../src/core/errors.ts';
import { ALL, and, field, is, not, or, type Query } from '../../src/query/ast.ts';
import { predicateOf } from '../../src/query/evaluate.ts';
import { parseKql } from '../../src/query/kql.ts';
import { printKql } from '../../src/query/print.ts';

const like = (name: string, ...pattern: (string | { wild: 'any' })[]): Query =>
  field(name, { op: 'like', pattern, cased: false });
const anywhere = (...pattern: (string | { wild: 'any' })[]): Query => ({
  kind: 'anywhere',
  test: { op: 'like', pattern: [ANY, ...pattern, ANY], cased: false },
});
const ANY = { wild: 'any' } as const;
const micros = (iso: string): number => Date.parse(iso) * 1000;

const PARSED: readonly (readonly [string, Query])[] = [
  ['', ALL],
  [' * ', ALL],
  ['user.name: Anna', is('user.name', 'Anna')],
  ['user.name:"a*b \\"c\\" \\\\"', is('user.name', 'a*b "c" \\')],
  ['user.name: svc*', like('user.name', 'svc', ANY)],
  ['user.name: svc\\*', is('user.name', 'svc*')],
  ['user.name: C:\\Windows', is('user.name', 'C:\\Windows')],
  ['user.name: *', field('user.name', { op: 'exists' })],
  ['user.name: ""', field('user.name', { op: 'empty' })],
  ['user.name: "*"', is('user.name', '*')],
  ['user.name: a b', or(is('user.name', 'a'), is('user.name', 'b'))],
  [
    'user.name: (a or "b c" and not d)',
    or(is('user.name', 'a'), and(is('user.name', 'b c'), not(is('user.name', 'd')))),
  ],
  ['a: 1 OR b: 2 And NOT c: 3', or(is('a', '1'), and(is('b', '2'), not(is('c', '3'))))],
  ['(a: 1 or b: 2) and c: 3', and(or(is('a', '1'), is('b', '2')), is('c', '3'))],
  ['not not a: x', not(not(is('a', 'x')))],
  ['notable: orange', is('notable', 'orange')],
  ['a: \\and', is('a', 'and')],
  ['machine.os*: x', is('machine.os*', 'x')],
  ['\\(odd\\:name\\ 1: x', is('(odd:name 1', 'x')],
  ['"authentication failed"', anywhere('authentication failed')],
  ['admin*root', anywhere('admin', ANY, 'root')],
  ['failed refused', or(anywhere('failed'), anywhere('refused'))],
  ['message: "login failed"', like('message', ANY, 'login failed', ANY)],
  ['destination.port: 443', field('destination.port', { op: 'compare', comparison: 'eq', value: 443 })],
  ['destination.port: "443"', is('destination.port', '443')],
  ['destination.port>=1024', field('destination.port', { op: 'compare', comparison: 'gte', value: 1024 })],
  ['vendor.score < -0.5', field('vendor.score', { op: 'compare', comparison: 'lt', value: -0.5 })],
  ['source.ip: 2001:DB8::1', is('source.ip', '2001:db8::1')],
  ['source.ip: 2001:db8:: and a: b', and(is('source.ip', '2001:db8::'), is('a', 'b'))],
  ['source.ip: 10.1.*', like('source.ip', '10.1.', ANY)],
  [
    'source.ip: 10.0.0.0/8',
    field('source.ip', {
      op: 'cidr',
      range: { first: `${'0'.repeat(20)}ffff0a000000`, last: `${'0'.repeat(20)}ffff0affffff` },
    }),
  ],
  [
    'source.ip > 10.0.0.0',
    field('source.ip', { op: 'cidr', range: { first: `${'0'.repeat(20)}ffff0a000001`, last: 'f'.repeat(32) } }),
  ],
  [
    '@timestamp >= "2021-10-31"',
    field('@timestamp', { op: 'compare', comparison: 'gte', value: micros('2021-10-31T00:00Z') }),
  ],
  [
    '@timestamp > 2021-10-31T23:14+01:00',
    field('@timestamp', { op: 'compare', comparison: 'gte', value: micros('2021-10-31T22:15Z') }),
  ],
  [
    '@timestamp <= 2021-10',
    field('@timestamp', { op: 'compare', comparison: 'lt', value: micros('2021-11-01T00:00Z') }),
  ],
  [
    '@timestamp: 2021-10-31',
    and(
      field('@timestamp', { op: 'compare', comparison: 'gte', value: micros('2021-10-31T00:00Z') }),
      field('@timestamp', { op: 'compare', comparison: 'lt', value: micros('2021-11-01T00:00Z') }),
    ),
  ],
  [
    'event.start: 1635721200000000',
    field('event.start', { op: 'compare', comparison: 'eq', value: 1_635_721_200_000_000 }),
  ],
];

describe('KQL', () => {
  test.each(PARSED)('%s', (text, query) => {
    expect(parseKql(text)).toEqual(query);
  });

  const REFUSED: readonly (readonly [string, number, RegExp])[] = [
    ['a: ', 4, /a value is missing/],
    ['a: 1 and', 9, /a field or a value is missing/],
    ['a: 1 and or b: 2', 10, /missing before or/],
    ['(a: 1', 6, /a \) is missing/],
    ['a: 1)', 5, /unexpected \)/],
    ['a: "x', 4, /does not end/],
    ['a: 1 b: 2', 6, /a condition begins/],
    ['destination.port > x', 20, /no number/],
    ['@timestamp > now-1d', 14, /no date/],
    ['@timestamp: 2021-02-30', 13, /no date/],
    ['source.ip < 10.0', 13, /no address/],
    ['items: { a: 1 }', 8, /nested/],
    [`${'('.repeat(200)}a: 1`, 102, /nested too deeply/],
    [`${'not '.repeat(200)}a: 1`, 404, /nested too deeply/],
  ];
  test.each(REFUSED)('refuses %.20s', (text, position, message) => {
    const refusal = ((): unknown => {
      try {
        return parseKql(text);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(EinfallstorError);
    const { code, hint, message: told } = refusal as EinfallstorError;
    expect(code).toBe('BAD_FILTER');
    expect(told).toMatch(message);
    expect(told).toContain(`at character ${position} of the filter`);
    expect(told.split('\n')[2]).toBe(`  ${' '.repeat(position - 1)}^`);
    expect(hint).not.toBe('');
  });

  test('prints what reads back as the same query', () => {
    const printed = PARSED.filter(([, query]) => query !== ALL).map(
      ([text, query]) => [text, printKql(query)] as const,
    );
    for (const [text, again] of printed) if (again !== undefined) expect(parseKql(again), text).toBeDefined();
    expect(printed.filter(([, again]) => again === undefined).map(([text]) => text)).toEqual([
      'source.ip: 10.0.0.0/8',
      'source.ip > 10.0.0.0',
    ]);
    expect(printKql(and(is('a', 'x'), or(is('b', 'y'), not(is('c', 'z')))))).toBe('a: "x" and (b: "y" or not c: "z")');
    expect(printKql(field('a', { op: 'regex', source: 'x', flags: '' }))).toBeUndefined();
  });

  test('a filter finds its events', () => {
    const event = {
      '@timestamp': micros('2021-10-31T22:14:07Z'),
      'source.ip': '198.51.100.23',
      'user.name': ['Anna', 'svc-1'],
      message: 'Login FAILED for anna',
    };
    const finds = (filter: string): boolean => predicateOf(parseKql(filter))(event);
    expect(finds('@timestamp: 2021-10-31T23:14+01:00 and source.ip: 198.51.100.0/24')).toBe(true);
    expect(finds('message: failed and user.name: SVC*')).toBe(true);
    expect(finds('"login failed" and not user.name: bert')).toBe(true);
    expect(finds('not anna')).toBe(false);
    expect(finds('source.ip >= 198.51.100.23 and source.ip < 198.51.100.24')).toBe(true);
  });
});
