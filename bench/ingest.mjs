// Throughput of `ingest` on generated FortiGate lines, as a ratio to reading the same bytes: `npm run bench [-- LINES]`.
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFortigateLines } from './fortigate-lines.mjs';
import { measured } from './measured.mjs';

const lines = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'einfallstor-bench-'));
const main = join(import.meta.dirname, '..', 'dist', 'src', 'cli', 'main.js');
const log = join(folder, 'fortigate.log');

try {
  await writeFortigateLines(log, lines);
  const { size } = statSync(log);
  // once unmeasured, so that both read from the page cache
  for await (const chunk of createReadStream(log)) void chunk;

  const coreutils = await measured('sha256sum', [log]);
  const begun = performance.now();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(log, { highWaterMark: 1 << 20 })) hash.update(chunk);
  hash.digest();
  const openssl = (performance.now() - begun) / 1000;
  const ingest = await measured(process.execPath, [main, 'ingest', log, '--case', join(folder, 'bench.case')]);
  if (ingest.code !== 0) throw new Error(`ingest ended with ${ingest.code ?? ingest.signal}`);

  console.log(`${lines} lines, ${(size / 1e6).toFixed(0)} MB`);
  console.log(`sha256sum                ${coreutils.seconds.toFixed(2)} s`);
  console.log(`SHA-256 in Node          ${openssl.toFixed(2)} s`);
  console.log(
    `ingest                   ${ingest.seconds.toFixed(2)} s, ${Math.round(lines / ingest.seconds)} events/s, ${(size / 1e6 / ingest.seconds).toFixed(0)} MB/s, peak ${ingest.peakMiB?.toFixed(0) ?? '?'} MiB`,
  );
  console.log(`ingest / sha256sum       ${(ingest.seconds / coreutils.seconds).toFixed(2)}`);
  console.log(`ingest / SHA-256 in Node ${(ingest.seconds / openssl).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
