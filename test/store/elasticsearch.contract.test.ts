import { describe, test } from 'vitest';
import { storeContract } from './contract.ts';
import { NO_SERVER, openElasticsearch, SERVER } from './elasticsearch.ts';

if (SERVER === undefined)
  describe.skip(`store contract: elasticsearch (${NO_SERVER})`, () => test('left out', () => {}));
else
  storeContract({
    name: 'elasticsearch',
    open: async (events) => {
      const reader = await openElasticsearch(events);
      return { reader, close: () => reader.close() };
    },
  });
