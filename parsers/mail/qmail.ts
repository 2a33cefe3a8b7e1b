import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { epochMicros, readIso } from '../../src/parse/kit/civil.ts';
import { type Head, putHead } from '../../src/parse/kit/head.ts';
import { addMailAddress, nameMailEnds } from '../../src/parse/kit/mail.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { put, putIp } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { readTai64n } from '../../src/parse/kit/tai64.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Programs of qmail and what is run with it. */
const PROGRAM =
  /^(?:qmail(?:-(?:send|smtpd|pop3d|imapd|lspawn|rspawn|remote|local|queue|scanner|popup|spamc|inject|todo|qfilter|submission|rspawn|smtpsd?))?|rblsmtpd|tcpserver|sslserver|tcp-env|vpopmail|vchkpw(?:-[\w-]{1,16})?|spamdyke|simscan|chkuser|splogger|qmail-scanner-queue(?:\.pl)?|validrcptto|fixcrio)$/;

const IP = `\\[?(?:::ffff:)?(?<ip>${ADDRESS})\\]?`;
const say = (source: string): RegExp => new RegExp(`^${source}`, 's');

// CHKUSER rejected rcpt: from <a@example.com:authuser:> remote <helo:host.example.net:192.0.2.7> rcpt <b@example.org> : not existing recipient
const CHKUSER = `from <(?<from>[^:>]{0,320}):(?<user>[^:>]{0,320}):[^>]{0,64}> remote <(?<helo>[^:>]{0,255}):(?<host>[^:>]{0,255}):(?<ip>${ADDRESS})>(?: rcpt <(?<rcpt>[^>]{0,320})>)?(?: : (?<reason>.{0,300}))?$`;
// from: a@example.com to: b@example.org origin_ip: 192.0.2.7 origin_rdns: (unknown) auth: (unknown) encryption: (none) reason: …
const SPAMDYKE = `from: (?<from>\\S{1,320}) to: (?<rcpt>\\S{1,2000}) origin_ip: ${IP} origin_rdns: (?<host>\\S{1,255}) auth: (?<user>\\S{1,320})(?: encryption: (?<encryption>\\S{1,32}))?(?: reason: (?<reason>.{0,400}))?$`;

