import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCef } from '../../src/parse/kit/cef.ts';
import { epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { type Json, keepJson, listAt, parseJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import {
  type Attachment,
  addAttachment,
  addMailAddress,
  mailAddressIn,
  nameMailEnds,
  putMessageId,
  putPeer,
} from '../../src/parse/kit/mail.ts';
import { categorise, put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** CEF keys of the syslog form as names of the REST form; labelled ones (`cs1Label=eventType cs1=virus`) name themselves. */
const KEYS: Readonly<Record<string, string>> = {
  rt: 'genTime', suser: 'sender', duser: 'recipient', msg: 'subject', src: 'senderIP', act: 'action', cat: 'eventType',
  fname: 'fileName', fileHash: 'sha256', request: 'url', reason: 'reason', messageId: 'messageID', messageSize: 'size',
  mailUuid: 'mailID', embeddedUrl: 'embeddedUrls', deviceTranslatedAddress: 'relayIP',
}; // biome-ignore format: a table

/** `CEF:0|Trend Micro|TMES|1.0.0.0|100101|DETECTION|6|rt=2021-10-31 23:14:07 cs1Label=eventType cs1=virus …` */
const fromCef = (text: string): Json | undefined => {
  if (!/\|Trend ?Micro\|TME(?:S|MS|ail)/i.test(text)) return undefined;
  const cef = readCef(text);
  if (cef === undefined) return undefined;
  const out: Record<string, unknown> = { logType: cef.name, logId: cef.classId };
  for (const [key, value] of cef.extension) {
    if (/^(?:cs|cn|flexString)\d{1,2}Label$/.test(key)) continue;
    const label = cef.extension.get(`${key}Label`);
    const name = label ?? key;
    // [["a.pdf", "0f…"], …] · ["https://a.example/", …]
    out[own(KEYS, name) ?? name] = value.startsWith('[') ? (parseJson(value) ?? value) : value;
  }
  return out;
};

const fromJson = (text: string): Json | undefined => {
  if (!text.includes('"mailID"') && !text.includes('"policyAction"')) return undefined;
  const event = readObject(text);
  const known =
    textAt(event, 'genTime') !== undefined && textAt(event, 'mailID', 'messageID', 'policyName') !== undefined;
  return known ? event : undefined;
};

const read = (text: string): Json | undefined => (text.includes('CEF:') ? fromCef(text) : fromJson(text));

type Meaning = readonly [
  act: Act,
  type: 'info' | 'denied' | 'allowed',
  outcome: 'success' | 'failure' | 'unknown' | undefined,
];

/** Actions of mail tracking and of policies (Email Security Online Help, "Mail Tracking", "Policy Event Logs"). */
const meaningOf = (action: string): Meaning => {
  if (/^(?:deliver|redirect|released)/i.test(action)) return ['mail-delivery', 'allowed', 'success'];
  if (/^(?:bounced|expired|unresolved|failed)/i.test(action)) return ['mail-delivery', 'info', 'failure'];
  if (/^(?:queued|temporary|deferred|in progress)/i.test(action)) return ['mail-delivery', 'info', 'unknown'];
  if (/^(?:delete|block|reject|discard|drop)/i.test(action)) return ['mail-rejected', 'denied', 'failure'];
  if (/^(?:received|accept)/i.test(action)) return ['mail-received', 'info', 'success'];
  return ['mail-filter', 'info', undefined];
};

const texts = (event: Json, name: string): string[] =>
  listAt(event, name)
    .flatMap((one) => (typeof one === 'string' ? one.split(/[;,]\s?/, 500) : []))
    .slice(0, 1000);

/** `{ "fileName": …, "sha256": … }`, in CEF `["name", "sha256"]` */
const attachmentOf = (file: unknown): Attachment => {
  const [name, sha256] = Array.isArray(file) ? (file as unknown[]) : [];
  return typeof name === 'string'
    ? { name, sha256: typeof sha256 === 'string' ? sha256 : undefined }
    : { name: textAt(file, 'fileName', 'name'), sha256: textAt(file, 'sha256'), md5: textAt(file, 'md5') };
};

const putMail = (fields: Fields, event: Json): void => {
  putIp(fields, 'source.ip', textAt(event, 'senderIP', 'clientIP'));
  // antispam.example.org[203.0.113.7]:25
  putPeer(fields, 'destination', textAt(event, 'deliveredTo'));
  putIp(fields, 'destination.ip', textAt(event, 'relayIP'));
  put(fields, 'email.direction', textAt(event, 'direction')?.toLowerCase());
  put(fields, 'email.sender.address', textAt(event, 'sender'));
  addMailAddress(fields, 'email.from.address', mailAddressIn(textAt(event, 'headerFrom')) ?? textAt(event, 'sender'));
  for (const to of [...texts(event, 'recipient'), ...texts(event, 'recipients')])
    addMailAddress(fields, 'email.to.address', to);
  nameMailEnds(fields, undefined, texts(event, 'recipient')[0]);
  putMessageId(fields, textAt(event, 'messageID'));
  put(fields, 'email.local_id', textAt(event, 'mailID'));
  put(fields, 'email.subject', textAt(event, 'subject'));
  putNumber(fields, 'einfallstor.email.size', textAt(event, 'size'));
  for (const file of listAt(event, 'attachments').slice(0, 200)) addAttachment(fields, attachmentOf(file));
  addAttachment(fields, { name: textAt(event, 'fileName'), sha256: textAt(event, 'sha256') });
  putLinks(fields, [...texts(event, 'embeddedUrls'), ...texts(event, 'url')]);
  put(fields, 'tls.version', /TLS ([\d.]{1,3})/.exec(textAt(event, 'tlsInfo') ?? '')?.[1]);
};

const putTracked = (fields: Fields, event: Json): Act => {
  putMail(fields, event);
  const action = textAt(event, 'action', 'policyAction') ?? '';
  put(fields, 'event.action', action);
  put(fields, 'rule.name', textAt(event, 'policyName'));
  put(fields, 'rule.category', textAt(event, 'eventType'));
  put(fields, 'threat.indicator.name', textAt(event, 'threatName', 'virusName', 'malwareName'));
  put(fields, 'event.reason', textAt(event, 'reason', 'details'));
  if (/virus|malware|phish|ransom|bec|threat/i.test(textAt(event, 'eventType', 'eventSubtype') ?? ''))
    fields['event.kind'] = 'alert';
  const [act, type, outcome] = meaningOf(action);
  categorise(fields, ['email'], [type], outcome);
  return act;
};

// act=User login to End User Console · act=Add policy rule; accountType tells end users from administrators
const putAudit = (fields: Fields, event: Json): Act => {
  const action = textAt(event, 'action') ?? '';
  const enduser = /end.?user/i.test(textAt(event, 'accountType') ?? '');
  putUser(fields, 'user', textAt(event, 'sender'), true);
  putIp(fields, 'source.ip', textAt(event, 'senderIP'));
  put(fields, 'event.action', action);
  const failed = /fail|invalid|denied/i.test(action);
  if (/log ?(?:out|off)/i.test(action)) {
    categorise(fields, ['authentication', 'session'], ['end'], 'success');
    return 'logout';
  }
  if (/log ?(?:in|on)\b|sign.?in/i.test(action)) {
    fields['service.type'] = 'https';
    categorise(fields, ['authentication'], [failed ? 'info' : 'start'], failed ? 'failure' : 'success');
    return enduser ? 'login' : 'admin-login';
  }
  put(fields, 'einfallstor.change.object', textAt(event, 'affectedDomains'));
  categorise(fields, ['configuration'], ['change'], failed ? 'failure' : 'success');
  return enduser ? 'other' : 'config-change';
};

const MAPPED = new Set(
  `genTime timestamp senderIP sender recipient headerFrom messageID mailID subject size action direction attachments embeddedUrls
  deliveredTo`.split(/\s+/),
);

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const event = read(record.text);
  if (event === undefined) return rejected('not-this-format', 'no log of Trend Micro Email Security');
  const fields: Fields = { 'observer.vendor': 'Trend Micro', 'observer.product': 'Email Security' };
  const instant = (name: string) => {
    const text = textAt(event, name) ?? '';
    const civil = readIso(text)?.civil;
    return epochMicros(text) ?? civil;
  };
  // `timestamp` is when it happened, `genTime` when the record was made
  const time = instant('timestamp') ?? instant('genTime');
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  putNumber(fields, 'event.created', context.clock.instant(instant('genTime')));
  putNumber(fields, 'email.delivery_timestamp', context.clock.instant(instant('deliveryTime')));
  const audit = textAt(event, 'logType') === 'AUDIT';
  const act = audit ? putAudit(fields, event) : putTracked(fields, event);
  keepJson(fields, 'trendmicro.email', event, MAPPED);
  // the product's version in a CEF header looks like an address
  relateAddresses(fields, record.text.slice(0, 16_384).replace(/\|[\d.]{1,20}\|/, '|'));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => read(record.text) !== undefined;

export default {
  id: 'trendmicro-email',
  title: 'Trend Micro Email Security',
  references: [
    {
      title: 'Trend Micro Email Security: CEF audit logs',
      url: 'https://docs.trendmicro.com/en-us/documentation/article/trend-micro-email-security-online-help-cef-audit-logs',
    },
    {
      title: 'Trend Micro Email Security: content mapping between log output and CEF',
      url: 'https://docs.trendmicro.com/en-us/documentation/article/trend-micro-email-security-online-help-syslog-content-mappi',
    },
  ],
  framing: 'json',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: ['mail tracking and policy events as JSON of the REST interface; detections, tracking and audit as CEF'],
  recognise: recogniseBy(claims, 'are logs of Trend Micro Email Security', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
