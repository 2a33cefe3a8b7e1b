import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { type DhcpMessage, putLease } from '../../src/parse/kit/dhcp.ts';
import { categorise, keepVendor, put, putMac, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-11-02 09:15:30.123 INFO  [kea-dhcp4.leases/812.140103] DHCP4_LEASE_ALLOC [hwtype=1 00:00:5e:00:53:01], …: lease 10.0.0.5 has been …
const LINE =
  /^(?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) )?(FATAL|ERROR|WARN|INFO|DEBUG) {1,2}\[(kea-[\w.-]{1,64})(?:\/(\d{1,10})(?:\.\w{1,32})?)?\] ([A-Z][A-Z0-9_]{3,80}) ?(.*)$/s;
const MESSAGES: Readonly<Record<string, DhcpMessage>> = {
  LEASE_ALLOC: 'ack', LEASE_RENEW: 'ack', LEASE_REUSE: 'ack', LEASE_ADVERT: 'offer', LEASE_OFFER: 'offer', RELEASE: 'release',
  RELEASE_NA: 'release', RELEASE_EXPIRED: 'expire', DECLINE_LEASE: 'decline', DECLINE_LEASE_MISMATCH: 'decline', LEASE_ADVERT_FAIL: 'nak',
  LEASE_ALLOC_FAIL: 'nak', NO_LEASE_INIT_REBOOT: 'nak', INVALID_ADDRESS_INIT_REBOOT: 'nak', LEASE_FAIL: 'nak', ALLOC_FAIL: 'nak', LEASE_RECLAIM: 'expire',
}; // biome-ignore format: a table
const CODE = /^(?:DHCP[46]_(?:CLIENT_)?|ALLOC_ENGINE_V[46]_(?=ALLOC_FAIL$|LEASE_RECLAIM$))([A-Z_]{3,40})$/;
const MAC = /\[hwtype=\d{1,3} ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\]/i;
// lease 10.0.0.5 has been · lease for address 2001:db8::5 and iaid=1 · address 10.0.0.5 was released · for addr 10.0.0.5 · lease 10.0.0.5:
const ADDRESS = /(?:lease for address|lease|address|addr) \[?([0-9a-fA-F.:]{3,45}?)\]?(?=[ ,]|: |$)/;
const DUID = /(?:duid|cid)=\[([0-9a-f:]{2,400})\]/i;
const TRANSACTION = /tid=(0x[0-9a-f]{1,8})/i;

const readLine = (fields: Fields, m: RegExpExecArray): Act => {
  const [, , level, logger, pid, code, text] = m as unknown as [
    string,
    string | undefined,
    string,
    string,
    string | undefined,
    string,
    string,
  ];
  put(fields, 'event.code', code);
  put(fields, 'log.level', level.toLowerCase());
  put(fields, 'log.logger', logger);
  put(fields, 'process.name', logger.split('.')[0]);
  putNumber(fields, 'process.pid', pid);
  fields['message'] = text.trim() === '' ? code : text;
  const message = MESSAGES[CODE.exec(code)?.[1] ?? ''];
  keepVendor(fields, 'kea', [
    ['duid', DUID.exec(text)?.[1] ?? ''],
    ['transaction', TRANSACTION.exec(text)?.[1] ?? ''],
  ]);
  if (message === undefined) {
    putMac(fields, 'source.mac', MAC.exec(text)?.[1]);
    categorise(fields, ['network'], [level === 'ERROR' || level === 'FATAL' ? 'error' : 'info']);
    return /_(?:STARTED|SHUTDOWN|STARTING|CONFIG_COMPLETE)$|^DHCP[46]_(?:STARTING|SHUTDOWN)/.test(code)
      ? 'source-state'
      : 'other';
  }
  const seconds = /for (\d{1,10}) seconds/.exec(text)?.[1];
  putNumber(fields, 'kea.lifetime', seconds);
  putLease(fields, message, {
    address: ADDRESS.exec(text)?.[1],
    mac: MAC.exec(text)?.[1],
    reason: message === 'nak' ? text : undefined,
  });
  return 'dhcp-lease';
};

/** A packet printed below its message at debug level: `options:`, `  type=053, len=001: 1 (uint8)` */
const DUMP = /^(?:options:\s*$|\s{1,16}type=\d{1,5}(?:\([\w-]{1,40}\))?, len=\d{1,5}|(?:local|remote)_address=)/;

