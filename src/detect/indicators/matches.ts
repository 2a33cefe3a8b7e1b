import { inRange } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { isoOf } from '../../core/time.ts';
import { type Fields, numberOf, textOf, valuesOf } from '../../ecs/event.ts';
import { ALL } from '../../query/ast.ts';
import type { Baseline } from '../baseline/baseline.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { type Indicator, urlKey } from './indicator.ts';

const TITLE = 'Indicator of a list in the logs';

const DOMAINS = [
  'url.domain',
  'dns.question.name',
  'destination.domain',
  'source.domain',
  'server.domain',
  'client.domain',
  'related.hosts',
];
const URLS = ['url.full', 'url.original'];
const HASHES = [
  'related.hash',
  'file.hash.sha256',
  'file.hash.sha1',
  'file.hash.md5',
  'email.attachments.file.hash.sha256',
  'email.attachments.file.hash.md5',
];
const MAILS = [
  'email.from.address',
  'email.sender.address',
  'email.reply_to.address',
  'email.to.address',
  'email.cc.address',
  'user.email',
];
const FIELDS = [
  'related.ip',
  'source.ip',
  'destination.ip',
  'url.path',
  'url.query',
  'user.name',
  'host.name',
  ...DOMAINS,
  ...URLS,
  ...HASHES,
  ...MAILS,
];

interface Sighting {
  readonly indicator: Indicator;
  from: number;
  to: number;
  readonly users: Set<string>;
  readonly sample: EventSample;
  readonly entities: Readonly<Record<string, string>>;
}

const texts = (fields: Readonly<Fields>, names: readonly string[]): string[] =>
  names.flatMap((name) => valuesOf(fields, name).map((value) => String(value).toLowerCase()));

/** `a.b.example` → itself, `b.example`, `example` */
const parents = (host: string): string[] => {
  const labels = host.replace(/\.$/, '').split('.');
  return labels.map((_, i) => labels.slice(i).join('.'));
};

class Lookup {
  readonly #byValue = new Map<string, Indicator[]>();
  readonly #networks: readonly Indicator[];
  /** Few addresses are seen very often. */
  readonly #known = new Map<string, readonly Indicator[]>();

  constructor(indicators: readonly Indicator[]) {
    for (const indicator of indicators) {
      const key = `${indicator.kind} ${indicator.value}`;
      this.#byValue.set(key, [...(this.#byValue.get(key) ?? []), indicator]);
    }
    this.#networks = indicators.filter(({ kind }) => kind === 'network');
  }

