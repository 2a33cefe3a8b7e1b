import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import type { Written } from '../journal.ts';
import type { Scenario } from '../story.ts';
import { before, encrypt, fraction, hop } from './intrusion.ts';
import { everyday, fortigateOffice } from './office.ts';

export const s16: Scenario = {
  id: 'S16',
  title: 'The entry lies in an interval without logs',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = fortigateOffice(sim);
    const { world, firewall, vpn, windows, remote } = office;
    const from = before(sim, random, 132, 6);
    const until = from + Math.round(random.between(33, 40) * HOUR);
    const victim = random.pick(world.users.filter((u) => !u.admin));
    const destination = foreignAddress(random);
    const calls: Written[] = [];
    const every = random.pick([60, 120, 300]) * random.between(0.9, 1.1) * SECOND;
    for (let time = from + 9 * HOUR; time < sim.anchor; time += Math.round(every * random.between(0.95, 1.05))) {
      const lines = firewall.flow(time, {
        source: victim.workstation.address,
        destination,
        port: 443,
        sent: random.int(600, 1400),
        received: random.int(300, 2000),
        seconds: random.between(0.5, 3),
      });
      if (time > until) calls.push(...lines);
    }
    const account = random.pick(['adm-backup', 'adm-service']);
    const toFiles = hop(world, random, before(sim, random, 40, 6), {
      firewall,
      windows,
      host: world.servers.files,
      from: victim.workstation,
      account,
    });
    const toDc = hop(world, random, toFiles.time + Math.round(random.between(1, 8) * HOUR), {
      windows,
      host: world.servers.dc1,
      from: world.servers.files,
      account,
    });
    const director = random.pick(world.users.filter((u) => u.login !== victim.login));
    const opened = before(sim, random, 72, 8) + fraction(random);
    const closed = opened + Math.round(random.between(1, 3) * HOUR);
    const session = {
      user: director.login,
      address: foreignAddress(random),
      inner: remote.leases.take(opened, closed),
      opened,
      closed,
      sent: 8_000_000,
      received: 71_000_000,
      clientVersion: director.clientVersion,
    };
    const abroad = vpn.open(session);
    vpn.close(session);
    firewall.flow(opened + 4 * MINUTE, {
      source: session.inner,
      destination: world.servers.mail.address,
      port: 443,
      sent: 90_000,
      received: 2_100_000,
      seconds: 1900,
      user: director.login,
    });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 30, from: world.servers.dc1 });
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
        { what: 'first beacon after the gap', lines: calls.slice(0, 1) },
        { what: 'genuine login of the director from abroad', lines: abroad },
      ],
      exfiltration: { grade: 'cannot-be-excluded', bytes: null, destination: null },
    };
  },
};
