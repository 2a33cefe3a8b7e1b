// Writing and reading the embedded store, in one run, as ratios to writing the same events as JSON: `node bench/store.mjs [EVENTS]`
// after `npm run build`. With ELASTICSEARCH_URL (`npm run elasticsearch -- node bench/store.mjs`) the same on that server, too.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseKql } from '../dist/src/query/kql.js';
import { openDuckdbReader } from '../dist/src/store/duckdb/reader.js';
import { openDuckdbWriter } from '../dist/src/store/duckdb/writer.js';
import { connect } from '../dist/src/store/elasticsearch/connect.js';
import { deleteIndices } from '../dist/src/store/elasticsearch/create.js';
import { indexName, indicesOf } from '../dist/src/store/elasticsearch/index-names.js';
import { openElasticsearchReader } from '../dist/src/store/elasticsearch/reader.js';
import { connectionOf } from '../dist/src/store/elasticsearch/settings.js';
import { openElasticsearchWriter } from '../dist/src/store/elasticsearch/writer.js';

const count = Number(process.argv[2] ?? 300_000);
const STREAM = '0123456789ab';
const START = 1_635_681_600_000_000;

/** What makes three of ten events something else than a firewall's flow. */
const OTHERS = {
  2: (i) => ({
    'einfallstor.act': 'login',
    'event.outcome': i % 4 === 0 ? 'failure' : 'success',
    'user.name': `user${(i * 17) % 3000}`,
    'host.name': `ws-${(i * 3) % 500}`,
    'event.category': ['authentication'],
  }),
  5: (i) => ({
    'einfallstor.act': 'mail-received',
    'email.from.address': [`sender${(i * 7) % 20_000}@mail.example`],
    'email.to.address': [`user${(i * 11) % 3000}@corp.example`],
    'email.subject': `Angebot Nr. ${i % 5000} für Übung und Prüfung`,
    'event.category': ['email'],
  }),
  8: (i) => ({
    'einfallstor.act': 'http-request',
    'url.original': `/shop/item?id=${(i * 31) % 90_000}&q=a${i % 100}`,
    'http.response.status_code': [200, 200, 304, 404][i % 4],
    'user_agent.original': `Mozilla/5.0 (X11; Linux x86_64) Bench/${i % 40}.0`,
    'event.category': ['web'],
  }),
};

/** An event like those of a firewall's traffic log: 45 fields, the raw record among them; others in between. */
const eventOf = (i) => {
  const [source, destination, port] = [
    `10.${i % 7}.${(i * 7) % 250}.${(i * 13) % 250}`,
    `198.51.100.${(i * 31) % 250}`,
    1024 + ((i * 37) % 60_000),
  ];
  const id = `${STREAM}-${(i * 500).toString(36)}`;
  const vendor = Object.fromEntries(
    Array.from({ length: 15 }, (_, k) => [`vendor.product.field${k}`, `value ${k} ${i % (k + 1)}`]),
  );
  return {
    id,
    fields: {
      '@timestamp': START + i * 20_000,
      'event.id': id,
      'event.kind': 'event',
      'event.category': ['network'],
      'event.module': 'bench',
      'event.type': ['connection', 'allowed'],
      'event.action': 'close',
      'event.outcome': 'success',
      'einfallstor.act': 'flow',
      'einfallstor.stream': STREAM,
      'log.offset': i * 500,
      'log.file.path': 'bench.log',
      'source.ip': source,
      'source.port': port,
      'source.bytes': (i * 7919) % 1_000_000,
      'destination.ip': destination,
      'destination.port': [443, 80, 53][i % 3],
      'destination.bytes': (i * 104_729) % 10_000_000,
      'network.transport': 'tcp',
      'observer.name': 'fw1',
      'rule.id': String(i % 30),
      'related.ip': [source, destination],
      'vendor.product.session': String(1_000_000 + i),
      ...vendor,
      'event.original': `date=2021-10-31 srcip=${source} srcport=${port} dstip=${destination} session=${1_000_000 + i} ${Object.entries(
        vendor,
      )
        .map(([k, v]) => `${k}="${v}"`)
        .join(' ')}`,
      ...OTHERS[i % 10]?.(i),
    },
  };
};

