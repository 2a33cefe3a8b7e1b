import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, serviceAddress } from '../addresses.ts';
import { correspondence, type MailPath, receive } from '../benign/mail.ts';
import { scanning } from '../benign/noise.ts';
import { nightlyBackup, officeTraffic } from '../benign/traffic.ts';
import { civil, WALL, wallTime } from '../clock.ts';
import { Fortigate } from '../formats/fortigate.ts';
import { Postfix } from '../formats/postfix.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { daysOfCase, device, type Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import { dmzAddress, type User, type World } from '../world.ts';
import { anyone, before, decoy, entryOf, fraction, sweep } from './intrusion.ts';

interface Place {
  readonly world: World;
  readonly gate: Fortigate;
  readonly mta: Postfix;
  readonly mail: MailPath;
}

const place = (sim: Simulation): Place => {
  const world = sim.company({ users: 45 });
  const traffic = device(sim, 'firewall', 'firewall/fgt-traffic');
  const split = {
    device: traffic,
    web: { ...traffic, name: 'proxy', path: 'web-filter/fgt-web' },
    events: { ...traffic, name: 'dhcp', path: 'dhcp/fgt-event' },
  };
  const gate = new Fortigate({
    ...split,
    journal: sim.journal,
    random: sim.random.fork('fortigate'),
    hostname: 'FGT-HQ',
    gateway: world.gateway,
    sideOf: world.sideOf,
    vpnGroup: 'none',
  });
  const mta = new Postfix({
    device: device(sim, 'mailgateway', 'mail/mail', { rotation: 'numbered' }),
    journal: sim.journal,
    random: sim.random.fork('postfix'),
    hostname: 'mx',
  });
  return {
    world,
    gate,
    mta,
    mail: { gateway: mta, spf: true, gatewayHost: { name: 'mx', address: dmzAddress(world, 25) } },
  };
};

const SITES = [
  ['news-portal.example', 36, 'News and Media'],
  ['shop-nord.example', 42, 'Shopping'],
  ['cloud-office.example', 56, 'Web-based Applications'],
  ['wetter-jetzt.example', 52, 'Information Technology'],
  ['suche.example', 41, 'Search Engines and Portals'],
] as const;
/** What FortiGuard calls domains it has known for days only; young shops and campaigns are among them too. */
const YOUNG = [90, 'Newly Observed Domain'] as const;

/** Leases in the morning, pages all day, an agent that asks for updates every five minutes. */
const officeDays = (sim: Simulation, { world, gate }: Place): { polls: Written[]; leases: Map<User, Written[]> } => {
  const random = sim.random.fork('office days');
  const macs = new Map(world.users.map((u) => [u, Array.from({ length: 6 }, () => random.hex(2)).join(':')]));
  const updates = serviceAddress(random);
  const polls: Written[] = [];
  const leases = new Map<User, Written[]>(world.users.map((u) => [u, []]));
  for (const { noon, weekday, workday } of daysOfCase(sim)) {
    for (const user of workday ? world.users.filter((u) => !u.homeDays.includes(weekday)) : []) {
      const start = Math.round(wallTime(noon, user.begins) + random.normal(0, 6) * MINUTE);
      const { address, name } = user.workstation;
      leases.get(user)?.push(...gate.lease(start, { address, mac: macs.get(user) ?? '', host: name }));
      for (let i = random.poisson(7 * sim.noise); i > 0; i -= 1) {
        const [host, category, words] = random.pick(SITES);
        const site = random.chance(0.02)
          ? { host: `${random.letters(9, 'abdefgiklmnorstu')}.example`, category: YOUNG }
          : { host, category: [category, words] as const };
        gate.web(Math.round(wallTime(noon, random.between(user.begins, user.ends))), {
          source: address,
          destination: serviceAddress(random),
          path: `/${random.letters(random.int(0, 9))}`,
          ...site,
        });
      }
      if (!random.chance(0.25 * sim.noise)) continue;
      for (
        let time = start + random.int(0, 300) * SECOND;
        time < wallTime(noon, user.ends);
        time += Math.round(random.between(298, 302) * SECOND)
      ) {
        polls.push(
          ...gate.flow(time, {
            source: address,
            destination: updates,
            port: 443,
            sent: random.int(700, 900),
            received: random.int(300, 600),
            seconds: random.between(0.2, 1),
          }),
        );
      }
    }
  }
  return { polls, leases };
};

