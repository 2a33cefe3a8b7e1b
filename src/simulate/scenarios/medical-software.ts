import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import { receive } from '../benign/mail.ts';
import type { RemoteWork } from '../benign/vpn.ts';
import { wallTime } from '../clock.ts';
import type { VpnSession } from '../flow.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Scenario, Story } from '../story.ts';
import type { Host } from '../world.ts';
import { carryOff, decoy, dialIn, encrypt, entryOf, fraction, hop, sweep } from './intrusion.ts';
import { makeVendor, ordinaryDays, type Vendor } from './medical-network.ts';

/** The shipped case: ransomware at a practice-software vendor, from 26 October to 4 November 2021. */

const ATTACKER = '198.51.100.23';
const STORE = '203.0.113.9';

const COMPANY = {
  company: 'praxidata',
  users: 46,
  publicNet: '192.0.2',
  vpnPool: '10.9.0',
  cast: ['Katrin Maier', 'Monika Roth', 'Timo Berg', 'Andrea Wolf', 'Jonas Beck'],
};

const onDay = (sim: Simulation, day: number, hour: number): number =>
  Math.round(wallTime(sim.from + DAY / 2 + day * DAY, hour));

interface Break {
  readonly guessing: Act;
  readonly login: Act;
  readonly session: VpnSession;
  readonly visit: (time: number, hours: number) => { session: VpnSession; lines: Written[] };
}

/** 37 wrong passwords for k.maier within 21 minutes on Sunday night, then the right one. */
const breakIn = (sim: Simulation, vendor: Vendor, remote: RemoteWork, random: Random): Break => {
  const user = 'k.maier';
  const start = onDay(sim, 5, 22.87) + random.int(0, 240) * SECOND;
  const guesses = Array.from({ length: 37 }, (_, i) =>
    vendor.gate.refuse(
      start + Math.round(((i + random.between(0, 0.7)) / 37) * 21 * MINUTE) + fraction(random),
      user,
      ATTACKER,
      true,
    ),
  ).flat();
  const visit = (time: number, hours: number): { session: VpnSession; lines: Written[] } => {
    const session = dialIn(random, remote.leases, time, { user, address: ATTACKER, hours, clientVersion: 0 });
    vendor.gate.close(session);
    return { session, lines: vendor.gate.open(session) };
  };
  const first = visit(start + 21 * MINUTE + random.int(4, 40) * SECOND, 3.1);
  const login = { stage: 'initial-access', technique: 'T1133', time: first.session.opened, lines: first.lines };
  const guessing = { stage: 'credential-access', technique: 'T1110.001', time: start, lines: guesses.slice(0, 20) };
  return { guessing, login, session: first.session, visit };
};

/** Whose password the intruder found on a share of the file server. */
const ACCOUNT = 'adm-backup';
const desktop = (session: VpnSession): Host => ({ name: 'DESKTOP-7QK2N1C', address: session.inner });
const returned = (v: { session: VpnSession; lines: Written[] }): Act => ({
  stage: 'persistence',
  technique: 'T1133',
  time: v.session.opened,
  lines: v.lines,
});

/** Sunday: the scan, and the file server with k.maier's own rights. */
const sunday = (vendor: Vendor, random: Random, { session }: Break): Act[] => {
  const { world, gate: firewall, windows } = vendor;
  const { user, inner } = session;
  const start = session.opened + 6 * MINUTE + random.int(0, 40) * SECOND;
  const scan = sweep(world, firewall, random, start, inner, { hosts: 180, minutes: 6.2, user });
  const step = { firewall, windows, host: world.servers.files, from: desktop(session), account: user, type: 3, user };
  return [scan, hop(world, random, scan.time + 19 * MINUTE, step)];
};

/** Monday: back as administrator, memory dumped on the file server, on to the domain controller. */
const monday = (sim: Simulation, vendor: Vendor, random: Random, entry: Break): { acts: Act[]; toDc: Act } => {
  const { world, gate: firewall, windows } = vendor;
  const { files, dc1 } = world.servers;
  const back = entry.visit(onDay(sim, 6, 22.8) + random.int(0, 900) * SECOND, 4.2);
  const step = {
    firewall,
    windows,
    host: files,
    from: desktop(back.session),
    account: ACCOUNT,
    user: back.session.user,
    minutes: 150,
  };
  const toFiles = hop(world, random, back.session.opened + 14 * MINUTE, step);
  const time = toFiles.time + 21 * MINUTE + fraction(random);
  const command = 'rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 672 C:\\Windows\\Temp\\d.bin full';
  const dump = windows.process(
    time,
    files,
    ACCOUNT,
    'C:\\Windows\\System32\\rundll32.exe',
    command,
    'C:\\Windows\\System32\\cmd.exe',
  );
  const toDc = hop(world, random, toFiles.time + 52 * MINUTE, {
    windows,
    host: dc1,
    from: files,
    account: ACCOUNT,
    minutes: 60,
  });
  return {
    acts: [returned(back), toFiles, { stage: 'credential-access', technique: 'T1003.001', time, lines: [dump] }, toDc],
    toDc,
  };
};

