import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/hcl-domino.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('hcl-domino/console', 'hcl-domino/console-us');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('hcl-domino', () => {
  it('reads refused passwords and sessions', () => {
    expect(eventOf(parser, line('http: Karl Maier'))).toMatchObject({
      act: 'login',
      fields: {
        'user.name': 'Karl Maier',
        'source.ip': '198.51.100.44',
        'event.outcome': 'failure',
        'service.type': 'http',
      },
    });
    expect(eventOf(parser, line('Opened session for Karl'))).toMatchObject({
      act: 'login',
      fields: { 'user.name': 'Karl Maier/Klinik', 'service.type': 'notes', 'einfallstor.login.method': 'certificate' },
    });
    expect(eventOf(parser, line('Remote console command'))).toMatchObject({
      act: 'config-change',
      fields: { 'user.name': 'Admin/Klinik' },
    });
  });

  it('reads dates of several locales and says where it assumed', () => {
    const time = (text: string): unknown => eventOf(parser, text).fields['@timestamp'];
    const of = (iso: string): number => Date.parse(iso) * 1000;
    expect(time(line('[0D34:0009-0EC4] 11/02/2021 08:14:03 PM'))).toBe(of('2021-11-02T20:14:03Z'));
    expect(time(line('13/11/2021'))).toBe(of('2021-11-13T08:15:43Z'));
    expect(time(line('02-11-2021 08:14:09'))).toBe(of('2021-11-02T08:14:09Z'));
    expect(eventOf(parser, line('03/11/2021')).fields['einfallstor.warnings']).toContain(
      'date-order-assumed:day-first',
    );
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
