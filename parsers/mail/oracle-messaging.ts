import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { readClf, readIso } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { addMailAddress, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { ADDRESS, type Meaning, mailPhrases, mean, putClient } from '../../src/parse/kit/mail-phrases.ts';
import { keepVendor, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// LOG_FORMAT=4: <co ts="2021-11-02T08:14:07.56" pi="123f.8e2.9022" sc="tcp_local" dr="+" ac="U" tr="TCP|192.0.2.25|25|203.0.113.7|56591" …/>
const XML = /^<(en|co|he|[a-z]{2}) (?=[a-z]{2}=")/;
const ATTRIBUTE = /\b([a-z][a-z0-9]{1,3})=("(?:[^"\\]|\\.){0,16000}"|'[^']{0,16000}')/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

// LOG_FORMAT=1 to 3: 02-Nov-2021 08:14:07.72 tcp_local ims-ms EE 1 a@example.net rfc822;b@example.org b@ims-ms-daemon …
const COLUMNS = /^(\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?) (\S.*)$/s;
const ACTION = /^[BDEJKOQRSUVWXYZCI][ACDEHLPQRSTU]{0,6}$/;

/** Action codes: Administration Guide, Table 25–2. */
const ENTRIES: Readonly<Record<string, readonly [action: string, meaning: Meaning]>> = {
  B: ['bad-command', 'broken'], // bad command sent to the SMTP server
  D: ['dequeued', 'sent'],
  E: ['enqueued', 'received'],
  J: ['rejected', 'rejected'], // attempted enqueue refused
  K: ['recipient-discarded', 'rejected'],
  Q: ['deferred', 'deferred'],
  R: ['returned', 'bounced'], // on attempted dequeue
  S: ['sender-restriction', 'verdict'],
  V: ['rejected', 'rejected'], // transaction disconnected or rejected
  W: ['delay-notified', 'deferred'],
  Z: ['deferred-in-part', 'deferred'], // some recipients done, the others wait
};
/** Connection codes: `co` elements, LOG_CONNECTION. */
const CONNECTIONS: Readonly<Record<string, readonly [action: string, meaning: Meaning]>> = {
  C: ['closed', 'disconnect'],
  I: ['etrn', 'connection'],
  O: ['opened', 'connect'],
  S: ['ssl', 'connection'],
  X: ['connection-rejected', 'broken'],
  Y: ['connection-failed', 'broken'],
};

type Values = ReadonlyMap<string, string>;

const readAttributes = (text: string): Values => {
  const values = new Map<string, string>();
  for (const [, key, quoted] of text.slice(0, 65_536).matchAll(ATTRIBUTE)) {
    if (values.has(key as string)) continue;
    const value = (quoted as string)
      .slice(1, -1)
      .replaceAll(/&(lt|gt|amp|quot|apos|#\d{1,6});/g, (whole, name: string) => {
        const code = Number(name.slice(1));
        return own(ENTITIES, name) ?? (code > 31 && code < 0x10_ffff ? String.fromCodePoint(code) : whole);
      });
    values.set(key as string, value);
  }
  return values;
};

const decoded = (text: string | undefined): string | undefined =>
  text?.replace(/^rfc822;/i, '').replace(/^@[\w.,@-]{1,255}:/, '');

/** `TCP|own address|own port|other's address|other's port`; who called is told by the direction. */
const putTransportInfo = (fields: Fields, text: string | undefined, outbound: boolean): void => {
  const [protocol, own, ownPort, other, otherPort] = (text ?? '').split('|');
  if (other === undefined) return;
  putTransport(fields, protocol);
  const [from, fromPort, to, toPort] = outbound ? [own, ownPort, other, otherPort] : [other, otherPort, own, ownPort];
  putClient(fields, from);
  putNumber(fields, 'source.port', fromPort);
  putIp(fields, 'destination.ip', to);
  putNumber(fields, 'destination.port', toPort);
};

const READ = new Set(['ts', 'sz', 'so', 'od', 'de', 'mi', 'us', 'di', 'tr', 're', 'no', 'pi', 'su', 'ip']);
const PASSED = /successful|switched to channel/i;

const readLogin = (fields: Fields, values: Values): Act => {
  const text = values.get('mi') ?? values.get('di');
  if (text === undefined) {
    warn(fields, 'truncated');
    return mean(fields, 'authentication', 'note');
  }
  const passed = PASSED.test(text) || /^2\d\d /.test(values.get('di') ?? '');
  put(fields, 'event.reason', text);
  fields['service.type'] = (/^(\w{3,10})/.exec(values.get('ap') ?? '')?.[1] ?? 'smtp').toLowerCase();
  return mean(fields, passed ? 'authenticated' : 'authentication-failed', passed ? 'passed' : 'refused');
};

const readEntry = (fields: Fields, element: string, values: Values): Act => {
  const code = values.get('ac') ?? '';
  const outbound = values.get('dr') === '-';
  putUser(fields, 'user', values.get('us'), true);
  putTransportInfo(fields, values.get('tr'), outbound);
  // store log: the client of a mailbox session
  putClient(fields, values.get('ip'));
  put(fields, 'event.code', code);
  put(fields, 'process.entity_id', values.get('pi'));
  put(fields, 'host.name', values.get('no'));
  if (element === 'en' || element === 'co') fields['network.protocol'] = 'smtp';
  const di = values.get('di');
  keepVendor(
    fields,
    'oracle.messaging',
    [...values].filter(([key]) => !READ.has(key)),
  );
  if (/SSL|TLS/.test(values.get('ap') ?? '') || /^.[A-Z]{0,6}S/.test(code)) fields['tls.established'] = true;
  if (element === 'co' && code === 'U') return readLogin(fields, values);
  if (element === 'co') {
    put(fields, 'event.reason', di ?? values.get('mi'));
    return mean(fields, ...(CONNECTIONS[code[0] ?? ''] ?? (['connection', 'connection'] as const)));
  }
  if (element !== 'en')
    return mean(fields, element === 'he' ? 'header' : `store-${element}`, element === 'he' ? 'note' : 'access');
  putMessageId(fields, values.get('mi'));
  addMailAddress(fields, 'email.from.address', values.get('so'));
  addMailAddress(fields, 'email.to.address', decoded(values.get('od')) ?? values.get('de'));
  put(fields, 'oracle.messaging.de', values.get('de'));
  put(fields, 'email.subject', values.get('su'));
  put(fields, 'event.reason', values.get('re') ?? di);
  putNumber(fields, 'oracle.messaging.sz', values.get('sz')); // in blocks, 1024 bytes unless BLOCK_SIZE says otherwise
  const entry = ENTRIES[code[0] ?? ''] ?? (['entry', 'note'] as const);
  // the local channel's end of the message: where it went is the destination
  if (entry[1] === 'sent' || entry[1] === 'deferred' || entry[1] === 'bounced')
    nameMailEnds(fields, undefined, decoded(values.get('od')) ?? values.get('de'));
  return mean(fields, ...entry);
};

/** The columns of the classic format: channels, action, size, sender, original and active recipient, the rest as text. */
const columnsOf = (text: string): Values => {
  const values = new Map<string, string>();
  const parts = ((COLUMNS.exec(text.slice(0, 8192))?.[2] as string) ?? '').trim().split(/ {1,64}/, 200);
  const at = parts.findIndex((part, n) => n > 0 && n < 4 && ACTION.test(part));
  if (at < 1) return values;
  const second = parts[at - 1] as string;
  if (second === '+' || second === '-') values.set('dr', second);
  else if (at >= 2) values.set('dc', second);
  if (at >= 2) values.set('sc', parts[at - 2] as string);
  values.set('ac', parts[at] as string);
  const rest = parts.slice(at + 1);
  const sized = /^\d{1,12}$/.test(rest[0] ?? '') ? rest.shift() : undefined;
  if (sized !== undefined) values.set('sz', sized);
  const transport = rest.findIndex((part) => part.startsWith('TCP|'));
  if (transport >= 0) values.set('tr', rest.splice(transport, 1)[0] as string);
  const original = rest.findIndex((part) => /^rfc822;/i.test(part));
  if (original > 0) values.set('so', rest[original - 1] as string);
  if (original >= 0) values.set('od', rest[original] as string);
  const behind = rest.slice(original >= 0 ? original + 1 : 0);
  if (original >= 0 && behind[0]?.includes('@')) values.set('de', behind.shift() as string);
  if (behind.length > 0) values.set('di', behind.join(' '));
  return values;
};

// ------------------------------------------------------------------------------------------------------------- services

// [02/Nov/2021:08:14:07 +0100] ms1 imapd[232]: Account Notice: badlogin: [198.51.100.44:3010] plaintext k.maier authentication failure
const SERVICE =
  /^\[(\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] (\S{1,255}) ([\w.-]{2,32})\[(\d{1,10})\]: ([A-Z]\w{2,20}) (Emergency|Alert|Critical|Error|Warning|Notice|Information|Debug): ?(.*)$/s;
const CLIENT = `\\[(?<ip>${ADDRESS})(?::(?<port>\\d{1,5}))?\\]`;
const readService = mailPhrases('oracle.messaging', [
  [
    new RegExp(`^badlogin:? ${CLIENT} (?<mechanism>[\\w-]{1,32})(?: (?<user>\\S{1,320}))? (?<reason>.{1,300})$`),
    'badlogin',
    'refused',
  ],
  [new RegExp(`^(?:user )?login:? ${CLIENT} (?<user>\\S{1,320})(?: (?<mechanism>[\\w+-]{1,32}))?`), 'login', 'passed'],
  [new RegExp(`^close:? ${CLIENT} \\[unauthenticated\\]`), 'close', 'disconnect'],
  [new RegExp(`^(?:close|logout):? ${CLIENT} (?<user>[^\\s[]\\S{0,320})?`), 'close', 'left'],
  [new RegExp(`^connect(?:ion)?(?: from)?:? ${CLIENT}`), 'connect', 'connect'],
  [/^append: ?(?<user>[^:]{1,320}):(?<mailbox>[^:]{1,512}):(?<size>\d{1,15}):<(?<id>[^>]{1,998})>/, 'append', 'sent'],
  [/^(?:expunge|delete|remove|purge|move|rename|create)\b/i, 'mailbox', 'access'],
  [/^(?:Log (?:created|closed)|.{0,64}(?:starting|started|shutting down|stopped))/, 'daemon', 'state'],
]);
const SERVICES: Readonly<Record<string, string>> = {
  imapd: 'imap',
  imapproxy: 'imap',
  popd: 'pop3',
  popproxy: 'pop3',
  mshttpd: 'webmail',
  httpd: 'webmail',
};

const readServiceLine = ({ clock }: ParseContext, m: RegExpExecArray): Outcome => {
  const [, time, host, program, pid, category, level, text] = m as unknown as string[];
  const fields: Fields = {};
  const service = own(SERVICES, program as string);
  if (service !== undefined) fields['service.type'] = service;
  const act =
    readService(fields, (text as string).slice(0, 8192)) ??
    mean(fields, 'message', /^(?:Em|Al|Cr|Er)/.test(level as string) ? 'error' : 'note');
  put(fields, 'log.level', level?.toLowerCase());
  put(fields, 'oracle.messaging.category', category);
  putHead(fields, clock, { civil: readClf(time as string)?.civil, host, program, pid }, text as string);
  return { kind: 'event', act, fields };
};

const bodyOf = ({ text, envelope }: RawRecord): string =>
  XML.test(text) || COLUMNS.test(text) ? text : envelope.message;

/** Other daemons head their lines alike: those of this product are known by name. */
const OURS =
  /^(?:ims?_master|imapd|popd|mshttpd|imapproxy|popproxy|stored|imquotacheck|cgi_store|cgi_service|tcp_lmtp_server|job_controller|imsched|msadm|AService|mmp)$/;

const claims = (record: RawRecord): boolean => {
  if (OURS.test(SERVICE.exec(record.text)?.[3] ?? '')) return true;
  const text = bodyOf(record);
  const m = XML.exec(text);
  if (m !== null)
    return (
      /\bts="/.test(text.slice(0, 512)) && (m[1] === 'en' || m[1] === 'co' || m[1] === 'he' || /\bsn="/.test(text))
    );
  const values = COLUMNS.test(text) ? columnsOf(text) : undefined;
  return values?.has('ac') === true && (values.has('od') || values.has('tr'));
};

const read = (context: ParseContext, record: RawRecord): Outcome => {
  if (record.text.trim() === '') return BLANK;
  const service = SERVICE.exec(record.text);
  if (service !== null) return readServiceLine(context, service);
  if (!claims(record)) return rejected('not-this-format', 'no entry of the Messaging Server transaction log');
  const text = bodyOf(record);
  const fields: Fields = {};
  const element = XML.exec(text)?.[1];
  const values = element === undefined ? columnsOf(text) : readAttributes(text);
  const connection = values.get('dr') !== undefined && values.get('sz') === undefined;
  const act = readEntry(fields, element ?? (connection ? 'co' : 'en'), values);
  const civil = element === undefined ? readClf(text)?.civil : readIso(values.get('ts') ?? '')?.civil;
  putHead(fields, context.clock, { civil, host: values.get('no') }, text);
  return { kind: 'event', act, fields };
};

export default {
  id: 'oracle-messaging',
  title: 'Oracle Communications Messaging Server (Sun Java System, iPlanet): MTA transaction log',
  references: [
    {
      title: 'Sun Java System Messaging Server 6.3 Administration Guide: MTA Log Entry Format',
      url: 'https://docs.oracle.com/cd/E19563-01/819-4428/bgbev/index.html',
    },
    {
      title: 'To Control Formatting of Log Entries (attributes of LOG_FORMAT=4)',
      url: 'https://docs.oracle.com/cd/E19566-01/819-4428/gehgi/index.html',
    },
    {
      title: 'Messaging Server Technical Reference: log_format MTA option',
      url: 'https://msg.wikidoc.info/index.php?title=MTA_transaction_log_entry_format',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  families: [
    'mail enqueued, dequeued, deferred, returned, refused with channels, envelope, message id; connections; logins and refused logins',
    'service logs (imapd, popd, mshttpd, store): logins, refused logins, ends of sessions, messages appended',
    'XML-compatible format (en, co, he, store transactions) and the classic columns',
  ],
  limits: [
    'sizes are in blocks of 1024 bytes unless the server says otherwise: kept under oracle.messaging.sz',
    'LOG_FORMAT=3 (counted fields) is read as text',
  ],
  recognise: recogniseBy(claims, 'are entries of the Messaging Server', 0.97),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
