import { addressClass, networkOf } from '../../core/net.ts';
import { type Fields, numberOf, textOf } from '../../ecs/event.ts';
import { and, field, isAny } from '../../query/ast.ts';
import { findingOf, type Meaning } from '../build.ts';
import type { Finding } from '../finding.ts';
import { durationText } from '../words.ts';
import type { Baseline } from './baseline.ts';
import { SETTINGS } from './settings.ts';
import { accountOf } from './uses.ts';

interface Session {
  readonly id: string;
  readonly user: string;
  readonly start: number;
  readonly address: string;
  readonly network: string;
  readonly session: string | undefined;
  readonly inner: string | undefined;
  /** Sessions of the same account from other networks that began while this one was open. */
  readonly rivals: Session[];
  end: number | undefined;
}

const MEANING: Meaning = {
  id: 'baseline-concurrent-sessions',
  title: 'VPN sessions of one account from two networks at once',
  level: 'medium',
  techniques: ['T1133', 'T1078'],
  chain: {
    stage: 'initial-access',
    vector: 'vpn-valid-account',
    requires: [],
    provides: ['credential(user.name)', 'network-access(einfallstor.vpn.assigned_ip)'],
    weight: 2,
  },
};

const sessionOf = (id: string, time: number, fields: Readonly<Fields>): Session | undefined => {
  const [user, address] = [textOf(fields, 'user.name'), textOf(fields, 'source.ip')];
  const network = address === undefined ? undefined : networkOf(address);
  if (user === undefined || address === undefined || network === undefined || addressClass(address) !== 'public')
    return undefined;
  const [session, inner] = [
    textOf(fields, 'einfallstor.vpn.session_id'),
    textOf(fields, 'einfallstor.vpn.assigned_ip'),
  ];
  return { id, user, start: time, address, network, session, inner, rivals: [], end: undefined };
};

const isSame = (open: Session, ended: Session): boolean =>
  open.session !== undefined && ended.session !== undefined
    ? open.session === ended.session
    : open.address === ended.address &&
      (open.inner === undefined || ended.inner === undefined || open.inner === ended.inner);

/** The older session ended at `end`: were both alive for longer than a reconnect takes? */
const findingFor = (older: Session, newer: Session, end: number): Finding | undefined => {
  const overlap = Math.min(end, newer.end ?? end) - newer.start;
  if (overlap <= SETTINGS.reconnect) return undefined;
  const span = { from: older.start, to: end, at: newer.start, ids: [older.id, newer.id], count: 2 };
  const fact = `VPN session of ${newer.user} from ${newer.address} began while one from ${older.address} went on for another ${durationText(overlap)}`;
  const entities: Record<string, string> = { 'user.name': newer.user, 'source.ip': newer.address };
  if (newer.inner !== undefined) entities['einfallstor.vpn.assigned_ip'] = newer.inner;
  return findingOf(MEANING, span, { account: accountOf(newer.user) }, entities, fact);
};

const FIELDS = [
  'einfallstor.act',
  'user.name',
  'source.ip',
  'einfallstor.vpn.session_id',
  'einfallstor.vpn.assigned_ip',
];

/** Sessions of one account that overlap and come from different networks; both ends must be in the logs. */
export const concurrentSessions: Baseline = {
  title: MEANING.title,
  run: async ({ store }) => {
    const open = new Map<string, Session[]>();
    const findings: Finding[] = [];
    const query = and(
      isAny('einfallstor.act', ['vpn-session-start', 'vpn-session-end']),
      field('user.name', { op: 'exists' }),
    );
    for await (const { id, fields } of store.scan(query, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const session = time === undefined ? undefined : sessionOf(id, time, fields);
      if (session === undefined || time === undefined) continue;
      const account = accountOf(session.user);
      const others = open.get(account) ?? [];
      if (textOf(fields, 'einfallstor.act') === 'vpn-session-start') {
        for (const other of others) if (other.network !== session.network) other.rivals.push(session);
        open.set(account, [...others.filter((other) => !isSame(other, session)), session].slice(-20));
        continue;
      }
      const ended = others.find((other) => isSame(other, session));
      if (ended === undefined) continue;
      ended.end = time;
      for (const rival of ended.rivals) {
        const finding = findingFor(ended, rival, time);
        if (finding !== undefined) findings.push(finding);
      }
      open.set(
        account,
        others.filter((other) => other !== ended),
      );
    }
    return findings;
  },
};
