import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type ClavisterPairs as Pairs, readBytes, readClavister } from '../../src/parse/kit/clavister.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { categorise, put, putIp, putMac, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putBareUrl } from '../../src/parse/kit/url.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// EFW: CONN: prio=1 id=00600001 rev=1 event=conn_open rule=Web conn=open connipproto=TCP …
const FLAT = /(?:^|\s)EFW: ([A-Z][A-Z0-9_]{1,24}): prio=\d/;
// id=600001 event=conn_open [message=Connection opened … ][rules rule=Web ][conn [conn conn=Open … ]]
const BRACKETED = /(?:^|\s)id=\d{5,8} (?:rev=\d{1,4} )?event=\w{3,80} (?:action=\w{1,40} )?\[message=/;

const claims = ({ text }: RawRecord): boolean => FLAT.test(text.slice(0, 1024)) || BRACKETED.test(text.slice(0, 1024));

/** The first three digits of the eight an id has: the subsystem ("Log message structure"). */
const CATEGORIES: ReadonlyMap<string, string> = new Map(
  [
    '002=ALG 003=ARP 006=CONN 007=DHCP 008=DHCPRELAY 009=DHCPSERVER 011=DYNROUTING 012=HA 013=IDP 018=IPSEC 024=OSPF',
    '027=PPTP 028=L2TP 032=SYSTEM 033=TCPFLAG 034=TCPOPT 037=USERAUTH 047=SSHD 049=SESMGR 058=ANTIVIRUS 060=RULE',
    '063=SSLVPN 070=IPPROTO 072=APPCONTROL 090=ONECONNECT',
  ].flatMap((line) => words(line).map((pair) => pair.split('=') as [string, string])),
);

const as = (act: Act, fields: Fields, category: string, types: string, outcome?: 'success' | 'failure'): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): 'success' | 'failure' => (failed ? 'failure' : 'success');

interface Line {
  readonly fields: Fields;
  readonly pairs: Pairs;
  readonly event: string;
  readonly action: string;
  readonly category: string;
}

const FAILED = /fail|bad_|invalid|wrong|denied|disallow|reject|error|mismatch|timeout|unknown_user|locked/;
const VPN_AGENT = /oneconnect|ssl|xauth|eap|l2tp|pptp|ppp/i;

/** USERAUTH: `authagent` says through what the user came. */
const userauth = ({ fields, pairs, event }: Line): Act => {
  const agent = pairs.get('authagent') ?? '';
  const vpn = VPN_AGENT.test(agent);
  put(fields, 'einfallstor.login.method', agent.toLowerCase());
  if (vpn) put(fields, 'einfallstor.vpn.type', /l2tp|pptp|ppp|xauth|eap/i.test(agent) ? 'ipsec' : 'ssl');
  if (/logout|logged_out|user_timeout|session_timeout|idle_timeout/.test(event)) {
    if (vpn) return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
    return as('logout', fields, 'authentication session', 'end', 'success');
  }
  const failed = FAILED.test(event);
  if (!failed && !/login|authenticated|logged_in/.test(event)) return as('other', fields, 'authentication', 'info');
  const types = failed ? 'info' : 'start';
  if (vpn) return as('vpn-login', fields, 'authentication network', types, orFailure(failed));
  return as('login', fields, 'authentication', types, orFailure(failed));
};

/** `admin_login`, and sessions of the management protocol: `sesmgr_session_created … type=Netcon`. */
const admin = ({ fields, pairs, event }: Line): Act => {
  put(fields, 'service.type', (pairs.get('authsystem') ?? pairs.get('type'))?.toLowerCase());
  if (/logout|removed|timeout|closed/.test(event))
    return as('logout', fields, 'authentication session', 'end', 'success');
  const failed = FAILED.test(event);
  return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
};

/** Tunnels of clients: `ipaddr` is where the client is, `client_ip` the address it was given. */
const tunnel = ({ fields, pairs, event, category }: Line): Act => {
  put(fields, 'einfallstor.vpn.type', /SSLVPN|ONECONNECT/.test(category) ? 'ssl' : category.toLowerCase());
  put(fields, 'einfallstor.vpn.group', pairs.get('iface'));
  if (pairs.has('ipaddr')) putIp(fields, 'einfallstor.vpn.assigned_ip', pairs.get('client_ip'));
  if (/session_(?:created|reconnected|open|up|established)|_up$/.test(event))
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (/session_(?:closed|removed|down|terminated)|_down$|_closed$/.test(event))
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  return as('vpn-negotiation', fields, 'network', 'connection info', FAILED.test(event) ? 'failure' : undefined);
};

