import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { putCloudIp } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { type Phrase, putKind, readPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { saslText } from '../../src/parse/kit/sasl.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// Tue 2026-08-18 00:00:48.993: 05: Session 09012313; child 0001      (with a level since 17)
// Wed 2018-04-25 00:00:34: Accepting SMTP connection from [203.0.113.9:2767] to [192.0.2.2:25]
const LINE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,3})?): {1,2}(?:(\d{2}): {1,2})?(?:\[\d{1,9}:\d{1,6}\] )?(.*)$/s;

/** What other programs with such a date do not write; a level in front is MDaemon's own too. */
const OWN =
  /^(?:(?:<--|-->) |-{5,}$|Session \d{1,12}; child |Accepting (?:SMTP|IMAP|POP3?|MSA|Minger|HTTP) connection from |(?:SMTP|IMAP|POP3?) session |(?:Host|Location|Dynamic) screening\b)/i;

interface Line {
  readonly isOwn: boolean;
  readonly time: Civil | undefined;
  readonly text: string;
}

const readLine = once(({ text }: RawRecord): Line | undefined => {
  const m = LINE.exec(text);
  if (m === null) return undefined;
  const said = (m[3] as string).trim();
  return { time: readIso(m[1] as string)?.civil, text: said, isOwn: m[2] !== undefined || OWN.test(said) };
});

/** What a session's lines said so far: they stand one behind the other, for it is written when it is over. */
interface Session {
  readonly id: string | undefined;
  service?: string | undefined;
  client?: string | undefined;
  server?: string | undefined;
  user?: string | undefined;
  /** The next line of the client is this. */
  awaited?: 'user' | 'result' | undefined;
  sender?: string | undefined;
  recipients: string[];
}

const newSession = (id?: string): Session => ({ id, recipients: [] });
const RECIPIENTS_MAX = 500;

// Accepting SMTP connection from 203.0.113.10:45584 to 192.0.2.10:25 · … from [203.0.113.9:2767] to [192.0.2.2:25]
const ACCEPTED =
  /^Accepting (SMTP|IMAP|POP3?|MSA|Minger|HTTP) connection from \[?([\da-fA-F.:[\]]{3,60}?)\]? to \[?([\da-fA-F.:[\]]{3,60}?)\]?$/i;
// Session 09012313; child 0001
const BEGIN = /^Session (\d{1,12});/;
// AUTH LOGIN: RFC 4954; the server asks `Username:` and `Password:` in Base64
const ASKS_NAME = '334 VXNlcm5hbWU6';

/** Lines of the other logs. */
// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  // Host screening refused connection to 192.0.2.10:465 from localhost [203.0.113.11:44056] (matched to line "all localhost refuse")
  [/^Host screening refused connection to (?<to>[\d.]{7,15}):(?<toPort>\d{1,5}) from \S{1,255} \[(?<ip>[\d.]{7,15}):(?<port>\d{1,5})\](?: \((?<reason>[^()]{1,300})\))?/i, 'host-screening', 'mail-rejected', 'denied'],
  // Location Screening: IP 198.51.100.12 matched to country …; connection blocked; port 995
  [/^Location Screening: IP (?<ip>[\da-fA-F.:]{3,45}) matched to (?<reason>[^;]{1,200}); connection (?:blocked|refused)(?:; port (?<toPort>\d{1,5}))?/i, 'location-screening', 'mail-rejected', 'denied'],
  // Dynamic Screening: … 198.51.100.12 … blocked
  [/^Dynamic Screening\b.{0,200}?(?<ip>\d{1,3}(?:\.\d{1,3}){3}).{0,200}\b(?:block|refus|ban)/i, 'dynamic-screening', 'mail-rejected', 'denied'],
];

const serviceOf = (session: Session): string | undefined =>
  session.service?.toLowerCase().replace(/^pop$/, 'pop3').replace('msa', 'smtp');

const putSession = (fields: Fields, session: Session): void => {
  put(fields, 'session.id', session.id);
  putCloudIp(fields, 'source', session.client);
  putCloudIp(fields, 'destination', session.server);
};

/** `<-- …`: what the client said. Passwords are not written, or stand hidden. */
const client = (fields: Fields, session: Session, text: string): Act => {
  putKind(fields, 'mail');
  put(fields, 'event.action', 'client');
  const name = session.awaited === 'user' ? saslText(text) : undefined;
  if (name !== undefined) session.user = name;
  session.awaited = session.awaited === 'user' ? 'result' : session.awaited;
  const plain = /^AUTH (?:LOGIN|PLAIN) (\S{4,400})$/i.exec(text)?.[1];
  if (plain !== undefined) session.user = saslText(plain)?.split('\0')[1] ?? saslText(plain) ?? session.user;
  if (/^AUTH\b/i.test(text)) session.awaited = 'result';
  const login = /^(?:\S{1,32} LOGIN "?([^"\s]{1,255})"? |USER (\S{1,255}))/i.exec(`${text} `);
  if (login !== null && !/^AUTH/i.test(text)) {
    session.user = login[1] ?? login[2];
    session.awaited = 'result';
  }
  const from = /^MAIL FROM: ?<([^>]{0,320})>/i.exec(text)?.[1];
  if (from !== undefined) {
    session.sender = from;
    session.recipients = [];
  }
  const to = /^RCPT TO: ?<([^>]{1,320})>/i.exec(text)?.[1];
  if (to !== undefined && session.recipients.length < RECIPIENTS_MAX) session.recipients.push(to);
  return 'mail-connection';
};

