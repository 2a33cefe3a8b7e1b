import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readIso } from '../../src/parse/kit/civil.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { type MailPhrase, type Meaning, mailPhrases, mean, putClient } from '../../src/parse/kit/mail-phrases.ts';
import { categorise, keepVendor, put, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// 2021-11-02 08:14:07,123 INFO  [qtp1-82:https://mail.example.org:443/service/soap/AuthRequest] [name=kim@example.org;oip=192.0.2.7;ua=…;] soap - AuthRequest elapsed=3
const LINE =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (TRACE|DEBUG|INFO|WARN|ERROR|FATAL) {1,2}\[(.{1,500}?)\] \[((?:.{1,4000}?;)?)\] ([A-Za-z][\w.]{0,63}) - (.*)$/s;
/** Categories of ZimbraLog that appear without a context. */
const CATEGORIES = new Set(
  (
    'account activity autoprov backup cache calendar contact datasource dav dbconn doc ephemeral ews extensions filter gal im imap index io launcher ldap lmtp ' +
    'log mailbox mailop misc net nginxlookup op perf pop redolog search security session smtp soap SoapEngine sqltrace store sync system webclient zimlet'
  ).split(' '),
);

/** `name=value; name=value;`, a semicolon in a value doubled. */
const readAttributes = (text: string): Map<string, string> => {
  const pairs = new Map<string, string>();
  for (const [, key, value] of text.slice(0, 16_384).matchAll(/(?<![\w.-])([\w.-]{1,64})=((?:[^;]|;;)*)(?:;|$)/g))
    if (!pairs.has(key as string)) pairs.set(key as string, (value as string).replaceAll(';;', ';'));
  return pairs;
};

// ------------------------------------------------------------------------------------------------------------- audit

/** Commands of audit.log; the first that fits. */
const COMMANDS: readonly (readonly [RegExp, Meaning])[] = [
  [/^CreateAccount$|^auto provision/, 'created'],
  [
    /^(?:ModifyAccount|SetPassword|DeleteAccount|RenameAccount|DeleteMailbox|(?:Add|Remove)AccountAlias|ChangePrimary)/,
    'account',
  ],
  [/DistributionList/, 'group'],
  [/^(?:Create|Modify|Delete|Rename|Copy|Add|Remove|Set|Grant|Revoke)/, 'changed'],
];

const login = (fields: Fields, pairs: ReadonlyMap<string, string>, command: string): Act => {
  const error = pairs.get('error');
  putUser(fields, 'user', pairs.get('account'), true);
  put(fields, 'event.reason', error ?? pairs.get('info'));
  if (/lockout due to/.test(error ?? '')) return mean(fields, 'account-locked', 'locked');
  if (/re-activated/.test(pairs.get('info') ?? '')) return mean(fields, 'account-reactivated', 'account');
  const admin = command === 'AdminAuth' || pairs.get('admin') === 'true';
  const passed = error === undefined;
  if (command === 'PreAuth' || command === 'SSOAuth')
    fields['einfallstor.login.method'] = command.toLowerCase().slice(0, -4);
  return mean(
    fields,
    passed ? command.toLowerCase() : `${command.toLowerCase()}-failed`,
    admin ? (passed ? 'admin' : 'admin-refused') : passed ? 'passed' : 'refused',
  );
};

/** `cmd=Auth; account=kim@example.org; protocol=imap; error=…;` and the administrators' commands. */
const readCommand = (fields: Fields, pairs: ReadonlyMap<string, string>, whole: boolean): Act => {
  const command = pairs.get('cmd') as string;
  if (!whole && !pairs.has('error')) {
    // what was cut off could have been the error
    warn(fields, 'truncated');
    putUser(fields, 'user', pairs.get('account'), true);
    return mean(fields, command.toLowerCase(), 'note');
  }
  put(fields, 'zimbra.command', command);
  if (/^(?:Auth|AdminAuth|PreAuth|SSOAuth|VerifyAccountAuth)$/.test(command)) return login(fields, pairs, command);
  const target = pairs.get('accountName') ?? pairs.get('name') ?? pairs.get('account');
  keepVendor(
    fields,
    'zimbra.attribute',
    [...pairs].filter(([key]) => key !== 'cmd'),
  );
  if (command === 'DelegateAuth') {
    // an administrator opens the mailbox of another
    putUser(fields, 'user.target', target, true);
    fields['event.action'] = 'delegate-auth';
    categorise(fields, ['authentication'], ['start'], 'success');
    return 'explicit-credentials';
  }
  const meaning = COMMANDS.find(([pattern]) => pattern.test(command))?.[1] ?? 'note';
  if (meaning === 'created' || meaning === 'account') putUser(fields, 'user.target', target, true);
  else if (meaning === 'group') put(fields, 'user.target.group.name', target);
  else if (meaning === 'changed') put(fields, 'einfallstor.change.object', target);
  return mean(fields, command.replaceAll(' ', '-').toLowerCase(), meaning);
};

// ------------------------------------------------------------------------------------------------------------- mailbox

const PHRASES: readonly MailPhrase[] = [
  // user kim@example.org authenticated, mechanism=LOGIN [TLS]
  [/^user (?<user>\S{1,320}) authenticated(?:, mechanism=(?<mechanism>[\w-]{1,32}))?/, 'login', 'passed'],
  // handler exception: authentication failed for [kim@example.org], invalid password · …: authentication failed for [kim] (invalid password)
  [
    /authentication failed for \[(?<user>[^\]]{0,320})\](?:(?:, | \()(?<reason>[^\n)]{1,300}))?/,
    'login-failed',
    'refused',
  ],
  [
    /^(?:handler exception: )?(?<reason>must authenticate|auth credentials have expired.{0,100})/,
    'not-authenticated',
    'note',
  ],
  // Delivering message: size=3182 bytes, nrcpts=1, sender=a@example.net, msgid=<1@example.net>
  [
    /^Delivering message(?: (?<stage>started|completed))?: size=(?<size>\d{1,15})(?: bytes)?, nrcpts=(?<count>\d{1,6}), sender=(?<from>\S{0,320}?), msgid=(?<id>\S{1,998})/,
    'received',
    'received',
  ],
  // Adding Message: id=257, sender=a@example.net, Message-ID=<1@example.net>, parentId=-1, folderId=2, folderName=Inbox acct=….
  [
    /^Adding Message: id=(?<item>\d{1,12}), (?:sender=(?<from>[^,]{0,320}), )?Message-ID=(?<id>[^,]{0,998}), parentId=-?\d{1,12}, folderId=-?\d{1,12}, folderName=(?<folder>.{0,255}?)(?: acct=\S{1,64})?\.?$/,
    'stored',
    'sent',
  ],
  [/^Sending message to MTA(?: at (?<relay>[^:]{1,255}))?: Message-ID=(?<id>[^,]{1,998})/, 'sending', 'received'],
  [/^Redirecting message to (?<rcpt>\S{1,320}?)\.?$/, 'forwarded', 'sent'],
  [/^(?:Discarding message|Refusing delivery)/, 'filter-discarded', 'verdict'],
  [/^(?:Deleting|Emptying|empty(?:ing)?) .{0,2000}\b(?:id=|id |items|folder)/i, 'deleted', 'removed'],
  [/^[Mm]oving .{0,512} to /, 'moved', 'access'],
  [
    /^(?:\(batch\) )?(?<request>(?:GetMsg|GetConv|Search\w{0,16}|MsgAction|ConvAction|ItemAction|FolderAction|ModifyFilterRules|ModifyOutgoingFilterRules|CreateDataSource|ModifyDataSource|ModifyIdentity|ModifyPrefs|SendShareNotification)Request)\b/,
    'request',
    'access',
  ],
  [/^(?:\(batch\) )?(?<request>(?:ChangePassword|ResetPassword)Request)\b/, 'password-change', 'account'],
  // UID FETCH elapsed=12
  [
    /^(?<command>(?:UID )?(?:FETCH|COPY|MOVE|STORE|EXPUNGE|APPEND|DELETE|RENAME|SEARCH|RETR|DELE)) elapsed=/,
    'command',
    'access',
  ],
  [/^(?<request>EndSessionRequest)\b/, 'logout', 'left'],
  [/^(?:\(batch\) )?(?<request>[A-Z]\w{1,64}Request)\b/, 'request', 'note'],
  [/^(?:Starting|Stopping|Started|Zimbra server|Servlet \S{1,64} (?:starting|stopping))/, 'daemon', 'state'],
];
const readText = mailPhrases('zimbra', PHRASES);

