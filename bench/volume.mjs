// Everyday logs of a large house in genuine syntax, as many lines as asked for: two firewalls, VPN, mail, logons, web, DHCP.
// Seeded; nothing in them is an incident. One file per product and day, so that a case has as many streams as a real one.
import { once } from 'node:events';
import { createWriteStream, mkdirSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { random } from './random.mjs';

const DAY = 86_400;
/** Share of each hour of the day, in parts of their sum. */
const HOURS = [1, 1, 1, 1, 1, 2, 4, 8, 12, 13, 13, 12, 9, 12, 13, 12, 10, 6, 4, 3, 2, 2, 1, 1];
const WHOLE = HOURS.reduce((sum, n) => sum + n, 0);
const BEGINNINGS = HOURS.map((_, hour) => HOURS.slice(0, hour).reduce((sum, n) => sum + n, 0) / WHOLE);

/** Second of the day by which `share` of the day's lines are written. */
const secondOf = (share) => {
  let hour = 23;
  while (share < BEGINNINGS[hour]) hour -= 1;
  return Math.floor((hour + ((share - BEGINNINGS[hour]) * WHOLE) / HOURS[hour]) * 3600);
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n) => (n < 10 ? `0${n}` : `${n}`);
const clockOf = (second) =>
  `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
const hex = (n, width) => n.toString(16).toUpperCase().padStart(width, '0');

const client = (n) => `10.200.${1 + (n % 8)}.${10 + (Math.floor(n / 8) % 240)}`;
const server = (n) => `10.200.0.${10 + (n % 20)}`;
const outside = (n) => `198.51.${n % 256}.${1 + (Math.floor(n / 256) % 250)}`;
const home = (user) => `203.0.${user % 100}.${1 + (Math.floor(user / 100) % 250)}`;
const name = (user) => `user${1000 + user}`;
const CLIENTS = 1900;

/** Each gives the lines of one occurrence; `n` counts a day's occurrences, `d` is the day. */
const PRODUCTS = {
  'firewall/fgt-traffic': {
    share: 0.55,
    lines: 1,
    write: ({ d, second, pick, n }) => {
      const kind = pick(100);
      const [src, dst, port, service, ins, out] =
        kind < 15
          ? [
              outside(pick(40_000)),
              `192.0.2.${1 + pick(30)}`,
              [23, 22, 3389, 445, 8080][pick(5)],
              'tcp',
              'wan1',
              'wan1',
            ]
          : kind < 40
            ? [client(pick(CLIENTS)), server(pick(20)), [445, 389, 443, 88][pick(4)], 'SMB', 'lan', 'servers']
            : [client(pick(CLIENTS)), outside(pick(3000)), [443, 443, 443, 80, 53][pick(5)], 'HTTPS', 'lan', 'wan1'];
      const denied = kind < 15;
      const sent = denied ? 0 : pick(100) === 0 ? 1_000_000 + pick(4_000_000) : 200 + pick(60_000);
      return `date=${d.iso} time=${clockOf(second)} devname="FGT-SITE2" devid="FG200FTK20009911" eventtime=${d.epoch + second}${hex(n % 0xffff, 4).replaceAll(/[A-F]/g, '7')}00000 tz="+0000" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=${src} srcport=${1024 + pick(60_000)} srcintf="${ins}" srcintfrole="${denied ? 'wan' : 'lan'}" dstip=${dst} dstport=${port} dstintf="${out}" dstintfrole="wan" srccountry="Reserved" dstcountry="Germany" sessionid=${d.number * 1_000_000 + n} proto=${port === 53 ? 17 : 6} action="${denied ? 'deny' : 'close'}" policyid=${denied ? 0 : 1 + pick(12)} policytype="policy" service="${service}" trandisp="noop" duration=${denied ? 0 : pick(300)} sentbyte=${sent} rcvdbyte=${denied ? 0 : pick(2_000_000)} sentpkt=${denied ? 0 : 1 + pick(300)} rcvdpkt=${denied ? 0 : 1 + pick(900)} appcat="unscanned"\n`;
    },
  },
  'firewall/asa': {
    share: 0.1,
    lines: 2,
    write: ({ d, second, pick, n }) => {
      const id = d.number * 1_000_000 + n;
      const ends = `outside:${outside(pick(2000))}/443`;
      const inner = `inside:10.210.${pick(4)}.${10 + pick(200)}/${1024 + pick(60_000)}`;
      const head = `<166>${d.month} ${d.day2} ${d.year} ${clockOf(second)} asa-site3 : %ASA-6-`;
      const took = pick(30);
      return `${head}302013: Built outbound TCP connection ${id} for ${ends} (${ends.slice(8)}) to ${inner} (203.0.113.4/${1024 + pick(60_000)})\n${head}302014: Teardown TCP connection ${id} for ${ends} to ${inner} duration 0:00:${two(took)} bytes ${pick(200_000)} TCP FINs\n`;
    },
  },
  'vpn/fgt-event': {
    share: 0.01,
    lines: 2,
    write: ({ d, second, pick, n }) => {
      const [user, tunnel, stay] = [n % 1700, d.number * 10_000 + n, 600 + pick(14_000)];
      const at = Math.floor(second / 2);
      const line = (when, id, action, more) =>
        `date=${d.iso} time=${clockOf(when)} devname="FGT-SITE2" devid="FG200FTK20009911" eventtime=${d.epoch + when}000000000 tz="+0000" logid="01010${id}" type="event" subtype="vpn" level="information" vd="root" logdesc="SSL VPN tunnel" action="${action}" tunneltype="ssl-tunnel" tunnelid=${tunnel} remip=${home(user)} tunnelip=10.201.${1 + (user >> 7)}.${10 + (user & 127)} user="${name(user)}" group="VPN-Users" dst_host="N/A" ${more}\n`;
      return `${line(at, '39947', 'tunnel-up', 'reason="tunnel established" msg="SSL tunnel established"')}${line(Math.min(DAY - 1, at + stay), '39948', 'tunnel-down', `reason="N/A" duration=${stay} sentbyte=${pick(90_000_000)} rcvdbyte=${pick(90_000_000)} msg="SSL tunnel shutdown"`)}`;
    },
  },
  'mail/mail': {
    share: 0.12,
    lines: 7,
    write: ({ d, second, pick, n }) => {
      const [domain, id] = [pick(400), hex(d.number * 0x100000 + n, 10)];
      const peer = `mail.firm${domain}.example[198.51.${domain % 256}.${200 + (domain >> 8)}]`;
      const head = `${d.stamp} ${clockOf(second)} mx-site2 postfix/`;
      const to = name(pick(1700));
      return `${head}smtpd[2211]: connect from ${peer}\n${head}smtpd[2211]: ${id}: client=${peer}\n${head}cleanup[2290]: ${id}: message-id=<${id}@firm${domain}.example>\n${head}qmgr[901]: ${id}: from=<person${pick(4)}@firm${domain}.example>, size=${2000 + pick(80_000)}, nrcpt=1 (queue active)\n${head}lmtp[2301]: ${id}: to=<${to}@site2.example>, relay=mailbox.site2.example[10.200.0.14]:24, delay=0.4, delays=0.1/0/0.1/0.2, dsn=2.0.0, status=sent (250 2.0.0 <${to}@site2.example> Saved)\n${head}qmgr[901]: ${id}: removed\n${head}smtpd[2211]: disconnect from ${peer} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5\n`;
    },
  },
  'mail/dovecot': {
    share: 0.03,
    lines: 1,
    write: ({ d, second, pick }) => {
      const user = pick(1700);
      return `${d.stamp} ${clockOf(second)} mailbox dovecot: imap-login: Login: user=<${name(user)}>, method=PLAIN, rip=${client(user)}, lip=10.200.0.14, mpid=${1000 + pick(60_000)}, TLS, session=<${hex(pick(0x7fffffff), 8)}>\n`;
    },
  },
  'auth/auth': {
    share: 0.03,
    lines: 1,
    write: ({ d, second, pick }) => {
      const head = `${d.stamp} ${clockOf(second)} jump-site2 sshd[${1000 + pick(60_000)}]: `;
      if (pick(10) < 2)
        return `${head}Accepted publickey for admin${pick(4)} from ${server(pick(2))} port ${1024 + pick(60_000)} ssh2: ED25519 SHA256:Xpb6iUSRb/AYhXfhCRO+0hQwT6b6cKyxHK+0MnFN5VE\n`;
      return `${head}Failed password for invalid user ${['oracle', 'test', 'ubuntu', 'git'][pick(4)]} from ${outside(pick(40_000))} port ${1024 + pick(60_000)} ssh2\n`;
    },
  },
  'auth/security': {
    extension: 'json',
    share: 0.02,
    lines: 1,
    write: ({ d, second, pick, n }) => {
      const [user, host] = [pick(1700), `SRV${pick(20)}`];
      return `{"@timestamp":"${d.iso}T${clockOf(second)}.000Z","winlog":{"api":"wineventlog","channel":"Security","computer_name":"${host}.site2.example","event_id":"4624","provider_name":"Microsoft-Windows-Security-Auditing","record_id":${d.number * 1_000_000 + n},"task":"Logon","keywords":["Audit Success"],"event_data":{"SubjectUserSid":"S-1-0-0","SubjectUserName":"-","SubjectDomainName":"-","SubjectLogonId":"0x0","TargetUserName":"${name(user)}","TargetDomainName":"SITE2","TargetLogonId":"0x${hex(n, 6)}","LogonType":"3","LogonProcessName":"Kerberos","AuthenticationPackageName":"Kerberos","WorkstationName":"-","IpAddress":"${client(user)}","IpPort":"${1024 + pick(60_000)}"},"process":{"pid":784}},"event":{"kind":"event","code":"4624","provider":"Microsoft-Windows-Security-Auditing","action":"logged-in","outcome":"success"},"host":{"name":"${host}.site2.example"},"log":{"level":"information"},"agent":{"type":"winlogbeat","version":"7.17.9","hostname":"${host}"},"ecs":{"version":"1.12.0"}}\n`;
    },
  },
  'web/access': {
    share: 0.1,
    lines: 1,
    write: ({ d, second, pick }) => {
      const status = pick(50) === 0 ? 404 : pick(4) === 0 ? 304 : 200;
      return `${outside(pick(40_000))} - - [${d.day2}/${d.month}/${d.year}:${clockOf(second)} +0000] "GET /shop/item/${pick(9000)}?page=${pick(20)} HTTP/1.1" ${status} ${status === 304 ? 0 : 300 + pick(60_000)} "https://www.site2.example/shop" "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${90 + pick(30)}.0) Gecko/20100101 Firefox/${90 + pick(30)}.0"\n`;
    },
  },
  'network/dhcpd': {
    share: 0.04,
    lines: 2,
    write: ({ d, second, pick }) => {
      const n = pick(CLIENTS);
      const mac = `00:00:5e:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
      const head = `${d.stamp} ${clockOf(second)} dhcp-site2 dhcpd[812]: `;
      return `${head}DHCPREQUEST for ${client(n)} from ${mac} (WS-${n}) via eth0\n${head}DHCPACK on ${client(n)} to ${mac} (WS-${n}) via eth0\n`;
    },
  },
};

