import { canonicalIp } from '../../src/core/net.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readBsd, readCtime } from '../../src/parse/kit/civil.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { sha256Of } from '../../src/parse/kit/digest.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import {
  addAttachment,
  addMailAddress,
  decodeHeader,
  mailAddressesIn,
  mailNameIn,
  putMessageId,
} from '../../src/parse/kit/mail.ts';
import { entryOf, type Hop, readAuthentication, readMailDate, readReceived } from '../../src/parse/kit/mail-headers.ts';
import {
  bytesOf,
  type Header,
  headerOf,
  isField,
  type Message,
  type Part,
  readMessage,
  textOfPart,
} from '../../src/parse/kit/mime.ts';
import { add, categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import {
  BLANK,
  type Outcome,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
  type Sample,
} from '../../src/parse/parser.ts';

/** Hops, links and lists of one message that become fields. */
const HOPS_MAX = 30;
const LINKS_MAX = 200;

// ---------------------------------------------------------------- the way of the message

/** The hops of a message; every address they name is related. */
const hopsOf = (fields: Fields, headers: readonly Header[]): Hop[] =>
  headers
    .filter(({ name }) => name === 'received')
    .slice(0, 200)
    .map(({ value }, n) => {
      if (n < HOPS_MAX) relateAddresses(fields, value.slice(0, 4096));
      return readReceived(value);
    });

const putHops = (fields: Fields, hops: readonly Hop[], clock: Clock): void => {
  let before: number | undefined;
  hops.slice(0, HOPS_MAX).forEach((hop, n) => {
    const at = `mail.received.${n + 1}`;
    for (const key of ['from', 'by', 'with', 'id', 'for', 'ip'] as const) put(fields, `${at}.${key}`, hop[key]);
    add(fields, 'related.ip', hop.ip);
    add(fields, 'related.ip', canonicalIp(hop.by ?? ''));
    const instant = clock.instant(hop.civil);
    if (instant === undefined) return;
    fields[`${at}.time`] = new Date(instant / 1000).toISOString();
    // newest first: an older hop cannot be later, save for clocks that differ
    if (before !== undefined && instant > before + CLOCKS_DIFFER) warn(fields, `received-order:${n + 1}`);
    before = instant;
  });
  putNumber(fields, 'mail.hops', hops.length);
};
const CLOCKS_DIFFER = 5 * 60 * 1_000_000; // µs

/** Where it came in from, and for whom the receiving side took it. */
const putSource = (fields: Fields, hops: readonly Hop[]): void => {
  const entry = entryOf(hops);
  for (const hop of hops.slice(0, entry + 1)) addMailAddress(fields, 'email.to.address', hop.for?.split(' ', 1)[0]);
  const { ip, from } = hops[entry] ?? {};
  putIp(fields, 'source.ip', ip);
  if (from !== undefined && canonicalIp(from.replace(/^\[|\]$/g, '')) === undefined)
    put(fields, 'source.domain', from.split(' ', 1)[0]?.toLowerCase());
};

/** The newest word counts: systems put theirs on top, what stands below could come with the message. */
const putAuthentication = (fields: Fields, headers: readonly Header[]): void => {
  for (const { value } of headers.filter(({ name }) => name === 'authentication-results').slice(0, 20)) {
    const { server, verdicts } = readAuthentication(value);
    for (const { method, result, text } of verdicts) {
      if (method === 'spf' || method === 'dkim' || method === 'dmarc') fields[`einfallstor.email.${method}`] ??= result;
      add(fields, 'mail.authentication', `${server ?? '?'}: ${text}`);
    }
  }
  const spf = headerOf(headers, 'received-spf');
  const word = /^\s*([A-Za-z]{4,9})\b/.exec(spf ?? '')?.[1]?.toLowerCase();
  if (word !== undefined) fields['einfallstor.email.spf'] ??= word;
  put(fields, 'mail.received_spf', spf?.slice(0, 1024));
};

// ---------------------------------------------------------------- people and names

const LISTS = [
  ['from', 'email.from.address'],
  ['to', 'email.to.address'],
  ['delivered-to', 'email.to.address'],
  ['x-original-to', 'email.to.address'],
  ['envelope-to', 'email.to.address'],
  ['cc', 'email.cc.address'],
  ['bcc', 'email.bcc.address'],
  ['reply-to', 'email.reply_to.address'],
] as const;

/** Characters of address lists that are read of one message. */
const PEOPLE_MAX = 262_144;

const putPeople = (fields: Fields, headers: readonly Header[]): void => {
  let room = PEOPLE_MAX;
  for (const [name, field] of LISTS)
    for (const header of headers) {
      if (header.name !== name || room <= 0) continue;
      for (const one of mailAddressesIn(header.value.slice(0, room))) addMailAddress(fields, field, one);
      room -= header.value.length;
    }
  const sender = headerOf(headers, 'sender') ?? headerOf(headers, 'return-path');
  put(fields, 'email.sender.address', mailAddressesIn(sender)[0]);
  put(fields, 'mail.return_path', headerOf(headers, 'return-path'));
  put(fields, 'mail.from_name', mailNameIn(headerOf(headers, 'from')));
};

/** Headers that tell something of the sender's client or network; kept as they are. */
const TELLING =
  /^(?:x-(?:originating|sender|source|real|client|remote|mailgun-sending|sid|php|priority|spam|virus|forefront|ms-exchange-(?:organization-(?:auth|scl)|crosstenant-(?:id|authas|fromentity))|microsoft-antispam|proofpoint|ironport|barracuda|google-original|php-originating)|list-unsubscribe$|in-reply-to$|thread-index$|organization$|auto-submitted$|arc-authentication-results$)/;
const TELLING_MAX = 60;

const putTelling = (fields: Fields, headers: readonly Header[]): void => {
  for (const { name, value } of headers.filter((header) => TELLING.test(header.name)).slice(0, TELLING_MAX)) {
    add(fields, `mail.header.${name.replaceAll(/[^\w-]+/g, '_')}`, decodeHeader(value.slice(0, 2048)));
    if (/^x-(?:originating|sender|source|real|client|remote)/.test(name) || name.includes('antispam'))
      relateAddresses(fields, value.replaceAll(/[[\]:;](?=\d)|[;[\]]/g, ' '));
  }
  put(
    fields,
    'email.x_mailer',
    decodeHeader((headerOf(headers, 'x-mailer') ?? headerOf(headers, 'user-agent') ?? '').slice(0, 1024)),
  );
};

// ---------------------------------------------------------------- contents

const isFile = (part: Part): boolean =>
  part.attached ||
  part.name !== undefined ||
  !/^(?:text\/(?:plain|html|enriched|calendar|x-amp-html)|message\/)/.test(part.type);

const putFiles = (fields: Fields, { parts }: Message): void => {
  for (const part of parts.filter(isFile).slice(0, 500)) {
    const bytes = part.whole ? bytesOf(part) : undefined;
    if (bytes === undefined) warn(fields, part.whole ? 'attachment-bytes-unknown' : 'attachment-cut');
    addAttachment(fields, {
      name: part.name,
      mimeType: part.type,
      size: bytes?.length,
      sha256: bytes && sha256Of(bytes),
    });
  }
};

const HREF = /\bhref\s{0,8}=\s{0,8}["']?((?:https?|ftp):\/\/[^\s"'<>]{1,2048})/gi;
const LINK = /\b(?:https?|ftp):\/\/[^\s"'<>\\^`{|}]{1,2048}/gi;

const linksOf = (parts: readonly Part[]): string[] => {
  const texts = parts
    .filter((part) => part.type.startsWith('text/') && !part.attached)
    .map((part) => ({ part, text: textOfPart(part) }));
  const clean = (url: string): string => url.replaceAll('&amp;', '&').replace(/[.,;:!?)\]]{1,8}$/, '');
  const found = new Set<string>();
  // what a reader clicks on comes first, then what is only loaded or written out
  for (const { part, text } of texts)
    if (part.type === 'text/html') for (const [, url] of text.matchAll(HREF)) found.add(clean(url as string));
  for (const { text } of texts) for (const [url] of text.matchAll(LINK)) found.add(clean(url));
  return [...found].slice(0, LINKS_MAX);
};

/** A forwarded message names its own sender, and the way it came. */
const putAttached = (fields: Fields, attached: readonly (readonly Header[])[]): void => {
  for (const headers of attached.slice(0, 50)) {
    for (const from of mailAddressesIn(headerOf(headers, 'from'))) add(fields, 'mail.attached.from', from);
    add(fields, 'mail.attached.subject', decodeHeader((headerOf(headers, 'subject') ?? '').slice(0, 2048)));
    add(fields, 'mail.attached.message_id', headerOf(headers, 'message-id')?.replace(/^<|>$/g, ''));
    add(fields, 'mail.attached.date', headerOf(headers, 'date'));
    const hops = hopsOf(fields, headers);
    add(fields, 'mail.attached.source_ip', hops[entryOf(hops)]?.ip);
  }
};

// ---------------------------------------------------------------- one message

// From a@example.org Sun Oct 31 23:14:07 2021
const SEPARATOR = /^From (.*)(?:\r?\n|$)/;
/** mboxrd: a line of the text that begins with From is quoted once more (RFC 4155, appendix A, and qmail's mbox(5)). */
const unquoted = (text: string): string => text.replaceAll(/^>(>{0,50}From )/gm, '$1');

const eventOf = (clock: Clock, record: RawRecord): Outcome => {
  const separator = SEPARATOR.exec(record.text.slice(0, 1024));
  const text = separator === null ? record.text : unquoted(record.text.slice(separator[0].length));
  const message = readMessage(text, decodeHeader);
  const { headers } = message;
  if (headers.length === 0) return rejected('not-this-format', 'no header of a mail message');
  const fields: Fields = {};
  const hops = hopsOf(fields, headers);
  const written = readMailDate(headerOf(headers, 'date'));
  const taken = hops.find((hop) => hop.civil !== undefined)?.civil;
  const filed =
    readCtime((separator?.[1] ?? '').replace(/^\S{1,320} {1,4}/, ''))?.civil ?? readBsd(separator?.[1] ?? '')?.civil;
  if (taken === undefined) warn(fields, 'time-of-sender');
  clock.stamp(fields, taken ?? written ?? filed);
  if (fields['@timestamp'] === undefined) warn(fields, 'time-missing');
  putNumber(fields, 'email.origination_timestamp', clock.instant(written));
  putNumber(fields, 'email.delivery_timestamp', clock.instant(taken));
  putHops(fields, hops, clock);
  putPeople(fields, headers);
  putSource(fields, hops);
  putMessageId(fields, headerOf(headers, 'message-id'));
  // Exchange puts its version where others put the queue's id
  put(fields, 'email.local_id', /^(?![\d.]+$)\S{4,128}/.exec(hops[0]?.id ?? '')?.[0]);
  put(fields, 'email.subject', decodeHeader((headerOf(headers, 'subject') ?? '').slice(0, 8192)));
  put(fields, 'email.content_type', headerOf(headers, 'content-type')?.split(';', 1)[0]?.toLowerCase());
  putNumber(fields, 'einfallstor.email.size', record.length - (separator?.[0].length ?? 0));
  putAuthentication(fields, headers);
  putTelling(fields, headers);
  putFiles(fields, message);
  const links = putLinks(fields, linksOf(message.parts));
  if (links.length > 0) fields['mail.links'] = links;
  putAttached(fields, message.attached);
  if (message.cut) warn(fields, 'parts-not-read');
  put(fields, 'event.action', 'message');
  categorise(fields, ['email'], ['info'], 'success');
  return { kind: 'event', act: 'mail-received', fields };
};

// ---------------------------------------------------------------- parser

const NAMES = new Set(
  `received from to date subject message-id mime-version return-path delivered-to content-type reply-to cc sender x-mailer
  x-originating-ip authentication-results dkim-signature x-original-to content-transfer-encoding x-received arc-seal received-spf
  x-mozilla-status x-gm-thrid envelope-to`.split(/\s+/),
);
/** Two names no other format has, and five in all, at the head of the stream. */
const MAILISH = /^(?:received|from|return-path|message-id|delivered-to|x-received)$/;

const recognise = ({ records }: Sample): Recognition => {
  const lines = records.map((record) => record.text);
  let at = lines.findIndex((line) => line.trim() !== '');
  if (at < 0) return { certainty: 0, reason: 'no records' };
  const mbox = /^From /.test(lines[at] as string) && isField(lines[at + 1] ?? '');
  if (mbox) at += 1;
  const seen = new Set<string>();
  for (; at < lines.length && lines[at] !== ''; at += 1) {
    const line = lines[at] as string;
    if (/^[ \t]/.test(line)) continue;
    if (!isField(line)) return { certainty: 0, reason: 'a line that is no header' };
    const name = line.slice(0, line.indexOf(':')).trim().toLowerCase();
    if (NAMES.has(name)) seen.add(name);
  }
  const certain = seen.size >= (mbox ? 2 : 3) && [...seen].some((name) => MAILISH.test(name));
  return {
    certainty: certain ? 0.99 : 0,
    reason: `${seen.size} headers of a mail message${mbox ? ' behind From' : ''}`,
  };
};

const open: Parser['open'] = ({ clock }) => {
  let mbox: boolean | undefined;
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const begins = SEPARATOR.test(record.text.slice(0, 1024));
    // the rest of a message that is longer than a record may be
    if (mbox !== undefined && !(mbox && begins)) return { kind: 'joined' };
    mbox = begins;
    return eventOf(clock, record);
  };
};

