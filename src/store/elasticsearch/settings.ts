import { readFileSync } from 'node:fs';
import { EinfallstorError } from '../../core/errors.ts';
import type { Layout } from './mapping.ts';

/** How to reach a server. Holds secrets: it is made from the environment for one run and never written anywhere. */
export interface Connection {
  /** Without user and password. */
  readonly url: string;
  /** Reached over the internet, so that compressing pays. */
  readonly isHosted: boolean;
  readonly auth: { readonly apiKey: string } | { readonly username: string; readonly password: string } | undefined;
  readonly ca: string | undefined;
  readonly fingerprint: string | undefined;
  readonly layout: Layout;
}

type Environment = Readonly<Record<string, string | undefined>>;

const usage = (message: string, hint: string): EinfallstorError => new EinfallstorError('USAGE', message, hint);

const fileText = (name: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new EinfallstorError('NOT_FOUND', `${name}: ${path} cannot be read`, 'Check the path in the environment.', {
      cause,
    });
  }
};

/** A secret from the environment, or from the file that `…_FILE` names. */
const secret = (env: Environment, name: string): string | undefined => {
  const path = env[`${name}_FILE`];
  if (env[name] !== undefined && path !== undefined)
    throw usage(`${name} and ${name}_FILE are both set`, 'Set one of them.');
  const text = path === undefined ? env[name] : fileText(`${name}_FILE`, path).trimEnd();
  return text === '' ? undefined : text;
};

const authOf = (env: Environment): Connection['auth'] => {
  const apiKey = secret(env, 'ELASTICSEARCH_API_KEY');
  if (apiKey !== undefined) return { apiKey };
  const username = env['ELASTICSEARCH_USERNAME'];
  const password = secret(env, 'ELASTICSEARCH_PASSWORD');
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw usage(
      'ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD belong together',
      'Set both, or ELASTICSEARCH_API_KEY.',
    );
  return { username, password };
};

/** `https://host:9200`; secrets in it would stand in lists of processes and in the case. */
export const serverUrl = (text: string): string => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw usage(`${text} is no address of a server`, 'Write --store https://host:9200.');
  }
  if (url.username !== '' || url.password !== '')
    throw usage(
      'the address of the server holds a user or a password',
      'Leave them out; set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD.',
    );
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw usage(`${url.protocol}// is no way to reach a server`, 'Write --store https://host:9200.');
  return url.href.replace(/\/$/, '');
};

const countOf = (env: Environment, name: string, least: number): number | undefined => {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < least)
    throw usage(`${name} is ${text}`, `Give a whole number from ${least} on.`);
  return count;
};

/** `name:base64(host$deployment$kibana)`, as a hosted deployment states its address → `https://deployment.host` */
const cloudUrl = (env: Environment): string | undefined => {
  const id = env['ELASTICSEARCH_CLOUD_ID'];
  if (id === undefined || id === '') return undefined;
  const [host, deployment] = Buffer.from(id.slice(id.indexOf(':') + 1), 'base64')
    .toString('utf8')
    .split('$');
  if (!host || !deployment)
    throw usage('ELASTICSEARCH_CLOUD_ID is no cloud id', 'Copy it from the page of the deployment: name:letters.');
  return serverUrl(`https://${deployment}.${host}`);
};

/** The server that the environment names: where new cases go, and where a case on a server is to be found now. */
export const usualServer = (env: Environment): string | undefined => {
  const url = env['ELASTICSEARCH_URL'];
  return url === undefined || url === '' ? cloudUrl(env) : serverUrl(url);
};

/** The connection to a server, with the secrets of the environment. */
export const connectionOf = (url: string, env: Environment): Connection => ({
  url: serverUrl(url),
  isHosted: serverUrl(url) === cloudUrl(env),
  auth: authOf(env),
  ca:
    env['ELASTICSEARCH_CA_FILE'] === undefined
      ? undefined
      : fileText('ELASTICSEARCH_CA_FILE', env['ELASTICSEARCH_CA_FILE']),
  fingerprint: env['ELASTICSEARCH_CA_FINGERPRINT'],
  layout: {
    shards: countOf(env, 'ELASTICSEARCH_SHARDS', 1) ?? 1,
    replicas: countOf(env, 'ELASTICSEARCH_REPLICAS', 0),
  },
});
