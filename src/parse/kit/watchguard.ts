import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { type DhcpMessage, putLease } from './dhcp.ts';
import { type Phrase, readPhrase } from './phrases.ts';
import { categorise, put, putIp, putUser } from './put.ts';

const IP = '[\\da-fA-F.:]{2,45}';

/** `kim@example.org@radius`, `kim@Firebox-DB`, `kim`: behind the last at sign stands the server that knows the account. */
export const putFireboxUser = (fields: Fields, prefix: string, value: string, serverField: string): void => {
  const at = value.lastIndexOf('@');
  if (at <= 0) {
    putUser(fields, prefix, value);
    return;
  }
  const server = value.slice(at + 1);
  putUser(fields, prefix, value.slice(0, at));
  put(fields, serverField, server);
  // an Active Directory server goes by the name of its domain
  if (server.includes('.') && fields[`${prefix}.domain`] === undefined)
    fields[`${prefix}.domain`] = server.toLowerCase();
};

/** Which door a login is for: the words WatchGuard calls its kinds of users. */
const SERVERS = {
  vpn: 'einfallstor.vpn.auth_method',
  admin: 'einfallstor.login.method',
  user: 'einfallstor.login.method',
};
const doorOf = (fields: Fields, kind: string): 'vpn' | 'admin' | 'user' => {
  if (/VPN|IPSec|L2TP|IKE|PPTP|mobile/i.test(kind)) {
    fields['einfallstor.vpn.type'] = /SSL/i.test(kind) ? 'ssl' : /L2TP/i.test(kind) ? 'l2tp' : 'ipsec';
    return 'vpn';
  }
  if (/management|admin|WSM|web ?ui|CLI|status|device|read-?only/i.test(kind)) return 'admin';
  put(fields, 'service.type', kind.toLowerCase());
  return 'user';
};

// Authentication of SSLVPN user [kim@example.org@radius] from 192.0.2.7 was accepted · … was rejected, Password Is Incorrect
const AUTHENTICATION = new RegExp(
  `Authentication of (?:error )?(.{1,40}?) ?user \\[(.{1,255}?)\\](?: from (${IP}))? (?:was |is )?(accepted|rejected|failed|denied|succeeded)[,.: -]*(.{0,200})`,
  'i',
);
// SSL VPN user kim@Firebox-DB from 192.0.2.7 logged in assigned virtual IP is 10.9.0.5
// Management user admin@Firebox-DB from 10.0.0.5 log in attempt was rejected - invalid credentials.
const SESSION = new RegExp(
  `^(.{1,60}?) user (\\S{1,255}) from (${IP}) (logged in|logged out|log ?in attempt was rejected|was forced to log out|timed out|session timed out)[,.: -]*(.{0,200})`,
  'i',
);
// Mobile VPN with SSL user kim logged in. Virtual IP address is 10.9.0.5. Real IP address is 192.0.2.7. · MUVPN user kim assigned virtual IP 10.9.0.5
const MOBILE = /\b(Mobile VPN(?: with \w{3,8})?|MUVPN) user (\S{1,255}) (logged (?:in|off|out)|assigned)\b(.{0,200})/i;
const REAL = new RegExp(`\\breal IP address is (${IP}?)(?=\\.?(?: |$))`, 'i');
const INNER = new RegExp(`virtual IP(?: address)?(?: is)? (${IP}?)(?=\\.?(?: |$))`, 'i');

/** Tunnels of remote users, told without the word `from`. */
const readMobile = (fields: Fields, text: string): Act | undefined => {
  const mobile = MOBILE.exec(text);
  if (mobile === null) return undefined;
  const [, kind = '', user = '', what = '', rest = ''] = mobile;
  doorOf(fields, kind);
  putFireboxUser(fields, 'user', user, SERVERS.vpn);
  putIp(fields, 'source.ip', REAL.exec(rest)?.[1]);
  putIp(fields, 'einfallstor.vpn.assigned_ip', INNER.exec(rest)?.[1]);
  put(fields, 'event.action', what.toLowerCase().replaceAll(' ', '-'));
  const ends = /off|out/i.test(what);
  categorise(fields, ['session', 'network'], [ends ? 'end' : 'start', 'connection'], 'success');
  return ends ? 'vpn-session-end' : /assigned/i.test(what) ? 'vpn-address-assigned' : 'vpn-session-start';
};

