import { describe, expect, it } from 'vitest';
import opensmtpd from '../../parsers/mail/opensmtpd.ts';
import { expectRobust, readLines, recordsOf } from './lines.ts';

const HEAD = 'Nov  2 08:00:00 mx3 smtpd[901]: 1f55bdcdf16e28a4';
const CONNECTED = `${HEAD} smtp connected address=203.0.113.91 host=dsl-91.example.net`;
const LOGIN = `${HEAD} smtp authentication user=m.roth result=permfail`;
const OLD =
  'Nov  2 07:00:07 mx3 smtpd[812]: smtp-in: Failed command on session 0a1b2c3d4e5f6072: "RCPT TO:<x@example.com>" => 550 Invalid recipient';

describe('opensmtpd', () => {
  it('knows a session’s peer in its later lines', () => {
    expect(readLines(opensmtpd, [CONNECTED, LOGIN])[1]).toMatchObject({
      act: 'login',
      fields: {
        'source.ip': '203.0.113.91',
        'user.name': 'm.roth',
        'event.outcome': 'failure',
        'service.type': 'smtp',
      },
    });
  });

  it('forgets it at the end', () => {
    const after = readLines(opensmtpd, [CONNECTED, `${HEAD} smtp disconnected reason=quit`, LOGIN])[2];
    expect(after?.kind === 'event' && after.fields).not.toHaveProperty('source.ip');
  });

  it('reads what was refused, in the old form', () => {
    expect(readLines(opensmtpd, [OLD])[0]).toMatchObject({
      act: 'mail-rejected',
      fields: { 'email.to.address': ['x@example.com'], 'event.reason': '550 Invalid recipient' },
    });
  });

  it('leaves Postfix’s smtpd alone', () => {
    const line = 'Nov  2 08:00:00 mx1 postfix/smtpd[901]: connect from unknown[203.0.113.9]';
    expect(recordsOf([line, LOGIN]).map((record) => opensmtpd.claims?.(record))).toEqual([false, true]);
  });

  it('never throws, never takes long', () => expectRobust(opensmtpd, [CONNECTED, LOGIN, OLD]));
});
