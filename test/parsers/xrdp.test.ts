import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/xrdp.ts';
import { eventOf, expectRobust } from './lines.ts';

const LINES = [
  '[20220408-07:11:06] [INFO ] AUTHFAIL: user=x ip=192.0.2.1 time=1 ip=::ffff:203.0.113.66 time=1649394666',
  '[20220408-07:11:20] [INFO ] ++ created session (access granted): username kim, ip ::ffff:198.51.100.15:50121 - socket: 12',
];

describe('xrdp', () => {
  it('is not led astray by a user name', () => {
    expect(eventOf(parser, LINES[0] as string)).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '203.0.113.66', 'user.name': 'x ip=192.0.2.1 time=1', 'event.outcome': 'failure' },
    });
  });

  it('reads mapped addresses with a port', () => {
    expect(eventOf(parser, LINES[1] as string)).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '198.51.100.15', 'source.port': 50121, 'user.name': 'kim', 'service.type': 'rdp' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
