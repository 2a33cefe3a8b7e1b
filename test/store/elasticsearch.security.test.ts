import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/store/elasticsearch/connect.ts';
import { createIndices } from '../../src/store/elasticsearch/create.ts';
import { connectionOf, serverUrl, usualServer } from '../../src/store/elasticsearch/settings.ts';
import { freshIndices, LAYOUT, NO_SERVER, remove, SERVER } from './elasticsearch.ts';
import { type Front, front, type Verdict } from './front.ts';

const folder = mkdtempSync(join(tmpdir(), 'einfallstor-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A self-made certificate for the loopback address, its own CA. */
const certificate = (name: string): { key: string; cert: string; path: string } => {
  const [key, path] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', path],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(path, 'utf8'), path };
};

const DENIED = {
  status: 403,
  type: 'security_exception',
  reason:
    'action [indices:admin/create] is unauthorized for API key id [x], this action is granted by the index privileges [create_index,manage,all]',
};
const UNKNOWN = { status: 401, type: 'security_exception', reason: 'unable to authenticate with provided credentials' };

describe.skipIf(SERVER === undefined)(`TLS and rights, played before the real server (left out: ${NO_SERVER})`, () => {
  let ours: ReturnType<typeof certificate>;
  let stranger: ReturnType<typeof certificate>;
  let proxy: Front | undefined;
  beforeAll(() => {
    ours = certificate('ours');
    stranger = certificate('stranger');
  });
  afterEach(() => proxy?.close());

  const behind = async (decide: (path: string, authorization: string) => Verdict, tls = true): Promise<string> => {
    proxy = await front(
      SERVER as string,
      ({ url = '', headers }) => decide(url, headers.authorization ?? ''),
      tls ? ours : undefined,
    );
    return proxy.url;
  };

  /** Connects with these settings of the environment. */
  const reach = async (url: string, env: Record<string, string>): Promise<void> =>
    (await connect(connectionOf(url, env))).close();

  const pass = (): Verdict => 'pass';

  test('a certificate is trusted by its CA, or by its fingerprint', async () => {
    const url = await behind(pass);
    await reach(url, { ELASTICSEARCH_CA_FILE: ours.path });
    await reach(url, { ELASTICSEARCH_CA_FINGERPRINT: new X509Certificate(ours.cert).fingerprint256 });
  });

  test('a cloud id leads to the deployment, by TLS and with the key', async () => {
    const url = await behind((_, authorization) => (authorization === 'ApiKey c2VjcmV0' ? 'pass' : UNKNOWN));
    // host and deployment are parts of a name, and here of 127.0.0.1
    const id = `ours:${Buffer.from(`0.1:${new URL(url).port}$127.0$kibana`).toString('base64')}`;
    const env = { ELASTICSEARCH_CLOUD_ID: id, ELASTICSEARCH_API_KEY: 'c2VjcmV0', ELASTICSEARCH_CA_FILE: ours.path };
    expect(usualServer(env)).toBe(url);
    await reach(usualServer(env) as string, env);
  });

  test('another certificate is not, and nothing is sent to its owner', async () => {
    const seen: string[] = [];
    const url = await behind((_, authorization) => {
      seen.push(authorization);
      return 'pass';
    });
    const key = { ELASTICSEARCH_API_KEY: 'c2VjcmV0' };
    const wrong = new X509Certificate(stranger.cert).fingerprint256;
    for (const env of [{}, { ELASTICSEARCH_CA_FILE: stranger.path }, { ELASTICSEARCH_CA_FINGERPRINT: wrong }])
      await expect(reach(url, { ...env, ...key })).rejects.toMatchObject({
        code: 'STORE',
        message: expect.stringMatching(/^the certificate of https:\/\/127.* is not trusted/),
        hint: expect.stringContaining('ELASTICSEARCH_CA_FILE'),
      });
    expect(seen).toEqual([]);
  });

  test('an API key, or user and password, are sent; from a file, too', async () => {
    const url = await behind((_, authorization) =>
      ['ApiKey c2VjcmV0', `Basic ${Buffer.from('anna:s3cret').toString('base64')}`].includes(authorization)
        ? 'pass'
        : UNKNOWN,
    );
    const ca = { ELASTICSEARCH_CA_FILE: ours.path };
    const file = join(folder, 'secret');
    writeFileSync(file, 's3cret\n');
    await reach(url, { ...ca, ELASTICSEARCH_API_KEY: 'c2VjcmV0' });
    await reach(url, { ...ca, ELASTICSEARCH_USERNAME: 'anna', ELASTICSEARCH_PASSWORD: 's3cret' });
    await reach(url, { ...ca, ELASTICSEARCH_USERNAME: 'anna', ELASTICSEARCH_PASSWORD_FILE: file });
    const refusal = reach(url, { ...ca, ELASTICSEARCH_API_KEY: 'd3Jvbmc=' });
    await expect(refusal).rejects.toMatchObject({
      message: expect.stringMatching(/does not accept who asks \(401\): unable to authenticate/),
      hint: expect.stringContaining('ELASTICSEARCH_API_KEY'),
    });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining('d3Jvbmc') });
  });

  test('a missing right is named', async () => {
    const url = await behind((path) => (path === '/' || path.startsWith('/_nodes') ? 'pass' : DENIED), false);
    const server = await connect(connectionOf(url, {}));
    await expect(createIndices(server, freshIndices(), LAYOUT)).rejects.toMatchObject({
      message: expect.stringMatching(
        /a right is missing .*granted by the index privileges \[create_index,manage,all\]/,
      ),
      hint: expect.stringContaining('docs/elasticsearch.md'),
    });
    await server.close();
  });

  test('who may not ask for the version may still work', async () => {
    const url = await behind((path) => (path === '/' || path.startsWith('/_nodes') ? DENIED : 'pass'), false);
    const indices = freshIndices();
    const server = await connect(connectionOf(url, {}));
    await createIndices(server, indices, LAYOUT);
    await server.close();
    await remove(indices);
  });

  test('a server of another version, another product, or none at all is named', async () => {
    const old = await behind(() => ({ status: 200, body: { version: { number: '7.17.9' } } }), false);
    await expect(reach(old, {})).rejects.toMatchObject({
      message: expect.stringContaining('is Elasticsearch 7.17.9'),
      hint: expect.stringContaining('8 and 9'),
    });
    await proxy?.close();
    const other = await behind(() => ({ status: 200, body: { version: { number: '2.11.0' } }, foreign: true }), false);
    await expect(reach(other, {})).rejects.toMatchObject({ message: expect.stringContaining('is no Elasticsearch') });
    await proxy?.close();
    await expect(reach(other, {})).rejects.toMatchObject({ message: expect.stringContaining('cannot be reached') });
  });
});

