import { DAY, HOUR } from '../core/time.ts';
import type { Intrusion } from './anchor.ts';
import type { Graph, Tie } from './chain.ts';
import { pathFrom, tiesTo } from './chain.ts';
import { loginAct, sessionAct } from './entries.ts';
import { familiarity, isStrange } from './familiarity.ts';
import { type Act, byTime, type World } from './model.ts';

/** An act that may have been the entry, and how it hangs together with what followed. */
export interface Candidate {
  readonly act: Act;
  /** Tie to the intrusion; undefined when nothing ties it. */
  readonly tie: Tie | undefined;
  /** Keys of other candidates that may have made it possible, with the strength of that. */
  readonly causes: ReadonlyMap<string, number>;
  /** The acts by which it leads to the intrusion, itself first. */
  readonly path: readonly Act[];
  /** Ties of this act to each late-stage act of the intrusion, by key. */
  readonly explains: ReadonlyMap<string, number>;
  /** The acts by which it leads to each of them, by key, itself and the late act included. */
  readonly ways: ReadonlyMap<string, readonly Act[]>;
}

/** What binds two acts less strongly makes neither a step of the other. */
export const STEP = 0.4;
/** Requests of one exploitation are one act. */
const ONE_EXPLOIT = 6 * HOUR;
/** An act tied ten times more weakly than another does not reach the chain beside it. */
const REACHES = 0.1;
/** Rivals that nothing ties are named, not all counted. */
const MOST_UNTIED = 12;
const MOST_TIED = 150;
/** How long before the first sign inside an entry is looked for. */
export const LOOKBACK = 30 * DAY;

const isWeb = (act: Act): boolean => act.kind === 'web-request' || (act.kind === 'finding' && act.vector !== undefined);

/** Several rules may speak of one exploitation: the earliest stands for all, with what all say. */
const merged = (acts: readonly Act[]): { act: Act; keys: string[] }[] => {
  const out: { act: Act; keys: string[] }[] = [];
  for (const act of [...acts].sort(byTime)) {
    const same = out.find(
      ({ act: a }) =>
        isWeb(a) &&
        isWeb(act) &&
        a.remote === act.remote &&
        (a.events.some((e) => act.events.includes(e)) || (a.remote !== undefined && act.from - a.from <= ONE_EXPLOIT)),
    );
    if (same === undefined) out.push({ act, keys: [act.key] });
    else {
      same.keys.push(act.key);
      same.act = {
        ...same.act,
        marks: [...same.act.marks, ...act.marks],
        events: [...new Set([...same.act.events, ...act.events])].slice(0, 20),
        count: Math.max(same.act.count, act.count),
      };
    }
  }
  return out;
};

/** Candidates before it that may have made a candidate possible. */
const causesAmong = (act: Act, acts: readonly Act[], graph: Graph): Map<string, number> => {
  const ties = tiesTo([act.key], graph);
  const before = acts.filter(
    (o) => o.key !== act.key && (o.from < act.from || (o.from === act.from && o.key < act.key)),
  );
  return new Map(
    before.flatMap((o): [string, number][] => (ties.has(o.key) ? [[o.key, ties.get(o.key)?.strength ?? 0]] : [])),
  );
};

/** What an act's own records weigh, nats: as signs that a stranger acted, and as signs of how he got in. */
export interface Signs {
  readonly stranger: number;
  readonly entering: number;
}

/** Odds (nats) from which the earlier of two acts stands for both: e^2, seven to one. */
const STANDS_FOR_BOTH = 2;

/**
 * Odds that of two acts of one chain the earlier is the entry, not the later. If one stranger did both, what shows him in
 * the later shows him in the earlier, too; how he got in speaks only for the act at which it happened.
 */
const oddsOfEarlier = (strength: number, earlier: Signs, later: Signs): number =>
  Math.log(strength / (1 - strength)) +
  (earlier.entering - later.entering) +
  Math.max(0, earlier.stranger - later.stranger);

/** An act that another of the same chain clearly made possible is a step, not a rival. */
export const withoutSteps = <T extends { readonly candidate: Candidate }>(
  judged: readonly T[],
  signsOf: (one: T) => Signs,
): T[] => {
  const byKey = new Map(judged.map((j) => [j.candidate.act.key, j]));
  const isStep = (one: T): boolean =>
    [...one.candidate.causes].some(([key, strength]) => {
      const cause = byKey.get(key);
      if (cause === undefined || strength < STEP) return false;
      return oddsOfEarlier(strength, signsOf(cause), signsOf(one)) >= STANDS_FOR_BOTH;
    });
  return judged.filter((one) => !isStep(one));
};

