import { describe, expect, it } from 'vitest';
import parser from '../../parsers/web/openwebmail.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('openwebmail/log');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('openwebmail', () => {
  it('reads logins and mail sent', () => {
    expect(eventOf(parser, line('Password incorrect'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'user.name': 'k.maier', 'source.ip': '198.51.100.44' },
    });
    expect(eventOf(parser, line('k.maier - login - '))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'source.ip': '2001:db8:7::41' },
    });
    expect(eventOf(parser, line('send message'))).toMatchObject({
      act: 'mail-received',
      fields: { 'email.subject': 'Liste', 'email.to.address': ['sammler@example.com'] },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
