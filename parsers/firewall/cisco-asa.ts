import { canonicalIp } from '../../src/core/net.ts';
import { own } from '../../src/core/own.ts';
import { withoutTail } from '../../src/core/text.ts';
import { SECOND } from '../../src/core/time.ts';
import type { Act } from '../../src/ecs/acts.ts';
import { type Fields, textOf } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type ParseContext, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `%ASA-6-302013: ` · `%ASA-session-5-106100: ` · `%%PIX-6-605004: ` · `ASA-3-313001: ` · `%ASA-5-111010 User …` */
const TAG = /(?:^|[\s:>])%{0,2}(ASA|PIX|FWSM|FTD)-(?:([a-z]\w{1,15})-)?(\d)-(\d{6})(?::\s*|\s+)/;
/** What a collector leaves when it cuts the tag off: the AnyConnect and IKE forms that no other product writes. */
const UNTAGGED =
  /^(?:TunnelGroup <[^<>]{1,128}> )?Group(?:Policy)? (?:<[^<>]{1,128}> User <|= [^,]{1,128}, Username = )|^Tunnel group search using certificate maps failed/;

interface Line {
  readonly fields: Fields;
  readonly code: string | undefined;
  /** The text behind the tag. */
  readonly text: string;
}

// ---------------------------------------------------------------- header

/** `<111>:Jan 15 10:11:12 UTC: ` (EMBLEM), `Jul 15 13:38:14 192.0.2.1 : `, `Apr 15 2013 09:36:50: `, `2021-06-27T12:17:46Z fw : ` */
const readHead = (
  record: RawRecord,
  head: string,
): { civil?: Civil; host?: string; program?: string; pid?: number } => {
  const { civil, host, program, pid } = record.envelope;
  if (civil !== undefined) {
    const name = host ?? (pid === undefined ? program : undefined);
    const own = program !== undefined && program !== name;
    return { civil, ...(name && { host: name }), ...(own && { program }), ...(own && pid !== undefined && { pid }) };
  }
  const rest = head.replace(/^\s*(?:<\d{1,3}>)?[\s:]*(?:\d{1,10}: )?/, '');
  const read = readBsd(rest) ?? readIso(rest);
  const name = /^[\s:]*(\w[\w.:-]{0,254}?)[\s:]*$/.exec(rest.slice(read?.end ?? 0))?.[1];
  return { ...(read && { civil: read.civil }), ...(name && { host: name }) };
};

// ---------------------------------------------------------------- end points

interface End {
  readonly ifc: string | undefined;
  readonly address: string;
  readonly port: string | undefined;
  readonly groups: readonly string[];
}

const NAME = /^\w[\w.-]{0,254}$/;

/** `outside:192.0.2.1/443` · `192.0.2.1/443` · `inside/10.0.0.1` · `outside:2001:db8::1/53` · `dmz:mailhost/25`, or undefined. */
const readEnd = (token: string, groupText: string): End | undefined => {
  const groups = [...groupText.matchAll(/\(([^()]*)\)/g)].map((m) => (m[1] as string).trim());
  let rest = withoutTail(token.replace(/^NP Identity Ifc:/, 'identity:'), '.:,;');
  let ifc: string | undefined;
  let port: string | undefined;
  const slash = rest.lastIndexOf('/');
  if (slash > 0) {
    const [before, after] = [rest.slice(0, slash), rest.slice(slash + 1)];
    if (canonicalIp(after) !== undefined) [ifc, rest] = [before, after];
    else [rest, port] = [before, after];
  }
  const colon = rest.indexOf(':');
  // one colon is an interface's, several may be IPv6
  const named = colon > 0 && (colon === rest.lastIndexOf(':') || canonicalIp(rest) === undefined);
  if (named) [ifc, rest] = [rest.slice(0, colon), rest.slice(colon + 1)];
  const isIp = canonicalIp(rest) !== undefined;
  if (!isIp && (!NAME.test(rest) || (ifc === undefined && port === undefined))) return undefined;
  return { ifc, address: rest, port: port ?? groups.find((group) => /^\d{1,5}$/.test(group)), groups };
};

