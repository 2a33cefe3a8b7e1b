import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../src/core/net.ts';
import { candidatesOf } from '../../src/detect/candidates.ts';
import { LiteralIndex } from '../../src/detect/matching/literals.ts';
import { Matcher } from '../../src/detect/matching/matcher.ts';
import { requiredTexts } from '../../src/detect/matching/regex-text.ts';
import { requiredBy } from '../../src/detect/matching/required.ts';
import { and, field, is, isAny, not, or, type PatternPart, type Query } from '../../src/query/ast.ts';
import { predicateOf } from '../../src/query/evaluate.ts';
import { fold } from '../../src/query/fold.ts';
import { regexOf } from '../../src/query/regex.ts';

const ANY: PatternPart = { wild: 'any' };
const range = parseCidr('10.0.0.0/8') as NonNullable<ReturnType<typeof parseCidr>>;
const like = (name: string, ...pattern: PatternPart[]): Query => field(name, { op: 'like', pattern, cased: false });

const leaf = fc.constantFrom<Query>(
  is('einfallstor.act', 'login'),
  is('event.code', 4625),
  not(is('event.module', 'zeek')),
  is('user.name', 'kim'),
  is('user.name', ''),
  like('user.name', ANY, 'ADMIN', ANY),
  like('process.command_line', ANY, 'ps', { wild: 'one' }, 'exec', ANY),
  field('process.command_line', { op: 'like', pattern: [ANY, 'Exec'], cased: true }),
  field('process.command_line', { op: 'regex', source: '^ps[a-z]+ (?:exec|run)', flags: 'i' }),
  field('process.command_line', { op: 'regex', source: 'x{0}admin\\.+', flags: '' }),
  { kind: 'anywhere', test: { op: 'like', pattern: [ANY, 'admin', ANY], cased: false } },
  { kind: 'anywhere', test: { op: 'regex', source: 'kim', flags: 'i' } },
  field('source.ip', { op: 'cidr', range }),
  field('user.name', { op: 'same', other: 'host.name', how: 'equals', cased: false }),
  field('host.name', { op: 'absent' }),
  like('host.*', ANY, 'dmin'),
  { kind: 'all' },
  { kind: 'none' },
);
const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('query'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('query') }),
  ),
}));
const event = fc.record(
  {
    'einfallstor.act': fc.constantFrom('login', 'flow'),
    'event.module': fc.constantFrom('zeek', 'windows-security'),
    'event.code': fc.constantFrom('4625', 4625, '1'),
    'user.name': fc.constantFrom<string | string[]>('kim', 'Domain Admin', ['lou', 'KIM'], ''),
    'host.name': fc.constantFrom('kim', 'pc-admin'),
    'process.command_line': fc.constantFrom('psXexec', 'psx Exec', 'psadmin run admin..', 'pow'),
    'source.ip': fc.constantFrom('10.1.1.1', '192.0.2.1', 'none'),
  },
  { requiredKeys: [] },
);

const ruleOf = (asked: Query) => ({ query: asked, matches: predicateOf(asked) });

describe('many rules', () => {
  it('find in every event what each of them finds alone', () => {
    fc.assert(
      fc.property(fc.array(query, { maxLength: 12 }), fc.array(event, { maxLength: 8 }), (asked, events) => {
        const rules = asked.map(ruleOf);
        const matcher = new Matcher(rules);
        for (const fields of events)
          expect(matcher.matching(fields)).toEqual(rules.filter(({ matches }) => matches(fields)));
      }),
      { numRuns: 500 },
    );
  });

  it('try those alone whose texts and kinds an event has', () => {
    const tried: string[] = [];
    const rule = (name: string, asked: Query) => ({
      query: asked,
      matches: () => {
        tried.push(name);
        return true;
      },
    });
    const login = is('einfallstor.act', 'login');
    const matcher = new Matcher([
      rule('kind', and(login, like('process.command_line', 'ps', ANY))),
      rule('other kind', and(is('einfallstor.act', 'flow'), like('user.name', ANY, 'kim', ANY))),
      rule('text', and(login, like('user.name', ANY, 'kim', ANY), isAny('host.name', ['PC', 'SRV']))),
      rule('other text', and(login, like('user.name', ANY, 'kims', ANY))),
    ]);
    matcher.matching({ 'einfallstor.act': 'login', 'user.name': 'KIM', 'host.name': 'srv' });
    expect(tried).toEqual(['kind', 'text']);
  });
});

