import { MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, neighbour, serviceAddress } from '../addresses.ts';
import type { Scenario } from '../story.ts';
import { before, carryOff, encrypt, guess, hop, initial, machine, sweep, visit } from './intrusion.ts';
import { everyday, fortigateOffice } from './office.ts';

export const s01: Scenario = {
  id: 'S01',
  title: 'SSL-VPN guessing without a second factor, then ransomware',
  days: 14,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = fortigateOffice(sim);
    const { world, firewall, vpn, windows, remote } = office;
    const user = random.pick(world.users.filter((u) => !u.admin)).login;
    const address = foreignAddress(random);
    const guessing = guess(
      random,
      vpn,
      before(sim, random, 98, 9),
      { user, address },
      random.int(22, 60),
      random.between(12, 35),
    );
    const entry = visit(random, vpn, remote.leases, guessing.until + random.int(5, 90) * SECOND, {
      user,
      address,
      hours: random.between(1.5, 4),
      clientVersion: 0,
    });
    const scan = sweep(world, firewall, random, entry.time + random.int(4, 35) * MINUTE, entry.session.inner, {
      hosts: random.int(90, 220),
      minutes: random.between(4, 11),
      user,
    });

    const back = visit(random, vpn, remote.leases, before(sim, random, 72, 6), {
      user,
      address: random.chance(0.5) ? address : neighbour(random, address),
      hours: 4,
      clientVersion: 0,
    });
    const { files, dc1 } = world.servers;
    const account = random.pick(['adm-backup', 'adm-service', 'adm-install']);
    const toFiles = hop(world, random, back.time + random.int(10, 40) * MINUTE, {
      firewall,
      windows,
      host: files,
      from: machine(random, back.session.inner),
      account,
      user,
    });
    const toDc = hop(world, random, toFiles.time + random.int(12, 90) * MINUTE, {
      windows,
      host: dc1,
      from: files,
      account,
    });
    const destination = random.chance(0.5) ? foreignAddress(random) : serviceAddress(random);
    const out = carryOff(firewall, random, before(sim, random, 9.5, 1.5), {
      source: files.address,
      destination,
      bytes: random.logNormal(2.1e11, 0.3),
      hours: random.between(4, 7),
    });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 40, from: dc1 });
    const { spray, backup } = everyday(sim, office, { spray: 220, backup: 9e11 });

    return {
      expect: 'ranked',
      entry: {
        vector: 'vpn-guessed-password',
        technique: 'T1110.001',
        origin: 'external',
        time: entry.time,
        lines: entry.lines,
      },
      chain: [guessing.act, initial(entry), scan, back, toFiles, toDc, out, ...damage],
      decoys: [
        { what: 'password spraying on the VPN gateway, far louder than the attack', lines: spray.slice(0, 20) },
        { what: 'nightly backup to cloud storage', lines: backup.slice(0, 20) },
        { what: 'first remote desktop session on the domain controller', lines: toDc.lines },
      ],
      exfiltration: { grade: 'shown', bytes: out.bytes, destination },
    };
  },
};
