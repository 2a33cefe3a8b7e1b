import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import { categorise, put, putEndpoint, putIp, putNumber, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const CYRUS = /^cyrus\/?[\w-]{0,24}$/;
/** Names under which the daemons also stand alone; what they say tells them from others of the name. */
const ALONE =
  /^(?:imaps?|pop3s?|imapd|ipop3d|pop3d|lmtp(?:unix|d)?|sieve|timsieved|nntpd?|ctl_cyrusdb|cyr_expire|perdition(?:\.\w{2,8})?|solid-pop3d|saslauthd)$/;

type Kind =
  | 'passed'
  | 'refused'
  | 'connect'
  | 'tls'
  | 'end'
  | 'delivered'
  | 'duplicate'
  | 'bytes'
  | 'mailbox'
  | 'noted'
  | 'request';
const HOST = '(?:(?<host>[^\\s[\\]]{1,255}) ?)?\\[(?<ip>[0-9a-fA-F.:]{2,45})\\]';

/** First match wins. */
const RULES: readonly (readonly [Kind, RegExp])[] = [
  // badlogin: host.example.net [198.51.100.7] plaintext k.maier SASL(-13): authentication failure: checkpass failed
  ['refused', new RegExp(`^badlogin: ${HOST} (?<mech>[\\w-]{1,32}) (?<rest>.{0,1024})$`, 's')],
  ['refused', new RegExp(`^badlogin: ${HOST} (?<mech>[\\w-]{1,32})$`)],
  // login: host.example.net [198.51.100.7] k.maier plaintext+TLS User logged in SESSIONID=<…>
  ['passed', new RegExp(`^login: ${HOST} (?<user>.{1,320}?) (?<mech>[\\w+-]{1,32})(?: User logged in| \\S)`)],
  // do_auth         : auth failure: [user=k.maier] [service=imap] [realm=] [mech=pam] [reason=PAM auth error]; without debugging, blanks for the name
  [
    'refused',
    /^(?:do_auth)?\s{0,32}: auth failure: \[user=(?<user>[^\]]{0,320})\] \[service=(?<service>[^\]]{0,64})\] \[realm=(?<realm>[^\]]{0,255})\] \[mech=(?<mech>[^\]]{0,32})\](?: \[reason=(?<reason>[^\]]{0,512})\])?/,
  ],
  // University of Washington: Login failed user=k.maier auth=k.maier host=host.example.net [198.51.100.7]
  [
    'refused',
    new RegExp(
      `^(?:Login (?:failed|disabled|excessive login failures)|Authentication failure|AUTHENTICATE \\S{1,32} failure)(?: user=(?<user>.{0,320}?))?(?: auth=.{0,320}?)? host=${HOST}`,
    ),
  ],
  [
    'passed',
    new RegExp(`^(?:Login|Authenticated|Authenticate|APOP) user=(?<user>.{1,320}?)(?: auth=.{0,320}?)? host=${HOST}`),
  ],
  [
    'end',
    new RegExp(`^(?:Logout|Autologout|Killed|Command stream end of file).{0,64}? user=(?<user>.{1,320}?) host=${HOST}`),
  ],
  // perdition: Auth: 10.0.0.8:2274->192.0.2.9:993 client-secure=ssl … authentication_id="k.maier" … status="failed: …
  [
    'refused',
    /^Auth: (?<ip>[0-9a-fA-F.:]{3,45}):(?<port>\d{1,5})->(?<to>[0-9a-fA-F.:]{3,45}):(?<toPort>\d{1,5}) .{0,512}?authentication_id="(?<user>[^"]{0,320})".{0,512}?status="(?<reason>failed[^"]{0,512})/,
  ],
  [
    'passed',
    /^Auth: (?<ip>[0-9a-fA-F.:]{3,45}):(?<port>\d{1,5})->(?<to>[0-9a-fA-F.:]{3,45}):(?<toPort>\d{1,5}) .{0,512}?authentication_id="(?<user>[^"]{0,320})".{0,512}?status="ok/s,
  ],
  [
    'connect',
    /^(?:Connect|Fatal Error reading authentication information from client): (?<ip>[0-9a-fA-F.:]{3,45}):(?<port>\d{1,5})->(?<to>[0-9a-fA-F.:]{3,45}):(?<toPort>\d{1,5})/,
  ],
  [
    'connect',
    /^Fatal Error reading authentication information from client (?<ip>[0-9a-fA-F.:]{3,45}):(?<port>\d{1,5})->(?<to>[0-9a-fA-F.:]{3,45}):(?<toPort>\d{1,5})/,
  ],
  // solid-pop3d: authentication failed: no such user: k.maier - 198.51.100.7
  [
    'refused',
    /^authentication failed(?: for (?:mapped )?user|: [\w' ]{1,64}:) (?<user>.{1,320}?) - (?<ip>[0-9a-fA-F.:]{3,45})$/,
  ],
  ['passed', /^user (?<user>\S{1,320}) (?:authenticated|logged in) - (?<ip>[0-9a-fA-F.:]{3,45})$/],
  ['connect', /^(?:accepted connection|executed|telling master)/],
  [
    'connect',
    new RegExp(
      `^(?:connection from|connect from|imap service init from|pop3 service init from|imaps SSL service init from) ${HOST}`,
    ),
  ],
  ['tls', /^(?:starttls|STARTTLS negotiation|SSL_accept|inittls)/i],
  // Delivered: <20211102.1@example.org> to mailbox: user.k.maier · auditlog: append …
  ['delivered', /^Delivered: (?<id><[^>]{1,998}>) to mailbox:? ?(?<mailbox>.{1,512})$/],
  ['duplicate', /^dupelim: eliminated duplicate message to (?<mailbox>\S{1,512}) id (?<id><[^>]{1,998}>)/],
  // USAGE k.maier user: 0.010 sys: 0.004 · bytes_in=… of auditlog: traffic sessionid=<…> bytes_in=123 bytes_out=456
  [
    'bytes',
    /^auditlog: traffic sessionid=<(?<session>[^>]{1,255})> bytes_in=(?<in>\d{1,18}) bytes_out=(?<out>\d{1,18})/,
  ],
  // auditlog: append sessionid=<…> mailbox=<user.k> uid=<12> … · auditlog: login sessionid=<…> remote=<198.51.100.7> user=<k>: the login has its own line
  [
    'mailbox',
    /^auditlog: (?<change>(?!login|logout|proxy|traffic)[a-z]{3,24}) (?:sessionid=<(?<session>[^>]{0,255})> )?(?:.{0,200}?\bmailbox=<(?<mailbox>[^>]{0,512})>)?/,
  ],
  [
    'noted',
    /^auditlog: (?<change>[a-z]{3,24}) (?:sessionid=<(?<session>[^>]{0,255})> )?(?:remote=<(?<ip>[^>]{2,45})> ?)?(?:user=<(?<user>[^>]{1,320})>)?/,
  ],
  // open: user k.maier opened INBOX
  [
    'mailbox',
    /^(?:SESSIONID=<(?<session>[^>]{0,255})> )?(?<change>open): user (?<user>\S{1,320}) opened (?<mailbox>.{1,512})$/,
  ],
  // host.example.net [198.51.100.7] with "DAVx5" as "k"; "PROPFIND /dav/ HTTP/1.1" => "HTTP/1.1 207 Multi-Status"
  [
    'request',
    new RegExp(
      `^${HOST}(?: as "(?<user>[^"]{1,320})")?(?: with "(?<agent>[^"]{0,1024})")?(?: as "(?<account>[^"]{1,320})")?; "(?<method>[A-Z]{3,16}) (?<url>\\S{1,4096}) HTTP/[\\d.]{1,4}".{0,2000}? => "HTTP/[\\d.]{1,4} (?<status>\\d{3})`,
    ),
  ],
];

// … k.maier SASL(-13): authentication failure: … · [SASL(-13): …] · k.maier invalid user
const SASL =
  /^(?:(?!\[?(?:SASL\(|invalid user))(?<user>.{0,320}?) )?\[?(?<reason>(?:SASL\(-?\d{1,4}\)|invalid user|authentication fail|Invalid|can't|Login disabled|user not found|badly-formed).{0,600})\]?$/s;

const login = (fields: Fields, passed: boolean, g: Readonly<Record<string, string | undefined>>): Act => {
  const sasl = g['rest'] === undefined ? undefined : SASL.exec(g['rest'])?.groups;
  putUser(
    fields,
    'user',
    g['user'] ?? sasl?.['user'] ?? (g['rest'] !== undefined && sasl === undefined ? g['rest'] : undefined),
    true,
  );
  put(fields, 'event.reason', passed ? undefined : (g['reason'] ?? sasl?.['reason']?.replace(/\]$/, '')));
  put(fields, 'cyrus.mechanism', g['mech']);
  put(fields, 'cyrus.realm', g['realm']);
  if (g['service']) fields['service.type'] = g['service'];
  fields['einfallstor.login.method'] = /GSSAPI|KERBEROS/i.test(g['mech'] ?? '')
    ? 'kerberos'
    : /EXTERNAL/i.test(g['mech'] ?? '')
      ? 'certificate'
      : 'password';
  fields['event.action'] = passed ? 'login' : 'login-failed';
  categorise(fields, ['authentication'], [passed ? 'start' : 'info'], passed ? 'success' : 'failure');
  return 'login';
};

const readKind = (fields: Fields, kind: Kind, g: Readonly<Record<string, string | undefined>>): Act => {
  switch (kind) {
    case 'passed':
    case 'refused':
      return login(fields, kind === 'passed', g);
    case 'end':
      putUser(fields, 'user', g['user'], true);
      fields['event.action'] = 'logout';
      categorise(fields, ['session'], ['end']);
      return 'logout';
    case 'delivered':
    case 'duplicate':
      putMessageId(fields, g['id']);
      put(fields, 'cyrus.mailbox', g['mailbox']);
      // user.name, user/name@example.org: the mailbox's owner
      addMailAddress(
        fields,
        'email.to.address',
        /^user[./](.{1,320}@[^./]{1,64}(?:\.[^./]{1,64}){1,5})$/.exec(g['mailbox'] ?? '')?.[1],
      );
      fields['event.action'] = kind;
      categorise(fields, ['email'], ['info'], 'success');
      return 'mail-delivery';
    case 'bytes':
      put(fields, 'session.id', g['session']);
      putNumber(fields, 'source.bytes', g['in']);
      putNumber(fields, 'destination.bytes', g['out']);
      fields['event.action'] = 'traffic';
      categorise(fields, ['session'], ['info']);
      return 'mail-access';
    case 'mailbox':
    case 'noted':
      putUser(fields, 'user', g['user'], true);
      put(fields, 'session.id', g['session']);
      put(fields, 'cyrus.mailbox', g['mailbox']);
      fields['event.action'] = g['change'] ?? kind;
      categorise(fields, ['email'], [/expunge|delete/.test(g['change'] ?? '') ? 'deletion' : 'info'], 'success');
      return kind === 'mailbox' ? 'mail-access' : 'other';
    case 'request':
      putUser(fields, 'user', g['user'] ?? g['account'], true);
      put(fields, 'user_agent.original', g['agent']);
      put(fields, 'http.request.method', g['method']);
      putUrl(fields, g['url']);
      putNumber(fields, 'http.response.status_code', g['status']);
      fields['event.action'] = 'request';
      categorise(fields, ['web'], ['access'], Number(g['status']) < 400 ? 'success' : 'failure');
      return 'http-request';
    default:
      fields['event.action'] = kind === 'tls' ? 'tls' : 'connect';
      categorise(fields, ['email', 'network'], ['connection', kind === 'tls' ? 'info' : 'start']);
      return 'mail-connection';
  }
};

const match = (text: string): { kind: Kind; g: Readonly<Record<string, string | undefined>> } | undefined => {
  for (const [kind, pattern] of RULES) {
    const m = pattern.exec(text);
    if (m !== null) return { kind, g: m.groups ?? {} };
  }
  return undefined;
};

const isCyrus = ({ envelope }: RawRecord): boolean => {
  const { program, message } = envelope;
  if (program === undefined) return false;
  if (CYRUS.test(program) || /^(?:saslauthd|perdition)/.test(program)) return true;
  return ALONE.test(program) && match(message.trimEnd()) !== undefined;
};

const serviceOf = (program: string): string | undefined =>
  /imap/.test(program) ? 'imap' : /pop3/.test(program) ? 'pop3' : /sieve/.test(program) ? 'sieve' : undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isCyrus(record)) return rejected('not-this-format', 'neither Cyrus nor one of its kin wrote it');
    const { civil, host, program = '', pid, message } = record.envelope;
    const text = message.slice(0, 8192).trimEnd();
    const fields: Fields = {};
    const service = serviceOf(program);
    if (service !== undefined) fields['service.type'] = service;
    const found = match(text);
    const act = found === undefined ? undefined : readKind(fields, found.kind, found.g);
    if (found !== undefined) {
      const { host: name, ip, port, to, toPort } = found.g;
      putEndpoint(fields, 'source', name === 'unknown' ? undefined : name);
      if (putIp(fields, 'source.ip', ip)) fields['source.address'] ??= ip as string;
      putNumber(fields, 'source.port', port);
      putIp(fields, 'destination.ip', to);
      putNumber(fields, 'destination.port', toPort);
    }
    if (act === undefined) categorise(fields, ['email'], ['info']);
    clock.stamp(fields, civil);
    put(fields, 'host.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    fields['message'] = message;
    relateAddresses(fields, text);
    return { kind: 'event', act: act ?? 'other', fields };
  };

export default {
  id: 'cyrus',
  title: 'Cyrus IMAP and saslauthd; University of Washington imapd, perdition, solid-pop3d',
  references: [
    {
      title: 'Cyrus IMAP documentation',
      url: 'https://www.cyrusimap.org/imap/reference/manpages/systemcommands/imapd.html',
    },
    { title: 'Cyrus SASL: saslauthd', url: 'https://www.cyrusimap.org/sasl/' },
    { title: 'perdition(8)', url: 'https://horms.net/projects/perdition/' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['logins and refused logins with mechanism, deliveries to mailboxes, connections, traffic'],
  limits: ['saslauthd knows no address: the service that asked it does'],
  recognise: recogniseBy(isCyrus, 'are of Cyrus or its kin', 0.95),
  claims: isCyrus,
  open,
} satisfies Parser as Parser;
