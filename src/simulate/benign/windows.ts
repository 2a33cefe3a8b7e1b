import { MINUTE, SECOND } from '../../core/time.ts';
import { wallTime } from '../clock.ts';
import type { FirewallLog, VpnSession } from '../flow.ts';
import type { WindowsLog } from '../formats/windows.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { Host, User, World } from '../world.ts';
import { logOn } from './logon.ts';

/** Domain life: tickets in the morning, file access, unlocks, admins on servers, services, a few wrong passwords. */

const SERVICES = [
  [
    'Google Chrome Elevation Service (GoogleChromeElevationService)',
    '"C:\\Program Files\\Google\\Chrome\\Application\\elevation_service.exe"',
  ],
  [
    'Microsoft Edge Update Service (edgeupdate)',
    '"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe" /svc',
  ],
  ['MpKslDrv', 'C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\MpKslDrv.sys'],
  ['Mozilla Maintenance Service', '"C:\\Program Files (x86)\\Mozilla Maintenance Service\\maintenanceservice.exe"'],
] as const;
const PROGRAMS = [
  ['C:\\Windows\\System32\\taskhostw.exe', 'taskhostw.exe', 'C:\\Windows\\System32\\svchost.exe'],
  [
    'C:\\Windows\\System32\\wbem\\WmiPrvSE.exe',
    'C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding',
    'C:\\Windows\\System32\\svchost.exe',
  ],
  [
    'C:\\Windows\\System32\\conhost.exe',
    '\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1',
    'C:\\Windows\\System32\\cmd.exe',
  ],
  [
    'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    'powershell.exe -NoProfile -File C:\\Scripts\\check-disk.ps1',
    'C:\\Windows\\System32\\svchost.exe',
  ],
] as const;

interface Domain {
  readonly sim: Simulation;
  readonly world: World;
  readonly windows: WindowsLog;
  readonly firewall: FirewallLog | undefined;
}

/** A user at a device: the ticket, a few service tickets, the network logons they serve. */
const signOn = (domain: Domain, user: User, from: Host, time: number, tunnelUser?: string): void => {
  const { world, windows } = domain;
  const random = domain.sim.random.fork(`sign on ${user.login} ${time}`);
  const dc = random.pick([world.servers.dc1, world.servers.dc2]);
  if (random.chance(user.clumsiness))
    windows.ticket(time - random.int(5, 40) * SECOND, dc, user.login, from.address, false);
  windows.ticket(time, dc, user.login, from.address);
  const usual = [world.servers.files, world.servers.mail, world.servers.app, world.servers.terminal];
  random.sample(usual, random.int(1, 2)).forEach((host, i) => {
    const later = time + random.int(2, 60) * SECOND + i * MINUTE + random.int(0, 999_999);
    const type = host === world.servers.terminal ? 10 : 3;
    logOn(world, domain, random, later, {
      host,
      user: user.login,
      type,
      from,
      minutes: random.between(5, 300),
      tunnelUser,
    });
  });
};

const adminRound = (domain: Domain, admin: User, noon: number): void => {
  const random = domain.sim.random.fork(`admin ${admin.login} ${noon}`);
  for (let i = random.poisson(2); i > 0; i -= 1) {
    const host = random.pick(Object.values(domain.world.servers));
    const time = Math.round(wallTime(noon, random.between(admin.begins, admin.ends)));
    logOn(domain.world, domain, random, time, {
      host,
      user: `adm-${admin.login}`,
      type: 10,
      from: admin.workstation,
      minutes: random.between(3, 90),
      privileged: true,
    });
  }
};

/** Accounts for installations and backups that one administrator or another uses now and then. */
const SHARED_ADMINS = ['adm-backup', 'adm-service', 'adm-install'] as const;

