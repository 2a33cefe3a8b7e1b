import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readActivity, readBarracuda } from '../../src/parse/kit/barracuda.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { categorise, keepVendor, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const claims = (record: RawRecord): boolean => readBarracuda(record) !== undefined;

const as = (act: Act, fields: Fields, category: string, types: string, outcome?: 'success' | 'failure'): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};

// ---------------------------------------------------------------- firewall activity

// Allow: type=FWD|proto=TCP|… · LocalBlock: LIN|TCP|… · Remove: FWD|…
const ACTIVITY = /^((?:Local)?[A-Z][A-Za-z]{2,15}): ([^|]{1,200}\|.*)$/s;

const putActivity = fieldMap(
  'barracuda.cloudgen',
  {
    text: `srcIF=observer.ingress.interface.name dstIF=observer.egress.interface.name rule=rule.name
      application=network.application urlcat=rule.category target=url.original content=file.type`,
    lower: 'dstService=network.protocol',
    number: `srcPort=source.port dstPort=destination.port sentBytes=source.bytes receivedBytes=destination.bytes
      sentPackets=source.packets receivedPackets=destination.packets`,
    side: 'srcIP=source dstIP=destination',
    given: 'srcNAT=source.nat.ip dstNAT=destination.nat.ip',
    mac: 'srcMAC=source.mac dstMAC=destination.mac',
    user: 'user=user',
  },
  {
    proto: putTransport,
    protocol: (fields, value) => put(fields, 'network.application', (fields['network.application'] as string) ?? value),
    // a number where the box logs the code, words where it logs the text
    info: (fields, value) => put(fields, /^\d+$/.test(value) ? 'barracuda.cloudgen.info_code' : 'event.reason', value),
    // milliseconds
    duration: (fields, value) => {
      if (/^\d{1,12}$/.test(value)) fields['event.duration'] = Number(value) * 1e6;
      return fields['event.duration'] !== undefined;
    },
  },
);

/** `Allow` opens a session, `Remove` ends it with what passed; the rest stopped it. */
const activity = (fields: Fields, action: string, pairs: ReadonlyMap<string, string>): Act => {
  putActivity(fields, pairs);
  put(fields, 'event.action', action);
  for (const side of ['source', 'destination'] as const)
    if (fields[`${side}.nat.ip`] === fields[`${side}.ip`]) delete fields[`${side}.nat.ip`];
  if (/remove|close|terminate/i.test(action)) return as('flow', fields, 'network', 'connection end allowed', 'success');
  if (/allow|accept/i.test(action)) return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  if (/detect|scan/i.test(action)) {
    fields['event.kind'] = 'alert';
    return as('threat', fields, 'intrusion_detection network', 'info', 'success');
  }
  return as('flow-denied', fields, 'network', 'connection denied', 'success');
};

// ---------------------------------------------------------------- VPN

// Session PGRP-AUTH-k.maier: Accounting LOGOUT - user=k.maier IP=10.90.0.14 start="2021/10/31 23:14:07" duration=120 inBytes=10 outBytes=20
const ACCOUNTING = /^Session (?<session>\S{1,200}): Accounting (?<what>LOGIN|LOGOUT)\b(?<rest>.*)$/s;
// update|fw01|PGRP-AUTH-k.maier-4F2A||||||1635718447|1635722047|116377|1219271|192.0.2.7|||k.maier
const RECORD =
  /^(?<what>[a-z]{3,12})\|(?<box>[^|]{0,64})\|(?<session>(?:PGRP|PERS|IPSEC|SSL|PHS)[^|]{0,200})\|(?<rest>.*)$/s;

/** `PGRP-AUTH-k.maier` (group), `PERS-k.maier` (personal): the user behind a tunnel's name. */
const userOf = (session: string): string | undefined =>
  /^(?:PGRP|PERS)(?:-AUTH)?-(.{1,128}?)(?:-[0-9A-Fa-f]{4,8})?$/.exec(session)?.[1];

/** `PGRP-AUTH-k.maier` names a tunnel, not one stay in it; PHS is the handshake of all. */
const putTunnel = (fields: Fields, session: string): void => put(fields, 'barracuda.cloudgen.tunnel', session);

