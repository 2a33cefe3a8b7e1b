import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields, Value } from '../../src/ecs/event.ts';
import { flatten } from '../../src/ecs/nest.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { sumPackets } from '../../src/parse/kit/flow.ts';
import { isObject, type Json, readObject } from '../../src/parse/kit/json.ts';
import { add, categorise, put, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseRows } from '../../src/parse/kit/recognise.ts';
import { ZEEK_SETS, zeekLog, zeekPathOf } from '../../src/parse/kit/zeek.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** Columns of one record; a set is a list. */
type Row = ReadonlyMap<string, Value>;

// ------------------------------------------------------------------------------------------------------------- JSON

/** `{"ts":1635840930.1,"uid":"C…","id.orig_h":…}`; json-streaming writers put it under the log's name: `{"conn":{…}}`. */
const objectOf = (text: string): { path: string | undefined; object: Json } | undefined => {
  if (!text.includes('"ts"')) return undefined;
  const whole = readObject(text);
  if (whole === undefined) return undefined;
  const [first, ...more] = Object.entries(whole);
  const wrapped = more.length === 0 && isObject(first?.[1]);
  const object = wrapped ? (first?.[1] as Json) : whole;
  const path = wrapped ? first?.[0] : typeof object['_path'] === 'string' ? object['_path'] : undefined;
  return { path: path?.toLowerCase(), object };
};

/** `uid` is C and 17 letters; logs without connection are told by their own columns. */
const isZeek = (row: Row, path: string | undefined): boolean =>
  row.has('ts') &&
  (/^[CF][\da-zA-Z]{8,24}$/.test(String(row.get('uid') ?? row.get('fuid') ?? '')) ||
    row.has('id.orig_h') ||
    (path ?? zeekPathOf(row)) !== undefined);

// ------------------------------------------------------------------------------------------------------------- TSV

// 1635840930.123456	CHhAvVGS1DHFjwGM9	10.0.0.5	50112	…   a row whose header is lost
const BARE = /^\d{9,10}\.\d{6}\t[CF][\da-zA-Z]{8,24}\t[\da-fA-F.:]{2,45}\t\d{1,5}\t[\da-fA-F.:]{2,45}\t\d{1,5}(?:\t|$)/;
const BARE_COLUMNS = ['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p'];
/** conn.log of Zeek 2 to 7 in its own order. */
const CONN_COLUMNS =
  `proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts
  orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents`.split(/\s+/);
const CONN_STATE = /^(?:S[0-3]|SF|REJ|RSTO|RSTR|RSTOS0|RSTRH|SH|SHR|OTH)$/;

const columnsOf = (cells: readonly string[]): readonly string[] =>
  CONN_STATE.test(cells[11] ?? '') ? [...BARE_COLUMNS, ...CONN_COLUMNS] : BARE_COLUMNS;

