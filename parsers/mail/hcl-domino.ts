import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type ReadCivil, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [28325:00010-3735542592] 02.11.2021 08:14:07   text · 11/02/2021 08:14:07 AM  text · 2021-11-02 08:14:07   text
const TASK = /^\[([0-9A-Fa-f]{1,8}):([0-9A-Fa-f]{1,8})-([0-9A-Fa-f]{1,16})\] /;
const GAP = /^ {2,4}(?=\S)/;

// host.example.net (192.0.2.7) · [192.0.2.7] · 192.0.2.7
const HOST = `(?:(?<host>[\\w.-]{1,255}) )?[(\\[]?(?<ip>${ADDRESS})[)\\]]?`;
/** Names of the tasks that serve clients, and how they call themselves when a password is refused; a task may tell its number. */
const SERVER =
  '(?<service>SMTP|HTTP|IMAP|POP3|LDAP|NRPC|DIIOP|smtp|http|imap|pop3|ldap|diiop|nrpc|nserver|traveler)(?: Server)?(?:: | \\[[0-9A-Fa-f]{1,8}:[0-9A-Fa-f]{1,8}-[0-9A-Fa-f]{1,16}\\]:? )';
const say = (source: string): RegExp => new RegExp(`^${source}`, 's');

const PHRASES: readonly MailPhrase[] = [
  // SMTP Server: Authentication failed for user postmaster ; connecting host 192.0.2.7
  [
    say(`${SERVER}Authentication failed for user (?<user>.{1,320}?) ?[;,] connecting host ${HOST}`),
    'login-failed',
    'refused',
  ],
  // smtp: k.maier [192.0.2.7] authentication failure using internet password · … is locked out
  [
    say(`${SERVER}(?<user>.{1,320}?) \\[?(?<ip>${ADDRESS})\\]? (?<reason>authentication failure.{0,200})$`),
    'login-failed',
    'refused',
  ],
  [
    say(
      `${SERVER}(?<user>.{1,320}?) \\[(?<ip>${ADDRESS})\\] (?:is |has been )?(?<reason>(?:locked out|not authorized|denied).{0,200})$`,
    ),
    'login-refused',
    'refused',
  ],
  [
    say('(?:User|Internet password for) "?(?<target>.{1,320}?)"? (?:is|has been) locked out'),
    'account-locked',
    'locked',
  ],
  [
    say(`${SERVER}(?<user>.{1,320}?) \\[(?<ip>${ADDRESS})\\] (?:authenticated|logged in)(?<reason>.{0,200})$`),
    'login',
    'passed',
  ],
  [say(`${SERVER}User (?<user>.{1,320}?) (?:authenticated|logged in) from ${HOST}`), 'login', 'passed'],
  // SMTP Server: mail.example.net (192.0.2.7) connected · … disconnected. 1 message[s] received
  [
    say(`${SERVER}${HOST} disconnected\\.?(?: (?<messages>\\d{1,9}) message\\[?s?\\]? received)?`),
    'disconnect',
    'disconnect',
  ],
  [say(`${SERVER}${HOST} connected`), 'connect', 'connect'],
  [
    say(`${SERVER}${HOST} (?:connection )?(?<reason>(?:refused|rejected|dropped|was ).{1,300})$`),
    'connection-refused',
    'broken',
  ],
  [
    say(`${SERVER}Connection from ${HOST} (?<reason>(?:refused|rejected|dropped).{1,400})$`),
    'connection-refused',
    'broken',
  ],
  // SMTP Server: Message 0057BE7E (MessageID: <1@example.net>) received · … from <a> to <b> rejected for policy reasons. …
  [
    say(
      `${SERVER}Message (?<queue>[0-9A-F]{6,32})(?:,? \\(?Message-?ID:? ?<?(?<id>[^>)]{1,998})>?\\)?)?,? (?:was )?received(?: from (?<from>\\S{0,320}))?`,
    ),
    'received',
    'received',
  ],
  [
    say(
      `${SERVER}(?:Attempt to (?:relay|send)|Relay attempt|Mail|Message|Recipient|Sender).{0,400}?(?<reason>(?:rejected|refused|denied) (?:for policy reasons|by policy|due to).{0,400})$`,
    ),
    'rejected',
    'rejected',
  ],
  [say(`${SERVER}${HOST} attempted to (?<reason>relay).{0,300}$`), 'relay-attempt', 'rejected'],
  [
    say(
      'DNS (?:Blacklist|Whitelist)(?: Filter)?s?: (?:Connecting host )?(?:(?<host>[\\w.-]{1,255}) )?[(\\[]?(?<ip>[0-9a-fA-F.:]{3,45})[)\\]]?(?<reason>.{0,300})$',
    ),
    'dns-list',
    'verdict',
  ],
  // Router: Message 0057BE7E transferred to MX.EXAMPLE.NET for b@example.net via SMTP · Router: Message 0057BE7E delivered to K. Maier/Klinik
  [
    say(
      'Router: Message (?<queue>[0-9A-F]{6,32}),? transferred to (?<relay>\\S{1,255}) for (?<rcpt>\\S{1,2000})(?: via (?<service>\\w{2,8}))?',
    ),
    'transferred',
    'sent',
  ],
  [
    say(
      'Router: Message (?<queue>[0-9A-F]{6,32}),? delivered to (?<mailbox>.{1,320}?)(?: from (?<from>.{1,320}?) (?<notes_id>OF[\\w:.-]{8,128}).{0,200})?$',
    ),
    'delivered',
    'sent',
  ],
  [
    say(
      'Router: Message (?<queue>[0-9A-F]{6,32}),? (?:not (?:delivered|transferred)|could not be|failed|held|dead)(?<reason>.{0,400})$',
    ),
    'not-delivered',
    'bounced',
  ],
  [
    say(
      'Router: (?:Delivery|Transfer|Mail|Message).{0,200}?(?<reason>(?:failed|failure|rejected|not delivered).{0,400})$',
    ),
    'not-delivered',
    'bounced',
  ],
  [
    say(
      'Router: Transferred (?<count>\\d{1,9}) messages? to (?<relay>\\S{1,255})(?: \\(host (?<toHost>[\\w.-]{1,255})\\))?(?: via (?<service>\\w{2,8}))?',
    ),
    'transferred',
    'note',
  ],
  [
    say(
      'Router: No messages transferred to (?<relay>\\S{1,255})(?: \\(host (?<toHost>[\\w.-]{1,255})\\))?(?: via (?<service>\\w{2,8}))?:? ?(?<reason>.{0,400})$',
    ),
    'not-transferred',
    'deferred',
  ],
  [say('Router: (?:Unable|Failed|Error|Cannot|Host|Connection).{0,400}$'), 'router-trouble', 'broken'],
  [
    say(
      'Router: (?:Mail Router (?:started|shutdown).{0,80}|Internet SMTP host.{0,80}|Beginning mailbox.{0,80}|Completed.{0,80})$',
    ),
    'router',
    'state',
  ],
  // Opened session for K. Maier/Klinik (Release 12.0.1) · Closed session for K. Maier/Klinik Databases accessed: 2 Documents read: 41
  [
    say('Opened session for (?<user>.{1,320}?)(?: \\((?<release>(?:Release|Build)[^)]{0,64})\\))?$'),
    'session-opened',
    'passed',
  ],
  [
    say(
      'Closed session for (?<user>.{1,320}?)(?: Databases accessed: {1,8}(?<databases>\\d{1,9}))?(?: {1,8}Documents read: {1,8}(?<read>\\d{1,9}))?(?: {1,8}Documents written: {1,8}(?<written>\\d{1,9}))?\\s{0,4}$',
    ),
    'session-closed',
    'left',
  ],
  [
    say('ATTEMPT TO ACCESS (?:SERVER|DATABASE) ?(?<database>\\S{1,255})? by (?<user>.{1,320}?) was denied'),
    'access-denied',
    'refused',
  ],
  [
    say('(?:Remote console command issued|Issued remote console command) by (?<user>.{1,320}?): (?<object>.{1,300})$'),
    'console-command',
    'changed',
  ],
  [say('(?<reason>Authentication failure|.{0,64}not authorized to access.{0,200})$'), 'login-failed', 'refused'],
  [
    say(
      `${SERVER}(?:Starting|Started|Initiali[sz]ing|Shutdown|Terminating|Shutting down|Listener task|Using|Server started|Refreshing).{0,200}$`,
    ),
    'daemon',
    'state',
  ],
  [
    say(
      '(?:Server started on|HCL Domino|IBM Domino|Lotus Domino|Event Monitor|Maps Extractor|Database Server (?:started|shutdown)|Server shutdown|Searching Administration|.{0,24} (?:started|shutdown complete))',
    ),
    'daemon',
    'state',
  ],
];
const readPhrase = mailPhrases('hcl.domino', PHRASES);

