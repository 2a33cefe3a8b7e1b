import { SECOND } from '../../core/time.ts';
import { bsdStamp, dateOf, timeOf } from '../clock.ts';
import type { VpnLog, VpnSession } from '../flow.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';

/** OpenVPN 2.5 server, one process: through syslog (year-less) or its own log file (ISO without zone). */

interface OpenvpnOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
  readonly organisation: string;
  readonly style: 'syslog' | 'file';
  readonly network: string;
}

const CLIENTS = [
  ['2.5.4', 'win', 'OpenVPN_GUI_11'],
  ['2.5.1', 'win', 'OpenVPN_GUI_11'],
  ['2.4.9', 'linux', ''],
  ['2.4.7', 'win', 'OpenVPN_GUI_11'],
  ['3.git::58b92569', 'android', 'de.blinkt.openvpn_0.7.24'],
] as const;

export class Openvpn implements VpnLog {
  readonly #o: OpenvpnOptions;
  readonly #pid: number;
  readonly #ports = new Map<VpnSession, number>();

  constructor(options: OpenvpnOptions) {
    this.#o = options;
    this.#pid = options.random.int(500, 2400);
  }

  #line(time: number, text: string): Written {
    const c = stampOf(this.#o.device, time);
    const head =
      this.#o.style === 'syslog'
        ? `${bsdStamp(c)} ${this.#o.hostname} openvpn[${this.#pid}]:`
        : `${dateOf(c)} ${timeOf(c)}`;
    return this.#o.journal.write(this.#o.device, time, `${head} ${text}`);
  }

  #portOf(s: VpnSession): number {
    const port = s.sourcePort ?? this.#ports.get(s) ?? this.#o.random.int(1025, 65000);
    this.#ports.set(s, port);
    return port;
  }

  #handshake(time: number, peer: string, user: string, client: (typeof CLIENTS)[number]): Written[] {
    const { random, organisation } = this.#o;
    const issuer = `C=DE, O=${organisation}`;
    return [
      this.#line(time, `${peer} TLS: Initial packet from [AF_INET]${peer}, sid=${random.hex(8)} ${random.hex(8)}`),
      this.#line(time + 0.21 * SECOND, `${peer} VERIFY OK: depth=1, ${issuer}, CN=${organisation} VPN CA`),
      this.#line(time + 0.22 * SECOND, `${peer} VERIFY OK: depth=0, ${issuer}, CN=${user}`),
      this.#line(time + 0.3 * SECOND, `${peer} peer info: IV_VER=${client[0]}`),
      this.#line(time + 0.3 * SECOND, `${peer} peer info: IV_PLAT=${client[1]}`),
      this.#line(time + 0.3 * SECOND, `${peer} peer info: IV_PROTO=6`),
      ...(client[2] === '' ? [] : [this.#line(time + 0.3 * SECOND, `${peer} peer info: IV_GUI_VER=${client[2]}`)]),
    ];
  }

  refuse(time: number, user: string, address: string, known: boolean): Written[] {
    const { random } = this.#o;
    const peer = `${address}:${random.int(1025, 65000)}`;
    const because = known ? 'Authentication failure' : 'User not known to the underlying authentication module';
    return [
      this.#line(time + 0.4 * SECOND, `AUTH-PAM: BACKGROUND: user '${user}' failed to authenticate: ${because}`),
      this.#line(time, `${peer} TLS: Initial packet from [AF_INET]${peer}, sid=${random.hex(8)} ${random.hex(8)}`),
      this.#line(
        time + 0.45 * SECOND,
        `${peer} PLUGIN_CALL: POST /usr/lib/openvpn/openvpn-plugin-auth-pam.so/PLUGIN_AUTH_USER_PASS_VERIFY status=1`,
      ),
      this.#line(time + 0.46 * SECOND, `${peer} TLS Auth Error: Auth Username/Password verification failed for peer`),
      this.#line(time + 5.5 * SECOND, `${peer} SIGUSR1[soft,auth-control-exit] received, client-instance restarting`),
    ];
  }

  /** A stranger who speaks to the port and goes away. */
  probe(time: number, address: string): void {
    const peer = `${address}:${this.#o.random.int(1025, 65000)}`;
    this.#line(
      time,
      `${peer} TLS: Initial packet from [AF_INET]${peer}, sid=${this.#o.random.hex(8)} ${this.#o.random.hex(8)}`,
    );
    this.#line(
      time + 60 * SECOND,
      `${peer} TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)`,
    );
    this.#line(time + 60 * SECOND, `${peer} TLS Error: TLS handshake failed`);
    this.#line(time + 60 * SECOND, `${peer} SIGUSR1[soft,tls-error] received, client-instance restarting`);
  }

  open(s: VpnSession): Written[] {
    const { network } = this.#o;
    const peer = `${s.address}:${this.#portOf(s)}`;
    const client = CLIENTS[s.clientVersion % CLIENTS.length] ?? CLIENTS[0];
    const at = (seconds: number): number => s.opened + Math.round((seconds - 0.6) * SECOND);
    const named = `${s.user}/${peer}`;
    const login = this.#line(
      at(0.6),
      `${peer} TLS: Username/Password authentication succeeded for username '${s.user}' `,
    );
    const connected = this.#line(at(0.8), `${peer} [${s.user}] Peer Connection Initiated with [AF_INET]${peer}`);
    const learned = this.#line(at(0.9), `${named} MULTI: Learn: ${s.inner} -> ${named}`);
    const others = [
      ...this.#handshake(at(0), peer, s.user, client),
      this.#line(
        at(0.55),
        `${peer} PLUGIN_CALL: POST /usr/lib/openvpn/openvpn-plugin-auth-pam.so/PLUGIN_AUTH_USER_PASS_VERIFY status=0`,
      ),
      this.#line(at(0.7), `${peer} Control Channel: TLSv1.3, cipher TLSv1.3 TLS_AES_256_GCM_SHA384, 4096 bit RSA`),
      this.#line(at(0.85), `${named} MULTI_sva: pool returned IPv4=${s.inner}, IPv6=(Not enabled)`),
      this.#line(at(0.9), `${named} MULTI: primary virtual IP for ${named}: ${s.inner}`),
      this.#line(at(1.9), `${named} PUSH: Received control message: 'PUSH_REQUEST'`),
      this.#line(
        at(1.9),
        `${named} SENT CONTROL [${s.user}]: 'PUSH_REPLY,route ${network},topology subnet,ping 10,ping-restart 120,ifconfig ${s.inner} 255.255.255.0,peer-id ${this.#o.random.int(0, 30)},cipher AES-256-GCM' (status=1)`,
      ),
    ];
    return [login, connected, learned, ...others];
  }

  close(s: VpnSession): Written[] {
    const named = `${s.user}/${s.address}:${this.#portOf(s)}`;
    const lost = this.#o.random.chance(0.35);
    const lines = lost
      ? [
          `${named} [${s.user}] Inactivity timeout (--ping-restart), restarting`,
          `${named} SIGUSR1[soft,ping-restart] received, client-instance restarting`,
        ]
      : [`${named} SIGTERM[soft,remote-exit] received, client-instance exiting`];
    return lines.map((text) => this.#line(s.closed, text));
  }
}
