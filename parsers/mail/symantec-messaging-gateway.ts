import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros } from '../../src/parse/kit/civil.ts';
import { addAttachment, addMailAddress, nameMailEnds, putMessageId } from '../../src/parse/kit/mail.ts';
import { putCloudIp } from '../../src/parse/kit/microsoft.ts';
import { type Phrase, phraseOf, putPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// ecelerity: 1635718447|0a000014-51c0b70000001f2a-00-617f10af77e1|DELIVER|203.0.113.25|b@example.org
const AUDIT =
  /(?:^|\s)([a-z][\w-]{1,31})(?:\[\d{1,10}\])?: (\d{9,10})\|([0-9a-f]{4,16}(?:-[0-9a-f]{1,20}){2,6})\|([A-Z][A-Z_]{2,31})(?:\|(.*))?$/s;
// conduit: [Brightmail] (NOTICE:4410.2900112233): [12070] 'Rules' were updated successfully.
const COMPONENT =
  /(?:^|\s)([a-z][\w-]{1,31})(?:\[\d{1,10}\])?: \[Brightmail\] \(([A-Z]{4,8}):(\d{1,10})\.\d{1,20}\):(?: \[([^\]]{1,256})\])? ?(.*)$/s;
// AuditEventLogManager: User 'admin' has logged in.
const ADMIN = /(?:^|\s)(AuditEventLogManager|CLI-[a-z]{2,24}): (.*)$/s;

// ---------------------------------------------------------------- message audit log

type Cells = readonly string[];
type Reading = (fields: Fields, cells: Cells) => readonly [Act, ('success' | 'failure' | 'unknown' | undefined)?];

const recipients = (fields: Fields, cells: Cells): void => {
  for (const to of cells.slice(0, 500)) if (to.includes('@')) addMailAddress(fields, 'email.to.address', to);
};

const delivery =
  (outcome: 'success' | 'failure' | 'unknown'): Reading =>
  (fields, [peer, ...rest]) => {
    if (!putCloudIp(fields, 'destination', peer)) recipients(fields, [peer ?? '']);
    recipients(fields, rest);
    nameMailEnds(
      fields,
      undefined,
      rest.find((one) => one.includes('@')),
    );
    if (outcome !== 'success') put(fields, 'event.reason', rest.filter((one) => !one.includes('@')).join(' '));
    return ['mail-delivery', outcome];
  };

const connected =
  (act: Act, outcome?: 'failure'): Reading =>
  (fields, [peer, ...rest]) => {
    putCloudIp(fields, 'source', peer);
    put(fields, 'event.reason', rest.join(' '));
    return [act, outcome];
  };

/** Of one recipient: address, then verdict, policy group, policy; or the actions taken. */
const verdict: Reading = (fields, [to, what, group, ...policy]) => {
  recipients(fields, (to ?? '').split(/[,;]/, 500));
  put(fields, 'event.reason', what);
  put(fields, 'rule.ruleset', group);
  put(fields, 'rule.name', policy.join(' '));
  if (/virus|malware|phish|worm|suspect|threat|spam/i.test(what ?? '')) fields['event.kind'] = 'alert';
  return ['mail-filter'];
};

const action: Reading = (fields, [to, ...actions]) => {
  recipients(fields, (to ?? '').split(/[,;]/, 500));
  put(fields, 'event.reason', actions.join(' '));
  const gone = /delete|reject|drop/i.test(actions.join(' '));
  return gone ? ['mail-rejected', 'failure'] : ['mail-filter'];
};

const received =
  (read: (fields: Fields, cells: Cells) => void): Reading =>
  (fields, cells) => {
    read(fields, cells);
    return ['mail-received', 'success'];
  };

