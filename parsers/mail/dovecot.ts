import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { isAuthText, login, protocolOf, putLoginName, readAuth } from '../../src/parse/kit/dovecot-auth.ts';
import { addMailAddress, putMessageId, readMailPairs } from '../../src/parse/kit/mail.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { readTai64n } from '../../src/parse/kit/tai64.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** A line after its stamp: `service(user)<pid><session>: level: text`. */
interface Line {
  readonly service: string;
  /** What stands in the parentheses: a user, a process id, `default`, `pid, user`. */
  readonly argument: string | undefined;
  readonly pid: string | undefined;
  readonly session: string | undefined;
  /** The client, where the administrator has the log name it. */
  readonly remote?: string | undefined;
  readonly level: string | undefined;
  readonly text: string;
  readonly body: string;
  /** `dovecot` stood in front: the line is surely ours. */
  readonly named: boolean;
}

const LEVEL = 'Debug|Info|Warning|Error|Fatal|Panic';
const SERVICES =
  'imap-login|pop3-login|submission-login|managesieve-login|sieve-login|lmtp|lda|deliver|imap|pop3|managesieve|submission|auth-worker|auth|' +
  'dovecot-auth|master|log|anvil|config|ssl-params|director|indexer-worker|indexer|doveadm|dsync-local|dsync-remote|dsync-server|dsync|' +
  'dict-async|dict|old-stats|stats|replicator|aggregator|quota-status|imap-hibernate|imap-urlauth-login|imap-urlauth|tcpwrap|ipc|script|lmtp-proxy|lmtp-client';
// imap(k.maier@klinik.example)<2034><Ab3/x>: Info: … · auth-worker(24544): … · Info: imap-login: … · lmtp(2034, kim): …
// lmtp(kim)<2034><Ab3/x:T2>: …: the second message that one LMTP connection brings
const BODY = new RegExp(
  `^(?:dovecot: )?(?:(${LEVEL}): )?(${SERVICES})(?:\\((.{0,320}?)\\))?(?:\\[(\\d{1,10})\\])?(?:<(\\d{1,10})>)?(?:<([\\w+/=:-]{1,80})>)?: ?(?:(${LEVEL}): )?(.*)$`,
  's',
);
const STRONG = /^(?:imap|pop3|submission|managesieve)-login$|^auth-worker$|^dovecot-auth$/;
// a time of its own: 2013-08-11 03:56:40 auth-worker… · Nov 01 12:00:00 imap-login: …; the tag then is the service or the level
const PREFIX = /^(?:dovecot(?:\[\d{1,10}\])?: )?/;

// service=imap, user=kim@example.org, ip=[198.51.100.7]. Logged out rcvd=411, sent=8122   Plesk's mail_log_prefix
const PLESK = new RegExp(
  `^service=([a-z\\d-]{2,24}), user=(.{0,320}?), ip=\\[([0-9a-fA-F.:]{0,45})\\]\\. (?:(${LEVEL}): )?(.*)$`,
  's',
);

const pleskLineOf = (text: string, named: boolean): Line | undefined => {
  const m = PLESK.exec(text);
  if (m === null) return undefined;
  const [body, service, argument, remote, level, rest] = m as unknown as [string, string, string, string, ...string[]];
  return { service, argument, remote, pid: undefined, session: undefined, level, text: rest ?? '', body, named };
};

const lineOf = (text: string, named: boolean): Line | undefined => {
  const m = BODY.exec(text);
  if (m === null) return named ? pleskLineOf(text, named) : undefined;
  const [body, level, service, argument, bracketPid, pid, session, innerLevel, rest] = m as unknown as (
    | string
    | undefined
  )[];
  return {
    service: service as string,
    argument,
    pid: pid ?? bracketPid,
    session,
    level: innerLevel ?? level,
    text: rest ?? '',
    body: body as string,
    named,
  };
};

