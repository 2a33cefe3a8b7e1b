import { addressClass } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readCtime, readIso } from '../../src/parse/kit/civil.ts';
import { putSecurityAlert } from '../../src/parse/kit/modsecurity.ts';
import { categorise, keepVendor, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequestLine } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const LEVELS = 'emerg|alert|crit|error|warn|notice|info|debug|trace[1-8]';

interface Line {
  readonly product: 'apache' | 'nginx';
  readonly civil?: Civil | undefined;
  readonly level: string;
  readonly logger?: string | undefined;
  readonly pid?: string | undefined;
  readonly thread?: string | undefined;
  readonly connection?: string | undefined;
  readonly message: string;
}

// [Wed Oct 20 19:20:59.121211 2021] [rewrite:trace3] [pid 121591:tid 140413273032448] message · [Mon Dec 26 16:17:53 2016] [error] message
const APACHE = new RegExp(
  `^(?:\\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]?\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})? \\d{4})\\] )?` +
    `\\[(?:([\\w-]{0,32}):)?(${LEVELS})\\] (?:\\[pid (\\d{1,10})(?::tid (\\d{1,20}))?\\] )?`,
);
// 2021/10/29 20:01:02 [error] 256554#0: *99927 message
const NGINX =
  /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[([a-z]{2,8})\] (\d{1,10})(?:#|:)(\d{1,20})(?::|(?= )|$) ?(?:\*(\d{1,20}) )?/;

// [client 198.51.100.7] … · Apache/2.4.41 (Ubuntu) configured -- resuming normal operations · caught SIGTERM, shutting down
const TELLING =
  /^(?:\[(?:client|remote) |Apache\b|caught SIG|Graceful restart|suEXEC mechanism|Digest: generating|mod_\w{1,32}: |AH\d{5}: )/;

const lineOf = (text: string): Line | undefined => {
  const nginx = NGINX.exec(text);
  if (nginx !== null)
    return {
      product: 'nginx',
      civil: readIso(nginx[1] as string)?.civil,
      level: nginx[2] as string,
      pid: nginx[3],
      thread: nginx[4],
      connection: nginx[5],
      message: text.slice(nginx[0].length),
    };
  const apache = APACHE.exec(text);
  if (apache === null) return undefined;
  // without a time only what follows tells it from any bracketed word
  if (apache[1] === undefined && !TELLING.test(text.slice(apache[0].length))) return undefined;
  return {
    product: 'apache',
    civil: apache[1] === undefined ? undefined : readCtime(apache[1])?.civil,
    level: apache[3] as string,
    logger: apache[2],
    pid: apache[4],
    thread: apache[5],
    message: text.slice(apache[0].length),
  };
};

// ------------------------------------------------------------------------------------------------------------- fields

// [client 198.51.100.7:40110] · [client 2001:db8::7] · [client [2001:db8::7]:51548] · [client 198.51.100.7] [client 198.51.100.7] ModSecurity · [remote 192.0.2.5:8080]
const CLIENT =
  /^(.{0,300}?)\[(client|remote) ([0-9a-zA-Z.:%_-]{1,255}|\[[0-9a-fA-F:.%\w]{2,64}\](?::\d{1,5})?)\] ?(?:\[client [^\]]{1,64}\] ?)?/s;
const PORT = /^((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:.]{1,39}:[0-9a-fA-F.]{1,15}):(\d{1,5})$/;
const BRACKETED = /^\[([^\]]{2,64})\](?::(\d{1,5}))?$/;
// , referer: https://www.example.com/
const REFERER = /, referer: (\S{1,8192})$/;

/** Apache cannot be asked whether `::1:37752` has a port: a port is there where the process id is, since 2.4. */
const putClient = (fields: Fields, side: string, text: string, ported: boolean): void => {
  const m = BRACKETED.exec(text) ?? (ported || /^[\d.]+:\d+$/.test(text) ? PORT.exec(text) : null);
  putEndpoint(fields, side, m?.[1] ?? text);
  putNumber(fields, `${side}.port`, m?.[2]);
};

