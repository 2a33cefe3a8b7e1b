import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { type Groups, type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import type { Envelope } from '../../src/parse/kit/syslog.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** The time that the example of strongswan.conf writes: `Wed, 2023-11-01, 18:31:53 05[NET1] <2> message` */
const DATED = /^[A-Z][a-z]{1,2}, (\d{4}-\d\d-\d\d), (?=\d\d:\d\d:\d\d )/;
/** `06[IKE] <roadwarrior|83> message`, `06[IKE] <84> message`, `06[NET] message`, `IKE: <…> message` where threads are off */
const LINE =
  /^(?:(\d{1,3})\[|\[)(DMN|MGR|IKE|CHD|JOB|CFG|KNL|NET|ASN|ENC|TNC|IMC|IMV|PTS|TLS|APP|ESP|LIB)\d?\] (?:<(?:([^|<>]{0,128})\|)?(\d{1,10})> )?(.*)$/s;

/** `"road"[3] 192.0.2.7:4500 #5: message`: connection, its instance, the peer, its port behind NAT, the state's number; `packet from 192.0.2.7:500: message` */
const PLUTO =
  /^(?:"([^"]{1,128})"(\[\d{1,10}\])?|packet from(?= ))(?: ((?:\d{1,3}\.){3}\d{1,3}|[\da-fA-F:]{2,45}?)(?::\d{1,5})?)?(?: #(\d{1,10}))?: (.*)$/s;

interface Line {
  readonly group: string;
  readonly connection: string | undefined;
  /** Number of the IKE_SA: unique while the daemon runs. */
  readonly sa: string | undefined;
  readonly text: string;
  readonly civil: Civil | undefined;
  /** Whether a syslog header names host and daemon; in the daemon's own file the thread stands in the host's place. */
  readonly headed: boolean;
  /** The address that pluto writes before its message, and the instance of the connection, which is one peer's. */
  readonly peer?: string | undefined;
  readonly instance?: string | undefined;
}

/** The daemon's own file has its time, or none, in front: `Feb 18 02:29:57 06[IKE] …`, `2024-02-18T02:29:57 06[IKE] …` */
const read = (record: RawRecord): Line | undefined => {
  const { message, program, civil } = record.envelope;
  const pluto = program === 'pluto' ? PLUTO.exec(message) : null;
  if (pluto !== null) {
    const [, connection, number, peer, sa, text = ''] = pluto;
    const instance = number === undefined ? undefined : `${connection}${number}`;
    return { group: 'IKE', connection, sa, text, civil, headed: true, peer, instance };
  }
  const named = program !== undefined && /^(?:charon|ipsec|strongswan|iked?)/i.test(program);
  const raw = named || civil === undefined ? message.replace(DATED, '$1T') : record.text.trim();
  const own = raw === message ? undefined : (readIso(raw) ?? readBsd(raw));
  const at = own === undefined ? raw : raw.slice(own.end);
  const text = /^\s*(?:charon(?:-systemd)?(?:\[\d{1,10}\])?: )?(.*)$/s.exec(at)?.[1] ?? at;
  const bare = LINE.exec(text);
  const m = bare ?? LINE.exec(message);
  if (m === null) return undefined;
  return {
    group: m[2] as string,
    connection: m[3],
    sa: m[4],
    text: m[5] as string,
    civil: civil ?? own?.civil,
    headed: named || bare === null,
  };
};

/** What the lines of one IKE_SA have told so far. */
interface Peer {
  ip?: string;
  port?: string;
  user?: string;
  inner?: string;
  up?: boolean;
  received?: number;
  sent?: number;
  /** Number of the IKE_SA that the session began with, and whether another has taken this one's place. */
  session?: string | undefined;
  rekeyed?: boolean;
}

const learn = (peer: Peer, groups: Groups): void => {
  if (groups['ip'] !== undefined) peer.ip = groups['ip'];
  if (groups['port'] !== undefined) peer.port = groups['port'];
  // an address as identity is no user; a certificate's subject is named by its CN
  const user =
    groups['user'] === undefined ? undefined : (/(?:^|, )CN=([^,]{1,200})/.exec(groups['user'])?.[1] ?? groups['user']);
  if (user !== undefined && !/^[\d.]+$|^%any|^[\da-fA-F:]*:[\da-fA-F:]*$/.test(user)) peer.user = user;
  if (groups['inner'] !== undefined) peer.inner = groups['inner'];
  peer.received = (peer.received ?? 0) + Number(groups['bytesIn'] ?? 0);
  peer.sent = (peer.sent ?? 0) + Number(groups['bytesOut'] ?? 0);
};

const putPeer = (fields: Fields, peer: Peer, line: Line): void => {
  putUser(fields, 'user', peer.user);
  putIp(fields, 'source.ip', peer.ip);
  putNumber(fields, 'source.port', peer.port);
  put(fields, 'einfallstor.vpn.session_id', peer.session ?? line.sa);
  put(fields, 'einfallstor.vpn.group', line.connection);
};

/** The first CHILD_SA is the tunnel coming up, later ones renew it. */
const settle = (act: Act, action: string, peer: Peer): Act => {
  // what was renewed goes on under another number
  if (action === 'ike-deleted' && peer.rekeyed === true) return 'vpn-negotiation';
  // a peer that is given up has no other end
  if (action === 'no-response' && peer.up === true) return 'vpn-session-end';
  if (act !== 'vpn-session-start') return act;
  const again = peer.up === true;
  peer.up = true;
  return again ? 'vpn-negotiation' : act;
};

const open: Parser['open'] = (context) => {
  const peers = openPeers((): Peer => ({}));
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined) return rejected('not-this-format', 'no line of charon');
    const fields: Fields = {
      'observer.product': record.envelope.program === 'pluto' ? 'Libreswan' : 'strongSwan',
      'einfallstor.vpn.type': 'ipsec',
    };
    context.clock.stamp(fields, line.civil);
    if (line.civil === undefined) warn(fields, 'time-missing');
    const { host, program, pid }: Partial<Envelope> = line.headed ? record.envelope : {};
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    put(fields, 'event.provider', line.group);
    put(fields, 'message', line.text);
    const found = phraseOf(PHRASES, line.text.slice(0, 2000));
    const key = line.sa === undefined ? undefined : `${host} ${line.sa}`;
    // a daemon that starts counts its IKE_SAs from 1 again
    if (line.group === 'DMN' && line.text.startsWith('Starting ')) peers.clear();
    const peer = peers.of(key);
    if (line.peer !== undefined) peer.ip = line.peer;
    // the states of a connection's instance, of IKE and of ESP, are one peer's
    const shared = peers.of(line.instance === undefined ? undefined : `${host} ${line.instance}`);
    if (shared.user !== undefined) peer.user ??= shared.user;
    let act: Act = line.group === 'DMN' ? 'source-state' : 'vpn-negotiation';
    if (found === undefined) putKind(fields, line.group === 'DMN' ? 'state' : 'session');
    else {
      learn(peer, found.groups);
      if (peer.user !== undefined) shared.user = peer.user;
      const { user, ip, port, ...groups } = found.groups;
      putPhrase(fields, found.phrase, groups);
      act = settle(found.phrase[2], found.phrase[1], peer);
      const renewed = found.groups['next'];
      if (renewed !== undefined) {
        peers.put(`${host} ${renewed}`, { ...peer, session: peer.session ?? line.sa });
        peer.rekeyed = true;
        peer.received = 0;
        peer.sent = 0;
      }
    }
    putPeer(fields, peer, line);
    if (act.startsWith('vpn-session')) putIp(fields, 'einfallstor.vpn.assigned_ip', peer.inner);
    if (act === 'vpn-session-end') {
      if (peer.received) fields['source.bytes'] = peer.received;
      if (peer.sent) fields['destination.bytes'] = peer.sent;
      peers.forget(key);
    }
    relateAddresses(fields, line.text.slice(0, 4000).replaceAll(/\[\d{1,5}\]|\.{3}/g, ' '));
    return { kind: 'event', act, fields };
  };
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

