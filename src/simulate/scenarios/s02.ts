import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, serviceAddress } from '../addresses.ts';
import { civil, WALL, wallTime } from '../clock.ts';
import type { FirewallLog, VpnSession } from '../flow.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import { before, carryOff, fraction, hop, initial, machine, visit } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** Somebody whose own session is up when the intruder comes. */
const victimAt = (sim: Simulation, random: Random, office: Office): VpnSession => {
  const earliest = sim.anchor - 260 * HOUR;
  const latest = sim.anchor - 132 * HOUR;
  const open = office.remote.sessions.filter(
    (s) =>
      s.opened > earliest &&
      s.opened < latest &&
      s.closed - s.opened > 3 * HOUR &&
      !office.world.admins.some((a) => a.login === s.user),
  );
  return random.pick(open.length > 0 ? open : office.remote.sessions);
};

const directory = (random: Random, office: Office, time: number, source: string, user: string): Act => {
  const { dc1, dc2 } = office.world.servers;
  const lines: Written[] = [];
  for (let i = random.int(40, 90); i > 0; i -= 1) {
    const flow = {
      source,
      destination: random.pick([dc1, dc2]).address,
      port: random.pick([389, 389, 88, 3268, 135]),
      sent: random.int(900, 9000),
      received: random.int(2000, 90_000),
      seconds: random.int(1, 20),
      user,
    };
    lines.push(...office.firewall.flow(time + Math.round(random.between(0, 25) * MINUTE), flow));
  }
  return { stage: 'discovery', technique: 'T1087.002', time, lines: lines.slice(0, 20) };
};

/** Tickets in an old cipher for many service accounts within a minute or two. */
const roast = (random: Random, office: Office, time: number, from: string, user: string): Act => {
  const services = [
    'svc-sql',
    'svc-backup',
    'svc-web',
    'svc-scan',
    'svc-print',
    'svc-crm',
    'svc-erp',
    'svc-mon',
    'svc-sync',
    'svc-dms',
    'svc-fax',
    'svc-wsus',
    'svc-sharepoint',
    'svc-timer',
  ];
  const lines = random
    .sample(services, random.int(9, 14))
    .map((name, i) =>
      office.windows.serviceTicket(
        time + Math.round((i + random.next()) * 6 * SECOND),
        office.world.servers.dc1,
        user,
        name,
        from,
        true,
      ),
    );
  return { stage: 'credential-access', technique: 'T1558.003', time, lines };
};

/** A salesman in Berlin in the morning and in Lisbon at noon: roaming SIM and hotel. */
const traveller = (sim: Simulation, random: Random, office: Office): Written[] => {
  let noon = wallTime(before(sim, random, 192, 20), 12);
  while ([0, 6].includes(civil(WALL, noon).weekday)) noon = wallTime(noon - 24 * HOUR, 12);
  const user = random.pick(office.world.users.filter((u) => !u.admin));
  const lines: Written[] = [];
  for (const [hour, address] of [
    [8.17, user.mobile],
    [12.67, foreignAddress(random)],
  ] as const) {
    const opened = Math.round(wallTime(noon, hour + random.between(-0.2, 0.2))) + fraction(random);
    const closed = opened + Math.round(random.between(0.8, 2.5) * HOUR);
    const session = {
      user: user.login,
      address,
      inner: office.remote.leases.take(opened, closed),
      opened,
      closed,
      sent: 9_000_000,
      received: 61_000_000,
      clientVersion: user.clientVersion,
    };
    lines.push(...office.vpn.open(session));
    office.vpn.close(session);
  }
  return lines;
};

const flowsOut = (
  firewall: FirewallLog,
  sim: Simulation,
  random: Random,
  source: string,
): Act & { bytes: number; destination: string } => {
  const destination = random.chance(0.5) ? foreignAddress(random) : serviceAddress(random);
  return {
    ...carryOff(firewall, random, sim.anchor, {
      source,
      destination,
      bytes: random.logNormal(4.6e10, 0.25),
      hours: random.between(1.5, 4),
      parts: random.int(2, 5),
    }),
    destination,
  };
};

export const s02: Scenario = {
  id: 'S02',
  title: 'VPN login with stolen credentials, no failure at all',
  days: 14,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'asa', vpn: 'asa' });
    const { world, vpn, windows, remote, firewall } = office;
    const own = victimAt(sim, random, office);
    const user = own.user;
    const moment = own.opened + Math.round((own.closed - own.opened) * random.between(0.2, 0.8));
    const client = random.pick([0, 1, 2, 3, 4, 5].filter((v) => v !== own.clientVersion));
    const entry = visit(random, vpn, remote.leases, moment, {
      user,
      address: foreignAddress(random),
      hours: random.between(2, 5),
      clientVersion: client,
    });
    const look = directory(random, office, entry.time + random.int(3, 15) * MINUTE, entry.session.inner, user);
    const back = visit(random, vpn, remote.leases, before(sim, random, 120, 9), {
      user,
      address: entry.session.address,
      hours: 5,
      clientVersion: client,
    });
    const roasted = roast(random, office, back.time + random.int(10, 50) * MINUTE, back.session.inner, user);
    const to = hop(world, random, roasted.time + random.int(60, 180) * MINUTE, {
      firewall,
      windows,
      host: world.servers.database,
      from: machine(random, back.session.inner),
      account: 'svc-sql',
      type: 3,
      user,
    });
    const out = flowsOut(firewall, sim, random, world.servers.database.address);
    const decoy = traveller(sim, random, office);
    everyday(sim, office);
    return {
      expect: 'ranked',
      entry: {
        vector: 'vpn-valid-account',
        technique: 'T1078',
        origin: 'external',
        time: entry.time,
        lines: entry.lines,
      },
      chain: [initial(entry), look, back, roasted, to, out],
      decoys: [
        { what: 'travelling colleague: two places within hours', lines: decoy.slice(0, 20) },
        { what: 'logon of the service account inside', lines: to.lines },
      ],
      exfiltration: { grade: 'shown', bytes: out.bytes, destination: out.destination },
    };
  },
};
