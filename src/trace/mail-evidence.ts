import { DAY } from '../core/time.ts';
import { textOf, valuesOf } from '../ecs/event.ts';
import { and, field, isAny, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Delivery } from './mails.ts';
import { accountKey, acts, collect, exists, sameName, timeOf } from './read.ts';

/** A request to a domain that a suspicious message names. */
export interface Visit {
  readonly domain: string;
  readonly time: number;
  readonly address: string | undefined;
  readonly account: string | undefined;
  readonly id: string;
}

/** A message by which an access is set anew. */
export interface ResetMail {
  readonly time: number;
  readonly mailboxes: readonly string[];
  /** All that the record says, lower case, to look an account up in. */
  readonly text: string;
  readonly id: string;
}

/** Hosts of suspicious senders asked for at once. */
const MOST_HOSTS = 60;
const MOST_VISITS = 20_000;
const MOST_RESETS = 5_000;
const VISIT_FIELDS = ['einfallstor.stream', 'source.ip', 'user.name', 'user.email', 'url.domain', 'dns.question.name'];

/** Requests to the domains of suspicious messages: one question to the store for all of them. */
const PLACES = ['url.domain', 'dns.question.name'];
const CALLS = acts('http-request', 'dns-query', 'flow', 'threat');
/** Different names that machines of the house called up; a case with more keeps the commonest. */
const MOST_NAMES = 50_000;

/** Names of hosts that were called up from inside. */
export const visitedHosts = async (store: StoreReader): Promise<string[]> => {
  const found = [];
  for (const name of PLACES) found.push(...(await store.top(CALLS, name, MOST_NAMES)));
  return [...new Set(found.map((t) => t.value.toLowerCase()))];
};

/** Whether a host is of a domain: `dl.example.org` of `example.org`. */
export const isUnder = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** When the sites of domains were first called up from inside, µs by domain; `hosts` as `visitedHosts` gives them. */
export const firstCalls = async (
  domains: readonly string[],
  hosts: readonly string[],
  store: StoreReader,
  clocks: Clocks,
): Promise<ReadonlyMap<string, number>> => {
  const first = new Map<string, number>();
  for (const domain of domains.slice(0, MOST_HOSTS)) {
    const names = hosts.filter((host) => isUnder(host, domain)).slice(0, MOST_HOSTS);
    const query = and(CALLS, or(...PLACES.map((n) => isAny(n, names))));
    const [call] = await collect(store, query, { order: 'time', limit: 1, fields: ['einfallstor.stream'] });
    const time = call === undefined ? undefined : timeOf(call);
    if (call === undefined || time === undefined) continue;
    first.set(domain, time - clocks.offsetOf(textOf(call.fields, 'einfallstor.stream') ?? ''));
  }
  return first;
};

export const visitsTo = async (
  deliveries: readonly Delivery[],
  hosts: readonly string[],
  store: StoreReader,
  clocks: Clocks,
): Promise<Visit[]> => {
  const domains = [...new Set(deliveries.flatMap((d) => d.domains))].sort().slice(0, 400);
  const known = new Map<string, string>();
  for (const host of hosts) {
    const domain = domains.find((d) => isUnder(host, d));
    if (domain !== undefined && known.size < MOST_HOSTS) known.set(host, domain);
  }
  if (known.size === 0) return [];
  const query = and(CALLS, or(...PLACES.map((n) => isAny(n, [...known.keys()]))));
  const events = await collect(store, query, { limit: MOST_VISITS, fields: VISIT_FIELDS });
  return events.flatMap((e): Visit[] => {
    const domain = PLACES.flatMap((n) => known.get(textOf(e.fields, n)?.toLowerCase() ?? '') ?? [])[0];
    const raw = timeOf(e);
    if (domain === undefined || raw === undefined) return [];
    return [
      {
        domain,
        time: raw - clocks.offsetOf(textOf(e.fields, 'einfallstor.stream') ?? ''),
        address: textOf(e.fields, 'source.ip'),
        account: accountKey(textOf(e.fields, 'user.name')),
        id: e.id,
      },
    ];
  });
};

// “Your VPN password reset” · „Kennwort zurücksetzen“ · “New token enrolment”
const RESET = ['reset', 'zurücksetz', 'kennwort', 'passwor', 'token', 'otp', 'einmal', 'activation', 'aktivier', 'vpn'];

// vpn-selfservice@…  password-reset@…
const SENDERS = ['selfservice', 'self-service', 'password', 'reset', 'kennwort'];

export const resetMails = async (store: StoreReader, clocks: Clocks): Promise<ResetMail[]> => {
  const subject = or(
    ...RESET.map((word) =>
      field('email.subject', { op: 'like', pattern: [{ wild: 'any' }, word, { wild: 'any' }], cased: false }),
    ),
  );
  const sender = or(
    ...SENDERS.map((word) =>
      field('email.from.address', { op: 'like', pattern: [{ wild: 'any' }, word, { wild: 'any' }], cased: false }),
    ),
  );
  const query = and(
    acts('mail-delivery', 'mail-received', 'mail-filter', 'mail-access'),
    exists('email.to.address'),
    or(subject, sender),
  );
  const fields = ['einfallstor.stream', 'email.to.address', 'email.subject', 'message'];
  const events = await collect(store, query, { order: 'time-desc', limit: MOST_RESETS, fields });
  return events.flatMap((e): ResetMail[] => {
    const raw = timeOf(e);
    if (raw === undefined) return [];
    const to = valuesOf(e.fields, 'email.to.address').map(String);
    return [
      {
        time: raw - clocks.offsetOf(textOf(e.fields, 'einfallstor.stream') ?? ''),
        mailboxes: to.flatMap((a) => accountKey(a) ?? []),
        text: [...to, textOf(e.fields, 'email.subject'), textOf(e.fields, 'message')].join(' ').toLowerCase(),
        id: e.id,
      },
    ];
  });
};

/** A message is opened within this time. */
const OPENED = 7 * DAY;

/**
 * Visits to what a message names, by its recipients or from one machine. A proxy that names the user settles whose copy of
 * a wave it was; else the machine's known users do, else any copy may have been it.
 */
export const visitsAfter = (
  delivery: Delivery,
  users: readonly string[],
  address: string | undefined,
  visits: readonly Visit[],
): readonly Visit[] => {
  const isRecipient = (user: string): boolean => delivery.recipients.some((recipient) => sameName(recipient, user));
  const mayBe = ({ account, address: from }: Visit): boolean => {
    if (account !== undefined)
      return isRecipient(account) && (users.some((user) => sameName(user, account)) || from === address);
    if (address === undefined || from !== address) return false;
    return users.length === 0 || users.some(isRecipient);
  };
  const inTime = (v: Visit): boolean =>
    v.time >= delivery.act.from - delivery.act.slack && v.time <= delivery.act.from + OPENED;
  return visits.filter((v) => delivery.domains.includes(v.domain) && inTime(v) && mayBe(v));
};