interface Line {
  readonly time: ReadCivil;
  readonly doubt: boolean;
  readonly task: RegExpExecArray | null;
  readonly body: string;
}

/** The server's locale decides how dates look: with AM and PM the month comes first, else the day, where both could be. */
const readTime = (text: string): { time: ReadCivil; doubt: boolean } | undefined => {
  const iso = readIso(text);
  if (iso !== undefined) return { time: iso, doubt: false };
  const dotted = text.replace(/^(\d{2})-(\d{2})-(?=\d{4})/, '$1.$2.');
  const half = /^\S{8,10} \S{7,8} [AP]M/.test(dotted);
  const [first, other] = half ? (['month', 'day'] as const) : (['day', 'month'] as const);
  const time = readSlashed(dotted, 0, first);
  if (time === undefined) {
    const turned = readSlashed(dotted, 0, other);
    return turned && { time: turned, doubt: false };
  }
  return {
    time,
    doubt: /^\d{1,2}[/-]/.test(text) && !half && time.civil.day <= 12 && time.civil.day !== time.civil.month,
  };
};

const split = ({ text }: RawRecord): Line | undefined => {
  const task = TASK.exec(text);
  const rest = text.slice(task?.[0].length ?? 0);
  if (!/^\d/.test(rest)) return undefined;
  const read = readTime(rest);
  if (read === undefined) return undefined;
  const behind = rest.slice(read.time.end);
  const gap = GAP.exec(behind);
  return gap === null ? undefined : { ...read, task, body: behind.slice(gap[0].length).trimEnd() };
};

