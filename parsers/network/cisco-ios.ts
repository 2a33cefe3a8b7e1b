import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCiscoHead } from '../../src/parse/kit/cisco-head.ts';
import {
  ADDRESS,
  access,
  as,
  inspection,
  type IosLine as Line,
  orFailure,
  signature,
  translation,
} from '../../src/parse/kit/cisco-ios-traffic.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putIp, putMac, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `%SEC-6-IPACCESSLOGP: ` · `%LINEPROTO-SP-5-UPDOWN: ` · `%MGBL-SYS-5-CONFIG_I : `; numbers alone are those of ASA. */
const TAG =
  /%((?!(?:ASA|PIX|FWSM|FTD|NGIPS)-)[A-Z][A-Z0-9_]{1,40}(?:-[A-Z][A-Z0-9_]{0,30}){0,2})-([0-7])-(?=[A-Z0-9_]{0,40}[A-Z])([A-Z0-9_]{2,64}) ?: ?/;
const claims = ({ text }: RawRecord): boolean => TAG.test(text);

// ---------------------------------------------------------------- meaning

const BRACKETED = new RegExp(String.raw`\(${ADDRESS}\)`);

/** User and address of a login: every facility words it differently. */
const putWho = ({ fields, text }: Line): void => {
  for (const pattern of WHO) {
    const name = pattern.exec(text)?.slice(1).find(Boolean);
    if (name === undefined || /^(?:console|unknown)$/i.test(name)) continue;
    putUser(fields, 'user', name);
    break;
  }
  for (const pattern of FROM) {
    const m = pattern.exec(text);
    if (m === null || !putIp(fields, 'source.ip', m[1])) continue;
    if (m[2] !== undefined && Number(m[2]) < 65536) putNumber(fields, 'source.port', m[2]);
    break;
  }
};

const LOGIN_PORTS: Readonly<Record<string, string>> = {
  '22': 'ssh',
  '23': 'telnet',
  '80': 'http',
  '443': 'https',
  '830': 'netconf',
};

const login = (line: Line): Act => {
  const { fields, facility, text } = line;
  putWho(line);
  const port = /\[localport: ?(\d{1,5})\]/.exec(text)?.[1];
  if (port !== undefined && port !== '0') putNumber(fields, 'destination.port', port);
  const way = /\bfor (netconf)\b/i.exec(text)?.[1] ?? /^(SSH|WEBSERVER|HTTP)/.exec(facility)?.[1];
  const service = way === undefined ? LOGIN_PORTS[port ?? ''] : /WEB|HTTP/.test(way) ? 'https' : way.toLowerCase();
  put(fields, 'service.type', service ?? /\b(vty|console)/.exec(text)?.[1]);
  const failed = /fail|invalid|denied|reject/i.test(`${line.mnemonic} ${text.replace(/\[user:[^\]]*\]/, '')}`);
  put(fields, 'event.reason', failed ? /\[Reason: ?([^\]]{1,160})\]/.exec(text)?.[1] : undefined);
  return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
};

const logout = (line: Line): Act => {
  putWho(line);
  return as('logout', line.fields, 'authentication session', 'end', 'success');
};

/** Commands that change nothing. */
const READING = /^(?:!exec: |show |ping |traceroute |terminal |enable$|exit$|end$|configure terminal)/;

const change = (line: Line): Act => {
  const { fields, text } = line;
  putWho(line);
  const command = /\blogged command: ?(.{1,2000})$|\bCommand: (.{1,2000}?)(?: <cr>)?$/
    .exec(text)
    ?.slice(1)
    .find(Boolean);
  put(
    fields,
    'einfallstor.change.object',
    command ?? (/^Configured (?:from|programmatically)/.test(text) ? 'configuration' : text),
  );
  put(fields, 'process.command_line', command);
  put(fields, 'process.name', /\bby process (.{1,64}?) from\b/.exec(text)?.[1]);
  if (command !== undefined && READING.test(command)) return as('other', fields, 'process', 'info', 'success');
  const outcome = orFailure(/\bfailed$/.test(text));
  const account = /^(no )?username (\S{1,128})/.exec(command ?? '');
  if (account === null) return as('config-change', fields, 'configuration', 'change', outcome);
  put(fields, 'user.target.name', account[2]);
  return as(
    'config-change',
    fields,
    'configuration iam',
    account[1] === undefined ? 'creation user' : 'deletion user',
    'success',
  );
};

