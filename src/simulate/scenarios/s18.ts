import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { mobileAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { VpnSession } from '../flow.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import { before, encrypt, fraction, hop, initial, machine, sweep } from './intrusion.ts';
import { everyday, linuxOffice, type Office } from './office.ts';

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

export const s18: Scenario = {
  id: 'S18',
  title: 'Reused lease and shared carrier address',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = linuxOffice(sim);
    const { world, firewall, vpn, windows, remote } = office;
    const [a, b] = random
      .sample(
        world.users.filter((u) => !u.admin),
        2,
      )
      .map((u) => u.login) as [string, string];
    const address = mobileAddress(random);
    const opened = before(sim, random, 26, 2) + fraction(random);
    const inner = `${world.vpnPool}.${random.int(30, 60)}`;
    const closed = opened + Math.round(random.between(45, 60) * MINUTE);
    const session: VpnSession = {
      user: a,
      address,
      inner: remote.leases.hold(inner, opened, closed),
      opened,
      closed,
      sent: 21_400_000,
      received: 96_100_000,
      clientVersion: random.int(0, 4),
    };
    const lines = vpn.open(session);
    vpn.close(session);
    const entry = { stage: 'initial-access', technique: 'T1133', time: opened, lines };
    const scan = sweep(world, firewall, random, opened + random.int(30, 40) * MINUTE, inner, {
      hosts: random.int(80, 180),
      minutes: random.between(3, 5),
    });
    const account = random.pick(['adm-backup', 'adm-service']);
    const toFiles = hop(world, random, closed - 5 * MINUTE, {
      firewall,
      windows,
      host: world.servers.files,
      from: machine(random, inner),
      account,
      minutes: 4,
    });
    // four minutes later the next dial-in gets the same address
    const next = closed + random.int(200, 290) * SECOND;
    const innocent: VpnSession = {
      user: b,
      address: world.users.find((u) => u.login === b)?.home ?? address,
      inner: remote.leases.hold(inner, next, next + 2 * HOUR),
      opened: next,
      closed: next + Math.round(random.between(0.7, 2) * HOUR),
      sent: 5_100_000,
      received: 33_000_000,
      clientVersion: 0,
    };
    const later = vpn.open(innocent);
    vpn.close(innocent);
    firewall.flow(next + 3 * MINUTE, {
      source: inner,
      destination: world.servers.files.address,
      port: 445,
      sent: 40_000,
      received: 410_000,
      seconds: 200,
    });
    const toDc = hop(world, random, before(sim, random, 12, 3), {
      windows,
      host: world.servers.dc1,
      from: world.servers.files,
      account,
    });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 30, from: world.servers.dc1 });
    const shared = neighbours(sim, random, office, address);
    everyday(sim, office);
    return {
      expect: 'ranked',
      entry: { vector: 'vpn-valid-account', technique: 'T1078', origin: 'external', time: opened, lines },
      chain: [initial(entry), scan, toFiles, toDc, ...damage],
      decoys: [
        { what: `${b} gets the same inner address minutes later`, lines: later.slice(0, 3) },
        { what: 'colleagues behind the same carrier address', lines: shared.slice(0, 20) },
      ],
      exfiltration: null,
    };
  },
};
