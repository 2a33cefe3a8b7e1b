import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { logOn } from '../benign/logon.ts';
import type { FirewallLog, VpnLog, VpnSession } from '../flow.ts';
import type { WindowsLog } from '../formats/windows.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Entry } from '../story.ts';
import type { Host, User, World } from '../world.ts';

/** What intruders do once they are in; each returns the act with its lines. */

/** People and programs act between whole seconds. */
export const fraction = (random: Random): number => random.int(1, 999_999);

/** From one inner address to many hosts within minutes. */
export const sweep = (
  world: World,
  firewall: FirewallLog,
  random: Random,
  time: number,
  source: string,
  options: { hosts: number; minutes: number; user?: string; ports?: readonly number[] },
): Act => {
  const net = world.servers.dc1.address.split('.').slice(0, 2).join('.');
  const lines: Written[] = [];
  for (let i = 0; i < options.hosts; i += 1) {
    const subnet = random.pick([10, 10, 20, 21, 22, 30]);
    const at = time + Math.round(((i + random.next()) / options.hosts) * options.minutes * MINUTE);
    const flow = {
      source,
      destination: `${net}.${subnet}.${10 + (i % 120)}`,
      port: random.pick(options.ports ?? [445, 3389]),
      sent: random.int(52, 180),
      received: random.chance(0.3) ? random.int(60, 300) : 0,
      seconds: random.int(1, 6),
      ...(options.user === undefined ? {} : { user: options.user }),
    };
    lines.push(...(random.chance(0.7) ? firewall.flow(at, flow) : firewall.deny(at, flow)));
  }
  return { stage: 'discovery', technique: 'T1046', time, lines: lines.slice(0, 20) };
};

/** Remote desktop (or a network logon) onto one host after another, seen by firewall and Windows. */
export const hop = (
  world: World,
  random: Random,
  time: number,
  step: {
    firewall?: FirewallLog;
    windows?: WindowsLog;
    host: Host;
    from: Host;
    account: string;
    type?: number;
    user?: string;
    minutes?: number;
  },
): Act => {
  const type = step.type ?? 10;
  const at = time + fraction(random);
  const lines = logOn(world, step, random, at, {
    host: step.host,
    user: step.account,
    type,
    from: step.from,
    minutes: step.minutes ?? random.between(8, 70),
    privileged: true,
    tunnelUser: step.user,
  });
  return { stage: 'lateral-movement', technique: type === 10 ? 'T1021.001' : 'T1021.002', time: at, lines };
};

/** Data out in several long connections. */
export const carryOff = (
  firewall: FirewallLog,
  random: Random,
  time: number,
  flow: { source: string; destination: string; bytes: number; hours: number; port?: number; parts?: number },
): Act & { bytes: number } => {
  const parts = flow.parts ?? random.int(4, 9);
  const lines: Written[] = [];
  let bytes = 0;
  for (let i = 0; i < parts; i += 1) {
    const at = time + Math.round(((i + random.between(0, 0.2)) / parts) * flow.hours * HOUR) + fraction(random);
    const share = Math.round((flow.bytes / parts) * random.between(0.97, 1.03));
    bytes += share;
    lines.push(
      ...firewall.flow(at, {
        source: flow.source,
        destination: flow.destination,
        port: flow.port ?? 443,
        sent: share,
        received: Math.round(share / random.int(60, 120)),
        seconds: (flow.hours / parts) * 3600 * random.between(0.7, 0.98),
      }),
    );
  }
  return { stage: 'exfiltration', technique: 'T1048.002', time, lines, bytes };
};

const SHADOWS = [
  ['C:\\Windows\\System32\\vssadmin.exe', 'vssadmin.exe delete shadows /all /quiet'],
  ['C:\\Windows\\System32\\wbem\\WMIC.exe', 'wmic.exe shadowcopy delete'],
] as const;

/** Recovery options removed, a service on every host within minutes, the log cleared. */
export const encrypt = (
  world: World,
  windows: WindowsLog,
  random: Random,
  time: number,
  options: { account: string; hosts: number; from: Host },
): Act[] => {
  const service =
    random.pick(['WinUpdSvc', 'SysHelper', 'PrnSpoolMon', 'NetAgentSvc', 'LogonMgr']) +
    (random.chance(0.5) ? random.int(1, 9) : '');
  const image = `C:\\Windows\\${random.pick(['Temp', 'ProgramData', 'debug'])}\\${random.letters(7)}.exe`;
  const targets = random.sample(world.windowsHosts, Math.min(options.hosts, world.windowsHosts.length));
  const installed: Written[] = [];
  let at = time + fraction(random);
  for (const host of targets) {
    at += Math.round(random.exponential(7) * SECOND);
    windows.logon(at - random.int(200, 900) * 1000, { host, user: options.account, type: 3, from: options.from });
    installed.push(windows.service(at, host, service, image));
  }
  const inhibited = targets.slice(0, 8).map((host, i) => {
    const [program, command] = random.pick(SHADOWS);
    return windows.process(
      time + Math.round((i * 9 + random.between(20, 60)) * SECOND),
      host,
      'SYSTEM',
      program,
      command,
      image,
    );
  });
  const cleared = [world.servers.dc1, world.servers.files].map((host, i) =>
    windows.cleared(at + Math.round((i + 1) * random.between(20, 70) * SECOND), host, options.account),
  );
  return [
    { stage: 'execution', technique: 'T1569.002', time, lines: installed },
    { stage: 'impact', technique: 'T1490', time: time + 20 * SECOND, lines: inhibited },
    { stage: 'defense-evasion', technique: 'T1070.001', time: at, lines: cleared },
  ];
};

