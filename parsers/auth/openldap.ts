import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros } from '../../src/parse/kit/civil.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { LDAP_RESULTS } from '../../src/parse/kit/ldap.ts';
import { categorise, keepVendor, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// conn=1022 fd=21 ACCEPT from IP=192.0.2.7:45011 (IP=0.0.0.0:636) · conn=1022 op=0 BIND dn="…" method=128
const LINE =
  /^conn=(\d{1,20}) (?:fd=(\d{1,10}) )?(?:op=(\d{1,10}) )?(SEARCH RESULT|[A-Za-z][\w-]{1,24})(?:[: ](.*))?$/s;
// 618117e2.1a2b3c4d 0x7f0a conn=…   slapd's own log (OpenLDAP 2.5, hexadecimal time and fraction) · 618117e2 conn=…   (before)
const OWN = /^([\da-f]{8})(?:\.([\da-f]{8}))? (?:0x[\da-f]{1,16} )?/;
const PROGRAM = /^slapd$/;

interface Line {
  readonly text: string;
  readonly time: Civil | number | undefined;
}

const lineOf = ({ text, envelope }: RawRecord): Line | undefined => {
  if (PROGRAM.test(envelope.program ?? '')) return { text: envelope.message.trim(), time: envelope.civil };
  const own = OWN.exec(text);
  if (own !== null) {
    const seconds = epochMicros(Number.parseInt(own[1] as string, 16));
    // the fraction counts nanoseconds
    const micros = own[2] === undefined ? 0 : Math.min(999_999, Math.floor(Number.parseInt(own[2], 16) / 1000));
    return { text: text.slice(own[0].length).trim(), time: seconds === undefined ? undefined : seconds + micros };
  }
  return LINE.test(text) ? { text: text.trim(), time: undefined } : undefined;
};

// ------------------------------------------------------------------------------------------------------------- connections

/** What is known of a connection: who it comes from, and what each open operation asked. */
interface Connection {
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  user?: string | undefined;
  readonly binds: Map<string, Bind>;
  /** Whose password an open operation sets. */
  readonly passwords: Map<string, string>;
}
interface Bind {
  readonly dn: string;
  readonly method: string;
}
/** Connections remembered; a directory server has a few thousand open. */
const CONNECTIONS_MAX = 20_000;
const OPERATIONS_MAX = 64;

class Connections {
  readonly #known = new Map<string, Connection>();

  get(id: string): Connection | undefined {
    return this.#known.get(id);
  }

  /** The oldest is forgotten when there are too many. */
  open(id: string, ip?: string, port?: number): Connection {
    const connection: Connection = { ip, port, binds: new Map(), passwords: new Map() };
    this.#known.delete(id);
    this.#known.set(id, connection);
    if (this.#known.size > CONNECTIONS_MAX) this.#known.delete(this.#known.keys().next().value as string);
    return connection;
  }

  close(id: string): void {
    this.#known.delete(id);
  }
}

// ------------------------------------------------------------------------------------------------------------- messages

// uid=kim,ou=people,dc=example,dc=org · cn=Manager,dc=example,dc=org
const FIRST_RDN = /^(?:uid|cn|sAMAccountName|userPrincipalName|mail)=((?:\\.|[^,\\]){1,256})/i;
const DOMAIN = /dc=([\w-]{1,63})/gi;

/** RFC 4514 §2.4: `M\C3\BCller\2C J.` and `M\C3\BCller\, J.` are `Müller, J.` */
const unescapeRdn = (value: string): string =>
  value.replaceAll(/(?:\\[\da-fA-F]{2})+|\\(.)/g, (run: string, single: string | undefined) =>
    single === undefined ? Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8') : single,
  );

const nameOf = (dn: string): string => {
  const name = FIRST_RDN.exec(dn)?.[1];
  return name === undefined ? dn.slice(0, 256) : unescapeRdn(name);
};

const putDn = (fields: Fields, dn: string | undefined): void => {
  if (dn === undefined || dn === '') return;
  put(fields, 'user.id', dn.slice(0, 1024));
  put(fields, 'user.name', nameOf(dn));
  const domain = [...dn.slice(0, 1024).matchAll(DOMAIN)].map(([, part]) => part).join('.');
  put(fields, 'user.domain', domain);
};

/** RFC 4513 and slapd: 0 none, 128 simple, 163 SASL. */
const METHODS: Readonly<Record<string, string>> = { '0': 'none', '128': 'simple', '163': 'sasl' };

const CHANGES: ReadonlySet<string> = new Set(['ADD', 'MOD', 'MODRDN', 'DEL', 'PASSMOD']);

type Pairs = ReadonlyMap<string, string>;

// from IP=192.0.2.7:45011 (IP=0.0.0.0:636) · from IP=[2001:db8::7]:45011 (IP=[::]:636) · from PATH=/run/slapd/ldapi
const PEERS =
  /from IP=(?:\[([\da-fA-F:.]{2,45})\]|([\d.]{7,15})):(\d{1,5})(?: \(IP=(?:\[([\da-fA-F:.]{2,45})\]|([\d.]{7,15})):(\d{1,5})\))?/;

const readAccept = (fields: Fields, text: string, id: string, connections: Connections): Act => {
  const m = PEERS.exec(text);
  putIp(fields, 'source.ip', m?.[1] ?? m?.[2]);
  putNumber(fields, 'source.port', m?.[3]);
  const own = m?.[4] ?? m?.[5];
  // 0.0.0.0 and :: are all of the server's addresses
  if (own !== '0.0.0.0' && own !== '::') putIp(fields, 'destination.ip', own);
  putNumber(fields, 'destination.port', m?.[6]);
  connections.open(id, fields['source.ip'] as string | undefined, fields['source.port'] as number | undefined);
  fields['network.transport'] = text.includes('PATH=') ? 'unix' : 'tcp';
  categorise(fields, ['network'], ['connection', 'start'], 'success');
  return 'flow-start';
};

/** The answer to a bind tells whether it was let in; of other operations, whether they were done. */
const readResult = (fields: Fields, pairs: Pairs, op: string, connection: Connection): Act => {
  const code = pairs.get('err');
  const ok = code === '0';
  put(fields, 'event.code', code);
  if (code !== undefined && !ok && code !== '14')
    put(fields, 'event.reason', pairs.get('text') || own(LDAP_RESULTS, code));
  const bind = connection.binds.get(op);
  connection.binds.delete(op);
  // tag 97 is a bind response (RFC 4511 §4.2.2); 14 a step of SASL
  const isBind = bind !== undefined || pairs.get('tag') === '97';
  const whose = connection.passwords.get(op);
  connection.passwords.delete(op);
  if (whose !== undefined && code !== undefined) {
    putDn(fields, connection.user);
    put(fields, 'user.target.name', nameOf(whose));
    put(fields, 'einfallstor.change.object', whose);
    categorise(fields, ['iam'], ['user', 'change'], ok ? 'success' : 'failure');
    return 'account-changed';
  }
  if (!isBind || code === '14') {
    categorise(
      fields,
      ['network'],
      ['protocol', 'info'],
      code === undefined ? undefined : ok || code === '14' ? 'success' : 'failure',
    );
    return 'other';
  }
  if (bind !== undefined) {
    putDn(fields, bind.dn);
    put(fields, 'einfallstor.login.method', own(METHODS, bind.method) ?? bind.method);
    // an anonymous bind leaves the connection nobody's
    if (ok) connection.user = bind.dn === '' ? undefined : bind.dn;
  }
  fields['service.type'] = 'ldap';
  categorise(fields, ['authentication'], [ok ? 'start' : 'info'], ok ? 'success' : 'failure');
  // an anonymous bind is nobody's login
  return bind !== undefined && bind.dn === '' && ok ? 'other' : 'login';
};

/** `server` tells apart the servers that log into one file: each counts its connections. */
const readMessage = (fields: Fields, m: RegExpExecArray, server: string, connections: Connections): Act => {
  const [, id, , op = '', verb, rest = ''] = m as unknown as [
    string,
    string,
    string | undefined,
    string | undefined,
    string,
    string | undefined,
  ];
  put(fields, 'event.action', verb.toLowerCase().replace(' ', '-'));
  put(fields, 'session.id', id);
  put(fields, 'openldap.operation', op);
  const key = `${server} ${id}`;
  if (verb === 'ACCEPT') return readAccept(fields, rest, key, connections);
  const connection = connections.get(key) ?? connections.open(key);
  put(fields, 'source.ip', connection.ip);
  putNumber(fields, 'source.port', connection.port);
  // do_bind: invalid dn (kein dn) · do_search: invalid dn: "ou=x" · do_extended: unsupported operation "1.3.6…"
  if (verb.startsWith('do_')) {
    const dn = verb === 'do_bind' ? /^invalid dn \((.{0,1024})\)$/.exec(rest)?.[1] : undefined;
    if (dn !== undefined && connection.binds.size < OPERATIONS_MAX) connection.binds.set(op, { dn, method: '' });
    put(fields, 'event.reason', rest);
    categorise(fields, ['network'], ['protocol', 'error'], 'failure');
    return 'other';
  }
  const pairs = readKeyValues(
    rest.replace(/\btext=(.{0,2000})$/, (_, text: string) => `text="${text.replaceAll('"', "'")}"`),
  );
  keepVendor(
    fields,
    'openldap',
    [...pairs].filter(([name]) => !/^(?:dn|text|err)$/.test(name)),
  );
  if (verb === 'BIND') {
    // a second line tells who a SASL bind is by now
    const dn = pairs.get('dn') ?? connection.binds.get(op)?.dn ?? '';
    const method = pairs.get('mech')?.toLowerCase() ?? pairs.get('method') ?? '';
    if (connection.binds.size < OPERATIONS_MAX) connection.binds.set(op, { dn, method });
    putDn(fields, pairs.get('dn'));
    categorise(fields, ['authentication'], ['info']);
    return 'other'; // its result is the login
  }
  if (verb.endsWith('RESULT')) return readResult(fields, pairs, op, connection);
  putDn(fields, connection.user);
  if (verb === 'closed') {
    connections.close(key);
    put(fields, 'event.reason', /^\((.{1,200})\)/.exec(rest)?.[1]);
    categorise(fields, ['network'], ['connection', 'end']);
    return connection.user === undefined ? 'other' : 'logout';
  }
  if (CHANGES.has(verb)) {
    put(fields, 'einfallstor.change.object', pairs.get('dn') ?? pairs.get('id'));
    categorise(fields, ['iam'], ['change']);
    const whose = pairs.get('id') ?? connection.user;
    if (verb === 'PASSMOD' && whose !== undefined && connection.passwords.size < OPERATIONS_MAX)
      connection.passwords.set(op, whose);
    return 'other'; // asked, not yet done: see its result
  }
  categorise(fields, ['network'], ['protocol', 'info']);
  return verb === 'SRCH' ? 'directory-access' : 'other';
};

const claims = (record: RawRecord): boolean => {
  const line = lineOf(record);
  return line !== undefined && (PROGRAM.test(record.envelope.program ?? '') || /^conn=\d/.test(line.text));
};

const open: Parser['open'] = ({ clock }) => {
  const connections = new Connections();
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no line of slapd');
    const fields: Fields = {};
    if (line.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, line.time);
    put(fields, 'host.name', record.envelope.host);
    fields['process.name'] = 'slapd';
    putNumber(fields, 'process.pid', record.envelope.pid);
    put(fields, 'message', line.text);
    const m = LINE.exec(line.text.slice(0, 16_384));
    relateAddresses(fields, line.text.slice(0, 4096));
    const server = `${record.envelope.host ?? ''} ${record.envelope.pid ?? ''}`;
    if (m !== null) return { kind: 'event', act: readMessage(fields, m, server, connections), fields };
    const state = /^(?:slapd (?:starting|stopped|shutdown)|daemon: shutdown)/.test(line.text);
    categorise(fields, ['host'], ['info']);
    return { kind: 'event', act: state ? 'source-state' : 'other', fields };
  };
};

export default {
  id: 'openldap',
  title: 'OpenLDAP slapd (stats log level)',
  references: [
    { title: "OpenLDAP Administrator's Guide, loglevel", url: 'https://www.openldap.org/doc/admin26/slapdconfig.html' },
    { title: 'slapd.conf(5)', url: 'https://www.openldap.org/software/man.cgi?query=slapd.conf' },
    { title: 'RFC 4511, result codes', url: 'https://www.rfc-editor.org/rfc/rfc4511#appendix-A' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    "connections, binds with their result and address, searches, changes, closes; in syslog and in slapd's own log",
  ],
  limits: [
    'who binds and from where stands in earlier lines of the connection: without them a result has neither',
    'a change is logged when it is asked for; its result follows as an event of its own, of a password as the change',
  ],
  recognise: recogniseBy(claims, 'are lines of slapd'),
  claims,
  open,
} satisfies Parser as Parser;
