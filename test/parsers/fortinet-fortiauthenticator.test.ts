import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/fortinet-fortiauthenticator.ts';
import { eventOf, expectRobust } from './lines.ts';

const line = (values: string, text: string): string =>
  `<14>Oct 31 23:14:07 fac01 db[31013]: category="Event" ${values} level="information" user="k" nas="10.20.0.1" ${text}`;
const AUTH = 'subcategory="Authentication" typeid=20001';
const LINES = [
  line(AUTH, 'action="Authentication" status="Failed" Remote LDAP user authentication refused: wrong token'),
  line(AUTH, 'userip="203.0.113.7" action="Authentication" status="Success" 802.1x authentication successful'),
  line(AUTH, 'action="Login" status="Success" Administrator \'k\' logged in from 203.0.113.9'),
  line('subcategory="Admin Configuration" typeid=10001', 'action="Add" status="" Added Local User: svc'),
];

describe('fortinet-fortiauthenticator', () => {
  it('tells users, administrators and changes apart', () => {
    expect(LINES.map((one) => eventOf(parser, one).act)).toEqual(['login', 'login', 'admin-login', 'account-created']);
  });

  it('takes the outcome from the status, the addresses from values and text', () => {
    expect(eventOf(parser, LINES[0] as string).fields).toMatchObject({
      'event.outcome': 'failure',
      'destination.ip': '10.20.0.1',
      'event.code': '20001',
    });
    expect(eventOf(parser, LINES[1] as string).fields['source.ip']).toBe('203.0.113.7');
    expect(eventOf(parser, LINES[2] as string).fields['source.ip']).toBe('203.0.113.9');
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
