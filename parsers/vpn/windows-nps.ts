import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros, readSlashed } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putMac, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { ATTRIBUTES, accountingOf, putOctets, putSessionTime } from '../../src/parse/kit/radius.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Row = ReadonlyMap<string, string>;

// ---------------------------------------------------------------- the three formats

const ROW = /^"[^"]{1,64}","(?:IAS|RAS|NPS)",\d{1,2}\/\d{1,2}\/\d{4},\d{1,2}:\d\d:\d\d,(?:[1-5]|11),/i;
/** IAS: `10.0.0.1,EXAMPLE\\kim,10/31/2021,23:14:07,RAS,VPN1,4,10.0.0.1,31,203.0.113.7,4136,1,…`: number and value in turns. */
const IAS =
  /^([\d.]{7,15}|[\da-fA-F:]{3,45}),("[^"]{0,256}"|[^,]{0,256}),(\d{1,2}\/\d{1,2}\/\d{4}),(\d{1,2}:\d\d:\d\d),(IAS|RAS|NPS),([^,]{1,64}),(?=-?\d{1,6},)/i;
/** DTS compliant: `<Event><Timestamp data_type="4">…</Timestamp><Computer-Name data_type="1">…</Computer-Name>…</Event>` */
const ELEMENT = /<([A-Za-z][\w-]{0,60}) data_type="\d"\s{0,3}(?:\/>|>([^<]{0,4000})<\/)/g;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const decoded = (text: string): string =>
  text.includes('&') ? text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] as string) : text;

const readIas = (text: string, m: RegExpExecArray): Row => {
  const [, nas, user, date, time, service, computer] = m as unknown as readonly string[];
  const row = new Map(
    Object.entries({
      'NAS-IP-Address': nas,
      'User-Name': user?.replaceAll('"', ''),
      'Record-Date': date,
      'Record-Time': time,
      'Service-Name': service,
      'Computer-Name': computer,
    }).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
  );
  const cells = readCsv(text.slice(m[0].length)) ?? [];
  for (let n = 0; n + 1 < cells.length && row.size < 300; n += 2) {
    const name = ATTRIBUTES.get(cells[n] as string) ?? `Attribute${cells[n]}`;
    if (cells[n + 1] !== '' && !row.has(name)) row.set(name, (cells[n + 1] as string).trim());
  }
  return row;
};

const rowOf = (text: string): Row | undefined => {
  const ias = IAS.exec(text);
  if (ias !== null) return readIas(text, ias);
  const row = new Map<string, string>();
  if (ROW.test(text)) {
    for (const [n, cell] of (readCsv(text) ?? []).entries())
      if (cell !== '') row.set(COLUMNS[n] ?? `Column-${n + 1}`, cell);
    return row.size > 0 ? row : undefined;
  }
  const start = text.indexOf('<Event>');
  if (start < 0 || start > 512 || !/<Packet-Type data_type=/.test(text)) return undefined;
  for (const m of text.slice(start).matchAll(ELEMENT)) {
    if (row.size >= 300) break;
    const name = own(XML_NAMES, m[1] as string) ?? (m[1] as string);
    if (m[2] && !row.has(name)) row.set(name, decoded(m[2]).trim());
  }
  return row;
};

// ---------------------------------------------------------------- meaning

const PACKETS: Readonly<Record<string, readonly [Act, Kind, string]>> = {
  '1': ['vpn-negotiation', 'asked', 'access-request'],
  '2': ['vpn-login', 'passed', 'access-accept'],
  '3': ['vpn-login', 'refused', 'access-reject'],
  '11': ['vpn-negotiation', 'asked', 'access-challenge'],
};
/** Wireless and wired ports are no remote access (RFC 2865 §5.41: 15 Ethernet, 19 Wireless 802.11). */
const LOCAL_PORTS = new Set(['15', '19']);
const LOCAL: Readonly<Partial<Record<Act, Act>>> = {
  'vpn-login': 'login',
  'vpn-session-start': 'other',
  'vpn-session-end': 'logout',
  'vpn-negotiation': 'other',
};

const meaningOf = (row: Row): readonly [Act, Kind, string] => {
  const packet = row.get('Packet-Type') ?? '';
  if (packet === '4') {
    const known = accountingOf(row.get('Acct-Status-Type'));
    return known === undefined ? ['vpn-negotiation', 'session', 'accounting'] : [...known.vpn, known.action];
  }
  return own(PACKETS, packet) ?? ['other', 'info', packet === '5' ? 'accounting-response' : 'record'];
};

