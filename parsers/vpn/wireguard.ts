import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { openPeers, type Peers } from '../../src/parse/kit/peers.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** `[82508.102168] wireguard: wg0: Invalid handshake initiation from 192.0.2.30:51820` */
const LINE = /^(?:\[\s{0,8}\d{1,10}\.\d{6}\] ?)?wireguard: (?:([\w.@-]{1,15}): )?(.*)$/s;
/** Peers have numbers here; their keys are in the configuration: `peer 4 (192.0.2.30:51820)` */
const PEER = /\bpeer (\d{1,10})\b/i;

const read = (record: RawRecord): RegExpExecArray | null => {
  const { program, message } = record.envelope;
  if (program === 'wireguard') return LINE.exec(`wireguard: ${message}`);
  return LINE.exec(message) ?? LINE.exec(record.text.trim());
};
const claims = (record: RawRecord): boolean => record.text.includes('wireguard: ') && read(record) !== null;

/** What the lines of one peer of one interface have told so far. */
interface Peer {
  ip?: string;
  port?: string;
  /** Pairs of keys that are in use: the tunnel is up while there is one. */
  keys: number;
}

/** The first pair of keys is the tunnel coming up, later ones renew it; without keys it is down. */
const settle = (action: string | undefined, act: Act, peer: Peer): Act => {
  if (action === 'keypair-created') {
    peer.keys += 1;
    return peer.keys === 1 ? 'vpn-session-start' : act;
  }
  const gone = action === 'keys-zeroed' || action === 'peer-destroyed';
  if (peer.keys === 0 || (!gone && action !== 'keypair-destroyed')) return act;
  peer.keys = gone ? 0 : peer.keys - 1;
  return peer.keys === 0 ? 'vpn-session-end' : act;
};

const open: Parser['open'] = (context) => {
  const peers = openPeers((): Peer => ({ keys: 0 }));
  return (record) => readRecord(context, record, peers);
};

const readRecord = (context: ParseContext, record: RawRecord, peers: Peers<Peer>): Outcome => {
  if (record.text.trim() === '') return BLANK;
  const m = read(record);
  if (m === null) return rejected('not-this-format', 'no line of the WireGuard module');
  const fields: Fields = { 'observer.product': 'WireGuard', 'einfallstor.vpn.type': 'wireguard' };
  context.clock.stamp(fields, record.envelope.civil);
  if (record.envelope.civil === undefined) warn(fields, 'time-missing');
  put(fields, 'host.name', record.envelope.host);
  put(fields, 'observer.ingress.interface.name', m[1]);
  const text = m[2] as string;
  put(fields, 'message', text);
  const peer = PEER.exec(text)?.[1];
  if (peer !== undefined) {
    keepVendor(fields, 'wireguard', [['peer', peer]]);
    put(fields, 'einfallstor.vpn.session_id', `${m[1] ?? 'wg'} peer ${peer}`);
  }
  const found = phraseOf(PHRASES, text.slice(0, 500));
  if (found === undefined) putKind(fields, 'session');
  else putPhrase(fields, found.phrase, found.groups);
  relateAddresses(fields, text.slice(0, 500));
  const known = peers.of(peer === undefined ? undefined : `${record.envelope.host} ${m[1]} ${peer}`);
  // packets with addresses of others tell nothing of the peer's end
  if (found?.groups['ip'] !== undefined) Object.assign(known, { ip: found.groups['ip'], port: found.groups['port'] });
  const act = settle(found?.phrase[1], found?.phrase[2] ?? 'vpn-negotiation', known);
  if (fields['source.ip'] === undefined) {
    putIp(fields, 'source.ip', known.ip);
    putNumber(fields, 'source.port', known.port);
  }
  if (act === 'vpn-session-start') putKind(fields, 'up');
  if (act === 'vpn-session-end') putKind(fields, 'down');
  return { kind: 'event', act, fields };
};

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  [/^(?<reason>Invalid (?:handshake initiation|handshake response|MAC of handshake).{0,40}?),? from \[?(?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?)\]?:(?<port>\d{1,5})$/, 'invalid-handshake', 'vpn-login', 'refused'],
  [/^(?<reason>Packet has unallowed src IP) \([\da-fA-F.:]{2,45}\) from peer \d{1,10} \(\[?(?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?)\]?:(?<port>\d{1,5})\)/, 'unallowed-source', 'flow-denied', 'denied'],
  [/^(?:Receiving handshake initiation|Sending handshake response|Receiving handshake response|Sending handshake initiation|Receiving keepalive packet|Sending keepalive packet) (?:from|to) peer \d{1,10} \(\[?(?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?)\]?:(?<port>\d{1,5})\)/, 'handshake', 'vpn-negotiation', 'session'],
  [/^(?<reason>Handshake for peer \d{1,10}) \(\[?(?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?)\]?:(?<port>\d{1,5})\) did not complete/, 'handshake-incomplete', 'vpn-negotiation', 'broken'],
  [/^Keypair \d{1,10} created for peer/, 'keypair-created', 'vpn-negotiation', 'session'],
  [/^Keypair \d{1,10} destroyed for peer/, 'keypair-destroyed', 'vpn-negotiation', 'session'],
  // Zeroing out all keys for peer 4 (192.0.2.30:51820), since we haven't received a new one in 540 seconds
  [/^Zeroing out all keys for peer \d{1,10} \(\[?(?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?)\]?:(?<port>\d{1,5})\)/, 'keys-zeroed', 'vpn-negotiation', 'session'],
  [/^(?:Retrying handshake with|Stopping retry of).{0,60}? peer \d{1,10} \(\[?(?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?)\]?:(?<port>\d{1,5})\)/, 'handshake', 'vpn-negotiation', 'session'],
  [/^Peer \d{1,10} (?:\(.{0,60}\) )?destroyed/, 'peer-destroyed', 'config-change', 'changed'],
  [/^Peer \d{1,10} (?:\(.{0,60}\) )?created|^Interface (?:created|destroyed)/, 'configured', 'config-change', 'changed'],
  [/^WireGuard [\d.]{1,20} loaded/, 'loaded', 'source-state', 'state'],
];

export default {
  id: 'wireguard',
  title: 'WireGuard (Linux kernel module)',
  references: [
    { title: 'WireGuard: debug info', url: 'https://www.wireguard.com/quickstart/#debug-info' },
    {
      title: 'Linux: drivers/net/wireguard',
      url: 'https://github.com/torvalds/linux/tree/master/drivers/net/wireguard',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['messages of the kernel module, dynamic debug included'],
  limits: ['peers have numbers, no names: the configuration tells whose they are', 'user-space implementations'],
  recognise: recogniseBy(claims, 'are lines of the WireGuard module', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
