import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { openPeers } from '../../src/parse/kit/peers.ts';
import { type Phrase, putKind, readPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-11-02T07:15:30.123456Z · 2021-11-02 08:15:30 · 2021-11-02  8:15:30 (MariaDB) · 211102  8:15:30 (until 5.5, MariaDB's query log)
const TIME =
  /^(?:(\d{4}-\d\d-\d\d)[T ] ?(\d{1,2}:\d\d:\d\d(?:\.\d{6})?(?:Z|[+-]\d\d:\d\d)?)|(\d\d)(\d\d)(\d\d) {1,2}(\d{1,2}:\d\d:\d\d))(?=[ \t])/;

// 12 [Note] [MY-010926] [Server] Access denied … · 12 [Warning] Access denied … · [Warning] Access denied …
const REPORT = /^(?:(\d{1,20}) )?\[(Note|Warning|ERROR|System)\] (?:\[(MY-\d{6})\] \[(\w{1,32})\] )?(.*)$/s;

const COMMANDS =
  'Connect Out|Connect|Init DB|Quit|Query|Field List|Create DB|Drop DB|Refresh|Shutdown|Statistics|Processlist|Kill|Debug|Ping|Change user|Binlog Dump GTID|Binlog Dump|Register (?:Slave|Replica)|Prepare|Execute|Long Data|Close stmt|Reset stmt|Set option|Fetch|Reset Connection|Bulk_execute|Daemon|Sleep|Time|Error|Table Dump|Delayed insert';
// 2021-11-02T07:15:30.123456Z⇥   12 Connect⇥root@… · ⇥⇥   12 Query⇥select 1: in the second of the line before; a collector may have made blanks of the tabs
const COMMAND = new RegExp(`^\\t{1,2} {0,20}(\\d{1,20}) (${COMMANDS})(?:(?:\\t| {2,8})(.*))?$`, 's');
/** What the server writes above a query log when it opens it. */
const HEADER =
  /^(?:\S{1,300}, Version: .{1,200} started with:|Tcp port: |TCP Port: |Time[ \t]{1,24}Id {1,3}Command[ \t]{1,4}Argument)/;

// root@198.51.100.9 on praxis using TCP/IP · kim@localhost as anonymous on · the names are the client's
const ATTEMPT =
  /^(?<user>.{0,256})@(?:localhost|(?<ip>[^\s@]{1,255}))(?: as \S{1,256})? on (?<db>.{0,256}?)(?: using (?<via>TCP\/IP|SSL\/TLS|Socket|Named Pipe|Shared Memory))?$/s;
const WHERE = /@\S{1,255}(?: as \S{1,256})? on /g;

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Access denied for user 'root'@'198.51.100.9' (using password: YES) · … to database 'x' · …. Account is locked.
  [/^Access denied for user '(?<user>.{0,256})'@'(?:localhost|(?<ip>[^']{1,255}))?'(?: \((?<reason>using password: (?:YES|NO))\)| to database '.{0,256}'|\. (?<why>Account is locked)\.)?\.?$/s, 'login-failed', 'login', 'refused'],
  [/^(?<reason>Access denied) for user '/, 'login-failed', 'login', 'refused'],
  [/^Host '(?<ip>[^']{1,255})' is (?:not allowed to connect|blocked because of many connection errors)/, 'host-refused', 'flow-denied', 'denied'],
  // Aborted connection 12 to db: 'unconnected' user: 'unauthenticated' host: '198.51.100.9' (This connection closed …)
  [/^Aborted connection \d{1,20} to db: '(?:.{0,256}?)' user: '(?:unauthenticated|unconnected)' host: '(?:localhost|(?<ip>[^']{1,255}))' \((?<reason>.{1,200})\)\.?$/s, 'connection-aborted', 'other', 'broken'],
  [/^Aborted connection \d{1,20} to db: '(?:.{0,256}?)' user: '(?<user>.{0,256})' host: '(?:localhost|(?<ip>[^']{1,255}))' \((?<reason>.{1,200})\)\.?$/s, 'connection-aborted', 'other', 'broken'],
  [/^IP address '(?<ip>[\da-fA-F.:]{2,45})' (?:could not be resolved|has been resolved)/, 'name-lookup', 'other', 'info'],
  [/(?:^|: )(?:ready for connections|Normal shutdown|Shutdown complete|Starting (?:MariaDB|MySQL))|\) starting as process \d|^(?:Received SHUTDOWN|Server socket created)/, 'state', 'source-state', 'state'],
];

type Line = { readonly civil: Civil | undefined } & (
  | {
      readonly of: 'errors';
      readonly level: string;
      readonly thread: string | undefined;
      readonly code: string | undefined;
      readonly text: string;
    }
  | { readonly of: 'queries'; readonly thread: string; readonly command: string; readonly text: string }
);

const timeOf = (text: string): { civil: Civil | undefined; end: number } => {
  const m = TIME.exec(text.slice(0, 48));
  if (m === null) return { civil: undefined, end: 0 };
  const date = m[1] ?? `20${m[3]}-${m[4]}-${m[5]}`;
  return { civil: readIso(`${date} ${m[2] ?? m[6]}`)?.civil, end: m[0].length };
};

