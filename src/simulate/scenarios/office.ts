import { scanning, vpnGuessing } from '../benign/noise.ts';
import { nightlyBackup, officeTraffic } from '../benign/traffic.ts';
import { planRemoteWork, type RemoteWork, remoteTraffic, writeRemoteWork } from '../benign/vpn.ts';
import { domainLife } from '../benign/windows.ts';
import type { Clock } from '../clock.ts';
import type { FirewallLog, VpnLog } from '../flow.ts';
import type { Fortigate } from '../formats/fortigate.ts';
import { WindowsLog } from '../formats/windows.ts';
import { bothOf, firewallOf, fortigate, type Gate, netfilter, openvpn, vpnOf } from '../gates.ts';
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

const inhabited = <F extends FirewallLog, V extends VpnLog>(
  sim: Simulation,
  world: World,
  firewall: Gate<F>,
  vpn: Gate<V>,
): Office<F, V> => {
  const windows = windowsOf(sim, world);
  return {
    world,
    firewall: firewall.log,
    vpn: vpn.log,
    windows: windows.log,
    remote: planRemoteWork(sim, world),
    devices: [...new Set([...firewall.devices, ...vpn.devices, windows.device])],
  };
};

/** FortiGate for both: the story needs it. */
export const fortigateOffice = (sim: Simulation, options: WorldOptions = {}): Office<Fortigate, Fortigate> => {
  const world = sim.company(options);
  const gate = fortigate(sim, world);
  return inhabited(sim, world, gate, gate);
};

/** A Linux router with netfilter and an OpenVPN server. */
export const linuxOffice = (
  sim: Simulation,
  options: WorldOptions = {},
  style: 'syslog' | 'file' = 'syslog',
  vpnClock?: Clock,
): Office => {
  const world = sim.company(options);
  return inhabited(sim, world, netfilter(sim, world), openvpn(sim, world, style, vpnClock));
};

/** The products are the caller's choice, else these; one box does both where they are the same. */
export const anyOffice = (
  sim: Simulation,
  usual: { readonly firewall: string; readonly vpn: string },
  options: WorldOptions = {},
): Office => {
  const world = sim.company(options);
  const [outer, inner] = [sim.product('firewall', usual.firewall), sim.product('vpn', usual.vpn)];
  const gate = outer === inner ? bothOf(sim, world, outer) : undefined;
  return inhabited(sim, world, gate ?? firewallOf(sim, world, outer), gate ?? vpnOf(sim, world, inner));
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
