import { DAY, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, neighbour, prefix24 } from '../addresses.ts';
import type { FirewallLog, VpnLog } from '../flow.ts';
import type { Written } from '../journal.ts';
import type { Simulation } from '../simulation.ts';
import type { World } from '../world.ts';

/** The internet's background: scanners and password guessers that every public address sees. */

const SCANNED = [
  22, 23, 23, 80, 443, 445, 1433, 2323, 3306, 3389, 3389, 5060, 5900, 6379, 8080, 8443, 8728, 9200, 37215,
];
const GUESSED =
  'admin,test,user,vpn,guest,info,administrator,support,backup,scanner,service,sales,office,root,temp,training,cisco,sophos,helpdesk,kasse,empfang,praktikant,azubi,m.mueller,a.schmidt,t.schneider,s.fischer,m.weber,j.meyer'.split(
    ',',
  );

export const scanning = (sim: Simulation, world: World, firewall: FirewallLog, perDay = 120): void => {
  const random = sim.random.fork('scanning');
  const regulars = Array.from({ length: 60 }, () => foreignAddress(random));
  const count = random.poisson(((sim.to - sim.from) / DAY) * perDay * sim.noise);
  for (let i = 0; i < count; i += 1) {
    const source = random.chance(0.5)
      ? (regulars[Math.floor(random.next() ** 2 * regulars.length)] as string)
      : foreignAddress(random);
    const destination = random.chance(0.6) ? world.gateway : `${world.publicNet}.${random.int(1, 30)}`;
    firewall.deny(Math.round(random.between(sim.from, sim.to)), {
      source,
      destination,
      port: random.pick(SCANNED),
      sent: 0,
      received: 0,
      seconds: 0,
      sourcePort: random.int(1025, 65000),
    });
  }
};

/** When a guesser works: bursts of some minutes to hours, then silence. */
const bursts = (sim: Simulation, label: string, total: number, size: number): { time: number; source: number }[] => {
  const random = sim.random.fork(label);
  const moments: { time: number; source: number }[] = [];
  while (moments.length < total) {
    let time = random.between(sim.from, sim.to);
    const source = random.int(0, 1e6);
    for (let n = Math.ceil(random.exponential(size)); n > 0 && moments.length < total && time < sim.to; n -= 1) {
      moments.push({ time: Math.round(time), source });
      time += random.exponential(25) * SECOND;
    }
  }
  return moments;
};

/** Password guessing on the VPN gateway from a few networks; nearly all names do not exist. Returns its lines. */
export const vpnGuessing = (sim: Simulation, world: World, vpn: VpnLog, perDay = 90): Written[] => {
  const random = sim.random.fork('vpn guessing');
  const networks = Array.from({ length: random.int(3, 5) }, () => prefix24(foreignAddress(random)));
  const total = random.poisson(((sim.to - sim.from) / DAY) * perDay * sim.noise);
  return bursts(sim, 'vpn bursts', total, 30).flatMap(({ time, source }) => {
    const known = random.chance(0.03);
    const user = known ? random.pick(world.users).login : random.pick(GUESSED);
    return vpn.refuse(time, user, `${networks[source % networks.length]}.${random.int(2, 250)}`, known);
  });
};

/** Strangers that knock at a port and say nothing useful. */
export const knocking = (sim: Simulation, perDay: number, probe: (time: number, address: string) => void): void => {
  const random = sim.random.fork('knocking');
  const count = Math.round(((sim.to - sim.from) / DAY) * perDay);
  for (let i = 0; i < count; i += 1) probe(Math.round(random.between(sim.from, sim.to)), foreignAddress(random));
};

/** Password guessing against a service that takes user name and address, e.g. SSH; `refuse` writes one failure. */
export const serviceGuessing = (
  sim: Simulation,
  label: string,
  perDay: number,
  refuse: (time: number, user: string, address: string) => void,
): void => {
  const random = sim.random.fork(label);
  const sources = Array.from({ length: 40 }, () => foreignAddress(random));
  const total = random.poisson(((sim.to - sim.from) / DAY) * perDay * sim.noise);
  for (const { time, source } of bursts(sim, `${label} bursts`, total, 60)) {
    const user = random.chance(0.6) ? 'root' : random.pick(GUESSED);
    refuse(time + random.int(0, 999_999), user, sources[source % sources.length] as string);
  }
};

/** A phone or scanner that still has the old password: steady failures from one or two places. */
export const staleClient = (
  sim: Simulation,
  label: string,
  home: string,
  everyMinutes: number,
  refuse: (time: number, address: string) => Written[],
): Written[] => {
  const random = sim.random.fork(label);
  const lines: Written[] = [];
  let address = home;
  for (
    let time = sim.from + random.int(0, 30) * MINUTE;
    time < sim.to;
    time += Math.round(random.between(0.7, 1.3) * everyMinutes * MINUTE)
  ) {
    if (random.chance(0.01)) address = neighbour(random, home);
    lines.push(...refuse(time, address));
  }
  return lines;
};
