import { isoOf } from '../core/time.ts';
import type { CaseContext } from '../detect/context.ts';
import type { Finding } from '../detect/finding.ts';
import type { StoredEvent } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import type { Intrusion } from './anchor.ts';
import { intrusions, lateActs, THRESHOLD } from './anchor.ts';
import type { Calls } from './calls.ts';
import { readCalls } from './calls.ts';
import type { Candidate } from './candidates.ts';
import { candidatesFor, withoutSteps } from './candidates.ts';
import { searchBack } from './chain.ts';
import { clockErrors } from './clock-errors.ts';
import { printed } from './coverage.ts';
import type { Background } from './evidence.ts';
import { backgroundOf, evidenceOf } from './evidence.ts';
import { exfiltrationOf } from './exfiltration.ts';
import type { Failures } from './failures.ts';
import { readFailures } from './failures.ts';
import { anchoredBy } from './given-anchor.ts';
import type { Act } from './model.ts';
import type { Prepared } from './prepare.ts';
import { prepare } from './prepare.ts';
import { samePerson } from './read.ts';
import { References, rendered, stepsOf, uniformPriors } from './render.ts';
import type { EventReference, TraceResult } from './result.ts';
import type { Scores } from './score.ts';
import { scoresOf, signsOf } from './score.ts';
import { ownWeight } from './terms.ts';
import { verdictOf } from './verdict.ts';

export interface TraceInput {
  readonly store: StoreReader;
  readonly findings: readonly Finding[];
  readonly context: CaseContext;
  /** The analyst's mark: an event id, an ISO time, or an observable (account, address, host). */
  readonly anchor?: string | undefined;
  /** Where an event stands in the evidence. */
  readonly reference: (event: StoredEvent) => EventReference;
}

/** An intrusion with everything that competes to have begun it. */
interface Judged {
  readonly intrusion: Intrusion;
  readonly scores: Scores;
  readonly weight: number;
}

/** What an entry tied to the chain adds to the showing of an intrusion: an unusual way in is one more stage, no more. */
const MOST_OF_ENTRY = 2;

/** Another person's account, used from the address of the entry: nobody's habit. */
const OTHER_ACCOUNT = 1;

/** What is tied more weakly shows nothing of an intrusion by itself. */
const TIED = 0.15;

const entryWeight = (scores: Scores): number => {
  const weights = scores.scored
    .filter((s) => (s.candidate.tie?.strength ?? 0) >= TIED)
    .map(({ terms, candidate }) => {
      const { account } = candidate.act;
      const next = candidate.path.find((a) => a.kind === 'logon')?.account;
      const switched = account !== undefined && next !== undefined && !samePerson(account, next);
      return Math.min(MOST_OF_ENTRY, ownWeight(terms)) + (switched ? OTHER_ACCOUNT : 0);
    });
  return Math.max(0, ...weights);
};

const judge = (
  intrusion: Intrusion,
  candidates: readonly Candidate[],
  background: Background,
  failures: Failures,
  calls: Calls,
  { world, coverage }: Prepared,
): Judged => {
  const judged = candidates.map((candidate) => ({
    candidate,
    evidence: evidenceOf(candidate.act, world, background, failures, calls),
  }));
  const scores = scoresOf(
    withoutSteps(judged, (j) => signsOf(j.evidence.marks)),
    intrusion,
    coverage,
  );
  return { intrusion, scores, weight: intrusion.weight + entryWeight(scores) };
};

/** Intrusions lighter than this are not even judged. */
const WORTH_JUDGING = 1.5;
const MOST_JUDGED = 5;

const judgeAll = async (prepared: Prepared, anchor: string | undefined): Promise<Judged[]> => {
  const { world } = prepared;
  const background = backgroundOf(world);
  const given = anchor === undefined ? undefined : await anchoredBy(anchor, world);
  const seeds = given ?? lateActs(world.board.acts);
  if (seeds.length === 0) return [];
  const graph = await searchBack(seeds, world);
  const found = intrusions(seeds, graph)
    .filter((i) => given !== undefined || i.weight >= WORTH_JUDGING)
    .slice(0, MOST_JUDGED);
  const competing = found.map((intrusion) => ({ intrusion, candidates: candidatesFor(intrusion, graph, world) }));
  const possible = competing.flatMap((c) => c.candidates.map((x) => x.act));
  const failures = await readFailures(possible, world.store, world.clocks);
  const calls = await readCalls(possible, world.store, world.clocks);
  const judged = competing.map((c) => judge(c.intrusion, c.candidates, background, failures, calls, prepared));
  return judged
    .filter((j) => given !== undefined || j.weight >= THRESHOLD)
    .sort((a, b) => b.weight - a.weight || b.intrusion.anchor.from - a.intrusion.anchor.from);
};

