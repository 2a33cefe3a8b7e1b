import type { Said } from '../../core/said.ts';
import type { Query } from '../../query/ast.ts';
import type { ChainMeaning, Level } from '../finding.ts';

/** What is wrong with a rule, or only doubtful in it: a value, so that one bad rule never stops a run. */
export interface Problem {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly reason: string;
  /** Name, id or title of the rule, as far as it could be read. */
  readonly rule?: string;
  /** A refused rule is wrong; one that is not run is about logs that are not read here; a doubtful one runs. */
  readonly severity: 'refused' | 'not run' | 'doubtful';
}

export interface Logsource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

/** What makes one finding of many matches, where `fields` and ten minutes are too fine. */
export interface Burstiness {
  readonly by: readonly string[];
  readonly timespan: number;
}

/** What rules and correlations have in common. */
export interface Header {
  readonly file: string;
  readonly line: number;
  /** Name, else id, else title: how results call it. */
  readonly label: string;
  /** Name and id: what correlations and filters refer to it by. */
  readonly names: readonly string[];
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  /** ATT&CK techniques from the tags: `T1110.001`. */
  readonly techniques: readonly string[];
  readonly falsePositives: readonly string[];
  /** Fields whose values name a finding: the rule's `fields`, empty when it states none. */
  readonly fields: readonly string[];
  /** Sentence with `{field}`, `{count}`, `{distinct}`, `{duration}`; from `custom.fact`, in German `custom.fact_de`. */
  readonly fact: Said | undefined;
  /** `custom.burst`: matches equal in `by`, no further apart than `timespan` µs, are one finding. */
  readonly burst: Burstiness | undefined;
  /** `custom.part: true`: only a part of correlations, never a finding of its own. */
  readonly part: boolean;
  readonly chain: ChainMeaning | undefined;
}

export interface SigmaRule extends Header {
  readonly kind: 'rule';
  readonly logsource: Logsource;
  /** `taxonomy: ecs`: its fields are those of the events; the logsource need not be known. */
  readonly isEcs: boolean;
  /** The detection in field names of the events, filters applied; without routing by logsource. */
  readonly query: Query;
}

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered';

export type Bound = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

export interface SigmaCorrelation extends Header {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** Labels of the rules and correlations it refers to, as in their headers. */
  readonly rules: readonly string[];
  /** Group keys; each with the field that holds it, per rule in the order of `rules`. */
  readonly groupBy: readonly { readonly name: string; readonly fields: readonly string[] }[];
  /** Window length, µs; both ends belong to the window. */
  readonly timespan: number;
  readonly bounds: readonly { readonly bound: Bound; readonly value: number }[];
  /** Whose values are counted or added up, for `value_*`. */
  readonly valueFields: readonly string[];
  /** For value_percentile, 0 to 100. */
  readonly percentile: number;
  /** Whether the rules it refers to make findings of their own too. */
  readonly generate: boolean;
}

export interface SigmaFilter {
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly logsource: Logsource;
  /** Names or ids; undefined for `any`. */
  readonly rules: readonly string[] | undefined;
  readonly query: Query;
}

/** Thrown inside the loader only; becomes a problem with the line of `path`. */
export class RuleError extends Error {
  readonly path: readonly (string | number)[];

  constructor(reason: string, path: readonly (string | number)[] = []) {
    super(reason);
    this.path = path;
  }
}
