import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { putLease } from './dhcp.ts';
import { type Phrase, readPhrase } from './phrases.ts';
import { categorise, put, putIp, putMac, putNumber, putUser } from './put.ts';
import { putUrl } from './url.ts';

/** Topics of RouterOS, severities among them (manual, Log: topics). */
const TOPICS = new Set(
  `critical error warning info debug packet raw account acme-client async backup bfd bgp bridge calc caps certificate clock container
   ddns dhcp discover disk dns dot1x dude e-mail event evpn fetch firewall gps gsm health hotspot igmp-proxy interface ipsec iscsi isis
   kvm l2tp ldp lora lte manager mpls mqtt mvrp natpmp netwatch ntp ospf ovpn pim poe-in poe-out pon ppp pppoe pptp ptp queue radius
   radvd read rip route rpki rproxy rsvp script sertcp simulator smb snmp socksify ssh ssld sstp state store stp system telephony tftp
   timer tr069 update upnp ups vpls vrrp watchdog web-proxy wiliot wireguard wireless wifi write zerotier mme amt isdn netinstall
   watchdog ipv6 kid-control user-manager wireless`.match(/\S+/g),
);
const WORDS = /^([a-z][a-z0-9-]{1,15}(?:,[a-z][a-z0-9-]{1,15}){0,6})(?=[:\s])/;

/** `system,error,critical login failure …` → its topics and the text behind; undefined when a word is no topic. */
export const readTopics = (text: string): { readonly topics: readonly string[]; readonly text: string } | undefined => {
  const m = WORDS.exec(text);
  const topics = m?.[1]?.split(',') ?? [];
  if (m === null || !topics.every((topic) => TOPICS.has(topic))) return undefined;
  return { topics, text: text.slice(m[0].length).replace(/^:?\s/, '') };
};

/** Ways in that RouterOS names: `via winbox`. What a client chose as its user may hold blanks and words of the sentence. */
const VIA =
  '(?<via>winbox|ssh|web|webfig|www|telnet|api|api-ssl|ftp|local|console|mac-telnet|rest-api|dude|tr069|romon|test|[a-z-]{2,16})';

// biome-ignore format: a table
const ACCOUNT: readonly Phrase[] = [
  // login failure for user kim from 192.0.2.7 via ssh
  [new RegExp(`^login failure for user (?<user>.{0,256}) from (?<ip>[\\da-fA-F.:]{2,45}) via ${VIA}`), 'login-failure', 'admin-login', 'refused'],
  [new RegExp(`^login failure for user (?<user>.{0,256}) via ${VIA}`), 'login-failure', 'admin-login', 'refused'],
  // denied winbox/dude connect from 192.0.2.7: an address that the service is not for
  [/^denied (?<via>[\w-]{1,16})\S{0,16} connect from (?<ip>[\da-fA-F.:]{2,45})$/, 'connect-denied', 'flow-denied', 'denied'],
  [new RegExp(`^user (?<user>.{1,256}) logged in from (?<ip>[\\da-fA-F.:]{2,45}) via ${VIA}`), 'logged-in', 'admin-login', 'passed'],
  [new RegExp(`^user (?<user>.{1,256}) logged in (?:via|using) ${VIA}`), 'logged-in', 'admin-login', 'passed'],
  [new RegExp(`^user (?<user>.{1,256}) logged out from (?<ip>[\\da-fA-F.:]{2,45}) via ${VIA}`), 'logged-out', 'logout', 'left'],
  [new RegExp(`^user (?<user>.{1,256}) logged out (?:via|using) ${VIA}`), 'logged-out', 'logout', 'left'],
  // user kim added by admin · user kim added by winbox-3.41/tcp-msg(winbox):admin@10.0.0.5 (/user add …)
  [/^user (?<target>\S{1,128}) added by (?<by>.{1,300})/, 'account-added', 'account-created', 'account'],
  [/^user (?<target>\S{1,128}) (?:changed|removed|enabled|disabled) by (?<by>.{1,300})/, 'account-changed', 'account-changed', 'account'],
  [/^(?<object>.{1,160}?) (?:added|changed|removed|moved|enabled|disabled|set|reset|unset|edited|imported|created|renamed|upgraded|released|activated|undone|redone) by (?<by>.{1,1000})/, 'configuration-changed', 'config-change', 'changed'],
  [/^(?<object>(?:password|identity|configuration|backup|script|certificate)\b.{0,160}?\b(?:changed|saved|loaded|restored|reset|exported|imported))/, 'configuration-changed', 'config-change', 'changed'],
  [/\b(?:reboot(?:ed|ing)?|shutdown|shutting down|without proper shutdown|watchdog|change(?:d)? time|clock)\b/, 'state', 'source-state', 'state'],
];