it.each([1, 600])('the store is asked for at least what is looked for (%i times the tests)', (times) => {
  fc.assert(
    fc.property(fc.array(query, { maxLength: 4 }), event, (asked, fields) => {
      fc.pre(asked.some((one) => predicateOf(one)(fields)));
      const many = asked.flatMap((one) => Array.from({ length: times }, () => one));
      expect(predicateOf(candidatesOf(many))(fields)).toBe(true);
    }),
    { numRuns: times === 1 ? 300 : 50 },
  );
});

it('beyond hundreds of tests the store is asked for kinds of events', () => {
  const asked = Array.from({ length: 600 }, (_, n) => and(is('einfallstor.act', 'login'), is('user.name', `user${n}`)));
  expect(candidatesOf(asked)).toEqual(is('einfallstor.act', 'login'));
});

describe('texts of regular expressions', () => {
  it.each([
    ['abc', ['abc']],
    ['ab?c', ['a', 'c']],
    ['ab*cd', ['a', 'cd']],
    ['ab+cd', ['ab', 'cd']],
    ['ab{0,2}cd', ['a', 'cd']],
    ['ab{2}cd', ['ab', 'cd']],
    ['a{b', ['a{b']],
    ['\\\\cmd\\.exe$', ['\\cmd.exe']],
    ['^ab[^]c]de.fg', ['ab', 'de', 'fg']],
    ['ab(cd|e[)]f)gh', ['ab', 'gh']],
    ['a\\dbc\\s+de', ['a', 'bc', 'de']],
    ['ab|cd', []],
    ['(?i)abc', ['abc']],
    ['ask', ['a']],
    ['ab\\x41c', []],
    ['\\Qa.b\\E', []],
    ['ab[[:alpha:]]c', []],
    ['abü', ['ab']],
  ])('%s', (source, texts) => {
    expect(requiredTexts(source)).toEqual(texts);
  });

  const piece = fc.constantFrom(
    'a',
    'bc',
    '.',
    'd?',
    'e*',
    'f+',
    '(ab|c)',
    '(?:d)',
    '[a-c]',
    '\\d',
    '\\.',
    'g{0,1}',
    'h{2}',
    '|',
    '^',
    '$',
  );
  it('are in every text that the expression finds', () => {
    const source = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '.', '7'), { maxLength: 10 });
    fc.assert(
      fc.property(source, text, (expression, letters) => {
        const value = letters.join('');
        fc.pre(regexOf(expression, '').test(value));
        for (const required of requiredTexts(expression)) expect(value).toContain(required);
      }),
      { numRuns: 500 },
    );
  });
});

it('takes of several parts of a condition the text that tells most', () => {
  const asked = and(
    is('http.request.method', 'GET'),
    or(like('url.path', ANY, '/shell'), like('url.path', ANY, '.aspx')),
  );
  expect(requiredBy(asked)?.map(({ text }) => text)).toEqual(['/shell', '.aspx']);
  expect(requiredBy(or(asked, field('url.path', { op: 'exists' })))).toBeUndefined();
});

it('meets every text of many in a value', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'Ä', '😀'), minLength: 3, maxLength: 6 });
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 20 }), fc.array(word, { maxLength: 6 }), (words, parts) => {
      const value = fold(parts.join(''));
      const texts = words.map(fold);
      const found = new Set<number>();
      const index = new LiteralIndex(new Map(texts.map((text, n) => [text, [n]])), new Map());
      index.search(value, (owners) => {
        for (const owner of owners) found.add(owner);
      });
      const expected = texts.flatMap((text, n) => (value.includes(text) && texts.lastIndexOf(text) === n ? [n] : []));
      expect([...found].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});
