import { say } from '../../core/said.ts';
import { hourOf, isoOf } from '../../core/time.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

const TITLE = 'Login at an hour that is odd for the account';

interface Hours {
  readonly first: number;
  readonly counts: number[];
  total: number;
}

/** Share of the account's logins within an hour of this one, counted as if there had been half a one more. */
const shareOf = ({ counts, total }: Hours, hour: number): number => {
  const near = [23, 0, 1].reduce((sum, step) => sum + (counts[(hour + step) % 24] as number), 0);
  return (near + 0.5) / (total + 1);
};

const findingFor = (use: Use, { first, total }: Hours): Finding => {
  const { vector, provides, techniques } = entryOf(use);
  const chain = { stage: 'initial-access', vector, requires: [], provides, weight: SETTINGS.hourWeight };
  const meaning: Meaning = { id: 'baseline-odd-hour', title: TITLE, level: 'informational', techniques, chain };
  const [span, who, when] = [
    durationText(use.time - first),
    `${use.fields['user.name']} (${placeOf(use)})`,
    isoOf(use.time).slice(11, 16),
  ];
  const fact = say(
    `login of ${who} at ${when} UTC; none of ${total} logins in ${span.en} was within an hour of that time of day`,
    `Anmeldung von ${who} um ${when} UTC; keine von ${total} Anmeldungen in ${span.de} lag innerhalb einer Stunde um diese Tageszeit`,
  );
  const once = { from: use.time, to: use.time, at: use.time, ids: [use.id], count: 1 };
  return findingOf(meaning, once, { account: use.account, day: isoOf(use.time).slice(0, 10) }, entitiesOf(use), fact);
};

/** Times of day at which an account was never used: needs many logins, which few accounts have. */
export const oddHours: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const accounts = new Map<string, Hours>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, ['vpn-login', 'login', 'admin-login'])) {
      if (!use.isPublic) continue;
      const hours = accounts.get(use.account) ?? { first: use.time, counts: new Array<number>(24).fill(0), total: 0 };
      accounts.set(use.account, hours);
      const hour = hourOf(use.time);
      const isKnown = hours.total >= SETTINGS.hourLogins && use.time - hours.first >= SETTINGS.hourDays;
      if (isKnown && shareOf(hours, hour) < SETTINGS.hourShare) findings.push(findingFor(use, hours));
      hours.counts[hour] = (hours.counts[hour] as number) + 1;
      hours.total += 1;
    }
    return findings;
  },
};