/** Logins of any kind. */
const readLogin = (fields: Fields, text: string): Act | undefined => {
  const asked = AUTHENTICATION.exec(text);
  if (asked !== null) {
    const [, kind = '', user = '', ip, verdict = '', reason] = asked;
    const door = doorOf(fields, kind);
    putFireboxUser(fields, 'user', user, SERVERS[door]);
    putIp(fields, 'source.ip', ip);
    const ok = /accepted|succeeded/i.test(verdict);
    if (!ok) put(fields, 'event.reason', reason);
    put(fields, 'event.action', ok ? 'authentication-accepted' : 'authentication-rejected');
    categorise(fields, ['authentication'], [ok ? 'start' : 'info'], ok ? 'success' : 'failure');
    return door === 'vpn' ? 'vpn-login' : door === 'admin' ? 'admin-login' : 'login';
  }
  const session = SESSION.exec(text);
  if (session === null) return readMobile(fields, text);
  const [, kind = '', user = '', ip, what = '', rest = ''] = session;
  const door = doorOf(fields, kind);
  putFireboxUser(fields, 'user', user, SERVERS[door]);
  putIp(fields, 'source.ip', ip);
  putIp(fields, 'einfallstor.vpn.assigned_ip', INNER.exec(rest)?.[1]);
  put(fields, 'event.action', what.toLowerCase().replaceAll(' ', '-'));
  if (/rejected/i.test(what)) {
    put(fields, 'event.reason', rest);
    categorise(fields, ['authentication'], ['info'], 'failure');
    return door === 'vpn' ? 'vpn-login' : door === 'admin' ? 'admin-login' : 'login';
  }
  const begins = /logged in/i.test(what);
  if (door === 'vpn') {
    categorise(fields, ['session', 'network'], [begins ? 'start' : 'end', 'connection'], 'success');
    return begins ? 'vpn-session-start' : 'vpn-session-end';
  }
  categorise(fields, ['authentication', 'session'], [begins ? 'start' : 'end'], 'success');
  return begins ? (door === 'admin' ? 'admin-login' : 'login') : 'logout';
};

// DHCPACK on 10.0.2.52 to 02:00:5e:00:53:01 (LAB-1) via vlan2 · DHCPREQUEST for 10.0.2.52 from 02:… via eth1 · DHCPDISCOVER from 02:… via eth1
const DHCP =
  /^DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM)(?: (?:on|of|for|from) ([\d.]{7,15}))?(?: \([\d.]{7,15}\))?(?: (?:to|from) ([\da-fA-F:]{17}))?(?: \(([^)]{1,255})\))?(?: via (\S{1,64}))?/;

