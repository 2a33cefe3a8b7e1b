import { isoOf } from '../core/time.ts';
import type { Intrusion } from './anchor.ts';
import { weightOf } from './anchor.ts';
import { strikingEntries } from './candidates.ts';
import type { Evidence } from './evidence.ts';
import type { Act, World } from './model.ts';
import type { References } from './render.ts';
import type { ChainStep } from './result.ts';
import { signsOf } from './score.ts';

/** Nats below which an act is everyday. */
const STRIKING = 1;
/** An unusual login or message happens to everybody: only what its own records say plainly is told. */
const STRIKING_ENTRY = 1.5;
const MOST = 8;

/** Acts with what they weigh: what a kind of act says of many it says of nobody. */
const weighed = (acts: readonly Act[], weigh: (act: Act) => number): { act: Act; nats: number }[] => {
  const all = acts.map((act) => ({ act, nats: weigh(act) })).filter(({ nats }) => nats >= STRIKING);
  const kindOf = ({ kind, technique }: Act): string => `${kind} ${technique}`;
  const ofKind = (kind: string): number => all.filter(({ act }) => kindOf(act) === kind).length;
  return all.map(({ act, nats }) => ({ act, nats: nats - Math.log(ofKind(kindOf(act))) }));
};

/**
 * What a reader should know of where no chain can be told, by time: acts of somebody who may be inside, and ways in that stand
 * out by their own records. Nothing ties the ones to the others, and each may be harmless.
 */
export const standingOut = async (
  found: readonly Intrusion[],
  world: World,
  evidenceFor: (acts: readonly Act[]) => Promise<(act: Act) => Evidence>,
  references: References,
): Promise<ChainStep[]> => {
  const entries = strikingEntries(world, new Set(), world.span.last).filter((act) => act.labels.length === 0);
  const evidence = await evidenceFor(entries);
  const ownWeight = (act: Act): number => {
    const { stranger, entering } = signsOf(evidence(act).marks);
    return stranger + entering;
  };
  const late = weighed(
    found.flatMap((intrusion) => intrusion.late),
    weightOf,
  ).filter(({ nats }) => nats >= STRIKING);
  const ways = weighed(entries, ownWeight).filter(({ nats }) => nats >= STRIKING_ENTRY);
  const told = [...late, ...ways]
    .sort((a, b) => b.nats - a.nats || a.act.from - b.act.from || (a.act.key < b.act.key ? -1 : 1))
    .slice(0, MOST)
    .map(({ act }) => act)
    .sort((a, b) => a.from - b.from || (a.key < b.key ? -1 : 1));
  await references.load(told.flatMap(({ events }) => events));
  return told.map(({ stage, technique, from, summary, events }) => ({
    stage,
    technique,
    timestamp: isoOf(from),
    summary,
    events: references.of(events),
  }));
};
