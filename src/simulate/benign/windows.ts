import { MINUTE, SECOND } from '../../core/time.ts';
import { wallTime } from '../clock.ts';
import type { VpnSession } from '../flow.ts';
import type { WindowsLog } from '../formats/windows.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { Host, User, World } from '../world.ts';

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

/** A user at a device: the ticket, a few service tickets, the network logons they serve. */
const signOn = (
  sim: Simulation,
  world: World,
  log: WindowsLog,
  user: User,
  from: Host,
  time: number,
  label: string,
): void => {
  const random = sim.random.fork(label);
  const dc = random.pick([world.servers.dc1, world.servers.dc2]);
  if (random.chance(user.clumsiness))
    log.ticket(time - random.int(5, 40) * SECOND, dc, user.login, from.address, false);
  log.ticket(time, dc, user.login, from.address);
  const targets = random.sample(
    [world.servers.files, world.servers.mail, world.servers.app, world.servers.terminal],
    random.int(1, 2),
  );
  targets.forEach((host, i) => {
    const later = time + random.int(2, 60) * SECOND + i * MINUTE;
    log.serviceTicket(later, dc, user.login, `${host.name}$`, from.address);
    const logon = { host, user: user.login, type: host === world.servers.terminal ? 10 : 3, from };
    log.logon(later + random.int(20, 900) * 1000, logon);
    log.logoff(later + random.int(5, 300) * MINUTE, logon);
  });
};

const adminRound = (sim: Simulation, world: World, log: WindowsLog, admin: User, noon: number): void => {
  const random = sim.random.fork(`admin ${admin.login} ${noon}`);
  for (let i = random.poisson(2); i > 0; i -= 1) {
    const host = random.pick(Object.values(world.servers));
    const time = Math.round(wallTime(noon, random.between(admin.begins, admin.ends)));
    const logon = { host, user: `adm-${admin.login}`, type: 10, from: admin.workstation };
    log.logon(time, logon);
    log.privileges(time + 1000, host, logon.user);
    log.logoff(time + random.int(3, 90) * MINUTE, logon);
  }
};

const machinery = (sim: Simulation, world: World, log: WindowsLog, noon: number): void => {
  const random = sim.random.fork(`machinery ${noon}`);
  const backup = wallTime(noon, 20.5) + random.int(0, 900) * SECOND;
  for (const host of [world.servers.files, world.servers.database, world.servers.mail, world.servers.app]) {
    log.logon(backup + random.int(1, 900) * SECOND, { host, user: 'svc-backup', type: 3, from: world.servers.backup });
    log.process(
      backup + random.int(900, 1200) * SECOND,
      host,
      'SYSTEM',
      'C:\\Windows\\System32\\vssadmin.exe',
      'vssadmin.exe list shadows',
      'C:\\Program Files\\Backup\\Agent\\agent.exe',
    );
  }
  for (const host of Object.values(world.servers)) {
    log.logon(Math.round(wallTime(noon, random.between(0, 24))), { host, user: 'SYSTEM', type: 5 });
    for (let i = random.poisson(2 * sim.noise); i > 0; i -= 1) {
      const [program, command, parent] = random.pick(PROGRAMS);
      log.process(Math.round(wallTime(noon, random.between(0, 24))), host, 'SYSTEM', program, command, parent);
    }
  }
  for (let i = random.poisson(1.2); i > 0; i -= 1) {
    const [name, image] = random.pick(SERVICES);
    log.service(Math.round(wallTime(noon, random.between(7, 20))), random.pick(world.windowsHosts), name, image);
  }
};

export const domainLife = (
  sim: Simulation,
  world: World,
  log: WindowsLog,
  remote: readonly VpnSession[] = [],
): void => {
  const random = sim.random.fork('domain life');
  for (const { noon, weekday, workday } of daysOfCase(sim)) {
    machinery(sim, world, log, noon);
    for (const admin of world.admins) if (workday && random.chance(0.8)) adminRound(sim, world, log, admin, noon);
    if (!workday) continue;
    for (const user of world.users) {
      if (user.homeDays.includes(weekday) || !random.chance(0.9)) continue;
      signOn(
        sim,
        world,
        log,
        user,
        user.workstation,
        Math.round(wallTime(noon, user.begins) + random.normal(4, 8) * MINUTE),
        `morning ${user.login} ${noon}`,
      );
      if (random.chance(0.6 * sim.noise))
        signOn(
          sim,
          world,
          log,
          user,
          user.workstation,
          Math.round(wallTime(noon, random.between(12, user.ends))),
          `noon ${user.login} ${noon}`,
        );
    }
  }
  for (const session of remote) {
    const user = world.users.find((u) => u.login === session.user);
    if (user === undefined) continue;
    const from = { name: user.workstation.name.replace('WS', 'NB'), address: session.inner };
    signOn(
      sim,
      world,
      log,
      user,
      from,
      session.opened + random.int(20, 120) * SECOND,
      `remote ${user.login} ${session.opened}`,
    );
  }
};