/** Modules that only speak of what a client asked for: behind HTTP/2, httpd calls that client remote too. */
const OF_REQUESTS = /^(?:auth|cgi|autoindex|dir$|negotiation|rewrite|security|php)/;

/** What is left when the client, the message code and the referrer are taken off. */
const putApache = (fields: Fields, line: Line): string => {
  let text = line.message;
  const client = CLIENT.exec(text);
  if (client !== null && !/\[(?:file|id) "/.test(client[1] as string)) {
    const asks = client[2] === 'client' || OF_REQUESTS.test(line.logger ?? '');
    putClient(fields, asks ? 'source' : 'destination', client[3] as string, line.pid !== undefined);
    text = (client[1] as string) + text.slice(client[0].length);
  }
  // AH01614: client used wrong authentication scheme
  put(fields, 'event.code', /(?:^|: )(AH\d{5}): /.exec(text.slice(0, 400))?.[1]);
  const referer = REFERER.exec(text.slice(-8300))?.[1];
  put(fields, 'http.request.referrer', referer);
  return referer === undefined ? text : text.slice(0, -(referer.length + 11));
};

// , client: 198.51.100.7, server: www.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1/", host: "…", referrer: "…"
const NGINX_CONTEXT =
  /,\s(client|server|request|subrequest|upstream|host|referrer|login|peer|responder): (?:"((?:[^"\\]|\\.){0,16384})"?|([^,]{1,512}))/gs;

// 192.0.2.25:143 · [2001:db8::25]:993 · 0.0.0.0:443   where nginx listened: the mail proxy's servers have no name
const LISTENED = /^\[?([0-9a-fA-F.:*]{1,45}?)\]?:(\d{1,5})$/;

const putServer = (fields: Fields, host: string | undefined, server: string | undefined): void => {
  const listened = LISTENED.exec(server ?? '');
  if (listened !== null && addressClass(listened[1] as string) !== 'unspecified')
    putIp(fields, 'destination.ip', listened[1]);
  putNumber(fields, 'destination.port', listened?.[2]);
  // `_` stands for no name
  const name = host ?? (listened === null && server !== '_' ? server : undefined);
  put(fields, 'url.domain', name?.toLowerCase().replace(/:\d{1,5}$/, ''));
};

// client 198.51.100.7:53044 connected to 192.0.2.25:143
const CONNECTED = /^client ([0-9a-fA-F.:]{3,45}?):(\d{1,5}) connected to (\S{3,51})/;

const putNginx = (fields: Fields, line: Line): string => {
  const pairs = new Map<string, string>();
  // a client writes the request: the first context of each kind that stands before it counts
  const from = line.message.lastIndexOf(', client: ');
  const context = from < 0 ? line.message : line.message.slice(from);
  for (const m of context.matchAll(NGINX_CONTEXT))
    if (!pairs.has(m[1] as string)) pairs.set(m[1] as string, m[2] ?? (m[3] as string));
  const connected = CONNECTED.exec(line.message);
  putEndpoint(fields, 'source', connected?.[1]);
  putNumber(fields, 'source.port', connected?.[2]);
  putServer(fields, undefined, connected?.[3]);
  const client = pairs.get('client');
  if (client !== undefined) putClient(fields, 'source', client.replace(/^unix:.*/, '-'), false);
  const request = pairs.get('request');
  if (request !== undefined && !putRequestLine(fields, request)) put(fields, 'nginx.error.request', request);
  putServer(fields, pairs.get('host'), pairs.get('server'));
  put(fields, 'http.request.referrer', pairs.get('referrer'));
  putUser(fields, 'user', pairs.get('login'), true);
  keepVendor(
    fields,
    'nginx.error',
    [...pairs].filter(([key]) => /^(?:server|subrequest|upstream|peer|responder)$/.test(key)),
  );
  return from < 0 ? line.message : line.message.slice(0, from);
};

