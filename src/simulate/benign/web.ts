import { DAY, MINUTE, SECOND } from '../../core/time.ts';
import { foreignAddress, homeAddress } from '../addresses.ts';
import { wallTime } from '../clock.ts';
import type { FirewallLog } from '../flow.ts';
import type { AccessLog } from '../formats/access.ts';
import type { Random } from '../random.ts';
import { daysOfCase, type Simulation } from '../simulation.ts';
import type { World } from '../world.ts';

/** Requests to the company's reverse proxy: customers on the portal, mail over OWA and ActiveSync, crawlers, scanners. */

export const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/95.0.4638.54 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.81 Safari/537.36 Edg/94.0.992.50',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:93.0) Gecko/20100101 Firefox/93.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.0 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 15_0_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.0 Mobile/15E148 Safari/604.1',
] as const;
const SCANNERS = [
  'Mozilla/5.0 zgrab/0.x',
  'python-requests/2.26.0',
  'Go-http-client/1.1',
  'curl/7.68.0',
  'Mozilla/5.0 (compatible; Nimbostratus-Bot/v1.3.2; http://cloudsystemnetworks.com)',
  ...BROWSERS,
];
const PROBES = [
  '/owa/auth/x.js',
  '/autodiscover/autodiscover.json?@example.org/owa/?&Email=autodiscover/autodiscover.json%3F@example.org',
  '/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application',
  '/.env',
  '/wp-login.php',
  '/boaform/admin/formLogin',
  '/vpn/../vpns/cfg/smb.conf',
  '/remote/login',
  '/owa/',
  '/ecp/',
  '/phpmyadmin/index.php',
  '/actuator/health',
  '/cgi-bin/luci',
  '/solr/admin/info/system?wt=json',
  '/.git/config',
  '/robots.txt',
];
const PAGES = [
  '/',
  '/portal/',
  '/portal/login',
  '/portal/downloads',
  '/portal/tickets',
  '/portal/static/app.css',
  '/portal/static/app.js',
  '/portal/api/tickets?open=1',
  '/portal/static/logo.svg',
  '/favicon.ico',
  '/portal/release-notes',
  '/news/',
];

const size = (random: Random): number => Math.round(random.logNormal(5200, 1.2));

const customers = (sim: Simulation, front: WebFront, perDay: number): void => {
  const random = sim.random.fork('customers');
  for (const { noon, workday } of daysOfCase(sim)) {
    for (let i = random.poisson(perDay * sim.noise * (workday ? 1 : 0.2)); i > 0; i -= 1) {
      const source = homeAddress(random);
      const agent = random.pick(BROWSERS);
      let time = Math.round(wallTime(noon, random.normal(12.5, 2.8)));
      connection(front, random, time, source, 20);
      for (let n = random.int(2, 9); n > 0; n -= 1) {
        front.log.request(time, {
          source,
          method: random.chance(0.9) ? 'GET' : 'POST',
          url: random.pick(PAGES),
          status: random.chance(0.94) ? 200 : random.pick([304, 302, 404]),
          bytes: size(random),
          agent,
          ...(random.chance(0.5) ? { referrer: 'https://portal/' } : {}),
        });
        time += random.int(100, 20_000) * 1000;
      }
    }
  }
};

const phones = (sim: Simulation, world: World, front: WebFront): void => {
  const random = sim.random.fork('phones');
  for (const { noon } of daysOfCase(sim)) {
    for (const user of world.users.slice(0, 25)) {
      const id = `Appl${random.letters(12, 'ABCDEFGHJKLMNPQRSTUVWX0123456789')}`;
      for (let i = random.poisson(3 * sim.noise); i > 0; i -= 1) {
        const time = Math.round(wallTime(noon, random.between(6, 23)));
        const source = random.chance(0.5) ? user.mobile : user.home;
        connection(front, random, time, source, 30);
        front.log.request(time, {
          source,
          user: `${world.netbios}\\${user.login}`,
          method: 'POST',
          url: `/Microsoft-Server-ActiveSync?User=${user.login}&DeviceId=${id}&DeviceType=iPhone&Cmd=${random.pick(['Ping', 'Sync', 'Sync', 'FolderSync'])}`,
          status: 200,
          bytes: size(random),
          agent: 'Apple-iPhone13C2/1901.346',
        });
      }
    }
  }
};