const putMail = (fields: Fields, session: Session): void => {
  addMailAddress(fields, 'email.from.address', session.sender);
  for (const to of session.recipients) addMailAddress(fields, 'email.to.address', to);
  put(fields, 'einfallstor.email.auth_user', session.user);
};

/** A reply that ends a login: RFC 4954 (235, 535), IMAP and POP3. */
const verdictOf = (session: Session, text: string): 'passed' | 'refused' | undefined => {
  if (/^235\b/.test(text)) return 'passed';
  if (/^(?:535|534|454 4\.7)\b/.test(text)) return 'refused';
  if (session.awaited !== 'result' || session.user === undefined || serviceOf(session) === 'smtp') return undefined;
  if (/^\S{1,32} OK LOGIN\b|^\+OK .{0,200}(?:has \d|mailbox|logged|message)/i.test(text)) return 'passed';
  return /^\S{1,32} (?:NO|BAD) .{0,200}(?:login|authent|password|credential)|^-ERR .{0,200}(?:login|authent|password|user|credential)/i.test(
    text,
  )
    ? 'refused'
    : undefined;
};

/** `--> …`: what the server answered. */
const server = (fields: Fields, session: Session, text: string): Act => {
  if (text.startsWith(ASKS_NAME)) session.awaited = 'user';
  const verdict = verdictOf(session, text);
  if (verdict !== undefined) {
    putUser(fields, 'user', session.user);
    put(fields, 'service.type', serviceOf(session));
    put(fields, 'event.action', verdict === 'passed' ? 'login' : 'login-failed');
    if (verdict === 'refused') put(fields, 'event.reason', text.slice(0, 500));
    putKind(fields, verdict);
    session.awaited = undefined;
    return 'login';
  }
  putKind(fields, 'mail');
  put(fields, 'event.action', 'server');
  if (session.sender === undefined) return 'mail-connection';
  if (/^250 .{0,80}message saved/i.test(text)) {
    putMail(fields, session);
    putMessageId(fields, /<Message-ID: ([^>]{1,500})>/i.exec(text)?.[1]);
    put(fields, 'event.action', 'accepted');
    fields['event.outcome'] = 'success';
    return 'mail-received';
  }
  if (/^5\d\d\b/.test(text) && session.recipients.length > 0) {
    putMail(fields, session);
    put(fields, 'event.action', 'rejected');
    put(fields, 'event.reason', text.slice(0, 500));
    fields['event.outcome'] = 'failure';
    return 'mail-rejected';
  }
  return 'mail-connection';
};

/** `START Event Log / MDaemon PRO v26.0.3`, rules of dashes, titles of columns. */
const BANNER = /^(?:START Event Log|END Event Log|-{5,}|Event Time\/Date\b|Computer\/Domain)/;

const claims = (record: RawRecord): boolean =>
  readLine(record)?.isOwn === true || /^START Event Log \/ MDaemon\b/.test(record.text);

const open: Parser['open'] = ({ clock }) => {
  let session = newSession();
  return (record): Outcome => {
    const trimmed = record.text.trim();
    if (trimmed === '') return BLANK;
    if (BANNER.test(trimmed)) return { kind: 'skipped', reason: 'header' };
    const line = readLine(record);
    if (line === undefined) return rejected('not-this-format', 'no line of an MDaemon log');
    const { text } = line;
    if (text === '' || /^-{5,}$/.test(text)) {
      session = newSession();
      return { kind: 'skipped', reason: 'comment' };
    }
    const fields: Fields = { 'service.name': 'MDaemon' };
    clock.stamp(fields, line.time);
    put(fields, 'message', text.slice(0, 8192));
    const begin = BEGIN.exec(text)?.[1];
    if (begin !== undefined) session = newSession(begin);
    const accepted = ACCEPTED.exec(text);
    if (accepted !== null) {
      if (session.client !== undefined) session = newSession();
      session.service = accepted[1];
      session.client = accepted[2];
      session.server = accepted[3];
    }
    let act: Act = 'mail-connection';
    if (text.startsWith('<-- ')) act = client(fields, session, text.slice(4, 4096).trim());
    else if (text.startsWith('--> ')) act = server(fields, session, text.slice(4, 4096).trim());
    else {
      const told = readPhrase(fields, MESSAGES, text.slice(0, 1000));
      if (told === undefined) putKind(fields, 'mail');
      act =
        told ??
        (begin !== undefined || accepted !== null || /session (?:successful|terminated|complete)/i.test(text)
          ? 'mail-connection'
          : 'other');
      const bytes = /\(Bytes in\/out: (\d{1,15})\/(\d{1,15})\)/.exec(text);
      putNumber(fields, 'source.bytes', bytes?.[1]);
      putNumber(fields, 'destination.bytes', bytes?.[2]);
    }
    // lines of other logs are of no session
    if (act !== 'other' && fields['source.ip'] === undefined) putSession(fields, session);
    relateAddresses(fields, text.slice(0, 8192));
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'mdaemon',
  title: 'MDaemon (session logs)',
  references: [{ title: 'MDaemon: logging settings', url: 'https://help.mdaemon.com/MDaemon/en/log_options_2.html' }],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'SMTP (in), IMAP and POP sessions: logins with address and account, messages accepted and refused; host, location and dynamic screening; any other line',
  ],
  limits: [
    'the vendor does not document the sessions’ text: it is the protocol’s (RFC 4954, 3501, 1939) between the server’s own lines',
    'sessions that are logged as they happen (real-time logging) mix: a login may then carry another session’s address',
    'SMTP (out), Webmail and ActiveSync logs are read line by line without meaning',
  ],
  recognise: recogniseBy(claims, 'are lines of an MDaemon log', 0.93),
  claims,
  open,
} satisfies Parser as Parser;