// ------------------------------------------------------------------------------------------------------------- what happened

/** Refused logins of Basic and Digest authentication; `user` is the client's word. */
const LOGINS: readonly RegExp[] = [
  // nginx: user "k.maier" was not found in "/etc/nginx/htpasswd" · user "k.maier": password mismatch
  /^user "(?<user>.{0,512}?)"(?: was not found in|: password mismatch)/,
  // user k.maier not found: /private · user k.maier: authentication failure for "/private": Password Mismatch
  /(?:^|: )user (?!`)(?<user>.{0,255}?)(?: not found:|: (?:authentication failure|password mismatch|authorization failure)|: one-time-nonce mismatch)/,
  // Digest: user `k.maier' in realm `r' not found: /x · Digest: user k.maier: password mismatch: /x · invalid nonce; 2.4: AH01790: user `k.maier' …
  /(?:Digest: |^AH017[789]\d: )(?:user [`'](?<user>.{0,255}?)' in realm .{0,255} (?:not found|denied by provider)|invalid nonce|unknown algorithm|invalid qop|uri mismatch|realm mismatch)/,
  // access to /x failed, reason: user 'k.maier' does not meet 'require'ments
  /access to .{0,1024} failed(?: for .{1,255})?, reason: (?:user '?(?<user>[^' ]{1,255})'? |require directives present|unable to)/,
  // Authorization of user k.maier to access /x failed, reason: file owner bob does not match.
  /^(?:AH\d{5}: )?Authorization of user (?<user>.{0,255}?) to access .{0,1024} failed, reason: /,
  // nginx with ngx_http_auth_pam: PAM: user 'k.maier' - not authenticated: Authentication failure
  /^PAM: user '(?<user>.{0,255}?)' - not authenticated: /,
  // mod_authnz_ldap: auth_ldap authenticate: user k.maier authentication failed; URI /private [User not found][No such object]
  /auth_ldap authenticate: user (?<user>.{0,255}?) authentication failed; URI /,
  /client used wrong authentication scheme|^client login failed: "|no user\/password was provided/,
];
// ModSecurity: Warning. … · ModSecurity: Access denied with code 403 (phase 2). …; at its start it tells its libraries: LUA compiled version="Lua 5.1"
const SECURITY = /ModSecurity: (?!\w{1,16} compiled version=|StatusEngine|Status engine|Loaded )/;

const readSecurity = (fields: Fields, text: string): Act => {
  putSecurityAlert(fields, text);
  const denied = /ModSecurity: +Access denied/.test(text);
  fields['event.action'] = denied ? 'access-denied' : 'rule-matched';
  categorise(fields, ['web', 'intrusion_detection'], [denied ? 'denied' : 'info']);
  return 'threat';
};

const STATE =
  /configured -- resuming normal operations|caught SIG|Graceful restart|shutting down|signal process started|start worker process|gracefully shutting|exiting$|AH00094|^nginx\/\d/;
// File does not exist: /var/www/html/x · script '/var/www/x.php' not found or unable to stat · open() "/var/www/x" failed
const FILE =
  /(?:File does not exist:|denied by server configuration:|Directory index forbidden by (?:rule|Options directive):|script not found or unable to stat:) (\/[^,\n]{0,4096})|script '([^'\n]{1,4096})' not found|open\(\) "([^"\n]{1,4096})" failed/;

/** Ports of the mail proxy. */
const SERVICES = new Map([
  [143, 'imap'],
  [993, 'imap'],
  [110, 'pop3'],
  [995, 'pop3'],
  [25, 'smtp'],
  [465, 'smtp'],
  [587, 'smtp'],
]);

const login = (fields: Fields, passed: boolean): Act => {
  fields['service.type'] = SERVICES.get(Number(fields['destination.port'])) ?? 'web';
  fields['event.action'] = passed ? 'authenticated' : 'authentication-failed';
  categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
  return 'login';
};

