import { describe, expect, it } from 'vitest';
import access from '../../parsers/web/apache-nginx-access.ts';
import { eventOf, expectRobust, readLines, recordsOf } from './lines.ts';

const WHEN = '[02/Nov/2021:08:15:30 +0100]';
const INSTANT = 1_635_837_330_000_000;

describe('apache-nginx-access: who asked', () => {
  it.each([
    ['198.51.100.23 - -', { 'source.ip': '198.51.100.23' }],
    ['198.51.100.23 - k.maier', { 'source.ip': '198.51.100.23', 'user.name': 'k.maier' }],
    ['198.51.100.23 - CORP\\k.maier', { 'user.name': 'k.maier', 'user.domain': 'CORP' }],
    ['198.51.100.23 - Karl Maier', { 'user.name': 'Karl Maier' }],
    ['2001:DB8::23 - -', { 'source.ip': '2001:db8::23' }],
    ['198.51.100.23:50112 - -', { 'source.ip': '198.51.100.23', 'source.port': 50112 }],
    ['client.example.net - -', { 'source.domain': 'client.example.net' }],
    ['www.example.com 198.51.100.23 - -', { 'url.domain': 'www.example.com', 'source.ip': '198.51.100.23' }],
    ['www.example.com:443 198.51.100.23 - -', { 'url.domain': 'www.example.com', 'destination.port': 443 }],
    [
      'www.example.com client.example.net - -',
      { 'url.domain': 'www.example.com', 'source.domain': 'client.example.net' },
    ],
    ['- 198.51.100.23 - -', { 'source.ip': '198.51.100.23' }],
    [
      '10.0.0.2, 198.51.100.23, 10.0.0.1 - -',
      { 'source.ip': '198.51.100.23', 'related.ip': ['10.0.0.2', '198.51.100.23', '10.0.0.1'] },
    ],
    ['unknown, 198.51.100.23 - -', { 'source.ip': '198.51.100.23' }],
    [
      'www.example.com 198.51.100.23, 192.0.2.7 - kim',
      { 'url.domain': 'www.example.com', 'source.ip': '198.51.100.23', 'user.name': 'kim' },
    ],
  ])('%s', (front, expected) => {
    const { act, fields } = eventOf(access, `${front} ${WHEN} "GET /a HTTP/1.1" 200 12 "-" "-"`);
    expect(act).toBe('http-request');
    expect(fields).toMatchObject({ '@timestamp': INSTANT, 'url.path': '/a', ...expected });
    expect(fields['user_agent.original'] ?? fields['http.request.referrer']).toBeUndefined();
  });

  it('takes no user from a hyphen', () => {
    expect(eventOf(access, `- - - ${WHEN} "GET /a HTTP/1.1" 200 12`).fields).not.toHaveProperty('user.name');
  });
});

describe('apache-nginx-access: what was asked', () => {
  it.each([
    [
      'GET /a/b.PHP?x=%2e%2e&y=1#z HTTP/1.1',
      {
        'http.request.method': 'GET',
        'url.path': '/a/b.PHP',
        'url.query': 'x=%2e%2e&y=1',
        'url.extension': 'php',
        'url.fragment': 'z',
        'http.version': '1.1',
      },
    ],
    [
      'GET http://evil.example:8080/x HTTP/1.1',
      { 'url.domain': 'evil.example', 'url.port': 8080, 'url.scheme': 'http', 'url.path': '/x' },
    ],
    ['GET /a <b> c HTTP/1.0', { 'url.original': '/a <b> c' }],
    [
      'CONNECT mail.example.org:25 HTTP/1.1',
      { 'http.request.method': 'CONNECT', 'url.original': 'mail.example.org:25' },
    ],
    ['OPTIONS * HTTP/1.0', { 'url.original': '*' }],
    ['GET /old', { 'url.original': '/old', 'http.request.method': 'GET' }],
    ['GET /q?s=\\"x\\" HTTP/1.1', { 'url.original': '/q?s=\\"x\\"' }],
    ['\\x16\\x03\\x01\\x02', { 'web.access.request': '\\x16\\x03\\x01\\x02' }],
    ['USER probe +i probe :x', { 'web.access.request': 'USER probe +i probe :x' }],
  ])('%s', (request, expected) => {
    const { fields } = eventOf(access, `198.51.100.23 - - ${WHEN} "${request}" 404 12 "-" "x"`);
    expect(fields).toMatchObject({ 'http.response.status_code': 404, 'event.outcome': 'failure', ...expected });
  });

  it.each(['-', ''])('a request of %j stays an event', (request) => {
    const { fields } = eventOf(access, `198.51.100.23 - - ${WHEN} "${request}" 408 - "-" "-"`);
    expect(fields).toMatchObject({ 'http.response.status_code': 408, 'source.ip': '198.51.100.23' });
    expect(Object.keys(fields).filter((name) => /^url|^web|bytes/.test(name))).toEqual([]);
  });
});