const MAPPED = new Set(
  `Computer-Name Record-Date Record-Time Timestamp User-Name Framed-IP-Address Acct-Input-Octets Acct-Output-Octets
  Acct-Session-Time Acct-Session-Id Calling-Station-ID Event-Timestamp`.split(/\s+/),
);

const putRow = (fields: Fields, row: Row): void => {
  const of = (name: string): string | undefined => row.get(name);
  putUser(fields, 'user', of('User-Name') ?? of('SAM-Account-Name') ?? of('Fully-Qualified-Distinguished-Name'));
  put(fields, 'host.name', of('Computer-Name'));
  put(fields, 'observer.name', of('Client-Friendly-Name') ?? of('NAS-Identifier'));
  const calling = of('Calling-Station-ID') ?? of('Tunnel-Client-Endpt');
  if (!putIp(fields, 'source.ip', calling)) putMac(fields, 'source.mac', calling);
  if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', of('Tunnel-Client-Endpt'));
  if (!putIp(fields, 'destination.ip', of('NAS-IP-Address'))) putIp(fields, 'destination.ip', of('Client-IP-Address'));
  putIp(fields, 'einfallstor.vpn.assigned_ip', of('Framed-IP-Address'));
  put(fields, 'einfallstor.vpn.session_id', of('Acct-Multi-Ssn-ID') ?? of('Acct-Session-Id'));
  put(fields, 'einfallstor.vpn.group', of('Policy-Name'));
  put(fields, 'rule.name', of('Policy-Name'));
  put(fields, 'einfallstor.vpn.auth_method', own(METHODS, of('Authentication-Type') ?? '') ?? of('EAP-Friendly-Name'));
  // octets as the access server counts them: input came from the user
  putOctets(fields, 'source.bytes', of('Acct-Input-Octets'), of('Acct-Input-Gigawords'));
  putOctets(fields, 'destination.bytes', of('Acct-Output-Octets'), of('Acct-Output-Gigawords'));
  putNumber(fields, 'source.packets', of('Acct-Input-Packets'));
  putNumber(fields, 'destination.packets', of('Acct-Output-Packets'));
  putSessionTime(fields, of('Acct-Session-Time'));
  const code = of('Reason-Code');
  put(fields, 'event.code', code);
  if (of('Packet-Type') === '3' && code !== undefined)
    put(fields, 'event.reason', own(REASONS, code) ?? `reason code ${code}`);
  keepVendor(
    fields,
    'microsoft.nps',
    [...row].filter(([name]) => !MAPPED.has(name)),
  );
};

// ---------------------------------------------------------------- parser

/** The answer to a request names neither caller nor port: its class ties the two. */
interface Request {
  readonly calling: string | undefined;
  readonly port: string | undefined;
}
const REQUESTS = 10_000;

