// Detection and trace of one simulated incident among much everyday traffic: `node bench/trace-scale.mjs [EVENTS]` after
// `npm run build`; 10,000,000 events by default. `--scenario S01`, `--folder DIR` keeps logs and case there and uses them again.
// Whole processes: wall seconds and peak memory. Exits 1 when the first hypothesis does not cite the true entry's records.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measured } from './measured.mjs';
import { writeVolume } from './volume.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { scenario: { type: 'string', default: 'S01' }, folder: { type: 'string' } },
});
const count = Number(positionals[0] ?? 10_000_000);
const [START, DAYS] = ['2024-03-01', 30];

const main = join(import.meta.dirname, '..', 'dist', 'src', 'cli', 'main.js');
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'einfallstor-scale-'));
const [logs, kase] = [join(folder, 'logs'), join(folder, 'scale.case')];

const step = async (what, args) => {
  const run = await measured(process.execPath, [main, ...args, '--case', kase], { stdio: 'ignore' });
  const { code, signal, seconds, processorSeconds, peakMiB } = run;
  if (code !== 0) throw new Error(`${what} ended with ${code ?? signal}`);
  console.log(
    `${what.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s  processor ${processorSeconds?.toFixed(1) ?? '?'} s  peak ${peakMiB?.toFixed(0) ?? '?'} MiB`,
  );
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
    const begun = performance.now();
    const { lines, bytes } = await writeVolume(logs, { count, start: START, days: DAYS });
    const told = spawnSync(process.execPath, [
      ...[main, 'simulate', options.scenario, '--start', START, '--days', String(DAYS), '--out', folder],
    ]);
    if (told.status !== 0) throw new Error(`simulate: ${told.stderr}`);
    console.log(
      `${lines} lines, ${(bytes / 1e6).toFixed(0)} MB and ${options.scenario} written in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
  }
  if (!existsSync(kase)) await step('ingest', ['ingest', logs]);
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
