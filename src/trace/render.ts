import { type Said, say } from '../core/said.ts';
import { isoOf, MINUTE, SECOND } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import type { StoreReader } from '../store/store.ts';
import type { Intrusion } from './anchor.ts';
import { answerTo } from './answered.ts';
import type { Candidate } from './candidates.ts';
import { type Act, byTime, LOGINS } from './model.ts';
import type { Prepared } from './prepare.ts';
import type { ChainStep, EventReference, Hypothesis, ScoreTerm, Statement, UniformPriors } from './result.ts';
import { type Scores, softmax } from './score.ts';
import { stageRank } from './stages.ts';
import { againstIt, capitalised, forIt, missingFor, originOf, said, techniqueOf, titleOf } from './statements.ts';
import type { Scored, Term } from './terms.ts';

/** Turns event ids into places in the evidence; each event is read once. */
export class References {
  readonly #store: StoreReader;
  readonly #reference: (event: StoredEvent) => EventReference;
  readonly #known = new Map<string, EventReference>();

  constructor(store: StoreReader, reference: (event: StoredEvent) => EventReference) {
    this.#store = store;
    this.#reference = reference;
  }

  async load(ids: readonly string[]): Promise<void> {
    const wanted = [...new Set(ids)].filter((id) => !this.#known.has(id));
    for (let i = 0; i < wanted.length; i += 5_000) {
      for (const event of await this.#store.get(wanted.slice(i, i + 5_000)))
        this.#known.set(event.id, this.#reference(event));
    }
  }

  of(ids: readonly string[]): EventReference[] {
    return ids.slice(0, 20).flatMap((id) => this.#known.get(id) ?? []);
  }

  async terms(terms: readonly Term[]): Promise<ScoreTerm[]> {
    await this.load(terms.flatMap((t) => t.events));
    return terms.map(({ term, nats, because, events }) => ({ term, nats, because, events: this.of(events) }));
  }
}

/** Hypotheses printed; the rest share what is left and are named by nobody. */
const MOST_PRINTED = 25;
const MOST_STEPS = 25;
/** A late act tied to the entry more weakly is not told as its consequence. */
const TOLD = 0.1;

/** Two rules about one doing are told once, by whichever saw more places. */
const ONE_DOING = 30 * MINUTE;

/** A record of mail that was handed in tells of the login and of the sending. */
const comesAndDoes = (a: Act, b: Act): boolean =>
  (LOGINS.has(a.kind) && b.vector === undefined) || (LOGINS.has(b.kind) && a.vector === undefined);

const sameDoing = (a: Act, b: Act): boolean =>
  (a.events.some((id) => b.events.includes(id)) && !comesAndDoes(a, b)) ||
  (a.stage === b.stage &&
    a.technique.slice(0, 5) === b.technique.slice(0, 5) &&
    a.from <= b.to + ONE_DOING &&
    b.from <= a.to + ONE_DOING &&
    (a.kind === 'impact' || b.kind === 'impact' || (a.address !== undefined && a.address === b.address)));

const collapsed = (acts: readonly Act[]): Act[] => {
  const out: Act[] = [];
  for (const act of acts) {
    const at = out.findIndex((o) => sameDoing(o, act));
    if (at < 0) out.push(act);
    else if (act.targets.length > (out[at] as Act).targets.length) out[at] = act;
  }
  return out.sort(byTime);
};

/** What the entry led to: every late act tied to it and the acts on the way there, in order of time. */
export const stepsOf = (candidate: Candidate, intrusion: Intrusion): Act[] => {
  const late = intrusion.late.filter((a) => (candidate.explains.get(a.key) ?? 0) > TOLD);
  const ways = late.flatMap((a) => candidate.ways.get(a.key) ?? [a]);
  const steps = new Map([...candidate.path, ...ways].map((a) => [a.key, a]));
  return [candidate.act, ...collapsed([...steps.values()].filter((a) => a.key !== candidate.act.key).sort(byTime))];
};

/** Signs that are acts of their own beside the entry, by the family of the mark. */
const SIGNS: Readonly<Record<string, { readonly stage: string; readonly technique: string }>> = {
  guessing: { stage: 'credential-access', technique: 'T1110' },
  mfa: { stage: 'credential-access', technique: 'T1621' },
  visit: { stage: 'execution', technique: 'T1204.001' },
};

const signsOf = (scored: Scored, references: References): ChainStep[] =>
  scored.terms.flatMap((t) => {
    const sign = SIGNS[t.term];
    return sign === undefined || t.from === undefined || t.nats <= 0
      ? []
      : [{ ...sign, timestamp: isoOf(t.from), summary: t.because, events: references.of(t.events) }];
  });

const counted = ({ summary, count }: Act): Said =>
  say(`${summary.en} (${count} records)`, `${summary.de} (${count} Einträge)`);

/** Who comes in again by the way he came keeps his access. */
const stepOf = (act: Act, references: References, entry: Act): ChainStep => ({
  stage: act.key !== entry.key && act.stage === 'initial-access' && LOGINS.has(act.kind) ? 'persistence' : act.stage,
  technique: act.technique,
  timestamp: isoOf(act.from),
  summary: act.count > 1 && !/\d/.test(act.summary.en) ? counted(act) : act.summary,
  events: references.of(act.events),
});

const statement = (term: Term, references: References): Statement => ({
  text: said(term),
  events: references.of(term.events),
});

const summaryOf = (scored: Scored): Said => {
  const { act } = scored.candidate;
  const { en, de } = capitalised(act.summary);
  return act.count > act.events.length
    ? say(`${en}; ${act.count} such records in all`, `${de}; insgesamt ${act.count} solche Einträge`)
    : say(en, de);
};

const withoutPrior = (terms: readonly Term[]): number =>
  terms.reduce((total, { term, nats }) => (term === 'prior' ? total : total + nats), 0);

/** The ranking without what is held of intrusions beforehand: evidence alone. */
export const uniformPriors = ({ scored, notInTheseLogs }: Scores): UniformPriors => {
  const [absent = 0, ...rest] = softmax([
    withoutPrior(notInTheseLogs.terms),
    ...scored.map(({ terms }) => withoutPrior(terms)),
  ]);
  const leading = (acts: readonly number[], absence: number): number =>
    absence >= Math.max(0, ...acts) ? -1 : acts.indexOf(Math.max(...acts));
  return {
    hypotheses: rest.slice(0, MOST_PRINTED).map((probability, i) => ({ rank: i + 1, probability })),
    notInTheseLogs: absent,
    flips:
      leading(rest, absent) !==
      leading(
        scored.map(({ probability }) => probability),
        notInTheseLogs.probability,
      ),
  };
};

/** Who would lead if all ways in were equally common; undefined when the same hypothesis does. */
const withoutPriors = (scored: readonly Scored[]): Scored | undefined => {
  const best = [...scored].sort((a, b) => withoutPrior(b.terms) - withoutPrior(a.terms))[0];
  return best === scored[0] ? undefined : best;
};

const byPriorOnly = (rival: Scored): Statement => ({
  text: say(
    `It leads by the prior alone: were all ways in equally common, “${titleOf(rival).en}” would lead.`,
    `Sie führt allein durch die Vorannahme: wären alle Wege hinein gleich häufig, führte „${titleOf(rival).de}“.`,
  ),
  events: [],
});

/** The entry's own place stays ahead of what clocks leave open; its signs stand where their time puts them. */
const inOrder = (steps: readonly ChainStep[], signs: readonly ChainStep[]): ChainStep[] => {
  const [entry, ...rest] = steps as [ChainStep, ...ChainStep[]];
  const before = signs.filter((s) => s.timestamp < entry.timestamp);
  const after = [...rest, ...signs.filter((s) => s.timestamp >= entry.timestamp)];
  return [
    ...before,
    entry,
    ...after.sort((a, b) =>
      a.timestamp === b.timestamp ? stageRank(a.stage) - stageRank(b.stage) : a.timestamp < b.timestamp ? -1 : 1,
    ),
  ];
};

const hypothesis = async (
  scored: Scored,
  rank: number,
  intrusion: Intrusion,
  { coverage, world }: Pick<Prepared, 'coverage' | 'world'>,
  references: References,
  rival: Scored | undefined,
): Promise<Hypothesis> => {
  const { act } = scored.candidate;
  const steps = scored.candidate.tie === undefined ? [act] : stepsOf(scored.candidate, intrusion).slice(0, MOST_STEPS);
  await references.load([...act.events, ...steps.flatMap((s) => s.events.slice(0, 20))]);
  const score = await references.terms(scored.terms);
  return {
    rank,
    probability: scored.probability,
    vector: scored.vector,
    technique: techniqueOf(scored),
    origin: originOf(scored),
    title: titleOf(scored),
    entry: {
      timestamp: isoOf(act.from),
      uncertaintySeconds: Math.ceil(act.slack / SECOND),
      summary: summaryOf(scored),
      events: references.of(act.events),
    },
    chain: inOrder(
      steps.map((s) => stepOf(s, references, act)),
      signsOf(scored, references),
    ),
    score,
    for: forIt(scored.terms).map((t) => statement(t, references)),
    against: [
      ...againstIt(scored.terms).map((t) => statement(t, references)),
      ...(rank === 1 && rival !== undefined ? [byPriorOnly(rival)] : []),
    ],
    missing: missingFor(scored, coverage, await answerTo(scored, coverage, world)).map((text) => ({
      text,
      events: [],
    })),
  };
};

export const rendered = async (
  scores: Scores,
  intrusion: Intrusion,
  prepared: Pick<Prepared, 'coverage' | 'world'>,
  references: References,
): Promise<Hypothesis[]> => {
  const told = scores.scored.slice(0, MOST_PRINTED);
  await references.load(
    told.flatMap((s) => [
      ...s.candidate.act.events,
      ...s.candidate.path.flatMap((a) => a.events),
      ...s.terms.flatMap((t) => t.events),
    ]),
  );
  await references.load(intrusion.late.flatMap((a) => a.events.slice(0, 20)));
  const rival = withoutPriors(scores.scored);
  const out: Hypothesis[] = [];
  for (const [i, scored] of scores.scored.entries()) {
    if (i >= MOST_PRINTED) break;
    out.push(await hypothesis(scored, i + 1, intrusion, prepared, references, rival));
  }
  return out;
};
