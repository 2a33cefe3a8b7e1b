import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { readLeef } from '../../src/parse/kit/leef.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { completedBy } from '../../src/parse/kit/two-stamps.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { putFireboxUser, readFireboxMessage } from '../../src/parse/kit/watchguard.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** A line in whichever of its forms, with the names of LEEF. */
interface Line {
  readonly pairs: Map<string, string>;
  /** What stands in words. */
  readonly text: string;
  readonly time?: Civil | undefined;
  readonly code?: string | undefined;
  readonly program?: string | undefined;
}

// ---------------------------------------------------------------- forms

/** The prefix `LEEF:` is lost where a relay takes it for a syslog tag: `1.0|WatchGuard|XTM|12.10.2.B692269|11000004|…` */
const LEEF = /(?:^|[\s:])(?:LEEF: ?)?1\.0\|WatchGuard\|/;

const readLeefForm = (record: RawRecord): Line | undefined => {
  const at = LEEF.exec(record.text);
  if (at === null) return undefined;
  const leef = readLeef(`LEEF:${record.text.slice(at.index).replace(/^[\s:]*(?:LEEF: ?)?/, '')}`);
  if (leef === undefined) return undefined;
  const pairs = new Map(leef.attributes);
  const stamp = pairs.get('devTime') ?? '';
  const time = (readBsd(stamp) ?? readIso(stamp))?.civil ?? record.envelope.civil;
  pairs.set('model', leef.product);
  pairs.set('version', leef.version);
  return { pairs, text: pairs.get('msg') ?? '', time, code: leef.eventId };
};

// FVE6035FD3AE3 (2021-10-31T22:14:06) firewall[10]: msg_id="3000-0148" Allow 1-Trusted 0-External 52 tcp …
const NATIVE = /(?:^|[\s:])msg_id="([0-9A-Fa-f]{4}-[0-9A-Fa-f]{4})"/;
const SERIAL = /(?:^|\s)([0-9A-Z]{8,16}) \((\d{4}-\d\d-\d\dT[\d:]{8})\)/;
const PROGRAM = /(?:^|\s)([\w-]{1,32})(?:\[\d{1,10}\])?: ?$/;
// Allow 1-Trusted 0-External 52 tcp 20 127 10.0.0.5 198.51.100.7 62443 443: disposition, interfaces, length, protocol, header, TTL, ends
const TRAFFIC =
  /^(Allow|Deny|Drop|Block|Reject|Strip|AVScan|Bypass)\w{0,4} (.{1,130}?) (?:(\d{1,5}) )?([a-z][\w/-]{1,20}|\d{1,3}) (?:(\d{1,3}) (\d{1,3}) )?([\da-fA-F.:]{3,45}) ([\da-fA-F.:]{3,45})(?: (\d{1,5}))?(?: (\d{1,5}))?(?= |$)/;
const PAIRS = /(?:^|\s)[a-z][\w-]{0,40}="/;
const POLICY = /\(([^()]{1,200})\)\s*$/;

/** `1-Trusted 0-External`; a name may hold blanks, the numbers in front of most tell where the second begins. */
const splitInterfaces = (text: string): readonly (string | undefined)[] => {
  const two = /^(\S+) (\S+)$/.exec(text) ?? /^(.{1,64}) (\d{1,3}-.{1,64}|Firebox|tun\d{1,3}|SSL-VPN)$/.exec(text);
  return two === null ? [text] : [two[1], two[2]];
};

const readTraffic = (pairs: Map<string, string>, text: string): boolean => {
  const m = TRAFFIC.exec(text);
  if (m === null) return false;
  const names = ['disp', '', 'ip_len', 'proto', 'ip_header_len', 'ip_TTL', 'src', 'dst'];
  names.forEach((name, i) => {
    const value = m[i + 1];
    if (name !== '' && value !== undefined) pairs.set(name, value);
  });
  const [ingress, egress] = splitInterfaces(m[2] as string);
  if (ingress !== undefined) pairs.set('in_if', ingress);
  if (egress !== undefined) pairs.set('out_if', egress);
  // of ICMP the numbers are type and code
  const [a, b] = /icmp/i.test(m[4] as string) ? ['icmp_type', 'icmp_code'] : ['srcPort', 'dstPort'];
  if (m[9] !== undefined) pairs.set(a as string, m[9]);
  if (m[10] !== undefined) pairs.set(b as string, m[10]);
  const flags = / offset \d{1,3} ([A-Z]{1,8}) /.exec(text)?.[1];
  if (flags !== undefined) pairs.set('tcp_flag', flags);
  return true;
};

