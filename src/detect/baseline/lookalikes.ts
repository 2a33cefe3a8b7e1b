import { asIs, say } from '../../core/said.ts';
import { DAY } from '../../core/time.ts';
import { numberOf, textOf, valuesOf } from '../../ecs/event.ts';
import { and, field, isAny, or } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { EventSample } from '../sample.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { deletionsOf, isOneEdit, registeredOf, skeletonOf } from './likeness.ts';
import { SETTINGS } from './settings.ts';

const TITLE = 'Message from a domain that resembles a known one';

interface Domain {
  readonly name: string;
  readonly label: string;
  readonly first: number;
  /** Days on which it wrote, and on which it was written to. */
  readonly days: Set<number>;
  readonly written: Set<number>;
  readonly sample: EventSample;
  to: string | undefined;
  from: string | undefined;
  last: number;
}

const QUERY = and(
  isAny('einfallstor.act', ['mail-received', 'mail-filter', 'mail-delivery']),
  or(field('email.from.address', { op: 'exists' }), field('email.to.address', { op: 'exists' })),
);
const FIELDS = ['einfallstor.act', 'event.outcome', 'email.from.address', 'email.to.address'];
const MOST_DOMAINS = 200_000;

class Correspondents {
  readonly #byName = new Map<string, Domain>();
  readonly #ofHost = new Map<string, ReturnType<typeof registeredOf>>();

  get all(): readonly Domain[] {
    return [...this.#byName.values()];
  }

  /** The registered domain of an address. */
  of(address: string, time: number): Domain | undefined {
    const host = address.slice(address.lastIndexOf('@') + 1).replace(/[>\s.]+$/, '');
    if (host === '' || host.length > 253) return undefined;
    if (!this.#ofHost.has(host) && this.#ofHost.size < MOST_DOMAINS) this.#ofHost.set(host, registeredOf(host));
    const registered = this.#ofHost.get(host);
    if (registered === undefined) return undefined;
    const { domain: name, label } = registered;
    let domain = this.#byName.get(name);
    if (domain === undefined) {
      const sample = new EventSample();
      domain = {
        name,
        label,
        first: time,
        days: new Set(),
        written: new Set(),
        sample,
        to: undefined,
        from: undefined,
        last: time,
      };
      this.#byName.set(name, domain);
    }
    return domain;
  }
}

/** Known domains by what the eye reads of them, with each letter left out once. */
const indexOf = (domains: readonly Domain[]): ReadonlyMap<string, readonly Domain[]> => {
  const index = new Map<string, Domain[]>();
  for (const domain of domains) {
    const known = Math.max(domain.days.size, domain.written.size);
    if (known < SETTINGS.lookalikeKnownDays || domain.label.length < SETTINGS.lookalikeShortest) continue;
    for (const word of deletionsOf(skeletonOf(domain.label))) {
      const list = index.get(word);
      if (list === undefined) index.set(word, [domain]);
      else list.push(domain);
    }
  }
  return index;
};

const resemblance = (domain: Domain, index: ReadonlyMap<string, readonly Domain[]>): Domain | undefined => {
  if (domain.label.length < SETTINGS.lookalikeShortest) return undefined;
  const skeleton = skeletonOf(domain.label);
  const candidates = deletionsOf(skeleton).flatMap((word) => index.get(word) ?? []);
  const like = candidates.filter((known) => {
    // one company, two countries: the label itself is the same
    if (known.name === domain.name || known.label === domain.label || known.first >= domain.first) return false;
    const other = skeletonOf(known.label);
    return other === skeleton || isOneEdit(skeleton, other);
  });
  return like.sort(
    (a, b) => b.written.size + b.days.size - (a.written.size + a.days.size) || (a.name < b.name ? -1 : 1),
  )[0];
};

const findingFor = (domain: Domain, known: Domain, begin: number): Finding => {
  const age = domain.first - begin;
  const isYoung = age < SETTINGS.learning;
  const meaning: Meaning = {
    id: 'baseline-lookalike-domain',
    title: TITLE,
    level: isYoung ? 'low' : 'medium',
    techniques: ['T1566', 'T1583.001'],
    chain: {
      stage: 'initial-access',
      vector: 'mail-phishing',
      requires: [],
      provides: [],
      weight: SETTINGS.lookalikeWeight * (isYoung ? 0.5 : 1),
    },
  };
  const [after, days] = [durationText(age), Math.max(known.days.size, known.written.size)];
  const doubt = isYoung
    ? say('; insufficient history to call it new', '; zu wenig Vorgeschichte, um sie neu zu nennen')
    : asIs('');
  const fact = say(
    `first message from ${domain.name} ${after.en} into the logs; it resembles ${known.name}, known from ${days} days of mail${doubt.en}`,
    `erste Nachricht von ${domain.name} nach ${after.de} der Protokolle; die Domain ähnelt ${known.name}, bekannt aus ${days} Tagen Schriftverkehr${doubt.de}`,
  );
  const span = {
    from: domain.first,
    to: domain.last,
    at: domain.first,
    ids: domain.sample.ids(),
    count: domain.sample.count,
  };
  const entities: Record<string, string> = { 'destination.domain': known.name };
  if (domain.from !== undefined) entities['email.from.address'] = domain.from;
  if (domain.to !== undefined) entities['email.to.address'] = domain.to;
  return findingOf(meaning, span, { domain: domain.name, known: known.name }, entities, fact);
};

/** Senders whose registered domain looks like that of a correspondent, or of the organisation itself. */
export const lookalikeDomains: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const correspondents = new Correspondents();
    let begin: number | undefined;
    for await (const { id, fields } of store.scan(QUERY, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      if (time === undefined) continue;
      begin ??= time;
      const day = Math.floor(time / DAY);
      const recipients = valuesOf(fields, 'email.to.address').map(String);
      for (const address of recipients) correspondents.of(address, time)?.written.add(day);
      const from = valuesOf(fields, 'email.from.address').map(String)[0];
      if (from === undefined || textOf(fields, 'event.outcome') === 'failure') continue;
      const domain = correspondents.of(from, time);
      if (domain === undefined) continue;
      domain.days.add(day);
      domain.sample.add(id);
      domain.last = time;
      domain.from ??= from;
      domain.to ??= recipients[0];
    }
    const index = indexOf(correspondents.all);
    return correspondents.all.flatMap((domain) => {
      const known = domain.days.size === 0 ? undefined : resemblance(domain, index);
      return known === undefined ? [] : [findingFor(domain, known, begin ?? 0)];
    });
  },
};
