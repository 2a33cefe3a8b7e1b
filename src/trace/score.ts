import { asIs, say } from '../core/said.ts';
import { HOUR } from '../core/time.ts';
import { absenceTerms, neverExcluded } from './absence.ts';
import type { Intrusion } from './anchor.ts';
import { stageOfAct, stageWeights } from './anchor.ts';
import type { Candidate, Signs } from './candidates.ts';
import { STEP } from './candidates.ts';
import type { Covered } from './coverage.ts';
import type { Evidence } from './evidence.ts';
import { type Act, type Mark, weightOf } from './model.ts';
import { PRIORS, PRIORS_CITED } from './priors.ts';
import type { Vector } from './result.ts';
import type { Scored, Term, Termed } from './terms.ts';
import { OF_A_STRANGER, share, sum, term } from './terms.ts';

export interface Scores {
  readonly scored: readonly Scored[];
  readonly notInTheseLogs: { readonly probability: number; readonly terms: readonly Term[] };
}

/** How often an act that was not the entry ties to a chain as well by chance. */
const BY_CHANCE = 0.03;
const MOST_TIE = 3.5;
/** What an act that explains nothing of the intrusion loses: e^−3, one in twenty. */
const UNTIED = -3;
/** Earlier rivals take at most this, nats. */
const MOST_EARLIER = 5;
/** Caps by family, in nats: no single kind of sign decides. */
const CAPS: Readonly<Record<string, number>> = {
  exploit: 4,
  guessing: 3,
  novelty: 3,
  mfa: 3.5,
  session: 3,
  delivery: 2,
  visit: 1.5,
  consent: 3,
  partner: 2,
  device: 2,
  discovery: 2,
  'call back': 2,
};
const OTHER_CAP = 1.5;

/** The strongest mark of each family for and the strongest against. */
const families = (marks: readonly Mark[]): Term[] => {
  const best = new Map<string, Mark>();
  for (const m of marks) {
    const key = `${m.family}${m.nats < 0 ? ' against' : ''}`;
    const known = best.get(key);
    if (
      known === undefined ||
      Math.abs(m.nats) > Math.abs(known.nats) ||
      (m.nats === known.nats && m.events.length > known.events.length)
    )
      best.set(key, m);
  }
  return [...best.entries()]
    .filter(([, m]) => m.nats !== 0)
    .sort(([a, x], [b, y]) => y.nats - x.nats || (a < b ? -1 : 1))
    .map(([, m]) => {
      const cap = CAPS[m.family] ?? OTHER_CAP;
      return { ...term(m.family, Math.min(m.nats, cap), m.because, m.events), from: m.from };
    });
};

export const signsOf = (marks: readonly Mark[]): Signs => {
  const terms = families(marks);
  const stranger = sum(terms.filter((t) => OF_A_STRANGER.has(t.term)));
  return { stranger, entering: sum(terms) - stranger };
};

const priorTerm = (vector: Vector, rivals: number): Term =>
  term(
    'prior',
    Math.log(PRIORS[vector] / rivals),
    say(
      `${share(PRIORS[vector])} of intrusions begin this way${rivals > 1 ? `, shared by ${rivals} such acts` : ''} (${PRIORS_CITED.en})`,
      `${share(PRIORS[vector])} der Einbrüche beginnen so${rivals > 1 ? `, geteilt durch ${rivals} solche Handlungen` : ''} (${PRIORS_CITED.de})`,
    ),
  );

const NOTHING_TIES = say(
  'nothing in the logs ties it to what happened inside',
  'nichts in den Protokollen verbindet es mit dem, was innen geschah',
);

const SHOWS_ITSELF = say(
  'it shows by itself that somebody else got in',
  'sie zeigt für sich allein, dass jemand anderes hineinkam',
);

const GIVEN = say('the search was told to begin with it', 'mit ihr sollte die Suche beginnen');