/** The line without stamp, host and `dovecot:`; a line that is surely Dovecot's but of no service is told by `named`. */
const split = once((record): { line: Line | undefined; body: string; named: boolean; micros: number | undefined } => {
  const tai = readTai64n(record.text);
  const { program, pid, message } = record.envelope;
  const named =
    program === 'dovecot' || (tai === undefined && program === undefined && message.startsWith('dovecot: '));
  const own =
    program === undefined || program === 'dovecot'
      ? message
      : `${program}${pid === undefined ? '' : `[${pid}]`}: ${message}`;
  const body = (tai === undefined ? own : record.text.slice(tai.end)).replace(PREFIX, '');
  return { line: lineOf(body, named), body, named, micros: tai?.micros };
});

const METHODS: Readonly<Record<string, string>> = {
  XOAUTH2: 'oauth',
  OAUTHBEARER: 'oauth',
  GSSAPI: 'kerberos',
  EXTERNAL: 'certificate',
};

const connection = (fields: Fields, action: string, reason?: string): Act => {
  fields['event.action'] = action;
  put(fields, 'event.reason', reason);
  categorise(fields, ['email', 'network'], ['connection', ...(action === 'disconnect' ? ['end'] : [])]);
  return 'mail-connection';
};

// user=<kim>, method=PLAIN, rip=192.0.2.1, lip=198.51.100.1, mpid=12, TLS, session=<x>: the user name is the client's, so the last rip counts
const CLIENT = /(?:^|[ :])(?:user=<(.*)>,? ?)?(?:method=([\w-]{1,32}),? ?)?rip=([0-9a-fA-F.:%\w]{2,64})(.*)$/s;
const FAILED =
  /auth failed|auth_failed|dis(?:abled|allowed) plaintext|Maximum number of connections|temporary failure|authorization failed|Internal login failure|user disabled|password expired|cert required/i;

/** `, lip=198.51.100.1, mpid=12, TLS: …, session=<x>` behind the remote address. */
const putConnection = (fields: Fields, rest: string): void => {
  for (const part of rest.split(', ', 40)) {
    const equals = part.indexOf('=');
    const [key, value] =
      equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1).replace(/^<|>$/g, '')];
    if (key === 'lip') putIp(fields, 'destination.ip', value);
    else if (key === 'lport') putNumber(fields, 'destination.port', value);
    else if (key === 'rport') putNumber(fields, 'source.port', value);
    else if (key === 'session') put(fields, 'session.id', value);
    else if (/^TLS(?!.*handshak)/.test(part)) fields['tls.established'] = true;
    else if (equals > 0 && /^[a-z_]{1,32}$/.test(key)) put(fields, `dovecot.${key}`, value);
  }
};

/** Characters of a line that are looked at for its client: names have a limit in Dovecot, hostile ones have not. */
const CLIENT_WITHIN = 8192;

const readLoginService = (fields: Fields, line: Line): Act => {
  const client = CLIENT.exec(line.text.slice(0, CLIENT_WITHIN));
  const head = (client === null ? line.text : line.text.slice(0, client.index)).replace(/[: ]{1,8}$/, '');
  if (client !== null) {
    const [, user, method, remote, rest] = client as unknown as [
      string,
      string | undefined,
      string | undefined,
      string,
      string,
    ];
    putLoginName(fields, user);
    putIp(fields, 'source.ip', remote);
    put(fields, 'dovecot.method', method);
    if (method !== undefined) fields['einfallstor.login.method'] = METHODS[method.toUpperCase()] ?? 'password';
    if (user !== undefined && /, rip=/.test(user)) warn(fields, 'key-repeated:rip');
    putConnection(fields, rest);
  }
  const attempts = /\b(?:auth failed, (\d{1,6}) attempts)(?: in (\d{1,8}) secs)?/.exec(head);
  putNumber(fields, 'dovecot.attempts', attempts?.[1]);
  putNumber(fields, 'dovecot.seconds', attempts?.[2]);
  if (client === null && /^Login: user=/.test(head)) warn(fields, 'truncated');
  if (/^Login(?:$|: user=)|^Logged in\b/.test(head)) return login(fields, line.service, 'success');
  // a proxy has checked the password before it connects onwards
  if (/^proxy\(.{0,320}\): started proxying/.test(head)) return login(fields, line.service, 'success');
  if (FAILED.test(head)) return login(fields, line.service, 'failure', head);
  return connection(
    fields,
    /^proxy/.test(head) ? 'proxy' : /isconnect|abort|closed/i.test(head) ? 'disconnect' : 'connection',
    head,
  );
};

