import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/assp.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('assp/maillog');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('assp', () => {
  it('reads verdicts by their tags', () => {
    expect(eventOf(parser, line('[MessageOK]'))).toMatchObject({
      act: 'mail-filter',
      fields: {
        'email.subject': 'Rechnung 4711',
        'source.ip': '203.0.113.50',
        'email.to.address': ['k.maier@example.org'],
      },
    });
    expect(eventOf(parser, line('[RelayAttempt]'))).toMatchObject({
      act: 'mail-rejected',
      fields: { 'source.ip': '198.51.100.44' },
    });
    expect(eventOf(parser, line('[DNSBL]'))).toMatchObject({
      act: 'mail-rejected',
      fields: { 'event.outcome': 'failure' },
    });
  });

  it('reads exhausted logins and the administration', () => {
    expect(eventOf(parser, line('Blocking 198.51.100.46'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'source.ip': '198.51.100.46', 'service.type': 'smtp' },
    });
    expect(eventOf(parser, line('Admin authentication failed'))).toMatchObject({
      act: 'admin-login',
      fields: { 'event.outcome': 'failure' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