const account =
  (act: Act, types: string): Family =>
  (line) => {
    const { fields, text } = line;
    put(fields, 'user.target.name', /\b(?:username:?|[Uu]ser) '?(?!with\b)([^\s']{1,128})/.exec(text)?.[1]);
    putUser(fields, 'user', /\bby '?([^\s']{1,128})/.exec(text)?.[1]);
    putIp(fields, 'source.ip', BRACKETED.exec(text)?.[1]);
    return as(act, fields, 'iam', types, 'success');
  };

const privilege = (line: Line): Act => {
  putWho(line);
  const failed = /FAIL/.test(line.mnemonic);
  return as('explicit-credentials', line.fields, 'authentication', failed ? 'info' : 'start', orFailure(failed));
};

/** 802.1X and MAC authentication bypass: which device came onto which port. */
const admission = ({ fields, facility, mnemonic, text }: Line): Act => {
  putMac(fields, 'source.mac', /\bclient \(([\da-fA-F.:-]{12,17})\)/.exec(text)?.[1]);
  put(fields, 'observer.ingress.interface.name', /\b[Ii]nterface (\S{1,64})/.exec(text)?.[1]);
  put(fields, 'service.type', /\bmab\b/i.test(`${facility} ${text}`) ? 'mab' : 'dot1x');
  put(fields, 'einfallstor.login.method', fields['service.type'] as string);
  if (!/SUCCESS|FAIL/.test(mnemonic)) return as('other', fields, 'authentication', 'info');
  const failed = mnemonic.includes('FAIL');
  return as('login', fields, 'authentication', failed ? 'info' : 'start', orFailure(failed));
};

const PEER = /\b(?:Client_public_addr=|remote_ip: ?|[Pp]eer |from )(\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]{3,39})/;

/** `User=k.maier Group=vpn Client_public_addr=192.0.2.1 Assigned_client_addr=10.9.0.14` · `remote_ip: … user_name: …` */
const vpn = ({ fields, mnemonic, text }: Line): Act => {
  putUser(fields, 'user', /\b(?:User=|user_name: ?|for user )([^\s,]{1,128})/.exec(text)?.[1]);
  putIp(fields, 'source.ip', PEER.exec(text)?.[1] ?? /\bsrc_addr= ?([\da-fA-F.:]{3,45})/.exec(text)?.[1]);
  putIp(fields, 'destination.ip', /\bdest_addr= ?\/?([\da-fA-F.:]{3,45})/.exec(text)?.[1]);
  putIp(fields, 'einfallstor.vpn.assigned_ip', /Assigned_client_addr=([\da-fA-F.:]{3,45})/.exec(text)?.[1]);
  put(fields, 'einfallstor.vpn.group', /\bGroup=(\S{1,128})/.exec(text)?.[1]);
  fields['einfallstor.vpn.type'] = /^(?:LOGIN|SSL)/.test(mnemonic) || /vw_ctx/.test(text) ? 'ssl' : 'ipsec';
  const failed = /fail|denied|reject|inval|not_ipsec|bad_|mismatch/i.test(`${mnemonic} ${text}`);
  if (/LOGIN_AUTH|AUTH_(?:PASSED|REJECTED)/.test(mnemonic))
    return as('vpn-login', fields, 'authentication network', failed ? 'info' : 'start', orFailure(failed));
  if (fields['user.name'] !== undefined && /\bup\b|\bconnected\b/i.test(text) && !/disconnected/i.test(text))
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (fields['user.name'] !== undefined && /\bdown\b|disconnected|logged out/i.test(text))
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(failed));
};

const other = (line: Line): Act => {
  const { fields, text } = line;
  putWho(line);
  putMac(fields, 'source.mac', MAC.exec(text)?.[1]);
  if (fields['source.ip'] === undefined)
    putIp(fields, 'source.ip', /\b[Aa]ddress (\d{1,3}(?:\.\d{1,3}){3})/.exec(text)?.[1]);
  put(fields, 'event.action', /\bchanged state to (?:administratively )?(up|down)\b/.exec(text)?.[1]);
  return as('other', fields, 'host', 'info');
};

