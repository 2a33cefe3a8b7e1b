import { addressClass, canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readExtension } from '../../src/parse/kit/cef.ts';
import { type Civil, offsetOf, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequest, putUrl } from '../../src/parse/kit/url.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Pairs = ReadonlyMap<string, string>;
type Outcome = 'success' | 'failure' | 'unknown';

// id=firewall time="2021-10-31 23:14:07" fw="SN210W23G1234A7" tz=+0100 startime="2021-10-31 23:14:06" pri=5 …
const START = /\btime="?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

const claims = ({ text }: RawRecord): boolean =>
  text.includes('startime=') && text.includes('fw=') && START.test(text.slice(0, 2048));

/** Some relays take the quotes away: then a value ends where the next key begins. */
const readPairs = (text: string): Pairs => {
  const start = Math.max(0, text.search(/\b(?:id=firewall|time=)/));
  return text.includes('="') ? readKeyValues(text, start) : readExtension(text.slice(start));
};

const civilOf = (pairs: Pairs, key: string): Civil | undefined => {
  const read = readIso(pairs.get(key) ?? '');
  const tz = pairs.get('tz') ?? '';
  if (read === undefined || tz === '') return read?.civil;
  const offset = offsetOf(tz);
  return { ...read.civil, ...(offset === undefined ? { zone: tz } : { offset }) };
};

const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcome): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcome => (failed ? 'failure' : 'success');
const lower = (pairs: Pairs, key: string): string => pairs.get(key)?.toLowerCase() ?? '';
const blockedBy = (pairs: Pairs): boolean => /block|reset|drop|delete|refuse|deny/.test(lower(pairs, 'action'));
const FAILED = /fail|denied|refused|invalid|wrong|bad |error|not found|unknown user|locked|too many|rejected|expired/i;

/** `error` is 0 where it went well; in the log of IPsec 1 is a warning, and without it the message says it. */
const failedBy = (pairs: Pairs, least = 1): boolean => {
  const error = pairs.get('error');
  return error === undefined ? FAILED.test(pairs.get('msg') ?? '') : Number(error) >= least;
};

type Family = (fields: Fields, pairs: Pairs) => Act;

// ---------------------------------------------------------------- traffic

/** l_connection, l_plugin, l_ssl: the connection has ended. */
const traffic: Family = (fields, pairs) => {
  if (blockedBy(pairs)) return as('flow-denied', fields, 'network', 'connection denied', 'success');
  return as('flow', fields, 'network', 'connection end allowed', 'success');
};

/** l_filter: a rule matched, mostly before there is anything to count. */
const filter: Family = (fields, pairs) => {
  if (blockedBy(pairs) || Number(pairs.get('sent')) > 0 || Number(pairs.get('rcvd')) > 0) return traffic(fields, pairs);
  for (const name of ['source.bytes', 'destination.bytes', 'event.duration']) delete fields[name];
  return as('flow-start', fields, 'network', 'connection start allowed', 'success');
};

/** l_web, and l_plugin of HTTP: one request through the proxy or the protocol's inspection. */
const web: Family = (fields, pairs) => {
  const blocked = blockedBy(pairs);
  putNumber(fields, 'http.response.status_code', /^[1-5]\d\d$/.exec(pairs.get('result') ?? '')?.[0]);
  const arg = pairs.get('arg');
  const host = canonicalIp(pairs.get('dstname') ?? '') ?? pairs.get('dstname') ?? pairs.get('dst');
  const url = arg?.startsWith('/') && host !== undefined ? `${scheme(pairs)}://${host}${arg}` : arg;
  putRequest(fields, pairs.get('op'), url);
  put(fields, 'threat.indicator.name', pairs.get('virus') === 'clean' ? undefined : pairs.get('virus'));
  if (!blocked) return as('http-request', fields, 'web network', 'access', 'success');
  fields['event.kind'] = 'alert';
  return as('threat', fields, 'web network', 'access denied', 'failure');
};
const scheme = (pairs: Pairs): string => (/https|ssl/.test(lower(pairs, 'proto')) ? 'https' : 'http');

const plugin: Family = (fields, pairs) =>
  /^https?$/.test(lower(pairs, 'proto')) && pairs.has('op') ? web(fields, pairs) : traffic(fields, pairs);

