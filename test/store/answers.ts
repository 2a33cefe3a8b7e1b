import type { Query } from '../../src/query/ast.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { collect } from './contract.ts';

export const found = async (reader: StoreReader, asked: Query): Promise<string[]> =>
  (await collect(reader.scan(asked, { order: 'locator', fields: [] }))).map((event) => event.id);

/** Everything a reader answers about a query. */
export const answers = async (reader: StoreReader, asked: Query): Promise<unknown> => ({
  count: await reader.count(asked),
  first: (await collect(reader.scan(asked, { limit: 2 }))).map((event) => event.id),
  histogram: await reader.histogram(asked, { from: 1_635_721_200_000_000, to: 1_635_721_500_000_000, buckets: 7 }),
  top: await reader.top(asked, 'vendor.a', 3),
  distinct: await reader.top(asked, 'user.name', 3, { distinct: 'related.ip' }),
});
