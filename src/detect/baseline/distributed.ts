import { say } from '../../core/said.ts';
import { textOf } from '../../ecs/event.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

const TITLE = 'Login from an unknown network to an account that many networks guess';

interface Guess {
  readonly id: string;
  readonly time: number;
}

/** Networks kept per account: enough to judge. */
const MAX_NETWORKS = 200;

const findingFor = (use: Use, guesses: readonly Guess[]): Finding => {
  const { vector, provides } = entryOf(use);
  const meaning: Meaning = {
    id: 'baseline-distributed-guessing',
    title: TITLE,
    level: 'medium',
    techniques: ['T1110.003', 'T1078'],
    chain: {
      stage: 'initial-access',
      vector: vector === 'vpn-valid-account' ? 'vpn-guessed-password' : vector,
      requires: [],
      provides,
      weight: Number(
        Math.min(SETTINGS.distributedCap, SETTINGS.distributedPerLog * Math.log(guesses.length)).toFixed(2),
      ),
    },
  };
  const from = Math.min(...guesses.map(({ time }) => time));
  const ids = guesses
    .toSorted((a, b) => a.time - b.time)
    .slice(-199)
    .map(({ id }) => id);
  const span = { from, to: use.time, at: use.time, ids: [...ids, use.id], count: guesses.length + 1 };
  const [within, who] = [durationText(use.time - from), `${use.fields['user.name']} (${placeOf(use)})`];
  const fact = say(
    `login of ${who} from ${use.address}, a network nobody had come from, after ${guesses.length} other networks had failed with the account in ${within.en}`,
    `Anmeldung von ${who} von ${use.address}, einem Netz, aus dem niemand gekommen war, nachdem ${guesses.length} andere Netze in ${within.de} an dem Konto gescheitert waren`,
  );
  return findingOf(meaning, span, { account: use.account, network: use.network }, entitiesOf(use), fact);
};

/**
 * Guessing spread over so many addresses that no address stands out: an account fails from networks that never got in
 * with any account, and then somebody gets in with it from a network that is as unknown.
 */
export const distributedGuessing: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const friendly = new Set<string>();
    const guessed = new Map<string, Map<string, Guess>>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, ['vpn-login', 'login'], ['success', 'failure'])) {
      if (!use.isPublic) continue;
      const networks = guessed.get(use.account) ?? new Map<string, Guess>();
      guessed.set(use.account, networks);
      if (textOf(use.fields, 'event.outcome') === 'failure') {
        if (!friendly.has(use.network) && networks.size < MAX_NETWORKS)
          networks.set(use.network, { id: use.id, time: use.time });
        continue;
      }
      if (!friendly.has(use.network)) {
        const strangers = [...networks].filter(
          ([network, { time }]) =>
            network !== use.network && !friendly.has(network) && use.time - time <= SETTINGS.learning,
        );
        if (strangers.length >= SETTINGS.distributedNetworks)
          findings.push(
            findingFor(
              use,
              strangers.map(([, guess]) => guess),
            ),
          );
      }
      friendly.add(use.network);
    }
    return findings;
  },
};
