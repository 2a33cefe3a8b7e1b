import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { type Rejection, rejectionOf, unprinted } from '../../src/parse/kit/exim.ts';
import { addMailAddress, nameClient, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { categorise, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Line {
  readonly civil: Civil | undefined;
  readonly host?: string | undefined;
  readonly pid?: string | number | undefined;
  /** 16ZCW1-0005MB-00 (until 4.96), 1qYz3f-0000000B2kQ-1aBc (since 4.97) */
  readonly id?: string | undefined;
  readonly body: string;
}

// [14127] 1UlasQ-0003fr-45 …
const FRONT =
  /^ ?(?:\[(\d{1,10})\] )?(?:([0-9A-Za-z]{6}-[0-9A-Za-z]{6}(?:[0-9A-Za-z]{5})?-[0-9A-Za-z]{2}(?:[0-9A-Za-z]{2})?) )?/;
// mail.example.com exim[3751842]: 2021-07-17 23:20:49 …
const NAMED = /^(\S{1,255}) exim\d?\[(\d{1,10})\]: (?=\d{4}-)/;

const lineOf = ({ text, envelope }: RawRecord): Line | undefined => {
  const ours = /^exim\d?$/.test(envelope.program ?? '');
  const named = ours ? null : NAMED.exec(text);
  const start = ours ? envelope.message : text.slice(named?.[0].length ?? 0);
  const time = /^\d{4}-\d\d-\d\d \d\d:/.test(start) ? readIso(start) : undefined;
  if (!ours && time === undefined) return undefined;
  const rest = start.slice(time?.end ?? 0);
  const front = FRONT.exec(rest) as RegExpExecArray;
  const body = rest.slice(front[0].length).trimEnd();
  if (time !== undefined && !ours && rest[0] !== ' ') return undefined;
  return {
    civil: time?.civil ?? envelope.civil,
    host: ours ? envelope.host : named?.[1],
    pid: front[1] ?? named?.[2] ?? (ours ? envelope.pid : undefined),
    id: front[2],
    body,
  };
};

// ------------------------------------------------------------------------------------------------------------- parts

// mail.example.org (helo.example.org) [198.51.100.7]:51792 · (helo) [198.51.100.7] · [198.51.100.7]:25 · name [198.51.100.7]
const HOST =
  /(?:^|[ =])(?:([^\s()[\]=]{1,255}) )?(?:\(((?:\[[^\]]{0,64}\])?[^)]{0,255})\) )?\[([0-9a-fA-F.:]{2,45})\](?::(\d{1,5}))?/;

const putHost = (fields: Fields, side: 'source' | 'destination', text: string): void => {
  const m = HOST.exec(text.slice(0, 1024));
  if (m === null) return;
  const name = m[1] !== undefined && /\w\.\w|^localhost$/.test(m[1]) ? m[1] : undefined;
  putEndpoint(fields, side, name);
  putIp(fields, `${side}.ip`, m[3]);
  fields[`${side}.address`] ??= m[3] as string;
  putNumber(fields, `${side}.port`, m[4]);
  put(fields, 'exim.helo', m[2]);
  if (side === 'source') nameClient(fields, m[2]?.replace(/^\[.*/, ''));
  fields['network.protocol'] = 'smtp';
};

// A=dovecot_login:k.maier · X=TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256 · DN="/CN=x" · C="250 OK" · id=…
const PAIR = / ([A-Z][A-Za-z0-9]{0,5}|id)=("(?:[^"\\]|\\.){0,2048}"|\S{1,1024})/g;
/** Keys with a reading of their own, or read with the host. */
const READ = new Set(['H', 'A', 'X', 'S', 'id', 'F', 'I', 'T', 'P', 'Ci']);

