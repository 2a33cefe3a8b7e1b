import { describe, expect, it } from 'vitest';
import cyrus from '../../parsers/mail/cyrus.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const BAD =
  'Nov  2 07:00:01 mail5 cyrus/imap[812]: badlogin: dsl-98.example.net [203.0.113.98] plaintext info SASL(-13): authentication failure: checkpass failed';
const GOOD =
  'Nov  2 07:00:04 mail5 cyrus/imaps[813]: login: pc-32.werft.example [10.20.4.32] s.lindt PLAIN+TLS User logged in SESSIONID=<a-1>';
const UW = 'Nov  2 07:00:15 mail6 imapd[817]: Login failed user=lotte auth=lotte host=h.example.net [203.0.113.99]';
const SASL =
  'Nov  2 07:00:13 mail5 saslauthd[700]: do_auth         : auth failure: [user=info] [service=smtp] [realm=w.example] [mech=pam] [reason=PAM auth error]';

describe('cyrus', () => {
  it.each([
    [BAD, { 'user.name': 'info', 'source.ip': '203.0.113.98', 'event.outcome': 'failure', 'service.type': 'imap' }],
    [
      GOOD,
      { 'user.name': 's.lindt', 'source.ip': '10.20.4.32', 'event.outcome': 'success', 'cyrus.mechanism': 'PLAIN+TLS' },
    ],
    [UW, { 'user.name': 'lotte', 'source.ip': '203.0.113.99', 'event.outcome': 'failure' }],
    [SASL, { 'user.name': 'info', 'service.type': 'smtp', 'event.reason': 'PAM auth error' }],
  ])('%s', (line, expected) => {
    expect(eventOf(cyrus, line)).toMatchObject({ act: 'login', fields: expected });
  });

  it('leaves Courier alone', () => {
    const line = 'Nov  2 07:00:01 mail4 imapd: LOGIN FAILED, user=info@werft.example, ip=[::ffff:203.0.113.95]';
    expect(recordsOf([line, BAD]).map((record) => cyrus.claims?.(record))).toEqual([false, true]);
  });

  it('reads the audit log: what was done to mailboxes, not the login a second time', () => {
    const at = 'Nov  2 08:14:07 mx1 cyrus/imap[1]: auditlog: ';
    expect(eventOf(cyrus, `${at}expunge sessionid=<s1> mailbox=<user.k> uid=<12>`)).toMatchObject({
      act: 'mail-access',
      fields: { 'session.id': 's1', 'cyrus.mailbox': 'user.k' },
    });
    expect(eventOf(cyrus, `${at}login sessionid=<s1> remote=<198.51.100.44> user=<k>`)).toMatchObject({
      act: 'other',
      fields: { 'source.ip': '198.51.100.44', 'user.name': 'k' },
    });
  });

  it('never throws, never takes long', () => expectRobust(cyrus, [BAD, GOOD, UW, SASL]));
});
