import type { Fields } from '../../src/ecs/event.ts';
import { fieldOf } from '../../src/ecs/fields.ts';
import { flatten } from '../../src/ecs/nest.ts';
import { type Civil, epochMicros, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putWindowsEvent, type WindowsEvent } from '../../src/parse/kit/windows-event.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

type Json = Readonly<Record<string, unknown>>;

/** An event out of one of the JSON dialects, its times as written, and what the exporter added, with its vendor name. */
interface Exported extends WindowsEvent {
  readonly time: unknown;
  readonly received?: unknown;
  readonly extra?: readonly [prefix: string, values: Json];
  /** A document with ECS fields beside `winlog`. */
  readonly ecs?: Json;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first member present under one of the names; a name may be a path. */
const at = (object: unknown, ...names: readonly string[]): unknown => {
  for (const name of names) {
    let value: unknown = object;
    if (isObject(value) && Object.hasOwn(value, name)) value = value[name];
    else
      for (const part of name.split('.'))
        value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
};

/** `4624`, `{"#text": 4624, …}` (evtx_dump), `{"Value": 4624}` (Velociraptor) */
const text = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map((item) => text(item) ?? '').join(', ');
  return isObject(value) ? text(at(value, '#text', 'Value', '_', 'text')) : undefined;
};

const textAt = (object: unknown, ...names: readonly string[]): string | undefined => text(at(object, ...names));

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const put1 = (data: Map<string, string>, name: string, value: unknown): void => {
  const flat = isObject(value) && text(value) === undefined ? JSON.stringify(value) : text(value);
  if (flat !== undefined && !data.has(name)) data.set(name, flat);
};

/** Event data as a plain object, as a list of `{"@Name"/"Name", "#text"}`, or as values without names. */
const readData = (source: unknown, rename: (name: string) => string = (name) => name): Map<string, string> => {
  const data = new Map<string, string>();
  if (!isObject(source)) return data;
  const list = source['Data'];
  for (const [n, item] of (Array.isArray(list) ? list : isObject(list) ? [list] : []).slice(0, 500).entries()) {
    put1(
      data,
      textAt(item, '@Name', 'Name', '#attributes.Name', '@attributes.Name') ?? `param${n + 1}`,
      isObject(item) ? (text(item) ?? '') : item,
    );
  }
  for (const [name, value] of Object.entries(source)) {
    if (
      name === '#attributes' ||
      name === '@attributes' ||
      name.startsWith('xmlns') ||
      (name === 'Data' && typeof value === 'object')
    )
      continue;
    // UserData holds one element with the values below it: LogFileCleared, EventXML
    if (isObject(value) && text(value) === undefined)
      for (const [inner, v] of readData(value, rename)) put1(data, inner, v);
    else put1(data, rename(name), value);
  }
  return data;
};

const joined = (domain: string | undefined, name: string | undefined): string | undefined =>
  name === undefined ? undefined : domain === undefined ? name : `${domain}\\${name}`;

/** Winlogbeat and Elastic Agent: https://www.elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html */
const readWinlogbeat = (root: Json): Exported | undefined => {
  const winlog = isObject(root['winlog']) ? root['winlog'] : undefined;
  const code = textAt(winlog, 'event_id') ?? textAt(root, 'winlog.event_id', 'event.code');
  const old =
    winlog === undefined &&
    textAt(root, 'event_id') !== undefined &&
    textAt(root, 'log_name', 'computer_name') !== undefined;
  if (winlog === undefined && !old) return undefined;
  const from = winlog ?? root;
  const id = code ?? textAt(root, 'event_id');
  if (id === undefined) return undefined;
  const data = readData(at(from, 'event_data'));
  for (const [name, value] of readData(at(from, 'user_data'))) put1(data, name, value);
  return {
    code: id,
    provider: textAt(from, 'provider_name', 'source_name'),
    channel: textAt(from, 'channel', 'log_name'),
    computer: textAt(from, 'computer_name') ?? textAt(root, 'host.name'),
    recordId: textAt(from, 'record_id', 'record_number'),
    keywords: [textAt(from, 'keywords'), textAt(from, 'outcome'), textAt(root, 'event.outcome')]
      .filter((word) => word !== undefined)
      .join(' '),
    pid: textAt(from, 'process.pid', 'process_id'),
    account: joined(textAt(from, 'user.domain'), textAt(from, 'user.name')) ?? textAt(from, 'user.identifier'),
    message: textAt(root, 'message'),
    data,
    time: at(from, 'time_created') ?? root['@timestamp'],
    received: at(root, 'event.created', 'event.ingested'),
    ecs: root,
    extra: [
      'elastic.winlogbeat',
      rest(root, ['winlog', 'message', '@timestamp', '@version', 'event_data', 'event', 'ecs']),
    ],
  };
};

/** Wazuh: https://documentation.wazuh.com/current/user-manual/capabilities/log-data-collection/configuration.html */
const readWazuh = (root: Json): Exported | undefined => {
  const win = at(root, 'win', 'data.win');
  const code = textAt(win, 'system.eventID', 'system.eventId');
  if (code === undefined) return undefined;
  const system = at(win, 'system');
  const data = readData(at(win, 'eventdata'), pascal);
  for (const [name, value] of readData(at(win, 'userdata', 'logFileCleared', 'eventXML'), pascal))
    put1(data, name, value);
  return {
    code,
    provider: textAt(system, 'providerName'),
    channel: textAt(system, 'channel'),
    computer: textAt(system, 'computer') ?? textAt(root, 'agent.name'),
    recordId: textAt(system, 'eventRecordID'),
    keywords: textAt(system, 'keywords', 'severityValue'),
    pid: textAt(system, 'processID'),
    message: textAt(system, 'message')?.replace(/^"|"$/g, ''),
    data,
    time: at(system, 'systemTime') ?? root['timestamp'],
    extra: ['wazuh.alert', rest(root, ['win', 'data', 'timestamp', '@timestamp'])],
  };
};

/** evtx_dump, Velociraptor and other renderings of the XML: `Event.System`, `System` */
const readEvtx = (root: Json): Exported | undefined => {
  const event = isObject(root['Event']) ? root['Event'] : root;
  const system = at(event, 'System');
  const code = textAt(system, 'EventID');
  if (code === undefined) return undefined;
  const data = readData(at(event, 'EventData'));
  for (const [name, value] of readData(at(event, 'UserData'))) put1(data, name, value);
  const attribute = (element: string, name: string): unknown =>
    at(at(system, element), `#attributes.${name}`, `@attributes.${name}`, `@${name}`, name) ??
    at(system, `${element}_attributes.${name}`);
  return {
    code,
    provider: text(attribute('Provider', 'Name')),
    channel: textAt(system, 'Channel'),
    computer: textAt(system, 'Computer'),
    recordId: textAt(system, 'EventRecordID'),
    keywords: textAt(system, 'Keywords'),
    pid: text(attribute('Execution', 'ProcessID')),
    account: text(attribute('Security', 'UserID')),
    message: textAt(root, 'Message') ?? textAt(event, 'RenderingInfo.Message', 'Message'),
    data,
    time: attribute('TimeCreated', 'SystemTime') ?? at(system, 'TimeCreated'),
  };
};

/** EvtxECmd (E. Zimmerman) `--json`: the data are a JSON text in `Payload`. */
const readEvtxECmd = (root: Json): Exported | undefined => {
  const code = textAt(root, 'EventId');
  const payload = textAt(root, 'Payload');
  if (code === undefined || payload === undefined) return undefined;
  const parsed = parse(payload);
  return {
    code,
    provider: textAt(root, 'Provider'),
    channel: textAt(root, 'Channel'),
    computer: textAt(root, 'Computer'),
    recordId: textAt(root, 'EventRecordId', 'RecordNumber'),
    keywords: textAt(root, 'Keywords'),
    pid: textAt(root, 'ProcessId'),
    account: textAt(root, 'UserId'),
    data: readData(at(parsed, 'EventData', 'UserData')),
    time: at(root, 'TimeCreated'),
    extra: ['evtxecmd', rest(root, ['Payload'])],
  };
};

const FLAT_SYSTEM = new Set(
  (
    'EventID EventId Id Hostname Computer MachineName EventTime EventTimeWritten EventReceivedTime TimeGenerated TimeCreated @timestamp @version ' +
    'Keywords EventType SeverityValue Severity SourceName EventSourceName Source ProviderName Provider ProviderGuid Version Task OpcodeValue Opcode ' +
    'RecordNumber EventRecordID EventRecordId RecordId ProcessID ThreadID Channel LogName Domain AccountName AccountType UserID UserId Message message ' +
    'Category SourceModuleName SourceModuleType ActivityID RelatedActivityID Activity Account EventSourceName Level LevelDisplayName TenantId ' +
    'SourceSystem Type _ResourceId SourceComputerId ManagementGroupName MG EventOriginId EventData tags host port Properties'
  ).split(' '),
);

/** NXLog im_msvistalog, Sentinel SecurityEvent, Get-WinEvent | ConvertTo-Json: one flat object. https://docs.nxlog.co/refman/current/im/msvistalog.html */
const readFlat = (root: Json): Exported | undefined => {
  const code = textAt(root, 'EventID', 'EventId') ?? (root['LogName'] === undefined ? undefined : textAt(root, 'Id'));
  if (code === undefined || !/^\d{1,5}$/.test(code)) return undefined;
  if (
    at(root, 'Channel', 'LogName', 'SourceName', 'EventSourceName', 'ProviderName', 'Computer', 'Hostname') ===
    undefined
  )
    return undefined;
  const data = readData(root['EventData']);
  for (const [name, value] of Object.entries(root)) if (!FLAT_SYSTEM.has(name)) put1(data, name, value);
  // beside AccountType it is the account that wrote the event, else the event's own (4778, 4825)
  if (root['AccountType'] === undefined) put1(data, 'AccountName', root['AccountName']);
  const properties = root['Properties'];
  if (Array.isArray(properties))
    for (const [n, item] of properties.slice(0, 500).entries()) put1(data, `param${n + 1}`, item);
  return {
    code,
    provider: textAt(root, 'SourceName', 'EventSourceName', 'ProviderName', 'Provider', 'Source'),
    channel: textAt(root, 'Channel', 'LogName'),
    computer: textAt(root, 'Hostname', 'Computer', 'MachineName'),
    recordId: textAt(root, 'RecordNumber', 'EventRecordID', 'EventRecordId', 'RecordId'),
    keywords: [textAt(root, 'EventType'), textAt(root, 'Keywords')].filter((word) => word !== undefined).join(' '),
    pid: textAt(root, 'ProcessID'),
    account:
      (root['AccountType'] === undefined ? undefined : joined(textAt(root, 'Domain'), textAt(root, 'AccountName'))) ??
      textAt(root, 'Account', 'UserID', 'UserId'),
    message: textAt(root, 'Message', 'message'),
    data,
    time: at(root, 'EventTime', 'TimeCreated', 'TimeGenerated', '@timestamp', 'EventReceivedTime'),
    received: at(root, 'EventReceivedTime'),
    extra: ['windows.export', rest(root, [...data.keys(), 'Message', 'message', 'EventData', 'Properties'])],
  };
};

const rest = (root: Json, without: readonly string[]): Json => {
  const left = new Set(without);
  return Object.fromEntries(Object.entries(root).filter(([name]) => !left.has(name)));
};

const parse = (source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined; // evidence, not an error
  }
};