const dayOf = (start, number) => {
  const date = new Date(start + number * DAY * 1000);
  const iso = date.toISOString().slice(0, 10);
  const [month, day] = [MONTHS[date.getUTCMonth()], date.getUTCDate()];
  return {
    number,
    iso,
    epoch: date.getTime() / 1000,
    month,
    year: iso.slice(0, 4),
    day2: two(day),
    stamp: `${month} ${String(day).padStart(2)}`,
  };
};

export const START = '2024-03-01';
export const DAYS = 30;

/** Writes about `count` lines over the days from START below `folder`; returns how many, and their bytes. */
export const writeVolume = async (folder, count) => {
  const next = random(1);
  const pick = (n) => Math.floor(next() * n);
  const total = { lines: 0, bytes: 0 };
  for (let number = 0; number < DAYS; number += 1) {
    const d = dayOf(Date.parse(START), number);
    for (const [path, { share, lines, write, extension = 'log' }] of Object.entries(PRODUCTS)) {
      const occurrences = Math.max(1, Math.round((count * share) / lines / DAYS));
      const target = join(folder, `${path}-site2-${d.iso}.${extension}`);
      mkdirSync(dirname(target), { recursive: true });
      const out = createWriteStream(target, { highWaterMark: 1 << 20 });
      let batch = '';
      for (let n = 0; n < occurrences; n += 1) {
        batch += write({ d, second: secondOf(n / occurrences), pick, n });
        if (batch.length < 1 << 18 && n < occurrences - 1) continue;
        total.bytes += batch.length;
        if (!out.write(batch)) await once(out, 'drain');
        batch = '';
      }
      out.end();
      await once(out, 'finish');
      total.lines += occurrences * lines;
      utimesSync(target, d.epoch + DAY, d.epoch + DAY);
    }
  }
  return total;
};
