import { say } from '../../core/said.ts';
import { HOUR, isoOf } from '../../core/time.ts';
import { numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is, isAny, not } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { accountOf, usesOf } from '../baseline/uses.ts';
import { Seen, SeenBy } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

const LOGINS = ['login', 'vpn-login', 'admin-login'] as const;
/** How devices and directories call what ends an account, and what brings it back. */
const ENDED = /disabl|delet|deactivat|suspend|remov/i;
const REVIVED = /enabl|activat|unsuspend|restor|creat/i;
const FIELDS = ['einfallstor.act', 'event.action', 'event.type', 'user.name', 'user.target.name'];

/** Accounts that were disabled or deleted, unless they were brought back. */
export const leaversOf = async (store: StoreReader, trust: Trust): Promise<Suggestion[]> => {
  const ended = new Map<
    string,
    { readonly user: string; readonly by: string; readonly seen: Seen; readonly at: number }
  >();
  const query = and(
    isAny('einfallstor.act', ['account-changed', 'account-created']),
    not(is('event.outcome', 'failure')),
  );
  for await (const { id, fields } of store.scan(query, { order: 'time', fields: FIELDS })) {
    const [time, user] = [numberOf(fields, '@timestamp'), textOf(fields, 'user.target.name')];
    if (time === undefined || user === undefined || user.endsWith('$')) continue;
    const action = textOf(fields, 'event.action') ?? '';
    const isCreated = textOf(fields, 'einfallstor.act') === 'account-created';
    if (!isCreated && ENDED.test(action)) {
      const seen = new Seen(trust.until);
      seen.add(time, id);
      ended.set(accountOf(user), { user, by: textOf(fields, 'user.name') ?? '?', seen, at: time });
    } else if (isCreated || REVIVED.test(action)) ended.delete(accountOf(user));
  }
  return [...ended]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, { user, by, seen, at }]) => {
      const left = isoOf(at);
      const because = say(
        `${by} disabled or deleted the account; that need not be the day on which the person left`,
        `${by} hat das Konto gesperrt oder gelöscht; das muss nicht der Tag des Ausscheidens sein`,
      );
      const late =
        seen.count === 0
          ? say('it happened in the suspicious period', 'es geschah im verdächtigen Zeitraum')
          : undefined;
      return {
        key: 'leavers' as const,
        entry: { user, left },
        because,
        doubt: late ?? trust.findingOf(account) ?? trust.findingOf(accountOf(by)),
        seen,
      };
    });
};

/** Accounts that log in at every hour of the day, from few places: no person does. */
export const serviceAccountsOf = async (store: StoreReader, trust: Trust): Promise<Suggestion[]> => {
  const accounts = new SeenBy(() => ({
    seen: new Seen(trust.until),
    hours: new Set<number>(),
    sources: new Set<string>(),
  }));
  for await (const { id, time, account, address } of usesOf(store, LOGINS)) {
    const one = accounts.of(account);
    if (!one.seen.add(time, id)) continue;
    one.hours.add(Math.floor(time / HOUR) % 24);
    if (one.sources.size <= USUAL.poolUsers) one.sources.add(address);
  }
  return accounts.sorted().flatMap(([account, { seen, hours, sources }]): Suggestion[] => {
    if (hours.size < USUAL.serviceHours || sources.size > USUAL.poolUsers) return [];
    const from = [...sources].sort().join(', ');
    const because = say(
      `logs in at ${hours.size} hours of the day, from ${from}`,
      `meldet sich zu ${hours.size} Stunden des Tages an, von ${from}`,
    );
    const doubt =
      trust.doubt(seen) ??
      trust.findingOf(account) ??
      say('the context file has no key for it', 'die Kontextdatei hat dafür keinen Schlüssel');
    return [{ key: 'accounts', entry: account, because, doubt, seen }];
  });
};

/** Service installed on many hosts within two hours: a roll-out, or an intruder's. */
export const maintenanceOf = async (store: StoreReader, trust: Trust): Promise<Suggestion[]> => {
  const query = and(
    is('einfallstor.act', 'service-installed'),
    field('host.name', { op: 'exists' }),
    field('service.name', { op: 'exists' }),
  );
  interface Rollout {
    readonly service: string;
    readonly from: number;
    to: number;
    readonly hosts: Set<string>;
    readonly seen: Seen;
  }
  const running = new Map<string, Rollout>();
  const all: Rollout[] = [];
  for await (const { id, fields } of store.scan(query, { order: 'time', fields: ['host.name', 'service.name'] })) {
    const [time, service] = [numberOf(fields, '@timestamp'), textOf(fields, 'service.name') as string];
    if (time === undefined) continue;
    let rollout = running.get(service);
    if (rollout === undefined || time - rollout.from > 2 * HOUR) {
      rollout = { service, from: time, to: time, hosts: new Set(), seen: new Seen(trust.until) };
      running.set(service, rollout);
      all.push(rollout);
    }
    rollout.to = time;
    rollout.hosts.add(textOf(fields, 'host.name') as string);
    rollout.seen.add(time, id);
  }
  return all
    .filter(({ hosts }) => hosts.size >= USUAL.maintained)
    .map(({ service, from, to, hosts, seen }) => ({
      key: 'maintenance' as const,
      entry: { from: isoOf(from), to: isoOf(to) },
      because: say(
        `service ${service} was installed on ${hosts.size} hosts`,
        `der Dienst ${service} wurde auf ${hosts.size} Rechnern installiert`,
      ),
      doubt: say(
        'logs cannot tell maintenance from an intruder who installs something everywhere',
        'Protokolle unterscheiden Wartung nicht von einem Eindringling, der überall etwas installiert',
      ),
      seen,
    }));
};
