import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { KINDS, type Meaning } from '../../src/parse/kit/linux-auth.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, keepVendor, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, rejected } from '../../src/parse/parser.ts';

// [7] [02110] [ts/0] [k.maier ] [pts/0       ] [198.51.100.23       ] [198.51.100.23  ] [2026-11-01T09:01:40,000005+00:00]
const RECORD =
  /^\[(\d{1,2})\] \[(-?\d{1,10})\] \[([^\]]{4,16})\] \[([^\]]{8,32})\] \[([^\]]{12,32})\] \[([^\]]{20,256})\] \[([\da-fA-F.: ]{7,45})\] \[([^\]]{10,40})\] ?$/;

interface Utmp {
  readonly type: number;
  readonly pid: number;
  readonly id: string;
  readonly user: string;
  readonly line: string;
  readonly host: string;
  readonly address: string;
  readonly civil: Civil | undefined;
}

/** `2026-11-01T09:01:40,000005+00:00` · `Sun Nov  1 09:01:40 2026 CET` (util-linux before 2.28) */
const readTime = (text: string): Civil | undefined => (readIso(text) ?? readBsd(text, text.indexOf(' ') + 1))?.civil;

const readUtmp = once((record): Utmp | undefined => {
  const m = RECORD.exec(record.text);
  if (m === null) return undefined;
  const [id, user, line, host, address] = m.slice(3, 8).map((field) => field.trim()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  return { type: Number(m[1]), pid: Number(m[2]), id, user, line, host, address, civil: readTime(m[8] as string) };
});

/** `ut_type` (utmp(5)). */
const NAMES = [
  'EMPTY',
  'RUN_LVL',
  'BOOT_TIME',
  'NEW_TIME',
  'OLD_TIME',
  'INIT_PROCESS',
  'LOGIN_PROCESS',
  'USER_PROCESS',
  'DEAD_PROCESS',
  'ACCOUNTING',
];
const [RUN_LVL, BOOT_TIME, NEW_TIME, OLD_TIME] = [1, 2, 3, 4];
const [LOGIN_PROCESS, USER_PROCESS, DEAD_PROCESS] = [6, 7, 8];

/** A getty, or a daemon that has a user log in, that waits for a name. */
const isWaiting = ({ user }: Utmp): boolean => user === '' || user === 'LOGIN' || user.startsWith('.');

/** Which file the stream is, as far as its records so far show; its name tells nothing. */
type File = 'unknown' | 'wtmp' | 'btmp';

/** wtmp and utmp hold boots, ends of sessions and waiting gettys; btmp none of them, but names on which a login failed. */
const fileOf = (record: Utmp, before: File): File => {
  if (before === 'wtmp') return before;
  if (record.type === LOGIN_PROCESS) return isWaiting(record) ? 'wtmp' : 'btmp';
  return record.type === USER_PROCESS || record.type === 0 ? before : 'wtmp';
};

const meaningOf = (record: Utmp, file: File): Meaning => {
  switch (record.type) {
    case RUN_LVL:
      return ['source-state', 'info', record.user === 'shutdown' ? 'shutdown' : 'run-level'];
    case BOOT_TIME:
      return ['source-state', 'info', 'boot'];
    case NEW_TIME:
    case OLD_TIME:
      return ['source-state', 'info', 'clock-set'];
    case LOGIN_PROCESS:
      return isWaiting(record) ? ['other', 'info', 'waiting'] : ['login', 'refused', 'failed'];
    case USER_PROCESS:
      return file === 'btmp' ? ['login', 'refused', 'failed'] : ['login', 'passed', 'login'];
    case DEAD_PROCESS:
      return ['logout', 'sessionEnd', 'logout'];
    default:
      return ['other', 'info', 'record'];
  }
};

/** `:0`, `tmux(2110).%0`: a display or a program of the same host, no other host. */
const LOCAL = /^:\d|\(/;
const NO_ADDRESS = '0.0.0.0';

const putPlace = (fields: Fields, { line, host, address, pid }: Utmp): void => {
  put(fields, 'linux.auth.tty', line);
  putNumber(fields, 'process.pid', pid > 0 ? pid : undefined);
  if (line.startsWith('ssh:')) put(fields, 'service.type', 'ssh');
  else if (/^(?:tty\d|:\d)/.test(line) && address === NO_ADDRESS) put(fields, 'service.type', 'console');
  else if (/^ftpd?\d/.test(line)) put(fields, 'service.type', 'ftp');
  if (host !== '' && !LOCAL.test(host)) putEndpoint(fields, 'source', host);
  if (address !== NO_ADDRESS && address !== '') putIp(fields, 'source.ip', address);
};

const SESSIONS = new Set([LOGIN_PROCESS, USER_PROCESS, DEAD_PROCESS]);

const open: Parser['open'] = ({ clock }) => {
  let file: File = 'unknown';
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const utmp = readUtmp(record);
    if (utmp === undefined)
      return /^Utmp (?:undump|dump) (?:of|file) /.test(record.text)
        ? { kind: 'skipped', reason: 'header' }
        : rejected('not-this-format', 'no login record');
    const { type, id, user, host, civil } = utmp;
    file = fileOf(utmp, file);
    const fields: Fields = {};
    const warnings: string[] = [];
    // a record whose time was never set states the epoch
    if (civil?.year !== undefined && civil.year > 1970) clock.stamp(fields, civil);
    else warnings.push('time-missing');
    const [act, kind, action] = meaningOf(utmp, file);
    const [category, types, outcome] = KINDS[kind];
    categorise(fields, category, types, outcome);
    put(fields, 'event.action', action);
    put(fields, 'event.code', NAMES[type] ?? String(type));
    keepVendor(fields, 'linux.utmp', [['id', id]]);
    if (SESSIONS.has(type)) {
      putPlace(fields, utmp);
      if (!isWaiting(utmp)) putUser(fields, 'user', user);
    } else {
      keepVendor(fields, 'linux.utmp', Object.entries({ kernel: host, name: user }));
    }
    if (type === USER_PROCESS && file !== 'wtmp') warnings.push(`file-inferred:${file === 'btmp' ? 'btmp' : 'wtmp'}`);
    return { kind: 'event', act, fields, warnings };
  };
};

export default {
  id: 'linux-utmp',
  title: 'Linux login records: wtmp, btmp, utmp, and what utmpdump prints of them',
  references: [
    { title: 'utmp(5)', url: 'https://man7.org/linux/man-pages/man5/utmp.5.html' },
    { title: 'util-linux: utmpdump(1)', url: 'https://man7.org/linux/man-pages/man1/utmpdump.1.html' },
    { title: 'OpenSSH portable: loginrec.c', url: 'https://github.com/openssh/openssh-portable' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  versions: [
    'records of 384 bytes (x86, x86_64 and others) and of 400 bytes (aarch64), little and big endian, told by content',
    'text of utmpdump of util-linux 2.28 and later, and before',
  ],
  families: [
    'logins with terminal, process, host and address; ends of sessions by terminal; waiting gettys',
    'failed logins (btmp)',
    'boots, shutdowns, run levels, clock changes',
  ],
  limits: [
    'a failed login is told by its record (LOGIN_PROCESS with a name); a display manager writes failed ones as USER_PROCESS: those are failures only behind a record of the first kind, else logins, and the event says so (`file-inferred`) until a record shows that the file is wtmp or utmp',
    'an end of a session names its terminal, not its user; the host itself is named nowhere',
    'a record of zeros is rejected: an unused place in utmp, an overwritten record in wtmp',
    'lastlog, and the SQLite files of wtmpdb and lastlog2, are not read',
  ],
  recognise: recogniseBy((record) => readUtmp(record) !== undefined, 'are login records'),
  claims: (record) => readUtmp(record) !== undefined,
  open,
} satisfies Parser as Parser;
