import { type Said, say } from '../core/said.ts';
import { isoOf, timeText } from '../core/time.ts';
import type { CaseContext } from '../detect/context.ts';
import type { Finding } from '../detect/finding.ts';
import type { StoredEvent } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import type { Intrusion } from './anchor.ts';
import { intrusions, lateActs, SUSPECTED, THRESHOLD, togetherWeight } from './anchor.ts';
import { backgroundOf } from './background.ts';
import { readCalls } from './calls.ts';
import type { Candidate } from './candidates.ts';
import { candidatesFor, untied, withoutSteps } from './candidates.ts';
import { type Graph, searchBack } from './chain.ts';
import { clockErrors } from './clock-errors.ts';
import { printed } from './coverage.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { exfiltrationOf } from './exfiltration.ts';
import { readFailures } from './failures.ts';
import { anchoredBy, isMoment } from './given-anchor.ts';
import { begunBy, isOrphan, joined, unbegun } from './joined.ts';
import { lateLogs } from './late-logs.ts';
import { type Act, byTime } from './model.ts';
import type { Prepared } from './prepare.ts';
import { prepare } from './prepare.ts';
import { samePerson } from './read.ts';
import { References, rendered, stepsOf, uniformPriors } from './render.ts';
import type { EventReference, TraceResult } from './result.ts';
import type { Scores } from './score.ts';
import { scoresOf, signsOf } from './score.ts';
import { type StandingOut, standingOut, toldSteps } from './stands-out.ts';
import { enteringWeight, ownWeight } from './terms.ts';
import { leadsNoFurther, tracedBack } from './traced-back.ts';
import { blindSpots, unanswered } from './unanswered.ts';
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
  /** As far back as its acts can be traced inside. */
  readonly origins: readonly Act[];
  /** Set where it is joined of two that nothing ties: what is open. */
  readonly open?: Said;
}

/** What an entry tied to the chain adds to the showing of an intrusion: an unusual way in is one more stage, no more. */
const MOST_OF_ENTRY = 2;
/** Where its records show how somebody got in, it adds as much as a stage can. */
const MOST_OF_ENTERING = 3;
const ENTERING = 2.5;

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
      const most = enteringWeight(terms) >= ENTERING ? MOST_OF_ENTERING : MOST_OF_ENTRY;
      return Math.min(most, ownWeight(terms)) + (switched ? OTHER_ACCOUNT : 0);
    });
  return Math.max(0, ...weights);
};

type EvidenceOf = (act: Act) => Evidence;

/** What the records say of each act, after the attempts and calls around all of them were read once. */
const evidenceFor = async (acts: readonly Act[], { world }: Prepared): Promise<EvidenceOf> => {
  const background = backgroundOf(world);
  const failures = await readFailures(acts, world.store, world.clocks);
  const calls = await readCalls(acts, world.store, world.clocks);
  return (act) => evidenceOf(act, world, background, failures, calls);
};

const judge = (
  intrusion: Intrusion,
  candidates: readonly Candidate[],
  evidence: EvidenceOf,
  { coverage }: Prepared,
): Judged => {
  const judged = candidates.map((candidate) => ({ candidate, evidence: evidence(candidate.act) }));
  const scores = scoresOf(
    withoutSteps(judged, (j) => signsOf(j.evidence.marks)),
    intrusion,
    coverage,
  );
  return { intrusion, scores, weight: intrusion.weight + entryWeight(scores), origins: [] };
};

/** Intrusions of one search, each with the entries that compete for it. */
const judgeEach = async (found: readonly Intrusion[], graph: Graph, prepared: Prepared): Promise<Judged[]> => {
  const competing = found.map((intrusion) => ({
    intrusion,
    candidates: candidatesFor(intrusion, graph, prepared.world),
  }));
  const evidence = await evidenceFor(
    competing.flatMap(({ candidates }) => candidates.map(({ act }) => act)),
    prepared,
  );
  return competing.map(({ intrusion, candidates }) => judge(intrusion, candidates, evidence, prepared));
};

/** Intrusions lighter than this are not even judged. */
const WORTH_JUDGING = 1.5;
const MOST_JUDGED = 5;

/** Intrusions, heaviest first, and how far they are shown: where none is, all that was judged. */
interface Shown {
  readonly intrusion: NonNullable<TraceResult['intrusion']>;
  readonly judged: readonly Judged[];
}

const shownOf = (judged: readonly Judged[], isGiven: boolean): Shown => {
  const shown = judged.filter((j) => isGiven || j.weight >= THRESHOLD);
  if (shown.length > 0) return { intrusion: 'shown', judged: shown };
  // an unusual way in is everyday without what follows from it: it shows an intrusion, it raises no suspicion of one
  const suspected = judged.filter((j) => j.intrusion.weight >= SUSPECTED);
  if (suspected.length > 0) return { intrusion: 'suspected', judged: suspected };
  const together = togetherWeight(judged.map((j) => j.intrusion)) >= THRESHOLD;
  return { intrusion: together ? 'suspected' : 'none', judged };
};

