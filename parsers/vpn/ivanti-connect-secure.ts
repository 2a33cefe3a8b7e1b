import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Groups, type Kind, type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putEndpoint, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** A record's parts, whichever of the three formats ("Standard", "WELF", custom) the administrator chose. */
interface Parts {
  readonly time: string | undefined;
  readonly node: string | undefined;
  readonly observerIp?: string | undefined;
  readonly ip: string | undefined;
  readonly ivs?: string | undefined;
  readonly user: string | undefined;
  readonly realm: string | undefined;
  readonly roles: string | undefined;
  readonly severity?: string | undefined;
  readonly text: string;
  readonly rest?: readonly (readonly [string, string])[];
}

// ---------------------------------------------------------------- the three formats

/** `2021-10-19 09:16:53 - pcs-1 - [192.0.2.156] Root::k.maier(Staff)[VPN, Files][] - Login succeeded for …` */
const STANDARD =
  /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - (\S{1,255}) - \[([^\]\s]{0,45})\] (.{0,300}?)\(([^()]{0,200})\)\[([^\]]{0,1000})\](?:\[[^\]]{0,200}\])? - /;
/** `pcs-1 | 2021-10-19 09:16:53 | ADM100 | info | 10.2.0.1 | WebRequest | 192.0.2.21 | k.maier | Staff | … | message` */
const PIPED =
  /(?:^|[\s:])([\w.-]{1,255}) \| (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \| ([A-Z]{3}\d{3,5}) \| ([a-z]{1,16}) \| /;
/** `… 10.20.0.5 PulseSecure: - - - `: the appliance's own address. */
const SENDER = / ([\da-fA-F.:]{2,45}) (?:PulseSecure|Juniper|Ivanti\w{0,20}): /;
/** Where a header ends at the latest. */
const HEADER_MAX = 600;

const standard = (text: string): Parts | undefined => {
  const m = STANDARD.exec(text.slice(0, HEADER_MAX + 2000));
  if (m === null || m.index > HEADER_MAX) return undefined;
  const [ivs, user] = splitIvs(m[4] as string);
  return {
    time: m[1],
    node: m[2],
    observerIp: SENDER.exec(text.slice(0, m.index))?.[1],
    ip: m[3],
    ivs,
    user,
    realm: m[5],
    roles: m[6],
    text: text.slice(m.index + m[0].length),
  };
};

/** `Root::k.maier` is a user of the virtual system Root. */
const splitIvs = (name: string): [ivs: string | undefined, user: string] => {
  const at = name.indexOf('::');
  return at < 0 ? [undefined, name] : [name.slice(0, at), name.slice(at + 2)];
};

const piped = (text: string): Parts | undefined => {
  const m = PIPED.exec(text.slice(0, HEADER_MAX));
  if (m === null) return undefined;
  const cells = text.slice(m.index + m[0].length).split(' | ', 40);
  const clean = cells.map((cell) => cell.replaceAll('|', '').trim());
  const message = clean[clean.length - 1] ?? '';
  const [observerIp, kind, ip, user, realm, roles] = clean;
  return {
    time: m[2],
    node: m[1],
    observerIp,
    ip,
    user,
    realm,
    roles,
    severity: m[4],
    text: `${m[3]}: ${message}`,
    rest: kind === undefined ? [] : [['category', kind]],
  };
};

const WELF_MAPPED = new Set(
  'id time pri fw vpn ivs user realm roles src dst dstname sent rcvd duration agent msg result op arg proto'.split(' '),
);

/** `id=firewall time="2021-01-28 13:46:05" pri=6 fw=… vpn=… ivs=Default Network user=… msg="AUT24803: …"`: blanks without quotes. */
const welf = (text: string): Parts | undefined => {
  const start = text.search(/\bid=firewall time="/);
  if (start < 0 || start > HEADER_MAX || !/ vpn=/.test(text.slice(start, start + 400))) return undefined;
  const values = readKeyValues(text, start);
  const ivs = / ivs=(.{0,200}?) (?=\w{1,16}=)/.exec(text)?.[1];
  const user = / user=([^"]{0,300}?) (?=\w{1,16}=)/.exec(text)?.[1] ?? values.get('user');
  return {
    time: values.get('time'),
    node: values.get('vpn'),
    observerIp: values.get('fw'),
    ip: values.get('src'),
    ivs,
    user,
    realm: values.get('realm'),
    roles: values.get('roles'),
    severity: values.get('pri'),
    text: values.get('msg') ?? '',
    rest: [...values],
  };
};

const read = (text: string): Parts | undefined => standard(text) ?? welf(text) ?? piped(text);

// ---------------------------------------------------------------- fields

/** `AUT24326: Primary …`, `AUT24326 Primary …` */
const CODE = /^([A-Z]{3}\d{4,5})(?:: ?| - | )/;

const putWelf = (fields: Fields, parts: Parts): void => {
  const values = new Map(parts.rest);
  putEndpoint(fields, 'destination', values.get('dst'));
  put(fields, 'destination.domain', values.get('dstname')?.toLowerCase());
  // of the appliance: sent to the client, received from it
  putNumber(fields, 'destination.bytes', values.get('sent'));
  putNumber(fields, 'source.bytes', values.get('rcvd'));
  const seconds = values.get('duration');
  if (seconds !== undefined && /^\d{1,9}$/.test(seconds)) fields['event.duration'] = Number(seconds) * 1_000_000_000;
  put(fields, 'user_agent.original', values.get('agent'));
  if (/^\d{3}$/.test(values.get('result') ?? '')) putNumber(fields, 'http.response.status_code', values.get('result'));
  if (/^(?:GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH)$/.test(values.get('op') ?? '')) {
    put(fields, 'http.request.method', values.get('op'));
    putUrl(fields, values.get('arg'));
  }
  put(fields, 'network.protocol', values.get('proto')?.toLowerCase());
};

const putParts = (fields: Fields, parts: Parts): void => {
  put(fields, 'observer.vendor', 'Ivanti');
  put(fields, 'observer.product', 'Connect Secure');
  put(fields, 'observer.name', parts.node);
  const ip = canonicalIp(parts.observerIp ?? '');
  if (ip !== undefined) fields['observer.ip'] = [ip];
  putIp(fields, 'source.ip', parts.ip);
  putUser(fields, 'user', parts.user);
  put(fields, 'einfallstor.vpn.group', parts.realm);
  put(fields, 'einfallstor.vpn.type', 'ivanti');
  const roles = (parts.roles ?? '').split(',').map((role) => role.trim());
  if (roles.some((role) => role !== '')) fields['user.roles'] = roles.filter((role) => role !== '');
  if (parts.severity !== undefined && /^\d$/.test(parts.severity)) putNumber(fields, 'event.severity', parts.severity);
  else put(fields, 'log.level', parts.severity);
  const rest = (parts.rest ?? []).filter(([name]) => !WELF_MAPPED.has(name));
  keepVendor(fields, 'ivanti.connect_secure', rest);
  put(fields, 'ivanti.connect_secure.ivs', parts.ivs);
};

/** Administrators have roles of the appliance, or a realm that says so; their messages have codes of their own. */
const isAdmin = (parts: Parts, code: string | undefined): boolean =>
  code?.startsWith('ADM') === true ||
  /(?:^|, ?)\.[\w-]{0,20} ?Administrators\b/.test(parts.roles ?? '') ||
  /^Admin(?:istrator)?s?\b/i.test(parts.realm ?? '');

/** Sessions and logins of administrators are of the appliance's management. */
const ADMIN_ACTS: Readonly<Partial<Record<Act, Act>>> = {
  'vpn-login': 'admin-login',
  'vpn-session-end': 'logout',
};
/** The user's own words in messages. */
const putMessage = (fields: Fields, groups: Groups): void => {
  if (groups['url'] !== undefined) putUrl(fields, groups['url']);
  put(fields, 'http.request.method', groups['verb']);
  putNumber(fields, 'http.response.status_code', groups['status']);
};

const meaningOf = (fields: Fields, text: string, code: string | undefined): { act: Act; kind: Kind } => {
  const found = phraseOf(PHRASES, text);
  if (found !== undefined) {
    const { user, ...groups } = found.groups;
    // what stands in the header is the user as authenticated
    putPhrase(fields, found.phrase, fields['user.name'] === undefined ? found.groups : groups);
    putMessage(fields, found.groups);
    return { act: found.phrase[2], kind: found.phrase[3] };
  }
  const kind: Kind = code?.startsWith('SYS') || code?.startsWith('LIC') ? 'state' : 'info';
  putKind(fields, kind);
  return { act: kind === 'state' ? 'source-state' : 'other', kind };
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const parts = read(record.text);
  if (parts === undefined) return rejected('not-this-format', 'no Connect Secure record');
  const fields: Fields = {};
  const time = readIso(parts.time ?? '')?.civil;
  // the appliance writes its local time without zone; the relay's or its own header may state one
  const inner = readIso(record.text, record.text.search(/\d{4}-\d\d-\d\dT/))?.civil;
  const header = record.envelope.civil?.offset === undefined ? (inner ?? record.envelope.civil) : record.envelope.civil;
  const zoned = header?.offset !== undefined && time !== undefined && sameMinute(header, time);
  context.clock.stamp(
    fields,
    zoned && header.second !== time.second ? { ...time, offset: header.offset } : zoned ? header : (time ?? header),
  );
  if (time === undefined && header === undefined) warn(fields, 'time-missing');
  putParts(fields, parts);
  if (parts.rest !== undefined && parts.node !== undefined) putWelf(fields, parts);
  const code = CODE.exec(parts.text);
  const text = code === null ? parts.text : parts.text.slice(code[0].length);
  put(fields, 'event.code', code?.[1]);
  put(fields, 'message', text);
  const { act } = meaningOf(fields, text.slice(0, 4000), code?.[1]);
  const admin = isAdmin(parts, code?.[1]);
  if (admin && act === 'vpn-login') put(fields, 'service.type', 'https');
  relateAddresses(fields, text.slice(0, 4000));
  return { kind: 'event', act: admin ? (ADMIN_ACTS[act] ?? act) : act, fields };
};

const sameMinute = (a: { hour: number; minute: number }, b: { hour: number; minute: number }): boolean =>
  a.hour === b.hour && a.minute === b.minute;

const claims = (record: RawRecord): boolean => read(record.text) !== undefined;

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Login succeeded for k.maier/Staff (session:5f3a91c2) from 192.0.2.156 with Mozilla/5.0 (…)
  [/^Login succeeded for (?<user>.{0,200}?)\/(?<group>[^/()]{0,200}?)(?: \(session:(?<session>[\w-]{1,128})\))? from (?<ip>[\da-fA-F.:]{2,45})(?: with (?<agent>.{1,1000}?))?\.?$/, 'login-succeeded', 'vpn-login', 'passed'],
  [/^Login succeeded/, 'login-succeeded', 'vpn-login', 'passed'],
  // Login failed using auth server Directory (LDAP Server). Reason: Failed
  [/^Login failed using auth server (?<method>.{1,200}?) \(.{0,80}?\)\. {0,3}Reason: (?<reason>.{1,500}?)\.?$/, 'login-failed', 'vpn-login', 'refused'],
  [/^Login failed(?: for (?<user>\S{1,200}?)\/(?<group>[^/]{0,200}?))?(?: from (?<ip>[\da-fA-F.:]{2,45}))?\.?(?: {1,3}Reason: (?<reason>.{1,500}?)\.?)?$/, 'login-failed', 'vpn-login', 'refused'],
  [/: Login failed for (?<user>.{1,200}?) because (?<reason>.{1,300})/, 'login-failed', 'vpn-login', 'refused'],
  [/^(?<reason>Realm .{0,200} restrictions .{0,40}failed).{0,300}/i, 'realm-restriction-failed', 'vpn-login', 'refused'],
  [/^.{0,100} realm restrictions? successfully passed for /i, 'realm-restriction-passed', 'vpn-negotiation', 'asked'],
  [/^(?<reason>.{0,100} realm restrictions? failed) for /i, 'realm-restriction-failed', 'vpn-login', 'refused'],
  // a step of the login, which has a message of its own
  [/^(?:Primary|Secondary) authentication successful for (?<user>.{0,200}?)\/(?<method>[^/]{0,200}?) from (?<ip>[\da-fA-F.:]{2,45})/, 'authentication-successful', 'vpn-negotiation', 'asked'],
  [/^(?:Primary|Secondary) authentication failed for (?<user>.{0,200}?)\/(?<method>[^/]{0,200}?) from (?<ip>[\da-fA-F.:]{2,45})/, 'authentication-failed', 'vpn-negotiation', 'refused'],
  [/^Account (?<user>.{1,200}?) (?:has been |is )?locked/i, 'account-locked', 'account-locked', 'account'],
  [/^(?:Logout|Logged out) from (?<ip>[\da-fA-F.:]{2,45})(?: \(session:(?<session>[\w-]{1,128})\))?/i, 'logout', 'vpn-session-end', 'left'],
  [/^(?<reason>Session timed out|Max session timeout) for (?<user>.{0,200}?)\/(?<group>[^/()]{0,200}?) \(session:(?<session>[\w-]{1,128})\)/, 'session-timeout', 'vpn-session-end', 'down'],
  [/^(?<reason>Session (?:timed out|deleted|terminated|closed).{0,200})/, 'session-ended', 'vpn-session-end', 'down'],
  [/^Remote address for user (?<user>.{1,200}?)\/(?<group>[^/]{0,200}?) changed from (?<ip>[\da-fA-F.:]{2,45}) to [\da-fA-F.:]{2,45}\. ?(?<reason>Access denied)/, 'remote-address-changed', 'vpn-negotiation', 'broken'],
  [/^Remote address for user (?<user>.{1,200}?)\/(?<group>[^/]{0,200}?) changed from /, 'remote-address-changed', 'vpn-negotiation', 'session'],
  [/^Session (?:resumed|extended)(?: from user agent '?(?<agent>[^']{1,1000})'?)?/i, 'session-resumed', 'vpn-negotiation', 'session'],
  [/^VPN Tunneling: Session started for user (?:\(session: ?(?<session>[\w-]{1,128})\) )?with (?:IP|IPv4 address|IPv6 address) (?<inner>[\da-fA-F.:]{2,45})(?:,? IPv6 address [\da-fA-F.:]{2,45})?(?:, hostname (?<device>[^\s,]{1,255}))?/, 'tunnel-started', 'vpn-session-start', 'up'],
  [/^VPN Tunneling: Session ended for user (?:\(session: ?(?<session>[\w-]{1,128})\) )?with (?:IP|IPv4 address|IPv6 address) (?<inner>[\da-fA-F.:]{2,45})/, 'tunnel-ended', 'vpn-session-end', 'down'],
  [/^VPN Tunneling: User with IP (?<inner>[\da-fA-F.:]{2,45}) connected with/, 'tunnel-transport', 'vpn-negotiation', 'session'],
  [/^(?:VPN Tunneling: )?(?:Transport mode switched|Key Exchange number).{0,100}? (?:NCIP|IP) (?<inner>[\da-fA-F.:]{2,45})/, 'tunnel-transport', 'vpn-negotiation', 'session'],
  [/^Closed connection to TUN-VPN port (?<toPort>\d{1,5}) after (?<seconds>\d{1,9}) seconds, with (?<received>\d{1,15}) bytes read .{0,60}?and (?<sent>\d{1,15}) bytes written/, 'tunnel-closed', 'vpn-session-end', 'down'],
  [/^Connected to TUN-VPN port/, 'tunnel-connected', 'vpn-negotiation', 'session'],
  [/^Closed connection to (?<to>[\w.:-]{1,255}?)(?: port (?<toPort>\d{1,5}))? after (?<seconds>\d{1,9}) seconds, with (?<received>\d{1,15}) bytes read .{0,60}?and (?<sent>\d{1,15}) bytes written/, 'connection-closed', 'flow', 'closed'],
  [/^Connected to (?<to>[\w.:-]{1,255}?) port (?<toPort>\d{1,5})/, 'connection-opened', 'flow-start', 'opened'],
  [/^(?:Connection to|Access to) (?<to>[\w.:-]{1,255}?)(?: port (?<toPort>\d{1,5}))? (?:denied|blocked|not allowed|failed)/i, 'connection-denied', 'flow-denied', 'denied'],
  [/^Host Checker policy '(?<rule>[^']{1,200})' passed on host '?(?<ip>[\da-fA-F.:]{2,45})'?(?:.{0,10}address '(?<mac>[\da-fA-F:-]{12,17})')?/, 'host-checker-passed', 'vpn-negotiation', 'asked'],
  [/^Host Checker policy '(?<rule>[^']{1,200})' failed on host '?(?<ip>[\da-fA-F.:]{2,45})'?(?:.{0,10}address '(?<mac>[\da-fA-F:-]{12,17})')?(?:.{0,300}?reason '(?<reason>[^']{1,500})')?/, 'host-checker-failed', 'vpn-negotiation', 'broken'],
  [/^Host Checker/, 'host-checker', 'vpn-negotiation', 'asked'],
  [/^Unauthenticated request url (?<url>\S{1,4000}) came from IP (?<ip>[\da-fA-F.:]{2,45})/, 'unauthenticated-request', 'http-request', 'web'],
  // WebRequest ok : Host: intra.example.org, Request: GET /x HTTP/1.1
  [/^WebRequest (?:completed|ok)\b.{0,4}Host: \S{1,255}, Request: (?<verb>[A-Z]{3,7}) (?<url>\S{1,4000})/, 'web-request', 'http-request', 'web'],
  [/^WebRequest (?:completed|ok|failed|denied)\w{0,10}[ ,:]{1,3}(?<verb>[A-Z]{3,7}) (?:to )?(?<url>\S{1,4000}) from (?<ip>[\da-fA-F.:]{2,45}) result=(?<status>\d{3}) sent=(?<received>\d{1,15}) received=(?<sent>\d{1,15})/, 'web-request', 'http-request', 'web'],
  [/^SSL negotiation failed while client at source IP '(?<ip>[\da-fA-F.:]{2,45})' was trying to connect to '(?<to>[\w.:-]{1,255})'\. ?Reason: '(?<reason>[^']{1,300})'/, 'ssl-negotiation-failed', 'vpn-negotiation', 'broken'],
  // Sending iveTooManyFailedLoginAttempts [ blockedIP='203.0.113.9' ] SNMP trap to 192.0.2.5:162
  [/^Sending \w{1,64} \[.{0,300}\] SNMP trap to (?<to>[\da-fA-F.:]{2,45}?):(?<toPort>\d{1,5})$/, 'snmp-trap', 'source-state', 'state'],
  [/^(?:Successful|Failed) syslog connection to peer: '(?<to>[\w.:-]{1,255})'/, 'syslog-connection', 'source-state', 'state'],
  [/^Connection from IP (?<ip>[\da-fA-F.:]{2,45}) not authenticated yet(?: \(URL=(?<url>[^)]{1,2000})\))?/, 'not-authenticated', 'http-request', 'web'],
  [/^(?:Administrator|Admin(?:istrative)? user|User account|User|Account) '?(?<target>[^'\s]{1,200})'? (?:was )?(?:added|created)\b/i, 'account-created', 'account-created', 'account'],
  // Added user 'svc' to authentication server 'System Local'
  [/^(?:Added|Created) (?:new )?(?:local )?user(?: account)? '?(?<target>[^'\s]{1,200})'?/i, 'account-created', 'account-created', 'account'],
  [/^(?:Administrator|Admin(?:istrative)? user|User account|User) '?(?<target>[^'\s]{1,200})'? (?:was )?(?:modified|changed|deleted|removed|enabled|disabled)\b/i, 'account-changed', 'account-changed', 'account'],
  [/^(?:.{0,200}\b)?(?:log files? (?:was |were |has been )?cleared|Cleared .{0,40}\blog)/i, 'log-cleared', 'log-cleared', 'changed'],
  [/^(?:System|User) configuration (?:exported|imported).{0,200}|^(?:Exported|Imported) (?<object>.{1,100})/i, 'configuration-transferred', 'config-change', 'changed'],
  [/^(?<object>.{1,120}?)(?: was| has been)? (?:changed|modified|added|deleted|removed|created|updated|enabled|disabled|renamed)\b(?:.{0,40} (?:from|to|by|in|for) |: )/, 'changed', 'config-change', 'changed'],
  [/\b(?:Rebooting|Restarting|Shutting down|System (?:re)?started|Starting services)\b/i, 'system-state', 'source-state', 'state'],
];

export default {
  id: 'ivanti-connect-secure',
  title: 'Ivanti (Pulse, Juniper) Connect Secure',
  references: [
    {
      title: 'Ivanti Connect Secure administration guide: logging and monitoring',
      url: 'https://help.ivanti.com/ps/help/en_US/PCS/9.1R13/pcsag/logging_n_monitoring.htm',
    },
    {
      title: 'Ivanti Connect Secure: error message codes',
      url: 'https://help.ivanti.com/ps/help/en_US/ICS/22.x/ics-error-codes/error_msg_codes.htm',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'formats Standard and WELF, columns with bars; behind any syslog header',
    'login, logout, time-out, tunnels, Host Checker, realm restrictions, web requests, administration',
  ],
  limits: ['the steps "primary/secondary authentication" are no logins of their own: the login that follows is'],
  recognise: recogniseBy(claims, 'are Connect Secure records'),
  claims,
  open,
} satisfies Parser as Parser;
