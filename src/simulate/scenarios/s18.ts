import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { mobileAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { VpnSession } from '../flow.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import type { User } from '../world.ts';
import { before, decoy, encrypt, entryOf, fraction, hop, machine, sweep } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** Many colleagues behind the same carrier address as the intruder. */
const neighbours = (sim: Simulation, random: Random, office: Office, address: string): Written[] => {
  const lines: Written[] = [];
  for (const user of random.sample(office.world.users, 35)) {
    const opened = Math.round(wallTime(before(sim, random, 100, 80), random.between(7, 20))) + fraction(random);
    const closed = opened + Math.round(random.between(0.2, 1.5) * HOUR);
    const session = {
      user: user.login,
      address,
      inner: office.remote.leases.take(opened, closed),
      opened,
      closed,
      sent: Math.round(random.logNormal(4e6, 0.8)),
      received: Math.round(random.logNormal(3e7, 0.8)),
      clientVersion: user.clientVersion,
    };
    lines.push(...office.vpn.open(session).slice(0, 1));
    office.vpn.close(session);
  }
  return lines;
};

interface Reuse {
  readonly session: VpnSession;
  readonly lines: Written[];
  readonly later: Written[];
  readonly innocent: string;
}

/** The intruder's session, and minutes after its end a colleague's with the same inner address. */
const reuse = (sim: Simulation, random: Random, office: Office): Reuse => {
  const { world, vpn, remote, firewall } = office;
  const [a, b] = random.sample(
    world.users.filter((u) => !u.admin),
    2,
  ) as [User, User];
  const inner = `${world.vpnPool}.${random.int(30, 60)}`;
  const opened = before(sim, random, 26, 2) + fraction(random);
  const closed = opened + Math.round(random.between(45, 60) * MINUTE);
  remote.leases.hold(inner, opened, closed);
  const session: VpnSession = {
    user: a.login,
    address: mobileAddress(random),
    inner,
    opened,
    closed,
    sent: random.int(2e7, 3e7),
    received: random.int(8e7, 2e8),
    clientVersion: random.int(0, 4),
  };
  const lines = vpn.open(session);
  vpn.close(session);
  const next = closed + Math.round(random.between(200, 290) * SECOND);
  const end = next + Math.round(random.between(0.7, 2) * HOUR);
  remote.leases.hold(inner, next, end);
  const innocent: VpnSession = {
    user: b.login,
    address: b.home,
    inner,
    opened: next,
    closed: end,
    sent: random.int(4e6, 9e6),
    received: random.int(2e7, 6e7),
    clientVersion: b.clientVersion,
  };
  const later = vpn.open(innocent);
  vpn.close(innocent);
  firewall.flow(next + Math.round(random.between(2, 6) * MINUTE), {
    source: inner,
    destination: world.servers.files.address,
    port: 445,
    sent: 40_118,
    received: 410_502,
    seconds: 200,
  });
  return { session, lines, later, innocent: b.login };
};

export const s18: Scenario = {
  id: 'S18',
  title: 'Reused lease and shared carrier address',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'netfilter', vpn: 'openvpn' });
    const { world, firewall, windows } = office;
    const { session, lines, later, innocent } = reuse(sim, random, office);
    const entry = { stage: 'initial-access', technique: 'T1133', time: session.opened, lines };
    const extent = { hosts: random.int(80, 180), minutes: random.between(3, 5) };
    const scan = sweep(world, firewall, random, session.opened + random.int(30, 40) * MINUTE, session.inner, extent);
    const account = random.pick(['adm-backup', 'adm-service']);
    const { files, dc1 } = world.servers;
    const toFiles = hop(world, random, session.closed - 5 * MINUTE, {
      firewall,
      windows,
      host: files,
      from: machine(random, session.inner),
      account,
      minutes: 4,
    });
    const toDc = hop(world, random, before(sim, random, 12, 3), { windows, host: dc1, from: files, account });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 30, from: dc1 });
    const shared = neighbours(sim, random, office, session.address);
    everyday(sim, office);
    return {
      expect: 'ranked',
      entry: entryOf(entry, 'vpn-valid-account', 'T1078'),
      chain: [entry, scan, toFiles, toDc, ...damage],
      decoys: [
        decoy(`${innocent} gets the same inner address minutes later`, later.slice(0, 3)),
        decoy('colleagues behind the same carrier address', shared),
      ],
      exfiltration: null,
    };
  },
};
