import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import type { StoredEvent } from '../ecs/event.ts';
import { numberOf, textOf } from '../ecs/event.ts';
import type { Query } from '../query/ast.ts';
import { and, is, not, or } from '../query/ast.ts';
import type { StoreReader } from '../store/store.ts';
import { accountOf, acts, timeOf } from './read.ts';

/** One stay of one account behind a VPN gateway, whatever the product spread over how many lines. */
export interface VpnSession {
  readonly key: string;
  readonly account: string;
  /** Public address of the client; unknown when no line told it. */
  readonly remote: string | undefined;
  readonly begin: number;
  readonly end: number;
  /** False when no line told the end: then it is the next use of the address, or a guess from the longest plausible stay. */
  readonly endKnown: boolean;
  /** Inner addresses with the time they were first told. */
  readonly addresses: readonly { readonly ip: string; readonly from: number }[];
  readonly stream: string;
  readonly id: string | undefined;
  readonly client: string | undefined;
  readonly group: string | undefined;
  readonly device: string | undefined;
  /** Records of coming in: login, tunnel, address. */
  readonly events: readonly string[];
  readonly endEvents: readonly string[];
  readonly bytesFromClient: number;
  readonly bytesToClient: number;
  /** They hold sums of both directions: which way the bytes went was not logged. */
  readonly bothWays?: boolean;
}

interface Draft {
  account: string;
  remote: string | undefined;
  begin: number;
  end: number | undefined;
  /** Time of the last line that belongs to the opening. */
  opened: number;
  addresses: { ip: string; from: number }[];
  stream: string;
  id: string | undefined;
  client: string | undefined;
  group: string | undefined;
  device: string | undefined;
  events: string[];
  endEvents: string[];
  fromClient: number;
  toClient: number;
}

interface Line {
  readonly event: StoredEvent;
  readonly act: string;
  readonly time: number;
  readonly account: string;
  readonly remote: string | undefined;
  readonly address: string | undefined;
  readonly id: string | undefined;
}

/** Login, tunnel and address of one stay are written within this time of each other. */
const OPENING = 3 * MINUTE;
/** The same line in two exports, or in the device's log and its syslog copy, differs by no more. */
const SAME = 2 * SECOND;
/** A stay whose end nobody wrote is believed for this long: gateways commonly end idle or old tunnels within it. */
const LONGEST_UNENDED = 12 * HOUR;
/** Most VPN lines read; a case with more keeps the latest. */
const MOST_LINES = 400_000;

export const SESSION_FIELDS = [
  'einfallstor.act',
  'einfallstor.stream',
  'user.name',
  'user.email',
  'source.ip',
  'event.outcome',
  'einfallstor.vpn.assigned_ip',
  'einfallstor.vpn.session_id',
  'einfallstor.vpn.group',
  'user_agent.original',
  'observer.name',
  'source.bytes',
  'destination.bytes',
] as const;

const lineOf = (event: StoredEvent): Line | undefined => {
  const time = timeOf(event);
  const account = accountOf(event.fields);
  if (time === undefined || account === undefined) return undefined;
  return {
    event,
    act: textOf(event.fields, 'einfallstor.act') ?? '',
    time,
    account,
    remote: textOf(event.fields, 'source.ip'),
    address: textOf(event.fields, 'einfallstor.vpn.assigned_ip'),
    id: textOf(event.fields, 'einfallstor.vpn.session_id'),
  };
};

const agrees = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;

const draftOf = (line: Line): Draft => ({
  account: line.account,
  remote: line.remote,
  begin: line.time,
  end: undefined,
  opened: line.time,
  addresses: [],
  stream: textOf(line.event.fields, 'einfallstor.stream') ?? '',
  id: undefined,
  client: undefined,
  group: undefined,
  device: undefined,
  events: [],
  endEvents: [],
  fromClient: 0,
  toClient: 0,
});

/** Adds an opening line to its draft. */
const open = (draft: Draft, line: Line): void => {
  const { fields, id } = line.event;
  draft.opened = Math.max(draft.opened, line.time);
  draft.remote ??= line.remote;
  draft.id ??= line.id;
  draft.client ??= textOf(fields, 'user_agent.original');
  draft.group ??= textOf(fields, 'einfallstor.vpn.group');
  draft.device ??= textOf(fields, 'observer.name');
  if (line.address !== undefined && !draft.addresses.some((a) => a.ip === line.address)) {
    draft.addresses.push({ ip: line.address, from: line.time });
  }
  draft.events.push(id);
};

/** The unfinished stay an opening line belongs to: same account, nothing contradicting, told shortly before. */
const openingOf = (drafts: readonly Draft[], line: Line): Draft | undefined => {
  for (let i = drafts.length - 1; i >= 0; i -= 1) {
    const draft = drafts[i] as Draft;
    if (!agrees(draft.remote, line.remote) || !agrees(draft.id, line.id)) continue;
    const sameId = draft.id !== undefined && draft.id === line.id && draft.remote === line.remote;
    const late = draft.end === undefined && line.time - draft.opened <= OPENING;
    const copy = line.time - draft.begin <= SAME;
    const newAddress =
      line.address !== undefined && draft.addresses.length > 0 && !draft.addresses.some((a) => a.ip === line.address);
    if (copy || (!newAddress && (late || (sameId && draft.end === undefined)))) return draft;
  }
  return undefined;
};

const endingOf = (drafts: readonly Draft[], line: Line): Draft | undefined => {
  const fits = (draft: Draft): boolean =>
    agrees(draft.remote, line.remote) &&
    agrees(draft.id, line.id) &&
    (line.address === undefined || draft.addresses.length === 0 || draft.addresses.some((a) => a.ip === line.address));
  const candidates = drafts.filter((d) => fits(d) && (d.end === undefined || line.time - d.end <= SAME));
  const exact = candidates.filter((d) => d.id !== undefined && d.id === line.id);
  return exact[exact.length - 1] ?? candidates[candidates.length - 1];
};

