import { knocking } from './benign/noise.ts';
import type { Clock } from './clock.ts';
import type { FirewallLog, VpnLog } from './flow.ts';
import { Asa } from './formats/asa.ts';
import { Fortigate } from './formats/fortigate.ts';
import { Netfilter } from './formats/netfilter.ts';
import { Openvpn } from './formats/openvpn.ts';
import { Panos } from './formats/panos.ts';
import { Sophos } from './formats/sophos.ts';
import type { Device } from './journal.ts';
import { device, type Simulation } from './simulation.ts';
import type { World } from './world.ts';

/** What stands between the company and the world, or lets its people in. */
export interface Gate<Log> {
  readonly log: Log;
  readonly devices: readonly Device[];
}

/** Its event log is kept apart from its traffic log. */
export const fortigate = (sim: Simulation, world: World): Gate<Fortigate> => {
  const traffic = device(sim, 'fortigate-traffic', 'firewall/fgt-traffic');
  const events = { ...traffic, name: 'fortigate-event', path: 'vpn/fgt-event' };
  const log = new Fortigate({
    device: traffic,
    events,
    journal: sim.journal,
    random: sim.random.fork('fortigate'),
    hostname: 'FGT-HQ',
    gateway: world.gateway,
    sideOf: world.sideOf,
    vpnGroup: 'VPN-Users',
  });
  return { log, devices: [traffic, events] };
};

/** Traffic and VPN messages go to two files, as a syslog server sorts them. */
const asa = (sim: Simulation, world: World): Gate<Asa> => {
  const traffic = device(sim, 'asa-traffic', 'firewall/asa-traffic');
  const events = { ...traffic, name: 'asa-vpn', path: 'vpn/asa-vpn' };
  const log = new Asa({
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
  return { log, devices: [traffic, events] };
};

const panos = (sim: Simulation, world: World): Gate<Panos> => {
  const traffic = device(sim, 'panos-traffic', 'firewall/pa-traffic');
  const events = { ...traffic, name: 'panos-globalprotect', path: 'vpn/pa-globalprotect' };
  const log = new Panos({
    device: traffic,
    events,
    journal: sim.journal,
    random: sim.random.fork('panos'),
    hostname: 'pa-hq',
    gateway: world.gateway,
    sideOf: world.sideOf,
  });
  return { log, devices: [traffic, events] };
};

const sophos = (sim: Simulation, world: World): Gate<Sophos> => {
  const traffic = device(sim, 'sophos-firewall', 'firewall/xgs-firewall');
  const events = { ...traffic, name: 'sophos-sslvpn', path: 'vpn/xgs-sslvpn' };
  const log = new Sophos({
    device: traffic,
    events,
    journal: sim.journal,
    random: sim.random.fork('sophos'),
    gateway: world.gateway,
    sideOf: world.sideOf,
  });
  return { log, devices: [traffic, events] };
};

export const netfilter = (sim: Simulation, world: World): Gate<Netfilter> => {
  const kept = device(sim, 'firewall', 'firewall/gw', { rotation: 'numbered' });
  const log = new Netfilter({
    device: kept,
    journal: sim.journal,
    random: sim.random.fork('netfilter'),
    hostname: 'gw',
    gateway: world.gateway,
    sideOf: world.sideOf,
  });
  return { log, devices: [kept] };
};

export const openvpn = (
  sim: Simulation,
  world: World,
  style: 'syslog' | 'file' = 'syslog',
  clock?: Clock,
): Gate<Openvpn> => {
  const kept = device(sim, 'vpn', 'vpn/openvpn', {
    rotation: 'numbered',
    ...(clock === undefined ? {} : { clock }),
  });
  const net = world.servers.dc1.address.split('.')[1];
  const log = new Openvpn({
    device: kept,
    journal: sim.journal,
    random: sim.random.fork('openvpn'),
    hostname: 'vpn',
    organisation: world.domain.split('.')[0] ?? 'office',
    style,
    network: `10.${net}.0.0 255.255.0.0`,
  });
  knocking(sim, 20, (time, address) => log.probe(time, address));
  return { log, devices: [kept] };
};

/** One box for both roles. */
const BOTH: Readonly<Record<string, (sim: Simulation, world: World) => Gate<FirewallLog & VpnLog>>> = {
  fortigate,
  asa,
  panos,
  sophos,
};
const FIREWALLS: Readonly<Record<string, (sim: Simulation, world: World) => Gate<FirewallLog>>> = {
  ...BOTH,
  netfilter,
};
const VPNS: Readonly<Record<string, (sim: Simulation, world: World) => Gate<VpnLog>>> = { ...BOTH, openvpn };

/** Products by the role that they can have in a simulated company. */
export const PRODUCTS = { firewall: Object.keys(FIREWALLS), vpn: Object.keys(VPNS) } as const;

const made = <T>(of: Readonly<Record<string, (sim: Simulation, world: World) => T>>, product: string) => {
  const make = of[product];
  if (make === undefined) throw new Error(`no ${product} for this role`);
  return make;
};

/** Undefined where the product has one of the roles only. */
export const bothOf = (sim: Simulation, world: World, product: string): Gate<FirewallLog & VpnLog> | undefined =>
  BOTH[product]?.(sim, world);
export const firewallOf = (sim: Simulation, world: World, product: string): Gate<FirewallLog> =>
  made(FIREWALLS, product)(sim, world);
export const vpnOf = (sim: Simulation, world: World, product: string): Gate<VpnLog> => made(VPNS, product)(sim, world);
