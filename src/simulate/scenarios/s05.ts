import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { Fortigate } from '../formats/fortigate.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import { before, decoy, entryOf, fraction, sweep, visit } from './intrusion.ts';
import { everyday, fortigateOffice, type Office } from './office.ts';

/** The console that the bypass of CVE-2022-40684 and CVE-2024-55591 leaves in the log: addresses of the caller's own choosing. */
const CONSOLE = [
  { from: '127.0.0.1', to: '127.0.0.1', ui: 'jsconsole' },
  { from: '127.0.0.1', to: '8.8.8.8', ui: 'jsconsole(127.0.0.1)' },
  { from: '1.1.1.1', to: '1.0.0.1', ui: 'jsconsole(1.1.1.1)' },
  { from: '8.8.8.8', to: '8.8.4.4', ui: 'jsconsole(8.8.8.8)' },
] as const;

interface Door {
  readonly entry: Act;
  readonly account: Act;
  readonly opened: Act;
  readonly user: string;
}

/** Login without a password, an administrator of one's own, a VPN user, a policy for him. */
const takeOver = (sim: Simulation, random: Random, gate: Fortigate): Door => {
  const console = random.pick(CONSOLE);
  const time = before(sim, random, 216, 12) + fraction(random);
  const entry = {
    stage: 'initial-access',
    technique: 'T1190',
    time,
    lines: gate.admin(time, { user: 'admin', from: console.from, to: console.to, ui: console.ui, ok: true }),
  };
  const name = random.letters(6, 'abcdefghijklmnopqrstuvwxyz0123456789');
  const created = time + Math.round(random.between(1, 9) * MINUTE);
  const account = {
    stage: 'persistence',
    technique: 'T1136.001',
    time: created,
    lines: gate.config(created, {
      user: 'admin',
      ui: console.ui,
      action: 'Add',
      path: 'system.admin',
      object: name,
      attributes: 'accprofile[super_admin]vdom[root]password[*]',
    }),
  };
  const next = before(sim, random, 192, 8) + fraction(random);
  const user = random.pick(['guest1', 'vpnuser2', 'support', 'sync', 'fortitest']) + random.int(1, 99);
  const ui = console.ui;
  const change = (
    minutes: number,
    action: 'Add' | 'Edit',
    path: string,
    object: string,
    attributes: string,
  ): Written[] =>
    gate.config(next + Math.round(minutes * MINUTE), { user: name, ui, action, path, object, attributes });
  const lines = [
    ...gate.admin(next, { user: name, from: console.from, to: console.to, ui, ok: true }),
    ...change(random.between(1, 3), 'Add', 'user.local', user, 'type[password]passwd[*]'),
    ...change(random.between(3, 6), 'Edit', 'user.group', 'VPN-Users', `member[AD-VPN->AD-VPN ${user}]`),
    ...change(
      random.between(6, 15),
      'Add',
      'firewall.policy',
      String(random.int(60, 199)),
      'srcintf[ssl.root]dstintf[any]srcaddr[all]dstaddr[all]action[accept]service[ALL]',
    ),
  ];
  return { entry, account, opened: { stage: 'defense-evasion', technique: 'T1562.004', time: next, lines }, user };
};

/** The service provider changes policies in a window agreed upon, from its own network. */
const provider = (sim: Simulation, random: Random, office: Office<Fortigate, Fortigate>): Written[] => {
  const address = foreignAddress(random);
  const time = Math.round(wallTime(before(sim, random, 168, 20), random.between(19, 21))) + fraction(random);
  const ui = `https(${address})`;
  const lines = office.firewall.admin(time, { user: 'msp-admin', from: address, ui, ok: true });
  for (let i = 0; i < 14; i += 1) {
    lines.push(
      ...office.firewall.config(time + Math.round((2 + i * random.between(1, 4)) * MINUTE), {
        user: 'msp-admin',
        ui,
        action: i % 5 === 0 ? 'Add' : 'Edit',
        path: 'firewall.policy',
        object: String(random.int(1, 40)),
        attributes: random.pick([
          'logtraffic[utm->all]',
          'ips-sensor[->default]',
          'service[ALL->HTTPS DNS]',
          'comments[->Review]',
        ]),
      }),
    );
  }
  return lines;
};

/** The company's own administrators look in by day, now and then with a wrong password. */
const administrators = (sim: Simulation, random: Random, office: Office<Fortigate, Fortigate>): void => {
  const { login, workstation } = random.pick(office.world.admins);
  const common = { user: login, from: workstation.address, ui: `https(${workstation.address})` };
  for (const hours of [300, 250, 130, 60, 30]) {
    const time = Math.round(wallTime(before(sim, random, hours, 10), random.between(9, 16))) + fraction(random);
    if (random.chance(0.3))
      office.firewall.admin(time - Math.round(random.between(8, 30) * SECOND), { ...common, ok: false });
    office.firewall.admin(time, { ...common, ok: true });
  }
};

/** All secrets of the domain, fetched the way domain controllers do it among themselves. */
const replicate = (sim: Simulation, random: Random, office: Office, source: string, user: string): Act => {
  const destination = office.world.servers.dc1.address;
  const lines = [135, 49667, 445, 49667].flatMap((port, i) => {
    const received = port === 49667 ? random.int(30_000_000, 190_000_000) : random.int(9000, 80_000);
    const flow = {
      source,
      destination,
      port,
      sent: random.int(20_000, 900_000),
      received,
      seconds: random.int(20, 400),
      user,
    };
    return office.firewall.flow(sim.anchor + Math.round(i * random.between(2, 40) * SECOND) + fraction(random), flow);
  });
  return { stage: 'credential-access', technique: 'T1003.006', time: sim.anchor, lines };
};

export const s05: Scenario = {
  id: 'S05',
  title: 'Authentication bypass on the management of a FortiGate',
  days: 16,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = fortigateOffice(sim);
    const { world, firewall, vpn, remote } = office;
    const { entry, account, opened, user } = takeOver(sim, random, firewall);
    const window = provider(sim, random, office);
    administrators(sim, random, office);
    const who = { user, address: foreignAddress(random), hours: random.between(1, 4), clientVersion: 0 };
    const tunnel = visit(random, vpn, remote.leases, before(sim, random, 168, 9), who);
    const extent = { hosts: random.int(60, 150), minutes: random.between(4, 12), user };
    const scan = sweep(world, firewall, random, tunnel.time + random.int(5, 40) * MINUTE, tunnel.session.inner, extent);
    const last = visit(random, vpn, remote.leases, sim.anchor - Math.round(random.between(0.3, 1.2) * HOUR), {
      ...who,
      hours: 3,
    });
    const secrets = replicate(sim, random, office, last.session.inner, user);
    everyday(sim, office);
    return {
      expect: 'ranked',
      entry: entryOf(entry, 'appliance-exploit', 'T1190'),
      chain: [entry, account, opened, tunnel, scan, last, secrets],
      decoys: [
        decoy('service provider edits policies in a change window', window),
        decoy('tunnel of the new user', tunnel.lines),
      ],
      exfiltration: null,
    };
  },
};
