// Rank, probability and verdict of the true entry on simulated incidents: `node bench/trace.mjs [SEEDS] [SCENARIO…]`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'dist', 'src', 'cli', 'main.js');
const run = (args) => {
  const done = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`einfallstor ${args.join(' ')}: ${done.stderr.slice(-2000)}`);
  return done.stdout;
};

const seeds = Number(process.argv[2] ?? 5);
const all = run(['simulate', '--list'])
  .trim()
  .split('\n')
  .map((line) => line.split(' ')[0]);
const scenarios = process.argv.length > 3 ? process.argv.slice(3) : all;

/** A hypothesis names the true entry when one of its records is one of the truth's. */
const isTrue = (hypothesis, truth) => {
  const places = new Set(
    [...(truth.entry?.events ?? []), ...(truth.accept ?? []).flatMap((a) => a.events ?? [])].map(
      (e) => `${e.path}\0${e.line}`,
    ),
  );
  return hypothesis.entry.events.some((e) => places.has(`${e.evidence.path}\0${e.evidence.line}`));
};

const judge = (scenario, seed) => {
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-trace-'));
  try {
    run(['simulate', scenario, '--seed', String(seed), '--out', folder]);
    const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
    const begun = performance.now();
    const trace = JSON.parse(run(['investigate', join(folder, 'logs'), '--case', join(folder, 'x.case'), '--json']));
    const seconds = (performance.now() - begun) / 1000;
    const found = trace.hypotheses.find((h) => isTrue(h, truth));
    return {
      scenario,
      seed,
      expect: truth.expect,
      verdict: trace.verdict,
      rank: found?.rank ?? null,
      probability: found?.probability ?? null,
      first: trace.hypotheses[0]?.title ?? '',
      firstProbability: trace.hypotheses[0]?.probability ?? null,
      silent: trace.notInTheseLogs.probability,
      exfiltration: trace.exfiltration.grade,
      trueExfiltration: truth.exfiltration?.grade ?? null,
      seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const show = (value) => (value === null ? '–' : value.toFixed(2));
const rows = [];
console.log(
  'scenario | seed | expected | verdict | rank of the true entry | its probability | not in these logs | exfiltration (true) | s | first',
);
for (const scenario of scenarios) {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const row = judge(scenario, seed);
    rows.push(row);
    console.log(
      [
        scenario,
        seed,
        row.expect,
        row.verdict,
        row.rank ?? '–',
        show(row.probability),
        show(row.silent),
        `${row.exfiltration} (${row.trueExfiltration ?? '–'})`,
        row.seconds.toFixed(0),
        row.first,
      ].join(' | '),
    );
  }
}
const ranked = rows.filter((row) => row.expect === 'ranked' || row.expect === 'upstream');
const clean = rows.filter((row) => row.expect === 'none');
const undetermined = rows.filter((row) => row.expect === 'undetermined');
const share = (list, test) => (list.length === 0 ? '–' : `${list.filter(test).length}/${list.length}`);
console.log(
  `\ntop-1 ${share(ranked, (r) => r.rank === 1)}, top-3 ${share(ranked, (r) => r.rank !== null && r.rank <= 3)}, MRR ${ranked.length === 0 ? '–' : (ranked.reduce((sum, r) => sum + (r.rank === null ? 0 : 1 / r.rank), 0) / ranked.length).toFixed(3)}`,
);
console.log(
  `clean cases with verdict none ${share(clean, (r) => r.verdict === 'none')}, undetermined where nothing shows the entry ${share(undetermined, (r) => r.verdict === 'undetermined')}`,
);
