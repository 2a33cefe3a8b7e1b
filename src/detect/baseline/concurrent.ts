import { addressClass, networkOf } from '../../core/net.ts';
import { say } from '../../core/said.ts';
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
  /** Whether the account had come from this network before. */
  readonly isNew: boolean;
  end: number | undefined;
}

/** What an account was seen doing before. */
interface Habit {
  readonly open: Session[];
  readonly networks: ReadonlySet<string>;
  /** Overlaps before: two devices at once are a habit of some. */
  readonly overlaps: number;
}

const TITLE = 'VPN sessions of one account from two networks at once';
/** A known network, or a habit, explains an overlap: what is left of the weight. */
const EXPLAINED = 0.2;
const WEIGHT = 2;

const meaningOf = (isNew: boolean, overlaps: number): Meaning => {
  const weight = Number(((WEIGHT * (isNew ? 1 : EXPLAINED)) / (1 + overlaps)).toFixed(2));
  return {
    id: 'baseline-concurrent-sessions',
    title: TITLE,
    level: weight >= 1 ? 'medium' : 'informational',
    techniques: ['T1133', 'T1078'],
    chain: {
      stage: 'initial-access',
      vector: 'vpn-valid-account',
      requires: [],
      provides: ['credential(user.name)', 'network-access(einfallstor.vpn.assigned_ip)'],
      weight,
    },
  };
};

const sessionOf = (id: string, time: number, fields: Readonly<Fields>): Omit<Session, 'isNew'> | undefined => {
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

const isSame = (open: Session, ended: Omit<Session, 'isNew'>): boolean =>
  open.session !== undefined && ended.session !== undefined
    ? open.session === ended.session
    : open.address === ended.address &&
      (open.inner === undefined || ended.inner === undefined || open.inner === ended.inner);

/** The older session ended at `end`: were both alive for longer than a reconnect takes? */
const findingFor = (older: Session, newer: Session, end: number, overlaps: number): Finding | undefined => {
  const overlap = Math.min(end, newer.end ?? end) - newer.start;
  if (overlap <= SETTINGS.reconnect) return undefined;
  const span = { from: older.start, to: end, at: newer.start, ids: [older.id, newer.id], count: 2 };
  const rest = durationText(overlap);
  const fact = say(
    `VPN session of ${newer.user} from ${newer.address} began while one from ${older.address} went on for another ${rest.en}`,
    `VPN-Sitzung von ${newer.user} von ${newer.address} begann, während eine von ${older.address} noch ${rest.de} andauerte`,
  );
  const entities: Record<string, string> = { 'user.name': newer.user, 'source.ip': newer.address };
  if (newer.inner !== undefined) entities['einfallstor.vpn.assigned_ip'] = newer.inner;
  return findingOf(meaningOf(newer.isNew, overlaps), span, { account: accountOf(newer.user) }, entities, fact);
};

/** Sessions of an account that lost their end. */
const MOST_OPEN = 20;

const FIELDS = [
  'einfallstor.act',
  'user.name',
  'source.ip',
  'einfallstor.vpn.session_id',
  'einfallstor.vpn.assigned_ip',
];

class Accounts {
  readonly #habits = new Map<string, Habit>();
  readonly findings: Finding[] = [];

  #habitOf(account: string): Habit {
    return this.#habits.get(account) ?? { open: [], networks: new Set(), overlaps: 0 };
  }

  started(session: Omit<Session, 'isNew'>): void {
    const account = accountOf(session.user);
    const { open, networks, overlaps } = this.#habitOf(account);
    // the first session in the logs is no news
    const begun: Session = { ...session, isNew: networks.size > 0 && !networks.has(session.network) };
    for (const other of open) if (other.network !== begun.network) other.rivals.push(begun);
    const left = [...open.filter((other) => !isSame(other, begun)), begun].slice(-MOST_OPEN);
    this.#habits.set(account, { open: left, networks: new Set([...networks, begun.network]), overlaps });
  }

  ended(session: Omit<Session, 'isNew'>): void {
    const account = accountOf(session.user);
    const habit = this.#habitOf(account);
    const ended = habit.open.find((other) => isSame(other, session));
    if (ended === undefined) return;
    ended.end = session.start;
    let { overlaps } = habit;
    for (const rival of ended.rivals) {
      const finding = findingFor(ended, rival, session.start, overlaps);
      if (finding === undefined) continue;
      this.findings.push(finding);
      overlaps += 1;
    }
    this.#habits.set(account, { ...habit, open: habit.open.filter((other) => other !== ended), overlaps });
  }
}

/** Sessions of one account that overlap and come from different networks; both ends must be in the logs. */
export const concurrentSessions: Baseline = {
  title: TITLE,
  run: async ({ store }) => {
    const accounts = new Accounts();
    const acts = isAny('einfallstor.act', ['vpn-session-start', 'vpn-session-end']);
    const query = and(acts, field('user.name', { op: 'exists' }));
    for await (const { id, fields } of store.scan(query, { order: 'time', fields: FIELDS })) {
      const time = numberOf(fields, '@timestamp');
      const session = time === undefined ? undefined : sessionOf(id, time, fields);
      if (session === undefined) continue;
      if (textOf(fields, 'einfallstor.act') === 'vpn-session-start') accounts.started(session);
      else accounts.ended(session);
    }
    return accounts.findings;
  },
};
