import { HOUR, isoOf, MINUTE, SECOND } from '../../core/time.ts';
import { wallTime } from '../clock.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../story.ts';
import { fraction, hop } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

/** Patch evening: one administrator on every server in turn, an agent update that installs a service everywhere. */
const patchEvening = (random: Random, office: Office, from: number): { desktop: Written[]; services: Written[] } => {
  const { world, firewall, windows } = office;
  const admin = random.pick(world.admins);
  const desktop: Written[] = [];
  let time = from;
  for (const host of Object.values(world.servers)) {
    desktop.push(
      ...hop(office.world, random, Math.round(time), {
        firewall,
        windows,
        host,
        from: admin.workstation,
        account: `adm-${admin.login}`,
        minutes: random.between(4, 20),
      }).lines,
    );
    time += random.between(4, 16) * MINUTE;
  }
  const services: Written[] = [];
  let at = from + random.between(1, 2) * HOUR;
  for (const host of world.windowsHosts) {
    at += random.exponential(45) * SECOND;
    const name = random.chance(0.7) ? 'Microsoft Update Health Service' : 'Endpoint Agent Updater';
    const image = name.startsWith('Micro')
      ? '"C:\\Program Files\\Microsoft Update Health Tools\\uhssvc.exe"'
      : '"C:\\Program Files\\Endpoint Agent\\updater.exe" /service';
    if (random.chance(0.8)) services.push(windows.service(Math.round(at), host, name, image));
  }
  return { desktop, services };
};

export const z02: Scenario = {
  id: 'Z02',
  title: 'Clean: patch day with many remote desktop sessions, a large backup, four minutes without logs',
  days: 30,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'fortigate', vpn: 'fortigate' });
    const start = Math.round(wallTime(sim.anchor - 3 * 24 * HOUR, random.between(17, 19))) + fraction(random);
    const patch = patchEvening(random, office, start);
    const { backup } = everyday(sim, office, { backup: 2e12 });
    const gap = Math.round(wallTime(sim.anchor - 2 * 24 * HOUR, random.between(0, 5)));
    for (const d of office.devices.slice(0, 2)) sim.journal.silence(d, gap, gap + 4 * MINUTE);
    return {
      expect: 'none',
      entry: null,
      chain: [],
      decoys: [
        { what: 'administrator on all servers by remote desktop', lines: patch.desktop.slice(0, 20) },
        { what: 'agent update installs services on most hosts', lines: patch.services.slice(0, 20) },
        { what: 'backup of two terabytes', lines: backup.slice(0, 20) },
      ],
      exfiltration: null,
      context: { maintenance: [{ from: isoOf(start - HOUR), to: isoOf(start + 6 * HOUR), users: [] }] },
    };
  },
};
