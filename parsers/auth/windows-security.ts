import type { Fields } from '../../src/ecs/event.ts';
import { fieldOf } from '../../src/ecs/fields.ts';
import { flatten } from '../../src/ecs/nest.ts';
import { type Civil, epochMicros, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import { isObject, type Json, keepJson, parseJson, valueAt } from '../../src/parse/kit/json.ts';
import { once } from '../../src/parse/kit/once.ts';
import { put, putIp, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putWindowsEvent, type WindowsEvent } from '../../src/parse/kit/windows-event.ts';
import { putData, readWindowsData, windowsText, windowsTextAt } from '../../src/parse/kit/windows-json.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** An event out of one of the JSON dialects, its times as written, and what the exporter added, with its vendor name. */
interface Exported extends WindowsEvent {
  readonly time: unknown;
  readonly received?: unknown;
  readonly extra?: readonly [prefix: string, values: Json, without: readonly string[]];
  /** A document with ECS fields beside `winlog`. */
  readonly ecs?: Json;
}

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const joined = (domain: string | undefined, name: string | undefined): string | undefined =>
  name === undefined ? undefined : domain === undefined ? name : `${domain}\\${name}`;

/** Winlogbeat and Elastic Agent: https://www.elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html */
const readWinlogbeat = (root: Json): Exported | undefined => {
  const winlog = isObject(root['winlog']) ? root['winlog'] : undefined;
  const code = windowsTextAt(winlog, 'event_id') ?? windowsTextAt(root, 'winlog.event_id', 'event.code');
  const old =
    winlog === undefined &&
    windowsTextAt(root, 'event_id') !== undefined &&
    windowsTextAt(root, 'log_name', 'computer_name') !== undefined;
  if (winlog === undefined && !old) return undefined;
  const from = winlog ?? root;
  const id = code ?? windowsTextAt(root, 'event_id');
  if (id === undefined) return undefined;
  const data = readWindowsData(valueAt(from, 'event_data'));
  for (const [name, value] of readWindowsData(valueAt(from, 'user_data'))) putData(data, name, value);
  return {
    code: id,
    provider: windowsTextAt(from, 'provider_name', 'source_name'),
    channel: windowsTextAt(from, 'channel', 'log_name'),
    computer: windowsTextAt(from, 'computer_name') ?? windowsTextAt(root, 'host.name'),
    recordId: windowsTextAt(from, 'record_id', 'record_number'),
    keywords: [windowsTextAt(from, 'keywords'), windowsTextAt(from, 'outcome'), windowsTextAt(root, 'event.outcome')]
      .filter((word) => word !== undefined)
      .join(' '),
    pid: windowsTextAt(from, 'process.pid', 'process_id'),
    account:
      joined(windowsTextAt(from, 'user.domain'), windowsTextAt(from, 'user.name')) ??
      windowsTextAt(from, 'user.identifier'),
    message: windowsTextAt(root, 'message'),
    data,
    time: valueAt(from, 'time_created') ?? root['@timestamp'],
    received: valueAt(root, 'event.created', 'event.ingested'),
    ecs: root,
    extra: ['elastic.winlogbeat', root, ['winlog', 'message', '@timestamp', '@version', 'event_data', 'event', 'ecs']],
  };
};

/** Wazuh: https://documentation.wazuh.com/current/user-manual/capabilities/log-data-collection/configuration.html */
const readWazuh = (root: Json): Exported | undefined => {
  const win = valueAt(root, 'win', 'data.win');
  const code = windowsTextAt(win, 'system.eventID', 'system.eventId');
  if (code === undefined) return undefined;
  const system = valueAt(win, 'system');
  const data = readWindowsData(valueAt(win, 'eventdata'), pascal);
  for (const [name, value] of readWindowsData(valueAt(win, 'userdata', 'logFileCleared', 'eventXML'), pascal))
    putData(data, name, value);
  return {
    code,
    provider: windowsTextAt(system, 'providerName'),
    channel: windowsTextAt(system, 'channel'),
    computer: windowsTextAt(system, 'computer') ?? windowsTextAt(root, 'agent.name'),
    recordId: windowsTextAt(system, 'eventRecordID'),
    keywords: windowsTextAt(system, 'keywords', 'severityValue'),
    pid: windowsTextAt(system, 'processID'),
    message: windowsTextAt(system, 'message')?.replace(/^"|"$/g, ''),
    data,
    time: valueAt(system, 'systemTime') ?? root['timestamp'],
    extra: ['wazuh.alert', root, ['win', 'data', 'timestamp', '@timestamp']],
  };
};

/** evtx_dump, Velociraptor and other renderings of the XML: `Event.System`, `System` */
const readEvtx = (root: Json): Exported | undefined => {
  const event = isObject(root['Event']) ? root['Event'] : root;
  const system = valueAt(event, 'System');
  const code = windowsTextAt(system, 'EventID');
  if (code === undefined) return undefined;
  const data = readWindowsData(valueAt(event, 'EventData'));
  for (const [name, value] of readWindowsData(valueAt(event, 'UserData'))) putData(data, name, value);
  const attribute = (element: string, name: string): unknown =>
    valueAt(valueAt(system, element), `#attributes.${name}`, `@attributes.${name}`, `@${name}`, name) ??
    valueAt(system, `${element}_attributes.${name}`);
  return {
    code,
    provider: windowsText(attribute('Provider', 'Name')),
    channel: windowsTextAt(system, 'Channel'),
    computer: windowsTextAt(system, 'Computer'),
    recordId: windowsTextAt(system, 'EventRecordID'),
    keywords: windowsTextAt(system, 'Keywords'),
    pid: windowsText(attribute('Execution', 'ProcessID')),
    account: windowsText(attribute('Security', 'UserID')),
    message: windowsTextAt(root, 'Message') ?? windowsTextAt(event, 'RenderingInfo.Message', 'Message'),
    data,
    time: attribute('TimeCreated', 'SystemTime') ?? valueAt(system, 'TimeCreated'),
  };
};

/** OpenTelemetry's `windowseventlog` receiver, alone or as the body of a log record: `event_id` is an object. */
const readOpenTelemetry = (root: Json): Exported | undefined => {
  const body = isObject(root['body']) ? root['body'] : root;
  const code = windowsTextAt(body, 'event_id.id');
  if (code === undefined || valueAt(body, 'channel') === undefined) return undefined;
  return {
    code,
    provider: windowsTextAt(body, 'provider.name'),
    channel: windowsTextAt(body, 'channel'),
    computer: windowsTextAt(body, 'computer'),
    recordId: windowsTextAt(body, 'record_id'),
    keywords: windowsTextAt(body, 'keywords'),
    pid: windowsTextAt(body, 'execution.process_id'),
    account: windowsTextAt(body, 'security.user_id'),
    message: windowsTextAt(body, 'message'),
    data: readDataList(body['event_data']),
    time: body['system_time'],
  };
};

/** Newer releases of the receiver write the data as `[{"IpAddress": "…"}, …]` below `data`. */
const readDataList = (source: unknown): Map<string, string> => {
  const list = isObject(source) && Array.isArray(source['data']) ? source['data'] : undefined;
  const data = readWindowsData(list === undefined ? source : undefined);
  for (const item of (list ?? []).slice(0, 500))
    for (const [name, value] of Object.entries(isObject(item) ? item : {}))
      putData(data, name === '' ? `param${data.size + 1}` : name, value);
  return data;
};

/** EvtxECmd (E. Zimmerman) `--json`: the data are a JSON text in `Payload`. */
const readEvtxECmd = (root: Json): Exported | undefined => {
  const code = windowsTextAt(root, 'EventId');
  const payload = windowsTextAt(root, 'Payload');
  if (code === undefined || payload === undefined) return undefined;
  const parsed = parseJson(payload);
  return {
    code,
    provider: windowsTextAt(root, 'Provider'),
    channel: windowsTextAt(root, 'Channel'),
    computer: windowsTextAt(root, 'Computer'),
    recordId: windowsTextAt(root, 'EventRecordId', 'RecordNumber'),
    keywords: windowsTextAt(root, 'Keywords'),
    pid: windowsTextAt(root, 'ProcessId'),
    account: windowsTextAt(root, 'UserId'),
    data: readWindowsData(valueAt(parsed, 'EventData', 'UserData')),
    time: valueAt(root, 'TimeCreated'),
    extra: ['evtxecmd', root, ['Payload']],
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
  const code =
    windowsTextAt(root, 'EventID', 'EventId') ??
    (root['LogName'] === undefined ? undefined : windowsTextAt(root, 'Id'));
  if (code === undefined || !/^\d{1,5}$/.test(code)) return undefined;
  if (
    valueAt(root, 'Channel', 'LogName', 'SourceName', 'EventSourceName', 'ProviderName', 'Computer', 'Hostname') ===
    undefined
  )
    return undefined;
  const text = windowsText(root['EventData']);
  // Sentinel's WindowsEvent table may hold the data as a JSON text
  const data = readWindowsData(text?.startsWith('{') ? parseJson(text) : root['EventData']);
  for (const [name, value] of Object.entries(root)) if (!FLAT_SYSTEM.has(name)) putData(data, name, value);
  // beside AccountType it is the account that wrote the event, else the event's own (4778, 4825)
  if (root['AccountType'] === undefined) putData(data, 'AccountName', root['AccountName']);
  const properties = root['Properties'];
  if (Array.isArray(properties))
    for (const [n, item] of properties.slice(0, 500).entries()) putData(data, `param${n + 1}`, item);
  return {
    code,
    provider: windowsTextAt(root, 'SourceName', 'EventSourceName', 'ProviderName', 'Provider', 'Source'),
    channel: windowsTextAt(root, 'Channel', 'LogName'),
    computer: windowsTextAt(root, 'Hostname', 'Computer', 'MachineName'),
    recordId: windowsTextAt(root, 'RecordNumber', 'EventRecordID', 'EventRecordId', 'RecordId'),
    keywords: [windowsTextAt(root, 'EventType'), windowsTextAt(root, 'Keywords')]
      .filter((word) => word !== undefined)
      .join(' '),
    pid: windowsTextAt(root, 'ProcessID'),
    account:
      (root['AccountType'] === undefined
        ? undefined
        : joined(windowsTextAt(root, 'Domain'), windowsTextAt(root, 'AccountName'))) ??
      windowsTextAt(root, 'Account', 'UserID', 'UserId'),
    message: windowsTextAt(root, 'Message', 'message'),
    data,
    time: valueAt(root, 'EventTime', 'TimeCreated', 'TimeGenerated', '@timestamp', 'EventReceivedTime'),
    received: valueAt(root, 'EventReceivedTime'),
    extra: ['windows.export', root, [...data.keys(), 'Message', 'message', 'EventData', 'Properties']],
  };
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
  const inner =
    valueAt(root, '_source', 'document.data') ?? (root['winlog'] === undefined ? valueAt(root, 'fields') : undefined);
  return unflatten(isObject(inner) ? inner : root);
};

const readExported = once((record): Exported | undefined => {
  const start = record.text.indexOf('{');
  if (start < 0 || start > 512) return undefined;
  const parsed = parseJson(record.text.slice(start));
  if (!isObject(parsed)) return undefined;
  const root = unwrap(parsed);
  return (
    readWinlogbeat(root) ??
    readWazuh(root) ??
    readOpenTelemetry(root) ??
    readEvtx(root) ??
    readEvtxECmd(root) ??
    readFlat(root)
  );
});

/** ISO, epoch in any unit, .NET's `/Date(1635718447123)/`, US order as PowerShell prints it. */
const readTime = (value: unknown): Civil | number | undefined => {
  const word = windowsText(value);
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
  if (event.extra !== undefined) {
    const [prefix, values, without] = event.extra;
    keepJson(fields, prefix, values, new Set(without));
  }
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
    'Winlogbeat and Elastic Agent, NXLog, Wazuh, EvtxECmd, evtx_dump, Velociraptor, Sentinel SecurityEvent and WindowsEvent, OpenTelemetry, PowerShell',
    'Security, System, Remote Desktop session and connection managers, Sysmon, PowerShell, Defender; any other log by its event id',
  ],
  limits: ['event data without names (Get-WinEvent Properties) stay numbered'],
  recognise: recogniseBy(claims, 'are Windows events in JSON', 0.98),
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