/** Characters of a message that are read: syslog messages are shorter, hostile ones are not. */
const LONGEST = 65_536;

// 2021-10-31 22:14:06 sessiond SSL VPN user kim@Firebox-DB from 192.0.2.7 logged in … msg_id="3E00-0002" Event
const MONITORED = /^\S{0,8}\d{4}-\d\d-\d\d[ T][\d:.]{8,12}\S{0,6} ([a-z][\w-]{1,31}) (?=\S)/;

/** Where the head of a line ends: in front of the words, which stand behind msg_id in syslog, in front of it in the monitor. */
const headOf = (text: string, m: RegExpExecArray): { readonly head: string; readonly body: string } => {
  const words = text.slice(m.index + m[0].length).trim();
  const before = text.slice(0, m.index + 1);
  const end = MONITORED.exec(before)?.[0].length ?? /^.{0,200}?[\w-]\[\d{1,10}\]: /.exec(before)?.[0].length ?? 0;
  const behind = end === 0 || end === before.length || (words !== '' && !/^(?:Event|Debug|Traffic|Alarm)$/.test(words));
  return behind
    ? { head: before, body: words.slice(0, LONGEST) }
    : { head: before.slice(0, end), body: before.slice(end).slice(0, LONGEST).trim() };
};

const readNative = (record: RawRecord, m: RegExpExecArray): Line => {
  const { head, body } = headOf(record.text, m);
  const first = PAIRS.exec(body);
  const free = body.slice(0, first?.index ?? body.length).trim();
  const pairs = first === null ? new Map<string, string>() : readKeyValues(body, first.index);
  const policy = POLICY.exec(body)?.[1];
  const isTraffic = readTraffic(pairs, free);
  if (isTraffic && policy !== undefined) pairs.set('policy', policy);
  const serial = SERIAL.exec(head);
  if (serial !== null) pairs.set('serial', serial[1] as string);
  const stamp = readIso(serial?.[2] ?? '')?.civil;
  const { civil } = record.envelope;
  // the stamp in brackets is UTC, the header's is local
  const inner = stamp && { ...stamp, offset: 0 };
  const time = civil === undefined ? inner : ((inner && completedBy(civil, inner)) ?? civil);
  if (inner !== undefined && time === civil && civil?.offset === undefined)
    pairs.set('device_time', serial?.[2] as string);
  const program = record.envelope.program ?? (PROGRAM.exec(head) ?? MONITORED.exec(`${head}.`))?.[1];
  return { pairs, text: pairs.get('msg') ?? (isTraffic ? '' : free), time, code: m[1], program };
};

// Allow 10.0.0.5 198.51.100.7 https/tcp 42973 443 3-Trusted 1-WAN Allowed 60 63 (HTTPS-00) proc_id="firewall" rc="100" … msg_id="3000-0148"
const MONITOR =
  /(?:^|\s)(Allow|Deny) ([\da-fA-F.:]{3,45}) ([\da-fA-F.:]{3,45}) ([\w.-]{1,64})\/([\w-]{1,20})(?: (\d{1,5}) (\d{1,5}))? (\S{1,64}) (\S{1,64}) ([A-Z].{0,120}?)(?: (\d{1,5}) (\d{1,3}))? \(([^()]{1,200})\)/;

