import { createHash } from 'node:crypto';
import { asIs, type Language, type Said, say } from '../core/said.ts';
import type { Finding } from './finding.ts';
import type { Header } from './sigma/model.ts';
import { durationText, fillFact } from './words.ts';

/** What a finding says about its rule; a baseline is a rule too. */
export type Meaning = Pick<Header, 'id' | 'title' | 'level' | 'techniques' | 'chain'>;

/** What names a finding when its rule has no `fields`: in the order in which sentences show them. */
export const ENTITY_FIELDS: readonly string[] = [
  'user.name',
  'user.target.name',
  'group.name',
  'source.ip',
  'destination.ip',
  'einfallstor.vpn.assigned_ip',
  'host.name',
  'observer.name',
  'service.name',
  'email.from.address',
  'email.to.address',
  'url.path',
];

export interface Occurrences {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly ids: readonly string[];
  readonly count: number;
}

/** First 16 hex digits of SHA-256 over rule, group and first event. */
const findingId = (rule: string, group: Readonly<Record<string, string>>, first: string): string => {
  const sorted = Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([rule, sorted, first]))
    .digest('hex')
    .slice(0, 16);
};

/** `group`: what the id is made of; `entities`: what the finding is about. */
export const findingOf = (
  meaning: Meaning,
  occurrences: Occurrences,
  group: Readonly<Record<string, string>>,
  entities: Readonly<Record<string, string>>,
  fact: Said,
): Finding => ({
  id: findingId(meaning.id, group, occurrences.ids[0] ?? ''),
  rule: meaning.id,
  title: meaning.title,
  level: meaning.level,
  techniques: meaning.techniques,
  fact,
  from: occurrences.from,
  to: occurrences.to,
  at: occurrences.at,
  events: occurrences.ids,
  count: occurrences.count,
  entities,
  chain: meaning.chain,
  context: [],
});

/** The rule's own sentence, or title, entities and numbers. */
export const factOf = (
  { title, fact }: Pick<Header, 'title' | 'fact'>,
  { from, to, count }: Occurrences,
  entities: Readonly<Record<string, string>>,
  extra: Readonly<Record<string, Said>> = {},
): Said => {
  const duration = durationText(to - from);
  const numbers: Readonly<Record<string, Said>> = { count: asIs(String(count)), duration, ...extra };
  if (fact !== undefined) {
    const filled = (language: Language): string =>
      fillFact(fact[language], (name) => entities[name] ?? numbers[name]?.[language]);
    return say(filled('en'), filled('de'));
  }
  const about = Object.entries(entities).map(([name, value]) => `${name} ${value}`);
  const sentence = (times: string): string =>
    [title, [...about, ...(count === 1 ? [] : [times])].join(', ')].filter((part) => part !== '').join(': ');
  return say(sentence(`${count} events in ${duration.en}`), sentence(`${count} Ereignisse in ${duration.de}`));
};

/** In time order; equal runs give equal lists. */
export const byTime = (a: Finding, b: Finding): number =>
  a.at - b.at || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
