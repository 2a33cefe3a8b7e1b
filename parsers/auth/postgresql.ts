import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, civilOfInstant, epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { type Json, readObject, textAt, valueAt } from '../../src/parse/kit/json.ts';
import { openReports, type Report } from '../../src/parse/kit/postgresql.ts';
import { put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** How far into a line its level may stand: time, user, database, client and program may stand before it. */
const PREFIX_MAX = 600;
// `LOG:  `, `FATAL:  `: always two blanks. In front of it what log_line_prefix says
const LEVEL =
  /(?<![\w"])(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|FEHLER|WARNUNG|HINWEIS|PANIK|TIPP|ANWEISUNG|ANFRAGE|ZUSAMMENHANG|KONTEXT|ORT): {2}/g;
/** They continue the report before them. */
const FURTHER = /^(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|TIPP|ANWEISUNG|ANFRAGE|ZUSAMMENHANG|KONTEXT|ORT)$/;
// LOG:  connection authorized: … in front of the true level: what a user name imitates
const LET_IN = /^LOG: {2}(?:(?:replication )?connection auth|(?:Replikationsv|V)erbindung autorisiert)/;

/** `%t` and `%m` with a zone's name: 2021-11-02 08:15:30.123 CET */
const ZONE = /^ ([A-Z]{3,5})(?=[\s:[\]<>-]|$)/;
/** `%n`: 1635837330.123 */
const EPOCH = /^(\d{10}\.\d{3})(?=\D)/;
/** In front of the time, as Red Hat has it: `< 2021-11-02 … >` */
const OPENING = /^[<[(]? ?/;

/** `[1234]`, `[1234-1]`; a session id's second half is the process too: `6180e6d2.4d2` */
const PID = /\[(\d{1,10})(?:-\d{1,10})?\]/;
const SESSION = /(?<![\w.])[\da-f]{8}\.([\da-f]{1,8})(?![\w.])/;
// user=kim,db=praxis,app=psql,client=192.0.2.7: the client chooses all but the last
const USER = /\buser=([^,\s]{0,256})/;
const DATABASE = /\b(?:db|database)=([^,\s]{0,256})/;
const CLIENT = /.*\b(?:client|host|remote)=([^,\s()]{1,255})(?:\((\d{1,5})\))?/s;
const APP = /\bapp=([^,]{0,128}),/;
// kim@praxis
const AT = /(?:^|[\s:])([^\s:@[\]<>=,]{1,256})@([^\s:@[\]<>=,]{1,256})(?=$|[\s:])/;
// 192.0.2.7(50112) · 2001:db8::7(50112) · pc7.example(50112) · 192.0.2.7
const REMOTE =
  /(?:^|[\s:[])(?:((?:\d{1,3}\.){3}\d{1,3}|[\da-fA-F]{1,4}:[\da-fA-F:.]{1,44}|[\w.-]{1,255}(?=\())(?:\((\d{1,5})\)|(?=[\s:\]]|$)))/;

interface Line {
  readonly civil: Civil | undefined;
  readonly report: Report;
  /** Two levels stand in the line: one of them is in a client's text. */
  readonly odd: boolean;
  /** The form is the server's beyond doubt. */
  readonly sure: boolean;
}

const timeOf = (text: string): { civil: Civil; end: number } | undefined => {
  const start = OPENING.exec(text)?.[0].length ?? 0;
  const epoch = EPOCH.exec(text.slice(start, start + 20))?.[1];
  const instant = epoch === undefined ? undefined : epochMicros(epoch);
  if (instant !== undefined) return { civil: civilOfInstant(instant), end: start + (epoch as string).length };
  const read = readIso(text, start);
  if (read === undefined) return undefined;
  const zone = read.civil.offset === undefined ? ZONE.exec(text.slice(read.end, read.end + 8))?.[1] : undefined;
  return zone === undefined ? read : { civil: { ...read.civil, zone }, end: read.end + zone.length + 1 };
};

const prefixOf = (prefix: string): Partial<Report> => {
  const at = USER.test(prefix) ? null : AT.exec(prefix);
  const client = CLIENT.exec(prefix) ?? REMOTE.exec(prefix);
  const session = SESSION.exec(prefix)?.[1];
  return {
    pid: PID.exec(prefix)?.[1] ?? (session === undefined ? undefined : String(Number.parseInt(session, 16))),
    user: USER.exec(prefix)?.[1] ?? at?.[1],
    database: DATABASE.exec(prefix)?.[1] ?? at?.[2],
    host: client?.[1],
    port: client?.[2],
    program: APP.exec(prefix)?.[1],
  };
};

/** Further lines of a message are messages of their own there: `[2-3] #011Connection matched …` */
const SYSLOG_FURTHER = /^\[\d{1,10}-\d{1,6}\] (?:#011|\t)/;

const readText = ({ text, envelope }: RawRecord): Line | undefined => {
  // postgres[1234]: [3-1] 2021-11-02 08:15:30.123 CET [1234] LOG:  …
  const isSyslog = /^postgres(?:ql)?(?:-[\w.-]{1,48})?$/.test(envelope.program ?? '');
  const further = isSyslog ? SYSLOG_FURTHER.exec(envelope.message) : null;
  if (further !== null) {
    const message = envelope.message.slice(further[0].length);
    return {
      civil: envelope.civil,
      report: { level: '', message, pid: envelope.pid?.toString() },
      odd: false,
      sure: true,
    };
  }
  const line = isSyslog ? envelope.message.replace(/^\[\d{1,10}-\d{1,6}\] /, '') : text;
  const time = timeOf(line.slice(0, 64));
  if (time === undefined && !isSyslog) return undefined;
  const start = time?.end ?? 0;
  const levels = [...line.slice(0, PREFIX_MAX).matchAll(LEVEL)];
  const first = levels[0];
  if (first === undefined || first.index < start) return undefined;
  const refusal = LET_IN.test(line.slice(first.index)) ? levels.find(([, word]) => word === 'FATAL') : undefined;
  const level = refusal ?? first;
  // Azure ends it with a hyphen, RDS with a colon
  const prefix = line.slice(start, level.index).replace(/[-:>\s]{1,3}$/, '');
  const parts = prefixOf(prefix);
  return {
    civil: time?.civil ?? envelope.civil,
    report: {
      ...parts,
      pid: parts.pid ?? (isSyslog ? envelope.pid?.toString() : undefined),
      level: level[1] as string,
      message: line.slice(level.index + level[0].length).trimEnd(),
    },
    odd: refusal !== undefined,
    sure: isSyslog || parts.pid !== undefined || parts.user !== undefined || CONNECTION.test(line.slice(level.index)),
  };
};

/** What no other program writes behind a level. */
const CONNECTION =
  /^(?:LOG: {2}(?:(?:dis)?connection|database system|Verbindung|replication connection)|FATAL: {2}.{1,40}(?:authentication failed|-Authentifizierung|pg_hba\.conf))/;

/** jsonlog, and the same under csvlog's names, as CloudNativePG writes it in a member `record`. */
const readJson = (text: string): Line | undefined => {
  if (!text.includes('"error_severity"')) return undefined;
  const whole = readObject(text);
  const object = (valueAt(whole, 'record') ?? whole) as Json | undefined;
  const level = textAt(object, 'error_severity');
  const stamp = textAt(object, 'timestamp', 'log_time');
  if (level === undefined || stamp === undefined || valueAt(object, 'session_id') === undefined) return undefined;
  const [host, port] = /^(.{1,255}):(\d{1,5})$/.exec(textAt(object, 'connection_from') ?? '')?.slice(1, 3) ?? [];
  return {
    civil: timeOf(stamp)?.civil,
    report: {
      level,
      message: textAt(object, 'message') ?? '',
      detail: textAt(object, 'detail'),
      state: textAt(object, 'state_code', 'sql_state_code'),
      pid: textAt(object, 'pid', 'process_id'),
      user: textAt(object, 'user', 'user_name'),
      database: textAt(object, 'dbname', 'database_name'),
      host: textAt(object, 'remote_host') ?? host?.replace(/^\[|\]$/g, ''),
      port: textAt(object, 'remote_port') ?? port,
      program: textAt(object, 'application_name'),
    },
    odd: false,
    sure: true,
  };
};

const read = (record: RawRecord): Line | undefined =>
  record.text.startsWith('{') ? readJson(record.text) : readText(record);

const claims = (record: RawRecord): boolean => read(record)?.sure === true;

const open: Parser['open'] = ({ clock }) => {
  const putReport = openReports();
  /** The process whose report was last read from a file of the server's own, where its further lines follow at once. */
  let last: { readonly pid: string | undefined } | undefined;
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = read(record);
    const own = record.envelope.program === undefined;
    if (line === undefined) {
      // further lines of a message are indented
      if (last !== undefined && record.text.startsWith('\t')) return { kind: 'joined' };
      return rejected('not-this-format', 'no line of a PostgreSQL server');
    }
    const { civil, report, odd } = line;
    if (own && FURTHER.test(report.level) && last !== undefined && last.pid === report.pid) return { kind: 'joined' };
    last = own ? { pid: report.pid } : undefined;
    const fields: Fields = {};
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    put(fields, 'host.name', record.envelope.program === undefined ? undefined : record.envelope.host);
    if (odd) warn(fields, 'level-ambiguous');
    return { kind: 'event', act: putReport(fields, report), fields };
  };
};

export default {
  id: 'postgresql',
  title: 'PostgreSQL server log: stderr, syslog, jsonlog',
  references: [
    {
      title: 'PostgreSQL: Error reporting and logging',
      url: 'https://www.postgresql.org/docs/current/runtime-config-logging.html',
    },
    { title: 'PostgreSQL: Error codes', url: 'https://www.postgresql.org/docs/current/errcodes-appendix.html' },
    {
      title: 'PostgreSQL: Authentication problems',
      url: 'https://www.postgresql.org/docs/current/client-authentication-problems.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  versions: ['9.6–17'],
  families: [
    'connections received, authenticated, authorized and ended; refused logins; parameters changed, starts and stops; behind any log_line_prefix with a time',
  ],
  limits: [
    'log_connections is off by default: a server then only tells whom it refused, without an address unless log_line_prefix has %h or %r',
    'messages in other languages than English and German are kept as text; with an SQLSTATE refused logins are known all the same',
  ],
  recognise: recogniseBy(claims, 'are lines of a PostgreSQL server', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
