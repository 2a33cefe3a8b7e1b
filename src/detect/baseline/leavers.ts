import { say } from '../../core/said.ts';
import { isoOf } from '../../core/time.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import type { Baseline } from './baseline.ts';
import { accountOf, entitiesOf, entryOf, placeOf, usesOf } from './uses.ts';

const DAY_TEXT = 10;

/** Logins of people who, as the context says, had left: each day counts once. */
export const leaverLogins: Baseline = {
  title: 'Login of somebody who had left',
  run: async ({ store, context }) => {
    const left = new Map(context.leavers.map(({ user, left: when }) => [accountOf(user), Date.parse(when) * 1000]));
    if (left.size === 0) return [];
    const findings = new Map<string, Finding>();
    for await (const use of usesOf(store, ['vpn-login', 'vpn-session-start', 'login', 'admin-login'])) {
      const since = left.get(use.account);
      const key = `${use.account} ${use.network} ${isoOf(use.time).slice(0, DAY_TEXT)}`;
      if (since === undefined || use.time < since || findings.has(key)) continue;
      const { provides, techniques } = entryOf(use);
      const meaning: Meaning = {
        id: 'baseline-leaver',
        title: 'Login of somebody who had left',
        level: 'high',
        techniques,
        chain: { stage: 'initial-access', vector: 'insider-or-leaver', requires: [], provides, weight: 2.5 },
      };
      const once = { from: use.time, to: use.time, at: use.time, ids: [use.id], count: 1 };
      const [day, who] = [isoOf(since).slice(0, DAY_TEXT), `${use.fields['user.name']} (${placeOf(use)})`];
      const fact = say(
        `login of ${who} from ${use.address}, who had left on ${day}`,
        `Anmeldung von ${who} von ${use.address}, ausgeschieden am ${day}`,
      );
      findings.set(key, findingOf(meaning, once, { key }, entitiesOf(use), fact));
    }
    return [...findings.values()];
  },
};
