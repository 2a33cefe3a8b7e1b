import { DAY, HOUR, SECOND } from '../../core/time.ts';
import { foreignAddress, homeAddress } from '../addresses.ts';
import { correspondence, type MailPath } from '../benign/mail.ts';
import { serviceGuessing, staleClient } from '../benign/noise.ts';
import { wallTime } from '../clock.ts';
import { Dovecot } from '../formats/dovecot.ts';
import { Postfix } from '../formats/postfix.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { daysOfCase, device, type Simulation } from '../simulation.ts';
import type { Act, Scenario } from '../story.ts';
import { dmzAddress, type World } from '../world.ts';
import { before, decoy, entryOf, fraction } from './intrusion.ts';

const SHARED = ['info', 'sales', 'buchhaltung', 'bewerbung', 'service', 'einkauf'];

/** Phones and mail programs that look in all day. */
const readers = (sim: Simulation, world: World, imap: Dovecot): void => {
  const random = sim.random.fork('readers');
  for (const { noon, workday } of daysOfCase(sim)) {
    for (const user of world.users) {
      for (let i = random.poisson((workday ? 5 : 1.5) * sim.noise); i > 0; i -= 1) {
        const address = random.pick([user.home, user.home, user.mobile]);
        const time = Math.round(wallTime(noon, random.between(6, 23)));
        if (random.chance(user.clumsiness / 8)) imap.refuse(time - 20 * SECOND, user.mail, address);
        imap.login(time, {
          user: user.mail,
          address,
          seconds: random.int(2, 1700),
          received: random.int(300, 4000),
          sent: Math.round(random.logNormal(20_000, 1.3)),
          bodies: random.int(0, 6),
        });
      }
    }
  }
};

/** One attempt an hour or so, each from another household, over all mailboxes. */
const spray = (random: Random, world: World, imap: Dovecot, from: number, to: number): Act => {
  const homes = Array.from({ length: 300 }, () => foreignAddress(random));
  const names = [...world.users.map((u) => u.mail), ...SHARED.map((s) => `${s}@${world.domain}`)];
  const lines: Written[] = [];
  for (let time = from; time < to; time += Math.round(random.between(0.6, 1.4) * HOUR))
    lines.push(...imap.refuse(time + fraction(random), random.pick(names), random.pick(homes)));
  return { stage: 'credential-access', technique: 'T1110.003', time: from, lines: lines.slice(0, 20) };
};

/** Thousands of letters in the name of the mailbox, fifty recipients each. */
const abuse = (sim: Simulation, random: Random, world: World, mta: Postfix, mailbox: string): Act => {
  const sources = Array.from({ length: random.int(2, 6) }, () => foreignAddress(random));
  const lines: Written[] = [];
  let time = sim.anchor + fraction(random);
  for (let i = random.int(50, 110); i > 0 && time < sim.to; i -= 1) {
    const domain = `${random.letters(8, 'abcdefghiklmnoprstuw')}.example`;
    const to = Array.from({ length: random.int(20, 50) }, () => `${random.letters(random.int(4, 9))}@${domain}`);
    const address = random.pick(sources);
    lines.push(
      ...mta
        .mail(time, {
          from: mailbox,
          to,
          client: { name: 'unknown', address },
          size: random.int(3000, 5200),
          messageId: `${random.hex(12)}@${world.domain}`,
          relay: `mx.${domain}[${foreignAddress(random)}]:25`,
          sasl: mailbox,
          ...(random.chance(0.2) ? { bounce: 'host said: 550 5.7.1 message rejected' } : {}),
        })
        .slice(0, 1),
    );
    time += Math.round(random.exponential(70) * SECOND);
  }
  return { stage: 'impact', technique: 'T1586.002', time: sim.anchor, lines: lines.slice(0, 20) };
};

interface MailHost {
  readonly world: World;
  readonly imap: Dovecot;
  readonly mta: Postfix;
}

