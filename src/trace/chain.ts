import { asIs, type Said } from '../core/said.ts';
import { causesOf } from './causes/causes.ts';
import type { Act, Cause, World } from './model.ts';

/** An act reached from late-stage acts, with the earlier acts that may have made it possible. */
export interface Node {
  readonly act: Act;
  readonly causes: readonly Cause[];
}

/** All acts that the search came across, by key. */
export type Graph = ReadonlyMap<string, Node>;

/** Fewer questions than this to the store for any case. */
const MOST_EXPANSIONS = 320;
/** Weaker ties are no ties. */
const WEAKEST = 0.03;
const DEEPEST = 12;

interface Open {
  readonly act: Act;
  readonly strength: number;
  readonly depth: number;
}

const before = (a: Open, b: Open): boolean =>
  a.strength !== b.strength
    ? a.strength > b.strength
    : a.act.from !== b.act.from
      ? a.act.from < b.act.from
      : a.act.key < b.act.key;

/** The strongest open act; a linear look is enough for some hundred. */
const takeBest = (open: Map<string, Open>): Open | undefined => {
  let best: Open | undefined;
  for (const one of open.values()) if (best === undefined || before(one, best)) best = one;
  if (best !== undefined) open.delete(best.act.key);
  return best;
};

/** Searches backwards in time, strongest ties first, from late-stage acts to whatever made them possible. */
export const searchBack = async (seeds: readonly Act[], world: World): Promise<Graph> => {
  const graph = new Map<string, Node>();
  const open = new Map<string, Open>(seeds.map((act) => [act.key, { act, strength: 1, depth: 0 }]));
  for (let next = takeBest(open); next !== undefined; next = takeBest(open)) {
    const { act, strength, depth } = next;
    const expand = graph.size < MOST_EXPANSIONS && depth < DEEPEST;
    const causes = expand
      ? (await causesOf(act, world)).filter((c) => c.strength * strength >= WEAKEST).slice(0, 25)
      : [];
    graph.set(act.key, { act, causes });
    for (const cause of causes) {
      if (graph.has(cause.act.key)) continue;
      const reached = { act: cause.act, strength: strength * cause.strength, depth: depth + 1 };
      const known = open.get(cause.act.key);
      if (known === undefined || before(reached, known)) open.set(cause.act.key, reached);
    }
  }
  return graph;
};

/** How an act hangs together with later ones: the best product of ties, and the step that leads there. */
export interface Tie {
  readonly strength: number;
  /** Key of the later act it made possible; undefined at the goal itself. */
  readonly next: string | undefined;
  readonly because: Said;
}

/** Best ties of every act to any of the goals, walking from effects to causes. */
export const tiesTo = (goals: readonly string[], graph: Graph): ReadonlyMap<string, Tie> => {
  const ties = new Map<string, Tie>(
    goals.filter((g) => graph.has(g)).map((g) => [g, { strength: 1, next: undefined, because: asIs('') }]),
  );
  const queue = [...ties.keys()];
  // strengths are at most 1, so an act is looked at again only when a better way is found: ends, and soon
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const here = ties.get(at) as Tie;
    for (const cause of graph.get(at)?.causes ?? []) {
      const strength = here.strength * cause.strength;
      const known = ties.get(cause.act.key);
      if (strength < WEAKEST || (known !== undefined && known.strength >= strength)) continue;
      ties.set(cause.act.key, { strength, next: at, because: cause.because });
      queue.push(cause.act.key);
    }
  }
  return ties;
};

/** The acts from one to its goal, in order of cause and effect. */
export const pathFrom = (key: string, ties: ReadonlyMap<string, Tie>, graph: Graph): { act: Act; because: Said }[] => {
  const path: { act: Act; because: Said }[] = [];
  const seen = new Set<string>();
  for (let at: string | undefined = key; at !== undefined && !seen.has(at); at = ties.get(at)?.next) {
    seen.add(at);
    const node = graph.get(at);
    if (node !== undefined) path.push({ act: node.act, because: ties.get(at)?.because ?? asIs('') });
  }
  return path;
};
