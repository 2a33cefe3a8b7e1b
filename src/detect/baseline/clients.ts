import { say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import { textOf } from '../../ecs/event.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

const TITLE = 'Login with a client that is new for the account';

/** `AnyConnect Windows 4.10.05095` → `anyconnect windows`: versions change with every update, programs and systems do not. */
const familyOf = (client: string): string =>
  client
    .toLowerCase()
    .replace(/[\d._]+\w*/g, '')
    .replace(/[^a-z]+/g, ' ')
    .trim();

/** Gateways tell the client with the login, or in a record of their own beside it (ASA 722055). */
const ACTS = ['vpn-login', 'vpn-session-start', 'vpn-negotiation', 'login'];

interface Habits {
  readonly first: number;
  readonly families: Map<string, string>;
  logins: number;
  readonly days: Set<number>;
}

const findingFor = (use: Use, habits: Habits, client: string): Finding => {
  const { vector, provides, techniques } = entryOf(use);
  const chain = { stage: 'initial-access', vector, requires: [], provides, weight: SETTINGS.clientWeight };
  const meaning: Meaning = { id: 'baseline-new-client', title: TITLE, level: 'low', techniques, chain };
  const before = [...habits.families.values()].sort().slice(0, 3).join(', ');
  const [span, who] = [durationText(use.time - habits.first), `${use.fields['user.name']} (${placeOf(use)})`];
  const fact = say(
    `first login of ${who} with ${client} in ${span.en} and ${habits.logins} logins, before with ${before}`,
    `erste Anmeldung von ${who} mit ${client} in ${span.de} und ${habits.logins} Anmeldungen, zuvor mit ${before}`,
  );
  const once = { from: use.time, to: use.time, at: use.time, ids: [use.id], count: 1 };
  return findingOf(meaning, once, { account: use.account, client: familyOf(client) }, entitiesOf(use), fact);
};

/** Programs and systems that accounts come with, where the logs tell them; what many accounts get is a rollout. */
export const newClients: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const accounts = new Map<string, Habits>();
    const users = new Map<string, Set<string>>();
    const found: { family: string; finding: Finding }[] = [];
    for await (const use of usesOf(store, ACTS, 'unfailed')) {
      const client = textOf(use.fields, 'user_agent.original');
      const family = client === undefined ? '' : familyOf(client);
      if (client === undefined || family === '' || !use.isPublic) continue;
      const habits: Habits = accounts.get(use.account) ?? {
        first: use.time,
        families: new Map(),
        logins: 0,
        days: new Set(),
      };
      accounts.set(use.account, habits);
      const isSteady =
        use.time - habits.first >= SETTINGS.learning &&
        habits.logins >= SETTINGS.clientLogins &&
        habits.days.size >= SETTINGS.clientDays;
      if (!habits.families.has(family)) {
        if (isSteady) found.push({ family, finding: findingFor(use, habits, client) });
        habits.families.set(family, client);
        const using = users.get(family) ?? new Set();
        users.set(family, using.add(use.account));
      }
      habits.logins += 1;
      habits.days.add(Math.floor(use.time / DAY));
    }
    const rollout = Math.max(SETTINGS.clientRolloutAccounts, accounts.size * SETTINGS.clientRollout);
    return found.flatMap(({ family, finding }) => ((users.get(family)?.size ?? 0) < rollout ? [finding] : []));
  },
};
