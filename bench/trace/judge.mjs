// One simulated incident, investigated, held against its truth; once more for each part of the trace that is taken out.
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

const flags = ({ noise, without, skew, products }) => [
  ...Object.entries(products ?? {}).flatMap(([role, product]) => ['--product', `${role}=${product}`]),
  ...(noise === undefined ? [] : ['--noise', String(noise)]),
  ...(without === undefined ? [] : ['--without', without]),
  ...(skew === undefined ? [] : ['--skew', skew]),
];

/** Whether a scenario's story leaves its products open. */
export const isOpen = (scenario) => {
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-trace-'));
  try {
    run([
      'simulate',
      scenario,
      '--days',
      '8',
      '--noise',
      '0.1',
      '--out',
      folder,
      ...flags({ products: { firewall: 'asa', vpn: 'asa' } }),
    ]);
    return true;
  } catch (error) {
    if (String(error).includes('cannot be swapped')) return false;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** How one trace fares against the truth. */
const rowOf = (trace, truth) => {
  const places = entryPlaces(truth);
  const found = trace.hypotheses.find((h) => names(h, places));
  const [first, second] = trace.hypotheses;
  return {
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
  };
};

const timed = (work) => {
  const begun = performance.now();
  const value = work();
  return { value, seconds: (performance.now() - begun) / 1000 };
};

/** Rows of one incident: the whole trace, then the trace of the same case without each of `parts`. */
export const judge = (scenario, seed, variant, parts = []) => {
  const folder = mkdtempSync(join(tmpdir(), 'einfallstor-trace-'));
  try {
    run(['simulate', scenario, '--seed', String(seed), '--out', folder, ...flags(variant)]);
    const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
    const directory = join(folder, 'x.case');
    const whole = timed(() => run(['investigate', join(folder, 'logs'), '--case', directory, '--json']));
    const places = entryPlaces(truth);
    const common = { scenario, seed, sources: truth.sources ?? [] };
    return [
      {
        ...common,
        variant: flags(variant).join(' '),
        ...rowOf(JSON.parse(whole.value), truth),
        baselines: places.size === 0 ? null : baselines(directory, places),
        seconds: whole.seconds,
      },
      ...parts.map((part) => {
        const { value, seconds } = timed(() => run(['trace', '--case', directory, '--json'], part));
        return { ...common, variant: `without ${part}`, ...rowOf(JSON.parse(value), truth), baselines: null, seconds };
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