const readMonitor = (record: RawRecord): Line | undefined => {
  const m = MONITOR.exec(record.text);
  if (m === null) return undefined;
  const pairs = readKeyValues(record.text, m.index + m[0].length);
  'disp src dst service proto srcPort dstPort in_if out_if reason ip_len ip_TTL policy'
    .split(' ')
    .forEach((name, i) => {
      const value = m[i + 1];
      if (value !== undefined && !/^(?:Allowed|Denied)$/.test(value)) pairs.set(name, value);
    });
  const time = record.envelope.civil ?? readIso(record.text)?.civil;
  return { pairs, text: pairs.get('msg') ?? '', time, code: pairs.get('msg_id'), program: pairs.get('proc_id') };
};

const read = (record: RawRecord): Line | undefined => {
  const monitor = record.text.includes('proc_id="') ? readMonitor(record) : undefined;
  if (monitor !== undefined) return monitor;
  const native = NATIVE.exec(record.text);
  return native === null ? readLeefForm(record) : readNative(record, native);
};

const claims = (record: RawRecord): boolean =>
  NATIVE.test(record.text) ||
  LEEF.test(record.text) ||
  (record.text.includes('proc_id="') && MONITOR.test(record.text));

// ---------------------------------------------------------------- meaning

const named = (fields: Fields, pairs: Line['pairs']): string | undefined => {
  const name =
    pairs.get('signature_name') ?? pairs.get('virus') ?? pairs.get('malware_name') ?? pairs.get('threat_name');
  put(fields, 'threat.indicator.name', name);
  put(fields, 'rule.id', pairs.get('signature_id'));
  return name;
};

/** A connection or a proxied request, by its disposition. */
const traffic = (fields: Fields, { pairs, text }: Line): Act => {
  const passed = /^(?:allow|bypass|avscan|strip)/i.test(pairs.get('disp') ?? '');
  const outcome = passed ? 'success' : 'failure';
  const verdict = passed ? 'allowed' : 'denied';
  if (text !== '') put(fields, passed ? 'message' : 'event.reason', text);
  const threat =
    named(fields, pairs) ?? /\b(?:IPS|virus|APT|botnet|malware|spam) (?:detected|found|threat)/i.exec(text)?.[0];
  if (threat !== undefined) {
    fields['event.kind'] = 'alert';
    categorise(fields, ['intrusion_detection', 'network'], ['info', verdict], outcome);
    return 'threat';
  }
  if (pairs.get('dstname') !== undefined && pairs.get('op') !== undefined) {
    categorise(fields, ['web', 'network'], ['access', verdict], outcome);
    return passed ? 'http-request' : 'threat';
  }
  if (!passed) {
    categorise(fields, ['network'], ['connection', 'denied'], 'success');
    return 'flow-denied';
  }
  const counted = pairs.has('sent_bytes') || pairs.has('rcvd_bytes') || pairs.has('duration');
  categorise(fields, ['network'], ['connection', counted ? 'end' : 'start', 'allowed'], 'success');
  return counted ? 'flow' : 'flow-start';
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined) return rejected('not-this-format', 'neither msg_id nor the LEEF of a Firebox');
    const { pairs, text, code } = line;
    const fields: Fields = {
      'observer.vendor': 'WatchGuard',
      'observer.product': pairs.get('model') ?? 'Firebox',
      'observer.type': 'firewall',
    };
    if (line.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, line.time);
    put(fields, 'event.code', code);
    put(fields, 'process.name', line.program);
    put(fields, 'observer.name', pairs.get('host_name') ?? pairs.get('sys_name') ?? record.envelope.host);
    putValues(fields, pairs);
    // a proxy has rules of its own inside the policy
    put(fields, 'rule.name', pairs.get('rule_name') ?? pairs.get('policy'));
    put(fields, 'message', text);
    let act =
      pairs.has('disp') && pairs.has('src') ? traffic(fields, line) : readFireboxMessage(fields, text.slice(0, 2000));
    if (act === undefined) {
      categorise(fields, ['host'], ['info']);
      act = readPlainText(fields, text, undefined);
    }
    if (act === 'threat') {
      fields['event.kind'] = 'alert';
      if (fields['event.category']?.toString() === 'network')
        fields['event.category'] = ['intrusion_detection', 'network'];
    }
    relateAddresses(fields, text.slice(0, 4000));
    const duration = Number(pairs.get('duration') ?? Number.NaN);
    const at = fields['@timestamp'];
    if (Number.isFinite(duration) && duration >= 0 && duration < 1e8) {
      fields['event.duration'] = Math.round(duration * 1e9);
      if (typeof at === 'number') fields['event.start'] = at - Math.round(duration * 1e6);
    }
    return { kind: 'event', act, fields };
  };