const putPairs = (fields: Fields, text: string): ReadonlyMap<string, string> => {
  const pairs = new Map<string, string>();
  for (const [, key, value] of ` ${text}`.matchAll(PAIR)) {
    if (!pairs.has(key as string)) pairs.set(key as string, (value as string).replace(/^"|"$/g, ''));
  }
  const listened = / I=\[([0-9a-fA-F.:]{2,45})\](?::(\d{1,5}))?/.exec(` ${text}`);
  if (listened !== null) {
    putIp(fields, 'destination.ip', listened[1]);
    putNumber(fields, 'destination.port', listened[2]);
  }
  const auth = /^([\w.-]{1,64})(?::(.{1,255}))?$/.exec(pairs.get('A') ?? '');
  if (auth !== null) {
    const id = auth[2] === undefined ? undefined : unprinted(auth[2]);
    putUser(fields, 'user', id?.split(',')[0], true);
    put(fields, 'einfallstor.email.auth_user', id);
    put(fields, 'exim.authenticator', auth[1]);
  }
  const tls = /^(?:TLS|SSL)v?([\d.]{1,4}):(.{1,128}?)(?::\d{1,4})?$/.exec(pairs.get('X') ?? '');
  put(fields, 'tls.version', tls?.[1]);
  put(fields, 'tls.cipher', tls?.[2]);
  putNumber(fields, 'einfallstor.email.size', pairs.get('S'));
  putMessageId(fields, pairs.get('id'));
  // on a delivery P= is the return path
  if (/^[\w-]{1,24}$/.test(pairs.get('P') ?? '')) put(fields, 'exim.protocol', pairs.get('P'));
  for (const [key, value] of pairs)
    if (!READ.has(key)) put(fields, `exim.${key.toLowerCase()}`, value.replace(/:$/, ''));
  return pairs;
};

const putSender = (fields: Fields, text: string | undefined): void => {
  if (text === '<>') fields['exim.null_sender'] = true;
  else addMailAddress(fields, 'email.from.address', text);
};

// F=<a@example.org> · F=a@example.org
const SENDER = /(?:^| )F=(<[^>]{0,512}>|\S{1,512})/;

// ------------------------------------------------------------------------------------------------------------- mail

// … T="a "quoted" subject" from <a@example.org> for b@example.net c@example.net
const SUBJECT = / T="(.{0,1024}?)"(?= from <| for \S+@|$)/;
const RECIPIENTS = / for ((?:\S{1,320}(?: |$)){1,500})$/;

/** Characters of a line that patterns search: recipients may be many. */
const SEARCHED = 16_384;
/** Characters of a line that are matched against its forms. */
const LINE = 8192;

const readArrival = (fields: Fields, body: string): Act => {
  const text = body.slice(3, SEARCHED);
  putSender(fields, text.split(' ', 1)[0]);
  const subject = SUBJECT.exec(text);
  const head = text.slice(0, subject?.index ?? text.length);
  const host = / H=(.{1,600})$/.exec(head)?.[1];
  if (host !== undefined) putHost(fields, 'source', ` ${host}`);
  putPairs(fields, head);
  // a login has no line of its own: that of the message tells of it
  if (fields['einfallstor.email.auth_user'] !== undefined) {
    fields['service.type'] = 'smtp';
    if (/plain|login|cram/i.test(String(fields['exim.authenticator']))) fields['einfallstor.login.method'] = 'password';
  }
  put(fields, 'email.subject', subject === null ? undefined : unprinted(subject[1] as string));
  const behind = text.slice(subject === null ? 0 : subject.index + subject[0].length);
  for (const to of RECIPIENTS.exec(behind)?.[1]?.trim().split(' ') ?? [])
    addMailAddress(fields, 'email.to.address', to);
  fields['event.action'] = 'arrival';
  categorise(fields, ['email'], ['info'], 'success');
  return 'mail-received';
};

