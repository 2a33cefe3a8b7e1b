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
  [
    '<134>Oct 11 22:14:15 relay <190>Oct 11 21:14:15 asa1 %ASA-6-305011: x',
    { priority: 190, host: 'asa1', message: '%ASA-6-305011: x', relays: ['relay'], hour: 21 },
  ],
  ['<13>plain', { priority: 13, message: 'plain' }],
  ['no header at all: here', { message: 'no header at all: here' }],
  ['2021-10-31 23:14:07 198.51.100.4:1194 TLS: x', { message: '198.51.100.4:1194 TLS: x', hour: 23 }],
])('%s', (text, expected) => expect(read(text)).toEqual(expected));

it('takes a torn structured element for text, and loses nothing', () => {
  const { message } = readEnvelope('<165>1 2003-10-11T22:14:15Z h a - - [x k="never closed');
  expect(message).toBe('[x k="never closed');
});
