import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { readClf } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import {
  ADDRESS,
  type MailPhrase,
  type Meaning,
  mailPhrases,
  mean,
  putMailGroups,
} from '../../src/parse/kit/mail-phrases.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [02/Nov/2021 08:14:07] text, behind a syslog header or not
const LINE = /^\[(\d{2}\/[A-Z][a-z]{2}\/\d{4} \d{2}:\d{2}:\d{2})\] (?=\S)/;

const IP = `(?:IP address )?\\[?(?<ip>${ADDRESS})\\]?`;
const FROM = '<(?<from>[^>]{0,320})>';
const TO = '<(?<rcpt>[^>]{0,320})>';
const say = (source: string): RegExp => new RegExp(`^${source}`, 's');

const PHRASES: readonly MailPhrase[] = [
  // security: Failed IMAP login from 192.0.2.7, authentication method PLAIN is disabled · Failed login to WebMail from …
  [
    say(
      `Failed (?:(?<service>[\\w/ ]{2,32}) )?login(?: to [\\w ]{2,32})? from ${IP}(?: with SASL method (?<method>[\\w-]{1,32})\\.?)?(?:, (?<reason>.{1,300}))?$`,
    ),
    'login-failed',
    'refused',
  ],
  // SMTP: User info@example.org doesn't exist. Attempt from IP address 192.0.2.7. · IMAP: Invalid password for user kim@example.org. Attempt from IP address …
  [
    say(
      `(?:(?<service>[\\w/]{2,24}(?: Server)?): )?(?<reason>(?:Invalid password|Authentication failed|Login failed|Wrong password|Password expired)) for user (?<user>.{1,320}?)[.,] Attempt from ${IP}`,
    ),
    'login-failed',
    'refused',
  ],
  [
    say(
      `(?<service>[\\w/]{2,24}(?: Server)?): User (?<user>.{1,320}?) (?<reason>(?:doesn't exist|is disabled|not found|has no right)[^.]{0,80})[.,] Attempt from ${IP}`,
    ),
    'login-failed',
    'refused',
  ],
  // Administration login into Web Administration from 192.0.2.7 failed: IP address not allowed
  [
    say(`Administration login into [\\w ]{2,32} from ${IP} failed: (?<reason>.{1,300})$`),
    'admin-login-failed',
    'admin-refused',
  ],
  // audit: IMAP: User kim@example.org authenticated from IP address 192.0.2.7 · Web Administration - user admin logged in from 192.0.2.7
  [
    say(
      `(?:Kerio Connect )?(?:Web ?Admin\\w*|Admin\\w*|Administration Console)(?: -|:)? [Uu]ser (?<user>\\S{1,320}?) (?:was |has )?(?:authenticated|logged in|connected)\\b.{0,80}? from ${IP}`,
    ),
    'admin-login',
    'admin',
  ],
  [
    say(
      `(?:(?<service>[\\w/ ]{2,32}?)(?: -|:)? )?[Uu]ser (?<user>\\S{1,320}?) (?:was |has )?(?:successfully )?(?:authenticated|logged in|connected)\\b.{0,80}? from ${IP}`,
    ),
    'login',
    'passed',
  ],
  [
    say(
      `(?:(?<service>[\\w/ ]{2,32}?)(?: -|:)? )?[Uu]ser (?<user>\\S{1,320}?) (?:was |has )?(?:logged out|disconnected)\\b.{0,80}?(?: from ${IP})?`,
    ),
    'logout',
    'left',
  ],
  [
    say(`(?:Account lockout|Login guessing).{0,80}?(?:user |account )(?<user>\\S{1,320}?)[.,]?(?: |$)`),
    'account-locked',
    'locked',
  ],
  [say('(?:User|Account) (?<user>\\S{1,320}) (?:has been|was|is) locked'), 'account-locked', 'locked'],
  // security: what was refused
  [say(`Found virus in mail from ?${FROM} to ${TO}: ?(?<rule>.{1,255})$`), 'virus', 'verdict'],
  [say(`Message from ?${FROM} to ${TO} rejected by (?<reason>.{1,300})$`), 'rejected', 'rejected'],
  // Message from IP address 192.0.2.7, sender <a@example.net> rejected: sender domain does not exist
  [say(`Message from ${IP}, sender ${FROM} rejected: (?<reason>.{1,300})$`), 'rejected', 'rejected'],
  [say(`${IP} found in DNS blacklist (?<rule>[^,]{1,128}), mail from ${FROM} to ${TO}`), 'dns-blacklist', 'rejected'],
  [say(`Relay attempt from ${IP}, mail from ${FROM} to ${TO}`), 'relay-attempt', 'rejected'],
  [say(`Attempt to deliver to unknown recipient ${TO}, from ${FROM}, ${IP}`), 'unknown-recipient', 'rejected'],
  [say(`SMTP Spam attack detected from ${IP}(?:, (?<reason>.{1,300}))?$`), 'spam-attack', 'broken'],
  [say(`Directory harvest attack (?:detected )?from ${IP}`), 'directory-harvest', 'broken'],
  [
    say(
      `(?:Client with |Host )?${IP}(?: has|:|,) (?<reason>(?:no reverse|rejected|blocked|too many|connection).{1,300})$`,
    ),
    'connection-refused',
    'broken',
  ],
  [say(`(?<reason>Too many .{1,120}) from ${IP}`), 'limit', 'broken'],
  // spam: Message marked as spam with score: 8.00, To: a@example.org, Message size: 342, From: …
  [say('Message marked as spam with score: (?<score>-?[\\d.]{1,8}),'), 'spam', 'verdict'],
  [say('User (?<user>\\S{1,320}) marked a message ?as (?<mark>not spam|spam),'), 'marked', 'access'],
  // config: Admin - session opened for host 192.0.2.7 · Admin - insert User set Name='tjones', …
  [say(`(?<user>[^\\s,:]{1,320}) -? ?session opened for host ${IP}`), 'session-opened', 'admin'],
  [say(`(?<user>[^\\s,:]{1,320}) -? ?session closed for host ${IP}`), 'session-closed', 'left'],
  [
    say("(?<user>[^\\s,:]{1,320}) - insert Users? set (?:.{0,200}\\b)?Name='(?<target>[^']{1,255})'"),
    'insert',
    'created',
  ],
  [say('(?<user>[^\\s,:]{1,320}) - (?:update|delete(?: from)?) (?<object>Users?)\\b'), 'change', 'account'],
  [
    say('(?<user>[^\\s,:]{1,320}) - (?:insert(?: into)?|update|delete(?: from)?) (?<object>\\w{1,64})\\b'),
    'change',
    'changed',
  ],
  [say('(?<user>[^\\s,:]{1,320}) - (?<object>[A-Z].{1,300})$'), 'administration', 'changed'],
  [
    say(
      '(?:Kerio (?:Connect|MailServer).{0,80}(?:start|stop|running)|Service \\S{1,40} (?:has been |was )?(?:started|stopped)|Server (?:started|stopped))',
    ),
    'daemon',
    'state',
  ],
];
const readPhrase = mailPhrases('kerio.connect', PHRASES);

