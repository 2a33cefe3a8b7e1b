import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readBsd, readCtime, readIso } from '../../src/parse/kit/civil.ts';
import { categorise, put, putEndpoint, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Server = 'vsftpd' | 'proftpd' | 'pure-ftpd' | 'wu-ftpd' | 'xferlog';

/** A line of one of the servers: its own message, and what stands in front of it. */
interface Line {
  readonly server: Server;
  readonly text: string;
  readonly time: Civil | undefined;
  readonly host?: string | undefined;
  readonly pid?: string | undefined;
  readonly from?: string | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  /** As the server calls itself. */
  readonly self?: string | undefined;
}

// ------------------------------------------------------------------------------------------------------------- heads

// Mon Jun  8 12:08:44 2020 [pid 27245] [kim] OK LOGIN: Client "192.0.2.7"   · [kim] OK LOGIN: …   (syslog)
const VSFTPD =
  /^(?:\[pid (\d{1,10})\] )?(?:\[(.{1,256}?)\] )?((?:(?:OK|FAIL) [A-Z]{3,12}|CONNECT|FTP command|FTP response|DEBUG): Client "([^"]{1,300})".*)$/s;
// a user chooses his name, `a] OK LOGIN: Client "10.0.0.1"` too: of a login the last client is the true one
const VSFTPD_LOGIN =
  /^(?:\[pid (\d{1,10})\] )?\[(.{1,1024})\] ((?:OK|FAIL) LOGIN: Client "([^"]{1,300})"(?:, anon password "[^"]{0,300}")?)$/s;
// proftpd[80283]: srv.example.org (host.example.net[192.0.2.7]) - USER …   · proftpd[12345] srv (192.0.2.7[192.0.2.7]): USER …
const PROFTPD =
  /\bproftpd\[(\d{1,10})\]:? (\S{1,255})(?: \(([^\s[\]()]{0,255})\[([\da-fA-F.:]{2,60})\]\))?(?: -|:) (.*)$/s;
const PROFTPD_HEAD = 200;
// (kim@192.0.2.7) [INFO] kim is now logged in · (?@192.0.2.7) [WARNING] Authentication failed for user [root]
const PURE = /^\((.{1,256}?)@([^\s()]{1,255})\) \[(DEBUG|INFO|NOTICE|WARNING|ERROR)\] (.*)$/s;
// Mon Jun  6 18:43:59 2016 1 192.0.2.7 1884648 /srv/ftp/x.tgz b _ i r kim ftp 0 * c   xferlog(5)
const XFERLOG =
  /^(\d{1,8}) (\S{1,255}) (\d{1,18}) (.{1,4096}) ([ab]) ([CUT_]) ([iod]) ([agr]) (\S{1,256}) (\S{1,64}) ([01]) (\S{1,64})(?: ([ci]))?\s*$/s;
const WU = /^(?:wu-?ftpd|in\.wuftpd)$/;

