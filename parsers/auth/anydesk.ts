import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type Phrase, phraseOf, putKind } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

//    info 2021-10-31 22:14:02.125       gsvc   4628   3528   23                anynet.any_socket - Logged in from 203.0.113.9:41314 on relay ad3345a7.
const TRACE =
  /^ {0,8}(info|warning|error|debug) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}) {1,12}(\S{1,16}) {1,12}(\d{1,10}) {1,12}(\d{1,10})(?: {1,12}\d{1,10})? {1,40}([\w.:-]{1,64}) - (.*)$/s;
// Incoming    2021-10-31, 22:14    Passwd    support@ad    547911884
const CONNECTION =
  /^(Incoming|Outgoing)\s{1,16}(\d{4}-\d\d-\d\d), (\d\d:\d\d)\s{1,16}(\w{1,24})(?:\s{1,48}(\S.{0,120}?))??(?:\s{1,48}(\S{1,120}))?\s*$/;

/** What the lines before told of the connection: the program writes address, number and authentication apart. */
interface Connection {
  id: string | undefined;
  alias: string | undefined;
  address: string | undefined;
  port: string | undefined;
}
const NOBODY: Readonly<Connection> = { id: undefined, alias: undefined, address: undefined, port: undefined };

/** First match wins. Wording of AnyDesk 3 to 9. */
// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  [/^(?:Passphrase not accepted|Authentication failed|Wrong pass(?:word|phrase))/i, 'login-failed', 'login', 'refused'],
  // by local user (elevated): somebody pressed Accept; permanent token, password, correct passphrase: nobody had to
  [/^Authenticated (?:by|with) (?<method>.{1,120}?)\.?$/, 'login', 'login', 'passed'],
  [/^Incoming session request: (?<alias>.{0,120}?) ?\((?<id>\d{6,12})\)/, 'session-requested', 'other', 'asked'],
  [/^Accept(?:ing| request)? from (?<id>\d{6,12})/, 'session-accepted', 'other', 'asked'],
  [/^(?:\d{1,4}: )?Connecting to "?(?<to>[^"\s]{1,120})"?/, 'outgoing-session', 'other', 'session'],
  [/^Client-ID: (?<id>\d{6,12})/, 'peer-known', 'other', 'session'],
  [/^Logged in from (?<address>[\da-fA-F.:[\]]{3,47}):(?<port>\d{1,5}) on relay/, 'peer-connected', 'other', 'opened'],
  [/^Session (?:closed|ended|stopped)|^Stopping session|^Session was closed/i, 'session-closed', 'logout', 'left'],
  [/^Preparing files in '(?<file>.{1,1000}?)'/, 'files-sent', 'share-access', 'session'],
  [/^(?:Download|Upload) (?:started|finished)|^Preparation of \d{1,9} files/i, 'file-transfer', 'share-access', 'session'],
  [/^(?:Setting|Set) (?:new )?password|^Issuing a permanent token/i, 'unattended-access-set', 'config-change', 'changed'],
];

const putPeer = (fields: Fields, peer: Readonly<Connection>): void => {
  if (peer.alias !== undefined && peer.alias !== '-') put(fields, 'user.name', peer.alias);
  else put(fields, 'user.name', peer.id);
  put(fields, 'user.id', peer.id);
};

/** The event of a trace line; what it tells of the other side is kept for the line that says how it proved itself. */
const readTrace = (fields: Fields, text: string, connection: Connection): Act => {
  const found = phraseOf(MESSAGES, text);
  if (found === undefined) {
    putKind(fields, 'info');
    return 'other';
  }
  const [, action, act, kind] = found.phrase;
  const { id, alias, address, port, method, to, file } = found.groups;
  put(fields, 'event.action', action);
  putKind(fields, kind);
  put(fields, 'einfallstor.login.method', method);
  put(fields, 'einfallstor.target.host', to);
  put(fields, 'file.path', file);
  if (id !== undefined && id !== connection.id) Object.assign(connection, NOBODY);
  if (id !== undefined) connection.id = id;
  if (alias !== undefined && alias !== '') connection.alias = alias;
  if (address !== undefined) Object.assign(connection, { address: address.replaceAll(/[[\]]/g, ''), port });
  if (action === 'outgoing-session') Object.assign(connection, NOBODY);
  if (address !== undefined) {
    putIp(fields, 'source.ip', connection.address);
    putNumber(fields, 'source.port', port);
  } else if ((act === 'login' || act === 'logout') && putIp(fields, 'source.ip', connection.address)) {
    putNumber(fields, 'source.port', connection.port);
    warn(fields, 'source-from:earlier-line');
  }
  if (action !== 'outgoing-session') putPeer(fields, connection);
  if (act === 'logout') Object.assign(connection, NOBODY);
  return act;
};

