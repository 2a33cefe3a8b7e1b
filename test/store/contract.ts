import { describe, expect, test } from 'vitest';
import { eventId } from '../../src/core/locator.ts';
import { type IpRange, parseCidr } from '../../src/core/net.ts';
import type { Fields, StoredEvent } from '../../src/ecs/event.ts';
import { ALL, and, field, is, isAny, not, or, type Query } from '../../src/query/ast.ts';
import { predicateOf } from '../../src/query/evaluate.ts';
import { containing, wildcards } from '../../src/query/pattern.ts';
import type { ScanOptions, StoreReader } from '../../src/store/store.ts';

export interface StoreUnderTest {
  readonly name: string;
  /** A reader over a store that was loaded with these events, given by stream. */
  readonly open: (events: readonly StoredEvent[]) => Promise<{ readonly reader: StoreReader; close(): Promise<void> }>;
}

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
};

const at = (stream: string, offset: number, fields: Fields): StoredEvent => ({ id: eventId(stream, offset), fields });

const NOON = 1_635_681_600_000_000; // 2021-10-31T12:00:00Z

export const EVENTS: readonly StoredEvent[] = [
  at('aa', 0, {
    '@timestamp': NOON,
    'einfallstor.act': 'vpn-login',
    'event.outcome': 'failure',
    'source.ip': '198.51.100.23',
    'user.name': 'K.Maier',
    'related.ip': ['198.51.100.23', '10.0.0.1'],
    'event.original': 'login failed for K.Maier from 198.51.100.23',
    'event.id': eventId('aa', 0),
    'vendor.Case': 'Straße',
  }),
  at('aa', 120, {
    '@timestamp': NOON + 1_500_000,
    'einfallstor.act': 'flow',
    'source.ip': '10.0.0.1',
    'source.port': 51515,
    'destination.port': 443,
    'vendor.ratio': 0.5,
    'vendor.flag': true,
    'event.original': 'flow % _ 100% of \\ "quoted"',
  }),
  at('aa', 36, {
    'event.kind': 'pipeline_error',
    'event.original': 'rejected \u0000 \u001e\u001f 😀 \ud800',
  }),
  at('b-b', 7, {
    '@timestamp': NOON,
    'einfallstor.act': 'flow-denied',
    'source.ip': '2001:db8::1',
    'user.name': "Robert'); DROP TABLE stage;--",
    'related.ip': ['2001:db8::1'],
    'vendor.port': '0443',
    'Vendor.Port': 5,
    'event.category': ['network', ''],
    'vendor.list': [1, 2, 'x'],
    'vendor.empty': '',
    'vendor.none': [],
    'vendor.big': 1e21,
  }),
];

const idsOf = (events: readonly StoredEvent[]): string[] => events.map((event) => event.id);