/** How one candidate leads to the late acts, by their keys. */
interface Reach {
  readonly strengths: Map<string, number>;
  readonly ways: Map<string, Act[]>;
}

/** Each candidate's ties to the late acts, computed once per late act. */
const explained = (late: readonly Act[], entries: readonly Act[], graph: Graph): Map<string, Reach> => {
  const by = new Map<string, Reach>(entries.map((a) => [a.key, { strengths: new Map(), ways: new Map() }]));
  for (const act of late) {
    const ties = tiesTo([act.key], graph);
    for (const [key, reach] of by) {
      const tie = ties.get(key);
      if (tie === undefined) continue;
      reach.strengths.set(act.key, tie.strength);
      reach.ways.set(
        act.key,
        pathFrom(key, ties, graph).map((step) => step.act),
      );
    }
  }
  return by;
};

/** Striking logins and deliveries of the time before an instant, but for those already known. */
export const strikingEntries = (world: World, known: ReadonlySet<string>, until: number): Act[] => {
  const stranger = (account: string, remote: string | undefined, client: string | undefined, time: number): boolean =>
    isStrange(familiarity(world.logons, account, remote, client, time));
  const inTime = (time: number): boolean => time <= until && time >= until - LOOKBACK;
  const sessions = world.sessions
    .filter((s) => inTime(s.begin) && stranger(s.account, s.remote, s.client, s.begin))
    .map((s) => sessionAct(s, world));
  const logins = world.logons.remote
    .filter((l) => inTime(l.first) && stranger(l.account, l.remote, l.client, l.first))
    .map((l) => loginAct(l, world));
  const mails = world.deliveries.filter((d) => inTime(d.act.from)).map((d) => d.act);
  const exploits = world.board.acts.filter((a) => a.vector !== undefined && a.kind === 'web-request' && inTime(a.from));
  const pick = (acts: readonly Act[]): Act[] =>
    acts
      .filter((a) => a.vector !== undefined && !known.has(a.key))
      .sort((a, b) => b.from - a.from || (a.key < b.key ? -1 : 1))
      .slice(0, MOST_UNTIED);
  return [...pick(sessions), ...pick(logins), ...pick(mails), ...pick(exploits)];
};

/** An act that nothing ties to anything. */
export const untied = (act: Act): Candidate => ({
  act,
  tie: undefined,
  causes: new Map(),
  path: [act],
  explains: new Map(),
  ways: new Map(),
});

/** The entry acts that compete for one intrusion. */
export const candidatesFor = (intrusion: Intrusion, graph: Graph, world: World): Candidate[] => {
  const ties = tiesTo(
    intrusion.late.map((a) => a.key),
    graph,
  );
  const entries = [...ties.keys()].flatMap((key) => graph.get(key)?.act ?? []).filter((a) => a.vector !== undefined);
  const strongest = Math.max(0, ...entries.map((a) => ties.get(a.key)?.strength ?? 0));
  const reached = entries.filter((a) => (ties.get(a.key)?.strength ?? 0) >= strongest * REACHES);
  const reaches = explained(intrusion.late, reached, graph);
  const tied = merged(reached).map(({ act, keys }) => {
    const best = keys
      .map((k) => ({ key: k, tie: ties.get(k) }))
      .sort((a, b) => (b.tie?.strength ?? 0) - (a.tie?.strength ?? 0))[0];
    const key = best?.key ?? act.key;
    const path = [
      act,
      ...pathFrom(key, ties, graph)
        .slice(1)
        .map((step) => step.act),
    ];
    return {
      act: { ...act, key },
      tie: best?.tie,
      causes: causesAmong(
        { ...act, key },
        reached.filter((a) => !keys.includes(a.key)),
        graph,
      ),
      path,
      explains: reaches.get(key)?.strengths ?? new Map<string, number>(),
      ways: reaches.get(key)?.ways ?? new Map<string, Act[]>(),
    };
  });
  const first = Math.min(...intrusion.late.map((a) => a.from));
  const known = new Set(ties.keys());
  const rivals = strikingEntries(world, known, Math.max(first, intrusion.anchor.from)).map(untied);
  return [
    ...tied.sort((a, b) => (b.tie?.strength ?? 0) - (a.tie?.strength ?? 0) || byTime(a.act, b.act)).slice(0, MOST_TIED),
    ...rivals,
  ];
};