/** First match wins. */
const PHRASES: readonly MailPhrase[] = [
  // qmail-send
  [say('new msg (?<queue>\\d{1,20})$'), 'new', 'note'],
  [
    say(
      'info msg (?<queue>\\d{1,20}): bytes (?<size>\\d{1,15}) from <(?<from>[^>]{0,320})>(?: qp (?<qp>\\d{1,10}) uid (?<uid>\\d{1,10}))?',
    ),
    'received',
    'received',
  ],
  [
    say(
      'starting delivery (?<delivery>\\d{1,20}): msg (?<queue>\\d{1,20}) to (?<kind>local|remote) (?<rcpt>\\S{1,320})$',
    ),
    'delivery-started',
    'note',
  ],
  [say('delivery (?<delivery>\\d{1,20}): success: ?(?<reason>.{0,2048})$'), 'success', 'sent'],
  [say('delivery (?<delivery>\\d{1,20}): failure: ?(?<reason>.{0,2048})$'), 'failure', 'bounced'],
  [
    say('delivery (?<delivery>\\d{1,20}): (?:deferral|report mangled)[:,]? ?(?<reason>.{0,2048})$'),
    'deferral',
    'deferred',
  ],
  [
    say('(?<reason>triple bounce|double bounce): discarding bounce\\/(?<queue>\\d{1,20})'),
    'discarded-bounce',
    'bounced',
  ],
  [say('bounce msg (?<queue>\\d{1,20}) qp (?<qp>\\d{1,10})'), 'bounce', 'note'],
  [say('end msg (?<queue>\\d{1,20})$'), 'end', 'note'],
  [say('(?:status: exiting|running|cannot start|exiting)'), 'daemon', 'state'],
  [say('status: (?:local|\\d)'), 'status', 'note'],
  // tcpserver: pid 1234 from 192.0.2.7 · ok 1234 mx.example.org:192.0.2.25:25 mail.example.net:192.0.2.7::51234 · end 1234 status 0
  [say(`(?:tcpserver|sslserver): pid (?<connection>\\d{1,10}) from ${IP}$`), 'connect', 'connect'],
  [
    say(
      `(?:tcpserver|sslserver): ok (?<connection>\\d{1,10}) (?<local>[^:\\s]{0,255}):${IP.replace('ip>', 'toIp>')}:(?<toPort>\\d{1,5}) (?<host>[^:\\s]{0,255}):${IP}:(?<ident>[^:\\s]{0,64}):(?<port>\\d{1,5})`,
    ),
    'accepted',
    'connect',
  ],
  [
    say(
      `(?:tcpserver|sslserver): deny (?<connection>\\d{1,10}) (?<local>[^:\\s]{0,255}):${IP.replace('ip>', 'toIp>')}:(?<toPort>\\d{1,5}) (?<host>[^:\\s]{0,255}):${IP}:(?<ident>[^:\\s]{0,64}):(?<port>\\d{1,5})`,
    ),
    'denied',
    'broken',
  ],
  [
    say('(?:tcpserver|sslserver): end (?<connection>\\d{1,10}) status (?<status>\\d{1,10})'),
    'disconnect',
    'disconnect',
  ],
  [say('(?:tcpserver|sslserver): (?:status|warning|dropping)'), 'status', 'note'],
  // rblsmtpd: 192.0.2.7 pid 19597 zen.example.org: 451 … · rblsmtpd: zen.example.org blocked 192.0.2.7 host.example.net -
  [
    say(`rblsmtpd: ${IP} pid (?<connection>\\d{1,10})(?: (?<rule>[\\w.-]{1,255}))?: (?<reason>.{0,512})$`),
    'rbl',
    'rejected',
  ],
  [say(`(?:rblsmtpd: )?(?<rule>[\\w.-]{1,255}) blocked ${IP}(?: (?<host>[\\w.-]{3,255}))?(?: -)?$`), 'rbl', 'rejected'],
  // qmail-smtpd: 421 badiprbl: ip 192.0.2.7 rbl: example.com · badmailfrom: <a> at 192.0.2.7 · authentication
  [
    say(`(?:qmail-smtpd: )?(?:(?<code>[45]\\d\\d) )?badiprbl: ip ${IP} rbl: (?<rule>[\\w.-]{1,255})`),
    'rbl',
    'rejected',
  ],
  [
    say(
      `(?:qmail-smtpd:? )?(?:\\[\\d{1,10}\\] )?(?<reason>bad(?:mailfrom|rcptto|helo|mailto)[\\w-]{0,16}|relaying denied|invalid (?:sender|recipient|helo)|rejected?)\\b.{0,400}?(?:(?:at|from|ip) ${IP})?$`,
    ),
    'refused',
    'rejected',
  ],
  [
    say(
      `(?:qmail-(?:smtpd|pop3d|popup): )?(?:AUTH (?:failed|rejected)|auth(?:entication)? failed)\\b(?:.{0,80}?\\buser[:=]? ?<?(?<user>[^\\s>,]{1,320})(?=[\\s>,]|$))?.{0,80}?(?:from |ip )?${IP}`,
    ),
    'auth-failed',
    'refused',
  ],
  [
    say(
      `(?:qmail-(?:smtpd|pop3d|popup): )?(?:AUTH (?:successful|ok)|auth(?:entication)? (?:ok|success\\w*))\\b(?:.{0,80}?\\buser[:=]? ?<?(?<user>[^\\s>,]{1,320})(?=[\\s>,]|$))?.{0,80}?(?:from |ip )?${IP}`,
    ),
    'auth',
    'passed',
  ],
  // vchkpw-smtp: password fail (pass: 'x') info@example.org:192.0.2.7 · vchkpw-submission: (PLAIN) login success k.maier@example.org:192.0.2.7
  [
    say(
      `vchkpw-(?<service>[\\w-]{2,16}): (?:\\((?<mechanism>[\\w-]{2,16})\\) )?(?<reason>vpopmail user not found|password fail\\w*|no (?:such )?user|null password|system user.{0,40}|[\\w ]{0,32}(?:not found|denied|fail\\w*|disabled))(?: \\(pass: '.{0,128}?'\\))? (?<user>\\S{0,320}?):${IP}$`,
    ),
    'login-failed',
    'refused',
  ],
  [
    say(
      `vchkpw-(?<service>[\\w-]{2,16}): (?:\\((?<mechanism>[\\w-]{2,16})\\) )?login success (?<user>\\S{1,320}?):${IP}$`,
    ),
    'login',
    'passed',
  ],
  // CHKUSER, spamdyke, simscan
  [say(`CHKUSER rejected (?<step>\\w{2,16}): ${CHKUSER}`), 'chkuser-rejected', 'rejected'],
  [
    say(`CHKUSER (?<verdict>accepted|relaying|mbxfull|intrusion|\\w{3,16}) (?<step>\\w{2,16}): ${CHKUSER}`),
    'chkuser',
    'verdict',
  ],
  [say(`(?<verdict>DENIED_[A-Z_]{2,40}|FILTER_[A-Z_]{2,40}) ${SPAMDYKE}`), 'spamdyke-denied', 'rejected'],
  [say(`(?<verdict>ALLOWED(?:_[A-Z_]{2,40})?|TIMEOUT|[A-Z][A-Z_]{3,40}) ${SPAMDYKE}`), 'spamdyke', 'verdict'],
  [
    say(
      `simscan:\\[(?<pid>\\d{1,10})\\]:(?<verdict>CLEAN)(?: \\((?<score>-?[\\d.]{1,8})\\/-?[\\d.]{1,8}\\))?:[\\d.]{1,10}s:(?<subject>.{0,998}?):${IP}:(?<from>[^:]{0,320}):(?<rcpt>[^:]{0,2000})$`,
    ),
    'simscan-clean',
    'verdict',
  ],
  [
    say(
      `simscan:\\[(?<pid>\\d{1,10})\\]:(?<verdict>[A-Z][A-Z ]{2,40}?)(?:: ?(?<rule>[^:]{1,128}))? ?(?:\\((?<score>-?[\\d.]{1,8})\\/-?[\\d.]{1,8}\\))?:[\\d.]{1,10}s:(?<subject>.{0,998}?):${IP}:(?<from>[^:]{0,320}):(?<rcpt>[^:]{0,2000})$`,
    ),
    'simscan',
    'rejected',
  ],
];
const readPhrase = mailPhrases('qmail', PHRASES);

