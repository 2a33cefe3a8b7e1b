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
import { carryOff, dialIn, encrypt, fraction, hop, sweep } from './intrusion.ts';
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
  readonly guesses: Written[];
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
  return { guesses, login, session: first.session, visit };
};

/** Scan, file server, domain controller, data out, services everywhere. */
const advance = (
  sim: Simulation,
  vendor: Vendor,
  random: Random,
  entry: Break,
): { acts: Act[]; bytes: number; toDc: Act; impact: number } => {
  const { world, gate, windows } = vendor;
  const { files, dc1 } = world.servers;
  const user = entry.session.user;
  const scan = sweep(
    world,
    gate,
    random,
    entry.session.opened + 6 * MINUTE + random.int(0, 40) * SECOND,
    entry.session.inner,
    { hosts: 180, minutes: 6.2, user },
  );
  const share = hop(world, random, scan.time + 19 * MINUTE, {
    firewall: gate,
    windows,
    host: files,
    from: { name: 'DESKTOP-7QK2N1C', address: entry.session.inner },
    account: user,
    type: 3,
    user,
  });
  const monday = entry.visit(onDay(sim, 6, 22.8) + random.int(0, 900) * SECOND, 4.2);
  const desk = { name: 'DESKTOP-7QK2N1C', address: monday.session.inner };
  const toFiles = hop(world, random, monday.session.opened + 14 * MINUTE, {
    firewall: gate,
    windows,
    host: files,
    from: desk,
    account: 'adm-backup',
    user,
    minutes: 150,
  });
  const dumped = toFiles.time + 21 * MINUTE + fraction(random);
  const dump = windows.process(
    dumped,
    files,
    'adm-backup',
    'C:\\Windows\\System32\\rundll32.exe',
    'rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 672 C:\\Windows\\Temp\\d.bin full',
    'C:\\Windows\\System32\\cmd.exe',
  );
  const toDc = hop(world, random, toFiles.time + 52 * MINUTE, {
    windows,
    host: dc1,
    from: files,
    account: 'adm-backup',
    minutes: 60,
  });
  const wednesday = entry.visit(onDay(sim, 8, 20.8) + random.int(0, 600) * SECOND, 9.6);
  const again = hop(world, random, wednesday.session.opened + 6 * MINUTE, {
    firewall: gate,
    windows,
    host: files,
    from: { name: 'DESKTOP-7QK2N1C', address: wednesday.session.inner },
    account: 'adm-backup',
    user,
    minutes: 540,
  });
  const out = carryOff(gate, random, onDay(sim, 8, 21.16), {
    source: files.address,
    destination: STORE,
    bytes: 2.1e11,
    hours: 8.5,
    parts: 7,
  });
  const impact = onDay(sim, 9, 6.2) + random.int(0, 600) * SECOND;
  const damage = encrypt(world, windows, random, impact, { account: 'adm-backup', hosts: 40, from: dc1 });
  const stolen = { stage: 'credential-access', technique: 'T1003.001', time: dumped, lines: [dump] };
  const back = (v: typeof monday): Act => ({
    stage: 'persistence',
    technique: 'T1133',
    time: v.session.opened,
    lines: v.lines,
  });
  return {
    acts: [scan, share, back(monday), toFiles, stolen, toDc, back(wednesday), again, out, ...damage],
    bytes: out.bytes,
    toDc,
    impact,
  };
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
  const { acts, bytes, toDc, impact } = advance(sim, vendor, random, entry);
  const mail = phishing(sim, vendor, random);
  const technician = oddLogin(sim, vendor, random);
  const { traffic, events } = vendor.devices;
  for (const d of [traffic, events]) sim.journal.silence(d, onDay(sim, 3, 2), onDay(sim, 3, 4) + 10 * MINUTE);
  // late in the morning of the tenth day someone pulls the plugs
  for (const d of Object.values(vendor.devices)) sim.journal.silence(d, impact + 4 * HOUR, sim.to + DAY);
  return {
    expect: 'ranked',
    entry: {
      vector: 'vpn-guessed-password',
      technique: 'T1110.001',
      origin: 'external',
      time: entry.login.time,
      lines: entry.login.lines,
    },
    chain: [
      {
        stage: 'credential-access',
        technique: 'T1110.001',
        time: entry.session.opened - 21 * MINUTE,
        lines: entry.guesses.slice(0, 20),
      },
      entry.login,
      ...acts,
    ],
    decoys: [
      { what: 'phishing mail delivered to m.roth, no sign that it was opened', lines: mail },
      { what: 'login of the technician t.berg from a hotel abroad, at night', lines: technician.slice(0, 3) },
      { what: 'password spraying on the VPN gateway, far louder than the attack', lines: days.spray.slice(0, 20) },
      { what: 'nightly backup to the storage provider', lines: days.backup.lines.slice(0, 20) },
      { what: 'technicians reach dozens of practices by remote desktop', lines: days.maintenance.slice(0, 20) },
      { what: 'first remote desktop session on the domain controller', lines: toDc.lines },
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
