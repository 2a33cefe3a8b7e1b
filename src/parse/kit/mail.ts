import { addressParser, decodeWords } from 'postal-mime';
import type { Fields } from '../../ecs/event.ts';
import { add, put, putEndpoint, putIp, putNumber, warn } from './put.ts';

// mail.example.org[192.0.2.1]:25 · unknown[unknown] · [2001:db8::1]:4711 · host[private/dovecot-lmtp]
export const PEER = String.raw`([^\s[\]]{0,255}\[(?!\d{1,10}\])[^\]\s]{1,100}\](?::\d{1,5})?)`;
const PEER_PARTS = /^([^\s[\]]{0,255})\[([^\]\s]{1,100})\](?::(\d{1,5}))?$/;

/** `host[address]:port` into the end point's fields. `unknown` says nothing. */
export const putPeer = (fields: Fields, side: 'source' | 'destination', text: string | undefined): void => {
  const m = text === undefined ? null : PEER_PARTS.exec(text);
  if (m === null) return;
  const [, name, address, port] = m as unknown as [string, string, string, string | undefined];
  if (name !== '' && name !== 'unknown') putEndpoint(fields, side, name);
  if (putIp(fields, `${side}.ip`, address.replace(/^IPv6:/i, '').replace(/\/\d{1,3}$/, ''))) {
    fields[`${side}.address`] ??= address;
    fields['network.protocol'] = 'smtp';
  }
  putNumber(fields, `${side}.port`, port);
};