const sharedAccounts = (domain: Domain, noon: number): void => {
  const { world } = domain;
  const random = domain.sim.random.fork(`shared ${noon}`);
  for (const user of SHARED_ADMINS) {
    if (!random.chance(0.35)) continue;
    const from = random.pick([random.pick(world.admins).workstation, world.servers.backup]);
    const time = Math.round(wallTime(noon, random.between(7, 19)));
    logOn(world, domain, random, time, {
      host: random.pick(Object.values(world.servers)),
      user,
      type: random.pick([3, 3, 10]),
      from,
      minutes: random.between(1, 60),
      privileged: true,
    });
  }
};

const nightlyAgents = (domain: Domain, noon: number): void => {
  const { world, windows } = domain;
  const random = domain.sim.random.fork(`agents ${noon}`);
  const start = wallTime(noon, 20.5) + random.int(0, 900) * SECOND;
  for (const host of [world.servers.files, world.servers.database, world.servers.mail, world.servers.app]) {
    logOn(world, domain, random, start + Math.round(random.between(1, 900) * SECOND), {
      host,
      user: 'svc-backup',
      type: 3,
      from: world.servers.backup,
      minutes: random.between(20, 200),
      privileged: true,
    });
    const look = start + Math.round(random.between(900, 1200) * SECOND);
    windows.process(
      look,
      host,
      'SYSTEM',
      'C:\\Windows\\System32\\vssadmin.exe',
      'vssadmin.exe list shadows',
      'C:\\Program Files\\Backup\\Agent\\agent.exe',
    );
  }
};

const machinery = (domain: Domain, noon: number): void => {
  const { sim, world, windows } = domain;
  const random = sim.random.fork(`machinery ${noon}`);
  for (const host of Object.values(world.servers)) {
    windows.logon(Math.round(wallTime(noon, random.between(0, 24))), { host, user: 'SYSTEM', type: 5 });
    for (let i = random.poisson(2 * sim.noise); i > 0; i -= 1) {
      const [program, command, parent] = random.pick(PROGRAMS);
      windows.process(Math.round(wallTime(noon, random.between(0, 24))), host, 'SYSTEM', program, command, parent);
    }
  }
  for (let i = random.poisson(1.2); i > 0; i -= 1) {
    const [name, image] = random.pick(SERVICES);
    windows.service(Math.round(wallTime(noon, random.between(7, 20))), random.pick(world.windowsHosts), name, image);
  }
};

/** The people in the office on a working day. */
const officeDay = (domain: Domain, noon: number, weekday: number): void => {
  const random = domain.sim.random.fork(`office ${noon}`);
  for (const admin of domain.world.admins) if (random.chance(0.8)) adminRound(domain, admin, noon);
  sharedAccounts(domain, noon);
  for (const user of domain.world.users) {
    if (user.homeDays.includes(weekday) || !random.chance(0.9)) continue;
    const morning = wallTime(noon, user.begins) + random.normal(4, 8) * MINUTE;
    signOn(domain, user, user.workstation, Math.round(morning));
    const again = Math.round(wallTime(noon, random.between(12, user.ends)));
    if (random.chance(0.6 * domain.sim.noise)) signOn(domain, user, user.workstation, again);
  }
};

/** `remote`: the sessions of those who work through the VPN. */
export const domainLife = (
  sim: Simulation,
  world: World,
  windows: WindowsLog,
  firewall: FirewallLog | undefined,
  remote: readonly VpnSession[],
): void => {
  const domain: Domain = { sim, world, windows, firewall };
  for (const { noon, weekday, workday } of daysOfCase(sim)) {
    machinery(domain, noon);
    nightlyAgents(domain, noon);
    if (workday) officeDay(domain, noon, weekday);
  }
  const random = sim.random.fork('remote sign on');
  for (const session of remote) {
    const user = world.users.find((u) => u.login === session.user);
    if (user === undefined) continue;
    const from = { name: user.workstation.name.replace('WS', 'NB'), address: session.inner };
    signOn(domain, user, from, session.opened + Math.round(random.between(20, 120) * SECOND), session.user);
  }
};