/** The acts of the leading hypothesis; without one, what shows the intrusion. */
const chainOf = (scores: Scores, intrusion: Intrusion): Act[] => {
  const top = scores.scored[0];
  return top === undefined || top.candidate.tie === undefined ? [...intrusion.late] : stepsOf(top.candidate, intrusion);
};

/** What the clocks of the sources are wrong by. */
const clocksOf = async (
  { world, sources }: Prepared,
  references: References,
): Promise<NonNullable<TraceResult['clocks']>> => {
  await references.load(world.clocks.offsets.filter(({ offset }) => offset !== 0).flatMap(({ events }) => events));
  return clockErrors(world.clocks, sources, (ids) => references.of(ids));
};

const nothing = async (prepared: Prepared, references: References): Promise<TraceResult> => {
  const outflow = await exfiltrationOf(
    { chain: [], begins: 'never' },
    prepared.egress,
    prepared.coverage,
    prepared.world,
  );
  await references.load(outflow.events);
  return {
    verdict: 'none',
    anchor: null,
    hypotheses: [],
    notInTheseLogs: { probability: 1, score: [] },
    exfiltration: { ...outflow, events: references.of(outflow.events) },
    coverage: prepared.coverage.map(printed),
    otherChains: [],
    clocks: await clocksOf(prepared, references),
  };
};

/** Whether two intrusions have different beginnings. */
const isOther = (a: Judged, b: Judged): boolean => {
  const [x, y] = [a.scores.scored[0], b.scores.scored[0]];
  return (
    x !== undefined &&
    y !== undefined &&
    y.candidate.tie !== undefined &&
    x.candidate.act.key !== y.candidate.act.key &&
    y.probability >= 0.5
  );
};

/** From a store and findings to ranked hypotheses of the entry point, each with its reckoning. */
export const trace = async (input: TraceInput): Promise<TraceResult> => {
  const prepared = await prepare(input.store, input.findings, input.context);
  const references = new References(input.store, input.reference);
  const judged = await judgeAll(prepared, input.anchor);
  const main = judged[0];
  if (main === undefined) return nothing(prepared, references);
  const chain = chainOf(main.scores, main.intrusion);
  const verdict = verdictOf(main.scores, prepared.coverage);
  // an entry that nothing ties to the chain does not tell when the chain begins
  const tied = main.scores.scored[0]?.candidate.tie !== undefined;
  const compromise = { chain, begins: tied && verdict !== 'undetermined' ? 'known' : 'unknown' } as const;
  const outflow = await exfiltrationOf(compromise, prepared.egress, prepared.coverage, prepared.world);
  const { anchor } = main.intrusion;
  await references.load([...outflow.events, ...anchor.events]);
  const others = judged.slice(1).filter((j) => isOther(main, j));
  const otherChains = [];
  for (const other of others)
    otherChains.push({
      hypotheses: (await rendered(other.scores, other.intrusion, prepared.coverage, references)).slice(0, 3),
    });
  return {
    verdict,
    anchor: { timestamp: isoOf(anchor.from), summary: anchor.summary, events: references.of(anchor.events) },
    hypotheses: await rendered(main.scores, main.intrusion, prepared.coverage, references),
    notInTheseLogs: {
      probability: main.scores.notInTheseLogs.probability,
      score: await references.terms(main.scores.notInTheseLogs.terms),
    },
    exfiltration: { ...outflow, events: references.of(outflow.events) },
    coverage: prepared.coverage.map(printed),
    otherChains,
    clocks: await clocksOf(prepared, references),
    uniformPriors: uniformPriors(main.scores),
  };
};
