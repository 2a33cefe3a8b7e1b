import { canonicalIp } from '../../core/net.ts';
import { own } from '../../core/own.ts';
import { withoutTail } from '../../core/text.ts';
import type { Fields } from '../../ecs/event.ts';
import type { AsaLine, Meaning } from './cisco-asa-messages.ts';
import { put, putIp, putTransport, putUser, warn } from './put.ts';

interface End {
  readonly ifc: string | undefined;
  readonly address: string;
  readonly port: string | undefined;
  readonly groups: readonly string[];
}

/** Service names ASA prints instead of port numbers in messages about traffic to itself. */
// biome-ignore format: a table
const SERVICES: Readonly<Record<string, number>> = {
  ssh: 22, telnet: 23, smtp: 25, domain: 53, www: 80, http: 80, pop3: 110, ntp: 123, snmp: 161, bgp: 179, ldap: 389,
  https: 443, ldaps: 636, isakmp: 500, syslog: 514, ftp: 21, tftp: 69, sip: 5060, radius: 1645, tacacs: 49,
};

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

export const putPort = (fields: Fields, name: string, port: string | undefined): void => {
  const number =
    port === undefined ? undefined : /^\d{1,5}$/.test(port) ? Number(port) : own(SERVICES, port.toLowerCase());
  if (number !== undefined && number <= 65535) fields[name] = number;
};

export const putAsaUser = (fields: Fields, prefix: string, value: string | undefined): void => {
  const name = value?.trim().replace(/^\*\*(.*)\*\*$/, '$1');
  if (name === undefined || /^(?:unknown|<unknown>)?$/i.test(name)) return;
  if (/^\*+$/.test(name)) warn(fields, 'user-masked');
  else putUser(fields, prefix, name);
  if (fields[`${prefix}.domain`] === 'LOCAL' || /^LOCAL\\/.test(name)) delete fields[`${prefix}.domain`];
};

/** `(LOCAL\k.maier)`, `(CORP\k.maier, 5:staff)`, `(user= k.maier)`; no name stands for nobody. */
export const putGroupUser = (fields: Fields, prefix: string, group: string): void => {
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
/** `Access denied URL … SRC A DEST B: on interface inside` */
const UPPER = new RegExp(`\\bSRC ${END} DEST ${END}`);
/** `Flow offloaded: connection 7 A (mapped) B (mapped)`, `Packet denied: tcp A B. Ingress …` */
const SIDE_BY_SIDE = new RegExp(`(?:: connection \\d{1,20}|^Packet denied: \\w{1,10}) ${END} ${END}`);
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

/** `Built dynamic TCP translation from A to B`: B is A's address on the other side. */
const putNat = (fields: Fields): void => {
  for (const part of ['ip', 'port']) {
    const mapped = fields[`destination.${part}`];
    if (mapped !== undefined) fields[`source.nat.${part}`] = mapped;
  }
};

export const putEnds = ({ fields, text }: AsaLine, openerOf: (first: End, second: End) => Opener): void => {
  const icmp = FADDR.exec(text);
  const pair =
    icmp ??
    (text.includes('->') ? ARROW.exec(text) : null) ??
    PAIR.exec(text) ??
    UPPER.exec(text) ??
    SIDE_BY_SIDE.exec(text);
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

/** Connections whose opening was seen, by number (ICMP: by the two ends), so that their end names the same source. */
const CONNECTIONS = 10_000;

export const openConnections = (): ((line: AsaLine, meaning: Meaning) => (first: End, second: End) => Opener) => {
  const seen = new Map<string, Opener>();
  return ({ fields, code, text }, meaning) =>
    (first, second) => {
      const number = /\bconnection (\d{1,20}) /.exec(text)?.[1];
      const ends = `${first.address}/${first.port} ${second.address}/${second.port}`;
      const key = `${fields['observer.name']} ${number ?? ends}`; // several devices may write into one file
      if (code?.startsWith('805')) return seen.get(key) ?? 'first'; // a connection that was built before
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
