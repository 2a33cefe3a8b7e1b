import { HOUR, MINUTE } from '../../core/time.ts';
import { correspondence, type MailPath } from '../benign/mail.ts';
import { knocking, scanning, vpnGuessing } from '../benign/noise.ts';
import { nightlyBackup, officeTraffic } from '../benign/traffic.ts';
import { blemishes } from '../benign/ugly.ts';
import { planRemoteWork, type RemoteWork, remoteTraffic, writeRemoteWork } from '../benign/vpn.ts';
import { type WebFront, webTraffic } from '../benign/web.ts';
import { domainLife } from '../benign/windows.ts';
import { type Clock, wallTime } from '../clock.ts';
import { AccessLog } from '../formats/access.ts';
import { ExchangeTracking, trackingHeader } from '../formats/exchange.ts';
import { Fortigate } from '../formats/fortigate.ts';
import { Openvpn } from '../formats/openvpn.ts';
import { Postfix } from '../formats/postfix.ts';
import { WindowsLog } from '../formats/windows.ts';
import type { Device, Written } from '../journal.ts';
import { daysOfCase, device, type Simulation } from '../simulation.ts';
import { dmzAddress, type World, type WorldOptions } from '../world.ts';

/** The practice-software vendor: its machines, its logs and its ordinary days. */
export interface Vendor {
  readonly world: World;
  readonly gate: Fortigate;
  readonly maintenance: Openvpn;
  readonly windows: WindowsLog;
  readonly mail: MailPath;
  readonly front: WebFront;
  readonly devices: Readonly<
    Record<'traffic' | 'events' | 'openvpn' | 'postfix' | 'tracking' | 'windows' | 'nginx', Device>
  >;
}

const TECHNICIANS = 8;
/** Last octets of the published addresses. */
const PUBLIC = { mail: 33, web: 34 };
const MAINTENANCE_POOL = '10.8.0';

/** `proxySkew`: by how much the web proxy's clock is fast, in µs. */
const devicesOf = (sim: Simulation, proxySkew: number): Vendor['devices'] => {
  const traffic = device(sim, 'fortigate-traffic', 'firewall/fgt01-traffic', { plainFiles: 1 });
  const numbered = { rotation: 'numbered' as const };
  const utc = (skew: number): Clock => ({ zone: 'utc', skew });
  const tracking = { rotation: 'tracking' as const, extension: 'LOG', header: trackingHeader, clock: utc(300_000) };
  return {
    traffic,
    events: { ...traffic, name: 'fortigate-event', path: 'vpn/fgt01-event', plainFiles: 2 },
    openvpn: device(sim, 'openvpn', 'vpn/ovpn-maint', numbered),
    postfix: device(sim, 'postfix', 'mail/mail', numbered),
    tracking: device(sim, 'exchange-tracking', 'mail/MSGTRK', tracking),
    windows: device(sim, 'win-security', 'windows/security', {
      extension: 'json',
      plainFiles: 1,
      clock: utc(-200_000),
    }),
    nginx: device(sim, 'nginx', 'web/proxy-access', { ...numbered, clock: utc(proxySkew) }),
  };
};

/** The vendor's world: two published addresses and the technicians' pool lie in its DMZ. */
const worldOf = (sim: Simulation, options: WorldOptions): World => {
  const made = sim.company(options);
  const published = Object.values(PUBLIC).map((last) => `${made.publicNet}.${last}`);
  const inDmz = (address: string): boolean => address.startsWith(`${MAINTENANCE_POOL}.`) || published.includes(address);
  return { ...made, sideOf: (address) => (inDmz(address) ? 'dmz' : made.sideOf(address)) };
};

const mailOf = (sim: Simulation, world: World, devices: Vendor['devices'], gate: Fortigate): MailPath => {
  const { journal } = sim;
  const gatewayHost = { name: 'mx01', address: dmzAddress(world, 25) };
  const exchange = { server: world.servers.mail, domain: world.domain, gateway: gatewayHost };
  return {
    gatewayHost,
    firewall: gate,
    address: `${world.publicNet}.${PUBLIC.mail}`,
    gateway: new Postfix({ device: devices.postfix, journal, random: sim.random.fork('postfix'), hostname: 'mx01' }),
    exchange: new ExchangeTracking({
      ...exchange,
      device: devices.tracking,
      journal,
      random: sim.random.fork('exchange'),
    }),
  };
};

