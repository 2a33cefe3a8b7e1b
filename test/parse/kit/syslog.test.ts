import { expect, it } from 'vitest';
import { readEnvelope } from '../../../src/parse/kit/syslog.ts';

const read = (text: string): object => {
  const { civil, ...rest } = readEnvelope(text);
  return { ...rest, ...(civil === undefined ? {} : { hour: civil.hour }) };
};

it.each([
  [
    'Oct  5 22:14:15 mx1 postfix/smtpd[2034]: connect',
    { host: 'mx1', program: 'postfix/smtpd', pid: 2034, message: 'connect', hour: 22 },
  ],
  [
    '<34>Oct 11 22:14:15 fw kernel: [12.5] IN=eth0',
    { priority: 34, host: 'fw', program: 'kernel', message: '[12.5] IN=eth0', hour: 22 },
  ],
  ['Oct 11 22:14:15 sshd[7]: no host', { program: 'sshd', pid: 7, message: 'no host', hour: 22 }],
  [
    '2021-10-31T23:14:07.1+01:00 mx1 dovecot: imap-login: x',
    { host: 'mx1', program: 'dovecot', message: 'imap-login: x', hour: 23 },
  ],
  ['Apr 15 2013 09:36:50: %ASA-4-106023: Deny', { message: '%ASA-4-106023: Deny', hour: 9 }],
  [
    'Jul 15 13:38:14 192.0.2.9 : %ASA-6-302013: Built',
    { host: '192.0.2.9', message: '%ASA-6-302013: Built', hour: 13 },
  ],
  [
    'Jul 15 13:38:14 fw1 date=2021-10-31 time=23:14:07',
    { host: 'fw1', message: 'date=2021-10-31 time=23:14:07', hour: 13 },
  ],
  [
    '<165>1 2003-10-11T22:14:15.003Z vpn.example charon 99 ID47 [a@1 k="v \\"q\\" \\]"][b] \ufeffhello',
    {
      priority: 165,
      host: 'vpn.example',
      program: 'charon',
      pid: 99,
      msgid: 'ID47',
      structured: { 'a@1': { k: 'v "q" ]' }, b: {} },
      message: 'hello',
      hour: 22,
    },
  ],
  // rsyslog's RSYSLOG_SyslogProtocol23Format keeps the blank behind the tag it was given; what is indented stays so
  [
    '<30>1 2003-10-11T22:14:15+00:00 dns1 named 71 - -  client 192.0.2.7#53: x',
    { priority: 30, host: 'dns1', program: 'named', pid: 71, message: 'client 192.0.2.7#53: x', hour: 22 },
  ],
  [
    '<30>1 2003-10-11T22:14:15+00:00 fs1 smbd 71 - -   x',
    { priority: 30, host: 'fs1', program: 'smbd', pid: 71, message: ' x', hour: 22 },
  ],
  [
    '<134>Oct 11 22:14:15 relay <190>Oct 11 21:14:15 asa1 %ASA-6-305011: x',
    { priority: 190, host: 'asa1', message: '%ASA-6-305011: x', relays: ['relay'], hour: 21 },
  ],
  // syslog-ng with chain-hostnames: source@device/relay, the relay next to the reader last
  [
    'Oct 11 22:14:15 s_net@fw1/relay2/relay1 sshd[7]: x',
    { host: 'fw1', program: 'sshd', pid: 7, message: 'x', relays: ['relay1', 'relay2'], hour: 22 },
  ],
  ['Oct 11 22:14:15 src@fw1 sshd[7]: x', { host: 'fw1', program: 'sshd', pid: 7, message: 'x', hour: 22 }],
  // the host in front of its time, with and without a priority behind it
  ['fw-1 Oct 11 22:14:15 sshd[7]: x', { host: 'fw-1', program: 'sshd', pid: 7, message: 'x', hour: 22 }],
  [
    '192.0.2.9 <86>Oct 11 22:14:15 fw-1 sshd[7]: x',
    { priority: 86, host: 'fw-1', program: 'sshd', pid: 7, message: 'x', relays: ['192.0.2.9'], hour: 22 },
  ],
  [
    'fw-1.example 2021-10-11T22:14:15+02:00 fw-1.example sshd[7]: x',
    { host: 'fw-1.example', program: 'sshd', pid: 7, message: 'x', hour: 22 },
  ],
  // doubled headers: a relay stamped what had a stamp
  [
    'Oct 11 22:14:16 relay Oct 11 22:14:15 mx1 sshd[7]: x',
    { host: 'mx1', program: 'sshd', pid: 7, message: 'x', relays: ['relay'], hour: 22 },
  ],
  [
    '2021-10-11T22:14:16+02:00 relay 2021-10-11T20:14:15Z mx1 sshd[7]: x',
    { host: 'mx1', program: 'sshd', pid: 7, message: 'x', relays: ['relay'], hour: 20 },
  ],
  // … or took the priority off what was RFC 5424, or was Sophos UTM's
  [
    'Oct 11 22:14:16 relay 1 2021-10-11T20:14:15Z mx1 sshd 7 - - x',
    { host: 'mx1', program: 'sshd', pid: 7, message: 'x', relays: ['relay'], hour: 20 },
  ],
  [
    'Oct 11 22:14:16 relay 2021:10:11-20:14:15 utm1 aua[7]: x',
    { host: 'utm1', program: 'aua', pid: 7, message: 'x', relays: ['relay'], hour: 20 },
  ],
  // the priority in words: in front, busybox, AIX, Solaris
  [
    'auth.info Oct 11 22:14:15 mx1 sshd[7]: x',
    { priority: 38, host: 'mx1', program: 'sshd', pid: 7, message: 'x', hour: 22 },
  ],
  [
    'Fri Dec  3 10:11:12 2021 daemon.err uhttpd[7662]: x',
    { priority: 27, program: 'uhttpd', pid: 7662, message: 'x', hour: 10 },
  ],
  [
    'Fri Dec  3 10:11:12 2021 user.info : luci: failed login on / for root from 192.0.2.4',
    { priority: 14, program: 'luci', message: 'failed login on / for root from 192.0.2.4', hour: 10 },
  ],
  [
    'Fri Dec  3 10:11:12 2021 user.name sshd[7]: x',
    { host: 'user.name', program: 'sshd', pid: 7, message: 'x', hour: 10 },
  ],
  [
    'Oct 11 22:14:15 gw authpriv.notice dropbear[7]: x',
    { priority: 85, host: 'gw', program: 'dropbear', pid: 7, message: 'x', hour: 22 },
  ],
  [
    'Oct 11 22:14:15 aix1 auth|security:info sshd[7]: x',
    { priority: 38, host: 'aix1', program: 'sshd', pid: 7, message: 'x', hour: 22 },
  ],
  [
    'Oct 11 22:14:15 sol1 sshd[7]: [ID 800047 auth.info] x',
    { priority: 38, host: 'sol1', program: 'sshd', pid: 7, msgid: '800047', message: 'x', hour: 22 },
  ],
  // octet counting of RFC 6587, left in the file
  [
    '83 <86>Oct 11 22:14:15 mx1 sshd[7]: x',
    { priority: 86, host: 'mx1', program: 'sshd', pid: 7, message: 'x', hour: 22 },
  ],
  ['2021 Oct 11 22:14:15 mx1 sshd[7]: x', { host: 'mx1', program: 'sshd', pid: 7, message: 'x', hour: 22 }],
  ['Oct 11 2021 22:14:15 mx1 sshd[7]: x', { host: 'mx1', program: 'sshd', pid: 7, message: 'x', hour: 22 }],
  ['<13>plain', { priority: 13, message: 'plain' }],
  ['no header at all: here', { message: 'no header at all: here' }],
  ['2021-10-31 23:14:07 198.51.100.4:1194 TLS: x', { message: '198.51.100.4:1194 TLS: x', hour: 23 }],
])('%s', (text, expected) => expect(read(text)).toEqual(expected));

it('takes a torn structured element for text, and loses nothing', () => {
  const { message } = readEnvelope('<165>1 2003-10-11T22:14:15Z h a - - [x k="never closed');
  expect(message).toBe('[x k="never closed');
});

it.each([
  // a collector cut time and host off
  ['filterlog[11]: 5,,,1', { program: 'filterlog', pid: 11, message: '5,,,1' }],
  ['<38>sshd[71]: Failed', { priority: 38, program: 'sshd', pid: 71, message: 'Failed' }],
  // a relay knew no name of the program
  [
    '<38>1 2026-11-03T08:00:00+01:00 fw1 - - - - sshd[71]: Failed',
    { priority: 38, host: 'fw1', program: 'sshd', pid: 71, message: 'Failed', hour: 8 },
  ],
  // no number of a process, or a word that starts a sentence: no program
  ['sshd: Failed', { message: 'sshd: Failed' }],
  ['Exception[1]: x', { message: 'Exception[1]: x' }],
  ['sshd[71]: ', { message: 'sshd[71]: ' }],
])('a program without a header: %s', (text, expected) => expect(read(text)).toEqual(expected));
