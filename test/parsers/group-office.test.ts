import { describe, expect, it } from 'vitest';
import parser from '../../parsers/web/group-office.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('group-office/info');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('group-office', () => {
  it('reads logins; what the client typed does not pass for the address', () => {
    expect(eventOf(parser, line('user: "x"'))).toMatchObject({
      act: 'login',
      fields: { 'source.ip': '198.51.100.45', 'event.outcome': 'failure' },
    });
    expect(eventOf(parser, line('SUCCESS for user: "k.maier"'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'service.type': 'webmail' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
