import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { addMailAddress, nameMailEnds, putMessageId, putPeer } from './mail.ts';
import { categorise, put, putEndpoint, putNumber, putUser } from './put.ts';

type Pairs = ReadonlyMap<string, string>;

/** `key=value, key=value`; `reject` and `stat` take the rest, for their text is free. */
const readPairs = (text: string): Pairs => {
  const pairs = new Map<string, string>();
  for (let rest = text.slice(0, 16_384); rest !== ''; ) {
    const key = /^([A-Za-z][\w-]{0,24})=/.exec(rest);
    if (key === null) break;
    const value = rest.slice(key[0].length);
    const free = key[1] === 'reject' || key[1] === 'stat' || key[1] === 'quarantine';
    const end = free ? -1 : value.search(/, [A-Za-z][\w-]{0,24}=/);
    if (!pairs.has(key[1] as string)) pairs.set(key[1] as string, end < 0 ? value : value.slice(0, end));
    rest = end < 0 ? '' : value.slice(end + 2);
  }
  return pairs;
};

// mail.example.org [198.51.100.7] (may be forged) · [198.51.100.7] · root@localhost · mail.example.org. [IPv6:2001:db8::7]
const RELAY = /^(?:(\S{1,255}) )?\[(?:IPv6:)?([0-9a-fA-F.:]{2,45})\]/;

