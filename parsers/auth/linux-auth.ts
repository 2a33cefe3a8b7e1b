import { canonicalIp } from '../../src/core/net.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import {
  find,
  type Groups,
  HOST_RULES,
  KINDS,
  type Meaning,
  PAM_RULES,
  type Rule,
  SSHD_RULES,
} from '../../src/parse/kit/linux-auth.ts';
import { once } from '../../src/parse/kit/once.ts';
import {
  categorise,
  keepVendor,
  put,
  putEndpoint,
  putIp,
  putNumber,
  putTransport,
  putUser,
  warn,
} from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- header

const PROGRAMS = new Set(
  (
    'sshd sshd-session sshd-auth dropbear sudo su runuser login getty agetty mingetty useradd usermod userdel newusers adduser ' +
    'groupadd groupmod groupdel gpasswd newgrp passwd chpasswd chage chfn chsh unix_chkpwd systemd-logind polkitd polkit-agent-helper-1 ' +
    'pkexec cron crond anacron crontab atd rshd in.rshd rlogind in.rlogind doas webmin usermin luci'
  ).split(' '),
);
const SSHD = /^(?:sshd|sshd-session|sshd-auth|dropbear)$/;

/** `pam_unix(sshd:auth): `, `(pam_unix) `, and what the program's tag holds: `su(pam_unix)[23164]: ` */
const PAM = /^\(?(pam_\w{1,32})\)?(?:\(([^():]{0,64})(?::([\w-]{1,32}))?\))?:? +/;
/** No tag that the syslog reader knows: `[sshd]: …`, `[sshd] …`, `polkitd(authority=local)[7]: `, `gdm-password][15]: `, `srv sshd[71]: …` (journal export without time) */
const BARE =
  /^(?:([\w.-]{1,255}) +)?\[?([\w./-]{1,64})\]?(?:\((?:authority=\w{1,16}|(pam_\w{1,32}))\))?(?:\[(\d{1,10})\]:?|:|(?<=\])) +/;
