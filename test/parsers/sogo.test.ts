import { describe, expect, it } from 'vitest';
import parser from '../../parsers/web/sogo.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('sogo/log');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('sogo', () => {
  it('reads logins and requests', () => {
    expect(eventOf(parser, line('successful login'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'source.ip': '198.51.100.44' },
    });
    expect(eventOf(parser, line('203.0.113.80, 10.0.0.5'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'source.ip': '203.0.113.80', 'user.name': 'a.roth' },
    });
    expect(eventOf(parser, line('1.1" 403'))).toMatchObject({
      act: 'http-request',
      fields: { 'http.response.status_code': 403, 'url.path': '/SOGo/connect' },
    });
    expect(eventOf(parser, line('bind failed'))).toMatchObject({ act: 'other', fields: { 'user.name': 'info' } });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
