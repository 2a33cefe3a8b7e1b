import { describe, expect, it } from 'vitest';
import parser from '../../parsers/mail/mimecast.ts';
import { eventOf, expectRobust } from './lines.ts';

const LINES = [
  '{"processingId":"p","aggregateId":"a","timestamp":1694502605123,"type":"receipt","action":"Rej","senderEnvelope":"a@example.com","recipients":"kim@example.org","senderIp":"203.0.113.60","rejectionInfo":"no such user"}',
  '{"processingId":"p","aggregateId":"a","timestamp":1694502605123,"type":"process","action":"Acc","attachments":"\\"a.html\\", \\"b.png\\""}',
  'datetime=2023-09-12T09:20:05+0200|aCode=x|acc=C0|IP=203.0.113.61|MsgId=<m@e>|Subject=Re: a|Sender=b@example.net|Rcpt=kim@example.org|Act=Acc',
];

describe('mimecast', () => {
  it('reads a refusal', () => {
    expect(eventOf(parser, LINES[0] as string)).toMatchObject({
      act: 'mail-rejected',
      fields: { '@timestamp': 1694502605123000, 'source.ip': '203.0.113.60', 'event.reason': 'no such user' },
    });
  });

  it('takes a list of attachments apart', () => {
    expect(eventOf(parser, LINES[1] as string).fields['email.attachments.file.name']).toEqual(['a.html', 'b.png']);
  });

  it('reads the format with bars', () => {
    expect(eventOf(parser, LINES[2] as string)).toMatchObject({
      act: 'mail-received',
      fields: {
        '@timestamp': Date.UTC(2023, 8, 12, 7, 20, 5) * 1000,
        'email.message_id': 'm@e',
        'email.to.address': ['kim@example.org'],
      },
    });
  });

  it('never throws, never takes long', () => expectRobust(parser, LINES));
});