const putPort = (fields: Fields, name: string, port: string | undefined): void => {
  const number =
    port === undefined ? undefined : /^\d{1,5}$/.test(port) ? Number(port) : own(SERVICES, port.toLowerCase());
  if (number !== undefined && number <= 65535) fields[name] = number;
};

/** `(LOCAL\k.maier)`, `(CORP\k.maier, 5:staff)`, `(user= k.maier)`; no name stands for nobody. */
const putGroupUser = (fields: Fields, prefix: string, group: string): void => {
  const name = group.replace(/^user= ?/, '').split(', ')[0] as string;
  if (/^(?:type|code|no |any$|unknown|FQDN)/i.test(name) || canonicalIp(name) !== undefined || /^\W*$/.test(name))
    return;
  putAsaUser(fields, prefix, name);
};

const putSide = (fields: Fields, side: 'source' | 'destination', end: End): void => {
  if (!putIp(fields, `${side}.ip`, end.address)) fields[`${side}.domain`] = end.address.toLowerCase();
  fields[`${side}.address`] = end.address;
  putPort(fields, `${side}.port`, end.port);
  put(fields, `observer.${side === 'source' ? 'ingress' : 'egress'}.interface.name`, end.ifc);
  for (const group of end.groups) {
    const mapped = /^([\w.:-]{1,255}?)(?:\/(\w{1,10}))?$/.exec(group);
    const mappedIp = mapped && canonicalIp(mapped[1] as string);
    if (/^user= ?/.test(group)) putGroupUser(fields, 'user', group);
    else if (mappedIp) {
      if (mappedIp !== fields[`${side}.ip`]) fields[`${side}.nat.ip`] = mappedIp;
      if (mapped[2] !== undefined && mapped[2] !== end.port) putPort(fields, `${side}.nat.port`, mapped[2]);
    } else if (!/^\d{1,5}$|^[^\\]*\//.test(group)) {
      putGroupUser(fields, side === 'source' ? 'user' : 'destination.user', group);
    }
  }
};

/** A token that holds `.`, `:` or `/`, and the bracketed groups behind it. */
const END = String.raw`((?:NP Identity Ifc:)?(?=[^\s(),;<>"]{0,120}?[.:/])[^\s(),;<>"]{2,200})\)?((?: ?\([^()]{1,160}\)){0,3})`;
/** `from A to B`, `src A dst B`, `for A (mapped) user to B`, `between A and B`, `src = A, dest = B`, `Shunned packet: A ==> B` */
const PAIR = new RegExp(
  String.raw`\b(?:from|src|for|between|packet:) ?=? ?(?:laddr )?\(?${END}.{0,80}?(?: to|[ ,] ?dst|[ ,] ?dest| and| ==>?) ?=? ?\(?${END}`,
);
/** `inside/10.0.0.1(2241)(CORP\x) -> outside/192.0.2.1(443)` */
const ARROW = new RegExp(`(?:^| )${END} ?-> ?${END}`);
/** `faddr 192.0.2.1/0(LOCAL\x) gaddr 198.51.100.1/0 laddr 10.0.0.1/0` */
const FADDR = new RegExp(String.raw`\bfaddr ${END} gaddr ${END} laddr ${END}`);
const ONE_SOURCE = new RegExp(
  String.raw`(?:\b(?:from(?: IP)?|src|client|local-host|remote-peer =)|\(remote) ?\(?${END}`,
);
const ONE_DESTINATION = new RegExp(String.raw`\b(?:to|dst|with server) ${END}`);

const endOf = (m: RegExpExecArray, group: number): End | undefined =>
  readEnd(m[group] as string, m[group + 1] as string);

/** Which end opened the connection: the second of an outbound one (Cisco document 116149: the order is that of security levels). */
type Opener = 'first' | 'second';

/** faddr is the foreign host, laddr the local one, gaddr the local one's address outside. */
const putGlobal = (fields: Fields, token: string, local: End, opener: Opener): void => {
  const global = readEnd(token, '');
  const side = opener === 'first' ? 'destination' : 'source';
  if (global !== undefined && global.address !== local.address) putIp(fields, `${side}.nat.ip`, global.address);
  putTransport(fields, 'icmp');
};

