import { describe, expect, it } from 'vitest';
import sendmail from '../../parsers/mail/sendmail.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const FROM =
  'Nov  2 07:00:02 mx2 sm-mta[812]: 1A2602aB000812: from=<news@example.org>, size=3127, class=0, nrcpts=2, msgid=<20211102.1@example.org>, relay=mail.example.org [198.51.100.25]';
const TO =
  'Nov  2 07:00:06 mx2 sendmail[815]: 1A2605cD000814: to=<x@example.net>,<y@example.net>, delay=1+00:00:01, mailer=esmtp, relay=mx.example.net. [198.51.100.26], dsn=2.0.0, stat=Sent (Ok: queued as 4F1A, size=900)';
const REJECT =
  'Nov  2 07:00:11 mx2 sm-mta[818]: 1A2611mN000818: ruleset=check_rcpt, arg1=<a@example.com>, relay=dsl-51.example.net [203.0.113.51] (may be forged), reject=550 5.7.1 <a@example.com>... Relaying denied, relay=[9.9.9.9]';
const FAILED =
  'Nov  2 07:00:09 mx2 sm-mta[816]: 1A2609iJ000816: AUTH failure (LOGIN): authentication failure (-13) SASL(-13): checkpass failed, user=info@werft.example, relay=[203.0.113.50]';
const PASSED =
  'Nov  2 07:00:04 mx2 sm-mta[814]: AUTH=server, relay=pc-31.werft.example [10.20.4.31], authid=m.roth, mech=LOGIN, bits=0';

describe('sendmail', () => {
  it('reads who sent and where it went', () => {
    expect(eventOf(sendmail, FROM)).toMatchObject({
      act: 'mail-received',
      fields: {
        'source.ip': '198.51.100.25',
        'email.message_id': '20211102.1@example.org',
        'email.local_id': '1A2602aB000812',
      },
    });
    expect(eventOf(sendmail, TO)).toMatchObject({
      act: 'mail-delivery',
      fields: {
        'email.to.address': ['x@example.net', 'y@example.net'],
        'einfallstor.email.delay': 86401,
        'destination.ip': '198.51.100.26',
        'event.outcome': 'success',
        'event.reason': 'Ok: queued as 4F1A, size=900',
      },
    });
  });

  it('takes the relay from sendmail, not from the text of a refusal', () => {
    expect(eventOf(sendmail, REJECT)).toMatchObject({
      act: 'mail-rejected',
      fields: { 'source.ip': '203.0.113.51', 'source.domain': 'dsl-51.example.net', 'event.code': '550' },
    });
  });

  it('reads logins', () => {
    expect(eventOf(sendmail, FAILED)).toMatchObject({
      act: 'login',
      fields: { 'user.name': 'info@werft.example', 'source.ip': '203.0.113.50', 'event.outcome': 'failure' },
    });
    expect(eventOf(sendmail, PASSED)).toMatchObject({
      act: 'login',
      fields: { 'user.name': 'm.roth', 'event.outcome': 'success' },
    });
  });

  it('leaves Postfix’s sendmail alone', () => {
    const line = 'Nov  2 07:00:04 mx2 postfix/sendmail[814]: fatal: usage';
    expect(recordsOf([line, PASSED]).map((record) => sendmail.claims?.(record))).toEqual([false, true]);
  });

  it('reads refusals of milters of every step', () => {
    const at = 'Nov  2 08:14:07 mx1 sm-mta[202]: 1A27E7ab000201: ';
    expect(eventOf(sendmail, `${at}Milter: data, reject=554 5.7.1 Spam message rejected`)).toMatchObject({
      act: 'mail-rejected',
      fields: { 'event.code': '554', 'event.reason': 'Spam message rejected' },
    });
    expect(eventOf(sendmail, `${at}milter=greylist, quarantine=default action`)).toMatchObject({
      act: 'mail-filter',
      fields: { 'sendmail.milter': 'greylist' },
    });
  });

  it('never throws, never takes long', () => expectRobust(sendmail, [FROM, TO, REJECT, FAILED, PASSED]));
});
