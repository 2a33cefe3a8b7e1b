import type { Act } from '../../ecs/acts.ts';

/** ECS categorisation by the kind of fact that a message states. */
export const KINDS = {
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

export type Meaning = readonly [act: Act, kind: keyof typeof KINDS, action: string];
export type Rule = readonly [pattern: RegExp, ...Meaning];
export type Groups = Readonly<Record<string, string | undefined>>;

export const find = (rules: readonly Rule[], text: string): { meaning: Meaning; groups: Groups } | undefined => {
  for (const [pattern, ...meaning] of rules) {
    const m = pattern.exec(text);
    if (m !== null) return { meaning, groups: m.groups ?? {} };
  }
  return undefined;
};

// ---------------------------------------------------------------- messages, first match wins

/** Greedy users: a name that holds ` from 192.0.2.1 port 22` must not win over the address at the end. */
// biome-ignore format: a table
export const SSHD_RULES: readonly Rule[] = [
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
  [/^Access denied for user (?<user>.{0,256}) by (?<reason>PAM account configuration)$/, 'login', 'refused', 'not-allowed'],
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
  [/^subsystem request for (?<change>\S{1,64})(?: by user (?<user>.{1,256}))? failed, (?<reason>.{1,128})$/, 'other', 'processRefused', 'subsystem'],
  [/^subsystem request for (?<change>\S{1,64})(?: by user (?<user>.{1,256}))?$/, 'other', 'sessionStart', 'subsystem'],
  [/^(?:Server listening on|Received signal|Exiting on signal|Received SIGHUP)/, 'source-state', 'state', 'server'],
  [/^ssh_dispatch_run_fatal: Connection from (?:(?:authenticating |invalid )?user (?<user>.{0,256}) )?(?<from>\S{1,255}) port (?<port>\d{1,5}): (?<reason>.{1,256})$/, 'other', 'connection', 'protocol-error'],
  [/^Magic value check failed \(\d{1,10}\) on obfuscated handshake from (?<from>\S{1,255}) port (?<port>\d{1,5})$/, 'other', 'connection', 'protocol-error'],
  [/^Read error from remote host (?<from>\S{1,255}?)(?: port (?<port>\d{1,5}))?: (?<reason>.{1,256})$/, 'other', 'connection', 'protocol-error'],
  [/^(?:kex_exchange_identification|kex_protocol_error|ssh_dispatch_run_fatal|Bad packet length|Corrupted MAC|Magic value check failed|PAM service\(|Read error from remote host)/, 'other', 'connection', 'protocol-error'],
  // drop connection #10 from [192.0.2.4]:40022 on [192.0.2.10]:22 past MaxStartups
  [/^drop connection #\d{1,9} from \[(?<from>[^\]]{1,64})\]:(?<port>\d{1,5}) on \[(?<to>[^\]]{1,64})\]:(?<toport>\d{1,5}) (?<reason>.{1,128})$/, 'flow-denied', 'denied', 'dropped'],
  // Duo's login_duo: Successful Duo login for 'kim' from 192.0.2.4
  [/^Successful Duo login for '(?<user>.{0,256})'(?: from (?<from>\S{1,255}))?$/, 'mfa-challenge', 'passed', 'duo'],
  [/^(?:Failed|Aborted) Duo login(?: attempt)? for '(?<user>.{0,256})'(?: from (?<from>[^\s:]{1,255}))?(?:: (?<reason>.{1,256}))?$/, 'mfa-challenge', 'refused', 'duo'],
  // dropbear
  [/^Bad (?:PAM )?password attempt for '(?<user>.{0,256})' from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/i, 'login', 'refused', 'failed'],
  [/^Login attempt for nonexistent user(?: '(?<user>.{0,256})')? from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/i, 'login', 'refused', 'invalid-user'],
  [/^(?:Password|PAM password|Pubkey) auth succeeded for '(?<user>.{0,256})'.{0,256} from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/, 'login', 'passed', 'accepted'],
  [/^Child connection from (?:::ffff:)?(?<from>\S{1,255}):(?<port>\d{1,5})$/, 'flow-start', 'connectionStart', 'connection'],
  [/^Exit \((?<user>[^()]{1,256})\) from <?(?:::ffff:)?(?<from>[^\s<>]{1,255}):(?<port>\d{1,5})>?/, 'logout', 'sessionEnd', 'disconnected'],
  [/^Exit before auth from <(?:::ffff:)?(?<from>[^\s<>]{1,255}):(?<port>\d{1,5})>: (?<reason>.{1,256})$/, 'other', 'connectionEnd', 'disconnected'],
  [/^Exit (?:before auth|\().{0,256} from <?(?:::ffff:)?(?<from>[^\s<>]{1,255}):(?<port>\d{1,5})>?/, 'other', 'connectionEnd', 'disconnected'],
];

// biome-ignore format: a table
export const PAM_RULES: readonly Rule[] = [
  [/^authentication failure; /, 'login', 'refused', 'authentication-failure'],
  [/^authentication success; /, 'login', 'passed', 'authentication-success'],
  [/^(?:PAM )?(?<count>\d{1,6}) more authentication failures?; /, 'other', 'refused', 'more-failures'],
  [/^received for user (?<user>.{1,256}): \d{1,3} \((?<reason>[^()]{1,128})\)/, 'other', 'refused', 'authentication-failure'],
  [/^session opened for user (?<whose>[^\s(]{1,256})(?:\(uid=\d{1,10}\))? by (?<by>[^\s(]{0,256})\(uid=(?<byid>\d{1,10})\)/, 'login', 'sessionStart', 'session-opened'],
  [/^session opened for (?:local )?user (?<whose>[^\s(]{1,256})/, 'login', 'sessionStart', 'session-opened'],
  [/^session closed for (?:local )?user (?<whose>\S{1,256})/, 'logout', 'sessionEnd', 'session-closed'],
  [/^user '?(?<user>[^\s']{1,256})'? granted access/, 'other', 'authentication', 'granted'],
  [/^(?:user (?<user>\S{1,256}) \(\d{1,10}\) (?<reason>tally .{1,64})|User (?<name>\S{1,256}) \(\d{1,10}\) has time limit)/, 'account-locked', 'refused', 'tally'],
  [/^Consecutive login failures for user (?<user>\S{1,256}) account temporarily locked/, 'account-locked', 'refused', 'locked'],
  [/^password changed for (?<target>\S{1,256})/, 'account-changed', 'userChanged', 'password-changed'],
  [/^Refused user (?<user>.{1,256}) for service \S{1,64}/, 'login', 'refused', 'refused-user'],
  // pam_access: access denied for user `kim' from `192.0.2.4'; pam_sss: Access denied for user kim: 6 (Permission denied)
  [/^access denied for user [`'"]?(?<user>[^\s`'":]{1,256})['"]?:?(?: from [`'](?<from>[^\s`']{1,255})')?(?: \d{1,3} \((?<reason>[^()]{1,128})\))?/i, 'login', 'refused', 'access-denied'],
  [/^request wbc\w{1,32} failed: .{0,256}\bNTSTATUS: (?<reason>NT_STATUS_\w{1,64})/, 'other', 'refused', 'authentication-failure'],
  [/^user '?(?<user>[^\s']{1,256})'? denied access(?: \((?<reason>.{1,128})\))?/, 'login', 'refused', 'access-denied'],
  [/^Accepted google_authenticator for (?<user>.{1,256})$/, 'mfa-challenge', 'passed', 'accepted'],
  [/^Invalid verification code for (?<user>.{1,256})$/, 'mfa-challenge', 'refused', 'failed'],
  [/^requirement ".{1,128}" (?:not met|was met) by user "(?<user>[^"]{1,256})"/, 'other', 'authentication', 'requirement'],
  [/^(?:account|password for user) (?<user>\S{1,256}) (?<reason>has (?:expired|password).{0,128})/, 'other', 'refused', 'expired'],
  [/^check pass; user unknown/, 'other', 'refused', 'unknown-user'],
];

/** su, login, accounts, logind, polkit, cron. */
// biome-ignore format: a table
export const HOST_RULES: readonly Rule[] = [
  [/^\(to (?<effective>[^()]{1,256})\) (?<user>.{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'passed', 'su'],
  [/^Successful su for (?<effective>\S{1,256}) by (?<user>.{1,256})$/, 'explicit-credentials', 'passed', 'su'],
  [/^FAILED su for (?<effective>\S{1,256}) by (?<user>.{1,256})$/, 'explicit-credentials', 'refused', 'su'],
  [/^FAILED SU \(to (?<effective>[^()]{1,256})\) (?<user>.{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'refused', 'su'],
  [/^BAD SU (?<user>\S{1,256}) to (?<effective>\S{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'refused', 'su'],
  [/^failed: (?<tty>\S{1,64}) changing from (?<user>\S{1,256}) to (?<effective>\S{1,256})$/, 'explicit-credentials', 'refused', 'su'],
  [/^[+-] (?<tty>\S{1,64}) (?<user>[^\s:]{1,256}):(?<effective>\S{1,256})$/, 'other', 'authentication', 'su'],
  [/^(?<user>\S{1,256}) to (?<effective>\S{1,256}) on (?<tty>\S{1,64})$/, 'explicit-credentials', 'passed', 'su'],
  // doas: kim ran command pkg_add x as root from /home/kim
  [/^(?<user>\S{1,256}) ran command (?<command>.{1,4096}) as (?<effective>\S{1,256}) from \S{1,1024}$/, 'explicit-credentials', 'process', 'command'],
  [/^(?<user>\S{1,256}) ran command as (?<effective>[^\s:]{1,256}): (?<command>.{1,4096})$/, 'explicit-credentials', 'process', 'command'],
  [/^failed (?:auth|command) for (?<user>[^\s:]{1,256})/, 'explicit-credentials', 'refused', 'authentication-failure'],
  [/^command not permitted for (?<user>[^\s:]{1,256})(?: as (?<effective>\S{1,256}))?: (?<command>.{1,4096})$/, 'explicit-credentials', 'processRefused', 'command-refused'],
  // LuCI of OpenWrt: accepted login on /admin/status for root from 192.0.2.4
  [/^accepted login on \/\S{0,256} for (?<user>.{1,256}) from (?<from>\S{1,255})$/, 'admin-login', 'passed', 'login'],
  [/^failed login on \/\S{0,256} for (?<user>.{1,256}) from (?<from>\S{1,255})$/, 'admin-login', 'refused', 'login-failed'],
  // Webmin and Usermin: Successful login as root from 192.0.2.4
  [/^Successful login as (?<user>\S{1,256}) from (?<from>\S{1,255})$/, 'admin-login', 'passed', 'login'],
  [/^(?:Invalid|Non-existent|Expired|Locked) login as (?<user>\S{1,256}) from (?<from>\S{1,255})$/, 'admin-login', 'refused', 'login'],
  [/^Security alert: Host (?<from>\S{1,255}) blocked after \d{1,6} failed logins for user (?<user>\S{1,256})/, 'account-locked', 'refused', 'blocked'],
  [/^(?:Logout|Timeout of session) (?:by|for) (?<user>\S{1,256}?)(?: from (?<from>\S{1,255}))?\.?$/, 'logout', 'sessionEnd', 'logout'],
  // rshd: root@192.0.2.7 as root: cmd='rcp -t /x'
  [/^(?<user>[^\s@]{1,128})@(?<from>\S{1,255}) as (?<effective>[^\s:]{1,128}): (?<reason>permission denied|unknown login|no home directory|bad permissions)\b/i, 'login', 'refused', 'rsh'],
  [/^(?<user>[^\s@]{1,128})@(?<from>\S{1,255}) as (?<effective>[^\s:]{1,128}): cmd='(?<command>.{1,4096})'$/, 'login', 'passed', 'rsh'],
  [/^(?:DIALUP AT \S{1,64} BY|LOGIN ON (?<tty>\S{1,64}) BY) (?<user>\S{1,256})(?: FROM (?<from>\S{1,255}))?/, 'login', 'passed', 'login'],
  [/^(?<root>ROOT) LOGIN +ON (?<tty>\S{1,64})(?: FROM (?<from>\S{1,255}))?/, 'login', 'passed', 'login'],
  [/^FAILED LOGIN (?:SESSION )?\(?\d{1,4}\)? (?:on '?(?<tty>[^\s']{1,64})'? )?(?:FROM '?(?<from>[^\s']{1,255})'? )?FOR '?(?<user>[^',]{1,256})'?, (?<reason>.{1,128})/i, 'login', 'refused', 'login'],
  [/^password check failed for user \((?<user>[^()]{1,256})\)/, 'other', 'refused', 'password-check'],
  [/^new user: name=(?<target>[^,]{1,256}), UID=(?<uid>\d{1,10})/, 'account-created', 'userCreated', 'new-user'],
  [/^change user name '(?<target>[^']{1,256})' to '(?<change>[^']{1,256})'/, 'account-changed', 'userChanged', 'user-renamed'],
  [/^change '[^']{1,256}' to '(?<target>[^']{1,256})' in (?:shadow )?group '(?<group>[^']{1,256})'/, 'group-changed', 'groupChanged', 'member-renamed'],
  [/^group changed in \S{1,64} \(group (?<group>[^\s/,]{1,256})(?:\/(?<gid>\d{1,10}))?, (?<change>[^)]{1,256})\)/, 'group-changed', 'groupChanged', 'group-changed'],
  [/^(?<change>administrators|members) of group (?<group>\S{1,256}) set by (?<user>\S{1,256}) to (?<target>\S{1,256})/, 'group-changed', 'groupChanged', 'members-set'],
  [/^(?<change>password) of group (?<group>\S{1,256}) (?:changed|removed) by (?<user>\S{1,256})/, 'group-changed', 'groupChanged', 'password-changed'],
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
  [/^\((?<user>[^()]{1,256})\) (?:BEGIN EDIT|END EDIT|LIST|DELETE) \((?<target>[^()]{1,256})\)/, 'other', 'info', 'crontab'],
  [/^\((?:CRON\) (?:INFO|STARTUP)|\*system\*\w{0,64}\) RELOAD|(?<user>[^()]{1,256})\) RELOAD)\b/, 'other', 'info', 'crontab'],
];