/** Solaris `[ID 800047 auth.info] `, kernel stamps `kernel:[  970.6] `, dropbear's own `[825] Jul 10 23:53:52 ` in front of the message. */
const NOISE =
  /^(?:\[ID \d{1,10} [\w.]{1,32}\] |kernel: ?\[ *\d{1,10}\.\d{1,9}\]:? |\[\d{1,10}\] [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )/;
/** OpenWrt's web server logs for LuCI: `uhttpd[7662]: luci: failed login on / for root from 192.0.2.4` */
const LUCI = /^luci: (?=(?:accepted|failed) login on \/)/;
const REPEATED = /^message repeated (\d{1,9}) times: \[ (.*)\]$/;

interface Head {
  readonly program: string;
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** `pam_unix` when the tag names it. */
  readonly pam: string | undefined;
  readonly message: string;
}

/** sudo's own file (`Defaults logfile`) names no program: `Oct 31 23:14:07 2021 : k.maier : HOST=web1 : TTY=pts/1 ; PWD=…` */
const SUDO_FILE = /^(?:: )?(.{1,256}? : )(?:HOST=(\S{1,255}) : )?(?=.{0,256}?\b(?:TTY|PWD|TSID)=\S{1,1024} ; )/;

const baseName = (program: string): string => program.slice(program.lastIndexOf('/') + 1).toLowerCase();

const readHead = once((record): Head => {
  const { program, pid, host, message, civil } = record.envelope;
  if (program !== undefined) {
    if (LUCI.test(message))
      return { program: 'luci', pid, host, pam: undefined, message: message.replace(LUCI, '').trim() };
    const tagged = /^(.{1,64}?)\((pam_\w{1,32})\)$/.exec(program);
    return { program: tagged?.[1] ?? program, pid, host, pam: tagged?.[2], message: message.trim() };
  }
  const text = civil === undefined && record.envelope.priority === undefined ? record.text.trim() : message;
  const filed = civil?.year === undefined ? null : SUDO_FILE.exec(text);
  if (filed !== null)
    return {
      program: 'sudo',
      pid,
      host: host ?? filed[2],
      pam: undefined,
      message: `${filed[1]}${text.slice(filed[0].length)}`,
    };
  const bare = BARE.exec(text);
  const rest = bare === null ? text : text.slice(bare[0].length).trim();
  if (bare === null || !(PROGRAMS.has(baseName(bare[2] as string)) || PAM.test(rest))) {
    return { program: '', pid, host, pam: undefined, message: text };
  }
  const number = bare[4] === undefined ? undefined : Number(bare[4]);
  return {
    program: bare[2] as string,
    pid: number,
    host: host ?? bare[1],
    pam: bare[3],
    message: rest,
  };
});

// ---------------------------------------------------------------- fields

const NOBODY = /^(?:UNKNOWN|<invalid username>|\(unknown\)|\?)?$/;

const putAccount = (fields: Fields, prefix: string, name: string | undefined): void => {
  if (name !== undefined && !NOBODY.test(name)) putUser(fields, prefix, name);
};

const putSource = (fields: Fields, from: string | undefined, port: string | undefined): void => {
  const text = from?.replace(/^<|>$/g, '');
  if (text !== undefined && !/^(?:UNKNOWN|\?)?$/.test(text)) putEndpoint(fields, 'source', text);
  if (Number(port) <= 65535) putNumber(fields, 'source.port', port);
};

const GROUP_FIELDS: Readonly<Record<string, string>> = {
  reason: 'event.reason',
  method: 'einfallstor.login.method',
  fingerprint: 'einfallstor.ssh.key_fingerprint',
  key: 'linux.auth.key_type',
  group: 'group.name',
  gid: 'group.id',
  uid: 'user.target.id',
  command: 'process.command_line',
  tty: 'linux.auth.tty',
  session: 'session.id',
  change: 'einfallstor.change.object',
};

const putGroups = (fields: Fields, groups: Groups): void => {
  putAccount(fields, 'user', groups['user'] ?? groups['root']?.toLowerCase());
  putNumber(fields, 'linux.auth.repeated', groups['count']);
  putAccount(fields, 'user.target', groups['target']);
  putAccount(fields, 'user.effective', groups['effective']);
  putSource(fields, groups['from'], groups['port']);
  putIp(fields, 'source.ip', groups['resolved']);
  if (groups['to'] !== undefined) putEndpoint(fields, 'destination', groups['to']);
  putNumber(fields, 'destination.port', groups['toport']);
  for (const [group, field] of Object.entries(GROUP_FIELDS)) put(fields, field, groups[group]);
};

/** The service a PAM module speaks for: `sshd` → ssh, `vsftpd` → ftp, `dovecot` → imap is not known, so as written. */
const serviceOf = (program: string): string =>
  SSHD.test(program)
    ? 'ssh'
    : /ftpd?$/.test(program)
      ? 'ftp'
      : /^(?:login|agetty|getty|remote)$/.test(program)
        ? 'console'
        : program;

/** su and sudo change who one is; a logon to the host is what the others are. */
const CHANGES_USER = /^(?:su|su-l|sudo|sudo-i|runuser|runuser-l|polkit-1|doas|pkexec)$/;
/** Their own log lines say what PAM says, or nobody logs on. */
const NO_LOGOUT = /^(?:cron|crond|atd|systemd-user)$/;
const NO_LOGIN =
  /^(?:sshd|sshd-session|cron|crond|atd|systemd-user|sudo|sudo-i|polkit-1|chage|chfn|chsh|passwd|useradd)$/;

// ---------------------------------------------------------------- readers per program

/** ruser and user are the client's words and may hold ` rhost=`: PAM's own stands behind the one, before the other. */
const PAM_REMOTE = [/ ruser=(.*?) rhost=(\S{0,255}) {1,2}user=(.*)$/s, / ruser=(.*) rhost=(\S{0,255})\s*()$/s] as const;

/** `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.4  user=root` */
const putPamPairs = (fields: Fields, service: string, text: string): void => {
  const tail = text.slice(text.indexOf('logname='));
  const pairs = readKeyValues(tail);
  const [, ruser = pairs.get('ruser'), rhost = pairs.get('rhost'), named = pairs.get('user')] =
    PAM_REMOTE[0].exec(tail) ?? PAM_REMOTE[1].exec(tail) ?? [];
  if (tail.split(' rhost=', 3).length > 2) warn(fields, 'address-ambiguous');
  const [user, actor] = [named?.trim() || undefined, ruser];
  // who becomes another is the one that asks
  const becomes = CHANGES_USER.test(service) && actor !== undefined && actor !== '';
  putAccount(fields, 'user', becomes ? actor : (user ?? actor));
  if (becomes && user !== actor) putAccount(fields, 'user.effective', user);
  putSource(fields, rhost, undefined);
  put(fields, 'linux.auth.tty', pairs.get('tty'));
  keepVendor(
    fields,
    'linux.auth',
    ['logname', 'uid', 'euid', 'ruser'].map((key) => [key, pairs.get(key) ?? ''] as const),
  );
};

const pamMeaning = (service: string, meaning: Meaning): Meaning => {
  const [act, kind, action] = meaning;
  if (act === 'logout')
    return CHANGES_USER.test(service) || NO_LOGOUT.test(service) ? ['other', kind, action] : meaning;
  if (act !== 'login') return meaning;
  if (kind === 'sessionStart') {
    if (CHANGES_USER.test(service) && !service.startsWith('sudo'))
      return ['explicit-credentials', 'sessionStart', action];
    return NO_LOGIN.test(service) ? ['other', 'sessionStart', action] : ['login', 'passed', action];
  }
  if (CHANGES_USER.test(service)) return ['explicit-credentials', kind, action];
  // sshd says "Failed password" or "Accepted" of the same attempt itself
  return SSHD.test(service) ? ['other', kind, action] : meaning;
};

/**
 * "session opened for user root by k.maier(uid=1000)" of su: k.maier acts, root is what he becomes. su and sudo may say
 * "by (uid=1000)": who acts is then known by number alone. Of a logon, whoever opened the session ("by LOGIN(uid=0)",
 * "by gdm(uid=0)") is the program's account.
 */
const putWhose = (fields: Fields, service: string, { by, byid, whose }: Groups): void => {
  if (!CHANGES_USER.test(service) || byid === undefined) {
    putAccount(fields, 'user', whose);
    return;
  }
  if (by === '') put(fields, 'user.id', byid);
  else putAccount(fields, 'user', by);
  putAccount(fields, 'user.effective', whose);
};

const readPam = (fields: Fields, module: string, service: string, text: string): Meaning => {
  put(fields, 'linux.pam.module', module);
  put(fields, 'linux.pam.service', service);
  put(fields, 'service.type', serviceOf(service));
  const found = find(PAM_RULES, text);
  if (found === undefined) {
    // pam_env warns of the "deprecated reading of user environment": no name follows
    putAccount(fields, 'user', /\buser[ =]["']?(?!environment\b)([^\s"';:,()]{1,64})/.exec(text)?.[1]);
    return ['other', 'authentication', 'pam'];
  }
  putGroups(fields, found.groups);
  if (text.includes('logname=')) putPamPairs(fields, service, text);
  putWhose(fields, service, found.groups);
  return pamMeaning(service, found.meaning);
};

/** `k.maier : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/bin/ls` */
const SUDO = /^(.{1,256}?) : (.*)$/s;

const readSudo = (fields: Fields, text: string): Meaning => {
  const m = SUDO.exec(text);
  if (m === null) return ['other', 'info', 'sudo'];
  putAccount(fields, 'user', m[1]);
  const rest = m[2] as string;
  const commandAt = rest.indexOf('COMMAND=');
  const before = commandAt < 0 ? rest : rest.slice(0, commandAt);
  if (commandAt >= 0) put(fields, 'process.command_line', rest.slice(commandAt + 8));
  put(fields, 'linux.auth.tty', /\bTTY=(\S{1,64})/.exec(before)?.[1]);
  put(fields, 'process.working_directory', /\bPWD=(.{1,1024}?) ; USER=/.exec(before)?.[1]);
  putAccount(fields, 'user.effective', /\bUSER=(.{1,256}?) ;/.exec(before)?.[1]);
  const first = before.split(' ; ')[0] as string;
  const complaint = /^(?:[A-Z_]{2,16}=|\(command continued\))/.test(first) ? undefined : first;
  if (rest.startsWith('(command continued)')) return ['other', 'info', 'command-continued'];
  if (complaint === undefined) return ['explicit-credentials', 'process', 'command'];
  put(fields, 'event.reason', complaint);
  return ['explicit-credentials', /password/.test(complaint) ? 'refused' : 'processRefused', 'command-refused'];
};

const SEVERITY = /^(?:(error|fatal|debug\d|info|verbose)|main: sshd): /;

const readSshd = (fields: Fields, text: string): Meaning | undefined => {
  const preauth = text.endsWith('[preauth]');
  let rest = preauth ? text.slice(0, -9).trimEnd() : text;
  if (preauth) fields['linux.auth.preauth'] = true;
  const level = SEVERITY.exec(rest);
  if (level !== null) {
    put(fields, 'log.level', level[1]);
    rest = rest.slice(level[0].length);
  }
  put(fields, 'service.type', 'ssh');
  const pam = PAM.exec(rest);
  if (pam?.[2] !== undefined) return readPam(fields, pam[1] as string, pam[2], rest.slice(pam[0].length));
  const found = find(SSHD_RULES, rest);
  if (found === undefined) {
    const m = /\b(?:from|by|with|host|for|client) \[?([\da-fA-F.:]{3,45})\]?(?: port (\d{1,5}))?/.exec(rest);
    if (m !== null && canonicalIp(m[1] as string) !== undefined) putSource(fields, m[1], m[2]);
    return level === null && !preauth ? undefined : ['other', 'connection', 'message'];
  }
  putGroups(fields, found.groups);
  const again = (rest.match(/ from \S{1,255} port \d/g) ?? []).length;
  if (again > 1) warn(fields, 'address-ambiguous'); // a user name that looks like the end of the line
  return found.meaning;
};

const readByRules = (fields: Fields, rules: readonly Rule[], text: string): Meaning => {
  const found = find(rules, text);
  if (found === undefined) return ['other', 'info', 'message'];
  putGroups(fields, found.groups);
  return found.meaning;
};

/** What a message means; undefined when without a program its wording is not telling. */
const read = (fields: Fields, head: Head, text: string): Meaning | undefined => {
  const program = baseName(head.program);
  if (program !== '' && /^(?:--- )?last message repeated (\d{1,9}) times/.test(text)) {
    putNumber(fields, 'linux.auth.repeated', /repeated (\d{1,9})/.exec(text)?.[1]);
    return ['other', 'info', 'repeated'];
  }
  const pam = PAM.exec(text);
  if (head.pam !== undefined) return readPam(fields, head.pam, program, text);
  if (pam !== null) return readPam(fields, pam[1] as string, pam[2] ?? program, text.slice(pam[0].length));
  if (program === '') return readSshd(fields, text);
  if (SSHD.test(program)) return readSshd(fields, text) ?? ['other', 'connection', 'message'];
  return program === 'sudo' ? readSudo(fields, text) : readByRules(fields, HOST_RULES, text);
};

// ---------------------------------------------------------------- parser

const isLinuxAuth = (record: RawRecord): boolean => {
  const head = readHead(record);
  if (PROGRAMS.has(baseName(head.program)) || head.pam !== undefined) return true;
  if (head.program !== '') return PAM.test(head.message);
  const text = head.message.replace(/ ?\[preauth\]$/, '').replace(SEVERITY, '');
  return /^pam_\w{1,32}\([\w-]{1,64}:\w{1,16}\): /.test(text) || find(SSHD_RULES, text) !== undefined;
};

const open: Parser['open'] =
  (context) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const head = readHead(record);
    const known = PROGRAMS.has(baseName(head.program)) || head.pam !== undefined;
    if (head.program !== '' && !known && !PAM.test(head.message))
      return rejected('not-this-format', `a line of ${head.program.slice(0, 64)}`);
    const fields: Fields = {};
    context.clock.stamp(fields, record.envelope.civil);
    if (record.envelope.civil === undefined) warn(fields, 'time-missing');
    let text = head.message.replace(NOISE, '').slice(0, 8192);
    put(fields, 'message', text);
    const repeated = REPEATED.exec(text);
    if (repeated !== null) {
      putNumber(fields, 'linux.auth.repeated', repeated[1]);
      text = (repeated[2] as string).trim();
    }
    const meaning = read(fields, head, text);
    if (meaning === undefined) return rejected('not-this-format', 'no program and no message of sshd or PAM');
    put(fields, 'host.name', head.host);
    put(fields, 'process.name', head.program === '' ? String(fields['linux.pam.service'] ?? 'sshd') : head.program);
    if (head.program === '') warn(fields, 'program-missing');
    putNumber(fields, 'process.pid', head.pid);
    putNumber(fields, 'log.syslog.priority', record.envelope.priority);
    const [act, kind, action] = meaning;
    const [category, type, outcome] = KINDS[kind];
    categorise(fields, category, type, outcome);
    if (act === 'flow-start' || act === 'flow-denied') putTransport(fields, 'tcp');
    put(fields, 'event.action', action);
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'linux-auth',
  title: 'Linux authentication: sshd, PAM, sudo, su, login, accounts, cron',
  references: [
    {
      title: 'OpenSSH portable: auth.c, packet.c, sshd-session.c (message texts)',
      url: 'https://github.com/openssh/openssh-portable',
    },
    { title: 'Linux-PAM: pam_unix, pam_faillock', url: 'https://github.com/linux-pam/linux-pam' },
    { title: 'sudoers manual, log format', url: 'https://www.sudo.ws/docs/man/sudoers.man/' },
    { title: 'shadow: useradd, usermod, groupadd', url: 'https://github.com/shadow-maint/shadow' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'sshd (also sshd-session, sshd-auth, dropbear): logins, refusals, connections; doas, Webmin, LuCI',
    'PAM modules in any program; sudo, su, login, polkit',
    'accounts and groups, systemd-logind sessions, cron commands and crontab changes',
  ],
  limits: [
    'A user name may imitate the end of a line: the address at the end counts, with the warning address-ambiguous.',
  ],
  recognise: recogniseBy(isLinuxAuth, 'are of sshd, PAM, sudo, su, accounts or cron'),
  claims: isLinuxAuth,
  open,
} satisfies Parser as Parser;
