import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { type Groups, type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Line {
  readonly civil: Civil;
  readonly hub: string | undefined;
  readonly text: string;
}

/** Syslog: `host [server/VPN/hub] (2020-05-13 10:53:19.591) <SECURITY_LOG>: text` */
const SYSLOG = /\[[^[\]\s]{0,100}\/VPN(?:\/([^[\]\s]{0,100}))?\] \((\d{4}-\d\d-\d\d [\d:.]{8,15})\) <\w{1,40}>: (.*)$/s;
/** What only this server says. */
const OWN =
  /\b(?:CID-\d|SID-[\w.@[\]-]{1,80}|Virtual Hub|TCP Listener|SoftEther|HUB "|SecureNAT|Administration mode \[)/;

const read = (text: string): Line | undefined => {
  const relayed = SYSLOG.exec(text.slice(0, 8192));
  const time = readIso(relayed?.[2] ?? text);
  if (time === undefined) return undefined;
  const rest = relayed?.[3] ?? text.slice(time.end).trimStart();
  // [HUB "VPN"] text
  const hub = /^\[HUB "([^"]{1,128})"\] (.*)$/s.exec(rest);
  if (relayed === null && !OWN.test(rest.slice(0, 1000))) return undefined;
  return { civil: time.civil, hub: hub?.[1] ?? relayed?.[1], text: hub?.[2] ?? rest };
};

/** What a connection or a session has told so far. */
interface Peer {
  ip?: string;
  port?: string;
  user?: string;
  group?: string;
}

const open: Parser['open'] = (context) => {
  const peers = openPeers((): Peer => ({}));
  /** A session belongs to the connection that made it. */
  const learn = (text: string, groups: Groups): { peer: Peer; id: string | undefined } => {
    const connection = /\b(CID-\d{1,10})\b/.exec(text)?.[1];
    const session = groups['of'] ?? /\b(SID-[\w.@[\]-]{1,80})/.exec(text)?.[1];
    const known = peers.get(session ?? '') ?? peers.get(connection ?? '') ?? {};
    const peer: Peer = { ...known };
    if (groups['ip'] !== undefined) peer.ip = groups['ip'];
    if (groups['port'] !== undefined) peer.port = groups['port'];
    if (groups['user'] !== undefined) peer.user = groups['user'];
    for (const key of [connection, session]) if (key !== undefined) peers.put(key, peer);
    return { peer, id: session ?? connection };
  };
  return (record) => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    const line = read(text);
    if (line === undefined) return rejected('not-this-format', 'no line of a SoftEther log');
    const fields: Fields = { 'observer.product': 'SoftEther VPN Server', 'einfallstor.vpn.type': 'softether' };
    context.clock.stamp(fields, line.civil);
    if (text.includes('<')) put(fields, 'observer.name', record.envelope.host);
    put(fields, 'einfallstor.vpn.group', line.hub);
    put(fields, 'message', line.text);
    const found = phraseOf(PHRASES, line.text.slice(0, 4000));
    const { peer, id } = learn(line.text.slice(0, 1000), found?.groups ?? {});
    if (found === undefined) putKind(fields, 'session');
    else {
      const { user, ip, port, ...groups } = found.groups;
      putPhrase(fields, found.phrase, groups);
    }
    putUser(fields, 'user', peer.user);
    putIp(fields, 'source.ip', peer.ip);
    putNumber(fields, 'source.port', peer.port);
    put(fields, 'einfallstor.vpn.session_id', id);
    relateAddresses(fields, line.text.slice(0, 4000));
    return { kind: 'event', act: found?.phrase[2] ?? 'other', fields };
  };
};

