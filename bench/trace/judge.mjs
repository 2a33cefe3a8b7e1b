// One simulated incident, investigated, held against its truth.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselines } from './baselines.mjs';
import { run } from './case.mjs';

const place = ({ path, line }) => `${path}\0${line}`;

const entryPlaces = (truth) =>
  new Set([...(truth.entry?.events ?? []), ...(truth.accept ?? []).flatMap((a) => a.events ?? [a])].map(place));

/** A hypothesis names the true entry when one of its records is one of the truth's. */
const names = (hypothesis, places) => hypothesis.entry.events.some((e) => places.has(place(e.evidence)));

/** Share of the true steps that a hypothesis' chain has a record of. */
const recall = (hypothesis, truth) => {
  const told = new Set(
    [...hypothesis.chain.flatMap((step) => step.events), ...hypothesis.entry.events].map((e) => place(e.evidence)),
  );
  const steps = truth.chain.filter((step) => step.events.length > 0);
  return steps.length === 0
    ? null
    : steps.filter((step) => step.events.some((e) => told.has(place(e)))).length / steps.length;
};

const flags = ({ noise, without, skew }) => [
  ...(noise === undefined ? [] : ['--noise', String(noise)]),
  ...(without === undefined ? [] : ['--without', without]),
  ...(skew === undefined ? [] : ['--skew', skew]),
];

export const judge = (scenario, seed, variant) => {
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-trace-'));
  try {
    run(['simulate', scenario, '--seed', String(seed), '--out', folder, ...flags(variant)]);
    const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
    const directory = join(folder, 'x.case');
    const begun = performance.now();
    const trace = JSON.parse(run(['investigate', join(folder, 'logs'), '--case', directory, '--json']));
    const seconds = (performance.now() - begun) / 1000;
    const places = entryPlaces(truth);
    const found = trace.hypotheses.find((h) => names(h, places));
    const [first, second] = trace.hypotheses;
    return {
      scenario,
      seed,
      variant: flags(variant).join(' '),
      sources: truth.sources ?? [],
      // where no record of the entry is left, nothing but "undetermined" is right
      expect: truth.expect === 'ranked' && places.size === 0 ? 'undetermined' : truth.expect,
      verdict: trace.verdict,
      rank: found?.rank ?? null,
      probability: found?.probability ?? null,
      top: first?.probability ?? 0,
      margin: (first?.probability ?? 0) - Math.max(second?.probability ?? 0, trace.notInTheseLogs.probability),
      silent: trace.notInTheseLogs.probability,
      title: first?.title ?? '',
      recall: first === undefined ? null : recall(first, truth),
      exfiltration: trace.exfiltration.grade,
      trueExfiltration: truth.exfiltration?.grade ?? null,
      baselines: places.size === 0 ? null : baselines(directory, places),
      seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
