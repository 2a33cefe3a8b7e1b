import { asIs, type Said, say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import { textOf } from '../../ecs/event.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding, Level } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline, BaselineInput, Countries } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { entitiesOf, entryOf, placeOf, type Use, usesOf } from './uses.ts';

/** What was seen of one account, or one administrator of one device. */
interface History {
  readonly first: number;
  readonly networks: Set<string>;
  readonly countries: Set<string>;
  /** Earlier days on which it was used, and on how many of them it came from somewhere new. */
  days: number;
  novel: number;
  lastDay: number;
}

/**
 * How unlike its owner a new place is: log of how often a stranger and the owner come from somewhere new. What little was
 * seen before says little.
 */
const weightOf = (history: History, age: number, cap: number): number => {
  const owner = (history.novel + 0.5) / (history.days + 1);
  const nats = Math.log(SETTINGS.strangerNovelty / Math.min(owner, SETTINGS.strangerNovelty));
  return Number(Math.min(cap * Math.min(1, age / SETTINGS.learning), nats).toFixed(2));
};

const meaningOf = (use: Use, id: string, title: string, level: Level, weight: number): Meaning => {
  const { vector, provides, techniques } = entryOf(use);
  return { id, title, level, techniques, chain: { stage: 'initial-access', vector, requires: [], provides, weight } };
};

const finding = (use: Use, meaning: Meaning, fact: Said, extra: Readonly<Record<string, string>> = {}): Finding => {
  const once = { from: use.time, to: use.time, at: use.time, ids: [use.id], count: 1 };
  const entities = { ...entitiesOf(use), ...extra };
  return findingOf(meaning, once, { account: use.account, network: use.network }, entities, fact);
};

interface Novelty {
  readonly id: string;
  readonly title: string;
  readonly acts: readonly string[];
  /** Whom or what the history is kept for. */
  keyOf(use: Use): string | undefined;
}

const remember = (
  histories: Map<string, History>,
  key: string,
  use: Use,
  country: string | undefined,
  isNew: boolean,
): void => {
  const day = Math.floor(use.time / DAY);
  let history = histories.get(key);
  if (history === undefined) {
    history = { first: use.time, networks: new Set(), countries: new Set(), days: 0, novel: 0, lastDay: -1 };
    histories.set(key, history);
  } else if (isNew) history.novel += 1;
  if (history.lastDay !== day) history.days += 1;
  history.lastDay = day;
  history.networks.add(use.network);
  if (country !== undefined) history.countries.add(country);
};

const countryOf = (use: Use, countries: Countries | undefined): string | undefined =>
  entitiesOf(use)['source.geo.country_iso_code'] ?? countries?.countryOf(use.address);

/** A login from a network the account never came from. */
const newNetwork = (use: Use, history: History, { id, title }: Novelty): Finding => {
  const age = use.time - history.first;
  const isYoung = age < SETTINGS.learning;
  const weight = weightOf(history, age, SETTINGS.noveltyCap);
  const known = history.networks.size;
  const [span, who] = [durationText(age), `${use.fields['user.name']} (${placeOf(use)})`];
  const doubt = isYoung
    ? say(
        `; only ${span.en} of earlier logins: insufficient history to call it new`,
        `; frühere Anmeldungen nur aus ${span.de}: zu wenig, um es neu zu nennen`,
      )
    : asIs('');
  const fact = say(
    `first login of ${who} from network ${use.network} in ${span.en}, ${known} known before${doubt.en}`,
    `erste Anmeldung von ${who} aus dem Netz ${use.network} in ${span.de}, ${known} zuvor bekannt${doubt.de}`,
  );
  const level = isYoung || weight < 0.5 ? 'informational' : weight < 1 ? 'low' : 'medium';
  return finding(use, meaningOf(use, id, title, level, weight), fact);
};

/** A login from a country the account never came from. */
const newCountry = (use: Use, history: History, country: string, countries: Countries | undefined): Finding => {
  const age = use.time - history.first;
  const isYoung = age < SETTINGS.learning;
  const weight = weightOf(history, age, SETTINGS.countryCap);
  const source =
    countries === undefined
      ? say('as the log says', 'nach Angabe des Protokolls')
      : say(
          `by ${countries.database.name} of ${countries.database.built.slice(0, 10)}`,
          `nach ${countries.database.name} vom ${countries.database.built.slice(0, 10)}`,
        );
  const doubt = isYoung
    ? say('; insufficient history to call it new', '; zu wenig Vorgeschichte, um es neu zu nennen')
    : asIs('');
  const before = [...history.countries].sort().join(', ');
  const [span, who] = [durationText(age), `${use.fields['user.name']} (${placeOf(use)})`];
  const fact = say(
    `first login of ${who} from country ${country} in ${span.en}, before from ${before} (${source.en})${doubt.en}`,
    `erste Anmeldung von ${who} aus dem Land ${country} in ${span.de}, zuvor aus ${before} (${source.de})${doubt.de}`,
  );
  const meaning = meaningOf(
    use,
    'baseline-new-country',
    'Login from a country that is new for the account',
    isYoung ? 'low' : 'high',
    weight,
  );
  return finding(use, meaning, fact, { 'source.geo.country_iso_code': country });
};

const noveltyBaseline = (novelty: Novelty): Baseline => ({
  title: novelty.title,
  run: async ({ store, countries }: BaselineInput) => {
    const histories = new Map<string, History>();
    const findings: Finding[] = [];
    for await (const use of usesOf(store, novelty.acts)) {
      const key = novelty.keyOf(use);
      if (key === undefined) continue;
      const history = histories.get(key);
      const country = countryOf(use, countries);
      const isNew = history !== undefined && !history.networks.has(use.network);
      if (history !== undefined && isNew) {
        findings.push(newNetwork(use, history, novelty));
        if (country !== undefined && history.countries.size > 0 && !history.countries.has(country)) {
          findings.push(newCountry(use, history, country, countries));
        }
      }
      remember(histories, key, use, country, isNew);
    }
    return findings;
  },
});

/** Accounts that come from outside: VPN, mail, ssh, Remote Desktop, web. */
export const newNetworks = noveltyBaseline({
  id: 'baseline-new-network',
  title: 'Login from a network that is new for the account',
  acts: ['vpn-login', 'vpn-session-start', 'login'],
  keyOf: (use) => (use.isPublic ? use.account : undefined),
});

/** Administrators of appliances, from inside and outside. */
export const newAdminSources = noveltyBaseline({
  id: 'baseline-admin-new-source',
  title: 'Administrator of an appliance from a new network',
  acts: ['admin-login'],
  keyOf: (use) => `${use.account} ${use.fields['observer.name'] ?? ''}`,
});

/** SSH keys: a stolen one is used from elsewhere, whatever account it opens. */
export const newKeyNetworks = noveltyBaseline({
  id: 'baseline-ssh-key-new-network',
  title: 'SSH key used from a network that is new for it',
  acts: ['login'],
  keyOf: (use) => (use.isPublic ? textOf(use.fields, 'einfallstor.ssh.key_fingerprint') : undefined),
});