const tieTerm = (candidate: Candidate, strength: number): Term => {
  if (candidate.tie === undefined) return term('tie to the chain', UNTIED, NOTHING_TIES);
  const { because, strength: way, next } = candidate.tie;
  const nats = Math.max(UNTIED, Math.min(MOST_TIE, Math.log(strength / BY_CHANCE)));
  if (next === undefined) {
    const because = weightOf(candidate.act) > 0 ? SHOWS_ITSELF : GIVEN;
    return term('tie to the chain', nats, because, candidate.act.events.slice(0, 5));
  }
  const explained = share(strength / way);
  return term(
    'tie to the chain',
    nats,
    say(
      `${because.en} (strength of the whole way ${way.toFixed(2)}, to ${explained} of the intrusion)`,
      `${because.de} (Stärke des ganzen Weges ${way.toFixed(2)}, zu ${explained} des Einbruchs)`,
    ),
    candidate.act.events.slice(0, 5),
  );
};

/** A candidate and what its records say, before anything is added up. */
interface Competing {
  readonly candidate: Candidate;
  readonly evidence: Evidence;
}

/** Of two rivals, the earlier may have made the later possible; then the later is not the entry. */
const laterTerms = ({ candidate }: Competing, rivals: readonly Competing[]): Term[] => {
  const earlier = rivals
    .map((r) => ({ act: r.candidate.act, strength: candidate.causes.get(r.candidate.act.key) ?? 0 }))
    .filter((r) => r.strength >= STEP)
    .sort((a, b) => b.strength - a.strength || a.act.from - b.act.from);
  const first = earlier[0];
  if (first === undefined) return [];
  const nats = earlier.reduce((sum, r) => sum + Math.log(1 - r.strength), 0);
  return [
    term(
      'earlier rival',
      Math.max(-MOST_EARLIER, nats),
      say(
        `another may have made it possible (strength ${first.strength.toFixed(2)}): ${first.act.summary.en}`,
        `eine andere kann es möglich gemacht haben (Stärke ${first.strength.toFixed(2)}): ${first.act.summary.de}`,
      ),
      first.act.events.slice(0, 5),
    ),
  ];
};

/** What shows a stranger in an act that it made possible shows him in it, too: added up to what the later shows. */
const followedTerms = ({ candidate, evidence }: Competing, rivals: readonly Competing[]): Term[] => {
  const own = signsOf(evidence.marks).stranger;
  const later = rivals
    .filter((r) => (r.candidate.causes.get(candidate.act.key) ?? 0) >= STEP)
    .map((r) => ({ act: r.candidate.act, more: signsOf(r.evidence.marks).stranger - own }))
    .sort((a, b) => b.more - a.more || a.act.from - b.act.from)[0];
  if (later === undefined || later.more <= 0) return [];
  const { act, more } = later;
  const because = say(
    `a stranger shows in what followed: ${act.summary.en}`,
    `ein Fremder zeigt sich in dem, was folgte: ${act.summary.de}`,
  );
  return [term('followed by', more, because, act.events.slice(0, 5))];
};

/** A stage of the intrusion, and how much of it a candidate explains. */
interface Explained {
  readonly stage: string;
  readonly weight: number;
  /** Of the weight of the stage's acts, 0 to 1. */
  readonly share: number;
  /** What it explains best. */
  readonly best: Act | undefined;
}

/** What is done on one machine within this time is one operation: who explains a part of it explains it. */
const ONE_OPERATION = HOUR;

const placesOf = (act: Act): string[] => (act.host === undefined ? [...act.targets] : [act.host, ...act.targets]);

/** For each late act, by key, all late acts of its operation. */
const operationsIn = ({ late }: Intrusion): ReadonlyMap<string, readonly Act[]> =>
  new Map(
    late.map((act) => {
      const places = new Set(placesOf(act));
      const near = late.filter((o) => o.from <= act.to + ONE_OPERATION && o.to >= act.from - ONE_OPERATION);
      return [act.key, near.filter((o) => o === act || placesOf(o).some((place) => places.has(place)))];
    }),
  );

/** Beyond a strength of one half an act is explained for certain. */
const explainedBy = (candidate: Candidate, operation: readonly Act[]): number =>
  Math.min(1, 2 * Math.max(...operation.map((act) => candidate.explains.get(act.key) ?? 0)));

