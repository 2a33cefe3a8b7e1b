import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, mobileAddress, neighbour } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { FirewallLog, VpnLog, VpnSession } from '../flow.ts';
import type { Random } from '../random.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { User, World } from '../world.ts';
import { Leases } from './leases.ts';

/** Everyday remote work: who dials in when and from where, with the wrong passwords that belong to it. */

export interface RemoteWork {
  readonly sessions: VpnSession[];
  readonly failures: readonly { time: number; user: string; address: string }[];
  readonly leases: Leases;
}

/** The address a person dials in from on a day: home, the phone's hotspot, rarely a hotel. */
const addressOn = (random: Random, user: User): string => {
  const draw = random.next();
  if (draw < 0.84) return user.homeChanges ? neighbour(random, user.home) : user.home;
  if (draw < 0.975) return random.chance(0.7) ? user.mobile : mobileAddress(random);
  return foreignAddress(random);
};

const spansOf = (random: Random, noon: number, user: User): { opened: number; closed: number }[] => {
  const begin = wallTime(noon, user.begins) + random.normal(0, 9) * MINUTE;
  const end = wallTime(noon, user.ends) + random.normal(0, 25) * MINUTE;
  if (!random.chance(0.35)) return [{ opened: begin, closed: end }];
  const pause = wallTime(noon, random.between(11.5, 13.5));
  return [
    { opened: begin, closed: pause },
    { opened: pause + random.between(12, 50) * MINUTE, closed: end },
  ];
};

interface RemoteOptions {
  /** Tells one gateway's people from another's. */
  readonly label?: string;
  readonly pool?: string;
  /** Share of home-office days that lead to a dial-in. */
  readonly rate?: number;
  /** They dial in from the office too: the gateway leads elsewhere. */
  readonly everyDay?: boolean;
  readonly users?: readonly User[];
}

export const planRemoteWork = (sim: Simulation, world: World, options: RemoteOptions = {}): RemoteWork => {
  const random = sim.random.fork(options.label ?? 'remote work');
  const leases = new Leases(options.pool ?? world.vpnPool, random.fork('leases'));
  const sessions: VpnSession[] = [];
  const failures: { time: number; user: string; address: string }[] = [];
  const add = (user: User, opened: number, closed: number, address: string): void => {
    if (closed - opened < 3 * MINUTE || opened < sim.from || closed > sim.to) return;
    const [a, b] = [Math.round(opened), Math.round(closed)];
    const tries = random.chance(user.clumsiness) ? (random.chance(0.1) ? random.int(3, 6) : random.int(1, 2)) : 0;
    for (let i = tries; i > 0; i -= 1)
      failures.push({ time: a - Math.round(i * random.between(6, 22) * SECOND), user: user.login, address });
    const hours = (b - a) / HOUR;
    const [sent, received] = [
      Math.round(random.logNormal(9e6, 0.7) * hours),
      Math.round(random.logNormal(4e7, 0.8) * hours),
    ];
    sessions.push({
      user: user.login,
      address,
      inner: leases.take(a, b),
      opened: a,
      closed: b,
      sent,
      received,
      clientVersion: user.clientVersion,
    });
  };
  for (const { noon, weekday, workday } of daysOfCase(sim)) {
    for (const user of options.users ?? world.users) {
      const address = addressOn(random, user);
      if (
        workday &&
        (options.everyDay === true || user.homeDays.includes(weekday)) &&
        random.chance(options.rate ?? 0.75)
      ) {
        for (const span of spansOf(random, noon, user)) add(user, span.opened, span.closed, address);
      }
      // evenings and weekends: admins often, others now and then
      if (random.chance(user.admin ? 0.25 : 0.03)) {
        const opened = wallTime(noon, random.between(19, 22.5));
        add(user, opened, opened + random.logNormal(35, 0.6) * MINUTE, address);
      }
    }
  }
  return { sessions, failures, leases };
};

export const writeRemoteWork = (work: RemoteWork, vpn: VpnLog): void => {
  for (const f of work.failures) vpn.refuse(f.time, f.user, f.address, true);
  for (const session of work.sessions) {
    vpn.open(session);
    vpn.close(session);
  }
};

/** What people do through the tunnel: files, mail, terminal server; admins also reach servers by remote desktop. */
export const remoteTraffic = (
  sim: Simulation,
  world: World,
  work: RemoteWork,
  firewall: FirewallLog,
  perHour = 2.5,
): void => {
  const random = sim.random.fork('remote traffic');
  const { servers } = world;
  const usual = [
    [servers.files, 445],
    [servers.files, 445],
    [servers.mail, 443],
    [servers.mail, 443],
    [servers.terminal, 3389],
    [servers.app, 443],
    [servers.dc1, 389],
    [servers.dc2, 88],
  ] as const;
  for (const session of work.sessions) {
    const admin = world.admins.some((a) => a.login === session.user);
    const count = random.poisson(((session.closed - session.opened) / HOUR) * perHour * sim.noise);
    for (let i = 0; i < count; i += 1) {
      const [host, port] =
        admin && random.chance(0.3)
          ? ([random.pick(Object.values(servers)), random.pick([3389, 22, 443])] as const)
          : random.pick(usual);
      const time = Math.round(random.between(session.opened + 5 * SECOND, session.closed));
      const seconds = Math.min(random.logNormal(40, 1.3), (session.closed - time) / SECOND);
      firewall.flow(time, {
        source: session.inner,
        destination: host.address,
        port,
        sent: Math.round(random.logNormal(4e4, 1.6)),
        received: Math.round(random.logNormal(2e5, 1.8)),
        seconds,
        user: session.user,
      });
    }
  }
};
