import { describe, expect, it } from 'vitest';
import postfix from '../../parsers/mail/postfix.ts';
import type { RawRecord } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const HEAD = 'Oct 31 23:14:07 mx1 postfix/smtpd[4711]: ';
const LINES = [
  `${HEAD}connect from unknown[203.0.113.9]`,
  `${HEAD}warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=k.maier@klinik.example`,
  `${HEAD}4F1A23C0D5: client=dsl.example.net[203.0.113.9], sasl_method=PLAIN, sasl_username=k.maier@klinik.example`,
  `${HEAD}NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <x@gmx.example>: Relay access denied; from=<a@b.example> to=<x@gmx.example> proto=ESMTP helo=<WIN-1>`,
  'Oct 31 23:14:08 mx1 postfix/smtp[99]: 4F1A23C0D5: to=<x@gmx.example>, relay=mx.gmx.example[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4HbX5z0)',
  'Oct 31 23:14:09 mx1 postfix/postscreen[12]: PREGREET 14 after 0.1 from [203.0.113.9]:50112: EHLO ylmf-pc\\r\\n',
];

describe('postfix', () => {
  it('reads a SASL failure as a failed login', () => {
    const { act, fields } = eventOf(postfix, LINES[1] as string);
    expect(act).toBe('login');
    expect(fields).toMatchObject({
      'event.outcome': 'failure',
      'service.type': 'smtp',
      'source.ip': '203.0.113.9',
      'user.name': 'k.maier@klinik.example',
      'user.domain': 'klinik.example',
      'event.reason': 'UGFzc3dvcmQ6',
      'host.name': 'mx1',
    });
  });

  it('keeps the account that a mail was submitted with', () => {
    const { act, fields } = eventOf(postfix, LINES[2] as string);
    expect(act).toBe('mail-received');
    expect(fields).toMatchObject({
      'email.local_id': '4F1A23C0D5',
      'einfallstor.email.auth_user': 'k.maier@klinik.example',
    });
  });

  it('reads a reject with its reason and envelope', () => {
    const { act, fields } = eventOf(postfix, LINES[3] as string);
    expect(act).toBe('mail-rejected');
    expect(fields).toMatchObject({
      'event.reason': '<x@gmx.example>: Relay access denied',
      'email.from.address': ['a@b.example'],
      'email.to.address': ['x@gmx.example'],
      'postfix.helo': 'WIN-1',
    });
  });

  it('reads a quoted sender whole, and tells of a client that imitates further keys', () => {
    const line = `${HEAD}NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <x@gmx.example>: Relay access denied; from=<"a> to=<boss@klinik.example"@b.example> to=<x@gmx.example> proto=ESMTP helo=<h> to=<y@z.example>`;
    const { fields } = eventOf(postfix, line);
    expect(fields['email.from.address']).toEqual(['"a> to=<boss@klinik.example"@b.example']);
    expect(fields['email.to.address']).toEqual(['x@gmx.example']);
    expect(fields['einfallstor.warnings']).toContain('key-repeated:to');
  });

  it('takes a user name that imitates a client as a name', () => {
    const line = `${HEAD}warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x, sasl_username=a[10.0.0.1]: SASL LOGIN authentication failed: y, sasl_username=b`;
    expect(eventOf(postfix, line).fields).toMatchObject({
      'source.ip': '203.0.113.9',
      'user.name': expect.stringContaining('a[10.0.0.1]'),
    });
  });

  it.each([
    ['sent (250 Ok)', 'success'],
    ['deferred (connect to mx.gmx.example[198.51.100.7]:25: Connection timed out)', 'unknown'],
    ['bounced (host said: 550)', 'failure'],
  ])('reads status %s as %s', (status, outcome) => {
    const line = (LINES[4] as string).replace(/sent .*/, status);
    expect(eventOf(postfix, line)).toMatchObject({
      act: 'mail-delivery',
      fields: { 'event.outcome': outcome, 'destination.ip': '198.51.100.7' },
    });
  });

  it('knows bodies without a header, other instances, and no other programs', () => {
    expect(postfix.claims?.(recordsOf(['4F1A23C0D5: removed'])[0] as RawRecord)).toBe(true);
    expect(
      postfix.claims?.(
        recordsOf([
          'Oct 31 23:14:07 mx1 postfix-out/smtp[1]: statistics: start interval Oct 31 23:10:07',
        ])[0] as RawRecord,
      ),
    ).toBe(true);
    expect(
      postfix.claims?.(recordsOf(['Oct 31 23:14:07 mx1 sm-mta[1]: connect from unknown[203.0.113.9]'])[0] as RawRecord),
    ).toBe(false);
    // a process id is no address: not `host mx[192.0.2.1] said: …`
    expect(postfix.claims?.(recordsOf(['host nginx[983478]: x'])[0] as RawRecord)).toBe(false);
    expect(postfix.claims?.(recordsOf(['host mx[192.0.2.1] said: 450 x'])[0] as RawRecord)).toBe(true);
    expect(readLines(postfix, ['Oct 31 23:14:07 mx1 sshd[1]: Connection closed by 203.0.113.9'])[0]?.kind).toBe(
      'rejected',
    );
  });

  it('never throws, never takes long', () => expectRobust(postfix, LINES));
});
