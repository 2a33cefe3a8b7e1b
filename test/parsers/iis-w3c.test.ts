import { describe, expect, it } from 'vitest';
import iis from '../../parsers/web/iis-w3c.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const HEADER =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken';
const ROW =
  '2021-11-02 06:00:21 10.20.1.15 POST /owa/auth.owa - 443 WERFT\\h.petersen 203.0.113.71 Mozilla/5.0+(X11) 302 0 0 187';
const REFERRED =
  '2021-11-02 06:00:22 10.20.1.15 GET /a b=1 443 - 203.0.113.71 Mozilla/5.0+(X11) https://www.example.com/ 404 0 2 12';
const NATIVE =
  '203.0.113.48, -, 11/05/2021, 8:15:02, W3SVC1, WEB02, 192.0.2.80, 140, 318, 3223, 200, 0, GET, /d.htm, x=1,';

describe('iis-w3c', () => {
  it('reads a row without header in a standard order, in UTC', () => {
    const { act, fields } = eventOf(iis, ROW, { zone: 'Europe/Berlin' });
    expect(act).toBe('http-request');
    expect(fields).toMatchObject({
      '@timestamp': Date.UTC(2021, 10, 2, 6, 0, 21) * 1000,
      'einfallstor.time.basis': 'stated',
      'source.ip': '203.0.113.71',
      'destination.ip': '10.20.1.15',
      'destination.port': 443,
      'user.name': 'h.petersen',
      'user.domain': 'WERFT',
      'user_agent.original': 'Mozilla/5.0 (X11)',
      'http.response.status_code': 302,
      'event.duration': 187e6,
      'service.name': 'owa',
    });
  });

  it('follows a header that changes in the middle', () => {
    const outcomes = readLines(iis, [
      HEADER,
      ROW,
      '#Fields: date time c-ip cs-method cs-uri-stem sc-status X-Forwarded-For',
      '2021-11-02 07:00:00 10.0.0.1 GET /b 200 198.51.100.9',
      '2021-11-02 07:00:01 203.0.113.5 GET /c 200 198.51.100.9',
    ]);
    expect(outcomes.map((o) => o.kind)).toEqual(['skipped', 'event', 'skipped', 'event', 'event']);
    expect(outcomes[3]).toMatchObject({
      fields: {
        'source.ip': '198.51.100.9',
        'microsoft.iis.proxy_ip': '10.0.0.1',
        'einfallstor.warnings': ['source-forwarded'],
      },
    });
    expect(outcomes[4]).toMatchObject({ fields: { 'source.ip': '203.0.113.5', 'client.ip': '198.51.100.9' } });
  });

  it('takes the day from the header, and another one past midnight', () => {
    const outcomes = readLines(iis, [
      '#Date: 2021-11-04 23:59:58',
      '#Fields: time c-ip cs-method cs-uri-stem sc-status',
      '23:59:58 203.0.113.46 GET /a.asp 200',
      '00:00:03 203.0.113.46 GET /b.asp 500',
    ]);
    expect(outcomes.slice(2).map((o) => o.kind === 'event' && o.fields['@timestamp'])).toEqual([
      Date.UTC(2021, 10, 4, 23, 59, 58) * 1000,
      Date.UTC(2021, 10, 5, 0, 0, 3) * 1000,
    ]);
  });

  it('reads the IIS format in local time', () => {
    expect(eventOf(iis, NATIVE, { zone: 'Europe/Berlin' }).fields).toMatchObject({
      '@timestamp': Date.UTC(2021, 10, 5, 7, 15, 2) * 1000,
      'einfallstor.time.basis': 'configured',
      'url.original': '/d.htm?x=1',
      'host.name': 'WEB02',
    });
  });

  it('tells the referrer of one order from the status of another', () => {
    expect(eventOf(iis, REFERRED).fields).toMatchObject({
      'http.request.referrer': 'https://www.example.com/',
      'http.response.status_code': 404,
    });
  });

  it('takes a login from FTP alone', () => {
    const [, , refused] = readLines(iis, [
      '#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status',
      '2021-11-05 07:00:01 203.0.113.47 - 192.0.2.80 21 USER upload 331 0',
      '2021-11-05 07:00:02 203.0.113.47 - 192.0.2.80 21 PASS *** 530 1326',
    ]);
    expect(refused).toMatchObject({ act: 'login', fields: { 'event.outcome': 'failure', 'service.type': 'ftp' } });
    expect(eventOf(iis, ROW.replace(' 302 ', ' 401 ')).act).toBe('http-request');
  });

  it('leaves rows of other products alone', () => {
    const lines = [
      '2021-11-05 07:00:02 ALLOW TCP 10.0.0.1 10.0.0.2 50000 443 0 - 0 0 0 - - - SEND',
      '203.0.113.9 - - [02/Nov/2021:08:15:30 +0100] "GET / HTTP/1.1" 200 12',
    ];
    expect(recordsOf(lines).map((record) => iis.claims?.(record))).toEqual([false, false]);
    expect(readLines(iis, [HEADER, lines[0] as string])[1]).toMatchObject({ kind: 'rejected' });
  });

  it('never throws, never takes long', () => expectRobust(iis, [ROW, REFERRED, NATIVE, HEADER]));

  it.each([
    ['POST /EWS/Exchange.asmx - 443 WERFT\\h.petersen 203.0.113.71 curl/7.1 401 1 1326 9', 'login', 'h.petersen'],
    [
      'GET /owa/auth/logon.aspx url=https%3a%2f%2fx%2fowa&reason=2 443 - 203.0.113.71 curl/7.1 200 0 0 9',
      'login',
      undefined,
    ],
    // asks for credentials, and the page without a reason: nobody was refused
    ['POST /EWS/Exchange.asmx - 443 - 203.0.113.71 curl/7.1 401 1 2148074254 9', 'http-request', undefined],
    [
      'GET /owa/auth/logon.aspx replaceCurrent=1&reason=0 443 - 203.0.113.71 curl/7.1 200 0 0 9',
      'http-request',
      undefined,
    ],
  ])('%s is %s', (rest, act, user) => {
    const [, outcome] = readLines(iis, [HEADER, `2021-11-02 06:00:21 10.20.1.15 ${rest}`]);
    expect(outcome).toMatchObject({ kind: 'event', act });
    const fields = outcome?.kind === 'event' ? outcome.fields : {};
    expect(fields['user.name']).toBe(user);
    expect(fields['event.outcome'] === 'failure').toBe(act === 'login' || fields['http.response.status_code'] === 401);
  });
});
