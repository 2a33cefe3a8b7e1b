import { describe, expect, it } from 'vitest';
import parser from '../../parsers/auth/secureauth.ts';
import { eventOf, expectRobust } from './lines.ts';

const line = (text: string): string =>
  `<86>1 2021-10-31T23:14:07.693Z sso SecureAuth2 9 ID1 [SecureAuth@27389 UserHostAddress="203.0.113.7" UserID="kim"] ${text}`;

describe('secureauth', () => {
  it.each([
    ['User entered wrong password', 'login', 'failure'],
    ['Password validated successfully', 'login', 'success'],
    ['Invalid OTP entered', 'mfa-challenge', 'failure'],
    ['Push notification accepted', 'mfa-challenge', 'success'],
    ['OTP sent to phone', 'mfa-challenge', undefined],
    ['Application - Request begins', 'other', undefined],
  ])('%s', (text, act, outcome) => {
    const event = eventOf(parser, line(text));
    expect([event.act, event.fields['event.outcome']]).toEqual([act, outcome]);
    expect(event.fields).toMatchObject({ 'user.name': 'kim', 'source.ip': '203.0.113.7' });
  });

  it('never throws, never takes long', () => expectRobust(parser, [line('Invalid OTP entered')]));
});
