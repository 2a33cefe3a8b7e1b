import { SECOND } from '../../core/time.ts';
import { foreignAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { FirewallLog } from '../flow.ts';
import type { ExchangeTracking } from '../formats/exchange.ts';
import type { Postfix } from '../formats/postfix.ts';
import type { Written } from '../journal.ts';
import type { Random } from '../random.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { Host, World } from '../world.ts';

/** Correspondence, newsletters, and the rejected rubbish; through the gateway and, where there is one, Exchange. */

export interface MailPath {
  /** The firewall before the gateway, and the gateway's public address. */
  readonly firewall?: FirewallLog;
  readonly address?: string;
  readonly gateway?: Postfix;
  /** Whether the gateway asks an SPF policy service. */
  readonly spf?: boolean;
  readonly gatewayHost: Host;
  readonly exchange?: ExchangeTracking;
}

const SUBJECTS =
  'Angebot,Rechnung,Termin nächste Woche,AW: Rückfrage,Protokoll,Lieferschein,AW: AW: Vertrag,Update 4.2,Bestellung,Urlaub,Unterlagen,WG: Ticket,Einladung,Störung Drucker,Statusbericht,Mahnung,AW: Projektplan'.split(
    ',',
  );
const subject = (random: Random): string =>
  `${random.pick(SUBJECTS)}${random.chance(0.4) ? ` ${random.int(1000, 99999)}` : ''}`;

/** What the policy service says of honest senders: most pass, some have no record or a forwarder in between. */
const SPF = ['Pass', 'Pass', 'Pass', 'Pass', 'Pass', 'Pass', 'Pass', 'Pass', 'None', 'Softfail'] as const;

/** A mail from outside to one of the company's people, by every log on its way. The first line is the acceptance. */
export const receive = (
  world: World,
  path: MailPath,
  random: Random,
  time: number,
  mail: {
    from: string;
    to: string;
    client: { name: string; address: string };
    size?: number;
    subject?: string;
    spf?: 'Pass' | 'Softfail' | 'None';
  },
): Written[] => {
  const size = mail.size ?? Math.round(random.logNormal(24_000, 1.3));
  const messageId = `${random.hex(8)}.${random.int(1e6, 9e6)}@${mail.from.split('@')[1] ?? 'localhost'}`;
  const { mail: server } = world.servers;
  const common = { from: mail.from, to: [mail.to], size, messageId };
  if (path.address !== undefined) {
    path.firewall?.flow(time - random.int(30, 90) * 1000, {
      source: mail.client.address,
      destination: path.address,
      port: 25,
      sent: size + 900,
      received: random.int(900, 2100),
      seconds: random.between(2, 9),
      sourcePort: random.int(1025, 65000),
    });
  }
  const outer =
    path.gateway?.mail(time, { ...common, client: mail.client, relay: `${server.address}[${server.address}]:25` }) ??
    [];
  if (path.spf === true) path.gateway?.spf(time + random.int(210, 295) * 1000, mail.spf ?? random.pick(SPF), mail);
  const inner =
    path.exchange?.inbound(time + random.int(2, 5) * SECOND, {
      ...common,
      subject: mail.subject ?? subject(random),
      client: path.gatewayHost,
      originalClient: mail.client.address,
    }) ?? [];
  return [...outer, ...inner];
};

/** A mail from a mailbox, inside the company or to the world. */
export const send = (
  world: World,
  path: MailPath,
  random: Random,
  time: number,
  mail: {
    from: string;
    to: readonly string[];
    device: { name: string; address: string };
    size?: number;
    subject?: string;
    clientType?: string;
    originalClient?: string;
  },
): Written[] => {
  const size = mail.size ?? Math.round(random.logNormal(18_000, 1.2));
  const { mail: server } = world.servers;
  const messageId = `${random.hex(32)}@${server.name}.${world.domain}`;
  const common = { from: mail.from, to: mail.to, size, messageId };
  const inner =
    path.exchange?.outbound(
      time,
      {
        ...common,
        subject: mail.subject ?? subject(random),
        client: mail.device,
        ...(mail.originalClient === undefined ? {} : { originalClient: mail.originalClient }),
      },
      mail.clientType,
    ) ?? [];
  const outside = mail.to.some((to) => !to.endsWith(`@${world.domain}`));
  const domain = mail.to[0]?.split('@')[1] ?? '';
  const relay = world.correspondents.find((c) => c.domain === domain);
  const hop = `${relay?.relay ?? `mx.${domain}`}[${relay?.address ?? foreignAddress(random)}]:25`;
  const outer = outside
    ? (path.gateway?.mail(time + 3 * SECOND, {
        ...common,
        client: { name: server.name, address: server.address },
        relay: hop,
      }) ?? [])
    : [];
  return [...inner, ...outer];
};

const rubbish = (world: World, gateway: Postfix, random: Random, time: number): void => {
  const domain = `${random.letters(random.int(6, 11), 'abcdefghijklmnoprstuvwz')}.example`;
  const address = foreignAddress(random);
  const client = { name: random.chance(0.5) ? 'unknown' : `${random.letters(4)}.${domain}`, address };
  const to = random.chance(0.6) ? random.pick(world.users).mail : `${random.letters(6)}@${world.domain}`;
  const reason = random.pick([
    `554 5.7.1 Service unavailable; Client host [${address}] blocked using zen.spamhaus.org`,
    `550 5.1.1 <${to}>: Recipient address rejected: User unknown in relay recipient table`,
    `450 4.7.1 Client host rejected: cannot find your reverse hostname, [${address}]`,
    `554 5.7.1 <${to}>: Relay access denied`,
  ]);
  gateway.reject(time, client, `${random.letters(7)}@${domain}`, to, reason);
};

export const correspondence = (sim: Simulation, world: World, path: MailPath, perUser = 2): void => {
  const random = sim.random.fork('mail');
  for (const { noon, workday } of daysOfCase(sim)) {
    const busy = workday ? 1 : 0.08;
    for (const user of world.users) {
      for (let i = random.poisson(perUser * busy * sim.noise); i > 0; i -= 1) {
        const time = Math.round(wallTime(noon, random.between(user.begins, user.ends)));
        const other = random.pick(world.correspondents);
        const draw = random.next();
        if (draw < 0.55)
          receive(world, path, random, time, {
            from: random.pick(other.people),
            to: user.mail,
            client: { name: other.relay, address: other.address },
          });
        else
          send(world, path, random, time, {
            from: user.mail,
            to: [draw < 0.85 ? random.pick(other.people) : random.pick(world.users).mail],
            device: user.workstation,
          });
      }
    }
    if (path.gateway !== undefined) {
      for (let i = random.poisson(25 * sim.noise); i > 0; i -= 1)
        rubbish(world, path.gateway, random, Math.round(wallTime(noon, random.between(0, 24))));
    }
  }
};