const DELIVERIES: Readonly<Record<string, readonly [status: string, outcome: 'success' | 'failure' | 'unknown']>> = {
  '=>': ['sent', 'success'],
  '->': ['sent', 'success'],
  '>>': ['sent', 'success'],
  '*>': ['suppressed', 'unknown'],
  '**': ['bounced', 'failure'],
  '==': ['deferred', 'unknown'],
};
// => :blackhole: <spam@example.org> R=aliases · => blackhole (RCPT ACL discarded recipients)
const DISCARD = /^(?::blackhole:|blackhole \()/;
const DISCARDED = ['discarded', 'unknown'] as const;
// R=dnslookup T=remote_smtp H=mx.example.net [198.51.100.25]:25 … defer (-44): text · H=… [198.51.100.25]: text
const DEFER =
  /\bdefer \((-?\d{1,5})\)(?:(?: [A-Z]{1,3}=\S{1,300}| \[[\da-fA-F.:]{2,45}\](?::\d{1,5})?){0,9}: (.{0,4096}))?/s;
/** Times of a delivery, behind the reason. */
const TIMES = /(?: [QD]T=[\d.dhms]{1,24}){1,2}$/;
const BOUNCE = /(?:\]|T=\S{1,64}|R=\S{1,64}|>|^\S{1,320})(?::\d{1,5})?(?: [A-Z]{1,3}=\S{1,300}){0,9}: (.{0,4096})$/s;

const readDelivery = (fields: Fields, body: string): Act => {
  const text = body.slice(3, SEARCHED);
  const [status, outcome] = DISCARD.test(text)
    ? DISCARDED
    : (DELIVERIES[body.slice(0, 2)] as (typeof DELIVERIES)[string]);
  const to = /^(\S{1,512})(?: \([^)]{0,512}\))?(?: <([^>]{1,512})>)?/.exec(text);
  const recipient = to?.[2]?.includes('@') ? to[2] : to?.[1] === 'blackhole' ? undefined : to?.[1]?.replace(/:$/, '');
  addMailAddress(fields, 'email.to.address', recipient);
  putSender(fields, SENDER.exec(text)?.[1]);
  const pairs = putPairs(fields, text);
  const host = / H=(.{1,400})/.exec(text)?.[1];
  if (host !== undefined) {
    putHost(fields, 'destination', ` ${host}`);
    put(fields, 'einfallstor.email.relay', /^\S{1,255}(?: \[[^\]]{1,45}\](?::\d{1,5})?)?/.exec(host)?.[0]);
  } else put(fields, 'einfallstor.email.relay', pairs.get('T')?.replace(/:$/, ''));
  put(fields, 'exim.transport', pairs.get('T')?.replace(/:$/, ''));
  nameMailEnds(fields, undefined, recipient);
  put(fields, 'einfallstor.email.status', status);
  const defer = DEFER.exec(text);
  put(fields, 'event.code', defer?.[1]);
  put(
    fields,
    'event.reason',
    status === 'sent'
      ? pairs.get('C')
      : (defer?.[2] ?? (status === 'bounced' ? BOUNCE.exec(text)?.[1] : undefined))?.replace(TIMES, ''),
  );
  fields['event.action'] = status;
  categorise(fields, ['email'], ['info'], outcome);
  return 'mail-delivery';
};

const readReject = (fields: Fields, body: string, m: Rejection): Act => {
  const head = body.slice(0, m.index);
  putHost(fields, 'source', ` ${/H=(.{0,600})/.exec(body)?.[1] ?? (/\bfrom (.{0,600})/.exec(body)?.[1] || head)}`);
  putPairs(fields, head);
  putSender(fields, SENDER.exec(head)?.[1]);
  if (m.stage === 'RCPT') addMailAddress(fields, 'email.to.address', m.address);
  if (/^(?:MAIL|from)$/.test(m.stage) && fields['email.from.address'] === undefined) putSender(fields, m.address);
  put(fields, 'event.reason', m.reason?.split('\n', 1)[0]?.replace(/^"|"$/g, '') ?? m.text);
  put(fields, 'exim.stage', m.stage.toLowerCase());
  // rejectlog gives the header below
  put(fields, 'email.subject', /\n. Subject: (.{1,998})/.exec(body.slice(0, SEARCHED))?.[1]);
  putMessageId(fields, /\n. Message-I[Dd]: (\S{1,998})/.exec(body.slice(0, SEARCHED))?.[1]);
  for (const to of (/\nEnvelope-to: (.{1,4096})/.exec(body.slice(0, SEARCHED))?.[1] ?? '').split(/[\s,]+/))
    addMailAddress(fields, 'email.to.address', to);
  fields['event.action'] = m.word.replace(' ', '-');
  categorise(fields, ['email'], ['denied'], 'failure');
  return 'mail-rejected';
};

