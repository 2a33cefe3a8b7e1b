import { say } from '../../core/said.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, usesOf } from './uses.ts';

const TITLE = 'Login to an account that nobody had used for long';

/** Accounts that come back after months. */
export const dormantAccounts: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const last = new Map<string, number>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, ['vpn-login', 'vpn-session-start', 'login', 'admin-login'])) {
      const idle = use.time - (last.get(use.account) ?? use.time);
      last.set(use.account, use.time);
      if (idle < SETTINGS.dormant) continue;
      const { vector, provides, techniques } = entryOf(use);
      const chain = { stage: 'initial-access', vector, requires: [], provides, weight: SETTINGS.dormantWeight };
      const meaning: Meaning = { id: 'baseline-dormant-account', title: TITLE, level: 'medium', techniques, chain };
      const once = { from: use.time, to: use.time, at: use.time, ids: [use.id], count: 1 };
      const [rest, who] = [durationText(idle), `${use.fields['user.name']} (${placeOf(use)})`];
      const fact = say(
        `login of ${who} from ${use.address}, the first in ${rest.en}`,
        `Anmeldung von ${who} von ${use.address}, die erste seit ${rest.de}`,
      );
      findings.push(findingOf(meaning, once, { account: use.account }, entitiesOf(use), fact));
    }
    return findings;
  },
};
