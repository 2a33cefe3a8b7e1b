import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/kerio-connect.ts';
import { eventOf, expectRobust, linesOf, recordsOf } from './lines.ts';

const LINES = linesOf('kerio-connect/logs');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('kerio-connect', () => {
  it('reads logins and their failures', () => {
    expect(eventOf(parser, line('Failed IMAP login'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'service.type': 'imap', 'source.ip': '198.51.100.44' },
    });
    expect(eventOf(parser, line('HTTP/WebMail: Invalid password'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'service.type': 'webmail', 'user.name': 'k.maier@example.org' },
    });
    expect(eventOf(parser, line('IMAP: User k.maier@example.org authenticated'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success' },
    });
    expect(eventOf(parser, line('WebAdmin: User'))).toMatchObject({
      act: 'admin-login',
      fields: { 'source.ip': '192.0.2.10' },
    });
  });

  it('reads mail in and out, with a subject that holds commas and colons', () => {
    expect(eventOf(parser, line('Recv: Queue-ID: 61810e3f-00000001'))).toMatchObject({
      act: 'mail-received',
      fields: {
        'email.subject': 'Rechnung 4711, offen: bitte zahlen',
        'email.local_id': '61810e3f-00000001',
        'source.ip': '203.0.113.25',
      },
    });
    expect(eventOf(parser, line('Result: failed'))).toMatchObject({
      act: 'mail-delivery',
      fields: { 'event.outcome': 'failure', 'destination.ip': '192.0.2.98' },
    });
  });

  it('does not take the config log, which Kerio Control writes alike, for unmistakable', () => {
    const records = recordsOf([line('session opened'), line('Relay attempt')]);
    expect(records.map((record) => parser.claims?.(record))).toEqual([false, true]);
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
