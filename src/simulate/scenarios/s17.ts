import { MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import type { FirewallLog, VpnLog, VpnSession } from '../flow.ts';
import { Fortigate } from '../formats/fortigate.ts';
import type { Random } from '../random.ts';
import { device, type Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import type { World } from '../world.ts';
import { anyone, before, decoy, entryOf, initial, machine, takeDomain, visit } from './intrusion.ts';
import { everyday, linuxOffice, type Office } from './office.ts';

/** The firewall sees the outer connection of every VPN session: same addresses, same port, its own clock. */
const alsoSeen = (vpn: VpnLog, firewall: FirewallLog, world: World, ports: () => number): VpnLog => {
  const known = new Map<VpnSession, VpnSession>();
  const withPort = (s: VpnSession): VpnSession => {
    const found = known.get(s) ?? { ...s, sourcePort: ports() };
    known.set(s, found);
    return found;
  };
  return {
    refuse: (time, user, address, exists) => vpn.refuse(time, user, address, exists),
    open: (s) => {
      const session = withPort(s);
      firewall.flow(s.opened - SECOND, {
        source: s.address,
        sourcePort: session.sourcePort ?? 0,
        destination: `${world.publicNet}.35`,
        port: 1194,
        protocol: 'udp',
        sent: s.sent,
        received: s.received,
        seconds: (s.closed - s.opened) / SECOND + 2,
      });
      return vpn.open(session);
    },
    close: (s) => vpn.close(withPort(s)),
  };
};

/** The gateway writes local time without a zone and runs minutes fast; the firewall states UTC. */
const site = (sim: Simulation, random: Random): Office => {
  const linux = linuxOffice(sim, {}, 'file', { zone: 'berlin', skew: Math.round(random.between(7, 12) * MINUTE) });
  const { world } = linux;
  const firewall = new Fortigate({
    device: device(sim, 'firewall', 'firewall/fgt-traffic', { clock: { zone: 'utc', skew: 150_000 } }),
    journal: sim.journal,
    random: sim.random.fork('fortigate'),
    hostname: 'FGT-HQ',
    gateway: world.gateway,
    sideOf: (a) => (a === `${world.publicNet}.35` ? 'dmz' : world.sideOf(a)),
    vpnGroup: 'none',
  });
  const ports = sim.random.fork('ports');
  return { ...linux, firewall, vpn: alsoSeen(linux.vpn, firewall, world, () => ports.int(1025, 65000)) };
};

export const s17: Scenario = {
  id: 'S17',
  title: 'Clock error between gateway and servers',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = site(sim, random);
    const who = {
      user: anyone(random, office.world).login,
      address: foreignAddress(random),
      hours: random.between(2, 5),
      clientVersion: random.int(0, 4),
    };
    const entry = visit(random, office.vpn, office.remote.leases, before(sim, random, 48, 9), who);
    // by the naive clocks the first logon inside comes before the login at the gateway
    const { toFiles, toDc, damage } = takeDomain(sim, office, random, {
      account: random.pick(['adm-backup', 'adm-service']),
      from: machine(random, entry.session.inner),
      first: entry.time + random.int(90, 400) * SECOND,
      wait: random.between(10, 60) * MINUTE,
      hosts: 30,
    });
    everyday(sim, office);
    return {
      expect: 'ranked',
      entry: entryOf(entry, 'vpn-valid-account', 'T1078'),
      chain: [initial(entry), toFiles, toDc, ...damage],
      decoys: [decoy('logon inside that seems to precede the login at the gateway', toFiles.lines)],
      exfiltration: null,
    };
  },
};