const explainedStages = (
  candidate: Candidate,
  intrusion: Intrusion,
  operations: ReadonlyMap<string, readonly Act[]>,
): Explained[] => {
  const explained = (act: Act): number => explainedBy(candidate, operations.get(act.key) ?? [act]);
  return [...stageWeights(intrusion.late)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stage, { weight }]) => {
      const own = intrusion.late.filter((a) => stageOfAct(a) === stage);
      const total = own.reduce((sum, a) => sum + weightOf(a), 0);
      const told = own.reduce((sum, a) => sum + weightOf(a) * explained(a), 0);
      const [best] = [...own].sort(
        (a, b) => explained(b) - explained(a) || weightOf(b) - weightOf(a) || a.from - b.from,
      );
      return { stage, weight, share: total === 0 ? 0 : told / total, best };
    });
};

/** A way to a part of the intrusion is a way to the intrusion only by that share. */
const strengthOf = (candidate: Candidate, stages: readonly Explained[]): number => {
  const total = stages.reduce((sum, s) => sum + s.weight, 0);
  const told = stages.reduce((sum, s) => sum + s.weight * s.share, 0);
  return total === 0 ? 0 : ((candidate.tie?.strength ?? 0) * told) / total;
};

/** Each stage of the intrusion, explained or left over; a stage of weight w can add or take at most 1. */
const stageTerms = (stages: readonly Explained[]): Term[] =>
  stages.map(({ stage, weight, share: told, best }) => {
    const nats = Math.min(1, weight / 2) * (2 * told - 1);
    const what = best?.summary ?? asIs(stage);
    const because =
      nats > 0
        ? say(`it leads to: ${what.en}`, `es führt zu: ${what.de}`)
        : say(`it does not explain: ${what.en}`, `es erklärt nicht: ${what.de}`);
    return term(`stage ${stage}`, nats, because, best?.events.slice(0, 5) ?? []);
  });

/** Probabilities that sum to 1, from sums of logarithms. */
export const softmax = (scores: readonly number[]): number[] => {
  const most = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
};

/** A vector's prior is divided among its acts that reach the chain; an act that does not shares with all of them. */
const sharesOf =
  (candidates: readonly Competing[]) =>
  (candidate: Candidate, vector: Vector): number =>
    candidates.filter(
      (c) => c.evidence.vector === vector && (candidate.tie === undefined || c.candidate.tie !== undefined),
    ).length;

export const scoresOf = (
  candidates: readonly Competing[],
  intrusion: Intrusion,
  coverage: readonly Covered[],
): Scores => {
  const shares = sharesOf(candidates);
  const operations = operationsIn(intrusion);
  const termed = candidates.map((competing): Termed => {
    const { candidate, evidence } = competing;
    const stages = explainedStages(candidate, intrusion, operations);
    const strength = strengthOf(candidate, stages);
    return {
      candidate,
      vector: evidence.vector,
      strength,
      terms: [
        priorTerm(evidence.vector, shares(candidate, evidence.vector)),
        tieTerm(candidate, strength),
        // what an entry says of itself stands in its own terms
        ...stageTerms(stages.filter(({ best }) => best?.key !== candidate.act.key)),
        ...laterTerms(competing, candidates),
        ...followedTerms(competing, candidates),
        ...families(evidence.marks),
      ],
    };
  });
  const absence = absenceTerms(
    candidates.map((c) => c.candidate),
    intrusion,
    coverage,
  );
  const floor = neverExcluded(termed, sum(absence));
  if (floor !== undefined) absence.push(floor);
  const probabilities = softmax([...termed.map((t) => sum(t.terms)), sum(absence)]);
  const scored = termed
    .map((t, i) => ({ ...t, probability: probabilities[i] ?? 0 }))
    .sort(
      (a, b) =>
        b.probability - a.probability ||
        a.candidate.act.from - b.candidate.act.from ||
        (a.candidate.act.key < b.candidate.act.key ? -1 : 1),
    );
  return { scored, notInTheseLogs: { probability: probabilities[termed.length] ?? 1, terms: absence } };
};
