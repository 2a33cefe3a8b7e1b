import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { Leases } from '../benign/leases.ts';
import type { RemoteWork } from '../benign/vpn.ts';
import { wallTime } from '../clock.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import { before, decoy, fraction } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** From one morning on everybody has the new client and gets an address from the new pool. */
const migrate = (sim: Simulation, work: RemoteWork, pool: string, from: number): RemoteWork => {
  const leases = new Leases(pool, sim.random.fork('new pool'));
  const sessions = work.sessions.map((s) =>
    s.opened < from ? s : { ...s, inner: leases.take(s.opened, s.closed), clientVersion: 4 },
  );
  return { ...work, sessions, leases };
};

/** Half the company has to type a password it has not typed for months. */
const forgotten = (random: Random, office: Office, work: RemoteWork, from: number): Written[] => {
  const first = work.sessions.filter((s) => s.opened > from && s.opened < from + 3 * 24 * HOUR);
  return first.flatMap((s) => {
    const tries = random.chance(0.6) ? random.int(1, 9) : 0;
    const begin = s.opened - Math.round(tries * random.between(15, 60) * SECOND) - 2 * MINUTE;
    return Array.from({ length: tries }, (_, i) =>
      office.vpn.refuse(begin + Math.round((i + random.next()) * 15 * SECOND), s.user, s.address, true),
    ).flat();
  });
};

export const z04: Scenario = {
  id: 'Z04',
  title: 'Clean: new VPN clients and a new pool for everybody, hundreds of forgotten passwords',
  days: 30,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const old = anyOffice(sim, { firewall: 'asa', vpn: 'asa' });
    const from = Math.round(wallTime(before(sim, random, 120, 10), 5)) + fraction(random);
    const pool = old.world.vpnPool.replace(/\d+$/, (n) => String((Number(n) + random.int(1, 4)) % 255));
    const remote = migrate(sim, old.remote, pool, from);
    const office: Office = { ...old, remote };
    const failures = forgotten(random, office, remote, from);
    everyday(sim, office);
    return {
      expect: 'none',
      entry: null,
      chain: [],
      decoys: [decoy('wrong passwords after the migration', failures)],
      exfiltration: null,
      context: { vpnPools: [`${old.world.vpnPool}.0/24`, `${pool}.0/24`] },
    };
  },
};