/** Events of the message audit log (Broadcom, "Understanding Message Audit Log events sent to a remote syslog server"). */
const EVENTS: Readonly<Record<string, Reading>> = {
  ACCEPT: connected('mail-received'),
  CONNECT: connected('mail-connection'),
  EHLO: (fields, [helo]) => {
    put(fields, 'source.domain', helo?.toLowerCase());
    return ['mail-connection'];
  },
  LOGICAL_IP: connected('mail-connection'),
  SENDER: received((fields, [from]) => addMailAddress(fields, 'email.from.address', from)),
  ORCPTS: received(recipients),
  SUBJECT: received((fields, cells) => put(fields, 'email.subject', cells.join(' | '))),
  MSGID: received((fields, cells) => putMessageId(fields, cells.join('|').trim())),
  MSG_SIZE: received((fields, [size]) => putNumber(fields, 'einfallstor.email.size', size)),
  SOURCE: received((fields, [side]) =>
    put(fields, 'email.direction', side === 'external' ? 'inbound' : side === 'internal' ? 'outbound' : undefined),
  ),
  ATTACH: received((fields, cells) => {
    for (const name of cells.slice(0, 200)) addAttachment(fields, { name });
  }),
  VERDICT: verdict,
  FIRED: verdict,
  UNTESTED: verdict,
  UNSCANNABLE: verdict,
  IRCPTACTION: action,
  RCPTACTION: action,
  DELIVER: delivery('success'),
  DELIVERY_FAILURE: delivery('failure'),
  DLV_FAILED: delivery('failure'),
  BOUNCE: delivery('failure'),
  DEFER: delivery('unknown'),
  REJECT: connected('mail-rejected', 'failure'),
  ABORT: connected('mail-rejected', 'failure'),
};

const audit = (fields: Fields, [, program, , id, name, rest]: RegExpExecArray): Act => {
  put(fields, 'process.name', program);
  put(fields, 'email.local_id', id);
  put(fields, 'event.code', name);
  put(fields, 'event.action', name?.toLowerCase());
  const cells = (rest ?? '')
    .slice(0, 65_536)
    .split('|', 1000)
    .map((cell) => cell.trim());
  const read = own(EVENTS, name as string);
  put(fields, 'symantec.smg.parameters', rest?.slice(0, 8192));
  const [act, outcome] = read === undefined ? (['mail-filter'] as const) : read(fields, cells);
  categorise(fields, ['email'], [act === 'mail-rejected' ? 'denied' : 'info'], outcome);
  return act;
};

// ---------------------------------------------------------------- administrators and components

