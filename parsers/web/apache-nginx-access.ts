import { addressClass, canonicalIp } from '../../src/core/net.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type AccessJson, readAccessJson } from '../../src/parse/kit/access-json.ts';
import { type Civil, epochMicros, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { words } from '../../src/parse/kit/field-map.ts';
import { add, categorise, put, putEndpoint, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [02/Nov/2021:08:15:30 +0100]   HAProxy's has a fraction and no zone
const TIME = /\[(\d{1,2}\/[A-Za-z]{3}\/\d{4}:\d{2}:\d{2}:\d{2}(?:\.\d{1,6})? [+-]\d{4})\]/;
// … TCP_MISS:HIER_DIRECT   the cache verdict Squid adds to the combined format
const SQUID = /(?:TCP|UDP|NONE)[A-Z_]{0,40}:[A-Z_]{2,40}\s*$/;

// ------------------------------------------------------------------------------------------------------------- words

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Words behind the time: bare ones, and quoted ones in which a backslash escapes. `cut`: the last quote is open. */
const readWords = (text: string): { list: Word[]; cut: boolean } => {
  const list: Word[] = [];
  for (let i = 0; i < text.length; ) {
    if (text[i] === ' ' || text[i] === '\t') {
      i += 1;
    } else if (text[i] === '"') {
      let end = i + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
      list.push({ text: text.slice(i + 1, end), quoted: true });
      if (end >= text.length) return { list, cut: true };
      i = end + 1;
    } else {
      const space = text.indexOf(' ', i);
      const end = space < 0 ? text.length : space;
      list.push({ text: text.slice(i, end), quoted: false });
      i = end;
    }
  }
  return { list, cut: false };
};

const unslashed = (text: string | undefined): string | undefined => text?.replaceAll(/\\(["\\])/g, '$1');

// ------------------------------------------------------------------------------------------------------------- client

// 198.51.100.7:50112 · 198.51.100.7
const WITH_PORT = /^([\d.]{7,15}):(\d{1,5})$/;

/** Of a list of forwarding addresses the first public one: what stands left of it is an inner network's own business. */
const originOf = (addresses: readonly string[]): string | undefined =>
  addresses.find((ip) => addressClass(ip) === 'public') ?? addresses[0];

const putClient = (fields: Fields, names: readonly string[]): void => {
  const addresses: string[] = [];
  for (const name of names.slice(0, MOST)) {
    const port = WITH_PORT.exec(name);
    const ip = canonicalIp(port?.[1] ?? name);
    if (ip === undefined) continue;
    addresses.push(ip);
    if (port !== null && names.length === 1) putNumber(fields, 'source.port', port[2]);
  }
  const origin = originOf(addresses);
  putEndpoint(fields, 'source', origin ?? names.find((name) => name !== 'unknown'));
  if (addresses.length > 1) for (const ip of addresses) add(fields, 'related.ip', ip);
};

// portal.example.com:443 · [2001:db8::1]:443 · portal.example.com
const VIRTUAL_HOST = /^(\[[0-9a-fA-F:.]{2,45}\]|[^:]{1,255})(?::(\d{1,5}))?$/;

const putVirtualHost = (fields: Fields, text: string | undefined): void => {
  const m = VIRTUAL_HOST.exec(text ?? '-');
  put(fields, 'url.domain', m?.[1]?.toLowerCase().replaceAll(/[[\]]/g, ''));
  putNumber(fields, 'destination.port', m?.[2]);
  putIp(fields, 'destination.ip', m?.[1]);
};

/**
 * `192.0.2.10:443` in front of the client is the virtual host where it has no name; an address with a port that no web
 * server listens on is a client behind a proxy.
 */
const isServed = (word: string): boolean => {
  const port = Number(WITH_PORT.exec(word)?.[2] ?? 0);
  return (port > 0 && port < 1024) || (port >= 8000 && port < 10_000);
};

/** `[virtual host] client[, client…] ident user`; the user may hold blanks, host names may stand for addresses. */
const putFront = (fields: Fields, front: string): void => {
  const list = words(front);
  const isAddress = (word: string | undefined): boolean =>
    word !== undefined && canonicalIp(word.replace(/,$/, '').replace(WITH_PORT, '$1')) !== undefined;
  const served = isServed(list[0] ?? '') && isAddress(list[1]) && list.length > 3;
  const named = served || (!isAddress(list[0]) && !list[0]?.endsWith(',') && (isAddress(list[1]) || list.length > 3));
  if (named) putVirtualHost(fields, list[0]);
  let at = named ? 1 : 0;
  const client: string[] = [];
  do client.push((list[at] ?? '-').replace(/,$/, ''));
  while (list[at++]?.endsWith(',') || (isAddress(list[at]) && list.length - at > 1));
  putClient(
    fields,
    client.flatMap((word) => word.split(',')),
  );
  const user = list.slice(list.length - at > 1 ? at + 1 : at).join(' ');
  putUser(fields, 'user', user === '""' ? undefined : user);
};

// ------------------------------------------------------------------------------------------------------------- request

const METHOD = /^[A-Za-z][A-Za-z_-]{0,31}$/;
// … HTTP/1.1
const PROTOCOL = / HTTP\/(\d(?:\.\d)?)?$/i;

/** `GET /path?query HTTP/1.1`; a target may hold blanks; what is no request at all is kept as it is. */
const putRequest = (fields: Fields, request: string | undefined): void => {
  if (request === undefined || request === '-' || request === '') return;
  const space = request.indexOf(' ');
  const method = request.slice(0, Math.max(0, space));
  const protocol = PROTOCOL.exec(request);
  const target = request.slice(space + 1, Math.max(space + 1, protocol?.index ?? request.length));
  const plausible = protocol !== null || /^(?:\/|\*|https?:)/.test(target);
  if (!METHOD.test(method) || !plausible) {
    put(fields, 'web.access.request', request);
    return;
  }
  put(fields, 'http.request.method', method);
  put(fields, 'http.version', protocol?.[1]);
  const asked = method.toUpperCase() === 'CONNECT' ? VIRTUAL_HOST.exec(target) : null;
  if (asked !== null) {
    fields['url.original'] = target;
    put(fields, 'url.domain', asked[1]?.toLowerCase());
    putNumber(fields, 'url.port', asked[2]);
    return;
  }
  putUrl(fields, target);
};

const putStatus = (fields: Fields, status: string | undefined): void => {
  putNumber(fields, 'http.response.status_code', status);
  const code = Number(status);
  categorise(
    fields,
    ['web'],
    ['access'],
    status === undefined || code === 0 ? 'unknown' : code < 400 ? 'success' : 'failure',
  );
};

/** Words behind the agent and addresses in one line that are looked at; a line may be made to hold any number. */
const MOST = 50;

/** Fields behind the agent, whose meaning the administrator chose: kept in order, addresses among them found again. */
const putExtras = (fields: Fields, extras: readonly Word[]): void => {
  const texts = extras.slice(0, MOST).map(({ text }) => unslashed(text) || '-');
  if (texts.some((text) => text !== '-')) fields['web.access.extra'] = texts;
  for (const text of texts) putForwarded(fields, text);
};

/** `198.51.100.7, 10.0.0.1`: forwarding addresses, the first public one being the client's own word for itself. */
const putForwarded = (fields: Fields, text: string): void => {
  const addresses =
    text.length > 400 ? [] : text.split(/, ?/).map((part) => canonicalIp(part.replace(WITH_PORT, '$1')));
  if (addresses.length === 0 || addresses.includes(undefined)) return;
  fields['client.ip'] ??= originOf(addresses as string[]) as string;
  for (const ip of addresses) add(fields, 'related.ip', ip);
};

const putTail = (fields: Fields, tail: readonly Word[]): void => {
  const at = tail.findIndex((word, n) => !word.quoted && /^\d{3}$/.test(word.text) && tail[n - 1]?.quoted === true);
  const request = at < 0 ? tail.findIndex((word) => word.quoted) : at - 1;
  putRequest(fields, tail[request]?.text);
  putStatus(fields, at < 0 ? undefined : tail[at]?.text);
  const size = tail[at < 0 ? request + 1 : at + 1];
  if (size?.quoted === false) putNumber(fields, 'http.response.body.bytes', size.text);
  const behind = tail.slice((at < 0 ? request + 1 : at + 1) + (size?.quoted === false ? 1 : 0));
  const [referrer, agent] = behind.filter((word) => word.quoted);
  put(fields, 'http.request.referrer', unslashed(referrer?.text));
  put(fields, 'user_agent.original', unslashed(agent?.text));
  putExtras(fields, [
    ...tail.slice(0, Math.max(0, request)),
    ...behind.filter((word) => word !== referrer && word !== agent),
  ]);
};

// 198.51.100.7 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 "GET …   (mod_ssl's ssl_request_log)
const SSL_REQUEST = /^ (\S{1,255}) (TLSv[\d.]+|SSLv[\d.]+|-) (\S{1,64}) "/;
// user http-nio-8080-exec-6 198.51.100.7 GET /index.action HTTP/1.1 200 1020ms 7881 https://… Mozilla/5.0 …   (Confluence)
const CONFLUENCE =
  /^ (\S{1,255}) (\S{1,128}) (\S{1,255}) ([A-Z]{3,10} \S{1,8192} HTTP\/[\d.]{1,3}) (\d{3}) (\d{1,9})ms (\d{1,15}|-) (\S{1,8192}) (.*)$/;

/** Formats that begin with the time. */
const putTimeFirst = (fields: Fields, rest: string): readonly Word[] | undefined => {
  const ssl = SSL_REQUEST.exec(rest);
  if (ssl !== null) {
    putClient(fields, [ssl[1] as string]);
    put(fields, 'tls.version', ssl[2]?.replace(/^(?:TLS|SSL)v/, ''));
    put(fields, 'tls.cipher', ssl[3]);
    return readWords(rest.slice(ssl[0].length - 1)).list;
  }
  const m = CONFLUENCE.exec(rest);
  if (m === null) return undefined;
  putUser(fields, 'user', m[1]);
  putClient(fields, [m[3] as string]);
  putNumber(fields, 'event.duration', Number(m[6]) * 1e6);
  const quoted = (text: string | undefined): Word => ({ text: text ?? '-', quoted: true });
  const bare = (text: string | undefined): Word => ({ text: text ?? '-', quoted: false });
  return [quoted(m[4]), bare(m[5]), bare(m[7]), quoted(m[8]), quoted(m[9])];
};

// [02/Nov/2021:08:15:30 +0100] portal.example.com:443 "GET …   (nginx: … [$time_local] $host "$request" …)
const HOST_BEHIND = /^ (?=[\w-]{0,63}\.|localhost\b)([A-Za-z0-9][\w.-]{0,253}[A-Za-z](?::\d{1,5})?) (?=")/;

const isLine = (text: string): boolean => {
  const time = TIME.exec(text);
  if (time === null) return false;
  const rest = text.slice(time.index + time[0].length);
  if (time.index === 0 || text[time.index - 1] !== ' ') return SSL_REQUEST.test(rest) || CONFLUENCE.test(rest);
  return (/^ "/.test(rest) || HOST_BEHIND.test(rest)) && !SQUID.test(text);
};

// http://192.0.2.151/m.sh · ${jndi:ldap://192.0.2.92:1389/a}   addresses that a request, a referrer or an agent points to
const LINKED_MAX = 16_384;
const LINKED = /\/\/(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])/g;

const readLine = (fields: Fields, text: string): Civil | undefined => {
  const time = TIME.exec(text) as RegExpExecArray;
  const rest = text.slice(time.index + time[0].length);
  const front = text.slice(0, time.index);
  const special = front.trim() === '' ? putTimeFirst(fields, rest) : undefined;
  // "198.51.100.7, 10.0.0.1" 10.0.0.8 - - [   (LogFormat "\"%{X-Forwarded-For}i\" %h …")
  if (special === undefined) putFront(fields, front.replace(/^"([^"]{0,400})" /, '$1 '));
  const host = special === undefined ? HOST_BEHIND.exec(rest) : null;
  if (host !== null) putVirtualHost(fields, host[1]);
  const { list, cut } =
    special === undefined ? readWords(rest.slice(host?.[0].length ?? 0)) : { list: special, cut: false };
  putTail(fields, list);
  if (cut) warn(fields, 'truncated');
  for (const [, address] of [...rest.slice(0, LINKED_MAX).matchAll(LINKED)].slice(0, MOST))
    add(fields, 'related.ip', canonicalIp(address as string));
  return readClf(time[1] as string)?.civil;
};

// ------------------------------------------------------------------------------------------------------------- JSON

const putJson = (fields: Fields, { known, rest }: AccessJson): Civil | number | undefined => {
  const get = (name: string): string | undefined => known.get(name);
  putClient(fields, (get('client') ?? '-').split(/, ?/));
  putUser(fields, 'user', get('user'));
  putVirtualHost(fields, get('host'));
  const protocol = get('protocol') ?? '';
  const query = get('query');
  const uri = `${get('uri')}${query && !get('uri')?.includes('?') ? `?${query}` : ''}`;
  putRequest(
    fields,
    get('request') ?? `${get('method')} ${uri} ${protocol.startsWith('HTTP/') ? protocol : 'HTTP/'}`.trimEnd(),
  );
  putStatus(fields, get('status'));
  putNumber(fields, 'http.response.body.bytes', get('bytes'));
  put(fields, 'http.request.referrer', get('referrer'));
  put(fields, 'user_agent.original', get('agent'));
  put(fields, 'http.request.id', get('id'));
  put(fields, 'host.name', get('server'));
  put(fields, 'url.scheme', get('scheme'));
  put(fields, 'tls.version', get('tls')?.replace(/^(?:TLS|SSL)v/, ''));
  put(fields, 'tls.cipher', get('cipher'));
  putNumber(fields, 'source.port', get('port'));
  putNumber(fields, 'destination.port', get('serverPort'));
  putForwarded(fields, get('forwarded') ?? '');
  // $request_time: seconds with a resolution of milliseconds
  const seconds = Number(get('seconds') ?? Number.NaN);
  if (seconds >= 0) putNumber(fields, 'event.duration', Math.round(seconds * 1000) * 1e6);
  for (const [key, value] of rest) put(fields, `web.access.${key.slice(0, 64).replaceAll(/[^\w-]+/g, '_')}`, value);
  const time = get('time') ?? '';
  return epochMicros(time) ?? (readIso(time) ?? readClf(time))?.civil;
};

// ------------------------------------------------------------------------------------------------------------- parser

// … "curl/7.79" TCP_DENIED:HIER_NONE: a log of Squid's in the combined format
const CACHE = /" (?:TCP|UDP|NONE|TAG)_?[A-Z_]{0,40}:(?:HIER_)?[A-Z_]{4,40}(?: |$)/;

/** HAProxy writes Apache's form too (`option httplog clf`), under its own name. */
const PROXY = /^(?:haproxy|hapee-lb)/;

const claims = ({ text, envelope }: RawRecord): boolean =>
  TIME.test(text)
    ? !CACHE.test(text.slice(-200)) && !PROXY.test(envelope.program ?? '') && isLine(envelope.message)
    : text.includes('{"') || text.includes('{ "')
      ? readAccessJson(envelope.message.trim()) !== undefined
      : false;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const { message, host, program, civil } = record.envelope;
    const fields: Fields = {};
    let time: Civil | number | undefined;
    let unreadable = false;
    if (isLine(message)) {
      time = readLine(fields, message);
      unreadable = true;
    } else {
      const json = readAccessJson(message.trim());
      if (json === undefined)
        return rejected('not-this-format', 'no access log line: [day/month/year:time zone] "request"');
      time = putJson(fields, json);
      unreadable = json.known.has('time');
    }
    time ??= civil;
    if (time === undefined) warn(fields, unreadable ? 'time-unreadable' : 'time-missing');
    clock.stamp(fields, time);
    if (fields['host.name'] === undefined) put(fields, 'host.name', host);
    put(fields, 'service.type', /^(?:nginx|apache|httpd)/.exec(program ?? '')?.[0].replace('httpd', 'apache'));
    return { kind: 'event', act: 'http-request', fields };
  };

export default {
  id: 'apache-nginx-access',
  title: 'Apache httpd and nginx access logs',
  references: [
    { title: 'Apache httpd: mod_log_config', url: 'https://httpd.apache.org/docs/2.4/mod/mod_log_config.html' },
    { title: 'Apache httpd: log files', url: 'https://httpd.apache.org/docs/2.4/logs.html' },
    { title: 'nginx: ngx_http_log_module', url: 'https://nginx.org/en/docs/http/ngx_http_log_module.html' },
    { title: 'Caddy: how logging works', url: 'https://caddyserver.com/docs/logging' },
    { title: 'Traefik: logs and access logs', url: 'https://doc.traefik.io/traefik/observe/logs-and-access-logs/' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: [
    'common, combined and vhost_combined formats, forwarding lists in front, further fields behind',
    'mod_ssl request log, Confluence access log',
    'JSON formats with the usual names of the variables, of Caddy and of Traefik',
  ],
  limits: [
    'fields behind the agent have the meaning the administrator chose: they are kept in web.access.extra',
    'of a forwarding list the first public address counts as the client; clients can write such lists themselves',
  ],
  recognise: recogniseBy(claims, 'are access log lines', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
