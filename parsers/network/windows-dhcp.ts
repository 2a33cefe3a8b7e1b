import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readSlashed } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { type DhcpMessage, putLease } from '../../src/parse/kit/dhcp.ts';
import { categorise, keepVendor, put, putUser } from '../../src/parse/kit/put.ts';
import {
  BLANK,
  type Outcome,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
  type Sample,
} from '../../src/parse/parser.ts';

// 10,11/02/21,09:15:30,Assign,10.0.0.5,laptop-7.werft.example,00005E005301,,2417033,0,,,,0x4D53,MSFT 5.0,,,,0
const ROW = /^(\d{2,5}),(\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d),(\d{1,2}:\d\d:\d\d),([^,]{1,200}),/;

const timeOf = (date: string, time: string): Civil | undefined => {
  const dashed = date.replaceAll('-', '/');
  return readSlashed(`${dashed} ${time}`, 0, 'month')?.civil;
};

type Row = ReadonlyMap<string, string>;

const rowOf = (text: string, header: readonly string[] | undefined): Row | undefined => {
  const id = ROW.exec(text)?.[1];
  if (id === undefined) return undefined;
  const names = header ?? (id.length === 5 ? V6 : V4);
  const cells = readCsv(text);
  if (cells === undefined || cells.length < 7) return undefined;
  return new Map(cells.map((cell, n): [string, string] => [names[n] ?? `column_${n + 1}`, cell.trim()]));
};

const read = (fields: Fields, row: Row): Act => {
  const get = (name: string): string | undefined => row.get(name);
  const code = get('ID') ?? '';
  const address = get('IP Address') ?? get('IPv6 Address');
  put(fields, 'event.code', code);
  const message = MESSAGES.get(code);
  // the server's mark for an address that somebody else uses
  const name = get('Host Name') === 'BAD_ADDRESS' ? undefined : get('Host Name');
  putUser(fields, 'user', get('User Name'));
  keepVendor(
    fields,
    'microsoft.dhcp',
    [...row].filter(([name]) => !MAPPED.has(name)),
  );
  put(fields, 'microsoft.dhcp.description', get('Description'));
  if (message !== undefined) {
    putLease(fields, message, {
      address,
      mac: get('MAC Address'),
      name,
      reason: REFUSED.test(code) ? get('Description') : undefined,
    });
    return 'dhcp-lease';
  }
  // DNS Update Request: the service writes the address as in in-addr.arpa, octets reversed
  const reversed = code === '30';
  putLease(fields, 'query', { address: reversed ? undefined : address, mac: get('MAC Address'), name });
  if (reversed) put(fields, 'microsoft.dhcp.update_address', address);
  fields['event.action'] = (get('Description') ?? 'other')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');
  if (STATES.has(code)) {
    categorise(fields, ['process'], [code === '00' ? 'start' : 'info']);
    return 'source-state';
  }
  return 'other';
};

