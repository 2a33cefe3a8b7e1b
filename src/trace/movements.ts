import { groupedBy } from '../core/grouped.ts';
import { HOUR } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import { openedAt } from '../ecs/opened.ts';
import { and, is, isAny } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { ADMIN_PORTS, accountOf, acts, exists, hostOf, inner, isInner, timeOf } from './read.ts';

/** Somebody at an inner address reached a machine: a logon (by host name) or an administrative connection (by address). */
export interface Movement {
  readonly time: number;
  readonly source: string;
  /** Host name of a logon, address of a connection. */
  readonly place: string;
  readonly account: string | undefined;
  readonly kind: 'logon' | 'connection' | 'refused';
  /** A person at a screen or shell, not a service or a share. */
  readonly interactive: boolean;
  readonly technique: string;
  readonly stream: string;
  readonly id: string;
}

export interface Movements {
  readonly all: readonly Movement[];
  /** By time. */
  to(place: string): readonly Movement[];
  from(source: string): readonly Movement[];
}

/** Kept of one source, place and account: the first and the last of each hour. Memory is bounded by pairs, not by traffic. */
const MOST = 600_000;

const LOGON_FIELDS = [
  'einfallstor.stream',
  'source.ip',
  'user.name',
  'user.email',
  'winlog.logon.type',
  'service.type',
  'host.name',
  'host.hostname',
  'winlog.computer_name',
];
const FLOW_FIELDS = [
  'einfallstor.stream',
  'einfallstor.act',
  'source.ip',
  'destination.ip',
  'destination.port',
  'event.duration',
  'event.start',
];

const techniqueOf = (event: StoredEvent): string => {
  const port = numberOf(event.fields, 'destination.port');
  const service = textOf(event.fields, 'service.type');
  if (port === 3389 || service === 'rdp' || textOf(event.fields, 'winlog.logon.type') === '10') return 'T1021.001';
  if (port === 22 || service === 'ssh') return 'T1021.004';
  return port === 5985 || port === 5986 || service === 'winrm' ? 'T1021.006' : 'T1021.002';
};

const isInteractive = (event: StoredEvent): boolean => {
  const type = textOf(event.fields, 'winlog.logon.type');
  return type === '10' || type === '7' || ['rdp', 'ssh', 'winrm'].includes(textOf(event.fields, 'service.type') ?? '');
};

const logonOf = (event: StoredEvent): Movement | undefined => {
  const time = timeOf(event);
  const source = textOf(event.fields, 'source.ip');
  const place = hostOf(event.fields);
  if (time === undefined || source === undefined || place === undefined || !isInner(source)) return undefined;
  return {
    time,
    source,
    place,
    account: accountOf(event.fields),
    kind: 'logon',
    interactive: isInteractive(event),
    technique: techniqueOf(event),
    stream: textOf(event.fields, 'einfallstor.stream') ?? '',
    id: event.id,
  };
};

const connectionOf = (event: StoredEvent): Movement | undefined => {
  const time = openedAt(event);
  const source = textOf(event.fields, 'source.ip');
  const place = textOf(event.fields, 'destination.ip');
  if (time === undefined || source === undefined || place === undefined || !isInner(source) || !isInner(place))
    return undefined;
  const technique = techniqueOf(event);
  return {
    time,
    source,
    place,
    account: undefined,
    kind: textOf(event.fields, 'einfallstor.act') === 'flow-denied' ? 'refused' : 'connection',
    interactive: technique !== 'T1021.002',
    technique,
    stream: textOf(event.fields, 'einfallstor.stream') ?? '',
    id: event.id,
  };
};

/** Keeps the first and the last of each hour for each source, place, account and kind. */
class Keeper {
  readonly #kept = new Map<string, { first: Movement; last: Movement }>();

  put(m: Movement): void {
    const key = `${m.source}\n${m.place}\n${m.account ?? ''}\n${m.kind}\n${m.interactive}\n${Math.floor(m.time / HOUR)}`;
    const known = this.#kept.get(key);
    if (known === undefined) {
      if (this.#kept.size < MOST) this.#kept.set(key, { first: m, last: m });
      return;
    }
    if (m.time < known.first.time) known.first = m;
    if (m.time >= known.last.time) known.last = m;
  }

  list(): Movement[] {
    return [...this.#kept.values()].flatMap(({ first, last }) => (first === last ? [first] : [first, last]));
  }
}

/** Reads all logons and administrative connections once; times are the sources' own. */
export const readMovements = async (store: StoreReader): Promise<Movement[]> => {
  const keeper = new Keeper();
  const logons = and(acts('login'), is('event.outcome', 'success'), exists('source.ip'));
  for await (const event of store.scan(logons, { order: 'time', fields: LOGON_FIELDS })) {
    const movement = logonOf(event);
    if (movement !== undefined) keeper.put(movement);
  }
  const flows = and(
    acts('flow', 'flow-start', 'flow-denied'),
    isAny('destination.port', ADMIN_PORTS),
    inner('source.ip'),
    inner('destination.ip'),
  );
  for await (const event of store.scan(flows, { order: 'time', fields: FLOW_FIELDS })) {
    const movement = connectionOf(event);
    if (movement !== undefined) keeper.put(movement);
  }
  return keeper.list();
};

/** The part of a list in order of time that lies in [from, to]. */
export const during = <T extends { readonly time: number }>(
  list: readonly T[],
  from: number,
  to: number,
): readonly T[] => {
  const firstAfter = (time: number): number => {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] as T).time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return list.slice(firstAfter(from), firstAfter(to + 1));
};

/** The same on the common clock, by place and by source. */
export const movementsOf = (raw: readonly Movement[], offsetOf: (stream: string) => number): Movements => {
  const all = raw
    .map((m) => ({ ...m, time: m.time - offsetOf(m.stream) }))
    .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  const byPlace = groupedBy(all, (m) => m.place);
  const bySource = groupedBy(all, (m) => m.source);
  return { all, to: (place) => byPlace.get(place) ?? [], from: (source) => bySource.get(source) ?? [] };
};
