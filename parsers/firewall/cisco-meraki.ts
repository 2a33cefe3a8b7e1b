import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { categorise, put, putIp, putMac, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const ROLES =
  'flows|firewall|vpn_firewall|cellular_firewall|bridge_anyconnect_client_vpn_firewall|ip_flow_start|ip_flow_end|urls|events|security_event|ids-alerts|airmarshal_events|l7_firewall';
// 1 1635718447.834663913 MX84_MUC urls src=… · <134>1 1635718447.1 FW events … (between epoch and role stands the device)
const START = new RegExp(String.raw`(?:^|[\s>])(?:1 )?(\d{9,13}(?:\.\d{1,9})?) (\S{1,128}) (${ROLES}) `);
const claims = ({ text }: RawRecord): boolean => START.test(text);

type Pairs = Map<string, string>;

/** `key=value key='quoted value' key= 'quoted'`; a colon names the last one: `pattern: 1 all`, `request: GET http://…`, `message: …`. */
const readPairs = (text: string): Pairs => {
  const pairs: Pairs = new Map();
  const last = /(?:^|\s)(pattern|request|message): ?(.{0,4000})$/s.exec(text);
  const body = last === null ? text : text.slice(0, last.index);
  for (const m of body.matchAll(/(?:^|[\s,])([A-Za-z_][\w-]{0,63})=(?: ?'([^']*)'|([^\s]*))/g)) {
    const value = (m[2] ?? m[3] ?? '').trim();
    if (!pairs.has(m[1] as string) && value !== '') pairs.set(m[1] as string, value);
  }
  if (last !== null) pairs.set(last[1] as string, (last[2] as string).trim());
  return pairs;
};

type Outcomes = 'success' | 'failure';
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');

interface Line {
  readonly role: string;
  readonly text: string;
  readonly pairs: Pairs;
}

/** A rule's verdict: `allow all`, `deny …`, or for inbound rules 1 = deny, 0 = allow, before the rule itself. */
const flow: Family = (fields, { role, text, pairs }) => {
  const pattern = pairs.get('pattern') ?? '';
  const word = /^(allow|deny|0|1)\b/.exec(text)?.[1] ?? /^(allow|deny|0|1)\b/.exec(pattern)?.[1];
  put(fields, 'event.action', word === '0' ? 'allow' : word === '1' ? 'deny' : word);
  put(fields, 'rule.name', pattern.replace(/^(?:allow|deny|0|1) /, ''));
  put(fields, 'rule.ruleset', role);
  const decision = `${pairs.get('decision') ?? ''} ${pairs.get('action') ?? ''}`;
  if (word === 'deny' || word === '1' || /\bdeny\b/i.test(pattern) || /\b(?:block|den|drop)/i.test(decision))
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  // verdicts are written when a connection opens
  if (role === 'ip_flow_end') return as('flow', fields, 'network', 'connection end', 'success');
  return as('flow-start', fields, 'network', 'connection start allowed', 'success');
};

const urls: Family = (fields, { pairs }) => {
  const m = /^(\S{1,32}) (.{1,4000})$/s.exec(pairs.get('request') ?? '');
  if (m?.[1] !== 'UNKNOWN') put(fields, 'http.request.method', m?.[1]);
  putUrl(fields, m?.[2]);
  return as('http-request', fields, 'web network', 'access');
};

const security: Family = (fields, { text, pairs }) => {
  const kind = /^(\w{2,64})(?= |$)/.exec(text)?.[1] ?? pairs.get('type') ?? '';
  put(fields, 'event.action', kind);
  fields['event.kind'] = 'alert';
  put(fields, 'threat.indicator.name', pairs.get('message') ?? pairs.get('name'));
  const blocked = /block|deny|drop/.test(`${pairs.get('action') ?? ''} ${pairs.get('decision') ?? ''}`);
  const category = /file/.test(kind) ? 'malware network' : 'intrusion_detection network';
  return as('threat', fields, category, `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
};

/** `Server IP=… Peer IP=192.0.2.7 Peer port=56735 User=k.maier: …` · `Peer IP=… User[k.maier@medsoft.example]: …` */
const anyConnect = (fields: Fields, type: string, message: string): Act => {
  putIp(fields, 'source.ip', /\b[Pp]eer IP[=:] ?([\da-fA-F.:]{2,45}\w)/.exec(message)?.[1]);
  const port = /\b[Pp]eer port[=:] ?(\d{1,5})/.exec(message)?.[1];
  if (port !== undefined && Number(port) < 65536) fields['source.port'] = Number(port);
  const server = /\bServer IP=([\da-fA-F.:]{2,45}\w)/.exec(message)?.[1];
  if (putIp(fields, 'destination.ip', server)) {
    const to = Number(/\bServer port=(\d{1,5})/.exec(message)?.[1]);
    if (to > 0 && to < 65536) fields['destination.port'] = to;
  }
  putUser(fields, 'user', /\bUser(?:=|\[)([^\]\s:]{1,256})/.exec(message)?.[1]);
  putIp(
    fields,
    'einfallstor.vpn.assigned_ip',
    /\b(?:[Ll]ocal IP|assigned IP|IPv4 address)[=: ]{1,2}([\d.]{7,15})/.exec(message)?.[1],
  );
  fields['einfallstor.vpn.type'] = 'anyconnect';
  if (/auth_(?:success|failure|fail)/.test(type)) {
    const failed = type.includes('fail');
    if (failed) put(fields, 'event.reason', message.slice(message.lastIndexOf(': ') + 1));
    return as('vpn-login', fields, 'authentication network', failed ? 'info' : 'start', orFailure(failed));
  }
  if (/_connect$/.test(type) || /: Session connected\b/.test(message))
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (/_disconnect$/.test(type) || /: Session disconnected\b/.test(message)) {
    // the server counts: sent to, received from the client
    putNumber(fields, 'destination.bytes', /\bBytes xmt: (\d{1,16})/.exec(message)?.[1]);
    putNumber(fields, 'source.bytes', /\bBytes rcv: (\d{1,16})/.exec(message)?.[1]);
    put(fields, 'event.reason', /\bReason: (.{1,200})$/.exec(message)?.[1]);
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  }
  return as('vpn-negotiation', fields, 'session network', 'info');
};

// client_vpn_connect user id 'k.maier' local ip 10.9.0.14 connected from 192.0.2.7 (or: reconnected from)
const CLIENT_VPN =
  /^client_vpn_(?:dis)?connect user id '(.{0,256}?)'(?: local ip ([\da-fA-F.:]{2,45}))?(?: (?:\w{1,12} )?from ([\da-fA-F.:]{2,45}))?/;

/** `type=client_vpn_connect user_id='k.maier' local_ip='10.9.0.14' connect_time=…`, and the sentence of older releases. */
const clientVpn = (fields: Fields, { pairs, text }: Line, type: string): Act => {
  fields['einfallstor.vpn.type'] = 'ipsec';
  const said = CLIENT_VPN.exec(text);
  putUser(fields, 'user', said?.[1]);
  putIp(fields, 'einfallstor.vpn.assigned_ip', said?.[2]);
  putIp(fields, 'source.ip', said?.[3] ?? pairs.get('remote_ip'));
  put(fields, 'einfallstor.vpn.session_id', pairs.get('connect_time'));
  putIp(fields, 'einfallstor.vpn.assigned_ip', pairs.get('local_ip'));
  if (type.endsWith('disconnect')) return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
};

// dhcp lease of ip 10.0.0.9 from mx mac 00:… for client mac 00:… from router 10.0.0.1 on subnet … with dns …
const LEASE =
  /^dhcp lease of ip ([\d.]{7,15}) .{0,40}?(?:mx|server) mac ([\da-fA-F:]{17}) for client mac ([\da-fA-F:]{17})/;

const event: Family = (fields, line) => {
  const { text, pairs } = line;
  const type =
    pairs.get('type') ??
    /^(client_vpn_(?:dis)?connect(?= user id )|[a-z0-9_]{3,64}(?= \w{1,32}=))/.exec(text)?.[1] ??
    '';
  put(fields, 'event.action', type);
  put(fields, 'message', pairs.get('msg') ?? (type === '' ? text : undefined));
  const lease = LEASE.exec(text);
  if (lease !== null) {
    putIp(fields, 'source.ip', lease[1]);
    putMac(fields, 'destination.mac', lease[2]);
    putMac(fields, 'source.mac', lease[3]);
    return as('dhcp-lease', fields, 'network', 'protocol info', 'success');
  }
  // dhcp release for mac 00:… · dhcp no offers for mac 00:… host = 10.0.0.1
  const other = /^dhcp (?:release|no offers) for mac ([\da-fA-F:]{17})/.exec(text);
  if (other !== null) {
    putMac(fields, 'source.mac', other[1]);
    return as('dhcp-lease', fields, 'network', 'protocol info', text.includes('no offers') ? 'failure' : 'success');
  }
  if (type.startsWith('anyconnect_vpn')) return anyConnect(fields, type, pairs.get('msg') ?? text);
  if (type.startsWith('client_vpn')) return clientVpn(fields, line, type);
  if (/^(?:content_filtering|cf)_/.test(type)) {
    fields['event.kind'] = 'alert';
    return as('threat', fields, 'web network', 'access denied', 'failure');
  }
  if (/^(?:vpn_|site-to-site|IPsec|msg: ?<|<)/i.test(type || text) || /\bISAKMP|IKE|phase[12]/i.test(text)) {
    fields['einfallstor.vpn.type'] = 'ipsec';
    return as(
      'vpn-negotiation',
      fields,
      'network',
      'connection protocol',
      orFailure(/fail|connectivity='false'/.test(text)),
    );
  }
  if (/^(?:8021x|wpa|splash)_?(?:auth|deauth|eap_success|eap_failure)/.test(type)) {
    putUser(fields, 'user', pairs.get('identity'));
    put(fields, 'service.type', 'wifi');
    if (type.includes('deauth')) return as('logout', fields, 'authentication session', 'end', 'success');
    const failed = type.includes('failure');
    return as('login', fields, 'authentication', failed ? 'info' : 'start', orFailure(failed));
  }
  if (/failover|connection (?:up|down)|reboot|status changed|^port \d+(?! received)/i.test(text))
    return as('source-state', fields, 'host', 'info');
  return as('other', fields, 'network', 'info');
};

type Family = (fields: Fields, line: Line) => Act;

const familyOf = (role: string): Family => {
  if (role === 'urls') return urls;
  if (role === 'security_event' || role === 'ids-alerts' || role === 'airmarshal_events') return security;
  return role === 'events' ? event : flow;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const start = START.exec(record.text);
    if (start === null) return rejected('not-this-format', 'no epoch, device and role of Meraki');
    const text = record.text
      .slice(start.index + start[0].length)
      .trim()
      .slice(0, 8192);
    const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'Meraki', 'observer.type': 'firewall' };
    const instant = epochMicros(start[1] as string);
    if (instant === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, instant ?? record.envelope.civil);
    put(fields, 'observer.name', start[2]);
    const role = start[3] as string;
    put(fields, 'event.code', role);
    const pairs = readPairs(text);
    putValues(fields, pairs);
    const act = familyOf(role)(fields, { role, text, pairs });
    if (role === 'events') relateAddresses(fields, text.replace(/ subnet [\d.]{7,15}/, ''));
    // one translated port for whichever address was translated
    const port = Number(pairs.get('translated_port'));
    const side = fields['source.nat.ip'] === undefined ? 'destination' : 'source';
    if (port > 0 && port < 65536 && fields[`${side}.nat.ip`] !== undefined) fields[`${side}.nat.port`] = port;
    return { kind: 'event', act, fields };
  };

/** `192.0.2.1` · `192.0.2.1:443` · `2001:db8::1:443`, where the last part is a port · a MAC address (Air Marshal). */
const putEnd =
  (side: 'source' | 'destination') =>
  (fields: Fields, value: string): unknown => {
    if (/^(?:[\da-fA-F]{2}:){5}[\da-fA-F]{2}$/.test(value)) return putMac(fields, `${side}.mac`, value);
    const groups = value.split(':').length;
    // eight groups and a port, or one colon: the last is the port
    const m = groups === 2 || groups === 9 || /^\[/.test(value) ? /^\[?(.{2,45}?)\]?:(\d{1,5})$/.exec(value) : null;
    if (!putIp(fields, `${side}.ip`, m?.[1] ?? value)) return false;
    if (m?.[2] !== undefined && Number(m[2]) < 65536) fields[`${side}.port`] = Number(m[2]);
    return undefined;
  };

const putValues = fieldMap(
  'cisco.meraki',
  {
    text: `agent=user_agent.original sha256=file.hash.sha256 name=file.name signature=rule.id ssid=network.name
      priority=log.level device=observer.serial_number`,
    number: 'sport=source.port dport=destination.port',
    ip: 'client_ip=source.ip',
    given: 'translated_src_ip=source.nat.ip translated_dst_ip=destination.nat.ip',
    mac: 'mac=source.mac client_mac=source.mac shost=source.mac dhost=destination.mac',
    user: 'user_id=user user=user',
  },
  {
    'type translated_port+ timestamp+ direction+ msg message pattern+ request': () => undefined,
    src: putEnd('source'),
    dst: putEnd('destination'),
    server: putEnd('destination'),
    url: putUrl,
    // tcp · tcp/ip
    protocol: (fields, value) => putTransport(fields, value.replace(/\/ip$/, '')),
  },
);

const DOCS = 'https://documentation.meraki.com/General_Administration/Monitoring_and_Reporting';

export default {
  id: 'cisco-meraki',
  title: 'Cisco Meraki MX, MR, MS',
  references: [
    { title: 'Syslog event types and log samples', url: `${DOCS}/Syslog_Event_Types_and_Log_Samples` },
    { title: 'Syslog server overview and configuration', url: `${DOCS}/Syslog_Server_Overview_and_Configuration` },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ns' },
  families: [
    'flows, firewall, vpn_firewall, cellular_firewall, ip_flow_start and ip_flow_end, urls',
    'security_event and ids-alerts, content filtering, Air Marshal',
    'events: client VPN, AnyConnect, site-to-site VPN, DHCP leases, wireless authentication, uplinks',
  ],
  limits: ['Flows carry no bytes. Records of flows are written when a connection opens.'],
  recognise: recogniseBy(claims, 'are Meraki records (epoch, device, role)'),
  claims,
  open,
} satisfies Parser as Parser;
