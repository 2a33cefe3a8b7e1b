import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { Fortigate } from '../formats/fortigate.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import type { Host } from '../world.ts';
import { before, encrypt, fraction, hop } from './intrusion.ts';
import { everyday, fortigateOffice, type Office } from './office.ts';

type Site = Office<Fortigate, Fortigate>;

/** An administrator publishes remote desktop for a supplier, "for the time being". */
const publish = (random: Random, office: Site, time: number, server: Host): Written[] => {
  const admin = random.pick(office.world.admins);
  const ui = `https(${admin.workstation.address})`;
  const common = { user: admin.login, ui, action: 'Add' as const };
  return [
    ...office.firewall.admin(time, { user: admin.login, from: admin.workstation.address, ui, ok: true }),
    ...office.firewall.config(time + 4 * MINUTE, {
      ...common,
      path: 'firewall.vip',
      object: 'temp-supplier-rdp',
      attributes: `extip[${office.world.gateway}]extport[3389]mappedip[${server.address}]mappedport[3389]portforward[enable]`,
    }),
    ...office.firewall.config(time + 6 * MINUTE, {
      ...common,
      path: 'firewall.policy',
      object: String(random.int(60, 90)),
      attributes: 'srcaddr[all]dstaddr[temp-supplier-rdp]action[accept]service[RDP]comments[temp supplier]',
    }),
  ];
};

const knock = (office: Site, random: Random, time: number, source: string, server: Host, seconds: number): Written[] =>
  office.firewall.flow(time, {
    source,
    destination: server.address,
    port: 3389,
    sent: random.int(900, 4000),
    received: random.int(1100, 5000),
    seconds,
    sourcePort: random.int(1025, 65000),
  });

/** The whole internet finds the open port within hours; most try a few passwords. */
const strangers = (sim: Simulation, random: Random, office: Site, server: Host, from: number): Written[] => {
  const lines: Written[] = [];
  for (let i = Math.round(360 * sim.noise); i > 0; i -= 1) {
    const source = foreignAddress(random);
    let time = Math.round(random.between(from, sim.to));
    for (let n = Math.ceil(random.exponential(2)); n > 0; n -= 1) {
      lines.push(...knock(office, random, time, source, server, random.between(1, 6)));
      if (random.chance(0.6))
        office.windows.logonFailure(
          time + SECOND,
          {
            host: server,
            user: random.pick(['administrator', 'admin', 'user', 'test', 'Administrator', 'kasse', 'scan']),
            type: 3,
            from: { name: '-', address: source },
            local: true,
          },
          random.chance(0.6),
        );
      time += Math.round(random.exponential(300) * SECOND);
    }
  }
  return lines;
};

const hammer = (
  random: Random,
  office: Site,
  time: number,
  server: Host,
  address: string,
): { act: Act; until: number } => {
  const lines: Written[] = [];
  let at = time;
  for (let i = random.int(1400, 2600); i > 0; i -= 1) {
    at += Math.round(random.exponential(6) * SECOND);
    lines.push(
      office.windows.logonFailure(at, {
        host: server,
        user: 'administrator',
        type: 3,
        from: { name: '-', address },
        local: true,
      }),
    );
    if (i % 12 === 0) knock(office, random, at, address, server, random.between(20, 90));
  }
  return { act: { stage: 'credential-access', technique: 'T1110.001', time, lines: lines.slice(-20) }, until: at };
};

export const s07: Scenario = {
  id: 'S07',
  title: 'Remote desktop opened to the internet for a supplier',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = fortigateOffice(sim);
    const { world, firewall, windows } = office;
    const server = world.servers.app;
    const open = Math.round(wallTime(before(sim, random, 144, 10), random.between(9, 16))) + fraction(random);
    const change = publish(random, office, open, server);
    const visitors = strangers(sim, random, office, server, open + HOUR);
    const address = foreignAddress(random);
    const attack = hammer(random, office, before(sim, random, 74, 5), server, address);
    const entry = { host: server, user: 'administrator', type: 10, from: { name: '-', address }, local: true };
    const time = attack.until + Math.round(random.between(0.2, 5) * HOUR) + fraction(random);
    const flow = firewall.flow(time - 3 * SECOND, {
      source: address,
      destination: server.address,
      port: 3389,
      sent: 4_100_000,
      received: 61_000_000,
      seconds: random.int(1200, 5000),
    });
    const network = windows.logon(time - SECOND, { ...entry, type: 3, ntlm: true });
    const lines = [windows.logon(time, entry), network, windows.privileges(time + 1000, server, 'administrator')];
    windows.logoff(time + 50 * MINUTE, entry);
    const account = random.pick(['adm-install', 'adm-service']);
    const toFiles = hop(world, random, time + Math.round(random.between(2, 20) * HOUR), {
      windows,
      host: world.servers.files,
      from: server,
      account,
    });
    const toDc = hop(world, random, toFiles.time + Math.round(random.between(0.5, 4) * HOUR), {
      windows,
      host: world.servers.dc1,
      from: server,
      account,
    });
    const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 12, from: world.servers.dc1 });
    everyday(sim, office);
    return {
      expect: 'ranked',
      entry: {
        vector: 'exposed-remote-service',
        technique: 'T1110',
        origin: 'external',
        time,
        lines: [...lines.slice(0, 2), ...flow],
      },
      chain: [attack.act, { stage: 'initial-access', technique: 'T1133', time, lines }, toFiles, toDc, ...damage],
      decoys: [{ what: 'hundreds of addresses that connect to the open port', lines: visitors.slice(0, 20) }],
      exfiltration: null,
      contributing: [{ what: 'remote desktop published to the internet', lines: change.slice(1) }],
    };
  },
};