describe('apache-nginx-access: what stands behind', () => {
  it('keeps further fields and finds the addresses among them', () => {
    const { fields } = eventOf(
      access,
      `10.0.0.5 - - ${WHEN} "POST /login HTTP/2.0" 302 0 "https://portal.example.com/" "A \\"quoted\\" agent" "198.51.100.23, 10.0.0.9" 0.120 rid-7 TLSv1.3`,
    );
    expect(fields).toMatchObject({
      'http.request.referrer': 'https://portal.example.com/',
      'user_agent.original': 'A "quoted" agent',
      'http.response.body.bytes': 0,
      'source.ip': '10.0.0.5',
      'client.ip': '198.51.100.23',
      'related.ip': ['198.51.100.23', '10.0.0.9'],
      'web.access.extra': ['198.51.100.23, 10.0.0.9', '0.120', 'rid-7', 'TLSv1.3'],
    });
  });

  it('says when the line was cut', () => {
    const { fields } = eventOf(access, `10.0.0.5 - - ${WHEN} "GET / HTTP/1.1" 200 12 "-" "Mozilla/5.0 (X1`);
    expect(fields).toMatchObject({ 'user_agent.original': 'Mozilla/5.0 (X1', 'einfallstor.warnings': ['truncated'] });
  });

  it('reads the request log of mod_ssl and that of Confluence', () => {
    const [ssl, confluence] = readLines(access, [
      `${WHEN} 198.51.100.23 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 "GET /a?b HTTP/1.1" 1375`,
      `${WHEN} k.maier http-nio-8090-exec-6 198.51.100.23 POST /pages/doenterpagevariables.action HTTP/1.1 200 41ms 7881 https://wiki.example.com/ Mozilla/5.0 (X11)`,
    ]);
    expect([ssl, confluence]).toMatchObject([
      {
        fields: {
          'source.ip': '198.51.100.23',
          'tls.version': '1.2',
          'url.query': 'b',
          'http.response.body.bytes': 1375,
        },
      },
      {
        fields: {
          'user.name': 'k.maier',
          'http.request.method': 'POST',
          'http.response.status_code': 200,
          'event.duration': 41e6,
          'user_agent.original': 'Mozilla/5.0 (X11)',
        },
      },
    ]);
  });

  it('reads behind a syslog header', () => {
    const { fields } = eventOf(
      access,
      `<190>Nov  2 08:15:31 web-1 nginx: 198.51.100.23 - - ${WHEN} "GET / HTTP/1.1" 200 12 "-" "x"`,
    );
    expect(fields).toMatchObject({
      '@timestamp': INSTANT,
      'host.name': 'web-1',
      'service.type': 'nginx',
      'source.ip': '198.51.100.23',
    });
  });
});

describe('apache-nginx-access: JSON', () => {
  it('reads nginx’s variables under their usual names', () => {
    const { fields } = eventOf(
      access,
      '{"time_iso8601":"2021-11-02T08:15:30+01:00","remote_addr":"198.51.100.23","remote_user":"k.maier","request":"GET /a?b=1 HTTP/2.0","status":"200","body_bytes_sent":512,"request_time":0.264,"http_referer":"","http_user_agent":"x","http_host":"portal.example.com","http_x_forwarded_for":"192.0.2.7","upstream_addr":"10.0.0.3:8080"}',
    );
    expect(fields).toMatchObject({
      '@timestamp': INSTANT,
      'source.ip': '198.51.100.23',
      'client.ip': '192.0.2.7',
      'user.name': 'k.maier',
      'url.original': '/a?b=1',
      'url.domain': 'portal.example.com',
      'http.response.status_code': 200,
      'http.response.body.bytes': 512,
      'event.duration': 264e6,
      'web.access.upstream_addr': '10.0.0.3:8080',
    });
  });

  it('puts a request together from its parts', () => {
    const { fields } = eventOf(
      access,
      '{"time":"02/Nov/2021:08:15:30 +0100","remoteIP":"198.51.100.23","method":"GET","path":"/a","query":"b=1","protocol":"HTTP/1.1","status":404}',
    );
    expect(fields).toMatchObject({
      '@timestamp': INSTANT,
      'url.original': '/a?b=1',
      'http.version': '1.1',
      'event.outcome': 'failure',
    });
  });

  it('claims no other JSON', () => {
    const lines = ['{"message":"x","status":1}', '{"remote_addr":"198.51.100.23","request":"GET / HT'];
    expect(readLines(access, lines).map((o) => o.kind)).toEqual(['rejected', 'rejected']);
    expect(recordsOf(lines).map((record) => access.claims?.(record))).toEqual([false, false]);
  });
});

it('leaves Squid, HAProxy and error logs to others', () => {
  const lines = [
    `10.0.0.5 - - ${WHEN} "GET http://example.org/ HTTP/1.1" 200 1406 "-" "x" TCP_MISS:HIER_DIRECT`,
    'Nov  2 08:15:30 lb haproxy[71]: 198.51.100.23:50112 [02/Nov/2021:08:15:30.655] fe be/s1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"',
    '[Tue Nov 02 08:15:30.1 2021] [core:error] [pid 7] [client 198.51.100.23:50112] AH00132: denied',
  ];
  expect(recordsOf(lines).map((record) => access.claims?.(record))).toEqual([false, false, false]);
});

it('never throws, never slow, whatever the bytes', () => {
  expectRobust(access, [
    `www.example.com:443 10.0.0.2, 198.51.100.23 - kim ${WHEN} "GET /a?b=c HTTP/1.1" 200 12 "-" "x\\"y" "198.51.100.23, 10.0.0.9" 0.1`,
    `${WHEN} k.maier http-1 198.51.100.23 POST /a HTTP/1.1 200 41ms 7881 https://wiki.example.com/ Mozilla/5.0`,
    `${WHEN} 198.51.100.23 TLSv1.2 A "GET /a?b HTTP/1.1" 1375`,
    '{"remote_addr":"198.51.100.23","request":"GET / HTTP/1.1","status":200,"time":"x","__proto__":{"a":1},"constructor":"x"}',
  ]);
});

it('reads a line of 2,500 different words in linear time', () => {
  const words = Array.from({ length: 2_500 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).join(' ');
  const start = performance.now();
  eventOf(
    access,
    `${words.replaceAll(' ', ', ')} - - ${WHEN} "GET /?${words.replaceAll(' ', '//')} HTTP/1.1" 200 1 "-" "-" ${words}`,
  );
  expect(performance.now() - start).toBeLessThan(3000);
});