/** What `starting delivery` said, until its end is told by the number alone. */
interface Delivery {
  readonly queue: string;
  readonly to: string;
}
const REMEMBERED_MAX = 10_000;

interface Line {
  readonly head: Omit<Head, 'civil'> & { readonly civil?: Head['civil'] };
  readonly micros: number | undefined;
  readonly body: string;
}

const split = (record: RawRecord): Line | undefined => {
  const tai = readTai64n(record.text);
  // tai64nlocal: 2021-11-02 08:14:07.123456789 text
  const local = tai === undefined && record.envelope.program === undefined ? readIso(record.text) : undefined;
  if (tai !== undefined || (local !== undefined && record.text[local.end] === ' '))
    return {
      head: { civil: local?.civil },
      micros: tai?.micros,
      body: record.text.slice(tai?.end ?? (local?.end as number) + 1).trim(),
    };
  const { program, message } = record.envelope;
  if (program === undefined || !PROGRAM.test(program)) return undefined;
  // splogger puts the time into the text: 1635837247.123456 new msg 7
  const stamp = /^(\d{9,10}\.\d{1,9}) (?=\S)/.exec(message);
  const named = /^(?:rblsmtpd|tcpserver|sslserver)$/.test(program) ? `${program}: ` : '';
  return {
    head: record.envelope,
    micros: stamp === null ? undefined : epochMicros(stamp[1] as string),
    body: `${named}${message.slice(stamp?.[0].length ?? 0)}`.trim(),
  };
};