/** `\x09` in the header, and non-printing bytes in values. */
const unescaped = (text: string): string =>
  text.includes('\\x')
    ? text.replaceAll(/\\x([\da-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;

interface Header {
  separator: string;
  setSeparator: string;
  empty: string;
  unset: string;
  path: string | undefined;
  columns: readonly string[] | undefined;
}
const defaults = (): Header => ({
  separator: '\t',
  setSeparator: ',',
  empty: '(empty)',
  unset: '-',
  path: undefined,
  columns: undefined,
});

// #separator \x09 · #fields	ts	uid	… · #path	conn
const readHeader = (header: Header, text: string): void => {
  if (text.startsWith('#separator ')) {
    Object.assign(header, defaults());
    header.separator = unescaped(text.slice(11).trim()).slice(0, 4) || '\t';
    return;
  }
  const [name, ...values] = text.split(header.separator);
  if (name === '#fields') header.columns = values;
  else if (name === '#path') header.path = values[0];
  else if (name === '#set_separator') header.setSeparator = values[0] ?? ',';
  else if (name === '#empty_field') header.empty = values[0] ?? '(empty)';
  else if (name === '#unset_field') header.unset = values[0] ?? '-';
};

const rowOf = (header: Header, cells: readonly string[]): Row => {
  const columns = header.columns ?? columnsOf(cells);
  const row = new Map<string, Value>();
  cells.forEach((cell, n) => {
    if (cell === header.unset || cell === header.empty || cell === '') return;
    const name = columns[n] ?? `column_${n + 1}`;
    row.set(name, ZEEK_SETS.has(name) ? cell.split(header.setSeparator, 200).map(unescaped) : unescaped(cell));
  });
  return row;
};

// ------------------------------------------------------------------------------------------------------------- meaning

/** https://docs.zeek.org/en/current/scripts/base/protocols/conn/main.zeek.html, conn_state */
const UNANSWERED: Readonly<Record<string, string>> = {
  S0: 'connection attempt seen, no reply',
  REJ: 'connection attempt rejected',
  RSTOS0: 'originator sent a SYN followed by a RST, no reply',
  SH: 'originator sent a SYN followed by a FIN, no reply',
};

const isTrue = (value: Value | undefined): boolean | undefined =>
  value === undefined ? undefined : /^(?:t|true|1)$/i.test(String(value));

const readConn = (fields: Fields, row: Row): Act => {
  // payload is told by sequence numbers and may be far off; bytes with IP headers are counted
  putNumber(fields, 'source.bytes', String(row.get('orig_ip_bytes') ?? row.get('orig_bytes') ?? ''));
  putNumber(fields, 'destination.bytes', String(row.get('resp_ip_bytes') ?? row.get('resp_bytes') ?? ''));
  sumPackets(fields);
  const start = fields['@timestamp'];
  if (typeof start === 'number') {
    fields['event.start'] = start;
    const duration = fields['event.duration'];
    if (typeof duration === 'number') fields['event.end'] = start + Math.round(duration / 1000);
  }
  if (fields['network.transport'] === 'icmp') {
    // the columns of the ports hold type and code
    for (const [side, name] of [
      ['source', 'type'],
      ['destination', 'code'],
    ] as const) {
      putNumber(fields, `zeek.conn.icmp_${name}`, fields[`${side}.port`] as number | undefined);
      delete fields[`${side}.port`];
    }
  }
  const state = String(row.get('conn_state') ?? '');
  put(fields, 'event.action', state.toLowerCase());
  const reason = own(UNANSWERED, state);
  if (reason === undefined || fields['network.transport'] !== 'tcp') return 'flow';
  fields['event.reason'] = reason;
  categorise(fields, ['network'], ['connection', 'denied'], 'failure');
  return 'flow-denied';
};

const readSmtp = (fields: Fields, row: Row): Act => {
  const reply = String(row.get('last_reply') ?? '');
  fields['network.protocol'] = 'smtp';
  if (/^5/.test(reply)) {
    put(fields, 'event.reason', reply);
    categorise(fields, ['email'], ['denied'], 'failure');
    return 'mail-rejected';
  }
  const sent = /^250 /.test(reply) && row.has('rcptto');
  if (sent) categorise(fields, ['email'], ['info'], 'success');
  return sent ? 'mail-received' : 'mail-connection';
};

/** What the sensor saw of an authentication: `success`, `auth_success`, RADIUS' `result`; unset where it could not tell. */
const readLogin = (fields: Fields, row: Row, act: Act, service: string): Act => {
  const result = row.get('result');
  const passed =
    isTrue(row.get('auth_success') ?? row.get('success')) ??
    (result === undefined ? undefined : /succ/i.test(String(result)));
  fields['service.type'] = service;
  if (passed === undefined) return act === 'login' ? 'other' : act;
  categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
  if (service === 'ntlm' || service === 'rfb') put(fields, 'event.reason', String(row.get('status') ?? ''));
  return act === 'flow-start' ? 'login' : act;
};

const readDhcp = (fields: Fields, row: Row): Act => {
  const messages = String(row.get('msg_types') ?? '');
  if (/ACK/.test(messages) && !/NAK|RELEASE/.test(messages)) fields['event.type'] = ['protocol', 'start'];
  if (/RELEASE/.test(messages)) fields['event.type'] = ['protocol', 'end'];
  put(fields, 'event.action', `dhcp-${/(?:^|,)(\w+)$/.exec(messages)?.[1]?.toLowerCase() ?? 'ack'}`);
  return 'dhcp-lease';
};

/** 230 of FTP is a login that succeeded, 530 one that failed (RFC 959 §4.2). */
const readFtp = (fields: Fields, row: Row): Act => {
  const code = String(row.get('reply_code') ?? '');
  fields['service.type'] = 'ftp';
  put(fields, 'event.action', String(row.get('command') ?? '').toLowerCase());
  if (code !== '230' && code !== '530') return 'other';
  delete fields['file.path'];
  categorise(fields, ['authentication'], [code === '230' ? 'start' : 'info'], code === '230' ? 'success' : 'failure');
  return 'login';
};

const READERS: Readonly<Record<string, (fields: Fields, row: Row, act: Act) => Act>> = {
  conn: readConn,
  smtp: readSmtp,
  dhcp: readDhcp,
  ftp: readFtp,
  ssh: (fields, row, act) => readLogin(fields, row, act, 'ssh'),
  ntlm: (fields, row, act) => readLogin(fields, row, act, 'ntlm'),
  radius: (fields, row, act) => readLogin(fields, row, act, 'radius'),
  rfb: (fields, row, act) => readLogin(fields, row, act, 'vnc'),
  kerberos: (fields, row, act) => readLogin(fields, row, act, 'kerberos'),
  notice: (fields, _row, act) => {
    fields['event.kind'] = 'alert';
    return act;
  },
};

/** Values as pairs; members of a set one by one, other lists as one text. */
function* pairsOf(row: Row): Generator<readonly [string, string]> {
  for (const [name, value] of row) {
    if (!Array.isArray(value)) yield [name, String(value)];
    else if (ZEEK_SETS.has(name)) for (const item of value.slice(0, 200)) yield [name, String(item)];
    else yield [name, value.slice(0, 200).join(',')];
  }
}

const eventOf = (context: ParseContext, row: Row, named: string | undefined, text: string): Outcome => {
  // rotated logs and Corelight's streams: conn_long, conn_red, conn.2021-11-02
  const path = (named ?? zeekPathOf(row) ?? 'other').replace(/[._-](?:long|red|\d.*)$/, '');
  const ts = String(row.get('ts') ?? '');
  const time: Civil | number | undefined = epochMicros(ts) ?? readIso(ts)?.civil;
  if (time === undefined) return rejected('bad-time', 'ts is no time');
  const fields: Fields = {};
  context.clock.stamp(fields, time);
  const log = zeekLog(path);
  log.put(fields, pairsOf(row));
  fields['event.dataset'] = `zeek.${path}`;
  categorise(fields, log.category, log.type);
  const act = own(READERS, path)?.(fields, row, log.act) ?? log.act;
  if (path === 'http' && fields['url.original'] === undefined)
    put(fields, 'url.original', fields['url.domain'] as string);
  for (const name of ['server_name', 'query'])
    if (row.has(name)) add(fields, 'related.hosts', String(row.get(name)).toLowerCase());
  relateAddresses(fields, text.slice(0, 32_768).replaceAll('\t', ' '));
  return { kind: 'event', act, fields };
};

const open: Parser['open'] = (context) => {
  const header = defaults();
  return (record) => {
    const text = record.text.replace(/^\uFEFF/, '');
    if (text.trim() === '') return BLANK;
    if (text.startsWith('#')) {
      readHeader(header, text);
      return { kind: 'skipped', reason: 'header' };
    }
    const json = objectOf(text);
    if (json !== undefined) {
      const row: Row = new Map(Object.entries(flatten(json.object)));
      if (!isZeek(row, json.path)) return rejected('not-this-format', 'JSON without the columns of a Zeek log');
      return eventOf(context, row, json.path, text);
    }
    if (header.columns === undefined && !BARE.test(text)) return rejected('not-this-format', 'no row of a Zeek log');
    const cells = text.split(header.separator, 400);
    if (header.columns !== undefined && cells.length < Math.min(3, header.columns.length))
      return rejected('truncated', 'a row with fewer than three columns');
    const row = rowOf(header, cells);
    const outcome = eventOf(context, row, header.path, text);
    if (outcome.kind === 'event' && header.columns !== undefined && cells.length < header.columns.length)
      add(outcome.fields, 'einfallstor.warnings', 'truncated');
    return outcome;
  };
};

const claims = (record: RawRecord): boolean => {
  if (BARE.test(record.text)) return true;
  const json = objectOf(record.text);
  return json !== undefined && isZeek(new Map(Object.entries(flatten(json.object))), json.path);
};

export default {
  id: 'zeek',
  title: 'Zeek (Bro) and Corelight network monitor logs',
  references: [
    { title: 'Zeek: log files', url: 'https://docs.zeek.org/en/current/script-reference/log-files.html' },
    { title: 'Zeek: TSV and JSON formats', url: 'https://docs.zeek.org/en/current/log-formats.html' },
    { title: 'Zeek: conn.log', url: 'https://docs.zeek.org/en/current/logs/conn.html' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'connections with bytes, DNS, HTTP, TLS, SMTP, RDP, SSH, NTLM, Kerberos, RADIUS, FTP, SMB, DHCP, files, notices, intelligence hits, in tab-separated form with headers and in JSON',
    'other logs: their columns kept, both ends read',
  ],
  limits: [
    'JSON without _path is told by its columns; an unknown log then is `other`',
    'rdp.log tells a connection and the name that was typed, not whether the login succeeded',
    'connections that nothing answered (S0, REJ) are flow-denied: what refused them is not told',
  ],
  recognise: recogniseRows(claims, /^#(?:separator \\x|fields\tts\t)/, 'are rows of Zeek logs'),
  claims,
  open,
} satisfies Parser as Parser;
