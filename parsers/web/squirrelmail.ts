import type { Fields } from '../../src/ecs/event.ts';
import { readSlashed } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { put } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { asWebmail } from '../../src/parse/kit/webmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 11/02/2021 08:14:07 [LOGIN_ERROR] kim (example.org) from 198.51.100.7: Unknown user or password incorrect.
const LINE = /^(?:(\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}:\d{2}) )?\[([A-Z][A-Z_]{2,24})\] (\S.*)$/s;
const WHO = `(?<user>.{0,320}) \\((?<domain>[^)]{0,255})\\) from (?<ip>${ADDRESS})(?::(?: (?<reason>.{0,1024}))?)?$`;
const kind = (source: string): RegExp => new RegExp(`^\\[${source}\\] ${WHO}`, 's');

const PHRASES: readonly MailPhrase[] = [
  [kind('LOGIN_ERROR'), 'login-failed', 'refused'],
  [kind('LOGIN'), 'login', 'passed'],
  [kind('(?:LOGOUT|TIMEOUT|AUTO_LOGOUT)'), 'logout', 'left'],
  [kind('(?:OUTGOING_MAIL|MASS_MAILING)'), 'sent', 'received'],
  [kind('(?:PASSWORD_CHANGE|CHANGE_PASSWORD)\\w{0,16}'), 'password-changed', 'account'],
  [kind('[A-Z_]{3,24}'), 'message', 'note'],
];
const readPhrase = mailPhrases('squirrelmail', PHRASES);

const split = ({ text, envelope }: RawRecord): RegExpExecArray | undefined => {
  const m = LINE.exec(text) ?? (envelope.program === undefined ? null : LINE.exec(envelope.message));
  return m === null || (m[1] === undefined && !/squirrelmail/i.test(envelope.program ?? '')) ? undefined : m;
};

const claims = (record: RawRecord): boolean => {
  const m = split(record);
  return m !== undefined && readPhrase({}, `[${m[2]}] ${m[3]}`.slice(0, 4096)) !== undefined;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const m = split(record);
    if (m === undefined)
      return rejected('not-this-format', 'no line of the SquirrelMail logger: date time [EVENT] text');
    const fields: Fields = {};
    const text = (m[3] as string).trimEnd();
    const act = readPhrase(fields, `[${m[2]}] ${text}`.slice(0, 4096)) ?? mean(fields, 'message', 'note');
    put(fields, 'event.code', m[2]);
    put(fields, 'user.domain', fields['squirrelmail.domain'] as string | undefined);
    delete fields['squirrelmail.domain'];
    // m/d/Y is the plugin's default
    const civil = m[1] === undefined ? record.envelope.civil : readSlashed(m[1], 0, 'month')?.civil;
    putHead(fields, clock, { civil, host: record.envelope.host, program: 'squirrelmail' }, text);
    return { kind: 'event', act: asWebmail(fields, act), fields };
  };

export default {
  id: 'squirrelmail',
  title: 'SquirrelMail, Squirrel Logger plugin',
  references: [
    { title: 'SquirrelMail plugins: Squirrel Logger', url: 'https://squirrelmail.org/plugin_view.php?id=52' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: ['logins, refused logins, logouts and time-outs, mail sent'],
  limits: ['the date is read month first, as the plugin writes it unless configured otherwise'],
  recognise: recogniseBy(claims, 'are of the SquirrelMail logger', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
