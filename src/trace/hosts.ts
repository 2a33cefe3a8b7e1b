import { addressClass } from '../core/net.ts';
import { MINUTE } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { textOf, valuesOf } from '../ecs/event.ts';
import type { Query } from '../query/ast.ts';
import { and, field, is, isAny, not, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { ADMIN_PORTS, acts, collect, exists, hostKey, hostOf, isInner, timeOf } from './read.ts';

/**
 * Names and addresses of one machine. Asked lazily, answered from what logs say of it: the host's own records, DHCP
 * leases, the workstation name beside a logon's source, and connections that match a logon in source and time.
 */
export interface HostNames {
  addressesOf(host: string): Promise<readonly string[]>;
  namesOf(address: string, time: number): Promise<readonly string[]>;
}

/** A logon is written within this time of the connection that carried it, clocks corrected. */
const MATCH = 2 * MINUTE;
const SAMPLES = 12;
const NAMES = ['host.name', 'host.hostname', 'winlog.computer_name'];

export const hostQuery = (host: string): Query =>
  or(
    ...NAMES.flatMap((name) => [
      is(name, host),
      field(name, { op: 'like', pattern: [`${host}.`, { wild: 'any' }], cased: false }),
    ]),
  );

const success = and(acts('login'), is('event.outcome', 'success'), exists('source.ip'));

const counted = (values: readonly string[]): string[] => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
};

/** Destinations of admin connections from one source about the time of a logon from it. */
const carriers = async (store: StoreReader, source: string, time: number, shift: number): Promise<string[]> => {
  const query = and(acts('flow', 'flow-start'), is('source.ip', source), isAny('destination.port', ADMIN_PORTS));
  const events = await collect(store, query, {
    from: time - shift - MATCH,
    to: time + shift + MATCH,
    limit: 200,
    fields: ['destination.ip', 'event.duration'],
  });
  return [...new Set(events.flatMap((e) => textOf(e.fields, 'destination.ip') ?? []))];
};

export const hostNames = (store: StoreReader, uncertainty: number): HostNames => {
  const addresses = new Map<string, Promise<readonly string[]>>();
  const names = new Map<string, Promise<readonly string[]>>();

  const findAddresses = async (host: string): Promise<readonly string[]> => {
    if (addressClass(host) !== undefined) return [host];
    const stated = await collect(store, and(hostQuery(host), exists('host.ip')), { limit: 3, fields: ['host.ip'] });
    const own = stated.flatMap((e) => valuesOf(e.fields, 'host.ip').map(String)).filter(isInner);
    if (own.length > 0) return counted(own);
    const leased = await collect(
      store,
      and(acts('dhcp-lease'), or(hostQuery(host), is('source.domain', host), is('client.domain', host))),
      { order: 'time-desc', limit: 3 },
    );
    const dhcp = leased.flatMap((e) => textOf(e.fields, 'source.ip') ?? textOf(e.fields, 'client.ip') ?? []);
    if (dhcp.length > 0) return counted(dhcp);
    const client = await collect(store, and(success, is('source.domain', host)), { limit: 5, fields: ['source.ip'] });
    const asClient = client.flatMap((e) => textOf(e.fields, 'source.ip') ?? []).filter(isInner);
    if (asClient.length > 0) return counted(asClient).slice(0, 1);
    return byConnection(host);
  };

  const byConnection = async (host: string): Promise<readonly string[]> => {
    const logons = await collect(store, and(success, hostQuery(host)), {
      order: 'time-desc',
      limit: SAMPLES,
      fields: ['source.ip'],
    });
    const seen: string[] = [];
    for (const logon of logons) {
      const source = textOf(logon.fields, 'source.ip');
      const time = timeOf(logon);
      if (source === undefined || time === undefined) continue;
      const found = await carriers(store, source, time, uncertainty);
      if (found.length === 1) seen.push(found[0] as string);
    }
    return counted(seen).slice(0, 1);
  };

  const nameIn = (events: readonly StoredEvent[]): string[] =>
    counted(events.flatMap((e) => hostOf(e.fields) ?? hostKey(textOf(e.fields, 'source.domain')) ?? []));

  const findNames = async (address: string, time: number): Promise<readonly string[]> => {
    const own = await collect(store, is('host.ip', address), { limit: 3, fields: NAMES });
    if (own.length > 0) return nameIn(own);
    const lease = await collect(
      store,
      and(acts('dhcp-lease'), or(is('source.ip', address), is('client.ip', address))),
      { order: 'time-desc', to: time + 1, limit: 1 },
    );
    const leased = lease.flatMap(
      (e) =>
        hostKey(
          textOf(e.fields, 'source.domain') ?? textOf(e.fields, 'client.domain') ?? textOf(e.fields, 'host.name'),
        ) ?? [],
    );
    if (leased.length > 0) return leased;
    const client = await collect(store, and(success, is('source.ip', address), exists('source.domain')), {
      order: 'time-desc',
      to: time + MATCH,
      limit: 3,
      fields: ['source.domain'],
    });
    const asClient = client.flatMap((e) => hostKey(textOf(e.fields, 'source.domain')) ?? []);
    if (asClient.length > 0) return counted(asClient).slice(0, 1);
    return nameByConnection(address, time);
  };

  const nameByConnection = async (address: string, time: number): Promise<readonly string[]> => {
    const query = and(
      acts('flow', 'flow-start'),
      is('destination.ip', address),
      isAny('destination.port', ADMIN_PORTS),
      not(is('source.ip', address)),
    );
    const sources = (await store.top(query, 'source.ip', 300)).map((t) => t.value);
    if (sources.length === 0) return [];
    const logons = await collect(store, and(success, isAny('source.ip', sources)), {
      order: 'time-desc',
      to: time + MATCH,
      limit: 4 * SAMPLES,
      fields: ['source.ip', ...NAMES],
    });
    const seen: string[] = [];
    for (const logon of logons) {
      const at = timeOf(logon);
      const host = hostOf(logon.fields);
      if (at === undefined || host === undefined) continue;
      const found = await carriers(store, textOf(logon.fields, 'source.ip') ?? '', at, uncertainty);
      if (found.length === 1 && found[0] === address) seen.push(host);
    }
    return counted(seen).slice(0, 1);
  };

  const cached = (
    map: Map<string, Promise<readonly string[]>>,
    key: string,
    find: () => Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    const before = map.get(key);
    if (before !== undefined) return before;
    const found = find();
    map.set(key, found);
    return found;
  };

  return {
    addressesOf: (host) => cached(addresses, host, () => findAddresses(host)),
    namesOf: (address, time) =>
      cached(names, `${address}\n${Math.floor(time / 86_400_000_000)}`, () => findNames(address, time)),
  };
};
