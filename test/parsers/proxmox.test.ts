import { describe, expect, it } from 'vitest';
import proxmox from '../../parsers/auth/proxmox.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (text: string): string => `Oct 31 23:14:07 pve1 pvedaemon[1234]: ${text}`;
const LINES = [line('authentication failure; rhost=::ffff:203.0.113.9 user=root@pam msg=Authentication failure')];

describe('proxmox', () => {
  it('reads a refused login with the address it came from', () => {
    expect(eventOf(proxmox, LINES[0] as string)).toMatchObject({
      act: 'admin-login',
      fields: { 'event.outcome': 'failure', 'user.name': 'root', 'user.domain': 'pam', 'source.ip': '203.0.113.9' },
    });
  });

  it.each([
    ["<root@pam> successful auth for user 'root@pam'", 'admin-login'],
    ['<root@pam> starting task UPID:pve1:0001:0002:5F:vncshell::root@pam:', 'process-start'],
    ['<root@pam> starting task UPID:pve1:0001:0002:5F:qmdestroy:100:root@pam:', 'config-change'],
    ['<root@pam> starting task UPID:pve1:0001:0002:5F:vzdump:100:root@pam:', 'other'],
  ])('%s is %s', (text, act) =>
    expect(eventOf(proxmox, line(text))).toMatchObject({ act, fields: { 'user.name': 'root' } }),
  );

  it('leaves other programs alone', () => {
    expect(readLines(proxmox, ['Oct 31 23:14:07 pve1 pvestatd[1]: status update time'])[0]).toMatchObject({
      kind: 'rejected',
    });
  });

  it('never throws, never takes long', () => expectRobust(proxmox, LINES));
});
