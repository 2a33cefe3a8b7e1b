import { networkOf } from '../core/net.ts';
import { DAY, hourOf, SECOND } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { and, is, not, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { type History, halfOf, historyOf } from './history.ts';
import { accountOf, acts, deviceOf, exists, hostOf, inner, isPublic, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';
import type { Sources } from './sources.ts';

/** All logins of one account from one foreign address to one service: the first stands for them. */
export interface RemoteLogin {
  readonly account: string;
  readonly remote: string;
  readonly kind: 'remote-login' | 'mail-login' | 'admin-login';
  readonly service: string;
  readonly method: string | undefined;
  readonly client: string | undefined;
  readonly keyPrint: string | undefined;
  readonly host: string | undefined;
  readonly device: string | undefined;
  readonly stream: string;
  /** Port that the first one came from. */
  readonly port: number | undefined;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** The first time on each day on which it happened, by day since 1970. */
  readonly days: ReadonlyMap<number, number>;
  /** Hours of the day, UTC, at which it happened. */
  readonly hours: ReadonlySet<number>;
  /** Records of the first one. */
  readonly events: readonly string[];
}

/** When an account was used from which network and with which client; one line per login or stay. */
export interface Use {
  readonly time: number;
  /** Hours of the day, UTC, of the stay or of all equal logins. */
  readonly hours: Iterable<number>;
  readonly network: string;
  readonly client: string | undefined;
  readonly service: string;
}

export interface Logons {
  readonly remote: readonly RemoteLogin[];
  /** When the logs that tell of uses from outside begin; Infinity without such a use. */
  readonly begin: number;
  /** Uses of an account from outside, by time. */
  usesOf(account: string): readonly Use[];
  /** How many accounts came from a foreign address: many share an office, a relay or a carrier's NAT. */
  accountsAt(remote: string): number;
  /** The same of its neighbourhood: networks of one provider. */
  accountsNear(remote: string): number;
  historyOf(account: string): History;
}

const MAIL_SERVICES = new Set([
  'imap',
  'pop3',
  'smtp',
  'submission',
  'managesieve',
  'lmtp',
  'owa',
  'activesync',
  'ews',
  'mail',
  'webmail',
  'sieve',
]);
// entra-signin, exchange-iis, microsoft-365-audit, roundcube
const MAIL_MODULES = /entra|azure|microsoft-365|m365|o365|exchange|owa|zimbra|roundcube|dovecot|postfix/;
/** Records of the first of equal logins that are kept: one logon is often written as several records at once. */
const KEPT = 5;
const AT_ONCE = 30 * SECOND;
/** Distinct (account, address, service) kept; a mail system with more has its rarest last. */
const MOST_REMOTE = 300_000;

const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'event.module',
  'event.outcome',
  'user.name',
  'user.email',
  'source.ip',
  'source.port',
  'service.type',
  'host.name',
  'host.hostname',
  'winlog.computer_name',
  'observer.name',
  'observer.serial_number',
  'einfallstor.login.method',
  'einfallstor.ssh.key_fingerprint',
  'user_agent.original',
  'winlog.logon.type',
] as const;

const kindOf = (event: StoredEvent): RemoteLogin['kind'] => {
  if (textOf(event.fields, 'einfallstor.act') === 'admin-login') return 'admin-login';
  const service = textOf(event.fields, 'service.type') ?? '';
  if (MAIL_SERVICES.has(service)) return 'mail-login';
  return MAIL_MODULES.test(textOf(event.fields, 'event.module') ?? '') ? 'mail-login' : 'remote-login';
};

type Growing = { -readonly [K in keyof RemoteLogin]: RemoteLogin[K] } & {
  events: string[];
  days: Map<number, number>;
  hours: Set<number>;
};

const grown = (event: StoredEvent, time: number, account: string, remote: string): Growing => ({
  account,
  remote,
  kind: kindOf(event),
  service: textOf(event.fields, 'service.type') ?? 'login',
  method: textOf(event.fields, 'einfallstor.login.method'),
  client: textOf(event.fields, 'user_agent.original'),
  keyPrint: textOf(event.fields, 'einfallstor.ssh.key_fingerprint'),
  host: hostOf(event.fields),
  device: deviceOf(event.fields),
  stream: textOf(event.fields, 'einfallstor.stream') ?? '',
  port: numberOf(event.fields, 'source.port'),
  first: time,
  last: time,
  count: 0,
  days: new Map(),
  hours: new Set(),
  events: [],
});

/**
 * Logins; and mail handed in over SMTP by a sender whom the server had authenticated: Postfix and Exim tell of the login in
 * the line of the message only.
 */
const LOGINS = or(
  acts('login'),
  and(acts('mail-received'), exists('einfallstor.email.auth_user'), is('service.type', 'smtp')),
);

const remoteLogins = async (store: StoreReader, offsetOf: (stream: string) => number): Promise<RemoteLogin[]> => {
  const found = new Map<string, Growing>();
  const foreign = and(LOGINS, exists('source.ip'), not(inner('source.ip')));
  const query = and(or(foreign, acts('admin-login')), is('event.outcome', 'success'));
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const raw = timeOf(event);
    const remote = textOf(event.fields, 'source.ip') ?? 'unknown';
    const account = accountOf(event.fields);
    if (raw === undefined || account === undefined) continue;
    // appliances write loopback or nonsense as the source when their management is bypassed: those are kept, too
    if (!isPublic(remote) && textOf(event.fields, 'einfallstor.act') !== 'admin-login') continue;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const time = raw - offsetOf(stream);
    // one logon is written as several kinds at once: by network and by desktop
    const key = [account, remote, kindOf(event), hostOf(event.fields), deviceOf(event.fields)].join('\n');
    let login = found.get(key);
    if (login === undefined) {
      if (found.size >= MOST_REMOTE) continue;
      login = grown(event, time, account, remote);
      found.set(key, login);
    }
    if (textOf(event.fields, 'service.type') === 'rdp') login.service = 'rdp';
    login.count += 1;
    const day = Math.floor(time / DAY);
    login.days.set(day, Math.min(login.days.get(day) ?? time, time));
    login.hours.add(hourOf(time));
    login.first = Math.min(login.first, time);
    login.last = Math.max(login.last, time);
    if (login.events.length < KEPT && time - login.first <= AT_ONCE) login.events.push(event.id);
  }
  return [...found.values()].sort((a, b) => a.first - b.first || ((a.events[0] ?? '') < (b.events[0] ?? '') ? -1 : 1));
};