/** `{"winlog.event_id": …}` → `{winlog: {event_id: …}}` */
const unflatten = (root: Json): Json => {
  if (!Object.keys(root).some((name) => name.startsWith('winlog.'))) return root;
  const out: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(root)) {
    const parts = name.split('.', 8);
    const last = parts.pop() as string;
    let below: Record<string, unknown> = out;
    for (const part of parts) {
      if (!isObject(below[part])) below[part] = Object.create(null);
      below = below[part] as Record<string, unknown>;
    }
    below[last] = value;
  }
  return out;
};

/** What Elasticsearch, Kibana and Chainsaw wrap around a document. */
const unwrap = (root: Json): Json => {
  const inner = at(root, '_source', 'document.data') ?? (root['winlog'] === undefined ? at(root, 'fields') : undefined);
  return unflatten(isObject(inner) ? inner : root);
};

const readExported = (record: RawRecord): Exported | undefined => {
  const start = record.text.indexOf('{');
  if (start < 0 || start > 512) return undefined;
  const parsed = parse(record.text.slice(start));
  if (!isObject(parsed)) return undefined;
  const root = unwrap(parsed);
  return readWinlogbeat(root) ?? readWazuh(root) ?? readEvtx(root) ?? readEvtxECmd(root) ?? readFlat(root);
};