// ---------------------------------------------------------------- messages, first match wins

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // received packet: from 198.51.100.4[4500] to 192.0.2.1[4500] (144 bytes)
  [/^received packet: from (?<ip>[\da-fA-F.:]{2,45})\[(?<port>\d{1,5})\] to (?<to>[\da-fA-F.:]{2,45})\[(?<toPort>\d{1,5})\]/, 'packet-received', 'vpn-negotiation', 'session'],
  [/^sending packet: from [\da-fA-F.:]{2,45}\[\d{1,5}\] to (?<ip>[\da-fA-F.:]{2,45})\[(?<port>\d{1,5})\]/, 'packet-sent', 'vpn-negotiation', 'session'],
  // initiating IKE_SA site[4] to 192.0.2.7 · initiating Main Mode IKE_SA site[4] to 192.0.2.7
  [/^initiating (?:\w{1,12} Mode )?IKE_SA \S{1,140} to (?<to>[\da-fA-F.:]{2,45})$/, 'initiating', 'vpn-negotiation', 'session'],
  // looking for peer configs matching 192.0.2.1[gw]...198.51.100.4[kim]
  [/^looking for peer configs matching (?<to>[\da-fA-F.:]{2,45}?)\[.{0,200}?\]\.\.\.(?<ip>[\da-fA-F.:]{2,45})\[/, 'peer-config', 'vpn-negotiation', 'session'],
  [/^(?<ip>[\da-fA-F.:]{2,45}) is initiating an? /, 'initiating', 'vpn-negotiation', 'session'],
  // a client names itself, `root' with EAP successful` too: what it says ends at the last quote
  [/^(?:received EAP identity|EAP-MS-CHAPv2 username:|received EAP-Identity) '(?<user>.{1,255})'/, 'eap-identity', 'vpn-negotiation', 'asked'],
  // authentication of 'kim' with EAP successful; not the gateway's own
  [/^authentication of '[^']{0,400}' \(myself\)/, 'own-authentication', 'vpn-negotiation', 'session'],
  [/^authentication of '(?<user>.{1,400})' with (?<method>[\w -]{1,60}?) successful$/, 'authenticated', 'vpn-login', 'passed'],
  [/^authentication of '(?<user>.{1,400})' with (?<method>[\w -]{1,60}?) failed/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^XAuth authentication of '(?<user>.{1,255})' (?:\(myself\) )?successful$/, 'authenticated', 'vpn-login', 'passed'],
  [/^XAuth authentication of '(?<user>.{1,255})' failed/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^(?<reason>EAP-MS-CHAPv2 verification failed), retry/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^(?<reason>EAP method (?<method>EAP_\w{1,30}) failed) for peer (?<user>.{1,255})$/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^(?<reason>tried \d{1,5} shared keys? for '[^']{0,255}' - '(?<user>[^']{0,255})', but MAC mismatched)/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^(?<reason>no trusted \w{1,20} public key found) for '(?<user>[^']{1,400})'/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^(?<reason>no (?:(?:EAP|shared) key|XAuth secret) found) for (?:hosts )?'[^']{0,255}'(?:\[[^\]]{0,60}\])? - '(?<user>[^']{1,255})'/, 'no-key', 'vpn-negotiation', 'refused'],
  [/^RADIUS authentication of '(?<user>[^']{1,255})' (?:successful|failed)/, 'radius', 'vpn-negotiation', 'asked'],
  [/^EAP method (?<method>EAP_\w{1,30}) succeeded/, 'eap-succeeded', 'vpn-negotiation', 'asked'],
  [/^(?<reason>no IKE config found) for (?<to>[\da-fA-F.:]{2,45}?)\.\.\.(?<ip>[\da-fA-F.:]{2,45})/, 'no-config', 'vpn-negotiation', 'broken'],
  // pluto of strongSwan 4, as Sophos UTM has it; the connection is named for the rule, not for the user
  [/^extended authentication was successful/, 'authenticated', 'vpn-login', 'passed'],
  [/^(?<reason>extended authentication failed)/, 'authentication-failed', 'vpn-login', 'refused'],
  // pluto: XAUTH: User kim: Authentication Failed: Incorrect Username or Password
  [/^XAUTH: [Uu]ser '?(?<user>[^\s':]{1,255})'?: Authentication Successful/, 'authenticated', 'vpn-login', 'passed'],
  [/^XAUTH: [Uu]ser '?(?<user>[^\s':]{1,255})'?: Authentication (?:Failed|Aborted)(?:: (?<reason>.{1,200}))?/, 'authentication-failed', 'vpn-login', 'refused'],
  // pluto: XAUTH: password file authentication method requested to authenticate user 'kim'
  [/^XAUTH: .{1,40} authentication method requested to authenticate user '(?<user>[^']{1,255})'/, 'xauth-asked', 'vpn-negotiation', 'asked'],
  // pluto: responder established IKE SA; authenticated peer '…' digital signature using peer certificate 'CN=kim, O=Werft' issued by CA '…' · authenticated using RSA with SHA1 and peer certificate 'CN=…'
  [/^(?:responder )?established IKE SA; authenticated .{1,160}? peer certificate '(?<user>[^']{1,400})'/, 'authenticated', 'vpn-login', 'passed'],
  [/^(?<reason>authentication failed: .{1,200})/, 'authentication-failed', 'vpn-login', 'refused'],
  [/^responding to \S{1,40} (?:\(\d{1,3}\) )?message .{0,60}? from (?<ip>[\da-fA-F.:]{2,45}):(?<port>\d{1,5}) with (?:un)?encrypted notification (?<reason>[A-Z_]{4,40})$/, 'notify-sent', 'vpn-negotiation', 'broken'],
  // pluto: responder established Child SA using #2; IPsec tunnel [0.0.0.0-255.255.255.255:0-65535 0] -> [10.9.0.5-10.9.0.5:0-65535 0] {…}
  [/^responder established Child SA using #\d{1,10}; IPsec tunnel \[[^\]]{1,160}\] -> \[(?<inner>[\da-fA-F.:]{2,45})-\k<inner>:/, 'child-established', 'vpn-session-start', 'up'],
  [/^(?:responder established Child SA using #\d{1,10};|STATE_\w{4,40}: IPsec SA established transport mode)/, 'child-established', 'vpn-negotiation', 'session'],
  [/^STATE_(?:QUICK_R2|V2_IPSEC_R|V2_ESTABLISHED_CHILD_SA): IPsec SA established tunnel mode/, 'child-established', 'vpn-session-start', 'up'],
  // assigning virtual IP 10.8.0.3 to peer 'kim'
  [/^assigning virtual IP (?<inner>[\da-fA-F.:]{2,45}) to peer '(?<user>[^']{1,255})'/, 'address-assigned', 'vpn-address-assigned', 'session'],
  [/^(?:assigning new|reassigning (?:online|offline)) lease to '(?<user>[^']{1,255})'/, 'lease', 'vpn-negotiation', 'session'],
  [/^lease (?<inner>[\da-fA-F.:]{2,45}) by '(?<user>[^']{1,255})' went offline/, 'lease-ended', 'vpn-negotiation', 'session'],
  [/^IKE_SA \S{1,140} established between (?<to>[\da-fA-F.:]{2,45})\[.{0,400}?\]\.\.\.(?<ip>[\da-fA-F.:]{2,45})\[(?<user>.{0,400})\]$/, 'ike-established', 'vpn-negotiation', 'session'],
  // said of the IKE_SA that is renewed; in brackets the number of the new one
  [/^IKE_SA \S{1,140}\[(?<next>\d{1,10})\] rekeyed between [\da-fA-F.:]{2,45}\[.{0,400}?\]\.\.\.(?<ip>[\da-fA-F.:]{2,45})\[.{0,400}\]$/, 'ike-rekeyed', 'vpn-negotiation', 'session'],
  [/^CHILD_SA \S{1,140} established with SPIs/, 'child-established', 'vpn-session-start', 'up'],
  [/^closing (?:expired )?CHILD_SA \S{1,140} with SPIs \w{1,16}_i \((?<bytesIn>\d{1,15}) bytes\) \w{1,16}_o \((?<bytesOut>\d{1,15}) bytes\)/, 'child-closed', 'vpn-negotiation', 'session'],
  [/^deleting IKE_SA \S{1,140} between [\da-fA-F.:]{2,45}\[.{0,400}?\]\.\.\.(?<ip>[\da-fA-F.:]{2,45})\[.{0,400}\]$/, 'ike-deleted', 'vpn-session-end', 'down'],
  [/^deleting half open IKE_SA with (?<ip>[\da-fA-F.:]{2,45}) after (?<reason>timeout)/, 'half-open-deleted', 'vpn-negotiation', 'broken'],
  // why a peer gets no further: its certificate, what the configuration asks for, what was offered
  [/^(?<reason>(?:subject|issuer) certificate invalid|no issuer certificate found|certificate was revoked|constraint check failed: .{1,160}?|selected peer config '.{1,128}' (?:un|in)acceptable: .{1,160}?|received proposals (?:un|in)acceptable|traffic selectors .{1,400} (?:un|in)acceptable|no acceptable (?:proposal|traffic selectors|DIFFIE_HELLMAN_GROUP|ENCRYPTION_ALGORITHM|INTEGRITY_ALGORITHM|PSEUDO_RANDOM_FUNCTION) found|failed to establish CHILD_SA|unable to install .{1,120}|could not decrypt payloads|message parsing failed|invalid \S{1,60} payload length, decryption failed\?|loading \w{1,40} method failed|XAuth authentication failed|virtual IP request .{0,60}failed|no virtual IP found.{0,80})(?= for "|, | \(| $|$)/, 'refused', 'vpn-negotiation', 'broken'],
  [/^(?<reason>no (?:IKE|matching peer|proposal|alternative).{0,60}?(?:config|chosen|found))/, 'no-config', 'vpn-negotiation', 'broken'],
  [/^(?<reason>received (?:AUTHENTICATION_FAILED|NO_PROPOSAL_CHOSEN|INVALID_\w{1,30}) \w{0,10})/, 'notify-received', 'vpn-negotiation', 'broken'],
  [/^(?<reason>peer not responding|giving up after \d{1,5} retransmits)/, 'no-response', 'vpn-negotiation', 'broken'],
];

export default {
  id: 'strongswan',
  title: 'strongSwan (charon) and Libreswan (pluto)',
  references: [
    { title: 'strongSwan: logger configuration', url: 'https://docs.strongswan.org/docs/latest/config/logging.html' },
    {
      title: 'strongSwan source: libcharon',
      url: 'https://github.com/strongswan/strongswan/tree/master/src/libcharon',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'charon in syslog and in its own file: IKEv1, IKEv2, EAP, XAuth, virtual addresses, CHILD_SAs; other lines by subsystem',
  ],
  limits: ['lines without the number of an IKE_SA (daemon.ike_name off) are not tied to a user'],
  recognise: recogniseBy(claims, 'are lines of charon'),
  claims,
  open,
} satisfies Parser as Parser;
