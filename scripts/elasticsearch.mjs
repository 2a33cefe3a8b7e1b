// `npm run elasticsearch`: an Elasticsearch server on loopback for development and CI, from the Maven artifact of its
// core, when Java and Maven are there; else says how. Ends with Ctrl-C or SIGTERM, and takes its data along.
// `npm run elasticsearch -- COMMAND …` runs a command against it instead (ELASTICSEARCH_URL is set), then ends; the command
// kills and restarts the server with SIGUSR2 to ELASTICSEARCH_RUNNER.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import yauzl from 'yauzl';

/** Java the server needs, by its major version. */
const JAVA = { 8: 17, 9: 21 };
const VERSION = process.env.ELASTICSEARCH_VERSION ?? '8.19.2';
const GROUP = 'org.elasticsearch.distribution.integ-test-zip';
const DOCKER =
  'docker run --rm -p 127.0.0.1:9200:9200 -e discovery.type=single-node -e xpack.security.enabled=false elasticsearch:8.19.2';

const without = (why) => {
  console.error(
    `No Elasticsearch: ${why}.\nStart one with docker instead:\n  ${DOCKER}\nthen set ELASTICSEARCH_URL=http://127.0.0.1:9200`,
  );
  process.exit(69); // EX_UNAVAILABLE, for .ci/run
};

const versionOf = (java) => {
  const { stderr, status } = spawnSync(join(java, 'bin', 'java'), ['-version'], { encoding: 'utf8' });
  return status === 0 ? Number(/version "(\d+)/.exec(stderr)?.[1]) : undefined;
};

const javaHome = () => {
  const folders = ['/usr/lib/jvm', '/opt', '/Library/Java/JavaVirtualMachines'].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder).flatMap((name) => [join(folder, name), join(folder, name, 'Contents/Home')])
      : [],
  );
  const least = JAVA[VERSION.split('.')[0]];
  const found = [process.env.JAVA_HOME, ...folders].filter((java) => java && existsSync(join(java, 'bin', 'java')));
  return found.find((java) => versionOf(java) >= least) ?? without(`Java ${least} or newer was not found`);
};

const artifact = () => {
  const path = join(
    homedir(),
    '.m2/repository',
    GROUP.replaceAll('.', '/'),
    'elasticsearch',
    VERSION,
    `elasticsearch-${VERSION}.zip`,
  );
  if (existsSync(path)) return path;
  const got = spawnSync(
    'mvn',
    ['-q', '-B', 'dependency:get', `-Dartifact=${GROUP}:elasticsearch:${VERSION}:zip`, '-Dtransitive=false'],
    { stdio: ['ignore', 2, 2] },
  );
  return got.status === 0 && existsSync(path)
    ? path
    : without(`Maven did not get ${GROUP}:elasticsearch:${VERSION}:zip`);
};

const unpack = async (archive, target) => {
  const zip = await promisify(yauzl.open)(archive, { lazyEntries: true });
  const open = promisify(zip.openReadStream.bind(zip));
  zip.readEntry();
  await new Promise((done, failed) => {
    zip.on('error', failed).on('end', done);
    zip.on('entry', async (entry) => {
      try {
        const path = join(target, entry.fileName);
        if (entry.fileName.endsWith('/')) mkdirSync(path, { recursive: true });
        else {
          mkdirSync(dirname(path), { recursive: true });
          await pipeline(await open(entry), createWriteStream(path));
        }
        zip.readEntry();
      } catch (error) {
        failed(error);
      }
    });
  });
};

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** The server refuses to run as root. */
const NOBODY = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

const giveAway = (path) => {
  chownSync(path, NOBODY.uid, NOBODY.gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) giveAway(below);
    else chownSync(below, NOBODY.uid, NOBODY.gid);
  }
};

const java = javaHome();
const archive = artifact();
const home = mkdtempSync(join(tmpdir(), 'einfallstor-elasticsearch-'));
chmodSync(home, 0o755);
await unpack(archive, home);
if (isRoot) giveAway(home);
const root = join(home, `elasticsearch-${VERSION}`);
const port = Number(process.env.ELASTICSEARCH_PORT ?? (await freePort()));
const url = `http://127.0.0.1:${port}`;

const settings = {
  'discovery.type': 'single-node',
  'network.host': '127.0.0.1',
  'http.port': port,
  'transport.port': await freePort(),
  'xpack.security.enabled': false,
  'path.data': join(home, 'data'),
  'path.logs': join(home, 'logs'),
  'cluster.routing.allocation.disk.threshold_enabled': false,
};

let server;
let ending = false;
let killed = false;
const start = () => {
  server = spawn(
    'bash',
    [
      join(root, 'bin/elasticsearch'),
      ...Object.entries(settings).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
      env: { PATH: process.env.PATH, HOME: home, ES_JAVA_HOME: java, ES_JAVA_OPTS: '-Xms768m -Xmx768m' },
      ...(isRoot ? NOBODY : {}),
    },
  );
  server.on('exit', (code) => {
    if (ending) return;
    if (killed) {
      killed = false;
      start();
      return;
    }
    console.error(`the server ended (${code}); its log is in ${home}/logs`);
    process.exit(1);
  });
};

const end = async (code) => {
  ending = true;
  if (server.exitCode === null) {
    // its own process group: the launcher and the server
    process.kill(-server.pid, 'SIGTERM');
    for (let i = 0; i < 100 && server.exitCode === null && server.signalCode === null; i += 1) await pause(100);
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {} // it is gone
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
};

start();
// tests of what a crash does: the server is killed and started again with its data
process.on('SIGUSR2', () => {
  killed = true;
  process.kill(-server.pid, 'SIGKILL');
});
process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));
const begun = Date.now();
for (;;) {
  const up = await fetch(`${url}/_cluster/health`).then(
    (r) => r.ok,
    () => false,
  );
  if (up) break;
  if (Date.now() - begun > 300_000) {
    console.error(`the server did not come up in five minutes; its log is in ${home}/logs`);
    process.exit(1);
  }
  await pause(500);
}
const [command, ...args] = process.argv.slice(2);
if (command === undefined)
  console.log(`Elasticsearch ${VERSION} (core) at ${url}; end it with Ctrl-C\nexport ELASTICSEARCH_URL=${url}`);
else {
  console.error(`Elasticsearch ${VERSION} (core) at ${url}`);
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ELASTICSEARCH_URL: url, ELASTICSEARCH_RUNNER: String(process.pid) },
  });
  child.on('exit', (code) => void end(code ?? 1));
}