// ---------------------------------------------------------------- phrases that stand in many messages

const putAsaUser = (fields: Fields, prefix: string, value: string | undefined): void => {
  const name = value?.trim().replace(/^\*\*(.*)\*\*$/, '$1');
  if (name === undefined || /^(?:unknown|<unknown>)?$/i.test(name)) return;
  if (/^\*+$/.test(name)) warn(fields, 'user-masked');
  else putUser(fields, prefix, name);
  if (fields[`${prefix}.domain`] === 'LOCAL' || /^LOCAL\\/.test(name)) delete fields[`${prefix}.domain`];
};

const putWho = ({ fields, text }: Line): void => {
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
    putIp(fields, 'source.ip', /(?<!Assigned )\bIP(?: address)?[,:]? ?=? ?([\da-fA-F.:]{2,45})/.exec(text)?.[1]);
  putIp(fields, 'server.ip', /\bserver(?: ?= {1,2}| )([\da-fA-F.:]{2,45})/.exec(text)?.[1]);
};

/** `Built dynamic TCP translation from A to B`: B is A's address on the other side. */
const putNat = (fields: Fields): void => {
  for (const part of ['ip', 'port']) {
    const mapped = fields[`destination.${part}`];
    if (mapped !== undefined) fields[`source.nat.${part}`] = mapped;
  }
};