/** Texts that other programs could write behind a time and blanks. */
const VAGUE = new Set(['daemon']);

const claims = (record: RawRecord): boolean => {
  const line = split(record);
  if (line === undefined) return false;
  if (
    line.task !== null ||
    /^(?:SMTP|HTTP|IMAP|POP3|LDAP) Server(?:: | \[[0-9A-F:-]{5,34}\] )|^Router: /.test(line.body)
  )
    return true;
  const fields: Fields = {};
  return readPhrase(fields, line.body.slice(0, 4096)) !== undefined && !VAGUE.has(String(fields['event.action']));
};

const read = (fields: Fields, text: string): Act => {
  const act = readPhrase(fields, text) ?? mean(fields, 'message', /\berror\b/i.test(text) ? 'error' : 'note');
  // a Notes session names no protocol
  if (act === 'login' || act === 'logout') fields['service.type'] ??= 'notes';
  // … and is opened with the key of an id file
  if (fields['event.action'] === 'session-opened') fields['einfallstor.login.method'] = 'certificate';
  if (fields['event.action'] === 'console-command') fields['service.type'] = 'console';
  return act;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no line of a Domino console: date time, blanks, text');
    const fields: Fields = {};
    const act = read(fields, line.body.slice(0, 4096));
    if (line.doubt) warn(fields, 'date-order-assumed:day-first');
    put(fields, 'hcl.domino.thread', line.task?.slice(2, 4).join('-'));
    putHead(fields, clock, { civil: line.time.civil }, line.body);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'hcl-domino',
  title: 'HCL Domino (IBM, Lotus Domino): console log',
  references: [
    {
      title: 'HCL Domino: Logging mail, SMTP and server events',
      url: 'https://help.hcl-software.com/domino/14.5.0/admin/admn_mailactivitylogging_r.html',
    },
    {
      title: 'HCL Domino: Securing Internet passwords (lockout)',
      url: 'https://help.hcl-software.com/domino/14.5.0/admin/conf_internetpasswordlockout_t.html',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'refused Internet passwords of SMTP, HTTP, IMAP, POP3 and LDAP, lock-outs, Notes sessions, denied access, remote console commands',
    'SMTP connections and their end, messages received, refused for policy, transferred and delivered by the router',
  ],
  limits: [
    'dates follow the server’s locale: 03/07/2021 without AM or PM is read as the third of July and marked date-order-assumed',
    'the databases log.nsf and domlog.nsf are not read',
  ],
  recognise: recogniseBy(claims, 'are lines of a Domino console', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