/** Wednesday night: 210 GB out of the house beside the backup; on Thursday before work, services on forty hosts. */
const wednesday = (
  sim: Simulation,
  vendor: Vendor,
  random: Random,
  entry: Break,
): { acts: Act[]; bytes: number; impact: number } => {
  const { world, gate: firewall, windows } = vendor;
  const { files, dc1 } = world.servers;
  const back = entry.visit(onDay(sim, 8, 20.8) + random.int(0, 600) * SECOND, 9.6);
  const step = {
    firewall,
    windows,
    host: files,
    from: desktop(back.session),
    account: ACCOUNT,
    user: back.session.user,
    minutes: 540,
  };
  const again = hop(world, random, back.session.opened + 6 * MINUTE, step);
  const load = { source: files.address, destination: STORE, bytes: 2.1e11, hours: 8.5, parts: 7 };
  const out = carryOff(firewall, random, onDay(sim, 8, 21.16), load);
  const impact = onDay(sim, 9, 6.2) + random.int(0, 600) * SECOND;
  const damage = encrypt(world, windows, random, impact, { account: ACCOUNT, hosts: 40, from: dc1 });
  return { acts: [returned(back), again, out, ...damage], bytes: out.bytes, impact };
};

/** The mail that everybody will suspect: delivered to m.roth on Thursday, never opened. */
const phishing = (sim: Simulation, vendor: Vendor, random: Random): Written[] => {
  const client = { name: 'mail.kvb-abrechnung.example', address: foreignAddress(random) };
  return receive(vendor.world, vendor.mail, random, onDay(sim, 2, 9.37) + fraction(random), {
    from: 'service@kvb-abrechnung.example',
    to: `m.roth@${vendor.world.domain}`,
    client,
    size: 48_211,
    subject: 'Ihre Abrechnung Q3 – Dokument prüfen',
  });
};

/** A technician on holiday helps out at night from a hotel. */
const oddLogin = (sim: Simulation, vendor: Vendor, random: Random): Written[] => {
  const opened = onDay(sim, 6, 2.4) + Math.round(random.between(0, 1200) * SECOND);
  const session: VpnSession = {
    user: 't.berg',
    address: '94.62.41.118',
    inner: '10.8.0.33',
    opened,
    closed: opened + 50 * MINUTE,
    sent: 3_411_208,
    received: 40_118_377,
    clientVersion: 2,
  };
  vendor.maintenance.refuse(opened - 40 * SECOND, session.user, session.address, true);
  const lines = vendor.maintenance.open(session);
  vendor.maintenance.close(session);
  vendor.gate.flow(opened + 5 * MINUTE, {
    source: session.inner,
    destination: '172.19.44.10',
    port: 3389,
    sent: 611_204,
    received: 7_120_551,
    seconds: 2100,
  });
  return lines;
};

const tell = (sim: Simulation): Story => {
  const random = sim.random.fork('story');
  // someone once set the proxy's clock to wall time in summer; it believes that to be UTC
  const vendor = makeVendor(sim, COMPANY, 2 * HOUR + 1_700_000);
  const days = ordinaryDays(sim, vendor, 26);
  const entry = breakIn(sim, vendor, days.remote, random);
  const first = sunday(vendor, random, entry);
  const { acts: second, toDc } = monday(sim, vendor, random, entry);
  const { acts: third, bytes, impact } = wednesday(sim, vendor, random, entry);
  const mail = phishing(sim, vendor, random);
  const technician = oddLogin(sim, vendor, random);
  const { traffic, events } = vendor.devices;
  for (const d of [traffic, events]) sim.journal.silence(d, onDay(sim, 3, 2), onDay(sim, 3, 4) + 10 * MINUTE);
  // late in the morning of the tenth day someone pulls the plugs
  for (const d of Object.values(vendor.devices)) sim.journal.silence(d, impact + 4 * HOUR, sim.to + DAY);
  return {
    expect: 'ranked',
    entry: entryOf(entry.login, 'vpn-guessed-password', 'T1110.001'),
    chain: [entry.guessing, entry.login, ...first, ...second, ...third],
    decoys: [
      decoy('phishing mail delivered to m.roth, no sign that it was opened', mail),
      decoy('login of the technician t.berg from a hotel abroad, at night', technician.slice(0, 3)),
      decoy('password spraying on the VPN gateway, far louder than the attack', days.spray),
      decoy('nightly backup to the storage provider', days.backup.lines),
      decoy('technicians reach dozens of practices by remote desktop', days.maintenance),
      decoy('first remote desktop session on the domain controller', toDc.lines),
    ],
    exfiltration: { grade: 'shown', bytes, destination: STORE },
  };
};

export const medicalSoftware: Scenario = {
  id: 'medical-software',
  title: 'Ransomware at a practice-software vendor',
  days: 10,
  start: '2021-10-26',
  tell,
};