/** Keys of `Key: value, Key: value` and the places they stand for. */
const PLACES: Readonly<Record<string, string>> = {
  'Queue-ID': 'queue', Service: 'service', Protocol: 'service', From: 'from', To: 'rcpt', Recipient: 'rcpt', Size: 'size', 'Message size': 'size',
  User: 'user', 'Sender-Host': 'ip', IP: 'ip', Subject: 'subject', 'Msg-Id': 'id', 'Message-ID': 'id', Status: 'code', 'Remote-Host': 'toIp',
}; // biome-ignore format: a table

const readPairs = (text: string): Record<string, string> => {
  const groups: Record<string, string> = {};
  for (const part of text.slice(0, 8192).split(/,\s?(?=[A-Z][\w-]{0,15}(?: [a-z]{2,12})?:(?: |$))/, 40)) {
    const at = part.indexOf(': ');
    if (at < 1 || at > 24) continue;
    const [key, value] = [part.slice(0, at), part.slice(at + 2).trim()];
    groups[own(PLACES, key) ?? key.replaceAll(/\W+/g, '_').toLowerCase()] ??= /^(?:From|To)$/.test(key)
      ? (/<([^<>]{0,320})>$/.exec(value)?.[1] ?? value)
      : value.replace(/^"(.*)"\.?$/s, '$1');
  }
  return groups;
};

