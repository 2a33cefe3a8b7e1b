import { describe, expect, it } from 'vitest';
import squid from '../../parsers/web/squid.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const TUNNEL =
  '1635840001.741   5756 10.20.4.31 TCP_TUNNEL/200 629512 CONNECT mail.example.org:443 k.maier HIER_DIRECT/198.51.100.7 -';
const COMBINED =
  '10.20.4.31 - - [02/Nov/2021:09:15:30 +0100] "GET http://www.example.org/a HTTP/1.1" 403 5122 "-" "Mozilla/5.0" TCP_DENIED:HIER_NONE';
const CACHE = '2021/11/02 09:16:01 kid1| WARNING: Error Pages Missing Language: de';

describe('squid', () => {
  it('reads a tunnel with who, where and how much', () => {
    expect(eventOf(squid, TUNNEL)).toMatchObject({
      act: 'http-request',
      fields: {
        '@timestamp': 1_635_840_001_741_000,
        'einfallstor.time.basis': 'stated',
        'source.ip': '10.20.4.31',
        'destination.ip': '198.51.100.7',
        'destination.port': 443,
        'url.domain': 'mail.example.org',
        'user.name': 'k.maier',
        'http.response.bytes': 629512,
        'event.duration': 5756e6,
      },
    });
  });

  it('reads the combined format with its verdict', () => {
    expect(eventOf(squid, COMBINED).fields).toMatchObject({
      'event.type': ['access', 'denied'],
      'squid.result': 'TCP_DENIED',
    });
  });

  it('leaves the combined format of web servers alone', () => {
    const line = COMBINED.replace(' TCP_DENIED:HIER_NONE', '').replace('http://www.example.org/a', '/a');
    expect(recordsOf([line, CACHE]).map((record) => squid.claims?.(record))).toEqual([false, true]);
  });

  it('says that a date’s order is assumed', () => {
    const line = '10.20.4.33 - s.lindt [11/02/2021 09:15:34] "CONNECT https://cdn.example.com:443 HTTP/1.1" 200 -';
    expect(eventOf(squid, line).fields).toMatchObject({
      'url.domain': 'cdn.example.com',
      'einfallstor.warnings': expect.arrayContaining(['date-order-assumed:month-first']),
    });
  });

  it('never throws, never takes long', () => expectRobust(squid, [TUNNEL, COMBINED, CACHE]));
});