// biome-ignore format: a table
const TUNNEL: readonly Phrase[] = [
  // kim logged in, 10.9.0.5 from 192.0.2.7 · kim logged out, 3600 1048576 2097152 1200 1800 from 192.0.2.7 (seconds, bytes in and out, packets)
  [/^(?:<[^>]{1,64}>: )?(?<user>.{1,128}) logged in, (?<inner>[\da-fA-F.:]{2,45})(?: from (?<ip>[\da-fA-F.:]{2,45}))?/, 'logged-in', 'vpn-session-start', 'up'],
  [/^(?:<[^>]{1,64}>: )?(?<user>.{1,128}) logged out, (?<seconds>\d{1,10}) (?<received>\d{1,16}) (?<sent>\d{1,16}) \d{1,16} \d{1,16}(?: from (?<ip>[\da-fA-F.:]{2,45}))?/, 'logged-out', 'vpn-session-end', 'down'],
  // <l2tp-0>: user kim authentication failed · <ovpn-kim>: authenticated
  [/^(?:<(?:(?<ip>[\da-fA-F.:]{2,45})|[^>]{1,64})>: )?user (?<user>.{1,128}) (?<reason>authentication failed.{0,120})$/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^<(?:l2tp|pptp|sstp|ovpn|pppoe|ppp)-(?<user>[^>]{1,128})>: authenticated/, 'authenticated', 'vpn-login', 'passed'],
  [/^<(?:l2tp|pptp|sstp|ovpn|pppoe|ppp)-(?<user>[^>]{1,128})>: (?:connected|(?:terminating|disconnected).{0,6}(?<reason>.{0,200}))$/, 'link', 'vpn-negotiation', 'session'],
  [/^<[^>]{1,128}>: (?:terminating|disconnected).{0,6}(?<reason>.{0,200})$/, 'disconnected', 'vpn-negotiation', 'session'],
  [/(?:connection established|packet received|connecting|connected) (?:from|to) (?<ip>[\da-fA-F.:]{2,45}?)(?::(?<port>\d{1,5}))?$/, 'connection', 'vpn-negotiation', 'session'],
  // acquired 10.9.0.5 address for 192.0.2.7, kim@example.org · peer authorized: road 203.0.113.1[4500]-192.0.2.7[4500] spi:…
  [/^acquired (?<inner>[\da-fA-F.:]{2,45})(?: address)? for (?<ip>[\da-fA-F.:]{2,45}), (?<user>.{1,128})$/, 'address-acquired', 'vpn-session-start', 'up'],
  [/^releasing (?:address )?(?<inner>[\da-fA-F.:]{2,45})/, 'address-released', 'vpn-negotiation', 'session'],
  [/^XAuth login succeeded for user: ?(?<user>.{1,128})$/i, 'authenticated', 'vpn-login', 'passed'],
  [/^XAuth login failed for user: ?(?<user>.{1,128})$/i, 'authentication-failed', 'vpn-login', 'refused'],
  [/^(?<reason>.{0,80}?(?:failed|not found|timeout|time up|no suitable proposal|invalid|mismatch|unexpected)\b.{0,200})$/i, 'negotiation-failed', 'vpn-negotiation', 'broken'],
];

