import { describe, expect, it } from 'vitest';
import dovecot from '../../parsers/mail/dovecot.ts';
import type { RawRecord } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const HEAD = 'Oct 31 23:14:07 mx1 dovecot: ';
const LINES = [
  `${HEAD}imap-login: Login: user=<k.maier@klinik.example>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.10, mpid=2034, TLS, session=<Ab3x>`,
  `${HEAD}imap-login: Disconnected (auth failed, 3 attempts in 17 secs): user=<m.roth>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.10, session=<Cd4x>`,
  `${HEAD}auth-worker(1990): conn unix:auth-worker (pid=1200,uid=97): auth-worker<55>: sql(m.roth,203.0.113.9,<Cd4x>): Password mismatch`,
  `${HEAD}imap(k.maier)<2034><Ab3x>: Logged out in=4812 out=88412011 deleted=0 expunged=1`,
  `${HEAD}lmtp(k.maier@klinik.example)<2050><Xy3Q>: sieve: msgid=<1@partner.example>: forwarded to <drop@evil.example>`,
  'Oct 31 23:14:07 mx1 auth: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=info rhost=203.0.113.9  user=info',
];

describe('dovecot', () => {
  it('reads a login with both ends and its session', () => {
    const { act, fields } = eventOf(dovecot, LINES[0] as string);
    expect(act).toBe('login');
    expect(fields).toMatchObject({
      'event.outcome': 'success',
      'source.ip': '203.0.113.9',
      'destination.ip': '192.0.2.10',
      'user.name': 'k.maier@klinik.example',
      'service.type': 'imap',
      'session.id': 'Ab3x',
      'tls.established': true,
    });
  });

  it('counts the attempts of a failed login', () => {
    expect(eventOf(dovecot, LINES[1] as string)).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'dovecot.attempts': 3 },
    });
    expect(eventOf(dovecot, LINES[2] as string)).toMatchObject({
      act: 'login',
      fields: { 'event.reason': 'Password mismatch', 'source.ip': '203.0.113.9' },
    });
  });

  it('keeps the bytes of a session', () => {
    expect(eventOf(dovecot, LINES[3] as string)).toMatchObject({
      act: 'logout',
      fields: { 'source.bytes': 4812, 'destination.bytes': 88_412_011 },
    });
  });

  it('reads a Sieve redirect as a delivery to the outside', () => {
    expect(eventOf(dovecot, LINES[4] as string)).toMatchObject({
      act: 'mail-delivery',
      fields: {
        'event.action': 'forwarded',
        'email.to.address': ['drop@evil.example'],
        'user.name': 'k.maier@klinik.example',
      },
    });
  });

  it.each([
    [
      `${HEAD}imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=10.0.0.1, lip=10.0.0.2>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.10`,
      'key-repeated:rip',
    ],
    [`${HEAD}auth: sql(a,10.0.0.1): unknown user,203.0.113.9): Password mismatch`, 'key-repeated:user'],
    [
      'Oct 31 23:14:07 mx1 auth: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=rhost=10.0.0.1 rhost=203.0.113.9',
      'key-repeated:rhost',
    ],
  ])('is not led astray by a user name: %s', (line, warning) => {
    const { fields } = eventOf(dovecot, line);
    expect(fields['source.ip']).toBe('203.0.113.9');
    expect(fields['einfallstor.warnings']).toContain(warning);
  });

  it('reads TAI64N stamps', () => {
    const { fields } = eventOf(
      dovecot,
      '@40000000617f15810ab3f25c imap-login: Info: Aborted login (auth failed, 1 attempts): user=<kim>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.10',
    );
    expect(fields['@timestamp']).toBe(Date.UTC(2021, 9, 31, 22, 15, 19) * 1000 + 179_565);
  });

  it('leaves other programs alone', () => {
    const lines = [
      'Oct 31 23:14:07 mx1 imapd[1]: LOGIN, user=kim, ip=[203.0.113.9]',
      'Oct 31 23:14:07 h auth: something else',
    ];
    expect(recordsOf(lines).map((record: RawRecord) => dovecot.claims?.(record))).toEqual([false, false]);
    expect(readLines(dovecot, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected']);
  });

  it('reads the auth process of 2.4 and refusals by mechanism', () => {
    const at = 'Nov  2 08:14:07 mx1 dovecot: ';
    expect(eventOf(dovecot, `${at}auth(info,198.51.100.44,sasl:plain)<x>: sql: Password mismatch`)).toMatchObject({
      act: 'login',
      fields: { 'user.name': 'info', 'source.ip': '198.51.100.44', 'session.id': 'x' },
    });
    const typed = eventOf(dovecot, `${at}auth: login(?,198.51.100.44): Username contains disallowed character: 0x20`);
    expect(typed).toMatchObject({ act: 'login', fields: { 'source.ip': '198.51.100.44', 'event.outcome': 'failure' } });
    expect(typed.fields).not.toHaveProperty('user.name');
  });

  it('takes linear time over a line of blanks', () => {
    const start = performance.now();
    eventOf(dovecot, `Nov  2 08:14:07 mx1 dovecot: imap-login: Disconnected${' '.repeat(500_000)}x, rip=198.51.100.44`);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('never throws, never takes long', () => expectRobust(dovecot, LINES));
});