// msgid=<1@x>: saved mail to INBOX · sieve: msgid=<1@x>: stored mail into mailbox 'Spam' · sieve: msgid=<1@x>: forwarded to <a@b>
const DELIVERY =
  /^(?:[\w+/=-]{2,64}: )?(?:sieve: )?msgid=(<[^>]{0,512}>|[^\s,:]{0,512}(?=[\s,:]))(.{0,2000}?)[:,] ((?:saved mail|stored mail|store into|save failed|failed to store|forwarded to|failed to redirect|redirect|discarded|[Mm]arked message|sent vacation|rejected|sent rejection|fileinto|keep action|left message).{0,1000})$/s;
const SIEVE: readonly (readonly [RegExp, string, Act, 'success' | 'failure'])[] = [
  [/^(?:save failed|failed to)/, 'failed', 'mail-delivery', 'failure'],
  [/^(?:saved|stored|(?:fileinto|keep) action: stored|store into)/, 'stored', 'mail-delivery', 'success'],
  [/^(?:forwarded|redirect)/, 'forwarded', 'mail-delivery', 'success'],
  [/^(?:rejected|sent rejection)/, 'rejected', 'mail-rejected', 'failure'],
  [/^(?:discarded|[Mm]arked message)/, 'discarded', 'mail-filter', 'success'],
  [/^/, 'filtered', 'mail-filter', 'success'],
];

