import { canonicalIp } from '../../core/net.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { relateAddresses } from './addresses.ts';
import { openPeers } from './peers.ts';
import { type Phrase, putKind, readPhrase } from './phrases.ts';
import { categorise, put, putIp, putNumber, putUser } from './put.ts';

/** One report of the server, whatever form of its log it stands in. */
export interface Report {
  /** `LOG`, `FATAL`, …, perhaps in the server's own language. */
  readonly level: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly state?: string | undefined;
  readonly pid?: string | undefined;
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  /** `192.0.2.7`, a name where the server looks names up, `[local]`. */
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly program?: string | undefined;
}

/** What the server says of itself and its sessions, in English and German; first match wins. */
// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // connection received: host=192.0.2.7 port=50112 · host=[local]
  [/^(?:connection received: host|Verbindung empfangen: Host)=(?<ip>[^\s=[\]]{1,255}) [pP]ort=(?<port>\d{1,5})$/, 'connection-received', 'flow-start', 'opened'],
  [/^(?:connection received: host|Verbindung empfangen: Host)=/, 'connection-received', 'other', 'info'],
  // since 14: connection authenticated: identity="kim" method=scram-sha-256 (/etc/postgresql/14/main/pg_hba.conf:97); whether it is let in is told next
  [/^connection authenticated: (?:identity|user)="(?<user>.{1,512})" method=(?<auth>[\w-]{1,32})(?: \(.{1,1024}\))?$/, 'authenticated', 'other', 'passed'],
  // connection authorized: user=kim database=praxis application_name=psql SSL enabled (protocol=TLSv1.3, …)
  [/^(?:replication )?connection authorized: user=(?<user>.{1,256}?)(?: database=.{0,600}| application_name=.{0,300}| SSL enabled .{0,200}| GSS .{0,400})?$/, 'authorized', 'login', 'passed'],
  [/^(?:Replikationsv|V)erbindung autorisiert: Benutzer=(?<user>.{1,256}?)(?: Datenbank=.{0,600}| application_name=.{0,300}| SSL an .{0,200})?$/, 'authorized', 'login', 'passed'],
  // disconnection: session time: 0:00:03.123 user=kim database=praxis host=192.0.2.7 port=50112 · host=[local]
  [/^(?:disconnection: session time|Verbindungsende: Sitzungszeit): .{1,32} (?:user|Benutzer)=(?<user>.{1,256}?) (?:database|Datenbank)=.{0,256} [hH]ost=(?:\[local\]|(?<ip>[^\s=[\]]{1,255}) [pP]ort=(?<port>\d{1,5}))$/, 'disconnection', 'logout', 'left'],
  [/^(?:no PostgreSQL user name specified in startup packet|unsupported frontend protocol|invalid length of startup packet|incomplete startup packet|could not accept SSL connection|could not receive data from client|received (?:direct SSL|invalid) )/, 'connection-broken', 'other', 'broken'],
  [/^parameter "(?<object>[^"]{1,256})" changed to "/, 'parameter-changed', 'config-change', 'changed'],
  [/^(?:starting PostgreSQL |database system is (?:ready|shut down)|database system was |received (?:fast|smart|immediate) shutdown|received SIGHUP|listening on (?:IPv[46]|Unix) |shutting down$|Datenbanksystem )/, 'state', 'source-state', 'state'],
  [/^(?:statement|execute [^:]{1,64}|Anweisung): /, 'statement', 'other', 'info'],
];

