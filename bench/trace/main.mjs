// How well the trace finds the entry on simulated incidents, against the baselines it must beat.
//
//   node bench/trace/main.mjs [--seeds 5] [--first 1] [--scenario S01 --scenario …] [--robustness]
//
// --robustness adds for every incident: noise × 10 of a short story, every clock of one source ± 2 h, each source left out.
// Truth that some `--without` took away must come out as undetermined (or by the same act's other records).
import { parseArgs } from 'node:util';
import { run } from './case.mjs';
import { judge } from './judge.mjs';
import { HEAD, line, totals } from './table.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    first: { type: 'string', default: '1' },
    scenario: { type: 'string', multiple: true },
    robustness: { type: 'boolean', default: false },
  },
});

const all = run(['simulate', '--list'])
  .trim()
  .split('\n')
  .map((text) => text.split(' ')[0]);
const scenarios = values.scenario ?? all;
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => Number(values.first) + i);

const variantsOf = (scenario, seed) => {
  if (!values.robustness) return [{}];
  const { sources } = judge(scenario, seed, {});
  return [
    {},
    { noise: 10 },
    ...sources.flatMap((source) => [{ without: source }, { skew: `${source}=7200` }, { skew: `${source}=-7200` }]),
  ];
};

const rows = [];
console.log(HEAD);
for (const scenario of scenarios) {
  for (const seed of seeds) {
    for (const variant of variantsOf(scenario, seed)) {
      const row = judge(scenario, seed, variant);
      rows.push(row);
      console.log(line(row));
    }
  }
}
console.log(totals(rows));
