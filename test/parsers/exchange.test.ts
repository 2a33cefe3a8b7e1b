import { describe, expect, it } from 'vitest';
import tracking from '../../parsers/mail/exchange-message-tracking.ts';
import protocol from '../../parsers/mail/exchange-smtp-protocol.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const FIELDS =
  '#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version';
const RECEIVE =
  '2021-10-31T22:04:37.515Z,10.0.2.40,EX01.klinik.example,10.0.2.40,EX01,08DC,EX01\\Default EX01,SMTP,RECEIVE,709,<c0ffee@partner.example>,c95b5dd1-f520-4234-e6dc-56dc1db8914d,m.roth@klinik.example;t.kurz@klinik.example,,18251,2,,,"Rechnung, offen",billing@partner.example,billing@partner.example,0cA: ,Incoming,,203.0.113.25,10.0.2.40,S:ProxiedClientIPAddress=203.0.113.25,Email,d6ae,15.01.2507.039';
const PROTOCOL =
  '2021-10-31T22:00:08.007Z,EX01\\Client Frontend EX01,08D99CBF2A1B3C4D,7,192.0.2.10:587,203.0.113.9:50007,>,535 5.7.3 Authentication unsuccessful,';

describe('exchange-message-tracking', () => {
  it('reads a row with or without the header', () => {
    const [, titled] = readLines(tracking, [FIELDS, RECEIVE]);
    const bare = eventOf(tracking, RECEIVE);
    expect(titled).toMatchObject({ kind: 'event', act: 'mail-received', fields: bare.fields });
    expect(bare.fields).toMatchObject({
      '@timestamp': Date.parse('2021-10-31T22:04:37.515Z') * 1000,
      'einfallstor.time.basis': 'stated',
      'source.ip': '203.0.113.25',
      'client.ip': '10.0.2.40',
      'email.to.address': ['m.roth@klinik.example', 't.kurz@klinik.example'],
      'email.subject': 'Rechnung, offen',
      'email.message_id': 'c0ffee@partner.example',
      'microsoft.exchange.connector-id': 'EX01\\Default EX01',
    });
  });

  it('takes the columns from the header that stands before', () => {
    const swapped = [
      '#Fields: event-id,source,date-time,sender-address',
      'FAIL,ROUTING,2021-10-31T22:04:37.515Z,a@b.example',
    ];
    expect(readLines(tracking, swapped)[1]).toMatchObject({
      act: 'mail-delivery',
      fields: { 'event.outcome': 'failure', 'email.from.address': ['a@b.example'] },
    });
  });

  it('does not claim the other Exchange logs', () => {
    const rows = [
      '#Log-type: IMAP4 Log',
      '2021-10-31T21:28:50.530Z,000000000000000E,2,10.0.0.1:143,203.0.113.9:35070,kim,168,31,31,authenticate,PLAIN,"R=OK"',
      PROTOCOL,
    ];
    expect(recordsOf(rows).map((record) => tracking.claims?.(record))).toEqual([false, false, false]);
    expect(readLines(tracking, [rows[0] as string, RECEIVE])[1]?.kind).toBe('rejected');
  });

  it('never throws, never takes long', () => expectRobust(tracking, [RECEIVE, FIELDS]));
});

describe('exchange-smtp-protocol', () => {
  it('reads a refused authentication of a client, not of Exchange itself', () => {
    expect(eventOf(protocol, PROTOCOL)).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'failure', 'source.ip': '203.0.113.9', 'destination.port': 587, 'host.name': 'EX01' },
    });
    const sent =
      '2021-10-31T22:00:08.007Z,Internet,08D99CBF2A1B3C4D,7,192.0.2.10:50007,203.0.113.9:587,<,535 5.7.3 Authentication unsuccessful,';
    expect(eventOf(protocol, sent)).toMatchObject({
      act: 'mail-connection',
      fields: { 'destination.ip': '203.0.113.9' },
    });
  });

  it('names the account that authenticated', () => {
    const line =
      '2021-10-31T22:00:10.009Z,EX01\\Client Frontend EX01,08D99CBF2A1B3C4D,9,192.0.2.10:587,203.0.113.9:50009,*,KLINIK\\k.maier,authenticated';
    expect(eventOf(protocol, line)).toMatchObject({
      act: 'login',
      fields: { 'event.outcome': 'success', 'user.name': 'k.maier', 'user.domain': 'KLINIK' },
    });
  });

  it('never throws, never takes long', () => expectRobust(protocol, [PROTOCOL]));
});
