import type { Fields } from '../../src/ecs/event.ts';
import { type Civil, civilOfInstant, epochMicros, readBsd, readCtime } from '../../src/parse/kit/civil.ts';
import { put, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putWindowsEvent, type WindowsEvent } from '../../src/parse/kit/windows-event.ts';
import { readableMessage, windowsCodeOf } from '../../src/parse/kit/windows-message.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Found extends WindowsEvent {
  /** The event's own time, where it is not that of the syslog header. */
  readonly civil?: Civil | undefined;
}

const NO_DATA: ReadonlyMap<string, string> = new Map();

/** `MSWinEventLog⇥1⇥Security⇥1234⇥Sun Oct 31 23:14:07 2021⇥4624⇥Microsoft-Windows-Security-Auditing⇥kim⇥User⇥Success Audit⇥HOST⇥Logon⇥data⇥text⇥serial`; a relay writes the tab `#011` */
const readSnare = (text: string): Found | undefined => {
  const start = text.indexOf('MSWinEventLog');
  if (start < 0 || start > 512) return undefined;
  const rest = text.slice(start + 13);
  const cells = rest.split(rest.startsWith('#011') ? '#011' : '\t');
  const [, , channel, counter, time, code, provider, account, , keywords, computer, , , ...told] = cells;
  if (code === undefined || !/^\d{1,5}$/.test(code)) return undefined;
  return {
    code,
    channel,
    provider,
    computer,
    recordId: counter,
    keywords,
    account: account === 'N/A' ? undefined : account,
    message: told.join('\t').replace(/\t\d{1,12}\s*$/, ''),
    data: NO_DATA,
    civil: (readCtime(time ?? '') ?? readBsd(time ?? ''))?.civil,
  };
};

const EVENT_AT = /(?:^|\t)Message=/;

/** IBM WinCollect: `AgentDevice=WindowsLog⇥AgentLogFile=Security⇥…⇥EventID=4624⇥…⇥Message=An account …` */
const readWinCollect = (text: string): Found | undefined => {
  const start = text.indexOf('AgentDevice=Windows');
  if (start < 0 || start > 512) return undefined;
  const rest = text.slice(start).replaceAll('#011', '\t');
  const at = EVENT_AT.exec(rest);
  const head = at === null ? rest : rest.slice(0, at.index);
  const values = new Map(
    head
      .split('\t', 64)
      .map((cell): [string, string] => [cell.split('=', 1)[0] as string, cell.slice(cell.indexOf('=') + 1)]),
  );
  const code = values.get('EventIDCode') ?? values.get('EventID');
  if (code === undefined || !/^\d{1,5}$/.test(code)) return undefined;
  const [user, domain] = [values.get('User'), values.get('Domain')];
  const time = epochMicros(values.get('TimeGenerated') ?? '');
  return {
    code,
    channel: values.get('AgentLogFile'),
    provider: values.get('Source'),
    computer: values.get('Computer'),
    recordId: values.get('RecordNumber'),
    keywords: values.get('Keywords'),
    account: user === undefined || user === '' ? undefined : domain ? `${domain}\\${user}` : user,
    message: at === null ? undefined : rest.slice(at.index + at[0].length),
    data: new Map([...values].filter(([name]) => name === 'OriginatingComputer')),
    civil: time === undefined ? undefined : civilOfInstant(time),
  };
};

// 2021 Oct 31 23:14:07 WinEvtLog: Security: AUDIT_SUCCESS(4624): Microsoft-Windows-Security-Auditing: kim: EXAMPLE: HOST.example.org: An account …
const OSSEC =
  /(?:(\d{4} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) )?WinEvtLog: ([^:]{1,128}): ([A-Z_]{4,16})\((\d{1,5})\): ([^:]{1,128}): ([^:]{0,256}): ([^:]{0,256}): ([^:]{0,256}): (.*)$/s;

const readOssec = (text: string): Found | undefined => {
  const m = OSSEC.exec(text);
  if (m === null) return undefined;
  const [, time, channel, keywords, code, provider, user, domain, computer, message] = m;
  const account =
    user === '(no user)' || user === '' ? undefined : domain === 'no domain' ? user : `${domain}\\${user}`;
  return {
    code: code as string,
    channel,
    provider,
    computer: computer?.trim(),
    keywords,
    account,
    message,
    data: NO_DATA,
    civil: time === undefined ? undefined : readBsd(time)?.civil,
  };
};

/** NXLog to_syslog_ietf: the event's fields are the structured data, `[NXLOG@14506 EventID="4624" …]`. */
const readStructured = ({ envelope }: RawRecord): Found | undefined => {
  const values = Object.values(envelope.structured ?? {}).find((one) => /^\d{1,5}$/.test(one['EventID'] ?? ''));
  if (values === undefined) return undefined;
  const data = Object.entries(values).filter(([name]) => !SYSTEM.has(name));
  const { Domain, AccountName } = values;
  return {
    code: values['EventID'] as string,
    channel: values['Channel'] ?? values['FileName'],
    provider: values['SourceName'] ?? values['ProviderName'] ?? envelope.program,
    computer: values['Hostname'] ?? envelope.host,
    recordId: values['RecordNumber'] ?? values['EventRecordID'],
    keywords: [values['EventType'], values['Keywords']].filter((word) => word !== undefined).join(' '),
    pid: values['ProcessID'] ?? (envelope.pid === undefined ? undefined : String(envelope.pid)),
    account:
      AccountName === undefined ? values['UserID'] : Domain === undefined ? AccountName : `${Domain}\\${AccountName}`,
    message: envelope.message,
    data: new Map(data),
  };
};

