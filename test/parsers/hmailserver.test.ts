import { describe, expect, it } from 'vitest';
import hmailserver from '../../parsers/mail/hmailserver.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (log: string, text: string, session = 13): string =>
  `"${log}"\t4588\t${session}\t"2021-10-31 23:14:07.123"\t"203.0.113.9"\t"${text}"`;
const LINES = [
  line('IMAPD', 'RECEIVED: A1 LOGIN k.maier@example.de ***'),
  line('IMAPD', 'SENT: A1 NO Invalid user name or password.'),
];

describe('hmailserver', () => {
  it('the answer says how the login ended, the command whose it was', () => {
    expect(readLines(hmailserver, LINES)[1]).toMatchObject({
      act: 'login',
      fields: {
        'event.outcome': 'failure',
        'user.name': 'k.maier',
        'user.email': 'k.maier@example.de',
        'source.ip': '203.0.113.9',
      },
    });
    // another session's answer is not its
    expect(
      readLines(hmailserver, [LINES[0] as string, line('IMAPD', 'SENT: A1 OK LOGIN completed', 14)])[1],
    ).toMatchObject({ act: 'mail-connection' });
  });

  it('tells whose message was taken over', () => {
    const told = readLines(hmailserver, [
      line('SMTPD', 'RECEIVED: MAIL FROM:<a@example.org>'),
      line('SMTPD', 'RECEIVED: RCPT TO:<b@example.net>'),
      line('SMTPD', 'SENT: 250 Queued (0.031 seconds)'),
    ]);
    expect(told[2]).toMatchObject({
      act: 'mail-received',
      fields: { 'email.from.address': ['a@example.org'], 'email.to.address': ['b@example.net'] },
    });
  });

  it('reads a connection', () => {
    const { fields } = eventOf(
      hmailserver,
      '"TCPIP"\t2696\t"2021-10-31 23:14:11.123"\t"TCP - 203.0.113.9 connected to 10.0.0.5:25."',
    );
    expect(fields).toMatchObject({ 'source.ip': '203.0.113.9', 'destination.ip': '10.0.0.5', 'destination.port': 25 });
  });

  it('never throws, never takes long', () => expectRobust(hmailserver, LINES));
});
