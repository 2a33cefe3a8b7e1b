import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readClf } from '../../src/parse/kit/civil.ts';
import { categorise, put, putEndpoint, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequest } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [02/Nov/2021:08:15:30 +0100] - 200 200 - GET https nc.example.com "/login" [Client 198.51.100.7] [Length 511] [Gzip -] [Sent-to 10.0.0.30] "agent" "-"
// [02/Nov/2021:08:15:30 +0100] 404 - GET http example.com "/.env" [Client 198.51.100.7] [Length 154] [Gzip -] "agent" "-"   (dead and redirected hosts)
const LINE =
  /^\[(?<time>[^\]]{20,32})\] (?:(?<cache>[A-Z-]{1,16}) (?<upstream>[\d, :-]{1,64}) )?(?<status>\d{3}) - (?<method>\S{1,32}) (?<scheme>https?) (?<host>\S{1,255}) "(?<target>(?:[^"\\]|\\.){0,16384})" \[Client (?<client>[^\]]{1,255})\](?: \[Length (?<length>\d{1,15}|-)\])?(?: \[Gzip [^\]]{1,16}\])?(?: \[Sent-to (?<server>[^\]]{1,255})\])?/;
const AGENT = /^ "(?<agent>(?:[^"\\]|\\.){0,8192})"(?: "(?<referrer>(?:[^"\\]|\\.){0,8192})")?/;

const claims = ({ envelope }: RawRecord): boolean =>
  envelope.message.startsWith('[') && LINE.test(envelope.message.slice(0, 20_000));

const open: Parser['open'] =
  ({ clock }) =>
  ({ text, envelope }) => {
    if (text.trim() === '') return BLANK;
    const line = LINE.exec(envelope.message.slice(0, 20_000));
    const g = line?.groups;
    if (line === null || g === undefined)
      return rejected('not-this-format', 'no access log line of Nginx Proxy Manager');
    const fields: Fields = {};
    const time = readClf(g['time'] as string);
    if (time === undefined) warn(fields, 'time-unreadable');
    clock.stamp(fields, time?.civil);
    putEndpoint(fields, 'source', g['client']);
    putRequest(fields, g['method'], g['target']);
    put(fields, 'url.scheme', g['scheme']);
    put(fields, 'url.domain', g['host']?.toLowerCase());
    putNumber(fields, 'http.response.status_code', g['status']);
    putNumber(fields, 'http.response.body.bytes', g['length']);
    put(fields, 'web.access.cache', g['cache']);
    put(fields, 'web.access.upstream_status', g['upstream']);
    put(fields, 'web.access.upstream', g['server']);
    const behind = envelope.message.slice(line[0].length, line[0].length + 20_000);
    const said = AGENT.exec(behind)?.groups;
    if (said === undefined && behind !== '') warn(fields, 'truncated');
    put(fields, 'user_agent.original', said?.['agent']);
    put(fields, 'http.request.referrer', said?.['referrer']);
    categorise(fields, ['web'], ['access'], Number(g['status']) < 400 ? 'success' : 'failure');
    relateAddresses(fields, `${g['client']} ${g['server'] ?? ''}`);
    put(fields, 'service.type', 'nginx');
    return { kind: 'event', act: 'http-request', fields };
  };

export default {
  id: 'nginx-proxy-manager',
  title: 'Nginx Proxy Manager',
  references: [
    {
      title: 'Nginx Proxy Manager: log formats proxy and standard',
      url: 'https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/conf.d/include/log-proxy.conf',
    },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['requests to proxied, redirected and dead hosts and to the default site'],
  recognise: recogniseBy(claims, 'are access log lines of Nginx Proxy Manager', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
