import { type Said, say } from '../core/said.ts';
import { timeText } from '../core/time.ts';
import { NO_CAUSE } from './absence.ts';
import type { Intrusion } from './anchor.ts';
import { LOOKBACK } from './candidates.ts';
import { type Act, byTime } from './model.ts';
import type { Scores } from './score.ts';

/** An intrusion with what competes to have begun it. */
interface Judged {
  readonly intrusion: Intrusion;
  readonly scores: Scores;
}

/** No act from outside is tied to it. */
export const isOrphan = ({ scores }: Judged): boolean =>
  scores.scored.every(({ candidate }) => (candidate.tie?.strength ?? 0) < NO_CAUSE);

/** The act by which an intrusion began, where that is known well enough to lead. */
export const begunBy = ({ scores }: Judged): Act | undefined => {
  const [first] = scores.scored;
  return first?.candidate.tie !== undefined && first.probability >= 0.5 ? first.candidate.act : undefined;
};

/** What is not known of an orphan beside another intrusion. */
export const unbegun = ({ intrusion: { anchor } }: Judged): Said =>
  say(
    `Open: how it came to this: ${anchor.summary.en}, ${timeText(anchor.from)}. Nothing in the logs ties it to the chain or to an act from outside.`,
    `Offen: wie es dazu kam: ${anchor.summary.de}, ${timeText(anchor.from)}. Nichts in den Protokollen verbindet es mit der Kette oder mit einer Handlung von außen.`,
  );

/** An intrusion that is rather the sequel of another. */
export interface Joined<T> {
  readonly parts: readonly [T, T];
  readonly intrusion: Intrusion;
  /** What is not known of it. */
  readonly open: Said;
}

/**
 * A house seldom has two intruders within weeks. Where nothing in the logs says how the heaviest intrusion began, and
 * somebody is shown to have come in before, both are taken for one, and nothing is called probable of it.
 */
export const joined = <T extends Judged>(judged: readonly T[]): Joined<T> | undefined => {
  const [orphan, ...others] = judged;
  if (orphan === undefined || !isOrphan(orphan)) return undefined;
  const first = Math.min(...orphan.intrusion.late.map((a) => a.from));
  const earlier = others.find((other) => {
    const begun = begunBy(other)?.from;
    return begun !== undefined && begun < first && begun >= first - LOOKBACK;
  });
  if (earlier === undefined) return undefined;
  const late = [...earlier.intrusion.late, ...orphan.intrusion.late].sort(byTime);
  const { anchor } = orphan.intrusion;
  const entry = timeText((begunBy(earlier) as Act).from);
  return {
    parts: [orphan, earlier],
    intrusion: { anchor, late, weight: orphan.intrusion.weight + earlier.intrusion.weight },
    open: say(
      `Open: how the entry of ${entry} led to: ${anchor.summary.en}. Nothing in the logs ties them; they are taken for one intrusion because two within weeks are seldom.`,
      `Offen: wie der Eintritt vom ${entry} führte zu: ${anchor.summary.de}. Nichts in den Protokollen verbindet sie; sie gelten als ein Einbruch, weil zwei binnen Wochen selten sind.`,
    ),
  };
};
