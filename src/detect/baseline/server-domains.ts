import { addressClass } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { MINUTE } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is, isAny, or } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText, namedText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { registeredOf } from './likeness.ts';
import { SETTINGS } from './settings.ts';

const TITLE = 'Server that calls a domain nobody called before';

const SERVED = and(
  isAny('einfallstor.act', ['flow', 'flow-start']),
  is('network.direction', 'internal'),
  field('source.ip', { op: 'exists' }),
  field('destination.ip', { op: 'exists' }),
);

const NAMES = ['dns.question.name', 'url.domain', 'destination.domain'];
const CALLS = and(
  isAny('einfallstor.act', ['dns-query', 'http-request', 'flow', 'flow-start']),
  or(...NAMES.map((name) => field(name, { op: 'exists' }))),
  field('source.ip', { op: 'exists' }),
);

/** Hosts that many others of the inside connect to: what they are for, the logs do not say. */
const serversOf = async (store: StoreReader): Promise<ReadonlySet<string>> => {
  const clients = new Map<string, Set<string>>();
  for await (const { fields } of store.scan(SERVED, { order: 'locator', fields: ['source.ip', 'destination.ip'] })) {
    const [source, server] = [textOf(fields, 'source.ip') as string, textOf(fields, 'destination.ip') as string];
    const known = clients.get(server) ?? new Set();
    clients.set(server, known);
    if (known.size < SETTINGS.serverClients) known.add(source);
  }
  return new Set([...clients].flatMap(([server, { size }]) => (size >= SETTINGS.serverClients ? [server] : [])));
};

interface Wave {
  readonly server: string;
  readonly from: number;
  to: number;
  readonly domains: Set<string>;
  readonly sample: EventSample;
}

const findingFor = (wave: Wave, learned: number): Finding => {
  const domains = [...wave.domains].sort();
  const meaning: Meaning = {
    id: 'baseline-server-new-domain',
    title: TITLE,
    level: 'low',
    techniques: ['T1105'],
    chain: {
      stage: 'command-and-control',
      requires: ['network-access(source.ip)'],
      provides: [],
      weight: SETTINGS.serverDomainWeight,
    },
  };
  const named = namedText(domains);
  const [before, within] = [durationText(learned), durationText(Math.max(wave.to - wave.from, MINUTE))];
  const fact = say(
    `${wave.server}, which many hosts connect to, called ${domains.length} domains that nobody here had called in ${before.en}, within ${within.en}: ${named.en}`,
    `${wave.server}, zu dem sich viele Rechner verbinden, rief ${domains.length} Domains, die hier seit ${before.de} niemand gerufen hatte, innerhalb von ${within.de}: ${named.de}`,
  );
  const span = { from: wave.from, to: wave.to, at: wave.from, ids: wave.sample.ids(), count: wave.sample.count };
  const entities: Record<string, string> = { 'source.ip': wave.server };
  if (domains.length === 1) entities['destination.domain'] = domains[0] as string;
  return findingOf(meaning, span, { server: wave.server }, entities, fact);
};

/** Domains that are new for the whole organisation and that a server asks for; servers that ask for others' sake are none. */
export const serverDomains: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const servers = await serversOf(store);
    if (servers.size === 0) return [];
    const known = new Set<string>();
    const changes = new Map<string, number>();
    const waves = new Map<string, Wave>();
    const findings: Finding[] = [];
    let begin: number | undefined;
    for await (const { id, fields } of store.scan(CALLS, { order: 'time', fields: [...NAMES, 'source.ip'] })) {
      const [time, server] = [numberOf(fields, '@timestamp'), textOf(fields, 'source.ip') as string];
      const name = NAMES.map((one) => textOf(fields, one)).find((one) => one !== undefined) as string;
      const domain = registeredOf(name.replace(/\.$/, ''))?.domain;
      if (time === undefined || domain === undefined || addressClass(server) === 'public') continue;
      begin ??= time;
      if (known.has(domain)) continue;
      known.add(domain);
      if (!servers.has(server)) continue;
      if (time - begin < SETTINGS.learning) {
        if (time - begin >= SETTINGS.learning / 2) changes.set(server, (changes.get(server) ?? 0) + 1);
        continue;
      }
      // a resolver, a proxy or a mail server asks for what others want
      if ((changes.get(server) ?? 0) > SETTINGS.watchedChanges) continue;
      let wave = waves.get(server);
      if (wave !== undefined && time - wave.from > SETTINGS.edgeWindow) {
        findings.push(findingFor(wave, wave.from - begin));
        wave = undefined;
      }
      if (wave === undefined) {
        wave = { server, from: time, to: time, domains: new Set(), sample: new EventSample() };
        waves.set(server, wave);
      }
      wave.to = time;
      wave.domains.add(domain);
      wave.sample.add(id);
    }
    for (const wave of waves.values()) findings.push(findingFor(wave, wave.from - (begin ?? wave.from)));
    return findings;
  },
};