const accounting = (fields: Fields, m: RegExpExecArray, clock: Clock): Act => {
  const { what, session = '', rest = '' } = m.groups ?? {};
  const pairs = readKeyValues(rest);
  putTunnel(fields, session);
  putUser(fields, 'user', pairs.get('user') ?? userOf(session));
  putIp(fields, 'einfallstor.vpn.assigned_ip', pairs.get('IP'));
  putIp(fields, 'source.ip', pairs.get('peer'));
  putNumber(fields, 'source.bytes', pairs.get('inBytes') ?? pairs.get('received'));
  putNumber(fields, 'destination.bytes', pairs.get('outBytes') ?? pairs.get('sent'));
  const seconds = Number(/^\d{1,9}/.exec(pairs.get('duration') ?? '')?.[0] ?? Number.NaN);
  if (seconds >= 0) fields['event.duration'] = seconds * 1e9;
  const start = clock.instant(readIso(pairs.get('start') ?? '')?.civil);
  if (start !== undefined) fields['event.start'] = start;
  const login = what === 'LOGIN';
  put(fields, 'event.action', login ? 'accounting-login' : 'accounting-logout');
  if (login) return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
};

/** A line of the user accounting: begin, last sign of life, bytes to and from the client, its address, the user. */
const accountingRecord = (fields: Fields, m: RegExpExecArray, clock: Clock): Act => {
  const { what = '', session = '', rest = '' } = m.groups ?? {};
  const cells = rest.split('|');
  put(fields, 'einfallstor.vpn.session_id', session);
  put(fields, 'event.action', what);
  putUser(fields, 'user', cells[12] || userOf(session));
  putIp(fields, 'source.ip', cells[9]);
  const start = /^\d{9,10}$/.test(cells[5] ?? '') ? clock.instant(Number(cells[5]) * 1e6) : undefined;
  if (start !== undefined) fields['event.start'] = start;
  putNumber(fields, 'destination.bytes', cells[7]);
  putNumber(fields, 'source.bytes', cells[8]);
  if (/^(?:login|start|new|add|create|open)/.test(what))
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (/^(?:logout|stop|del|remove|close|end)/.test(what))
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  return as('vpn-negotiation', fields, 'session network', 'info', 'success');
};

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Session PHS: authentication succeeded: Login 'k.maier' (192.0.2.7:40122) · user=k.maier (192.0.2.7:40122)
  [/^Session (?<session>\S{1,200}): .{0,200}?authentication succeeded\b.{0,200}?(?:Login '|(?:login|user)=)(?<user>[^'\s(]{1,128})(?:.{0,120}?\((?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5})\))?/i, 'authentication-succeeded', 'vpn-login', 'passed'],
  [/^Session (?<session>\S{1,200}): .{0,200}?authentication failed\b.{0,200}?\((?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5})\).{0,200}?Login '(?<user>[^']{1,128})'/i, 'authentication-failed', 'vpn-login', 'refused'],
  [/^Session (?<session>\S{1,200}): .{0,200}?authentication failed\b(?:.{0,200}?(?:Login '|(?:login|user)=)(?<user>[^'\s(]{1,128}))?(?:.{0,120}?\((?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5})\))?/i, 'authentication-failed', 'vpn-login', 'refused'],
  // Session PGRP-AUTH-k.maier: Login peer=192.0.2.7 server=203.0.113.20
  [/^Session (?<session>\S{1,200}): Login peer=(?<ip>[\da-fA-F.:]{2,45})(?: server=(?<to>[\da-fA-F.:]{2,45}))?/, 'login', 'vpn-session-start', 'up'],
  [/^Session (?<session>\S{1,200}): Logout peer=(?<ip>[\da-fA-F.:]{2,45})(?: server=(?<to>[\da-fA-F.:]{2,45}))?/, 'logout', 'vpn-session-end', 'down'],
  [/^Session (?<session>PHS|PGRP\S{1,200}|PERS\S{1,200}): .{0,400}?(?:(?:login|user)=|user ')(?<user>[^'\s(]{1,128})(?:.{0,120}?\((?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5})\))?/i, 'authentication-request', 'vpn-negotiation', 'asked'],
  // TCP 192.0.2.7:40122: Access denied (wrong password)
  [/^(?:TCP|UDP|ESP) (?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5}): .{0,200}?(?:den|fail|refus|reject).{0,120}?(?:\((?<reason>[^)]{1,200})\)|$)/i, 'connection-refused', 'vpn-negotiation', 'broken'],
  // LOGIN ATTEMPT: Login k.maier from 192.0.2.7: Denied: Firewall Rule MGMT · : Allowed
  [/^LOGIN ATTEMPT: Login (?:(?<user>\S{1,128}) )?from (?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))? ?: Allowed/, 'login-attempt', 'admin-login', 'passed'],
  [/^LOGIN ATTEMPT: Login (?:(?<user>\S{1,128}) )?from (?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))? ?: (?<reason>.{1,300})/, 'login-attempt', 'admin-login', 'refused'],
  // 192.0.2.77:15743 login succeeded: root Valid password and valid challenge
  [/^(?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5}) login succeeded: (?<user>\S{1,128})/, 'login', 'admin-login', 'passed'],
  [/^(?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5}) login (?:failed|denied): (?<user>\S{1,128})(?: (?<reason>.{1,200}))?/, 'login-failed', 'admin-login', 'refused'],
  // boxconfig[50512]: Session root_fw01: Closed
  [/^(?<process>[\w.-]{2,32})\[(?<pid>\d{1,10})\]: Session (?<session>(?<user>[^\s_:]{1,64})\S{0,200}?): Closed/, 'session-closed', 'logout', 'left'],
  [/^Process: Session\((?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5})\) exits/, 'session-exit', 'logout', 'left'],
  // New Session GCSID_root_fw01_192.0.2.77_34031_56301
  [/^New Session (?<session>GCSID_(?<user>[^_\s]{1,64})_.{0,100}?_(?<ip>[\da-fA-F.:]{2,45})_(?<port>\d{1,5})_\d{1,10})/, 'session-opened', 'other', 'session'],
  // [root@192.0.2.77_36778]  Commit operation: 0 Copy: bsyslog.conf from boxsrv
  [/^\[(?<user>[^@\]]{1,64})@(?<ip>[\da-fA-F.:]{2,45})_(?<port>\d{1,5})\] {1,2}(?<object>(?:Commit|Write|Delete|Create|Change|Upload|Import|Add|Remove|Activate)\b.{1,400})/, 'commit', 'config-change', 'changed'],
  [/^\[(?<user>[^@\]]{1,64})@(?<ip>[\da-fA-F.:]{2,45})_(?<port>\d{1,5})\] {1,2}Download File (?<path>\S{1,1000})/, 'download', 'other', 'session'],
  [/^\[(?<user>[^@\]]{1,64})@(?<ip>[\da-fA-F.:]{2,45})_(?<port>\d{1,5})\] /, 'admin-session', 'other', 'session'],
  // phibs: Authentication Timeout(28800) for peer=192.0.2.7 origin=DCCLIENT server=box … box=fw01 k.maier|||…
  [/^phibs: Authentication (?<did>Logout|Timeout)\S{0,20} for peer=(?<ip>[\da-fA-F.:]{2,45}) .{0,200}?box=\S{1,64} (?<user>[^|\s]{1,128})/i, 'authentication-ended', 'logout', 'left'],
  [/^phibs: Authentication (?:Failed|Denied|Failure)\S{0,20} for peer=(?<ip>[\da-fA-F.:]{2,45}) .{0,200}?box=\S{1,64} (?<user>[^|\s]{1,128})/i, 'authentication-failed', 'login', 'refused'],
  [/^phibs: Authentication \S{1,40} for peer=(?<ip>[\da-fA-F.:]{2,45}) .{0,200}?box=\S{1,64} (?<user>[^|\s]{1,128})/i, 'authenticated', 'login', 'passed'],
  // event: [1071032] Send Event (D|2|NGAdmin|2|Login|2420|root|fw01) to Control Center 192.0.2.9
  [/^event: .{0,60}?(?:Send|Insert) Event .{0,400}? to (?:Control Center|\S{1,40}) (?<to>[\da-fA-F.:]{2,45})$/, 'send-event', 'other', 'info'],
  // firewall: [Intrusion Prevention] … TCP 192.0.2.7:4711 -> 10.1.0.5:80 |[SQL injection …]|
  [/^firewall: .{0,200}?(?<transport>TCP|UDP|ICMP) (?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))? -> (?<to>[\da-fA-F.:]{2,45}?)(?::(?<toPort>\d{1,5}))?(?=[ |])[^|]{0,200}\|\[(?<threat>[^\]]{1,300})/, 'threat', 'threat', 'stopped'],
];

