import { HOUR, isoOf, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import { receive, send } from '../benign/mail.ts';
import { pentest } from '../benign/pentest.ts';
import { BROWSERS, owaVisit } from '../benign/web.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Simulation } from '../simulation.ts';
import type { Act, Scenario, Story } from '../story.ts';
import { before, carryOff, encrypt, fraction, hop, machine, visit } from './intrusion.ts';
import { makeVendor, type OrdinaryDays, ordinaryDays, type Vendor } from './medical-network.ts';

/** Autodiscover requests in the manner of CVE-2021-34473; the proxy before Exchange sees them with their answers. */
const exploit = (random: Random, vendor: Vendor, time: number, source: string): { act: Act; entry: Act } => {
  const mark = `${random.letters(random.int(4, 9))}@${random.letters(6, 'abcdefghijklmnop')}.example`;
  const tail = `&Email=autodiscover/autodiscover.json%3f@${mark.split('@')[1]}`;
  const agent = random.pick([...BROWSERS, 'python-requests/2.26.0', 'python-requests/2.25.1']);
  const ask = (at: number, method: string, path: string, status: number): Written =>
    vendor.front.log.request(at, {
      source,
      method,
      url: `/autodiscover/autodiscover.json?@${mark}/${path}${tail}`,
      status,
      bytes: random.int(300, 6000),
      agent,
    });
  const refused = [ask(time, 'GET', 'owa/?', 404), ask(time + 4 * SECOND, 'GET', 'mapi/nspi/?', 302)];
  const first = time + Math.round(random.between(9, 40) * SECOND);
  const lines = [ask(first, 'POST', 'autodiscover/autodiscover.xml?', 200)];
  let at = first;
  for (let i = random.int(30, 48); i > 0; i -= 1) {
    at += Math.round(random.exponential(14) * SECOND);
    lines.push(
      ask(
        at,
        'POST',
        random.pick([
          'mapi/emsmdb/?',
          'PowerShell/?X-Rps-CAT=VgEAVAdXaW5kb3dz',
          'PowerShell/?X-Rps-CAT=VgEAVAdXaW5kb3dz',
          'ews/exchange.asmx?',
        ]),
        random.chance(0.9) ? 200 : 500,
      ),
    );
  }
  vendor.front.firewall?.flow(time - SECOND, {
    source,
    destination: vendor.front.address,
    port: 443,
    sent: 91_000,
    received: 240_000,
    seconds: (at - time) / SECOND + 4,
  });
  return {
    act: { stage: 'reconnaissance', technique: 'T1595.002', time, lines: refused },
    entry: { stage: 'initial-access', technique: 'T1190', time: first, lines: lines.slice(0, 20) },
  };
};

/** A page that was never there before, and what its owner does with it. */
const shell = (
  random: Random,
  vendor: Vendor,
  time: number,
  source: string,
): { act: Act; pull: (at: number, bytes: number) => Written } => {
  const url = `/aspnet_client/${random.letters(random.int(2, 8))}.aspx`;
  const agent = random.pick(BROWSERS);
  const ask = (at: number, method: string, path: string, bytes: number): Written =>
    vendor.front.log.request(at, { source, method, url: path, status: 200, bytes, agent });
  const lines = Array.from({ length: random.int(4, 12) }, (_, i) =>
    ask(time + Math.round(i * random.between(5, 60) * SECOND), i === 0 ? 'GET' : 'POST', url, random.int(40, 3000)),
  );
  return {
    act: { stage: 'persistence', technique: 'T1505.003', time, lines },
    pull: (at, bytes) => ask(at, 'GET', url.replace('.aspx', `${random.int(1, 9)}.pst`), bytes),
  };
};

const exportMailboxes = (
  random: Random,
  vendor: Vendor,
  time: number,
  pull: (at: number, bytes: number) => Written,
): { act: Act; bytes: number } => {
  const { world, windows } = vendor;
  const lines: Written[] = [];
  let bytes = 0;
  ['support', 'it'].forEach((name, i) => {
    const at = time + i * random.int(3, 9) * MINUTE + fraction(random);
    const size = Math.round(random.logNormal(5e8, 0.5));
    bytes += size;
    lines.push(
      windows.event(at, world.servers.mail, 1, {
        param1: 'New-MailboxExportRequest',
        param2: `-Mailbox "${name}@${world.domain}" -FilePath "\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\${name}.pst"`,
        param3: 'NT AUTHORITY\\SYSTEM',
      }),
    );
    lines.push(pull(at + random.int(20, 50) * MINUTE, size));
  });
  return { act: { stage: 'collection', technique: 'T1114.002', time, lines }, bytes };
};

/** Answers in running conversations from the support mailbox to practices, with a link to an archive. */
const replyChain = (random: Random, vendor: Vendor, time: number): Act => {
  const { world, mail } = vendor;
  const lines: Written[] = [];
  for (let i = 0; i < 110; i += 1) {
    const to = random.pick(random.pick(world.correspondents).people);
    lines.push(
      ...send(world, mail, random, time + Math.round(i * random.between(8, 22) * SECOND) + fraction(random), {
        from: `support@${world.domain}`,
        to: [to],
        device: { name: world.servers.mail.name, address: world.servers.mail.address },
        subject: `AW: Ticket ${random.int(10_000, 99_999)}`,
        size: random.int(31_000, 36_000),
        clientType: 'EWS',
      }).slice(0, 2),
    );
  }
  return { stage: 'lateral-movement', technique: 'T1534', time, lines: lines.slice(0, 20) };
};

const newsletter = (sim: Simulation, random: Random, vendor: Vendor): Written[] => {
  const time = before(sim, random, 192, 8);
  const people = vendor.world.correspondents.flatMap((c) => c.people);
  return people
    .flatMap((to, i) =>
      send(vendor.world, vendor.mail, random, time + Math.round(i * 1.3 * SECOND), {
        from: `newsletter@${vendor.world.domain}`,
        to: [to],
        device: vendor.world.servers.app,
        subject: 'Neues in Version 4.3',
        size: 88_120,
      }),
    )
    .slice(0, 20);
};

/** The reset mail for a.wolf, read in her mailbox by the intruder; a new second factor; her tunnel. */
const resetAndDialIn = (
  sim: Simulation,
  random: Random,
  vendor: Vendor,
  days: OrdinaryDays,
  source: string,
): { reset: Act; dial: ReturnType<typeof visit> } => {
  const { world, gate } = vendor;
  const user = 'a.wolf';
  const time = before(sim, random, 144, 5) + fraction(random);
  const mail = receive(world, vendor.mail, random, time, {
    from: `vpn-selfservice@${world.domain}`,
    to: `${user}@${world.domain}`,
    client: { name: 'portal', address: world.servers.web.address },
    subject: 'Ihr VPN-Kennwort zurücksetzen',
    size: 6120,
  });
  owaVisit(world, vendor.front, random, time + 3 * MINUTE, {
    login: user,
    address: source,
    agent: random.pick(BROWSERS),
    ok: true,
  });
  const token = gate.config(time + 12 * MINUTE, {
    user: 'selfservice',
    ui: `https(${world.servers.web.address})`,
    action: 'Edit',
    path: 'user.local',
    object: user,
    attributes: 'passwd[*]fortitoken[FTKMOB2A11->FTKMOB7C90]',
  });
  const dial = visit(random, gate, days.remote.leases, time + Math.round(random.between(1.5, 3) * HOUR), {
    user,
    address: foreignAddress(random),
    hours: random.between(2, 4),
    clientVersion: 0,
  });
  return { reset: { stage: 'credential-access', technique: 'T1098.005', time, lines: [...mail, ...token] }, dial };
};

const finish = (
  sim: Simulation,
  random: Random,
  vendor: Vendor,
  days: OrdinaryDays,
  address: string,
): { acts: Act[]; bytes: number; destination: string } => {
  const { world, gate, windows } = vendor;
  const { backup, hypervisor, dc1 } = world.servers;
  const account = 'adm-backup';
  const back = visit(random, gate, days.remote.leases, before(sim, random, 120, 6), {
    user: 'a.wolf',
    address,
    hours: 6,
    clientVersion: 0,
  });
  const from = machine(random, back.session.inner);
  const toHypervisor = hop(world, random, back.time + random.int(10, 50) * MINUTE, {
    firewall: gate,
    windows,
    host: hypervisor,
    from,
    account,
    type: 3,
    user: 'a.wolf',
  });
  const toBackup = hop(world, random, toHypervisor.time + random.int(20, 120) * MINUTE, {
    firewall: gate,
    windows,
    host: backup,
    from,
    account,
    user: 'a.wolf',
  });
  const destination = foreignAddress(random);
  const out = carryOff(gate, random, before(sim, random, 48, 4), {
    source: backup.address,
    destination,
    bytes: random.logNormal(3.8e11, 0.2),
    hours: random.between(6, 10),
  });
  const clearing = before(sim, random, 24, 3);
  const cleared = Object.values(world.servers)
    .slice(0, 6)
    .map((host, i) => windows.cleared(clearing + i * random.int(30, 200) * SECOND + fraction(random), host, account));
  const stopped = windows.event(clearing + 20 * MINUTE, backup, 7036, {
    param1: 'Backup Agent Service',
    param2: 'stopped',
  });
  const damage = encrypt(world, windows, random, sim.anchor, { account, hosts: 40, from: dc1 });
  const hidden = { stage: 'defense-evasion', technique: 'T1070.001', time: clearing, lines: [...cleared, stopped] };
  return { acts: [back, toHypervisor, toBackup, out, hidden, ...damage], bytes: out.bytes, destination };
};

const tell = (sim: Simulation): Story => {
  const random = sim.random.fork('story');
  const vendor = makeVendor(
    sim,
    { users: 46, cast: ['Andrea Wolf', 'Monika Roth', 'Timo Berg', 'Katrin Maier'] },
    random.int(-900_000, 900_000),
  );
  const days = ordinaryDays(sim, vendor, 12);
  const source = foreignAddress(random);
  const opening = exploit(random, vendor, before(sim, random, 459, 9) + fraction(random), source);
  const page = shell(random, vendor, opening.entry.time + Math.round(random.between(0.6, 1.5) * HOUR), source);
  const exported = exportMailboxes(random, vendor, before(sim, random, 432, 6), page.pull);
  const test = pentest(random, vendor.world, vendor.gate, vendor.front.log, before(sim, random, 336, 6));
  const chain = replyChain(random, vendor, before(sim, random, 216, 5));
  const letter = newsletter(sim, random, vendor);
  const { reset, dial } = resetAndDialIn(sim, random, vendor, days, source);
  const rest = finish(sim, random, vendor, days, dial.session.address);
  return {
    expect: 'ranked',
    entry: {
      vector: 'web-exploit',
      technique: 'T1190',
      origin: 'external',
      time: opening.entry.time,
      lines: opening.entry.lines,
    },
    chain: [opening.act, opening.entry, page.act, exported.act, chain, reset, dial, ...rest.acts],
    decoys: [
      { what: 'authorised penetration test', lines: test.lines.slice(0, 20) },
      { what: 'technicians reach dozens of practices by remote desktop', lines: days.maintenance.slice(0, 20) },
      { what: 'monthly newsletter', lines: letter },
      { what: 'VPN login of a.wolf, the latest login from outside', lines: dial.lines },
      { what: 'nightly backup', lines: days.backup.lines.slice(0, 20) },
    ],
    exfiltration: { grade: 'shown', bytes: rest.bytes + exported.bytes, destination: rest.destination },
    context: { pentests: [{ source: `${test.source}/32`, from: isoOf(test.to - 32 * HOUR), to: isoOf(test.to) }] },
  };
};

export const s04: Scenario = {
  id: 'S04',
  title: 'Ransomware at a practice-software vendor, mail infrastructure first',
  days: 23,
  tell,
};
