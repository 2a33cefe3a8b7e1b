import { canonicalIp } from '../../src/core/net.ts';
import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { addMailAddress, decodeHeader } from '../../src/parse/kit/mail.ts';
import { type Phrase, readPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// unknown[192.0.2.7] 1382040948-0f823dad0000-LuzkN2 1382040948 1382040949 RECV kim@example.org info@example.com 2 62 -
const MAIL = /^(?:(\S{1,300}) )?(\d{10}(?:-[\w.]{1,24}){2,4}) (\d{1,10}) (\d{1,10}) (RECV|SCAN|SEND) (.*)$/s;
// kim@example.org info@example.com 2 62 203.0.113.9
const RECV = /^(?:(?:ENC|-) )?(\S{1,512}) (\S{1,512}) (\d{1,2}) (\d{1,3}) (.*)$/s;
// ENC kim@example.org info@example.com 3.6 2 31 - SZ:18402 SUBJ:Rechnung
const SCAN = /^(ENC|-) (\S{1,512}) (\S{1,512}) (\S{1,12}) (\d{1,2}) (\d{1,3}) (.*)$/s;
const SCAN_END = /^(.{0,1024}?)(?: ?\bSZ:(\d{1,12}))?(?: ?\bSUBJ:(.*))?$/s;
// ENC 1 8B2052296C 250 2.6.0 Queued mail for delivery
const SEND = /^(?:(ENC|-) )?(\d{1,2}) (\S{1,64}) (.*)$/s;

const NOBODY = new Set(['-', '<>']);

type Told = readonly [act: Act, outcome?: 'success' | 'failure' | 'unknown'];

/** Action codes of RECV and SCAN. */
// biome-ignore format: a table
const ACTIONS: Readonly<Record<string, readonly [word: string, ...told: Told]>> = {
  '0': ['allowed', 'mail-received', 'success'],
  '1': ['aborted', 'mail-rejected', 'failure'],
  '2': ['blocked', 'mail-rejected', 'failure'],
  '3': ['quarantined', 'mail-filter'],
  '4': ['tagged', 'mail-received', 'success'],
  '5': ['deferred', 'mail-rejected', 'failure'],
  '6': ['quarantined-per-user', 'mail-filter'],
  '7': ['whitelisted', 'mail-received', 'success'],
  '8': ['encrypted', 'mail-received', 'success'],
  '9': ['redirected', 'mail-received', 'success'],
  '10': ['attachments-stubbed', 'mail-received', 'success'],
};

/** Action codes of SEND. */
const DELIVERIES: Readonly<Record<string, readonly [word: string, outcome: 'success' | 'failure' | 'unknown']>> = {
  '1': ['delivered', 'success'],
  '2': ['rejected', 'failure'],
  '3': ['deferred', 'unknown'],
  '4': ['expired', 'failure'],
};

/** Reason codes; others are kept as numbers. */
// biome-ignore format: a table
const REASONS: Readonly<Record<string, string>> = {
  '1': 'virus', '2': 'banned attachment', '3': 'RBL match', '4': 'rate control', '5': 'too many messages in session',
  '6': 'timeout exceeded', '7': 'no such domain', '8': 'no such user', '9': 'subject filter match', '11': 'client IP',
  '12': 'recipient address rejected', '13': 'no valid recipients', '14': 'domain not found', '15': 'sender address rejected',
  '31': 'score', '34': 'header filter match', '35': 'sender block/accept', '36': 'recipient block/accept', '37': 'body filter match',
  '39': 'intention analysis match', '40': 'SPF/Caller-ID', '41': 'client host rejected', '60': 'spam fingerprint found',
  '61': 'Barracuda reputation whitelist', '62': 'Barracuda reputation blocklist', '65': 'realtime intent', '66': 'client reverse DNS',
  '68': 'invalid bounce', '71': 'multi-level intent', '74': 'BRTS intent', '78': 'sender spoofed', '79': 'attachment content',
};

// [192.0.2.7] LOGIN (admin) · 192.0.2.7 global[] CHANGE mta_trusted_relay (10.0.0.0/8)
const WHO = String.raw`^\[?(?<ip>[\da-fA-F.:]{3,45})\]? +(?:[\w.-]{0,64}\[[^\]]{0,64}\] +)?`;
const WEB: readonly Phrase[] = [
  [new RegExp(`${WHO}LOGIN \\((?<user>[^()]{1,256})\\)$`), 'login', 'admin-login', 'passed'],
  [new RegExp(`${WHO}FAILED_LOGIN \\((?<user>.{0,256})\\)$`, 's'), 'login-failed', 'admin-login', 'refused'],
  [new RegExp(`${WHO}LOGOUT \\((?<user>[^()]{1,256})\\)$`), 'logout', 'logout', 'left'],
  [new RegExp(`${WHO}CHANGE (?<object>[\\w.:-]{1,128})`), 'change', 'config-change', 'changed'],
];

const mailOf = ({ envelope }: RawRecord): RegExpExecArray | null =>
  /^(?:inbound|outbound|scan|notify|reports)\b/.test(envelope.program ?? '') ? MAIL.exec(envelope.message) : null;

const isWeb = ({ envelope }: RawRecord): boolean =>
  envelope.program === 'web' && WEB.some(([pattern]) => pattern.test(envelope.message.slice(0, 1024)));

const claims = (record: RawRecord): boolean => mailOf(record) !== null || isWeb(record);

// unknown[192.0.2.7] · mx.example.net[192.0.2.7] · 192.0.2.7
const putClient = (fields: Fields, text: string | undefined): void => {
  const [, name, ip] = /^([^[\]]{0,255})\[([\da-fA-F.:]{2,45})\]$/.exec(text ?? '') ?? [];
  putIp(fields, 'source.ip', ip ?? text);
  if (name !== undefined && name !== 'unknown' && canonicalIp(name) === undefined)
    put(fields, 'source.domain', name.toLowerCase());
};

const putMail = (fields: Fields, from: string | undefined, to: string | undefined): void => {
  if (from !== undefined && !NOBODY.has(from)) addMailAddress(fields, 'email.from.address', from);
  if (to !== undefined && !NOBODY.has(to)) addMailAddress(fields, 'email.to.address', to);
};

const verdict = (fields: Fields, action: string, reason: string, more: string | undefined): Told => {
  const [word, ...told] = own(ACTIONS, action) ?? ([action, 'mail-filter'] as const);
  put(fields, 'event.action', word);
  put(fields, 'event.code', reason);
  put(fields, 'event.reason', own(REASONS, reason));
  put(fields, 'barracuda.email.reason_extra', more);
  return told;
};

const readMail = (fields: Fields, service: string, info: string): Told => {
  if (service === 'SEND') {
    const m = SEND.exec(info);
    if (m === null) return ['mail-delivery', 'unknown'];
    const [, , code = '', queue, response = ''] = m;
    const [word, outcome] = own(DELIVERIES, code) ?? [code, 'unknown'];
    put(fields, 'event.action', word);
    put(fields, 'einfallstor.email.status', response);
    put(fields, 'barracuda.email.queue_id', queue);
    return ['mail-delivery', outcome === 'success' && /^[45]\d\d\b/.test(response) ? 'unknown' : outcome];
  }
  if (service === 'RECV') {
    const m = RECV.exec(info);
    if (m === null) return ['mail-filter'];
    putMail(fields, m[1], m[2]);
    return verdict(fields, m[3] as string, m[4] as string, m[5]);
  }
  const m = SCAN.exec(info);
  if (m === null) return ['mail-filter'];
  const [, , from, to, score, action = '', reason = '', rest = ''] = m;
  putMail(fields, from, to);
  putNumber(fields, 'barracuda.email.score', score);
  const [, more, size, subject] = SCAN_END.exec(rest) ?? [];
  putNumber(fields, 'einfallstor.email.size', size);
  put(fields, 'email.subject', subject === undefined ? undefined : decodeHeader(subject));
  return verdict(fields, action, reason, more?.trim());
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const mail = mailOf(record);
    if (mail === null && !isWeb(record)) return rejected('not-this-format', 'no line of a Barracuda mail gateway');
    const { civil, host, program, pid, message } = record.envelope;
    const fields: Fields = {
      'observer.vendor': 'Barracuda',
      'observer.product': 'Email Security Gateway',
      'observer.type': 'mail-gateway',
    };
    put(fields, 'observer.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    put(fields, 'message', message);
    relateAddresses(fields, message.slice(0, 4096));
    if (mail === null) {
      clock.stamp(fields, civil);
      return { kind: 'event', act: readPhrase(fields, WEB, message.slice(0, 1024)) ?? 'other', fields };
    }
    const [, client, id, , end, service = '', info = ''] = mail;
    // the end of the step, in seconds since 1970; of a delivery the line's own time
    const instant = epochMicros(end ?? '') ?? civil;
    clock.stamp(fields, instant);
    if (instant === undefined) warn(fields, 'time-missing');
    put(fields, 'email.local_id', id);
    put(fields, 'event.dataset', service.toLowerCase());
    // of a delivery it is not said which side this is
    if (service === 'SEND') put(fields, 'barracuda.email.client', client);
    else putClient(fields, client);
    const [act, outcome] = readMail(fields, service, info.trimEnd());
    categorise(fields, ['email'], [act === 'mail-rejected' ? 'denied' : 'info'], outcome);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'barracuda-email',
  title: 'Barracuda Email Security Gateway (Spam & Virus Firewall)',
  references: [
    {
      title: 'Barracuda: Syslog and the Barracuda Email Security Gateway',
      url: 'https://campus.barracuda.com/product/emailsecuritygateway/article/BSF/Syslog/',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'mail syslog: RECV, SCAN and SEND with action and reason',
    'web syslog: logins and changes of the administration',
  ],
  limits: ['A message that SEND does not follow was not delivered yet, or the line is in another file.'],
  appliance: true,
  recognise: recogniseBy(claims, 'are lines of a Barracuda mail gateway', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
