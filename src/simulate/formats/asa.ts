import { SECOND } from '../../core/time.ts';
import { monthOf, timeOf, twoDigits } from '../clock.ts';
import type { FirewallLog, Flow, VpnLog, VpnSession } from '../flow.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Side } from '../world.ts';

/** Cisco ASA 9.14 syslog with its own stamp (year, no zone); message ids as in Cisco's "ASA Series Syslog Messages". */

interface AsaOptions {
  /** Connections and denials. */
  readonly device: Device;
  /** Authentication and sessions, where they are kept apart. */
  readonly events?: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
  readonly gateway: string;
  readonly sideOf: (address: string) => Side;
  readonly vpnGroup: string;
  readonly authServer: string;
}

const NAMES: Readonly<Record<Side, string>> = {
  lan: 'inside',
  server: 'servers',
  dmz: 'dmz',
  vpn: 'outside',
  partner: 'outside',
  wan: 'outside',
};
const CLIENTS = [
  'Cisco AnyConnect VPN Agent for Windows 4.10.05095',
  'Cisco AnyConnect VPN Agent for Windows 4.10.04071',
  'Cisco AnyConnect VPN Agent for Mac OS X 4.10.05095',
  'AnyConnect AppleSSLVPN_Darwin_ARM (iPhone) 4.10.05106',
  'Cisco AnyConnect VPN Agent for Windows 4.9.06037',
  'AnyConnect-compatible OpenConnect VPN Agent v8.20',
];

const hms = (seconds: number): readonly [number, string, string] => [
  Math.floor(seconds / 3600),
  twoDigits(Math.floor(seconds / 60) % 60),
  twoDigits(Math.floor(seconds) % 60),
];

export class Asa implements FirewallLog, VpnLog {
  readonly #o: AsaOptions;
  readonly #numbers = new Set<number>();

  constructor(options: AsaOptions) {
    this.#o = options;
  }

