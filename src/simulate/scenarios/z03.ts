import { MINUTE, SECOND } from '../../core/time.ts';
import { serviceAddress } from '../addresses.ts';
import { correspondence, type MailPath, receive, send } from '../benign/mail.ts';
import { wallTime } from '../clock.ts';
import { ExchangeTracking, trackingHeader } from '../formats/exchange.ts';
import { Postfix } from '../formats/postfix.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { device, type Simulation } from '../simulation.ts';
import type { Scenario } from '../story.ts';
import { dmzAddress } from '../world.ts';
import { before, decoy, fraction } from './intrusion.ts';
import { anyOffice, everyday, type Office } from './office.ts';

const mailOf = (sim: Simulation, { world }: Office): MailPath => {
  const { journal } = sim;
  const gatewayHost = { name: 'mx', address: dmzAddress(world, 25) };
  const tracking = device(sim, 'exchange-tracking', 'mail/MSGTRK', {
    rotation: 'tracking',
    extension: 'LOG',
    header: trackingHeader,
    clock: { zone: 'utc', skew: 120_000 },
  });
  const gateway = new Postfix({
    device: device(sim, 'postfix', 'mail/mail', { rotation: 'numbered' }),
    journal,
    random: sim.random.fork('postfix'),
    hostname: 'mx',
  });
  const exchange = new ExchangeTracking({
    device: tracking,
    journal,
    random: sim.random.fork('exchange'),
    server: world.servers.mail,
    domain: world.domain,
    gateway: gatewayHost,
  });
  return { gateway, gatewayHost, exchange, spf: true };
};

/** The quarterly letter to all customers. */
const newsletter = (sim: Simulation, random: Random, office: Office, mail: MailPath): Written[] => {
  const time = Math.round(wallTime(before(sim, random, 120, 20), random.between(9, 14))) + fraction(random);
  const people = office.world.correspondents.flatMap((c) => c.people);
  return people.flatMap((to, i) =>
    send(office.world, mail, random, time + Math.round(i * random.between(0.8, 2) * SECOND), {
      from: `newsletter@${office.world.domain}`,
      to: [to],
      device: office.world.servers.app,
      size: 91_230,
      subject: 'Neuigkeiten im Herbst',
    }),
  );
};

/** People on holiday let the server answer, and two forward to a colleague or a private mailbox, as they may. */
const holidays = (sim: Simulation, random: Random, office: Office, mail: MailPath): Written[] => {
  const { world, windows } = office;
  return random.sample(world.users, 5).flatMap((user, i) => {
    const time = Math.round(wallTime(before(sim, random, 150, 30), random.between(14, 17))) + fraction(random);
    const target = i === 0 ? `${user.login}@posteo.example` : random.pick(world.users).mail;
    const rule =
      i < 2
        ? [
            windows.event(time, world.servers.mail, 1, {
              param1: 'Set-Mailbox',
              param2: `-Identity "${user.mail}" -ForwardingSmtpAddress "smtp:${target}" -DeliverToMailboxAndForward "True"`,
              param3: user.login,
            }),
          ]
        : [];
    const replies = Array.from({ length: random.int(4, 12) }, (_, n) =>
      send(world, mail, random, time + Math.round((n + random.next()) * 300 * MINUTE), {
        from: user.mail,
        to: [random.pick(random.pick(world.correspondents).people)],
        device: world.servers.mail,
        size: 4200,
        subject: 'Automatische Antwort: Abwesenheit',
      }),
    );
    return [...rule, ...replies.flat()];
  });
};

/** A supplier really has a second domain that looks like a forgery of its first. */
const secondDomain = (sim: Simulation, random: Random, office: Office, mail: MailPath): Written[] => {
  const { world } = office;
  const known = random.pick(world.correspondents);
  const domain = known.domain.replace('.example', '-group.example');
  const client = { name: `mail.${domain}`, address: serviceAddress(random) };
  return Array.from({ length: random.int(8, 20) }, () => {
    const time = Math.round(wallTime(before(sim, random, 140, 120), random.between(8, 17))) + fraction(random);
    const from = `rechnung@${domain}`;
    return receive(world, mail, random, time, {
      from,
      to: random.pick(world.users).mail,
      client,
      size: random.int(50_000, 300_000),
      subject: `Rechnung ${random.int(10_000, 99_999)}`,
      spf: 'Pass',
    });
  }).flat();
};

export const z03: Scenario = {
  id: 'Z03',
  title: 'Clean: newsletter, forwarding during holidays, a supplier with a second domain',
  days: 30,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const office = anyOffice(sim, { firewall: 'fortigate', vpn: 'fortigate' });
    const mail = mailOf(sim, office);
    const letters = newsletter(sim, random, office, mail);
    const away = holidays(sim, random, office, mail);
    const supplier = secondDomain(sim, random, office, mail);
    correspondence(sim, office.world, mail, 1.5);
    everyday(sim, office, { browsing: 8 });
    return {
      expect: 'none',
      entry: null,
      chain: [],
      decoys: [
        decoy('newsletter to all customers', letters),
        decoy('forwarding and automatic replies during holidays', away),
        decoy('second domain of a supplier', supplier),
      ],
      exfiltration: null,
    };
  },
};