// ------------------------------------------------------------------------------------------------------------- other lines

// dovecot_login authenticator failed for host (helo) [198.51.100.7]:55379 I=[192.0.2.25]:587: 535 Incorrect authentication data (set_id=info)
const AUTH =
  /^(\S{1,64}) authenticator failed for (.{1,600}?\](?::\d{1,5})?(?: [A-Z][a-z]?=\S{1,64}){0,4}): (.{0,600})$/s;

const readAuth = (fields: Fields, m: RegExpExecArray): Act => {
  putHost(fields, 'source', ` ${m[2]}`);
  putPairs(fields, m[2] as string);
  const set = /\(set_id=(.{0,512})\)(?:: (?:\d{1,6} Time\(s\)|[^()]{1,300}))?$/s.exec(m[3] as string);
  putUser(fields, 'user', set === null ? undefined : unprinted(set[1] as string), true);
  put(fields, 'event.reason', (m[3] as string).slice(0, set?.index));
  put(fields, 'exim.authenticator', m[1]);
  fields['event.action'] = 'authentication-failed';
  fields['service.type'] = 'smtp';
  fields['einfallstor.login.method'] = 'password';
  categorise(fields, ['authentication'], ['info'], 'failure');
  return 'login';
};

const connection = (fields: Fields, body: string, action: string, type: string, outcome?: 'failure'): Act => {
  putHost(
    fields,
    'source',
    // a command of the client's stands quoted in front of H=
    /^(?:.{0,4096} )?H=(.{1,600})/s.exec(body.startsWith('H=') ? body.slice(0, 700) : body)?.[1]?.replace(/^/, ' ') ??
      / (?:from|for|address)( .{1,600}| ?\[.{1,100})/.exec(` ${body}`)?.[1] ??
      ` ${body}`,
  );
  putPairs(fields, body);
  fields['event.action'] = action;
  put(fields, 'event.reason', outcome === undefined ? undefined : body.slice(0, 1024));
  categorise(fields, ['email', 'network'], ['connection', type], outcome);
  return 'mail-connection';
};

/** First match wins. */
const OTHERS: readonly (readonly [RegExp, (fields: Fields, body: string) => Act])[] = [
  [/^SMTP connection from .{1,600} (?:closed|lost|D=)/, (f, b) => connection(f, b, 'disconnect', 'end')],
  [/^SMTP connection from |^SMTP connection identification/, (f, b) => connection(f, b, 'connect', 'start')],
  [
    /^(?:SMTP (?:call|command timeout|data timeout|protocol (?:synchronization )?(?:error|violation)|syntax error)|unexpected (?:disconnection|EOF)|unqualified|TLS error on connection|no MAIL in|rejected HELO|\S{1,64} lost connection|Connection from .{1,200} refused|refused connection|incomplete transaction|H=.{1,600}(?:Greylist|incomplete))/i,
    (f, b) => connection(f, b, 'protocol-trouble', 'info', 'failure'),
  ],
  [
    /^no (?:host name|IP address) found/,
    (f, b) => {
      putIp(f, 'source.ip', /address ([0-9a-fA-F.:]{3,45})$/.exec(b)?.[1] ?? /\[([0-9a-fA-F.:]{3,45})\]/.exec(b)?.[1]);
      put(f, 'source.domain', /for host (\S{1,255})/.exec(b)?.[1]?.toLowerCase());
      return connection(f, b, 'name-not-found', 'info');
    },
  ],
  // H=mx.example.net [203.0.113.98] Connection timed out · mx.example.net [203.0.113.98] TLS error … · SMTP error from remote mail server …: host mx… [203.0.113.98]: 554
  [
    /^(?:H=)?[\w.-]{0,255} ?\[[0-9a-fA-F.:]{3,45}\](?::\d{1,5})?:? (?:Connection|Network|No route|TLS (?:error|session)|SMTP|Operation|Broken|.{0,40}timed out)|^SMTP (?:error from|timeout)|^Remote host/,
    (f, b) => {
      putHost(f, 'destination', ` ${/host (.{1,400})$/.exec(b)?.[1] ?? b.replace(/^(?:H=|Remote host )/, '')}`);
      put(f, 'event.reason', b.slice(0, 1024));
      f['event.action'] = 'remote-trouble';
      categorise(f, ['email', 'network'], ['connection', 'info'], 'failure');
      return 'mail-connection';
    },
  ],
  // DMARC results: spf_domain=… dmarc_domain=… spf_align=no dkim_align=no enforcement='Rejected by policy.' · PDKIM: d=… [failed key import] · SA: Action: …
  [
    /^(?:DMARC results|PDKIM|SA: |SpamAssassin as |spam acl condition|malware acl condition)/,
    (f, b) => {
      const enforced = /enforcement='([^']{1,64})'/.exec(b)?.[1];
      if (enforced !== undefined) f['einfallstor.email.dmarc'] = enforced === 'Accept' ? 'pass' : 'fail';
      putHost(f, 'source', ` ${/\(host=(.{1,300}?)\)/.exec(b)?.[1] ?? ''}`);
      putNumber(f, 'exim.spam_score', /score=(-?[\d.]{1,8})|\((-?[\d.]{1,8})\)$/.exec(b)?.slice(1).find(Boolean));
      put(f, 'event.reason', b.slice(0, 1024));
      f['event.action'] = (/^\w+/.exec(b) as RegExpExecArray)[0].toLowerCase();
      categorise(f, ['email'], ['info'], 'success');
      return 'mail-filter';
    },
  ],
  [
    // an ACL's `warn` with a message; what Exim warns of itself stands alone on its line
    /\](?::\d{1,5})? (?:.{0,300} )?Warning: /,
    (f, b) => {
      putHost(f, 'source', ` ${/H=(.{1,600})/.exec(b)?.[1] ?? ''}`);
      putSender(f, SENDER.exec(b)?.[1]);
      put(f, 'event.reason', /Warning: (.{1,1024})/.exec(b)?.[1]);
      f['event.action'] = 'warning';
      categorise(f, ['email'], ['info']);
      return 'mail-filter';
    },
  ],
  [
    /sender verify (?:fail|defer)/,
    (f, b) => {
      putHost(f, 'source', ` ${/H=(.{1,600})/.exec(b)?.[1] ?? ''}`);
      putSender(f, /for (<[^>]{0,512}>)/.exec(b)?.[1]);
      put(f, 'event.reason', b.slice(0, 1024));
      f['event.action'] = 'sender-verify';
      categorise(f, ['email'], ['info'], 'failure');
      return 'mail-filter';
    },
  ],
  [
    /^exim \d[\d.]{0,8} daemon started|^Start queue run|^End queue run|^SIGHUP received|^Exim configuration error|daemon stopped/,
    (f, b) => {
      f['event.action'] = /^exim|SIGHUP|stopped/.test(b) ? 'daemon' : 'queue-run';
      categorise(f, ['process'], ['info']);
      return f['event.action'] === 'daemon' ? 'source-state' : 'other';
    },
  ],
];