const putEnds = ({ fields, text }: Line, openerOf: (first: End, second: End) => Opener): void => {
  const icmp = FADDR.exec(text);
  const pair = icmp ?? (text.includes('->') ? ARROW.exec(text) : null) ?? PAIR.exec(text);
  const [first, second] = pair === null ? [] : [endOf(pair, 1), endOf(pair, icmp === null ? 3 : 5)];
  if (first !== undefined && second !== undefined) {
    const opener = openerOf(first, second);
    putSide(fields, 'source', opener === 'first' ? first : second);
    putSide(fields, 'destination', opener === 'first' ? second : first);
    if (/ translation from /.test(text)) putNat(fields);
    if (icmp !== null) putGlobal(fields, icmp[3] as string, second, opener);
    return;
  }
  const [source, destination] = [ONE_SOURCE.exec(text), ONE_DESTINATION.exec(text)];
  const from = source === null ? undefined : endOf(source, 1);
  const to = destination === null ? undefined : endOf(destination, 1);
  if (from !== undefined) putSide(fields, 'source', from);
  if (to !== undefined) putSide(fields, 'destination', to);
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

const putMeasures = ({ fields, text }: Line): void => {
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

const putPhrases = ({ fields, text }: Line): void => {
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
  if (url !== null) {
    for (const [n, name] of ['scheme', 'domain', 'path', 'query'].entries()) put(fields, `url.${name}`, url[n + 1]);
    const target = /\bURL ([^\s:]{1,255}):/.exec(text)?.[1];
    if (target !== undefined && !putIp(fields, 'destination.ip', target)) put(fields, 'destination.domain', target);
    putIp(fields, 'source.ip', /(?:^|@)([\da-fA-F.:]{2,45}) Accessed/.exec(text)?.[1]);
  }
};

const TRANSPORT =
  /\b(tcp|udp|icmp|icmpv6|ipv6-icmp|gre|sctp|igmp|esp|ah|ospf|eigrp|pim)\b|\bproto(?:col)?(?: ?= ?| )(\d{1,3}|udp|tcp|icmp)\b/i;

type Meaning = readonly [act: Act, kind: keyof typeof KINDS, action: string];

const OTHER: Meaning = ['other', 'info', 'message'];
const meanings = new Map<string, Meaning>();

const meaningOf = (code: string): Meaning => {
  let meaning = meanings.get(code);
  if (meaning === undefined) {
    meaning = RANGES.find(({ first, last }) => first <= code && code <= last)?.meaning ?? OTHER;
    if (meanings.size < 4096) meanings.set(code, meaning);
  }
  return meaning;
};

/** Commands that look and do not change, as 111008 and 111010 log them too. */
const LOOKS =
  /executed (?:the |cmd: ?)?'(?:show|ping|traceroute|packet-tracer|enable|disable|exit|end|quit|login|logout|terminal|dir|more|changeto|help)\b/;

/** What the text decides. */
const refine = (meaning: Meaning, { code, text }: Line): Meaning => {
  if ((code === '106100' || code === '106102') && !/\bdenied\b/.test(text))
    return ['flow-start', 'allowed', meaning[2]];
  return meaning[0] === 'config-change' && LOOKS.test(text) ? ['other', 'info', 'command'] : meaning;
};

/** Connections whose opening was seen, by number (ICMP: by the two ends), so that their end names the same source. */
const CONNECTIONS = 10_000;

const openConnections = (): ((line: Line, meaning: Meaning) => (first: End, second: End) => Opener) => {
  const seen = new Map<string, Opener>();
  return ({ fields, code, text }, meaning) =>
    (first, second) => {
      const number = /\bconnection (\d{1,20}) /.exec(text)?.[1];
      const ends = `${first.address}/${first.port} ${second.address}/${second.port}`;
      const key = `${fields['observer.name']} ${number ?? ends}`; // several devices may write into one file
      if (meaning[2] === 'built' || meaning[2] === 'connection') {
        // 607001 gives the port of the side that is called only
        const opener = /^\S+ outbound\b/.test(text) || code === '607001' ? 'second' : 'first';
        if (seen.size >= CONNECTIONS) seen.delete(seen.keys().next().value as string);
        seen.set(key, opener);
        return opener;
      }
      if (meaning[2] !== 'teardown') return 'first';
      const known = seen.get(key);
      seen.delete(key);
      if (known !== undefined) return known;
      // its opening is not in this file: the side with a service's port, or without an ICMP identifier, was called
      const [a, b] = [Number(first.port ?? 0), Number(second.port ?? 0)];
      const calledFirst = code === '302021' ? a === 0 : a < 1024 && b >= 1024;
      warn(fields, `direction-inferred:${calledFirst || (b < 1024 && a >= 1024) ? 'ports' : 'order'}`);
      return calledFirst ? 'second' : 'first';
    };
};

const putHeader = (fields: Fields, record: RawRecord, context: ParseContext, head: string, product: string): void => {
  const { civil, host, program, pid } = readHead(record, head);
  context.clock.stamp(fields, civil);
  if (civil === undefined) warn(fields, 'time-missing');
  put(fields, 'observer.vendor', 'Cisco');
  put(fields, 'observer.product', product.toLowerCase());
  put(fields, 'observer.type', 'firewall');
  put(fields, 'observer.name', host);
  if (host !== undefined) {
    const ip = canonicalIp(host);
    if (ip !== undefined) add(fields, 'observer.ip', ip);
  }
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  putNumber(fields, 'log.syslog.priority', record.envelope.priority);
};

const NETWORK_ACTS = new Set<Act>(['flow', 'flow-start', 'flow-denied', 'nat', 'threat', 'http-request', 'other']);

/** 430001–430005: connection, intrusion and file events as `Key: value, …`, another format. */
const FTD_LISTS = '43000';

const isAsa = (record: RawRecord): boolean => {
  const tag = TAG.exec(record.text.slice(0, 400));
  return tag === null ? UNTAGGED.test(record.envelope.message) : !(tag[4] as string).startsWith(FTD_LISTS);
};

const open: Parser['open'] = (context) => {
  const openerOf = openConnections();
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const tag = TAG.exec(record.text.slice(0, 400));
    const untagged = tag === null ? record.envelope.message.trim() : '';
    if (tag === null && !UNTAGGED.test(untagged))
      return rejected('not-this-format', 'no %ASA-, %PIX-, %FWSM- or %FTD- tag');
    if (tag?.[4]?.startsWith(FTD_LISTS)) return rejected('not-this-format', 'a list of keys as only FTD writes it');
    const fields: Fields = {};
    putHeader(fields, record, context, tag === null ? '' : record.text.slice(0, tag.index + 1), tag?.[1] ?? 'asa');
    const text = (tag === null ? untagged : record.text.slice(tag.index + tag[0].length).trim()).slice(0, 8192);
    const line: Line = { fields, code: tag?.[4], text };
    put(fields, 'event.code', tag?.[4]);
    putNumber(fields, 'event.severity', tag?.[3]);
    put(fields, 'cisco.asa.class', tag?.[2]);
    put(fields, 'message', text);
    const meaning = refine(meaningOf(tag?.[4] ?? (WORDINGS.find(([words]) => words.test(text))?.[1] as string)), line);
    const [act, kind, action] = meaning;
    const [category, type, outcome] = KINDS[kind] as readonly [
      readonly string[],
      readonly string[],
      'success' | 'failure' | undefined,
    ];
    categorise(fields, category, type, outcome);
    put(fields, 'event.action', action);
    if (act !== 'source-state' && /ser|name|IP|Remote/.test(text)) putWho(line);
    if (NETWORK_ACTS.has(act) || (act !== 'source-state' && fields['source.ip'] === undefined))
      putEnds(line, openerOf(line, meaning));
    if (NETWORK_ACTS.has(act)) {
      const m = TRANSPORT.exec(text);
      if (fields['network.transport'] === undefined) putTransport(fields, m?.[1] ?? m?.[2]);
    }
    putMeasures(line);
    putPhrases(line);
    if (act === 'config-change') put(fields, 'einfallstor.change.object', textOf(fields, 'process.command_line'));
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };
};

// ---------------------------------------------------------------- tables

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
  /(?<!dbase: )\bUname: (\S{1,256})/,
  /\bUser(?:name)?[:=] ?([^\s,]{1,256})/, // Username:k.maier IKEv2 SA UP · User=k.maier, Assigned IP=…
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

/** Service names ASA prints instead of port numbers in messages about traffic to itself. */
// biome-ignore format: a table
const SERVICES: Readonly<Record<string, number>> = {
  ssh: 22, telnet: 23, smtp: 25, domain: 53, www: 80, http: 80, pop3: 110, ntp: 123, snmp: 161, bgp: 179, ldap: 389,
  https: 443, ldaps: 636, isakmp: 500, syslog: 514, ftp: 21, tftp: 69, sip: 5060, radius: 1645, tacacs: 49,
};

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
  ['einfallstor.vpn.assigned_ip', 'IPAA', / address ([\da-fA-F.:]{3,45}\w)/],
  ['einfallstor.vpn.group', 'unnel', /\b(?:tunnel-group |tunnel group |TunnelGroup )["<']?([\w.-]{1,128})/],
  ['einfallstor.vpn.type', 'Session Type', /\bSession Type: ([^,.]{1,40})/],
  ['einfallstor.vpn.type', 'Connection ', /\bConnection (AnyConnect|Clientless|IPsec|L2TP)\b/],
  ['einfallstor.vpn.type', 'AnyConnect', /\b(AnyConnect)\b/],
  ['einfallstor.vpn.type', 'WebVPN', /\b(WebVPN)\b/],
  ['einfallstor.vpn.type', 'IKEv', /\b(IKEv[12])\b/],
  ['source.ip', 'is attacking', /^(?:Host|Subnet) ([\da-fA-F.:]{3,45}) is attacking/],
  ['source.ip', 'to shun', /^Threat-detection adds host ([\da-fA-F.:]{3,45}) to shun/],
  ['destination.ip', 'is targeted', /^(?:Host|Subnet) ([\da-fA-F.:]{3,45}) is targeted/],
  ['source.ip', 'onfiguration', /^Begin configuration: ([\da-fA-F.:]{3,45}) |^([\da-fA-F.:]{3,45}) (?:end|[Ee]rase) configuration/],
  ['user_agent.original', 'Client Type', /\bClient Type: (.{1,255})$/],
  ['user.target.name', 'Uname', /(?:local dbase|level changed): Uname: (\S{1,255})/],
  ['user.target.name', ' unlocked ', /^User (\S{1,255}) unlocked /],
  ['process.command_line', 'executed', /\bexecuted (?:the |cmd: ?)?'?(.{1,1000}?)(?:'(?: command\.?)?)?$/],
  ['file.path', 'FTP', /, user \S{1,255} (?:Stored|Retrieved) file (.{1,1000})$/],
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

/** ECS categorisation by kind: [category, type, outcome]. A refusal is a success of the firewall, as ECS words it. */
const KINDS = {
  start: [['network'], ['connection', 'start', 'allowed']],
  end: [['network'], ['connection', 'end', 'allowed']],
  denied: [['network'], ['connection', 'denied'], 'success'],
  allowed: [['network'], ['connection', 'allowed'], 'success'],
  info: [['network'], ['info']],
  passed: [['authentication'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  authentication: [['authentication'], ['info']],
  logout: [['authentication'], ['end'], 'success'],
  up: [['session'], ['start'], 'success'],
  down: [['session'], ['end']],
  session: [['session'], ['info']],
  broken: [['session'], ['info'], 'failure'],
  threat: [['intrusion_detection', 'network'], ['info']],
  change: [['configuration'], ['change'], 'success'],
  created: [['iam'], ['user', 'creation'], 'success'],
  deleted: [['iam'], ['user', 'deletion'], 'success'],
  changed: [['iam'], ['user', 'change'], 'success'],
  state: [['host'], ['info']],
} as const;

/** `[numbers and ranges, act, kind, action]` after Cisco ASA Series Syslog Messages; the first that holds the number wins. */
// biome-ignore format: a table
const MESSAGES: readonly (readonly [string, ...Meaning])[] = [
  ['302013 302015 302017 302020 302303', 'flow-start', 'start', 'built'],
  ['302014 302016 302018 302021 302304', 'flow', 'end', 'teardown'],
  ['302022-302027', 'other', 'info', 'cluster-stub'],
  ['302003 302004 302033 302012 302001 303002-303005 607001-607003 608001 710001 805001-805003', 'other', 'info', 'connection'],
  ['305009 305011 305014', 'nat', 'info', 'translation-built'],
  ['305010 305012 305015', 'nat', 'info', 'translation-teardown'],
  ['106100 106102', 'flow-denied', 'denied', 'access-list'],
  ['106101 106103 106024-106026', 'other', 'info', 'access-list'],
  ['106001-106029 110002-110003 305005-305006 305013 313001-313009 322001-322002 500003-500004 209003-209006', 'flow-denied', 'denied', 'deny'],
  ['710003-710006 201002-201013 202010-202011 401004 407001-407002 410001-410004 418001 419001 420002 421001 434002 507003', 'flow-denied', 'denied', 'drop'],
  ['338002 338004 338006 338008 338102 338104 338204', 'threat', 'threat', 'dropped'],
  ['338001 338003 338005 338007 338101 338103 338201-338203', 'threat', 'threat', 'monitored'],
  ['400000-400051 733101-733105 405001-405003 419002 419003 106017', 'threat', 'threat', 'threat'],
  ['108002-108007 402114-402122 423001-423005 431001-431002', 'threat', 'threat', 'threat'],
  ['710002', 'flow-start', 'start', 'to-the-box'],
  ['304001', 'http-request', 'allowed', 'url-access'],
  ['304002', 'flow-denied', 'denied', 'url-access'],
  ['113004 113012 716038', 'vpn-login', 'passed', 'authentication'],
  ['113005 113015-113017 713167 713198 716039 716023 716024', 'vpn-login', 'refused', 'authentication'],
  ['113010', 'mfa-challenge', 'authentication', 'challenge'],
  ['113006', 'account-locked', 'changed', 'locked'],
  ['113007', 'account-changed', 'changed', 'unlocked'],
  ['113003 113008 113009 113011 113013 113014 113018 113020 113022-113028 109010 109013-109040 109201-109213', 'other', 'authentication', 'aaa'],
  ['109005', 'login', 'passed', 'authentication'],
  ['109006 109002', 'login', 'refused', 'authentication'],
  ['109001 109003 109007-109009 109011 109014', 'other', 'authentication', 'aaa'],
  ['109012', 'logout', 'logout', 'session-end'],
  ['605005 611101 606001 606003', 'admin-login', 'passed', 'login'],
  ['605004 611102 308001 113021 315004', 'admin-login', 'refused', 'login'],
  ['611103 315011 606002 606004', 'logout', 'logout', 'logout'],
  ['111001-111007 111008 111010 504001 504002', 'config-change', 'change', 'configuration'],
  ['502101', 'account-created', 'created', 'user-added'],
  ['502102', 'account-changed', 'deleted', 'user-deleted'],
  ['502103', 'privileges-assigned', 'changed', 'privilege-level'],
  ['502111 502112', 'group-changed', 'changed', 'group-policy'],
  ['113039 716001 750006', 'vpn-session-start', 'up', 'session-started'],
  ['113019 716002 713050 750007', 'vpn-session-end', 'down', 'session-ended'],
  ['722051 713228 751025 737026 737034', 'vpn-address-assigned', 'session', 'address-assigned'],
  ['113029-113038 716040-716042 722041 713048 713902 713903 713061 713122 750003 750014 751001-751006', 'vpn-negotiation', 'broken', 'negotiation'],
  ['734001', 'vpn-negotiation', 'passed', 'access-policy'],
  ['734002', 'vpn-negotiation', 'refused', 'access-policy'],
  ['713000-713999 714000-715999 716000-716999 717000-718999 721000-722999 725000-725999 734000-734999 737000-737999 750000-752999', 'vpn-negotiation', 'session', 'negotiation'],
  ['602000-602999 702000-702999 402000-402199 603000-604999', 'vpn-negotiation', 'session', 'tunnel'],
  ['771001 771002', 'source-state', 'state', 'clock-set'],
  ['199001-199016 101001-105999 411001-411004 505001-505016 321001-321007 323001-323009 211001 216001 747001-747999 414001-414008', 'source-state', 'state', 'system-state'],
];

const RANGES = MESSAGES.flatMap(([list, ...meaning]) =>
  list.split(' ').map((range) => ({ first: range.slice(0, 6), last: range.slice(-6), meaning })),
);
/** The text without its number, as a collector may leave it: the AnyConnect messages whose wording tells the number. */
const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/Session disconnected\. Session Type/, '113019'],
  [/AnyConnect parent session started/, '113039'],
  [/assigned to session/, '722051'],
  [/Authentication: successful/, '716038'],
  [/Authentication: rejected/, '716039'],
  [/WebVPN session started/, '716001'],
  [/WebVPN session terminated/, '716002'],
  [/^Group|^TunnelGroup/, '722000'],
];

export default {
  id: 'cisco-asa',
  title: 'Cisco ASA, PIX, FWSM and FTD in ASA style',
  references: [
    {
      title: 'Cisco Secure Firewall ASA Series Syslog Messages',
      url: 'https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/b_syslog.html',
    },
    {
      title: 'Interpret syslogs generated by the ASA when it builds or tears down connections (document 116149)',
      url: 'https://www.cisco.com/c/en/us/support/docs/security/adaptive-security-appliance-asa-software/116149-qanda-ASA-00.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'connections built and torn down, NAT, ACL, ICMP, inspection, threat detection, IPS, botnet filter',
    'AAA, administrators, commands, local users, clock',
    'AnyConnect, WebVPN, IPsec, IKEv1 and IKEv2, address assignment, DAP',
  ],
  limits: [
    'Messages 430001 to 430005 of FTD (lists of keys) are not read.',
    'Bytes of a connection are both directions together (network.bytes).',
    '113004, 113005, 113012 and 113015 do not say what the user logged in to: taken as VPN.',
    'A teardown names no initiator: it is taken from the opening seen in the same file, else inferred with a warning.',
  ],
  recognise: recogniseBy(isAsa, 'carry an ASA message tag'),
  claims: isAsa,
  open,
} satisfies Parser as Parser;
