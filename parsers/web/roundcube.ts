import { addressClass } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { type Head, putHead } from '../../src/parse/kit/head.ts';
import {
  ADDRESS,
  type MailPhrase,
  mailPhrases,
  mean,
  putClient,
  putMailGroups,
} from '../../src/parse/kit/mail-phrases.ts';
import { add, put, putIp, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { asWebmail } from '../../src/parse/kit/webmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [02-Nov-2021 08:14:07 +0100]: <a1b2c3d4> text (log_driver file, log_session_id)
const OWN =
  /^\[(\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2}(?: [+-]\d{4}| UTC)?|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?: ?[+-]\d\d:?\d\d)?)\](?:: | (?=PHP ))/;
// userlogins: text (log_driver stdout and php)
const NAMED =
  /^(userlogins|errors|sendmail|imap|smtp|ldap|sql|session|password|oauth|console|managesieve|sieve): (?=\S)/;
// [10-Apr-2009 22:45:20 -0500]: text · [10-Apr-2009 22:45:20 -0500] text   its own stamp behind a syslog header, as 0.2 wrote it
const STAMPED = /^\[(\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2} [+-]\d{4})\]:? /;
const SESSION = /^<([\w,-]{1,128})> /;

const SAID_BY = `(?<ip>${ADDRESS})`;
// 10.0.0.1(X-Real-IP: 198.51.100.7,X-Forwarded-For: …): the proxy, then what it names
const CLIENT = `${SAID_BY}(?:\\((?<forwarded>[^)]{1,512})\\))?`;

const PHRASES: readonly MailPhrase[] = [
  // Successful login for kim@example.org (ID: 7) from 198.51.100.7 in session 0123456789abcdef · 0.2: Successful login for kim (id 7) from 198.51.100.7
  [
    new RegExp(
      `^Successful login for (?<user>.{1,320}) \\((?:ID: |id )(?<user_id>\\d{1,12})\\) from ${CLIENT}(?: in session (?<session>[\\w,-]{1,128}))?`,
      's',
    ),
    'login',
    'passed',
  ],
  // Failed login for kim@example.org from 198.51.100.7 in session … (error: 0) · FAILED login for kim from 198.51.100.7: the name is the client's, so the last address counts
  [
    new RegExp(
      `^(?:Failed|FAILED) login for (?<user>.{0,320}) from ${CLIENT}(?: in session (?<session>[\\w,-]{1,128}))?(?: \\(error: (?<code>-?\\d{1,6})\\))?\\.?$`,
      's',
    ),
    'login-failed',
    'refused',
  ],
  // 0.2: IMAP Error: Authentication for kim failed (LOGIN): "a001 NO Authentication failed."
  [
    /^(?:IMAP Error: )?Authentication for (?<user>.{0,320}) failed \((?<method>[\w-]{1,32})\): (?<reason>.{0,512})$/s,
    'login-failed',
    'refused',
  ],
  // User kim@example.org [198.51.100.7]; Message <1@x> for b@example.net; 250: 2.0.0 Ok: queued as 4F…
  [
    new RegExp(
      `^User (?<user>.{1,320}?) \\[${CLIENT}\\]; Message (?:(?:ID )?<?(?<id>[^\\s;>]{3,998}@[^\\s;>]{1,255})>? )?for (?<rcpt>.{1,4000}?); (?<reason>[^;]{0,512})$`,
      's',
    ),
    'sendmail',
    'received',
  ],
  // Password changed for user kim@example.org (ID: 7) from 198.51.100.7
  [
    new RegExp(`^Password changed for user (?<target>.{1,320}?) \\(ID: (?<user_id>\\d{1,12})\\) from ${CLIENT}`, 's'),
    'password-changed',
    'account',
  ],
  [
    new RegExp(
      `^(?:Session (?:auth|authentication|IP|check).{0,120}|.{0,80}CSRF.{0,120}|Request check failed.{0,120})(?:${SAID_BY})?`,
      's',
    ),
    'session-refused',
    'note',
  ],
  [/^(?:PHP|IMAP|SMTP|DB|SQL|LDAP|OAuth|Sieve) (?:Error|Warning)|^Error:/i, 'error', 'error'],
];
const readPhrase = mailPhrases('roundcube', PHRASES);
/** What no other program writes. */
const TELLING = /^(?:login|login-failed|sendmail|password-changed)$/;

interface Line {
  readonly head: Head;
  readonly log: string | undefined;
  readonly session: string | undefined;
  readonly body: string;
  readonly own: boolean;
}

const split = ({ text, envelope }: RawRecord): Line | undefined => {
  const own = OWN.exec(text);
  const syslog = /^(?:roundcube(?:mail)?|roundcubemail-\w{1,16})$/.test(envelope.program ?? '');
  const named = own === null && !syslog ? NAMED.exec(envelope.message) : null;
  if (own === null && !syslog && named === null) return undefined;
  const stamped = own === null ? STAMPED.exec(envelope.message) : null;
  const stamp = own?.[1] ?? stamped?.[1];
  const civil: Civil | undefined = stamp === undefined ? envelope.civil : (readClf(stamp) ?? readIso(stamp))?.civil;
  let body = own === null ? envelope.message.slice((named ?? stamped)?.[0].length ?? 0) : text.slice(own[0].length);
  const session = SESSION.exec(body);
  body = body.slice(session?.[0].length ?? 0).trimEnd();
  return {
    head:
      own === null ? { ...envelope, civil, program: envelope.program ?? 'roundcube' } : { civil, program: 'roundcube' },
    log: named?.[1],
    session: session?.[1],
    body,
    own: own !== null || syslog,
  };
};