/** l_smtp and l_pop3: a message through the proxy; the sender stands in `user`. */
const mail: Family = (fields, pairs) => {
  const user = pairs.get('user') ?? '';
  if (user.includes('@')) {
    for (const part of ['name', 'domain', 'email']) delete fields[`user.${part}`]; // a sender, no account
    add(fields, 'email.from.address', user.toLowerCase());
  }
  for (const key of words('dstmail to rcpt')) add(fields, 'email.to.address', pairs.get(key)?.toLowerCase());
  const virus = lower(pairs, 'virus');
  if (virus !== '' && virus !== 'clean') put(fields, 'threat.indicator.name', pairs.get('virus'));
  put(fields, 'einfallstor.email.status', pairs.get('spamlevel'));
  if (blockedBy(pairs)) return as('mail-rejected', fields, 'email', 'info denied', 'failure');
  return as('mail-filter', fields, 'email', 'info', 'success');
};

/** l_alarm, l_sandboxing, l_pvm: what inspection thinks of it; classes `system` and `filter` are no attacks. */
const alarm: Family = (fields, pairs) => {
  const blocked = blockedBy(pairs);
  fields['event.kind'] = 'alert';
  if (pairs.get('class') === 'system' || !pairs.has('src')) return as('source-state', fields, 'host', 'info');
  if (pairs.get('class') === 'filter' && blocked)
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  put(fields, 'threat.indicator.name', pairs.get('virus') ?? pairs.get('msg'));
  for (const cve of (pairs.get('msg') ?? '').slice(0, 1000).match(/CVE-\d{4}-\d{4,7}/g) ?? [])
    add(fields, 'vulnerability.id', cve);
  const category =
    pairs.has('virus') || pairs.has('sandboxinglevel') ? 'malware network' : 'intrusion_detection network';
  return as('threat', fields, category, `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
};

// ---------------------------------------------------------------- accounts

const VPN_METHOD = /openvpn|xauth|eap|ipsec|sslvpn|vpn/;
// SSH authentication success on the firewall · Console authentication failed · administrator
const ADMIN = /\b(ssh|console|serial|serverd|web admin\w*|administrator)\b/i;

/** l_auth: who authenticated by which method; `msg` names the way in where it is that of an administrator. */
const auth: Family = (fields, pairs) => {
  const message = pairs.get('msg') ?? '';
  const method = lower(pairs, 'method');
  const failed = failedBy(pairs);
  put(fields, 'event.action', 'authentication');
  put(fields, 'einfallstor.login.method', method);
  if (failed) put(fields, 'event.reason', message);
  if (pairs.get('totp') === 'yes') fields['einfallstor.mfa'] = true;
  if (VPN_METHOD.test(method)) put(fields, 'einfallstor.vpn.type', /openvpn|ssl/.test(method) ? 'ssl' : 'ipsec');
  if (/logged out|log ?out|disconnect|expired|unauthenticated/i.test(message) && !/fail/i.test(message)) {
    put(fields, 'event.action', 'logout');
    if (VPN_METHOD.test(method)) return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
    return as('logout', fields, 'authentication session', 'end', 'success');
  }
  const types = failed ? 'info' : 'start';
  const way = ADMIN.exec(message)?.[1]?.toLowerCase();
  if (way !== undefined) {
    put(fields, 'service.type', way === 'ssh' ? 'ssh' : way === 'console' || way === 'serial' ? 'console' : 'https');
    put(fields, 'network.protocol', way === 'ssh' ? 'ssh' : undefined);
    return as('admin-login', fields, 'authentication', failed ? types : 'start admin', orFailure(failed));
  }
  if (VPN_METHOD.test(method)) {
    put(fields, 'einfallstor.vpn.auth_method', method);
    return as('vpn-login', fields, 'authentication network', types, orFailure(failed));
  }
  if (!/agent|kerberos|sso|spnego|radius-accounting/.test(method)) put(fields, 'service.type', 'portal');
  return as('login', fields, 'authentication', types, orFailure(failed));
};

/** The address a client got: alone or as a network of one host. */
const assigned = (fields: Fields, value: string | undefined): void => {
  const [ip, bits] = (value ?? '').split('/', 2) as [string, string | undefined];
  if (bits === undefined || bits === '32' || bits === '128') putIp(fields, 'einfallstor.vpn.assigned_ip', ip);
};

/** l_xvpn: tunnels of the SSL VPN (`remotenet`: address of the client), and its old portal (`arg`). */
const sslVpn: Family = (fields, pairs) => {
  const message = pairs.get('msg') ?? '';
  put(fields, 'einfallstor.vpn.type', 'ssl');
  assigned(fields, pairs.get('remotenet'));
  const failed = failedBy(pairs);
  if (failed) put(fields, 'event.reason', message);
  if (pairs.has('arg')) {
    putUrl(fields, pairs.get('arg'));
    return as('http-request', fields, 'web', 'access', orFailure(failed));
  }
  if (/remov|clos|end|disconnect|unauthenticated|logged out/i.test(message))
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  if (failed) return as('vpn-login', fields, 'authentication network', 'info', 'failure');
  if (fields['einfallstor.vpn.assigned_ip'] !== undefined)
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (/authenticat|log(?:ged)? ?in/i.test(message))
    return as('vpn-login', fields, 'authentication network', 'start', 'success');
  return as('vpn-negotiation', fields, 'network', 'connection protocol', 'success');
};

/** l_vpn: `src` is the firewall, `dst` the peer; a peer with a user is a client, and so the source. */
const ipsec: Family = (fields, pairs) => {
  const message = pairs.get('msg') ?? '';
  put(fields, 'einfallstor.vpn.type', 'ipsec');
  put(fields, 'einfallstor.vpn.group', pairs.get('usergroup') ?? pairs.get('rulename') ?? pairs.get('peername'));
  put(fields, 'einfallstor.vpn.session_id', pairs.get('cookie_i'));
  const failed = failedBy(pairs, 2) || (!pairs.has('error') && FAILED.test(message));
  if (failed) put(fields, 'event.reason', message);
  if (fields['user.name'] === undefined)
    return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(failed));
  const { 'source.ip': own, 'destination.ip': peer, 'source.domain': ownName, 'destination.domain': peerName } = fields;
  for (const [name, value] of Object.entries({
    'source.ip': peer,
    'destination.ip': own,
    'source.domain': peerName,
    'destination.domain': ownName,
  })) {
    if (value === undefined) delete fields[name];
    else fields[name] = value;
  }
  assigned(fields, pairs.get('remotenet'));
  if (failed && /auth|xauth|eap|password|user/i.test(message))
    return as('vpn-login', fields, 'authentication network', 'info', 'failure');
  if (/established/i.test(message) && pairs.get('phase') === '2')
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (/delet|expired|closed|terminated/i.test(message) && pairs.get('phase') !== '2')
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  if (/authenticated|xauth|eap/i.test(message))
    return as('vpn-login', fields, 'authentication network', 'start', 'success');
  return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(failed));
};

// CONFIG FILTER SHOW · SYSTEM IDENT · MONITOR STAT · LIST · HELP
const LOOKS = /\b(?:SHOW|LIST|GET|CHECK|DOWNLOAD|STATUS|IDENT|DATE|PROPERTY|STAT|INFO|HELP|VERIFY)\b(?! SET\b)/;
const CHANGES =
  /^(?:CONFIG|PKI|USER|SYSTEM (?:REBOOT|HALT|UPDATE|CLONE|DEFAULTCONFIG|LICENSE|NSRPC|RESTORE|INIT|DATE SET|PASSWD)|MODIFY|HA )/;

/** l_server: a command of an administrator, `CONFIG FILTER ACTIVATE`, or his coming and going. */
const server: Family = (fields, pairs) => {
  const command = (pairs.get('msg') ?? '').trim();
  const failed = failedBy(pairs);
  put(fields, 'process.command_line', command);
  put(fields, 'session.id', pairs.get('sessionid'));
  put(fields, 'service.type', 'https');
  if (/^(?:AUTH|LOGIN|CONNECT|OPEN)\b|\b(?:logged in|authenticat|connection opened)/i.test(command))
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
  if (/^(?:QUIT|EXIT|LOGOUT|DISCONNECT)\b|\b(?:logged out|disconnected|connection closed)/i.test(command))
    return as('logout', fields, 'authentication session', 'end', 'success');
  if (!CHANGES.test(command) || LOOKS.test(command))
    return as('other', fields, 'configuration', 'access', orFailure(failed));
  put(fields, 'einfallstor.change.object', words(command).slice(0, 3).join(' '));
  put(fields, 'einfallstor.change.attributes', command);
  const type = /\b(?:ADD|CREATE|NEW|INSERT)\b/.test(command)
    ? 'creation'
    : /\b(?:REMOVE|DELETE|DEL|PURGE)\b/.test(command)
      ? 'deletion'
      : 'change';
  return as('config-change', fields, 'configuration', type, orFailure(failed));
};

const system: Family = (fields, pairs) => {
  const message = pairs.get('msg') ?? '';
  put(fields, 'process.name', pairs.get('service'));
  if (/dhcp/.test(lower(pairs, 'service')) && /\b(?:lease|DHCP(?:ACK|OFFER|REQUEST|DISCOVER|RELEASE))\b/i.test(message))
    return as('dhcp-lease', fields, 'network', 'protocol info');
  if (/\blogs?\b.{0,40}\b(?:clear|purg|eras|delet)/i.test(message))
    return as('log-cleared', fields, 'configuration', 'deletion', 'success');
  categorise(fields, ['host'], ['info'], FAILED.test(message) ? 'failure' : undefined);
  const act = readPlainText(fields, message, pairs.get('service'));
  return act === 'other' ? 'source-state' : act;
};

const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['filter', filter],
  ...words('connection ssl ftp').map((name) => [name, traffic] as const),
  ...words('alarm sandboxing').map((name) => [name, alarm] as const),
  ...words('smtp pop3').map((name) => [name, mail] as const),
  ...words('system monitor count filterstat routerstat dmrouting routing date pvm').map((n) => [n, system] as const),
  ['plugin', plugin],
  ['web', web],
  ['auth', auth],
  ['xvpn', sslVpn],
  ['vpn', ipsec],
  ['server', server],
]);

/** The device's own files do not name their kind: it shows by the keys that only they have. */
const KINDS: readonly (readonly [keys: string, kind: string])[] = [
  ['phase ikev spi_in ruletype', 'vpn'],
  ['sessionid address', 'server'],
  ['alarmid class sandboxinglevel', 'alarm'],
  ['method totp agentid', 'auth'],
  ['spamlevel mailruleid', 'smtp'],
  ['cat_site', 'web'],
  ['remotenet', 'xvpn'],
  ['service', 'system'],
  ['sent rcvd', 'connection'],
  ['action slotlevel', 'filter'],
];
const familyOf = (pairs: Pairs): Family => {
  const stated = lower(pairs, 'logtype').replace(/^l_/, '');
  const kind = stated || KINDS.find(([keys]) => words(keys).some((key) => pairs.has(key)))?.[1] || '';
  return FAMILIES.get(kind) ?? unknown;
};
const unknown: Family = (fields) => as('other', fields, fields['source.ip'] === undefined ? 'host' : 'network', 'info');

/** `origdst` is what the client asked for, `dst` where translation led it; `modsrc` what the server sees. */
const putTranslation = (fields: Fields, pairs: Pairs): void => {
  for (const [side, asked, port] of [
    ['source', 'modsrc', 'modsrcport'],
    ['destination', 'origdst', 'origdstport'],
  ] as const) {
    const ip = canonicalIp(pairs.get(asked) ?? '');
    if (ip === undefined || ip === fields[`${side}.ip`] || addressClass(ip) === 'unspecified') continue;
    const number = Number(pairs.get(port));
    const [inner, innerPort] = [fields[`${side}.ip`], fields[`${side}.port`]];
    const translated = side === 'source';
    fields[`${side}.nat.ip`] = translated || inner === undefined ? ip : inner;
    if (!translated) fields[`${side}.ip`] = ip;
    if (!(number > 0)) continue;
    if (translated || innerPort !== undefined) fields[`${side}.nat.port`] = translated ? number : (innerPort as number);
    if (!translated) fields[`${side}.port`] = number;
  }
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (!claims(record)) return rejected('not-this-format', 'no time=, fw= and startime= of a Stormshield log');
    const pairs = readPairs(record.text);
    const fields: Fields = {
      'observer.vendor': 'Stormshield',
      'observer.product': 'Stormshield Network Security',
      'observer.type': 'firewall',
    };
    const time = civilOf(pairs, 'time') ?? record.envelope.civil;
    clock.stamp(fields, time);
    if (time === undefined) warn(fields, 'time-unreadable');
    put(fields, 'event.timezone', pairs.get('tz'));
    const start = clock.instant(civilOf(pairs, 'startime'));
    if (start !== undefined) fields['event.start'] = start;
    putValues(fields, pairs);
    putTranslation(fields, pairs);
    // a directory or a method, beside the user's name
    if (fields['user.name'] !== undefined) put(fields, 'user.domain', pairs.get('domain'));
    const act = familyOf(pairs)(fields, pairs);
    if (fields['message'] !== undefined) relateAddresses(fields, fields['message'] as string);
    if (/="[^"]*$/.test(record.text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

// 10.1.0.0/16 is a network, no address
const related = (fields: Fields, value: string): void =>
  relateAddresses(fields, value.replaceAll(/[\da-fA-F.:]{2,45}\/(?!32\b|128\b)\d{1,3}/g, ''));

const putValues = fieldMap(
  'stormshield.sns',
  {
    text: `fw=observer.name msg=message action=event.action rulename=rule.name srcifname=observer.ingress.interface.alias
      srcif=observer.ingress.interface.name dstifname=observer.egress.interface.alias dstif=observer.egress.interface.name
      alarmid=event.code policyid=rule.ruleset cat_site=rule.category usergroup=user.group.name
      serverappid=network.application`,
    lower: 'proto=network.protocol',
    number: `pri=event.severity srcport=source.port dstport=destination.port sent=source.bytes rcvd=destination.bytes`,
    side: 'src=source dst=destination',
    ip: 'address=source.ip',
    host: 'srcname=source.domain dstname=destination.domain',
    mac: 'srcmac=source.mac dstmac=destination.mac',
  },
  {
    'time startime tz domain modsrcport origdstport': () => undefined, // read apart
    'modsrc origdst': () => undefined,
    'remoteid+ localnet+ remotenet+ target+ deviceip+': related,
    'virus+ class+ op+ arg+ result+ error+ method+ sessionid+ service+ spamlevel+ totp+ logtype+': () => undefined,
    user: (fields, value) => putUser(fields, 'user', value),
    ruleid: (fields, value) => put(fields, 'rule.id', value),
    ipproto: putTransport,
    duration: (fields, value) => {
      const seconds = Number(value);
      if (!(seconds >= 0)) return false;
      fields['event.duration'] = Math.round(seconds * 1e9);
      return true;
    },
    hash: (fields, value) => put(fields, 'file.hash.sha256', /^[0-9a-f]{64}$/i.exec(value)?.[0].toLowerCase()),
  },
);

const DOCS = 'https://documentation.stormshield.eu/SNS/v4/en/Content/Description_of_Audit_logs';

export default {
  id: 'stormshield',
  title: 'Stormshield Network Security (SNS)',
  references: [
    { title: 'SNS 4, Description of audit logs: understanding audit logs', url: `${DOCS}/Understand_log_files.htm` },
    { title: 'SNS 4, Fields specific to the l_connection log', url: `${DOCS}/Specific_fields-connection.htm` },
    { title: 'SNS 4, Fields specific to the l_auth log', url: `${DOCS}/Specific_fields-auth.htm` },
    { title: 'SNS 4, Fields specific to the l_vpn log', url: `${DOCS}/Specific_fields-vpn.htm` },
    { title: 'SNS 4, Fields specific to the l_xvpn log', url: `${DOCS}/Specific_fields-xvpn.htm` },
    { title: 'SNS 4, Fields specific to the l_server log', url: `${DOCS}/Specific_fields-server.htm` },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: [
    'filter, connection, plugin, ssl, web, smtp, pop3, ftp, alarm, sandboxing',
    'auth, xvpn (SSL VPN), vpn (IPsec), server (administrators and their commands), system, monitor and statistics',
    'syslog, and the device’s own files without logtype',
  ],
  limits: [
    'destination.ip is what the client asked for (origdst); where the connection was led to is destination.nat.ip',
    'in the IPsec log a peer with a user is the source, as in other VPN logs',
  ],
  recognise: recogniseBy(claims, 'are lines with time=, fw= and startime='),
  claims,
  open,
} satisfies Parser as Parser;
