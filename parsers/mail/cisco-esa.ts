import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Cef, readCef } from '../../src/parse/kit/cef.ts';
import { ADMIN_PHRASES, MAIL_PHRASES } from '../../src/parse/kit/cisco-esa.ts';
import { type Civil, readCtime } from '../../src/parse/kit/civil.ts';
import { putLinks } from '../../src/parse/kit/links.ts';
import { addAttachment, addMailAddress, decodeHeader, mailAddressIn, putMessageId } from '../../src/parse/kit/mail.ts';
import { openPeers, type Peers } from '../../src/parse/kit/peers.ts';
import { phraseOf, putPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, keepVendor, put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putRequestLine } from '../../src/parse/kit/url.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- consolidated event, CEF

const consolidated = (text: string): Cef | undefined => {
  if (!text.includes('|Cisco|')) return undefined;
  const cef = readCef(text);
  return cef?.vendor === 'Cisco' && cef.classId === 'ESA_CONSOLIDATED_LOG_EVENT' ? cef : undefined;
};

/** Python's escapes of bytes in names: `d\xc3\xa9`. */
const bytesOf = (text: string): string =>
  text.replaceAll(/(?:\\x[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('\\x', ''), 'hex').toString('utf8'));

/** `'<a@example.org>'` and `'Subject'` stand in quotes. */
const unquote = (text: string | undefined): string | undefined => text?.replace(/^'(.*)'$/s, '$1');

// {'a.pdf': {'AMP': {'Verdict': 'FILE UNKNOWN', 'fileHash': '…'}, 'BodyScanner': {}}, "it's.png": {…}}
const FILE = /(?:^\{|\}, )(?:'((?:[^'\\]|\\.){1,512})'|"((?:[^"\\]|\\.){1,512})"): \{/g;
const SHA256 = /'([0-9a-f]{64})'/;

const putFiles = (fields: Fields, text: string): void => {
  const starts = [...text.slice(0, 65_536).matchAll(FILE)].slice(0, 200);
  starts.forEach((m, n) => {
    const details = text.slice(m.index + m[0].length, starts[n + 1]?.index ?? text.length);
    addAttachment(fields, { name: bytesOf(m[1] ?? m[2] ?? ''), sha256: SHA256.exec(details)?.[1] });
  });
};

