import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readClf } from '../../src/parse/kit/civil.ts';
import { categorise, keepVendor, put, putEndpoint, putNumber, putTransport } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequestLine } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 198.51.100.7:50112 [14/Nov/2021:22:45:25.439] · 2001:db8::7:50112 [… · unix:1 […
const FRONT =
  /^(?:([0-9a-fA-F.:]{2,45}):(\d{1,5})|unix:\d{1,10}) \[(\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d{1,6}| [+-]\d{4})?)\] /;
// www~ app/app1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {host|agent} {} "GET /index.html HTTP/1.1" further fields
const HTTP =
  /^(\S{1,128}) ([^\s/]{1,128})\/(\S{1,128}) ([-+\d]{1,11}(?:\/[-+\d]{1,11}){4}) (-?\d{1,3}) \+?(\d{1,18}) (\S{1,4096}) (\S{1,4096}) ([\w-]{4}) (\d{1,9}(?:\/\+?\d{1,9}){4}) (\d{1,9}\/\d{1,9}) (?:\{([^}]{0,8192})\} )?(?:\{([^}]{0,8192})\} )?"(.*)$/s;
// 198.51.100.7 - - [02/Nov/2021:07:15:30 +0000] "GET / HTTP/1.1" 200 512 "" "" 40110 765 "www" "app" "app1" 0 0 1 13 14 ---- 1 1 0 0 0 0 0   (option httplog clf)
const COMMON =
  /^(\S{2,64}) - - \[([^\]]{10,40})\] ("(?:[^"\\]|\\.){0,16384}") (-?\d{1,3}) (\d{1,18}) "" "" (\d{1,5}) \d{1,3} "([^"]{1,128})" "([^"]{1,128})" "([^"]{1,128})" ((?:[-+\d]{1,11} ){5})(\S{4}) ((?:\+?\d{1,9} ){5})(\d{1,9} \d{1,9})(?= |$)/;
// ssh-in ssh/srv1 1/0/5007 212 -- 0/0/0/0/3 0/0
const TCP =
  /^(\S{1,128}) ([^\s/]{1,128})\/(\S{1,128}) ([-+\d]{1,11}\/[-+\d]{1,11}\/[-+\d]{1,11}) \+?(\d{1,18}) ([\w-]{2}) (\d{1,9}(?:\/\+?\d{1,9}){4}) (\d{1,9}\/\d{1,9})\s*(.*)$/s;
// https-in/1: SSL handshake failure
const ERROR = /^([^\s/]{1,128})\/([^\s:]{1,128}): (.{1,1024})$/s;
// Connect from 198.51.100.7:40110 to 192.0.2.5:80 (www/HTTP)
const CONNECT =
  /^Connect from ([0-9a-fA-F.:]{2,45}):(\d{1,5}) to ([0-9a-fA-F.:]{2,45}):(\d{1,5}) \(([^\s/]{1,128})\/(HTTP|TCP)\)/;
// Server app/app1 is DOWN, reason: Layer4 timeout, … · Proxy www started. · backend app has no server available!
const STATE =
  /^(?:(?:Backup )?Server (?<backend>[^\s/]{1,128})\/(?<server>\S{1,128}) (?:is|was|\()|Health check for |Proxy (?<proxy>\S{1,128}) (?:started|stopped)|(?:Stopping|Pausing|Enabling) (?:proxy|frontend|backend) |backend (?<empty>\S{1,128}) has no server|\[(?:NOTICE|WARNING|ALERT)\])/;

/** What proxies and balancers give in milliseconds; -1 means that it did not come to that. */
const putTimes = (fields: Fields, names: readonly string[], text: string): void => {
  const values = text.split('/');
  names.forEach((name, n) => {
    putNumber(fields, `haproxy.time_${name}`, values[n]?.replace('+', ''));
  });
  const total = Number(values.at(-1)?.replace('+', ''));
  if (total >= 0) putNumber(fields, 'event.duration', total * 1e6);
};

const putProxy = (fields: Fields, frontend: string, backend: string, server: string): void => {
  put(fields, 'haproxy.frontend', frontend.replace(/~$/, ''));
  // the frontend's name ends in a tilde where the client came over TLS
  if (frontend.endsWith('~')) fields['tls.established'] = true;
  put(fields, 'haproxy.backend', backend);
  put(fields, 'haproxy.server', server === '<NOSRV>' ? undefined : server);
};

const putStates = (fields: Fields, state: string, connections: string, queues: string): void => {
  put(fields, 'haproxy.termination_state', /^-+$/.test(state) ? undefined : state);
  keepVendor(fields, 'haproxy', [
    ['connections', connections],
    ['queues', queues],
  ]);
};

// TLSv1.2 · 0/0/0/0/0 www.example.com/TLSv1.3/TLS_AES_256_GCM_SHA384   (option httpslog)
const TLS = /(?:^|[\s/])(?:TLSv([\d.]{1,3}))(?=[\s/]|$)/;
const SNI = /^[\da-fA-F-]{1,8}(?:\/[\da-fA-F-]{1,8}){4} ([\w.-]{1,255})\/TLSv[\d.]{1,3}\/([\w-]{1,64})/;

const readHttp = (fields: Fields, m: RegExpExecArray): Act => {
  const [, frontend, backend, server, times, status, bytes, , , state, connections, queues, request, response, rest] =
    m as unknown as string[];
  putProxy(fields, frontend as string, backend as string, server as string);
  putTimes(fields, ['request', 'queue', 'connect', 'response', 'active'], times as string);
  putNumber(fields, 'http.response.status_code', status === '-1' ? undefined : status);
  putNumber(fields, 'http.response.bytes', bytes);
  putStates(fields, state as string, connections as string, queues as string);
  put(fields, 'haproxy.captured_request_headers', request);
  put(fields, 'haproxy.captured_response_headers', response);
  // the request has its quotes escaped, or is cut with its line
  const close = (rest as string).search(/(?<!\\)"(?= |$)/);
  const asked = close < 0 ? (rest as string) : (rest as string).slice(0, close);
  const behind = close < 0 ? '' : (rest as string).slice(close + 1).trim();
  if (!putRequestLine(fields, asked)) put(fields, 'haproxy.request', asked);
  if (close < 0) fields['einfallstor.warnings'] = ['truncated'];
  put(fields, 'tls.version', TLS.exec(behind.slice(0, 512))?.[1]);
  const sni = SNI.exec(behind);
  put(fields, 'tls.client.server_name', sni?.[1]);
  put(fields, 'tls.cipher', sni?.[2] ?? /^TLS_[A-Z0-9_]{4,60}/.exec(behind)?.[0]);
  put(fields, 'haproxy.extra', behind);
  const denied = /^P[RD]/.test(state as string);
  const code = Number(status);
  categorise(
    fields,
    ['web'],
    denied ? ['access', 'denied'] : ['access'],
    code > 0 ? (code < 400 ? 'success' : 'failure') : 'unknown',
  );
  return 'http-request';
};

const readTcp = (fields: Fields, m: RegExpExecArray): Act => {
  const [, frontend, backend, server, times, bytes, state, connections, queues, extra] = m as unknown as string[];
  putProxy(fields, frontend as string, backend as string, server as string);
  putTimes(fields, ['queue', 'connect', 'total'], times as string);
  // what was read from the server
  putNumber(fields, 'destination.bytes', bytes);
  putStates(fields, state as string, connections as string, queues as string);
  put(fields, 'haproxy.extra', extra);
  putTransport(fields, 'tcp');
  const refused = /^P/.test(state as string);
  categorise(fields, ['network'], ['connection', refused ? 'denied' : 'end'], refused ? 'success' : undefined);
  return refused ? 'flow-denied' : 'flow';
};

const readError = (fields: Fields, m: RegExpExecArray): Act => {
  put(fields, 'haproxy.frontend', m[1]?.replace(/~$/, ''));
  put(fields, 'haproxy.bind', m[2]);
  put(fields, 'event.reason', m[3]);
  putTransport(fields, 'tcp');
  categorise(fields, ['network'], ['connection', 'error'], 'failure');
  return 'other';
};

/** The CLF form holds what the HTTP form does, in another order. */
const inHttpOrder = (text: string): string | undefined => {
  const m = COMMON.exec(text);
  if (m === null) return undefined;
  const slashed = (values: string | undefined): string => (values ?? '').trim().replaceAll(' ', '/');
  const [, client, time, request, status, bytes, port, frontend, backend, server, times, state, connections, queues] =
    m;
  return (
    `${client}:${port} [${time}] ${frontend} ${backend}/${server} ${slashed(times)} ${status} ${bytes} - - ` +
    `${state} ${slashed(connections)} ${slashed(queues)} ${request}`
  );
};

/** A line of traffic: undefined when what follows the time is none of HAProxy's formats. */
const readTraffic = (fields: Fields, rest: string): Act | undefined => {
  for (const [pattern, reader] of [
    [HTTP, readHttp],
    [TCP, readTcp],
    [ERROR, readError],
  ] as const) {
    const m = pattern.exec(rest);
    if (m !== null) return reader(fields, m);
  }
  return undefined;
};

const readConnect = (fields: Fields, m: RegExpExecArray): Act => {
  putEndpoint(fields, 'source', m[1]);
  putNumber(fields, 'source.port', m[2]);
  putEndpoint(fields, 'destination', m[3]);
  putNumber(fields, 'destination.port', m[4]);
  put(fields, 'haproxy.frontend', m[5]);
  putTransport(fields, 'tcp');
  categorise(fields, ['network'], ['connection', 'start']);
  return 'flow-start';
};

const readState = (fields: Fields, message: string): Act => {
  const groups = STATE.exec(message)?.groups;
  put(fields, 'haproxy.backend', groups?.['backend'] ?? groups?.['empty'] ?? groups?.['proxy']);
  put(fields, 'haproxy.server', groups?.['server']);
  put(fields, 'event.reason', message);
  categorise(fields, ['process'], [groups === undefined ? 'info' : 'change']);
  return groups === undefined ? 'other' : 'source-state';
};

const isHaproxy = (record: RawRecord): boolean => /^(?:haproxy|hapee-lb)/.test(record.envelope.program ?? '');

const read = (fields: Fields, record: RawRecord): { act: Act; time: string | undefined } | undefined => {
  for (const written of [record.text, record.envelope.message]) {
    const text = inHttpOrder(written) ?? written;
    const front = FRONT.exec(text);
    if (front === null) continue;
    const act = readTraffic(fields, text.slice(front[0].length));
    if (act === undefined) continue;
    putEndpoint(fields, 'source', front[1]);
    putNumber(fields, 'source.port', front[2]);
    return { act, time: front[3] };
  }
  if (!isHaproxy(record)) return undefined;
  const connect = CONNECT.exec(record.envelope.message);
  return {
    act: connect === null ? readState(fields, record.envelope.message) : readConnect(fields, connect),
    time: undefined,
  };
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const fields: Fields = {};
    const found = read(fields, record);
    if (found === undefined)
      return rejected('not-this-format', 'no HAProxy line: client:port [time] frontend backend/server …');
    const { civil, host, program, pid } = record.envelope;
    clock.stamp(fields, found.time === undefined ? civil : readClf(found.time)?.civil);
    if (program !== undefined) {
      put(fields, 'host.name', host);
      put(fields, 'process.name', program);
      putNumber(fields, 'process.pid', pid);
    }
    relateAddresses(fields, record.envelope.message.slice(0, 16_384));
    return { kind: 'event', act: found.act, fields };
  };

const claims = (record: RawRecord): boolean =>
  isHaproxy(record) || (record.text.includes('] ') && read({}, record) !== undefined);

export default {
  id: 'haproxy',
  title: 'HAProxy',
  references: [
    { title: 'HAProxy Configuration Manual, 8 Logging', url: 'https://docs.haproxy.org/3.0/configuration.html#8' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'HTTP (also as CLF), HTTPS and TCP log formats with captured headers, connection errors',
    'default format, server and proxy states',
  ],
  limits: [
    'captured headers are kept in order: which they are is in the configuration',
    'what the client sent is not counted',
  ],
  recognise: recogniseBy(claims, 'are HAProxy lines', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