const PROOFS: Readonly<Record<string, string>> = { user: 'accepted by the user', passwd: 'password', token: 'token' };

/** connection_trace.txt: one line a session that was asked for. */
const readConnection = (fields: Fields, m: RegExpExecArray): Act => {
  const [, direction, , , method, alias, id] = m as unknown as (string | undefined)[];
  const refused = /^REJECTED$/i.test(method ?? '');
  putPeer(fields, { ...NOBODY, alias: alias === id ? undefined : alias, id: id ?? alias });
  if (direction !== 'Incoming') {
    put(fields, 'event.action', 'outgoing-session');
    putKind(fields, 'session');
    return 'other';
  }
  put(fields, 'event.action', refused ? 'login-failed' : 'login');
  put(fields, 'event.reason', refused ? 'rejected by the user' : undefined);
  put(fields, 'einfallstor.login.method', own(PROOFS, (method ?? '').toLowerCase()) ?? method);
  putKind(fields, refused ? 'refused' : 'passed');
  return 'login';
};

const open = ({ clock }: ParseContext): ((record: RawRecord) => Outcome) => {
  const connection: Connection = { ...NOBODY };
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '').trimEnd();
    if (text === '') return BLANK;
    if (/^\s{0,8}(?:\* ){3}/.test(text)) return { kind: 'skipped', reason: 'header' };
    const trace = TRACE.exec(text.slice(0, 8192));
    const row = trace === null ? CONNECTION.exec(text.slice(0, 1024)) : null;
    const stated = trace?.[2] ?? (row === null ? undefined : `${row[2]} ${row[3]}:00`);
    const civil = stated === undefined ? undefined : readIso(stated)?.civil;
    if (civil === undefined) return rejected('not-this-format', 'no line of AnyDesk');
    const fields: Fields = { 'service.name': 'AnyDesk', 'service.type': 'anydesk' };
    clock.stamp(fields, { ...civil, offset: 0 }); // both files are written in UTC
    if (row !== null) return { kind: 'event', act: readConnection(fields, row), fields };
    const [, level, , process, pid, , logger, message] = trace as unknown as string[];
    put(fields, 'log.level', level);
    put(fields, 'process.name', process);
    putNumber(fields, 'process.pid', pid);
    put(fields, 'log.logger', logger);
    put(fields, 'message', message);
    const act = readTrace(fields, message as string, connection);
    relateAddresses(fields, message as string);
    return { kind: 'event', act, fields };
  };
};

const claims = ({ text }: RawRecord): boolean => {
  const line = text.slice(0, 2048).replace(/^\uFEFF/, '');
  return TRACE.test(line) || CONNECTION.test(line) || /^\s{0,8}(?:\* ){6}/.test(line);
};

export default {
  id: 'anydesk',
  title: 'AnyDesk: ad_svc.trace, ad.trace, connection_trace.txt',
  references: [
    { title: 'AnyDesk: trace files', url: 'https://support.anydesk.com/docs/trace-files' },
    {
      title: 'AnyDesk: connection log',
      url: 'http://support.anydesk.com/knowledgebase/articles/467186-connection-log',
    },
    {
      title: 'Inversecos: forensic analysis of AnyDesk logs',
      url: 'https://www.inversecos.com/2021/02/forensic-analysis-of-anydesk-logs.html',
    },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'sessions asked for, how the other side proved itself (accepted, password, token), refusals, ends, file transfers, unattended access',
    'connection_trace.txt: a line a session',
  ],
  limits: [
    'the address stands on a line of its own: a login takes it from the connection before it, and says so (source-from:earlier-line)',
    'user.name is the other side’s alias, user.id its number; the account of this computer is not told',
    'connection_trace.txt tells no address and no end',
  ],
  recognise: recogniseBy(claims, 'are lines of AnyDesk', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
