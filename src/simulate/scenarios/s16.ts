import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import type { User } from '../world.ts';
import { anyone, before, decoy, fraction, takeDomain } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** A workstation that calls one place abroad at nearly equal intervals. */
const beacon = (sim: Simulation, random: Random, office: Office, victim: User, from: number): Written[] => {
  const destination = foreignAddress(random);
  const every = random.pick([60, 120, 300]) * random.between(0.9, 1.1) * SECOND;
  const lines: Written[] = [];
  for (let time = from; time < sim.anchor; time += Math.round(every * random.between(0.95, 1.05))) {
    const size = { sent: random.int(600, 1400), received: random.int(300, 2000), seconds: random.between(0.5, 3) };
    lines.push(...office.firewall.flow(time, { source: victim.workstation.address, destination, port: 443, ...size }));
  }
  return lines;
};

/** The director abroad: unusual and genuine. */
const abroad = (sim: Simulation, random: Random, office: Office, director: User): Written[] => {
  const opened = before(sim, random, 72, 8) + fraction(random);
  const closed = opened + Math.round(random.between(1, 3) * HOUR);
  const inner = office.remote.leases.take(opened, closed);
  const size = { sent: 8_100_442, received: 71_302_118 };
  const session = {
    user: director.login,
    address: foreignAddress(random),
    inner,
    opened,
    closed,
    ...size,
    clientVersion: director.clientVersion,
  };
  const lines = office.vpn.open(session);
  office.vpn.close(session);
  const mail = {
    source: inner,
    destination: office.world.servers.mail.address,
    port: 443,
    sent: 90_412,
    received: 2_104_877,
    seconds: 1900,
  };
  office.firewall.flow(opened + 4 * MINUTE, { ...mail, user: director.login });
  return lines;
};

export const s16: Scenario = {
  id: 'S16',
  title: 'The entry lies in an interval without logs',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'fortigate', vpn: 'fortigate' });
    const from = before(sim, random, 132, 6);
    const until = from + Math.round(random.between(33, 40) * HOUR);
    const victim = anyone(random, office.world);
    const calls = beacon(sim, random, office, victim, from + 9 * HOUR + fraction(random)).filter((l) => l.time > until);
    const { toFiles, toDc, damage } = takeDomain(sim, office, random, {
      account: random.pick(['adm-backup', 'adm-service']),
      from: victim.workstation,
      first: before(sim, random, 40, 6),
      wait: random.between(1, 8) * HOUR,
      hosts: 30,
    });
    const director = random.pick(office.world.users.filter((u) => u.login !== victim.login));
    const genuine = abroad(sim, random, office, director);
    everyday(sim, office);
    for (const d of office.devices.slice(0, 2)) sim.journal.silence(d, from, until);
    return {
      expect: 'undetermined',
      entry: null,
      chain: [
        { stage: 'command-and-control', technique: 'T1071.001', time: until, lines: calls.slice(0, 20) },
        toFiles,
        toDc,
        ...damage,
      ],
      decoys: [
        decoy('first beacon after the gap', calls.slice(0, 1)),
        decoy('genuine login of the director from abroad', genuine),
      ],
      exfiltration: { grade: 'cannot-be-excluded', bytes: null, destination: null },
    };
  },
};
