import { asIs } from '../core/said.ts';
import { ENTITY_FIELDS, factOf, findingOf } from './build.ts';
import type { Finding } from './finding.ts';
import type { Burst } from './sigma/burst.ts';
import type { SigmaCorrelation } from './sigma/model.ts';
import { namedText } from './words.ts';

/**
 * A burst as a finding. Entities: the group; values that all its events share; for an ordered correlation also those of
 * the event that completed it (the user of the success that followed a spray).
 */
export const correlationFinding = (rule: SigmaCorrelation, burst: Burst): Finding => {
  const entities: Record<string, string> = { ...burst.by };
  for (const field of rule.fields.length === 0 ? ENTITY_FIELDS : rule.fields) {
    const all = burst.values(field);
    const last = rule.type === 'temporal_ordered' ? burst.last.values(field) : [];
    const value = all.length === 1 ? all[0] : last.length === 1 ? last[0] : undefined;
    if (value !== undefined) entities[field] ??= value;
  }
  const occurrences = { from: burst.from, to: burst.to, at: burst.at, ids: burst.ids(), count: burst.count };
  const distinct = [...burst.distinct].map((value) => value.replaceAll('\u0000', ' '));
  const extra = {
    distinct: asIs(String(distinct.length)),
    values: namedText(distinct),
    before: asIs(String(burst.innerCount)),
  };
  return findingOf(rule, occurrences, burst.by, entities, factOf(rule, occurrences, entities, extra));
};
