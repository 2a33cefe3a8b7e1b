// Writing and reading the embedded store, in one run, as ratios to writing the same events as JSON: `node bench/store.mjs [EVENTS]`
// after `npm run build`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseKql } from '../dist/src/query/kql.js';
import { openDuckdbReader } from '../dist/src/store/duckdb/reader.js';
import { openDuckdbWriter } from '../dist/src/store/duckdb/writer.js';

const count = Number(process.argv[2] ?? 300_000);
const STREAM = '0123456789ab';
const START = 1_635_681_600_000_000;

/** An event like those of a firewall's traffic log: 45 fields, the raw record among them. */
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
  const store = await timed(async () => {
    const writer = await openDuckdbWriter(directory);
    await writer.begin(STREAM);
    for (let i = 0; i < count; i += 1) await writer.append(eventOf(i));
    await writer.finish(STREAM);
    await writer.close();
  });
  const baseline = json.seconds - making.seconds;
  const writing = store.seconds - making.seconds;
  console.log(
    `${count} events, ${(json.result / 1e6).toFixed(0)} MB as JSON; peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
  );
  console.log(`JSON.stringify   ${seconds(baseline)}`);
  console.log(
    `store            ${seconds(writing)}  ${Math.round(count / writing)} events/s, ${(writing / baseline).toFixed(2)} × JSON`,
  );

  const reader = await openDuckdbReader(directory);
  const span = { from: START, to: START + count * 20_000 };
  const questions = {
    'count of all': () => reader.count(parseKql('')),
    'text in the record': () => reader.count(parseKql('event.original: "session=1000077 "')),
    'text anywhere': () => reader.count(parseKql('"session=1000077 "')),
    'one address': () => reader.count(parseKql('related.ip: 10.3.21.39')),
    'a network': () => reader.count(parseKql('source.ip: 10.3.0.0/16')),
    'a vendor field': () => reader.count(parseKql('vendor.product.session: 1000077')),
    'first 200 of a network': () => collected(reader.scan(parseKql('source.ip: 10.3.0.0/16'), { limit: 200 })),
    histogram: async () =>
      (await reader.histogram(parseKql('destination.port: 443'), { ...span, buckets: 100 })).length,
    'top destinations': async () => (await reader.top(parseKql(''), 'destination.ip', 10)).length,
    'all events, three fields': () => collected(reader.scan(parseKql(''), { fields: ['source.ip', 'user.name'] })),
    'all events, whole': () => collected(reader.scan(parseKql(''), { order: 'locator' })),
  };
  for (const [what, ask] of Object.entries(questions)) {
    await ask();
    const { seconds: took, result } = await timed(ask);
    console.log(
      `${what.padEnd(26)} ${(took * 1000).toFixed(0).padStart(7)} ms  ${(took / baseline).toFixed(3)} × JSON  (${result})`,
    );
  }
  await reader.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