export const makeVendor = (sim: Simulation, options: WorldOptions, proxySkew: number): Vendor => {
  const { journal, random } = sim;
  const world = worldOf(sim, options);
  const devices = devicesOf(sim, proxySkew);
  const wall = { hostname: 'FGT01', gateway: world.gateway, sideOf: world.sideOf, vpnGroup: 'SSLVPN-Staff' };
  const gate = new Fortigate({
    ...wall,
    device: devices.traffic,
    events: devices.events,
    journal,
    random: random.fork('fortigate'),
  });
  const tunnel = {
    hostname: 'ovpn-maint',
    organisation: world.domain.split('.')[0] ?? 'vendor',
    network: '172.16.0.0 255.240.0.0',
  };
  return {
    world,
    devices,
    gate,
    maintenance: new Openvpn({
      ...tunnel,
      style: 'syslog',
      device: devices.openvpn,
      journal,
      random: random.fork('openvpn'),
    }),
    windows: new WindowsLog({
      device: devices.windows,
      journal,
      random: random.fork('windows'),
      world,
      style: 'winlogbeat',
    }),
    mail: mailOf(sim, world, devices, gate),
    front: { log: new AccessLog(devices.nginx, journal), firewall: gate, address: `${world.publicNet}.${PUBLIC.web}` },
  };
};

/** Technicians reach many practices by remote desktop, one after another: their job, and it looks like a sweep. */
const remoteMaintenance = (sim: Simulation, vendor: Vendor): Written[] => {
  const random = sim.random.fork('maintenance');
  const work = planRemoteWork(sim, vendor.world, {
    label: 'technicians',
    pool: MAINTENANCE_POOL,
    users: vendor.world.users.slice(2, 2 + TECHNICIANS),
    rate: 0.9,
    everyDay: true,
  });
  writeRemoteWork(work, vendor.maintenance);
  const practices = Array.from(
    { length: 90 },
    (_, i) => `172.${16 + (i % 12)}.${random.int(0, 250)}.${random.pick([10, 20, 50, 200])}`,
  );
  const lines: Written[] = [];
  for (const session of work.sessions) {
    const hours = (session.closed - session.opened) / HOUR;
    let time = session.opened + random.between(4, 20) * MINUTE;
    for (let i = random.poisson(hours * 2.2 * sim.noise); i > 0 && time < session.closed; i -= 1) {
      const seconds = random.logNormal(300, 0.9);
      lines.push(
        ...vendor.gate.flow(Math.round(time), {
          source: session.inner,
          destination: random.pick(practices),
          port: 3389,
          sent: Math.round(random.logNormal(4e5, 0.8)),
          received: Math.round(random.logNormal(5e6, 0.9)),
          seconds,
        }),
      );
      time += random.exponential(20) * MINUTE;
    }
  }
  return lines;
};

/** Release day: administrators change policies in the announced window. */
const administration = (sim: Simulation, vendor: Vendor): void => {
  const random = sim.random.fork('administration');
  for (const { noon, workday } of daysOfCase(sim)) {
    const admin = random.pick(vendor.world.admins);
    if (!workday || !random.chance(0.6)) continue;
    const ui = `https(${admin.workstation.address})`;
    const time = Math.round(wallTime(noon, random.between(9, 17)));
    vendor.gate.admin(time, { user: admin.login, from: admin.workstation.address, ui, to: '10.9.255.1', ok: true });
    for (let i = random.poisson(1.4); i > 0; i -= 1) {
      const object = String(random.pick([7, 14, 21, 33]));
      vendor.gate.config(time + random.int(1, 25) * MINUTE, {
        user: admin.login,
        ui,
        action: 'Edit',
        path: 'firewall.policy',
        object,
        attributes: random.pick(['service[HTTPS->HTTPS SMTP]', 'comments[->Ticket 2210]', 'logtraffic[utm->all]']),
      });
    }
  }
};

export interface OrdinaryDays {
  readonly remote: RemoteWork;
  readonly spray: Written[];
  readonly backup: { lines: Written[]; destination: string };
  readonly maintenance: Written[];
}

export const ordinaryDays = (sim: Simulation, vendor: Vendor, browsing: number): OrdinaryDays => {
  const { world, gate } = vendor;
  const remote = planRemoteWork(sim, world);
  writeRemoteWork(remote, gate);
  remoteTraffic(sim, world, remote, gate, 2);
  officeTraffic(sim, world, gate, browsing);
  scanning(sim, world, gate, 160);
  correspondence(sim, world, vendor.mail, 1.6);
  webTraffic(sim, world, vendor.front, { customersPerDay: 28, probesPerDay: 22, exchange: true });
  domainLife(sim, world, vendor.windows, gate, remote.sessions);
  administration(sim, vendor);
  knocking(sim, 12, (time, address) => vendor.maintenance.probe(time, address));
  const { traffic, openvpn, postfix, nginx } = vendor.devices;
  blemishes(sim, sim.journal, [traffic, openvpn, postfix, nginx]);
  return {
    remote,
    spray: vpnGuessing(sim, world, gate, 150),
    backup: nightlyBackup(sim, world, gate, 9e11),
    maintenance: remoteMaintenance(sim, vendor),
  };
};