/** Which service a login was for, by the protocol that asked and the page or listener of the thread. */
const serviceOf = (
  protocol: string | undefined,
  context: ReadonlyMap<string, string>,
  category: string,
  thread: string,
): string => {
  const asked =
    context.get('oproto') ??
    protocol ??
    (/^(?:imap|pop)$/.test(category) ? category : /^(imap|pop)\w{0,16}server/i.exec(thread)?.[1]?.toLowerCase());
  if (asked !== undefined && asked !== 'soap' && asked !== 'preauth')
    return (
      own({ pop: 'pop3', zsync: 'activesync', http_basic: 'webmail', http_dav: 'dav', spnego: 'webmail' }, asked) ??
      asked
    );
  return /Microsoft-Server-ActiveSync/i.test(thread) ? 'activesync' : 'webmail';
};

/** `name=…;oip=…;ua=…;` of the request that a line belongs to. */
const putContext = (fields: Fields, context: ReadonlyMap<string, string>): void => {
  const actor = context.get('aname') ?? context.get('name');
  if (fields['user.name'] === undefined) putUser(fields, 'user', actor, true);
  // the client as the proxy named it, else the peer
  if (!putClient(fields, context.get('oip')?.split(',', 1)[0])) putClient(fields, context.get('ip'));
  putNumber(fields, 'source.port', context.get('oport'));
  put(fields, 'user_agent.original', context.get('ua'));
  put(fields, 'session.id', context.get('soapId') ?? context.get('cid'));
  keepVendor(
    fields,
    'zimbra.context',
    [...context].filter(([key]) => !/^(?:oip|oport|ua|soapId)$/.test(key)),
  );
};