const usesBy = (remote: readonly RemoteLogin[], sessions: readonly VpnSession[]): Map<string, Use[]> => {
  const uses = new Map<string, Use[]>();
  const put = (account: string, use: Use): void => {
    const list = uses.get(account);
    if (list === undefined) uses.set(account, [use]);
    else list.push(use);
  };
  for (const login of remote) {
    const network = networkOf(login.remote);
    if (network === undefined) continue;
    for (const time of login.days.values())
      put(login.account, { time, hours: login.hours, network, client: login.client, service: login.kind });
  }
  for (const session of sessions) {
    const network = session.remote === undefined ? undefined : networkOf(session.remote);
    if (network !== undefined)
      put(session.account, {
        time: session.begin,
        hours: [hourOf(session.begin)],
        network,
        client: session.client,
        service: 'vpn',
      });
  }
  for (const list of uses.values()) list.sort((a, b) => a.time - b.time || (a.network < b.network ? -1 : 1));
  return uses;
};

/** Nobody may have come from outside for weeks: what wrote of the first who did was written all the while. */
const beginOf = async (
  telling: readonly string[],
  store: StoreReader,
  sources: Sources,
  offsetOf: (stream: string) => number,
): Promise<number> => {
  const names = new Set(telling.map(sources.of));
  const begins = (await store.streams()).flatMap(({ stream, first }) =>
    first !== undefined && names.has(sources.of(stream)) ? [first - offsetOf(stream)] : [],
  );
  return begins.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
};

export const logonsOf = async (
  store: StoreReader,
  sessions: readonly VpnSession[],
  sources: Sources,
  offsetOf: (stream: string) => number,
): Promise<Logons> => {
  const remote = await remoteLogins(store, offsetOf);
  const uses = usesBy(remote, sessions);
  const accounts = new Map<string, Set<string>>();
  const note = (address: string | undefined, account: string): void => {
    if (address === undefined) return;
    for (const place of [address, halfOf(address)])
      accounts.set(place, (accounts.get(place) ?? new Set<string>()).add(account));
  };
  for (const login of remote) note(login.remote, login.account);
  for (const session of sessions) note(session.remote, session.account);
  const histories = new Map<string, History>();
  const usesOf = (account: string): readonly Use[] => uses.get(account) ?? [];
  return {
    remote,
    begin: await beginOf(
      [...remote, ...sessions].map(({ stream }) => stream),
      store,
      sources,
      offsetOf,
    ),
    usesOf,
    accountsAt: (address) => accounts.get(address)?.size ?? 0,
    accountsNear: (address) => accounts.get(halfOf(address))?.size ?? 0,
    historyOf: (account) => {
      const history = histories.get(account) ?? historyOf(usesOf(account));
      histories.set(account, history);
      return history;
    },
  };
};
