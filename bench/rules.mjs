// Rules over mixed events: `node bench/rules.mjs [EVENTS]` after `npm run build`; 1,000,000 events by default. The whole pack, and
// with SIGMA_RULES=DIR (the `rules` folder of SigmaHQ) the pack and those: wall and processor seconds, events/s, peak memory of the
// whole process, and what became of the rules. `--times N`, `--folder DIR`: see trace-scale.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRules } from '../dist/src/app/rules.js';
import { measured, printed } from './measured.mjs';
import { multiply } from './multiply.mjs';
import { writeVolume } from './volume.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '1' }, folder: { type: 'string' } },
});
const [count, times] = [Number(positionals[0] ?? 1_000_000), Number(options.times)];
const main = join(import.meta.dirname, '..', 'dist', 'src', 'cli', 'main.js');
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'einfallstor-rules-'));
const [logs, kase] = [join(folder, 'logs'), join(folder, 'rules.case')];

/** Reasons without what is peculiar to one rule. */
const kindOf = (reason) => reason.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '…').slice(0, 100);

const tell = ({ rules, correlations, problems }) => {
  const refused = problems.filter(({ severity }) => severity === 'refused');
  console.log(`         ${rules.length} rules, ${correlations.length} correlations; ${refused.length} refused`);
  const kinds = new Map();
  for (const { reason } of refused) kinds.set(kindOf(reason), (kinds.get(kindOf(reason)) ?? 0) + 1);
  for (const [kind, n] of [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 10)) console.log(`         ${n} × ${kind}`);
};

const detect = async (what, paths) => {
  tell(readRules(paths, true));
  const rules = paths.flatMap((path) => ['--rules', path]);
  const run = await measured(process.execPath, [main, 'detect', '--case', kase, ...rules], { stdio: 'ignore' });
  if (run.code !== 0) throw new Error(`detect ended with ${run.code ?? run.signal}`);
  console.log(`${printed(what, run)}  ${Math.round(count / run.seconds)} events/s`);
};

try {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(kase)) {
    await writeVolume(logs, Math.round(count / times));
    const ingest = spawnSync(process.execPath, [main, 'ingest', logs, '--case', kase]);
    if (ingest.status !== 0) throw new Error(`ingest: ${ingest.stderr}`);
    if (times > 1) await multiply(kase, times, () => true);
  }
  await detect('pack', []);
  if (process.env.SIGMA_RULES) await detect('+ Sigma', [process.env.SIGMA_RULES]);
} finally {
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