const readDhcp = (fields: Fields, text: string): Act | undefined => {
  const m = DHCP.exec(text);
  if (m === null) return undefined;
  const [, message = '', address, mac, name, device] = m;
  putLease(fields, message.toLowerCase() as DhcpMessage, { address, mac, name });
  put(fields, 'observer.ingress.interface.name', device);
  return 'dhcp-lease';
};

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Authentication error: no response received from 10.0.0.5 auth server RADIUS
  [/\bno response received from (?<to>[\da-fA-F.:]{2,45}) auth server/i, 'server-silent', 'other', 'state'],
  // IP spoofing: source IP 192.0.2.7 destination 10.0.0.5
  [/^(?<reason>IP spoofing)\b.{0,20}?source(?: IP)?[=:]? ?(?<ip>[\da-fA-F.:]{2,45}),? dest(?:ination)?(?: IP)?[=:]? ?(?<to>[\da-fA-F.:]{2,45})/i, 'attack', 'threat', 'stopped'],
  // port scan attack from 192.0.2.7 by detecting 10 dest. ports in 10 ms · SYN flood attack against 10.0.0.5 from 192.0.2.7 detected. …
  [/(?<reason>(?:port scan|ip scan|ip spoof(?:ing)?|\w{2,12}[ -]flood|ddos|source route)[\w /-]{0,40}?)(?: against (?<to>[\da-fA-F.:]{2,45}))? from (?<ip>[\da-fA-F.:]{2,45})/i, 'attack', 'threat', 'stopped'],
  [/(?:blocking|blocked|add(?:ed)?) (?:host|site|source|IP)? ?(?<ip>[\da-fA-F.:]{2,45})(?: to (?:the )?blocked sites)?(?:.{0,40}?reason ?= ?(?<reason>[^)]{1,100}))?/i, 'address-blocked', 'threat', 'stopped'],
  [/\b(?:ddos|flood|scan|spoof(?:ing)?|intrusion|virus|malware|botnet|attack)\b/i, 'attack', 'threat', 'info'],
  // IKE phase-1 negotiation from 203.0.113.1:500 to 198.51.100.7:500 failed. Gateway-Endpoint='site-b' Reason=…
  // IKEv2 IKE_SA_INIT exchange from 203.0.113.1:500 to 198.51.100.7:500 failed. Gateway-Endpoint='WG IKEv2 MVPN'. Reason=…
  [/IKE[\w -]{0,40}? (?:negotiation |exchange )?from (?<ip>[\da-fA-F.]{7,15}):(?<port>\d{1,5}) to (?<to>[\d.]{7,15}):(?<toPort>\d{1,5}) failed\.?(?: Gateway[- ]Endpoint='(?<group>[^']{1,128})')?.{0,40}?(?:Reason[=:] ?(?<reason>.{1,200}))?$/i, 'ike-failed', 'vpn-negotiation', 'broken'],
  [/(?:tunnel|BOVPN)\b.{0,120}\b(?:established|is up|came up|created)\b/i, 'tunnel-up', 'vpn-negotiation', 'session'],
  [/(?:tunnel|BOVPN)\b.{0,120}\b(?:deleted|is down|went down|expired|removed)\b/i, 'tunnel-down', 'vpn-negotiation', 'session'],
  [/\b(?:IKE|IKEv2|IPSec|ISAKMP|phase-?[12]|quick mode|main mode|aggressive mode|BOVPN)\b/i, 'ike', 'vpn-negotiation', 'session'],
  // Management user admin@Firebox-DB from 10.0.0.5 modified Blocked Sites
  // (no catalogue has this sentence: its wording is a guess after the login's above)
  [/^(?:Management user|Admin(?:istrator)?(?: user)?) (?<user>\S{1,128}) from (?<ip>[\da-fA-F.:]{2,45}) (?:added|modified|changed|updated|deleted|removed|renamed|restored|imported|saved) (?<object>.{1,256})$/i, 'configuration-changed', 'config-change', 'changed'],
  // configuration was saved by admin@Firebox-DB from 10.0.0.5
  [/(?<object>[\w /-]{0,60}\b(?:config(?:uration)?|policy|polic(?:y|ies)|firmware|feature key|backup image|user account|passphrase|password))\b[\w /'"-]{0,60}\b(?:sav|chang|updat|modif|add|delet|remov|restor|upload|import|upgrad|appl|creat)\w{0,4}\b(?:.{0,80}?\b(?:by|user) (?<user>[\w.\\-]{1,128})(?:@[\w.-]{1,128})?)?(?: from (?<ip>[\da-fA-F.:]{2,45}))?/i, 'configuration-changed', 'config-change', 'changed'],
  [/\b(?:start(?:ed|ing|s)? up|shut(?:ting)? down|reboot\w{0,3}|boot\w{0,3} up|system time|failover|link (?:up|down)|cluster|member)\b/i, 'state', 'source-state', 'state'],
];

/** What an event or alarm message says; undefined when it is none of those that are known. */
export const readFireboxMessage = (fields: Fields, text: string): Act | undefined =>
  readLogin(fields, text) ?? readDhcp(fields, text) ?? readPhrase(fields, PHRASES, text);
