import { describe, expect, it } from 'vitest';
import ivanti from '../../parsers/vpn/ivanti-connect-secure.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const HEAD = '2022-03-04 07:58:12 - gate-a - [198.51.100.61] ';
const LINES = [
  `Mar  4 07:58:12 gate-a 1 2022-03-04T07:58:12+01:00 10.20.0.5 PulseSecure: - - - ${HEAD}kim(Staff)[VPN] - Login succeeded for kim/Staff (session:3fa90c11) from 198.51.100.61 with Agent/1.`,
  `${HEAD}kim(Staff)[] - Login failed using auth server Directory (LDAP Server).  Reason: Failed`,
  'id=firewall time="2022-03-04 08:10:01" pri=6 fw=10.20.0.5 vpn=gate-a ivs=Default Network user=kim realm="Staff" roles="" src=198.51.100.61 msg="AUT22673: Logout from 198.51.100.61 (session:3fa90c11)"',
  '<14>1 2022-03-04T17:00:00Z collector PulseSecure: - - - gate-a | 2022-03-04 17:00:00 | AUT24414 | info | 10.20.0.5 |  | 198.51.100.62 | kim | Staff |  | Login failed from 198.51.100.62',
];

describe('ivanti-connect-secure', () => {
  it('reads login and refusal with user, realm, address', () => {
    expect(eventOf(ivanti, LINES[0] as string)).toMatchObject({
      act: 'vpn-login',
      fields: {
        'source.ip': '198.51.100.61',
        'user.name': 'kim',
        'event.outcome': 'success',
        'observer.ip': ['10.20.0.5'],
        'einfallstor.vpn.session_id': '3fa90c11',
        'einfallstor.time.basis': 'stated',
      },
    });
    expect(eventOf(ivanti, LINES[1] as string)).toMatchObject({
      act: 'vpn-login',
      fields: { 'event.outcome': 'failure', 'event.reason': 'Failed', 'einfallstor.time.basis': 'assumed' },
    });
  });

  it('knows an administrator by role or realm', () => {
    const line = `${HEAD}ops(Admin Users)[.Administrators] - Login succeeded for ops/Admin Users from 198.51.100.61`;
    expect(eventOf(ivanti, line).act).toBe('admin-login');
  });

  it('reads WELF with blanks in bare values, and columns', () => {
    const welf = eventOf(ivanti, LINES[2] as string);
    expect(welf.act).toBe('vpn-session-end');
    expect(welf.fields).toMatchObject({ 'ivanti.connect_secure.ivs': 'Default Network', 'event.code': 'AUT22673' });
    const columns = eventOf(ivanti, LINES[3] as string);
    expect(columns.fields).toMatchObject({
      'event.code': 'AUT24414',
      'user.name': 'kim',
      'source.ip': '198.51.100.62',
    });
  });

  it('refuses what is cut in the header', () => {
    expect(readLines(ivanti, ['2022-03-04 07:58:12 - gate-a - [198.51']).map((o) => o.kind)).toEqual(['rejected']);
  });

  it('never throws, never takes long', () => expectRobust(ivanti, LINES));
});
