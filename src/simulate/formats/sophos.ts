import { SECOND } from '../../core/time.ts';
import { dateOf, timeOf } from '../clock.ts';
import type { FirewallLog, Flow, VpnLog, VpnSession } from '../flow.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Side } from '../world.ts';

/** Sophos Firewall (SFOS 18) device log, key=value ("Sophos Firewall syslog guide"): firewall rule and SSL VPN. */

interface SophosOptions {
  readonly device: Device;
  /** SSL VPN, where it is kept apart. */
  readonly events: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly gateway: string;
  readonly sideOf: (address: string) => Side;
}

const ZONES: Readonly<Record<Side, readonly [zone: string, port: string]>> = {
  lan: ['LAN', 'Port1'],
  server: ['LAN', 'Port3'],
  dmz: ['DMZ', 'Port4'],
  vpn: ['VPN', 'tun0'],
  partner: ['VPN', 'ipsec0'],
  wan: ['WAN', 'Port2'],
};

export class Sophos implements FirewallLog, VpnLog {
  readonly #o: SophosOptions;
  readonly #head: string;
  readonly #sessions = new Map<VpnSession, string>();

  constructor(options: SophosOptions) {
    this.#o = options;
    this.#head = `device_name="XGS2100" device_id=X210${options.random.hex(10).toUpperCase()}`;
  }

  #line(device: Device, time: number, text: string): Written {
    const c = stampOf(device, time);
    const zone = c.offset === 0 ? 'UTC' : c.offset === 120 ? 'CEST' : 'CET';
    const head = `device="SFW" date=${dateOf(c)} time=${timeOf(c)} timezone="${zone}" ${this.#head}`;
    return this.#o.journal.write(device, time, `<30>${head} ${text}`);
  }

  #connection(time: number, flow: Flow, accepted: boolean): Written {
    const { random, sideOf, gateway, device } = this.#o;
    const from = ZONES[sideOf(flow.source)];
    const to = ZONES[flow.destination === gateway ? 'wan' : sideOf(flow.destination)];
    const port = flow.sourcePort ?? random.int(49152, 65535);
    const hidden = accepted && to[0] === 'WAN' && from[0] !== 'WAN';
    const counts = accepted
      ? `sent_pkts=${1 + Math.ceil(flow.sent / 1100)}  recv_pkts=${1 + Math.ceil(flow.received / 1250)} sent_bytes=${flow.sent} recv_bytes=${flow.received}`
      : 'sent_pkts=0  recv_pkts=0 sent_bytes=0 recv_bytes=0';
    const rule = accepted ? random.pick([3, 5, 7]) : 0;
    const verdict = accepted
      ? 'log_id=010101600001 log_type="Firewall" log_component="Firewall Rule" log_subtype="Allowed" status="Allow"'
      : 'log_id=010102600002 log_type="Firewall" log_component="Firewall Rule" log_subtype="Denied" status="Deny"';
    return this.#line(
      device,
      accepted ? time + flow.seconds * SECOND : time,
      `${verdict} priority=Information duration=${accepted ? Math.round(flow.seconds) : 0} fw_rule_id=${rule} nat_rule_id=${hidden ? 2 : 0} policy_type=1 user_name="${flow.user ?? ''}" user_gp="" in_interface="${from[1]}" out_interface="${accepted ? to[1] : ''}" src_ip=${flow.source} dst_ip=${flow.destination} protocol="${flow.protocol === 'udp' ? 'UDP' : 'TCP'}" src_port=${port} dst_port=${flow.port} ${counts} tran_src_ip=${hidden ? gateway : ''} tran_src_port=0 tran_dst_ip= tran_dst_port=0 srczonetype="${from[0]}" srczone="${from[0]}" dstzonetype="${to[0]}" dstzone="${to[0]}" dir_disp="" ${accepted ? `connevent="Stop" connid="${random.int(1e6, 9e8)}" ` : ''}vconnid="" hb_health="No Heartbeat"`,
    );
  }

  flow(time: number, flow: Flow): Written[] {
    return [this.#connection(time, flow, true)];
  }

  deny(time: number, flow: Flow): Written[] {
    return [this.#connection(time, flow, false)];
  }

  #authentication(time: number, user: string, address: string, ok: boolean): Written {
    const [id, status, priority] = ok
      ? ['063110617710', 'Successful', 'Information']
      : ['063110617711', 'Failed', 'Notice'];
    const message = ok
      ? `User ${user} authenticated successfully to login to SSLVPN through AD authentication mechanism`
      : `User ${user} failed to login to SSLVPN through AD authentication mechanism because of wrong credentials`;
    return this.#line(
      this.#o.events,
      time,
      `log_id=${id} log_type="Event" log_component="SSL VPN Authentication" log_subtype="Authentication" status="${status}" priority=${priority} user_name="${user}" usergroupname="" auth_client="N/A" auth_mechanism="AD" reason="${ok ? '' : 'wrong credentials'}" src_ip=${address} message="${message}" name="" src_mac=`,
    );
  }

  #session(time: number, s: VpnSession, status: 'Established' | 'Terminated'): Written {
    const id = this.#sessions.get(s) ?? `s-${this.#o.random.int(1000, 99_999)}`;
    this.#sessions.set(s, id);
    const ended = status === 'Terminated';
    // the gateway's own clock, seconds
    const seconds = (at: number): number => Math.floor(stampOf(this.#o.events, at).believed / SECOND);
    return this.#line(
      this.#o.events,
      time,
      `log_id=${ended ? '062811617825' : '062811617824'} log_type="Event" log_component="SSL VPN" log_subtype="System" priority=Information Mode="Remote Access" sessionid="${id}" starttime=${seconds(s.opened)} user_name="${s.user}" ipaddress=${s.inner} sent_bytes=${ended ? s.received : 0} recv_bytes=${ended ? s.sent : 0} status="${status}" message="SSL VPN User '${s.user}' ${ended ? 'disconnected' : 'connected'} " timestamp=${seconds(time)} connectionname="" remote_ip=${s.address}`,
    );
  }

  refuse(time: number, user: string, address: string): Written[] {
    return [this.#authentication(time, user, address, false)];
  }

  open(s: VpnSession): Written[] {
    return [
      this.#authentication(s.opened, s.user, s.address, true),
      this.#session(s.opened + this.#o.random.int(900, 4000) * 1000, s, 'Established'),
    ];
  }

  close(s: VpnSession): Written[] {
    return [this.#session(s.closed, s, 'Terminated')];
  }
}