// Recv: Queue-ID: 61810e3f-00000001, Service: SMTP, From: <a@example.net>, To: <b@example.org>, Size: 1229, Sender-Host: 192.0.2.7, SSL: yes
const MAIL = /^(Recv|Sent|SMTP|ESMTP|POP3|HTTP|DSN|List|RemotePOP3|Sieve|Notification): (?=Queue-ID: |From: )/;
const RESULTS: Readonly<Record<string, Meaning>> = {
  delivered: 'sent',
  relayed: 'sent',
  expanded: 'sent',
  failed: 'bounced',
  rejected: 'bounced',
};
// operations: {DELETE_ITEMS} Protocol: IMAP, User: kim@example.org, IP: 192.0.2.7, Folder: ~kim@example.org/INBOX, From: …
const OPERATION = /^\{([A-Z_]{3,40})\} (?=\w)/;

const readFields = (fields: Fields, text: string): Act | undefined => {
  const mail = MAIL.exec(text);
  if (mail !== null) {
    const groups = readPairs(text.slice(mail[0].length));
    if (groups['ssl'] === 'yes') fields['tls.established'] = true;
    putMailGroups(fields, 'kerio.connect', groups);
    const sent = mail[1] === 'Sent';
    return mean(
      fields,
      (mail[1] as string).toLowerCase(),
      sent ? (own(RESULTS, groups['result'] ?? '') ?? 'deferred') : 'received',
    );
  }
  const operation = OPERATION.exec(text);
  if (operation === null) return undefined;
  const what = operation[1] as string;
  putMailGroups(fields, 'kerio.connect', readPairs(text.slice(operation[0].length)));
  return mean(fields, what.toLowerCase(), /DELETE|REMOVE|WIPE|EXPUNGE/.test(what) ? 'removed' : 'access');
};

const readText = (fields: Fields, text: string): Act | undefined => {
  const act = readFields(fields, text) ?? readPhrase(fields, text);
  if (/^(?:spam|marked)$/.test(String(fields['event.action']))) putMailGroups(fields, 'kerio.connect', readPairs(text));
  if (fields['service.type'] === 'http/webmail') fields['service.type'] = 'webmail';
  return act;
};

const split = ({ envelope, text }: RawRecord): { time: string; body: string } | undefined => {
  for (const own of [text, envelope.message]) {
    const m = LINE.exec(own);
    if (m !== null) return { time: m[1] as string, body: own.slice(m[0].length).trimEnd() };
  }
  return undefined;
};

/** Kerio Control heads its lines alike and has the same config log: those two phrases tell nothing. */
const SHARED = /^(?:session-(?:opened|closed)|change|insert|administration|daemon|account-locked)$/;

const claims = (record: RawRecord): boolean => {
  const line = split(record);
  if (line === undefined) return false;
  const fields: Fields = {};
  return readText(fields, line.body) !== undefined && !SHARED.test(String(fields['event.action']));
};

const isHeaded = (record: RawRecord): boolean => split(record) !== undefined;
const byHead = recogniseBy(isHeaded, 'are headed as Kerio heads lines', 0.4);
const byText = recogniseBy(claims, 'are Kerio Connect messages', 0.96);

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no Kerio line: [02/Nov/2021 08:14:07] text');
    const fields: Fields = {};
    const act =
      readText(fields, line.body) ?? mean(fields, 'message', /^(?:Error|Critical)/i.test(line.body) ? 'error' : 'note');
    putHead(fields, clock, { civil: readClf(line.time)?.civil, host: record.envelope.host }, line.body);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'kerio-connect',
  title: 'Kerio Connect (Kerio MailServer)',
  references: [
    {
      title: 'Kerio MailServer Administrator’s Guide: Logs',
      url: 'http://www.kerio.co.uk/manual/kms/en/sect-configlog.html',
    },
    {
      title: 'Kerio Connect: Managing logs',
      url: 'https://manuals.gfi.com/en/kerio/connect/content/server-configuration/logs/managing-logs-in-kerio-connect-1124.html',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'security: refused logins, relaying, unknown recipients, DNS lists, viruses, spam; mail: received and sent with queue id',
    'audit and config: logins, administrators’ sessions and changes; operations: messages deleted and moved; spam log',
  ],
  limits: [
    'the http log is in Common Log Format and read as such',
    'the config log alone cannot be told from that of Kerio Control',
  ],
  recognise: (sample) => {
    const [head, text] = [byHead(sample), byText(sample)];
    return text.certainty > 0 && head.certainty > text.certainty ? head : text;
  },
  claims,
  open,
} satisfies Parser as Parser;
