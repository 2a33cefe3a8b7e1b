import { ACTS, type Act, classOf, type LogClass } from '../ecs/acts.ts';
import { compareText } from './order.ts';
import type { StreamSummary } from './store.ts';

/** Events of one stream that have the same act and kind. */
export interface Group {
  readonly stream: string;
  readonly act: unknown;
  readonly rejected: boolean;
  readonly count: number;
  /** First and last `@timestamp`, epoch µs. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

interface Counted {
  events: number;
  rejected: number;
  first: number | undefined;
  last: number | undefined;
  classes: Partial<Record<LogClass, number>>;
}

const isAct = (act: unknown): act is Act => typeof act === 'string' && Object.hasOwn(ACTS, act);

/** Adds groups up to a summary per stream, in the order of their ids. */
export class Tally {
  readonly #streams = new Map<string, Counted>();

  add({ stream, act, rejected, count, first, last }: Group): void {
    let into = this.#streams.get(stream);
    if (into === undefined) {
      into = { events: 0, rejected: 0, first: undefined, last: undefined, classes: {} };
      this.#streams.set(stream, into);
    }
    into[rejected ? 'rejected' : 'events'] += count;
    if (first !== undefined) into.first = Math.min(into.first ?? first, first);
    if (last !== undefined) into.last = Math.max(into.last ?? last, last);
    if (isAct(act)) into.classes[classOf(act)] = (into.classes[classOf(act)] ?? 0) + count;
  }

  summaries(): StreamSummary[] {
    return [...this.#streams]
      .map(([stream, counted]) => ({ stream, ...counted }))
      .sort((a, b) => compareText(a.stream, b.stream));
  }
}
