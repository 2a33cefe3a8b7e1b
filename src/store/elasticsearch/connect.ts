import type { Client, ClientOptions } from '@elastic/elasticsearch';
import { EinfallstorError } from '../../core/errors.ts';
import { refused, statusOf } from './refused.ts';
import type { Connection } from './settings.ts';

/** A server that answered. */
export interface Server {
  readonly client: Client;
  readonly url: string;
  /** Runs a request; what the server refuses becomes the operator's error. */
  ask<T>(request: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A client of major version 8 speaks to servers 8 (itself) and 9 (in compatibility mode); 9 clients are refused by 8. */
const SUPPORTED = [8, 9];

/** A server that does not answer the first question in this time is not there. */
const FIRST_ANSWER_MS = 20_000;

const optionsOf = ({ url, isHosted, auth, ca, fingerprint }: Connection): ClientOptions => ({
  node: url,
  compression: isHosted,
  ...(auth === undefined ? {} : { auth }),
  ...(ca === undefined ? {} : { tls: { ca, rejectUnauthorized: true } }),
  ...(fingerprint === undefined ? {} : { caFingerprint: fingerprint, tls: { rejectUnauthorized: false } }),
  maxRetries: 3,
  requestTimeout: 120_000,
});

/** The client library is heavy, and most cases need none. */
export const connect = async (connection: Connection): Promise<Server> => {
  const { Client } = await import('@elastic/elasticsearch');
  const client = new Client(optionsOf(connection));
  const server: Server = {
    client,
    url: connection.url,
    ask: async (request) => {
      try {
        return await request(client);
      } catch (error) {
        throw refused(error, connection.url);
      }
    },
    close: () => client.close(),
  };
  try {
    await mustFit(server);
  } catch (error) {
    await client.close();
    throw error;
  }
  return server;
};

const mustFit = async (server: Server): Promise<void> => {
  const version = await versionOf(server);
  if (version === undefined || SUPPORTED.includes(Number(version.split('.')[0]))) return;
  throw new EinfallstorError(
    'STORE',
    `${server.url} is Elasticsearch ${version}`,
    'Elasticsearch 8 and 9 are supported: use such a server, or keep the case in DuckDB.',
  );
};

/** undefined: the server does not tell this user. */
const versionOf = async ({ client, ask }: Server): Promise<string | undefined> => {
  try {
    return (await client.info({}, { requestTimeout: FIRST_ANSWER_MS })).version.number;
  } catch (error) {
    // the bare server core has no such request, and not every role may ask
    if (statusOf(error) !== 405 && statusOf(error) !== 403) return ask(() => Promise.reject(error));
  }
  try {
    const { nodes } = await client.nodes.info({ node_id: '_local', filter_path: 'nodes.*.version' });
    return Object.values(nodes)[0]?.version;
  } catch (error) {
    if (statusOf(error) === 403) return undefined;
    return ask(() => Promise.reject(error));
  }
};
