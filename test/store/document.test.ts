import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIELDS } from '../../src/ecs/fields.ts';
import { storable } from '../../src/store/canonical.ts';
import { type Document, documentOf, eventOf, isPlainName } from '../../src/store/elasticsearch/document.ts';
import { indexName } from '../../src/store/elasticsearch/index-names.ts';
import { eventMappings, OWN, TIMELESS, VENDOR } from '../../src/store/elasticsearch/mapping.ts';
import { hasLongToken, piecesOf } from '../../src/store/elasticsearch/tokens.ts';
import { events } from '../query/arbitraries.ts';

test('a document gives back the event it was made of, and has no name the mapping lacks', () => {
  const names = new Set(Object.keys(eventMappings().properties ?? {}));
  fc.assert(
    fc.property(events, fc.boolean(), (given, isFull) => {
      for (const event of given) {
        const written = documentOf(event, (name) => !isFull && isPlainName(name));
        const read = JSON.parse(JSON.stringify(written)) as Document;
        expect(eventOf(event.id, read)).toEqual(storable(event));
        for (const name of Object.keys(read)) expect(names).toContain(name);
      }
    }),
  );
});

test('values that cannot be looked for are marked', () => {
  const marks = (fields: Record<string, string | number | string[]>): unknown[] => {
    const document = documentOf({ id: 'aa-0', fields }, isPlainName);
    return [document[OWN.odd], document[OWN.folded], document[OWN.rest]];
  };
  expect(marks({ 'user.name': 'anna', 'vendor.a': 'x', 'source.ip': '192.0.2.1' })).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(marks({ 'user.name': 'x'.repeat(1025) })[0]).toEqual(['user.name']);
  expect(marks({ 'source.port': '443' })).toEqual([['source.port'], undefined, '{"source.port":"443"}']);
  expect(marks({ 'source.ip': '010.0.0.1' })[0]).toEqual(['source.ip']);
  expect(marks({ 'user.name': ['a', 'b'] })[0]).toEqual(['user.name']);
  expect(marks({ 'user.name': 'Jürgen', 'host.name': 'ÜBER' })[1]).toEqual(['host.name']);
  expect(marks({ 'event.original': `a ${'b'.repeat(256)}` })[0]).toEqual(['event.original']);
  expect(marks({ 'a*b': 'x' })).toEqual([['*'], undefined, '{"a*b":"x"}']);
});

test('an event without a time stands behind all others', () => {
  expect(documentOf({ id: 'aa-0', fields: {} }, isPlainName)[OWN.time]).toBe(TIMELESS);
  expect(documentOf({ id: 'aa-0', fields: { '@timestamp': -7 } }, isPlainName)).toMatchObject({ [OWN.time]: -7 });
});

test('the mapping has the catalogue, and takes nothing else', () => {
  const { dynamic, properties } = eventMappings();
  expect(dynamic).toBe('strict');
  for (const { name } of FIELDS) expect(properties).toHaveProperty([name]);
  expect(properties?.[VENDOR]).toMatchObject({ type: 'flattened' });
});

test('words of a pattern', () => {
  const words = (...pattern: Parameters<typeof piecesOf>[0]): string[] =>
    piecesOf(pattern).map(({ text, begins, ends }) => `${begins ? '' : '*'}${text}${ends ? '' : '*'}`);
  const any = { wild: 'any' } as const;
  expect(words(any, 'from 198.51', any)).toEqual(['*from', '198*', '*51*']);
  expect(words(any, ' Session=77 ', any)).toEqual(['session', '77']);
  expect(words('login', any)).toEqual(['login*']);
  expect(words('lo', 'gin')).toEqual(['login']);
  expect(words(any, 'é', any)).toEqual([]);
  expect(hasLongToken(`${'a'.repeat(250)} ${'b'.repeat(250)}`)).toBe(false);
  expect(hasLongToken(`${'a'.repeat(250)}.${'b'.repeat(250)}`)).toBe(true);
});

test('the name of an index says which case it is of', () => {
  expect(indexName('ACME – Köln 2021', '0123456789abcdef')).toBe('einfallstor-acme-k-ln-2021-01234567');
  expect(indexName('***', 'ffffffffffff')).toBe('einfallstor-case-ffffffff');
});