/** Broadcom, "Administrative and system activity logs" */
const PHRASES: readonly Phrase[] = [
  [/^User '?(?<user>[^\s']{1,256})'? (?:has )?logged in(?: from (?<ip>[\da-fA-F.:]{2,45}))?/, 'login', 'admin-login', 'passed'],
  [/^User '?(?<user>[^\s']{1,256})'? (?:is unable to log in|failed to log in|has failed)\.?(?<reason>.{0,256})/, 'login', 'admin-login', 'refused'],
  [/^User '?(?<user>[^\s']{1,256})'? (?:has )?logged out/, 'logout', 'logout', 'left'],
  [/^(?<user>[^\s']{1,256}) has changed the password for (?:administrator )?'?(?<target>[^\s']{1,256})'?/, 'password-changed', 'account-changed', 'account'],
  [/^An? administrator '?(?<target>[^\s']{1,256})'? has been (?:added|created) by (?<user>[^\s.]{1,256})/, 'account-added', 'account-created', 'account'],
  [/^An? administrator '?(?<target>[^\s']{1,256})'? has been (?:changed|modified|deleted) by (?<user>[^\s.]{1,256})/, 'account-changed', 'account-changed', 'account'],
  [/^(?<object>.{1,512}?) (?:has|have) been (?:added|modified|changed|deleted|enabled|disabled|updated|imported) by (?<user>[^\s.]{1,256})/, 'change', 'config-change', 'changed'],
  [/\b(?:reboot|restart|shut ?down|started|stopped|halt)/i, 'state', 'source-state', 'state'],
]; // biome-ignore format: a table

const administration = (fields: Fields, [, program, text]: RegExpExecArray): Act => {
  put(fields, 'process.name', program);
  put(fields, 'message', text);
  const found = phraseOf(PHRASES, (text ?? '').slice(0, 2048));
  if (found === undefined) categorise(fields, ['configuration'], ['info']);
  else putPhrase(fields, found.phrase, found.groups);
  return found?.phrase[2] ?? 'other';
};

const component = (fields: Fields, [, program, level, pid, code, text]: RegExpExecArray): Act => {
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  put(fields, 'log.level', level?.toLowerCase());
  put(fields, /^\d+$/.test(code ?? '') ? 'event.code' : 'log.logger', code);
  put(fields, 'message', text);
  categorise(fields, ['process'], [/ERROR|FATAL|CRIT/.test(level ?? '') ? 'error' : 'info']);
  return /\b(?:start|stop|shut)(?:ed|ing|ting)? ?(?:up|down)?\b/i.test(text ?? '') ? 'source-state' : 'other';
};

/** A line of the product whose message is unknown, or was cut. */
const PROGRAMS = /^(?:ecelerity|bmserver|conduit|jlu-controller|imrelay|mta-[a-z]{2,16}|bcc-[a-z]{2,16})$/;

const unknown = (fields: Fields, record: RawRecord): Act | undefined => {
  const { program, message } = record.envelope;
  if (program === undefined || !PROGRAMS.test(program)) return undefined;
  put(fields, 'process.name', program);
  put(fields, 'message', message);
  categorise(fields, ['email'], ['info']);
  return 'other';
};

const read = ({ clock }: ParseContext, record: RawRecord): Outcome => {
  const fields: Fields = { 'observer.vendor': 'Symantec', 'observer.product': 'Messaging Gateway' };
  const { text } = record;
  const mail = AUDIT.exec(text);
  const admin = mail === null ? ADMIN.exec(text) : null;
  const part = mail === null && admin === null ? COMPONENT.exec(text) : null;
  // the audit log states the instant itself
  const time = epochMicros(mail?.[2] ?? '') ?? record.envelope.civil;
  if (time === undefined) warn(fields, 'time-missing');
  clock.stamp(fields, time);
  put(fields, 'observer.name', record.envelope.host);
  const act =
    (mail && audit(fields, mail)) ??
    (admin && administration(fields, admin)) ??
    (part && component(fields, part)) ??
    unknown(fields, record);
  if (act === undefined) return rejected('not-this-format', 'no line of Symantec Messaging Gateway');
  relateAddresses(fields, text.slice(0, 8192).replaceAll('|', ' '));
  return { kind: 'event', act, fields };
};

const claims = ({ text }: RawRecord): boolean =>
  (text.includes('|') && AUDIT.test(text)) ||
  text.includes(': [Brightmail] (') ||
  text.includes('AuditEventLogManager: ');

const open: Parser['open'] = (context) => (record) => (record.text.trim() === '' ? BLANK : read(context, record));

const KNOWLEDGE = 'https://knowledge.broadcom.com/external/article';

export default {
  id: 'symantec-messaging-gateway',
  title: 'Symantec Messaging Gateway (Brightmail)',
  references: [
    {
      title: 'Log format of message audit logs for remote syslog',
      url: `${KNOWLEDGE}/179466/log-format-of-message-audit-logs-for-rem.html`,
    },
    {
      title: 'Understanding Message Audit Log events sent to a remote syslog server',
      url: `${KNOWLEDGE}/191018/understanding-message-audit-log-events-s.html`,
    },
    {
      title: 'Log format of Conduit, Brightmail client, …',
      url: `${KNOWLEDGE}/179467/log-format-of-conduit-brightmail-client.html`,
    },
    {
      title: 'Administrative and system activity logs',
      url: `${KNOWLEDGE}/401859/administrative-and-system-activity-logs.html`,
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['message audit log by audit id', 'administrators in the Control Center', 'lines of the components'],
  limits: ['one event of the audit log tells one thing of a message: the audit id joins them'],
  appliance: true,
  recognise: recogniseBy(claims, 'are lines of Symantec Messaging Gateway', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