/** ISO, epoch in any unit, .NET's `/Date(1635718447123)/`, US order as PowerShell prints it. */
const readTime = (value: unknown): Civil | number | undefined => {
  const word = text(value);
  if (word === undefined) return undefined;
  const net = /^\/Date\((\d{1,15})/.exec(word)?.[1];
  return epochMicros(net ?? word) ?? readIso(word)?.civil ?? readSlashed(word, 0, 'month')?.civil;
};

const read = (context: ParseContext, record: RawRecord): Outcome => {
  if (record.text.trim() === '') return BLANK;
  const event = readExported(record);
  if (event === undefined) return rejected('not-this-format', 'no JSON rendering of a Windows event');
  const fields: Fields = {};
  const time = readTime(event.time) ?? record.envelope.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  const received = context.clock.instant(readTime(event.received));
  if (received !== undefined) putNumber(fields, 'event.created', received);
  const act = putWindowsEvent(fields, event);
  const [prefix, values] = event.extra ?? ['', {}];
  for (const [name, value] of Object.entries(flatten(values, prefix)))
    fields[name.replaceAll(/[^\w.@-]+/g, '_')] = value;
  if (event.ecs !== undefined) takeOverEcs(fields, event.ecs);
  return { kind: 'event', act, fields };
};

const ECS_SETS = /^(?:user|source|destination|client|server|process|file|group|url|dns|host\.ip|host\.os)\b/;

/** Documents that Elastic's own pipeline has read already carry ECS: what the event itself did not say is taken over. */
const takeOverEcs = (fields: Fields, root: Json): void => {
  for (const [name, value] of Object.entries(flatten(root))) {
    const field = ECS_SETS.test(name) && fields[name] === undefined ? fieldOf(name) : undefined;
    if (field === undefined) continue;
    const list = (Array.isArray(value) ? value : [value]).map(String);
    if (field.array) fields[name] = list;
    else if (field.type === 'ip') putIp(fields, name, list[0]);
    else if (field.type === 'long') putNumber(fields, name, list[0]);
    else if (field.type === 'keyword') put(fields, name, list[0]);
  }
};

const claims = (record: RawRecord): boolean => readExported(record) !== undefined;

export default {
  id: 'windows-security',
  title: 'Windows event log, exported as JSON',
  references: [
    {
      title: 'Microsoft: advanced security audit events',
      url: 'https://learn.microsoft.com/windows/security/threat-protection/auditing/advanced-security-audit-policy-settings',
    },
    {
      title: 'Elastic: winlogbeat exported fields',
      url: 'https://www.elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html',
    },
    { title: 'NXLog: im_msvistalog fields', url: 'https://docs.nxlog.co/refman/current/im/msvistalog.html' },
    {
      title: 'Microsoft: SecurityEvent table',
      url: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityevent',
    },
    {
      title: 'Microsoft Sysinternals: Sysmon events',
      url: 'https://learn.microsoft.com/sysinternals/downloads/sysmon',
    },
  ],
  framing: 'json',
  states: { zone: 'varies', year: 'stated', resolution: 'us' },
  families: [
    'Winlogbeat and Elastic Agent, NXLog, Wazuh, EvtxECmd, evtx_dump, Velociraptor, Sentinel SecurityEvent, PowerShell',
    'Security, System, Remote Desktop session and connection managers, Sysmon, PowerShell, Defender; any other log by its event id',
  ],
  limits: ['XML and plain-text renderings', 'event data without names (Get-WinEvent Properties) stay numbered'],
  recognise: recogniseBy(claims, 'are Windows events in JSON', 0.98),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
