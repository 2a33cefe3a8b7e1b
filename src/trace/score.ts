import { asIs, type Said, say } from '../core/said.ts';
import { DAY, HOUR } from '../core/time.ts';
import type { Intrusion } from './anchor.ts';
import { stageOfAct, stageWeights, weightOf } from './anchor.ts';
import type { Candidate } from './candidates.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { Evidence } from './evidence.ts';
import { LOG_NAMES } from './log-names.ts';
import type { Act, Mark } from './model.ts';
import { PRIOR_NOT_IN_LOGS, PRIORS, PRIORS_CITED } from './priors.ts';
import type { Coverage, Vector } from './result.ts';

/** One additive part of a score, with the ids of its records. */
export interface Term {
  readonly term: string;
  readonly nats: number;
  readonly because: Said;
  readonly events: readonly string[];
  /** See `Mark.from`. */
  readonly from?: number | undefined;
}

export interface Scored {
  readonly candidate: Candidate;
  readonly vector: Vector;
  /** How strongly it is tied to the intrusion as a whole, 0 to 1: its best way, times the share of it that it explains. */
  readonly strength: number;
  readonly terms: readonly Term[];
  readonly probability: number;
}

export interface Scores {
  readonly scored: readonly Scored[];
  readonly notInTheseLogs: { readonly probability: number; readonly terms: readonly Term[] };
}

/** How often an act that was not the entry ties to a chain as well by chance. */
const BY_CHANCE = 0.03;
const MOST_TIE = 3.5;
/** What an act that explains nothing of the intrusion loses: e^−3, one in twenty. */
const UNTIED = -3;
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
};
const OTHER_CAP = 1.5;

const round = (nats: number): number => Math.round(nats * 1000) / 1000;
const term = (name: string, nats: number, because: Said, events: readonly string[] = []): Term => ({
  term: name,
  nats: round(nats),
  because,
  events: [...new Set(events)].slice(0, 20),
});

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

/** What an act's own records weigh, before ties and rivals. */
export const weightOfMarks = (marks: readonly Mark[]): number => families(marks).reduce((sum, t) => sum + t.nats, 0);

const share = (probability: number): string => `${Math.round(probability * 100)} %`;

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

const tieTerm = (candidate: Candidate, strength: number): Term => {
  if (candidate.tie === undefined) return term('tie to the chain', UNTIED, NOTHING_TIES);
  const { because, strength: way } = candidate.tie;
  const nats = Math.max(UNTIED, Math.min(MOST_TIE, Math.log(strength / BY_CHANCE)));
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

/** A stage of the intrusion, and how much of it a candidate explains. */
interface Explained {
  readonly stage: string;
  readonly weight: number;
  /** Of the weight of the stage's acts, 0 to 1. */
  readonly share: number;
  /** What it explains best. */
  readonly best: Act | undefined;
}

/** Beyond a strength of one half an act is explained for certain. */
const explainedBy = (candidate: Candidate, act: Act): number =>
  Math.min(1, 2 * (candidate.explains.get(act.key) ?? 0));

const explainedStages = (candidate: Candidate, intrusion: Intrusion): Explained[] =>
  [...stageWeights(intrusion.late)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stage, { weight }]) => {
      const own = intrusion.late.filter((a) => stageOfAct(a) === stage);
      const total = own.reduce((sum, a) => sum + weightOf(a), 0);
      const told = own.reduce((sum, a) => sum + weightOf(a) * explainedBy(candidate, a), 0);
      const [best] = [...own].sort(
        (a, b) => explainedBy(candidate, b) - explainedBy(candidate, a) || weightOf(b) - weightOf(a) || a.from - b.from,
      );
      return { stage, weight, share: total === 0 ? 0 : told / total, best };
    });

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

const INGRESS: readonly Coverage['class'][] = ['firewall', 'vpn', 'mail', 'auth', 'web'];

const hours = (micros: number): string => `${(micros / HOUR).toFixed(0)} h`;

