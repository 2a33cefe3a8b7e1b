import { describe, expect, it } from 'vitest';
import linuxSystem from '../../parsers/auth/linux-system.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const H = 'Nov  2 08:15:30 srv4 ';

describe('linux-system', () => {
  it.each([
    ['syslogd 1.4.1: restart.', 'source-state', { 'process.name': 'syslogd', 'event.action': 'syslog-state' }],
    [
      'rsyslogd: [origin software="rsyslogd" x-pid="5"] exiting on signal 15.',
      'source-state',
      { 'event.action': 'syslog-state' },
    ],
    ['ntpd[6]: time reset +61.250311 s', 'source-state', { 'event.action': 'clock-set' }],
    ['systemd[1]: Stopped Samba SMB Daemon.', 'other', { 'service.name': 'Samba SMB Daemon' }],
    [
      'ftpd[9]: connection from 192.0.2.4 () at Tue Nov  2 08:15:30 2021',
      'flow-start',
      { 'source.ip': '192.0.2.4', 'service.type': 'ftp' },
    ],
    [
      'ftpd[9]: FTP LOGIN FAILED FROM 192.0.2.4, admin',
      'login',
      { 'event.outcome': 'failure', 'user.name': 'admin', 'source.ip': '192.0.2.4' },
    ],
    [
      'xinetd[8]: FAIL: telnet address from=192.0.2.5',
      'flow-denied',
      { 'service.name': 'telnet', 'source.ip': '192.0.2.5' },
    ],
    [
      'kernel: usb 1-1: New USB device found, idVendor=0951',
      'other',
      { message: 'usb 1-1: New USB device found, idVendor=0951' },
    ],
  ])('%s', (message, act, fields) => {
    expect(eventOf(linuxSystem, H + message)).toMatchObject({ act, fields });
  });

  it('leaves the lines of other parsers and of unknown programs alone', () => {
    const lines = [
      `${H}kernel: DROP IN=eth0 OUT= SRC=192.0.2.4 DST=10.0.0.2`,
      `${H}sshd[7]: Server listening on 0.0.0.0 port 22.`,
      `${H}my-app: started`,
    ];
    expect(recordsOf(lines).map((r) => linuxSystem.claims?.(r))).toEqual([false, false, false]);
    expect(readLines(linuxSystem, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('survives hostile lines', () => {
    expectRobust(linuxSystem, [
      `${H}ftpd[9]: FTP LOGIN FROM h [192.0.2.4], web`,
      `${H}systemd[1]: Started x.`,
      `${H}rsyslogd: [origin software="rsyslogd"] start`,
    ]);
  });
});