const readBody = (fields: Fields, body: string): Act | undefined => {
  if (body.startsWith('<= ')) return readArrival(fields, body);
  if (DELIVERIES[body.slice(0, 2)] !== undefined && body[2] === ' ') return readDelivery(fields, body);
  const first = body.slice(0, SEARCHED);
  const auth = AUTH.exec(first);
  if (auth !== null) return readAuth(fields, auth);
  const line = (first.split('\n', 1)[0] as string).slice(0, LINE);
  const reject = /reject|discard|dropped (?:connection in|by ')/.test(line) ? rejectionOf(line) : undefined;
  if (reject !== undefined) return readReject(fields, first, reject);
  for (const [pattern, reader] of OTHERS) if (pattern.test(line)) return reader(fields, line);
  if (
    !/^(?:Completed|Frozen|Message is frozen|Unfrozen|removed by|cancelled by|Unfreezing|Spool file|message has been|Message (?:abandoned|removed)|DKIM:|retry time|cwd=)/i.test(
      line,
    )
  )
    return undefined;
  fields['event.action'] = (/^[A-Za-z]+/.exec(line) as RegExpExecArray)[0].toLowerCase();
  // DKIM: d=example.net s=s2021 … [verification succeeded]
  const dkim = /^DKIM: .{0,1000}\[verification (succeeded|failed)/.exec(line)?.[1];
  if (dkim !== undefined) fields['einfallstor.email.dkim'] = dkim === 'succeeded' ? 'pass' : 'fail';
  categorise(fields, ['email'], ['info']);
  return fields['event.action'] === 'dkim' ? 'mail-filter' : 'other';
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no Exim line: date time [pid] id flag …');
    const fields: Fields = {};
    const act = readBody(fields, line.body);
    if (act === undefined) {
      categorise(fields, ['email'], ['info']);
      put(fields, 'event.reason', line.body.slice(0, 1024));
    }
    clock.stamp(fields, line.civil);
    put(fields, 'host.name', line.host);
    put(fields, 'email.local_id', line.id);
    putNumber(fields, 'process.pid', line.pid);
    fields['process.name'] = 'exim';
    if (line.body !== '') fields['message'] = line.body;
    relateAddresses(fields, line.body.slice(0, SEARCHED));
    return { kind: 'event', act: act ?? 'other', fields };
  };

const claims = (record: RawRecord): boolean => {
  const line = lineOf(record);
  if (line === undefined) return false;
  if (/^exim\d?$/.test(record.envelope.program ?? '') || line.id !== undefined || NAMED.test(record.text)) return true;
  return readBody({}, line.body) !== undefined;
};

// below a refusal the reject log has the message's header: Envelope-from: <…> · P Received: from … · F From: … · -----
const HEADER = /^(?:Envelope-(?:from|to): |[A-Z* ] [A-Za-z][\w-]{0,60}: |\s|-{20,}$)/;
const recogniseLines = recogniseBy(claims, 'are Exim lines', 0.96);
const recognise: Parser['recognise'] = ({ records }) =>
  recogniseLines({ records: records.filter(({ text }) => !HEADER.test(text)) });

export default {
  id: 'exim',
  title: 'Exim mail server',
  references: [
    {
      title: 'Exim specification: Log files',
      url: 'https://www.exim.org/exim-html-current/doc/html/spec_html/ch-log_files.html',
    },
  ],
  framing: {
    startsWith: /^(?:\d{4}-\d\d-\d\d[ T]|<\d{1,3}>|[A-Z][a-z]{2} [ \d]?\d \d\d:|\S{1,255} exim\d?\[)/,
  },
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: [
    'arrivals, deliveries, deferrals, failures, completion; rejections of every stage with the header of the reject log',
    'refused logins, connections and their troubles, sender verification, queue runs',
  ],
  limits: ['a login that succeeded is told by the mail that follows it (A=) alone'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
