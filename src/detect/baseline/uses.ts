import { addressClass, networkOf } from '../../core/net.ts';
import { type Fields, numberOf, textOf } from '../../ecs/event.ts';
import { and, field, is, isAny, not, type Query } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';

/** One login, successful unless failures were asked for too. */
export interface Use {
  readonly id: string;
  readonly time: number;
  /** Name without domain, lower case: one person on all systems. */
  readonly account: string;
  readonly act: string;
  readonly address: string;
  readonly isPublic: boolean;
  /** /24, IPv6 /48. */
  readonly network: string;
  readonly fields: Readonly<Fields>;
}

const FIELDS = [
  'einfallstor.act',
  'event.outcome',
  'user.name',
  'source.ip',
  'host.name',
  'observer.name',
  'service.type',
  'user_agent.original',
  'einfallstor.vpn.assigned_ip',
  'einfallstor.ssh.key_fingerprint',
  'source.geo.country_iso_code',
  'source.geo.location.lat',
  'source.geo.location.lon',
];

const present = (name: string): Query => field(name, { op: 'exists' });

/** `Maier@example.org`, `MAIER` → `maier` */
export const accountOf = (name: string): string => {
  const at = name.indexOf('@');
  return (at > 0 ? name.slice(0, at) : name).toLowerCase();
};

/** Logins with an account and an address, in time order. `unfailed`: also records beside a login that state no outcome. */
export async function* usesOf(
  store: StoreReader,
  acts: readonly string[],
  outcomes: readonly ('success' | 'failure')[] | 'unfailed' = ['success'],
): AsyncGenerator<Use> {
  const query = and(
    isAny('einfallstor.act', acts),
    outcomes === 'unfailed' ? not(is('event.outcome', 'failure')) : isAny('event.outcome', outcomes),
    present('user.name'),
    present('source.ip'),
  );
  for await (const { id, fields } of store.scan(query, { order: 'time', fields: FIELDS })) {
    const [name, address] = [textOf(fields, 'user.name') as string, textOf(fields, 'source.ip') as string];
    const time = numberOf(fields, '@timestamp');
    const network = networkOf(address);
    if (time === undefined || network === undefined || name.endsWith('$')) continue;
    const isPublic = addressClass(address) === 'public';
    yield {
      id,
      time,
      account: accountOf(name),
      act: textOf(fields, 'einfallstor.act') as string,
      address,
      isPublic,
      network,
      fields,
    };
  }
}

const MAIL = new Set([
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'smtp',
  'submission',
  'sieve',
  'managesieve',
  'webmail',
  'owa',
  'activesync',
]);

/** What a login from outside opens: where it would be an entry, and what it gives. */
export const entryOf = (
  use: Use,
): { readonly vector: string; readonly provides: readonly string[]; readonly techniques: readonly string[] } => {
  if (use.act.startsWith('vpn')) {
    const provides = ['credential(user.name)', 'network-access(einfallstor.vpn.assigned_ip)'];
    return { vector: 'vpn-valid-account', provides, techniques: ['T1078', 'T1133'] };
  }
  if (MAIL.has(textOf(use.fields, 'service.type') ?? '')) {
    return {
      vector: 'mail-account-takeover',
      provides: ['credential(user.name)', 'mailbox(user.name)'],
      techniques: ['T1078'],
    };
  }
  if (use.act === 'admin-login') {
    return { vector: 'appliance-exploit', provides: ['device-admin(observer.name)'], techniques: ['T1078', 'T1133'] };
  }
  return {
    vector: 'exposed-remote-service',
    provides: ['credential(user.name)', 'foothold(host.name)'],
    techniques: ['T1078', 'T1133'],
  };
};

const ENTITIES = [
  'user.name',
  'source.ip',
  'host.name',
  'observer.name',
  'einfallstor.vpn.assigned_ip',
  'source.geo.country_iso_code',
];

export const entitiesOf = (use: Use): Record<string, string> => {
  const entities: Record<string, string> = {};
  for (const name of ENTITIES) {
    const value = textOf(use.fields, name);
    if (value !== undefined) entities[name] = value;
  }
  return entities;
};

/** What the login was to, for sentences. */
export const placeOf = (use: Use): string => {
  if (use.act.startsWith('vpn')) return 'VPN';
  const where = textOf(use.fields, 'observer.name') ?? textOf(use.fields, 'host.name');
  return [textOf(use.fields, 'service.type') ?? 'login', where === undefined ? '' : where]
    .filter((t) => t !== '')
    .join(', ');
};
