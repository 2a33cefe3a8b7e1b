import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
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
    'pkexec cron crond anacron crontab atd'
  ).split(' '),
);
const SSHD = /^(?:sshd|sshd-session|sshd-auth|dropbear)$/;

/** `pam_unix(sshd:auth): `, `(pam_unix) `, and what the program's tag holds: `su(pam_unix)[23164]: ` */
const PAM = /^\(?(pam_\w{1,32})\)?(?:\(([^():]{0,64})(?::([\w-]{1,32}))?\))?:? +/;
/** No tag that the syslog reader knows: `[sshd]: …`, `polkitd(authority=local)[7]: `, `gdm-password][15]: `, `srv sshd[71]: …` (journal export without time) */
const BARE =
  /^(?:([\w.-]{1,255}) +)?\[?([\w./-]{1,64})\]?(?:\((?:authority=\w{1,16}|(pam_\w{1,32}))\))?(?:\[(\d{1,10})\])?:? +/;
/** Solaris `[ID 800047 auth.info] `, kernel stamps `kernel:[  970.6] ` in front of the message. */
const NOISE = /^(?:\[ID \d{1,10} [\w.]{1,32}\] |kernel: ?\[ *\d{1,10}\.\d{1,9}\]:? )/;
const REPEATED = /^message repeated (\d{1,9}) times: \[ (.*)\]$/;

interface Head {
  readonly program: string;
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** `pam_unix` when the tag names it. */
  readonly pam: string | undefined;
  readonly message: string;
}

const baseName = (program: string): string => program.slice(program.lastIndexOf('/') + 1).toLowerCase();

