import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, civilOfInstant, epochMicros, readCtime, readIso } from '../../src/parse/kit/civil.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putEndpoint, putIp, putMac, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import {
  BLANK,
  type Outcome,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
} from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- rows

type Row = ReadonlyMap<string, string>;
type Table = 'CLIENT_LIST' | 'ROUTING_TABLE';

/** What versions 2 (commas) and 3 (tabs) begin a line with. */
const MARKED = /^(TITLE|TIME|HEADER|CLIENT_LIST|ROUTING_TABLE|GLOBAL_STATS)([,\t])/;
/** Titles of version 1, and the end of all. */
const TITLES =
  /^(?:OpenVPN CLIENT LIST|Common Name,Real Address,Bytes Received,|Virtual Address,Common Name,Real Address,|Max bcast\/mcast queue length,|ROUTING TABLE$|GLOBAL STATS$|END$)/;
/** Updated,2021-11-02 09:15:00 · Updated,Tue Nov  2 09:15:00 2021 (before 2.5) */
const UPDATED = /^Updated,(?=\d{4}-\d\d-\d\d |[A-Z][a-z]{2} [A-Z][a-z]{2} )/;

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}`;
const REAL = String.raw`(?:(?:udp|tcp)[46]?(?:-server)?:)?(?:[\d.]{7,15}(?::\d{1,5})?|\[?[\da-fA-F:.]{2,45}\]?(?::\d{1,5})?)`;
// k.maier,203.0.113.7:50112,3871254,20482113,Tue Nov  2 08:15:30 2021   (a common name may hold commas)
const CLIENT_1 = new RegExp(`^(.{1,255}),(${REAL}),(\\d{1,16}),(\\d{1,16}),(${TIME})$`);
// 10.8.0.6,k.maier,203.0.113.7:50112,Tue Nov  2 09:14:58 2021 · 192.168.7.0/24,… · 10.8.0.6C,… (cached) · 00:00:5e:00:53:07@0,… (tap)
const ROUTE_1 = new RegExp(`^([\\da-fA-F.:/@]{3,64}C?),(.{1,255}),(${REAL}),(${TIME})$`);

const CLIENT_1_COLUMNS = ['Common Name', 'Real Address', 'Bytes Received', 'Bytes Sent', 'Connected Since'];
const ROUTE_1_COLUMNS = ['Virtual Address', 'Common Name', 'Real Address', 'Last Ref'];
/** Of 2.4 and later, where the line that names them is lost. */
const COLUMNS: Readonly<Record<Table, readonly string[]>> = {
  CLIENT_LIST:
    'Common Name,Real Address,Virtual Address,Virtual IPv6 Address,Bytes Received,Bytes Sent,Connected Since,Connected Since (time_t),Username,Client ID,Peer ID,Data Channel Cipher'.split(
      ',',
    ),
  ROUTING_TABLE: 'Virtual Address,Common Name,Real Address,Last Ref,Last Ref (time_t)'.split(','),
};

const named = (columns: readonly string[], cells: readonly string[]): Row =>
  new Map(columns.map((column, n): [string, string] => [column, cells[n] ?? '']));

/** Cells by their columns; more than columns: commas of the common name. */
const markedRow = (table: Table, columns: readonly string[], cells: readonly string[], separator: string): Row => {
  const more = cells.length - columns.length;
  const at = table === 'CLIENT_LIST' ? 0 : 1;
  if (more <= 0) return named(columns, cells);
  return named(columns, [
    ...cells.slice(0, at),
    cells.slice(at, at + more + 1).join(separator),
    ...cells.slice(at + more + 1),
  ]);
};

const plainRow = (text: string): { table: Table; row: Row } | undefined => {
  const route = ROUTE_1.exec(text);
  if (route !== null) return { table: 'ROUTING_TABLE', row: named(ROUTE_1_COLUMNS, route.slice(1)) };
  const client = CLIENT_1.exec(text);
  return client === null ? undefined : { table: 'CLIENT_LIST', row: named(CLIENT_1_COLUMNS, client.slice(1)) };
};

// ---------------------------------------------------------------- fields

/** `1635840930`, else `2021-11-02 09:15:30` or `Tue Nov  2 09:15:30 2021`, local. */
const timeOf = (local: string | undefined, epoch: string | undefined): Civil | undefined => {
  const micros = epochMicros(epoch ?? '');
  if (micros !== undefined) return civilOfInstant(micros);
  return (readIso(local ?? '') ?? readCtime(local ?? ''))?.civil;
};

// udp4:203.0.113.7:50112 · 203.0.113.7:50112 · [2001:db8::7]:50112 · 2001:db8::7
const ADDRESS = /^(?:(udp|tcp)[46]?(?:-server)?:)?(?:([\d.]{7,15})|\[([\da-fA-F:.]{2,45})\])(?::(\d{1,5}))?$/;

const putReal = (fields: Fields, text: string | undefined): void => {
  const m = ADDRESS.exec(text ?? '');
  putEndpoint(fields, 'source', m?.[2] ?? m?.[3] ?? text?.replace(/^(?:udp|tcp)6?(?:-server)?:/, ''));
  putNumber(fields, 'source.port', m?.[4]);
  put(fields, 'network.transport', m?.[1]);
};

const putVirtual = (fields: Fields, row: Row): void => {
  const address = (row.get('Virtual Address') ?? '').replace(/C$/, '');
  // a network behind the client is none of its own addresses
  if (!putIp(fields, 'einfallstor.vpn.assigned_ip', address))
    putIp(fields, 'einfallstor.vpn.assigned_ip', row.get('Virtual IPv6 Address'));
  if (address.includes('/')) put(fields, 'openvpn.status.network', address);
  putMac(fields, 'source.mac', address.replace(/@\d{1,5}$/, ''));
};

const KEPT = ['Common Name', 'Client ID', 'Peer ID', 'Data Channel Cipher', 'Virtual IPv6 Address'];

/** UNDEF has not authenticated, or has no user name beside its certificate's. */
const isName = (text: string | undefined): text is string => text !== undefined && !/^(?:UNDEF)?$/.test(text);

const keyOf = (row: Row): string => `${row.get('Common Name')} ${row.get('Real Address')}`;

// ---------------------------------------------------------------- parser

/** What a client's row has told: its route says neither since when it is connected nor as whom. */
interface Client {
  since?: Civil | undefined;
  user?: string | undefined;
}

const open: Parser['open'] = ({ clock }) => {
  const columns: Record<Table, readonly string[]> = { ...COLUMNS };
  /** When the status was written. */
  let written: Civil | undefined;
  const clients = openPeers((): Client => ({}));

  const readTitle = (text: string, marked: RegExpExecArray | null): void => {
    const cells = marked === null ? [] : text.split(marked[2] as string);
    if (marked?.[1] === 'TIME') written = timeOf(cells[1], cells[2]);
    if (marked?.[1] === 'HEADER' && (cells[1] === 'CLIENT_LIST' || cells[1] === 'ROUTING_TABLE'))
      columns[cells[1]] = cells.slice(2);
    const updated = UPDATED.exec(text);
    if (updated !== null) written = timeOf(text.slice(updated[0].length), undefined);
  };

  const read = (table: Table, row: Row): Outcome => {
    const fields: Fields = { 'observer.product': 'OpenVPN', 'einfallstor.vpn.type': 'openvpn' };
    const list = table === 'CLIENT_LIST';
    const client = clients.of(keyOf(row));
    if (list) {
      client.since = timeOf(row.get('Connected Since'), row.get('Connected Since (time_t)'));
      client.user = isName(row.get('Username')) ? row.get('Username') : undefined;
    }
    const used = timeOf(row.get('Last Ref'), row.get('Last Ref (time_t)'));
    const since = client.since ?? used;
    if (since === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, since);
    // ECS: when the activity was last observed
    const seen = clock.instant(list ? written : used);
    if (seen !== undefined) fields['event.end'] = seen;
    const name = client.user ?? row.get('Common Name');
    const known = isName(name);
    if (known) putUser(fields, 'user', name);
    putReal(fields, row.get('Real Address'));
    putVirtual(fields, row);
    putNumber(fields, 'source.bytes', row.get('Bytes Received'));
    putNumber(fields, 'destination.bytes', row.get('Bytes Sent'));
    keepVendor(
      fields,
      'openvpn.status',
      KEPT.map((key): [string, string] => [key.toLowerCase(), row.get(key) ?? '']),
    );
    put(fields, 'event.action', list ? 'connected-since' : 'route');
    putKind(fields, list && known ? 'up' : 'session');
    const assigned = fields['einfallstor.vpn.assigned_ip'] !== undefined;
    const act = list && known ? 'vpn-session-start' : !list && assigned ? 'vpn-address-assigned' : 'vpn-negotiation';
    return { kind: 'event', act, fields };
  };

  return (record) => {
    const text = textOf(record);
    if (text === '') return BLANK;
    const marked = MARKED.exec(text);
    if (marked?.[1] === 'CLIENT_LIST' || marked?.[1] === 'ROUTING_TABLE') {
      const separator = marked[2] as string;
      const cells = text.slice(marked[0].length).split(separator, 100);
      if (cells.length < 4) return rejected('truncated', 'a row of a status file lacks its columns');
      return read(marked[1], markedRow(marked[1], columns[marked[1]], cells, separator));
    }
    if (marked !== null || TITLES.test(text) || UPDATED.test(text)) {
      readTitle(text, marked);
      return { kind: 'skipped', reason: 'header' };
    }
    const plain = plainRow(text);
    if (plain === undefined) return rejected('not-this-format', 'no line of an OpenVPN status file');
    return read(plain.table, plain.row);
  };
};

const textOf = ({ text }: RawRecord): string =>
  text
    .slice(0, 4096)
    .replace(/^\uFEFF/, '')
    .trim();

/** Unmistakable: what other lists could hold (`END`, a date behind `Updated`) is not. */
const claims = (record: RawRecord): boolean => {
  const text = textOf(record);
  return (
    /^(?:OpenVPN CLIENT LIST$|TITLE[,\t]OpenVPN |HEADER[,\t](?:CLIENT_LIST|ROUTING_TABLE)[,\t])/.test(text) ||
    /^(?:CLIENT_LIST|ROUTING_TABLE)([,\t])[^,\t]{0,255}\1/.test(text) ||
    plainRow(text) !== undefined
  );
};

const recognise: Parser['recognise'] = ({ records }): Recognition => {
  const lines = records.filter((record) => textOf(record) !== '');
  const known = lines.filter((record) => claims(record) || isTitle(textOf(record))).length;
  if (!lines.some(claims)) return { certainty: 0, reason: 'no client of an OpenVPN status file' };
  return { certainty: (0.98 * known) / lines.length, reason: `${known} of ${lines.length} lines are of a status file` };
};
const isTitle = (text: string): boolean => MARKED.test(text) || TITLES.test(text) || UPDATED.test(text);

export default {
  id: 'openvpn-status',
  title: 'OpenVPN status file',
  references: [
    {
      title: 'OpenVPN 2.6 reference manual: --status, --status-version',
      url: 'https://openvpn.net/community-docs/community-articles/openvpn-2-6-manual.html',
    },
    { title: 'OpenVPN source: multi.c, multi_print_status', url: 'https://github.com/OpenVPN/openvpn' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  versions: ['status-version 1, 2 and 3 of OpenVPN 2.1 to 2.6'],
  families: ['connected clients with address, bytes and begin; their routes'],
  limits: [
    'A status file shows who is connected when it is written: a client that had left does not stand in it.',
    'Bytes count from the begin of the session to the writing of the file (event.end).',
    'Version 1 states local times, versions 2 and 3 instants.',
    'The statistics of an OpenVPN client or of a point-to-point tunnel.',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
