import { SECOND } from '../../core/time.ts';
import type { Fields } from '../../ecs/event.ts';
import { putAsaUser, putGroupUser, putPort } from './cisco-asa-ends.ts';
import type { AsaLine } from './cisco-asa-messages.ts';
import { put, putIp, putNumber, warn } from './put.ts';

/** Greedy up to the last `IP`: a user name that holds ` IP <…>` must not win over the address the device wrote. */
const GROUP_USER_IP: readonly RegExp[] = [
  // Group <Staff> User <k.maier> IP <192.0.2.1> AnyConnect parent session started. · TunnelGroup <a> GroupPolicy <b> User <c> IP <d> …
  /Group(?:Policy)? <([^<>]{0,128})> User <(.{0,256})> IP <([\da-fA-F.:]{0,45})>/,
  // Group = Staff, Username = k.maier, IP = 192.0.2.1, Session disconnected. · Group = 192.0.2.1, IP = 192.0.2.1, PHASE 1 COMPLETED
  /Group = ([^,]{0,128}), (?:Username = (.{0,256}), )?IP = ([\da-fA-F.:]{2,45})/,
  // Group STAFF User k.maier IP 192.0.2.1 Session could not be established
  /Group (\S{1,128}) User (.{1,256}) IP ([\da-fA-F.:]{2,45}) /,
];

