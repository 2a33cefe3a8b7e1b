import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { AUDIT_TYPES, auditTypeOf, HEX_FIELDS } from '../../src/parse/kit/audit.ts';
import { type Civil, epochMicros, readSlashed } from '../../src/parse/kit/civil.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { add, categorise, keepVendor, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** A record's head: of which type, when, and the serial that the records of one event share. */
interface Head {
  readonly type: string;
  readonly time: Civil | number | undefined;
  readonly serial: string | undefined;
  /** Of a date with slashes the month is taken for the first. */
  readonly assumed: boolean;
  readonly node: string | undefined;
  readonly body: string;
}

// type=USER_LOGIN msg=audit(1635840930.123:456): pid=… · node=srv4 type=… · type=1112 audit(1635840930.123:456): pid=…   (kernel)
// type=USER_LOGIN msg=audit(11/02/21 08:15:30.123:456) : pid=…   (ausearch -i: local time)
const HEAD =
  /(?:node=(\S{1,255}) )?type=(UNKNOWN\[\d{1,5}\]|[A-Z][A-Z\d_-]{1,40}|\d{4}) (?:msg=)?audit\((?:(\d{9,10}\.\d{3})|(\d{1,2}[/.]\d{1,2}[/.]\d{2,4} [\d:]{8}\.\d{3})):(\d{1,12})\) ?: ?/;
/** How far into a line the head may stand: behind a syslog header and the name of a plug-in. */
const HEAD_MAX = 600;
// audit[1234]: USER_LOGIN pid=1234 uid=0 …   journald's form: its own time, no serial
const JOURNAL = /^(UNKNOWN\[\d{1,5}\]|[A-Z][A-Z\d_]{1,40}) (?=\w[\w-]{0,30}=|avc: )/;

const headOf = ({ text, envelope }: RawRecord): Head | undefined => {
  const m = text.includes('audit(') ? HEAD.exec(text.slice(0, HEAD_MAX)) : null;
  if (m !== null) {
    const time = m[3] === undefined ? readSlashed(m[4] as string, 0, 'month')?.civil : epochMicros(m[3]);
    return {
      type: auditTypeOf(m[2] as string),
      time,
      serial: m[5],
      assumed: m[4]?.includes('/') === true,
      node: m[1] ?? envelope.host,
      body: text.slice(m.index + m[0].length),
    };
  }
  const journal = envelope.program === 'audit' ? JOURNAL.exec(envelope.message) : null;
  if (journal === null) return undefined;
  return {
    type: journal[1] as string,
    time: envelope.civil,
    serial: undefined,
    assumed: false,
    node: envelope.host,
    body: envelope.message.slice(journal[0].length),
  };
};

// ------------------------------------------------------------------------------------------------------------- values

/**
 * Behind this byte stand the enriched values: the names of numbers (log_format = ENRICHED). syslog writes it `#035`, other
 * ways of the line leave it out: `… res=success'UID="root" AUID="kim"`.
 */
const ENRICHED = /\u001d|#035|(?<=') ?(?=(?:[A-Z_]{2,16}="[^"']{0,256}" ?){1,16}$)/;

const hexText = (digits: string): string =>
  Buffer.from(digits, 'hex').toString('utf8').replaceAll(/\0+$/g, '').replaceAll('\0', ' ');

/** A value in quotes is plain; one without quotes that is all hexadecimal digits was encoded. */
const decoded = (name: string, value: string, quoted: boolean, type: string): string => {
  const encodes = HEX_FIELDS.has(name) || (type === 'EXECVE' && /^a\d{1,4}(?:\[\d{1,4}\])?$/.test(name));
  return encodes && !quoted && value.length % 2 === 0 && /^[\dA-F]{2,}$/.test(value) ? hexText(value) : value;
};

