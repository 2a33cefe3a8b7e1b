import { MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import type { FirewallLog, VpnLog, VpnSession } from '../flow.ts';
import { Fortigate } from '../formats/fortigate.ts';
import { device } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import type { World } from '../world.ts';
import { before, encrypt, hop, initial, machine, visit } from './intrusion.ts';
import { everyday, linuxOffice } from './office.ts';

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

export const s17: Scenario = {
  id: 'S17',
  title: 'Clock error between gateway and servers',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const fast = Math.round(random.between(7, 12) * MINUTE);
    // the gateway writes local time without a zone and runs minutes fast; the firewall states UTC
    const linux = linuxOffice(sim, {}, 'file', { zone: 'berlin', skew: fast });
    const { world, windows, remote } = linux;
    const traffic = device(sim, 'firewall', 'firewall/fgt-traffic', { clock: { zone: 'utc', skew: 150_000 } });
    const firewall = new Fortigate({
      device: traffic,
      journal: sim.journal,
      random: sim.random.fork('fortigate'),
      hostname: 'FGT-HQ',
      gateway: world.gateway,
      sideOf: (a) => (a === `${world.publicNet}.35` ? 'dmz' : world.sideOf(a)),
      vpnGroup: 'none',
    });
    const ports = sim.random.fork('ports');
    const vpn = alsoSeen(linux.vpn, firewall, world, () => ports.int(1025, 65000));
    const user = random.pick(world.users.filter((u) => !u.admin)).login;
    const entry = visit(random, vpn, remote.leases, before(sim, random, 48, 9), {
      user,
      address: foreignAddress(random),
      hours: random.between(2, 5),
      clientVersion: random.int(0, 4),
    });
    const { files, dc1 } = world.servers;
    const account = random.pick(['adm-backup', 'adm-service']);
    // by the naive clocks the first logon inside comes before the login at the gateway
    const toFiles = hop(world, random, entry.time + random.int(90, 400) * SECOND, {
      firewall,
      windows,
      host: files,
      from: machine(random, entry.session.inner),
      account,
    });
    const toDc = hop(world, random, toFiles.time + random.int(10, 60) * MINUTE, {
      windows,
      host: dc1,
      from: files,
      account,
    });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 30, from: dc1 });
    everyday(sim, { ...linux, firewall, vpn });
    return {
      expect: 'ranked',
      entry: {
        vector: 'vpn-valid-account',
        technique: 'T1078',
        origin: 'external',
        time: entry.time,
        lines: entry.lines,
      },
      chain: [initial(entry), toFiles, toDc, ...damage],
      decoys: [{ what: 'logon inside that seems to precede the login at the gateway', lines: toFiles.lines }],
      exfiltration: null,
      contributing: [],
    };
  },
};
