import type { Fields } from '../../src/ecs/event.ts';
import { readCtime } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean, putClient } from '../../src/parse/kit/mail-phrases.ts';
import { putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { asWebmail } from '../../src/parse/kit/webmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// Tue Nov  2 08:14:07 2021 - [72926] (198.51.100.7) kim - login error - no such user - loginname=kim
const BODY = new RegExp(`^ - \\[(\\d{1,10})\\] \\((${ADDRESS})\\) (.{0,320}?) - (.{0,4096})$`, 's');

const PHRASES: readonly MailPhrase[] = [
  [/^(?:login error|userinfo error) - (?<reason>.{0,512})$/s, 'login-failed', 'refused'],
  [/^login - (?<session>\S{1,255})/, 'login', 'passed'],
  [/^(?:logout|session timeout|session cleanup)\b(?: - (?<session>\S{1,255}))?/, 'logout', 'left'],
  [
    /^send message - (?:.{0,400}\bsubject=(?<subject>.{0,998}?)(?: - |$))?(?:.{0,200}\bto=(?<rcpt>.{1,2000}))?$/s,
    'sent',
    'received',
  ],
  [/^(?:delete|move|copy|empty|read|download)\w{0,16} \w{1,16}/, 'message-action', 'access'],
  [/^(?:change password|chpwd|password)\b/, 'password-changed', 'account'],
];
const readPhrase = mailPhrases('openwebmail', PHRASES);

const split = ({ text }: RawRecord) => {
  const time = /^[A-Z][a-z]{2} /.test(text) ? readCtime(text) : undefined;
  const m = time === undefined ? null : BODY.exec(text.slice(time.end).trimEnd());
  return time === undefined || m === null ? undefined : { civil: time.civil, m };
};
const claims = (record: RawRecord): boolean => split(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no line of openwebmail.log');
    const [, pid, ip, user, text] = line.m as unknown as string[];
    const fields: Fields = {};
    const act = readPhrase(fields, text as string) ?? mean(fields, 'message', 'note');
    putClient(fields, ip);
    putUser(fields, 'user', user, true);
    putHead(fields, clock, { civil: line.civil, program: 'openwebmail', pid }, text as string);
    return { kind: 'event', act: asWebmail(fields, act), fields };
  };

export default {
  id: 'openwebmail',
  title: 'Open WebMail',
  references: [{ title: 'Open WebMail', url: 'https://openwebmail.org/openwebmail/doc/' }],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: ['logins, refused logins, ends of sessions, messages sent'],
  recognise: recogniseBy(claims, 'are of Open WebMail', 0.96),
  claims,
  open,
} satisfies Parser as Parser;