/** The login of an intruder over the VPN; its session ends when he is done. */
export const dialIn = (
  random: Random,
  leases: { take: (from: number, to: number) => string },
  time: number,
  who: { user: string; address: string; hours: number; clientVersion: number },
): VpnSession => {
  const opened = time + fraction(random);
  const closed = opened + Math.round(who.hours * random.between(0.97, 1.03) * HOUR);
  return {
    user: who.user,
    address: who.address,
    inner: leases.take(opened, closed),
    opened,
    closed,
    sent: Math.round(random.logNormal(6e7, 0.6)),
    received: Math.round(random.logNormal(4e8, 0.6)),
    clientVersion: who.clientVersion,
  };
};

/** Wrong passwords for one account from one address, evenly spread with jitter; the time after the last one comes back too. */
export const guess = (
  random: Random,
  vpn: VpnLog,
  time: number,
  who: { user: string; address: string },
  tries: number,
  minutes: number,
): { act: Act; until: number } => {
  const gap = (minutes * MINUTE) / tries;
  const lines = Array.from({ length: tries }, (_, i) =>
    vpn.refuse(time + Math.round((i + random.between(0, 0.7)) * gap) + fraction(random), who.user, who.address, true),
  ).flat();
  return {
    act: { stage: 'credential-access', technique: 'T1110.001', time, lines: lines.slice(0, 20) },
    until: time + Math.round(tries * gap),
  };
};

/** An intruder's login with its records; the session is closed in the logs as well. */
export const visit = (
  random: Random,
  vpn: VpnLog,
  leases: { take: (from: number, to: number) => string },
  time: number,
  who: { user: string; address: string; hours: number; clientVersion: number },
): Act & { session: VpnSession } => {
  const session = dialIn(random, leases, time, who);
  const lines = vpn.open(session);
  vpn.close(session);
  return { stage: 'persistence', technique: 'T1133', time: session.opened, lines, session };
};

/** The act by which he first came in, as a step of the chain. */
export const initial = (act: Act): Act => ({ ...act, stage: 'initial-access' });

/** The machine at the far end of a tunnel. */
export const machine = (random: Random, address: string): Host => ({
  name: `${random.pick(['DESKTOP', 'LAPTOP', 'WIN'])}-${random.letters(7).toUpperCase()}`,
  address,
});

/** Some hours before the anchor, with jitter. */
export const before = (sim: Simulation, random: Random, hours: number, jitter: number): number =>
  sim.anchor - Math.round((hours + random.between(-jitter, jitter)) * HOUR);

/** What a story needs to know of the place. */
export interface Site {
  readonly world: World;
  readonly firewall: FirewallLog;
  readonly windows: WindowsLog;
}

export interface Plan {
  readonly account: string;
  /** The machine from which he reaches the file server, and through whose tunnel. */
  readonly from: Host;
  readonly user?: string;
  readonly first: number;
  /** Until he goes on to the domain controller, µs. */
  readonly wait: number;
  /** How many hosts get the service at the end. */
  readonly hosts: number;
}

/** File server, domain controller, and at the anchor services on every host. */
export const takeDomain = (
  sim: Simulation,
  site: Site,
  random: Random,
  plan: Plan,
): { toFiles: Act; toDc: Act; damage: Act[] } => {
  const { world, firewall, windows } = site;
  const { files, dc1 } = world.servers;
  const through = plan.user === undefined ? {} : { user: plan.user };
  const toFiles = hop(world, random, plan.first, {
    firewall,
    windows,
    host: files,
    from: plan.from,
    account: plan.account,
    ...through,
  });
  const toDc = hop(world, random, toFiles.time + Math.round(plan.wait), {
    windows,
    host: dc1,
    from: files,
    account: plan.account,
  });
  const damage = encrypt(world, windows, random, sim.anchor, { account: plan.account, hosts: plan.hosts, from: dc1 });
  return { toFiles, toDc, damage };
};

/** The first lines of something that looks like an attack and is none. */
export const decoy = (what: string, lines: readonly Written[]): { what: string; lines: readonly Written[] } => ({
  what,
  lines: lines.slice(0, 20),
});

export const entryOf = (act: Act, vector: string, technique: string, origin: Entry['origin'] = 'external'): Entry => ({
  vector,
  technique,
  origin,
  time: act.time,
  lines: act.lines,
});

/** Somebody who is no administrator. */
export const anyone = (random: Random, world: World): User => random.pick(world.users.filter((u) => !u.admin));
