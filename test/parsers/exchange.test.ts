import { describe, expect, it } from 'vitest';
import httpProxy from '../../parsers/mail/exchange-http-proxy.ts';
import imapPop from '../../parsers/mail/exchange-imap-pop.ts';
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

  it('tells whose message was taken over, and whose was refused', () => {
    const row = (event: string, data: string, way: string): string =>
      `2021-10-31T22:00:08.007Z,${way},08D99CBF2A1B3C4D,7,192.0.2.10:25,203.0.113.9:50007,${event},"${data}",`;
    const said = (way: string, [from, to]: readonly [string, string], last: string): unknown =>
      readLines(protocol, [
        row(from, 'MAIL FROM:<a@example.org> SIZE=1', way),
        row(from, 'RCPT TO:<b@example.net>', way),
        row(to, last, way),
      ])[2];
    const queued = '250 2.6.0 <1@example.org> [InternalId=1, Hostname=EX01] Queued mail for delivery';
    const ends = { 'email.from.address': ['a@example.org'], 'email.to.address': ['b@example.net'] };
    expect(said('EX01\\Default', ['<', '>'], queued)).toMatchObject({ act: 'mail-received', fields: ends });
    const refused = readLines(protocol, [
      '#Log-type: SMTP Send Protocol Log',
      row('>', 'MAIL FROM:<a@example.org>', 'Internet'),
      row('>', 'RCPT TO:<b@example.net>', 'Internet'),
      row('<', '550 5.1.1 no such user', 'Internet'),
    ])[3];
    expect(refused).toMatchObject({ act: 'mail-delivery', fields: { ...ends, 'event.outcome': 'failure' } });
  });
});

const IMAP =
  '2021-10-31T22:00:03.000Z,000000000000000A,2,192.0.2.10:143,203.0.113.9:50100,k.maier,168,31,31,authenticate,PLAIN,"R=""2 NO AUTHENTICATE failed."";ErrMsg=AuthFailed:LogonDenied",';

describe('exchange-imap-pop', () => {
  it('tells refused from granted logins by the answer', () => {
    expect(eventOf(imapPop, IMAP)).toMatchObject({
      act: 'login',
      fields: {
        'event.outcome': 'failure',
        'event.reason': 'AuthFailed:LogonDenied',
        'service.type': 'imap',
        'user.name': 'k.maier',
        'source.ip': '203.0.113.9',
      },
    });
    const granted = IMAP.replace(/"R=.*",$/, 'R=OK,');
    expect(eventOf(imapPop, granted)).toMatchObject({ act: 'login', fields: { 'event.outcome': 'success' } });
    expect(recordsOf([PROTOCOL, RECEIVE]).map((record) => imapPop.claims?.(record))).toEqual([false, false]);
  });

  it('never throws, never takes long', () => expectRobust(imapPop, [IMAP]));
});

const PROXY =
  '2021-03-03T04:11:00.123Z,61d2c86f-f9bb-456d-88c0-3529172510ac,15,1,2176,9,,Ecp,mail.klinik.example,/ecp/y.js,,FBA,false,,,ServerInfo~a]@EX01:444/x?#,python-requests/2.25.1,203.0.113.9,EX01,200,200,,POST,Proxy,ex01.klinik.example,,,,,,,159,598';

describe('exchange-http-proxy', () => {
  it('reads a request and keeps the anchor mailbox', () => {
    expect(eventOf(httpProxy, PROXY)).toMatchObject({
      act: 'http-request',
      fields: {
        'url.path': '/ecp/y.js',
        'http.response.status_code': 200,
        'source.ip': '203.0.113.9',
        'microsoft.exchange.AnchorMailbox': 'ServerInfo~a]@EX01:444/x?#',
      },
    });
  });

  it('never throws, never takes long', () => expectRobust(httpProxy, [PROXY]));
});