const putValues = fieldMap(
  'watchguard.firebox',
  {
    text: `policy=rule.ruleset serial=observer.serial_number version=observer.version in_if=observer.ingress.interface.name
      out_if=observer.egress.interface.name app_name=network.application app=network.application cats=rule.category
      disp=event.action service=network.protocol sender=email.from.address+ file_name=file.name filename=file.name
      md5=file.hash.md5 sha256=file.hash.sha256 tls_version=tls.version reason=event.reason
      sni=tls.client.server_name question=dns.question.name query_type=dns.question.type`,
    number: `srcPort=source.port dstPort=destination.port sent_bytes=source.bytes rcvd_bytes=destination.bytes
      sent_pkts=source.packets rcvd_pkts=destination.packets`,
    side: 'src=source dst=destination',
    given: `src_ip_nat=source.nat.ip srcPostNAT=source.nat.ip dst_ip_nat=destination.nat.ip dstPostNAT=destination.nat.ip`,
    givenPort: `src_port_nat=source.nat.port srcPostNATPort=source.nat.port dst_port_nat=destination.nat.port
      dstPostNATPort=destination.nat.port`,
  },
  {
    'msg msg_id proc_id rule_name duration host_name sys_name devTime devTimeFormat model signature_name+ signature_id+ virus+':
      () => undefined,
    proto: (fields, value) => putTransport(fields, value),
    op: (fields, value) => put(fields, 'http.request.method', value),
    'dstname host': (fields, value) => {
      put(fields, 'destination.domain', value.toLowerCase());
      put(fields, 'url.domain', value.toLowerCase());
    },
    'arg path': (fields, value) => {
      const domain = fields['url.domain'];
      putUrl(fields, value);
      if (domain !== undefined) fields['url.domain'] = domain;
    },
    'src_user usrName user': (fields, value) => putFireboxUser(fields, 'user', value, 'einfallstor.login.method'),
    dst_user: (fields, value) => putUser(fields, 'destination.user', value),
    'recipients rcpt_to': (fields, value) => {
      for (const one of value.split(/[;,\s]+/).slice(0, 50)) add(fields, 'email.to.address', one);
    },
    ip_len: (fields, value) => putNumber(fields, 'watchguard.firebox.ip_len', value),
  },
);

const HELP = 'https://www.watchguard.com/help/docs/help-center/en-US/Content/en-US/Fireware/logging';

export default {
  id: 'watchguard-firebox',
  title: 'WatchGuard Firebox (Fireware)',
  references: [
    { title: 'Read a log message', url: `${HELP}/read_log-msg.html` },
    { title: 'Types of log messages', url: `${HELP}/log_message_types_c.html` },
    { title: 'Configure syslog server settings', url: `${HELP}/set_syslog_settings_c.html` },
    {
      title: 'Fireware Log Message Catalog',
      url: 'https://www.watchguard.com/help/docs/fireware/12/en-US/log_catalog/Log-Catalog_v12_6.pdf',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'traffic of packet filters and proxies in syslog, LEEF and Traffic Monitor form: ends, NAT, policy, bytes, users, URLs, IPS and virus names',
    'VPN (SSL, IKEv2, L2TP, IPSec), management and firewall user logins and sessions with their virtual address',
    'DHCP, blocked sites and attacks, tunnels and IKE, configuration changes; other messages by number and text',
  ],
  limits: ['IBM LEEF without devTime states no time of its own.'],
  recognise: recogniseBy(claims, 'carry msg_id or the LEEF of a Firebox'),
  claims,
  open,
} satisfies Parser as Parser;
