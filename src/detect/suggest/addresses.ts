import { networkOf } from '../../core/net.ts';
import { say } from '../../core/said.ts';
import { textOf } from '../../ecs/event.ts';
import { field } from '../../query/ast.ts';
import type { StoreReader } from '../../store/store.ts';
import { accountOf } from '../baseline/uses.ts';
import { Seen, SeenBy } from './seen.ts';
import { type Suggestion, USUAL } from './suggestion.ts';
import type { Trust } from './trust.ts';

const ASSIGNED = 'einfallstor.vpn.assigned_ip';

/** Addresses that gateways lent to VPN sessions, by network. */
export interface Pools {
  /** Whether the address was ever lent, or lies in a network of which addresses were. */
  has(address: string): boolean;
  readonly suggestions: readonly Suggestion[];
}

export const poolsOf = async (store: StoreReader, trust: Trust): Promise<Pools> => {
  const pools = new SeenBy(() => ({ seen: new Seen(trust.until), users: new Set<string>() }));
  const fields = ['@timestamp', ASSIGNED, 'user.name'];
  for await (const { id, fields: event } of store.scan(field(ASSIGNED, { op: 'exists' }), { order: 'time', fields })) {
    const network = networkOf(textOf(event, ASSIGNED) ?? '');
    const time = event['@timestamp'];
    if (network === undefined || typeof time !== 'number') continue;
    const pool = pools.of(network);
    const user = textOf(event, 'user.name');
    if (pool.seen.add(time, id) && user !== undefined) pool.users.add(accountOf(user));
  }
  return {
    has: (address) => pools.has(networkOf(address) ?? ''),
    suggestions: pools.sorted().map(([network, { seen, users }]) => {
      const few =
        users.size < USUAL.poolUsers
          ? say(
              `only ${users.size} accounts were lent addresses of it`,
              `nur ${users.size} Konten bekamen Adressen daraus`,
            )
          : undefined;
      return {
        key: 'vpnPools',
        entry: network,
        because: say(
          `gateways lent addresses of it to ${users.size} accounts; the pool may be larger or smaller than this network`,
          `Gateways verliehen Adressen daraus an ${users.size} Konten; der Pool kann größer oder kleiner sein als dieses Netz`,
        ),
        doubt: trust.doubt(seen) ?? few,
        seen,
      };
    }),
  };
};