/** What a switch keeps off a port: a second device, forged ARP, a DHCP server that is none. */
const guard = ({ fields, text }: Line): Act => {
  fields['event.kind'] = 'alert';
  putMac(fields, 'source.mac', MAC.exec(text)?.[1] ?? /\(\[([\da-fA-F.]{14})\//.exec(text)?.[1]);
  putIp(fields, 'source.ip', /\(\[[\da-fA-F.]{14}\/([\d.]{7,15})\//.exec(text)?.[1]);
  put(fields, 'observer.ingress.interface.name', /\b(?:on port|on) ([A-Z][\w/.-]{2,40}\d)/.exec(text)?.[1]);
  return as('threat', fields, 'intrusion_detection network', 'info denied', 'failure');
};

const lease = ({ fields, text }: Line): Act => {
  putIp(fields, 'source.ip', /\b(?:pinged|address) (\d{1,3}(?:\.\d{1,3}){3})/.exec(text)?.[1]);
  putMac(fields, 'source.mac', MAC.exec(text)?.[1]);
  return as('dhcp-lease', fields, 'network', 'protocol info');
};

/** `error: PAM: Authentication failure for illegal user root from 192.0.2.7 - sshd[500]`: the daemons of NX-OS. */
const daemon = ({ fields, text }: Line): Act => {
  const process = / - ([\w.-]{1,64})\[(\d{1,10})\]$/.exec(text);
  put(fields, 'process.name', process?.[1]);
  putNumber(fields, 'process.pid', process?.[2]);
  categorise(fields, ['host'], ['info']);
  const act = readPlainText(fields, process === null ? text : text.slice(0, process.index), process?.[1]);
  return act === 'login' ? 'admin-login' : act;
};

type Family = (line: Line) => Act;

const FAMILIES: readonly (readonly [pattern: RegExp, family: Family])[] = [
  [/ IPACCESSLOG| ACCESSLOG/, access],
  [/^FW-?\S* |^\S*IOSXE_?FW|^(?:IOSXE-)?FW/, inspection],
  [/^IPS-?\S* SIGNATURE/, signature],
  [/^IPNAT/, translation],
  [/ PSECURE_VIOLATION|^SW_DAI|^DHCP_SNOOPING\S* \S*(?:DENY|FAIL|DROP|UNTRUSTED)/, guard],
  [/^DHCPD?(?: |_)/, lease],
  [/^(?:DAEMON|AUTHPRIV|AUTH) SYSTEM_MSG|^SECURITY-SSHD_SYSLOG_PRX INFO_GENERAL$/, daemon],
  [/ (?:LOGIN_AUTH|SSLVPN)|^(?:WEBVPN|CRYPTO|ISAKMP|IKEV2|IPSEC|SSLVPN)/, vpn],
  [/ (?:SSH2_CLOSE|LOGOUT|SESS_LOGOUT|TTY_EXPIRE_TIMER|INFO_USER_LOGOUT)$/, logout],
  [
    / (?:(?:WEB)?LOGIN_SUCCESS|(?:WEB)?LOGIN_FAILED|LOGIN_PASSED|AUTH_PASSED|AUTHENTICATION_FAILED|SSH2?_USERAUTH|AUTHEN_FAIL\w*|AUTHEN_SUCCESS|LOGIN)$|^SECURITY-SSHD INFO_(?:SUCCESS|FAILURE)$/,
    login,
  ],
  [/ PRIV_AUTH_(?:FAIL|PASS)/, privilege],
  [/ (?:(?:\w+_)?CONFIG_I|CONFIG_P|CFGLOG_\w+|ACCTLOCAL|CONFIG_RESOLVE_FAILURE|HIDDEN|DB_COMMIT)$/, change],
  [/ USERNAME_CONFIGURATION$/, account('account-created', 'user creation')],
  [/ USER_LOCKED$/, account('account-locked', 'user change')],
  [/ USER_(?:UNLOCKED|RESET)$/, account('account-changed', 'user change')],
  [/^(?:AUTHMGR|DOT1X|MAB|SESSION_MGR)/, admission],
  [
    / (?:RESTART|RELOAD|CLOCKUPDATE|LOGGINGHOST_\w+|LOGGING_\w+|STARTSTOP)$/,
    (line) => {
      putWho(line);
      return as('source-state', line.fields, 'host', 'info');
    },
  ],
];

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const tag = TAG.exec(record.text);
    // %IOSXE-6-PLATFORM: R0/0: cpp_cp: QFP:0.0 Thread:001 TS:… %FW-6-DROP_PKT: …: the data plane's message within
    const inner = tag?.[1] === 'IOSXE' ? TAG.exec(record.text.slice(tag.index + tag[0].length)) : null;
    if (tag === null) return rejected('not-this-format', 'no %FACILITY-n-MNEMONIC:');
    const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'IOS', 'observer.type': 'router' };
    const headText = record.text.slice(0, tag.index);
    const head = readCiscoHead(headText);
    // a clock that was never set starts on the first of March; the relay's is better than any that has no server
    const unset = head.mark === '*' && head.civil?.month === 3 && head.civil.day === 1 && head.civil.year === undefined;
    const own = unset || (head.mark === '*' && record.envelope.civil !== undefined) ? undefined : head.civil;
    const time = own ?? record.envelope.civil ?? readIso(headText.trim())?.civil;
    if (time === undefined) warn(fields, 'time-missing');
    if (head.mark !== undefined) warn(fields, 'clock-unsynchronised');
    clock.stamp(fields, time);
    const relay = record.envelope.host;
    put(fields, 'observer.name', head.host ?? relay);
    add(fields, 'observer.ip', canonicalIp(relay ?? ''));
    putNumber(fields, 'event.sequence', head.sequence);
    const text = record.text
      .slice(tag.index + tag[0].length)
      .trim()
      .slice(0, 4096);
    const [facility, mnemonic] = [(inner ?? tag)[1] as string, (inner ?? tag)[3] as string];
    put(fields, 'event.provider', facility);
    putNumber(fields, 'event.severity', tag[2]);
    put(fields, 'event.code', mnemonic);
    put(fields, 'message', text);
    putUrl(fields, /\b(?:https?|s?ftp|tftp|scp|rcp):\/\/[^\s)'"]{1,1000}/.exec(text)?.[0]);
    // Switch 1 R0/0: dmiauthd: …
    put(fields, 'process.name', /^(?:Switch \d{1,2} )?R\d\/\d: ([\w-]{1,64}): /.exec(text)?.[1]);
    const family = FAMILIES.find(([pattern]) => pattern.test(`${facility} ${mnemonic}`))?.[1] ?? other;
    const act = family({ fields, facility, mnemonic, text });
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };

const MAC =
  /\b(?:MAC sa:|MAC address|Host|bridge|sourced by|client \(|Mac Address is) ?\(?([\da-fA-F]{4}\.[\da-fA-F]{4}\.[\da-fA-F]{4}|[\da-fA-F:-]{17})\b/i;
const WHO: readonly RegExp[] = [
  /\[user: ?([^\]]{0,128})\]/,
  /\bUser:(\S{1,128})\s/,
  /\bUsername: (\S{1,128})/,
  /\b[Uu]ser '(?!<unknown>')([^']{1,128})'/,
  /\)\), user (\S{1,128})$/, // (exec timer expired, tty 2 (192.0.2.9)), user kim
  /\b(?:by|as) (?!process\b|console\b)([^\s(),]{1,128})(?: on (?:vty|console|tty|con)|$)/,
  /^User (\S{1,128}) has /,
  /\bby (?!process\b)(\S{1,128}) on \w{1,16}/,
  /\bNETCONF user (\S{1,128})/,
];
const FROM: readonly RegExp[] = [
  new RegExp(String.raw`\[Source: ?${ADDRESS}\]`),
  /\bfrom (?:host )?'?(\d{1,3}(?:\.\d{1,3}){3}):?(\d{1,5})?\b/,
  new RegExp(String.raw`\bfrom (?:host )?'?${ADDRESS}(?=[\s,(']|$)`),
  BRACKETED,
  /\bon (\d{1,3}(?:\.\d{1,3}){3})@/, // by kim on 192.0.2.9@pts/0
];

export default {
  id: 'cisco-ios',
  title: 'Cisco IOS, IOS XE, IOS XR, NX-OS',
  references: [
    {
      title: 'Cisco IOS system message guide',
      url: 'https://www.cisco.com/c/en/us/td/docs/ios-xml/ios/msg/sysmsg_guide.html',
    },
    {
      title: 'Cisco IOS login enhancements (SEC_LOGIN)',
      url: 'https://www.cisco.com/c/en/us/td/docs/ios-xml/ios/sec_usr_cfg/configuration/xe-16/sec-usr-cfg-xe-16-book/sec-login-enhance.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: [
    'access lists, zone-based firewall, IPS, NAT, crypto and SSL VPN',
    'logins (SEC_LOGIN, SSH, WEBSERVER, DMI), logouts, privilege, configuration and logged commands, local accounts',
    '802.1X and MAB, restart, clock, interfaces and every other %FACILITY-n-MNEMONIC',
  ],
  limits: [
    'A time marked * or . comes from a clock without a server: the event says clock-unsynchronised.',
    'Time stamps in uptime (1w2d:) leave the relay’s time.',
  ],
  recognise: recogniseBy(claims, 'carry a %FACILITY-n-MNEMONIC tag'),
  claims,
  open,
} satisfies Parser as Parser;