  #line(time: number, severity: number, id: number, text: string): Written {
    const { hostname, journal } = this.#o;
    const traffic = (id >= 302000 && id < 303000) || id === 106023;
    const device = traffic ? this.#o.device : (this.#o.events ?? this.#o.device);
    const c = stampOf(device, time);
    return journal.write(
      device,
      time,
      `${monthOf(c)} ${twoDigits(c.day)} ${c.year} ${timeOf(c)} ${hostname} : %ASA-${severity}-${id}: ${text}`,
    );
  }

  /** Connection numbers grow with time and never repeat. */
  #number(time: number): number {
    let number = Math.floor(time / 5000) % 2_000_000_000;
    while (this.#numbers.has(number)) number += 1;
    this.#numbers.add(number);
    return number;
  }

  flow(time: number, flow: Flow): Written[] {
    const { random, sideOf, gateway } = this.#o;
    const number = this.#number(time);
    const udp = flow.protocol === 'udp';
    const port = flow.sourcePort ?? random.int(49152, 65535);
    const [from, to] = [sideOf(flow.source), sideOf(flow.destination)];
    const outbound = to === 'wan';
    const source = `${NAMES[from]}:${flow.source}/${port}`;
    const local = flow.destination === gateway;
    const target = `${local ? 'identity' : NAMES[to]}:${flow.destination}/${flow.port}`;
    const user = flow.user === undefined ? '' : `(LOCAL\\${flow.user})`;
    const mapped = outbound && from !== 'wan' ? `(${gateway}/${port})` : `(${flow.source}/${port})`;
    // the ASA names the less trusted side first
    const pair = outbound
      ? `${target} (${flow.destination}/${flow.port}) to ${source} ${mapped}`
      : `${source} ${mapped}${user} to ${target} (${flow.destination}/${flow.port})`;
    const back = outbound ? `${target} to ${source}` : `${source}${user} to ${target}`;
    const [h, m, s] = hms(flow.seconds);
    const end = udp ? '' : ` ${random.pick(['TCP FINs', 'TCP FINs', 'TCP FINs', 'TCP Reset-O', 'TCP Reset-I'])}`;
    const tail = user === '' ? '' : ` (${flow.user})`;
    return [
      this.#line(
        time,
        6,
        udp ? 302015 : 302013,
        `Built ${outbound ? 'outbound' : 'inbound'} ${udp ? 'UDP' : 'TCP'} connection ${number} for ${pair}${tail}`,
      ),
      this.#line(
        time + flow.seconds * SECOND,
        6,
        udp ? 302016 : 302014,
        `Teardown ${udp ? 'UDP' : 'TCP'} connection ${number} for ${back} duration ${h}:${m}:${s} bytes ${flow.sent + flow.received}${end}${tail}`,
      ),
    ];
  }

  deny(time: number, flow: Flow): Written[] {
    const { random, sideOf } = this.#o;
    const protocol = flow.protocol ?? 'tcp';
    const port = flow.sourcePort ?? random.int(1025, 65535);
    const from = NAMES[sideOf(flow.source)];
    return [
      this.#line(
        time,
        4,
        106023,
        `Deny ${protocol} src ${from}:${flow.source}/${port} dst ${NAMES[sideOf(flow.destination)]}:${flow.destination}/${flow.port} by access-group "${from}_access_in" [0x${random.hex(8)}, 0x0]`,
      ),
    ];
  }

  refuse(time: number, user: string, address: string, known: boolean): Written[] {
    const { authServer } = this.#o;
    return [
      this.#line(
        time,
        6,
        113005,
        `AAA user authentication Rejected : reason = ${known ? 'AAA failure' : 'User was not found'} : server = ${authServer} : user = ${user} : user IP = ${address}`,
      ),
      this.#line(
        time + 2000,
        6,
        716039,
        `Group <DfltGrpPolicy> User <${user}> IP <${address}> Authentication: rejected, Session Type: WebVPN.`,
      ),
    ];
  }

  open(s: VpnSession): Written[] {
    const { authServer, vpnGroup, random } = this.#o;
    const who = `Group <GroupPolicy_${vpnGroup}> User <${s.user}> IP <${s.address}>`;
    const at = (seconds: number): number => s.opened + Math.round(seconds * SECOND);
    const wait = random.between(1, 5);
    return [
      this.#line(at(0.1), 6, 113039, `${who} AnyConnect parent session started.`),
      this.#line(at(wait), 4, 722051, `${who} IPv4 Address <${s.inner}> IPv6 address <::> assigned to session`),
      this.#line(at(wait + 0.1), 6, 722055, `${who} Client Type: ${CLIENTS[s.clientVersion % CLIENTS.length]}`),
      this.#line(at(0), 6, 113004, `AAA user authentication Successful : server =  ${authServer} : user = ${s.user}`),
      this.#line(
        at(0.01),
        6,
        113009,
        `AAA retrieved default group policy (GroupPolicy_${vpnGroup}) for user = ${s.user}`,
      ),
      this.#line(at(0.02), 6, 113008, `AAA transaction status ACCEPT : user = ${s.user}`),
      this.#line(
        at(0.05),
        6,
        734001,
        `DAP: User ${s.user}, Addr ${s.address}, Connection AnyConnect: The following DAP records were selected for this connection: DfltAccessPolicy`,
      ),
      this.#line(at(0.08), 6, 716038, `${who} Authentication: successful, Session Type: WebVPN.`),
      this.#line(at(wait + 0.05), 5, 722033, `${who} First TCP SVC connection established for SVC session.`),
      this.#line(at(wait + 0.06), 6, 722022, `${who} TCP SVC connection established without compression`),
    ];
  }

  /** The ASA counts from its own side: xmt went to the client. */
  close(s: VpnSession): Written[] {
    const [h, m, sec] = hms((s.closed - s.opened) / SECOND);
    const reason = this.#o.random.pick(['User Requested', 'User Requested', 'Idle Timeout', 'Connection Preempted']);
    return [
      this.#line(
        s.closed,
        4,
        113019,
        `Group = ${this.#o.vpnGroup}, Username = ${s.user}, IP = ${s.address}, Session disconnected. Session Type: AnyConnect-Parent, Duration: ${h}h:${m}m:${sec}s, Bytes xmt: ${s.received}, Bytes rcv: ${s.sent}, Reason: ${reason}`,
      ),
      this.#line(
        s.closed,
        5,
        722037,
        `Group <GroupPolicy_${this.#o.vpnGroup}> User <${s.user}> IP <${s.address}> SVC closing connection: ${reason}.`,
      ),
    ];
  }
}
