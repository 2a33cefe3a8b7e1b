import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readCtime, readIso } from '../../src/parse/kit/civil.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { openPeers, PEERS_MAX } from '../../src/parse/kit/peers.ts';
import { categorise, keepVendor, put, putIp, putMac, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { BLANK, type ParseContext, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- header

/** `openvpn[812]`, `ovpn-server[901]`, `openvpn-server@tun0`, `openvpnas`; never a program that only has `vpn` in its name. */
const PROGRAM = /openvpn|^ovpn/i;
/** Access Server: `2021-11-02T08:15:30+0000 [stdout#info] [OVPN 3] OUT: '2021-11-02 08:15:30 192.0.2.4:1194 TLS: …'` */
const ACCESS_SERVER = /\bOVPN \d{1,3}\]? (?:OUT|ERR): (["'])(.*)\1\s*$/;

interface Header {
  readonly civil: Civil | undefined;
  /** Behind header and time. */
  readonly text: string;
  /** From syslog under OpenVPN's own name. */
  readonly named: boolean;
}

/** OpenVPN's own time: `2021-11-02 08:15:30 `, `Tue Nov  2 08:15:30 2021 us=340080 ` */
const readOwn = (text: string): Header => {
  const read = readIso(text) ?? readCtime(text);
  if (read === undefined) return { civil: undefined, text, named: false };
  const micros = /^ us=(\d{1,6}) /.exec(text.slice(read.end, read.end + 12));
  const end = read.end + (micros?.[0].length ?? 0);
  const civil = micros === null ? read.civil : { ...read.civil, micros: Number(micros[1]) };
  return { civil, text: text.slice(end).trimStart(), named: false };
};

/** Undefined for another program's line. */
const readHeader = (record: RawRecord): Header | undefined => {
  const wrapped = ACCESS_SERVER.exec(record.text);
  if (wrapped !== null) {
    const inner = readOwn(wrapped[2] as string);
    return { ...inner, civil: inner.civil ?? readIso(record.text)?.civil, named: true };
  }
  const { program, civil, message, host } = record.envelope;
  if (program !== undefined && PROGRAM.test(program)) {
    const own = readOwn(message);
    return { civil: civil ?? own.civil, text: own.text, named: true };
  }
  const own = readOwn(record.text.trim());
  if (own.civil !== undefined || civil === undefined) return own;
  return program === undefined && host === undefined ? { civil, text: message, named: false } : undefined;
};

// ---------------------------------------------------------------- peer

/** `k.maier/192.0.2.4:50112 `, `192.0.2.4:50112 `, `udp4:192.0.2.4:50112 `; over IPv6 without the port: `k.maier/2001:db8::4 ` */
const PREFIX =
  /^(?:([^/[\]]{1,255})\/)?(?:(?:tcp|udp)[46]?(?:-server)?:)?(?:\[AF_INET6?\])?([\da-fA-F.:]{3,51}) (?=\S)/;
/** The same of a client that has no name yet: a slash is the message's, `192.0.2.4:50112 TLS: soft reset sec=3600/3600 bytes=…` */
const NAMELESS = /^(?:(?:tcp|udp)[46]?(?:-server)?:)?(?:\[AF_INET6?\])?([\da-fA-F.:]{3,51}) (?=\S)/;
/** Where a prefix may end: behind a name that holds a slash, or imitates a prefix, only one of them is followed by a message. */
const PREFIX_END = /\/([\da-fA-F.:]{3,51}) (?=\S)/g;
/** 2.6 has this in front of what belongs to no client yet. */
const NO_CLIENT = /^Connection Attempt (?=\S)/;

type End = readonly [ip: string, port: string | undefined];

/** An address with a port, or one alone: over a socket of both families the server leaves the port out. */
const endOf = (written: string): End | undefined => {
  if (canonicalIp(written) !== undefined) return [written, undefined];
  const colon = written.lastIndexOf(':');
  const port = written.slice(colon + 1);
  return colon > 0 && /^\d{1,5}$/.test(port) ? [written.slice(0, colon), port] : undefined;
};

/** `[AF_INET]192.0.2.4:50112`, `[AF_INET6]2001:db8::4:50112` */
const LINK = /\[AF_INET6?\](?:::ffff:)?([\da-fA-F.:]{2,45}):(\d{1,5})/;

/** What the lines of one connection have told so far. */
interface Peer {
  user?: string;
  commonName?: string;
  auth?: 'passed' | 'failed' | 'deferred';
  up?: boolean;
  assigned?: string;
}
/** A new connection, perhaps from the port of an old one. */
const OPENING = /^(?:TCP connection established|TLS: Initial packet)/;

interface Line {
  readonly fields: Fields;
  readonly text: string;
  /** The name in front of the address: the session is established. */
  readonly name: string | undefined;
  readonly peer: Peer;
  /** Users whose authentication a line without address has told. */
  readonly told: Set<string>;
  readonly m: Readonly<Record<string, string | undefined>>;
}

// ---------------------------------------------------------------- messages

const KINDS = {
  passed: [['authentication'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  up: [['session'], ['start'], 'success'],
  down: [['session'], ['end'], undefined],
  session: [['session', 'network'], ['info'], undefined],
  broken: [['session', 'network'], ['info'], 'failure'],
  state: [['process'], ['info'], undefined],
  info: [['network'], ['info'], undefined],
} as const;
type Meaning = readonly [act: Act, kind: keyof typeof KINDS];

const NEGOTIATION: Meaning = ['vpn-negotiation', 'session'];
const BROKEN: Meaning = ['vpn-negotiation', 'broken'];
const REFUSED: Meaning = ['vpn-login', 'refused'];

const passed = ({ peer, name, m, fields, told }: Line): Meaning => {
  peer.auth = 'passed';
  if (fields['source.ip'] === undefined && m['user'] !== undefined && told.size < PEERS_MAX) told.add(m['user']);
  // hourly renegotiation authenticates again within the session
  return name === undefined ? ['vpn-login', 'passed'] : NEGOTIATION;
};
const refused = ({ peer }: Line): Meaning => {
  peer.auth = 'failed';
  return REFUSED;
};
/** Said of the same attempt a second time. */
const refusedOnce = (line: Line): Meaning => (line.peer.auth === 'failed' ? BROKEN : refused(line));
const deferred = ({ peer }: Line): Meaning => {
  peer.auth = 'deferred';
  return NEGOTIATION;
};
/** Logged for a refused user too: it is the login only where a certificate alone decides. */
const initiated = ({ peer, m, fields, told }: Line): Meaning => {
  if (peer.auth !== undefined || m['cn'] === undefined || /^(?:UNDEF)?$/.test(m['cn'])) return NEGOTIATION;
  peer.auth = 'passed';
  // pfSense's script has said that the password was right, without the address
  if (!told.delete(m['cn'])) put(fields, 'einfallstor.vpn.auth_method', 'certificate');
  return ['vpn-login', 'passed'];
};
const assigned = ({ peer }: Line): Meaning => {
  const first = peer.up !== true;
  peer.up = true;
  return first ? ['vpn-session-start', 'up'] : ['vpn-address-assigned', 'session'];
};
const ended = ({ peer, name }: Line): Meaning =>
  peer.up === true || name !== undefined ? ['vpn-session-end', 'down'] : BROKEN;

type Rule = readonly [pattern: RegExp, action: string, meaning: Meaning | ((line: Line) => Meaning)];

const meaningOf = (text: string): { rule: Rule; m: RegExpExecArray } | undefined => {
  for (const rule of RULES) {
    const m = rule[0].exec(text);
    if (m !== null) return { rule, m };
  }
  return undefined;
};

/** A line's parts; `name` and `end` as its prefix gives them. */
interface Parts {
  readonly name: string | undefined;
  readonly end: End | undefined;
  readonly text: string;
  readonly found: ReturnType<typeof meaningOf>;
}

const split = (written: string): Parts => {
  const line = written.replace(NO_CLIENT, '');
  const nameless = NAMELESS.exec(line);
  const m = nameless ?? PREFIX.exec(line);
  const [name, address] = nameless === null ? [m?.[1], m?.[2]] : [undefined, nameless[1]];
  const end = address === undefined ? undefined : endOf(address);
  if (m === null || end === undefined) return { name: undefined, end: undefined, text: line, found: meaningOf(line) };
  const text = line.slice(m[0].length);
  const plain: Parts = { name, end, text, found: meaningOf(text) };
  if (plain.found !== undefined || name === undefined) return plain;
  for (const odd of line.slice(0, 512).matchAll(PREFIX_END)) {
    const rest = line.slice(odd.index + odd[0].length);
    const oddEnd = endOf(odd[1] as string);
    const found = oddEnd === undefined ? undefined : meaningOf(rest);
    if (found !== undefined) return { name: line.slice(0, odd.index), end: oddEnd, text: rest, found };
  }
  return plain;
};

// ---------------------------------------------------------------- fields

/** Fields of the client's software, from `peer info: IV_VER=2.6.6`. */
const putPeerInfo = (fields: Fields, key: string, value: string): void => {
  if (key === 'IV_GUI_VER') put(fields, 'user_agent.original', value);
  else if (key === 'IV_VER') put(fields, 'user_agent.version', value);
  else if (key === 'IV_PLAT') put(fields, 'user_agent.os.name', value);
  else if (key === 'IV_HWADDR') putMac(fields, 'source.mac', value);
  keepVendor(fields, 'openvpn.server.peer_info', [[key, value]]);
};

/** Lines of one client bear its address and port, over IPv6 its address alone. */
const putPeer = (fields: Fields, ip: string, port: string | undefined): string => {
  const canonical = canonicalIp(ip) ?? ip;
  putIp(fields, 'source.ip', ip);
  if (Number(port) <= 65535) putNumber(fields, 'source.port', port);
  const id = canonical.includes(':') || port === undefined ? canonical : `${canonical}:${port}`;
  fields['einfallstor.vpn.session_id'] = id;
  return id;
};

/** The client's certificate: `VERIFY OK: depth=0, C=DE, O=Werft, CN=k.maier`, before 2.4 `… /C=DE/CN=k.maier` */
const LEAF = /^VERIFY OK: depth=0, (?:.{0,400}[ ,/])?CN=([^,/]{1,255})/;

/** The names a line tells, kept for the lines that follow. A user name is more than a certificate's common name. */
const learn = ({ fields, text, m, name, peer }: Line): void => {
  if (m['user'] !== undefined) peer.user = m['user'];
  // a wrong password is told without the name that was given: the certificate's stands for it
  const common = m['cn'] ?? name ?? LEAF.exec(text)?.[1];
  if (common !== undefined && !/^(?:UNDEF)?$/.test(common)) peer.commonName = common;
  const user = peer.user ?? peer.commonName;
  if (user !== undefined) putUser(fields, 'user', user);
  if (peer.commonName !== undefined && peer.commonName !== user)
    put(fields, 'openvpn.server.common_name', peer.commonName);
  if (m['inner'] !== undefined && putIp(fields, 'einfallstor.vpn.assigned_ip', m['inner'])) peer.assigned = m['inner'];
};

const putCaptures = ({ fields, m }: Line): void => {
  put(fields, 'event.reason', m['reason']);
  put(fields, 'tls.client.subject', m['subject']);
  put(fields, 'openvpn.server.ldap_dn', m['dn']);
  put(fields, 'tls.version', m['tls']);
  put(fields, 'tls.cipher', m['cipher']);
  if (m['address'] !== undefined) putIp(fields, 'source.ip', m['address']);
  if (m['key'] !== undefined) putPeerInfo(fields, m['key'], m['value'] ?? '');
};

/** Sophos UTM: `id="2201" … event="Connection started" username="k.maier" variant="ssl" srcip="192.0.2.4" virtual_ip="10.242.2.6"` */
const readSophos = (fields: Fields, text: string): Meaning => {
  const values = readKeyValues(text);
  putUser(fields, 'user', values.get('username'));
  putIp(fields, 'source.ip', values.get('srcip'));
  putIp(fields, 'einfallstor.vpn.assigned_ip', values.get('virtual_ip'));
  putNumber(fields, 'source.bytes', values.get('rx'));
  putNumber(fields, 'destination.bytes', values.get('tx'));
  put(fields, 'event.code', values.get('id'));
  const action = values.get('event') ?? '';
  put(fields, 'event.action', action);
  if (/started/.test(action)) return ['vpn-session-start', 'up'];
  return /terminated/.test(action) ? ['vpn-session-end', 'down'] : NEGOTIATION;
};

// ---------------------------------------------------------------- parser

const isOpenvpn = (record: RawRecord): boolean => {
  const header = readHeader(record);
  if (header === undefined) return false;
  if (header.named) return true;
  return split(header.text).found !== undefined;
};

const putHeader = (fields: Fields, record: RawRecord, header: Header, context: ParseContext): void => {
  context.clock.stamp(fields, header.civil);
  if (header.civil === undefined) warn(fields, 'time-missing');
  const { host, pid, program } = record.envelope;
  if (header.named) {
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
  }
  put(fields, 'observer.product', 'OpenVPN');
  put(fields, 'einfallstor.vpn.type', 'openvpn');
  put(fields, 'message', header.text);
};

const open: Parser['open'] = (context) => {
  const peers = openPeers((): Peer => ({}));
  const told = new Set<string>();

  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const header = readHeader(record);
    if (header === undefined) return rejected('not-this-format', 'a line of another program');
    const fields: Fields = {};
    putHeader(fields, record, header, context);
    const { host } = record.envelope;
    const { name, end: prefix, text, found } = split(header.text.slice(0, 4096));
    if (name?.includes('/')) warn(fields, 'address-ambiguous');
    // an address alone begins many a line
    const addressed = name !== undefined || prefix?.[1] !== undefined;
    if (found === undefined && !header.named && header.civil === undefined && !addressed) {
      return rejected('not-this-format', 'no OpenVPN message');
    }
    // the server's own sockets are no client's
    const link = prefix === undefined && !/^MANAGEMENT: |link local/.test(text) ? LINK.exec(text) : null;
    const [ip, port] = prefix ?? link?.slice(1, 3) ?? [];
    const key = ip === undefined ? undefined : `${host} ${putPeer(fields, ip, port)}`;
    if (name === undefined && OPENING.test(text)) peers.forget(key);
    const peer = peers.of(key);
    const line: Line = { fields, text, name, peer, told, m: found?.m.groups ?? {} };
    const [act, kind] = meaning(line, found?.rule, prefix !== undefined);
    learn(line);
    putCaptures(line);
    if (act === 'vpn-session-end') {
      putIp(fields, 'einfallstor.vpn.assigned_ip', peer.assigned);
      peers.forget(key);
    }
    const [category, type, outcome] = KINDS[kind];
    categorise(fields, category, type, outcome);
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };
};

const meaning = (line: Line, rule: Rule | undefined, ofPeer: boolean): Meaning => {
  if (rule === undefined) return ofPeer ? NEGOTIATION : ['other', 'info'];
  put(line.fields, 'event.action', rule[1]);
  if (rule[1] === 'sophos') return readSophos(line.fields, line.text);
  return typeof rule[2] === 'function' ? rule[2](line) : rule[2];
};

const recognise: Parser['recognise'] = ({ records }) => {
  const lines = records.filter((record) => record.text.trim() !== '');
  const claimed = lines.filter(isOpenvpn).length;
  return {
    certainty: lines.length === 0 ? 0 : claimed / lines.length,
    reason: `${claimed} of ${lines.length} records are OpenVPN messages`,
  };
};

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const RULES: readonly Rule[] = [
  [/^\[?(?<cn>[^\][|]{0,255}?)\]? Peer Connection Initiated with /, 'peer-connection-initiated', initiated],
  [/^TLS: Username\/Password authentication succeeded for username '(?<user>.{0,255}?)'(?: \[CN SET\])?$/, 'authentication-succeeded', passed],
  [/^TLS: Username\/Password authentication deferred for username '(?<user>.{0,255}?)'(?: \[CN SET\])?$/, 'authentication-deferred', deferred],
  [/^(?<reason>TLS Auth Error: .{0,300})$/, 'authentication-failed', refused],
  [/^SENT CONTROL \[(?<cn>[^\]]{0,255})\]: 'AUTH_FAILED(?:,(?<reason>.{0,300}?))?'/, 'auth-failed-sent', refusedOnce],
  [/^VERIFY OK: depth=0, (?<subject>.{1,500})$/, 'certificate-verified', NEGOTIATION],
  [/^VERIFY (?:OK|KU OK|EKU OK|X509NAME OK|SCRIPT OK|PLUGIN OK)/, 'certificate-verified', NEGOTIATION],
  [/^VERIFY (?:X509NAME |SCRIPT |PLUGIN |KU |EKU )?ERROR: (?:depth=\d, )?(?<reason>error=[^:]{1,200}|.{1,200}?)(?:: (?<subject>.{1,500}))?$/, 'certificate-refused', refused],
  [/^(?<reason>CRL CHECK FAILED|CRL: certificate serial number .{1,100} is revoked)(?:: (?<subject>.{1,300}))?/, 'certificate-refused', refused],
  [/^(?:PLUGIN )?AUTH-PAM: BACKGROUND: user '(?<user>.{0,255}?)' failed to authenticate: (?<reason>.{1,200})/, 'pam-refused', refused],
  [/^(?<reason>Incorrect password supplied) for LDAP DN "(?<dn>CN=(?<user>[^,"]{1,255})[^"]{0,500})"/, 'ldap-refused', refused],
  [/^(?<reason>LDAP user "(?<user>[^"]{0,255})" was not found)/, 'ldap-refused', refused],
  [/^(?<reason>(?:LDAP bind failed|ldap_bind with zero-length password|LDAP search failed|Unable to bind).{0,300})/, 'ldap-error', BROKEN],
  [/^user '(?<user>.{0,255}?)' authenticated$/, 'user-authenticated', passed],
  [/^user '(?<user>.{0,255}?)' could not authenticate/, 'user-refused', refused],
  [/^openvpn server '[^']{1,64}' user '(?<user>.{0,255}?)' address '\[?(?<address>[\d.]{7,15}|[\da-fA-F:]{2,45})\]?(?::(?<port>\d{1,5}))?' - connected/, 'connected', ['vpn-session-start', 'up']],
  [/^openvpn server '[^']{1,64}' user '(?<user>.{0,255}?)' address '\[?(?<address>[\d.]{7,15}|[\da-fA-F:]{2,45})\]?(?::(?<port>\d{1,5}))?' - disconnected/, 'disconnected', ['vpn-session-end', 'down']],
  [/^openvpn server '[^']{1,64}' user '(?<user>.{0,255}?)' address '\[?(?<address>[\d.]{7,15}|[\da-fA-F:]{2,45})\]?(?::(?<port>\d{1,5}))?' - connecting/, 'connecting', NEGOTIATION],
  [/\bAUTH SUCCESS \{.{0,500}?'user': u?'(?<user>[^']{1,255})'/, 'authentication-succeeded', passed],
  [/\bAUTH (?:FAILED|FAIL|ERROR) \{.{0,500}?'user': u?'(?<user>[^']{1,255})'(?:.{0,500}?'reason': u?'(?<reason>[^']{1,300})')?/, 'authentication-failed', refused],
  [/^MULTI_sva: pool returned IPv4=(?<inner>[\d.]{7,15})/, 'address-assigned', assigned],
  [/^MULTI: primary virtual IP for .{1,300}: (?<inner>[\d.]{7,15})$/, 'address-assigned', assigned],
  [/^MULTI: Learn: (?<inner>[\da-fA-F.:]{3,45}?)(?:\/\d{1,3})? -> /, 'address-learned', assigned],
  [/^MULTI: new connection by client '(?<cn>[^']{1,255})' will cause previous active sessions/, 'previous-session-dropped', NEGOTIATION],
  [/^SENT CONTROL \[(?<cn>[^\]]{0,255})\]: 'PUSH_REPLY.{0,2000}?,ifconfig (?<inner>[\d.]{7,15})/, 'push-reply', NEGOTIATION],
  [/^(?:SENT CONTROL|PUSH: Received control message|Delayed exit)/, 'control-message', NEGOTIATION],
  [/^SIG(?:TERM|USR1|HUP|INT)\[(?<reason>(?:soft|hard),[\w-]{0,40})\] received, client-instance/, 'disconnected', ended],
  [/^SIG(?:TERM|USR1|HUP|INT)\[(?<reason>(?:soft|hard),[\w-]{0,40})\] received, process/, 'process-signal', ['source-state', 'state']],
  [/^(?:\[(?<cn>[^\]]{0,255})\] )?(?<reason>Inactivity timeout \(--[\w-]{1,40}\))/, 'inactivity-timeout', NEGOTIATION],
  [/^Connection reset, restarting/, 'connection-reset', NEGOTIATION],
  [/^(?<reason>(?:TLS Error|TLS_ERROR|Authenticate\/Decrypt packet error|tls-crypt unwrap error|OpenSSL: error).{0,300})/, 'tls-error', BROKEN],
  [/^WARNING: (?<reason>Bad encapsulated packet length from peer|Failed running command \(--auth-user-pass-verify\))/, 'warning', BROKEN],
  [/^PLUGIN_CALL: POST \S{1,300}PLUGIN_AUTH_USER_PASS_VERIFY status=1/, 'plugin-refused', BROKEN],
  [/^PLUGIN_CALL: plugin function PLUGIN_AUTH_USER_PASS_VERIFY failed/, 'plugin-refused', BROKEN],
  [/^(?:PLUGIN )?OTP-AUTH: authentication failed for username '(?<user>.{0,255}?)'(?:, remote (?<address>[\d.]{7,15}):(?<port>\d{1,5}))?/, 'otp-refused', refused],
  [/^(?:PLUGIN )?OTP-AUTH: authentication succeeded for username '(?<user>.{0,255}?)'(?:, remote (?<address>[\d.]{7,15}):(?<port>\d{1,5}))?/, 'otp-accepted', passed],
  // a client's log: the server refused it
  [/^AUTH: Received control message: (?<reason>AUTH_FAILED.{0,200})/, 'auth-failed-received', BROKEN],
  [/^PLUGIN_CALL: /, 'plugin-call', NEGOTIATION],
  [/^peer info: (?<key>[A-Z]\w{1,63})=(?<value>.{0,300})$/, 'peer-info', NEGOTIATION],
  [/^Control Channel: (?<tls>TLSv[\d.]{1,4}), cipher (?:TLSv\S{1,12} )?(?<cipher>[\w-]{3,80})/, 'control-channel', NEGOTIATION],
  [/^(?:TCP connection established with|TLS: Initial packet from|TLS: new session incoming|TLS: soft reset|TLS: move_session|Re-using SSL|LZO compression|Outgoing Data Channel|Incoming Data Channel|Data Channel|Local Options|Expected Remote|Control Channel MTU|MULTI: multi_create_instance called|MULTI: bad source address)/, 'handshake', NEGOTIATION],
  [/^(?:OpenVPN \d\.\d|Initialization Sequence Completed|library versions: |Exiting due to fatal error)/, 'process-state', ['source-state', 'state']],
  [/^(?:MANAGEMENT: |MULTI: |IFCONFIG POOL|ifconfig_pool_|succeeded -> ifconfig_pool_set|Diffie-Hellman initialized|Socket Buffers: |TUN\/TAP device |net_(?:addr|route|iface)_|Incoming Control Channel|Outgoing Control Channel|UDPv[46]|TCPv[46]_SERVER|Listening for incoming TCP|TLS-Auth MTU|GID set|UID set|ROUTE_GATEWAY )/, 'server', ['other', 'info']],
  [/^id="\d{4}" severity="\w{1,10}" sys="SecureNet" sub="vpn"/, 'sophos', NEGOTIATION],
];

export default {
  id: 'openvpn',
  title: 'OpenVPN server',
  references: [
    {
      title: 'OpenVPN 2.6 reference manual',
      url: 'https://openvpn.net/community-docs/community-articles/openvpn-2-6-manual.html',
    },
    { title: 'OpenVPN source: multi.c, ssl_verify.c (message texts)', url: 'https://github.com/OpenVPN/openvpn' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: [
    'handshake, certificate and password authentication, address assignment, end of sessions, errors',
    'plugins: PAM, LDAP; wrappers: syslog, pfSense, Sophos UTM, Access Server',
  ],
  limits: [
    'The server log counts no bytes (they stand in the status file, which openvpn-status reads).',
    'Management lines are kept as text.',
  ],
  recognise,
  claims: isOpenvpn,
  open,
} satisfies Parser as Parser;
