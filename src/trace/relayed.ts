import { groupedBy } from '../core/grouped.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, not } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clocks } from './clocks.ts';
import type { Arrival } from './hosts.ts';
import type { Movements } from './movements.ts';
import { during } from './movements.ts';
import { accountOf, acts, exists, inner, isPublic, timeOf } from './read.ts';

/**
 * What a gateway opened to a machine inside for somebody outside, whom it names: a published desktop (Citrix ICA, a Remote
 * Desktop gateway). The machine sees the gateway's address only; the gateway's record tells who came, and from where.
 */
export interface Relayed {
  readonly account: string;
  readonly remote: string;
  /** Inner address of the machine. */
  readonly place: string;
  readonly first: number;
  readonly last: number;
  readonly stream: string;
}

export interface Relays {
  readonly all: readonly Relayed[];
  to(address: string): readonly Relayed[];
}

/** Kept of one account, address, machine and day; a case with more keeps the earliest. */
const MOST = 200_000;
/** The machine writes its logon within this time of the gateway's record. */
export const AT_ONCE = 2 * MINUTE;
const FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'user.name',
  'user.email',
  'source.ip',
  'destination.ip',
  'event.start',
  'event.duration',
];

export const readRelays = async (store: StoreReader, clocks: Clocks): Promise<Relays> => {
  const query = and(
    acts('flow-start', 'flow'),
    exists('user.name'),
    exists('source.ip'),
    not(inner('source.ip')),
    inner('destination.ip'),
  );
  const found = new Map<string, Relayed>();
  for await (const event of store.scan(query, { order: 'time', fields: FIELDS })) {
    const [remote, place] = [textOf(event.fields, 'source.ip'), textOf(event.fields, 'destination.ip')];
    const [account, opened, last] = [accountOf(event.fields), openedAt(event), timeOf(event)];
    if (remote === undefined || place === undefined || account === undefined || !isPublic(remote)) continue;
    if (opened === undefined || last === undefined) continue;
    const stream = textOf(event.fields, 'einfallstor.stream') ?? '';
    const shift = clocks.offsetOf(stream);
    const key = [account, remote, place, Math.floor(opened / DAY)].join('\n');
    const before = found.get(key);
    if (before === undefined && found.size >= MOST) continue;
    const first = Math.min(opened - shift, before?.first ?? Number.POSITIVE_INFINITY);
    found.set(key, { account, remote, place, first, last: Math.max(last - shift, before?.last ?? 0), stream });
  }
  const all = [...found.values()].sort((a, b) => a.first - b.first || (a.account < b.account ? -1 : 1));
  const byPlace = groupedBy(all, (r) => r.place);
  return { all, to: (address) => byPlace.get(address) ?? [] };
};

/** Logons of the same account at the instant at which a gateway led it to an address: they tell whose the address is. */
export const relayedArrivals = ({ all }: Relays, movements: Movements): Arrival[] => {
  const logons = groupedBy(
    movements.all.filter((m) => m.kind === 'logon' && m.interactive && m.account !== undefined),
    (m) => m.account as string,
  );
  return all.flatMap(({ account, remote, place, first }) =>
    during(logons.get(account) ?? [], first - AT_ONCE, first + AT_ONCE).map((m) => ({
      source: remote,
      place: m.place,
      time: first,
      to: [place],
      sure: false,
    })),
  );
};