const read = ({ text, envelope }: RawRecord): Line | undefined => {
  const isSyslog = /^(?:mysqld|mariadbd|mysql)(?:-[\w.-]{1,48})?$/.test(envelope.program ?? '');
  const line = isSyslog ? envelope.message : text;
  const { civil, end } = timeOf(line);
  const body = line.slice(end);
  const query = COMMAND.exec((civil === undefined ? body : body.replace(/^ {2,28}(?=\d)/, '\t')).slice(0, 8192));
  if (query !== null && (civil !== undefined || end === 0))
    return {
      of: 'queries',
      civil,
      thread: query[1] as string,
      command: query[2] as string,
      text: query[3]?.trimEnd() ?? '',
    };
  if (civil === undefined && !isSyslog) return undefined;
  const m = REPORT.exec(body.slice(0, 8192).trimStart());
  if (m === null) return undefined;
  return {
    of: 'errors',
    civil: civil ?? envelope.civil,
    thread: m[1],
    level: m[2] as string,
    code: m[3],
    text: (m[5] as string).trimEnd(),
  };
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

/** A connection of the query log: who asked to be let in, until the server lets something be done or refuses. */
interface Connection {
  readonly who?: Readonly<Fields>;
  readonly in?: true;
}

const readAttempt = (text: string): Fields => {
  const fields: Fields = {};
  const m = ATTEMPT.exec(text.trimEnd());
  if (m === null) return fields;
  const { user, ip, db, via } = m.groups ?? {};
  put(fields, 'mysql.database', db);
  put(fields, 'mysql.connection', via);
  // names may hold what looks like a host: none of them is then sure
  if ([...text.matchAll(WHERE)].length > 1) {
    warn(fields, 'address-ambiguous');
    return fields;
  }
  putUser(fields, 'user', user);
  readPhrase(fields, [[/^(?<ip>.*)$/, 'connect', 'other', 'asked']], ip ?? '');
  return fields;
};

const open: Parser['open'] = ({ clock }) => {
  const connections = openPeers((): Connection => ({}));
  let begun = false;
  let last: Civil | undefined;

  const readCommand = (fields: Fields, thread: string, command: string, text: string): Act => {
    put(fields, 'event.action', command.toLowerCase().replaceAll(' ', '-'));
    const before = connections.get(thread);
    if (command === 'Connect' && !text.startsWith('Access denied for user')) {
      // logged before the server decides: what comes next tells
      const who = readAttempt(text);
      connections.put(thread, { who });
      Object.assign(fields, who);
      putKind(fields, 'asked');
      return 'other';
    }
    if (command === 'Connect') {
      connections.forget(thread);
      return readPhrase(fields, PHRASES, text) ?? 'other';
    }
    Object.assign(fields, before?.who);
    put(fields, 'event.action', command.toLowerCase().replaceAll(' ', '-'));
    if (command === 'Quit') connections.forget(thread);
    else if (before !== undefined) connections.put(thread, { ...before, in: true });
    if (before !== undefined && before.in !== true && command !== 'Error') {
      // only who was let in can send a command
      put(fields, 'event.action', 'first-command');
      putKind(fields, 'passed');
      return 'login';
    }
    if (command === 'Quit' && before !== undefined) {
      putKind(fields, 'left');
      return 'logout';
    }
    categorise(fields, ['database'], ['info']);
    return 'other';
  };

  return (record) => {
    if (record.text.trim() === '') return BLANK;
    if (HEADER.test(record.text)) return { kind: 'skipped', reason: 'header' };
    const line = read(record);
    if (line === undefined) {
      // statements and reports go over several lines, of which none has a time
      return begun && record.envelope.civil === undefined && timeOf(record.text).civil === undefined
        ? { kind: 'joined' }
        : rejected('not-this-format', 'no line of a MySQL or MariaDB server');
    }
    begun = record.envelope.program === undefined;
    last = line.civil ?? last;
    const fields: Fields = { 'service.type': 'mysql' };
    if (last === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, last);
    put(fields, 'host.name', begun ? undefined : record.envelope.host);
    putNumber(fields, 'process.thread.id', line.thread);
    put(fields, 'message', line.text);
    relateAddresses(fields, line.text.slice(0, 4096));
    if (line.of === 'queries')
      return { kind: 'event', act: readCommand(fields, line.thread, line.command, line.text), fields };
    put(fields, 'log.level', line.level.toLowerCase());
    put(fields, 'error.code', line.code);
    const act = readPhrase(fields, PHRASES, line.text.slice(0, 4096));
    if (act === undefined) categorise(fields, ['database'], ['info']);
    return { kind: 'event', act: act ?? 'other', fields };
  };
};

export default {
  id: 'mysql',
  title: 'MySQL and MariaDB: error log, general query log',
  references: [
    { title: 'MySQL 8.0: The error log', url: 'https://dev.mysql.com/doc/refman/8.0/en/error-log.html' },
    { title: 'MySQL 8.0: The general query log', url: 'https://dev.mysql.com/doc/refman/8.0/en/query-log.html' },
    { title: 'MariaDB: Error log', url: 'https://mariadb.com/kb/en/error-log/' },
    { title: 'MariaDB: General query log', url: 'https://mariadb.com/kb/en/general-query-log/' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'us' },
  versions: ['MySQL 5.5–8.4', 'MariaDB 5.5–11'],
  families: [
    'refused and aborted connections, starts and stops; of the query log who connected, whether it was let in, when it left',
  ],
  limits: [
    'An error log tells refused logins only where its verbosity is raised (MySQL) or log_warnings is 2 (MariaDB), and none that passed.',
    'A query log writes Connect before the server decides: the login that passed is the first command behind it.',
    'Statements are kept as text; a line within one that has the form of the log is taken for one of its own.',
  ],
  recognise: recogniseBy(claims, 'are lines of a MySQL or MariaDB server', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
