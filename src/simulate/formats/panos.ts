import { SECOND } from '../../core/time.ts';
import { bsdStamp, type Civil, offsetOf, timeOf, twoDigits } from '../clock.ts';
import type { FirewallLog, Flow, VpnLog, VpnSession } from '../flow.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Side } from '../world.ts';

/** PAN-OS 10 syslog, default CSV ("Syslog Field Descriptions"): TRAFFIC and GLOBALPROTECT, local time without a zone. */

interface PanosOptions {
  readonly device: Device;
  /** GlobalProtect, where it is kept apart. */
  readonly events: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
  readonly gateway: string;
  readonly sideOf: (address: string) => Side;
}

const ZONES: Readonly<Record<Side, string>> = {
  lan: 'trust',
  server: 'servers',
  dmz: 'dmz',
  vpn: 'gp-vpn',
  partner: 'partner',
  wan: 'untrust',
};
const INTERFACES: Readonly<Record<Side, string>> = {
  lan: 'ethernet1/2',
  server: 'ethernet1/3',
  dmz: 'ethernet1/4',
  vpn: 'tunnel.1',
  partner: 'tunnel.2',
  wan: 'ethernet1/1',
};
const APPLICATIONS: Readonly<Record<number, string>> = {
  22: 'ssh',
  25: 'smtp',
  53: 'dns',
  80: 'web-browsing',
  88: 'kerberos',
  389: 'ldap',
  443: 'ssl',
  445: 'ms-ds-smb',
  3389: 'ms-rdp',
};
const CLIENTS = [
  ['5.2.9', 'Windows', '"Microsoft Windows 10 Pro , 64-bit"'],
  ['5.2.8', 'Windows', '"Microsoft Windows 10 Pro , 64-bit"'],
  ['5.2.5', 'Mac', 'Apple Mac OS X 11.6.0'],
  ['5.1.4', 'Windows', '"Microsoft Windows 10 Enterprise , 64-bit"'],
  ['5.2.6', 'iOS', '15.0.2'],
] as const;

const dateTime = (c: Civil): string => `${c.year}/${twoDigits(c.month)}/${twoDigits(c.day)} ${timeOf(c)}`;

export class Panos implements FirewallLog, VpnLog {
  readonly #o: PanosOptions;
  readonly #serial: string;
  #sequence: number;

  constructor(options: PanosOptions) {
    this.#o = options;
    this.#serial = `0132010${options.random.int(10000, 99999)}`;
    this.#sequence = options.random.int(1e9, 7e9);
  }

  #line(device: Device, time: number, type: string, subtype: string, rest: readonly (string | number)[]): Written {
    const c = stampOf(device, time);
    const at = dateTime(c);
    const text = ['1', at, this.#serial, type, subtype, '2561', at, ...rest].join(',');
    return this.#o.journal.write(device, time, `<14>${bsdStamp(c)} ${this.#o.hostname} ${text}`);
  }

