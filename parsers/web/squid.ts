import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readClf, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import {
  add,
  categorise,
  put,
  putEndpoint,
  putMac,
  putNumber,
  putTransport,
  putUser,
} from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequest, putRequestLine } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Time = Civil | number | undefined;
interface Read {
  readonly act: Act;
  readonly time: Time;
}

// 1635718447.741   5756 192.0.2.31 TCP_TUNNEL/200 6295 CONNECT mail.example.org:443 k.maier HIER_DIRECT/198.51.100.7 text/html …
const NATIVE =
  /^(\d{9,11}\.\d{3}|\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}) +(-?\d{1,12}) (\S{1,255}) ([A-Z][A-Z_]{1,63})\/(\d{3}) (\d{1,18}) (?:(\d{1,18}) )?(\S{1,64}) (.{1,16384}?) (\S{1,512}) ((?:[A-Z][A-Z_]{2,48}))\/(\S{1,255})(?: (\S{1,255}))?(?: (.*))?$/s;
// 02/Nov/2021:08:15:30 +0100   512 192.0.2.31:50112 TCP_MISS/200 6295 481 GET …: a readable time, the client's port, bytes asked
const CLIENT_PORT = /^([\d.]{7,15}|\[[\da-fA-F:.]{2,45}\]):(\d{1,5})$/;
// 192.0.2.31 - k.maier [02/Nov/2021:08:15:30 +0100] "GET http://example.org/ HTTP/1.1" 200 512 "-" "Mozilla/5.0" TCP_MISS:HIER_DIRECT
const COMBINED =
  /^(\S{1,255}) (\S{1,255}) (\S{1,512}) \[([^\]]{10,40})\] "((?:[^"\\]|\\.){0,16384})" (\d{3}|0|-) (\d{1,18}|-)(?: "((?:[^"\\]|\\.){0,8192})" "((?:[^"\\]|\\.){0,8192})")?(?: (.*))?$/s;
const VERDICT = /^([A-Z][A-Z_]{2,63}):([A-Z][A-Z_]{2,48})(?= |$)/;
// 2021/11/02 08:15:30| Starting Squid Cache · 2021/11/02 08:15:30 kid1| WARNING: …
const CACHE_LOG = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{3})?)(?: (kid\d{1,4}))?\| ?(.*)$/s;

/** Squid's verdict: whether it refused, and whether something answered. */
const putResult = (fields: Fields, verdict: string | undefined, status: string | undefined): void => {
  put(fields, 'squid.result', verdict);
  putNumber(fields, 'http.response.status_code', Number(status) === 0 ? undefined : status);
  const code = Number(status);
  const denied = /DENIED/.test(verdict ?? '');
  if (denied) fields['event.action'] = 'denied';
  const outcome = code >= 100 ? (code < 400 ? 'success' : 'failure') : 'unknown';
  categorise(fields, ['web', 'network'], denied ? ['access', 'denied'] : ['access'], outcome);
};

const putPeer = (fields: Fields, way: string | undefined, peer: string | undefined): void => {
  put(fields, 'squid.hierarchy', way);
  if (/PARENT|SIBLING|CACHE_DIGEST/.test(way ?? '')) put(fields, 'squid.peer', peer);
  else putEndpoint(fields, 'destination', peer?.replace(/^\[|\]$/g, ''));
};

/** The port asked for is the one that is connected to; HTTP goes over TCP alone, ICP over UDP. */
const putConnection = (fields: Fields, verdict: string | undefined): void => {
  const target = fields['url.original'];
  // error:transaction-end-before-headers stands where there was no request to speak of
  if (typeof target === 'string' && target.startsWith('error:')) {
    fields['event.reason'] = target.slice(6);
    delete fields['url.path'];
  }
  putNumber(fields, 'destination.port', fields['url.port'] as number | undefined);
  putTransport(fields, verdict?.startsWith('UDP_') ? 'udp' : 'tcp');
};