// cmd=cat /etc/shadow exe=/usr/bin/sudo   ausearch -i decodes a command and puts no quotes around it
const COMMAND = /(?:^| )cmd=([^"\s]{1,255} (?!exe=|terminal=).{1,4096}?) (?:exe|terminal)=/s;

/** Pairs of the record, then those of its `msg='…'`, whose values programs in user space gave. */
const valuesOf = (body: string, type: string): Map<string, string> => {
  const [plain = '', enriched = ''] = body.split(ENRICHED, 2);
  const open = plain.indexOf("msg='");
  const close = open < 0 ? -1 : plain.lastIndexOf("'");
  const inner = open < 0 ? '' : plain.slice(open + 5, close > open + 4 ? close : undefined);
  // RHEL 5: 'PAM: authentication acct="root" : exe="/usr/sbin/sshd" (hostname=?, addr=192.0.2.4, terminal=ssh res=failed)'
  const flat = inner.includes('(hostname=') ? inner.replaceAll(/[(),]/g, ' ') : inner;
  const out = new Map<string, string>();
  for (const text of [flat, open < 0 ? plain : plain.slice(0, open)]) {
    for (const [name, value] of readKeyValues(text)) {
      const key = name.replace(/^[({]+/, '');
      if (out.has(key) || out.size >= 500) continue;
      out.set(key, decoded(key, value, text.includes(`${name}="`), type));
    }
  }
  const command = COMMAND.exec(flat)?.[1];
  if (command !== undefined) out.set('cmd', command);
  for (const [name, value] of readKeyValues(enriched)) if (!out.has(name)) out.set(name, value);
  return out;
};

const UNSET = new Set([
  '',
  '?',
  '4294967295',
  '-1',
  '(none)',
  '(null)',
  '(unknown)',
  'unset',
  '(unknown user)',
  '(invalid user)',
]);

// ------------------------------------------------------------------------------------------------------------- fields

type Values = ReadonlyMap<string, string>;

const told = (values: Values, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = values.get(name);
    if (value !== undefined && !UNSET.has(value)) return value;
  }
  return undefined;
};

// 1007 · unknown(1007)   ausearch -i, where the number has no name any more
const NUMBER = /^(?:unknown\()?(\d{1,10})\)?$/;

/** The name of an id: enriched beside it (`AUID="kim"`), or in its place (`auid=kim`, ausearch -i). */
const nameAt = (values: Values, ...ids: readonly string[]): string | undefined =>
  told(values, ...ids.map((id) => id.toUpperCase())) ??
  ids.map((id) => told(values, id)).find((value) => value !== undefined && !NUMBER.test(value));

const idAt = (values: Values, ...ids: readonly string[]): string | undefined =>
  ids.map((id) => NUMBER.exec(told(values, id) ?? '')?.[1]).find((id) => id !== undefined);

const baseName = (path: string | undefined): string | undefined => path?.slice(path.lastIndexOf('/') + 1);

/** Who was logged in (`auid`) acts on whom (`acct`), or asks to be let in as whom. */
const putUsers = (fields: Fields, type: string, values: Values, category: string, act: Act): void => {
  const account = told(values, 'acct');
  if (act === 'explicit-credentials') {
    put(fields, 'user.name', nameAt(values, 'auid', 'uid'));
    put(fields, 'user.id', idAt(values, 'auid', 'uid'));
    put(fields, 'user.effective.name', account);
    return;
  }
  if (category === 'iam') {
    put(fields, 'user.name', nameAt(values, 'auid', 'uid'));
    put(fields, 'user.id', idAt(values, 'auid', 'uid'));
    put(fields, 'user.target.name', account ?? nameAt(values, 'id'));
    put(fields, 'user.target.id', idAt(values, 'id'));
    put(fields, 'group.name', told(values, 'grp', 'new_group') ?? (/GROUP/.test(type) ? account : undefined));
    return;
  }
  const onLogon = category === 'authentication' || category === 'session';
  put(
    fields,
    'user.name',
    onLogon ? (account ?? nameAt(values, 'id', 'auid')) : (nameAt(values, 'auid', 'uid') ?? account),
  );
  put(fields, 'user.id', onLogon ? idAt(values, 'id', 'auid') : idAt(values, 'auid', 'uid'));
  if (!onLogon) put(fields, 'user.effective.id', idAt(values, 'euid'));
  if (!onLogon) put(fields, 'user.effective.name', nameAt(values, 'euid'));
};

const putEnds = (fields: Fields, values: Values): void => {
  const [address, host] = [told(values, 'addr'), told(values, 'hostname')];
  if (!putIp(fields, 'source.ip', address) && !putIp(fields, 'source.ip', host)) put(fields, 'source.address', address);
  // where no address stands beside it, it is the machine's own name
  if (host !== undefined && address !== undefined && canonicalIp(host) === undefined)
    put(fields, 'source.domain', host.toLowerCase());
  putNumber(fields, 'source.port', told(values, 'rport'));
  if (values.has('saddr')) add(fields, 'related.ip', canonicalIp(values.get('laddr') ?? ''));
  else putIp(fields, 'destination.ip', told(values, 'laddr'));
  if (!values.has('saddr')) putNumber(fields, 'destination.port', told(values, 'lport'));
  // saddr=0200001BC0000204…   sockaddr: family in the host's order, port and address in the network's (AF_INET 2, AF_INET6 10)
  const m = /^(0200|0A00)([\dA-F]{4})([\dA-F]{8})(?:([\dA-F]{32}))?/.exec(values.get('saddr') ?? '');
  if (m === null) return;
  const octets = (hex: string): number[] => [...Buffer.from(hex, 'hex')];
  const text = m[1] === '0200' ? octets(m[3] as string).join('.') : ((m[4] ?? '').match(/.{4}/g)?.join(':') ?? '');
  const ip = canonicalIp(text);
  add(fields, 'related.ip', ip);
  if (ip !== undefined) put(fields, 'linux.auditd.socket', `${ip} port ${Number.parseInt(m[2] as string, 16)}`);
};

const putProcess = (fields: Fields, type: string, values: Values): void => {
  const executable = told(values, 'exe');
  put(fields, 'process.executable', executable);
  put(fields, 'process.name', told(values, 'comm') ?? baseName(executable));
  putNumber(fields, 'process.pid', told(values, 'pid'));
  putNumber(fields, 'process.parent.pid', told(values, 'ppid'));
  put(fields, 'process.working_directory', told(values, 'cwd'));
  put(fields, 'process.command_line', told(values, 'cmd', 'proctitle'));
  if (type !== 'EXECVE') return;
  const args = [...values].filter(([name]) => /^a\d{1,4}(?:\[\d{1,4}\])?$/.test(name)).map(([, value]) => value);
  for (const arg of args.slice(0, 200)) add(fields, 'process.args', arg);
  put(fields, 'process.command_line', args.join(' ').slice(0, 32_768));
  put(fields, 'process.name', baseName(args[0]));
};

/** Programs that write USER_LOGIN themselves: their USER_AUTH is the same attempt. */
const LOGS_ON = /\/(?:sshd|sshd-session|login|gdm-session-worker|lightdm|sddm-helper|xdm)$/;
const CHANGES_USER = /\/(?:su|sudo|pkexec|runuser|polkit-agent-helper-1)$/;

const actOf = (act: Act, type: string, values: Values): Act => {
  const executable = values.get('exe') ?? '';
  if (type === 'USER_AUTH')
    return CHANGES_USER.test(executable) ? 'explicit-credentials' : LOGS_ON.test(executable) ? 'other' : 'login';
  // op=add-user-to-group
  if (type === 'USER_MGMT' && /group/.test(values.get('op') ?? '')) return 'group-changed';
  return type === 'USER_END' && !LOGS_ON.test(executable) ? 'other' : act;
};

const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/sshd/, 'ssh'],
  [/ftpd/, 'ftp'],
  [/\/login$|gdm|lightdm|sddm|xdm/, 'console'],
  [/dovecot/, 'imap'],
];

const outcomeOf = (values: Values): 'success' | 'failure' | undefined => {
  const text = values.get('res') ?? values.get('success') ?? values.get('result') ?? '';
  return /^(?:success|yes|1)\b/i.test(text) ? 'success' : /^(?:fail|no|0)/i.test(text) ? 'failure' : undefined;
};

/** Read above, or worthless: the text of `op` and the like stays under the vendor's name. */
const MAPPED = new Set(
  'acct addr hostname exe pid ppid cwd cmd proctitle comm res success saddr SADDR laddr lport rport ID AUID'.split(' '),
);

const putRecord = (fields: Fields, head: Head): Act => {
  const { type } = head;
  const values = valuesOf(head.body, type);
  const [act, category, eventType] = AUDIT_TYPES.get(type) ?? (['other', 'host', 'info'] as const);
  const outcome = outcomeOf(values);
  const failed = outcome === 'failure' && category === 'authentication';
  categorise(fields, [category], [failed ? 'info' : eventType], outcome);
  put(fields, 'event.action', type.toLowerCase().replaceAll('_', '-'));
  put(fields, 'event.code', type);
  const meant = actOf(act, type, values);
  putUsers(fields, type, values, category, meant);
  putEnds(fields, values);
  putProcess(fields, type, values);
  put(fields, 'session.id', told(values, 'ses'));
  put(fields, 'service.name', told(values, 'unit'));
  put(fields, 'rule.name', told(values, 'key'));
  put(fields, 'file.path', type === 'PATH' || type === 'AVC' ? told(values, 'name', 'path') : undefined);
  if (act === 'config-change') put(fields, 'einfallstor.change.object', told(values, 'key', 'table', 'op'));
  if (category === 'authentication')
    put(fields, 'service.type', SERVICES.find(([pattern]) => pattern.test(values.get('exe') ?? ''))?.[1]);
  keepVendor(
    fields,
    'linux.auditd',
    [...values].filter(([name, value]) => !MAPPED.has(name) && value !== '?' && !/^a\d/.test(name)),
  );
  if (meant !== 'login' || outcome !== undefined) return meant;
  warn(fields, 'truncated'); // its result stands last
  return 'other';
};

// ------------------------------------------------------------------------------------------------------------- parser

// ----   ·   time->Tue Nov  2 08:15:30 2021   what ausearch puts between events
const BETWEEN = /^(?:----|time->.{1,40})$/;

const claims = (record: RawRecord): boolean => headOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    if (BETWEEN.test(text)) return { kind: 'skipped', reason: 'header' };
    const head = headOf(record);
    if (head === undefined) return rejected('not-this-format', 'no audit record');
    const fields: Fields = {};
    if (head.time === undefined) warn(fields, 'time-missing');
    else if (head.assumed) warn(fields, 'date-order-assumed:month-first');
    clock.stamp(fields, head.time);
    put(fields, 'host.name', head.node);
    putNumber(fields, 'event.sequence', head.serial);
    const act = putRecord(fields, head);
    put(fields, 'message', head.body.split(ENRICHED, 1)[0]?.slice(0, 8192));
    relateAddresses(fields, head.body.slice(0, 8192));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'linux-auditd',
  title: 'Linux audit daemon (audit.log), audispd and kernel audit records in syslog',
  references: [
    { title: 'Red Hat: audit record types', url: 'https://access.redhat.com/articles/4409591' },
    { title: 'Red Hat: audit event fields', url: 'https://access.redhat.com/articles/4409591#audit-event-fields-1' },
    { title: 'linux-audit: specifications', url: 'https://github.com/linux-audit/audit-documentation/wiki' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'logins, authentications, sessions, accounts and groups, commands and programs, services, configuration, denials, anomalies',
    'records of all other types with their values; raw and enriched form, hexadecimal values decoded; ausearch -i',
  ],
  limits: [
    'each record is an event; those of one audit event share event.sequence',
    'ausearch -i writes dates in the order of its locale: month first is assumed of one with slashes, with a warning',
    'USER_AUTH of sshd, login and display managers is not counted as a login: their USER_LOGIN is',
  ],
  recognise: recogniseBy((record) => claims(record) || BETWEEN.test(record.text.trim()), 'are audit records'),
  claims,
  open,
} satisfies Parser as Parser;
