import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import { addAttachment, addMailAddress, mailAddressIn, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { categorise, put, putIp, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const read = (text: string): Json | undefined => {
  if (!text.includes('"rmxId"') && !text.includes('events.retarus.com')) return undefined;
  const event = readObject(text);
  const known = textAt(event, 'rmxId', 'mimeId') !== undefined && textAt(event, 'class', 'type') !== undefined;
  return known ? event : undefined;
};

type Meaning = readonly [act: Act, outcome: 'success' | 'failure' | undefined];

/** Status of the Forensic SIEM Integration: class EVENT is of the mail transfer, THREAT a finding. */
const meaningOf = (status: string, threat: boolean): Meaning => {
  if (/^(?:REJECTED|BLOCKED|DELETED|DROPPED|DISCARDED)/.test(status)) return ['mail-rejected', 'failure'];
  if (threat) return ['mail-filter', 'failure'];
  if (/^(?:ACCEPTED|RECEIVED)/.test(status)) return ['mail-received', 'success'];
  if (/^(?:DELIVERED|SENT|RELAYED)/.test(status)) return ['mail-delivery', 'success'];
  if (/^(?:BOUNCED|FAILED|UNDELIVERABLE)/.test(status)) return ['mail-delivery', 'failure'];
  return [/^(?:DEFERRED|DELAYED)/.test(status) ? 'mail-delivery' : 'mail-filter', undefined];
};

// dkim=none · spf=pass smtp.mailfrom=… · pass
const RESULT = /^(?:\w{1,8}=)?(\w{1,16})/;

const putMeta = (fields: Fields, event: Json): void => {
  const meta = (name: string): string | undefined => textAt(event, `metaData.${name}`);
  put(fields, 'email.subject', meta('header.subject'));
  addMailAddress(fields, 'email.from.address', mailAddressIn(meta('header.from')));
  for (const way of ['spf', 'dkim', 'dmarc'])
    put(
      fields,
      `einfallstor.email.${way}`,
      RESULT.exec(meta(`authentication.${way}.status`) ?? '')?.[1]?.toLowerCase(),
    );
  put(fields, 'tls.cipher', meta('transportEncryption.cipherSuite')?.split(' ', 1)[0]);
  put(fields, 'tls.version', meta('transportEncryption.protocol')?.replace(/^TLSv?/, ''));
  if (meta('transportEncryption.established') === 'true') fields['tls.established'] = true;
  const checksum = /^sha256$/i.test(meta('hashFunction') ?? '') ? meta('checksum') : undefined;
  addAttachment(fields, {
    name: meta('fileName') ?? meta('filename'),
    mimeType: meta('mimeType'),
    sha256: checksum,
    md5: /^md5$/i.test(meta('hashFunction') ?? '') ? meta('checksum') : undefined,
  });
  const url = meta('url');
  putLinks(fields, url === undefined ? [] : [url]);
};

const MAPPED = new Set('ts sourceIp sender recipient mimeId rmxId host direction'.split(' '));

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const event = read(record.text);
  if (event === undefined) return rejected('not-this-format', 'no event of Retarus Email Security');
  const fields: Fields = { 'observer.vendor': 'Retarus', 'observer.product': 'Email Security' };
  const time = readIso(textAt(event, 'ts') ?? '')?.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  put(fields, 'observer.hostname', textAt(event, 'host'));
  putIp(fields, 'source.ip', textAt(event, 'sourceIp'));
  put(fields, 'email.direction', textAt(event, 'direction')?.toLowerCase());
  addMailAddress(fields, 'email.from.address', textAt(event, 'sender'));
  put(fields, 'email.sender.address', textAt(event, 'sender'));
  addMailAddress(fields, 'email.to.address', textAt(event, 'recipient'));
  putMessageId(fields, textAt(event, 'mimeId'));
  put(fields, 'email.local_id', textAt(event, 'rmxId'));
  nameMailEnds(fields, undefined, textAt(event, 'recipient'));
  putMeta(fields, event);
  const threat = textAt(event, 'class') === 'THREAT';
  const status = (textAt(event, 'status') ?? '').toUpperCase();
  put(fields, 'event.action', status.toLowerCase());
  put(fields, 'event.reason', textAt(event, 'metaData.details', 'metaData.reason'));
  // which engine: MTA, CxO (impostor), PZD (Patient Zero Detection), Sandboxing, AntiVirus, …
  put(fields, 'rule.name', textAt(event, 'metaData.threatType') ?? textAt(event, 'type'));
  if (threat) fields['event.kind'] = 'alert';
  const [act, outcome] = meaningOf(status, threat);
  categorise(fields, threat ? ['email', 'malware'] : ['email'], [act === 'mail-rejected' ? 'denied' : 'info'], outcome);
  keepJson(fields, 'retarus.email', event, MAPPED);
  relateAddresses(fields, record.text.slice(0, 16_384));
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => read(record.text) !== undefined;

export default {
  id: 'retarus',
  title: 'Retarus Email Security',
  references: [
    {
      title: 'Retarus: API manual, Forensic SIEM Integration',
      url: 'https://docs.retarus.com/seg/api-manual-forensic-siem-integration',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['events of the mail transfer and threats (CxO Fraud, Patient Zero, sandbox, virus) as JSON'],
  recognise: recogniseBy(claims, 'are events of Retarus Email Security', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
