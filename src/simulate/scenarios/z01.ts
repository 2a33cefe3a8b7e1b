import { HOUR, isoOf, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import { pentest } from '../benign/pentest.ts';
import { webTraffic } from '../benign/web.ts';
import { civil, dateOf, WALL, wallTime } from '../clock.ts';
import { AccessLog } from '../formats/access.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { device, type Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import { before, fraction } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** A colleague on a business trip: evenings at a hotel abroad. */
const trip = (
  sim: Simulation,
  random: Random,
  office: Office,
): { lines: Written[]; user: string; from: number; to: number } => {
  const user = random.pick(office.world.users.filter((u) => !u.admin));
  const hotel = foreignAddress(random);
  const first = wallTime(before(sim, random, 120, 20), 12);
  const lines: Written[] = [];
  for (let evening = 0; evening < 3; evening += 1) {
    const opened = Math.round(wallTime(first + evening * 24 * HOUR, random.between(18, 22))) + fraction(random);
    const closed = opened + Math.round(random.between(0.5, 2) * HOUR);
    if (random.chance(0.5)) office.vpn.refuse(opened - 15 * SECOND, user.login, hotel, true);
    const session = {
      user: user.login,
      address: hotel,
      inner: office.remote.leases.take(opened, closed),
      opened,
      closed,
      sent: 11_000_000,
      received: 83_000_000,
      clientVersion: user.clientVersion,
    };
    lines.push(...office.vpn.open(session));
    office.vpn.close(session);
    office.firewall.flow(opened + 5 * MINUTE, {
      source: session.inner,
      destination: office.world.servers.files.address,
      port: 445,
      sent: 220_000,
      received: 4_100_000,
      seconds: 900,
      user: user.login,
    });
  }
  return { lines, user: user.login, from: first, to: first + 72 * HOUR };
};

export const z01: Scenario = {
  id: 'Z01',
  title: 'Clean: internet scanning, a travelling employee, an announced penetration test',
  days: 30,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'fortigate', vpn: 'fortigate' });
    const log = new AccessLog(device(sim, 'nginx', 'web/portal-access', { rotation: 'numbered' }), sim.journal);
    webTraffic(
      sim,
      office.world,
      { log, firewall: office.firewall, address: `${office.world.publicNet}.34` },
      { customersPerDay: 20, probesPerDay: 30, exchange: false },
    );
    const test = pentest(
      random,
      office.world,
      office.firewall,
      log,
      Math.round(wallTime(before(sim, random, 160, 20), 9)) + fraction(random),
    );
    const travel = trip(sim, random, office);
    const { spray, backup } = everyday(sim, office, { spray: 180, scans: 260 });
    const start = test.to - 32 * HOUR;
    return {
      expect: 'none',
      entry: null,
      chain: [],
      decoys: [
        { what: 'announced penetration test', lines: test.lines.slice(0, 20) },
        { what: 'employee on a business trip', lines: travel.lines },
        { what: 'password spraying without success', lines: spray.slice(0, 20) },
        { what: 'nightly backup', lines: backup.slice(0, 20) },
      ],
      exfiltration: null,
      context: {
        pentests: [{ source: `${test.source}/32`, from: isoOf(start), to: isoOf(test.to) }],
        travel: [
          {
            user: travel.user,
            from: dateOf(civil(WALL, travel.from)),
            to: dateOf(civil(WALL, travel.to)),
            countries: [],
          },
        ],
      },
    };
  },
};
