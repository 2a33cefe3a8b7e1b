import { MINUTE } from '../core/time.ts';
import { ENTITY_FIELDS, factOf, findingOf } from './build.ts';
import type { Finding } from './finding.ts';
import { EventSample } from './sample.ts';
import type { Input } from './sigma/burst.ts';
import type { SigmaRule } from './sigma/model.ts';

/** Equal matches no further apart than this are one finding. */
const BURST_GAP = 10 * MINUTE;

interface Run {
  readonly rule: SigmaRule;
  readonly entities: Readonly<Record<string, string>>;
  readonly from: number;
  to: number;
  readonly sample: EventSample;
}

/** First values of the fields that name a finding. */
export const entitiesOf = (rule: Pick<SigmaRule, 'fields'>, input: Input): Record<string, string> => {
  const entities: Record<string, string> = {};
  for (const field of rule.fields.length === 0 ? ENTITY_FIELDS : rule.fields) {
    const value = input.values(field)[0];
    if (value !== undefined) entities[field] = value;
  }
  return entities;
};

/** Makes one finding of equal single-event matches that follow each other closely. */
export class SingleFindings {
  readonly #runs = new Map<string, Run>();
  readonly #found: (finding: Finding) => void;
  #swept = Number.NEGATIVE_INFINITY;

  constructor(found: (finding: Finding) => void) {
    this.#found = found;
  }

  /** Matches come in time order. */
  add(rule: SigmaRule, input: Input): void {
    if (input.time - this.#swept > BURST_GAP) this.#sweep(input.time);
    const entities = entitiesOf(rule, input);
    const key = JSON.stringify([rule.label, entities]);
    let run = this.#runs.get(key);
    if (run !== undefined && input.time - run.to > BURST_GAP) {
      this.#end(key, run);
      run = undefined;
    }
    if (run === undefined) {
      run = { rule, entities, from: input.time, to: input.time, sample: new EventSample() };
      this.#runs.set(key, run);
    }
    run.to = input.time;
    run.sample.add(input.id);
  }

  finish(): void {
    for (const [key, run] of this.#runs) this.#end(key, run);
  }

  #sweep(now: number): void {
    this.#swept = now;
    for (const [key, run] of this.#runs) if (now - run.to > BURST_GAP) this.#end(key, run);
  }

  #end(key: string, { rule, entities, from, to, sample }: Run): void {
    this.#runs.delete(key);
    const occurrences = { from, to, at: from, ids: sample.ids(), count: sample.count };
    this.#found(findingOf(rule, occurrences, entities, entities, factOf(rule, occurrences, entities)));
  }
}