describe('settings of a server', () => {
  test('an address with a password is refused, without repeating it', () => {
    const refuse = (): string => serverUrl('https://anna:s3cret@search.example:9200');
    expect(refuse).toThrow('the address of the server holds a user or a password');
    expect(refuse).not.toThrow('s3cret');
    expect(serverUrl('https://search.example:9200/')).toBe('https://search.example:9200');
    expect(() => serverUrl('search.example')).toThrow('no address of a server');
    expect(() => serverUrl('ftp://search.example')).toThrow('no way to reach a server');
  });

  test('the environment names a server by its address, or else by a cloud id', () => {
    const id = `team:${Buffer.from('eu.cloud.example:9243$abc123$def456').toString('base64')}`;
    const cloud = { ELASTICSEARCH_CLOUD_ID: id };
    expect(usualServer({})).toBeUndefined();
    expect(usualServer(cloud)).toBe('https://abc123.eu.cloud.example:9243');
    expect(usualServer({ ...cloud, ELASTICSEARCH_URL: 'http://search.example' })).toBe('http://search.example');
    expect(connectionOf('https://abc123.eu.cloud.example:9243', cloud).isHosted).toBe(true);
    expect(connectionOf('http://search.example', cloud).isHosted).toBe(false);
    expect(() => usualServer({ ELASTICSEARCH_CLOUD_ID: 'team:bm90aGluZw==' })).toThrow('is no cloud id');
  });

  test('halves and doubles of secrets are refused', () => {
    const of = (env: Record<string, string>) => (): unknown => connectionOf('http://search.example', env);
    expect(of({ ELASTICSEARCH_USERNAME: 'anna' })).toThrow('belong together');
    expect(of({ ELASTICSEARCH_API_KEY: 'a', ELASTICSEARCH_API_KEY_FILE: 'b' })).toThrow('both set');
    expect(of({ ELASTICSEARCH_CA_FILE: join(folder, 'absent') })).toThrow('cannot be read');
    expect(of({ ELASTICSEARCH_SHARDS: '0' })).toThrow('ELASTICSEARCH_SHARDS is 0');
    expect(of({ ELASTICSEARCH_SHARDS: '3', ELASTICSEARCH_REPLICAS: '1' })()).toMatchObject({
      layout: { shards: 3, replicas: 1 },
    });
  });
});
