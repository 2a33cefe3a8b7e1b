import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { categorise, put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-11-02 08:15:30.21 Logon       Login failed for user 'sa'. Reason: … [CLIENT: 192.0.2.7]
// 2021-11-02 08:15:30.21 spid51      …   · Server · Backup · spid12s · Logon
const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{2} (.{1,64}?) {2,12}(\S.*)$/s;
/** `Server`, `Logon`, `Backup`, `spid51`, `spid12s`, `(c)`; hostile text may stand in front. */
const SOURCE =
  /(?:^|: )(Server|Logon|Anmeldung|Backup|Sicherung|Service Broker|Unknown|ExtendedRecovery|\(c\)|spid\d{1,6}s?)$/;

// [CLIENT: 192.0.2.7] · [CLIENT: <local machine>] · [CLIENT: fe80::1%4] · [CLIENT: <named pipe>] at the very end: a name stands before it
const CLIENT = /\[CLIENT: ([^\]]{1,80})\]\s*$/;
// Login failed for user 'O'Leary'. Reason: …   · Login succeeded for user 'EXAMPLE\kim'. Connection made using Windows authentication.
// Fehler bei der Anmeldung für den Benutzer 'sa'. Ursache: …
const LOGIN =
  /^(?:Login (failed|succeeded) for user|Fehler bei der Anmeldung für den Benutzer) '(.{0,256}?)'\.(?: (?:(?:Reason|Ursache): )?(.{1,1024}?))?(?: ?\[CLIENT:.*)?$/s;
const LOGIN_ANY = /^(?:Login failed|Fehler bei der Anmeldung)\b/;
// Error: 18456, Severity: 14, State: 5.
const ERROR = /^(?:Error|Fehler): (\d{1,6}), (?:Severity|Schweregrad): (\d{1,3}), (?:State|Status): (\d{1,5})\./;

type Rule = readonly [pattern: RegExp, act: Act, category: string, type: string, action: string];
/** What matters for access beside logins: first match wins. */
// biome-ignore format: a table
const RULES: readonly Rule[] = [
  [/^SQL Server is starting\b|^Microsoft SQL Server \d|^SQL Server is now ready for client connections|^Recovery is complete/, 'source-state', 'database', 'start', 'started'],
  [/^SQL Server is terminating\b|^SQL Trace was stopped|^SQL Server shutdown/, 'source-state', 'database', 'end', 'stopped'],
  [/^(?:The error log has been reinitialized|Attempting to cycle error log|All rights reserved|Server process ID is)/, 'source-state', 'database', 'info', 'log'],
  [/^Configuration option '(?<object>.{1,128})' changed from (?<from>\S{1,32}) to (?<to>\S{1,32})\./, 'config-change', 'configuration', 'change', 'configuration-changed'],
  [/^Setting database option (?<object>.{1,128}?) (?:to|for)/, 'config-change', 'configuration', 'change', 'database-option'],
  [/^(?:Database backed up|Log was backed up|Database differential changes were backed up)\. .{0,32}Database: (?<object>[^,]{1,128}),/, 'other', 'database', 'access', 'backup'],
  [/^(?:Database was restored|Starting up database|Restore is complete)/, 'other', 'database', 'info', 'database'],
  [/^Using 'xp\w{1,64}\.dll' version|^Attempting to load library 'xp\w{1,64}\.dll'/, 'other', 'database', 'info', 'extended-procedure'],
  [/^The login packet used to open the connection is structurally invalid|^Length specified in network packet payload|^The server was unable to initialize encryption/, 'other', 'network', 'info', 'connection-broken'],
  [/^(?:SSPI handshake failed|Could not connect because the maximum number)/, 'login', 'authentication', 'info', 'login-failed'],
];

const putLogin = (fields: Fields, m: RegExpExecArray): Act => {
  const [, word, user, reason] = m;
  const passed = word === 'succeeded';
  putUser(fields, 'user', user);
  put(fields, 'event.reason', passed ? undefined : reason?.trim());
  put(fields, 'event.action', passed ? 'login-succeeded' : 'login-failed');
  const method = /using (Windows|SQL Server|Integrated) authentication/i.exec(m[0])?.[1]?.toLowerCase();
  put(fields, 'einfallstor.login.method', method === 'sql server' ? 'sql' : method);
  categorise(fields, ['authentication', 'database'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
  return 'login';
};

const readMessage = (fields: Fields, text: string): Act => {
  const login = LOGIN.exec(text);
  if (login !== null) return putLogin(fields, login);
  if (LOGIN_ANY.test(text)) {
    // "Login failed. The login is from an untrusted domain …", and other languages' forms with the reason in front
    put(fields, 'event.reason', text.replace(CLIENT, '').slice(0, 512));
    put(fields, 'event.action', 'login-failed');
    categorise(fields, ['authentication', 'database'], ['info'], 'failure');
    return 'login';
  }
  const error = ERROR.exec(text);
  if (error !== null) {
    put(fields, 'error.code', error[1]);
    put(fields, 'microsoft.sqlserver.severity', error[2]);
    put(fields, 'microsoft.sqlserver.state', error[3]);
    categorise(fields, ['database'], ['error']);
    return 'other'; // the next line says what it was
  }
  for (const [pattern, act, category, type, action] of RULES) {
    const m = pattern.exec(text);
    if (m === null) continue;
    put(fields, 'event.action', action);
    put(fields, 'einfallstor.change.object', act === 'config-change' ? m.groups?.['object'] : undefined);
    if (m.groups?.['to'] !== undefined)
      put(fields, 'einfallstor.change.attributes', `${m.groups['from']} to ${m.groups['to']}`);
    categorise(fields, [category], [type], act === 'login' ? 'failure' : undefined);
    return act;
  }
  categorise(fields, ['database'], ['info']);
  return 'other';
};

/** The source is a word of a fixed list, at the end of what stands between time and message. */
const lineOf = (text: string): { source: string; message: string; odd: boolean } | undefined => {
  const m = LINE.exec(text.slice(0, 16_384));
  const source = m === null ? null : SOURCE.exec(m[1] as string);
  return m === null || source === null
    ? undefined
    : { source: source[1] as string, message: (m[2] as string).trim(), odd: source.index > 0 };
};

const claims = ({ text }: RawRecord): boolean => lineOf(text.replace(/^\uFEFF/, '')) !== undefined;

const open: Parser['open'] = ({ clock }) => {
  let begun = false;
  return (record): Outcome => {
    const text = record.text.replace(/^\uFEFF/, '').trim();
    if (text === '') return BLANK;
    const line = lineOf(text);
    // the banner of the start goes over several lines, indented or not; nothing of it stands alone
    if (line === undefined)
      return begun && !/^\d{4}-\d\d-\d\d /.test(text)
        ? { kind: 'joined' }
        : rejected('not-this-format', 'no line of the error log');
    begun = true;
    const fields: Fields = { 'service.type': 'mssql' };
    clock.stamp(fields, readIso(text)?.civil);
    put(fields, 'log.logger', line.source);
    put(fields, 'message', line.message);
    const client = CLIENT.exec(line.message)?.[1]?.replace(/%\w{1,16}$/, '');
    if (!putIp(fields, 'source.ip', client)) put(fields, 'source.address', client);
    if (line.odd) warn(fields, 'source-odd');
    const act = readMessage(fields, line.message);
    relateAddresses(fields, line.message.slice(0, 4096));
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'mssql',
  title: 'Microsoft SQL Server error log (ERRORLOG)',
  references: [
    {
      title: 'Microsoft: MSSQLSERVER_18456, login failed',
      url: 'https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-18456-database-engine-error',
    },
    {
      title: 'Microsoft: view the SQL Server error log',
      url: 'https://learn.microsoft.com/sql/tools/configuration-manager/viewing-the-sql-server-error-log',
    },
    {
      title: 'Microsoft: configure login auditing',
      url: 'https://learn.microsoft.com/sql/ssms/configure-login-auditing-sql-server-management-studio',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'logins that failed and, where the server audits them, succeeded, with the client; configuration, backups, starts and stops',
  ],
  limits: [
    'messages of servers in other languages than English are kept as text, but for German failures to log in',
    'the state of error 18456 stands in the line before',
  ],
  recognise: recogniseBy(claims, 'are lines of an SQL Server error log', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
