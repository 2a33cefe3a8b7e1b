import { describe, expect, it } from 'vitest';
import parser from '../../parsers/vpn/freeradius.ts';
import { eventOf, expectRobust } from './lines.ts';

const P = 'Mon Feb 20 08:12:41 2023 : Auth: ';
const LINES = [
  `${P}(19) Login OK: [EXAMPLE\\kim] (from client gw port 8 cli 198.51.100.31)`,
  `${P}(21)   Login incorrect (mschap: wrong): [kim/secret] (from client gw port 8 cli 203.0.113.52)`,
  `${P}Login OK: [host/nb.example.org] (from client wlc port 1 cli 00-00-5E-00-53-17 via TLS tunnel)`,
];

describe('freeradius', () => {
  it('a caller with an address is remote, one with a MAC is not', () => {
    expect(LINES.map((line) => eventOf(parser, line).act)).toEqual(['vpn-login', 'vpn-login', 'login']);
    expect(eventOf(parser, LINES[0] as string).fields).toMatchObject({ 'user.name': 'kim', 'user.domain': 'EXAMPLE' });
  });

  it('leaves a logged password out of the user name', () => {
    expect(eventOf(parser, LINES[1] as string).fields).toMatchObject({
      'user.name': 'kim',
      'event.reason': 'mschap: wrong',
    });
  });

  it('takes the client behind the last bracket: users choose their names', () => {
    const line = `${P}Login incorrect: [a] (from client x port 1 cli 192.0.2.1)] (from client gw port 8 cli 203.0.113.54)`;
    expect(eventOf(parser, line).fields).toMatchObject({ 'observer.name': 'gw', 'source.ip': '203.0.113.54' });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