// qtp1-82:https://mail.example.org:443/service/soap/AuthRequest
const threadUrl = (thread: string): string | undefined => /^[^:]{1,64}:(https?:\/\/\S{1,400})$/.exec(thread)?.[1];

const read = (fields: Fields, m: RegExpExecArray): Act => {
  const [, level, thread, contextText, category, text] = m as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const context = readAttributes(contextText);
  const pairs = text.startsWith('cmd=') ? readAttributes(text) : undefined;
  const act = pairs?.get('cmd')
    ? readCommand(fields, pairs, text.trimEnd().endsWith(';'))
    : (readText(fields, text.slice(0, 8192)) ??
      mean(fields, category.toLowerCase(), /ERROR|FATAL/.test(level) ? 'error' : 'note'));
  if (fields['event.action'] === 'stored') putUser(fields, 'user', context.get('name'), true);
  // whoever is logged in to the web mail hands it in; the mail transfer agent sees only this server
  if (fields['event.action'] === 'sending') put(fields, 'einfallstor.email.auth_user', context.get('name'));
  putContext(fields, context);
  // the mailbox that a message was put into is the recipient's
  if (fields['event.action'] === 'stored' && /@/.test(context.get('name') ?? ''))
    fields['email.to.address'] = [context.get('name') as string];
  if (act === 'login' || act === 'account-locked')
    fields['service.type'] = serviceOf(pairs?.get('protocol'), context, category, thread);
  put(fields, 'log.level', level.toLowerCase());
  put(fields, 'log.logger', category);
  const url = threadUrl(thread);
  put(fields, 'url.original', url);
  put(fields, 'zimbra.thread', url === undefined ? thread : undefined);
  // the administration console asks under this path; a mail server that checks a password under its folder says oproto
  if (act === 'login' && !context.has('oproto') && thread.endsWith('/service/admin/soap/AuthRequest')) {
    fields['service.type'] = 'admin-console';
    return 'admin-login';
  }
  return act;
};

const textOf = (record: RawRecord): string => (/^\d{4}-/.test(record.text) ? record.text : record.envelope.message);

const match = (record: RawRecord): RegExpExecArray | null => {
  const m = LINE.exec(textOf(record));
  return m !== null && (m[3] !== '' || CATEGORIES.has(m[4] as string)) ? m : null;
};
const claims = (record: RawRecord): boolean => match(record) !== null;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const m = match(record);
    if (m === null) return rejected('not-this-format', 'no Zimbra line: time level [thread] [context] category - text');
    const fields: Fields = {};
    const act = read(fields, m);
    const own = textOf(record);
    putHead(
      fields,
      clock,
      { civil: readIso(own)?.civil, host: own === record.text ? undefined : record.envelope.host },
      m[5] as string,
    );
    relateAddresses(fields, m[3] as string);
    return { kind: 'event', act, fields };
  };

export default {
  id: 'zimbra',
  title: 'Zimbra Collaboration: mailbox.log and audit.log',
  references: [
    {
      title: 'Zimbra Collaboration Administrator Guide: Log Files',
      url: 'https://zimbra.github.io/adminguide/latest/#log_files',
    },
    {
      title: 'zm-mailbox, ZimbraLog.java: the context of a line',
      url: 'https://github.com/Zimbra/zm-mailbox/blob/develop/common/src/java/com/zimbra/common/util/ZimbraLog.java',
    },
  ],
  // stack traces continue a line
  framing: { startsWith: /^(?:\d{4}-\d\d-\d\d[ T]|<\d{1,3}>|[A-Z][a-z]{2} [ \d]\d \d\d:)/ },
  states: { zone: 'unstated', year: 'stated', resolution: 'ms' },
  families: [
    'logins, refused logins and lock-outs with protocol, client and user agent; administrators acting for others; accounts, lists and settings changed',
    'messages taken by LMTP, put into mailboxes, sent, redirected; mail read, searched, moved, deleted; filter rules changed',
  ],
  limits: ['mail transport (Postfix, amavis) and the proxy write logs of their own'],
  recognise: recogniseBy(claims, 'are Zimbra lines', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