/** What the customer knows, and no record tells: the ways in until then that stand out by themselves, none tied to it. */
const judgeMoment = async (moment: Act, prepared: Prepared): Promise<Judged> => {
  const { acts, evidence } = await standingOut(
    [],
    prepared.world,
    (entries) => evidenceFor(entries, prepared),
    moment.from,
  );
  const entries = acts.filter(({ vector }) => vector !== undefined);
  const at = timeText(moment.from);
  return {
    ...judge({ anchor: moment, late: [], weight: 0 }, entries.map(untied), evidence, prepared),
    intrusion: { anchor: moment, late: [moment], weight: 0 },
    open: say(
      `Open: what happened at ${at}. No record within an hour tells of it, so nothing can be tied to it: logs of the machines would, or an account, address or host to search back from (--anchor).`,
      `Offen: was um ${at} geschah. Kein Eintrag binnen einer Stunde berichtet davon, also ist nichts damit zu verbinden: Protokolle der Rechner würden helfen, oder ein Konto, eine Adresse oder ein Rechner als Ausgangspunkt (--anchor).`,
    ),
  };
};

const judgeAll = async (prepared: Prepared, anchor: string | undefined): Promise<Shown> => {
  const { world } = prepared;
  const given = anchor === undefined ? undefined : await anchoredBy(anchor, world);
  const [mark] = given ?? [];
  if (mark !== undefined && isMoment(mark)) return { intrusion: 'shown', judged: [await judgeMoment(mark, prepared)] };
  const seeds = given ?? lateActs(world.board.acts);
  if (seeds.length === 0) return { intrusion: 'none', judged: [] };
  const graph = await searchBack(seeds, world);
  const found = intrusions(seeds, graph)
    .filter((i) => given !== undefined || i.weight >= WORTH_JUDGING)
    .slice(0, MOST_JUDGED);
  const judged = (await judgeEach(found, graph, prepared))
    .map((one) => ({ ...one, origins: tracedBack(one.intrusion, graph) }))
    .sort((a, b) => b.weight - a.weight || b.intrusion.anchor.from - a.intrusion.anchor.from);
  const shown = shownOf(judged, given !== undefined);
  const both = shown.intrusion === 'shown' ? joined(shown.judged) : undefined;
  if (both === undefined) return shown;
  const { origins } = both.parts[0];
  const [joint] = await judgeEach([both.intrusion], graph, prepared);
  const one = { ...(joint as Judged), origins, open: both.open };
  return { ...shown, judged: [one, ...shown.judged.filter((j) => !both.parts.includes(j))] };
};

/** The acts of the leading hypothesis; without one, what shows the intrusion; where two were joined, both. */
const chainOf = ({ scores, intrusion, open }: Judged): Act[] => {
  const top = scores.scored[0];
  if (top?.candidate.tie === undefined) return [...intrusion.late];
  const steps = stepsOf(top.candidate, intrusion);
  return open === undefined ? steps : [...new Set([...steps, ...intrusion.late])];
};

/** What the clocks of the sources are wrong by. */
const clocksOf = async (
  { world, sources }: Prepared,
  references: References,
): Promise<NonNullable<TraceResult['clocks']>> => {
  await references.load(world.clocks.offsets.filter(({ offset }) => offset !== 0).flatMap(({ events }) => events));
  return clockErrors(world.clocks, sources, (ids) => references.of(ids));
};

/** Of what is too slight to be judged, too. */
const standingOutIn = ({ judged }: Shown, prepared: Prepared): Promise<StandingOut> => {
  const doings = [...lateActs(prepared.world.board.acts), ...judged.flatMap(({ intrusion }) => intrusion.late)];
  const each = new Map(doings.map((act) => [act.key, act]));
  return standingOut([...each.values()], prepared.world, (acts) => evidenceFor(acts, prepared));
};

/** A way in that was forced is an intrusion by itself: what hangs together with it is judged with it. */
const judgeForced = async ({ forced: ways }: StandingOut, prepared: Prepared): Promise<Shown> => {
  const { world } = prepared;
  const sure = ways.filter(({ isSure }) => isSure);
  const forced = (sure.length > 0 ? sure : ways).map(({ act }) => act);
  const seeds = [...forced, ...lateActs(world.board.acts)];
  const graph = await searchBack(seeds, world);
  const found = intrusions(seeds, graph).filter(({ late }) => late.some((act) => forced.includes(act)));
  return {
    intrusion: sure.length > 0 ? 'shown' : 'suspected',
    judged: await judgeEach(found, graph, prepared),
  };
};