// Microsoft DHCP Service Activity Log · Event ID  Meaning · 00\tThe log was started. · QResult: 0: NoQuarantine, 1:Quarantine, …
const PREAMBLE =
  /^(?:\s*Microsoft DHCP(?:v6)?(?: Service Activity Log|-Dienstaktivit)|(?:Event ID|Ereignis(?:-ID|kennung)) {1,4}(?:Meaning|Bedeutung)|\d{2,5}\+?\s+[A-Z]|QResult:|ID,Dat(?:e|um),|\s+\S|[A-Z][\w .,'-]{0,200}$)/;

const open: Parser['open'] = ({ clock }) => {
  let names: readonly string[] | undefined;
  return (record): Outcome => {
    const text = record.text.replace(/^\uFEFF/, '');
    if (text.trim() === '') return BLANK;
    if (/^ID,Date,Time,/.test(text)) names = text.split(',').map((name) => name.trim().replace(/\.$/, ''));
    const row = rowOf(text, names);
    if (row === undefined) {
      if (PREAMBLE.test(text)) return { kind: 'skipped', reason: 'header' };
      return rejected('not-this-format', 'no row of a DHCP audit log: ID,Date,Time,Description,…');
    }
    const time = timeOf(row.get('Date') ?? '', row.get('Time') ?? '');
    if (time === undefined) return rejected('bad-time', 'date and time cannot be read');
    const fields: Fields = {};
    clock.stamp(fields, time);
    return { kind: 'event', act: read(fields, row), fields };
  };
};

const claims = (record: RawRecord): boolean =>
  rowOf(record.text, undefined) !== undefined && (KNOWN.test(record.text) || LEASE.test(record.text));

const recognise = ({ records }: Sample): Recognition => {
  if (
    records.some(({ text }) =>
      /^\uFEFF?\s*Microsoft DHCP(?:v6)?(?: Service Activity Log|-Dienstaktivitätsprotokoll)|^\uFEFF?ID,Date,Time,Description,IP/.test(
        text,
      ),
    )
  )
    return { certainty: 0.98, reason: 'its header names the DHCP service' };
  const rows = records.filter(({ text }) => text.trim() !== '');
  const fitting = rows.filter(claims).length;
  return {
    certainty: rows.length === 0 ? 0 : (0.93 * fitting) / rows.length,
    reason: `${fitting} of ${rows.length} rows are of a DHCP audit log`,
  };
};

// ------------------------------------------------------------------------------------------------------------- tables

const V4 =
  'ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name,TransactionID,QResult,Probationtime,CorrelationID,Dhcid,VendorClass(Hex),VendorClass(ASCII),UserClass(Hex),UserClass(ASCII),RelayAgentInformation,DnsRegError'.split(
    ',',
  );
const V6 =
  'ID,Date,Time,Description,IPv6 Address,Host Name,Error Code,Duid Length,Duid Bytes(Hex),User Name,Dhcid,Subnet Prefix'.split(
    ',',
  );
const MAPPED = new Set([
  'ID',
  'Date',
  'Time',
  'Description',
  'IP Address',
  'IPv6 Address',
  'Host Name',
  'MAC Address',
  'User Name',
]);
/** Event IDs that speak of one client's address. */
const MESSAGES = new Map<string, DhcpMessage>([
  ['10', 'ack'], ['11', 'ack'], ['12', 'release'], ['13', 'conflict'], ['14', 'nak'], ['15', 'nak'], ['16', 'expire'], ['17', 'expire'],
  ['18', 'expire'], ['20', 'ack'], ['21', 'ack'], ['22', 'nak'], ['23', 'expire'],
  ['11000', 'discover'], ['11001', 'offer'], ['11002', 'request'], ['11003', 'ack'], ['11004', 'ack'], ['11005', 'release'],
  ['11006', 'inform'], ['11007', 'expire'], ['11010', 'ack'], ['11020', 'ack'], ['11028', 'nak'],
]); // biome-ignore format: a table
const REFUSED = /^(?:13|14|15|22|11028)$/;
/** Starts, stops, pauses, and what the server says of itself. */
const STATES = new Set(['00', '01', '02', '24', '25', '33', '50', '51', '54', '55', '58', '60', '61', '63', '64']);
/** Event IDs and their words: any list may have two numbers and a date. */
const KNOWN =
  /^\d{2,5},[^,]{6,10},[\d:]{7,8},(?:Assign|Renew|Release|DNS Update|Started|Stopped|Paused|Expired|Deleted|NACK|Conflict|BOOTP|Database|Scope|Authori|DHCPV6|Packet dropped|A lease|No |Reached|Unreachable|Duplicate)/i;

/** A row with address and device, whatever the language of its words: `10,03/04/24,08:11:02,Zuweisen,10.0.0.5,pc-7,00005E005301,` */
const LEASE =
  /^1[0-8],\d\d\/\d\d\/\d\d,\d\d:\d\d:\d\d,[^,]{1,200},\d{1,3}(?:\.\d{1,3}){3},[^,]{0,255},(?:[\dA-Fa-f]{2}){6,16},/;

export default {
  id: 'windows-dhcp',
  title: 'Windows Server DHCP audit log',
  references: [
    {
      title: 'Microsoft: analyze DHCP server log files',
      url: 'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd183591(v=ws.10)',
    },
    {
      title: 'Microsoft: DHCP audit logging',
      url: 'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd759178(v=ws.11)',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'leases assigned, renewed, released, refused, expired; DNS updates; state of the service; DHCPv4 and DHCPv6',
  ],
  limits: ['dates are read month first, as the service writes them whatever the language'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
