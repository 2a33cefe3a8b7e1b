import { MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, neighbour, serviceAddress } from '../addresses.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import {
  anyone,
  before,
  carryOff,
  decoy,
  entryOf,
  guess,
  initial,
  machine,
  sweep,
  takeDomain,
  visit,
} from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

type Visit = ReturnType<typeof visit>;

/** Guessing, login, a look around; the next day he is back. */
const breakIn = (
  sim: Simulation,
  random: Random,
  office: Office,
): { user: string; guessing: Act; entry: Visit; scan: Act; back: Visit } => {
  const { world, firewall, vpn, remote } = office;
  const user = anyone(random, world).login;
  const address = foreignAddress(random);
  const { act, until } = guess(
    random,
    vpn,
    before(sim, random, 98, 9),
    { user, address },
    random.int(22, 60),
    random.between(12, 35),
  );
  const who = { user, address, hours: random.between(1.5, 4), clientVersion: 0 };
  const entry = visit(random, vpn, remote.leases, until + random.int(5, 90) * SECOND, who);
  const extent = { hosts: random.int(90, 220), minutes: random.between(4, 11), user };
  const scan = sweep(world, firewall, random, entry.time + random.int(4, 35) * MINUTE, entry.session.inner, extent);
  const again = { ...who, address: random.chance(0.5) ? address : neighbour(random, address), hours: 4 };
  const back = visit(random, vpn, remote.leases, before(sim, random, 72, 6), again);
  return { user, guessing: act, entry, scan, back };
};

export const s01: Scenario = {
  id: 'S01',
  title: 'SSL-VPN guessing without a second factor, then ransomware',
  days: 14,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'fortigate', vpn: 'fortigate' });
    const { user, guessing, entry, scan, back } = breakIn(sim, random, office);
    const { toFiles, toDc, damage } = takeDomain(sim, office, random, {
      account: random.pick(['adm-backup', 'adm-service', 'adm-install']),
      from: machine(random, back.session.inner),
      user,
      first: back.time + random.int(10, 40) * MINUTE,
      wait: random.between(12, 90) * MINUTE,
      hosts: 40,
    });
    const destination = random.chance(0.5) ? foreignAddress(random) : serviceAddress(random);
    const load = {
      source: office.world.servers.files.address,
      destination,
      bytes: random.logNormal(2.1e11, 0.3),
      hours: random.between(4, 7),
    };
    const out = carryOff(office.firewall, random, before(sim, random, 9.5, 1.5), load);
    const { spray, backup } = everyday(sim, office, { spray: 220, backup: 9e11 });
    return {
      expect: 'ranked',
      entry: entryOf(entry, 'vpn-guessed-password', 'T1110.001'),
      chain: [guessing, initial(entry), scan, back, toFiles, toDc, out, ...damage],
      decoys: [
        decoy('password spraying on the VPN gateway, far louder than the attack', spray),
        decoy('nightly backup to cloud storage', backup),
        decoy('first remote desktop session on the domain controller', toDc.lines),
      ],
      exfiltration: { grade: 'shown', bytes: out.bytes, destination },
    };
  },
};
