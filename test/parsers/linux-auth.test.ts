import { describe, expect, it } from 'vitest';
import linuxAuth from '../../parsers/auth/linux-auth.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const H = 'Nov  2 08:15:30 db2 ';
const SSHD = `${H}sshd[4711]: `;

describe('linux-auth: sshd', () => {
  it.each([
    [
      'Accepted publickey for git from 192.0.2.4 port 57904 ssh2: ED25519 SHA256:q0Zk3v2n7a8b9c0d',
      'login',
      'success',
      {
        'user.name': 'git',
        'source.ip': '192.0.2.4',
        'source.port': 57904,
        'einfallstor.login.method': 'publickey',
        'einfallstor.ssh.key_fingerprint': 'SHA256:q0Zk3v2n7a8b9c0d',
        'service.type': 'ssh',
        'host.name': 'db2',
      },
    ],
    [
      'Failed password for invalid user oracle from 192.0.2.4 port 40000 ssh2',
      'login',
      'failure',
      { 'user.name': 'oracle', 'source.ip': '192.0.2.4' },
    ],
    [
      'Failed keyboard-interactive/pam for k.maier from 2001:db8::7 port 40000 ssh2',
      'login',
      'failure',
      { 'source.ip': '2001:db8::7', 'einfallstor.login.method': 'keyboard-interactive/pam' },
    ],
    ['Invalid user pi from 192.0.2.4 port 40000', 'login', 'failure', { 'user.name': 'pi', 'source.port': 40000 }],
    [
      'User root from 192.0.2.4 not allowed because not listed in AllowUsers',
      'login',
      'failure',
      { 'user.name': 'root', 'event.reason': 'not listed in AllowUsers' },
    ],
    [
      'error: PAM: Authentication failure for k.maier from client.example.net',
      'login',
      'failure',
      { 'source.domain': 'client.example.net', 'user.name': 'k.maier' },
    ],
    [
      'Connection closed by authenticating user backup 192.0.2.4 port 40000 [preauth]',
      'other',
      undefined,
      { 'user.name': 'backup', 'source.ip': '192.0.2.4' },
    ],
    ['Disconnected from user k.maier 192.0.2.4 port 40000', 'logout', undefined, { 'user.name': 'k.maier' }],
    [
      'Received disconnect from 2001:db8::7 port 40000:11: disconnected by user',
      'other',
      undefined,
      { 'source.ip': '2001:db8::7', 'source.port': 40000 },
    ],
    [
      'Connection from 192.0.2.4 port 40000 on 10.0.0.2 port 22 rdomain ""',
      'flow-start',
      undefined,
      { 'destination.ip': '10.0.0.2', 'destination.port': 22 },
    ],
    [
      "Bad protocol version identification '\\003' from 192.0.2.4 port 40000",
      'other',
      undefined,
      { 'source.ip': '192.0.2.4' },
    ],
    [
      'fatal: Unable to negotiate with 192.0.2.4 port 40000: no matching cipher found. Their offer: 3des-cbc [preauth]',
      'other',
      undefined,
      { 'event.reason': 'no matching cipher found' },
    ],
    [
      'pam_unix(sshd:session): session opened for user k.maier(uid=1000) by (uid=0)',
      'other',
      'success',
      { 'user.name': 'k.maier' },
    ],
    [
      'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.4  user=root',
      'other',
      'failure',
      { 'user.name': 'root', 'source.ip': '192.0.2.4' },
    ],
    [
      'message repeated 3 times: [ Failed password for root from 192.0.2.4 port 40000 ssh2]',
      'login',
      'failure',
      { 'linux.auth.repeated': 3, 'user.name': 'root' },
    ],
  ])('%s', (message, act, outcome, fields) => {
    const event = eventOf(linuxAuth, SSHD + message);
    expect(event).toMatchObject({ act, fields });
    expect(event.fields['event.outcome']).toBe(outcome);
  });

  it.each([
    'Failed password for invalid user x from 10.9.9.9 port 22 ssh2 from 192.0.2.4 port 40000 ssh2',
    'Failed password for invalid user from 10.9.9.9 from 192.0.2.4 port 40000 ssh2',
    'Invalid user root from 10.9.9.9 port 22 from 192.0.2.4 port 40000',
    'Accepted password for x from 10.9.9.9 port 1 ssh2: RSA SHA256:aaa from 192.0.2.4 port 40000 ssh2',
    'maximum authentication attempts exceeded for invalid user a from 10.9.9.9 port 3 ssh2 from 192.0.2.4 port 40000 ssh2 [preauth]',
    'Connection closed by invalid user x 10.9.9.9 port 22 192.0.2.4 port 40000 [preauth]',
  ])('the address at the end wins: %s', (message) => {
    expect(eventOf(linuxAuth, SSHD + message).fields['source.ip']).toBe('192.0.2.4');
  });

  it('reads other program names and headers', () => {
    for (const head of [
      'Nov  2 08:15:30 db2 sshd-session[9]: ',
      '2021-11-02T08:15:30.123456+01:00 db2 sshd[9]: ',
      'Nov  2 08:15:30 [sshd]: ',
      'db2 sshd[9]: ',
      '',
    ]) {
      expect(eventOf(linuxAuth, `${head}Accepted password for k.maier from 192.0.2.4 port 40000 ssh2`)).toMatchObject({
        act: 'login',
        fields: { 'user.name': 'k.maier', 'source.ip': '192.0.2.4' },
      });
    }
  });
});

