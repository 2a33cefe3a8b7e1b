import type { RawRecord } from '../parser.ts';

/** A line of Postfix behind its syslog header. */
export interface PostfixLine {
  /** As the log names it: `postfix/smtpd`, `postfix/submission/smtpd`, `postfix-out/smtp`. */
  readonly program?: string;
  readonly pid?: number;
  readonly body: string;
}

const DAEMONS =
  'smtpd|cleanup|qmgr|oqmgr|smtp|lmtp|local|virtual|pipe|error|retry|discard|relay|bounce|defer|trace|verify|anvil|postscreen|' +
  'pickup|trivial-rewrite|scache|dnsblog|tlsproxy|tlsmgr|proxymap|proxywrite|flush|showq|qmqpd|spawn|master|sendmail|postdrop|' +
  'postqueue|postsuper|postfix-script|postlog|postlogd|postmap|postalias|postmulti|postkick|posttls-finger|submission|smtps|script';
// postfix/smtpd · postfix/submission/smtpd · postfix-out/smtp · mx1/cleanup
const PROGRAM = new RegExp(`^(?:(postfix[\\w.-]{0,32}(?:/[\\w.-]{1,32}){0,2}|[\\w.-]{1,32})/)?(${DAEMONS})$`);
// a line cut out of its syslog file: `postfix/smtpd[1234]: connect from …`
const TAGGED = new RegExp(`^(postfix[\\w.-]{0,32}(?:/[\\w.-]{1,32}){0,2})/(${DAEMONS})(?:\\[(\\d{1,10})\\])?: `);
/** Programs that stand in the log without `postfix/` before them. */
const ALONE = new Set(['postfix-script']);

// Short ids are hex (microseconds and inode), long ones base 52 without vowels: https://www.postfix.org/postconf.5.html#enable_long_queue_ids
const QUEUE_ID = /^(?:NOQUEUE|[0-9A-F]{5,16}|(?=[A-Za-z]{0,19}\d)[0-9A-Za-z]{6,20})(?=: )/;
const BARE_QUEUE_ID = /^(?:NOQUEUE|[0-9A-F]{6,16}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20})(?=: )/;
export const postfixLine = (record: RawRecord): PostfixLine | undefined => {
  const { program, pid, message } = record.envelope;
  const named = program === undefined ? undefined : PROGRAM.exec(program);
  if (named) {
    if (named[1] === undefined && !ALONE.has(named[2] as string)) return undefined;
    return { program: program as string, body: message, ...(pid === undefined ? {} : { pid }) };
  }
  if (program !== undefined) return undefined;
  const tagged = TAGGED.exec(message);
  if (tagged === null) return { body: message };
  return {
    program: `${tagged[1]}/${tagged[2]}`,
    body: message.slice(tagged[0].length),
    ...(tagged[3] === undefined ? {} : { pid: Number(tagged[3]) }),
  };
};

/** Takes queue ids off the front: `4F1A23: …`, `warning: 4F1A23: …`. */
export const splitQueueId = (body: string, named: boolean): { queueId: string | undefined; rest: string } => {
  const level = /^(?:warning|error|fatal|panic): /.exec(body)?.[0] ?? '';
  const id = (named ? QUEUE_ID : BARE_QUEUE_ID).exec(body.slice(level.length, level.length + 24))?.[0];
  if (id === undefined) return { queueId: undefined, rest: body };
  return { queueId: id === 'NOQUEUE' ? undefined : id, rest: level + body.slice(level.length + id.length + 2) };
};
