import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/mailscanner.ts';
import { eventOf, expectRobust, linesOf } from './lines.ts';

const LINES = linesOf('mailscanner/maillog');
const line = (part: string): string => LINES.find((text) => text.includes(part)) as string;

describe('mailscanner', () => {
  it('reads verdicts under the queue id of the mail server', () => {
    expect(eventOf(parser, line('is spam, SpamAssassin'))).toMatchObject({
      act: 'mail-filter',
      fields: {
        'email.local_id': '4HjxK3kXJmz4rT6',
        'mailscanner.id': '4HjxK3kXJmz4rT6.A91B2',
        'mailscanner.score': 7.181,
        'source.ip': '203.0.113.50',
      },
    });
    expect(eventOf(parser, line('Clamd::INFECTED'))).toMatchObject({
      act: 'mail-filter',
      fields: { 'rule.name': 'Win.Test.EICAR_HDB-1', 'file.name': 'rechnung.zip' },
    });
    expect(eventOf(parser, line('Requeue:'))).toMatchObject({
      act: 'mail-received',
      fields: { 'email.local_id': '4HjxK57abcz4rTA', 'mailscanner.was': '4HjxK3kXJmz4rT7.0C1D3' },
    });
    expect(eventOf(parser, line('Non-delivery of spam'))).toMatchObject({
      act: 'mail-rejected',
      fields: { 'email.subject': 'Gewinn to you with subject x' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
