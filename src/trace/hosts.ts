import { groupedBy } from '../core/grouped.ts';
import { addressClass } from '../core/net.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { textOf, valuesOf } from '../ecs/event.ts';
import { and } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import type { Movements } from './movements.ts';
import { during } from './movements.ts';
import { acts, collect, exists, hostKey, hostOf, isInner, timeOf } from './read.ts';

/**
 * Names and addresses of one machine, from what logs say of it: its own records, DHCP leases, the workstation name beside
 * a logon's source, and connections that match a logon in source and time.
 */
export interface HostNames {
  addressesOf(host: string): readonly string[];
  /** An address may change hands: the name it had last before a time, else any. */
  namesOf(address: string, time: number): readonly string[];
  /** The last lease of an address that its log of leases (DHCP) tells before a time. */
  leaseOf(address: string, time: number): { readonly name: string; readonly time: number } | undefined;
}

/** A logon is written within this time of the connection that carried it, clocks corrected. */
const MATCH = 2 * MINUTE;
const MOST = 100_000;
/** Who reaches more machines at once tells nothing of which is which; the right one shows by being there each time. */
const MOST_AT_ONCE = 3;

/** A login from outside to a host, and the inner addresses that connections about then led to. */
export interface Arrival {
  readonly source: string;
  readonly place: string;
  readonly time: number;
  readonly to: readonly string[];
  /** Whether the port tells that the connection carried this very login. */
  readonly sure: boolean;
}

interface Naming {
  readonly address: string;
  readonly name: string;
  readonly time: number;
  /** Statements count more than conclusions. */
  readonly rank: number;
}

const stated = async (store: StoreReader): Promise<Naming[]> => {
  const out: Naming[] = [];
  const add = (address: string | undefined, name: string | undefined, time: number | undefined, rank: number): void => {
    if (address !== undefined && isInner(address) && name !== undefined && addressClass(name) === undefined)
      out.push({ address, name, time: time ?? 0, rank });
  };
  const dhcpFields = ['source.ip', 'client.ip', 'source.domain', 'client.domain', 'host.name', 'host.hostname'];
  for (const e of await collect(store, acts('dhcp-lease'), { order: 'time-desc', limit: MOST, fields: dhcpFields })) {
    const name =
      textOf(e.fields, 'source.domain') ?? textOf(e.fields, 'client.domain') ?? textOf(e.fields, 'host.name');
    add(textOf(e.fields, 'source.ip') ?? textOf(e.fields, 'client.ip'), hostKey(name), timeOf(e), 3);
  }
  const own = await store.top(exists('host.ip'), 'host.name', 1);
  if (own.length > 0) {
    for (const e of await collect(store, and(exists('host.ip'), exists('host.name')), {
      limit: MOST,
      fields: ['host.ip', 'host.name'],
    })) {
      for (const address of valuesOf(e.fields, 'host.ip')) add(String(address), hostOf(e.fields), timeOf(e), 4);
    }
  }
  const client = and(acts('login'), exists('source.domain'), exists('source.ip'));
  const clientFields = ['source.ip', 'source.domain', 'host.name', 'host.hostname', 'winlog.computer_name'];
  for (const e of await collect(store, client, { order: 'time-desc', limit: MOST, fields: clientFields })) {
    const name = hostKey(textOf(e.fields, 'source.domain'));
    // Windows writes its own name as the workstation of an interactive logon
    if (name !== hostOf(e.fields)) add(textOf(e.fields, 'source.ip'), name, timeOf(e), 2);
  }
  return out;
};

/** A logon and the one connection of the same source about the same time name each other's place. */
const matched = (movements: Movements, foreign: readonly Arrival[]): Naming[] => {
  const out: Naming[] = [];
  // nobody opens the screen of the machine at which he sits
  const opened = new Set(
    movements.all.filter((m) => m.kind === 'logon' && m.interactive).map((m) => `${m.source}\n${m.place}`),
  );
  const seen = new Set<string>();
  for (const logon of movements.all) {
    if (logon.kind !== 'logon' || seen.size > MOST) continue;
    const key = `${logon.source}\n${logon.place}\n${Math.floor(logon.time / DAY)}`;
    if (seen.has(key)) continue;
    const near = during(movements.from(logon.source), logon.time - MATCH, logon.time + MATCH);
    const to = new Set(near.filter((m) => m.kind === 'connection').map((m) => m.place));
    if (to.size === 0 || to.size > MOST_AT_ONCE) continue;
    seen.add(key);
    for (const address of to)
      if (!opened.has(`${address}\n${logon.place}`))
        out.push({ address, name: logon.place, time: logon.time, rank: 1 });
  }
  for (const { place, time, to, sure } of foreign)
    if (to.length <= MOST_AT_ONCE)
      for (const address of to) out.push({ address, name: place, time, rank: sure && to.length === 1 ? 4 : 1 });
  return out;
};

/** The commonest of the best-ranked. */
const best = (namings: readonly Naming[], value: (n: Naming) => string, most: number): string[] => {
  const rank = namings.reduce((highest, n) => Math.max(highest, n.rank), 0);
  const counts = new Map<string, number>();
  for (const n of namings) if (n.rank === rank) counts.set(value(n), (counts.get(value(n)) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, rank <= 2 ? 1 : most)
    .map(([v]) => v);
};

export const hostNames = async (
  store: StoreReader,
  movements: Movements,
  foreign: readonly Arrival[],
): Promise<HostNames> => {
  const all = [...(await stated(store)), ...matched(movements, foreign)];
  const byName = groupedBy(all, (n) => n.name);
  const byAddress = groupedBy(all, (n) => n.address);
  // asked of each naming of an address: counted once
  const addresses = new Map([...byName].map(([name, own]) => [name, best(own, (n) => n.address, 4)]));
  const addressesOf = (host: string): readonly string[] =>
    addressClass(host) !== undefined ? [host] : (addresses.get(host) ?? []);
  const leaseOf = (address: string, time: number): Naming | undefined =>
    (byAddress.get(address) ?? []).filter((n) => n.rank === 3 && n.time <= time).sort((a, b) => b.time - a.time)[0];
  return {
    addressesOf,
    leaseOf,
    namesOf: (address, time) => {
      const own = byAddress.get(address) ?? [];
      const before = leaseOf(address, time);
      if (before !== undefined) return [before.name];
      const byItself = own.filter((n) => n.rank >= 3);
      if (byItself.length > 0) return best(byItself, (n) => n.name, 2);
      // a client may call itself anything: what connections conclude counts beside it
      const called = own.filter((n) => n.rank === 2);
      // who works on two servers at once makes each look like the other: the name must lead to this address, too
      const concluded = own.filter((n) => n.rank === 1 && addressesOf(n.name).includes(address));
      return [...new Set([...best(called, (n) => n.name, 1), ...best(concluded, (n) => n.name, 1)])];
    },
  };
};