const QUERIES: Readonly<Record<string, { readonly query: Query; readonly offsets: readonly number[] }>> = {
  everything: { query: ALL, offsets: [0, 36, 120, 7] },
  'any case of a value': { query: is('user.name', 'k.mAIER'), offsets: [0] },
  'any case of a name': { query: is('VENDOR.case', 'STRAßE'), offsets: [0] },
  'cased value': { query: field('user.name', { op: 'like', pattern: ['k.maier'], cased: true }), offsets: [] },
  'number as text': { query: is('source.port', 51515), offsets: [120] },
  'boolean as text': { query: is('vendor.flag', true), offsets: [120] },
  'decimal as text': { query: isAny('vendor.ratio', ['0.5', 1]), offsets: [120] },
  'like characters are literal': {
    query: field('event.original', { op: 'like', pattern: containing('% _ 100% of \\ "'), cased: false }),
    offsets: [120],
  },
  'one character': {
    query: field('user.name', { op: 'like', pattern: wildcards('k?maie*r'), cased: false }),
    offsets: [0],
  },
  'one character beyond the BMP': {
    query: field('event.original', { op: 'like', pattern: wildcards('rejected*\u001f ? ?'), cased: false }),
    offsets: [36],
  },
  'NUL in text': {
    query: field('event.original', { op: 'like', pattern: containing('\0 '), cased: true }),
    offsets: [36],
  },
  regex: { query: field('event.original', { op: 'regex', source: 'from (\\d+\\.){3}\\d+$', flags: '' }), offsets: [0] },
  'regex in any case': { query: field('event.original', { op: 'regex', source: '^LOGIN', flags: 'i' }), offsets: [0] },
  exists: { query: field('user.name', { op: 'exists' }), offsets: [0, 7] },
  'an empty list exists': { query: field('vendor.none', { op: 'exists' }), offsets: [7] },
  absent: { query: field('user.name', { op: 'absent' }), offsets: [36, 120] },
  'absent beside empty': { query: field('vendor.empty', { op: 'absent' }), offsets: [0, 36, 120] },
  empty: { query: field('vendor.empty', { op: 'empty' }), offsets: [7] },
  'compare a number': {
    query: field('destination.port', { op: 'compare', comparison: 'lt', value: 444 }),
    offsets: [120],
  },
  'compare numeric text': {
    query: field('vendor.port', { op: 'compare', comparison: 'eq', value: 443 }),
    offsets: [7],
  },
  'exact name first': { query: field('Vendor.Port', { op: 'compare', comparison: 'gt', value: 4 }), offsets: [7] },
  'names that differ in case': {
    query: field('VENDOR.PORT', { op: 'compare', comparison: 'gt', value: 4 }),
    offsets: [7],
  },
  'names with a wildcard': { query: is('*.port', '443'), offsets: [120] },
  'cidr of IPv4': {
    query: field('source.ip', { op: 'cidr', range: parseCidr('198.51.100.0/24') as IpRange }),
    offsets: [0],
  },
  'cidr of IPv6 in a list': {
    query: field('related.ip', { op: 'cidr', range: parseCidr('2001:db8::/32') as IpRange }),
    offsets: [7],
  },
  'same value': {
    query: field('event.original', { op: 'same', other: 'user.name', how: 'contains', cased: true }),
    offsets: [0],
  },
  'hour of the day': {
    query: field('@timestamp', { op: 'part', part: 'hour', comparison: 'eq', value: 12 }),
    offsets: [0, 120, 7],
  },
  'week of the year': {
    query: field('@timestamp', { op: 'part', part: 'week', comparison: 'eq', value: 43 }),
    offsets: [0, 120, 7],
  },
  anywhere: {
    query: { kind: 'anywhere', test: { op: 'like', pattern: containing('maier'), cased: false } },
    offsets: [0],
  },
  'anywhere in a list': {
    query: { kind: 'anywhere', test: { op: 'like', pattern: ['NETWORK'], cased: false } },
    offsets: [7],
  },
  'negation of an absent field': { query: not(is('user.name', 'k.maier')), offsets: [36, 120, 7] },
  'negation of a comparison that does not apply': {
    query: not(field('vendor.ratio', { op: 'compare', comparison: 'gt', value: 1 })),
    offsets: [0, 36, 120, 7],
  },
  'a negated inexact test': { query: not(is('vendor.ratio', '0.5')), offsets: [0, 36, 7] },
  both: { query: and(is('einfallstor.act', 'flow*'), field('user.name', { op: 'exists' })), offsets: [] },
  either: { query: or(is('einfallstor.act', 'flow'), is('source.ip', '2001:db8::1')), offsets: [120, 7] },
  'hostile text': { query: is('user.name', "robert'); drop table STAGE;--"), offsets: [7] },
  'hostile field name': { query: is('x"); DROP TABLE stage;--', 'y'), offsets: [] },
};