/** A person in Outlook on the web: login form, then pages; wrong passwords come back to the form with a reason. */
export const owaVisit = (
  world: World,
  front: WebFront,
  random: Random,
  time: number,
  who: { login: string; address: string; agent: string; ok: boolean },
): void => {
  const page = (seconds: number, method: string, url: string, status: number): void => {
    front.log.request(time + Math.round(seconds * SECOND), {
      source: who.address,
      ...(status === 200 && method === 'POST' ? { user: `${world.netbios}\\${who.login}` } : {}),
      method,
      url,
      status,
      bytes: size(random),
      agent: who.agent,
      referrer: `https://mail.${world.domain}/owa/`,
    });
  };
  connection(front, random, time, who.address, who.ok ? 600 : 30);
  page(0, 'GET', `/owa/auth/logon.aspx?url=https%3a%2f%2fmail.${world.domain}%2fowa%2f&reason=0`, 200);
  page(random.between(8, 25), 'POST', '/owa/auth.owa', 302);
  if (!who.ok) {
    page(26, 'GET', `/owa/auth/logon.aspx?url=https%3a%2f%2fmail.${world.domain}%2fowa%2f&reason=2`, 200);
    return;
  }
  page(26, 'GET', '/owa/', 200);
  for (let i = random.int(3, 9); i > 0; i -= 1)
    page(
      random.between(27, 600),
      'POST',
      `/owa/service.svc?action=${random.pick(['FindItem', 'GetItem', 'FindConversation', 'GetFolder'])}&app=Mail`,
      200,
    );
};

const owa = (sim: Simulation, world: World, front: WebFront): void => {
  const random = sim.random.fork('owa');
  for (const { noon } of daysOfCase(sim)) {
    for (const user of world.users) {
      if (!random.chance(0.12 * sim.noise)) continue;
      const visit = {
        login: user.login,
        address: random.chance(0.8) ? user.home : user.mobile,
        agent: BROWSERS[user.clientVersion] ?? BROWSERS[0],
      };
      const time = Math.round(wallTime(noon, random.between(7, 22)));
      if (random.chance(user.clumsiness)) owaVisit(world, front, random, time - MINUTE, { ...visit, ok: false });
      owaVisit(world, front, random, time, { ...visit, ok: true });
    }
  }
};

const probes = (sim: Simulation, front: WebFront, perDay: number): void => {
  const random = sim.random.fork('probes');
  const count = random.poisson(((sim.to - sim.from) / DAY) * perDay * sim.noise);
  for (let i = 0; i < count; i += 1) {
    const source = foreignAddress(random);
    const agent = random.pick(SCANNERS);
    let time = Math.round(random.between(sim.from, sim.to));
    connection(front, random, time, source, 12);
    for (let n = Math.ceil(random.exponential(3)); n > 0; n -= 1) {
      const url = random.pick(PROBES);
      const status = url === '/robots.txt' || url === '/owa/' ? 200 : random.pick([404, 404, 404, 403, 401, 400, 302]);
      front.log.request(time, {
        source,
        method: random.chance(0.85) ? 'GET' : 'POST',
        url,
        status,
        bytes: random.int(150, 700),
        agent,
      });
      time += random.int(50, 4000) * 1000;
    }
  }
};

/** The proxy's log, and the firewall before it that sees the connection of every visit. */
export interface WebFront {
  readonly log: AccessLog;
  readonly firewall?: FirewallLog;
  readonly address: string;
}

const connection = (front: WebFront, random: Random, time: number, source: string, seconds: number): void => {
  front.firewall?.flow(time - random.int(20, 300) * 1000, {
    source,
    destination: front.address,
    port: 443,
    sent: Math.round(random.logNormal(3000, 0.8)),
    received: Math.round(random.logNormal(26_000, 1)),
    seconds: seconds + random.between(1, 60),
    sourcePort: random.int(1025, 65000),
  });
};

interface WebOptions {
  readonly customersPerDay: number;
  readonly probesPerDay: number;
  /** Whether the proxy stands before Exchange. */
  readonly exchange: boolean;
}

export const webTraffic = (sim: Simulation, world: World, front: WebFront, options: WebOptions): void => {
  customers(sim, front, options.customersPerDay);
  probes(sim, front, options.probesPerDay);
  if (!options.exchange) return;
  phones(sim, world, front);
  owa(sim, world, front);
};
