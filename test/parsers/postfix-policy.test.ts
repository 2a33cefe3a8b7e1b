import { describe, expect, it } from 'vitest';
import policy from '../../parsers/mail/postfix-policy.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const GREY =
  'Oct 31 23:04:30 mx1 postgrey[996]: action=greylist, reason=new, client_name=unknown, client_address=203.0.113.30/32, sender=a@b.example, recipient=info@klinik.example';
const SPF =
  'Oct 31 23:10:00 mx1 policyd-spf[998]: prepend Received-SPF: Fail (mailfrom) identity=mailfrom; client-ip=203.0.113.31; helo=mx.b.example; envelope-from=a@b.example; receiver=<UNKNOWN>';

describe('postfix-policy', () => {
  it('reads greylisting and SPF results', () => {
    expect(eventOf(policy, GREY)).toMatchObject({
      act: 'mail-filter',
      fields: { 'event.action': 'greylist', 'source.ip': '203.0.113.30', 'email.to.address': ['info@klinik.example'] },
    });
    expect(eventOf(policy, SPF)).toMatchObject({
      act: 'mail-filter',
      fields: { 'einfallstor.email.spf': 'fail', 'source.ip': '203.0.113.31', 'source.domain': 'mx.b.example' },
    });
  });

  it('leaves Postfix itself alone', () => {
    const line = 'Oct 31 23:14:07 mx1 postfix/smtpd[1]: 4F1A23C0D5: client=unknown[203.0.113.9]';
    expect(recordsOf([line]).map((record) => policy.claims?.(record))).toEqual([false]);
  });

  it('reads milters: signatures, results of DMARC, grey-listing, viruses', () => {
    const of = (program: string, text: string) => eventOf(policy, `Nov  2 08:14:07 mx1 ${program}[8]: ${text}`);
    expect(of('opendkim', '4F1A23C0D5: bad signature data')).toMatchObject({
      act: 'mail-filter',
      fields: { 'email.local_id': '4F1A23C0D5', 'einfallstor.email.dkim': 'fail' },
    });
    expect(of('opendmarc', '4F1A23C0D7: example.org fail').fields['einfallstor.email.dmarc']).toBe('fail');
    expect(
      of('milter-greylist', 'addr h[198.51.100.44] from <a@x.example> to <b@y.example> delayed for 00:05:00'),
    ).toMatchObject({
      act: 'mail-filter',
      fields: { 'source.ip': '198.51.100.44', 'email.to.address': ['b@y.example'] },
    });
  });

  it('never throws, never takes long', () => expectRobust(policy, [GREY, SPF]));
});
