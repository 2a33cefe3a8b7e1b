import type { Said } from '../core/said.ts';
import type { Candidate } from './candidates.ts';
import type { Vector } from './result.ts';

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

/** A hypothesis before it is set against the others. */
export type Termed = Omit<Scored, 'probability'>;

const round = (nats: number): number => Math.round(nats * 1000) / 1000;
export const term = (name: string, nats: number, because: Said, events: readonly string[] = []): Term => ({
  term: name,
  nats: round(nats),
  because,
  events: [...new Set(events)].slice(0, 20),
});

export const sum = (terms: readonly Term[]): number => terms.reduce((total, t) => total + t.nats, 0);

export const share = (probability: number): string => `${Math.round(probability * 100)} %`;

const OF_THE_CHAIN = new Set(['prior', 'tie to the chain', 'earlier rival']);
const ofItself = ({ term }: Term): boolean => !OF_THE_CHAIN.has(term) && !term.startsWith('stage ');

/** What a hypothesis's own records weigh, apart from how it hangs together with the rest. */
export const ownWeight = (terms: readonly Term[]): number => sum(terms.filter(ofItself));

/** Families that show a stranger; the others show how he got in. */
export const OF_A_STRANGER: ReadonlySet<string> = new Set(['novelty', 'discovery', 'odd-hour', 'call back']);

/** What a hypothesis's own records weigh as signs of how somebody got in. */
export const enteringWeight = (terms: readonly Term[]): number =>
  sum(terms.filter((t) => ofItself(t) && t.term !== 'followed by' && !OF_A_STRANGER.has(t.term)));
