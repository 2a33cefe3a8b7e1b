import { say } from '../../core/said.ts';
import { textOf } from '../../ecs/event.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

/** What a network did before it ever got in. */
interface Attempts {
  readonly first: number;
  readonly accounts: Set<string>;
  readonly sample: EventSample;
}

/** More accounts say no more. */
const MAX_ACCOUNTS = 1000;
const TITLE = 'Login from a network that had only failed, with many accounts';

const findingFor = (use: Use, { first, accounts, sample }: Attempts): Finding => {
  const { vector, provides } = entryOf(use);
  const meaning: Meaning = {
    id: 'baseline-slow-spray',
    title: TITLE,
    level: 'high',
    techniques: ['T1110.003', 'T1078'],
    chain: {
      stage: 'initial-access',
      vector: vector === 'vpn-valid-account' ? 'vpn-guessed-password' : vector,
      requires: [],
      provides,
      weight: SETTINGS.sprayWeight,
    },
  };
  const failures = sample.count;
  const span = {
    from: first,
    to: use.time,
    at: use.time,
    ids: [...sample.ids().slice(-199), use.id],
    count: failures + 1,
  };
  const [within, who] = [durationText(use.time - first), `${use.fields['user.name']} (${placeOf(use)})`];
  const fact = say(
    `login of ${who} from ${use.address}, whose network had failed ${failures} times with ${accounts.size} accounts in ${within.en} and never got in`,
    `Anmeldung von ${who} von ${use.address}, dessen Netz in ${within.de} ${failures}-mal an ${accounts.size} Konten gescheitert war, ohne je hineinzukommen`,
  );
  return findingOf(meaning, span, { network: use.network }, entitiesOf(use), fact);
};

/** Sprays too slow for any window: networks that fail with many accounts, however long it takes, and then get in. */
export const slowSprays: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    /** `known` once a network got in: its failures are those of its users. */
    const networks = new Map<string, Attempts | 'known'>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, ['vpn-login', 'login', 'admin-login'], ['success', 'failure'])) {
      if (!use.isPublic) continue;
      let attempts = networks.get(use.network);
      if (attempts === 'known') continue;
      if (textOf(use.fields, 'event.outcome') === 'success') {
        if (attempts !== undefined && attempts.accounts.size >= SETTINGS.sprayAccounts)
          findings.push(findingFor(use, attempts));
        networks.set(use.network, 'known');
        continue;
      }
      if (attempts === undefined) {
        attempts = { first: use.time, accounts: new Set(), sample: new EventSample() };
        networks.set(use.network, attempts);
      }
      if (attempts.accounts.size < MAX_ACCOUNTS) attempts.accounts.add(use.account);
      attempts.sample.add(use.id);
    }
    return findings;
  },
};