/** Squid writes names percent-encoded: `EXAMPLE%5Ckim`. */
const decoded = (name: string | undefined): string | undefined =>
  name?.replaceAll(/%([0-7][\dA-F])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

const readNative = (fields: Fields, m: RegExpExecArray): Read => {
  const [, time, elapsed, client, verdict, status, bytes, asked, method, url, user, way, peer, type, extra] =
    m as unknown as string[];
  const port = CLIENT_PORT.exec(client as string);
  putEndpoint(fields, 'source', port?.[1] ?? client);
  putNumber(fields, 'source.port', port?.[2]);
  putNumber(fields, 'http.request.bytes', asked);
  putUser(fields, 'user', decoded(user));
  putResult(fields, verdict, status);
  putPeer(fields, way, peer);
  putRequest(fields, method, url);
  putConnection(fields, verdict);
  putNumber(fields, 'http.response.bytes', bytes);
  put(fields, 'http.response.mime_type', type);
  if (Number(elapsed) >= 0) putNumber(fields, 'event.duration', Number(elapsed) * 1e6);
  putExtra(fields, extra ?? '');
  return { act: 'http-request', time: combinedTime(time as string) };
};

/** Fields that administrators add: referrer and agent in quotes, a MAC address, a byte count of the request. */
const putExtra = (fields: Fields, extra: string): void => {
  const quoted = [...extra.slice(0, 8192).matchAll(/"((?:[^"\\]|\\.){0,4096})"/g)].map((m) => m[1] as string);
  for (const text of quoted.slice(0, 4)) {
    if (/^https?:\/\//.test(text)) put(fields, 'http.request.referrer', text);
    else put(fields, 'user_agent.original', text);
  }
  putMac(fields, 'source.mac', /(?:^|\s)((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})(?=\s|$)/.exec(extra)?.[1]);
  if (extra.trim() !== '') add(fields, 'squid.extra', extra.trim());
};

const combinedTime = (text: string): Time =>
  (readClf(text) ?? readIso(text) ?? readSlashed(text, 0, 'month'))?.civil ?? epochMicros(text);

const readCombined = (fields: Fields, m: RegExpExecArray): Read => {
  const [, client, , user, time, request, status, bytes, referrer, agent, behind = ''] = m as unknown as string[];
  putEndpoint(fields, 'source', client);
  putUser(fields, 'user', decoded(user));
  const verdict = VERDICT.exec(behind);
  putResult(fields, verdict?.[1], status);
  put(fields, 'squid.hierarchy', verdict?.[2]);
  if (!putRequestLine(fields, request as string)) put(fields, 'squid.request', request);
  putConnection(fields, verdict?.[1]);
  putNumber(fields, 'http.response.bytes', bytes);
  put(fields, 'http.request.referrer', referrer);
  put(fields, 'user_agent.original', agent);
  putExtra(fields, behind.slice(verdict?.[0].length ?? 0));
  return { act: 'http-request', time: combinedTime(time as string) };
};

const readCacheLog = (fields: Fields, m: RegExpExecArray): Read => {
  put(fields, 'squid.worker', m[2]);
  put(fields, 'message', m[3]);
  put(fields, 'log.level', /^(WARNING|ERROR|FATAL|SECURITY ALERT):/.exec(m[3] as string)?.[1]?.toLowerCase());
  const state =
    /^(?:Starting Squid|Squid Cache \(Version|Preparing for shutdown|Shutting down|Reconfiguring|Logfile: (?:opening|closing))/.test(
      m[3] as string,
    );
  categorise(fields, [state ? 'process' : 'web'], [/^(?:ERROR|FATAL)/.test(m[3] as string) ? 'error' : 'info']);
  return { act: state ? 'source-state' : 'other', time: readIso(m[1] as string)?.civil };
};

const isSquid = (record: RawRecord): boolean => /^\(?squid/.test(record.envelope.program ?? '');

const read = (fields: Fields, record: RawRecord): Read | undefined => {
  const ours = isSquid(record);
  for (const text of [record.text, record.envelope.message]) {
    const native = NATIVE.exec(text);
    if (native !== null) return readNative(fields, native);
    const combined = COMBINED.exec(text);
    // without its verdict, or a whole address as target, it is any web server's line
    const proxied = VERDICT.test(combined?.[10] ?? '') || (ours && combined !== null) || isSlashed(combined);
    if (combined !== null && proxied) return readCombined(fields, combined);
    const cache = CACHE_LOG.exec(text);
    if (cache !== null) return readCacheLog(fields, cache);
    if (record.envelope.program === undefined && record.envelope.civil === undefined) break;
  }
  return undefined;
};

// [05/02/2021 11:30:29] "CONNECT https://example.com:443 HTTP/1.1"   a time format of the administrator's, and a proxy's request
const isSlashed = (m: RegExpExecArray | null): boolean =>
  m !== null &&
  /^\d\d\/\d\d\/\d{4} /.test(m[4] as string) &&
  /^(?:CONNECT |[A-Z]{3,10} https?:\/\/)/.test(m[5] as string);

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const fields: Fields = {};
    const found = read(fields, record);
    const other = found === undefined && isSquid(record);
    if (found === undefined && !other) return rejected('not-this-format', 'no Squid access or cache log line');
    const { civil, host, program, pid, message } = record.envelope;
    clock.stamp(fields, found?.time ?? civil);
    if (/^\d\d\/\d\d\/\d{4} /.test(/\[([^\]]{10,40})\] "/.exec(record.text.slice(0, 2048))?.[1] ?? ''))
      add(fields, 'einfallstor.warnings', 'date-order-assumed:month-first');
    if (program !== undefined) {
      put(fields, 'host.name', host);
      putNumber(fields, 'process.pid', pid);
    }
    if (other) {
      put(fields, 'message', message);
      categorise(fields, ['process'], ['info']);
    }
    relateAddresses(fields, message.slice(0, 16_384));
    return { kind: 'event', act: found?.act ?? 'other', fields };
  };

const claims = (record: RawRecord): boolean => isSquid(record) || read({}, record) !== undefined;

export default {
  id: 'squid',
  title: 'Squid proxy',
  references: [
    { title: 'Squid: access.log', url: 'https://wiki.squid-cache.org/Features/LogFormat' },
    { title: 'Squid: logformat', url: 'https://www.squid-cache.org/Doc/config/logformat/' },
    { title: 'Squid: result codes', url: 'https://wiki.squid-cache.org/SquidFaq/SquidLogs' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'access log: squid, combined and common formats with fields behind them; cache.log; in files and behind syslog',
  ],
  limits: [
    'fields that the administrator added are kept in squid.extra',
    'the common format is Squid’s only behind its syslog tag',
  ],
  recognise: recogniseBy(claims, 'are Squid lines', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