describe('linux-auth: other programs', () => {
  it.each([
    [
      'sudo:  k.maier : TTY=pts/0 ; PWD=/home/k.maier ; USER=root ; COMMAND=/bin/cat /etc/shadow',
      'explicit-credentials',
      {
        'user.name': 'k.maier',
        'user.effective.name': 'root',
        'process.command_line': '/bin/cat /etc/shadow',
        'process.working_directory': '/home/k.maier',
      },
    ],
    [
      'sudo: k.maier : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/bin/sh',
      'explicit-credentials',
      { 'event.outcome': 'failure', 'event.reason': '3 incorrect password attempts' },
    ],
    [
      'sudo: guest : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      'explicit-credentials',
      { 'event.outcome': 'failure', 'user.name': 'guest' },
    ],
    [
      'su[77]: FAILED SU (to root) k.maier on pts/0',
      'explicit-credentials',
      { 'event.outcome': 'failure', 'user.name': 'k.maier', 'user.effective.name': 'root' },
    ],
    [
      'su: pam_unix(su-l:session): session opened for user root(uid=0) by k.maier(uid=1000)',
      'explicit-credentials',
      { 'user.name': 'k.maier', 'user.effective.name': 'root' },
    ],
    ['su(pam_unix)[23]: session closed for user news', 'other', { 'user.name': 'news', 'process.name': 'su' }],
    [
      'vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=web rhost=192.0.2.8  user=web',
      'login',
      { 'event.outcome': 'failure', 'source.ip': '192.0.2.8', 'service.type': 'ftp' },
    ],
    [
      'pure-ftpd: (pam_unix) authentication failure; logname= uid=0 euid=0 tty=pure-ftpd ruser=shop rhost=192.0.2.8 ',
      'login',
      { 'user.name': 'shop', 'source.ip': '192.0.2.8' },
    ],
    [
      'login: pam_faillock(login:auth): Consecutive login failures for user k.maier account temporarily locked',
      'account-locked',
      { 'user.name': 'k.maier' },
    ],
    ['login[9]: LOGIN ON tty1 BY k.maier', 'login', { 'event.outcome': 'success', 'linux.auth.tty': 'tty1' }],
    [
      'useradd[9]: new user: name=svc, UID=1002, GID=1002, home=/home/svc, shell=/bin/bash',
      'account-created',
      { 'user.target.name': 'svc', 'user.target.id': '1002' },
    ],
    ["usermod[9]: add 'svc' to group 'sudo'", 'group-changed', { 'user.target.name': 'svc', 'group.name': 'sudo' }],
    ["userdel[9]: delete user 'svc'", 'account-changed', { 'event.type': ['user', 'deletion'] }],
    [
      'passwd[9]: pam_unix(passwd:chauthtok): password changed for svc',
      'account-changed',
      { 'user.target.name': 'svc' },
    ],
    ['systemd-logind[500]: New session 31 of user k.maier.', 'other', { 'session.id': '31', 'user.name': 'k.maier' }],
    [
      'CRON[812]: (root) CMD (/usr/local/bin/backup.sh > /dev/null)',
      'process-start',
      { 'user.name': 'root', 'process.command_line': '/usr/local/bin/backup.sh > /dev/null' },
    ],
    ['crontab[812]: (k.maier) REPLACE (k.maier)', 'task-created', { 'user.name': 'k.maier' }],
    [
      'polkitd[4]: Operator of unix-session:3 successfully authenticated as unix-user:root to gain TEMPORARY authorization for action org.freedesktop.systemd1.manage-units for system-bus-name::1.77 [systemctl] (owned by unix-user:k.maier)',
      'explicit-credentials',
      { 'user.name': 'k.maier', 'user.effective.name': 'root' },
    ],
    [
      "dropbear[31]: Bad password attempt for 'root' from 192.0.2.8:60588",
      'login',
      { 'user.name': 'root', 'source.ip': '192.0.2.8', 'source.port': 60588 },
    ],
  ])('%s', (message, act, fields) => {
    expect(eventOf(linuxAuth, H + message)).toMatchObject({ act, fields });
  });

  it('leaves other programs of the same file alone', () => {
    expect(recordsOf(['GET /etc/passwd HTTP/2.0', 'Host cron 7']).map((r) => linuxAuth.claims?.(r))).toEqual([
      false,
      false,
    ]);
    const lines = [
      `${H}postfix/smtpd[9]: connect from x[192.0.2.4]`,
      `${H}kernel: usb 1-1: new device`,
      `${H}dovecot: imap-login: Login: user=<x>`,
    ];
    expect(recordsOf(lines).map((r) => linuxAuth.claims?.(r))).toEqual([false, false, false]);
    expect(readLines(linuxAuth, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});

it('linux-auth: survives hostile lines', () => {
  expectRobust(linuxAuth, [
    `${SSHD}Failed password for invalid user x from 10.9.9.9 port 22 ssh2 from 192.0.2.4 port 40000 ssh2`,
    `${SSHD}pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.4  user=root`,
    `${H}sudo: k.maier : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/bin/sh`,
    `${H}polkitd[4]: Operator of unix-session:3 successfully authenticated as unix-user:root to gain TEMPORARY authorization for action a.b for x [y] (owned by unix-user:k.maier)`,
    `${SSHD}message repeated 3 times: [ Accepted password for root from 192.0.2.4 port 40000 ssh2]`,
  ]);
});

describe('linux-auth: rsh', () => {
  it.each([
    ["cmd='rcp -t /var/tmp/x'", 'success'],
    ["permission denied (bad host). cmd='id'", 'failure'],
  ])('reads rshd: %s', (rest, outcome) => {
    const { act, fields } = eventOf(linuxAuth, `rshd[93991]: k.maier@192.0.2.7 as root: ${rest}`);
    expect([act, fields['event.outcome']]).toEqual(['login', outcome]);
    expect(fields).toMatchObject({ 'user.name': 'k.maier', 'user.effective.name': 'root', 'source.ip': '192.0.2.7' });
  });
});