const timed = async (run) => {
  const begun = performance.now();
  const result = await run();
  return { seconds: (performance.now() - begun) / 1000, result };
};
const seconds = (n) => `${n.toFixed(2).padStart(8)} s`;

const collected = async (events) => {
  let n = 0;
  for await (const _ of events) n += 1;
  return n;
};

const directory = mkdtempSync(join(tmpdir(), 'einfallstor-bench-'));
try {
  const making = await timed(() => {
    for (let i = 0; i < count; i += 1) eventOf(i);
  });
  const json = await timed(() => {
    let length = 0;
    for (let i = 0; i < count; i += 1) length += JSON.stringify(eventOf(i)).length;
    return length;
  });
  const baseline = json.seconds - making.seconds;
  console.log(
    `${count} events, ${(json.result / 1e6).toFixed(0)} MB as JSON, JSON.stringify ${seconds(baseline)}; peak of this process at the end`,
  );

  const written = async (name, writer) => {
    const { seconds: took } = await timed(async () => {
      await writer.begin(STREAM);
      for (let i = 0; i < count; i += 1) {
        const waiting = writer.append(eventOf(i));
        if (waiting !== undefined) await waiting;
      }
      await writer.finish(STREAM);
      await writer.close();
    });
    const writing = took - making.seconds;
    console.log(
      `${name.padEnd(14)} ${seconds(writing)}  ${Math.round(count / writing)} events/s, ${(writing / baseline).toFixed(2)} × JSON`,
    );
  };

  const span = { from: START, to: START + count * 20_000 };
  const questions = {
    'count of all': (reader) => reader.count(parseKql('')),
    'text in the record': (reader) => reader.count(parseKql('event.original: "session=1000077 "')),
    'text anywhere': (reader) => reader.count(parseKql('"session=1000077 "')),
    'one address': (reader) => reader.count(parseKql('related.ip: 10.3.21.39')),
    'a network': (reader) => reader.count(parseKql('source.ip: 10.3.0.0/16')),
    'a vendor field': (reader) => reader.count(parseKql('vendor.product.session: 1000077')),
    'filter page': (reader) => collected(reader.scan(parseKql('source.ip: 10.3.0.0/16'), { limit: 200 })),
    'pivot to a user': (reader) => collected(reader.scan(parseKql('user.name: user34'), { limit: 200 })),
    histogram: async (reader) =>
      (await reader.histogram(parseKql('destination.port: 443'), { ...span, buckets: 100 })).length,
    'top destinations': async (reader) => (await reader.top(parseKql(''), 'destination.ip', 10)).length,
    'all events, three fields': (reader) =>
      collected(reader.scan(parseKql(''), { fields: ['source.ip', 'user.name'] })),
    'all events, whole': (reader) => collected(reader.scan(parseKql(''), { order: 'locator' })),
  };

  await written('DuckDB', await openDuckdbWriter(directory));
  const readers = { DuckDB: await openDuckdbReader(directory) };
  const server = process.env.ELASTICSEARCH_URL;
  const indices = indicesOf(indexName('bench', randomBytes(4).toString('hex')));
  const connected = async () => connect(connectionOf(server, process.env));
  if (server) {
    const layout = { shards: 1, replicas: 0 };
    await written('Elasticsearch', await openElasticsearchWriter(await connected(), indices, { layout }));
    readers.Elasticsearch = await openElasticsearchReader(await connected(), indices);
  }
  try {
    for (const [what, ask] of Object.entries(questions)) {
      const cells = [];
      const answers = new Set();
      for (const [name, reader] of Object.entries(readers)) {
        await ask(reader);
        const { seconds: took, result } = await timed(() => ask(reader));
        answers.add(result);
        cells.push(
          `${name} ${(took * 1000).toFixed(0).padStart(7)} ms ${(took / baseline).toFixed(3).padStart(7)} × JSON`,
        );
      }
      console.log(`${what.padEnd(26)} ${cells.join('   ')}   (${[...answers].join(' OR ')})`);
    }
  } finally {
    for (const reader of Object.values(readers)) await reader.close();
    if (server) {
      const last = await connected();
      await deleteIndices(last, indices);
      await last.close();
    }
  }
  console.log(`peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
