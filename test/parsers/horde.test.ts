import { describe, expect, it } from 'vitest';
import parser from '../../parsers/web/horde.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('horde/horde-3', 'horde/horde-5');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('horde', () => {
  it('reads logins of three generations', () => {
    expect(eventOf(parser, line('FAILED LOGIN for info@example.org [198.51.100.45]'))).toMatchObject({
      act: 'login',
      fields: {
        'event.outcome': 'failure',
        'source.ip': '198.51.100.45',
        'destination.domain': 'mx.example.org',
        'destination.port': 993,
      },
    });
    expect(eventOf(parser, line('FAILED LOGIN for root to horde'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'source.ip': '2001:db8:7::41' },
    });
    expect(eventOf(parser, line('forwarded for'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'source.ip': '203.0.113.80', 'horde.proxy': '10.0.0.5' },
    });
    expect(eventOf(parser, line('logged out of Horde'))).toMatchObject({
      act: 'logout',
      fields: { 'user.name': 'k.maier@example.org' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
