import { getDomain } from 'tldts';
import { say } from '../../core/said.ts';
import { DAY, HOUR } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { bytesText, durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { carriesByTrade } from './data-in-names.ts';
import { SETTINGS } from './settings.ts';

const meaningOf = (tunnel: Tunnel): Meaning => ({
  id: 'baseline-dns-tunnel',
  title: 'Very many long names below one domain',
  level: 'medium',
  techniques: ['T1071.004', 'T1048'],
  chain: {
    stage: 'command-and-control',
    requires: ['network-access(source.ip)'],
    provides: [],
    weight: tunnel.asked >= SETTINGS.largeTunnelNames ? SETTINGS.largeTunnelWeight : SETTINGS.tunnelWeight,
  },
});

/** What makes names asked for a tunnel: so many different ones of such a length within so long. */
interface Pace {
  readonly within: number;
  readonly names: number;
  readonly length: number;
  readonly slow: boolean;
}
const { slowTunnelNames: slowNames, slowTunnelLength: slowLength } = SETTINGS;
const PACES: readonly Pace[] = [
  { within: HOUR, names: SETTINGS.tunnelNames, length: SETTINGS.tunnelLength, slow: false },
  { within: DAY, names: slowNames.day, length: slowLength, slow: true },
  { within: 7 * DAY, names: slowNames.week, length: slowLength, slow: true },
];

/** What one host asked below one domain within the time of a pace. */
interface Stretch {
  from: number;
  asked: number;
  characters: number;
  readonly names: Set<string>;
}

interface Tunnel {
  readonly source: string;
  readonly domain: string;
  /** Fulfilled at the slower paces only. */
  slow: boolean;
  readonly from: number;
  to: number;
  asked: number;
  /** Of all the names, without the domain: no more bytes than these can have left. */
  characters: number;
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

interface Split {
  readonly below: string;
  readonly domain: string;
}

/** `4f2c91….a.t.example.com` → `4f2c91….a.t` and `example.com`; services, reverse names and short names are nobody's tunnel. */
const splitName = (name: string): Split | undefined => {
  const plain = name.toLowerCase().replace(/\.$/, '');
  if (plain.startsWith('_') || plain.endsWith('.arpa')) return undefined;
  const domain = getDomain(plain, { allowPrivateDomains: true });
  if (domain === null || plain.length - domain.length - 1 < SETTINGS.tunnelLength) return undefined;
  const below = plain.slice(0, -domain.length - 1);
  return carriesByTrade(domain, below) ? undefined : { below, domain };
};

const carries = (names: ReadonlySet<string>): boolean =>
  entropyOf([...names].join('').replaceAll('.', '')) >= SETTINGS.tunnelEntropy;

/** The stretches of one host and domain, by pace; `undefined` until one is full of random names. */
class Watch {
  readonly #stretches = new Map<Pace, Stretch>();

  add(time: number, below: string): { readonly pace: Pace; readonly stretch: Stretch } | undefined {
    for (const pace of PACES) {
      if (below.length < pace.length) continue;
      let stretch = this.#stretches.get(pace);
      if (stretch === undefined || time - stretch.from > pace.within) {
        stretch = { from: time, asked: 0, characters: 0, names: new Set() };
        this.#stretches.set(pace, stretch);
      }
      stretch.asked += 1;
      stretch.characters += below.length;
      stretch.names.add(below);
      if (stretch.names.size < pace.names) continue;
      this.#stretches.delete(pace);
      if (carries(stretch.names)) return { pace, stretch };
    }
    return undefined;
  }
}

const findingFor = (tunnel: Tunnel): Finding => {
  const { source, domain, from, to, asked, characters, sample } = tunnel;
  const span = { from, to, at: from, ids: sample.ids(), count: sample.count };
  const [whole, bytes] = [durationText(to - from), bytesText(characters)];
  const fact = say(
    `${source} asked ${asked} times for long random names below ${domain} within ${whole.en}: at most ${bytes}, the length of the names, can have left in them`,
    `${source} fragte innerhalb von ${whole.de} ${asked}-mal lange, zufällige Namen unter ${domain} ab: höchstens ${bytes}, die Länge der Namen, können darin abgeflossen sein`,
  );
  return findingOf(
    meaningOf(tunnel),
    span,
    { source, domain },
    { 'source.ip': source, 'destination.domain': domain },
    fact,
  );
};

/**
 * Data in the names asked for: many, long, random, below a domain that hardly any other host asks such names of. A slow
 * tunnel must show that few ask it out of many, or that it is new.
 */
export const dnsTunnels: Baseline = {
  title: 'Very many long names below one domain',
  run: async ({ store }) => {
    const watches = new Map<string, Watch>();
    const hosts = new Map<string, Set<string>>();
    const tunnels = new Map<string, Tunnel>();
    const everybody = new Set<string>();
    let begin: number | undefined;
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const source = textOf(fields, 'source.ip') as string;
      if (everybody.size < SETTINGS.slowTunnelAskers) everybody.add(source);
      begin ??= time;
      const split = splitName(textOf(fields, 'dns.question.name') as string);
      if (time === undefined || split === undefined) continue;
      const { below, domain } = split;
      const askers = hosts.get(domain) ?? new Set<string>();
      if (hosts.size < MOST) hosts.set(domain, askers);
      if (askers.size <= SETTINGS.tunnelHosts) askers.add(source);
      const key = `${source} ${domain}`;
      const tunnel = tunnels.get(key);
      if (tunnel !== undefined) {
        tunnel.to = time;
        tunnel.asked += 1;
        tunnel.characters += below.length;
        tunnel.sample.add(id);
      }
      if (tunnel?.slow === false) continue;
      const watch = watches.get(key) ?? new Watch();
      if (watches.size < MOST) watches.set(key, watch);
      const full = watch.add(time, below);
      if (full === undefined) continue;
      if (tunnel !== undefined) {
        tunnel.slow &&= full.pace.slow;
        continue;
      }
      const { from, asked, characters } = full.stretch;
      const sample = new EventSample();
      sample.add(id);
      tunnels.set(key, { source, domain, slow: full.pace.slow, from, to: time, asked, characters, sample });
    }
    const tells = ({ slow, from }: Tunnel): boolean =>
      !slow || everybody.size >= SETTINGS.slowTunnelAskers || from - (begin as number) >= DAY;
    return [...tunnels.values()]
      .filter((tunnel) => tells(tunnel) && (hosts.get(tunnel.domain)?.size ?? 0) <= SETTINGS.tunnelHosts)
      .map(findingFor);
  },
};
