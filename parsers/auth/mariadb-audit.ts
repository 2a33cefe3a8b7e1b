import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 20211102 08:15:30,db1,kim,192.0.2.7,12,0,CONNECT,praxis,,0 · in syslog without the time; since 12.0 192.0.2.7:50112
const TIME = /^(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d),/;
// a name may hold commas: of a connection what stands behind is of a fixed form, so that its last reading is the true one
const CONNECTION =
  /^([^,]{0,255}),(.{0,256}),([^,]{0,300}),(\d{1,20}),\d{1,20},(FAILED_CONNECT|PROXY_CONNECT|CONNECT|DISCONNECT|CHANGEUSER),(?:([^,]{0,256}),(?:[^,]{0,600}),(\d{1,10}))?\s*$/s;
const STATEMENT =
  /^([^,]{0,255}),(.{0,256}?),([^,]{0,300}),(\d{1,20}),\d{1,20},(QUERY(?:_\w{1,16})?|READ|WRITE|CREATE|ALTER|RENAME|DROP),([^,]{0,256}),(.*)$/s;
const FAILED = ',FAILED_CONNECT,';
/** Operations in a line: several where a client put one into a name or a statement. */
const OPERATIONS = /,\d{1,20},(?:((?:FAILED_|PROXY_)?CONNECT|DISCONNECT|CHANGEUSER)|[A-Z]{4,6}(?:_\w{1,16})?),/g;
const IDENT = /^(?:mysql|mariadb)-server_auditing$/;

interface Line {
  readonly time: string | undefined;
  readonly text: string;
}

const lineOf = ({ text, envelope }: RawRecord): Line | undefined => {
  if (IDENT.test(envelope.program ?? '')) return { time: undefined, text: envelope.message.trimStart() };
  const m = TIME.exec(text);
  return m === null ? undefined : { time: `${m[1]}-${m[2]}-${m[3]} ${m[4]}`, text: text.slice(m[0].length) };
};

/** What a line is, by its first operation; `odd`: not sure whose. */
const readLine = (text: string): { m: RegExpExecArray; isConnection: boolean; odd: boolean } | undefined => {
  const [first, ...more] = [...text.slice(0, 4096).matchAll(OPERATIONS)];
  const isConnection = first?.[1] !== undefined;
  const m = (isConnection ? CONNECTION : STATEMENT).exec(text);
  return m === null ? undefined : { m, isConnection, odd: isConnection && more.length > 0 };
};

const claims = (record: RawRecord): boolean => {
  const text = lineOf(record)?.text.slice(0, 4096);
  return text !== undefined && readLine(text) !== undefined;
};

// 192.0.2.7 · 192.0.2.7:50112 · [2001:db8::7]:50112 · localhost
const putClient = (fields: Fields, text: string): void => {
  const [, host, port] = /^\[?([^[\]]{1,255}?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (putIp(fields, 'source.ip', text)) return;
  if (putIp(fields, 'source.ip', host)) putNumber(fields, 'source.port', port);
  else if (text !== 'localhost') put(fields, 'source.domain', (host ?? text).toLowerCase());
};

/** What an operation on a connection says; code 0 is success, others are the server's errors. */
const told = (operation: string, code: string | undefined, text: string): readonly [Act, Kind] => {
  if (operation === 'FAILED_CONNECT' || text.includes(FAILED)) return ['login', 'refused'];
  if (operation === 'DISCONNECT') return ['logout', 'left'];
  if (operation === 'PROXY_CONNECT') return ['other', 'session'];
  return ['login', code === '0' ? 'passed' : 'refused'];
};

const open: Parser['open'] = ({ clock }) => {
  /** Connections that were refused: they end without anyone having been in. */
  const refused = new Set<string>();
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    const text = line?.text.slice(0, 16_384) ?? '';
    const read = readLine(text);
    if (line === undefined || read === undefined) return rejected('not-this-format', 'no line of the audit plugin');
    const { m, isConnection, odd } = read;
    const [, server, user, client = '', id = '', operation = '', database] = m;
    const fields: Fields = { 'service.type': 'mysql' };
    clock.stamp(fields, line.time === undefined ? record.envelope.civil : readIso(line.time)?.civil);
    put(fields, 'host.name', server);
    if (odd) warn(fields, 'address-ambiguous');
    else {
      putUser(fields, 'user', user);
      putClient(fields, client);
      put(fields, 'mysql.database', database);
    }
    put(fields, 'event.action', operation.toLowerCase());
    put(fields, 'mysql.connection_id', id);
    put(fields, 'message', text);
    relateAddresses(fields, text.slice(0, 4096));
    if (!isConnection) {
      categorise(fields, ['database'], ['info']);
      return { kind: 'event', act: 'other', fields };
    }
    const code = m[7];
    put(fields, 'error.code', code === '0' ? undefined : code);
    const key = `${server} ${id}`;
    const [act, kind] =
      refused.delete(key) && operation === 'DISCONNECT' ? (['other', 'info'] as const) : told(operation, code, text);
    if (kind === 'refused' && refused.size < 10_000) refused.add(key);
    putKind(fields, kind);
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'mariadb-audit',
  title: 'MariaDB audit plugin (server_audit), also of MySQL and Amazon RDS',
  references: [
    {
      title: 'MariaDB: Audit plugin, log format',
      url: 'https://mariadb.com/kb/en/mariadb-audit-plugin-log-format/',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: ['connections made, refused and ended, with the client; statements as text'],
  recognise: recogniseBy(claims, 'are lines of the audit plugin'),
  claims,
  open,
} satisfies Parser as Parser;