const readMessage = (fields: Fields, line: Line, text: string): Act => {
  put(fields, 'event.reason', text.slice(0, 8192));
  const failed = /^(?:emerg|alert|crit|error)$/.test(line.level);
  if (SECURITY.test(text)) return readSecurity(fields, line.message);
  for (const pattern of LOGINS) {
    const m = pattern.exec(text.slice(0, 4096));
    if (m === null) continue;
    putUser(fields, 'user', m.groups?.['user']);
    return login(fields, false);
  }
  if (text === 'client logged in') return login(fields, true);
  const file = FILE.exec(text.slice(0, 8192));
  put(fields, 'file.path', file?.[1] ?? file?.[2] ?? file?.[3]);
  categorise(fields, ['web'], [failed ? 'error' : 'info'], failed ? 'failure' : undefined);
  if (STATE.test(text)) return 'source-state';
  const asked = fields['http.request.method'] !== undefined || fields['source.address'] !== undefined;
  return asked && failed ? 'http-request' : 'other';
};

// ------------------------------------------------------------------------------------------------------------- parser

// web-1 nginx[983]: 2021/10/31 …   (a header whose time was cut off)
const UNTIMED = /^\S{1,64} (?:nginx|httpd|apache2?)(?:\[\d{1,10}\])?: /;

const read = ({ text, envelope }: RawRecord): Line | undefined =>
  lineOf(text) ?? lineOf(envelope.message === text ? text.replace(UNTIMED, '') : envelope.message);

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    if (line === undefined)
      return rejected('not-this-format', 'no error log line: [time] [level] message, time [level] pid#tid: message');
    const fields: Fields = {};
    const syslog = !record.text.startsWith('[') && !/^\d{4}\//.test(record.text);
    clock.stamp(fields, line.civil ?? (syslog ? record.envelope.civil : undefined));
    if (syslog) put(fields, 'host.name', record.envelope.host);
    put(fields, 'log.level', line.level);
    put(fields, 'log.logger', line.logger);
    putNumber(fields, 'process.pid', line.pid);
    putNumber(fields, 'process.thread.id', line.thread === '0' ? undefined : line.thread);
    put(fields, 'nginx.error.connection', line.connection);
    fields['service.name'] = line.product;
    fields['message'] = line.message;
    const text = line.product === 'nginx' ? putNginx(fields, line) : putApache(fields, line);
    const act = readMessage(fields, line, text);
    relateAddresses(fields, line.message.slice(0, 16_384));
    return { kind: 'event', act, fields };
  };

const claims = (record: RawRecord): boolean => read(record) !== undefined;

export default {
  id: 'apache-nginx-error',
  title: 'Apache httpd and nginx error logs',
  references: [
    { title: 'Apache httpd: ErrorLogFormat', url: 'https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat' },
    { title: 'nginx: error_log', url: 'https://nginx.org/en/docs/ngx_core_module.html#error_log' },
    { title: 'ModSecurity reference manual', url: 'https://github.com/owasp-modsecurity/ModSecurity/wiki' },
  ],
  // what begins neither like a line of these logs nor like syslog or an access log continues a message (PHP traces)
  framing: {
    startsWith:
      /^(?:\[[A-Za-z]|\d{4}\/\d\d\/\d\d |<\d{1,3}>|[A-Z][a-z]{2} [ \d]?\d \d\d:|\d{4}-\d\d-\d\dT|\S{1,255} \S{1,255} \S{1,255} \[|\S{1,64} (?:nginx|httpd|apache2?)[[:])/,
  },
  states: { zone: 'unstated', year: 'stated', resolution: 'us' },
  families: [
    'Apache 2.2 and 2.4, nginx for HTTP and mail; in files and behind syslog, messages over several lines',
    'refused logins of Basic and Digest authentication, ModSecurity verdicts, files that were asked for, starts and stops',
  ],
  limits: ['a request that failed is also in the access log; user names in refusals are what the client said'],
  recognise: recogniseBy(claims, 'are error log lines', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