/** How it refuses a session; a statement may fail with the same words, but no statement fails as FATAL. Who is refused chose his name. */
// biome-ignore format: a table
const REFUSALS: readonly Phrase[] = [
  // password authentication failed for user "kim" · "trust" authentication failed for user "kim" · LDAP-, Ident-, Peer-, GSSAPI-, PAM-
  [/^"?(?<auth>[\w-]{1,32})"? authentication failed for (?:replication )?user "(?<user>.{0,512})"$/s, 'login-failed', 'login', 'refused'],
  [/^authentication failed for user "(?<user>.{0,512})": (?<reason>[^"]{1,200})$/s, 'login-failed', 'login', 'refused'],
  [/^[»"]?(?<auth>[\w-]{1,32})[«"]?-Authentifizierung für Benutzer [»"](?<user>.{0,512})[«"] fehlgeschlagen$/s, 'login-failed', 'login', 'refused'],
  // no pg_hba.conf entry for host "192.0.2.7", user "kim", database "praxis", SSL off · … for replication connection from host …
  [/^(?<reason>no pg_hba\.conf entry|pg_hba\.conf rejects(?: replication)? connection) for (?:replication connection from )?host "(?:\[local\]|(?<ip>[^"]{1,255}))", user "(?<user>.{0,512}?)"(?:, database ".{0,512}")?(?:, .{1,60})?$/s, 'login-failed', 'login', 'refused'],
  [/^kein pg_hba\.conf-Eintrag für (?:Host|Replikationsverbindung von Host) [»"](?:\[local\]|(?<ip>[^«"]{1,255}))[«"], Benutzer [»"](?<user>.{0,512}?)[«"](?:, Datenbank [»"].{0,512}[«"])?(?:, .{1,60})?$/s, 'login-failed', 'login', 'refused'],
  [/^role "(?<user>.{0,512})" (?:does not exist|is not permitted to log in)$/s, 'login-failed', 'login', 'refused'],
  [/^Rolle [»"](?<user>.{0,512})[«"] (?:existiert nicht|hat keine Berechtigung zum Einloggen)$/s, 'login-failed', 'login', 'refused'],
  [/^(?:database ".{0,512}" does not exist|permission denied for database ".{0,512}"|too many connections for (?:role|database) ".{0,512}")$/s, 'login-failed', 'login', 'refused'],
];
const FATAL = 'FATAL';

/** Class 28 is invalid authorization, whatever language the message is in. */
const REFUSED = /^28\d\w{2}$/;

const HOURS = /: (\d{1,6}):(\d\d):(\d\d)\.(\d{3}) /;

interface Client {
  readonly host?: string;
  readonly port?: string;
}

/** Reads the reports of one stream. A client's address is told when it connects and kept for what its process says later. */
export const openReports = (): ((fields: Fields, report: Report) => Act) => {
  const clients = openPeers((): Client => ({}));
  return (fields, report) => {
    const { level, message, detail, state, pid, user, database, host, port, program } = report;
    fields['service.type'] = 'postgresql';
    put(fields, 'log.level', level.toLowerCase());
    putNumber(fields, 'process.pid', pid);
    put(fields, 'postgresql.log.sql_state_code', state === '00000' ? undefined : state);
    put(fields, 'postgresql.log.database', named(database));
    put(fields, 'postgresql.log.application_name', named(program));
    put(fields, 'message', detail === undefined || detail === '' ? message : `${message}\n${detail}`);
    putUser(fields, 'user', named(user));
    const act = readMessage(fields, report);
    if (act === 'logout') putDuration(fields, message);

    const told = fields['source.ip'] !== undefined || fields['source.domain'] !== undefined;
    const connects = fields['event.action'] === 'connection-received';
    const client = told || connects ? undefined : named(host) === undefined ? clients.of(pid) : { host, port };
    if (client?.host !== undefined) {
      if (!putIp(fields, 'source.ip', client.host)) put(fields, 'source.domain', client.host.toLowerCase());
      putNumber(fields, 'source.port', client.port);
    }
    if (connects && pid !== undefined) clients.put(pid, clientOf(fields));
    // a process serves one client; its number comes again
    if (act === 'logout' || level === FATAL) clients.forget(pid);
    relateAddresses(fields, message.slice(0, 4096));
    return act;
  };
};

/** `[unknown]` stands for what is not known yet, `[local]` for a socket. */
const named = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || /^\[(?:unknown|local|unbekannt|lokal)\]$/.test(text) ? undefined : text;

const readMessage = (fields: Fields, { level, message, state }: Report): Act => {
  const text = message.slice(0, 4096);
  const refused = level === FATAL ? readPhrase(fields, REFUSALS, text) : undefined;
  if (refused !== undefined) return refused;
  if (level === FATAL && REFUSED.test(state ?? '')) {
    put(fields, 'event.action', 'login-failed');
    putKind(fields, 'refused');
    return 'login';
  }
  const known = readPhrase(fields, PHRASES, text);
  if (known === undefined || fields['event.action'] === 'statement') categorise(fields, ['database'], ['info']);
  return known ?? 'other';
};

const clientOf = (fields: Fields): Client => {
  const host = fields['source.ip'] ?? fields['source.domain'];
  const port = fields['source.port'];
  return {
    ...(typeof host === 'string' ? { host } : {}),
    ...(port === undefined ? {} : { port: String(port) }),
  };
};

const putDuration = (fields: Fields, message: string): void => {
  const m = HOURS.exec(message.slice(0, 120));
  if (m === null) return;
  const seconds = Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3]);
  putNumber(fields, 'event.duration', (seconds * 1000 + Number(m[4])) * 1_000_000);
};

/** `192.0.2.7:50112`, `[2001:db8::7]:50112`, `2001:db8::7:50112`, `[local]`: address and port, as csvlog writes them together. */
export const splitClient = (text: string | undefined): Client => {
  const m = /^(.{1,255}):(\d{1,5})$/.exec(text ?? '');
  const host = m?.[1]?.replace(/^\[|\]$/g, '');
  if (host === undefined) return text === undefined || text === '' ? {} : { host: text };
  return canonicalIp(host) === undefined && host.includes(':') ? {} : { host, port: m?.[2] as string };
};
