import type { Graph } from './chain.ts';
import { tiesTo } from './chain.ts';
import { type Act, byTime, weightOf } from './model.ts';
import { isBeforeEntry, isLate, stageRank } from './stages.ts';

/** Late-stage acts that hang together, and how strongly they show an intrusion. */
export interface Intrusion {
  /** The act that the chain leads to. */
  readonly anchor: Act;
  /** All late-stage acts of the intrusion, by time. */
  readonly late: readonly Act[];
  /** Nats: the best act of each stage, summed. */
  readonly weight: number;
}

/**
 * What late-stage acts must weigh together before they are called an intrusion: e^4 is odds of 55 to 1 over whatever
 * one held before. One act of impact grade nearly suffices; two independent stages with an unusual login do.
 */
export const THRESHOLD = 4;
/** e^3, twenty to one: reason to suspect an intrusion, on which no other verdict than undetermined may rest. */
export const SUSPECTED = 3;
/** No stage may carry the whole by itself, but for impact itself. */
const MOST_PER_STAGE = 3;
const MOST_IMPACT = 4;
/** Late acts that are looked at, heaviest first. */
const MOST_SEEDS = 60;
/** Acts that share a cause this strong are one intrusion's. */
const SHARED = 0.3;

/** Acts that only happen once somebody is in. */
export const lateActs = (acts: readonly Act[]): Act[] =>
  acts
    .filter((a) => isLate(a.stage) && !isBeforeEntry(a.technique) && a.vector === undefined && weightOf(a) > 0)
    .sort((a, b) => weightOf(b) - weightOf(a) || a.from - b.from || (a.key < b.key ? -1 : 1))
    .slice(0, MOST_SEEDS);

/** Everything an act shares with its relatives: its strong causes, and who acted where. */
const kinship = (act: Act, graph: Graph): string[] => {
  const ties = tiesTo([act.key], graph);
  const keys: string[] = [];
  for (const [key, tie] of ties) {
    const node = graph.get(key);
    if (node === undefined || tie.strength < SHARED) continue;
    keys.push(key);
    const { address, remote, account } = node.act;
    if (address !== undefined && !causedByLease(node.act, graph)) keys.push(`address ${address}`);
    if (remote !== undefined) keys.push(`remote ${remote}`);
    if (account !== undefined && !account.endsWith('$') && account !== 'system' && account !== 'root')
      keys.push(`account ${account}`);
  }
  if (act.host !== undefined) keys.push(`host ${act.host}`);
  // two rules about the same records
  for (const id of act.events) keys.push(`event ${id}`);
  return keys;
};

/** A lent address ties through its holder's stay, never by itself. */
const causedByLease = (act: Act, graph: Graph): boolean =>
  graph.get(act.key)?.causes.some((c) => c.act.kind === 'vpn-session' && c.act.targets.includes(act.address ?? '')) ??
  false;

const groupsOf = (seeds: readonly Act[], graph: Graph): Act[][] => {
  const groups: { keys: Set<string>; acts: Act[] }[] = [];
  for (const seed of seeds) {
    const keys = new Set(kinship(seed, graph));
    const merged = { keys, acts: [seed] };
    for (let i = groups.length - 1; i >= 0; i -= 1) {
      const group = groups[i] as { keys: Set<string>; acts: Act[] };
      if (![...keys].some((k) => group.keys.has(k))) continue;
      for (const k of group.keys) merged.keys.add(k);
      merged.acts.push(...group.acts);
      groups.splice(i, 1);
    }
    groups.push(merged);
  }
  return groups.map((g) => g.acts);
};

/** Stages that ATT&CK has renamed are one. */
export const stageOfAct = (act: Act): string =>
  act.stage === 'stealth' || act.stage === 'defense-impairment' ? 'defense-evasion' : act.stage;

/** The best of each stage: what many rules say of one stage counts once. */
export const stageWeights = (acts: readonly Act[]): Map<string, { weight: number; act: Act }> => {
  const best = new Map<string, { weight: number; act: Act }>();
  for (const act of acts) {
    const stage = stageOfAct(act);
    const weight = Math.min(weightOf(act), stage === 'impact' ? MOST_IMPACT : MOST_PER_STAGE);
    const known = best.get(stage);
    if (known === undefined || weight > known.weight) best.set(stage, { weight, act });
  }
  return best;
};

/** The impact, else what is nearest to it: latest stage, heaviest, latest. */
const anchorOf = (acts: readonly Act[]): Act =>
  [...acts].sort(
    (a, b) => grade(b) - grade(a) || weightOf(b) - weightOf(a) || b.from - a.from || (a.key < b.key ? -1 : 1),
  )[0] as Act;

const grade = (act: Act): number =>
  act.stage === 'impact'
    ? 3
    : act.stage === 'exfiltration'
      ? 2
      : stageRank(act.stage) >= stageRank('credential-access')
        ? 1
        : 0;

/**
 * What doings that nothing ties to each other weigh together: the best act of each, one per stage. Two striking things that
 * happen in one house within the time of its logs are seldom chance, though no record says what one has to do with the other.
 */
export const togetherWeight = (found: readonly Intrusion[]): number => {
  const best = stageWeights(found.map(({ late }) => [...late].sort((a, b) => weightOf(b) - weightOf(a))[0] as Act));
  return [...best.values()].reduce((sum, { weight }) => sum + weight, 0);
};

/** All intrusions among the late acts, heaviest first; what entries weigh is added by the caller. */
export const intrusions = (seeds: readonly Act[], graph: Graph): Intrusion[] =>
  groupsOf(seeds, graph)
    .map((acts) => ({
      anchor: anchorOf(acts),
      late: [...acts].sort(byTime),
      weight: [...stageWeights(acts).values()].reduce((sum, s) => sum + s.weight, 0),
    }))
    .sort((a, b) => b.weight - a.weight || b.anchor.from - a.anchor.from || (a.anchor.key < b.anchor.key ? -1 : 1));
