import { HOUR, MINUTE } from '../../core/time.ts';
import { foreignAddress, serviceAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { FirewallLog } from '../flow.ts';
import type { Written } from '../journal.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { User, World } from '../world.ts';

/** The office: browsing, name resolution, files, updates. */

const bytes = (value: number): number => Math.max(120, Math.round(value));

/** A small number of destinations takes most of the traffic, a long tail the rest. */
const destinations = (sim: Simulation): ((draw: number) => string) => {
  const random = sim.random.fork('destinations');
  const known = Array.from({ length: 140 }, () => serviceAddress(random));
  return (draw) => known[Math.floor(draw ** 2.2 * known.length)] as string;
};

const browsing = (sim: Simulation, world: World, firewall: FirewallLog, perUser: number): void => {
  const random = sim.random.fork('browsing');
  const destination = destinations(sim);
  for (const { noon, weekday, workday } of daysOfCase(sim)) {
    const present = workday
      ? world.users.filter((u) => !u.homeDays.includes(weekday) && random.chance(0.9))
      : world.users.filter(() => random.chance(0.02));
    for (const user of present) {
      const count = random.poisson(perUser * sim.noise);
      for (let i = 0; i < count; i += 1) {
        const time = Math.round(wallTime(noon, random.between(user.begins, user.ends)));
        const target = random.chance(0.03) ? foreignAddress(random) : destination(random.next());
        const upload = random.chance(0.01) ? random.logNormal(2e7, 1) : random.logNormal(2600, 1.1);
        firewall.flow(time, {
          source: user.workstation.address,
          destination: target,
          port: random.chance(0.93) ? 443 : 80,
          sent: bytes(upload),
          received: bytes(random.logNormal(21_000, 1.7)),
          seconds: random.logNormal(14, 1.3),
        });
      }
    }
  }
};

const inside = (sim: Simulation, world: World, firewall: FirewallLog, perUser: number): void => {
  const random = sim.random.fork('inside');
  const { servers } = world;
  const usual = [
    [servers.files, 445],
    [servers.mail, 443],
    [servers.app, 443],
    [servers.dc1, 88],
    [servers.dc1, 389],
    [servers.dc2, 53],
  ] as const;
  const flow = (user: User, time: number, address: string, port: number): Written[] =>
    firewall.flow(Math.round(time), {
      source: user.workstation.address,
      destination: address,
      port,
      sent: bytes(random.logNormal(3e4, 1.6)),
      received: bytes(random.logNormal(1.2e5, 1.8)),
      seconds: random.logNormal(30, 1.4),
      ...(port === 53 ? { protocol: 'udp' as const } : {}),
    });
  for (const { noon, weekday, workday } of daysOfCase(sim)) {
    if (!workday) continue;
    for (const user of world.users.filter((u) => !u.homeDays.includes(weekday))) {
      for (let i = random.poisson(perUser * sim.noise); i > 0; i -= 1) {
        const [host, port] = random.pick(usual);
        flow(user, wallTime(noon, random.between(user.begins, user.ends)), host.address, port);
      }
      if (user.admin)
        for (let i = random.poisson(4); i > 0; i -= 1)
          flow(
            user,
            wallTime(noon, random.between(user.begins, user.ends)),
            random.pick(Object.values(servers)).address,
            random.pick([3389, 3389, 443, 22]),
          );
    }
  }
};

const serverTraffic = (sim: Simulation, world: World, firewall: FirewallLog): void => {
  const random = sim.random.fork('servers');
  const resolvers = [serviceAddress(random), serviceAddress(random)];
  const updates = [serviceAddress(random), serviceAddress(random), serviceAddress(random)];
  for (const { noon } of daysOfCase(sim)) {
    const at = (hour: number): number => Math.round(wallTime(noon, hour));
    for (let i = random.poisson(70 * sim.noise); i > 0; i -= 1) {
      const dc = random.pick([world.servers.dc1, world.servers.dc2]);
      firewall.flow(at(random.between(0, 24)), {
        source: dc.address,
        destination: random.pick(resolvers),
        port: 53,
        protocol: 'udp',
        sent: random.int(58, 110),
        received: random.int(90, 480),
        seconds: random.int(1, 180),
      });
    }
    for (const host of Object.values(world.servers)) {
      if (!random.chance(0.6)) continue;
      firewall.flow(at(random.between(1, 6)), {
        source: host.address,
        destination: random.pick(updates),
        port: 443,
        sent: bytes(random.logNormal(9000, 0.8)),
        received: bytes(random.logNormal(4e6, 1.4)),
        seconds: random.logNormal(40, 0.8),
      });
    }
  }
};

export const officeTraffic = (sim: Simulation, world: World, firewall: FirewallLog, perUser = 9): void => {
  browsing(sim, world, firewall, perUser);
  inside(sim, world, firewall, perUser / 4);
  serverTraffic(sim, world, firewall);
};

/** The nightly backup to a provider's storage; returns its flows. `median` in bytes per night. */
export const nightlyBackup = (
  sim: Simulation,
  world: World,
  firewall: FirewallLog,
  median: number,
): { lines: Written[]; destination: string } => {
  const random = sim.random.fork('backup');
  const destination = serviceAddress(random);
  const hour = random.between(19.5, 23.5);
  const lines: Written[] = [];
  for (const { noon } of daysOfCase(sim)) {
    const parts = random.int(3, 6);
    let time = wallTime(noon, hour) + random.between(0, 20) * MINUTE;
    const share = random.logNormal(median, 0.12) / parts;
    for (let i = 0; i < parts; i += 1) {
      const seconds = random.between(0.6, 1.6) * 3600;
      if (time > sim.from && time + seconds * 1e6 < sim.to) {
        lines.push(
          ...firewall.flow(Math.round(time), {
            source: world.servers.backup.address,
            destination,
            port: 443,
            sent: bytes(share * random.between(0.8, 1.2)),
            received: bytes((share / 90) * random.between(0.8, 1.2)),
            seconds,
          }),
        );
      }
      time += seconds * 1e6 + random.between(1, 60) * 1e6;
    }
    for (const host of [world.servers.files, world.servers.database, world.servers.mail]) {
      const start = Math.round(wallTime(noon, hour) - random.between(1, 2) * HOUR);
      firewall.flow(start, {
        source: world.servers.backup.address,
        destination: host.address,
        port: 10005,
        sent: bytes(random.logNormal(5e7, 0.3)),
        received: bytes(random.logNormal(3e10, 0.4)),
        seconds: random.between(900, 3500),
      });
    }
  }
  return { lines, destination };
};