  #of(kind: Indicator['kind'], value: string): readonly Indicator[] {
    return this.#byValue.get(`${kind} ${value}`) ?? [];
  }

  #address(ip: string): readonly Indicator[] {
    let found = this.#known.get(ip);
    if (found === undefined) {
      const within = this.#networks.filter(({ range }) => range !== undefined && inRange(range, ip));
      found = [...this.#of('ip', ip), ...within];
      if (this.#known.size < 1_000_000) this.#known.set(ip, found);
    }
    return found;
  }

  in(fields: Readonly<Fields>): readonly Indicator[] {
    const mails = texts(fields, MAILS);
    const hosts = [...texts(fields, DOMAINS), ...mails.map((mail) => mail.slice(mail.lastIndexOf('@') + 1))];
    const [domain, path] = [textOf(fields, 'url.domain'), textOf(fields, 'url.path')];
    const query = textOf(fields, 'url.query');
    const whole =
      domain === undefined
        ? undefined
        : `${domain.toLowerCase()}${path ?? '/'}${query === undefined ? '' : `?${query}`}`;
    const urls = [
      ...URLS.flatMap((name) => urlKey(textOf(fields, name) ?? '') ?? []),
      ...(whole === undefined ? [] : [whole]),
    ];
    return [
      ...new Set([
        ...texts(fields, ['related.ip', 'source.ip', 'destination.ip']).flatMap((ip) => this.#address(ip)),
        ...hosts.flatMap(parents).flatMap((host) => this.#of('domain', host)),
        ...urls.flatMap((url) => this.#of('url', url)),
        ...texts(fields, HASHES).flatMap((hash) => this.#of('hash', hash)),
        ...mails.flatMap((mail) => this.#of('email', mail)),
      ]),
    ];
  }
}

const entitiesOf = (indicator: Indicator, fields: Readonly<Fields>): Record<string, string> => {
  const { kind, value } = indicator;
  if (kind === 'hash') return { 'related.hash': value };
  if (kind === 'email') return { 'email.from.address': value };
  if (kind === 'url') return { 'url.full': value };
  if (kind === 'domain') return { 'destination.domain': value };
  const isOf = (ip: string | undefined): boolean =>
    ip !== undefined && (ip === value || (indicator.range !== undefined && inRange(indicator.range, ip)));
  const source = textOf(fields, 'source.ip');
  if (source !== undefined && isOf(source)) return { 'source.ip': source };
  const destination = textOf(fields, 'destination.ip');
  return destination !== undefined && isOf(destination)
    ? { 'destination.ip': destination }
    : { 'destination.ip': value };
};

const dayOf = (time: number): string => isoOf(time).slice(0, 10);
const isValid = ({ from, until }: Indicator, sighting: Sighting): boolean =>
  (from === undefined || sighting.to >= from) && (until === undefined || sighting.from <= until);

const findingFor = (sighting: Sighting): Finding => {
  const { indicator } = sighting;
  const { kind, value, source, from, until } = indicator;
  const current = isValid(indicator, sighting);
  const meaning: Meaning = {
    id: 'indicator',
    title: TITLE,
    // a hash or an address of a page cannot be another's tomorrow; an address can
    level: !current ? 'informational' : kind === 'network' ? 'medium' : 'high',
    techniques: [],
    chain: undefined,
  };
  const validity =
    from === undefined && until === undefined
      ? say('validity not stated', 'Gültigkeit nicht angegeben')
      : say(
          `valid${from === undefined ? '' : ` from ${dayOf(from)}`}${until === undefined ? '' : ` until ${dayOf(until)}`}${current ? '' : ', not at the time of these events'}`,
          `gültig${from === undefined ? '' : ` ab ${dayOf(from)}`}${until === undefined ? '' : ` bis ${dayOf(until)}`}${current ? '' : ', nicht zur Zeit dieser Ereignisse'}`,
        );
  const users = [...sighting.users].sort().slice(0, 5).join(', ');
  const [by, von] = users === '' ? ['', ''] : [`, with ${users}`, `, mit ${users}`];
  const { count } = sighting.sample;
  const fact = say(
    `${value}, an indicator of ${source} (${validity.en}), occurs in ${count} events${by}`,
    `${value}, ein Indikator aus ${source} (${validity.de}), kommt in ${count} Ereignissen vor${von}`,
  );
  const span = { from: sighting.from, to: sighting.to, at: sighting.from, ids: sighting.sample.ids(), count };
  return findingOf(meaning, span, { kind, value, source }, sighting.entities, fact);
};

/** Compares every event with the lists: one finding per indicator and list. */
export const indicatorMatches = (indicators: readonly Indicator[]): Baseline => ({
  title: TITLE,
  run: async ({ store }) => {
    const lookup = new Lookup(indicators);
    const sightings = new Map<Indicator, Sighting>();
    for await (const { id, fields } of store.scan(ALL, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      if (time === undefined) continue;
      for (const indicator of lookup.in(fields)) {
        let sighting = sightings.get(indicator);
        if (sighting === undefined) {
          const entities = entitiesOf(indicator, fields);
          sighting = { indicator, from: time, to: time, users: new Set(), sample: new EventSample(), entities };
          sightings.set(indicator, sighting);
        }
        sighting.to = time;
        sighting.sample.add(id);
        const user = textOf(fields, 'user.name');
        if (user !== undefined) sighting.users.add(user);
      }
    }
    return [...sightings.values()].map(findingFor);
  },
});
