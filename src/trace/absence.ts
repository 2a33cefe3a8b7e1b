import { say } from '../core/said.ts';
import { DAY, HOUR } from '../core/time.ts';
import type { Intrusion } from './anchor.ts';
import type { Candidate } from './candidates.ts';
import type { Covered } from './coverage.ts';
import { gapsWithin } from './coverage.ts';
import { LOG_NAMES } from './log-names.ts';
import { PRIOR_NOT_IN_LOGS } from './priors.ts';
import type { Coverage } from './result.ts';
import type { Term, Termed } from './terms.ts';
import { ownWeight, share, sum, term } from './terms.ts';

const INGRESS: readonly Coverage['class'][] = ['firewall', 'vpn', 'mail', 'auth', 'web'];

const hours = (micros: number): string => `${(micros / HOUR).toFixed(0)} h`;

/** Whatever is tied more weakly is no cause. */
export const NO_CAUSE = 0.1;

/** What speaks for an entry that the logs do not hold. */
export const absenceTerms = (
  candidates: readonly Candidate[],
  intrusion: Intrusion,
  coverage: readonly Covered[],
): Term[] => {
  const terms = [
    term(
      'prior',
      Math.log(PRIOR_NOT_IN_LOGS),
      say(
        `${share(PRIOR_NOT_IN_LOGS)} of intrusions begin where the logs at hand do not reach`,
        `${share(PRIOR_NOT_IN_LOGS)} der Einbrüche beginnen, wohin die vorliegenden Protokolle nicht reichen`,
      ),
    ),
  ];
  const best = Math.max(0, ...candidates.map((c) => c.tie?.strength ?? 0));
  // what is tied far more weakly than another does not begin the chain
  const first = Math.min(
    intrusion.anchor.from,
    ...intrusion.late.map((a) => a.from),
    ...candidates.filter((c) => (c.tie?.strength ?? 0) > best / 2).map((c) => c.act.from),
  );
  const gaps = gapsWithin(coverage, INGRESS, first - 14 * DAY, first + HOUR);
  const longest = gaps.sort((a, b) => b.to - b.from - (a.to - a.from) || (a.source < b.source ? -1 : 1))[0];
  if (longest !== undefined) {
    terms.push(
      term(
        'gap',
        Math.min(2, Math.log(1 + (longest.to - longest.from) / (6 * HOUR))),
        say(
          `${longest.source} is silent for ${hours(longest.to - longest.from)} before the first act of the chain`,
          `${longest.source} ist vor der ersten Handlung der Kette ${hours(longest.to - longest.from)} stumm`,
        ),
      ),
    );
    if (gaps.some((g) => first - g.to < 36 * HOUR))
      terms.push(
        term(
          'begins after a gap',
          1.5,
          say(
            'the chain begins within 36 h after a gap: its beginning may lie in the gap',
            'die Kette beginnt binnen 36 h nach einer Lücke: ihr Anfang kann in der Lücke liegen',
          ),
        ),
      );
  }
  if (best < NO_CAUSE && intrusion.late.length > 0)
    terms.push(
      term(
        'no cause from outside',
        2,
        say(
          'the chain begins inside, and no act from outside is tied to it',
          'die Kette beginnt innen, und keine Handlung von außen ist mit ihr verbunden',
        ),
      ),
    );
  const start = Math.min(...coverage.map((c) => c.from));
  if (first - start < 2 * DAY)
    terms.push(
      term(
        'young logs',
        0.7,
        say(
          'the chain begins less than two days after the logs do',
          'die Kette beginnt weniger als zwei Tage nach den Protokollen',
        ),
      ),
    );
  const missing = (['vpn', 'mail', 'web'] as const).filter((kind) => !coverage.some((c) => c.class === kind));
  if (missing.length > 0)
    terms.push(
      term(
        'missing sources',
        0.25 * missing.length,
        say(
          `no ${missing.join(', no ')} log was handed over`,
          `nicht übergeben: ${missing.map((kind) => LOG_NAMES[kind].de).join(', ')}`,
        ),
      ),
    );
  return terms;
};

/** No reckoning is surer than its model: an entry that no log shows keeps at least this probability. */
const MODEL_DOUBT = 0.01;
/** However weak the leading way is, this doubt alone leaves it level with what no log shows. */
const MOST_DOUBT = 0.5;

/**
 * Stages and ties speak for a candidate only if its way holds. Where it fails (1 − strength), nothing but the act's own
 * records is left to call it the entry.
 */
const doubtOf = ({ strength, terms }: Termed): number => {
  const broken = MODEL_DOUBT + 1 - strength;
  return Math.min(MOST_DOUBT, Math.max(MODEL_DOUBT, broken * Math.exp(-ownWeight(terms))));
};

export const neverExcluded = (termed: readonly Termed[], absence: number): Term | undefined => {
  const scores = termed.map((t) => sum(t.terms));
  const most = Math.max(...scores);
  const leading = termed[scores.indexOf(most)];
  if (leading === undefined) return undefined;
  const doubt = doubtOf(leading);
  const all = most + Math.log(scores.reduce((total, s) => total + Math.exp(s - most), 0));
  const least = all + Math.log(doubt / (1 - doubt));
  const strength = leading.strength.toFixed(2);
  const own = ownWeight(leading.terms).toFixed(2);
  const floor = `${(doubt * 100).toFixed(doubt < 0.1 ? 1 : 0)} %`;
  return absence >= least
    ? undefined
    : term(
        'doubt of the model',
        least - absence,
        say(
          `an entry that no log shows is held no less likely than ${floor}: the leading entry is tied to the whole with a strength of ${strength}, and its own records weigh ${own}`,
          `ein Einfallstor, das kein Protokoll zeigt, gilt als nicht unwahrscheinlicher als ${floor}: das führende ist mit einer Stärke von ${strength} mit dem Ganzen verbunden, und seine eigenen Aufzeichnungen wiegen ${own}`,
        ),
      );
};
