import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { readObject, textAt } from '../../src/parse/kit/json.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { add, categorise, keepVendor, put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Row = ReadonlyMap<string, string>;

/** Names of the pipe format (API 1) as those of the JSON streams (API 2). */
const NAMES: Readonly<Record<string, string>> = {
  datetime: 'timestamp', acode: 'processingId', acc: 'accountId', act: 'action', msgid: 'messageId', sender: 'senderEnvelope',
  headerfrom: 'senderHeader', rcpt: 'recipients', recipient: 'recipients', ip: 'senderIp', dir: 'direction', subject: 'subject',
  rejtype: 'rejectionType', rejinfo: 'rejectionInfo', rejcode: 'rejectionCode', hld: 'holdReason', msgsize: 'emailSize', attnames: 'attachments',
  virus: 'virusFound', spamscore: 'spamScore', filename: 'fileName', url: 'url', sourceip: 'senderIp', sender_domain: 'senderDomain',
  senderdomain: 'senderDomain', delivered: 'delivered', err: 'deliveryErrors', sha256: 'sha256', sha1: 'sha1', md5: 'md5', eventtype: 'type',
}; // biome-ignore format: a table

const nameOf = (name: string): string => own(NAMES, name.toLowerCase()) ?? name;

/** `datetime=2023-09-12T07:10:05+0000|aCode=x|acc=C0A0|IP=…|Sender=…|Subject=…` */
const piped = (text: string): Row | undefined => {
  const start = text.indexOf('datetime=');
  if (start < 0 || start > 256 || !/\|acc=/.test(text)) return undefined;
  const row = new Map<string, string>();
  for (const part of text.slice(start).split('|', 200)) {
    const equals = part.indexOf('=');
    if (equals <= 0) continue;
    const name = nameOf(part.slice(0, equals).trim());
    if (!row.has(name))
      row.set(
        name,
        part
          .slice(equals + 1)
          .trim()
          .replace(/^"([^"]*)"$/, '$1'),
      );
  }
  return row;
};

const json = (text: string): Row | undefined => {
  if (!/"(?:processingId|aggregateId|aCode)"/.test(text)) return undefined;
  const row = new Map<string, string>();
  for (const [name, value] of Object.entries(readObject(text) ?? {}))
    if (typeof value === 'string' || typeof value === 'number') row.set(nameOf(name), String(value));
  return row.size > 2 && row.has('timestamp') ? row : undefined;
};

/** `{"auditType": "Logon Authentication Failed", "eventInfo": "Failed authentication for …, IP: …", "user": …}` */
const auditRow = (text: string): Row | undefined => {
  if (!text.includes('"auditType"')) return undefined;
  const record = readObject(text);
  const [type, info] = [textAt(record, 'auditType'), textAt(record, 'eventInfo')];
  if (type === undefined || info === undefined) return undefined;
  return new Map([
    ['auditType', type],
    ['eventInfo', info],
    ['timestamp', textAt(record, 'eventTime', 'timestamp') ?? ''],
    ['user', textAt(record, 'user') ?? ''],
    ['category', textAt(record, 'category') ?? ''],
    ['id', textAt(record, 'id') ?? ''],
  ]);
};

const read = (text: string): Row | undefined => auditRow(text) ?? json(text) ?? piped(text);

// ---------------------------------------------------------------- meaning

type Meaning = readonly [act: Act, outcome: 'success' | 'failure' | 'unknown' | undefined];

/** https://developer.services.mimecast.com/siem-tutorial-cg: types of log, actions Acc, Rej, Hld, Bnc, Ign, Sbx, Ret */
const meaningOf = (row: Row): Meaning => {
  const action = (row.get('action') ?? '').toLowerCase();
  const type = (row.get('type') ?? '').toLowerCase();
  if (type === 'delivery' || row.has('delivered'))
    return [
      'mail-delivery',
      row.get('delivered') === 'false'
        ? 'failure'
        : row.has('deliveryErrors') && !row.has('delivered')
          ? 'unknown'
          : 'success',
    ];
  if (/^rej|^bnc/.test(action)) return ['mail-rejected', 'failure'];
  // TTP URL Protect: reason=malicious|url=https://…|urlCategory=Phishing; a click on a clean page is seen, too
  if (row.has('url') && row.has('reason')) return [row.get('reason') === 'clean' ? 'mail-filter' : 'threat', undefined];
  if (/^(?:av|spam|internal email|impersonation|attachment|url)|protect/.test(type) || row.has('fileName'))
    return ['threat', undefined];
  if (/^(?:hld|held|sbx|ign|ret|block)/.test(action)) return ['mail-filter', undefined];
  if (type === 'process' || action === 'allow') return ['mail-filter', 'success'];
  return ['mail-received', 'success'];
};

