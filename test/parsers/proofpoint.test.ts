import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/proofpoint.ts';
import { eventOf, expectRobust } from './lines.ts';

const LINES = [
  '{"clickIP":"198.51.100.77","clickTime":"2023-09-12T07:25:00.000Z","GUID":"g1","recipient":"kim@example.org","sender":"b@example.com","senderIP":"203.0.113.60","threatID":"t1","url":"https://login.example.net/a","status":"permitted"}',
  '{"guid":"g2","ts":"2023-09-12T09:10:05.370514+0200","connection":{"ip":"203.0.113.60"},"envelope":{"from":"b@example.com","rcpts":["kim@example.org"]},"filter":{"disposition":"reject"}}',
  '<166>Sep 12 09:11:14 pps1 filter_instance1[1955]: rprt s=2hdryp02r6 m=1 cmd=send profile=mail qid=q77 rcpts=kim@example.org',
];

describe('proofpoint', () => {
  it('a click comes from the client, not from the sender', () => {
    const { fields } = eventOf(parser, LINES[0] as string);
    expect(fields).toMatchObject({
      'source.ip': '198.51.100.77',
      'url.domain': 'login.example.net',
      'event.action': 'permitted',
    });
    expect(fields['related.ip']).toContain('203.0.113.60');
  });

  it('reads a refusal on demand and its time with offset', () => {
    expect(eventOf(parser, LINES[1] as string)).toMatchObject({
      act: 'mail-rejected',
      fields: {
        '@timestamp': Date.UTC(2023, 8, 12, 7, 10, 5) * 1000 + 370514,
        'email.to.address': ['kim@example.org'],
      },
    });
  });

  it('reads the filter log', () => {
    expect(eventOf(parser, LINES[2] as string)).toMatchObject({
      act: 'mail-filter',
      fields: { 'email.local_id': 'q77', 'session.id': '2hdryp02r6' },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
