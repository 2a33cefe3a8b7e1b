import type { estypes } from '@elastic/elasticsearch';
import type { Server } from './connect.ts';
import type { CaseIndices } from './index-names.ts';
import { eventMappings, eventSettings, type Layout, stateMappings } from './mapping.ts';
import { statusOf, typesOf } from './refused.ts';

/** Makes the indices of a case that are not there yet. */
export const createIndices = async (server: Server, indices: CaseIndices, layout: Layout): Promise<void> => {
  await create(server, indices.state, {
    mappings: stateMappings(),
    settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  });
  await create(server, indices.eventsIndex, {
    mappings: eventMappings(),
    settings: eventSettings(layout),
    aliases: { [indices.events]: {} },
  });
};

type Body = Pick<estypes.IndicesCreateRequest, 'mappings' | 'settings' | 'aliases'>;

const create = (server: Server, index: string, body: Body): Promise<void> =>
  server.ask(async (client) => {
    try {
      await client.indices.getAlias({ index });
      return;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    try {
      await client.indices.create({ index, ...body });
    } catch (error) {
      if (!typesOf(error).includes('resource_already_exists_exception')) throw error;
    }
  });

/** Removes a case from the server. */
export const deleteIndices = (server: Server, indices: CaseIndices): Promise<void> =>
  server.ask(async (client) => {
    await client.indices.delete({ index: [indices.eventsIndex, indices.state], ignore_unavailable: true });
  });
