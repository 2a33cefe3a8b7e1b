import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/qmail.ts';
import { openClock } from '../../src/parse/kit/clock.ts';
import type { RawRecord } from '../../src/parse/parser.ts';
import { eventOf, expectRobust, linesOf, recordsOf } from './lines.ts';

const LINES = linesOf('qmail/multilog', 'qmail/syslog');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('qmail', () => {
  it('reads logins of vchkpw, passwords with colons included', () => {
    expect(eventOf(parser, line('password fail'))).toMatchObject({
      act: 'login',
      fields: {
        'user.name': 'k.maier@example.org',
        'source.ip': '198.51.100.44',
        'event.outcome': 'failure',
        'service.type': 'pop3',
      },
    });
    expect(eventOf(parser, line('login success k.maier'))).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'service.type': 'smtp' },
    });
  });

  it('takes the recipient of a delivery from its start', () => {
    const read = parser.open({ clock: openClock({}) });
    const outcomes = recordsOf(LINES).map(read);
    const sent = outcomes.flatMap((o) => (o.kind === 'event' && o.act === 'mail-delivery' ? [o.fields] : []));
    expect(sent[0]).toMatchObject({ 'email.to.address': ['k.maier@example.org'], 'email.local_id': '4411' });
    expect(sent[1]).toMatchObject({ 'email.to.address': ['sammler@example.com'], 'destination.ip': '203.0.113.99' });
  });

  it('claims no foreign line by its stamp alone', () => {
    const record = recordsOf([line('something qmail never wrote')])[0] as RawRecord;
    expect(parser.claims?.(record)).toBe(false);
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
