import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { categorise, put, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseRows } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Columns of version 1.5; Windows 11 and Server 2022 add the process. Used where no #Fields line stands before the row. */
const COLUMNS = words(`date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin
  icmptype icmpcode info path pid`);

// 2021-11-02 08:15:30 DROP TCP 192.0.2.4 10.0.0.5 50112 3389 52 S 12 0 64240 - - - RECEIVE
const ROW =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:(?:ALLOW|DROP|OPEN|OPEN-INBOUND|CLOSE) (?:TCP|UDP|ICMP|ICMPV6|IGMP|\d{1,3}|[A-Z-]{2,12}) [\da-fA-F.:%-]{1,60} [\da-fA-F.:%-]{1,60}(?: |$)|INFO-EVENTS-LOST )/;
const TITLE = /^#Software: *Microsoft Windows Firewall/i;

const claims = ({ text }: RawRecord): boolean => ROW.test(text);

/** What became of a packet or connection. ALLOW is a connection's only record; OPEN (XP, 2003) is followed by CLOSE. */
const ACTIONS: Readonly<Record<string, readonly [Act, type: readonly string[], 'success' | 'failure' | undefined]>> = {
  ALLOW: ['flow', ['connection', 'allowed'], 'success'],
  DROP: ['flow-denied', ['connection', 'denied'], 'success'],
  OPEN: ['flow-start', ['connection', 'start', 'allowed'], 'success'],
  'OPEN-INBOUND': ['flow-start', ['connection', 'start', 'allowed'], 'success'],
  CLOSE: ['flow', ['connection', 'end', 'allowed'], 'success'],
};

const SIDE = 'microsoft.windows_firewall';

const putColumns = fieldMap(
  SIDE,
  { ip: 'src-ip=source.ip dst-ip=destination.ip', number: 'src-port=source.port dst-port=destination.port' },
  {
    protocol: (fields, value) => putTransport(fields, value),
    // of the packet that was dropped; for an allowed connection the firewall writes 0
    size: (fields, value) => value === '0' || putNumber(fields, 'source.bytes', value),
    pid: (fields, value) => value === '0' || putNumber(fields, 'process.pid', value),
    'date time action': () => true,
  },
);

const eventOf = (fields: Fields, row: ReadonlyMap<string, string>): Act => {
  putColumns(fields, row);
  const action = row.get('action') ?? '';
  put(fields, 'event.action', action.toLowerCase());
  if (/^(?:ICMP|IGMP|1|2|58)/i.test(row.get('protocol') ?? '')) {
    delete fields['source.port'];
    delete fields['destination.port'];
    if (row.get('src-ip')?.includes(':')) putTransport(fields, 'icmp6');
  }
  if (action === 'INFO-EVENTS-LOST') {
    categorise(fields, ['host'], ['info']);
    warn(fields, `events-lost:${(row.get('info') ?? '').slice(0, 12)}`);
    return 'source-state';
  }
  const [act, type, outcome] = own(ACTIONS, action) ?? (['other', ['connection'], undefined] as const);
  categorise(fields, ['network'], type, outcome);
  return act;
};

const open: Parser['open'] = ({ clock }) => {
  let columns: readonly string[] = COLUMNS;
  let utc = false;
  const readHeader = (text: string): Outcome => {
    const names = /^#Fields: *(.{0,2000})$/i.exec(text)?.[1];
    if (names !== undefined) columns = words(names.toLowerCase());
    const format = /^#Time Format: *(.{0,40})$/i.exec(text)?.[1];
    if (format !== undefined) utc = /^(?:utc|gmt)/i.test(format);
    return { kind: 'skipped', reason: 'header' };
  };
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    if (text.startsWith('#')) return readHeader(text);
    if (!ROW.test(text)) return rejected('not-this-format', 'no row of pfirewall.log');
    const cells = text.split(' ', 64);
    const time: Civil | undefined = readIso(text)?.civil;
    if (time === undefined) return rejected('bad-time', 'date and time are none');
    const fields: Fields = {
      'observer.vendor': 'Microsoft',
      'observer.product': 'Windows Firewall',
      'observer.type': 'firewall',
    };
    clock.stamp(fields, utc ? { ...time, offset: 0 } : time);
    const row = new Map(cells.map((cell, n): [string, string] => [columns[n] ?? `column_${n + 1}`, cell]));
    const act = eventOf(fields, row);
    if (cells.length < Math.min(columns.length, 17)) warn(fields, 'truncated');
    relateAddresses(fields, text.slice(0, 2000));
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'windows-firewall',
  title: 'Windows Defender Firewall log (pfirewall.log)',
  references: [
    {
      title: 'Microsoft: configure Windows Firewall logging',
      url: 'https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/configure-logging',
    },
    {
      title: 'Microsoft: interpreting the Windows Firewall log (Server 2003)',
      url: 'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2003/cc758040(v=ws.10)',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'allowed and dropped connections of all profiles, sent, received and forwarded; opened and closed ones of XP and 2003',
    'events lost',
  ],
  limits: ['allowed connections carry no bytes; the host that wrote the log is named nowhere in it'],
  recognise: recogniseRows(claims, TITLE, 'are rows of pfirewall.log'),
  claims,
  open,
} satisfies Parser as Parser;
