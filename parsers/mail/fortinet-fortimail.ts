import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import {
  type FortinetPairs,
  isFortiMail,
  readFortinetCef,
  readFortinetPairs,
  stampFortinet,
} from '../../src/parse/kit/fortinet.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import { addAttachment, addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { once } from '../../src/parse/kit/once.ts';
import { type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { readSendmail } from '../../src/parse/kit/sendmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const readPairs = once(({ text }): FortinetPairs | undefined => {
  if (text.includes('|Fortinet|')) return readFortinetCef(text, /^fortimail/i);
  if (!text.includes('log_id=') && !text.includes('logid=')) return undefined;
  const pairs = readFortinetPairs(text);
  return isFortiMail(pairs) ? pairs : undefined;
});

// to=<b@example.net> delay=00:00:06 mailer=esmtp relay= [192.0.2.7] dsn=2.0.0 stat=Sent (…): a message cut out of its record
const LOOSE = /^(?:to|from)=<?[^\s>]{0,320}>?,? (?:delay|size)=/;

// ---------------------------------------------------------------- mail

/** Dispositions of the history log (Log Reference, "Classifiers and dispositions in history logs"). */
const REFUSED = /reject|discard|delay|disconnect/i;
const HELD = /quarantine|hold|replace|encrypt|rewrite|redirect|archive|strip|insert|defer|system/i;

/** A mail's history: one record for its recipients, after all checks. */
const history = (fields: Fields, pairs: FortinetPairs): Act => {
  const disposition = pairs.get('disposition') ?? '';
  put(fields, 'event.action', disposition);
  const infected = (pairs.get('virus') ?? '') !== '';
  if (infected) fields['event.kind'] = 'alert';
  if (REFUSED.test(disposition)) {
    categorise(fields, ['email'], ['denied'], 'failure');
    return 'mail-rejected';
  }
  categorise(fields, ['email'], ['info'], /accept|deliver|none/i.test(disposition) ? 'success' : undefined);
  return HELD.test(disposition) || infected ? 'mail-filter' : 'mail-received';
};

