import { describe, expect, it } from 'vitest';
import parser from '../../parsers/web/squirrelmail.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('squirrelmail/logger');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('squirrelmail', () => {
  it('reads logins; what the client typed does not pass for the address', () => {
    expect(eventOf(parser, line('[LOGIN_ERROR] root'))).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '198.51.100.45', 'user.domain': 'mail.example.org', 'event.outcome': 'failure' },
    });
    expect(eventOf(parser, line('[LOGIN] k.maier'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success' },
    });
    expect(eventOf(parser, line('[TIMEOUT]'))).toMatchObject({
      act: 'logout',
      fields: { 'source.ip': '2001:db8:7::41' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
