import { asIs } from '../core/said.ts';
import { MINUTE } from '../core/time.ts';
import { ENTITY_FIELDS, factOf, findingOf } from './build.ts';
import type { Finding } from './finding.ts';
import { EventSample } from './sample.ts';
import type { Input } from './sigma/burst.ts';
import type { SigmaRule } from './sigma/model.ts';

/** Equal matches no further apart than this are one finding, unless the rule says otherwise. */
const BURST_GAP = 10 * MINUTE;

interface Run {
  readonly rule: SigmaRule;
  /** What the finding is told from others by. */
  readonly group: Readonly<Record<string, string>>;
  /** What all matches have in common. */
  readonly entities: Record<string, string>;
  /** Different values of the first field that names a finding: of a campaign, its sources. */
  readonly distinct: Set<string>;
  readonly from: number;
  to: number;
  readonly sample: EventSample;
}

/** More different values than this are not counted. */
const MAX_DISTINCT = 10_000;

const gapOf = ({ burst }: SigmaRule): number => burst?.timespan ?? BURST_GAP;

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
    const group = rule.burst === undefined ? entities : entitiesOf({ fields: rule.burst.by }, input);
    const key = JSON.stringify([rule.label, group]);
    let run = this.#runs.get(key);
    if (run !== undefined && input.time - run.to > gapOf(rule)) {
      this.#end(key, run);
      run = undefined;
    }
    if (run === undefined) {
      const sample = new EventSample();
      run = { rule, group, entities, distinct: new Set(), from: input.time, to: input.time, sample };
      this.#runs.set(key, run);
    }
    for (const [name, value] of Object.entries(run.entities)) if (entities[name] !== value) delete run.entities[name];
    const first = entities[rule.fields[0] ?? ''];
    if (first !== undefined && run.distinct.size < MAX_DISTINCT) run.distinct.add(first);
    run.to = input.time;
    run.sample.add(input.id);
  }

  finish(): void {
    for (const [key, run] of this.#runs) this.#end(key, run);
  }

  #sweep(now: number): void {
    this.#swept = now;
    for (const [key, run] of this.#runs) if (now - run.to > gapOf(run.rule)) this.#end(key, run);
  }

  #end(key: string, { rule, group, entities, distinct, from, to, sample }: Run): void {
    this.#runs.delete(key);
    const occurrences = { from, to, at: from, ids: sample.ids(), count: sample.count };
    const fact = factOf(rule, occurrences, entities, { distinct: asIs(String(distinct.size)) });
    this.#found(findingOf(rule, occurrences, group, entities, fact));
  }
}
