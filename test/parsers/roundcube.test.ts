import { describe, expect, it } from 'vitest';
import parser from '../../parsers/web/roundcube.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('roundcube/files', 'roundcube/syslog');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('roundcube', () => {
  it('reads logins', () => {
    expect(eventOf(parser, line('Successful login for k.maier'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'source.ip': '198.51.100.44', 'service.type': 'webmail' },
    });
    expect(eventOf(parser, line('(error: -1)'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'source.ip': '2001:db8:7::41' },
    });
    expect(eventOf(parser, line('X-Forwarded-For'))).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '203.0.113.80', 'roundcube.proxy': '10.0.0.5' },
    });
  });

  it('takes the last address: a name may end in one', () => {
    expect(eventOf(parser, line('admin from 127.0.0.1 from 198.51.100.44'))).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '198.51.100.44', 'user.name': 'admin from 127.0.0.1' },
    });
  });

  it('reads mail sent', () => {
    expect(eventOf(parser, line('for b@example.net, c@example.net'))).toMatchObject({
      act: 'mail-received',
      fields: { 'email.to.address': ['b@example.net', 'c@example.net'], 'roundcube.queued_as': '2D80A321607' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