// ------------------------------------------------------------------------------------------------------------- lease file

// address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
const HEADER = /^address,(?:hwaddr|duid),/;
// 10.0.0.5,00:00:5e:00:53:01,01:00:00:5e:00:53:01,4000,1635844530,1,0,0,laptop-7.example,0,,0
const LEASE4 =
  /^([\d.]{7,15}),((?:[0-9a-f]{2}:){0,19}[0-9a-f]{0,2}),([0-9a-f:]{0,400}),(\d{1,10}),(\d{9,11}),(\d{1,10}),([01]),([01]),([^,]{0,255}),(\d)(?:,.{0,4096})?$/i;
// 2001:db8::5,00:01:…,4000,1635844530,1,3000,0,7,128,0,0,laptop-7.example,00:00:5e:00:53:01,0,…
const LEASE6 =
  /^([0-9a-f:]{2,39}),([0-9a-f:]{2,400}),(\d{1,10}),(\d{9,11}),(\d{1,10}),\d{1,10},\d,\d{1,10},\d{1,3},[01],[01],([^,]{0,255}),([0-9a-f:]{0,60}),(\d)(?:,.{0,4096})?$/i;
/** Kea ARM, Memfile: 0 in use, 1 declined, 2 expired and reclaimed, 3 released. */
const STATES: Readonly<Record<string, DhcpMessage>> = { 0: 'ack', 1: 'decline', 2: 'expire', 3: 'release' };

const readLease = (fields: Fields, text: string): number | undefined => {
  const [v4, v6] = [LEASE4.exec(text), LEASE6.exec(text)];
  const [address, mac, duid, lifetime, expire, subnet, name, state] =
    v4 !== null
      ? [v4[1], v4[2], v4[3], v4[4], v4[5], v4[6], v4[9], v4[10]]
      : v6 !== null
        ? [v6[1], v6[7], v6[2], v6[3], v6[4], v6[5], v6[6], v6[8]]
        : [];
  if (address === undefined) return undefined;
  putLease(fields, own(STATES, state ?? '') ?? 'query', { address, mac, name });
  keepVendor(fields, 'kea', [
    ['duid', duid ?? ''],
    ['subnet', subnet ?? ''],
  ]);
  putNumber(fields, 'kea.lifetime', lifetime);
  // the client's last transmission: the file keeps when the lease ends
  return (Number(expire) - Number(lifetime)) * 1e6;
};

const isKea = (record: RawRecord): boolean =>
  [record.text, record.envelope.message].some(
    (text) => LINE.test(text) || LEASE4.test(text) || LEASE6.test(text) || HEADER.test(text),
  );

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    if (HEADER.test(text)) return { kind: 'skipped', reason: 'header' };
    const fields: Fields = {};
    const m = LINE.exec(text) ?? LINE.exec(record.envelope.message);
    let time: Civil | number | undefined = m === null ? readLease(fields, text) : readIso(m[1] ?? '')?.civil;
    if (m === null && DUMP.test(record.text)) return { kind: 'joined' };
    if (m === null && time === undefined) return rejected('not-this-format', 'neither a log line nor a lease of Kea');
    if (!/^[\dA-F]/.test(text) || record.envelope.program !== undefined)
      put(fields, 'observer.name', record.envelope.host);
    time ??= record.envelope.civil;
    const act = m === null ? 'dhcp-lease' : readLine(fields, m);
    clock.stamp(fields, time);
    if (m !== null) relateAddresses(fields, m[6] as string);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'kea',
  title: 'ISC Kea DHCP: log and lease file',
  references: [
    { title: 'Kea messages manual', url: 'https://kea.readthedocs.io/en/latest/kea-messages.html' },
    { title: 'Kea ARM: Memfile lease file', url: 'https://kea.readthedocs.io/en/latest/arm/dhcp4-srv.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'us' },
  families: [
    'leases given, renewed, offered, released, declined, refused; starts and stops',
    'kea-leases4.csv, kea-leases6.csv',
  ],
  recognise: recogniseBy(isKea, 'are of Kea', 0.97),
  claims: isKea,
  open,
} satisfies Parser as Parser;
