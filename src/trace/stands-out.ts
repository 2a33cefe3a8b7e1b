import { isoOf } from '../core/time.ts';
import { type Signs, strikingEntries } from './candidates.ts';
import { newcomers } from './causes/partner.ts';
import type { Evidence } from './evidence.ts';
import { type Forced, isForced, loginsAfterForcing } from './forced.ts';
import { type Act, byTime, type World, weightOf } from './model.ts';
import { newPlaces } from './new-places.ts';
import type { References } from './render.ts';
import type { ChainStep } from './result.ts';
import { signsOf } from './score.ts';

/** Nats below which an act is everyday. */
const STRIKING = 1;
/** An unusual login or message happens to everybody: only what its own records say plainly is told. */
const STRIKING_ENTRY = 1.5;
const MOST = 8;
/** Logins to machines and appliances themselves. */
const SERVERS: ReadonlySet<Act['kind']> = new Set<Act['kind']>(['remote-login', 'admin-login']);

const kindOf = ({ kind, technique }: Act): string => `${kind} ${technique}`;

/** Acts with what they weigh: what a kind of act says of many it says of nobody. */
const weighed = (
  acts: readonly Act[],
  weigh: (act: Act) => number,
  groupOf: (act: Act) => string,
): { act: Act; nats: number }[] => {
  const all = acts.map((act) => ({ act, nats: weigh(act) })).filter(({ nats }) => nats >= STRIKING);
  const ofGroup = (group: string): number => all.filter(({ act }) => groupOf(act) === group).length;
  return all.map(({ act, nats }) => ({ act, nats: nats - Math.log(ofGroup(groupOf(act))) }));
};

/** What a reader should know of where no chain can be told, by time. */
export interface StandingOut {
  /** Acts of somebody who may be inside, and ways in that stand out by their own records. */
  readonly acts: readonly Act[];
  /** Those among them that raise the question what came of them. */
  readonly striking: readonly Act[];
  /** Ways in that were forced, or seem to be: an intrusion by themselves. */
  readonly forced: readonly Forced[];
  /** What was read of the ways in. */
  readonly evidence: (act: Act) => Evidence;
}

/** Nothing ties the acts to the ways in, and each may be harmless. */
export const standingOut = async (
  doings: readonly Act[],
  world: World,
  evidenceFor: (acts: readonly Act[]) => Promise<(act: Act) => Evidence>,
  until: number = world.span.last,
): Promise<StandingOut> => {
  const forcing = (await loginsAfterForcing(world)).filter(({ act }) => act.from <= until);
  const strange = [...strikingEntries(world, new Set(), until), ...(await newcomers(world, until))];
  const keys = new Set(strange.map(({ key }) => key));
  const logins = [...strange, ...forcing.map(({ act }) => act).filter(({ key }) => !keys.has(key))];
  const known = new Set(logins.flatMap(({ key, events }) => [key, ...events]));
  const stated = world.board.acts.filter(
    (act) =>
      act.vector !== undefined &&
      weightOf(act) >= STRIKING_ENTRY &&
      ![act.key, ...act.events].some((name) => known.has(name)),
  );
  const entries = [...logins, ...stated].filter((act) => act.labels.length === 0);
  const read = await evidenceFor(entries);
  const wanderings = new Map(entries.map((act) => [act.key, newPlaces(act, world)]));
  const evidence = (act: Act): Evidence => {
    const { marks, vector } = read(act);
    return { marks: [...marks, ...(wanderings.get(act.key) ?? [])], vector };
  };
  const signs = (act: Act): Signs => signsOf(evidence(act).marks);
  const ownWeight = (act: Act): number => signs(act).stranger + signs(act).entering;
  const wanders = ({ key }: Act): boolean => (wanderings.get(key) ?? []).length > 0;
  const asks = (act: Act): boolean => {
    // a partner may send another technician, but hardly at an hour at which nobody of his works
    if (act.kind === 'partner-act') return signs(act).stranger > 0;
    // who travels or begins to work shows as a stranger does at a gateway or mailbox, seldom at a server's shell; he goes where he went
    return SERVERS.has(act.kind) || signs(act).entering >= STRIKING_ENTRY || wanders(act);
  };
  const late = weighed(doings, weightOf, kindOf).filter(({ nats }) => nats >= STRIKING);
  const ways = weighed(entries, ownWeight, (act) => `${kindOf(act)} ${wanders(act)}`).filter(
    ({ nats }) => nats >= STRIKING_ENTRY,
  );
  const told = [...late, ...ways]
    .sort((a, b) => b.nats - a.nats || a.act.from - b.act.from || (a.act.key < b.act.key ? -1 : 1))
    .slice(0, MOST);
  const striking = told.filter(({ act, nats }) => nats >= STRIKING_ENTRY && (act.vector === undefined || asks(act)));
  return {
    acts: told.map(({ act }) => act).sort(byTime),
    striking: striking.map(({ act }) => act).sort(byTime),
    forced: forcing
      .filter(({ act }) => act.labels.length === 0 && isForced(signs(act)))
      .map(({ act, isSure }) => ({ act: { ...act, marks: evidence(act).marks }, isSure })),
    evidence,
  };
};

/** The acts as a verdict tells them. */
export const toldSteps = async (acts: readonly Act[], references: References): Promise<ChainStep[]> => {
  await references.load(acts.flatMap(({ events }) => events));
  return acts.map(({ stage, technique, from, summary, events }) => ({
    stage,
    technique,
    timestamp: isoOf(from),
    summary,
    events: references.of(events),
  }));
};
