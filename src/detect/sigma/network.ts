import { type Lookup, lookup, type QueryFields } from '../../query/names.ts';
import type { Burst, Input } from './burst.ts';
import { Correlator } from './correlate.ts';
import type { SigmaCorrelation } from './model.ts';

const LOOKUPS = new Map<string, Lookup>();

/** All present values of a field as text; names as in queries: exact, else in any case. */
export const textsOf = (fields: QueryFields, name: string): string[] => {
  let look = LOOKUPS.get(name);
  if (look === undefined) {
    look = lookup(name);
    LOOKUPS.set(name, look);
  }
  const out: string[] = [];
  for (const value of look(fields)) {
    if (Array.isArray(value)) for (const one of value) one !== null && out.push(String(one));
    else if (value !== null) out.push(String(value));
  }
  return out;
};

export const eventInput = (id: string, time: number, fields: QueryFields): Input => ({
  time,
  id,
  values: (name) => textsOf(fields, name),
  isFirst: true,
});

interface Node {
  readonly correlation: SigmaCorrelation;
  readonly correlator: Correlator;
  /** Correlations that refer to this one. */
  readonly outer: { readonly node: Node; readonly position: number }[];
}

/** Fields that correlations group by or count: what an event must bring along. */
export const fieldsOfCorrelations = (correlations: readonly SigmaCorrelation[]): string[] => [
  ...new Set(
    correlations.flatMap((c) => [...c.groupBy.flatMap(({ fields, name }) => [...fields, name]), ...c.valueFields]),
  ),
];

/** All correlations of a rule set, wired to each other: matches go in, bursts come out. */
export class CorrelationNetwork {
  /** Outermost first. */
  readonly #nodes: Node[] = [];

  constructor(
    /** Each behind those it refers to. */
    correlations: readonly SigmaCorrelation[],
    tracked: readonly string[],
    ended: (correlation: SigmaCorrelation, burst: Burst) => void,
  ) {
    const fields = [...new Set([...tracked, ...fieldsOfCorrelations(correlations)])];
    const byLabel = new Map<string, Node>();
    for (const correlation of correlations) {
      const outer: Node['outer'] = [];
      const correlator = new Correlator(correlation, fields, {
        fired: (burst, input, isFirst) => {
          const firing: Input = {
            time: input.time,
            id: input.id,
            values: (name) => burst.values(name),
            inner: burst,
            isFirst,
          };
          for (const { node, position } of outer) node.correlator.accept(position, firing);
        },
        ended: (burst) => ended(correlation, burst),
      });
      const node: Node = { correlation, correlator, outer };
      for (const [position, label] of correlation.rules.entries()) byLabel.get(label)?.outer.push({ node, position });
      byLabel.set(correlation.label, node);
      this.#nodes.unshift(node);
    }
  }

  /**
   * An event that matches these rules; events come in time order. Outer correlations and later rules are served first:
   * an event then never stands behind itself in an order.
   */
  deliver(matched: ReadonlySet<string>, input: Input): void {
    for (const { correlation, correlator } of this.#nodes) {
      for (let position = correlation.rules.length - 1; position >= 0; position -= 1) {
        if (matched.has(correlation.rules[position] as string)) correlator.accept(position, input);
      }
    }
  }

  finish(): void {
    // inner ones first: what they still fire belongs to the outer ones
    for (const { correlator } of [...this.#nodes].reverse()) correlator.finish();
  }
}
