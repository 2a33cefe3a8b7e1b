import { DAY } from '../core/time.ts';
import { isBackup } from './context.ts';
import { type Egress, egressKey, NOTABLE } from './egress.ts';
import { type Act, type World, weightOf } from './model.ts';
import { aboveHabit } from './own-habit.ts';
import { machinesOf, strangersOf } from './reached.ts';
import { isInner } from './read.ts';

/** Less to a new destination is ordinary traffic. */
export const WORTH_NAMING = 20_000_000;

/** A transfer that a baseline names and that hardly weighs: it may stand in a chain, but ties neither itself nor its destination. */
export const isSlightTransfer = (act: Act): boolean =>
  act.stage === 'exfiltration' && isInner(act.address) && weightOf(act) < 1;

/** Transfers to destinations outside the baseline that something ties to a chain, largest first. */
export interface TiedEgress {
  /** To an address of the chain, or from its machines and more than machines of the house send day by day. */
  readonly striking: readonly Egress[];
  /** From machines of the chain, and no more than others send, too: one machine's work goes on while it is in other hands. */
  readonly everyday: readonly Egress[];
  /** What machines of the chain sent to destinations of large volumes of their own before, beyond these. */
  readonly beyond: readonly Egress[];
  /** What they sent to destinations of the house's habits, as far as it is more than on their own busiest day there. */
  readonly usual: readonly Egress[];
  /** Whether a machine of the chain sent it. */
  byMachine(egress: Egress): boolean;
}

/** What each machine sent in all. */
const bySource = (sent: readonly Egress[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { source, bytes } of sent) sums.set(source, (sums.get(source) ?? 0) + bytes);
  return sums;
};

/** What the logs show of larger transfers. */
interface Transfers {
  readonly all: readonly Egress[];
  /** Outside the baseline before anything of the chain happened. */
  readonly fresh: readonly Egress[];
  /** Outside the baseline before they happened themselves. */
  readonly ever: readonly Egress[];
}

export const tiedEgress = async (
  chain: readonly Act[],
  { all: sent, fresh, ever }: Transfers,
  world: World,
): Promise<TiedEgress> => {
  const machines = await machinesOf(chain, world);
  const strangers = strangersOf(chain.filter((act) => !isSlightTransfer(act)));
  const byMachine = (e: Egress): boolean => e.last >= (machines.get(e.source) ?? Number.POSITIVE_INFINITY);
  const toStranger = (e: Egress): boolean => e.last >= (strangers.get(e.destination) ?? Number.POSITIVE_INFINITY);
  const all = fresh.filter((e) => (byMachine(e) || toStranger(e)) && e.bytes >= WORTH_NAMING);
  const tied = all.filter((e) => e.habit === undefined);
  // in the first day of a log everything is new
  const unusual = new Set(fresh.map(egressKey));
  const own = new Set(tied.map(egressKey));
  const others = ever.filter((e) => !own.has(egressKey(e)) && e.first >= world.span.first + DAY);
  const enough = Math.min(NOTABLE, Math.max(0, ...bySource(others).values()));
  const sums = bySource(tied);
  const stands = (e: Egress): boolean => toStranger(e) || (sums.get(e.source) ?? 0) > enough;
  return {
    striking: tied.filter(stands),
    everyday: tied.filter((e) => !stands(e)),
    beyond: all.filter((e) => e.habit !== undefined),
    usual: sent
      .filter((e) => byMachine(e) && !unusual.has(egressKey(e)) && !isBackup(world.context, e.destination))
      .map((e) => ({ ...e, bytes: aboveHabit(e, machines.get(e.source) ?? 0) })),
    byMachine,
  };
};
