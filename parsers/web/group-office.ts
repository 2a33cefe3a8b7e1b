import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { asWebmail } from '../../src/parse/kit/webmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [2021-11-02 08:14:07]LOGIN FAILED for user: "kim" from IP: 198.51.100.7
const LINE = /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\] ?(\S.*)$/s;
const WHO = `for user: "(?<user>.{0,320})" from IP: (?<ip>${ADDRESS})`;

const PHRASES: readonly MailPhrase[] = [
  [new RegExp(`^LOGIN FAILED ${WHO}`, 's'), 'login-failed', 'refused'],
  [new RegExp(`^LOGIN SUCCESS ${WHO}`, 's'), 'login', 'passed'],
  [new RegExp(`^LOGOUT ${WHO}`, 's'), 'logout', 'left'],
];
const readPhrase = mailPhrases('group.office', PHRASES);

const claims = ({ text }: RawRecord): boolean =>
  readPhrase({}, LINE.exec(text.slice(0, 2048))?.[2] ?? '') !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const m = LINE.exec(record.text);
    if (m === null) return rejected('not-this-format', 'no line of Group-Office: [date time] text');
    const fields: Fields = {};
    const text = (m[2] as string).trimEnd();
    const act = readPhrase(fields, text.slice(0, 2048)) ?? mean(fields, 'message', 'note');
    putHead(fields, clock, { civil: readIso(m[1] as string)?.civil, program: 'group-office' }, text);
    return { kind: 'event', act: asWebmail(fields, act), fields };
  };

export default {
  id: 'group-office',
  title: 'Group-Office groupware',
  references: [{ title: 'Group-Office documentation: security, fail2ban', url: 'https://groupoffice.readthedocs.io/' }],
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: ['logins, refused logins, logouts'],
  recognise: recogniseBy(claims, 'are logins of Group-Office', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
