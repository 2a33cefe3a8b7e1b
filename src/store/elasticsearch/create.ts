import type { estypes } from '@elastic/elasticsearch';
import type { Server } from './connect.ts';
import { type CaseIndices, nextIndex } from './index-names.ts';
import { eventMappings, eventSettings, type Layout, stateMappings } from './mapping.ts';
import { statusOf, typesOf } from './refused.ts';

/** Makes the indices of a case that are not there yet. */
export const createIndices = async (server: Server, indices: CaseIndices, layout: Layout): Promise<void> => {
  await create(server, indices.state, indices.state, {
    mappings: stateMappings(),
    settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  });
  await create(server, indices.events, indices.eventsIndex, {
    ...eventsBody(layout),
    aliases: { [indices.events]: {} },
  });
};

const eventsBody = (layout: Layout): Body => ({ mappings: eventMappings(), settings: eventSettings(layout) });

type Body = Pick<estypes.IndicesCreateRequest, 'mappings' | 'settings' | 'aliases'>;

/** Creates an index unless there is one of a name, which may be an alias. */
const create = (server: Server, unless: string, index: string, body: Body): Promise<void> =>
  server.ask(async (client) => {
    try {
      await client.indices.getAlias({ index: unless });
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

/** The index that the alias stands for; the first one's name before there is any. */
const currentIndex = (server: Server, indices: CaseIndices): Promise<string> =>
  server.ask(async (client) => {
    try {
      return Object.keys(await client.indices.getAlias({ name: indices.events }))[0] ?? indices.eventsIndex;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      return indices.eventsIndex;
    }
  });

/** An empty index to take the place of the one with the events; what a killed run left under its name is removed. */
export const createSuccessor = async (
  server: Server,
  indices: CaseIndices,
  layout: Layout,
): Promise<{ readonly current: string; readonly next: string }> => {
  const current = await currentIndex(server, indices);
  const next = nextIndex(current);
  await server.ask((client) => client.indices.delete({ index: next, ignore_unavailable: true }));
  await server.ask((client) => client.indices.create({ index: next, ...eventsBody(layout) }));
  return { current, next };
};

/** Makes the alias stand for another index and removes the one before: one act of the server. */
export const succeed = (server: Server, indices: CaseIndices, current: string, next: string): Promise<void> =>
  server.ask(async (client) => {
    await client.indices.updateAliases({
      actions: [{ add: { index: next, alias: indices.events } }, { remove_index: { index: current } }],
    });
  });

/** Removes a case from the server, and what a killed run may have left of it. */
export const deleteIndices = async (server: Server, indices: CaseIndices): Promise<void> => {
  const current = await currentIndex(server, indices);
  await server.ask(async (client) => {
    await client.indices.delete({ index: [current, nextIndex(current), indices.state], ignore_unavailable: true });
  });
};
