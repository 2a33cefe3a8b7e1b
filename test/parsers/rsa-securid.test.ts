import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/rsa-securid.ts';
import { eventOf, expectRobust } from './lines.ts';

const TIME = '2021-10-31 23:14:07,116, am01.example.org, ';
const IDS = '9b0341674718304f0a5d8e2db5c962b6,a2bc41674718304f0a5d8e2db5c962b6';
const LINES = [
  `${TIME}audit.runtime.com.rsa.ims.authn.impl.X, INFO, ${IDS},203.0.113.7,10.0.0.5,AUTHN_LOGIN_EVENT,13002,FAIL,AUTHN_METHOD_FAILED,,,,,kim,Kim,Maier,1,2,10.0.0.1,asa-vpn,7,0,SecurID_Native,,`,
  `${TIME}audit.admin.com.rsa.ims.admin.impl.X, INFO, ${IDS},203.0.113.7,10.0.0.5,CREATE_PRINCIPAL,10002,SUCCESS,,s,,,,amadmin,Admin,Admin,PRINCIPAL,1,,2,svc-vpn,,`,
  `${TIME}system.com.rsa.ims.configuration.impl.X, SYSTEM, ${IDS},,10.0.0.5,CONF_VALUE_UPDATED,16256,SUCCESS,,,,,,,,,ims.x,0000-Global-0000,1,`,
  `2021-10-31 23:14:07,116, ${IDS},203.0.113.7,10.0.0.5,OC_ADMIN_LOGIN_EVENT,13006,SUCCESS,,,,,,oc,,,,,,,0,`,
];

describe('rsa-securid', () => {
  it('reads the three logs and the server’s own file', () => {
    const events = LINES.map((line) => eventOf(parser, line));
    expect(events.map(({ act }) => act)).toEqual(['login', 'account-created', 'config-change', 'admin-login']);
    expect(events[0]?.fields).toMatchObject({
      'user.name': 'kim',
      'source.ip': '203.0.113.7',
      'einfallstor.target.host': 'asa-vpn',
      'event.outcome': 'failure',
      'einfallstor.mfa': true,
    });
    expect(events[1]?.fields).toMatchObject({ 'user.name': 'amadmin', 'user.target.name': 'svc-vpn' });
    expect(events[2]?.fields['einfallstor.change.object']).toBe('ims.x');
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