const putRelay = (fields: Fields, side: 'source' | 'destination', text: string | undefined): void => {
  const m = RELAY.exec(text ?? '');
  if (m === null) {
    if (text !== undefined && !text.includes('@') && /\w\.\w/.test(text)) putEndpoint(fields, side, text);
    return;
  }
  const name = /^\[/.test(m[1] ?? '[') ? '' : (m[1] as string).replace(/\.$/, '').replace(/^.*@/, '');
  putPeer(fields, side, `${name}[${m[2]}]`);
  if ((text as string).includes('(may be forged)')) fields['sendmail.forged'] = true;
};

const keep = (fields: Fields, pairs: Pairs, read: readonly string[]): void => {
  for (const [key, value] of pairs) if (!read.includes(key)) put(fields, `sendmail.${key}`, value);
};

const readFrom = (fields: Fields, pairs: Pairs): Act => {
  if (pairs.get('from') === '<>') fields['sendmail.null_sender'] = true;
  else addMailAddress(fields, 'email.from.address', pairs.get('from'));
  putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  putNumber(fields, 'einfallstor.email.recipients', pairs.get('nrcpts'));
  putMessageId(fields, pairs.get('msgid'));
  putRelay(fields, 'source', pairs.get('relay'));
  putUser(fields, 'user', pairs.get('authid'), true);
  put(fields, 'einfallstor.email.auth_user', pairs.get('authid'));
  keep(fields, pairs, ['from', 'size', 'nrcpts', 'msgid', 'relay', 'authid']);
  // also written where every recipient was refused or none was named: nothing was taken
  if (pairs.get('nrcpts') === '0') {
    fields['event.action'] = 'no-recipient';
    categorise(fields, ['email'], ['info'], 'failure');
    return 'other';
  }
  fields['event.action'] = 'received';
  categorise(fields, ['email'], ['info'], 'success');
  return 'mail-received';
};

/** 1+02:03:04 is a day, two hours, …; seconds. */
const secondsOf = (text: string | undefined): number | undefined => {
  const m = /^(?:(\d{1,4})\+)?(\d\d):(\d\d):(\d\d)$/.exec(text ?? '');
  return m === null ? undefined : Number(m[1] ?? 0) * 86_400 + Number(m[2]) * 3600 + Number(m[3]) * 60 + Number(m[4]);
};

// Sent (ok 1635840000 qp 812) · Deferred: Connection refused · User unknown · queued
const readTo = (fields: Fields, pairs: Pairs): Act => {
  const stat = pairs.get('stat') ?? '';
  for (const to of (pairs.get('to') ?? '').split(',').slice(0, 500)) addMailAddress(fields, 'email.to.address', to);
  putRelay(fields, 'destination', pairs.get('relay'));
  putNumber(fields, 'einfallstor.email.delay', secondsOf(pairs.get('delay')));
  put(fields, 'einfallstor.email.relay', pairs.get('relay'));
  nameMailEnds(fields, undefined, pairs.get('to')?.split(',', 1)[0]?.replace(/^<|>$/g, ''));
  const sent = /^Sent\b/.test(stat);
  const waits = /^(?:Deferred|queued)/i.test(stat);
  put(fields, 'einfallstor.email.status', sent ? 'sent' : waits ? 'deferred' : stat === '' ? undefined : 'bounced');
  put(fields, 'event.reason', /^Sent \((.{0,2048})\)/s.exec(stat)?.[1] ?? stat);
  keep(fields, pairs, ['to', 'relay', 'delay', 'stat']);
  fields['event.action'] = sent ? 'sent' : waits ? 'deferred' : 'bounced';
  categorise(fields, ['email'], ['info'], sent ? 'success' : waits || stat === '' ? 'unknown' : 'failure');
  return 'mail-delivery';
};

const readReject = (fields: Fields, pairs: Pairs): Act => {
  putRelay(fields, 'source', pairs.get('relay'));
  const reply = /^(?:(\d{3}) )?(?:(\d\.\d{1,3}\.\d{1,3}) )?(.{0,4096})$/s.exec(pairs.get('reject') ?? '');
  put(fields, 'event.code', reply?.[1]);
  put(fields, 'sendmail.dsn', reply?.[2]);
  put(fields, 'event.reason', reply?.[3]);
  const of = pairs.get('ruleset');
  if (of === 'check_rcpt') addMailAddress(fields, 'email.to.address', pairs.get('arg1'));
  else if (of === 'check_mail') addMailAddress(fields, 'email.from.address', pairs.get('arg1'));
  // Milter: from=<…>, reject=… · Milter: to=<…>, reject=…
  addMailAddress(fields, 'email.from.address', pairs.get('from'));
  addMailAddress(fields, 'email.to.address', pairs.get('to'));
  keep(fields, pairs, ['relay', 'reject', 'from', 'to']);
  fields['event.action'] = 'reject';
  categorise(fields, ['email'], ['denied'], 'failure');
  return 'mail-rejected';
};

const readLogin = (fields: Fields, pairs: Pairs, outcome: 'success' | 'failure', reason?: string): Act => {
  putRelay(fields, 'source', pairs.get('relay'));
  putUser(fields, 'user', pairs.get('authid') ?? pairs.get('user'), true);
  put(fields, 'sendmail.mechanism', pairs.get('mech'));
  put(fields, 'event.reason', reason);
  fields['service.type'] = 'smtp';
  fields['einfallstor.login.method'] = /^(?:GSSAPI|EXTERNAL)$/.test(pairs.get('mech') ?? '')
    ? (pairs.get('mech') as string).toLowerCase()
    : 'password';
  fields['event.action'] = outcome === 'success' ? 'authenticated' : 'authentication-failed';
  categorise(fields, ['authentication'], [outcome === 'success' ? 'start' : 'info'], outcome);
  return 'login';
};

const readTls = (fields: Fields, pairs: Pairs): Act => {
  putRelay(fields, pairs.get('STARTTLS') === 'client' ? 'destination' : 'source', pairs.get('relay'));
  put(fields, 'tls.version', pairs.get('version')?.replace(/^(?:TLS|SSL)v/, ''));
  put(fields, 'tls.cipher', pairs.get('cipher'));
  keep(fields, pairs, ['relay', 'version', 'cipher']);
  fields['event.action'] = 'starttls';
  categorise(
    fields,
    ['email', 'network'],
    ['connection', 'info'],
    /error|fail/i.test(`${pairs.get('STARTTLS')} ${pairs.get('verify')}`) ? 'failure' : undefined,
  );
  return 'mail-connection';
};

// AUTH failure (LOGIN): authentication failure (-13) SASL(-13): …, user=a@example.org, relay=host [198.51.100.7]
const AUTH_FAILURE = /^AUTH failure \(([\w-]{1,24})\): (.{0,512}?)(?=, (?:user|relay)=|$)/;
/** The name is the client's word and may hold `, relay=`: sendmail's own stands last. */
const FAILED_BY = /, user=(.*), relay=([^,]{0,600})$/s;
// host [198.51.100.7] (may be forged) did not issue MAIL/… · lost input channel from host [198.51.100.7] to MTA after rcpt · …: EXPN root [rejected]
const PEER =
  /(?:^|from | |relay=)((?:(?!from )[^\s[\]:]{1,255} )?\[(?:IPv6:)?[0-9a-fA-F.:]{3,45}\](?: \(may be forged\))?)/;
const TROUBLES: readonly (readonly [RegExp, string, boolean])[] = [
  [/possible SMTP attack/, 'possible-attack', true],
  [/(?:EXPN|VRFY|expn|vrfy) .{0,512}\[rejected\]/, 'probe-rejected', true],
  [/^rejecting (?:commands|server \w{4,12}) from|pre-greeting traffic/, 'pre-greeting-traffic', true],
  [/: probable open proxy: command=/, 'probable-open-proxy', true],
  [/did not issue MAIL/, 'no-mail', false],
  [
    /^(?:lost input channel|timeout waiting for input)|premature EOM|unexpected close on connection|I\/O error|read error|Broken pipe|bad file descriptor/,
    'lost-connection',
    false,
  ],
  [
    /^tcpwrappers \(.{0,300}\) rejection|Possible SMTP RCPT flood|^Too many connections|^rejecting connections/,
    'connection-refused',
    true,
  ],
  [/^AUTH=client,/, 'auth-client', false],
  [/: ETRN \S/, 'etrn', false],
  [/^(?:connect|SMTP outgoing connect)|^connection rejected/i, 'connect', false],
];

/** Lines about a message that carry no pairs of their own. */
const NOTES: readonly (readonly [RegExp, action: string, act: Act, outcome?: 'success' | 'failure'])[] = [
  // <suse@example.org>... User unknown
  [/^<[^>]{1,320}>\.\.\. \S/, 'recipient-refused', 'mail-rejected', 'failure'],
  // 1A27E7ab000202: DSN: User unknown · … return to sender: … · … sender notify: Warning: could not send message for past 4 hours
  [/^[0-9A-Za-z]{7,16}: (?:DSN|return to sender|sender notify|postmaster notify|clone)\b/, 'notification', 'other'],
  // Authentication-Warning: mx1: www-data set sender to x using -f
  [/^Authentication-Warning: /, 'authentication-warning', 'other'],
  // Milter (clmilter): error connecting to filter: Connection refused · Milter (clmilter): to error state
  [
    /^Milter \(.{1,64}\): (?:error |timeout |to error state|.{0,64}(?:closed|failed))/,
    'milter-failure',
    'mail-filter',
    'failure',
  ],
  // Milter insert (0): header: Received-SPF: … · Milter (clmilter): timeout before data read · milter=greylist, quarantine=…
  [/^Milter (?:insert|add|change|delete|accept|message|\()|^milter=/, 'milter', 'mail-filter'],
];

const readNote = (fields: Fields, pairs: Pairs, body: string, note: (typeof NOTES)[number]): Act => {
  const [, action, act, outcome] = note;
  if (act === 'mail-rejected') addMailAddress(fields, 'email.to.address', /^<([^>]{1,320})>/.exec(body)?.[1]);
  put(fields, 'sendmail.milter', pairs.get('milter') ?? /^Milter \(([^)]{1,64})\)/.exec(body)?.[1]);
  // Authentication-Warning: mx1.example.org: www-data set sender to x@example.org using -f
  if (action === 'authentication-warning')
    putUser(fields, 'user', /: (?:Host \S{1,255} )?(\S{1,64}) (?:set sender|owned process)\b/.exec(body)?.[1], true);
  put(fields, 'event.reason', pairs.get('quarantine') ?? body);
  fields['event.action'] = action;
  categorise(fields, ['email'], [act === 'mail-rejected' ? 'denied' : 'info'], outcome);
  return act;
};

/** What sendmail, or a mail system made of it, says of one message or connection; undefined where it is nothing known. */
export const readSendmail = (fields: Fields, body: string): Act | undefined => {
  const auth = AUTH_FAILURE.exec(body);
  if (auth !== null) {
    const pairs = new Map(readPairs(body.slice(auth[0].length).replace(/^, /, ''))).set('mech', auth[1] as string);
    const [, user, relay] = FAILED_BY.exec(body) ?? [];
    if (relay !== undefined) pairs.set('user', user as string).set('relay', relay);
    return readLogin(fields, pairs, 'failure', auth[2]);
  }
  // Milter: to=<…>, reject=451 … · Milter: data, reject=554 … · milter=spamassassin, reject=550 …
  const pairs = readPairs(body.replace(/^Milter: (?:[a-z]{2,16}(?: [^,=]{0,64})?, )?(?=[a-z]{2,10}=)/, ''));
  if (pairs.has('reject') && (pairs.has('ruleset') || /^Milter: |^milter=/.test(body)))
    return readReject(fields, pairs);
  const note = NOTES.find(([pattern]) => pattern.test(body.slice(0, 600)));
  if (note !== undefined) return readNote(fields, pairs, body, note);
  if (pairs.get('AUTH') === 'server' && pairs.has('authid')) return readLogin(fields, pairs, 'success');
  if (pairs.has('STARTTLS')) return readTls(fields, pairs);
  if (pairs.has('from') && (pairs.has('size') || pairs.has('nrcpts'))) return readFrom(fields, pairs);
  if (pairs.has('to') && (pairs.has('stat') || pairs.has('mailer') || pairs.has('delay'))) return readTo(fields, pairs);
  for (const [pattern, action, failed] of TROUBLES) {
    if (!pattern.test(body.slice(0, 2048))) continue;
    putRelay(fields, 'source', PEER.exec(body.slice(0, 2048))?.[1]?.trim());
    fields['event.action'] = action;
    put(fields, 'event.reason', body);
    categorise(fields, ['email', 'network'], ['connection', 'info'], failed ? 'failure' : undefined);
    return 'mail-connection';
  }
  return undefined;
};