// IMAP Error: Login failed for kim against mail.example.org from 198.51.100.7. AUTHENTICATE PLAIN: A0002 NO Login failed.
const REFUSED =
  /^(?:IMAP Error: )?Login failed for (.{0,1200}?)(?:\.(?: ((?:AUTHENTICATE|LOGIN|[A-Z]{2,}).{0,1024}))?)?$/s;

/** The name is what the client typed and may end in ` from 127.0.0.1`: the last address is Roundcube's. */
const readRefusal = (fields: Fields, m: RegExpExecArray): Act => {
  const [, said = '', reason] = m;
  const last = said.lastIndexOf(' from ');
  const name = said.slice(0, Math.max(0, last));
  const against = / against (\S{1,255})$/.exec(name);
  const user = name.slice(0, against?.index);
  if (/ from /.test(user)) warn(fields, 'key-repeated:from');
  const client = new RegExp(`^${CLIENT}`).exec(said.slice(last + 6))?.groups;
  putMailGroups(fields, 'roundcube', { user, server: against?.[1], reason, ...client });
  return mean(fields, 'login-failed', 'refused');
};

/** Behind a reverse proxy the client is whom the proxy names; a public peer could name anybody. */
const putForwarded = (fields: Fields): void => {
  const forwarded = String(fields['roundcube.forwarded'] ?? '');
  const named =
    /X-Real-IP: ?([0-9a-fA-F.:]{3,45})/i.exec(forwarded)?.[1] ??
    /X-Forwarded-For:[^)]{0,400}?([0-9a-fA-F.:]{3,45})$/i.exec(forwarded)?.[1];
  const peer = fields['source.ip'];
  if (named === undefined || typeof peer !== 'string') return;
  const kind = addressClass(peer);
  if (kind !== 'private' && kind !== 'loopback') return void putIp(fields, 'client.ip', named);
  put(fields, 'roundcube.proxy', peer);
  add(fields, 'related.ip', peer);
  delete fields['source.address'];
  putClient(fields, named);
};

// … in /usr/share/roundcube/program/include/rcube_imap.php on line 205 (POST /?_task=login)
const PLACE = / in ((?:\/|[A-Z]:\\)\S{1,255}\.(?:php|inc)) on line \d{1,6}(?: \((\w{3,8}) (.{1,1024})\))?$/s;

const read = (fields: Fields, line: Line): Act => {
  const text = line.body.slice(0, 8192);
  const place = PLACE.exec(text);
  const said = text.slice(0, place?.index);
  const refusal = REFUSED.exec(said);
  const act =
    refusal === null ? (readPhrase(fields, said) ?? mean(fields, 'message', 'note')) : readRefusal(fields, refusal);
  put(fields, 'roundcube.source_file', place?.[1]);
  put(fields, 'http.request.method', place?.[2]);
  put(fields, 'url.original', place?.[3]);
  putForwarded(fields);
  put(fields, 'session.id', line.session);
  if (act === 'mail-received') put(fields, 'roundcube.queued_as', /queued as (\w{5,24})/.exec(said)?.[1]);
  if (act === 'login' && /XOAUTH2|OAUTHBEARER/.test(said)) fields['einfallstor.login.method'] = 'oauth';
  return asWebmail(fields, act);
};

const claims = (record: RawRecord): boolean => {
  const line = split(record);
  if (line === undefined) return false;
  if (record.envelope.program?.startsWith('roundcube')) return true;
  const fields: Fields = {};
  read(fields, line);
  return TELLING.test(String(fields['event.action'])) || line.session !== undefined;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no line of Roundcube');
    const fields: Fields = {};
    const act = read(fields, line);
    put(fields, 'roundcube.log', line.log);
    putHead(fields, clock, line.head, line.body);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'roundcube',
  title: 'Roundcube webmail',
  references: [
    {
      title: 'Roundcube wiki: Configuration, logging',
      url: 'https://github.com/roundcube/roundcubemail/wiki/Configuration',
    },
    {
      title: 'roundcubemail, rcmail.php log_login and rcube.php write_log',
      url: 'https://github.com/roundcube/roundcubemail/blob/master/program/include/rcmail.php',
    },
  ],
  framing: { startsWith: /^(?:\[\d|<\d{1,3}>|[A-Z][a-z]{2} [ \d]?\d \d\d:|\d{4}-\d\d-\d\d[T ]|[a-z]{2,16}: )/ },
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'userlogins: logins and refused logins with user id and session; errors: IMAP refusals with the request; sendmail: messages sent',
    'passwords changed; log drivers file, syslog, stdout and php',
  ],
  limits: ['a refused login may stand in errors and in userlogins: two records of one attempt'],
  recognise: recogniseBy(claims, 'are of Roundcube', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
