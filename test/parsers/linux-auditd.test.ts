import { describe, expect, it } from 'vitest';
import linuxAuditd from '../../parsers/auth/linux-auditd.ts';
import { eventOf, expectRobust } from './lines.ts';

const record = (type: string, msg: string, more = ''): string =>
  `type=${type} msg=audit(1635840930.123:456): pid=7 uid=0 auid=1000 ses=3 msg='${msg}'${more}`;
const SSH = 'exe="/usr/sbin/sshd" hostname=? addr=198.51.100.23 terminal=ssh';

describe('linux-auditd', () => {
  it.each([
    [
      'USER_LOGIN',
      `op=login acct="kim" ${SSH} res=failed`,
      'login',
      { 'user.name': 'kim', 'event.outcome': 'failure' },
    ],
    [
      'USER_LOGIN',
      `op=login acct=28756E6B6E6F776E207573657229 ${SSH} res=failed`,
      'login',
      { 'source.ip': '198.51.100.23' },
    ],
    ['USER_AUTH', `acct="kim" ${SSH} res=success`, 'other', { 'event.outcome': 'success' }],
    ['USER_AUTH', 'acct="web" exe="/usr/sbin/vsftpd" addr=2001:db8::7 res=success', 'login', { 'service.type': 'ftp' }],
    [
      'USER_AUTH',
      'acct="root" exe="/usr/bin/su" addr=? res=failed',
      'explicit-credentials',
      { 'user.effective.name': 'root' },
    ],
    [
      'USER_CMD',
      'cwd="/" cmd=6C73202D6C exe="/usr/bin/sudo" res=success',
      'explicit-credentials',
      { 'process.command_line': 'ls -l' },
    ],
    [
      'ADD_USER',
      'op=add-user acct="bob" exe="/usr/sbin/useradd" res=success',
      'account-created',
      { 'user.target.name': 'bob' },
    ],
    [
      'USER_MGMT',
      'op=add-user-to-group grp="wheel" acct="bob" res=success',
      'group-changed',
      { 'group.name': 'wheel' },
    ],
    ['USER_END', `acct="kim" ${SSH} res=success`, 'logout', { 'session.id': '3' }],
    ['NEVER_SEEN', 'x=1 addr=192.0.2.7', 'other', { 'source.ip': '192.0.2.7' }],
  ])('%s %s', (type, msg, act, fields) => {
    const event = eventOf(linuxAuditd, record(type, msg));
    expect(event.act).toBe(act);
    expect(event.fields).toMatchObject({ ...fields, 'event.sequence': 456, '@timestamp': 1635840930123000 });
  });

  it('takes names from the enriched part', () => {
    const line = record('USER_LOGIN', `op=login id=1000 ${SSH} res=success`, '\u001dUID="root" AUID="kim" ID="kim"');
    expect(eventOf(linuxAuditd, line).fields).toMatchObject({ 'user.name': 'kim', 'user.id': '1000' });
  });

  it('reads the arguments of a program and where a socket leads', () => {
    const head = 'type=EXECVE msg=audit(1635840930.123:456): ';
    expect(eventOf(linuxAuditd, `${head}argc=2 a0="sh" a1=2D632062`)).toMatchObject({
      act: 'process-start',
      fields: { 'process.args': ['sh', '-c b'] },
    });
    const socket = `${head.replace('EXECVE', 'SOCKADDR')}saddr=020001BBCB0071090000000000000000`;
    expect(eventOf(linuxAuditd, socket).fields['related.ip']).toEqual(['203.0.113.9']);
  });

  it('does not call a cut login a login', () => {
    const cut = record('USER_LOGIN', `op=login acct="kim" ${SSH} res=success`).slice(0, 120);
    expect(eventOf(linuxAuditd, cut)).toMatchObject({
      act: 'other',
      fields: { 'einfallstor.warnings': ['truncated'] },
    });
  });

  it('survives hostile lines', () =>
    expectRobust(linuxAuditd, [
      record('USER_LOGIN', `acct="kim" ${SSH} res=failed`),
      `Nov  2 08:15:34 srv4 audit[2]: USER_LOGIN pid=2 msg='x=1'`,
    ]));
});
