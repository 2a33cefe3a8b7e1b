import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, monthOf } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { addMailAddress } from '../../src/parse/kit/mail.ts';
import {
  ADDRESS,
  type MailPhrase,
  type Meaning,
  mailPhrases,
  mean,
  putClient,
} from '../../src/parse/kit/mail-phrases.ts';
import { put, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// Jul-29-16 16:49:52 m1-25391-06124 [Worker_1] [TLS-out] [RelayAttempt] 192.0.2.7 <a@example.com> to: b@example.org text
const TIME = /^([A-Z][a-z]{2})-(\d{2})-(\d{2}|\d{4}) (\d{2}):(\d{2}):(\d{2}) (?=\S)/;
const ID = /^([A-Za-z0-9]{0,8}-?\d{5}-\d{5}) /;
const TAG = /^\[([^\]]{1,64})\] ?/;
// IPv6 may be in brackets
const CLIENT = new RegExp(`^\\[?(${ADDRESS})\\]?(?::(\\d{1,5}))?(?= |$)`);
const SENDER = /^<([^>]{0,320})> ?/;
const RECIPIENT = /^to: (\S{1,2000}) ?/;

/** What a tag says of the message; the first known one decides. Tags without a meaning name the worker or the session. */
const TAGS: readonly (readonly [RegExp, string, Meaning])[] = [
  [/^Message(?:OK|Limit)?$|^NoProcessing$|^Whitelisted?$|^Local$|^Redlist/i, 'accepted', 'verdict'],
  [/^RelayAttempt$/i, 'relay-attempt', 'rejected'],
  [/^(?:VIRUS|ClamAV|FileScan|ScanVirus)/i, 'virus', 'rejected'],
  [/^(?:BadAttachment|Attachment)/i, 'attachment', 'rejected'],
  [
    /^(?:InvalidAddress|InvalidRecipient|NoSuchUser|InvalidHELO|InvalidPTR|Invalid|MissingPTR|MissingMX|MalformedAddress|ForgedHELO|ForgedLocal\w*|MaxErrors|BackSctr|Backscatter)/i,
    'refused',
    'rejected',
  ],
  [/^(?:Delayed|Delaying|Greylist)/i, 'delayed', 'verdict'],
  [
    /^(?:Bayes\w*|HMM|DNSBL|URIBL|RBL\w*|SPF|DKIM|DMARC|Blacklist\w*|Bomb\w*|Penalty\w*|PB\w*|Collect|Trap|SpamTrap|DenyIP|DenyStrict|Country\w*|Extreme\w*|GripList|History|MessageScore|WhiteOnly|RWL|Razor|SRS|OversizedHeader|FromMissing|ASSP_\w{1,32})/i,
    'spam',
    'verdict',
  ],
  [/^(?:SSL|TLS)(?:Fail\w*|Error)$/i, 'tls-failed', 'broken'],
  [/^Admin\w*$/i, 'admin', 'note'],
];

const PHRASES: readonly MailPhrase[] = [
  // max sender authentication errors (5) exceeded -- dropping connection - after reply: 535 5.7.8 Error: authentication failed: …
  [/(?<reason>max sender authentication errors? \(\d{1,6}\) exceeded.{0,400})$/, 'auth-errors', 'refused'],
  [/^(?<reason>(?:SMTP )?authentication (?:failed|error).{0,300})$/i, 'auth-failed', 'refused'],
  // [SMTP Error] 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6
  [/^(?:\[SMTP Error\] )?(?<reason>535 .{0,400})$/s, 'auth-failed', 'refused'],
  [/authentication (?:OK|successful)|^235 /i, 'authenticated', 'passed'],
  // Blocking 192.0.2.7 - too much AUTH errors (8);
  [
    new RegExp(`^Blocking (?<ip>${ADDRESS}) - (?<reason>too (?:much|many) AUTH errors.{0,200})$`),
    'auth-blocked',
    'refused',
  ],
  [/(?<reason>SSL negotiation with .{1,400})$/, 'tls-failed', 'broken'],
  // Connected: session:1A2B 192.0.2.7:51234 > 192.0.2.25:25 > 127.0.0.1:125 , 1-5 · Disconnected: session:1A2B 192.0.2.7 - command list was …
  [
    new RegExp(
      `^Connected:? (?:session:(?<session>\\S{1,40}) )?\\[?(?<ip>${ADDRESS})\\]?:(?<port>\\d{1,5}) > \\[?(?<toIp>${ADDRESS})\\]?:(?<toPort>\\d{1,5})`,
    ),
    'connect',
    'connect',
  ],
  [
    new RegExp(`^Disconnected:? (?:session:(?<session>\\S{1,40}) )?\\[?(?<ip>${ADDRESS})\\]?(?<reason>.{0,300})$`),
    'disconnect',
    'disconnect',
  ],
  [
    /^(?:finished message|message ok|Message proxied without processing|info: start|recipient accepted)/i,
    'message',
    'verdict',
  ],
  [/^(?<reason>relay attempt blocked.{0,300})$/i, 'relay-attempt', 'rejected'],
  // [spam found] -- … -- [subject] -> spam/12.eml
  [/^\[?(?:spam found|message rejected|virus)/i, 'spam', 'verdict'],
  // Admin: connection from 192.0.2.10; page:/ · Admin authentication failed from host 192.0.2.10 · Admin update: file saved by root
  [
    new RegExp(
      `^Admin (?:authentication|login) failed(?: for (?<user>\\S{1,64}))? from (?:host )?(?<ip>${ADDRESS})`,
      'i',
    ),
    'admin-refused',
    'admin-refused',
  ],
  [
    new RegExp(
      `^Admin(?: Login)?:? (?:user )?'?(?<user>[\\w.@-]{1,64})'? (?:logged in|logon|login)\\b.{0,60}?(?:from )?(?:host )?(?<ip>${ADDRESS})`,
      'i',
    ),
    'admin-login',
    'admin',
  ],
  [/^Admin ?update: (?<object>.{1,400})$/i, 'admin-update', 'changed'],
  [/^AdminUpdate: (?<object>.{1,400})$/, 'admin-update', 'changed'],
  [
    /^(?:Starting as|ASSP version|Listening for|Setting gid|Setting uid|Loading config|Info: .{0,40}(?:start|restart|shut)|Server |Restart|Shutdown)/i,
    'daemon',
    'state',
  ],
];
const readPhrase = mailPhrases('assp', PHRASES);

interface Line {
  readonly civil: Civil;
  readonly body: string;
}

const split = ({ text, envelope }: RawRecord): Line | undefined => {
  for (const own of [text, envelope.message]) {
    const m = TIME.exec(own);
    const month = m === null ? undefined : monthOf(m[1] as string);
    if (m === null || month === undefined) continue;
    const [, , day, year, hour, minute, second] = m.map(Number) as number[] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) continue;
    return {
      civil: { year: year < 100 ? 2000 + year : year, month, day, hour, minute, second, micros: 0 },
      body: own.slice(m[0].length).trimEnd(),
    };
  }
  return undefined;
};