/** Audit events: who came in, what was changed (Mimecast, "Get audit events"). */
const putAudit = (fields: Fields, row: Row): Act => {
  const type = row.get('auditType') ?? '';
  const info = row.get('eventInfo') ?? '';
  const part = (name: string): string | undefined => new RegExp(`\\b${name}: ([^,]{1,256})`).exec(info)?.[1];
  put(fields, 'event.action', type);
  put(fields, 'message', info);
  putUser(fields, 'user', row.get('user'), true);
  putIp(fields, 'source.ip', part('IP'));
  put(fields, 'event.reason', part('Reason'));
  const application = part('Application');
  put(fields, 'service.type', application?.toLowerCase());
  const failed = /fail|denied|locked/i.test(type);
  if (/log(?:ged|ging)? ?o(?:ff|ut)/i.test(type)) {
    categorise(fields, ['authentication', 'session'], ['end'], 'success');
    return 'logout';
  }
  if (/log(?:ged|ging)? ?(?:on|in)\b|authentication/i.test(type)) {
    categorise(fields, ['authentication'], [failed ? 'info' : 'start'], failed ? 'failure' : 'success');
    return /admin/i.test(application ?? '') ? 'admin-login' : 'login';
  }
  if (/lock/i.test(type)) {
    categorise(fields, ['authentication'], ['info', 'denied'], 'failure');
    return 'account-locked';
  }
  const account = /^(?:new |existing )?(?:user|account|mimecast access)/i.test(type);
  categorise(fields, account ? ['iam'] : ['configuration'], account ? ['user', 'change'] : ['change'], 'success');
  return account ? 'account-changed' : 'config-change';
};

const MAPPED = new Set(
  `timestamp action messageId senderEnvelope senderHeader recipients senderIp destinationIp direction subject emailSize
  attachments fileName sha256 sha1 md5 url processingId eventInfo user`.split(/\s+/),
);

const putRow = (fields: Fields, row: Row): void => {
  putIp(fields, 'source.ip', row.get('senderIp'));
  putIp(fields, 'destination.ip', row.get('destinationIp'));
  addMailAddress(fields, 'email.from.address', row.get('senderEnvelope'));
  addMailAddress(fields, 'email.from.address', row.get('senderHeader'));
  for (const to of (row.get('recipients') ?? '').split(/[,;] ?/, 1000)) addMailAddress(fields, 'email.to.address', to);
  putMessageId(fields, row.get('messageId'));
  put(fields, 'email.local_id', row.get('processingId'));
  put(fields, 'email.subject', row.get('subject'));
  put(fields, 'email.direction', row.get('direction')?.toLowerCase());
  putNumber(fields, 'einfallstor.email.size', row.get('emailSize'));
  // "a.jpg", "b.png": quoted where there are several
  const names = row.get('attachments') ?? '';
  const listed = /^".*", ?"/.test(names) ? names.slice(1).replace(/"$/, '').split(/", ?"/, 200) : [names];
  for (const name of [...listed, row.get('fileName')]) add(fields, 'email.attachments.file.name', name);
  for (const hash of ['sha256', 'md5']) add(fields, `email.attachments.file.hash.${hash}`, row.get(hash));
  put(fields, 'file.hash.sha1', row.get('sha1'));
  put(fields, 'file.name', row.get('fileName'));
  put(fields, 'event.reason', row.get('rejectionInfo') ?? row.get('holdReason') ?? row.get('deliveryErrors'));
  put(fields, 'rule.name', row.get('virusFound'));
  const url = row.get('url') ?? /\b(https?:\/\/[^\s<>"\]]{1,2000})/.exec(row.get('rejectionInfo') ?? '')?.[1];
  putUrl(fields, url);
};

const putMail = (fields: Fields, row: Row): Act => {
  putRow(fields, row);
  const [act, outcome] = meaningOf(row);
  categorise(fields, ['email'], [act === 'mail-rejected' ? 'denied' : 'info'], outcome);
  put(fields, 'event.action', row.get('action') ?? row.get('type'));
  return act;
};

const timeOf = (text: string | undefined): Civil | number | undefined =>
  epochMicros(text ?? '') ?? readIso(text ?? '')?.civil;

const open: Parser['open'] = (context) => (record) => {
  const text = record.text.trim();
  if (text === '') return BLANK;
  const row = read(text);
  if (row === undefined) return rejected('not-this-format', 'no event of a Mimecast log');
  const fields: Fields = { 'observer.vendor': 'Mimecast', 'observer.product': 'Email Security' };
  const time = timeOf(row.get('timestamp'));
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  const act = row.has('auditType') ? putAudit(fields, row) : putMail(fields, row);
  keepVendor(
    fields,
    'mimecast.email',
    [...row].filter(([name]) => !MAPPED.has(name)),
  );
  relateAddresses(fields, text.slice(0, 16_384));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => read(record.text) !== undefined;

export default {
  id: 'mimecast',
  title: 'Mimecast Email Security',
  references: [
    { title: 'Mimecast: understanding SIEM logs', url: 'https://developer.services.mimecast.com/siem-tutorial-cg' },
    {
      title: 'Mimecast: SIEM logs, API 1',
      url: 'https://integrations.mimecast.com/documentation/tutorials/understanding-siem-logs/',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'receipt, process, delivery, journal, TTP and AV events: JSON of API 2, key=value with bars of API 1',
    'audit events: logins, accounts, configuration',
  ],
  recognise: recogniseBy(claims, 'are events of a Mimecast log', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
