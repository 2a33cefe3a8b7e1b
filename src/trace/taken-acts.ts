import { groupedBy } from '../core/grouped.ts';
import { say } from '../core/said.ts';
import { HOUR } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf } from '../ecs/event.ts';
import { and, is, not } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { HandsOf } from './hands.ts';
import type { Logons, RemoteLogin } from './logons.ts';
import type { Act, Mark } from './model.ts';
import { accountKey, accountOf, acts, collect, hostOf, isPublic, timeOf } from './read.ts';

/** What a stranger does with an account that he took: he makes himself a way back, and destroys. By its owner both are everyday. */

const NATS = { change: { strange: 1, taken: 2 }, deletion: { strange: 1.5, taken: 2.5 } };
/** Fewer files deleted within an hour are work. */
const MANY = 20;
/** A change whose record names no address was made from where the account had logged in so long before. */
const SESSION = 2 * HOUR;
const MOST = 50_000;
const FIELDS = [
  'einfallstor.stream',
  'user.name',
  'user.email',
  'user.target.name',
  'group.name',
  'source.ip',
  'host.name',
  'host.hostname',
  'winlog.computer_name',
  'observer.name',
];

/** One deed of one account, in order of time. */
interface Deed {
  readonly id: string;
  readonly time: number;
  readonly account: string;
  readonly remote: string;
  readonly host: string | undefined;
  readonly stream: string;
  readonly target: string | undefined;
}

const deedsOf = (
  events: readonly StoredEvent[],
  logins: ReadonlyMap<string, readonly RemoteLogin[]>,
  clocks: Clocks,
): Deed[] =>
  events.flatMap((event): Deed[] => {
    const [account, raw] = [accountOf(event.fields), timeOf(event)];
    if (account === undefined || raw === undefined) return [];
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const time = raw - clocks.offsetOf(stream);
    const remote =
      textOf(event.fields, 'source.ip') ??
      logins.get(account)?.findLast((l) => l.first <= time && l.last >= time - SESSION)?.remote;
    if (remote === undefined || !isPublic(remote)) return [];
    const target = accountKey(textOf(event.fields, 'user.target.name')) ?? textOf(event.fields, 'group.name');
    return [{ id: event.id, time, account, remote, host: hostOf(event.fields), stream, target }];
  });

const actOf = (
  deeds: readonly Deed[],
  own: Pick<Act, 'stage' | 'technique' | 'summary'>,
  nats: number,
  clocks: Clocks,
): Act => {
  const [first, last] = [deeds[0] as Deed, deeds[deeds.length - 1] as Deed];
  const events = deeds.slice(0, 20).map(({ id }) => id);
  const mark: Mark = { family: 'taken', nats, because: own.summary, events };
  return {
    ...own,
    key: `taken:${own.technique}:${first.id}`,
    kind: 'impact',
    from: first.time,
    to: last.time,
    slack: clocks.slackOf(first.stream),
    account: first.account,
    remote: first.remote,
    host: first.host,
    targets: [],
    events,
    count: deeds.length,
    marks: [mark],
    labels: [],
  };
};

const changesBy = (deeds: readonly Deed[], handsOf: HandsOf, clocks: Clocks): Act[] =>
  deeds.flatMap((deed) => {
    const hands = handsOf(deed.account, deed.remote, deed.time);
    if (hands === 'own' || deed.target === undefined || deed.target === deed.account) return [];
    const summary = say(
      `${deed.account} from ${deed.remote} made or promoted the account ${deed.target}`,
      `${deed.account} von ${deed.remote} legte das Konto ${deed.target} an oder gab ihm Rechte`,
    );
    return [actOf([deed], { stage: 'persistence', technique: 'T1136', summary }, NATS.change[hands], clocks)];
  });

const deletionsBy = (deeds: readonly Deed[], handsOf: HandsOf, clocks: Clocks): Act[] => {
  const runs = new Map<string, Deed[][]>();
  for (const deed of deeds) {
    const key = `${deed.account}\n${deed.remote}`;
    const own = runs.get(key) ?? [];
    const last = own[own.length - 1];
    if (last !== undefined && deed.time - (last[0] as Deed).time <= HOUR) last.push(deed);
    else own.push([deed]);
    runs.set(key, own);
  }
  return [...runs.values()].flat().flatMap((run) => {
    const { account, remote, time } = run[0] as Deed;
    const hands = handsOf(account, remote, time);
    if (hands === 'own' || run.length < MANY) return [];
    const summary = say(
      `${account} from ${remote} deleted ${run.length} files within an hour`,
      `${account} von ${remote} löschte ${run.length} Dateien binnen einer Stunde`,
    );
    return [actOf(run, { stage: 'impact', technique: 'T1485', summary }, NATS.deletion[hands], clocks)];
  });
};

export const takenActs = async (
  logons: Logons,
  store: StoreReader,
  clocks: Clocks,
  handsOf: HandsOf,
): Promise<Act[]> => {
  const logins = groupedBy(logons.remote, (l) => l.account);
  const read = async (query: Parameters<typeof collect>[1]): Promise<Deed[]> =>
    deedsOf(await collect(store, query, { order: 'time', limit: MOST, fields: FIELDS }), logins, clocks).sort(
      (a, b) => a.time - b.time || (a.id < b.id ? -1 : 1),
    );
  const done = not(is('event.outcome', 'failure'));
  const changes = await read(and(acts('account-created', 'group-changed'), done));
  const deletions = await read(and(acts('share-access'), is('event.type', 'deletion'), done));
  return [...changesBy(changes, handsOf, clocks), ...deletionsBy(deletions, handsOf, clocks)];
};