/** Where no late act weighs enough to be judged: the ways in that stand out, which nothing is known to have followed. */
const judgeEntries = ({ striking, evidence }: StandingOut, prepared: Prepared): Judged => {
  const entries = striking.filter(({ vector }) => vector !== undefined);
  const anchor = striking[striking.length - 1] as Act;
  return judge({ anchor, late: [], weight: 0 }, entries.map(untied), evidence, prepared);
};

const nothing = async (acts: readonly Act[], prepared: Prepared, references: References): Promise<TraceResult> => {
  const outflow = await exfiltrationOf(
    { chain: [], begins: 'never', standsOut: acts },
    prepared.egress,
    prepared.coverage,
    prepared.world,
  );
  await references.load(outflow.events);
  return {
    verdict: 'none',
    anchor: null,
    intrusion: 'none',
    unanswered: [...blindSpots(prepared.coverage, prepared.world), ...(await lateLogs(prepared))],
    standsOut: await toldSteps(acts, references),
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
  const begun = begunBy(b);
  return begun !== undefined && a.scores.scored[0]?.candidate.act.key !== begun.key;
};

/** The anchor as a verdict tells it: none, where nothing is known to have followed an entry. */
const anchorOf = ({ anchor, late }: Intrusion, references: References): TraceResult['anchor'] =>
  late.length === 0
    ? null
    : { timestamp: isoOf(anchor.from), summary: anchor.summary, events: references.of(anchor.events) };

/** An intrusion, shown or not, with the hypotheses of how it began. */
const toldOf = async (
  shown: Shown,
  standing: StandingOut | undefined,
  prepared: Prepared,
  references: References,
): Promise<TraceResult> => {
  const main = shown.judged[0] as Judged;
  const isShown = shown.intrusion === 'shown';
  const chain = chainOf(main);
  const verdict = isShown && main.open === undefined ? verdictOf(main.scores, prepared.coverage) : 'undetermined';
  // an entry that nothing ties to the chain does not tell when the chain begins
  const tied = main.scores.scored[0]?.candidate.tie !== undefined;
  const begins = tied && verdict !== 'undetermined' ? 'known' : 'unknown';
  // what is not shown to be an intrusion's ties no transfer to one
  const others = shown.judged.slice(1).filter((j) => isOther(main, j));
  const orphans = isShown ? shown.judged.slice(1).filter(isOrphan) : [];
  // where an act leads, its chain tells what happened
  const leading = (main.scores.scored[0]?.probability ?? 0) > main.scores.notInTheseLogs.probability;
  const isTold = isShown && leading;
  const origins = isShown && (!leading || main.open !== undefined) ? main.origins : [];
  const open = [
    ...(main.open === undefined ? [] : [main.open]),
    ...(await Promise.all(origins.map((act) => leadsNoFurther(act, prepared.world)))),
    ...orphans.map(unbegun),
    ...(await lateLogs(prepared)),
  ];
  const taken = [...chain, ...[...others, ...orphans].flatMap(chainOf)];
  const { acts } = isTold ? { acts: [] } : (standing ?? (await standingOutIn(shown, prepared)));
  const compromise = isShown
    ? ({ chain: taken, begins } as const)
    : ({ chain: [], begins, standsOut: [...taken, ...acts] } as const);
  const outflow = await exfiltrationOf(compromise, prepared.egress, prepared.coverage, prepared.world);
  await references.load([...outflow.events, ...main.intrusion.anchor.events]);
  const otherChains = [];
  for (const other of others)
    otherChains.push({
      hypotheses: (await rendered(other.scores, other.intrusion, prepared, references)).slice(0, 3),
    });
  return {
    verdict,
    anchor: anchorOf(main.intrusion, references),
    intrusion: shown.intrusion,
    ...(open.length === 0 ? {} : { unanswered: open }),
    ...(isTold ? {} : { standsOut: await toldSteps([...origins, ...acts].sort(byTime), references) }),
    hypotheses: await rendered(main.scores, main.intrusion, prepared, references),
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

/** From a store and findings to ranked hypotheses of the entry point, each with its reckoning. */
export const trace = async (input: TraceInput): Promise<TraceResult> => {
  const prepared = await prepare(input.store, input.findings, input.context);
  const references = new References(input.store, input.reference);
  const shown = await judgeAll(prepared, input.anchor);
  if (shown.intrusion !== 'none') return toldOf(shown, undefined, prepared, references);
  const standing = await standingOutIn(shown, prepared);
  if (standing.forced.length > 0) return toldOf(await judgeForced(standing, prepared), standing, prepared, references);
  const open = await unanswered(standing.striking, prepared.coverage, prepared.world);
  if (open.length === 0) return nothing(standing.acts, prepared, references);
  const judged = shown.judged.length > 0 ? shown.judged : [judgeEntries(standing, prepared)];
  const told = await toldOf({ intrusion: 'unanswered', judged }, standing, prepared, references);
  return { ...told, unanswered: [...open, ...(told.unanswered ?? [])] };
};
