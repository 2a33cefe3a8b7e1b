import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean, putClient } from '../../src/parse/kit/mail-phrases.ts';
import { put, putNumber } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { asWebmail } from '../../src/parse/kit/webmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// HORDE [error] [imp] text [pid 68394 on line 139 of "/…/imp.php"] · HORDE: [imp] text · 2021-11-02T08:14:07+01:00 NOTICE: HORDE [horde] text · HORDE[2034]: [horde] text
const MARK =
  /(?:^|[ :])HORDE(?:\[(\d{1,10})\])?:? (?:\[(emerg|alert|crit|err|error|warn|warning|notice|info|debug)\w{0,8}\] )?\[([a-z][\w-]{1,24})\] (?=\S)/;
const LEVEL = / ([A-Z]{4,9}): $/;
// [pid 1234 on line 159 of "/usr/share/horde/…"] · [on line 116 of "…"]
const PLACE = / \[(?:pid (\d{1,10}) )?on line \d{1,6} of "?([^"\]]{1,512})"?\]?"?\]?\s{0,4}$/;

const IP = `(?<ip>${ADDRESS})`;
// (198.51.100.7) (Forwarded for [203.0.113.9]) · [198.51.100.7]
const CLIENT = `[[(]${IP}[\\])](?: \\(?[Ff]orwarded for \\[?(?<forwarded>[^\\])]{2,255})\\]?\\)?)?`;
const say = (source: string): RegExp => new RegExp(source, 's');

const PHRASES: readonly MailPhrase[] = [
  // FAILED LOGIN for kim [198.51.100.7] to Horde · FAILED LOGIN 3 tries for … · FAILED LOGIN for kim to horde (198.51.100.7)
  [
    say(`^FAILED LOGIN (?:\\d{1,6} \\w{1,12} )?for (?<user>.{0,320}?) ${CLIENT} to (?<server>.{1,300})$`),
    'login-failed',
    'refused',
  ],
  [
    say(`^FAILED LOGIN (?:\\d{1,6} \\w{1,12} )?for (?<user>.{0,320}?)(?: to (?<server>.{1,300}?))? ${CLIENT}`),
    'login-failed',
    'refused',
  ],
  // Login success for kim@example.org [198.51.100.7] to {imap.example.org:993 [imap/ssl]} · Login success for kim to horde (198.51.100.7)
  [say(`^Login success for (?<user>.{1,320}?) ${CLIENT} to (?<server>.{1,300})$`), 'login', 'passed'],
  [say(`^Login success for (?<user>.{1,320}?)(?: to (?<server>.{1,300}?))? ${CLIENT}`), 'login', 'passed'],
  [
    say(
      `^(?:Logout for|User) (?<user>.{1,320}?) (?:logged out of Horde )?(?:${CLIENT})?(?: from (?<server>.{1,300}))?$`,
    ),
    'logout',
    'left',
  ],
  // Message sent to b@example.net from kim (198.51.100.7)
  [
    say(`^(?:\\S{1,998} )?Message sent to (?<rcpt>.{1,2000}?) from (?<user>\\S{1,320}) ?(?:${CLIENT})?$`),
    'sent',
    'received',
  ],
  [say(`^(?:Account|User) (?<user>\\S{1,320}) (?:has been |is )?locked`), 'account-locked', 'locked'],
  [
    say(`^(?:Password (?:successfully )?changed|Reset password) for (?:user )?(?<target>\\S{1,320})`),
    'password-changed',
    'account',
  ],
];
const readPhrase = mailPhrases('horde', PHRASES);

interface Line {
  readonly before: string;
  readonly app: string;
  readonly level: string | undefined;
  readonly pid: string | undefined;
  readonly body: string;
}

const split = ({ text }: RawRecord): Line | undefined => {
  const m = MARK.exec(text.slice(0, 400));
  if (m === null) return undefined;
  const before = text.slice(0, m.index + (/^[ :]/.test(m[0]) ? 1 : 0));
  return {
    before,
    app: m[3] as string,
    level: m[2] ?? LEVEL.exec(before)?.[1]?.toLowerCase(),
    pid: m[1],
    body: text.slice(m.index + m[0].length).trimEnd(),
  };
};

const read = (fields: Fields, line: Line): Act => {
  const text = line.body.slice(0, 8192);
  const place = PLACE.exec(text.slice(-700));
  const said = place === null ? text : text.slice(0, text.length - place[0].length);
  const act =
    readPhrase(fields, said) ??
    mean(fields, 'message', /^(?:emerg|alert|crit|err)/.test(line.level ?? '') ? 'error' : 'note');
  put(fields, 'horde.source_file', place?.[2]);
  putNumber(fields, 'process.pid', place?.[1] ?? line.pid);
  // {imap.example.org:993 [imap/ssl/novalidate-cert]}
  const server = /\{?([\w.-]{1,255}\.[A-Za-z]{2,63}):(\d{1,5})/.exec(String(fields['horde.server'] ?? ''));
  put(fields, 'destination.domain', server?.[1]?.toLowerCase());
  putNumber(fields, 'destination.port', server?.[2]);
  const forwarded = fields['horde.forwarded'];
  if (typeof forwarded === 'string') {
    const peer = fields['source.ip'];
    delete fields['source.address'];
    if (putClient(fields, forwarded.split(',', 1)[0])) put(fields, 'horde.proxy', peer as string);
  }
  return asWebmail(fields, act);
};

const claims = (record: RawRecord): boolean => split(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no line of Horde: HORDE [application] text');
    const fields: Fields = {};
    const act = read(fields, line);
    put(fields, 'horde.application', line.app);
    put(fields, 'log.level', line.level);
    const { host, civil } = record.envelope;
    putHead(
      fields,
      clock,
      {
        civil: civil ?? readIso(record.text)?.civil,
        host: host === 'HORDE' || host?.endsWith(':') ? undefined : host,
        program: 'horde',
      },
      line.body,
    );
    return { kind: 'event', act, fields };
  };

export default {
  id: 'horde',
  title: 'Horde groupware and IMP webmail',
  references: [{ title: 'Horde documentation', url: 'https://www.horde.org/apps/horde/docs' }],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'logins, refused logins with the mail server asked, logouts, messages sent, passwords changed; Horde 3 to 5, own file and syslog',
  ],
  recognise: recogniseBy(claims, 'are of Horde', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