const open: Parser['open'] = (context) => {
  const requests = new Map<string, Request>();
  const complete = (row: Row): Row => {
    const key = row.get('Class');
    const known = key === undefined ? undefined : requests.get(key);
    if (key !== undefined && row.get('Packet-Type') === '1') {
      if (requests.size >= REQUESTS) requests.delete(requests.keys().next().value as string);
      requests.set(key, { calling: row.get('Calling-Station-ID'), port: row.get('NAS-Port-Type') });
    }
    if (known === undefined) return row;
    const added: [string, string | undefined][] = [
      ['Calling-Station-ID', known.calling],
      ['NAS-Port-Type', known.port],
    ];
    return new Map([...added.filter((pair): pair is [string, string] => pair[1] !== undefined), ...row]);
  };
  return (record) => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    const read = rowOf(text);
    if (read === undefined) return rejected('not-this-format', 'no record of the NPS log');
    const row = complete(read);
    const fields: Fields = { 'observer.product': 'Network Policy Server', 'einfallstor.vpn.type': 'radius' };
    const stamp = row.get('Timestamp') ?? `${row.get('Record-Date')} ${row.get('Record-Time')}`;
    const time =
      readSlashed(stamp, 0, 'month')?.civil ?? epochMicros(row.get('Event-Timestamp') ?? '') ?? record.envelope.civil;
    if (time === undefined) warn(fields, 'time-missing');
    context.clock.stamp(fields, time);
    putRow(fields, row);
    const [act, kind, action] = meaningOf(row);
    put(fields, 'event.action', action);
    putKind(fields, kind);
    const local = LOCAL_PORTS.has(row.get('NAS-Port-Type') ?? '');
    if (local) put(fields, 'service.type', 'radius');
    relateAddresses(fields, text.slice(0, 16_384).replaceAll(/[<>"]/g, ' '));
    return { kind: 'event', act: local ? (LOCAL[act] ?? act) : act, fields };
  };
};

const claims = (record: RawRecord): boolean => rowOf(record.text.trim()) !== undefined;

// ---------------------------------------------------------------- tables

/** https://learn.microsoft.com/windows-server/networking/technologies/nps/nps-accounting, database-compatible format, in order */
const COLUMNS: readonly string[] = `Computer-Name Service-Name Record-Date Record-Time Packet-Type User-Name
  Fully-Qualified-Distinguished-Name Called-Station-ID Calling-Station-ID Callback-Number Framed-IP-Address NAS-Identifier
  NAS-IP-Address NAS-Port Client-Vendor Client-IP-Address Client-Friendly-Name Event-Timestamp Port-Limit NAS-Port-Type
  Connect-Info Framed-Protocol Service-Type Authentication-Type Policy-Name Reason-Code Class Session-Timeout Idle-Timeout
  Termination-Action EAP-Friendly-Name Acct-Status-Type Acct-Delay-Time Acct-Input-Octets Acct-Output-Octets
  Acct-Session-Id Acct-Authentic Acct-Session-Time Acct-Input-Packets Acct-Output-Packets Acct-Terminate-Cause
  Acct-Multi-Ssn-ID Acct-Link-Count Acct-Interim-Interval Tunnel-Type Tunnel-Medium-Type Tunnel-Client-Endpt
  Tunnel-Server-Endpt Acct-Tunnel-Conn Tunnel-Pvt-Group-ID Tunnel-Assignment-ID Tunnel-Preference MS-Acct-Auth-Type
  MS-Acct-EAP-Type MS-RAS-Version MS-RAS-Vendor MS-CHAP-Error MS-CHAP-Domain MS-MPPE-Encryption-Types
  MS-MPPE-Encryption-Policy Proxy-Policy-Name Provider-Type Provider-Name Remote-Server-Address MS-RAS-Client-Name
  MS-RAS-Client-Version`.split(/\s+/);
/** Elements of the XML format that are called otherwise there. */
const XML_NAMES: Readonly<Record<string, string>> = {
  'Calling-Station-Id': 'Calling-Station-ID',
  'Called-Station-Id': 'Called-Station-ID',
  'NP-Policy-Name': 'Policy-Name',
  'Acct-Multi-Session-Id': 'Acct-Multi-Ssn-ID',
  'Event-Source': 'Service-Name',
};
const METHODS: Readonly<Record<string, string>> = {
  '1': 'PAP', '2': 'CHAP', '3': 'MS-CHAP', '4': 'MS-CHAP v2', '5': 'EAP', '7': 'none', '8': 'custom', '11': 'PEAP',
}; // biome-ignore format: a table
const REASONS: Readonly<Record<string, string>> = {
  '1': 'internal error', '2': 'access denied', '3': 'malformed request', '4': 'global catalog unavailable', '5': 'domain unavailable',
  '6': 'server unavailable', '7': 'no such domain', '8': 'no such user', '16': 'authentication failure', '17': 'password change failure',
  '18': 'unsupported authentication type', '22': 'EAP type cannot be processed', '23': 'unexpected EAP error', '32': 'local users only',
  '34': 'account disabled', '35': 'account expired', '36': 'account locked out', '37': 'outside logon hours', '38': 'account restriction',
  '48': 'no matching network policy', '49': 'no matching connection request policy', '64': 'dial-in locked out', '65': 'dial-in disabled',
  '66': 'authentication type not allowed', '67': 'calling station not allowed', '68': 'dial-in hours', '69': 'called station not allowed',
}; // biome-ignore format: a table

export default {
  id: 'windows-nps',
  title: 'Windows Network Policy Server, Routing and Remote Access',
  references: [
    {
      title: 'Microsoft: interpret NPS database format log files',
      url: 'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/cc771748(v=ws.10)',
    },
    {
      title: 'Microsoft: interpret IAS format log files',
      url: 'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2003/cc785145(v=ws.10)',
    },
    { title: 'RFC 2865, RFC 2866: RADIUS', url: 'https://www.rfc-editor.org/rfc/rfc2866' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: ['database-compatible (ODBC) rows, DTS-compliant XML, IAS format: requests, answers, accounting'],
  limits: ['days and months in the order of the United States'],
  recognise: recogniseBy(claims, 'are records of the NPS log'),
  claims,
  open,
} satisfies Parser as Parser;