const close = (draft: Draft, line: Line): void => {
  draft.end = draft.end === undefined ? line.time : Math.max(draft.end, line.time);
  draft.endEvents.push(line.event.id);
  draft.fromClient = Math.max(draft.fromClient, numberOf(line.event.fields, 'source.bytes') ?? 0);
  draft.toClient = Math.max(draft.toClient, numberOf(line.event.fields, 'destination.bytes') ?? 0);
};

/** A second login of an account that is still in, from where it is in, ends what nobody ended. */
const supersede = (drafts: readonly Draft[], line: Line): void => {
  for (const draft of drafts) {
    if (
      draft.end === undefined &&
      draft.remote === line.remote &&
      draft.remote !== undefined &&
      line.time - draft.opened > OPENING
    ) {
      draft.end = line.time;
    }
  }
};

/** The stays of one account: all, and those that a line may still belong to. */
interface Stays {
  readonly all: Draft[];
  live: Draft[];
}

/** Lines come by time: they belong to a stay that goes on, or are copies of a line that has just been read. */
const isLive = ({ begin, end }: Draft, time: number): boolean =>
  end === undefined || time - end <= SAME || time - begin <= SAME;

const take = (stays: Stays, line: Line): void => {
  stays.live = stays.live.filter((draft) => isLive(draft, line.time));
  const { all, live } = stays;
  if (line.act === 'vpn-session-end') {
    const draft = endingOf(live, line);
    if (draft !== undefined) close(draft, line);
    return;
  }
  const draft = openingOf(live, line);
  if (draft !== undefined) {
    open(draft, line);
    return;
  }
  if (line.act === 'vpn-address-assigned' && line.remote === undefined && line.address === undefined) return;
  supersede(live, line);
  const made = draftOf(line);
  open(made, line);
  all.push(made);
  live.push(made);
};

/** An address that somebody else got was free again: a stay without an end ends there at the latest. */
const ended = (drafts: readonly Draft[], last: number): void => {
  const holder = new Map<string, Draft>();
  for (const draft of [...drafts].sort((a, b) => a.begin - b.begin || (a.account < b.account ? -1 : 1))) {
    for (const { ip, from } of draft.addresses) {
      const before = holder.get(ip);
      if (before !== undefined && before !== draft && (before.end ?? Number.POSITIVE_INFINITY) > from)
        before.end ??= from;
      holder.set(ip, draft);
    }
  }
  for (const draft of drafts)
    if (draft.end === undefined) draft.end = Math.min(draft.opened + LONGEST_UNENDED, Math.max(last, draft.opened));
};

const finished = (draft: Draft, endKnown: boolean, shift: number): VpnSession => ({
  key: `vpn:${draft.events[0]}`,
  account: draft.account,
  remote: draft.remote,
  begin: draft.begin - shift,
  end: Math.max(draft.end ?? draft.opened, draft.opened) - shift,
  endKnown,
  addresses: draft.addresses.map((a) => ({ ip: a.ip, from: a.from - shift })),
  stream: draft.stream,
  id: draft.id,
  client: draft.client,
  group: draft.group,
  device: draft.device,
  events: draft.events,
  endEvents: draft.endEvents,
  bytesFromClient: draft.fromClient,
  bytesToClient: draft.toClient,
});

/** Where the latest lines begin, of more than are read. */
const beginOfLatest = async (store: StoreReader, query: Query, most: number): Promise<number | undefined> => {
  if ((await store.count(query)) <= most) return undefined;
  let begin: number | undefined;
  for await (const event of store.scan(query, { order: 'time-desc', fields: ['@timestamp'], limit: most }))
    begin = timeOf(event) ?? begin;
  return begin;
};

/** All stays behind VPN gateways, by begin. Times are the gateway's own; `shifted` corrects them. */
export const vpnSessions = async (store: StoreReader, most = MOST_LINES): Promise<VpnSession[]> => {
  const query = or(
    acts('vpn-session-start', 'vpn-session-end', 'vpn-address-assigned'),
    and(acts('vpn-login'), not(is('event.outcome', 'failure'))),
  );
  const byAccount = new Map<string, Stays>();
  let last = 0;
  const from = await beginOfLatest(store, query, most);
  for await (const event of store.scan(query, { order: 'time', fields: SESSION_FIELDS, from })) {
    const line = lineOf(event);
    if (line === undefined) continue;
    last = Math.max(last, line.time);
    const stays = byAccount.get(line.account) ?? { all: [], live: [] };
    take(stays, line);
    if (stays.all.length > 0) byAccount.set(line.account, stays);
  }
  const drafts = [...byAccount.values()].flatMap(({ all }) => all);
  const known = new Set(drafts.filter((d) => d.endEvents.length > 0));
  ended(drafts, last);
  return drafts.map((d) => finished(d, known.has(d), 0)).sort((a, b) => a.begin - b.begin || (a.key < b.key ? -1 : 1));
};

/** The same stays on the common clock. */
export const shifted = (sessions: readonly VpnSession[], offsetOf: (stream: string) => number): VpnSession[] =>
  sessions
    .map((s) => {
      const shift = offsetOf(s.stream);
      if (shift === 0) return s;
      const addresses = s.addresses.map((a) => ({ ip: a.ip, from: a.from - shift }));
      return { ...s, begin: s.begin - shift, end: s.end - shift, addresses };
    })
    .sort((a, b) => a.begin - b.begin || (a.key < b.key ? -1 : 1));