export default {
  id: 'mail-message',
  title: 'Mail messages (.eml, mbox)',
  references: [
    { title: 'RFC 5322: Internet Message Format', url: 'https://www.rfc-editor.org/rfc/rfc5322' },
    { title: 'RFC 5321: SMTP, 4.4 Trace information', url: 'https://www.rfc-editor.org/rfc/rfc5321#section-4.4' },
    { title: 'RFC 2045–2047, 2231: MIME', url: 'https://www.rfc-editor.org/rfc/rfc2045' },
    { title: 'RFC 8601: Authentication-Results', url: 'https://www.rfc-editor.org/rfc/rfc8601' },
    { title: 'RFC 4155: the application/mbox media type', url: 'https://www.rfc-editor.org/rfc/rfc4155' },
  ],
  framing: 'mail',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: [
    'one event a message: senders and recipients, the way it came hop by hop (1 is the newest), SPF, DKIM and DMARC as noted',
    'attachments with name, type, size and SHA-256, links, messages attached to it',
  ],
  limits: [
    'Outlook’s .msg and .pst and Apple’s .emlx are not read: export as .eml or mbox',
    'signatures (DKIM, S/MIME) are not verified: what the receiving system noted is told',
    'the time is that of the newest Received header; without one it is the sender’s Date, and says so',
    'bytes of an 8-bit attachment that is not UTF-8 are not known exactly: no hash',
  ],
  recognise,
  open,
} satisfies Parser as Parser;
