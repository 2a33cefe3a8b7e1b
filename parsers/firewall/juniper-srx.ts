import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.142 reason="TCP FIN" …]` */
const STRUCTURED = /(?:^|\s)([A-Z][A-Z0-9_]{3,64}) \[junos@[\d.]{1,40} /;
/** `RT_FLOW: RT_FLOW_SESSION_CREATE: session created …` · `mgd[94759]: UI_AUTH_EVENT: Authenticated user …` */
const TEXT =
  /(?:^|[\s>])([\w/-]{2,40})(?:\[(\d{1,10})\])?: ((?:RT|UI|SSHD|KMD|IKE|LOGIN|WEB|FWAUTH|IDP|AAMW|SECINTEL|WEBFILTER|AV|ANTISPAM|CONTENT_FILTERING|APPTRACK|DYNAMIC_VPN|JSRPD|SYSTEM|SNMP|SNMPD|LIBJNX|CHASSISD|L2ALD|RPD|RTLOG|APPIDD|NSD|PKID|USERFW|DDOS|PFE|LACPD|BFDD|DCD|DHCPD|JDHCPD|LLDPD|MIB2D|DFWD|LICENSE|EVENTD|RMOPD|VRRPD|UTMD|ACCT)_[A-Z0-9_]{2,64}): /;

/** `kmd[9812]: IKE negotiation failed with error: …`, `srx-1 kmd 9812 - - IPSec negotiation …`: later releases give no name. */
const NEGOTIATION =
  /(?:^|[\s>])(kmd|ike[a-z]{0,6}d)(?:\[(\d{1,10})\]:| (\d{1,10}) - -) (?=I(?:KE|P[Ss]ec) (?:negotiation|SA|Phase|rekey))/;

interface Line {
  readonly tag: string;
  readonly pairs: ReadonlyMap<string, string>;
  readonly text: string;
  readonly head: string;
  readonly program: string | undefined;
  readonly pid: string | undefined;
}

/** `FW: ge-0/0/0.0   A icmp 192.0.2.1 10.0.0.1     8     0 (1 packets)`: a firewall filter of the forwarding engine; with a frame's addresses `A 0800 00:00:5e:… -> 00:00:5e:…  tcp 192.0.2.1 …`. */
const PACKET =
  /\bFW: (\S{1,32}) {1,12}([ADR]) (?:(?:\w{1,8} )?([\da-f:]{17}) (?:-> )?([\da-f:]{17})(?: \S{1,16} \S{1,16} \S{1,8})? {1,4})?(\w{1,12}) ([\da-fA-F.:]{2,45}) ([\da-fA-F.:]{2,45}) {1,8}(\d{1,5}) {1,8}(\d{1,5}) \((\d{1,10}) packets?\)/;
const PACKET_NAMES = words(`packet-incoming-interface verdict source-mac destination-mac protocol-name source-address
  destination-address source-port destination-port packets-from-client`);

const readPacket = (text: string): Line | undefined => {
  const m = PACKET.exec(text);
  if (m === null) return undefined;
  const pairs = new Map<string, string>();
  PACKET_NAMES.forEach((name, n) => {
    if (m[n + 1] !== undefined) pairs.set(name, m[n + 1] as string);
  });
  return {
    tag: 'PFE_FW_SYSLOG_IP',
    pairs,
    text: m[0],
    head: text.slice(0, m.index),
    program: undefined,
    pid: undefined,
  };
};

const readNegotiation = (text: string): Line | undefined => {
  const m = NEGOTIATION.exec(text);
  if (m === null) return undefined;
  const [head, body] = [text.slice(0, m.index), text.slice(m.index + m[0].length)];
  return { tag: '', pairs: new Map(), text: body, head, program: m[1], pid: m[2] ?? m[3] };
};

const readLine = (text: string): Line | undefined => {
  const structured = STRUCTURED.exec(text);
  if (structured !== null) {
    const pairs = new Map<string, string>();
    const rest = text.slice(structured.index + structured[0].length);
    for (const m of rest.matchAll(/(?<![\w-])([\w-]{1,64})="((?:[^"\\]|\\.)*)"/g)) {
      if (!pairs.has(m[1] as string)) pairs.set(m[1] as string, (m[2] as string).trim());
    }
    const behind = /"\] ?(.{0,2000})$/s.exec(rest)?.[1] ?? '';
    return {
      tag: structured[1] as string,
      pairs,
      text: behind,
      head: text.slice(0, structured.index),
      program: undefined,
      pid: undefined,
    };
  }
  const m = TEXT.exec(text);
  if (m === null) return readNegotiation(text) ?? readPacket(text);
  const body = text.slice(m.index + m[0].length);
  return {
    tag: m[3] as string,
    pairs: readPacket(body)?.pairs ?? readText(body),
    text: body,
    head: text.slice(0, m.index),
    program: m[1],
    pid: m[2],
  };
};

const END = String.raw`([\da-fA-F.:]{2,45})/(\d{1,5})->([\da-fA-F.:]{2,45})/(\d{1,5})`;
const SESSION = new RegExp(
  String.raw`^session (?:created|closed|denied)(?: ([^:/]{1,64}):)? ${END}(?: 0x[\da-f]{1,8})? (\S{1,64})(?: ${END}(?: 0x[\da-f]{1,8})?)? (.{1,600})`,
);
// … None None 6 policy trust untrust 5 78(6657) 122(13305) 45 UNKNOWN UNKNOWN N/A(N/A) ge-0/0/1.0 No
const TAIL =
  /(?:^|\s)(\d{1,3})(?:\(\d{1,5}\))? (\S{1,128}) (\S{1,64}) (\S{1,64})(?: (\d{1,20}))?(?: (\d{1,16})\((\d{1,18})\) (\d{1,16})\((\d{1,18})\) (\d{1,12}))?(?=\s|$)/;

/** The fields of a flow message without structured data, by position, under their structured names. */
const readText = (body: string): Map<string, string> => {
  const pairs = new Map<string, string>();
  const set = (names: string, values: readonly (string | undefined)[]): void => {
    words(names).forEach((name, n) => {
      const value = values[n];
      if (value !== undefined && value !== '') pairs.set(name, value);
    });
  };
  const m = SESSION.exec(body);
  if (m !== null) {
    set('reason source-address source-port destination-address destination-port service-name', m.slice(1, 7));
    set('nat-source-address nat-source-port nat-destination-address nat-destination-port', m.slice(7, 11));
    const tail = TAIL.exec(m[11] as string);
    set('protocol-id policy-name source-zone-name destination-zone-name session-id-32', tail?.slice(1) ?? []);
    set(
      'packets-from-client bytes-from-client packets-from-server bytes-from-server elapsed-time',
      tail?.slice(6) ?? [],
    );
    set(
      'username packet-incoming-interface',
      /\s([^\s()]{1,128})\([^()]{0,256}\) ([a-z]{2,8}[\d.-][\w/.-]{1,32})/.exec(m[11] as string)?.slice(1) ?? [],
    );
    return pairs;
  }
  // Attack log <192.0.2.1/48397->203.0.113.9/80> · 10.0.0.1(62054)->198.51.100.1(443)
  const ends = /(?<![\da-fA-F.:])([\da-fA-F.:]{2,45})[/(](\d{1,5})\)?->([\da-fA-F.:]{2,45})[/(](\d{1,5})/.exec(body);
  set('source-address source-port destination-address destination-port', ends?.slice(1) ?? []);
  set('protocol-name', /> for (\w{2,8}) protocol/.exec(body)?.slice(1) ?? []);
  for (const [, key, value] of body.matchAll(
    /\b(action|threat-severity|name|ACTION|CATEGORY|REASON|PROFILE|URL|OBJ)=(?:"([^"]{0,512})"|[^\s,]{1,512})/g,
  )) {
    const plain = value ?? new RegExp(`\\b${key}=([^\\s,]{1,512})`).exec(body)?.[1] ?? '';
    if (plain !== '') pairs.set(TEXT_KEYS.get(key as string) ?? (key as string), plain);
  }
  return pairs;
};
const TEXT_KEYS = new Map([
  ['name', 'attack-name'],
  ['ACTION', 'action'],
  ['CATEGORY', 'category'],
  ['REASON', 'reason'],
  ['URL', 'url'],
  ['OBJ', 'obj'],
  ['PROFILE', 'profile'],
]);

const claims = ({ text }: RawRecord): boolean =>
  STRUCTURED.test(text) || TEXT.test(text) || PACKET.test(text) || NEGOTIATION.test(text);

type Outcomes = 'success' | 'failure';
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');

const flow: Family = (fields, { tag, pairs }) => {
  put(fields, 'event.reason', pairs.get('reason'));
  if (/_DENY/.test(tag)) return as('flow-denied', fields, 'network', 'connection denied', 'success');
  if (/_CREATE/.test(tag)) return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  if (/_VOL_UPDATE/.test(tag)) return as('flow', fields, 'network', 'connection allowed', 'success');
  if (!/_CLOSE/.test(tag)) return as('other', fields, 'network', 'info');
  const at = fields['@timestamp'];
  const seconds = Number(pairs.get('elapsed-time'));
  if (seconds >= 0) fields['event.duration'] = seconds * 1e9;
  if (typeof at === 'number' && seconds >= 0) fields['event.start'] = at - seconds * 1e6;
  return as('flow', fields, 'network', 'connection end allowed', 'success');
};

const packet: Family = (fields, { pairs }) => {
  const verdict = pairs.get('verdict');
  if (verdict === undefined) return as('other', fields, 'network', 'info');
  put(fields, 'event.action', verdict === 'A' ? 'accept' : verdict === 'D' ? 'discard' : 'reject');
  if (verdict === 'A') return as('flow', fields, 'network', 'connection allowed', 'success');
  return as('flow-denied', fields, 'network', 'connection denied', 'success');
};

const threat: Family = (fields, { tag, pairs }) => {
  const action = pairs.get('action') ?? '';
  put(fields, 'event.action', action);
  put(fields, 'event.reason', pairs.get('reason'));
  const blocked = /(?<!without-)drop|block|close|deny|denied|reject/i.test(`${action} ${tag}`);
  const web = /WEBFILTER|CONTENT_FILTERING/.test(tag);
  for (const key of words('attack-name malware-info virus-name name feed-name'))
    if (fields['threat.indicator.name'] === undefined) put(fields, 'threat.indicator.name', pairs.get(key));
  if (blocked || !web) fields['event.kind'] = 'alert';
  const url = pairs.get('url');
  const place = `${url ?? ''}${pairs.get('obj') ?? ''}`;
  if (place.includes('/')) {
    putUrl(fields, place.includes('://') ? place : `http://${place}`);
    fields['url.original'] = place;
    if (!place.includes('://')) delete fields['url.scheme']; // not told
  }
  if (url !== undefined && fields['url.domain'] === undefined)
    put(fields, 'url.domain', url.split('/')[0]?.toLowerCase());
  const category = web ? 'web network' : /^(?:AV|AAMW)/.test(tag) ? 'malware network' : 'intrusion_detection network';
  // a page that the web filter let through was visited
  if (web && !blocked && fields['url.domain'] !== undefined)
    return as('http-request', fields, category, 'access allowed', 'success');
  return as('threat', fields, category, `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
};

/** Administrators, by the management daemon and by sshd. */
const management: Family = (fields, { tag, pairs, text }) => {
  putUser(fields, 'user', pairs.get('username') ?? /\b(?:[Uu]ser|username) '?([^\s',()]{1,128})/.exec(text)?.[1]);
  // ssh-connection '192.0.2.7 50000 10.0.0.1 22' · from host '192.0.2.7'
  const from = /\b(?:from host|from|client) '?\(?([\da-fA-F.:]{3,45})/.exec(text)?.[1];
  const ssh = pairs.get('ssh-connection') ?? /\bssh-connection '([^']{3,128})'/.exec(text)?.[1];
  const [ip, port, to, toPort] = ssh?.trim().split(' ') ?? [];
  putIp(fields, 'source.ip', pairs.get('source-address') ?? ip ?? from);
  if (putIp(fields, 'destination.ip', to)) {
    putNumber(fields, 'source.port', port);
    putNumber(fields, 'destination.port', toPort);
  }
  const failed = /FAIL|DENIED|REJECT/.test(tag) || /\bfail/i.test(text);
  const mode = /client-mode '(\w{1,16})'/.exec(text)?.[1] ?? pairs.get('client-mode');
  put(fields, 'service.type', tag.startsWith('WEB_') ? 'https' : /ssh/i.test(`${tag} ${text}`) ? 'ssh' : mode);
  // UI_DBASE_LOGOUT_EVENT: the user left the configuration mode, not the device
  if (/LOGOUT/.test(tag) && !tag.startsWith('UI_DBASE_'))
    return as('logout', fields, 'authentication session', 'end', 'success');
  if (/^(?:UI_LOGIN_EVENT|SSHD_LOGIN|LOGIN_|WEB_AUTH)/.test(tag))
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
  // the check before the login, of scripts too: UI_LOGIN_EVENT follows where somebody logs in
  if (tag === 'UI_AUTH_EVENT') return as('other', fields, 'authentication', 'info', orFailure(failed));
  const command = pairs.get('command') ?? /\bcommand '(.{1,2000}?)\s?'\s*$/.exec(text)?.[1];
  put(fields, 'process.command_line', command);
  if (!/^UI_(?:COMMIT|CFG_AUDIT|LOAD_EVENT|REBOOT)/.test(tag)) return as('other', fields, 'process', 'info');
  put(fields, 'einfallstor.change.object', /\[([^[\]]{1,512})\]/.exec(text)?.[1] ?? pairs.get('pathname') ?? 'commit');
  put(fields, 'einfallstor.change.attributes', /\] (.{1,512})$/.exec(text)?.[1]);
  return as(
    'config-change',
    fields,
    'configuration',
    /deletion|delete/i.test(text) ? 'deletion' : 'change',
    orFailure(failed),
  );
};

/** `Local: 198.51.100.9/500, Remote: 192.0.2.8/500, … Role: Initiator`: who of the two began. */
const putPeers = (fields: Fields, text: string): void => {
  const began = /\bRole: Initiator\b/.test(text) ? 'Local' : 'Remote';
  for (const [, side, ip, port] of text.matchAll(/\b(Local|Remote): ([\da-fA-F.:]{3,45})\/(\d{1,5})/g)) {
    const end = side === began ? 'source' : 'destination';
    if (putIp(fields, `${end}.ip`, ip)) putNumber(fields, `${end}.port`, port);
  }
};

const vpn: Family = (fields, { tag, pairs, text }) => {
  fields['einfallstor.vpn.type'] = 'ipsec';
  putIp(
    fields,
    'source.ip',
    pairs.get('remote-address') ??
      pairs.get('client-ip') ??
      /\b(?:from|Remote-IP:|gateway:?) ?([\da-fA-F.:]{3,45})/.exec(text)?.[1],
  );
  putPeers(fields, text);
  if (fields['destination.ip'] === undefined)
    putIp(fields, 'destination.ip', pairs.get('local-address') ?? /\bLocal-ip: ([\da-fA-F.:]{3,45})/.exec(text)?.[1]);
  put(
    fields,
    'einfallstor.vpn.group',
    pairs.get('vpn-name') ?? /(?:^VPN |(?<!Dynamic )\bVPN: )([^\s,]{1,128})/.exec(text)?.[1],
  );
  put(fields, 'event.reason', /\bwith error: ([^.]{1,256})/.exec(text)?.[1]);
  const named =
    pairs.get('username') ??
    pairs.get('client-name') ??
    /\b(?:user|client(?= \S{1,128} from )|(?:XAUTH|AAA) username:) '?([^\s',]{1,128})/i.exec(text)?.[1];
  const user = named === undefined || /^(?:Not-(?:Applicable|Available)|None|N\/A)$/i.test(named) ? undefined : named;
  putUser(fields, 'user', user);
  const failed = /FAIL|DOWN|REJECT/.test(tag) || /\bfail/i.test(text);
  const way = /^(?:KMD|IKE)_VPN_(UP|DOWN)_/.exec(tag)?.[1];
  if (way !== undefined && user !== undefined) {
    // remote tunnel-ip: 10.7.0.4, or Not-Available
    const inner = pairs.get('internal-ip') ?? /\bremote tunnel-ip: ([\da-fA-F.:]{2,45})/.exec(text)?.[1];
    putIp(fields, 'einfallstor.vpn.assigned_ip', inner);
    return way === 'UP'
      ? as('vpn-session-start', fields, 'session network', 'start connection', 'success')
      : as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  }
  if (/^DYNAMIC_VPN_AUTH/.test(tag))
    return as('vpn-login', fields, 'authentication network', failed ? 'info' : 'start', orFailure(failed));
  return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(failed));
};

/** Users that the firewall itself lets through (captive portal, pass-through authentication). */
const firewallUser: Family = (fields, { tag, pairs, text }) => {
  putUser(fields, 'user', pairs.get('username') ?? /\b[Uu]ser '?([^\s',]{1,128})/.exec(text)?.[1]);
  putIp(fields, 'source.ip', pairs.get('source-address') ?? /\b(?:at|from) ([\da-fA-F.:]{3,45})/.exec(text)?.[1]);
  const failed = /FAIL|DENIED|REJECT|TIMED_OUT/.test(tag) || /\bfail|denied|rejected/i.test(text);
  return as('login', fields, 'authentication', failed ? 'info' : 'start', orFailure(failed));
};

const OTHER: Family = (fields, { tag }) =>
  as(/^(?:SYSTEM|CHASSISD|JSRPD)/.test(tag) ? 'source-state' : 'other', fields, 'host', 'info');

type Family = (fields: Fields, line: Line) => Act;
const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/^(?:RT_FLOW_SESSION|APPTRACK_SESSION)/, flow],
  [/^PFE_FW/, packet],
  [/^(?:RT_SCREEN|IDP_ATTACK|IDP_APPDDOS|AAMW_|SECINTEL_|WEBFILTER_|AV_|ANTISPAM_|CONTENT_FILTERING_)/, threat],
  [/^(?:UI_|SSHD_|LOGIN_|WEB_AUTH)/, management],
  [/^(?:KMD_|IKE_|DYNAMIC_VPN|$)/, vpn],
  [/^FWAUTH_/, firewallUser],
];

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const line = readLine(record.text);
    if (line === undefined) return rejected('not-this-format', 'neither junos@ data nor a Junos message');
    const fields: Fields = { 'observer.vendor': 'Juniper', 'observer.product': 'SRX', 'observer.type': 'firewall' };
    // a relay's header may stand in front of the device's own: junos-flow: 2021-10-31T22:14:07.803Z srx-1 RT_FLOW - TAG [
    const inner = /(\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:?\d\d)?)Z? (\S{1,255}) \S{1,48} (?:\S{1,48} )?$/.exec(
      `${line.head.slice(-400)} `,
    );
    const civil = (inner === null ? undefined : readIso(inner[1] as string)?.civil) ?? record.envelope.civil;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    const program = record.envelope.program ?? line.program;
    put(fields, 'observer.name', inner?.[2] ?? record.envelope.host);
    add(fields, 'observer.ip', canonicalIp(record.envelope.host ?? ''));
    put(fields, 'event.code', line.tag);
    if (line.program !== undefined && !/^RT_/.test(line.program)) put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', line.pid);
    put(fields, 'message', line.text.trim());
    putValues(fields, line.pairs);
    const family = FAMILIES.find(([pattern]) => pattern.test(line.tag))?.[1] ?? OTHER;
    const act = family(fields, line);
    relateAddresses(fields, line.text);
    return { kind: 'event', act, fields };
  };

const putValues = fieldMap(
  'juniper.srx',
  {
    text: `policy-name=rule.name rule-name=rule.id source-zone-name=observer.ingress.zone
      destination-zone-name=observer.egress.zone packet-incoming-interface=observer.ingress.interface.name
      interface-name=observer.ingress.interface.name sample-sha256=file.hash.sha256
      file-name=file.name filename=file.name category=rule.category threat-severity=log.level`,
    lower: 'http-host=url.domain hostname=source.domain',
    number: `source-port=source.port destination-port=destination.port bytes-from-client=source.bytes
      bytes-from-server=destination.bytes packets-from-client=source.packets packets-from-server=destination.packets`,
    ip: 'source-address=source.ip destination-address=destination.ip',
    mac: 'source-mac=source.mac destination-mac=destination.mac',
    given: 'nat-source-address=source.nat.ip nat-destination-address=destination.nat.ip',
    givenPort: 'nat-source-port=source.nat.port nat-destination-port=destination.nat.port',
  },
  {
    // who is not known goes by this name in flows
    username: (fields, value) => value === 'unauthenticated-user' || putUser(fields, 'user', value),
    'protocol-id protocol-name': putTransport,
    'service-name': (fields, value) =>
      put(fields, 'network.protocol', /^(?:None|icmp)$/.test(value) ? undefined : value.replace(/^junos-/, '')),
    application: (fields, value) => put(fields, 'network.application', value === 'UNKNOWN' ? undefined : value),
    'reason+ action+ url+ obj+ elapsed-time+': () => undefined,
  },
);

export default {
  id: 'juniper-srx',
  title: 'Juniper SRX (Junos)',
  references: [
    { title: 'Junos system log explorer', url: 'https://apps.juniper.net/syslog-explorer/' },
    {
      title: 'Junos, Network management and monitoring: interpret messages in structured-data format',
      url: 'https://www.juniper.net/documentation/us/en/software/junos/network-mgmt/topics/topic-map/system-logging-for-a-security-device.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: [
    'RT_FLOW and APPTRACK sessions created, closed, denied; screens, IDP, UTM, SecIntel, Advanced Anti-Malware',
    'administrators (UI_, SSHD_, LOGIN_, WEB_AUTH), commands, commits; IKE; firewall authentication',
    'structured data and text',
  ],
  limits: [
    'Messages of daemons without a Junos message name (cron, kernel) are kept as text with the addresses in them.',
  ],
  recognise: recogniseBy(claims, 'are Junos messages'),
  claims,
  open,
} satisfies Parser as Parser;
