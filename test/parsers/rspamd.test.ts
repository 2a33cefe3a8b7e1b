import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/rspamd.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('rspamd/own-file', 'rspamd/syslog');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('rspamd', () => {
  it('reads results, authentication checks and the user', () => {
    expect(eventOf(parser, line('T (reject)'))).toMatchObject({
      act: 'mail-rejected',
      fields: {
        'email.local_id': '448A7731FEA',
        'einfallstor.email.spf': 'fail',
        'einfallstor.email.dmarc': 'fail',
        'rspamd.score': 51.9,
      },
    });
    expect(eventOf(parser, line('user: k.maier@example.org'))).toMatchObject({
      act: 'mail-filter',
      fields: {
        'user.name': 'k.maier@example.org',
        'source.ip': '2001:db8:7::41',
        'email.to.address': ['sammler@example.com'],
      },
    });
    expect(eventOf(parser, line('got connection from 203.0.113.52:40350'))).toMatchObject({
      act: 'mail-connection',
      fields: { 'source.ip': '203.0.113.52', 'source.port': 40350 },
    });
  });

  it('relates no address that only asks a DNS list', () => {
    const { fields } = eventOf(parser, line('RBL_NIXSPAM'));
    expect(fields['related.ip']).toEqual(['203.0.113.52']);
    expect(fields['message']).toContain('52.113.0.203.ix.example.net');
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