/** Behind the closing quote of `"odd > name"@example.org`, where a quoted local part starts at `from` (RFC 5321 §4.1.2). */
const behindQuoted = (text: string, from: number): number => {
  if (text[from] !== '"') return from;
  for (let i = from + 1; i < text.length && i - from < 400; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return from;
};

/**
 * `from=<a@x>, size=12, nrcpt=1 (queue active)` and `from=<a@x> to=<b@y> proto=ESMTP helo=<z>` from `at`; stops where
 * no `key=` follows, and behind `last`. Senders choose the text inside `<>`: of a repeated key the first counts, and it is told.
 */
export const readMailPairs = (
  text: string,
  at: number,
  fields: Fields,
  last?: string,
): { pairs: Map<string, string>; end: number } => {
  const pairs = new Map<string, string>();
  const key = /([a-z][a-z_-]{0,31})=/y;
  let i = at;
  for (;;) {
    key.lastIndex = i;
    const m = key.exec(text);
    if (m === null) return { pairs, end: i };
    const name = m[1] as string;
    const angled = text[key.lastIndex] === '<';
    const stop = angled ? />(?=[, ;:]|$)/g : /[, ;]|$/g;
    const from = key.lastIndex + (angled ? 1 : 0);
    stop.lastIndex = angled ? behindQuoted(text, from) : from;
    const end = stop.exec(text)?.index ?? text.length;
    i = angled ? end + 1 : end;
    if (pairs.has(name)) warn(fields, `key-repeated:${name}`);
    else pairs.set(name, text.slice(from, end));
    if (name === last) return { pairs, end: i };
    while (text[i] === ',' || text[i] === ' ' || text[i] === ';') i += 1;
  }
};

/** `a@Example.org` → `example.org` */
const mailDomain = (address: string): string | undefined => /@([\w.-]{1,255})$/.exec(address)?.[1]?.toLowerCase();

/** A message id without its angle brackets, so that all hops of a message agree. */
export const putMessageId = (fields: Fields, value: string | undefined): void =>
  put(fields, 'email.message_id', value?.trim().replace(/^<|>$/g, ''));

/** `Kim <kim@example.org>` of a header: the address alone. */
export const angled = (text: string): string => /<([^<>]{1,320})>\s*$/.exec(text)?.[1] ?? text;

/** An envelope or header address without its angle brackets, unless it is the empty sender. */
export const addMailAddress = (fields: Fields, name: string, value: string | undefined): void =>
  add(fields, name, value?.trim().replace(/^<|>$/g, ''));

/** Where DNS knew no name, what the client called itself. */
export const nameClient = (fields: Fields, helo: string | undefined): void => {
  if (fields['source.domain'] === undefined && helo !== undefined && /^(?=.*[a-z])[\w.-]{1,255}$/i.test(helo)) {
    put(fields, 'source.domain', helo.toLowerCase());
  }
};

/**
 * The client as `nameClient` does. Where no host was reached, the domain the mail is bound for; where no host is told of that
 * it came from, the domain it says it is from: to be called when the hosts are set.
 */
export const nameMailEnds = (fields: Fields, helo: string | undefined, to: string | undefined): void => {
  nameClient(fields, helo);
  if (fields['destination.address'] === undefined) put(fields, 'destination.domain', mailDomain(to ?? ''));
  const from = [fields['email.from.address']].flat()[0];
  const told = ['address', 'ip', 'domain'].some((part) => fields[`source.${part}`] !== undefined);
  if (!told && typeof from === 'string') put(fields, 'source.domain', mailDomain(from));
};

/** What a log tells of one attached file. */
export interface Attachment {
  readonly name?: string | undefined;
  readonly extension?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly size?: string | number | undefined;
  readonly sha256?: string | undefined;
  readonly md5?: string | undefined;
}

const HASHES = { sha256: /^[0-9a-f]{64}$/, md5: /^[0-9a-f]{32}$/ } as const;

/** Appends an attached file; what is no hash is no hash. */
export const addAttachment = (fields: Fields, file: Attachment): void => {
  const at = 'email.attachments.file';
  const name = file.name?.trim().slice(0, 1024);
  add(fields, `${at}.name`, name);
  add(fields, `${at}.extension`, (file.extension ?? /\.([A-Za-z0-9]{1,12})$/.exec(name ?? '')?.[1])?.toLowerCase());
  add(fields, `${at}.mime_type`, file.mimeType?.toLowerCase());
  const size = Number(file.size ?? Number.NaN);
  if (Number.isSafeInteger(size)) add(fields, `${at}.size`, size);
  for (const kind of ['sha256', 'md5'] as const) {
    const hash = file[kind]?.toLowerCase() ?? '';
    if (HASHES[kind].test(hash)) add(fields, `${at}.hash.${kind}`, hash);
  }
};

/** Longest header value that is interpreted; RFC 5322 lines are far shorter. */
const HEADER_MAX = 65_536;

/** Encoded words (RFC 2047) of a header as text. */
export const decodeHeader = (value: string): string =>
  value.includes('=?') ? decodeWords(value.slice(0, HEADER_MAX)) : value;

/** Colons beyond this many open no groups: each would have the rest of the header read once more. */
const COLONS_MAX = 50;

/** Addresses of one header that are kept; a comma may stand in a name, too. */
const ADDRESSES_MAX = 1000;
const SEPARATORS_MAX = 2.5 * ADDRESSES_MAX;

/** As far as its addresses are kept: thousands of empty ones take long. */
const readable = (text: string): string => {
  let n = 0;
  for (const { index } of text.matchAll(/[,;]/g)) {
    n += 1;
    if (n > SEPARATORS_MAX) return text.slice(0, index);
  }
  return text;
};

const addressesOf = (value = ''): readonly { readonly name: string; readonly address?: string | undefined }[] => {
  const text = readable(value.slice(0, HEADER_MAX));
  const hostile = text.split(':', COLONS_MAX + 2).length > COLONS_MAX + 1;
  return addressParser(hostile ? text.replaceAll(':', ' ') : text, { flatten: true });
};

/** The addresses of a From, To or Cc header, groups resolved. */
export const mailAddressesIn = (value: string | undefined): string[] =>
  addressesOf(value)
    .flatMap(({ address }) => address ?? [])
    .slice(0, ADDRESSES_MAX);

/** The first address of a header: `"Maier, K." <k.maier@example.org>` */
export const mailAddressIn = (value: string | undefined): string | undefined => mailAddressesIn(value)[0];

/** The name beside the first address of a header, as readers show it. */
export const mailNameIn = (value: string | undefined): string | undefined => addressesOf(value)[0]?.name;
