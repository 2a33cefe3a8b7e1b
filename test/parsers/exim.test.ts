import { describe, expect, it } from 'vitest';
import exim from '../../parsers/mail/exim.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const ARRIVAL =
  '2021-11-02 07:00:01 1mhnaP-0005MB-00 <= m.roth@werft.example H=(pc-31) [10.20.4.31]:51792 P=esmtpsa X=TLS1.2:AES256-SHA:256 A=dovecot_login:m.roth@werft.example S=5678 id=f8@werft.example T="Angebot "Neubau" for you" for info@example.org b@example.net';
const DELIVERY =
  '2021-11-02 07:00:02 1mhnaP-0005MB-00 => info@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.25]:25 C="250 2.0.0 Ok: queued as 4F1A"';
const BOUNCE =
  '2021-11-02 07:12:00 1mhncS-0001ab-AA ** nobody@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.25]: SMTP error after RCPT TO:<nobody@example.org>: 550 User unknown';
const REFUSED =
  '2021-11-02 07:13:00 dovecot_login authenticator failed for (User) [203.0.113.66]:55379 I=[192.0.2.25]:587: 535 Incorrect authentication data (set_id=info@werft.example)';
const REJECT =
  '2021-11-02 07:14:00 H=(bad.example) [203.0.113.67]:4000 F=<a@bad.example> rejected RCPT <sales@werft.example>: listed';

describe('exim', () => {
  it('reads an arrival: from whom, for whom, as whom', () => {
    expect(eventOf(exim, ARRIVAL)).toMatchObject({
      act: 'mail-received',
      fields: {
        'email.local_id': '1mhnaP-0005MB-00',
        'email.from.address': ['m.roth@werft.example'],
        'email.to.address': ['info@example.org', 'b@example.net'],
        'email.subject': 'Angebot "Neubau" for you',
        'email.message_id': 'f8@werft.example',
        'user.name': 'm.roth@werft.example',
        'source.ip': '10.20.4.31',
        'tls.version': '1.2',
      },
    });
  });

  it('reads deliveries and failures', () => {
    expect(eventOf(exim, DELIVERY)).toMatchObject({
      act: 'mail-delivery',
      fields: {
        'event.outcome': 'success',
        'destination.ip': '198.51.100.25',
        'event.reason': '250 2.0.0 Ok: queued as 4F1A',
      },
    });
    expect(eventOf(exim, BOUNCE).fields).toMatchObject({
      'event.outcome': 'failure',
      'event.reason': 'SMTP error after RCPT TO:<nobody@example.org>: 550 User unknown',
    });
  });

  it('reads a refused login with the address of the peer, not of the greeting', () => {
    expect(eventOf(exim, REFUSED)).toMatchObject({
      act: 'login',
      fields: {
        'source.ip': '203.0.113.66',
        'source.port': 55379,
        'destination.port': 587,
        'user.name': 'info@werft.example',
        'event.outcome': 'failure',
      },
    });
    const forged = REFUSED.replace('(User)', '([10.0.0.1])');
    expect(eventOf(exim, forged).fields).toMatchObject({ 'source.ip': '203.0.113.66' });
  });

  it('reads a rejection', () => {
    expect(eventOf(exim, REJECT)).toMatchObject({
      act: 'mail-rejected',
      fields: {
        'event.reason': 'listed',
        'email.to.address': ['sales@werft.example'],
        'email.from.address': ['a@bad.example'],
      },
    });
  });

  it('claims no other line with such a time', () => {
    const lines = ['2021-11-02 07:14:00 something else happened', '2021-11-02 07:14:00 192.0.2.1 GET / - 80', REJECT];
    expect(recordsOf(lines).map((record) => exim.claims?.(record))).toEqual([false, false, true]);
  });

  it('reads refusals of local_scan, results of checks, hosts in trouble', () => {
    const at = '2021-11-02 08:14:07 1mhnXz-0001Ab-Cd ';
    expect(
      eventOf(exim, `${at}F=a@example.com H=h.example.net [203.0.113.25] P=smtp rejected by local_scan(): hits=7.5`),
    ).toMatchObject({ act: 'mail-rejected', fields: { 'source.ip': '203.0.113.25', 'event.reason': 'hits=7.5' } });
    const dmarc = `${at}DMARC results: spf_domain=x.example dkim_align=no enforcement='Rejected by policy.'`;
    expect(eventOf(exim, dmarc).fields['einfallstor.email.dmarc']).toBe('fail');
    expect(eventOf(exim, `${at}H=mx.example.net [203.0.113.98] Connection timed out`)).toMatchObject({
      act: 'mail-connection',
      fields: { 'destination.ip': '203.0.113.98', 'event.outcome': 'failure' },
    });
  });

  it('never throws, never takes long', () => expectRobust(exim, [ARRIVAL, DELIVERY, BOUNCE, REFUSED, REJECT]));
});