// File name: invoice.docm(checksum:…), scanned by Antivirus Scanner(detected)
const SCANNED =
  /File name: (?<name>.{1,512}?)(?:\(checksum: ?(?<sum>[0-9a-fA-F]{1,64})\))?, scanned by (?<by>[^(]{1,64})\((?<verdict>[\w -]{1,32})\)/;
// URL https://files.example/a has been scanned by FortiSandbox. Scan result: rating=CLEAN
const RATED = /rating=([\w ]{1,32})/;
const FOUND = /https?:\/\/[^\s"'<>,)]{1,2048}/g;

const verdict = (fields: Fields, pairs: FortinetPairs): Act => {
  const msg = pairs.get('msg') ?? '';
  const scan = SCANNED.exec(msg)?.groups;
  if (scan !== undefined) {
    addAttachment(fields, { name: scan['name'], sha256: scan['sum'] });
    put(fields, 'file.name', scan['name']);
    if (scan['sum']?.length === 64) fields['file.hash.sha256'] = scan['sum'].toLowerCase();
    put(fields, 'rule.name', scan['by']);
  }
  putLinks(fields, msg.match(FOUND) ?? []);
  const word = scan?.['verdict'] ?? RATED.exec(msg)?.[1] ?? '';
  const clean = /^(?:clean|none|unknown)/i.test(word);
  const bad = pairs.get('type') === 'virus' ? !clean : /detect|infect|malicious|risk/i.test(word);
  if (bad) fields['event.kind'] = 'alert';
  put(fields, 'event.action', word || pairs.get('subtype')?.replace('default', ''));
  categorise(fields, bad ? ['email', 'malware'] : ['email'], ['info']);
  return 'mail-filter';
};

// User a@example.org read secure message, id:'…', sent from: 'b@example.net', subject: 'offer'
const SECURE =
  /^User (\S{1,320}) (\w{1,24}) secure message, id: ?'([^']{0,256})'(?:, sent from: '([^']{0,320})')?(?:, subject: '(.{0,512})')?/;

const encryption = (fields: Fields, pairs: FortinetPairs): Act => {
  const m = SECURE.exec(pairs.get('msg') ?? '');
  putUser(fields, 'user', m?.[1], true);
  put(fields, 'event.action', m === null ? pairs.get('action') : `${m[2]}-secure-message`);
  addMailAddress(fields, 'email.from.address', m?.[4]);
  put(fields, 'email.subject', m?.[5]);
  categorise(fields, ['email'], ['access']);
  return m === null ? 'other' : 'mail-access';
};

// ---------------------------------------------------------------- people

/** What the messages about people say; who and from where stand in `user` and `ui`, or in the text. */
const PHRASES: readonly Phrase[] = [
  // Administrator admin released mail '19VM…' from 192.0.2.5.
  [/^Administrator (?<user>\S{1,320}) (?:released|deleted|viewed|downloaded|forwarded|resent)/, 'quarantine', 'mail-access', 'mail'],
  // User admin login failed from GUI(192.0.2.5) · User a@example.org from 192.0.2.5 failed to log in. · checkpw: auth failed
  [/(?:log(?:ged|on|in|[- ]in)?|auth\w{0,14}) (?:has |was )?(?:fail|denied|rejected|unsuccess)|fail\w{0,3} to (?:log|auth)|(?:invalid|wrong|bad) (?:user|password|login)|lock(?:ed)? out/i, 'login', 'login', 'refused'],
  // User admin logout from GUI(192.0.2.5) · User a@example.org logged out · session timed out
  [/log(?:ged|s)?[- ]?(?:out|off)|tim(?:e|ed)[- ]?out from/i, 'logout', 'logout', 'left'],
  // User admin login successfully from GUI(192.0.2.5) · User admin logged in successfully · checkpw: auth succeeded
  [/log(?:ged|on|s)?[- ]?(?:in)? success|logged in|auth\w{0,14} (?:succe|ok)|login ok|^User \S{1,320} login/i, 'login', 'login', 'passed'],
  // added a new entry 'x' for "profile …" · changed settings for 'log setting local' · deleted …
  [/^(?:\S{1,64} )?(?:changed|added|deleted|modified|edited|moved|renamed|cleared|imported|restored|uploaded) (?:a |the |an )?(?:new )?(?:\w{1,24} )?(?:settings? |entry |for |configuration |['"])/i, 'change', 'config-change', 'changed'],
  // system is rebooting · FortiMail started · disk full
  [/\b(?:reboot|shut ?down|started|restart|disk full|time (?:changed|sync)|power)/i, 'state', 'source-state', 'state'],
]; // biome-ignore format: a table

// User a@example.org from 192.0.2.5 logged in · GUI(192.0.2.5) · ssh(2001:db8::5) · from 192.0.2.5
const WHO = /\bUser '?([^\s',]{1,320})'?/i;
const UI = /^([A-Za-z][\w-]{1,31})?\(?([\da-fA-F.:]{2,45})?\)?$/;
const FROM = /\bfrom:? (?:[A-Za-z][\w-]{1,31})?\(?([\da-fA-F]{0,4}[.:][\da-fA-F.:]{1,42})\)?/;

/** Daemons stand in `user` too. */
const DAEMONS = new Set(['mail', 'system', 'ha', 'unknown', 'none', 'daemon', 'webmail', 'imap', 'pop3', 'smtp']);

const person = (fields: Fields, pairs: FortinetPairs, msg: string): void => {
  const ui = UI.exec(pairs.get('ui') ?? '');
  const way = ui?.[1]?.toLowerCase();
  if (way !== undefined && !DAEMONS.has(way)) put(fields, 'service.type', way === 'gui' ? 'https' : way);
  if (fields['source.ip'] === undefined && !putIp(fields, 'source.ip', ui?.[2]))
    putIp(fields, 'source.ip', FROM.exec(msg)?.[1]);
  const user = pairs.get('user') ?? '';
  putUser(fields, 'user', DAEMONS.has(user.toLowerCase()) || user === '' ? WHO.exec(msg)?.[1] : user, true);
};

const MAILBOX = /^(?:webmail|imap|pop3|smtp)$/;

const systemEvent = (fields: Fields, pairs: FortinetPairs): Act => {
  const msg = pairs.get('msg') ?? '';
  const subtype = pairs.get('subtype')?.toLowerCase() ?? '';
  const action = (pairs.get('action') ?? '').toLowerCase();
  person(fields, pairs, msg);
  if (MAILBOX.test(subtype)) fields['service.type'] = subtype;
  const found = phraseOf(PHRASES, msg.slice(0, 1024));
  const failed = /^fail/i.test(pairs.get('status') ?? '');
  if (found !== undefined) putPhrase(fields, found.phrase, found.groups);
  else if (subtype === 'config') putKind(fields, 'changed');
  else categorise(fields, [subtype === 'admin' ? 'authentication' : 'host'], ['info'], failed ? 'failure' : undefined);
  const act = found?.phrase[2] ?? (subtype === 'config' ? 'config-change' : 'other');
  if (act === 'config-change') put(fields, 'einfallstor.change.object', /['"]([^'"]{1,256})['"]/.exec(msg)?.[1]);
  if (action !== '' && action !== 'none') put(fields, 'event.action', action);
  if (act !== 'login') return act;
  if (failed) putKind(fields, 'refused');
  return MAILBOX.test(subtype) ? 'login' : 'admin-login';
};

/** `event` of the mail transfer: what sendmail says, or a login, or the proxy's account of one recipient. */
const mailEvent = (fields: Fields, pairs: FortinetPairs): Act => {
  const msg = pairs.get('msg') ?? '';
  const act = pairs.get('subtype') === 'smtp' ? readSendmail(fields, msg) : undefined;
  if (act === undefined) return systemEvent(fields, pairs);
  // the proxy names both ends: …, from_ip=192.0.2.5, to_ip=192.0.2.25, mailer=proxy
  putIp(fields, 'source.ip', /\bfrom_ip=([\da-fA-F.:]{2,45})/.exec(msg)?.[1]);
  putIp(fields, 'destination.ip', /\bto_ip=([\da-fA-F.:]{2,45})/.exec(msg)?.[1]);
  return act;
};

const actOf = (fields: Fields, pairs: FortinetPairs): Act => {
  switch (pairs.get('type')?.toLowerCase()) {
    case 'statistics':
      return history(fields, pairs);
    case 'spam':
    case 'virus':
      return pairs.get('subtype') === 'admin' ? systemEvent(fields, pairs) : verdict(fields, pairs);
    case 'encrypt':
    case 'encryption':
      return encryption(fields, pairs);
    case 'event':
      return mailEvent(fields, pairs);
    default:
      return systemEvent(fields, pairs);
  }
};

const addresses = (name: string) => (fields: Fields, value: string) => {
  for (const one of value.split(/[,;]\s{0,4}/, 500)) addMailAddress(fields, name, one);
};

/** FortiMail Log Reference, "Schema". */
const putPairs = fieldMap(
  'fortinet.mail',
  {
    text: `device_id=observer.serial_number devid=observer.serial_number devname=observer.name log_id=event.code
      logid=event.code pri=log.level session_id=email.local_id msg=message subject=email.subject polid=rule.id
      classifier=rule.name virus=threat.indicator.name`,
    lower: 'direction=email.direction',
    number: 'message_length=einfallstor.email.size',
    host: 'client_name=source.domain',
    ip: 'client_ip=source.ip src=source.ip dst_ip=destination.ip dst=destination.ip',
  },
  {
    'date time eventtime tz user+ ui+': () => undefined,
    message_id: putMessageId,
    reason: (fields, value) => value === 'none' || put(fields, 'event.reason', value),
    'from hfrom+': addresses('email.from.address'),
    to: addresses('email.to.address'),
  },
);

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    const fields: Fields = { 'observer.vendor': 'Fortinet', 'observer.product': 'FortiMail' };
    const pairs = readPairs(record);
    if (pairs === undefined && !LOOSE.test(text))
      return rejected('not-this-format', 'no type= and log_id= of FortiMail');
    if (pairs === undefined) {
      const spaced = text.includes(', ') ? text : text.replaceAll(/ (?=[a-z]{2,12}=)/g, ', ');
      const act = readSendmail(fields, spaced) ?? 'other';
      put(fields, 'message', text);
      relateAddresses(fields, text.slice(0, 8192));
      return { kind: 'event', act, fields, warnings: ['time-missing'] };
    }
    stampFortinet(clock, fields, pairs, record);
    putPairs(fields, pairs);
    const act = actOf(fields, pairs);
    if (fields['observer.name'] === undefined) put(fields, 'observer.name', record.envelope.host);
    relateAddresses(fields, text.slice(0, 8192));
    // an odd number of quotes: the last one was cut off
    if (text.split('"').length % 2 === 0) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const claims = (record: RawRecord): boolean => readPairs(record) !== undefined;

const DOCS = 'https://docs.fortinet.com/document/fortimail/8.0.0/log-reference';

export default {
  id: 'fortinet-fortimail',
  title: 'Fortinet FortiMail',
  references: [
    { title: 'FortiMail Log Reference: schema', url: `${DOCS}/292270` },
    { title: 'FortiMail Log Reference: PROXY_RCPT_TO', url: `${DOCS}/99382` },
    { title: 'FortiMail Log Reference: spam, administrators and the quarantine', url: `${DOCS}/897250` },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  families: [
    'history (statistics), mail events of smtp, imap, pop3 and webmail, antivirus, antispam, encryption',
    'system events (event or kevent): administrators, configuration, HA, updates, DNS',
    'key=value, its form with commas, CEF',
  ],
  limits: ['records cut out of their context may lack a date: they have no time'],
  appliance: true,
  recognise: recogniseBy(claims, 'are FortiMail records'),
  claims,
  open,
} satisfies Parser as Parser;
