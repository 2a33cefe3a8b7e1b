// Detection and trace of one simulated incident among much everyday traffic: `node bench/trace-scale.mjs [EVENTS]` after
// `npm run build`; 10,000,000 events by default. `--times N`: one of N is ingested, the others are copies of it in the store,
// where ingesting all would take too long. `--scenario S01`; `--folder DIR` keeps logs and case there and uses them again.
// Whole processes: wall and processor seconds, peak memory. Exits 1 when the first hypothesis is not the true entry.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measured, printed } from './measured.mjs';
import { multiply } from './multiply.mjs';
import { DAYS, START, writeVolume } from './volume.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string', default: 'S01' },
    times: { type: 'string', default: '1' },
    folder: { type: 'string' },
  },
});
const [count, times] = [Number(positionals[0] ?? 10_000_000), Number(options.times)];

const main = join(import.meta.dirname, '..', 'dist', 'src', 'cli', 'main.js');
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'einfallstor-scale-'));
const [logs, kase] = [join(folder, 'logs'), join(folder, 'scale.case')];

const step = async (what, args) => {
  const run = await measured(process.execPath, [main, ...args, '--case', kase]);
  if (run.code !== 0) throw new Error(`${what} ended with ${run.code ?? run.signal}`);
  console.log(printed(what, run));
};

/** Whether the leading hypothesis cites a record of the true entry, or one that is accepted for it. */
const isTrue = ({ hypotheses }, { entry, accept }) => {
  const place = ({ path, line }) => `${path.slice(path.indexOf('logs/'))}:${line}`;
  const right = new Set([...entry.events, ...accept].map(place));
  return (hypotheses[0]?.entry.events ?? []).some(({ evidence }) => right.has(place(evidence)));
};

try {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'truth.json'))) {
    const { lines, bytes } = await writeVolume(logs, Math.round(count / times));
    const told = spawnSync(process.execPath, [
      ...[main, 'simulate', options.scenario, '--start', START, '--days', String(DAYS), '--out', folder],
    ]);
    if (told.status !== 0) throw new Error(`simulate: ${told.stderr}`);
    console.log(`${lines} everyday lines, ${(bytes / 1e6).toFixed(0)} MB, and ${options.scenario}`);
  }
  if (!existsSync(kase)) {
    await step('ingest', ['ingest', logs]);
    if (times > 1)
      console.log(`${await multiply(kase, times, (path) => path.includes('site2'))} events with the copies`);
  }
  await step('detect', ['detect']);
  await step('trace', ['trace', '--json']);
  const trace = JSON.parse(readFileSync(join(kase, 'trace.json'), 'utf8'));
  const right = isTrue(trace, JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')));
  console.log(
    `verdict  ${trace.verdict}, first hypothesis ${trace.hypotheses[0]?.probability ?? '-'} ${right ? 'is the true entry' : 'is NOT the true entry'}`,
  );
  process.exitCode = right ? 0 : 1;
} finally {
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