const mailHost = (sim: Simulation): MailHost => {
  const world = sim.company({ users: 55 });
  const { journal } = sim;
  const [dovecot, postfix] = [
    device(sim, 'dovecot', 'mail/dovecot', { rotation: 'numbered' }),
    device(sim, 'postfix', 'mail/mail', { rotation: 'numbered' }),
  ];
  return {
    world,
    imap: new Dovecot({
      device: dovecot,
      journal,
      random: sim.random.fork('dovecot'),
      hostname: 'mail',
      address: `${world.publicNet}.25`,
    }),
    mta: new Postfix({ device: postfix, journal, random: sim.random.fork('postfix'), hostname: 'mail' }),
  };
};

/** Phones, letters, guessers; returns the failures of the stale phone and whose it is. */
const ordinary = (sim: Simulation, { world, imap, mta }: MailHost): { stale: Written[]; owner: string } => {
  const random = sim.random.fork('ordinary');
  readers(sim, world, imap);
  const path: MailPath = { gateway: mta, gatewayHost: { name: 'mail', address: dmzAddress(world, 25) } };
  correspondence(sim, world, path, 1.3);
  serviceGuessing(
    sim,
    'smtp guessing',
    30,
    (at, user, from) => void mta.saslFailure(at, from, `${user}@${world.domain}`),
  );
  for (const name of [...SHARED, ...SHARED, ...SHARED])
    imap.refuse(Math.round(random.between(sim.from, sim.to)), `${name}@${world.domain}`, homeAddress(random));
  const owner = random.pick(world.users);
  const stale = staleClient(sim, 'stale phone', owner.home, 12, (at, from) =>
    imap.refuse(at + random.int(0, 999_999), owner.mail, from),
  );
  return { stale, owner: owner.login };
};

/** The password fits one evening; a day later the whole mailbox is copied. */
const takeMailbox = (
  sim: Simulation,
  random: Random,
  imap: Dovecot,
  mailbox: string,
): { entry: Act; copied: Act; bytes: number } => {
  const time = before(sim, random, 11 * 24, 30) + fraction(random);
  const address = foreignAddress(random);
  const found = imap.login(time, {
    user: mailbox,
    address,
    seconds: random.int(2, 9),
    received: random.int(180, 300),
    sent: random.int(1500, 2600),
    bodies: 0,
  });
  const bytes = Math.round(random.logNormal(1.6e9, 0.5));
  const copy = time + Math.round(random.between(14, 34) * HOUR);
  const other = random.chance(0.5) ? address : foreignAddress(random);
  const lines = imap.login(copy, {
    user: mailbox,
    address: other,
    seconds: random.int(2500, 9000),
    received: random.int(100_000, 400_000),
    sent: bytes,
    bodies: random.int(4000, 19_000),
  });
  return {
    entry: { stage: 'initial-access', technique: 'T1078', time, lines: found },
    copied: { stage: 'collection', technique: 'T1114.002', time: copy, lines },
    bytes,
  };
};

export const s12: Scenario = {
  id: 'S12',
  title: 'Low and slow guessing on IMAP, then mail abuse',
  days: 24,
  tell: (sim) => {
    const random = sim.random.fork('story');
    const host = mailHost(sim);
    const { world, imap, mta } = host;
    const mailbox = `${random.pick(SHARED)}@${world.domain}`;
    const { entry, copied, bytes } = takeMailbox(sim, random, imap, mailbox);
    const guessing = spray(random, world, imap, before(sim, random, 20 * 24, 24), entry.time + 2 * DAY);
    const burst = abuse(sim, random, world, mta, mailbox);
    const { stale, owner } = ordinary(sim, host);
    return {
      expect: 'ranked',
      entry: entryOf(entry, 'mail-account-takeover', 'T1110.003'),
      chain: [guessing, entry, copied, burst],
      decoys: [decoy(`stale phone of ${owner}: failures all day`, stale), decoy('sending burst', burst.lines)],
      exfiltration: { grade: 'shown', bytes, destination: null },
    };
  },
};