/** Takes what the pattern finds off the front. */
const taken = (text: string, pattern: RegExp): readonly [RegExpExecArray | null, string] => {
  const m = pattern.exec(text);
  return [m, m === null ? text : text.slice(m[0].length).replace(/^ /, '')];
};

// … -> spam/12.eml; · … [Rechnung 4711] -> …
const putSubject = (fields: Fields, text: string): void => {
  const arrow = text.lastIndexOf('] -> ');
  const file = arrow < 0 ? undefined : /^\S{1,255}$/.exec(text.slice(arrow + 5))?.[0];
  if (file === undefined) return;
  const before = text.slice(Math.max(0, arrow - SUBJECT_MAX), arrow);
  const subject = /\[(?!spam found|isp)(.{1,998})$/s.exec(before.slice(before.lastIndexOf(']') + 1))?.[1];
  if (subject === undefined) return;
  put(fields, 'email.subject', subject);
  put(fields, 'assp.file', file);
};
/** Characters of a line of mail (RFC 5322 §2.1.1), and the bracket. */
const SUBJECT_MAX = 999;

const read = (fields: Fields, line: string): Act => {
  let text = line.slice(0, 8192);
  const [id, afterId] = taken(text, ID);
  text = afterId;
  put(fields, 'session.id', id?.[1]);
  const tags: string[] = [];
  for (let m = TAG.exec(text); m !== null && tags.length < 12; m = TAG.exec(text)) {
    tags.push(m[1] as string);
    text = text.slice(m[0].length);
  }
  if (tags.length > 0) fields['assp.tags'] = tags;
  const [client, afterClient] = taken(text, CLIENT);
  if (putClient(fields, client?.[1])) text = afterClient;
  putNumber(fields, 'source.port', client?.[2]);
  const [sender, afterSender] = taken(text, SENDER);
  addMailAddress(fields, 'email.from.address', sender?.[1]);
  const [recipient, afterRecipient] = taken(afterSender, RECIPIENT);
  for (const to of recipient?.[1]?.split(',') ?? []) addMailAddress(fields, 'email.to.address', to);
  text = afterRecipient.replace(/;$/, '');
  putSubject(fields, text);
  const said = readPhrase(fields, text);
  const known = tags.flatMap((tag) => TAGS.filter(([pattern]) => pattern.test(tag)))[0];
  put(fields, 'event.reason', text === '' ? undefined : text);
  if (said === 'login' || known === undefined) {
    if (said === 'login') fields['service.type'] = 'smtp';
    return said ?? mean(fields, 'message', 'note');
  }
  const [, action, meaning] = known;
  // a spam tag on a message that was let through with a score or a warning only
  const passed = /\b(?:passing|monitor(?:ing)?|scoring)\b/i.test(text);
  const refused = /\b(?:rejected|blocked|dropping connection|connection (?:is )?dropped)\b/i.test(text);
  return mean(
    fields,
    action,
    refused && meaning === 'verdict' ? 'rejected' : passed && meaning === 'rejected' ? 'verdict' : meaning,
  );
};

const claims = (record: RawRecord): boolean => {
  const line = split(record);
  if (line === undefined) return false;
  const body = line.body.slice(0, 2048);
  return ID.test(body) || TAG.test(body) || CLIENT.test(body) || readPhrase({}, body) !== undefined;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no ASSP line: Nov-02-21 08:14:07 text');
    const fields: Fields = {};
    const act = read(fields, line.body);
    if (/ \[[^\]]{0,64}$/.test(line.body) && line.body.length < 80) warn(fields, 'truncated');
    putHead(fields, clock, { civil: line.civil, host: record.envelope.host, program: 'assp' }, line.body);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'assp',
  title: 'ASSP (Anti-Spam SMTP Proxy)',
  references: [
    { title: 'ASSP wiki: Logging', url: 'https://sourceforge.net/p/assp/wiki/Logging' },
    { title: 'assplog(8)', url: 'https://manned.org/assplog/6178bed0' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'verdicts of the filters by tag with client, sender, recipient, subject and file; relay attempts, refused recipients, viruses',
    'too many failed logins, TLS trouble, connections, the administration web interface; versions 1 and 2',
  ],
  limits: ['a user name is not in the log: ASSP passes authentication on to the server behind it'],
  recognise: recogniseBy(claims, 'are headed as ASSP heads lines', 0.9),
  claims,
  open,
} satisfies Parser as Parser;
