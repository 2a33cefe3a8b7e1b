import { describe, expect, it } from 'vitest';
import error from '../../parsers/web/apache-nginx-error.ts';
import { eventOf, expectRobust, recordsOf } from './lines.ts';

const APACHE =
  '[Tue Nov 02 07:10:42.500001 2021] [auth_basic:error] [pid 17:tid 14] [client 203.0.113.19:50774] AH01617: user k.maier: authentication failure for "/intern/": Password Mismatch';
const OLD =
  '[Mon Nov 01 23:59:59 2021] [error] [client 198.51.100.7] File does not exist: /var/www/x, referer: http://a.example/';
const NGINX =
  '2021/11/02 07:20:16 [error] 701#702: *4416 connect() failed (111: Connection refused) while connecting to upstream, client: 198.51.100.81, server: portal.example, request: "GET /api?x=1 HTTP/1.1", upstream: "http://10.20.3.9:3000/api", host: "portal.example"';
const WAF =
  '[Tue Nov 02 07:13:30.456789 2021] [:error] [pid 17] [client 192.0.2.44:60122] [client 192.0.2.44] ModSecurity: Access denied with code 403 (phase 2). [id "949110"] [msg "Inbound"] [hostname "portal.example"] [uri "/search"]';

describe('apache-nginx-error', () => {
  it('reads a refused login of Apache as one', () => {
    expect(eventOf(error, APACHE)).toMatchObject({
      act: 'login',
      fields: {
        'user.name': 'k.maier',
        'source.ip': '203.0.113.19',
        'source.port': 50774,
        'event.outcome': 'failure',
        'event.code': 'AH01617',
        'service.type': 'web',
        'einfallstor.time.basis': 'assumed',
      },
    });
  });

  it('reads Apache 2.2, where an address has no port', () => {
    expect(eventOf(error, OLD)).toMatchObject({
      act: 'http-request',
      fields: { 'source.ip': '198.51.100.7', 'file.path': '/var/www/x', 'http.request.referrer': 'http://a.example/' },
    });
  });

  it('tells the port of an IPv6 client where there is one', () => {
    const line =
      '[Tue Nov 02 07:10:42.5 2021] [core:error] [pid 17] [client ::1:37752] AH00126: Invalid URI in request x';
    expect(eventOf(error, line).fields).toMatchObject({ 'source.ip': '::1', 'source.port': 37752 });
  });

  it('reads the context of nginx, and not one that a client wrote', () => {
    expect(eventOf(error, NGINX)).toMatchObject({
      act: 'http-request',
      fields: { 'source.ip': '198.51.100.81', 'url.path': '/api', 'url.domain': 'portal.example', 'process.pid': 701 },
    });
    const forged =
      '2021/11/02 07:20:16 [error] 1#1: *2 user "a, client: 9.9.9.9" was not found in "/h", client: 198.51.100.81, server: s';
    expect(eventOf(error, forged)).toMatchObject({ act: 'login', fields: { 'source.ip': '198.51.100.81' } });
  });

  it('reads what ModSecurity says', () => {
    expect(eventOf(error, WAF)).toMatchObject({
      act: 'threat',
      fields: { 'rule.id': '949110', 'url.path': '/search', 'source.ip': '192.0.2.44', 'event.type': ['denied'] },
    });
  });

  it('leaves bracketed words of others alone', () => {
    expect(recordsOf(['[error] something', '[2021-11-02] [info] x']).map((r) => error.claims?.(r))).toEqual([
      false,
      false,
    ]);
  });

  it('never throws, never takes long', () => expectRobust(error, [APACHE, OLD, NGINX, WAF]));
});