const lineOf = ({ text, envelope }: RawRecord): Line | undefined => {
  if (text.includes('proftpd[')) {
    const m = PROFTPD.exec(text.slice(0, 4096));
    if (m !== null && m.index < PROFTPD_HEAD) {
      const time = envelope.civil ?? (readIso(text) ?? readBsd(text))?.civil;
      return {
        server: 'proftpd',
        text: m[5] as string,
        time,
        host: envelope.host ?? m[2],
        pid: m[1],
        from: m[4],
        name: m[3],
        self: m[2],
      };
    }
  }
  const dated = readCtime(text);
  // vsftpd[71]: Mon Jun  8 12:08:44 2020 [pid 27245] …: its own file, sent on
  const within = dated === undefined && envelope.program === 'vsftpd' ? readCtime(envelope.message) : undefined;
  const body =
    dated === undefined ? envelope.message.slice(within?.end ?? 0).trimStart() : text.slice(dated.end).trimStart();
  const time = (dated ?? within)?.civil ?? envelope.civil;
  const pid = envelope.pid?.toString();
  if (dated === undefined && /^pure-ftpd$/.test(envelope.program ?? '')) {
    const m = PURE.exec(envelope.message);
    const at = m?.[2];
    return {
      server: 'pure-ftpd',
      text: m?.[4] ?? envelope.message,
      time,
      host: envelope.host,
      pid,
      from: at,
      user: m?.[1] === '?' ? undefined : m?.[1],
    };
  }
  if (dated === undefined && WU.test(envelope.program ?? '') && !/^pam_\w+\(/.test(envelope.message))
    return { server: 'wu-ftpd', text: envelope.message, time, host: envelope.host, pid };
  if (dated !== undefined && XFERLOG.test(body.slice(0, 8192))) return { server: 'xferlog', text: body, time };
  const vsftpd = dated !== undefined || envelope.program === 'vsftpd' ? body.slice(0, 8192).trimEnd() : '';
  const m = VSFTPD_LOGIN.exec(vsftpd) ?? VSFTPD.exec(vsftpd);
  if (m === null) return undefined;
  return {
    server: 'vsftpd',
    text: m[3] as string,
    time,
    host: dated === undefined ? envelope.host : undefined,
    pid: m[1] ?? pid,
    from: m[4],
    user: m[2],
  };
};

// ------------------------------------------------------------------------------------------------------------- meaning

const KINDS = {
  passed: [['authentication'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  left: [['session'], ['end'], undefined],
  opened: [['network'], ['connection', 'start'], undefined],
  denied: [['network'], ['connection', 'denied'], 'success'],
  upload: [['file'], ['creation'], 'success'],
  download: [['file'], ['access'], 'success'],
  removed: [['file'], ['deletion'], 'success'],
  changed: [['file'], ['change'], 'success'],
  info: [['network'], ['protocol', 'info'], undefined],
  state: [['host'], ['info'], undefined],
} as const;
type Kind = keyof typeof KINDS;

type Rule = readonly [pattern: RegExp, act: Act, kind: Kind, action: string];

/** Messages of the servers in their own words; first match wins. Groups: user, from, ip, file, bytes, reason. */
// biome-ignore format: a table
const RULES: Readonly<Record<Exclude<Server, 'xferlog'>, readonly Rule[]>> = {
  vsftpd: [
    [/^CONNECT: /, 'flow-start', 'opened', 'connect'],
    [/^OK LOGIN: /, 'login', 'passed', 'login'],
    [/^FAIL LOGIN: /, 'login', 'refused', 'login'],
    [/^(?:OK|FAIL) (?<verb>UPLOAD|APPEND): Client "[^"]*", "(?<file>.{0,4096}?)"(?:, (?<bytes>\d{1,18}) bytes)?, [\d.]{1,20}Kbyte\/sec$/, 'share-access', 'upload', 'upload'],
    [/^(?:OK|FAIL) (?<verb>DOWNLOAD): Client "[^"]*", "(?<file>.{0,4096}?)"(?:, (?<bytes>\d{1,18}) bytes)?, [\d.]{1,20}Kbyte\/sec$/, 'share-access', 'download', 'download'],
    [/^(?:OK|FAIL) (?:DELETE|RMDIR): Client "[^"]*", "(?<file>.{0,4096}?)"$/, 'share-access', 'removed', 'delete'],
    [/^(?:OK|FAIL) (?:MKDIR|RENAME|CHMOD): Client "[^"]*", "(?<file>.{0,4096}?)"$/, 'share-access', 'changed', 'change'],
    // who is on the list of users kept out is refused before a password is asked
    [/^FTP response: Client "[^"]*", "530 (?<reason>Permission denied)/, 'login', 'refused', 'login'],
    [/^FTP command: Client "[^"]*", "USER (?<user>.{1,256})"$/, 'other', 'info', 'user'],
  ],
  proftpd: [
    [/^USER (?<user>.{1,256}?)(?: \(Login failed\))?: no such user found from/i, 'login', 'refused', 'login'],
    [/^USER (?<user>.{1,256}) \(Login failed\): ?(?<reason>[^.]{0,256})/, 'login', 'refused', 'login'],
    [/^(?:USER|ANON) (?<user>.{1,256}): Login successful/, 'login', 'passed', 'login'],
    [/^(?:USER|ANON) (?<user>.{1,256}): (?<reason>(?:Limit|Login|Maximum|user is|notice: ).{0,200})$/i, 'login', 'refused', 'login'],
    [/^SECURITY VIOLATION: (?<user>root) login attempted/i, 'login', 'refused', 'login'],
    [/^no such user '(?<user>.{1,256})'/, 'other', 'info', 'no-such-user'],
    [/^(?<reason>Maximum login attempts \(\d{1,6}\) exceeded|Login timeout exceeded|FTP login timed out).{0,120}$/i, 'other', 'info', 'disconnect'],
    [/^(?<reason>Connection refused|Connection from .{1,300} denied|Refused |mod_wrap).{0,300}$/i, 'flow-denied', 'denied', 'refused'],
    [/^(?:FTP|SSH2) session opened/, 'flow-start', 'opened', 'connect'],
    [/^(?:FTP|SSH2) session closed|^FTP (?:session idle|no transfer) timeout/, 'logout', 'left', 'disconnect'],
    [/^ProFTPD \S{1,64} .{0,64}(?:standalone mode (?:STARTUP|SHUTDOWN)|killed)|^received SIGHUP/, 'source-state', 'state', 'server'],
  ],
  'pure-ftpd': [
    [/^Authentication failed for user \[(?<user>.{0,256})\]/, 'login', 'refused', 'login'],
    [/^(?<user>.{1,256}) is now logged in/, 'login', 'passed', 'login'],
    [/^(?<user>Anonymous) user logged in/, 'login', 'passed', 'login'],
    [/^New connection from (?<from>\S{1,255})/, 'flow-start', 'opened', 'connect'],
    [/^(?<file>.{1,4096}) uploaded +\((?<bytes>\d{1,18}) bytes, /, 'share-access', 'upload', 'upload'],
    [/^(?<file>.{1,4096}) downloaded +\((?<bytes>\d{1,18}) bytes, /, 'share-access', 'download', 'download'],
    [/^Deleted (?<file>.{1,4096})$/, 'share-access', 'removed', 'delete'],
    [/^(?:File successfully renamed|Renamed?|Directory).{0,64}[[(](?<file>.{1,4096}?)[\])]/, 'share-access', 'changed', 'change'],
    [/^(?:Logout|Timeout)/, 'logout', 'left', 'disconnect'],
    [/^(?<reason>Too many (?:connections|authentication failures)).{0,300}$/i, 'flow-denied', 'denied', 'refused'],
  ],
  'wu-ftpd': [
    [/^failed login from (?<from>\S{1,255}) \[(?<ip>[\da-fA-F.:]{2,45})\]/, 'login', 'refused', 'login'],
    [/^ANONYMOUS FTP LOGIN FROM (?<from>\S{1,255}) \[(?<ip>[\da-fA-F.:]{2,45})\], (?<user>.{1,256})$/, 'login', 'passed', 'login'],
    [/^FTP LOGIN FROM (?<from>\S{1,255}) \[(?<ip>[\da-fA-F.:]{2,45})\], (?<user>.{1,256})$/, 'login', 'passed', 'login'],
    [/^FTP LOGIN (?:FAILED|REFUSED) (?<reason>\(.{1,128}?\)) FROM (?<from>\S{1,255}) \[(?<ip>[\da-fA-F.:]{2,45})\], (?<user>.{1,256})$/, 'login', 'refused', 'login'],
    [/^FTP session closed/, 'logout', 'left', 'disconnect'],
  ],
};

const putFile = (fields: Fields, path: string | undefined, bytes: string | undefined): void => {
  put(fields, 'file.path', path);
  put(fields, 'file.name', path?.slice(path.lastIndexOf('/') + 1));
  putNumber(fields, 'file.size', bytes);
};

const readMessage = (fields: Fields, server: Exclude<Server, 'xferlog'>, text: string): Act => {
  const rule = RULES[server].find(([pattern]) => pattern.test(text));
  if (rule === undefined) {
    categorise(fields, ...KINDS.info);
    return 'other';
  }
  const [pattern, act, kind, action] = rule;
  const groups = pattern.exec(text)?.groups ?? {};
  const [category, type, outcome] = KINDS[kind];
  categorise(fields, category, type, /^FAIL (?!LOGIN)/.test(text) ? 'failure' : outcome);
  put(fields, 'event.action', action);
  putUser(fields, 'user', groups['user'], true);
  if (groups['from'] !== undefined) putEndpoint(fields, 'source', groups['from']);
  putIp(fields, 'source.ip', groups['ip']);
  put(fields, 'event.reason', groups['reason']);
  putFile(fields, groups['file'], groups['bytes']);
  return act;
};

const readXferlog = (fields: Fields, m: RegExpExecArray): Act => {
  const [, seconds, host, bytes, path, , , direction, access, user, , , , status] = m as unknown as string[];
  putEndpoint(fields, 'source', host);
  // an anonymous user gives a mail address for a password
  putUser(fields, 'user', access === 'a' ? 'anonymous' : user, true);
  if (access === 'a') put(fields, 'ftp.anonymous_password', user);
  putNumber(fields, 'event.duration', Number(seconds) * 1e9);
  const kind = direction === 'i' ? 'upload' : direction === 'd' ? 'removed' : 'download';
  const [category, type] = KINDS[kind];
  categorise(fields, category, type, status === 'i' ? 'failure' : 'success');
  put(fields, 'event.action', kind === 'removed' ? 'delete' : kind);
  putFile(fields, path, bytes);
  return 'share-access';
};

const claims = (record: RawRecord): boolean => lineOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no line of a known FTP server');
    const fields: Fields = {};
    if (line.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, line.time);
    put(fields, 'host.name', line.host);
    put(fields, 'process.name', line.server === 'xferlog' ? undefined : line.server);
    putNumber(fields, 'process.pid', line.pid);
    if (line.name !== undefined && line.name !== '') putEndpoint(fields, 'source', line.name);
    if (line.from !== undefined) putEndpoint(fields, 'source', line.from);
    putIp(fields, 'destination.ip', line.self);
    putUser(fields, 'user', line.user, true);
    put(fields, 'message', line.text.slice(0, 8192));
    const xfer = line.server === 'xferlog' ? XFERLOG.exec(line.text.slice(0, 8192)) : null;
    const act =
      xfer === null
        ? readMessage(fields, line.server as Exclude<Server, 'xferlog'>, line.text.slice(0, 8192).trimEnd())
        : readXferlog(fields, xfer);
    fields['service.type'] = 'ftp';
    relateAddresses(fields, line.text.slice(0, 4096));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'ftp',
  title: 'FTP servers: vsftpd, ProFTPD, Pure-FTPd, wu-ftpd; transfer logs (xferlog)',
  references: [
    { title: 'vsftpd.conf(5)', url: 'https://security.appspot.com/vsftpd/vsftpd_conf.html' },
    { title: 'ProFTPD: logging', url: 'http://www.proftpd.org/docs/howto/Logging.html' },
    { title: 'Pure-FTPd', url: 'https://www.pureftpd.org/project/pure-ftpd/doc/' },
    { title: 'xferlog(5)', url: 'http://www.castaglia.org/proftpd/doc/xferlog.html' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: ['connections, logins, logouts, uploads, downloads and deletions with bytes; xferlog(5) of all servers'],
  limits: [
    "ExtendedLog of ProFTPD and the CLF of Pure-FTPd have the form of a web server's log",
    'lines of PAM are read by linux-auth',
  ],
  recognise: recogniseBy(claims, 'are lines of an FTP server', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
