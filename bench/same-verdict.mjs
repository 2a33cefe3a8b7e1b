// Every simulated scenario traced from DuckDB and from Elasticsearch: `trace --json` must be the same bytes.
// `npm run elasticsearch -- node bench/same-verdict.mjs [--within SECONDS] [--noise N] [SCENARIO…]` after `npm run build`;
// exits 1 when any differs. `--within`: no further scenario is begun after so long; `--noise`: everyday traffic, 1 as usual.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const server = process.env.ELASTICSEARCH_URL;
if (!server) throw new Error('set ELASTICSEARCH_URL; `npm run elasticsearch` starts a server');

const main = join(import.meta.dirname, '../dist/src/cli/main.js');
const run = (args) => {
  const done = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ELASTICSEARCH_URL: '' },
  });
  if (done.status !== 0) throw new Error(`einfallstor ${args.join(' ')}: ${done.stderr.slice(-2000)}`);
  return done.stdout;
};

const timed = (args) => {
  const begun = performance.now();
  const out = run(args);
  return [out, ((performance.now() - begun) / 1000).toFixed(1)];
};

const { values, positionals } = parseArgs({
  options: { within: { type: 'string' }, noise: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const scenarios =
  positionals.length > 0
    ? positionals
    : run(['simulate', '--list'])
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]);

let [differing, done] = [0, 0];
for (const scenario of scenarios) {
  if (done > 0 && performance.now() / 1000 > Number(values.within ?? Infinity)) break;
  done += 1;
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-same-'));
  const logs = join(folder, 'logs');
  try {
    run(['simulate', scenario, '--noise', values.noise, '--out', folder]);
    const [local, remote] = [join(folder, 'x.case'), join(folder, 'remote', 'x.case')];
    const [one, took] = timed(['investigate', logs, '--case', local, '--json']);
    const [other, tookThere] = timed(['investigate', logs, '--case', remote, '--store', server, '--json']);
    const { index } = JSON.parse(readFileSync(join(remote, 'store.json'), 'utf8'));
    for (const part of ['1', 'state']) await fetch(`${server}/${index}-${part}`, { method: 'DELETE' });
    if (one !== other) differing += 1;
    console.log(
      `${scenario.padEnd(18)} ${JSON.parse(one).verdict.padEnd(13)} ${String(one.length).padStart(7)} bytes  DuckDB ${took} s  Elasticsearch ${tookThere} s  ${one === other ? 'the same' : 'DIFFERENT'}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${done - differing} of ${done} the same`);
if (done < scenarios.length) console.log(`left out for want of time: ${scenarios.slice(done).join(' ')}`);
process.exit(differing === 0 ? 0 : 1);
