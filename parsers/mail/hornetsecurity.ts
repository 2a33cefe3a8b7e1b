import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import { addAttachment, addMailAddress, mailAddressIn, putMessageId } from '../../src/parse/kit/mail.ts';
import { categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const read = (text: string): Json | undefined => {
  if (!/"(?:comm_partner|es_mail_id|last_remediation)"/.test(text)) return undefined;
  const mail = readObject(text);
  return textAt(mail, 'msg_id', 'es_mail_id') !== undefined && textAt(mail, 'comm_partner', 'owner') !== undefined
    ? mail
    : undefined;
};

type Meaning = readonly [act: Act, type: 'info' | 'denied' | 'allowed', outcome: 'success' | 'failure' | undefined];

/** Status of a mail in Email Live Tracking: delivered, quarantined (held), rejected, blocked, deferred, deleted. */
const meaningOf = (status: string): Meaning => {
  if (/deliver|sent|released/i.test(status)) return ['mail-delivery', 'allowed', 'success'];
  if (/reject|block|delete|discard/i.test(status)) return ['mail-rejected', 'denied', 'failure'];
  if (/bounc|error|fail/i.test(status)) return ['mail-delivery', 'info', 'failure'];
  return ['mail-filter', 'info', undefined];
};

/** `classification` and `status` are `{ "id": 2, "text": "clean" }`, or a word in older exports. */
const wordAt = (mail: Json, name: string): string | undefined => textAt(mail, `${name}.text`, name);

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1_048_576 };

const putSize = (fields: Fields, mail: Json): void => {
  const value = Number(textAt(mail, 'size.value', 'size') ?? Number.NaN);
  if (value > 0)
    putNumber(
      fields,
      'einfallstor.email.size',
      Math.round(value * (own(UNITS, (textAt(mail, 'size.unit') ?? 'b').toLowerCase()) ?? 1)),
    );
};

/** The header block's own lines tell what the gateway does not: hops, authentication. */
const RAW = /^(Reply-To|X-Mailer|X-Originating-IP|Authentication-Results):[ \t]*(.{0,2048})/gim;

const putHeader = (fields: Fields, header: string): void => {
  for (const [, name, value] of header.slice(0, 65_536).matchAll(RAW)) {
    if (/^reply/i.test(name as string)) addMailAddress(fields, 'email.reply_to.address', mailAddressIn(value));
    else if (/mailer$/i.test(name as string)) put(fields, 'email.x_mailer', value);
  }
  relateAddresses(fields, header.slice(0, 65_536));
};

const MAPPED = new Set(
  'date source_ip destination_ip source_hostname destination_hostname message_id msg_id subject gateway raw_header attachments owner comm_partner direction'.split(
    ' ',
  ),
);

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const mail = read(record.text);
  if (mail === undefined) return rejected('not-this-format', 'no mail of Hornetsecurity Email Live Tracking');
  const fields: Fields = { 'observer.vendor': 'Hornetsecurity', 'observer.product': '365 Total Protection' };
  const time = readIso(textAt(mail, 'date', 'last_modified') ?? '')?.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  put(fields, 'observer.name', textAt(mail, 'gateway'));
  putIp(fields, 'source.ip', textAt(mail, 'source_ip'));
  putIp(fields, 'destination.ip', textAt(mail, 'destination_ip'));
  put(fields, 'source.domain', textAt(mail, 'source_hostname')?.toLowerCase());
  put(fields, 'destination.domain', textAt(mail, 'destination_hostname')?.toLowerCase());
  // the owner is the customer's mailbox: 0 it sent, 1 it received
  const outgoing = /^(?:0|out)/i.test(textAt(mail, 'direction') ?? '');
  put(fields, 'email.direction', outgoing ? 'outgoing' : 'incoming');
  const [from, to] = outgoing ? ['owner', 'comm_partner'] : ['comm_partner', 'owner'];
  addMailAddress(fields, 'email.from.address', textAt(mail, from));
  addMailAddress(fields, 'email.to.address', textAt(mail, to));
  putMessageId(fields, textAt(mail, 'message_id'));
  put(fields, 'email.local_id', textAt(mail, 'msg_id', 'es_mail_id'));
  put(fields, 'email.subject', textAt(mail, 'subject'));
  putSize(fields, mail);
  for (const file of listAt(mail, 'attachments').slice(0, 200))
    addAttachment(fields, {
      name: typeof file === 'string' ? file : textAt(file, 'filename', 'file_name', 'name'),
      mimeType: textAt(file, 'mime_type', 'content_type', 'type'),
      size: textAt(file, 'size'),
      sha256: textAt(file, 'sha256', 'hash'),
      md5: textAt(file, 'md5'),
    });
  putLinks(
    fields,
    listAt(mail, 'urls').flatMap((url) => (typeof url === 'string' ? url : textAt(url, 'url')) ?? []),
  );
  putHeader(fields, textAt(mail, 'raw_header') ?? '');
  const status = wordAt(mail, 'status') ?? '';
  const classification = wordAt(mail, 'classification');
  put(fields, 'event.action', status.toLowerCase());
  put(fields, 'rule.name', classification);
  put(fields, 'event.reason', textAt(mail, 'reason'));
  put(fields, 'einfallstor.email.status', status.toLowerCase());
  if (/threat|virus|spam|phish|malw/i.test(classification ?? '')) fields['event.kind'] = 'alert';
  const [act, type, outcome] = meaningOf(status);
  categorise(fields, ['email'], [type], outcome);
  keepJson(fields, 'hornetsecurity.mail', mail, MAPPED);
  relateAddresses(fields, record.text.slice(0, 16_384));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => read(record.text) !== undefined;

export default {
  id: 'hornetsecurity',
  title: 'Hornetsecurity (365 Total Protection, Spam and Malware Protection)',
  references: [
    {
      title: 'Hornetsecurity SIEM Connector: what its entries hold',
      url: 'https://www.hornetsecurity.com/en/services-en/siem-connector/',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['mails of Email Live Tracking as JSON, one or several lines each'],
  limits: ['the syslog form of the SIEM Connector is not described in public and not read'],
  recognise: recogniseBy(claims, 'are mails of Hornetsecurity Email Live Tracking', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
