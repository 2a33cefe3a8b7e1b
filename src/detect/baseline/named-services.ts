import { addressClass } from '../../core/net.ts';
import { asIs, say } from '../../core/said.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, isAny, or } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';

/** Services that intruders use, by their domains: most as in SigmaHQ's rules on remote access tools and mining pools. */
interface Service {
  readonly name: string;
  readonly domains: readonly string[];
  readonly kind: 'remote-support' | 'mining' | 'tor';
}

const SERVICES: readonly Service[] = [
  { name: 'TeamViewer', domains: ['teamviewer.com'], kind: 'remote-support' },
  { name: 'AnyDesk', domains: ['anydesk.com'], kind: 'remote-support' },
  { name: 'ScreenConnect', domains: ['screenconnect.com'], kind: 'remote-support' },
  { name: 'Splashtop', domains: ['splashtop.com', 'splashtop.eu'], kind: 'remote-support' },
  { name: 'LogMeIn', domains: ['logmein.com', 'logmeinrescue.com', 'gotoresolve.com'], kind: 'remote-support' },
  { name: 'RustDesk', domains: ['rustdesk.com'], kind: 'remote-support' },
  { name: 'DWService', domains: ['dwservice.net'], kind: 'remote-support' },
  { name: 'Supremo', domains: ['supremocontrol.com'], kind: 'remote-support' },
  { name: 'Atera', domains: ['atera.com'], kind: 'remote-support' },
  { name: 'ngrok', domains: ['ngrok.com', 'ngrok.io', 'ngrok-free.app'], kind: 'remote-support' },
  { name: 'Tor', domains: ['torproject.org', 'onion'], kind: 'tor' },
  {
    name: 'a mining pool',
    domains: [
      'nanopool.org',
      'supportxmr.com',
      'minexmr.com',
      'hashvault.pro',
      'moneroocean.stream',
      '2miners.com',
      'c3pool.com',
      'xmrpool.eu',
    ],
    kind: 'mining',
  },
];

const NAMES = ['dns.question.name', 'url.domain', 'destination.domain'];
// relay-4.net.anydesk.com  anydesk.com.
const PATTERN = `(^|\\.)(${SERVICES.flatMap(({ domains }) => domains)
  .map((domain) => domain.replaceAll('.', '\\.'))
  .join('|')})\\.?$`;
const QUERY = and(
  isAny('einfallstor.act', ['dns-query', 'http-request', 'flow', 'flow-start', 'threat']),
  or(...NAMES.map((name) => field(name, { op: 'regex', source: PATTERN, flags: 'i' }))),
  field('source.ip', { op: 'exists' }),
);
const FIELDS = [...NAMES, 'source.ip'];

const serviceOf = (domain: string): Service | undefined => {
  const name = domain.toLowerCase().replace(/\.$/, '');
  return SERVICES.find(({ domains }) => domains.some((d) => name === d || name.endsWith(`.${d}`)));
};

interface Client {
  readonly service: Service;
  readonly source: string;
  readonly domain: string;
  readonly first: number;
  last: number;
  readonly sample: EventSample;
}

const MEANINGS = {
  'remote-support': {
    id: 'baseline-remote-support',
    title: 'Remote support tool used for the first time',
    technique: 'T1219',
  },
  mining: { id: 'baseline-mining', title: 'Call to a mining pool', technique: 'T1496' },
  tor: { id: 'baseline-tor', title: 'Call to Tor', technique: 'T1090.003' },
} as const;

const findingFor = (client: Client, begin: number, hosts: number): Finding => {
  const { service, source, domain, first, last, sample } = client;
  const { id, title, technique } = MEANINGS[service.kind];
  const isCommon = hosts > SETTINGS.serviceHosts;
  const isYoung = first - begin < SETTINGS.serviceYoung;
  const isExpected = service.kind === 'remote-support' && (isCommon || isYoung);
  const meaning: Meaning = {
    id,
    title,
    level: isExpected ? 'informational' : service.kind === 'mining' ? 'medium' : 'low',
    techniques: [technique],
    chain: {
      stage: service.kind === 'mining' ? 'impact' : 'command-and-control',
      requires: ['network-access(source.ip)'],
      provides: [],
      weight: isExpected ? 0 : SETTINGS.serviceWeight,
    },
  };
  const [after, count] = [durationText(first - begin), sample.count];
  const what = service.kind === 'mining' ? say('a mining pool', 'einen Schürfverbund') : asIs(service.name);
  const doubt =
    isYoung && service.kind === 'remote-support'
      ? say('; insufficient history to call it new', '; zu wenig Vorgeschichte, um es neu zu nennen')
      : asIs('');
  const fact = say(
    `${source} called ${what.en} (${domain}) ${count} times, first ${after.en} into the logs; ${hosts} hosts did${doubt.en}`,
    `${source} rief ${what.de} (${domain}) ${count}-mal, zuerst nach ${after.de} der Protokolle; ${hosts} Rechner taten es${doubt.de}`,
  );
  const span = { from: first, to: last, at: first, ids: sample.ids(), count };
  return findingOf(
    meaning,
    span,
    { source, service: service.name },
    { 'source.ip': source, 'destination.domain': domain },
    fact,
  );
};

/** Tools of remote support, mining pools and Tor: one finding per host and service. */
export const namedServices: Baseline = {
  title: 'Remote support tools, mining pools and Tor',
  run: async ({ store }) => {
    const begin = (await store.span())?.first;
    if (begin === undefined) return [];
    const clients = new Map<string, Client>();
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const source = textOf(fields, 'source.ip') as string;
      const domain = NAMES.map((name) => textOf(fields, name)).find(
        (d) => d !== undefined && serviceOf(d) !== undefined,
      );
      const service = domain === undefined ? undefined : serviceOf(domain);
      if (time === undefined || domain === undefined || service === undefined || addressClass(source) === 'public')
        continue;
      const key = `${source} ${service.name}`;
      const client = clients.get(key) ?? {
        service,
        source,
        domain,
        first: time,
        last: time,
        sample: new EventSample(),
      };
      clients.set(key, client);
      client.last = time;
      client.sample.add(id);
    }
    const hosts = (service: Service): number => [...clients.values()].filter((c) => c.service === service).length;
    return [...clients.values()].map((client) => findingFor(client, begin, hosts(client.service)));
  },
};
