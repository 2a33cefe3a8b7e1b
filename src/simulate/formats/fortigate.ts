import { SECOND } from '../../core/time.ts';
import { countryOf } from '../addresses.ts';
import { dateOf, offsetOf, timeOf } from '../clock.ts';
import type { FirewallLog, Flow, VpnLog, VpnSession } from '../flow.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Side } from '../world.ts';
import { countsOf, INTERFACES, type Pairs, POLICY, render, SERVICES } from './fortigate-values.ts';

/** FortiOS 7.0 key=value log (FortiOS Log Message Reference 7.0): traffic, event/vpn, event/system. */

interface FortigateOptions {
  /** The traffic log. */
  readonly device: Device;
  /** The event log (VPN, administration), where it is kept apart. */
  readonly events?: Device;
  /** The web filter's log. */
  readonly web?: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
  readonly gateway: string;
  readonly sideOf: (address: string) => Side;
  readonly vpnGroup: string;
}

interface WebVisit {
  readonly source: string;
  readonly destination: string;
  readonly host: string;
  readonly path: string;
  /** FortiGuard category, `52` Information Technology. */
  readonly category: readonly [number, string];
}

interface AdminLogin {
  readonly user: string;
  readonly from: string;
  /** The console used, with the address as FortiOS writes it: `https(10.1.2.3)`. */
  readonly ui: string;
  readonly to?: string;
  readonly ok: boolean;
}

interface ConfigChange {
  readonly user: string;
  readonly ui: string;
  readonly action: 'Add' | 'Edit' | 'Delete';
  readonly path: string;
  readonly object: string;
  readonly attributes: string;
}

export class Fortigate implements FirewallLog, VpnLog {
  readonly #o: FortigateOptions;
  readonly #serial: string;
  readonly #firstSession: number;
  readonly #uuids = new Map<number, string>();
  readonly #tunnels = new Map<VpnSession, number>();

  constructor(options: FortigateOptions) {
    this.#o = options;
    this.#serial = `FG100FTK${options.random.int(19, 23)}0${options.random.int(10000, 99999)}`;
    this.#firstSession = options.random.int(1e6, 4e7);
  }

  #write(time: number, logid: string, type: string, subtype: string, level: string, pairs: Pairs): Written {
    const c = stampOf(this.#o.device, time);
    const nano = `${c.believed}${String(Math.floor((time * 7919) % 1000)).padStart(3, '0')}`;
    const head: Pairs = [
      ['date', `=${dateOf(c)}`],
      ['time', `=${timeOf(c)}`],
      ['devname', this.#o.hostname],
      ['devid', this.#serial],
      ['eventtime', `=${nano}`],
      ['tz', offsetOf(c)],
      ['logid', logid],
      ['type', type],
      ['subtype', subtype],
      ['level', level],
      ['vd', 'root'],
    ];
    const apart = type === 'event' ? this.#o.events : type === 'utm' ? this.#o.web : undefined;
    const device = apart ?? this.#o.device;
    return this.#o.journal.write(device, time, render([...head, ...pairs]));
  }

  #policy(from: Side, to: Side, accepted: boolean): { id: number; pairs: Pairs } {
    if (!accepted) return { id: 0, pairs: [] };
    const [id, name] = POLICY[`${from}>${to}`] ?? [51, `${from}-${to}`];
    const uuid = this.#uuids.get(id) ?? this.#o.random.guid();
    this.#uuids.set(id, uuid);
    return {
      id,
      pairs: [
        ['poluuid', uuid],
        ['policyname', name],
      ],
    };
  }

  #ends(flow: Flow, from: Side, to: Side, local: boolean, port: number): Pairs {
    return [
      ['srcip', `=${flow.source}`],
      ['srcport', port],
      ['srcintf', INTERFACES[from][0]],
      ['srcintfrole', INTERFACES[from][1]],
      ['dstip', `=${flow.destination}`],
      ['dstport', flow.port],
      ['dstintf', local ? 'root' : INTERFACES[to][0]],
      ['dstintfrole', local ? 'undefined' : INTERFACES[to][1]],
      ['srccountry', countryOf(flow.source)],
      ['dstcountry', countryOf(flow.destination)],
    ];
  }

