import { getDomain } from 'tldts';
import { say } from '../../core/said.ts';
import { HOUR } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

const MEANING: Meaning = {
  id: 'baseline-dns-tunnel',
  title: 'Very many long names below one domain',
  level: 'medium',
  techniques: ['T1071.004', 'T1048'],
  chain: {
    stage: 'command-and-control',
    requires: ['network-access(source.ip)'],
    provides: [],
    weight: SETTINGS.tunnelWeight,
  },
};

/** What one host asked below one domain within the hour at hand. */
interface Stretch {
  from: number;
  names: Set<string>;
}

interface Tunnel {
  readonly source: string;
  readonly domain: string;
  readonly from: number;
  to: number;
  most: number;
  readonly sample: EventSample;
}

const QUERY = and(
  is('einfallstor.act', 'dns-query'),
  field('dns.question.name', { op: 'exists' }),
  field('source.ip', { op: 'exists' }),
);
const FIELDS = ['dns.question.name', 'source.ip'];
/** Pairs of host and domain followed at once. */
const MOST = 200_000;

/** Shannon entropy, bits per character. */
export const entropyOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

/** `4f2c91….a.t.example.com` → `4f2c91….a.t` and `example.com`; services, reverse names and short names are nobody's tunnel. */
const splitName = (name: string): { readonly below: string; readonly domain: string } | undefined => {
  const plain = name.toLowerCase().replace(/\.$/, '');
  if (plain.startsWith('_') || plain.endsWith('.arpa')) return undefined;
  const domain = getDomain(plain, { allowPrivateDomains: true });
  if (domain === null || plain.length - domain.length - 1 < SETTINGS.tunnelLength) return undefined;
  return { below: plain.slice(0, -domain.length - 1), domain };
};

const carries = (names: ReadonlySet<string>): boolean =>
  names.size >= SETTINGS.tunnelNames && entropyOf([...names].join('').replaceAll('.', '')) >= SETTINGS.tunnelEntropy;

const findingFor = ({ source, domain, from, to, most, sample }: Tunnel): Finding => {
  const span = { from, to, at: from, ids: sample.ids(), count: sample.count };
  const whole = durationText(to - from);
  const fact = say(
    `${source} asked for ${most} different long names below ${domain} within an hour, in all for ${whole.en}`,
    `${source} fragte ${most} verschiedene lange Namen unter ${domain} binnen einer Stunde ab, insgesamt während ${whole.de}`,
  );
  return findingOf(MEANING, span, { source, domain }, { 'source.ip': source, 'destination.domain': domain }, fact);
};

/** Data in the names asked for: many, long, random, below a domain that hardly any other host asks such names of. */
export const dnsTunnels: Baseline = {
  title: MEANING.title,
  run: async ({ store }) => {
    const stretches = new Map<string, Stretch>();
    const hosts = new Map<string, Set<string>>();
    const tunnels = new Map<string, Tunnel>();
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const split = splitName(textOf(fields, 'dns.question.name') as string);
      const source = textOf(fields, 'source.ip') as string;
      if (time === undefined || split === undefined) continue;
      const { below, domain } = split;
      const askers = hosts.get(domain) ?? new Set<string>();
      if (hosts.size < MOST) hosts.set(domain, askers);
      if (askers.size <= SETTINGS.tunnelHosts) askers.add(source);
      const key = `${source} ${domain}`;
      let stretch = stretches.get(key);
      if (stretch === undefined || time - stretch.from > HOUR) {
        stretch = { from: time, names: new Set() };
        if (stretches.size < MOST || stretches.has(key)) stretches.set(key, stretch);
      }
      stretch.names.add(below);
      const tunnel = tunnels.get(key);
      if (tunnel === undefined) {
        // entropy is taken once, when the number is reached
        if (stretch.names.size !== SETTINGS.tunnelNames || !carries(stretch.names)) continue;
        const sample = new EventSample();
        sample.add(id);
        tunnels.set(key, { source, domain, from: stretch.from, to: time, most: stretch.names.size, sample });
        continue;
      }
      tunnel.to = time;
      tunnel.most = Math.max(tunnel.most, stretch.names.size);
      tunnel.sample.add(id);
    }
    return [...tunnels.values()]
      .filter(({ domain }) => (hosts.get(domain)?.size ?? 0) <= SETTINGS.tunnelHosts)
      .map(findingFor);
  },
};
