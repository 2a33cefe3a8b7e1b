import fc from 'fast-check';
import { eventId } from '../../src/core/locator.ts';
import { type IpRange, parseCidr } from '../../src/core/net.ts';
import type { Fields, StoredEvent } from '../../src/ecs/event.ts';
import { isAny, type PatternPart, type Query, type Test, type TextTest } from '../../src/query/ast.ts';

/** Events and queries that meet often: few names, few letters, and the letters and texts that stores get wrong. */

const NAMES = [
  '@timestamp',
  'source.ip',
  'related.ip',
  'user.name',
  'User.Name',
  'event.original',
  'event.id',
  'destination.port',
  'vendor.a',
  'Vendor.A',
  'VENDOR.a',
  'vendor.b"c',
  "vendor.o'x",
  'vendor.ünï',
  'vendor.*',
] as const;

const QUERIED = [...NAMES, 'USER.NAME', 'vendor.A', 'VENDOR.ÜNÏ', '*', 'vendor.*', '*.ip', 'none.such', ''] as const;

const LETTERS = [
  'a',
  'A',
  'b',
  'ab',
  'AB',
  '0',
  '1',
  '12',
  '.',
  '*',
  '?',
  '%',
  '_',
  '\\',
  "'",
  '"',
  '\n',
  '\t',
  ' ',
  '-',
  ':',
  '|',
  '\u0000',
  '\u001e',
  '\u001f',
  'ß',
  'ẞ',
  'ſ',
  's',
  'S',
  'K',
  'k',
  'K',
  'İ',
  'i',
  'I',
  'ı',
  'Σ',
  'σ',
  'ς',
  'é',
  'É',
  'e\u0301',
  '😀',
  '\ud83d',
  '\ude00',
  '\ufeff',
  '\ufffd',
  '\u{10d50}',
  '$1',
  '/*',
  '--',
  'µ',
  'Å',
  'ǅ',
] as const;

const text = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...LETTERS), { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '10.0.0.1',
      '10.0.0.2',
      '010.0.0.1',
      '192.0.2.200',
      '2001:db8::1',
      '2001:DB8:0::1',
      '::ffff:10.0.0.1',
      '::',
      '1.2.3',
      '12',
      '-0',
      '+7',
      '1e3',
      '0.5',
      '.5',
      '1.',
      '1e999',
      '0x10',
      'NaN',
      'inf',
      '1_0',
      ' 1',
      '9007199254740993',
      '2021-10-31T23:14:07Z',
      '2021-01-03',
      '2021-02-30',
      'true',
      'false',
      'null',
    ),
  },
);

const number = fc.oneof(
  fc.integer({ min: -2, max: 13 }),
  fc.constantFrom(443, 1e3, 0.5, -0.5, 1e21, 1.5e-7, 2 ** 53, 9_007_199_254_740_991, 0.1, 123456789.25),
);

const scalar = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: fc.boolean() },
);

const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(text, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
);

const time = fc.oneof(
  fc.integer({ min: 0, max: 5 }).map((minutes) => 1_635_721_200_000_000 + minutes * 60_000_000),
  fc.integer({ min: -9_000_000_000_000_000, max: 9_000_000_000_000_000 }),
);

const fields: fc.Arbitrary<Fields> = fc
  .record(
    {
      '@timestamp': time,
      rest: fc.dictionary(fc.constantFrom(...NAMES.slice(1)), value, { maxKeys: 7 }),
    },
    { requiredKeys: ['rest'] },
  )
  .map(({ rest, ...stamp }) => ({ ...stamp, ...rest }));

/** Events of two streams, at different offsets. */
export const events: fc.Arbitrary<StoredEvent[]> = fc
  .array(fc.record({ fields, stream: fc.constantFrom('aa', 'b-b'), isOwnId: fc.boolean() }), { maxLength: 30 })
  .map((given) =>
    given.map(({ fields: own, stream, isOwnId }, i) => {
      const id = eventId(stream, i * 37);
      return { id, fields: isOwnId ? { ...own, 'event.id': id } : own };
    }),
  );

const comparison = fc.constantFrom('lt', 'lte', 'gt', 'gte', 'eq');

const pattern: fc.Arbitrary<PatternPart[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: text },
    { weight: 3, arbitrary: fc.constant({ wild: 'any' } as const) },
    { weight: 1, arbitrary: fc.constant({ wild: 'one' } as const) },
  ),
  { maxLength: 4 },
);

const REGEXES = [
  'a',
  '^a',
  'b$',
  '^ab?$',
  '[a-z]+',
  '[^a]',
  '.',
  '^.$',
  '^..$',
  'a|b',
  '\\d+',
  '\\w',
  '\\s',
  '\\bs',
  '(?i)k',
  '[[:upper:]]',
  '\\pL',
  '\\p{Lu}',
  '\\x{1F600}',
  '^\\s*$',
  'a{2}',
  '(a)(b)',
  '\\.',
  '\\A.',
  '.\\z',
  'ß',
  'σ',
  'ς',
  's',
  'i',
  'k',
  '[k-s]',
  '^$',
  '\\Q.\\E',
  '(?:a|A)b*',
  '\\D',
  '\\W',
  '\\S',
  'é',
  '\\PN',
  '[ſ]',
  'µ',
] as const;

const textTest: fc.Arbitrary<TextTest> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('like' as const), pattern, cased: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('regex' as const),
      source: fc.constantFrom(...REGEXES),
      flags: fc.constantFrom('', 'i', 'm', 's', 'im', 'is', 'ims'),
    }),
  },
);

const RANGES = ['10.0.0.0/8', '10.0.0.1', '0.0.0.0/0', '2001:db8::/32', '::/0', '192.0.2.128/25'].map(
  (cidr) => parseCidr(cidr) as IpRange,
);

const queried = fc.constantFrom(...QUERIED);

const test: fc.Arbitrary<Test> = fc.oneof(
  { weight: 6, arbitrary: textTest },
  { weight: 1, arbitrary: fc.constantFrom<Test>({ op: 'exists' }, { op: 'absent' }, { op: 'empty' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('compare' as const),
      comparison,
      value: fc.oneof(number, time, fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cidr' as const), range: fc.constantFrom(...RANGES) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('same' as const),
      other: queried,
      how: fc.constantFrom('equals', 'contains', 'startswith', 'endswith'),
      cased: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('part' as const),
      part: fc.constantFrom('minute', 'hour', 'day', 'week', 'month', 'year'),
      comparison,
      value: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(2021)),
    }),
  },
);

const leaf: fc.Arbitrary<Query> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('field' as const), field: queried, test }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('anywhere' as const), test: textTest }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ field: queried, texts: fc.array(text, { minLength: 4, maxLength: 8 }) })
      .map(({ field, texts }) => isAny(field, texts)),
  },
  { weight: 1, arbitrary: fc.constantFrom<Query>({ kind: 'all' }, { kind: 'none' }) },
);

export const query: fc.Arbitrary<Query> = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('query'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('query') }),
  ),
})).query;
