import { numberOf } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import type { Baseline, Countries } from './baseline/baseline.ts';
import { byTime, ENTITY_FIELDS } from './build.ts';
import { candidatesOf } from './candidates.ts';
import { type CompiledRule, compileRule } from './compiled.ts';
import type { CaseContext } from './context.ts';
import { correlationFinding } from './correlated.ts';
import { withFamiliarity } from './familiar.ts';
import type { Finding } from './finding.ts';
import { labeller } from './labels.ts';
import { Matcher } from './matching/matcher.ts';
import type { RuleSet } from './sigma/load.ts';
import type { Problem, SigmaCorrelation } from './sigma/model.ts';
import { CorrelationNetwork, eventInput, fieldsOfCorrelations } from './sigma/network.ts';
import { SingleFindings } from './singles.ts';

export interface DetectProgress {
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: 'events' | 'steps';
  readonly note?: string;
}

export interface DetectInput {
  readonly store: StoreReader;
  readonly rules: RuleSet;
  readonly baselines: readonly Baseline[];
  readonly context: CaseContext;
  /** Countries of addresses, when a data base is at hand. */
  readonly countries?: Countries;
  readonly progress?: (progress: DetectProgress) => void;
}

export interface Detection {
  /** In time order. */
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
}

/** A rule that finds more than this is no rule for these logs; the rest is counted in a problem. */
const MAX_FINDINGS = 5000;
const REPORT_EVERY = 50_000;

/** Fields the events of a scan must bring; undefined: all of them. */
const fieldsNeeded = (
  rules: readonly CompiledRule[],
  correlations: readonly SigmaCorrelation[],
): string[] | undefined => {
  if (rules.some(({ isWide }) => isWide)) return undefined;
  const own = [...rules.map(({ rule }) => rule), ...correlations].flatMap((one) => one.fields);
  const tested = rules.flatMap(({ fields }) => [...fields]);
  return [...new Set([...ENTITY_FIELDS, ...own, ...tested, ...fieldsOfCorrelations(correlations)])].sort();
};

/** Rules that make no findings of their own: parts, and what correlations keep to themselves. */
const silentOf = ({ rules, correlations }: RuleSet): ReadonlySet<string> =>
  new Set([
    ...[...rules, ...correlations].filter(({ part }) => part).map(({ label }) => label),
    ...correlations.filter(({ generate }) => !generate).flatMap((correlation) => correlation.rules),
  ]);

class Collector {
  readonly findings: Finding[] = [];
  readonly #counts = new Map<string, number>();

  add(finding: Finding): void {
    const count = (this.#counts.get(finding.rule) ?? 0) + 1;
    this.#counts.set(finding.rule, count);
    if (count <= MAX_FINDINGS) this.findings.push(finding);
  }

  problems(): Problem[] {
    return [...this.#counts].flatMap(([rule, count]) => {
      if (count <= MAX_FINDINGS) return [];
      const reason = `${count} findings; the first ${MAX_FINDINGS} are kept`;
      return [{ file: '', line: 0, reason, rule, severity: 'doubtful' as const }];
    });
  }
}

interface Pass {
  readonly rules: readonly CompiledRule[];
  readonly correlations: readonly SigmaCorrelation[];
}

/** One scan for many rules: the store finds candidates, the predicates decide, correlations see hits in time order. */
const runPass = async (
  { rules, correlations }: Pass,
  input: DetectInput,
  silent: ReadonlySet<string>,
  collector: Collector,
): Promise<number> => {
  if (rules.length === 0) return 0;
  const matcher = new Matcher(rules);
  const singles = new SingleFindings((finding) => collector.add(finding));
  const tracked = [...new Set([...ENTITY_FIELDS, ...correlations.flatMap(({ fields }) => fields)])];
  const network = new CorrelationNetwork(correlations, tracked, (correlation, burst) => {
    if (!silent.has(correlation.label)) collector.add(correlationFinding(correlation, burst));
  });
  const options = { order: 'time' as const, rough: true, ...optionalFields(fieldsNeeded(rules, correlations)) };
  let [seen, timeless] = [0, 0];
  for await (const event of input.store.scan(candidatesOf(rules.map(({ query }) => query)), options)) {
    seen += 1;
    if (seen % REPORT_EVERY === 0) input.progress?.({ done: seen, total: undefined, unit: 'events' });
    const hits = matcher.matching(event.fields);
    if (hits.length === 0) continue;
    const time = numberOf(event.fields, '@timestamp');
    if (time === undefined) {
      timeless += 1;
      continue;
    }
    const occurrence = eventInput(event.id, time, event.fields);
    for (const { rule } of hits) if (!silent.has(rule.label)) singles.add(rule, occurrence);
    network.deliver(new Set(hits.map(({ rule }) => rule.label)), occurrence);
  }
  singles.finish();
  network.finish();
  return timeless;
};

const optionalFields = (fields: readonly string[] | undefined): { fields?: readonly string[] } =>
  fields === undefined ? {} : { fields };

const isCompiled = (one: CompiledRule | Problem): one is CompiledRule => 'matches' in one;
const isProblem = (one: CompiledRule | Problem): one is Problem => !isCompiled(one);

/** Runs rules, correlations and baselines over a store. Equal stores, rules and context give equal findings. */
export const detect = async (input: DetectInput): Promise<Detection> => {
  const { rules, context } = input;
  const compiled = rules.rules.map(compileRule);
  const runnable = compiled.filter(isCompiled);
  const problems: Problem[] = [...rules.problems, ...compiled.filter(isProblem)];
  const silent = silentOf(rules);
  const collector = new Collector();
  const correlated = new Set(rules.correlations.flatMap((correlation) => correlation.rules));
  // rules that look anywhere need whole events: they get a scan of their own, unless a correlation needs them in order
  const isApart = ({ isWide, rule }: CompiledRule): boolean => isWide && !correlated.has(rule.label);
  const passes: readonly Pass[] = [
    { rules: runnable.filter((one) => !isApart(one)), correlations: rules.correlations },
    { rules: runnable.filter(isApart), correlations: [] },
  ];
  let timeless = 0;
  for (const pass of passes) timeless += await runPass(pass, input, silent, collector);
  for (const [done, baseline] of input.baselines.entries()) {
    input.progress?.({ done, total: input.baselines.length, unit: 'steps', note: baseline.title });
    for (const finding of await baseline.run({ store: input.store, context, countries: input.countries }))
      collector.add(finding);
  }
  if (timeless > 0) {
    problems.push({
      file: '',
      line: 0,
      reason: `${timeless} events that match rules have no time and are in no finding`,
      severity: 'doubtful',
    });
  }
  const labelled = collector.findings.map(labeller(context)).sort(byTime);
  const findings = await withFamiliarity(labelled, input.store);
  return { findings, problems: [...problems, ...collector.problems()] };
};