const SYSTEM = new Set(
  'EventID Channel FileName SourceName ProviderName Hostname RecordNumber EventRecordID EventType Keywords ProcessID ThreadID AccountName AccountType Domain UserID ProviderGuid Version Task OpcodeValue Opcode Category SeverityValue Severity EventReceivedTime SourceModuleName SourceModuleType EventTime ActivityID'.split(
    ' ',
  ),
);

// EXAMPLE\kim: Security Microsoft Windows security auditing.: [Success Audit] An account was … (EventID 4624)
const NUMBER_BEHIND = /\(EventID (\d{1,5})\)\s*$/;
// Security-Auditing: 4624: AUDIT_SUCCESS An account was …
const NUMBER_BEFORE = /^(\d{2,5}): (AUDIT_SUCCESS|AUDIT_FAILURE|Success Audit|Failure Audit)?[ ,:]{0,2}/;
const PROVIDER =
  /\b(?:security[-_ ]audit|eventlog|service[-_ ]control|terminal ?services|sysmon|powershell|remoteaccess)/i;

/** Text with the number around it, or with nothing but its first sentence to tell it by. */
const readText = ({ envelope, text }: RawRecord): Found | undefined => {
  const { program, host, pid } = envelope;
  const message = envelope.message;
  const named = PROVIDER.test(program ?? '');
  const before = named ? NUMBER_BEFORE.exec(message) : null;
  const behind = NUMBER_BEHIND.exec(message.slice(-40));
  const common = { computer: host, provider: named ? program?.replace(/\.$/, '') : undefined, data: NO_DATA };
  if (before !== null)
    return { ...common, code: before[1] as string, keywords: before[2], message: message.slice(before[0].length) };
  const keywords = /\[((?:Success|Failure) Audit)\]/.exec(message.slice(0, 512))?.[1];
  if (behind !== null && keywords !== undefined)
    return {
      ...common,
      code: behind[1] as string,
      keywords,
      message: message.slice(message.indexOf(']') + 1, message.lastIndexOf('(')).trim(),
    };
  // a text as it stands in the log: no header names it, or the provider does
  const own = program === undefined || named ? message : text;
  const sentence = windowsCodeOf(own);
  // the same English sentence stands in both logs
  const code = sentence === '4697' && /control[-_ ]manager/i.test(program ?? '') ? '7045' : sentence;
  if (
    code === undefined ||
    (!named && !/#012|\\n|\n|(?:Subject|Antragsteller|Sujet|Source Network Address|Quellnetzwerkadresse) ?:/.test(own))
  )
    return undefined;
  return { ...common, code, pid: pid === undefined ? undefined : String(pid), message: own };
};

const find = (record: RawRecord): Found | undefined =>
  readSnare(record.text) ??
  readWinCollect(record.text) ??
  readOssec(record.text.slice(0, 65_536)) ??
  readStructured(record) ??
  readText(record);

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const event = find(record);
    if (event === undefined) return rejected('not-this-format', 'no Windows event in syslog');
    const fields: Fields = {};
    const time = event.civil ?? record.envelope.civil;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    const message = readableMessage(event.message ?? '').trim();
    const act = putWindowsEvent(fields, { ...event, message: message === '' ? undefined : message });
    const { host, relays } = record.envelope;
    if (fields['host.name'] === undefined) put(fields, 'host.name', host);
    put(fields, 'log.syslog.hostname', relays?.[0] ?? host);
    return { kind: 'event', act, fields };
  };

const claims = (record: RawRecord): boolean => find(record) !== undefined;

export default {
  id: 'windows-event-syslog',
  title: 'Windows event log, forwarded by syslog',
  references: [
    { title: 'Snare: Windows agent, log format', url: 'https://docs.snaresolutions.com/latest/agents/windows/' },
    {
      title: 'NXLog: syslog extension, to_syslog_snare, to_syslog_ietf',
      url: 'https://docs.nxlog.co/refman/current/xm/syslog.html',
    },
    {
      title: 'IBM: WinCollect, supported event sources',
      url: 'https://www.ibm.com/docs/en/qsip/7.5?topic=collection-wincollect-overview',
    },
    {
      title: 'OSSEC: Windows event log',
      url: 'https://www.ossec.net/docs/docs/manual/monitoring/index.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'Snare, OSSEC and Wazuh (WinEvtLog), IBM WinCollect, NXLog with structured data, syslog-ng and Eventlog-to-Syslog agents',
    'rendered texts alone (English, German, French), line breaks as #015#012 or folded',
  ],
  limits: ['A text without number is known by its first sentence: the access events of the Security log.'],
  recognise: recogniseBy(claims, 'are Windows events in syslog', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