const readHead = once((record): Head => {
  const { program, pid, host, message, civil } = record.envelope;
  if (program !== undefined) {
    const tagged = /^(.{1,64}?)\((pam_\w{1,32})\)$/.exec(program);
    return { program: tagged?.[1] ?? program, pid, host, pam: tagged?.[2], message: message.trim() };
  }
  const text = civil === undefined && record.envelope.priority === undefined ? record.text.trim() : message;
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

// ---------------------------------------------------------------- what a message means

const KINDS = {
  passed: [['authentication', 'session'], ['start'], 'success'],
  refused: [['authentication'], ['info'], 'failure'],
  authentication: [['authentication'], ['info'], undefined],
  sessionStart: [['session'], ['start'], 'success'],
  sessionEnd: [['session'], ['end'], undefined],
  connectionStart: [['network'], ['connection', 'start'], undefined],
  connection: [['network'], ['connection', 'info'], undefined],
  connectionEnd: [['network'], ['connection', 'end'], undefined],
  denied: [['network'], ['connection', 'denied'], 'success'],
  process: [['process'], ['start'], 'success'],
  processRefused: [['process'], ['info'], 'failure'],
  userCreated: [['iam'], ['user', 'creation'], 'success'],
  userChanged: [['iam'], ['user', 'change'], 'success'],
  userDeleted: [['iam'], ['user', 'deletion'], 'success'],
  groupCreated: [['iam'], ['group', 'creation'], 'success'],
  groupChanged: [['iam'], ['group', 'change'], 'success'],
  groupDeleted: [['iam'], ['group', 'deletion'], 'success'],
  configuration: [['configuration'], ['creation'], 'success'],
  state: [['process'], ['info'], undefined],
  info: [['host'], ['info'], undefined],
} as const;

type Meaning = readonly [act: Act, kind: keyof typeof KINDS, action: string];
type Rule = readonly [pattern: RegExp, ...Meaning];
type Groups = Readonly<Record<string, string | undefined>>;

const find = (rules: readonly Rule[], text: string): { meaning: Meaning; groups: Groups } | undefined => {
  for (const [pattern, ...meaning] of rules) {
    const m = pattern.exec(text);
    if (m !== null) return { meaning, groups: m.groups ?? {} };
  }
  return undefined;
};

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

/** `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.4  user=root` */
const putPamPairs = (fields: Fields, text: string): void => {
  const pairs = readKeyValues(text.slice(text.indexOf('logname=')));
  putAccount(fields, 'user', pairs.get('user') ?? pairs.get('ruser'));
  putSource(fields, pairs.get('rhost'), undefined);
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

const readPam = (fields: Fields, module: string, service: string, text: string): Meaning => {
  put(fields, 'linux.pam.module', module);
  put(fields, 'linux.pam.service', service);
  put(fields, 'service.type', serviceOf(service));
  const found = find(PAM_RULES, text);
  if (found === undefined) {
    // pam_env warns of the "deprecated reading of user environment": no name follows
    putAccount(fields, 'user', /\buser[ =]["']?(?!environment\b)([^\s"';,()]{1,64})/.exec(text)?.[1]);
    return ['other', 'authentication', 'pam'];
  }
  putGroups(fields, found.groups);
  if (text.includes('logname=')) putPamPairs(fields, text);
  // "session opened for user root by k.maier(uid=1000)": k.maier acts, root is what he becomes
  const by = found.groups['by'];
  putAccount(fields, 'user', by !== undefined && by !== '' ? by : found.groups['whose']);
  if (by !== undefined && by !== '' && by !== found.groups['whose'])
    putAccount(fields, 'user.effective', found.groups['whose']);
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

// ---------------------------------------------------------------- messages, first match wins

/** Greedy users: a name that holds ` from 192.0.2.1 port 22` must not win over the address at the end. */
// biome-ignore format: a table
const SSHD_RULES: readonly Rule[] = [
  // Accepted publickey for git from 192.0.2.4 port 57904 ssh2: ED25519 SHA256:AbC…
  [/^Accepted (?<method>[\w/-]{1,64}) for (?<user>.{0,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5})(?: +ssh\d)?(?:: (?:(?<key>[A-Z][\w-]{1,31}) (?<fingerprint>\S{1,128}))?.*)?$/, 'login', 'passed', 'accepted'],
  [/^Accepted (?<method>google_authenticator|\w{1,32}) for (?<user>.{1,256})$/, 'mfa-challenge', 'passed', 'accepted'],
  [/^Failed (?<method>[\w/-]{1,64}) for (?:invalid user |illegal user |user (?=\S{1,256} from ))?(?<user>.{0,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5})(?: +ssh\d)?(?:: (?:ruser .*|(?<key>[A-Z][\w-]{1,31}) (?<fingerprint>\S{1,128}).*))?$/, 'login', 'refused', 'failed'],
  [/^Failed (?<method>[\w/-]{1,64}) for (?:invalid user |illegal user )?(?<user>.{0,256}) from (?<from>\S{1,255})(?: port (?<port>\d{1,5}).{0,256})?$/, 'login', 'refused', 'failed'],
  [/^(?:Postponed|Partial) (?<method>[\w/-]{1,64}) for (?:invalid user )?(?<user>.{0,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5})/, 'other', 'authentication', 'postponed'],
  [/^(?:Invalid|Illegal) user (?<user>.{0,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5})$/, 'login', 'refused', 'invalid-user'],
  [/^(?:Invalid|Illegal) user (?<user>.{0,256}) from (?<from>\S{1,255})$/, 'login', 'refused', 'invalid-user'],
  [/^input_userauth_request: (?:invalid|illegal) user (?<user>.{0,256})$/, 'other', 'refused', 'invalid-user'],
  [/^maximum authentication attempts exceeded for (?:invalid user )?(?<user>.{0,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5})/, 'login', 'refused', 'too-many-attempts'],
  [/^PAM: (?<reason>.{1,128}?) for (?:illegal user |invalid user )?(?<user>.{0,256}) from (?<from>\S{1,255})(?: via \S{1,255})?$/, 'login', 'refused', 'pam'],
  [/^PAM (?<count>\d{1,6}) more authentication failures?; logname=(?:.{0,256} rhost=(?<from>\S{0,255}))?(?: +user=(?<user>.{1,256}))?$/, 'other', 'refused', 'more-failures'],
  [/^User (?<user>.{0,256}) from (?<from>\S{1,255}) not allowed because (?<reason>.{1,256})$/, 'login', 'refused', 'not-allowed'],
  [/^User (?<user>.{0,256}) not allowed because (?<reason>.{1,256})$/, 'login', 'refused', 'not-allowed'],
  [/^(?<root>ROOT) LOGIN REFUSED FROM (?<from>\S{1,255})(?: port (?<port>\d{1,5}))?/, 'login', 'refused', 'not-allowed'],
  [/^refused connect from .{0,255}\((?<from>[^()\s]{1,255})\)$/, 'flow-denied', 'denied', 'refused-connect'],
  [/^Connection from (?<from>\S{1,255}) port (?<port>\d{1,5})(?: on (?<to>\S{1,255}) port (?<toport>\d{1,5}).{0,64})?$/, 'flow-start', 'connectionStart', 'connection'],
  [/^Connection from (?<from>\S{1,255})$/, 'flow-start', 'connectionStart', 'connection'],
  [/^Disconnected from user (?<user>.{0,256}) (?<from>\S{1,255}) port (?<port>\d{1,5})$/, 'logout', 'sessionEnd', 'disconnected'],
  [/^(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) \w{1,20} user (?<user>.{0,256}) (?<from>\S{1,255}) port (?<port>\d{1,5})(?:: (?<reason>.{1,256}))?$/, 'other', 'connectionEnd', 'disconnected'],
  [/^(?:Connection (?:closed|reset) by|Disconnected from) (?<from>\S{1,255})(?: port (?<port>\d{1,5}))?$/, 'other', 'connectionEnd', 'disconnected'],
  [/^Disconnecting: Too many authentication failures for (?:invalid user )?(?<user>.{1,256})$/, 'other', 'refused', 'too-many-attempts'],
  [/^Disconnecting(?: (?<from>\S{1,255}) port (?<port>\d{1,5}))?: (?<reason>.{1,256})$/, 'other', 'connectionEnd', 'disconnected'],
  [/^Received disconnect from (?<from>[^\s:]{1,255}|[\da-fA-F:]{3,45}) port (?<port>\d{1,5}):\d{1,3}: ?(?<reason>.{0,256})$/, 'other', 'connectionEnd', 'disconnect-received'],
  [/^Received disconnect from (?<from>\S{1,255}): \d{1,3}: ?(?<reason>.{0,256})$/, 'other', 'connectionEnd', 'disconnect-received'],
  [/^Did not receive identification string from (?<from>\S{1,255})(?: port (?<port>\d{1,5}))?/, 'other', 'connection', 'no-identification'],
  [/^Bad protocol version identification .{0,512} from (?<from>\S{1,255})(?: port (?<port>\d{1,5}))?$/, 'other', 'connection', 'bad-protocol'],
  [/^banner exchange: Connection from (?<from>\S{1,255}) port (?<port>\d{1,5}): (?<reason>.{1,256})$/, 'other', 'connection', 'bad-protocol'],
  [/^Unable to negotiate with (?<from>\S{1,255}?)(?: port (?<port>\d{1,5}))?: (?<reason>no matching [\w ]{1,64})/, 'other', 'connection', 'no-match'],
  [/^Address (?<from>\S{1,255}) maps to \S{1,255}, but this does not map back/, 'other', 'connection', 'reverse-mapping'],
  [/^reverse mapping checking getaddrinfo for \S{0,255} \[(?<from>[^\]]{1,255})\] failed/, 'other', 'connection', 'reverse-mapping'],
  [/^Timeout before authentication for (?:connection from )?(?<from>\S{1,255}?)(?: port (?<port>\d{1,5})| to .{0,255})?(?:,.{0,128})?$/, 'other', 'connectionEnd', 'timeout'],
  [/^Starting session: (?<change>.{1,64}?) for (?<user>.{1,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5}) id \d{1,6}$/, 'other', 'sessionStart', 'session'],
  [/^Close session: user (?<user>.{1,256}) from (?<from>\S{1,255}) port (?<port>\d{1,5}) id \d{1,6}$/, 'other', 'sessionEnd', 'session'],
  [/^subsystem request for (?<change>\S{1,64})(?: by user (?<user>.{1,256}))?$/, 'other', 'sessionStart', 'subsystem'],
  [/^(?:Server listening on|Received signal|Exiting on signal|Received SIGHUP)/, 'source-state', 'state', 'server'],
  [/^(?:kex_exchange_identification|kex_protocol_error|ssh_dispatch_run_fatal|Bad packet length|Corrupted MAC|Magic value check failed|PAM service\(|Read error from remote host)/, 'other', 'connection', 'protocol-error'],
  // dropbear
  [/^Bad password attempt for '(?<user>.{0,256})' from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/i, 'login', 'refused', 'failed'],
  [/^Login attempt for nonexistent user(?: '(?<user>.{0,256})')? from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/i, 'login', 'refused', 'invalid-user'],
  [/^(?:Password|PAM password|Pubkey) auth succeeded for '(?<user>.{0,256})'.{0,256} from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/, 'login', 'passed', 'accepted'],
  [/^Child connection from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/, 'flow-start', 'connectionStart', 'connection'],
  [/^Exit (?:before auth|\().{0,256} from <?(?:::ffff:)?(?<from>[^\s<>]{1,255}):(?<port>\d{1,5})>?/, 'other', 'connectionEnd', 'disconnected'],
];

// biome-ignore format: a table
const PAM_RULES: readonly Rule[] = [
  [/^authentication failure; /, 'login', 'refused', 'authentication-failure'],
  [/^authentication success; /, 'login', 'passed', 'authentication-success'],
  [/^(?:PAM )?(?<count>\d{1,6}) more authentication failures?; /, 'other', 'refused', 'more-failures'],
  [/^received for user (?<user>.{1,256}): \d{1,3} \((?<reason>[^()]{1,128})\)/, 'other', 'refused', 'authentication-failure'],
  [/^session opened for user (?<whose>[^\s(]{1,256})(?:\(uid=\d{1,10}\))? by (?<by>[^\s(]{0,256})\(uid=\d{1,10}\)/, 'login', 'sessionStart', 'session-opened'],
  [/^session opened for (?:local )?user (?<whose>[^\s(]{1,256})/, 'login', 'sessionStart', 'session-opened'],
  [/^session closed for (?:local )?user (?<whose>\S{1,256})/, 'logout', 'sessionEnd', 'session-closed'],
  [/^user '?(?<user>[^\s']{1,256})'? granted access/, 'other', 'authentication', 'granted'],
  [/^(?:user (?<user>\S{1,256}) \(\d{1,10}\) (?<reason>tally .{1,64})|User (?<name>\S{1,256}) \(\d{1,10}\) has time limit)/, 'account-locked', 'refused', 'tally'],
  [/^Consecutive login failures for user (?<user>\S{1,256}) account temporarily locked/, 'account-locked', 'refused', 'locked'],
  [/^password changed for (?<target>\S{1,256})/, 'account-changed', 'userChanged', 'password-changed'],
  [/^Refused user (?<user>.{1,256}) for service \S{1,64}/, 'login', 'refused', 'refused-user'],
  [/^requirement ".{1,128}" (?:not met|was met) by user "(?<user>[^"]{1,256})"/, 'other', 'authentication', 'requirement'],
  [/^(?:account|password for user) (?<user>\S{1,256}) (?<reason>has (?:expired|password).{0,128})/, 'other', 'refused', 'expired'],
  [/^check pass; user unknown/, 'other', 'refused', 'unknown-user'],
];

/** su, login, accounts, logind, polkit, cron. */
// biome-ignore format: a table
const HOST_RULES: readonly Rule[] = [
  [/^\(to (?<effective>[^()]{1,256})\) (?<user>.{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'passed', 'su'],
  [/^Successful su for (?<effective>\S{1,256}) by (?<user>.{1,256})$/, 'explicit-credentials', 'passed', 'su'],
  [/^FAILED su for (?<effective>\S{1,256}) by (?<user>.{1,256})$/, 'explicit-credentials', 'refused', 'su'],
  [/^FAILED SU \(to (?<effective>[^()]{1,256})\) (?<user>.{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'refused', 'su'],
  [/^BAD SU (?<user>\S{1,256}) to (?<effective>\S{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'refused', 'su'],
  [/^failed: (?<tty>\S{1,64}) changing from (?<user>\S{1,256}) to (?<effective>\S{1,256})$/, 'explicit-credentials', 'refused', 'su'],
  [/^[+-] (?<tty>\S{1,64}) (?<user>[^\s:]{1,256}):(?<effective>\S{1,256})$/, 'other', 'authentication', 'su'],
  [/^(?<user>\S{1,256}) to (?<effective>\S{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'passed', 'su'],
  [/^(?:DIALUP AT \S{1,64} BY|LOGIN ON (?<tty>\S{1,64}) BY) (?<user>\S{1,256})(?: FROM (?<from>\S{1,255}))?/, 'login', 'passed', 'login'],
  [/^(?<root>ROOT) LOGIN +ON (?<tty>\S{1,64})(?: FROM (?<from>\S{1,255}))?/, 'login', 'passed', 'login'],
  [/^FAILED LOGIN (?:SESSION )?\(?\d{1,4}\)? (?:on '?(?<tty>[^\s']{1,64})'? )?(?:FROM '?(?<from>[^\s']{1,255})'? )?FOR '?(?<user>[^',]{1,256})'?, (?<reason>.{1,128})/i, 'login', 'refused', 'login'],
  [/^password check failed for user \((?<user>[^()]{1,256})\)/, 'other', 'refused', 'password-check'],
  [/^new user: name=(?<target>[^,]{1,256}), UID=(?<uid>\d{1,10})/, 'account-created', 'userCreated', 'new-user'],
  [/^new group: name=(?<group>[^,]{1,256}), GID=(?<gid>\d{1,10})/, 'group-changed', 'groupCreated', 'new-group'],
  [/^group added to \S{1,64}: name=(?<group>[^,]{1,256})(?:, GID=(?<gid>\d{1,10}))?/, 'group-changed', 'groupCreated', 'new-group'],
  [/^add '(?<target>[^']{1,256})' to (?:shadow )?group '(?<group>[^']{1,256})'/, 'group-changed', 'groupChanged', 'member-added'],
  [/^user (?<target>\S{1,256}) added by (?<user>\S{1,256}) to group (?<group>\S{1,256})/, 'group-changed', 'groupChanged', 'member-added'],
  [/^user (?<target>\S{1,256}) removed by (?<user>\S{1,256}) from group (?<group>\S{1,256})/, 'group-changed', 'groupChanged', 'member-removed'],
  [/^delete '(?<target>[^']{1,256})' from (?:shadow )?group '(?<group>[^']{1,256})'/, 'group-changed', 'groupChanged', 'member-removed'],
  [/^(?:removed (?:shadow )?)?group '(?<group>[^']{1,256})' (?:removed|owned by)/, 'group-changed', 'groupDeleted', 'group-removed'],
  [/^delete user '(?<target>[^']{1,256})'/, 'account-changed', 'userDeleted', 'user-removed'],
  [/^(?:change|lock|unlock) user '(?<target>[^']{1,256})' (?<change>.{1,256})$/, 'account-changed', 'userChanged', 'user-changed'],
  [/^changed (?:user|password expiry for) '?(?<target>[^\s']{1,256})'?(?<change> information)?/, 'account-changed', 'userChanged', 'user-changed'],
  [/^password for '?(?<target>[^\s']{1,256})'? changed by '?(?<user>[^\s']{1,256})'?/, 'account-changed', 'userChanged', 'password-changed'],
  [/^New session (?<session>\S{1,32}) of user (?<user>.{1,256}?)\.$/, 'other', 'sessionStart', 'new-session'],
  [/^(?:Removed session (?<session>\S{1,32}?)\.|Session (?<ended>\S{1,32}) logged out)/, 'other', 'sessionEnd', 'removed-session'],
  [/^Operator of unix-\S{1,64} successfully authenticated as unix-user:(?<effective>\S{1,256}) to gain .{1,64} authorization for action (?<change>\S{1,256}) .{0,1024}\(owned by unix-user:(?<user>[^()]{1,256})\)$/, 'explicit-credentials', 'passed', 'polkit'],
  [/^Operator of unix-\S{1,64} FAILED to authenticate .{0,64}for action (?<change>\S{1,256}) .{0,1024}\(owned by unix-user:(?<user>[^()]{1,256})\)$/, 'explicit-credentials', 'refused', 'polkit'],
  [/^(?<user>\S{1,256}): Executing command \[USER=(?<effective>[^\]]{1,256})\].{0,1024}\[COMMAND=(?<command>.{1,4096})\]$/, 'explicit-credentials', 'process', 'command'],
  [/^\((?<user>[^()]{1,256})\) CMD \( *(?<command>.{1,4096}?)\)?$/, 'process-start', 'process', 'command'],
  [/^\((?<user>[^()]{1,256})\) REPLACE \((?<target>[^()]{1,256})\)/, 'task-created', 'configuration', 'crontab-replaced'],
  [/^\((?<user>[^()]{1,256})\) (?:BEGIN EDIT|END EDIT|LIST|DELETE|RELOAD|INFO|STARTUP)\b/, 'other', 'info', 'crontab'],
];

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
    'sshd (also sshd-session, sshd-auth, dropbear): logins, refusals, connections',
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
