import { addressClass } from '../core/net.ts';
import { type Said, say } from '../core/said.ts';
import type { EventReference, Hypothesis, TraceResult } from '../trace/result.ts';
import { ATTACK_VERSION, MEASURES, type Measure } from './catalogue.ts';

/** A step of a leading hypothesis' chain and the measures that would have broken it. */
export interface HardenedStep {
  /** Rank of the hypothesis the step belongs to. */
  readonly hypothesis: number;
  readonly stage: string;
  readonly technique: string;
  readonly timestamp: string;
  readonly summary: Said;
  readonly events: readonly EventReference[];
  readonly measures: readonly Measure[];
}

/** An address seen in the chain, and whether blocking it is proposed. */
export interface BlockCandidate {
  readonly address: string;
  readonly block: boolean;
  /** Why it is proposed or left out. */
  readonly because: Said;
  readonly events: readonly EventReference[];
}

export interface Hardening {
  /** Version of ATT&CK the mitigation ids are of. */
  readonly attack: string;
  readonly steps: readonly HardenedStep[];
  readonly blockList: readonly BlockCandidate[];
  /** Steps for which the catalogue has no measure: said, not hidden. */
  readonly without: readonly { readonly technique: string; readonly summary: Said }[];
}

/** An outside address that events of the chain name. */
export interface SeenAddress {
  readonly address: string;
  readonly events: readonly EventReference[];
  /** `own`, `partner` or `provider`, when the context file or the logs say so. */
  readonly belongsTo?: 'own' | 'partner' | 'provider' | 'shared' | undefined;
}

/** Hypotheses worth hardening against: the first, and rivals of at least this probability. */
const LEADING = 0.2;
const leading = (result: TraceResult): Hypothesis[] =>
  result.verdict === 'none' ? [] : result.hypotheses.filter((h, n) => n === 0 || h.probability >= LEADING);

const measuresFor = (technique: string): Measure[] => {
  const parent = technique.split('.')[0] as string;
  const exact = MEASURES.filter((m) => m.techniques.includes(technique));
  return exact.length > 0 ? exact : MEASURES.filter((m) => m.techniques.includes(parent));
};

const stepsOf = (hypothesis: Hypothesis): HardenedStep[] => {
  const entry = {
    stage: 'initial-access',
    technique: hypothesis.technique,
    timestamp: hypothesis.entry.timestamp,
    summary: hypothesis.entry.summary,
    events: hypothesis.entry.events,
  };
  const seen = new Set<string>();
  return [entry, ...hypothesis.chain]
    .filter((step) => {
      const key = `${step.technique}\0${step.stage}`;
      if (step.technique === '' || seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .map((step) => ({
      hypothesis: hypothesis.rank,
      stage: step.stage,
      technique: step.technique,
      timestamp: step.timestamp,
      summary: step.summary,
      events: step.events,
      measures: measuresFor(step.technique),
    }));
};

const LEFT_OUT = {
  own: say(
    'own network: blocking it would cut off yourselves',
    'eigenes Netz: eine Sperre würde Sie selbst aussperren',
  ),
  partner: say('partner network: settle it with the partner', 'Netz eines Partners: mit ihm zu klären'),
  provider: say(
    'shared provider (mail, hosting, remote support): blocking hits others',
    'gemeinsam genutzter Anbieter (Mail, Hosting, Fernwartung): eine Sperre trifft andere',
  ),
  shared: say(
    'many of your own accounts use it: a carrier’s or an office’s shared address',
    'viele eigene Konten benutzen sie: geteilte Adresse eines Netzbetreibers oder Büros',
  ),
} as const;

const NOT_PUBLIC = say('not a public address', 'keine öffentliche Adresse');
const SEEN = say(
  'seen in the access chain; review before use, and remove after 90 days',
  'in der Zugriffskette gesehen; vor Gebrauch prüfen und nach 90 Tagen entfernen',
);

const judge = ({ address, events, belongsTo }: SeenAddress): BlockCandidate => {
  if (addressClass(address) !== 'public') return { address, block: false, because: NOT_PUBLIC, events };
  if (belongsTo !== undefined) return { address, block: false, because: LEFT_OUT[belongsTo], events };
  return {
    address,
    block: true,
    because: SEEN,
    events,
  };
};

/** For each step of the leading hypotheses the measures that break it, and a block list to be reviewed by a person. */
export const harden = (result: TraceResult, addresses: readonly SeenAddress[]): Hardening => {
  const steps = leading(result).flatMap(stepsOf);
  return {
    attack: ATTACK_VERSION,
    steps: steps.filter((step) => step.measures.length > 0),
    without: steps
      .filter((step) => step.measures.length === 0)
      .map(({ technique, summary }) => ({ technique, summary })),
    blockList: [...addresses].sort((a, b) => (a.address < b.address ? -1 : 1)).map(judge),
  };
};
