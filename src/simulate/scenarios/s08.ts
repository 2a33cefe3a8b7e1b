import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, homeAddress } from '../addresses.ts';
import { scanning, serviceGuessing } from '../benign/noise.ts';
import { nightlyBackup, officeTraffic } from '../benign/traffic.ts';
import { wallTime } from '../clock.ts';
import type { FirewallLog } from '../flow.ts';
import { Fortigate } from '../formats/fortigate.ts';
import { Netfilter } from '../formats/netfilter.ts';
import { Sshd } from '../formats/sshd.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { daysOfCase, device, type Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import { dmzAddress, type World } from '../world.ts';
import { before, fraction, sweep } from './intrusion.ts';

const firewallOf = (sim: Simulation, random: Random, world: World): FirewallLog => {
  const common = {
    journal: sim.journal,
    random: sim.random.fork('firewall'),
    gateway: world.gateway,
    sideOf: world.sideOf,
  };
  return random.chance(0.5)
    ? new Netfilter({
        ...common,
        device: device(sim, 'firewall', 'firewall/gw', { rotation: 'numbered' }),
        hostname: 'gw',
      })
    : new Fortigate({
        ...common,
        device: device(sim, 'firewall', 'firewall/fgt-traffic'),
        hostname: 'FGT-DMZ',
        vpnGroup: 'VPN-Users',
      });
};

interface Key {
  readonly user: string;
  readonly fingerprint: string;
}

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The people and machines that use the host every day. */
const regulars = (sim: Simulation, random: Random, ssh: Sshd, deploy: Key): Written[] => {
  const backup: Key = { user: 'backup', fingerprint: random.letters(43, KEY_ALPHABET) };
  const vault = homeAddress(random);
  const places = [homeAddress(random), homeAddress(random), foreignAddress(random)];
  const lines: Written[] = [];
  for (const { noon, workday } of daysOfCase(sim)) {
    lines.push(
      ...ssh.login(
        Math.round(wallTime(noon, 1.5)) + random.int(0, 60) * SECOND + fraction(random),
        backup.user,
        vault,
        backup,
        random.int(200, 1500),
      ),
    );
    for (let i = random.poisson(workday ? 4 : 0.5); i > 0; i -= 1) {
      ssh.login(
        Math.round(wallTime(noon, random.normal(14, 3))) + fraction(random),
        deploy.user,
        random.pick(places),
        deploy,
        random.int(5, 900),
      );
    }
    for (let hour = 0; hour < 24; hour += 1)
      ssh.cron(Math.round(wallTime(noon, hour + 17 / 60)) + random.int(900_000, 2_000_000), 'root');
  }
  return lines;
};

/** A connection to one place, again and again at nearly equal intervals. */
const beacon = (sim: Simulation, random: Random, firewall: FirewallLog, from: number, source: string): Act => {
  const destination = foreignAddress(random);
  const every = random.pick([60, 90, 120, 180, 300]) * SECOND * random.between(0.97, 1.03);
  const lines: Written[] = [];
  for (
    let time = from;
    time < Math.min(sim.to, from + 3 * DAY);
    time += Math.round(every * random.between(0.97, 1.03))
  ) {
    lines.push(
      ...firewall.flow(time, {
        source,
        destination,
        port: 443,
        sent: random.int(700, 1500),
        received: random.int(400, 2400),
        seconds: random.between(1, 4),
      }),
    );
  }
  return { stage: 'command-and-control', technique: 'T1572', time: from, lines: lines.slice(0, 20) };
};

export const s08: Scenario = {
  id: 'S08',
  title: 'Stolen SSH key on a DMZ host',
  days: 16,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const world = sim.company({ users: 40 });
    const firewall = firewallOf(sim, random, world);
    const host = dmzAddress(world, 22);
    const ssh = new Sshd({
      device: device(sim, 'sshd', 'auth/web-dmz.auth', { rotation: 'numbered' }),
      journal: sim.journal,
      random: sim.random.fork('sshd'),
      hostname: 'web-dmz',
    });
    const deploy: Key = {
      user: random.pick(['deploy', 'ansible', 'webadmin']),
      fingerprint: random.letters(43, KEY_ALPHABET),
    };
    const time = before(sim, random, 48, 9) + fraction(random);
    const lines = ssh.login(time, deploy.user, foreignAddress(random), deploy, random.int(1800, 9000));
    const entry = { stage: 'initial-access', technique: 'T1078', time, lines: lines.slice(0, 2) };
    const root = ssh.sudo(
      time + random.int(2, 20) * MINUTE + fraction(random),
      deploy.user,
      random.pick(['/bin/bash', '/usr/bin/su -', '/bin/sh -c id']),
    );
    const scan = sweep(world, firewall, random, time + random.int(15, 90) * MINUTE, host, {
      hosts: random.int(30, 80),
      minutes: random.between(5, 20),
      ports: [22, 445],
    });
    const calls = beacon(sim, random, firewall, time + Math.round(random.between(1, 5) * HOUR), host);

    const nightly = regulars(sim, random, ssh, deploy);
    serviceGuessing(
      sim,
      'ssh guessing',
      420,
      (at, user, address) => void ssh.refuse(at, user, address, user === 'root'),
    );
    officeTraffic(sim, world, firewall, 8);
    scanning(sim, world, firewall);
    nightlyBackup(sim, world, firewall, 3e11);
    return {
      expect: 'ranked',
      entry: { vector: 'exposed-remote-service', technique: 'T1078', origin: 'external', time, lines: entry.lines },
      chain: [
        entry,
        { stage: 'privilege-escalation', technique: 'T1548.003', time: time + MINUTE, lines: [root] },
        scan,
        calls,
      ],
      decoys: [{ what: 'nightly login of the backup user by key', lines: nightly.slice(0, 20) }],
      exfiltration: null,
    };
  },
};