/** `root_fw01_5-4_1`: sessions of the management name the user, the box, its range and cluster. */
const withoutBox = (name: string, host: string | undefined): string =>
  host !== undefined && name.includes(`_${host}`) ? name.slice(0, name.indexOf(`_${host}`)) : name;

const message = (fields: Fields, text: string, host: string | undefined): Act => {
  const found = phraseOf(PHRASES, text.slice(0, 4096));
  if (found === undefined) {
    putKind(fields, 'state');
    const act = readPlainText(fields, text, undefined);
    return act === 'other' && /^(?:still alive|.*\b(?:started|stopped|terminated|restart))/i.test(text)
      ? 'source-state'
      : act;
  }
  const { groups, phrase } = found;
  putPhrase(fields, phrase, groups);
  putTransport(fields, groups['transport']);
  if (fields['user.name'] !== undefined) put(fields, 'user.name', withoutBox(String(fields['user.name']), host));
  put(fields, 'process.name', groups['process']);
  putNumber(fields, 'process.pid', groups['pid']);
  put(fields, 'file.path', groups['path']);
  put(fields, 'file.name', groups['path']?.split('/').pop() ?? /\bCopy: (\S{1,255})/.exec(groups['object'] ?? '')?.[1]);
  if (groups['threat'] !== undefined) {
    fields['event.kind'] = 'alert';
    put(fields, 'threat.indicator.name', groups['threat']);
    categorise(fields, ['intrusion_detection', 'network'], ['info', 'denied'], 'failure');
  }
  const session = groups['session'] ?? '';
  delete fields['einfallstor.vpn.session_id'];
  if (phrase[2].startsWith('vpn-')) putTunnel(fields, session);
  else put(fields, 'session.id', session);
  if (fields['user.name'] === undefined) putUser(fields, 'user', userOf(session));
  if (phrase[2] === 'admin-login') put(fields, 'service.type', 'ngadmin');
  return phrase[2];
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const line = readBarracuda(record);
    if (line === undefined) return rejected('not-this-format', 'no line of a CloudGen Firewall: level and message');
    const fields: Fields = {
      'observer.vendor': 'Barracuda',
      'observer.product': 'CloudGen Firewall',
      'observer.type': 'firewall',
      'log.level': line.level.toLowerCase(),
    };
    clock.stamp(fields, line.civil);
    if (line.civil === undefined) warn(fields, 'time-missing');
    put(fields, 'observer.name', line.host);
    put(fields, 'log.logger', line.file);
    const text = line.message;
    const flow = ACTIVITY.exec(text);
    const pairs = flow === null ? undefined : readActivity(flow[2] as string);
    const [told, row] = [ACCOUNTING.exec(text), RECORD.exec(text)];
    let act: Act;
    if (flow !== null && pairs !== undefined) act = activity(fields, flow[1] as string, pairs);
    else if (told !== null) act = accounting(fields, told, clock);
    else if (row !== null) act = accountingRecord(fields, row, clock);
    else act = message(fields, text, line.host);
    if (act === 'other' && /VPN/.test(line.file ?? '')) act = 'vpn-negotiation';
    if (act.startsWith('vpn-'))
      put(fields, 'einfallstor.vpn.type', /IKEv2|ipsec/i.test(line.file ?? '') ? 'ipsec' : 'tina');
    if (pairs === undefined) {
      put(fields, 'message', text);
      relateAddresses(fields, text.slice(0, 16_384).replaceAll(/[_(|]/g, ' '));
      const reported = /\(DC1 IP = ([\d.]{7,15})\)/.exec(text)?.[1];
      keepVendor(
        fields,
        'barracuda.cloudgen',
        Object.entries({ domain_controller: canonicalIp(reported ?? '') ?? '' }),
      );
    }
    return { kind: 'event', act, fields };
  };

export default {
  id: 'barracuda-cloudgen',
  title: 'Barracuda CloudGen Firewall (NextGen Firewall F)',
  references: [
    {
      title: 'CloudGen Firewall: Firewall Activity Log',
      url: 'https://campus.barracuda.com/product/cloudgenfirewall/doc/79465001/firewall-activity-log/',
    },
    {
      title: 'CloudGen Firewall: Available Log Files and Structure',
      url: 'https://campus.barracuda.com/product/cloudgenfirewall/doc/79463293/available-log-files-and-structure/',
    },
    {
      title: 'CloudGen Firewall: How to Configure Syslog Streaming',
      url: 'https://campus.barracuda.com/product/cloudgenfirewall/doc/79463292/how-to-configure-syslog-streaming/',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'firewall activity with and without keys, threats',
    'client-to-site VPN: authentication, sessions, accounting with bytes; users of domain controllers',
    'logins and sessions of administrators, configuration, events; files of the box and syslog streams, tag lost or not',
  ],
  limits: [
    'The vendor documents the activity log; other messages are known by their words in current releases.',
    'sentBytes is read as sent by the source of the connection: the vendor does not say from where it counts.',
  ],
  recognise: recogniseBy(claims, 'are lines of a CloudGen Firewall'),
  claims,
  open,
} satisfies Parser as Parser;
