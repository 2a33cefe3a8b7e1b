/** Log lines in genuine syntax, written for the tests: times in epoch milliseconds, the n-th line of each kind. */

const two = (n: number): string => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Oct 31 23:14:07`, in UTC: no year, no zone. */
export const bsd = (at: number): string => {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2);
  return `${MONTHS[date.getUTCMonth()]} ${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
};

/** A flow through a FortiGate; states year and zone. */
export const fortigateFlow = (at: number, n: number): string => {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split('T');
  return (
    `date=${date} time=${time} devname="fw-a" devid="FGT60F0000000001" eventtime=${at}000000 tz="+0000" ` +
    'logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" ' +
    `srcip=10.20.${n % 7}.${(n % 250) + 1} srcport=${40000 + (n % 20000)} srcintf="lan" srcintfrole="lan" ` +
    `dstip=192.0.2.${(n % 200) + 1} dstport=443 dstintf="wan1" dstintfrole="wan" sessionid=${100000 + n} proto=6 ` +
    `action="close" policyid=4 policytype="policy" service="HTTPS" trandisp="snat" transip=198.51.100.1 ` +
    `transport=${40000 + (n % 20000)} duration=5 sentbyte=${1000 + n} rcvdbyte=${2000 + n} sentpkt=9 rcvdpkt=11`
  );
};

/** A message arriving at a Postfix; no year, no zone. */
export const postfixLine = (at: number, n: number): string => {
  const queue = (0xa10000 + Math.floor(n / 4)).toString(16).toUpperCase();
  const parts = [
    `postfix/smtpd[411]: connect from mail.sender.example[203.0.113.${(n % 200) + 1}]`,
    `postfix/smtpd[411]: ${queue}: client=mail.sender.example[203.0.113.${(n % 200) + 1}]`,
    `postfix/qmgr[88]: ${queue}: from=<shop${n % 9}@sender.example>, size=${3000 + n}, nrcpt=1 (queue active)`,
    `postfix/qmgr[88]: ${queue}: removed`,
  ];
  return `${bsd(at)} mx-a ${parts[n % 4]}`;
};

/** A refused or accepted login over SSH; no year, no zone. */
export const sshdLine = (at: number, n: number): string => {
  const words = n % 3 === 0 ? 'Accepted password for anna' : `Failed password for invalid user u${n % 40}`;
  return `${bsd(at)} bastion sshd[${2000 + n}]: ${words} from 198.51.100.${(n % 200) + 1} port ${30000 + (n % 9000)} ssh2`;
};

/** A Windows logon as Winlogbeat writes it. */
export const windowsLogon = (at: number, n: number): string =>
  JSON.stringify({
    '@timestamp': new Date(at).toISOString(),
    event: { code: '4624', kind: 'event', provider: 'Microsoft-Windows-Security-Auditing', outcome: 'success' },
    host: { name: 'SRV7.lab.example' },
    agent: { type: 'winlogbeat', version: '7.17.1', hostname: 'SRV7' },
    winlog: {
      channel: 'Security',
      computer_name: 'SRV7.lab.example',
      event_id: 4624,
      provider_name: 'Microsoft-Windows-Security-Auditing',
      record_id: 9000 + n,
      event_data: {
        TargetUserName: `user${n % 12}`,
        TargetDomainName: 'LAB',
        LogonType: '3',
        IpAddress: `10.20.1.${(n % 200) + 1}`,
        IpPort: String(50000 + (n % 900)),
      },
    },
    message: 'An account was successfully logged on.',
  });

/** A year and zone in the header, and nothing that any product would write. */
export const unknownLine = (n: number): string => `~~ §${n} zyx/${n * 7} ::: wobble=${n % 5} ~~`;

/** `count` lines, `step` milliseconds apart. */
export const lines = (write: (at: number, n: number) => string, count: number, start: string, step = 1000): string[] =>
  Array.from({ length: count }, (_, n) => write(Date.parse(start) + n * step, n));

export const text = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
