import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, readSlashed } from '../../src/parse/kit/civil.ts';
import { addMailAddress } from '../../src/parse/kit/mail.ts';
import { type Meaning, mean } from '../../src/parse/kit/mail-phrases.ts';
import { put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Row {
  readonly civil: Civil;
  readonly service: string;
  /** Whether the peer connected here; SMTP-OU is what MailEnable sends. */
  readonly inbound: boolean;
  readonly message: string;
  readonly connection: string;
  readonly peer: string;
  readonly command: string;
  readonly said: string;
  readonly reply: string;
  readonly bytes: readonly (string | undefined)[];
  readonly user: string | undefined;
}

// 11/02/21 08:14:07⇥SMTP-IN⇥0A1B.MAI⇥2816⇥203.0.113.9⇥AUTH⇥a2lt⇥535 Invalid Username or Password⇥34⇥14⇥kim@example.org
const KIND = /^(SMTP|IMAP|POP)-(IN|OU)$/;

const rowOf = (text: string): Row | undefined => {
  const cells = text.slice(0, 16_384).split('\t', 16);
  const kind = KIND.exec(cells[1] ?? '');
  const time = readSlashed(cells[0] ?? '', 0, 'month');
  if (kind === null || time === undefined || cells.length < 7) return undefined;
  const [, , message = '', connection = '', peer = '', command = '', said = '', reply = '', sent, received, user] =
    cells;
  return {
    civil: time.civil,
    service: kind[1] === 'POP' ? 'pop3' : (kind[1] as string).toLowerCase(),
    inbound: kind[2] === 'IN',
    message,
    connection,
    peer,
    command: command.toUpperCase(),
    said,
    reply,
    bytes: [received, sent],
    user: user?.trim() || undefined,
  };
};

/** Name of an IMAP login: LOGIN "kim@example.org" "********" */
const LOGIN_NAME = /^LOGIN "?([^"\s]{1,320})"? /i;
/** The last step of a login, and how the reply tells that it failed or passed; a step before it is neither. */
const LOGINS: readonly (readonly [service: string, command: RegExp, refused: RegExp, passed: RegExp])[] = [
  ['smtp', /^AUTH$/, /^5\d\d /, /^235 /],
  ['imap', /^(?:LOGIN|AUTHENTICATE)$/, /^\S{1,64} (?:NO|BAD) /, /^\S{1,64} OK /],
  ['pop3', /^(?:PASS|AUTH|APOP)$/, /^-ERR/, /^\+OK/],
];

const loginOf = (row: Row): Meaning | undefined => {
  const [, , refused, passed] =
    LOGINS.find(([service, command]) => service === row.service && command.test(row.command)) ?? [];
  if (!row.inbound || refused === undefined || passed === undefined) return undefined;
  return refused.test(row.reply) ? 'refused' : passed.test(row.reply) ? 'passed' : undefined;
};

const read = (fields: Fields, row: Row): Act => {
  const login = loginOf(row);
  if (login !== undefined) {
    putUser(fields, 'user', LOGIN_NAME.exec(row.said)?.[1] ?? row.user, true);
    return mean(fields, login === 'passed' ? 'login' : 'login-failed', login);
  }
  addMailAddress(fields, 'email.from.address', /^MAIL FROM: ?<([^>]{1,320})>/i.exec(row.said)?.[1]);
  addMailAddress(fields, 'email.to.address', /^RCPT TO: ?<([^>]{1,320})>/i.exec(row.said)?.[1]);
  putUser(fields, 'user', row.user, true);
  const refused = row.inbound && row.service === 'smtp' && /^(?:MAIL|RCPT|DATA)$/.test(row.command);
  if (refused && /^5\d\d /.test(row.reply)) return mean(fields, 'refused', 'rejected');
  return mean(fields, row.command === '' ? 'message' : row.command.toLowerCase(), 'connection');
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const row = rowOf(record.text);
    if (row === undefined) return rejected('not-this-format', 'no row of a MailEnable activity log');
    const fields: Fields = {};
    clock.stamp(fields, row.civil);
    const side = row.inbound ? 'source' : 'destination';
    putIp(fields, `${side}.ip`, row.peer);
    fields['service.type'] = row.service;
    const act = read(fields, row);
    put(fields, 'email.local_id', row.message.replace(/\.MAI$/i, ''));
    put(fields, 'session.id', row.connection);
    put(fields, 'event.reason', row.reply);
    put(fields, 'mailenable.said', act === 'login' ? undefined : row.said);
    putNumber(fields, 'mailenable.bytes_received', row.bytes[0]);
    putNumber(fields, 'mailenable.bytes_sent', row.bytes[1]);
    put(fields, 'message', [row.command, row.reply].filter(Boolean).join(': '));
    return { kind: 'event', act, fields };
  };

const claims = ({ text }: RawRecord): boolean => rowOf(text) !== undefined;

export default {
  id: 'mailenable',
  title: 'MailEnable activity logs (SMTP, IMAP, POP)',
  references: [
    { title: 'MailEnable: documentation, logging', url: 'https://www.mailenable.com/documentation/' },
    {
      title: 'IPBan, its configuration for MailEnable, with the wording of refused logins',
      url: 'https://github.com/DigitalRuby/IPBan/blob/master/IPBanCore/ipban.config',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: ['commands and replies of SMTP, IMAP and POP: logins and refused logins, refused recipients'],
  limits: [
    'the steps of a message are kept one by one; whether it was accepted stands in the reply to DATA',
    'not verified on a server: the order of the columns follows lines that users posted',
  ],
  recognise: recogniseBy(claims, 'are rows of a MailEnable activity log', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
