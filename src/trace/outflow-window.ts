import { type Said, say } from '../core/said.ts';
import { DAY } from '../core/time.ts';
import type { Covered } from './coverage.ts';
import { type Egress, habits, isUnusual } from './egress.ts';
import type { Act, World } from './model.ts';
import { holesIn } from './outflow-holes.ts';
import { withoutHabit } from './own-habit.ts';

/** The chain that the question is asked of. */
export interface Compromise {
  readonly chain: readonly Act[];
  /** `unknown`: there was an intrusion, but its entry is not decided; `never`: none was shown. */
  readonly begins: 'known' | 'unknown' | 'never';
  /** What is told beside a verdict that shows no intrusion. */
  readonly standsOut?: readonly Act[];
}

/** The time in question, and what the logs show of it. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** All larger transfers. */
  readonly all: readonly Egress[];
  /** Larger transfers to destinations that were outside the baseline at the time, in all of the logs. */
  readonly ever: readonly Egress[];
  /** Those of the time in question. */
  readonly unusual: readonly Egress[];
  /** Those that were no habit yet when the first known act of the chain happened: only they are said to be its doing. */
  readonly fresh: readonly Egress[];
  readonly firewalls: readonly Covered[];
  readonly begins: Compromise['begins'];
  /** Why the logs would not show everything. */
  readonly holes: readonly Said[];
}

const UNDECIDED = say(
  'the entry is not decided: data may have left before anything that these logs tie to it',
  'das Einfallstor ist nicht entschieden: Daten können abgeflossen sein, bevor diese Protokolle etwas damit verbinden',
);

export const windowOf = async (
  { chain, begins }: Compromise,
  egress: readonly Egress[],
  coverage: readonly Covered[],
  world: World,
): Promise<Window> => {
  const { first, last } = world.span;
  const begun = chain.length === 0 ? first : Math.min(...chain.map((a) => a.from));
  const from = begins === 'known' ? begun : first;
  // nothing tells that the intruder was gone after his last known act
  const to = last + 1;
  const habit = habits(egress);
  // in the first day of a log everything is new: where no beginning is known, only novelty casts doubt on a transfer
  const since = begins === 'known' ? Number.NEGATIVE_INFINITY : first + DAY;
  const ever = egress.filter((e) => isUnusual(e, habit, world.context, e.first));
  const all = egress.filter(
    (e) => e.last >= from && e.first <= to && isUnusual(e, habit, world.context, Math.max(from, e.first)),
  );
  const unusual = all.filter((e) => e.first >= since);
  const firewalls = coverage.filter((c) => c.class === 'firewall' && c.outward);
  const holes = await holesIn(from, to, coverage, world);
  const unknown = begins === 'unknown' ? [UNDECIDED] : [];
  const fresh = all
    .filter((e) => isUnusual(e, habit, world.context, Math.max(begun, e.first)))
    .flatMap((e) => withoutHabit(e, begun));
  return { from, to, begins, all: egress, ever, unusual, fresh, firewalls, holes: [...holes, ...unknown] };
};