const USER: readonly RegExp[] = [
  /\buser = (.{1,256}) ?: user IP = ([\da-fA-F.:]{2,45})/, // : user = k.maier : user IP = 192.0.2.1
  /\buser = (.{1,256}?)(?: from server \S+)?$/,
  /\b[Uu]ser(?:name)?:? "([^"]{0,256})"/, // for user "admin"
  /\b[Uu]ser '([^']{1,256})'/, // User 'admin' executed
  /\bUser <([^<>]{1,256})>/, // Group <Staff> User <k.maier> WebVPN access DENIED
  /(?<!dbase: )\bUname: (\S{1,256})/,
  /^Authentication failed for (?:admin|network) user (\S{1,256}) from ([\da-fA-F.:]{2,44}[\da-fA-F])/,
  /\bUser(?:name)?[:=] ?([^\s,]{1,256})/, // Username:k.maier IKEv2 SA UP · User=k.maier, Assigned IP=…
  /\bIP-User mapping [\da-fA-F.:]{2,45} - (\S{1,256}) /, // user-identity: Add IP-User mapping 10.0.0.5 - CORP\k.maier Succeeded
  /\busername (?:is|=) ([^\s,]{1,256})/, // PPTP Tunnel created, …, username is k.maier
  /^UAUTH Session \S{1,64}, User ([^,]{1,256}),/,
  /\bUser (\S{1,256}) did NOT have/,
  /^User Authorization failed: (\S{1,256})$/,
  /^([^\s@]{1,256})@([\da-fA-F.:]{2,45}) Accessed /, // k.maier@10.0.0.5 Accessed URL …
  /\bDAP: User (.{1,256}), Addr ([\da-fA-F.:]{2,44}[\da-fA-F])/,
  /\b(?:[Ff]or user|, user|^User(?= \S{1,256} (?:un)?locked)|client user|challenge received for user) (?!['"])([^\s,]{1,256}?)[.,:]?(?: |$)/,
];

const REASONS: readonly (readonly [hint: string, pattern: RegExp])[] = [
  ['eason', /\b[Rr]eason(?: ?[=:]| -)? (.{1,400}?)(?: : (?:server|local database|user) ?[=:].*)?$/],
  ['bytes ', /\bbytes \d{1,16} ([^(]{1,200})/], // bytes 965 TCP FINs from inside (k.maier)
  ['terminated: ', /\bterminated: (.{1,400})$/],
  ['closing connection', /\bclosing connection: (.{1,400})$/],
  ['rror: ', /\b(?:[Ee]rror|ERROR): (.{1,400})$/],
];

/** Single values by a phrase each; the hint is what any text that matches holds. Addresses and numbers are told by the field. */
// biome-ignore format: a table
const PHRASES: readonly (readonly [field: string, hint: string, pattern: RegExp])[] = [
  ['cisco.asa.connection_id', 'connection ', /\bconnection (\d{1,20}) (?:for|from)\b/],
  ['cisco.asa.direction', 'bound', /^(?:Built|Deny) (inbound|outbound)\b/],
  ['cisco.asa.tcp_flags', 'flags ', /\bflags ([A-Z+ ]{2,40}?)(?: +on interface|$)/],
  ['cisco.asa.icmp_type', 'type', /\btype[ =](\d{1,3})/],
  ['cisco.asa.icmp_code', 'code', /\bcode[ =](\d{1,3})/],
  ['cisco.asa.hit_count', 'hit-cnt', /\bhit-cnt (\d{1,12})/],
  ['cisco.asa.ace_hash', '[0x', /\[(0x[\da-f]{1,8}, ?0x[\da-f]{1,8})\]/],
  ['cisco.asa.spi', 'SPI=', /\bSPI= ?(0x[\da-fA-F]{1,8})/],
  ['cisco.asa.session', 'Session=', /\bSession=(0x[\da-fA-F]{1,16})/],
  ['cisco.asa.dap_records', 'DAP', /DAP records were selected for this connection: (.{1,1000})$/],
  ['cisco.asa.session_attribute', 'Session Attribute', /: Session Attribute:? (.{1,1000})$/],
  ['cisco.asa.threat_level', 'threat-level', /\bthreat-level: ([\w-]{1,20})/],
  ['cisco.asa.icmp_payload', 'payload', /Original IP payload: (.{1,300}?)\.?$/],
  ['rule.id', 'IPS:', /^IPS:(\d{1,6}) /],
  ['rule.name', 'IPS:', /^IPS:\d{1,6} (.{1,120}?) from /],
  ['rule.name', 'access-group', /\bby access-group "([^"]{1,255})"/],
  ['rule.name', 'access-list', /^access-list (\S{1,255}) /],
  ['rule.name', 'acl=', /\(acl=([^()]{1,255})\)/],
  ['rule.name', 'User ACL', /User ACL (\S{1,255})/],
  ['observer.ingress.interface.name', 'interface', /\bon (?:interface (\S{1,64}?)|(\S{1,64}) interface)\.?(?: |$)/],
  ['einfallstor.vpn.assigned_ip', 'ssigned', /(?:IPv4 Address(?: <|=)|Assigned private IP address |Assigned IP=|Client assigned )([\da-fA-F.:]{3,45}\w)/],
  ['einfallstor.vpn.assigned_ip', 'client_dynamic_ip', /^(?:PPTP|L2TP) .{1,200}?client_dynamic_ip (?:is|=) ([\da-fA-F.:]{3,45})/],
  // Built PPTP Tunnel at outside, tunnel-id = 7, remote-peer = 192.0.2.7, virtual-interface = 3, client-dynamic-ip = 10.9.0.5, username = k.maier
  ['einfallstor.vpn.assigned_ip', 'client-dynamic-ip', /^Built .{1,200}?client-dynamic-ip = ([\da-fA-F.:]{3,45})/],
  ['einfallstor.vpn.type', 'P Tunnel', /^(?:Built )?(PPTP|L2TP) Tunnel/],
  ['source.ip', 'remote_peer_ip', /remote_peer_ip (?:is|=) ([\da-fA-F.:]{3,45})/],
  ['source.ip', 'Shun ', /^Shun (?:added|deleted|add failed.{0,40}): ?([\da-fA-F.:]{3,45})/],
  ['source.ip', 'Peer[', /\bPeer\[([\da-fA-F.:]{3,45})\]/],
  ['source.ip', 'User at ', /^User at ([\da-fA-F.:]{3,45}) /],
  ['source.ip', 'address granted', /^DHCP daemon .{1,200}\(([\da-fA-F.:]{3,45})\)/],
  ['einfallstor.vpn.assigned_ip', 'IPAA', / address ([\da-fA-F.:]{3,45}\w)/],
  ['einfallstor.vpn.group', 'unnel', /\b(?:tunnel-group |tunnel group |TunnelGroup )["<']?([\w.-]{1,128})/],
  ['einfallstor.vpn.type', 'Session Type', /\bSession Type: ([^,.]{1,40})/],
  ['einfallstor.vpn.type', 'Connection ', /\bConnection (AnyConnect|Clientless|IPsec|L2TP)\b/],
  ['einfallstor.vpn.type', 'AnyConnect', /\b(AnyConnect)\b/],
  ['einfallstor.vpn.type', 'WebVPN', /\b(WebVPN)\b/],
  ['einfallstor.vpn.type', 'IKEv', /\b(IKEv[12])\b/],
  ['source.ip', 'is attacking', /^(?:Host|Subnet) ([\da-fA-F.:]{3,45}) is attacking/],
  ['source.ip', 'to shun', /^Threat-detection adds host ([\da-fA-F.:]{3,45}) to shun/],
  ['source.ip', 'IP-User mapping', /\bIP-User mapping ([\da-fA-F.:]{2,45}) - /],
  ['destination.ip', 'is targeted', /^(?:Host|Subnet) ([\da-fA-F.:]{3,45}) is targeted/],
  ['source.ip', 'onfiguration', /^Begin configuration: ([\da-fA-F.:]{3,45}) |^([\da-fA-F.:]{3,45}) (?:end|[Ee]rase) configuration/],
  ['user_agent.original', 'Client Type', /\bClient Type: (.{1,255})$/],
  ['user.target.name', 'Uname', /(?:local dbase|level changed): Uname: (\S{1,255})/],
  ['user.target.name', ' unlocked ', /^User (\S{1,255}) unlocked /],
  ['process.command_line', 'executed', /\bexecuted (?:the |cmd: ?)?'?(.{1,1000}?)(?:'(?: command\.?)?)?$/],
  ['file.path', 'FTP', /, user \S{1,255} (?:Stored|Retrieved) file (.{1,1000})$/],
  ['url.original', 'ccess', /^Access denied URL (\S{1,4000})|\bWebVPN access (?:GRANTED|DENIED)(?: to specified location)?: (\S{1,4000})/],
  ['url.original', 'Accessed', /\bAccessed (?:JAVA )?URL [^\s:]{1,255}:(\S{1,4000})/],
  ['user.name', 'Teardown', /^Teardown \w{1,8} connection \d{1,20} for \S{1,200} ([^\s()]{1,64}) to /],
  ['destination.user.name', 'Teardown', /^Teardown .{1,300}? to \S{1,200} ([^\s()]{1,64}) duration /],
  ['process.name', '[', /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\w{1,64})\[/],
  ['process.pid', '[', /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \w{1,64}\[(\d{1,10})\]/],
  ['service.type', ' for user ', /\/(ssh|telnet|https?)\.? for user|\bto (console)\b/],
  ['service.type', 'onsole enable', /\bfrom (console|ssh|telnet)\b/],
  ['service.type', ' session ', /^(SSH|ASDM) /],
  ['network.protocol', 'FTP', /^(FTP) connection/],
  ['network.protocol', 'Dropped ', /\b(DNS|ESMTP|HTTP) [Rr]equest|\b(DNS) reply/],
  ['network.protocol', 'DNS Query', /\b(DNS) Query/],
  ['network.protocol', 'SIP ', /\b(SIP) /],
];

export const putWho = ({ fields, text }: AsaLine): void => {
  for (const pattern of GROUP_USER_IP) {
    const m = pattern.exec(text);
    if (m === null) continue;
    const tunnelGroup = /^TunnelGroup <([^<>]{1,128})>/.exec(text)?.[1];
    put(fields, 'einfallstor.vpn.group', tunnelGroup ?? m[1]);
    if (tunnelGroup !== undefined) put(fields, 'cisco.asa.group_policy', m[1]);
    putAsaUser(fields, 'user', m[2]);
    if (text.split('> IP <').length > 2) warn(fields, 'address-ambiguous');
    if (!/^(?:::|0\.0\.0\.0)$/.test(m[3] as string)) putIp(fields, 'source.ip', m[3]);
    return;
  }
  for (const pattern of USER) {
    const m = pattern.exec(text);
    if (m === null) continue;
    if (fields['user.name'] === undefined) putAsaUser(fields, 'user', m[1]);
    if (m[2] !== undefined) putIp(fields, 'source.ip', m[2]);
    break;
  }
  // Local:198.51.100.1:4500 Remote:192.0.2.1:55543 Username:k.maier IKEv2 SA UP.
  const ike = /\bLocal: ?([\da-fA-F.:]{2,45}):(\d{1,5}) Remote: ?([\da-fA-F.:]{2,45}):(\d{1,5})/.exec(text);
  if (ike !== null) {
    putIp(fields, 'destination.ip', ike[1]);
    putPort(fields, 'destination.port', ike[2]);
    putIp(fields, 'source.ip', ike[3]);
    putPort(fields, 'source.port', ike[4]);
  }
  // User authentication succeeded: IP, 192.0.2.1 : Uname: admin · server = 192.0.2.1
  if (fields['source.ip'] === undefined)
    putIp(fields, 'source.ip', /(?<!Assigned )\bIP(?: address)?[,:]? ?=? ?<?([\da-fA-F.:]{2,45})/.exec(text)?.[1]);
  putIp(fields, 'server.ip', /\bserver(?: ?= {1,2}| )([\da-fA-F.:]{2,45})/.exec(text)?.[1]);
};

const DURATION = /\b[Dd]uration:? (?:(\d{1,5})d )?(\d{1,6})h?:(\d{1,2})m?:(\d{1,2})s?/;

/** The device counts both directions of a connection together, and those of a remote user apart. */
const putBytes = (fields: Fields, text: string): void => {
  putNumber(fields, 'network.bytes', /\bbytes (\d{1,16})\b/.exec(text)?.[1]);
  putNumber(fields, 'destination.bytes', /\bBytes xmt: (\d{1,16})/.exec(text)?.[1]);
  putNumber(fields, 'source.bytes', /\bBytes rcv: (\d{1,16})/.exec(text)?.[1]);
  // bytes 965 TCP FINs (k.maier)
  putGroupUser(fields, 'user', /\bbytes \d{1,16}[^(]{0,200}\(([^()]{1,160})\)$/.exec(text)?.[1] ?? '-');
};

export const putMeasures = ({ fields, text }: AsaLine): void => {
  const time = text.includes('uration') ? DURATION.exec(text) : null;
  if (time !== null) {
    const seconds = ((Number(time[1] ?? 0) * 24 + Number(time[2])) * 60 + Number(time[3])) * 60 + Number(time[4]);
    fields['event.duration'] = seconds * 1e9;
    const end = fields['@timestamp'];
    if (typeof end === 'number') {
      fields['event.end'] = end;
      fields['event.start'] = end - seconds * SECOND;
    }
  }
  if (text.includes('ytes')) putBytes(fields, text);
  for (const [hint, pattern] of REASONS) {
    const reason = text.includes(hint) ? pattern.exec(text)?.[1] : undefined;
    if (reason === undefined) continue;
    put(fields, 'event.reason', reason.replace(/\.$/, ''));
    break;
  }
};

const LOWER = new Set(['network.protocol', 'service.type', 'einfallstor.vpn.type']);

export const putPhrases = ({ fields, text }: AsaLine): void => {
  for (const [field, hint, pattern] of PHRASES) {
    if (!text.includes(hint) || fields[field] !== undefined) continue;
    const m = pattern.exec(text);
    const value = m?.slice(1).find((part) => part !== undefined);
    if (value === undefined) continue;
    if (/[._]ip$/.test(field)) putIp(fields, field, value);
    else if (/_(?:count|type|code)$|\.pid$/.test(field)) putNumber(fields, field, value);
    else put(fields, field, LOWER.has(field) ? value.toLowerCase().replace('asdm', 'https') : value);
  }
  const url = /^(\w{1,10}):\/\/([^/:?#]{1,255})(?::\d{1,5})?([^?#]*)(?:\?([^#]*))?/.exec(
    String(fields['url.original'] ?? ''),
  );
  if (url !== null)
    for (const [n, name] of ['scheme', 'domain', 'path', 'query'].entries()) put(fields, `url.${name}`, url[n + 1]);
  const asked = /(?:^|@)(?:([\da-fA-F.:]{2,45}) )?Accessed (?:JAVA )?URL ([^\s:]{1,255}):/.exec(text);
  if (asked === null) return;
  putIp(fields, 'source.ip', asked[1]);
  if (!putIp(fields, 'destination.ip', asked[2])) put(fields, 'destination.domain', asked[2]);
};