/** What speaks for an entry that the logs do not hold. */
const absenceTerms = (candidates: readonly Candidate[], intrusion: Intrusion, coverage: readonly Covered[]): Term[] => {
  const terms = [
    term(
      'prior',
      Math.log(PRIOR_NOT_IN_LOGS),
      say(
        `${share(PRIOR_NOT_IN_LOGS)} of intrusions begin where the logs at hand do not reach`,
        `${share(PRIOR_NOT_IN_LOGS)} der Einbrüche beginnen, wohin die vorliegenden Protokolle nicht reichen`,
      ),
    ),
  ];
  const best = Math.max(0, ...candidates.map((c) => c.tie?.strength ?? 0));
  // what is tied far more weakly than another does not begin the chain
  const first = Math.min(
    ...intrusion.late.map((a) => a.from),
    ...candidates.filter((c) => (c.tie?.strength ?? 0) > best / 2).map((c) => c.act.from),
  );
  const gaps = gapsWithin(coverage, INGRESS, first - 14 * DAY, first + HOUR);
  const longest = gaps.sort((a, b) => b.to - b.from - (a.to - a.from) || (a.source < b.source ? -1 : 1))[0];
  if (longest !== undefined) {
    terms.push(
      term(
        'gap',
        Math.min(2, Math.log(1 + (longest.to - longest.from) / (6 * HOUR))),
        say(
          `${longest.source} is silent for ${hours(longest.to - longest.from)} before the first act of the chain`,
          `${longest.source} ist vor der ersten Handlung der Kette ${hours(longest.to - longest.from)} stumm`,
        ),
      ),
    );
    if (gaps.some((g) => first - g.to < 36 * HOUR))
      terms.push(
        term(
          'begins after a gap',
          1.5,
          say(
            'the chain begins within 36 h after a gap: its beginning may lie in the gap',
            'die Kette beginnt binnen 36 h nach einer Lücke: ihr Anfang kann in der Lücke liegen',
          ),
        ),
      );
  }
  if (best < 0.1)
    terms.push(
      term(
        'no cause from outside',
        2,
        say(
          'the chain begins inside, and no act from outside is tied to it',
          'die Kette beginnt innen, und keine Handlung von außen ist mit ihr verbunden',
        ),
      ),
    );
  const start = Math.min(...coverage.map((c) => c.from));
  if (first - start < 2 * DAY)
    terms.push(
      term(
        'young logs',
        0.7,
        say(
          'the chain begins less than two days after the logs do',
          'die Kette beginnt weniger als zwei Tage nach den Protokollen',
        ),
      ),
    );
  const missing = (['vpn', 'mail', 'web'] as const).filter((kind) => !coverage.some((c) => c.class === kind));
  if (missing.length > 0)
    terms.push(
      term(
        'missing sources',
        0.25 * missing.length,
        say(
          `no ${missing.join(', no ')} log was handed over`,
          `nicht übergeben: ${missing.map((kind) => LOG_NAMES[kind].de).join(', ')}`,
        ),
      ),
    );
  return terms;
};

const sum = (terms: readonly Term[]): number => terms.reduce((total, t) => total + t.nats, 0);

/** Probabilities that sum to 1, from sums of logarithms. */
export const softmax = (scores: readonly number[]): number[] => {
  const most = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
};

/** A vector's prior is divided among its acts that reach the chain; an act that does not shares with all of them. */
const sharesOf =
  (candidates: readonly { readonly candidate: Candidate; readonly evidence: Evidence }[]) =>
  (candidate: Candidate, vector: Vector): number =>
    candidates.filter(
      (c) => c.evidence.vector === vector && (candidate.tie === undefined || c.candidate.tie !== undefined),
    ).length;

/** No reckoning is surer than its model: an entry that no log shows keeps at least this probability. */
const MODEL_DOUBT = 0.01;
/** However weak the leading way is, this doubt alone leaves it level with what no log shows. */
const MOST_DOUBT = 0.5;

/** A hypothesis before it is set against the others. */
type Termed = Omit<Scored, 'probability'>;

const ofItself = (term: Term): boolean =>
  term.term !== 'prior' && term.term !== 'tie to the chain' && !term.term.startsWith('stage ');

/** What a hypothesis's own records weigh, apart from how it hangs together with the rest. */
export const ownWeight = (terms: readonly Term[]): number => sum(terms.filter(ofItself));

/**
 * Stages and ties speak for a candidate only if its way holds. Where it fails (1 − strength), nothing but the act's own
 * records is left to call it the entry.
 */
const doubtOf = ({ strength, terms }: Termed): number => {
  const broken = MODEL_DOUBT + 1 - strength;
  return Math.min(MOST_DOUBT, Math.max(MODEL_DOUBT, broken * Math.exp(-ownWeight(terms))));
};

const neverExcluded = (termed: readonly Termed[], absence: number): Term | undefined => {
  const scores = termed.map((t) => sum(t.terms));
  const most = Math.max(...scores);
  const leading = termed[scores.indexOf(most)];
  if (leading === undefined) return undefined;
  const doubt = doubtOf(leading);
  const all = most + Math.log(scores.reduce((total, s) => total + Math.exp(s - most), 0));
  const least = all + Math.log(doubt / (1 - doubt));
  const strength = leading.strength.toFixed(2);
  const own = ownWeight(leading.terms).toFixed(2);
  const floor = `${(doubt * 100).toFixed(doubt < 0.1 ? 1 : 0)} %`;
  return absence >= least
    ? undefined
    : term(
        'doubt of the model',
        least - absence,
        say(
          `an entry that no log shows is held no less likely than ${floor}: the leading entry is tied to the whole with a strength of ${strength}, and its own records weigh ${own}`,
          `ein Einfallstor, das kein Protokoll zeigt, gilt als nicht unwahrscheinlicher als ${floor}: das führende ist mit einer Stärke von ${strength} mit dem Ganzen verbunden, und seine eigenen Aufzeichnungen wiegen ${own}`,
        ),
      );
};

export const scoresOf = (
  candidates: readonly { readonly candidate: Candidate; readonly evidence: Evidence }[],
  intrusion: Intrusion,
  coverage: readonly Covered[],
): Scores => {
  const shares = sharesOf(candidates);
  const termed = candidates.map(({ candidate, evidence }): Termed => {
    const stages = explainedStages(candidate, intrusion);
    const strength = strengthOf(candidate, stages);
    return {
      candidate,
      vector: evidence.vector,
      strength,
      terms: [
        priorTerm(evidence.vector, shares(candidate, evidence.vector)),
        tieTerm(candidate, strength),
        ...stageTerms(stages),
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
