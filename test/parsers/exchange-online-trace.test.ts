import { describe, expect, it } from 'vitest';
import trace from '../../parsers/mail/exchange-online-trace.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const JSON_ROW =
  '{"MessageId":"<m1@mail.example.com>","Received":"2023-09-12T07:10:05.12","SenderAddress":"a@example.com","RecipientAddress":"kim@example.org","Subject":"s","Status":"Delivered","ToIP":null,"FromIP":"203.0.113.60","Size":9,"MessageTraceId":"t1"}';
const HEADER =
  'origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip';
const ROW =
  '2023-09-12T07:11:30.1Z,a@example.com,"kim@example.org##Receive, Deliver;lee@example.org##Receive, Fail","x, y",44,<m2@e>,n2,2001:db8::7';

describe('exchange-online-trace', () => {
  it('reads JSON, unstated zone is UTC', () => {
    expect(eventOf(trace, JSON_ROW)).toMatchObject({
      act: 'mail-delivery',
      fields: {
        '@timestamp': Date.UTC(2023, 8, 12, 7, 10, 5, 120) * 1000,
        'email.message_id': 'm1@mail.example.com',
        'source.ip': '203.0.113.60',
        'event.outcome': 'success',
      },
    });
  });

  it('reads the extended report by its header, and says that recipients fared differently', () => {
    const outcome = readLines(trace, [HEADER, ROW])[1];
    expect(outcome).toMatchObject({
      kind: 'event',
      fields: {
        'email.to.address': ['kim@example.org', 'lee@example.org'],
        'einfallstor.warnings': ['recipients-differ'],
        'email.subject': 'x, y',
      },
    });
  });

  it('knows no row without a header', () => expect(readLines(trace, [ROW])[0]?.kind).toBe('rejected'));
  it('never throws, never takes long', () => expectRobust(trace, [HEADER, ROW, JSON_ROW]));
});