const readDelivery = (fields: Fields, line: Line, m: RegExpExecArray): Act => {
  const [, id, more, text] = m as unknown as [string, string, string, string];
  putMessageId(fields, id);
  const { pairs } = readMailPairs(more.replace(/^[ ,]+/, ''), 0, fields);
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  put(fields, 'email.subject', pairs.get('subject'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  const [, action, act, outcome] = SIEVE.find(([pattern]) => pattern.test(text)) as (typeof SIEVE)[number];
  const refused = action === 'rejected' ? /\bfrom <([^<>]{1,320})>/.exec(text)?.[1] : undefined;
  addMailAddress(fields, 'email.from.address', refused);
  const forward = action === 'forwarded' ? /<([^<>]{1,320})>/.exec(text)?.[1] : undefined;
  addMailAddress(fields, 'email.to.address', forward ?? (line.argument?.includes('@') ? userOf(line) : undefined));
  put(fields, 'dovecot.mailbox', /(?:mailbox|mail to) '?([^']{1,255}?)'?(?::|$)/.exec(text)?.[1]);
  put(fields, 'einfallstor.email.status', action);
  put(fields, 'event.reason', text);
  fields['event.action'] = action;
  categorise(fields, ['email'], ['info'], outcome);
  return act;
};

/** `2034, kim` (2.2's lmtp), `192.0.2.1,kim` (doveadm) → `kim`; a number alone is a process id. */
const userOf = (line: Line): string | undefined => {
  const name = line.argument?.replace(/^(?:\d{1,10}|[0-9a-fA-F.:]{7,45}), ?/, '');
  return name === undefined || /^\d*$/.test(name) ? undefined : name;
};

// expunge: box=INBOX, uid=12, msgid=<1@x>, size=120 · copy from INBOX: box=Trash, uid=12, …
const MAIL_LOG =
  /^(copy from (.{1,255}?)|copy|move|save|append|delete|undelete|expunge|autoexpunge|mailbox_create|mailbox_delete|mailbox_rename|flag_change|Mailbox (?:created|deleted|renamed|subscribed|unsubscribed)|[A-Za-z_]{3,24}(?=: box=)): (.*)$/s;

const readMailLog = (fields: Fields, m: RegExpExecArray): Act => {
  const [, action, from, rest] = m as unknown as [string, string, string | undefined, string];
  const value = (key: string): string | undefined =>
    new RegExp(`(?:^|, )${key}=(<[^>]{0,512}>|[^,]{0,512})`).exec(rest)?.[1];
  put(fields, 'dovecot.mailbox', value('box') ?? (/^Mailbox/.test(action) ? rest : undefined));
  put(fields, 'dovecot.mailbox_from', from);
  put(fields, 'dovecot.uid', value('uid'));
  putMessageId(fields, value('msgid'));
  // the last field, and it may hold anything
  put(fields, 'email.subject', /(?:^|, )subject=(.{0,998})/s.exec(rest)?.[1]);
  addMailAddress(fields, 'email.from.address', value('from'));
  putNumber(fields, 'einfallstor.email.size', value('size'));
  fields['event.action'] = action.split(' from ')[0]?.toLowerCase().replace(' ', '_') as string;
  categorise(
    fields,
    ['email'],
    [/delete|expunge/i.test(action) ? 'deletion' : /create|save|copy|append/i.test(action) ? 'creation' : 'change'],
    'success',
  );
  return 'mail-access';
};

const ENDED = /^(?:Logged out|Connection closed|Disconnected|Server shutting down|Connection reset|Too many)\b/;

/** `Logged out in=235 out=1345 deleted=0`, older `bytes=235/1345`, POP3 `top=0/0, retr=1/1345, del=0/5, size=9`. */
const readEnd = (fields: Fields, line: Line): Act => {
  const counts = new Map(
    [...line.text.matchAll(/\b([a-z_]{2,24})=(\d{1,15}(?:\/\d{1,15})?)\b/g)].map((m) => [
      m[1] as string,
      m[2] as string,
    ]),
  );
  const [read, written] = (counts.get('bytes') ?? '').split('/');
  putNumber(fields, 'source.bytes', counts.get('in') ?? counts.get('rcvd') ?? read);
  // POP3: messages and bytes that went to the client
  const fetched = ['retr', 'top'].map((key) => Number(counts.get(key)?.split('/')[1] ?? Number.NaN));
  const pop3 = fetched.some((bytes) => bytes >= 0) ? fetched.reduce((sum, bytes) => sum + (bytes || 0), 0) : undefined;
  putNumber(fields, 'destination.bytes', counts.get('out') ?? counts.get('sent') ?? written ?? pop3);
  for (const [key, value] of counts)
    if (!/^(?:in|out|rcvd|sent|bytes)$/.test(key)) put(fields, `dovecot.${key}`, value);
  put(fields, 'event.reason', /^(?:.(?! \w{1,24}=\d))*./s.exec(line.text)?.[0]);
  fields['service.type'] = protocolOf(line.service);
  fields['event.action'] = 'logout';
  categorise(fields, ['authentication'], ['end'], 'success');
  return 'logout';
};

const STATE = /starting up|^Killed with signal|SIGHUP received|shutting down|reloading config|stopped$/;

const readRest = (fields: Fields, line: Pick<Line, 'text' | 'level'>): Act => {
  const state = STATE.test(line.text);
  fields['event.action'] = state ? 'daemon' : 'message';
  put(fields, 'event.reason', line.text);
  categorise(
    fields,
    [state ? 'process' : 'email'],
    [/^(?:Error|Fatal|Panic)$/.test(line.level ?? '') ? 'error' : 'info'],
  );
  return state ? 'source-state' : 'other';
};

// Successfully relayed message: from=<a@example.org>, size=2131, id=4VnX3Q, nrcpt=1, reply=`250 2.0.0 Ok'
const RELAYED = /^Successfully relayed message: (.*)$/s;

/** The submission service handed a message of its user to the mail system. */
const readRelayed = (fields: Fields, line: Line, text: string): Act => {
  const { pairs } = readMailPairs(text, 0, fields);
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  putNumber(fields, 'einfallstor.email.recipients', pairs.get('nrcpt'));
  put(fields, 'einfallstor.email.auth_user', userOf(line));
  put(fields, 'event.reason', /\breply=`(.{1,512}?)'?$/s.exec(text)?.[1]);
  fields['service.type'] = 'submission';
  fields['event.action'] = 'relayed';
  categorise(fields, ['email'], ['info'], 'success');
  return 'mail-received';
};

/** What mail processes write about a user's mailbox, or about the client of an LMTP connection. */
const readMailProcess = (fields: Fields, line: Line): Act => {
  putLoginName(fields, userOf(line));
  const delivery = DELIVERY.exec(line.text);
  if (delivery !== null) return readDelivery(fields, line, delivery);
  const change = MAIL_LOG.exec(line.text);
  if (change !== null) return readMailLog(fields, change);
  const relayed = RELAYED.exec(line.text);
  if (relayed !== null) return readRelayed(fields, line, relayed[1] as string);
  if (/^Quota exceeded/.test(line.text) && /^(?:lmtp|lda|deliver)$/.test(line.service)) {
    addMailAddress(fields, 'email.to.address', userOf(line));
    put(fields, 'einfallstor.email.status', 'bounced');
    put(fields, 'event.reason', line.text);
    fields['event.action'] = 'failed';
    categorise(fields, ['email'], ['info'], 'failure');
    return 'mail-delivery';
  }
  // Connect from 192.0.2.1 · Disconnect from 192.0.2.1: Logged out (state=READY)
  const peer = /^(Connect|Disconnect) from (\S{1,64}?)(?:: (.*)|)$/s.exec(line.text);
  if (peer !== null) {
    putIp(fields, 'source.ip', peer[2]);
    return connection(fields, (peer[1] as string).toLowerCase(), peer[3]);
  }
  return ENDED.test(line.text) && userOf(line) !== undefined ? readEnd(fields, line) : readRest(fields, line);
};

const readLine = (fields: Fields, line: Line): Act => {
  put(fields, 'process.name', line.service);
  putNumber(fields, 'process.pid', line.pid ?? /^\d{1,10}/.exec(line.argument ?? '')?.[0]);
  put(fields, 'session.id', line.session);
  putIp(fields, 'source.ip', line.remote);
  put(fields, 'log.level', line.level?.toLowerCase());
  if (line.service.endsWith('-login')) return readLoginService(fields, line);
  if (/auth/.test(line.service)) return readAuth(fields, line) ?? readRest(fields, line);
  return readMailProcess(fields, line);
};

/** Told by its name, by a service that only Dovecot has, or by what an ambiguous one (`auth`, `imap(kim)`) says. */
const isOurs = ({ line, named }: { line: Line | undefined; named: boolean }): boolean => {
  if (named) return true;
  if (line === undefined) return false;
  if (STRONG.test(line.service)) return true;
  if (line.service === 'auth') return isAuthText(line);
  return line.level !== undefined || line.session !== undefined || DELIVERY.test(line.text);
};

const read = (context: ParseContext, record: RawRecord): Outcome => {
  if (record.text.trim() === '') return BLANK;
  const { line, body, named, micros } = split(record);
  if (!isOurs({ line, named })) return rejected('not-this-format', 'no Dovecot service name');
  const fields: Fields = {};
  const level = new RegExp(`^(?:(${LEVEL}): )?`).exec(body)?.[1];
  const act =
    line === undefined
      ? readRest(fields, { text: body.slice(level === undefined ? 0 : level.length + 2), level })
      : readLine(fields, line);
  put(fields, 'log.level', level?.toLowerCase());
  context.clock.stamp(fields, micros ?? record.envelope.civil);
  put(fields, 'host.name', record.envelope.host);
  fields['message'] = body;
  relateAddresses(fields, body);
  return { kind: 'event', act, fields };
};

const claims = (record: RawRecord): boolean => isOurs(split(record));

export default {
  id: 'dovecot',
  title: 'Dovecot IMAP, POP3, LMTP and ManageSieve server',
  references: [
    { title: 'Dovecot: logging', url: 'https://doc.dovecot.org/main/core/admin/logging.html' },
    {
      title: 'Dovecot settings: login_log_format_elements, mail_log_prefix, deliver_log_format',
      url: 'https://doc.dovecot.org/main/core/summaries/settings.html',
    },
    { title: 'Dovecot: mail-log plugin', url: 'https://doc.dovecot.org/main/core/plugins/mail_log.html' },
    { title: 'TAI64N stamps of multilog', url: 'https://cr.yp.to/libtai/tai64.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'logins, failed and aborted logins of imap, pop3, submission and managesieve; password checks of auth and PAM',
    'ends of sessions with bytes, mailbox changes (mail-log plugin), deliveries and Sieve actions of lmtp and lda',
    'syslog, own log file with BSD, ISO or TAI64N stamps; versions 1.2 to 2.4',
  ],
  limits: ['a failed login is told by auth (each attempt) and by the login process (all attempts of a connection)'],
  recognise: recogniseBy(claims, 'are lines of a Dovecot service', 0.97),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