/** The two ends of a security association: `203.0.113.1[500]-192.0.2.7[500]`, `…<=>…`: this router's first, the peer second. */
const PEERS = /([\da-fA-F.:]{2,45})\[(\d{1,5})\] ?(?:<=>|-|=>) ?([\da-fA-F.:]{2,45})\[(\d{1,5})\]/;

const readTunnel = (fields: Fields, topics: readonly string[], text: string): Act => {
  const kind = topics.find((topic) => /^(?:l2tp|pptp|sstp|ovpn|pppoe|ipsec|ppp|wireguard)$/.test(topic));
  if (kind === 'pppoe') fields['service.type'] = 'pppoe';
  put(fields, 'einfallstor.vpn.type', kind);
  let act = readPhrase(fields, TUNNEL, text);
  const peers = PEERS.exec(text);
  if (peers !== null) {
    putIp(fields, 'destination.ip', peers[1]);
    putNumber(fields, 'destination.port', peers[2]);
    putIp(fields, 'source.ip', peers[3]);
    putNumber(fields, 'source.port', peers[4]);
  }
  // the user's own name may follow the interface: <l2tp-kim>
  put(fields, 'einfallstor.vpn.session_id', /^<([^>]{1,128})>/.exec(text)?.[1]);
  if (act === undefined) {
    categorise(fields, ['session', 'network'], ['info']);
    act = 'vpn-negotiation';
  }
  return act;
};

// dhcp1 assigned 10.0.0.9 for 02:00:5E:00:53:01 LAB-1 · dhcp1 deassigned 10.0.0.9 from 02:… · dhcp1 offering lease 10.0.0.9 for 02:… without success
const LEASE =
  /^(\S{1,64}) (assigned|deassigned|offering lease|declined|released) ([\da-fA-F.:]{2,45}) (?:for|to|from) ([\dA-Fa-f:]{17})(?: (?!without)(\S{1,255}))?/;
// dhcp-client on ether1 got IP address 203.0.113.5
const CLIENT = /^dhcp-client on (\S{1,64}) (got|lost) IP address ([\d.]{7,15})/;
const LEASES = {
  assigned: 'ack',
  deassigned: 'expire',
  'offering lease': 'offer',
  declined: 'decline',
  released: 'release',
} as const;

const readLease = (fields: Fields, text: string): Act | undefined => {
  const m = LEASE.exec(text);
  if (m !== null) {
    const message = LEASES[m[2] as keyof typeof LEASES];
    putLease(fields, message, { address: m[3], mac: m[4], name: m[5] });
    put(fields, 'mikrotik.routeros.dhcp_server', m[1]);
    return 'dhcp-lease';
  }
  const client = CLIENT.exec(text);
  if (client === null) return undefined;
  put(fields, 'observer.ingress.interface.name', client[1]);
  // the router's own address
  putIp(fields, 'mikrotik.routeros.own_address', client[3]);
  categorise(fields, ['network'], ['info']);
  fields['event.action'] = `dhcp-client-${client[2]}`;
  return 'source-state';
};

// kim (10.5.0.9): logged in · kim (10.5.0.9): login failed: invalid username or password · kim (10.5.0.9): logged out: lost dhcp lease
const HOTSPOT =
  /^(.{1,128}) \(([\da-fA-F.:]{2,45})\): (logged in|logged out|login failed|trying to log in)(?:[ :]+(.{1,200}))?/;

const readHotspot = (fields: Fields, text: string): Act | undefined => {
  const m = HOTSPOT.exec(text);
  if (m === null) return undefined;
  putUser(fields, 'user', m[1]);
  putIp(fields, 'source.ip', m[2]);
  put(fields, 'event.reason', m[4]);
  fields['service.type'] = 'hotspot';
  fields['event.action'] = (m[3] as string).replaceAll(' ', '-');
  if (m[3] === 'trying to log in') {
    categorise(fields, ['authentication'], ['info']);
    return 'other';
  }
  const out = m[3] === 'logged out';
  const failed = m[3] === 'login failed';
  categorise(fields, ['authentication'], [out ? 'end' : failed ? 'info' : 'start'], failed ? 'failure' : 'success');
  return out ? 'logout' : 'login';
};

