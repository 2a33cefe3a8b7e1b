import { say } from '../core/said.ts';
import { HOUR } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { and, is, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { HandsOf } from './hands.ts';
import type { Act } from './model.ts';
import { accountOf, acts, collect, hostOf, isInner, samePerson, timeOf } from './read.ts';
import type { VpnSession } from './sessions.ts';

/**
 * Other people's accounts tried from an address lent to a stay: nobody does so from his own machine, and who came by another's
 * account from a network new to it hardly is its owner.
 */

/** A second account may be a slip, or one's own under another name. */
const FEWEST = 2;
/** Within this time they are one attempt. */
const AT_ONCE = HOUR;
const WEIGHT = 2;
const MOST_STAYS = 200;
const MOST_FAILURES = 20_000;
const FIELDS = ['einfallstor.stream', 'user.name', 'user.email', 'source.ip', 'host.name', 'host.hostname'];

/** Stays that began from a network new to the account, or with a guessed password. */
export const strangeStays = (sessions: readonly VpnSession[], handsOf: HandsOf): VpnSession[] =>
  sessions.filter((s) => s.addresses.length > 0 && handsOf(s.account, s.remote, s.begin) !== 'own').slice(-MOST_STAYS);

export const lentTo = (stays: readonly VpnSession[]): string[] => [
  ...new Set(stays.flatMap((s) => s.addresses.map((a) => a.ip)).filter(isInner)),
];

interface Failure {
  readonly id: string;
  readonly time: number;
  readonly account: string;
  readonly address: string;
  readonly host: string | undefined;
  readonly stream: string;
}

const actOf = (stay: VpnSession, tried: readonly Failure[], clocks: Clocks): Act => {
  const first = tried[0] as Failure;
  const accounts = [...new Set(tried.map((f) => f.account))];
  const hosts = [...new Set(tried.flatMap((f) => f.host ?? []))];
  const events = tried.slice(0, 20).map((f) => f.id);
  const shown = accounts.slice(0, 3).join(', ');
  const summary = say(
    `${accounts.length} other accounts tried from ${first.address}, lent to ${stay.account}: ${shown}`,
    `${accounts.length} andere Konten versucht von ${first.address}, vergeben an ${stay.account}: ${shown}`,
  );
  return {
    key: `tried:${first.id}`,
    kind: 'impact',
    stage: 'lateral-movement',
    technique: 'T1021',
    from: first.time,
    to: (tried[tried.length - 1] as Failure).time,
    slack: clocks.slackOf(first.stream),
    address: first.address,
    host: hosts.length === 1 ? hosts[0] : undefined,
    targets: hosts.slice(0, 50),
    events,
    count: tried.length,
    summary,
    marks: [{ family: 'lateral-movement', nats: WEIGHT, because: summary, events }],
    labels: [],
  };
};

export const triedAccounts = async (
  stays: readonly VpnSession[],
  store: StoreReader,
  clocks: Clocks,
): Promise<Act[]> => {
  const lent = lentTo(stays);
  if (lent.length === 0) return [];
  const query = and(acts('login'), is('event.outcome', 'failure'), isAny('source.ip', lent));
  const all = (await collect(store, query, { order: 'time', limit: MOST_FAILURES, fields: FIELDS })).flatMap(
    (event): Failure[] => {
      const [raw, account, address] = [timeOf(event), accountOf(event.fields), textOf(event.fields, 'source.ip')];
      if (raw === undefined || account === undefined || address === undefined) return [];
      const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
      return [
        { id: event.id, time: raw - clocks.offsetOf(stream), account, address, host: hostOf(event.fields), stream },
      ];
    },
  );
  return stays.flatMap((stay) => {
    const own = all.filter(
      (f) =>
        stay.addresses.some((a) => a.ip === f.address) &&
        f.time >= stay.begin &&
        f.time <= stay.end &&
        !samePerson(f.account, stay.account),
    );
    const first = own[0];
    if (first === undefined) return [];
    const tried = own.filter((f) => f.time - first.time <= AT_ONCE);
    return new Set(tried.map((f) => f.account)).size < FEWEST ? [] : [actOf(stay, tried, clocks)];
  });
};
