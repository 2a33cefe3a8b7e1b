import { describe, expect, it } from 'vitest';
import esxi from '../../parsers/auth/vmware-esxi.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const HOSTD =
  '<166>2021-10-31T22:14:07.123Z esx01 Hostd: info hostd[2100123] [Originator@6876 sub=Vimsvc.ha-eventmgr opID=x] ';
const LINES = [`${HOSTD}Event 123 : User root@10.0.0.20 logged in as Mozilla/5.0 (Windows NT 10.0)`];

describe('vmware-esxi', () => {
  it.each([
    [LINES[0] as string, 'admin-login', 'success', 'root'],
    [`${HOSTD}Rejected password for user root from 10.0.0.20`, 'admin-login', 'failure', 'root'],
    [`${HOSTD}Event 124 : Cannot login k.maier@10.0.0.20`, 'admin-login', 'failure', 'k.maier'],
    [
      "2021-10-31T22:14:09.123Z: [UserLevelCorrelator] 1us: [esx.audit.ssh.session.opened] SSH session was opened for 'root@10.0.0.20'.",
      'login',
      'success',
      'root',
    ],
    [
      '2021-10-31T22:14:13.123Z info hostd[21] [Originator@6876 sub=x] Event 1 : User root@10.0.0.20 logged out (login time: x)',
      'logout',
      'success',
      'root',
    ],
  ])('%s', (text, act, outcome, user) => {
    const event = eventOf(esxi, text);
    expect([event.act, event.fields['event.outcome'], event.fields['user.name'], event.fields['source.ip']]).toEqual([
      act,
      outcome,
      user,
      '10.0.0.20',
    ]);
  });

  it('reads a command of the shell', () => {
    expect(eventOf(esxi, '<14>2021-10-31T22:14:12Z esx01 shell[21]: [root]: esxcli vm process list')).toMatchObject({
      act: 'process-start',
      fields: { 'user.name': 'root', 'process.command_line': 'esxcli vm process list', 'host.name': 'esx01' },
    });
  });

  it('leaves other programs alone', () => {
    expect(
      readLines(esxi, ['Oct 31 23:14:07 h sshd[1]: Accepted password for root from 10.0.0.20 port 1 ssh2'])[0],
    ).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () => expectRobust(esxi, LINES));
});
