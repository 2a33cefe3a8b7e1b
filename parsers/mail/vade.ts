import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import { addAttachment, addMailAddress, mailAddressIn, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

type Form = 'gateway' | 'm365' | 'remediation';

// [0001A2B4] qid=a1,ip=192.0.2.5,sender=a@example.net,site=VSC1,domain=example.org,recipient=b@example.org: action=drop,status=virus,…,subject="…"
const ULOG = /^(?:\[[0-9A-F]{4,16}\] )?(qid=.{0,2048}?): (action=.{0,4096})$/s;

/** The syslog line's pairs under the names the cloud's JSON has for them. */
const fromLine = (message: string): Json | undefined => {
  const m = ULOG.exec(message.trimEnd());
  if (m === null) return undefined;
  const of = (text: string | undefined, key: string): string | undefined =>
    new RegExp(`(?:^|,)${key}=("[^"]{0,2048}|[^,]{0,512})`).exec(text ?? '')?.[1]?.replace(/^"/, '');
  const pairs: readonly [string, string | undefined][] = [
    ['messageId', of(m[1], 'qid')],
    ['ip', of(m[1], 'ip')],
    ['from', of(m[1], 'sender')],
    ['to', of(m[1], 'recipient')],
    ['site', of(m[1], 'site')],
    ['domain', of(m[1], 'domain')],
    ['operationType', of(m[2], 'action')?.toUpperCase()],
    ['messageType', of(m[2], 'status')?.toUpperCase()],
    ['spamLevel', of(m[2], 'spamlevel')],
    ['tag', of(m[2], 'tag')],
    ['filterReason', of(m[2], 'reply')],
    ['subject', of(m[2], 'subject')],
  ];
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined && value !== 'nil'));
};

const formOf = (event: Json): Form | undefined => {
  if (event['operationType'] !== undefined && event['messageType'] !== undefined) return 'gateway';
  if (event['nb_messages_remediated'] !== undefined) return 'remediation';
  return event['from_header'] !== undefined && (event['remediation_type'] ?? event['whitelisted']) !== undefined
    ? 'm365'
    : undefined;
};

const read = (record: RawRecord): { event: Json; form: Form } | undefined => {
  const { text } = record;
  if (text.includes('{') && /"(?:operationType|from_header|nb_messages_remediated)"/.test(text)) {
    const event = readObject(text);
    const form = event && formOf(event);
    return event && form && { event, form };
  }
  const event = text.includes('qid=') ? fromLine(record.envelope.message) : undefined;
  return event && { event, form: 'gateway' };
};

type Meaning = readonly [act: Act, type: 'info' | 'denied' | 'allowed', outcome: 'success' | 'failure' | undefined];

const gatewayMeaning = (operation: string): Meaning => {
  if (/^(?:DROP|REJECT|DELETE|BLOCK)/.test(operation)) return ['mail-rejected', 'denied', 'failure'];
  if (/^(?:ACCEPT|DELIVER|RELAY|PASS|SEND)/.test(operation)) return ['mail-received', 'allowed', 'success'];
  return ['mail-filter', 'info', undefined];
};

const gateway = (fields: Fields, event: Json): Meaning => {
  putIp(fields, 'source.ip', textAt(event, 'ip'));
  addMailAddress(fields, 'email.from.address', textAt(event, 'from'));
  addMailAddress(fields, 'email.to.address', textAt(event, 'to'));
  put(fields, 'email.local_id', textAt(event, 'messageId'));
  put(fields, 'email.subject', textAt(event, 'subject'));
  put(fields, 'observer.name', textAt(event, 'hostname'));
  put(fields, 'destination.domain', textAt(event, 'domain'));
  const operation = textAt(event, 'operationType') ?? '';
  const type = textAt(event, 'messageType');
  put(fields, 'event.action', operation);
  put(fields, 'rule.name', type);
  if (/VIRUS|PHISH|SCAM|MALWARE/.test(type ?? '')) fields['event.kind'] = 'alert';
  return gatewayMeaning(operation);
};