/** A page in an attachment assembles an archive; from then on the workstation calls home every minute. */
const infection = (
  sim: Simulation,
  random: Random,
  { world, gate, mail }: Place,
  victim: User,
): { entry: Act; visit: Act; source: string } => {
  const supplier = random.pick(world.correspondents).domain;
  const domain = supplier.replace('.example', `${random.pick(['-gmbh', '-service', '-ag', 's'])}.example`);
  const client = { name: `mail.${domain}`, address: foreignAddress(random) };
  const from = `${random.pick(['rechnung', 'buchhaltung', 'versand'])}@${domain}`;
  let noon = wallTime(before(sim, random, 144, 10), 12);
  // a day on which the recipient sits at that workstation
  const absent = [0, 6, ...victim.homeDays];
  while (absent.length < 7 && absent.includes(civil(WALL, noon).weekday)) noon = wallTime(noon - 24 * HOUR, 12);
  const time = Math.round(wallTime(noon, random.between(victim.begins + 0.2, victim.ends - 2))) + fraction(random);
  const delivered = receive(world, mail, random, time, {
    from,
    to: victim.mail,
    client,
    size: random.int(60_000, 900_000),
    spf: 'Softfail',
  });
  const first = time + Math.round(random.between(6, 70) * MINUTE);
  const destination = foreignAddress(random);
  const host = `${random.letters(random.int(6, 10), 'abcdefgilmnoprstu')}.example`;
  const source = victim.workstation.address;
  const lines = gate.web(first, { source, destination, host, path: `/${random.letters(12)}`, category: YOUNG });
  for (let at = first; at < sim.anchor + HOUR; at += Math.round(random.between(57, 63) * SECOND)) {
    if ((at - first) % (24 * HOUR) > 10 * HOUR) continue;
    const flow = gate.flow(at, {
      source,
      destination,
      port: 443,
      sent: random.int(600, 1300),
      received: random.int(300, 1800),
      seconds: random.between(0.3, 2),
    });
    if (lines.length < 20) lines.push(...flow);
  }
  return {
    entry: { stage: 'initial-access', technique: 'T1566.001', time, lines: delivered.slice(0, 2) },
    visit: { stage: 'command-and-control', technique: 'T1071.001', time: first, lines },
    source,
  };
};

/** Other people's phishing mails, which the content filter refused the day before. */
const refused = (sim: Simulation, random: Random, { world, mta }: Place, victim: User): Written[] =>
  random
    .sample(
      world.users.filter((u) => u !== victim),
      12,
    )
    .map((user) => {
      const domain = `${random.letters(9, 'abcdefgilmnoprstu')}.example`;
      return mta.filtered(
        before(sim, random, 168, 10) + fraction(random),
        { name: `smtp.${domain}`, address: foreignAddress(random) },
        `konto@${domain}`,
        user.mail,
      );
    });

export const s10: Scenario = {
  id: 'S10',
  title: 'Archive smuggled in an HTML attachment, no logs from the end points',
  days: 12,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const site = place(sim);
    const { world, gate, mail } = site;
    const victim = anyone(random, world);
    const { polls, leases } = officeDays(sim, site);
    const { entry, visit, source } = infection(sim, random, site, victim);
    const others = refused(sim, random, site, victim);
    const spread = sweep(world, gate, random, sim.anchor + fraction(random), source, {
      hosts: random.int(20, 60),
      minutes: random.between(5, 15),
      ports: [445],
    });
    correspondence(sim, world, mail, 1.5);
    officeTraffic(sim, world, gate, 8);
    scanning(sim, world, gate);
    nightlyBackup(sim, world, gate, 3e11);
    return {
      expect: 'ranked',
      entry: entryOf(entry, 'mail-phishing', 'T1566.001'),
      chain: [entry, visit, { ...spread, stage: 'lateral-movement', technique: 'T1021.002' }],
      decoys: [
        decoy('first beacon', visit.lines),
        decoy('update agent that asks every five minutes', polls),
        decoy('refused phishing mails to others', others),
      ],
      exfiltration: null,
      contributing: [decoy('leases that name the workstation', leases.get(victim) ?? [])],
    };
  },
};
