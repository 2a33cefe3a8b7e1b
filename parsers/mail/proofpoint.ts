import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import { addAttachment, addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { add, categorise, keepVendor, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { readSendmail } from '../../src/parse/kit/sendmail.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

type Form = 'click' | 'message' | 'pod' | 'part' | 'maillog';

/** Which of Proofpoint's JSON events it is: Targeted Attack Protection (SIEM API) or Protection on Demand (log API). */
const formOf = (event: Json): Form | undefined => {
  if (textAt(event, 'clickTime') !== undefined && textAt(event, 'threatID', 'url', 'GUID') !== undefined)
    return 'click';
  if (textAt(event, 'messageTime') !== undefined && event['threatsInfoMap'] !== undefined) return 'message';
  if (isObject(event['sm']) && isObject(event['pps'])) return 'maillog';
  if (textAt(event, 'guid') === undefined) return undefined;
  if (isObject(event['filter']) || isObject(event['envelope'])) return 'pod';
  return isObject(event['msgParts']) || /^msgParts/.test(textAt(event, 'type') ?? '') ? 'part' : undefined;
};

/** `filter_instance1[195529]: rprt s=2hdryp02r6 m=1 x=… cmd=send profile=mail qid=… rcpts=…`: the filter's own log */
const FILTER = /^filter_instance\d{1,3}$/;
const FILTERED = /^(\w{3,8}) s=([\w-]{4,40}) (.*)$/s;

// ---------------------------------------------------------------- JSON

const putTo = (fields: Fields, values: readonly unknown[]): void => {
  for (const to of values.slice(0, 1000)) if (typeof to === 'string') addMailAddress(fields, 'email.to.address', to);
};

const putAttachment = (fields: Fields, part: unknown): void =>
  addAttachment(fields, {
    name: textAt(part, 'filename', 'detectedName', 'labeledName'),
    extension: textAt(part, 'detectedExt'),
    mimeType: textAt(part, 'contentType', 'detectedMime'),
    size: textAt(part, 'sizeDecodedBytes'),
    sha256: textAt(part, 'sha256'),
    md5: textAt(part, 'md5'),
  });

const putThreat = (fields: Fields, event: Json): Act => {
  const threat = listAt(event, 'threatsInfoMap')[0] ?? event;
  put(fields, 'rule.name', textAt(event, 'quarantineRule') ?? textAt(threat, 'classification', 'threatType'));
  put(fields, 'rule.category', textAt(threat, 'classification'));
  put(fields, 'event.reason', textAt(threat, 'threat', 'threatURL', 'threatStatus'));
  putLinks(
    fields,
    listAt(event, 'threatsInfoMap').flatMap((one) =>
      /^url$/i.test(textAt(one, 'threatType') ?? '') ? (textAt(one, 'threat') ?? []) : [],
    ),
  );
  putIp(fields, 'source.ip', textAt(event, 'senderIP'));
  put(fields, 'email.sender.address', textAt(event, 'sender'));
  for (const from of listAt(event, 'fromAddress'))
    if (typeof from === 'string') addMailAddress(fields, 'email.from.address', from);
  if (fields['email.from.address'] === undefined) addMailAddress(fields, 'email.from.address', textAt(event, 'sender'));
  putTo(fields, [...listAt(event, 'recipient'), ...listAt(event, 'toAddresses')]);
  for (const cc of listAt(event, 'ccAddresses'))
    if (typeof cc === 'string') addMailAddress(fields, 'email.cc.address', cc);
  putMessageId(fields, textAt(event, 'messageID'));
  put(fields, 'email.local_id', textAt(event, 'GUID'));
  put(fields, 'email.subject', textAt(event, 'subject'));
  put(fields, 'email.x_mailer', textAt(event, 'xmailer'));
  putNumber(fields, 'einfallstor.email.size', textAt(event, 'messageSize'));
  for (const part of listAt(event, 'messageParts').slice(0, 100)) putAttachment(fields, part);
  const status =
    textAt(event, 'status') ?? (textAt(event, 'type') ?? '').replace(/^(?:clicks?|messages?)[-_]?/i, '').toLowerCase();
  put(fields, 'event.action', status);
  categorise(fields, ['email', 'threat'], ['indicator', /block/.test(status) ? 'denied' : 'allowed']);
  return 'mail-filter';
};

/** A click has the client's address, which the message's sender must not hide. */
const putClick = (fields: Fields, event: Json): Act => {
  putThreat(fields, event);
  const sender = fields['source.ip'];
  if (putIp(fields, 'source.ip', textAt(event, 'clickIP')) && sender !== undefined)
    add(fields, 'related.ip', String(sender));
  putUrl(fields, textAt(event, 'url'));
  put(fields, 'user_agent.original', textAt(event, 'userAgent'));
  return 'threat';
};

const putPod = (fields: Fields, event: Json): Act => {
  putIp(fields, 'source.ip', textAt(event, 'connection.ip'));
  put(fields, 'source.domain', textAt(event, 'connection.host')?.toLowerCase());
  put(fields, 'network.protocol', textAt(event, 'connection.protocol')?.split(':')[0]);
  putTransport(fields, 'tcp');
  put(fields, 'tls.cipher', textAt(event, 'connection.tls.inbound.cipher'));
  addMailAddress(fields, 'email.from.address', textAt(event, 'envelope.from'));
  putTo(fields, listAt(event, 'envelope.rcpts'));
  putMessageId(fields, textAt({ id: listAt(event, 'msg.header.message-id')[0] }, 'id'));
  put(fields, 'email.subject', textAt({ subject: listAt(event, 'msg.header.subject')[0] }, 'subject'));
  put(fields, 'email.local_id', textAt(event, 'guid'));
  putNumber(fields, 'einfallstor.email.size', textAt(event, 'msg.sizeBytes'));
  for (const part of listAt(event, 'msgParts').slice(0, 100)) putAttachment(fields, part);
  const disposition = textAt(event, 'filter.disposition') ?? '';
  put(fields, 'event.action', disposition);
  put(fields, 'email.direction', textAt(event, 'filter.routeDirection'));
  const refused = /reject|discard/i.test(disposition);
  categorise(fields, ['email'], [refused ? 'denied' : 'allowed'], refused ? 'failure' : 'success');
  if (refused) return 'mail-rejected';
  return /quarantine/i.test(disposition) ? 'mail-filter' : 'mail-received';
};

const putPart = (fields: Fields, event: Json): Act => {
  put(fields, 'email.local_id', textAt(event, 'guid'));
  const part = event['msgParts'];
  const urls = isObject(part) ? listAt(part, 'urls') : [];
  putLinks(
    fields,
    [...listAt(event, 'url'), ...urls].flatMap((url) => (typeof url === 'string' ? url : textAt(url, 'url')) ?? []),
  );
  if (isObject(part)) {
    putAttachment(fields, part);
    put(fields, 'file.name', textAt(part, 'detectedName', 'labeledName'));
    put(fields, 'file.hash.sha256', textAt(part, 'sha256'));
    put(fields, 'file.hash.md5', textAt(part, 'md5'));
  }
  put(fields, 'event.action', textAt(event, 'disposition'));
  categorise(fields, ['email'], ['info']);
  return 'mail-filter';
};

// 2021-10-31T15:14:07.123456-07:00 m0169160 sendmail[12345]: 19VM…: to=<b@example.org>, delay=…, stat=Sent (…)
const MAILLOG = /^(\S{10,40}) (\S{1,255}) sendmail\[\d{1,10}\]: (?:(\w{7,20}): )?(.*)$/s;

/** A line of sendmail as the log service hands it on: whole in `data`, its values in `sm`. */
const putMaillog = (fields: Fields, event: Json): Act => {
  const line = MAILLOG.exec(textAt(event, 'data') ?? '');
  const values = Object.entries(isObject(event['sm']) ? event['sm'] : {});
  const text = values.map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : value}`).join(', ');
  put(fields, 'host.name', line?.[2] ?? textAt(event, 'pps.agent'));
  put(fields, 'message', line?.[4]);
  const act = readSendmail(fields, line?.[4] ?? text);
  put(fields, 'email.local_id', textAt(event, 'sm.qid') ?? line?.[3]);
  if (act === undefined) categorise(fields, ['email'], ['info']);
  return act ?? 'other';
};

const MAPPED = new Set('sender recipient messageID GUID subject clickIP senderIP url userAgent ts'.split(' '));

const jsonEvent = (context: ParseContext, event: Json, form: Form, text: string): Outcome => {
  const fields: Fields = { 'observer.vendor': 'Proofpoint' };
  put(
    fields,
    'observer.product',
    form === 'click' || form === 'message' ? 'Targeted Attack Protection' : 'Protection on Demand',
  );
  const time = readIso(textAt(event, 'clickTime', 'messageTime', 'ts') ?? '')?.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  const act = { click: putClick, message: putThreat, pod: putPod, part: putPart, maillog: putMaillog }[form](
    fields,
    event,
  );
  keepJson(fields, 'proofpoint.event', event, MAPPED);
  relateAddresses(fields, text.slice(0, 65_536));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- filter log

const filterEvent = (context: ParseContext, record: RawRecord): Outcome => {
  const fields: Fields = { 'observer.vendor': 'Proofpoint', 'observer.product': 'Protection Server' };
  const { civil, host, program, pid, message } = record.envelope;
  if (civil === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, civil);
  put(fields, 'host.name', host);
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  put(fields, 'message', message);
  const m = FILTERED.exec(message.slice(0, 16_384));
  const values = readKeyValues(m?.[3] ?? message.slice(0, 16_384));
  const of = (name: string): string | undefined => values.get(name);
  put(fields, 'event.action', [of('mod'), of('cmd')].filter((word) => word !== undefined).join('.'));
  put(fields, 'session.id', m?.[2]);
  put(fields, 'email.local_id', of('qid'));
  putIp(fields, 'source.ip', of('ip'));
  const isRecipient = of('cmd') === 'env_rcpt';
  addMailAddress(fields, 'email.from.address', of('from') ?? (isRecipient ? undefined : of('value')));
  if (isRecipient) addMailAddress(fields, 'email.to.address', of('value'));
  for (const to of (of('rcpts') ?? of('rcpt') ?? '').split(',', 500)) addMailAddress(fields, 'email.to.address', to);
  put(fields, 'rule.name', of('rule'));
  const verdict = `${of('action') ?? ''} ${of('disposition') ?? ''} ${of('cmd') ?? ''}`;
  const refused = /reject|discard/.test(verdict);
  categorise(fields, ['email'], [refused ? 'denied' : 'info'], refused ? 'failure' : undefined);
  keepVendor(fields, 'proofpoint.filter', [...values]);
  relateAddresses(fields, message.slice(0, 16_384));
  const act: Act = refused
    ? 'mail-rejected'
    : /connect|disconnect|helo|tls/.test(of('cmd') ?? '')
      ? 'mail-connection'
      : 'mail-filter';
  return { kind: 'event', act, fields };
};

const isFilter = (record: RawRecord): boolean => FILTER.test(record.envelope.program ?? '');
const readJson = (text: string): { event: Json; form: Form } | undefined => {
  if (!/"(?:threatsInfoMap|clickTime|guid|sm)"/.test(text)) return undefined;
  const event = readObject(text);
  const form = event && formOf(event);
  return event && form && { event, form };
};
const claims = (record: RawRecord): boolean => readJson(record.text) !== undefined || isFilter(record);

const open: Parser['open'] = (context) => (record) => {
  const text = record.text.trim();
  if (text === '') return BLANK;
  const found = readJson(text);
  if (found !== undefined) return jsonEvent(context, found.event, found.form, text);
  return isFilter(record) ? filterEvent(context, record) : rejected('not-this-format', 'no event of Proofpoint');
};

export default {
  id: 'proofpoint',
  title: 'Proofpoint (Protection Server, on Demand, Targeted Attack Protection)',
  references: [
    {
      title: 'Proofpoint TAP: SIEM API',
      url: 'https://help.proofpoint.com/Threat_Insight_Dashboard/API_Documentation/SIEM_API',
    },
    {
      title: 'Proofpoint on Demand: log service',
      url: 'https://proofpointcommunities.force.com/community/s/article/Proofpoint-on-Demand-Pod-Log-API',
    },
  ],
  framing: 'json',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: ['TAP messages and clicks, PoD messages, parts and mail log as JSON; filter instances in syslog'],
  limits: ['the sendmail lines of the Protection Server are read as sendmail'],
  recognise: recogniseBy(claims, 'are events of Proofpoint', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
