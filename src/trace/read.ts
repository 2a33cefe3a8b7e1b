import { addressClass, rangesOf } from '../core/net.ts';
import type { Fields, StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import type { Query } from '../query/ast.ts';
import { field, isAny, or } from '../query/ast.ts';
import type { ScanOptions, StoreReader } from '../store/store.ts';

/** Small readings of events and small queries that every part of the trace uses. */

export const timeOf = (event: StoredEvent): number | undefined => numberOf(event.fields, '@timestamp');

/** Accounts are compared by name alone, lower case: gateways, mail servers and Windows write the realm differently or not. */
export const accountKey = (name: string | undefined): string | undefined => {
  if (name === undefined) return undefined;
  const at = name.indexOf('@');
  const key = (at > 0 ? name.slice(0, at) : name).toLowerCase();
  return key === '' ? undefined : key;
};

export const accountOf = (fields: Readonly<Fields>, prefix = 'user'): string | undefined =>
  accountKey(textOf(fields, `${prefix}.name`) ?? textOf(fields, `${prefix}.email`));

/** `adm-weber` is the other account of `k.weber`. */
export const samePerson = (a: string, b: string): boolean => {
  const words = (name: string): string[] => name.split(/[^a-z]+/).filter((w) => w.length >= 4);
  return a === b || words(a).some((w) => words(b).includes(w));
};

/** A person's account as written in full, and with the initial only: `heike.dubois` is `hdubois` or `duboish`, too. */
const spellings = (name: string): { readonly full: readonly string[]; readonly all: readonly string[] } => {
  const [first, ...rest] = name.split(/[^\p{L}\d]+/u).filter((word) => word !== '');
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return { full: [name], all: [name] };
  const full = [first + last, last + first];
  return { full, all: [...full, first.charAt(0) + last, last + first.charAt(0)] };
};

/**
 * Whether two accounts may be one person's, as houses name them: the mailbox `heike.dubois`, the account `h.dubois`. Two
 * first names in full are two persons.
 */
export const sameName = (a: string, b: string): boolean => {
  if (a === b) return true;
  const [x, y] = [spellings(a), spellings(b)];
  return x.full.some((name) => y.all.includes(name)) || y.full.some((name) => x.all.includes(name));
};

/** `FS01.corp.example` and `fs01` are one host; an address stays what it is. */
export const hostKey = (name: string | undefined): string | undefined => {
  if (name === undefined || name === '') return undefined;
  if (addressClass(name) !== undefined) return name;
  return (name.split('.')[0] as string).toLowerCase();
};

/** The host an event happened on: its own name, else the device that wrote it. */
export const hostOf = (fields: Readonly<Fields>): string | undefined =>
  hostKey(textOf(fields, 'host.name') ?? textOf(fields, 'host.hostname') ?? textOf(fields, 'winlog.computer_name'));

export const deviceOf = (fields: Readonly<Fields>): string | undefined =>
  textOf(fields, 'observer.name') ?? textOf(fields, 'observer.serial_number') ?? textOf(fields, 'host.name');

export const isPublic = (ip: string | undefined): boolean => ip !== undefined && addressClass(ip) === 'public';

/** An address of a house, a pool or a tunnel; loopback says nothing about where somebody was. */
export const isInner = (ip: string | undefined): boolean => {
  if (ip === undefined) return false;
  const kind = addressClass(ip);
  return kind === 'private' || kind === 'shared';
};

export const exists = (name: string): Query => field(name, { op: 'exists' });
export const acts = (...names: readonly string[]): Query => isAny('einfallstor.act', names);
export const atLeast = (name: string, value: number): Query => field(name, { op: 'compare', comparison: 'gte', value });

/** `isInner`, asked of the store: what is dropped there is not carried here. */
export const inner = (name: string): Query =>
  or(...rangesOf('private', 'shared').map((range) => field(name, { op: 'cidr', range })));

/** Everything a query finds, up to a limit that every caller states: memory stays bounded whatever the case holds. */
export const collect = async (
  store: StoreReader,
  query: Query,
  options: ScanOptions & { limit: number },
): Promise<StoredEvent[]> => {
  const out: StoredEvent[] = [];
  for await (const event of store.scan(query, options)) out.push(event);
  return out;
};

/** Parts of a list that are no larger together than a limit, in its order; what is larger by itself is alone. */
export const packed = <T>(items: readonly T[], sizeOf: (item: T) => number, most: number): T[][] => {
  const parts: T[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const item of items) {
    size += sizeOf(item);
    if (size > most) {
      parts.push([]);
      size = sizeOf(item);
    }
    (parts.at(-1) as T[]).push(item);
  }
  return parts;
};

/** Events by id, asked for together. */
export const eventsOf = async (
  ids: readonly string[],
  store: StoreReader,
  fields?: readonly string[],
): Promise<Map<string, StoredEvent>> => {
  const wanted = [...new Set(ids)];
  const found = new Map<string, StoredEvent>();
  for (let i = 0; i < wanted.length; i += 5_000) {
    for (const event of await store.get(wanted.slice(i, i + 5_000), fields)) found.set(event.id, event);
  }
  return found;
};

/** Ports by which one machine is administered from another: SSH, RPC, SMB, RDP, WinRM, VNC, hypervisor. */
export const ADMIN_PORTS = [22, 135, 139, 445, 3389, 5900, 5985, 5986, 902] as const;
