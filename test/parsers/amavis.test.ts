import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/amavis.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('amavis/syslog');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('amavis', () => {
  it('reads verdicts', () => {
    expect(eventOf(parser, line('Passed CLEAN {RelayedInbound}, [203.0.113.64]'))).toMatchObject({
      act: 'mail-filter',
      fields: {
        'email.local_id': '990343818C5',
        'source.ip': '203.0.113.64',
        'amavis.origin_ip': '192.0.2.200',
        'amavis.hits': -1.901,
        'amavis.queued_as': '5B5A83818C6',
      },
    });
    expect(eventOf(parser, line('Blocked INFECTED'))).toMatchObject({
      act: 'mail-rejected',
      fields: {
        'rule.name': 'Win.Test.EICAR_HDB-1',
        'email.to.address': ['k.maier@example.org', 'a.roth@example.org'],
      },
    });
  });

  it('lets no subject pass for its own words', () => {
    const { fields } = eventOf(parser, line('Jetzt gewinnen'));
    expect(fields).toMatchObject({
      'email.subject': 'Jetzt gewinnen, -> <x@example.org>, Hits: 0',
      'email.to.address': ['k.maier@example.org'],
      'amavis.hits': 21.437,
      'source.ip': '2001:db8:7::41',
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