  #traffic(time: number, flow: Flow, accepted: boolean): Written {
    const { random, sideOf, gateway, device } = this.#o;
    const [from, to] = [sideOf(flow.source), flow.destination === gateway ? 'wan' : sideOf(flow.destination)];
    const port = flow.sourcePort ?? random.int(49152, 65535);
    const hidden = accepted && to === 'wan' && from !== 'wan';
    const nat = hidden ? [gateway, flow.destination] : ['0.0.0.0', '0.0.0.0'];
    const udp = flow.protocol === 'udp';
    const [sent, received] = accepted ? [flow.sent, flow.received] : [flow.sent, 0];
    const packets = [1 + Math.ceil(sent / 1100), accepted ? 1 + Math.ceil(received / 1250) : 0] as const;
    const seconds = accepted ? Math.round(flow.seconds) : 0;
    const begun = dateTime(stampOf(device, time));
    const end = accepted
      ? udp
        ? 'aged-out'
        : random.pick(['tcp-fin', 'tcp-fin', 'tcp-rst-from-server'])
      : 'policy-deny';
    this.#sequence += random.int(1, 9);
    return this.#line(device, accepted ? time + flow.seconds * SECOND : time, 'TRAFFIC', accepted ? 'end' : 'drop', [
      flow.source,
      flow.destination,
      ...nat,
      accepted ? `${ZONES[from]}-to-${ZONES[to]}` : 'interzone-default',
      flow.user ?? '',
      '',
      accepted ? (APPLICATIONS[flow.port] ?? 'incomplete') : 'not-applicable',
      'vsys1',
      ZONES[from],
      ZONES[to],
      INTERFACES[from],
      accepted ? INTERFACES[to] : '',
      'log-to-syslog',
      begun,
      random.int(1000, 900_000),
      1,
      port,
      flow.port,
      hidden ? random.int(1025, 64000) : 0,
      hidden ? flow.port : 0,
      hidden ? '0x40001c' : '0x1c',
      udp ? 'udp' : 'tcp',
      accepted ? 'allow' : 'deny',
      sent + received,
      sent,
      received,
      packets[0] + packets[1],
      begun,
      seconds,
      'any',
      '0',
      this.#sequence,
      '0x8000000000000000',
      '10.0.0.0-10.255.255.255',
      'Germany',
      '0',
      packets[0],
      packets[1],
      end,
      0,
      0,
      0,
      0,
      '',
      this.#o.hostname,
      'from-policy',
      '',
      '',
      0,
      '',
      0,
      '',
      'N/A',
      0,
      0,
      0,
      0,
    ]);
  }

  flow(time: number, flow: Flow): Written[] {
    return [this.#traffic(time, flow, true)];
  }

  deny(time: number, flow: Flow): Written[] {
    return [this.#traffic(time, flow, false)];
  }

  #globalProtect(
    time: number,
    event: string,
    stage: string,
    who: { user: string; address: string; inner?: string; client: number },
    said: { method?: string; tunnel?: string; reason?: string; error?: string; status: string; seconds?: number },
  ): Written {
    const { events } = this.#o;
    const client = CLIENTS[who.client % CLIENTS.length] ?? CLIENTS[0];
    const c = stampOf(events, time);
    this.#sequence += 1;
    return this.#line(events, time, 'GLOBALPROTECT', '0', [
      'vsys1',
      event,
      stage,
      said.method ?? '',
      said.tunnel ?? '',
      who.user,
      'DE',
      `PC-${who.user.replace('.', '').toUpperCase()}`,
      who.address,
      '0.0.0.0',
      who.inner ?? '0.0.0.0',
      '0.0.0.0',
      '',
      '',
      ...client,
      1,
      said.reason ?? '',
      said.error ?? '',
      '',
      said.status,
      '',
      said.seconds ?? 0,
      'user-logon',
      said.status === 'success' ? 0 : -1,
      'gp-gateway',
      this.#sequence,
      '0x8000000000000000',
      `${c.year}-${twoDigits(c.month)}-${twoDigits(c.day)}T${timeOf(c)}.${String(Math.floor(c.micro / 1000)).padStart(3, '0')}${offsetOf(c, ':')}`,
      '',
      '',
      '',
      '',
      '',
      0,
      0,
      0,
      0,
      '',
      this.#o.hostname,
      1,
    ]);
  }

  refuse(time: number, user: string, address: string): Written[] {
    const who = { user, address, client: 0 };
    const said = { method: 'LDAP', error: 'Authentication failed: Invalid username or password', status: 'failure' };
    return [this.#globalProtect(time, 'gateway-auth', 'login', who, said)];
  }

  open(s: VpnSession): Written[] {
    const outer = { user: s.user, address: s.address, client: s.clientVersion };
    const who = { ...outer, inner: s.inner };
    const later = s.opened + this.#o.random.int(1500, 4000) * 1000;
    return [
      this.#globalProtect(s.opened, 'gateway-auth', 'login', outer, { method: 'LDAP', status: 'success' }),
      this.#globalProtect(later, 'gateway-getconfig', 'configuration', who, { status: 'success' }),
      this.#globalProtect(later + SECOND, 'gateway-connected', 'connected', who, {
        tunnel: 'IPSec',
        status: 'success',
      }),
    ];
  }

  close(s: VpnSession): Written[] {
    const who = { user: s.user, address: s.address, inner: s.inner, client: s.clientVersion };
    const reason = this.#o.random.pick(['client logout', 'client logout', 'inactivity logout']);
    const seconds = Math.round((s.closed - s.opened) / SECOND);
    return [this.#globalProtect(s.closed, 'gateway-logout', 'logout', who, { reason, status: 'success', seconds })];
  }
}