const ipsec = ({ fields, pairs, event }: Line): Act => {
  put(fields, 'einfallstor.vpn.type', 'ipsec');
  const given = /(?:ip|address)_?\w*(?:alloc|assign)|(?:alloc|assign)\w*_ip/.test(event);
  if (given && putIp(fields, 'einfallstor.vpn.assigned_ip', pairs.get('ip') ?? pairs.get('client_ip')))
    return as('vpn-address-assigned', fields, 'session network', 'info', 'success');
  if (/xauth|eap/.test(event) && fields['user.name'] !== undefined) {
    const failed = FAILED.test(event);
    return as('vpn-login', fields, 'authentication network', failed ? 'info' : 'start', orFailure(failed));
  }
  const types = 'connection protocol';
  return as('vpn-negotiation', fields, 'network', types, FAILED.test(event) ? 'failure' : 'success');
};

/** What passed in a connection stands whole in its last message only. */
const putCounts = (fields: Fields, pairs: Pairs): void => {
  for (const [key, side] of [
    ['origsent', 'source'],
    ['termsent', 'destination'],
  ] as const) {
    const read = readBytes(pairs.get(key) ?? '');
    if (read === undefined) continue;
    putNumber(fields, `${side}.bytes`, read.bytes);
    if (read.rounded) warn(fields, 'bytes-rounded');
  }
};

const connection = ({ fields, pairs, event }: Line): Act => {
  if (/close|timeout/.test(event)) {
    putCounts(fields, pairs);
    return as('flow', fields, 'network', 'connection end allowed', 'success');
  }
  return as('flow-start', fields, 'network', 'connection start allowed', 'success');
};

const threat = ({ fields, pairs, event, action }: Line): Act => {
  fields['event.kind'] = 'alert';
  const stopped = STOPPED.test(action);
  for (const key of words('virusname signature description')) put(fields, 'threat.indicator.name', pairs.get(key));
  const category = event.includes('virus') ? 'malware network' : 'intrusion_detection network';
  return as('threat', fields, category, `info ${stopped ? 'denied' : 'allowed'}`, orFailure(stopped));
};

const STOPPED = /^(?:drop|reject|deny|block|discard|abort|close|protect)/;
const CHANGED =
  /^(?:reconfiguration|config_|accept_config|activate_changes|reject_config|.*_configuration$|.*modified$)/;

const meaning = (line: Line): Act => {
  const { fields, pairs, event, action, category } = line;
  if (/^admin_|^sesmgr_session|^ssh\w*_log(?:in|out)/.test(event)) return admin(line);
  if (category === 'USERAUTH' || /^user_log(?:in|out)|bad_user_credentials/.test(event)) return userauth(line);
  if (/^(?:sslvpn|oneconnect|l2tp|pptp)/.test(event) || /^(?:SSLVPN|ONECONNECT|L2TP|PPTP)/.test(category))
    return tunnel(line);
  if (category === 'IPSEC' || /^(?:ike|ipsec|xauth|cfgmode)/.test(event)) return ipsec(line);
  if (/^conn_(?:open|close|timeout)/.test(event)) return connection(line);
  if (category === 'IDP' || category === 'ANTIVIRUS' || /intrusion|attack|virus_found|scan_detected/.test(event))
    return threat(line);
  if (category.startsWith('DHCP') && /lease|ack|offer|request|release|bound/.test(event))
    return as('dhcp-lease', fields, 'network', 'protocol info');
  const addressed = fields['source.ip'] !== undefined && fields['destination.ip'] !== undefined;
  if (addressed && category !== 'ARP' && /^(?:drop|reject|deny|block|discard)/.test(action))
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  if (addressed && pairs.get('url') !== undefined) return as('http-request', fields, 'web network', 'access');
  if (category === 'SYSTEM' && CHANGED.test(event)) {
    put(fields, 'einfallstor.change.object', 'configuration');
    return as('config-change', fields, 'configuration', 'change', orFailure(/fail|reject|error/.test(event)));
  }
  if (category === 'SYSTEM' || category === 'HA') return as('source-state', fields, 'host', 'info');
  return as('other', fields, 'network', 'info', /error/.test(event) ? 'failure' : undefined);
};

