import { describe, expect, it } from 'vitest';
import ftp from '../../parsers/auth/ftp.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const T = 'Tue Nov  2 08:15:30 2021 ';
const S = 'Nov  2 08:15:30 srv1 ';
const PRO = `${S}proftpd[7]: srv1 (198.51.100.23[198.51.100.23]) - `;

describe('ftp', () => {
  it.each([
    [
      `${T}[pid 1] [kim] OK LOGIN: Client "::ffff:198.51.100.23"`,
      'login',
      { 'event.outcome': 'success', 'user.name': 'kim' },
    ],
    [`${S}vsftpd[1]: [kim] FAIL LOGIN: Client "198.51.100.23"`, 'login', { 'event.outcome': 'failure' }],
    [
      `${T}[pid 3] [kim] OK UPLOAD: Client "198.51.100.23", "/a, b.txt", 12 bytes, 1.00Kbyte/sec`,
      'share-access',
      { 'file.path': '/a, b.txt', 'file.size': 12 },
    ],
    [`${PRO}USER kim (Login failed): Incorrect password`, 'login', { 'event.outcome': 'failure', 'user.name': 'kim' }],
    [`${PRO}USER kim: no such user found from 10.0.0.1 [10.0.0.1] to 10.0.0.2:21`, 'login', { 'user.name': 'kim' }],
    [`${PRO}USER kim: Login successful.`, 'login', { 'event.outcome': 'success' }],
    [
      `${S}pure-ftpd: (?@198.51.100.23) [WARNING] Authentication failed for user [kim]`,
      'login',
      { 'event.outcome': 'failure', 'user.name': 'kim' },
    ],
    [
      `${S}wu-ftpd[7]: failed login from host.example.net [198.51.100.23]`,
      'login',
      { 'source.domain': 'host.example.net' },
    ],
    [
      `${T}12 198.51.100.23 7340 /srv/x y.zip b _ o r kim ftp 0 * c`,
      'share-access',
      { 'event.action': 'download', 'file.size': 7340, 'file.name': 'x y.zip' },
    ],
  ])('%s', (line, act, fields) => {
    expect(eventOf(ftp, line)).toMatchObject({
      act,
      fields: { ...fields, 'source.ip': '198.51.100.23', 'service.type': 'ftp' },
    });
  });

  it('is not led astray by a user name that looks like the end of a line', () => {
    const line = `${T}[pid 4] [a] OK LOGIN: Client "10.0.0.1"] FAIL LOGIN: Client "198.51.100.25"`;
    expect(eventOf(ftp, line).fields).toMatchObject({ 'event.outcome': 'failure', 'source.ip': '198.51.100.25' });
  });

  it('leaves PAM lines and other logs with the same date alone', () => {
    const lines = [
      `${S}vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= rhost=198.51.100.23`,
      `${T}[pid 4] something else`,
      `${T}TLS: Initial packet from 198.51.100.23:1194`,
    ];
    expect(recordsOf(lines).map((line) => ftp.claims?.(line))).toEqual([false, false, false]);
  });

  it('survives hostile lines', () =>
    expectRobust(ftp, [
      `${T}[pid 1] [kim] OK LOGIN: Client "192.0.2.1"`,
      `${PRO}USER kim (Login failed): x`,
      `${T}1 h 5 /x b _ o r kim ftp 0 * c`,
    ]));
});