// {'https://a.example/x': {'WbrsScore': 9.2, 'ExpandedUrl': 'https://b.example/'}, 'www.c.example': {…}}
const LINK = /(?:[{ ]'|'ExpandedUrl': ')((?:https?:\/\/|www\.)[^'\s]{1,2048})'/g;

const CTIME = (text: string | undefined): Civil | undefined =>
  text === undefined ? undefined : readCtime(text)?.civil;

/** act=… of the consolidated event (User Guide, "Consolidated Event Logs"). */
const finalAct = (action: string): readonly [Act, 'success' | 'failure' | undefined] => {
  if (/^DELIVERED/.test(action)) return ['mail-delivery', 'success'];
  if (/BOUNCED/.test(action)) return ['mail-delivery', 'failure'];
  return /DROPPED|ABORTED|REJECTED/.test(action) ? ['mail-rejected', 'failure'] : ['mail-filter', undefined];
};

const MAPPED = new Set(
  `deviceExternalId ESAMID ESAICID cs1 cs1Label cs4 cs4Label src sourceAddress shost sourceHostName suser duser msg act
  deviceDirection dvc startTime endTime start end ESAAttachmentDetails ESAURLDetails ESAMsgSize ESAFriendlyFrom`.split(
    /\s+/,
  ),
);

const event = ({ clock }: ParseContext, cef: Cef, record: RawRecord): Outcome => {
  const of = (...names: readonly string[]): string | undefined => {
    for (const name of names) if (cef.extension.has(name)) return cef.extension.get(name);
    return undefined;
  };
  const fields: Fields = {
    'observer.vendor': 'Cisco',
    'observer.product': cef.product,
    'observer.version': cef.version,
  };
  const start = CTIME(of('startTime', 'start'));
  const end = CTIME(of('endTime', 'end'));
  // the start is near the lines of other systems about this message
  const time = start ?? end ?? CTIME(record.text) ?? record.envelope.civil;
  if (time === undefined) warn(fields, 'time-missing');
  clock.stamp(fields, time);
  putNumber(fields, 'event.start', clock.instant(start));
  putNumber(fields, 'event.end', clock.instant(end));
  put(fields, 'observer.serial_number', of('deviceExternalId'));
  put(fields, 'observer.name', record.envelope.host);
  if (putIp(fields, 'destination.ip', of('dvc'))) fields['observer.ip'] = [fields['destination.ip'] as string];
  putIp(fields, 'source.ip', of('sourceAddress', 'src'));
  put(fields, 'source.domain', of('sourceHostName', 'shost', 'ESAHeloDomain')?.toLowerCase());
  put(fields, 'email.local_id', of('ESAMID'));
  put(fields, 'session.id', of('ESAICID'));
  put(fields, 'email.direction', own({ '0': 'inbound', '1': 'outbound' }, of('deviceDirection') ?? ''));
  addMailAddress(fields, 'email.from.address', of('suser'));
  addMailAddress(fields, 'email.from.address', mailAddressIn(of('ESAFriendlyFrom')));
  put(fields, 'email.sender.address', of('suser'));
  // CEF: sender and recipient of a mail are its users
  putUser(fields, 'source.user', of('suser'), true);
  const recipients = (of('duser') ?? '').split(/[,;]\s?/, 500);
  for (const to of recipients) addMailAddress(fields, 'email.to.address', to);
  if (recipients.length === 1) putUser(fields, 'destination.user', recipients[0], true);
  addMailAddress(fields, 'email.reply_to.address', mailAddressIn(of('ESAReplyTo')));
  put(fields, 'email.subject', decodeHeader(bytesOf(unquote(of('msg')) ?? '')));
  if (of('cs4Label') === 'ExternalMsgID') putMessageId(fields, unquote(of('cs4')));
  if (of('cs1Label') === 'MailPolicy') put(fields, 'rule.name', of('cs1'));
  putNumber(fields, 'einfallstor.email.size', of('ESAMsgSize'));
  put(
    fields,
    'einfallstor.email.spf',
    /'mailfrom': \{'result': '(\w{1,16})'/.exec(of('ESASPFVerdict') ?? '')?.[1]?.toLowerCase(),
  );
  put(fields, 'einfallstor.email.dkim', of('ESADKIMVerdict')?.toLowerCase());
  put(fields, 'einfallstor.email.dmarc', of('ESADMARCVerdict')?.toLowerCase());
  putFiles(fields, of('ESAAttachmentDetails') ?? '');
  putLinks(
    fields,
    [...(of('ESAURLDetails') ?? '').slice(0, 65_536).matchAll(LINK)].map((m) => m[1] as string),
  );
  put(fields, 'tls.cipher', of('ESATLSInCipher', 'ESATLSOutCipher'));
  put(fields, 'tls.version', of('ESATLSInProtocol', 'ESATLSOutProtocol')?.replace(/^TLSv?/, ''));
  put(fields, 'event.reason', of('ESAFinalActionDetails'));
  const action = of('act') ?? '';
  put(fields, 'event.action', action.toLowerCase());
  const [act, outcome] = finalAct(action);
  categorise(fields, ['email'], [act === 'mail-rejected' ? 'denied' : 'info'], outcome);
  keepVendor(
    fields,
    'cisco.esa',
    [...cef.extension].filter(([key]) => !MAPPED.has(key)),
  );
  relateAddresses(fields, record.text.slice(0, 8192));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- text logs

interface Line {
  readonly level: string | undefined;
  readonly body: string;
  readonly civil: Civil | undefined;
}

// Mon Apr 17 19:56:22 2003 Info: … · what a syslog push leaves: Info: …
const LEVEL = /^(Critical|Alert|Warning|Error|Info|Debug|Trace): /;

const lineOf = (record: RawRecord): Line | undefined => {
  const own = readCtime(record.text.slice(0, 64));
  const body = own === undefined ? record.envelope.message : record.text.slice(own.end).trimStart();
  const level = LEVEL.exec(body);
  const civil = own?.civil ?? record.envelope.civil;
  if (level !== null) return { level: level[1], body: body.slice(level[0].length), civil };
  // "…: %ESA_mail_logs: Info: …" keeps a tag more; the level of a tag that was taken off is the program
  const tag = LEVEL.exec(`${record.envelope.program ?? ''}: `);
  return tag === null ? undefined : { level: tag[1], body: record.envelope.message, civil };
};

const IDS = /\b(MID|ICID|DCID|RCID|RID):? ?=? ?\[?(\d{1,20})/g;

const putIds = (fields: Fields, body: string): void => {
  for (const [, name, id] of body.slice(0, 2048).matchAll(IDS)) {
    const key = `cisco.esa.${(name as string).toLowerCase()}`;
    if (fields[key] === undefined) fields[key] = id as string;
    else if (name === 'MID' && fields[key] !== id) fields['cisco.esa.other_mid'] ??= id as string;
  }
  put(fields, 'email.local_id', fields['cisco.esa.mid'] as string | undefined);
  put(fields, 'session.id', fields['cisco.esa.icid'] as string | undefined);
};

// 200 GET /monitor/wsa_user_report HTTP/1.1 Mozilla/5.0 (…)
const REQUEST = / (\d{3}) ([A-Z]{3,8} \S{1,2048} HTTP\/\d(?:\.\d)?) ?(.{0,1024})/;
// sha256 = …, spyname = W32.EICAR… · Disposition = MALICIOUS
const AMP = /\b(sha256|SHA256|Malware|spyname|[Dd]isposition)\s?[=:]\s?'?([^',\s]{1,128})/g;
const BLOCKED = /positive|VIRAL|MALICIOUS|malicious|infected|phish/;

const refine = (fields: Fields, act: Act, body: string): void => {
  if (act === 'http-request') {
    const m = REQUEST.exec(body);
    putNumber(fields, 'http.response.status_code', m?.[1]);
    putRequestLine(fields, m?.[2] ?? '');
    put(fields, 'user_agent.original', m?.[3]);
  }
  if (act === 'mail-delivery') {
    const failed = fields['event.action'] === 'bounced';
    const delayed = fields['event.action'] === 'delayed';
    fields['event.outcome'] = failed ? 'failure' : delayed ? 'unknown' : 'success';
  }
  if (act === 'mail-rejected') categorise(fields, ['email'], ['denied'], 'failure');
  if (act !== 'mail-filter') return;
  for (const [, name, value] of body.slice(0, 4096).matchAll(AMP)) {
    if (/^sha256$/i.test(name as string)) addAttachment(fields, { sha256: value });
    else if (/^dispos/i.test(name as string)) put(fields, 'event.reason', value);
    else put(fields, 'rule.name', value);
  }
  putLinks(fields, body.slice(0, 4096).match(/https?:\/\/[^\s'"<>]{1,2048}/g) ?? []);
  if (BLOCKED.test(body)) fields['event.kind'] = 'alert';
};

/** The mechanism of SMTP AUTH says what was shown. */
const putSmtpLogin = (fields: Fields, body: string): void => {
  fields['service.type'] = 'smtp';
  const mechanism = /AUTH mechanism: ?([\w-]{1,32})/.exec(body)?.[1];
  put(fields, 'cisco.esa.mechanism', mechanism);
  if (mechanism !== undefined)
    fields['einfallstor.login.method'] = mechanism === 'EXTERNAL' ? 'certificate' : 'password';
};

const WAY = /Interaction Mode: (\w{1,16})|\b(SSH|HTTPS?|FTP|CLI)\b|^(?:(PID)|(req|login|logout):)/;

/** Who opened a connection, and to which interface: only the line of its start tells. */
const ENDS = ['source.ip', 'source.address', 'source.domain', 'destination.ip', 'destination.address'] as const;

/** A login and a refusal by the sender group name the connection (ICID), and so whoever opened it. */
const putEnds = (fields: Fields, act: Act, host: string | undefined, connections: Peers<Fields>): void => {
  const icid = fields['cisco.esa.icid'];
  if (icid === undefined) return;
  const key = `${host ?? ''} ${icid}`;
  if (fields['event.action'] === 'connect') {
    const ends = ENDS.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]);
    connections.put(key, Object.fromEntries(ends));
  } else if ((act === 'login' || act === 'mail-rejected') && fields['source.ip'] === undefined) {
    Object.assign(fields, connections.get(key));
  }
};

const textEvent = (
  { clock }: ParseContext,
  { level, body, civil }: Line,
  record: RawRecord,
  connections: Peers<Fields>,
): Outcome => {
  const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'Secure Email Gateway' };
  clock.stamp(fields, civil);
  put(fields, 'observer.name', record.envelope.host);
  put(fields, 'log.level', level?.toLowerCase());
  put(fields, 'process.name', LEVEL.test(`${record.envelope.program}: `) ? undefined : record.envelope.program);
  put(fields, 'message', body);
  const text = body.slice(0, 8192);
  const found = phraseOf(MAIL_PHRASES, text) ?? phraseOf(ADMIN_PHRASES, text);
  if (found === undefined)
    categorise(fields, ['email'], [level === 'Critical' || level === 'Error' ? 'error' : 'info']);
  else putPhrase(fields, found.phrase, found.groups);
  put(fields, 'event.reason', String(fields['event.reason'] ?? '').replace(/^[\s,:.-]{1,8}/, ''));
  // the log hides names that nobody has
  if (/^\*+$/.test(String(fields['user.name'] ?? ''))) delete fields['user.name'];
  const act = found?.phrase[2] ?? 'other';
  putIds(fields, text);
  refine(fields, act, text);
  if (act === 'login') putSmtpLogin(fields, text);
  else if (found !== undefined && fields['user.name'] !== undefined) {
    const way = WAY.exec(text);
    put(fields, 'service.type', (way?.[1] ?? way?.[2] ?? (way?.[3] && 'cli') ?? (way?.[4] && 'gui'))?.toLowerCase());
    putIp(fields, 'source.ip', /Source ?IP: ?([\da-fA-F.:]{2,45})/.exec(text)?.[1]);
  }
  putEnds(fields, act, record.envelope.host, connections);
  relateAddresses(fields, record.text.slice(0, 8192));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- parser

const OURS =
  /^(?:New SMTP [IDR]CID \d|(?:Start |Message (?:finished|done|aborted) |Delivery start |Bounced: |Delayed: )?(?:MID|ICID|DCID|RCID) \d|SMTP Auth: \(ICID|Connection Error: DCID|Double bounce|User \S{1,256} (?:was authenticated successfully|failed authentication)\.|Appliance: .{1,255}, Interaction Mode: |ISQ: |(?:PID|ID):? ?\d{1,10}:? User \S{1,256} (?:login|entered|commit)|req:\S{1,64} user:|log(?:in|out):\S{1,64} user:|(?:An )?authentication attempt by the user |The user \S{1,256} successfully logged on from |.{0,64}[Ff]ile reputation query)/;

const isOurs = (record: RawRecord): boolean => {
  const line = lineOf(record);
  return line !== undefined && OURS.test(line.body);
};

const claims = (record: RawRecord): boolean => consolidated(record.text) !== undefined || isOurs(record);

const open: Parser['open'] = (context) => {
  const connections = openPeers<Fields>(() => ({}));
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const cef = consolidated(record.text);
    if (cef !== undefined) return event(context, cef, record);
    const line = lineOf(record);
    return line === undefined
      ? rejected('not-this-format', 'neither a level nor a consolidated event of AsyncOS')
      : textEvent(context, line, record, connections);
  };
};

const GUIDE = 'https://www.cisco.com/c/en/us/td/docs/security/esa';

export default {
  id: 'cisco-esa',
  title: 'Cisco Secure Email Gateway (ESA, AsyncOS)',
  references: [
    {
      title: 'AsyncOS User Guide: Logging',
      url: `${GUIDE}/esa15-0/user_guide/b_ESA_Admin_Guide_15-0/b_ESA_Admin_Guide_12_1_chapter_0100111.html`,
    },
    {
      title: 'MID, ICID and DCID in text mail logs',
      url: 'https://www.cisco.com/c/en/us/support/docs/security/email-security-appliance/118232-technote-esa-00.html',
    },
    {
      title: 'How SMTP authentication events are logged',
      url: 'https://www.cisco.com/c/en/us/support/docs/security/email-security-appliance/118570-qa-esa-00.html',
    },
    { title: 'Single Log Line', url: 'https://docs.ces.cisco.com/docs/single-log-line-sll' },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: [
    'text mail logs: connections, messages by MID, verdicts, quarantine, deliveries, SMTP logins',
    'consolidated event logs (CEF), AMP',
    'authentication, audit, CLI, GUI, FTP and system logs',
  ],
  limits: [
    'bounce and delivery logs in binary form are not read',
    'a line about a message names no address: its MID joins it to the others',
  ],
  appliance: true,
  recognise: recogniseBy(claims, 'are logs of AsyncOS for Email', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
