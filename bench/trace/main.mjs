// How well the trace finds the entry on simulated incidents, against the baselines it must beat.
//
//   node bench/trace/main.mjs [--seeds 10] [--first 1] [--scenario S01 --scenario …] [--robustness] [--swap] [--ablation]
//
// --robustness adds for every incident: noise × 10 of a short story, every clock of one source ± 2 h, each source left out.
// --swap adds every incident with other products as its firewall and its VPN, where its story leaves them open.
// --ablation traces every case again without each part: leases, clock offsets, coverage, hubs, priors; totals for each.
// Truth that some `--without` took away must come out as undetermined (or by the same act's other records).
import { parseArgs } from 'node:util';
import { run } from './case.mjs';
import { isOpen, judge } from './judge.mjs';
import { HEAD, line, totals } from './table.mjs';
import { PARTS } from './without-hooks.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    first: { type: 'string', default: '1' },
    scenario: { type: 'string', multiple: true },
    robustness: { type: 'boolean', default: false },
    swap: { type: 'boolean', default: false },
    ablation: { type: 'boolean', default: false },
  },
});

const all = run(['simulate', '--list'])
  .trim()
  .split('\n')
  .map((text) => text.split(' ')[0]);
const scenarios = values.scenario ?? all;
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => Number(values.first) + i);

const SWAPS = [
  ['fortigate', 'fortigate'],
  ['asa', 'asa'],
  ['panos', 'panos'],
  ['sophos', 'sophos'],
  ['netfilter', 'openvpn'],
  ['panos', 'openvpn'],
].map(([firewall, vpn]) => ({ products: { firewall, vpn } }));

const variantsOf = (scenario, seed) => {
  if (values.swap) return isOpen(scenario) ? SWAPS : [];
  if (!values.robustness) return [{}];
  const [{ sources }] = judge(scenario, seed, {});
  return [
    {},
    { noise: 10 },
    ...sources.flatMap((source) => [{ without: source }, { skew: `${source}=7200` }, { skew: `${source}=-7200` }]),
  ];
};

const parts = values.ablation ? Object.keys(PARTS) : [];
const rows = [];
console.log(HEAD);
for (const scenario of scenarios) {
  for (const seed of seeds) {
    for (const variant of variantsOf(scenario, seed)) {
      const judged = judge(scenario, seed, variant, parts);
      rows.push(...judged);
      for (const row of judged) console.log(line(row));
    }
  }
}
const isWithout = (row) => row.variant.startsWith('without ');
console.log(totals(rows.filter((row) => !isWithout(row))));
for (const part of parts)
  console.log(`\nwithout ${part}:${totals(rows.filter((row) => row.variant === `without ${part}`))}`);
