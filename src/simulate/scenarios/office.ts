import { knocking, scanning, vpnGuessing } from '../benign/noise.ts';
import { nightlyBackup, officeTraffic } from '../benign/traffic.ts';
import { planRemoteWork, type RemoteWork, remoteTraffic, writeRemoteWork } from '../benign/vpn.ts';
import { domainLife } from '../benign/windows.ts';
import type { Clock } from '../clock.ts';
import type { FirewallLog, VpnLog } from '../flow.ts';
import { Asa } from '../formats/asa.ts';
import { Fortigate } from '../formats/fortigate.ts';
import { Netfilter } from '../formats/netfilter.ts';
import { Openvpn } from '../formats/openvpn.ts';
import { WindowsLog } from '../formats/windows.ts';
import type { Device, Written } from '../journal.ts';
import { device, type Simulation } from '../simulation.ts';
import type { World, WorldOptions } from '../world.ts';

/** A company of one site: a firewall, a way in from home, a Windows domain, and its ordinary days. */
export interface Office<Firewall extends FirewallLog = FirewallLog, Vpn extends VpnLog = VpnLog> {
  readonly world: World;
  readonly firewall: Firewall;
  readonly vpn: Vpn;
  readonly windows: WindowsLog;
  readonly remote: RemoteWork;
  readonly devices: readonly Device[];
}

const windowsOf = (sim: Simulation, world: World): { log: WindowsLog; device: Device } => {
  const style = sim.random.fork('windows style').pick(['winlogbeat', 'nxlog'] as const);
  // Winlogbeat states UTC; NXLog writes local time without a zone
  const clock: Clock = {
    zone: style === 'winlogbeat' ? 'utc' : 'berlin',
    skew: sim.random.fork('windows skew').int(-600_000, 600_000),
  };
  const kept = device(sim, 'win-security', 'windows/security', { extension: 'json', clock });
  const log = new WindowsLog({ device: kept, journal: sim.journal, random: sim.random.fork('windows'), world, style });
  return { log, device: kept };
};

/** FortiGate for both, its event log kept apart from its traffic log. */
export const fortigateOffice = (sim: Simulation, options: WorldOptions = {}): Office<Fortigate, Fortigate> => {
  const world = sim.company(options);
  const traffic = device(sim, 'fortigate-traffic', 'firewall/fgt-traffic');
  const events = { ...traffic, name: 'fortigate-event', path: 'vpn/fgt-event' };
  const gate = new Fortigate({
    device: traffic,
    events,
    journal: sim.journal,
    random: sim.random.fork('fortigate'),
    hostname: 'FGT-HQ',
    gateway: world.gateway,
    sideOf: world.sideOf,
    vpnGroup: 'VPN-Users',
  });
  const windows = windowsOf(sim, world);
  return {
    world,
    firewall: gate,
    vpn: gate,
    windows: windows.log,
    remote: planRemoteWork(sim, world),
    devices: [traffic, events, windows.device],
  };
};

/** Cisco ASA for both; traffic and VPN messages go to two files, as a syslog server sorts them. */
export const asaOffice = (sim: Simulation, options: WorldOptions = {}): Office<Asa, Asa> => {
  const world = sim.company(options);
  const traffic = device(sim, 'asa-traffic', 'firewall/asa-traffic');
  const events = { ...traffic, name: 'asa-vpn', path: 'vpn/asa-vpn' };
  const asa = new Asa({
    device: traffic,
    events,
    journal: sim.journal,
    random: sim.random.fork('asa'),
    hostname: 'asa-hq',
    gateway: world.gateway,
    sideOf: world.sideOf,
    vpnGroup: 'Staff',
    authServer: world.servers.dc1.address,
  });
  const windows = windowsOf(sim, world);
  return {
    world,
    firewall: asa,
    vpn: asa,
    windows: windows.log,
    remote: planRemoteWork(sim, world),
    devices: [traffic, events, windows.device],
  };
};

/** A Linux router with netfilter and an OpenVPN server. */
export const linuxOffice = (
  sim: Simulation,
  options: WorldOptions = {},
  style: 'syslog' | 'file' = 'syslog',
  vpnClock?: Clock,
): Office => {
  const world = sim.company(options);
  const kept = device(sim, 'firewall', 'firewall/gw', { rotation: 'numbered' });
  const vpnDevice = device(sim, 'vpn', 'vpn/openvpn', {
    rotation: 'numbered',
    ...(vpnClock === undefined ? {} : { clock: vpnClock }),
  });
  const firewall = new Netfilter({
    device: kept,
    journal: sim.journal,
    random: sim.random.fork('netfilter'),
    hostname: 'gw',
    gateway: world.gateway,
    sideOf: world.sideOf,
  });
  const net = world.servers.dc1.address.split('.')[1];
  const vpn = new Openvpn({
    device: vpnDevice,
    journal: sim.journal,
    random: sim.random.fork('openvpn'),
    hostname: 'vpn',
    organisation: world.domain.split('.')[0] ?? 'office',
    style,
    network: `10.${net}.0.0 255.255.0.0`,
  });
  knocking(sim, 20, (time, address) => vpn.probe(time, address));
  const windows = windowsOf(sim, world);
  return {
    world,
    firewall,
    vpn,
    windows: windows.log,
    remote: planRemoteWork(sim, world),
    devices: [kept, vpnDevice, windows.device],
  };
};

interface EverydayOptions {
  /** Guesses against the VPN per day. */
  readonly spray?: number;
  /** Bytes that the nightly backup sends away. */
  readonly backup?: number;
  readonly browsing?: number;
  readonly scans?: number;
}

/** Everything that would have happened anyway. */
export const everyday = (
  sim: Simulation,
  office: Office,
  options: EverydayOptions = {},
): { spray: Written[]; backup: Written[] } => {
  const { world, firewall, vpn, windows, remote } = office;
  writeRemoteWork(remote, vpn);
  remoteTraffic(sim, world, remote, firewall);
  officeTraffic(sim, world, firewall, options.browsing ?? 14);
  scanning(sim, world, firewall, options.scans ?? 120);
  domainLife(sim, world, windows, firewall, remote.sessions);
  return {
    spray: vpnGuessing(sim, world, vpn, options.spray ?? 90),
    backup: nightlyBackup(sim, world, firewall, options.backup ?? 6e11).lines,
  };
};
