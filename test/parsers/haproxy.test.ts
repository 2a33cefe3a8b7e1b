import { describe, expect, it } from 'vitest';
import haproxy from '../../parsers/web/haproxy.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const HTTP =
  'Nov  2 08:00:01 lb-1 haproxy[760]: 203.0.113.21:58444 [02/Nov/2021:08:00:01.439] www~ app/app1 10/0/1/29/40 200 5168 - - ---- 3/3/0/0/0 0/0 {portal.example|Mozilla/5.0} {} "GET /p?a=1 HTTP/1.1"';
const TCP = '203.0.113.23:40002 [02/Nov/2021:07:59:00.500] ssh-in ssh/srv1 1/0/64507 21244 -- 1/1/0/0/0 0/0';
const STATE = 'Nov  2 08:00:09 lb-1 haproxy[760]: Server app/app1 is DOWN, reason: Layer4 timeout';

describe('haproxy', () => {
  it('reads the HTTP format with its own time', () => {
    expect(eventOf(haproxy, HTTP, { zone: 'Europe/Berlin' })).toMatchObject({
      act: 'http-request',
      fields: {
        '@timestamp': Date.UTC(2021, 10, 2, 7, 0, 1, 439) * 1000,
        'source.ip': '203.0.113.21',
        'url.path': '/p',
        'http.response.status_code': 200,
        'event.duration': 40e6,
        'haproxy.backend': 'app',
        'tls.established': true,
        'host.name': 'lb-1',
      },
    });
  });

  it('reads the TCP format as a flow, a refusal of the proxy’s as refused', () => {
    expect(eventOf(haproxy, TCP)).toMatchObject({
      act: 'flow',
      fields: { 'destination.bytes': 21244, 'network.transport': 'tcp' },
    });
    expect(eventOf(haproxy, TCP.replace(' -- ', ' PC ')).act).toBe('flow-denied');
  });

  it('reads states of servers', () => {
    expect(eventOf(haproxy, STATE)).toMatchObject({ act: 'source-state', fields: { 'haproxy.server': 'app1' } });
  });

  it('leaves access logs alone', () => {
    const line = '203.0.113.21 - - [02/Nov/2021:08:00:01 +0100] "GET / HTTP/1.1" 200 12 "-" "x"';
    expect(recordsOf([line]).map((record) => haproxy.claims?.(record))).toEqual([false]);
  });

  it('never throws, never takes long', () => expectRobust(haproxy, [HTTP, TCP, STATE]));
});
