import { expect, test } from 'vitest';
import { ALL, and, field, is } from '../../src/query/ast.ts';
import { memoryStore } from '../../src/store/memory.ts';

const events = [
  { id: 'b-5', fields: { '@timestamp': 30, 'user.name': 'Anna' } },
  { id: 'a-a', fields: { '@timestamp': 10, 'user.name': 'bert', 'related.ip': ['192.0.2.1', '2001:db8::1'] } },
  { id: 'a-2', fields: { 'user.name': 'anna' } },
];
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
};

test('a scan follows the timeline, the events without time last', async () => {
  const store = memoryStore(events);
  const ids = async (order: 'time' | 'time-desc' | 'locator') =>
    (await collect(store.scan(ALL, { order }))).map((e) => e.id);
  expect(await ids('time')).toEqual(['a-a', 'b-5', 'a-2']);
  expect(await ids('time-desc')).toEqual(['a-2', 'b-5', 'a-a']);
  expect(await ids('locator')).toEqual(['a-2', 'a-a', 'b-5']);
});

test('queries count, aggregate and project', async () => {
  const store = memoryStore(events);
  expect(await store.count(is('USER.name', 'ANNA'))).toBe(2);
  expect(await store.count(and(is('user.name', 'anna'), field('@timestamp', { op: 'exists' })))).toBe(1);
  expect(await store.top(ALL, 'user.name', 2)).toEqual([
    { value: 'Anna', count: 1 },
    { value: 'anna', count: 1 },
  ]);
  expect(await collect(store.scan(is('user.name', 'bert'), { fields: ['user.name'] }))).toEqual([
    { id: 'a-a', fields: { '@timestamp': 10, 'user.name': 'bert' } },
  ]);
  expect(await store.histogram(ALL, { from: 10, to: 31, buckets: 2 })).toEqual([
    { start: 10, count: 1 },
    { start: 21, count: 1 },
  ]);
});