/** Services as vchkpw and the daemons name them. */
const serviceOf = (fields: Fields, program: string | undefined): void => {
  const named = fields['service.type'];
  const service = /(smtp|submission|pop3|imap)/.exec(typeof named === 'string' ? named : (program ?? ''))?.[1];
  fields['service.type'] = service === 'submission' ? 'smtp' : (service ?? 'mail');
};

const UNKNOWN = /^\((?:unknown|none)\)$/;

const read = (fields: Fields, line: Line, deliveries: Map<string, Delivery>): Act => {
  const act = readPhrase(fields, line.body.slice(0, 8192)) ?? mean(fields, 'message', 'note');
  for (const name of ['user.name', 'source.domain', 'source.address'])
    if (UNKNOWN.test(String(fields[name]))) delete fields[name];
  if (act === 'login') serviceOf(fields, line.head.program);
  const to = String(fields['email.to.address'] ?? '');
  // example.org-kim@example.org: a virtual domain stands in front of the local part (control/virtualdomains)
  const virtual = /^([\w.-]{1,255})-([^@]{1,64}@([\w.-]{1,255}))$/.exec(to);
  if (fields['qmail.kind'] === 'local' && virtual?.[1] === virtual?.[3] && virtual !== null)
    fields['email.to.address'] = [virtual[2] as string];
  const number = fields['qmail.delivery'];
  if (typeof number !== 'string') return act;
  if (act === 'other') {
    if (deliveries.size >= REMEMBERED_MAX) deliveries.clear();
    deliveries.set(number, { queue: String(fields['email.local_id']), to: String(fields['email.to.address']) });
    return act;
  }
  const begun = deliveries.get(number);
  if (begun !== undefined) {
    put(fields, 'email.local_id', begun.queue);
    addMailAddress(fields, 'email.to.address', begun.to);
    deliveries.delete(number);
  }
  // 192.0.2.99_accepted_message./Remote_host_said:_250_ok/ · Connected_to_192.0.2.99_but_sender_was_rejected.
  const reason = String(fields['event.reason'] ?? '');
  if (putIp(fields, 'destination.ip', /^(?:Connected_to_)?([0-9a-fA-F.:]{3,45})_/.exec(reason)?.[1]))
    fields['network.protocol'] = 'smtp';
  nameMailEnds(fields, undefined, begun?.to);
  return act;
};

/** A bare stamp is no sign: the text must be one that qmail writes. */
const claims = (record: RawRecord): boolean => {
  const line = split(record);
  if (line === undefined) return false;
  return line.head.program !== undefined || readPhrase({}, line.body.slice(0, 2048)) !== undefined;
};

const open: Parser['open'] = ({ clock }) => {
  const deliveries = new Map<string, Delivery>();
  return (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no line of qmail or what is run with it');
    const fields: Fields = {};
    const act = read(fields, line, deliveries);
    putHead(fields, clock, { ...line.head, civil: line.micros === undefined ? line.head.civil : undefined }, line.body);
    clock.stamp(fields, line.micros);
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'qmail',
  title: 'qmail with tcpserver, rblsmtpd, vpopmail, CHKUSER, spamdyke, simscan',
  references: [
    { title: 'qmail-log(5)', url: 'https://cr.yp.to/qmail/qmail-manual-html/man5/qmail-log.html' },
    { title: 'tcpserver, rblsmtpd (ucspi-tcp)', url: 'https://cr.yp.to/ucspi-tcp/tcpserver.html' },
    { title: 'TAI64N stamps of multilog', url: 'https://cr.yp.to/libtai/tai64.html' },
    { title: 'vpopmail', url: 'https://github.com/sagredo-dev/vpopmail' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ns' },
  families: [
    'messages, deliveries with recipient and remote host, deferrals, bounces; connections taken and denied; DNS lists',
    'logins of vchkpw for smtp, pop3 and imap, recipients checked by CHKUSER, verdicts of spamdyke and simscan; TAI64N, tai64nlocal, splogger, syslog',
  ],
  limits: ['the end of a delivery names no recipient: it is taken from its start, where that is in the same file'],
  recognise: recogniseBy(claims, 'are of qmail', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
