import { DAY } from '../core/time.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import type { Coverage, Vector, Verdict } from './result.ts';
import type { Scores } from './score.ts';
import { enteringWeight, type Scored, sum } from './terms.ts';

/** Design §7.7. */
const PROBABLE = 0.5;
const MARGIN = 0.2;
const DETERMINED = 0.9;
/** A tie by elimination or through rivals' acts may be probable; it does not settle anything. */
const SETTLED = 0.4;
/** Rivals below this need not be excluded by a log of their own. */
const NEGLIGIBLE = 0.02;

/** The logs that would have shown an entry of this kind. */
export const WOULD_SHOW: Readonly<Record<Vector, readonly Coverage['class'][]>> = {
  'vpn-valid-account': ['vpn'],
  'vpn-guessed-password': ['vpn'],
  'mail-phishing': ['mail', 'web'],
  'mail-account-takeover': ['mail', 'auth'],
  'web-exploit': ['web'],
  'appliance-exploit': ['auth', 'web'],
  'exposed-remote-service': ['auth'],
  'session-theft': ['vpn', 'web'],
  'mfa-fatigue': ['auth', 'vpn'],
  'token-or-consent': ['auth'],
  'partner-access': ['firewall'],
  'rogue-device': ['network'],
  'insider-or-leaver': ['auth', 'vpn'],
  'physical-or-unknown': ['network', 'auth'],
};

/** What an entry leaves unexplained by this much is another's doing, or it is not the entry. */
const UNEXPLAINED = -0.5;

/** A verdict that rests on one observation falls with it: what is determined needs a second leg. */
const LEGS = 2;
/** What a stage must add, nats, to be a leg: an act of weight 1, wholly explained. */
const LEG = 0.5;
/** How somebody got in is a leg of its own, where the entry's records show it. */
const ENTERED = 1.5;

const legsOf = ({ terms }: Scored): number =>
  terms.filter((t) => t.term.startsWith('stage ') && t.nats >= LEG).length + (enteringWeight(terms) >= ENTERED ? 1 : 0);

/** Nats by which what is left unexplained may outweigh what is explained, before the records must show how somebody got in. */
const OUTWEIGHED = -1;

const showsEnough = ({ terms }: Scored): boolean =>
  sum(terms.filter((t) => t.term.startsWith('stage '))) >= OUTWEIGHED || enteringWeight(terms) >= ENTERED;

const complete = (scores: Scores, coverage: readonly Covered[]): boolean => {
  const top = scores.scored[0];
  if (top === undefined || top.strength < SETTLED || legsOf(top) < LEGS) return false;
  if (top.terms.some((t) => t.term.startsWith('stage ') && t.nats <= UNEXPLAINED)) return false;
  const entry = top.candidate.act.from;
  const rivals = scores.scored.slice(1).filter((s) => s.probability >= NEGLIGIBLE);
  const classes = [...new Set([...WOULD_SHOW[top.vector], ...rivals.flatMap((r) => WOULD_SHOW[r.vector])])];
  const present = classes.every((kind) => coverage.some((c) => c.class === kind));
  return (
    present &&
    gapsWithin(coverage, ['firewall', 'vpn', 'mail', 'auth', 'web'], entry - 7 * DAY, entry + DAY).length === 0
  );
};

export const verdictOf = (scores: Scores, coverage: readonly Covered[]): Verdict => {
  const top = scores.scored[0]?.probability ?? 0;
  const next = Math.max(scores.scored[1]?.probability ?? 0, scores.notInTheseLogs.probability);
  const [leading] = scores.scored;
  if (leading === undefined || top < PROBABLE || top - next < MARGIN || !showsEnough(leading)) return 'undetermined';
  return top >= DETERMINED && complete(scores, coverage) ? 'determined' : 'probable';
};