/** What every store does alike. */
export const storeContract = ({ name, open }: StoreUnderTest): void => {
  describe(`store contract: ${name}`, () => {
    const withStore = async (
      events: readonly StoredEvent[],
      use: (reader: StoreReader) => Promise<void>,
    ): Promise<void> => {
      const { reader, close } = await open(events);
      try {
        await use(reader);
      } finally {
        await close();
      }
    };
    const scanned = async (reader: StoreReader, query: Query, options: ScanOptions): Promise<string[]> =>
      idsOf(await collect(reader.scan(query, options)));

    test('gives back what it was given, text as UTF-8 can carry it', async () => {
      await withStore(EVENTS, async (reader) => {
        const events = await collect(reader.scan(ALL, { order: 'locator' }));
        const given = (offset: number): Fields =>
          EVENTS.find((event) => event.id.endsWith(`-${offset.toString(36)}`))?.fields ?? {};
        expect(events).toEqual([
          at('aa', 0, given(0)),
          at('aa', 36, { ...given(36), 'event.original': 'rejected \u0000 \u001e\u001f 😀 \ufffd' }),
          at('aa', 120, given(120)),
          at('b-b', 7, given(7)),
        ]);
      });
    });

    test('finds what the evaluator finds', async () => {
      await withStore(EVENTS, async (reader) => {
        for (const [what, { query, offsets }] of Object.entries(QUERIES)) {
          const ids = offsets.map((offset) => eventId(offset === 7 ? 'b-b' : 'aa', offset));
          expect(await scanned(reader, query, { order: 'locator' }), what).toEqual(ids);
          expect(await reader.count(query), what).toBe(ids.length);
        }
      });
    });

    test('finds acts and streams however events and questions write them', async () => {
      const events = [
        at('aa', 0, { 'einfallstor.act': 'flow', 'einfallstor.stream': 'aa' }),
        at('aa', 1, { 'einfallstor.act': 'Flow', 'einfallstor.stream': 'aa' }),
        at('aa', 2, { 'Einfallstor.Act': 'flow', 'einfallstor.stream': 'aa' }),
        at('aa', 3, { 'einfallstor.act': ['login', 'flow'], 'einfallstor.stream': 'aa' }),
        at('bb', 0, { 'einfallstor.act': 'login', 'einfallstor.stream': 'bb' }),
        at('bb', 1, { 'einfallstor.stream': 'bb' }),
        at('cc', 0, { 'einfallstor.act': 7, 'event.kind': 'event' }),
      ];
      // all together, and each alone, where a store knows most of what it holds
      for (const some of [events, ...events.map((event) => [event]), events.slice(4, 6)]) {
        const passing = (query: Query): string[] => {
          const passes = predicateOf(query);
          return some.filter((event) => passes(event.fields)).map((event) => event.id);
        };
        await withStore(some, async (reader) => {
          for (const query of [
            is('einfallstor.act', 'FLOW'),
            is('EINFALLSTOR.act', 'flow'),
            is('einfallstor.act', 7),
            not(is('einfallstor.act', 'flow')),
            isAny('einfallstor.act', ['flow', 'login', 'mail', 'dns-query', 'http-request']),
            and(isAny('einfallstor.act', ['flow', 'x']), is('einfallstor.stream', 'AA')),
            or(is('einfallstor.stream', 'bb'), field('einfallstor.act', { op: 'regex', source: 'low', flags: '' })),
            field('einfallstor.act', { op: 'like', pattern: wildcards('*low'), cased: true }),
            field('einfallstor.act', { op: 'exists' }),
            field('einfallstor.act', { op: 'absent' }),
          ])
            expect(await scanned(reader, query, { order: 'locator' }), JSON.stringify(query)).toEqual(passing(query));
        });
      }
    });

    test('orders by time, ties by id, events without time last', async () => {
      await withStore(EVENTS, async (reader) => {
        const timeline = [eventId('aa', 0), eventId('b-b', 7), eventId('aa', 120), eventId('aa', 36)];
        expect(await scanned(reader, ALL, {})).toEqual(timeline);
        expect(await scanned(reader, ALL, { order: 'time-desc' })).toEqual([...timeline].reverse());
      });
    });

    test('pages by the event before', async () => {
      await withStore(EVENTS, async (reader) => {
        for (const order of ['time', 'time-desc'] as const) {
          const whole = await collect(reader.scan(ALL, { order }));
          for (const [i, event] of whole.entries()) {
            const time = (event.fields['@timestamp'] as number | undefined) ?? Number.POSITIVE_INFINITY;
            const after = { time, id: event.id };
            expect(await scanned(reader, ALL, { order, after, limit: 2 })).toEqual(idsOf(whole.slice(i + 1, i + 3)));
          }
        }
      });
    });

    test('limits by time, the end excluded', async () => {
      await withStore(EVENTS, async (reader) => {
        expect(await reader.count(ALL, { from: NOON, to: NOON + 1_500_000 })).toBe(2);
        expect(await reader.count(ALL, { from: NOON + 1 })).toBe(1);
        expect(await reader.count(ALL, { to: NOON })).toBe(0);
      });
    });

    test('projects to the fields wanted', async () => {
      await withStore(EVENTS, async (reader) => {
        const events = await collect(
          reader.scan(is('user.name', 'k.maier'), { fields: ['source.ip', 'absent.field'] }),
        );
        expect(events).toEqual([at('aa', 0, { '@timestamp': NOON, 'source.ip': '198.51.100.23' })]);
      });
    });

    test('gets events by id, in the order asked for', async () => {
      await withStore(EVENTS, async (reader) => {
        const ids = [eventId('b-b', 7), eventId('aa', 36), eventId('zz', 1), eventId('aa', 1)];
        expect(idsOf(await reader.get(ids))).toEqual(ids.slice(0, 2));
        expect(await reader.get([])).toEqual([]);
        const [first] = await reader.get([eventId('aa', 0)], ['source.ip', 'absent.field']);
        expect(first).toEqual(at('aa', 0, { '@timestamp': NOON, 'source.ip': '198.51.100.23' }));
      });
    });

    test('counts in equal steps of time', async () => {
      await withStore(EVENTS, async (reader) => {
        expect(await reader.histogram(ALL, { from: NOON, to: NOON + 2_000_000, buckets: 3 })).toEqual([
          { start: NOON, count: 2 },
          { start: NOON + 666_667, count: 0 },
          { start: NOON + 1_333_334, count: 1 },
        ]);
        expect(
          await reader.histogram(is('source.port', 51515), { from: NOON, to: NOON + 2_000_000, buckets: 1 }),
        ).toEqual([{ start: NOON, count: 1 }]);
      });
    });

    test('counts the commonest values', async () => {
      await withStore(EVENTS, async (reader) => {
        expect(await reader.top(ALL, 'related.ip', 2)).toEqual([
          { value: '10.0.0.1', count: 1 },
          { value: '198.51.100.23', count: 1 },
        ]);
        expect(await reader.top(ALL, 'VENDOR.port', 9)).toEqual([
          { value: '0443', count: 1 },
          { value: '5', count: 1 },
        ]);
        expect(await reader.top(ALL, 'vendor.list', 9)).toEqual([
          { value: '1', count: 1 },
          { value: '2', count: 1 },
          { value: 'x', count: 1 },
        ]);
        expect(await reader.top(ALL, 'einfallstor.act', 9, { distinct: 'related.ip' })).toEqual([
          { value: 'vpn-login', count: 2 },
          { value: 'flow-denied', count: 1 },
        ]);
        expect(await reader.top(is('einfallstor.act', 'flow'), 'source.port', 9)).toEqual([
          { value: '51515', count: 1 },
        ]);
      });
    });

    test('sums up its streams', async () => {
      await withStore(EVENTS, async (reader) => {
        expect(await reader.span()).toEqual({ first: NOON, last: NOON + 1_500_000 });
        expect(await reader.streams()).toEqual([
          {
            stream: 'aa',
            events: 2,
            rejected: 1,
            first: NOON,
            last: NOON + 1_500_000,
            classes: { vpn: 1, firewall: 1 },
          },
          { stream: 'b-b', events: 1, rejected: 0, first: NOON, last: NOON, classes: { firewall: 1 } },
        ]);
      });
    });

    test('values that are too long for an index are found, counted and left out like others', async () => {
      const long = 'x'.repeat(1500);
      const events = [
        at('aa', 0, { 'user.name': `${long}A`, 'vendor.long': `${long}A`, 'event.original': `${long}A` }),
        at('aa', 1, { 'user.name': `${long}B`, 'vendor.long': `${long}B`, 'event.original': `${long} B` }),
        at('aa', 2, { 'user.name': ['short', `${long}A`], 'vendor.long': 'short', 'event.original': 'short' }),
        at('aa', 3, { 'user.name': 'short' }),
      ];
      await withStore(events, async (reader) => {
        const offsets = async (query: Query): Promise<string[]> => scanned(reader, query, { order: 'locator' });
        const like = (name: string, pattern: string): Query =>
          field(name, { op: 'like', pattern: wildcards(pattern), cased: false });
        const ids = (...of: number[]): string[] => of.map((offset) => eventId('aa', offset));
        expect(await offsets(is('user.name', `${long}a`))).toEqual(ids(0, 2));
        expect(await offsets(like('user.name', 'x*b'))).toEqual(ids(1));
        expect(await offsets(not(is('user.name', `${long}a`)))).toEqual(ids(1, 3));
        expect(await offsets(field('user.name', { op: 'exists' }))).toEqual(ids(0, 1, 2, 3));
        expect(await offsets(is('vendor.long', `${long}b`))).toEqual(ids(1));
        expect(await offsets(like('event.original', '*xxA'))).toEqual(ids(0));
        expect(await reader.count(like('user.name', 'x*'))).toBe(3);
        expect(await reader.top(ALL, 'user.name', 9)).toEqual([
          { value: 'short', count: 2 },
          { value: `${long}A`, count: 2 },
          { value: `${long}B`, count: 1 },
        ]);
      });
    });

    test('a name that no index can hold is there and absent like others', async () => {
      const events = [at('aa', 0, { 'odd*name': 'odd' }), at('aa', 1, { 'vendor.a': 'plain' })];
      await withStore(events, async (reader) => {
        const exists = (name: string): Query => field(name, { op: 'exists' });
        for (const [query, offsets] of [
          [exists('odd*'), [0]],
          [not(exists('odd*')), [1]],
          [not(exists('none.*')), [0, 1]],
          [not(is('ODD*', 'Odd')), [1]],
          [not(exists('*')), []],
        ] as const) {
          const ids = offsets.map((offset) => eventId('aa', offset));
          expect(await scanned(reader, query, { order: 'locator' }), JSON.stringify(query)).toEqual(ids);
          expect(await reader.count(query), JSON.stringify(query)).toBe(ids.length);
        }
        expect(await reader.count(ALL)).toBe(2);
      });
    });

    test('tells times a microsecond apart, before 1970 and centuries ahead', async () => {
      const times = [-1, 0, NOON, NOON + 1, 7_258_118_400_000_001];
      const events = times.map((time, i) => at('aa', i, { '@timestamp': time, 'event.created': time }));
      await withStore(events, async (reader) => {
        expect((await collect(reader.scan(ALL))).map(({ fields }) => fields['event.created'])).toEqual(times);
        expect(await reader.count(ALL, { from: NOON + 1, to: NOON + 2 })).toBe(1);
        for (const name of ['@timestamp', 'event.created'])
          for (const value of times) {
            const query = field(name, { op: 'compare', comparison: 'gte', value });
            expect(await reader.count(query), `${name} ${value}`).toBe(times.length - times.indexOf(value));
          }
      });
    });

    test('answers several questions at once', async () => {
      await withStore(EVENTS, async (reader) => {
        const scans = [1, 2, 3].map(() => collect(reader.scan(ALL)));
        const counts = [1, 2, 3].map(() => reader.count(is('user.name', 'k.maier')));
        expect(await Promise.all(counts)).toEqual([1, 1, 1]);
        for (const scan of await Promise.all(scans)) expect(scan).toHaveLength(4);
        // a scan that is left early leaves nothing behind
        for await (const _ of reader.scan(ALL)) break;
        expect(await reader.count(ALL)).toBe(4);
      });
    });

    test('an empty store has no events', async () => {
      await withStore([], async (reader) => {
        expect(await reader.count(ALL)).toBe(0);
        expect(await collect(reader.scan(ALL))).toEqual([]);
        expect(await reader.span()).toBeUndefined();
        expect(await reader.streams()).toEqual([]);
        expect(await reader.top(ALL, 'user.name', 5)).toEqual([]);
        expect(await reader.histogram(ALL, { from: 0, to: 10, buckets: 1 })).toEqual([{ start: 0, count: 0 }]);
        expect((await reader.digest()).events).toBe(0);
      });
    });

    test('has the digest of its content', async () => {
      await withStore(EVENTS, async (reader) => {
        expect(await reader.digest()).toEqual({
          events: 4,
          sha256: '00939f6ce3745642f872856dec77fa67a7ca347868541a5672b0542ef133bf49',
        });
      });
    });
  });
};