  #traffic(time: number, flow: Flow, accepted: boolean): Written {
    const { random } = this.#o;
    const from = this.#o.sideOf(flow.source);
    const local = flow.destination === this.#o.gateway;
    const to = local ? 'wan' : this.#o.sideOf(flow.destination);
    const policy = this.#policy(from, to, accepted && !local);
    const udp = flow.protocol === 'udp';
    const port = flow.sourcePort ?? random.int(49152, 65535);
    const closed = udp ? 'accept' : random.pick(['close', 'close', 'close', 'server-rst', 'client-rst', 'timeout']);
    const session = this.#firstSession + (Math.floor(time / 100_000) % 3e8) + random.int(0, 9);
    const outward = accepted && to === 'wan' && from !== 'wan';
    const named = from === 'vpn' ? this.#holder(flow) : [];
    const service = SERVICES[String(flow.port)] ?? `${udp ? 'udp' : 'tcp'}/${flow.port}`;
    const [logid, subtype, policytype] = local
      ? ['0001000014', 'local', 'local-in-policy']
      : ['0000000013', 'forward', 'policy'];
    const told: Pairs = [
      ['sessionid', session],
      ['proto', udp ? 17 : 6],
      ['action', accepted ? closed : 'deny'],
      ['policyid', policy.id],
      ['policytype', policytype as string],
    ];
    return this.#write(
      accepted ? time + flow.seconds * SECOND : time,
      logid as string,
      'traffic',
      subtype as string,
      'notice',
      [
        ...this.#ends(flow, from, to, local, port),
        ...told,
        ...policy.pairs,
        ...named,
        ['service', service],
        ...this.#translation(outward, port),
        ...countsOf(flow, accepted),
      ],
    );
  }

  #holder(flow: Flow): Pairs {
    return flow.user === undefined
      ? []
      : [
          ['user', flow.user],
          ['group', this.#o.vpnGroup],
          ['authserver', 'AD-LDAP'],
        ];
  }

  #translation(outward: boolean, port: number): Pairs {
    return outward
      ? [
          ['trandisp', 'snat'],
          ['transip', `=${this.#o.gateway}`],
          ['transport', port],
        ]
      : [['trandisp', 'noop']];
  }

  flow(time: number, flow: Flow): Written[] {
    return [this.#traffic(time, flow, true)];
  }

  deny(time: number, flow: Flow): Written[] {
    return [this.#traffic(time, flow, false)];
  }

  #vpn(time: number, id: string, level: string, logdesc: string, action: string, pairs: Pairs): Written {
    return this.#write(time, id, 'event', 'vpn', level, [['logdesc', logdesc], ['action', action], ...pairs]);
  }

  #peer(s: VpnSession, type: string, inner: boolean): Pairs {
    const tunnel = this.#tunnels.get(s) ?? this.#o.random.int(1e9, 2e9);
    this.#tunnels.set(s, tunnel);
    return [
      ['tunneltype', type],
      ['tunnelid', tunnel],
      ['remip', `=${s.address}`],
      ...(inner ? ([['tunnelip', `=${s.inner}`]] as const) : []),
      ['user', s.user],
      ['group', this.#o.vpnGroup],
      ['dst_host', 'N/A'],
    ];
  }

  refuse(time: number, user: string, address: string, known: boolean): Written[] {
    const reason = known ? 'sslvpn_login_permission_denied' : 'sslvpn_login_unknown_user';
    return [
      this.#vpn(time, '0101039426', 'alert', 'SSL VPN login fail', 'ssl-login-fail', [
        ['tunneltype', 'ssl-web'],
        ['tunnelid', 0],
        ['remip', `=${address}`],
        ['user', user],
        ['group', 'N/A'],
        ['dst_host', 'N/A'],
        ['reason', reason],
        ['msg', 'SSL user failed to logged in'],
      ]),
    ];
  }

  open(s: VpnSession): Written[] {
    const established = ['msg', 'SSL tunnel established'] as const;
    const later = s.opened + this.#o.random.int(900, 4000) * 1000;
    return [
      this.#vpn(s.opened, '0101039424', 'information', 'SSL VPN tunnel up', 'tunnel-up', [
        ...this.#peer(s, 'ssl-web', false),
        ['reason', 'login successfully'],
        established,
      ]),
      this.#vpn(later, '0101039947', 'information', 'SSL VPN tunnel up', 'tunnel-up', [
        ...this.#peer(s, 'ssl-tunnel', true),
        ['reason', 'tunnel established'],
        established,
      ]),
    ];
  }

  /** Bytes are counted by the gateway: sent is what went to the client. */
  close(s: VpnSession): Written[] {
    return [
      this.#vpn(s.closed, '0101039948', 'information', 'SSL VPN tunnel down', 'tunnel-down', [
        ...this.#peer(s, 'ssl-tunnel', true),
        ['reason', this.#o.random.pick(['N/A', 'N/A', 'idle timeout'])],
        ['duration', Math.round((s.closed - s.opened) / SECOND)],
        ['sentbyte', s.received],
        ['rcvdbyte', s.sent],
        ['msg', 'SSL tunnel shutdown'],
      ]),
    ];
  }

  /** A page asked for and allowed, by the web filter. */
  web(time: number, v: WebVisit): Written[] {
    const from = INTERFACES[this.#o.sideOf(v.source)];
    return [
      this.#write(time, '0317013312', 'utm', 'webfilter', 'notice', [
        ['eventtype', 'ftgd_allow'],
        ['policyid', 7],
        ['sessionid', this.#firstSession + (Math.floor(time / 100_000) % 3e8)],
        ['srcip', `=${v.source}`],
        ['srcport', this.#o.random.int(49152, 65535)],
        ['srcintf', from[0]],
        ['srcintfrole', from[1]],
        ['dstip', `=${v.destination}`],
        ['dstport', 443],
        ['dstintf', 'wan1'],
        ['dstintfrole', 'wan'],
        ['proto', 6],
        ['service', 'HTTPS'],
        ['hostname', v.host],
        ['profile', 'default'],
        ['action', 'passthrough'],
        ['reqtype', 'direct'],
        ['url', `https://${v.host}${v.path}`],
        ['sentbyte', this.#o.random.int(300, 2400)],
        ['rcvdbyte', this.#o.random.int(200, 90_000)],
        ['direction', 'outgoing'],
        ['msg', 'URL belongs to an allowed category in policy'],
        ['cat', v.category[0]],
        ['catdesc', v.category[1]],
      ]),
    ];
  }

  /** The firewall's own DHCP server confirms a lease. */
  lease(time: number, l: { address: string; mac: string; host: string }): Written[] {
    return [
      this.#write(time, '0100026001', 'event', 'system', 'information', [
        ['logdesc', 'DHCP Ack log'],
        ['interface', 'internal'],
        ['dhcp_msg', 'Ack'],
        ['mac', l.mac],
        ['ip', `=${l.address}`],
        ['lease', 86_400],
        ['hostname', l.host],
        ['msg', 'DHCP server sends a DHCPACK'],
      ]),
    ];
  }

  admin(time: number, a: AdminLogin): Written[] {
    const msg = a.ok
      ? `Administrator ${a.user} logged in successfully from ${a.ui}`
      : `Administrator ${a.user} login failed from ${a.ui} because of invalid password`;
    const profile: Pairs = a.ok ? [['profile', 'super_admin']] : [];
    return [
      this.#write(time, a.ok ? '0100032001' : '0100032002', 'event', 'system', a.ok ? 'information' : 'alert', [
        ['logdesc', a.ok ? 'Admin login successful' : 'Admin login failed'],
        ['sn', a.ok ? String(Math.floor(time / SECOND)) : '0'],
        ['user', a.user],
        ['ui', a.ui],
        ['method', a.ui.replace(/\(.*/, '')],
        ['srcip', `=${a.from}`],
        ['dstip', `=${a.to ?? this.#o.gateway}`],
        ['action', 'login'],
        ['status', a.ok ? 'success' : 'failed'],
        ['reason', a.ok ? 'none' : 'passwd_invalid'],
        ...profile,
        ['msg', msg],
      ]),
    ];
  }

  config(time: number, change: ConfigChange): Written[] {
    return [
      this.#write(time, '0100044547', 'event', 'system', 'information', [
        ['logdesc', 'Object attribute configured'],
        ['user', change.user],
        ['ui', change.ui],
        ['action', change.action],
        ['cfgtid', this.#o.random.int(1e6, 9e7)],
        ['cfgpath', change.path],
        ['cfgobj', change.object],
        ['cfgattr', change.attributes],
        ['msg', `${change.action} ${change.path} ${change.object}`],
      ]),
    ];
  }
}
