import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { readBsd, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { type Head, putHead } from '../../src/parse/kit/head.ts';
import { ADDRESS, type MailPhrase, mailPhrases, mean } from '../../src/parse/kit/mail-phrases.ts';
import { categorise, put, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { asWebmail } from '../../src/parse/kit/webmail.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// Nov 02 08:14:07 sogod [26818]: text · 2021-11-02 08:14:07.123 sogod[26818:26818] text · behind syslog: … host sogod[26818]: text
const OWN = / ?sogod ?\[(\d{1,10})(?::[\da-f]{1,16})?\]:? /;
// <0x0xb8537990[LDAPSource]> text · [WARN] <0x0x55[SOGoUserManager]> text
const OBJECT = /^(?:\[(\w{3,8})\] )?<0x[0-9a-fx]{1,20}\[(\w{1,64})\]> /i;
// 198.51.100.7 - - [02/Nov/2021:08:14:07 GMT] "POST /SOGo/connect HTTP/1.1" 403 34/38 0.311 - - 2M - 13 · 198.51.100.7 "POST /SOGo/connect HTTP/1.0" 200 27/62 0.046
const ACCESS = new RegExp(
  `^((?:${ADDRESS})(?:, ${ADDRESS}){0,8}) (?:\\S{1,64} \\S{1,255} \\[([^\\]]{10,40})\\] )?"([A-Z-]{3,20}) (\\S{1,4096}) HTTP/([\\d.]{1,4})" (\\d{3}) (\\d{1,12}|-)/(\\d{1,12}|-) ([\\d.]{1,12})`,
);

const PHRASES: readonly MailPhrase[] = [
  // SOGoRootPage successful login from '198.51.100.7' for user 'kim' - expire = -1  grace = -1
  [/(?:^|\w )successful login from '(?<ip>[^']{2,255})' for user '(?<user>.{1,320}?)'(?: - |$)/i, 'login', 'passed'],
  // SOGoRootPage Login from '198.51.100.7' for user 'kim' might not have worked - password policy: 65535  grace: -1  expire: -1  bound: 0
  [
    /Login from '(?<ip>[^']{2,255})' for user '(?<user>.{0,320}?)' might not have worked(?: - (?<reason>.{0,300}))?/,
    'login-failed',
    'refused',
  ],
  [/User authenticated (?<user>\S{1,320})$/, 'login', 'passed'],
  // LDAPException REASON:operation bind failed: Invalid credentials (0x31) INFO:{login = "uid=kim,ou=users,dc=example,dc=org"; }
  [
    /REASON:(?<reason>operation bind failed: [^{]{1,200}?) INFO:\{(?:.{0,200}\b)?login = "(?<dn>[^"]{1,512})"/,
    'bind-failed',
    'note',
  ],
  [/(?:Mail|Calendar|EAS|DAV) - Forbidden access for user (?<user>\S{1,320})/, 'forbidden', 'note'],
  [/Could not login '(?<user>.{1,320}?)' on Sieve server(?:: (?<reason>.{1,400}))?/, 'sieve-failed', 'note'],
  [/IMAP4? login failed.{0,200}?(?:user=|login=|for )'?(?<user>[^\s',;]{1,320})/i, 'imap-failed', 'note'],
  [/tried wrong password for user '(?<user>.{1,320}?)'/i, 'login-failed', 'refused'],
  [
    /(?:version \d.{0,80}starting|notified the watchdog|Terminating with|listening on|sopeerrors|child spawned|[Cc]hild \d{1,10} exited|vmem size|shutdown|stopped|preparing \d{1,6} children)/,
    'daemon',
    'state',
  ],
];
const readPhrase = mailPhrases('sogo', PHRASES);

interface Line {
  readonly head: Head;
  readonly body: string;
}

