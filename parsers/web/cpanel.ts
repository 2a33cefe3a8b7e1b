import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [2021-11-02 08:14:07 +0100] info [cpaneld] text
const LINE =
  /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})\] (info|warn|error) \[(cpsrvd|cpaneld|whostmgrd|webmaild|cpdavd)\] /;
const FROM = `^(?<ip>${ADDRESS})`;

/** Of WHM, the administration; of the customers' panel, webmail and DAV. */
const PHRASES: readonly MailPhrase[] = [
  // 192.0.2.7 - root - SUCCESS LOGIN whostmgrd
  [
    new RegExp(
      `${FROM} - (?<user>\\S{1,320})(?: \\(possessor: (?<possessor>[^)]{1,128})\\))? - SUCCESS LOGIN (?:whostmgrd)$`,
    ),
    'login',
    'admin',
  ],
  // 192.0.2.7 - kim@example.org (possessor: kim) - SUCCESS LOGIN webmaild
  [
    new RegExp(
      `${FROM} - (?<user>\\S{1,320})(?: \\(possessor: (?<possessor>[^)]{1,128})\\))? - SUCCESS LOGIN (?<service>\\w{1,16})$`,
    ),
    'login',
    'passed',
  ],
  // 203.0.113.9 - kim "POST /login/?login_only=1 HTTP/1.1" FAILED LOGIN whostmgrd: user password incorrect
  [
    new RegExp(
      `${FROM} - (?<user>.{1,320}?) "(?<request>[^"]{0,4096})" FAILED LOGIN whostmgrd(?:: (?<reason>.{1,300}))?$`,
    ),
    'login-failed',
    'admin-refused',
  ],
  [
    new RegExp(
      `${FROM} - (?<user>.{1,320}?) "(?<request>[^"]{0,4096})" FAILED LOGIN (?<service>\\w{1,16})(?:: (?<reason>.{1,300}))?$`,
    ),
    'login-failed',
    'refused',
  ],
  // 192.0.2.7 PURGE root:Nmm4xzhSpA2Sddv3 logout
  [new RegExp(`${FROM} PURGE (?<user>[^\\s:]{1,320}):\\S{1,128} logout$`), 'logout', 'left'],
];
const readPhrase = mailPhrases('cpanel', PHRASES);

const claims = ({ text }: RawRecord): boolean => LINE.test(text);

const open: Parser['open'] =
  ({ clock }) =>
  ({ text }) => {
    if (text.trim() === '') return BLANK;
    const line = LINE.exec(text);
    if (line === null) return rejected('not-this-format', 'no line of cpsrvd');
    const fields: Fields = { 'log.level': line[2] as string };
    const said = text.slice(line[0].length).trimEnd().slice(0, 8192);
    const act = readPhrase(fields, said) ?? mean(fields, 'message', 'note');
    // who switched into another's account gave no password for it
    if (fields['cpanel.possessor'] !== undefined) delete fields['einfallstor.login.method'];
    if (act === 'other') fields['event.category'] = ['web'];
    putHead(fields, clock, { civil: readIso(line[1] as string)?.civil, program: line[3] }, said);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'cpanel',
  title: 'cPanel and WHM: login_log, session_log',
  references: [
    {
      title: 'cPanel: The cPanel & WHM log files',
      url: 'https://docs.cpanel.net/knowledge-base/cpanel-product/the-cpanel-log-files/',
    },
    { title: 'Wazuh: rules for cPanel, with the wording of logins', url: 'https://github.com/wazuh/wazuh-ruleset' },
  ],
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: ['logins and refused logins to WHM, cPanel, webmail and DAV; logouts'],
  limits: [
    'of other lines of session_log only time and text are read; access_log has its own form of dates and is not read',
  ],
  recognise: recogniseBy(claims, 'are of cPanel', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