/** The connection's end points, then the packet's, then the single address of other messages. */
const putEnds = (fields: Fields, pairs: Pairs): void => {
  const first = (...keys: string[]): string | undefined =>
    keys.map((key) => pairs.get(key)).find((v) => v !== undefined);
  putIp(fields, 'source.ip', first('connsrcip', 'srcip', 'ipaddr', 'peer', 'remotegw', 'remote_ip', 'client_ip', 'ip'));
  putIp(fields, 'destination.ip', first('conndestip', 'destip', 'server', 'server_ip', 'localgw', 'local_ip'));
  putNumber(fields, 'source.port', first('connsrcport', 'srcport', 'client_port'));
  putNumber(fields, 'destination.port', first('conndestport', 'destport', 'server_port'));
  putMac(fields, 'source.mac', first('hwsender', 'client_hw'));
  putMac(fields, 'destination.mac', pairs.get('hwdest'));
  for (const [side, port] of [
    ['src', 'source'],
    ['dest', 'destination'],
  ] as const) {
    // version 10 and older: connnewsrcip
    const ip = canonicalIp(pairs.get(`newconn${side}ip`) ?? pairs.get(`connnew${side}ip`) ?? '');
    if (ip === undefined) continue;
    const number = pairs.get(`newconn${side}port`) ?? pairs.get(`connnew${side}port`);
    if (ip === fields[`${port}.ip`] && number === String(fields[`${port}.port`])) continue;
    fields[`${port}.nat.ip`] = ip;
    putNumber(fields, `${port}.nat.port`, number);
  }
  const ends = [pairs.get('connipproto'), pairs.get('ipproto'), pairs.get('ipproto#2'), pairs.get('protocol')];
  // an Ethernet header names what it carries, not the transport
  putTransport(
    fields,
    ends.find((name) => name !== undefined && !/^(?:ip[46]?|arp)$/i.test(name)),
  );
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const { text, envelope } = record;
    if (!claims(record))
      return rejected('not-this-format', 'neither EFW: messages nor id=, event= and bracketed groups');
    const fields: Fields = {
      'observer.vendor': 'Clavister',
      'observer.product': 'NetWall',
      'observer.type': 'firewall',
    };
    // [2021-10-31 23:14:07] EFW: …
    const own = text.startsWith('[') ? readIso(text, 1) : undefined;
    const time = own?.civil ?? envelope.civil;
    clock.stamp(fields, time);
    if (time === undefined) warn(fields, 'time-missing');
    put(fields, 'observer.name', envelope.host);
    const start = Math.max(0, text.search(/\b(?:prio|id)=\d/));
    const pairs = readClavister(text.slice(start));
    const id = (pairs.get('id') ?? '').padStart(8, '0');
    const category = FLAT.exec(text.slice(0, 1024))?.[1] ?? CATEGORIES.get(id.slice(0, 3)) ?? '';
    put(fields, 'event.provider', category);
    putEnds(fields, pairs);
    putValues(fields, pairs);
    relateAddresses(fields, text.slice(0, 16_384).replaceAll(/version=\S+/g, ' ')); // 3.9.9.0
    const line = { fields, pairs, event: pairs.get('event') ?? '', action: pairs.get('action') ?? '', category };
    const act = meaning(line);
    if (/="[^"]*$/.test(text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const taken = words(
  `connsrcip conndestip srcip destip connsrcport conndestport srcport destport connipproto hwsender hwdest newconnsrcip
   newconndestip newconnsrcport newconndestport connnewsrcip connnewdestip connnewsrcport connnewdestport client_port
   server_port`,
);

/** `k.maier192.0.2.7:50112`: management sessions glue the client to the name. */
const putName = (fields: Fields, value: string): void =>
  putUser(fields, 'user', value.replace(/(?<=[\w.-])\[?[\d.]{7,15}\]?:\d{1,5}$/, ''));

const putValues = fieldMap(
  'clavister.netwall',
  {
    text: `id=event.code event=event.action message=message rule=rule.name satsrcrule=rule.name reason=event.reason
      cause=event.reason connrecvif=observer.ingress.interface.name recvif=observer.ingress.interface.name
      conndestif=observer.egress.interface.name connrecvzone=observer.ingress.zone recvzone=observer.ingress.zone
      conndestzone=observer.egress.zone application=network.application
      os_info=host.os.full error_message=event.reason virusname=threat.indicator.name filename=file.name`,
    list: 'groups=user.roles',
  },
  {
    [taken.join(' ')]: () => undefined, // read apart
    'ipaddr+ client_ip+ peer+ server+ ip+ action+ authagent+ type+ origsent+ termsent+ iface+': () => undefined,
    'username user': putName,
    // 192.0.2.0-192.0.2.255
    'routerange+ iprange+': (fields, value) => relateAddresses(fields, value.replace('-', ' ')),
    url: putBareUrl,
    // seconds
    conntime: (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1e9),
  },
);

export default {
  id: 'clavister',
  title: 'Clavister NetWall (cOS Core, also D-Link NetDefendOS)',
  references: [
    {
      title: 'cOS Core Log Reference Guide',
      url: 'https://docs.clavister.com/repo/cos-core-log-reference-guide/doc/single_html_page.html',
    },
    {
      title: 'cOS Core Log Reference Guide, Log message structure',
      url: 'https://docs.clavister.com/repo/cos-core-log-reference-guide/15.00/doc/ch01s02.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: [
    'connections with NAT and bytes, dropped packets, application control, ALG, ARP, IDP, anti-virus, DHCP',
    'OneConnect, SSL VPN, L2TP, PPTP, IPsec; users; administrators; configuration; system',
    'the flat form (EFW: CONN: prio=…) and bracketed groups',
  ],
  limits: [
    'Bytes that the device rounded (4.52 K) are as exact as it wrote them, and say so.',
    'Bytes count in conn_close only: messages of the application control repeat a part of them.',
  ],
  recognise: recogniseBy(claims, 'are cOS log messages'),
  claims,
  open,
} satisfies Parser as Parser;
