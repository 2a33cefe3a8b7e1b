import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/oracle-messaging.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('oracle-messaging/xml', 'oracle-messaging/columns', 'oracle-messaging/services');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('oracle-messaging', () => {
  it('reads logins from both logs', () => {
    expect(eventOf(parser, line('Authentication successful'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'source.ip': '198.51.100.44', 'destination.port': 465 },
    });
    expect(eventOf(parser, line('mi="Bad password"'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'user.name': 'info@example.org' },
    });
    expect(eventOf(parser, line('badlogin: [198.51.100.44:3010]'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'service.type': 'imap', 'user.name': 'k.maier' },
    });
  });

  it('tells who called by the direction', () => {
    expect(eventOf(parser, line('dr="-" ac="Y"'))).toMatchObject({
      act: 'mail-connection',
      fields: { 'destination.ip': '203.0.113.99', 'source.ip': '192.0.2.25' },
    });
    expect(eventOf(parser, line('J 0 a@example.com'))).toMatchObject({
      act: 'mail-rejected',
      fields: { 'event.reason': '550 5.7.1 Relaying not allowed: b@example.net' },
    });
  });

  it('calls a cut login neither passed nor refused', () => {
    expect(eventOf(parser, line('pi="72a9" ')).act).toBe('other');
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