const m365 = (fields: Fields, event: Json): Meaning => {
  putIp(fields, 'source.ip', textAt(event, 'sender_ip'));
  put(fields, 'email.sender.address', textAt(event, 'from'));
  addMailAddress(fields, 'email.from.address', textAt(event, 'from'));
  addMailAddress(fields, 'email.from.address', mailAddressIn(textAt(event, 'from_header')));
  addMailAddress(fields, 'email.to.address', textAt(event, 'to'));
  addMailAddress(fields, 'email.reply_to.address', mailAddressIn(textAt(event, 'reply_to_header')));
  putMessageId(fields, textAt(event, 'message_id'));
  put(fields, 'email.local_id', textAt(event, 'id'));
  put(fields, 'email.subject', textAt(event, 'subject'));
  put(fields, 'email.direction', textAt(event, 'direction'));
  putNumber(fields, 'einfallstor.email.size', textAt(event, 'size'));
  nameMailEnds(fields, undefined, textAt(event, 'to'));
  for (const way of ['spf', 'dkim', 'dmarc'])
    put(fields, `einfallstor.email.${way}`, textAt(event, `auth_results_details.${way}`)?.toLowerCase());
  for (const file of listAt(event, 'attachments').slice(0, 200))
    addAttachment(fields, {
      name: textAt(file, 'filename'),
      extension: textAt(file, 'extension'),
      size: textAt(file, 'size'),
      sha256: textAt(file, 'hashes.sha256'),
      md5: textAt(file, 'hashes.md5'),
    });
  putLinks(
    fields,
    listAt(event, 'urls').flatMap((url) => (typeof url === 'string' ? url : textAt(url, 'url')) ?? []),
  );
  const status = textAt(event, 'status') ?? '';
  const action = (textAt(event, 'action') ?? '').toLowerCase();
  put(fields, 'event.action', action);
  put(fields, 'rule.name', status);
  put(fields, 'event.reason', textAt(event, 'substatus'));
  if (/MALWARE|PHISH|SCAM|SPEAR/i.test(status)) fields['event.kind'] = 'alert';
  // Vade for Microsoft 365 looks at mail that is in the mailbox already; MOVE and DELETE take it out again
  if (/delete|block|drop/.test(action)) return ['mail-rejected', 'denied', 'failure'];
  return action === 'nothing' || action === ''
    ? ['mail-received', 'allowed', 'success']
    : ['mail-filter', 'info', undefined];
};

const remediation = (fields: Fields, event: Json): Meaning => {
  const actions = listAt(event, 'actions').flatMap((one) => textAt(one, 'action')?.toLowerCase() ?? []);
  put(fields, 'event.action', actions[0]);
  put(fields, 'email.local_id', textAt(event, 'id'));
  put(fields, 'event.reason', textAt(event, 'reason'));
  return ['mail-filter', 'info', actions.includes('failed') ? 'failure' : 'success'];
};

const READ = { gateway, m365, remediation } as const;
const MAPPED = new Set(
  'message date sender_ip ip from to subject message_id messageId attachments urls id direction size reply_to_header'.split(
    ' ',
  ),
);

const made = ({ clock }: ParseContext, record: RawRecord, event: Json, form: Form): Outcome => {
  const fields: Fields = { 'observer.vendor': 'Vade' };
  fields['observer.product'] = form === 'gateway' ? 'Vade Cloud' : 'Vade for M365';
  const date = textAt(event, 'date') ?? '';
  const time = epochMicros(date) ?? readIso(date)?.civil ?? record.envelope.civil;
  if (time === undefined) warn(fields, 'time-missing');
  clock.stamp(fields, time);
  const [act, type, outcome] = READ[form](fields, event);
  if (fields['observer.name'] === undefined) put(fields, 'observer.name', record.envelope.host);
  categorise(fields, ['email'], [type], outcome);
  keepJson(fields, 'vade.email', event, MAPPED);
  relateAddresses(fields, record.text.slice(0, 16_384));
  return { kind: 'event', act, fields };
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const found = read(record);
  return found === undefined
    ? rejected('not-this-format', 'no event of Vade')
    : made(context, record, found.event, found.form);
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

export default {
  id: 'vade',
  title: 'Vade (Cloud, Vade for M365)',
  references: [
    {
      title: 'Vade for M365: fields of its logs, as Sekoia.io integrates them',
      url: 'https://docs.sekoia.io/xdr/features/collect/integrations/email/vade/',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'mails of Vade Cloud as JSON and as syslog of its filter',
    'mails and remediation campaigns of Vade for M365',
  ],
  limits: ['the vendor publishes no field list: meanings are those of the names'],
  recognise: recogniseBy(claims, 'are events of Vade', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
