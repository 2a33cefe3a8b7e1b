import { describe, expect, it } from 'vitest';
import openldap from '../../parsers/auth/openldap.ts';
import { openClock } from '../../src/parse/kit/clock.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const H = (host: string): string => `Nov  2 08:15:30 ${host} slapd[11]: `;
const ACCEPT = 'conn=7 fd=21 ACCEPT from IP=198.51.100.23:45011 (IP=0.0.0.0:636)';
const BIND = 'conn=7 op=0 BIND dn="uid=kim,ou=people,dc=example,dc=org" method=128';
const REFUSED = 'conn=7 op=0 RESULT tag=97 err=49 text=';

describe('openldap', () => {
  it('a failed bind knows who it was and from where', () => {
    const outcomes = readLines(
      openldap,
      [ACCEPT, BIND, REFUSED].map((line) => H('a') + line),
    );
    expect(outcomes[2]).toMatchObject({
      act: 'login',
      fields: {
        'event.outcome': 'failure',
        'event.reason': 'invalid credentials',
        'user.name': 'kim',
        'user.domain': 'example.org',
        'source.ip': '198.51.100.23',
      },
    });
  });

  it('does not mix up the connections of two servers, nor of two binds', () => {
    const other = 'conn=7 fd=9 ACCEPT from IP=10.0.0.9:1 (IP=0.0.0.0:389)';
    const outcomes = readLines(openldap, [
      H('a') + ACCEPT,
      H('b') + other,
      H('a') + BIND,
      H('b') + REFUSED,
      H('a') + REFUSED,
    ]);
    expect(outcomes[3]).toMatchObject({ fields: { 'source.ip': '10.0.0.9' } });
    expect(outcomes[3]).not.toMatchObject({ fields: { 'user.name': 'kim' } });
    expect(outcomes[4]).toMatchObject({ fields: { 'source.ip': '198.51.100.23', 'user.name': 'kim' } });
  });

  it('takes the name that SASL found, and no anonymous bind for a login', () => {
    const sasl = [
      'conn=8 op=1 BIND dn="uid=lee,cn=gssapi,cn=auth" mech=GSSAPI ssf=56',
      'conn=8 op=1 RESULT tag=97 err=0 text=',
    ];
    expect(readLines(openldap, sasl)[1]).toMatchObject({
      act: 'login',
      fields: { 'user.name': 'lee', 'event.outcome': 'success' },
    });
    const anonymous = ['conn=8 op=1 BIND dn="" method=128', 'conn=8 op=1 RESULT tag=97 err=0 text='];
    expect(readLines(openldap, anonymous)[1]).toMatchObject({ act: 'other' });
  });

  it('forgets connections: a stream of millions does not grow', () => {
    const read = openldap.open({ clock: openClock({}) });
    const lines = [
      ACCEPT,
      ...Array.from({ length: 20_001 }, (_, n) => ACCEPT.replace('conn=7', `conn=${100 + n}`)),
      REFUSED,
    ];
    const last = recordsOf(lines).map(read).at(-1);
    expect(last).toMatchObject({ act: 'login', fields: { 'event.outcome': 'failure' } });
    expect(last).not.toMatchObject({ fields: { 'source.ip': '198.51.100.23' } });
  });

  it("reads the hexadecimal time of slapd's own log", () => {
    const { fields } = eventOf(openldap, `6180f2a2.1dcd6500 0x7f3a ${ACCEPT}`);
    expect(fields).toMatchObject({ '@timestamp': 1635840674500000, 'source.port': 45011 });
  });

  it('survives hostile lines', () =>
    expectRobust(openldap, [
      H('a') + ACCEPT,
      BIND,
      REFUSED,
      'conn=7 op=2 SRCH base="" filter="(a=*)"',
      'conn=7 op=3 RESULT tag=103 err=constructor text=',
    ]));
});