const split = ({ text, envelope }: RawRecord): Line | undefined => {
  if (/^sogod?$/.test(envelope.program ?? '')) return { head: envelope, body: envelope.message.trimEnd() };
  const time = readBsd(text) ?? readIso(text);
  const own = time === undefined ? null : OWN.exec(text.slice(time.end, time.end + 400));
  if (time !== undefined && own !== null) {
    const host = text.slice(time.end, time.end + own.index).trim();
    return {
      head: { civil: time.civil, host: host === '' ? undefined : host, program: 'sogod', pid: own[1] },
      body: text.slice(time.end + own.index + own[0].length).trimEnd(),
    };
  }
  const access = ACCESS.exec(text.slice(0, 8192));
  // the slash between the sizes is SOGo's
  if (access === null || access[2] === undefined) return undefined;
  return { head: { civil: readClf(access[2])?.civil, program: 'sogod' }, body: text.trimEnd() };
};

/** A request; the login form's answer is told by the line of SOGoRootPage. */
const readAccess = (fields: Fields, m: RegExpExecArray): Act => {
  const [, clients = '', , method, url, version, status, sent, received, seconds] = m;
  const client = clients.split(', ')[0] as string;
  if (putIp(fields, 'source.ip', client)) fields['source.address'] = client;
  put(fields, 'http.request.method', method);
  putUrl(fields, url);
  put(fields, 'http.version', version);
  putNumber(fields, 'http.response.status_code', status);
  putNumber(fields, 'http.response.bytes', sent);
  putNumber(fields, 'http.request.bytes', received);
  putNumber(fields, 'event.duration', Math.round(Number(seconds) * 1e9));
  put(fields, 'user.name', /^\/SOGo\/(?:so|dav)\/([^/?]{1,320})\//.exec(url as string)?.[1]);
  fields['event.action'] = 'request';
  categorise(fields, ['web'], ['access'], Number(status) < 400 ? 'success' : 'failure');
  return 'http-request';
};

const read = (fields: Fields, body: string): Act => {
  const text = body.slice(0, 8192);
  const access = ACCESS.exec(text);
  if (access !== null) return readAccess(fields, access);
  const object = OBJECT.exec(text);
  put(fields, 'log.level', object?.[1]?.toLowerCase());
  put(fields, 'log.logger', object?.[2] ?? /^(SOGo\w{1,40}) /.exec(text)?.[1]);
  const act = readPhrase(fields, text.slice(object?.[0].length ?? 0)) ?? mean(fields, 'message', 'note');
  // X-Forwarded-For may list several: the client is the first
  const client = /from '([^']{2,255})'/.exec(text)?.[1]?.split(',')[0]?.trim();
  if (fields['source.ip'] === undefined && putIp(fields, 'source.ip', client))
    fields['source.address'] = client as string;
  const dn = fields['sogo.dn'];
  if (typeof dn === 'string')
    putUser(fields, 'user', /^(?:uid|cn|mail|sAMAccountName)=([^,]{1,320})/i.exec(dn)?.[1], true);
  return asWebmail(fields, act);
};

const claims = (record: RawRecord): boolean => split(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = split(record);
    if (line === undefined) return rejected('not-this-format', 'no line of sogod');
    const fields: Fields = {};
    const act = read(fields, line.body);
    putHead(fields, clock, line.head, line.body);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'sogo',
  title: 'SOGo groupware',
  references: [
    {
      title: 'SOGo Installation and Configuration Guide',
      url: 'https://www.sogo.nu/files/docs/SOGoInstallationGuide.html',
    },
    { title: 'SOGo, SOGoRootPage.m', url: 'https://github.com/Alinto/sogo/blob/master/UI/MainUI/SOGoRootPage.m' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'logins and logins that did not work, refused LDAP binds, forbidden access, requests with status and sizes, the daemon itself',
  ],
  limits: ['a refused LDAP bind names no address: the line of SOGoRootPage beside it does'],
  recognise: recogniseBy(claims, 'are of sogod', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