const claims = (record: RawRecord): boolean => read(record.text.trim()) !== undefined;

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // For the client (IP address: 198.51.100.9, host name: "p9.example.net", port number: 50121), connection "CID-7" has been created.
  [/^For the client \(IP address: (?<ip>[\da-fA-F.:]{2,45}), host name: "(?<device>[^"]{0,255})", port number: (?<port>\d{1,5})\)/i, 'connection-created', 'vpn-negotiation', 'session'],
  [/^On the TCP Listener \(Port (?<toPort>\d{1,5})\), a Client \(IP address (?<ip>[\da-fA-F.:]{2,45}), Host name "(?<device>[^"]{0,255})", Port number (?<port>\d{1,5})\) has connected/, 'connected', 'vpn-negotiation', 'session'],
  [/^The connection "CID-\d{1,10}" \(IP address: (?<ip>[\da-fA-F.:]{2,45}), Host name: (?<device>[^,]{0,255}), Port number: (?<port>\d{1,5}).{0,300}?\) is attempting to connect to the Virtual Hub\. The auth type provided is "(?<method>[^"]{1,80})" and the user name is "(?<user>[^"]{0,255})"/, 'login-attempt', 'vpn-negotiation', 'asked'],
  [/Successfully authenticated as user "(?<user>[^"]{1,255})"/, 'authenticated', 'vpn-login', 'passed'],
  [/(?<reason>User authentication failed)\. The user name that has been provided was "(?<user>.{0,255})"(?:, from (?<ip>[\da-fA-F.:]{2,45}?))?\.?$/, 'authentication-failed', 'vpn-login', 'refused'],
  [/The new session "SID-[\w.@[\]-]{1,80}" has been created\.(?: \(IP address: (?<ip>[\da-fA-F.:]{2,45}), Port number: (?<port>\d{1,5}))?/, 'session-created', 'vpn-session-start', 'up'],
  [/The session has been terminated\..{0,200}?Total outgoing data size: (?<sent>\d{1,18}) bytes, Total incoming data size: (?<received>\d{1,18}) bytes/, 'session-terminated', 'vpn-session-end', 'down'],
  [/^Session "SID-[\w.@[\]-]{1,80}": The session has been terminated/, 'session-terminated', 'vpn-session-end', 'down'],
  [/allocated, for host "(?<mac>[\dA-F-]{17})" on session "(?<of>SID-[\w.@[\]-]{1,80})", new IP address (?<inner>[\da-fA-F.:]{2,45}?)\.?$/, 'address-allocated', 'vpn-address-assigned', 'session'],
  [/^Connection "CID-\d{1,10}" terminated by the cause "(?<reason>[^"]{1,300})"/, 'connection-terminated', 'vpn-negotiation', 'session'],
  [/^Connection "CID-\d{1,10}" has been terminated/, 'connection-terminated', 'vpn-negotiation', 'session'],
  [/VPN Client details|The parameter has been set|SSL communication for connection/, 'session-details', 'vpn-negotiation', 'session'],
  // Connection "CID-7" successfully logged in using administration mode.
  [/^Connection "CID-\d{1,10}" successfully logged in using administration mode/, 'admin-login', 'admin-login', 'passed'],
  // Administration mode [RPC-44] (Virtual Hub "OFFICE"): User "kim" has been created.
  [/^Administration mode .{0,200}?: User "(?<target>[^"]{1,255})" has been created/, 'user-created', 'account-created', 'account'],
  [/^Administration mode .{0,200}?: User "(?<target>[^"]{1,255})" has been deleted/, 'user-deleted', 'account-changed', 'account'],
  [/^Administration mode.{0,100}?(?:logged in|started|connected)/i, 'admin-login', 'admin-login', 'passed'],
  [/^Administration mode/i, 'administration', 'config-change', 'changed'],
  [/User "(?<target>[^"]{1,255})" (?:has been |was )?created/i, 'user-created', 'account-created', 'account'],
  [/(?:SoftEther VPN (?:Server|Bridge)|server) (?:engine |software )?(?:has been |is )?(?:started|launched|stopped|terminated|booted|shut)/i, 'server-state', 'source-state', 'state'],
];

export default {
  id: 'softether',
  title: 'SoftEther VPN Server',
  references: [
    { title: 'SoftEther VPN manual 3.10, logging service', url: 'https://www.softether.org/4-docs/1-manual/3/3.10' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: ['server log and security log, as files and in syslog'],
  limits: ['packet logs of a Virtual Hub', 'messages in other languages than English are read without their meaning'],
  recognise: recogniseBy(claims, 'are lines of a SoftEther log', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
