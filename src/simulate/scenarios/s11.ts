import { HOUR, MINUTE } from '../../core/time.ts';
import { wallTime } from '../clock.ts';
import type { Written } from '../journal.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import type { Host } from '../world.ts';
import { before, encrypt, fraction, hop } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** The partner's people look after the servers every working day. */
const routine = (sim: Simulation, office: Office, net: string, account: string): Written[] => {
  const random = sim.random.fork('partner');
  const people: Host[] = [11, 12, 15, 18].map((last) => ({ name: `MSP-WS${last}`, address: `${net}.${last}` }));
  const lines: Written[] = [];
  for (const { noon, workday } of daysOfCase(sim)) {
    for (let i = random.poisson(workday ? 9 : 0.4); i > 0; i -= 1) {
      const host = random.pick(Object.values(office.world.servers));
      lines.push(
        ...hop(office.world, random, Math.round(wallTime(noon, random.between(7, 18))), {
          firewall: office.firewall,
          windows: office.windows,
          host,
          from: random.pick(people),
          account,
          type: random.pick([3, 10, 10]),
          minutes: random.between(3, 60),
        }).lines,
      );
    }
  }
  return lines;
};

export const s11: Scenario = {
  id: 'S11',
  title: 'Through the tunnel of a service partner',
  days: 16,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'fortigate', vpn: 'fortigate' });
    const { world, firewall, windows } = office;
    const net = `172.20.${random.int(2, 60)}`;
    const account = 'msp-admin';
    const usual = routine(sim, office, net, account);
    const stranger = {
      name: `${random.pick(['WIN', 'DESKTOP'])}-${random.letters(8).toUpperCase()}`,
      address: `${net}.${random.int(30, 90)}`,
    };
    const night = Math.round(wallTime(before(sim, random, 72, 8), random.between(1.5, 4))) + fraction(random);
    const first = firewall.flow(night, {
      source: stranger.address,
      destination: world.servers.hypervisor.address,
      port: 443,
      sent: 610_000,
      received: 4_200_000,
      seconds: random.int(300, 1500),
    });
    const toDc = hop(office.world, random, night + random.int(3, 20) * MINUTE, {
      firewall,
      windows,
      host: world.servers.dc1,
      from: stranger,
      account,
      type: 3,
    });
    const toBackup = hop(office.world, random, toDc.time + Math.round(random.between(0.3, 3) * HOUR), {
      firewall,
      windows,
      host: world.servers.backup,
      from: stranger,
      account,
      type: 10,
    });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 35, from: world.servers.dc1 });
    everyday(sim, office);
    return {
      expect: 'upstream',
      entry: { vector: 'partner-access', technique: 'T1199', origin: 'partner', time: night, lines: first },
      accept: toDc.lines,
      chain: [{ stage: 'initial-access', technique: 'T1199', time: night, lines: first }, toDc, toBackup, ...damage],
      decoys: [{ what: 'daily work of the partner', lines: usual.slice(0, 20) }],
      exfiltration: null,
      context: { partners: [{ name: 'managed service partner', source: `${net}.0/24` }] },
    };
  },
};
