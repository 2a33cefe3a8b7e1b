import { describe, expect, it } from 'vitest';
import courier from '../../parsers/mail/courier.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const FAILED = 'Nov  2 07:00:01 mail4 imapd: LOGIN FAILED, user=info@werft.example, ip=[::ffff:203.0.113.95]';
const END =
  'Nov  2 07:00:04 mail4 imapd-ssl: LOGOUT, user=k.maier, ip=[::ffff:198.51.100.95], port=[51022], rcvd=412, sent=91800, time=620';
const AUTH =
  'Nov  2 07:00:10 mail4 courieresmtpd: error,relay=::ffff:203.0.113.96,msg="535 Authentication failed.",cmd: YWRtaW4=';
const UNKNOWN =
  'Nov  2 07:00:09 mail4 courieresmtpd: error,relay=::ffff:203.0.113.96,from=<t@bad.example>,to=<l@werft.example>: 550 User unknown.';

describe('courier', () => {
  it('reads logins', () => {
    expect(eventOf(courier, FAILED)).toMatchObject({
      act: 'login',
      fields: {
        'source.ip': '203.0.113.95',
        'user.name': 'info@werft.example',
        'event.outcome': 'failure',
        'service.type': 'imap',
      },
    });
    expect(eventOf(courier, AUTH)).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '203.0.113.96', 'service.type': 'smtp' },
    });
  });

  it('counts a session’s bytes from the client’s side', () => {
    expect(eventOf(courier, END)).toMatchObject({
      act: 'logout',
      fields: { 'source.bytes': 412, 'destination.bytes': 91800, 'event.duration': 620e9, 'source.port': 51022 },
    });
  });

  it('reads what was refused', () => {
    expect(eventOf(courier, UNKNOWN)).toMatchObject({
      act: 'mail-rejected',
      fields: { 'email.to.address': ['l@werft.example'], 'event.reason': '550 User unknown.' },
    });
  });

  it('leaves other imapd alone', () => {
    const line =
      'Nov  2 07:00:15 mail6 imapd[817]: Login failed user=lotte auth=lotte host=h.example.net [203.0.113.99]';
    expect(recordsOf([line, FAILED]).map((record) => courier.claims?.(record))).toEqual([false, true]);
  });

  it('never throws, never takes long', () => expectRobust(courier, [FAILED, END, AUTH, UNKNOWN]));
});
