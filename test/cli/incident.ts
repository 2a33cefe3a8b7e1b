import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bsd, fortigateFlow, lines, text, windowsLogon } from '../app/logs.ts';

const DAY = '2021-10-30';
const GUESSED = Date.parse(`${DAY}T20:00:00Z`);
const IMPACT = Date.parse(`${DAY}T21:30:00Z`);

const vpn = (at: number, rest: string): string => {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split('T');
  return (
    `date=${date} time=${time} devname="fw-a" devid="FGT60F0000000001" eventtime=${at}000000 tz="+0000" ` +
    `logid="0101039426" type="event" subtype="vpn" level="alert" vd="root" ${rest}`
  );
};

const vpnLines = (user: string): string[] => [
  ...Array.from({ length: 30 }, (_, n) =>
    vpn(
      GUESSED + n * 10_000,
      `logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" tunnelid=0 remip=198.51.100.77 user="${user}" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied" msg="SSL user failed to logged in"`,
    ),
  ),
  vpn(
    GUESSED + 310_000,
    `logdesc="SSL VPN tunnel up" action="tunnel-up" tunneltype="ssl-tunnel" tunnelid=77 remip=198.51.100.77 tunnelip=10.99.0.5 user="${user}" group="staff" dst_host="N/A" reason="login successfully" msg="SSL tunnel established"`,
  ),
  vpn(
    IMPACT + 1_800_000,
    `logdesc="SSL VPN tunnel down" action="tunnel-down" tunneltype="ssl-tunnel" tunnelid=77 remip=198.51.100.77 tunnelip=10.99.0.5 user="${user}" group="staff" dst_host="N/A" reason="N/A" duration=6890 sentbyte=5000 rcvdbyte=9000 msg="SSL tunnel shutdown"`,
  ),
];

/** The tunnel's address goes through the servers. */
const scanLine = (at: number, n: number): string =>
  fortigateFlow(at, n)
    .replace(/srcip=\S+/, 'srcip=10.99.0.5')
    .replace(/dstip=\S+/, `dstip=10.20.9.${n + 1}`)
    .replace('dstport=443', 'dstport=3389')
    .replace('action="close"', 'action="deny"');

const windowsEvent = (
  at: number,
  code: number,
  data: Readonly<Record<string, string>>,
  channel = 'Security',
): string => {
  const event = JSON.parse(windowsLogon(at, code)) as {
    event: { code: string };
    winlog: Record<string, unknown>;
    message: string;
  };
  event.event.code = String(code);
  event.winlog['event_id'] = code;
  event.winlog['channel'] = channel;
  event.winlog['event_data'] = data;
  event.message = 'see event data';
  return JSON.stringify(event);
};

const windowsLines = (user: string): string[] => [
  ...lines(windowsLogon, 30, `${DAY}T08:00:00Z`, 60_000),
  windowsEvent(GUESSED + 1_800_000, 4624, {
    TargetUserName: user,
    TargetDomainName: 'LAB',
    LogonType: '10',
    IpAddress: '10.99.0.5',
    IpPort: '50111',
  }),
  windowsEvent(IMPACT, 4688, {
    SubjectUserName: user,
    SubjectDomainName: 'LAB',
    NewProcessName: 'C:\\Windows\\System32\\vssadmin.exe',
    CommandLine: 'vssadmin.exe delete shadows /all /quiet',
    ParentProcessName: 'C:\\Windows\\System32\\cmd.exe',
  }),
  windowsEvent(IMPACT + 60_000, 1102, { SubjectUserName: user, SubjectDomainName: 'LAB' }),
];

/** Guessed VPN password, scan, remote desktop, shadow copies deleted: a small incident in `folder`/logs. */
export const writeIncident = (folder: string, user = 'anna'): string => {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const flows = [
    ...lines(fortigateFlow, 100, `${DAY}T08:00:00Z`, 60_000),
    ...lines(scanLine, 40, `${DAY}T20:10:00Z`, 2000),
  ];
  writeFileSync(join(logs, 'fw.log.gz'), gzipSync(text(flows)));
  writeFileSync(join(logs, 'vpn.log'), text(vpnLines(user)));
  writeFileSync(join(logs, 'win.json'), text(windowsLines(user)));
  const tries = Array.from({ length: 20 }, (_, n) => {
    const at = bsd(GUESSED - 7_200_000 + n * 3000);
    return `${at} bastion sshd[77]: Failed password for invalid user ${user} from 203.0.113.5 port ${4000 + n} ssh2`;
  });
  writeFileSync(join(logs, 'auth.log'), text([...tries, `no format at all: ${user}`]));
  return logs;
};