/** `admin` · `ssh:admin@10.0.0.5` · `winbox-3.41/tcp-msg(winbox):admin@10.0.0.5 (/ip firewall filter add …)` */
const putAuthor = (fields: Fields, text: string): void => {
  const by = / by (?:([\w./ ()-]{1,64}?):)?([^\s@:()]{1,128})(?:@([\da-fA-F.:]{2,45}))?(?: \((.{1,800})\)?)?$/.exec(
    text,
  );
  if (by === null) return;
  putUser(fields, 'user', by[2]);
  putIp(fields, 'source.ip', by[3]);
  put(fields, 'service.type', by[1]?.replace(/^[^(]*\(([^)]*)\).*$/, '$1').toLowerCase());
  put(fields, 'einfallstor.change.attributes', by[4]?.replace(/\)$/, ''));
};

/** What a message of any topic but firewall says. Without topics (BSD format) the text alone decides. */
export const readRouterText = (fields: Fields, topics: readonly string[], text: string): Act => {
  const about = (...names: string[]): boolean => topics.length === 0 || names.some((name) => topics.includes(name));
  let act: Act | undefined;
  if (about('dhcp')) act = readLease(fields, text);
  if (act === undefined && about('hotspot')) act = readHotspot(fields, text);
  if (act === undefined && about('system', 'account', 'ssh', 'info', 'critical')) {
    act = topics.some((topic) => /^(?:ppp|l2tp|pptp|sstp|ovpn|pppoe|ipsec)$/.test(topic))
      ? undefined
      : readPhrase(fields, ACCOUNT, text);
    if (act?.startsWith('account-') || act === 'config-change') putAuthor(fields, text);
    // winbox and mac-telnet reach a router by its MAC address
    const mac = act === 'admin-login' || act === 'logout' ? / from ([\da-fA-F:]{17}) via /.exec(text)?.[1] : undefined;
    if (mac !== undefined) {
      putMac(fields, 'source.mac', mac);
      delete fields['source.domain'];
    }
  }
  if (
    act === undefined &&
    topics.some((topic) => /^(?:ppp|l2tp|pptp|sstp|ovpn|pppoe|ipsec|wireguard|sstp)$/.test(topic))
  )
    return readTunnel(fields, topics, text);
  if (act === undefined && topics.length === 0 && / logged (?:in|out), \S/.test(text))
    act = readPhrase(fields, TUNNEL, text);
  // query from 10.0.0.5: #17 www.example.org. A
  const query = topics.includes('dns')
    ? /^query from ([\da-fA-F.:]{2,45}): #\d{1,10} (\S{1,255}?)\.? ([A-Z]{1,10})$/.exec(text)
    : null;
  if (query !== null) {
    putIp(fields, 'source.ip', query[1]);
    put(fields, 'dns.question.name', query[2]?.toLowerCase());
    put(fields, 'dns.question.type', query[3]);
    categorise(fields, ['network'], ['protocol', 'info']);
    return 'dns-query';
  }
  // 10.0.0.5 GET http://www.example.org/  action=allow cache=MISS
  const web = topics.includes('web-proxy')
    ? /^([\da-fA-F.:]{2,45}) ([A-Z]{3,10}) (\S{1,2000}) {1,4}action=(\w{1,16})/.exec(text)
    : null;
  if (web !== null) {
    putIp(fields, 'source.ip', web[1]);
    put(fields, 'http.request.method', web[2]);
    putUrl(fields, web[3]);
    put(fields, 'event.action', web[4]);
    categorise(fields, ['web'], ['access'], web[4] === 'deny' ? 'failure' : 'success');
    return 'http-request';
  }
  if (act === undefined) {
    categorise(fields, ['host'], ['info']);
    act = topics.includes('interface') && /\blink (?:up|down)\b/.test(text) ? 'source-state' : 'other';
  }
  return act;
};
