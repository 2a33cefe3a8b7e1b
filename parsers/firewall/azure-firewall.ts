import { canonicalIp } from '../../src/core/net.ts';
import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readAzureFirewallMessage } from '../../src/parse/kit/azure-firewall.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { putQuestion, putResponse } from '../../src/parse/kit/dns.ts';
import { words } from '../../src/parse/kit/field-map.ts';
import { openHeaded, readRow } from '../../src/parse/kit/headed.ts';
import { isObject, type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { azureColumn, readCloudTime, resourcePart } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, isTransport, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy, recogniseTable } from '../../src/parse/kit/recognise.ts';
import { putBareUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type ParseContext, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- record

/** One entry, whichever way it was logged; `table` as Log Analytics names it. */
interface Entry {
  readonly table: string;
  readonly time: string | undefined;
  readonly resource: string | undefined;
  readonly values: Json;
  /** The sentence of a legacy log. */
  readonly message?: string;
}

const LEGACY = /^AzureFirewall(?:NetworkRule|ApplicationRule|NatRule|ThreatIntel|IDS|DnsProxy)/;
const STRUCTURED = /^AZFW[A-Za-z]{3,40}$/;

const ofMessage = (category: string, text: string, rest: Omit<Entry, 'table' | 'values'>): Entry => {
  const read = readAzureFirewallMessage(category, text);
  return { ...rest, table: read?.table ?? category, values: read?.values ?? {}, message: text };
};

/** Diagnostic settings: `{"time":…,"resourceId":…,"category":"AZFWNetworkRule","properties":{…}}`, `{…,"properties":{"msg":"…"}}` */
const ofSettings = (object: Json): Entry | undefined => {
  const category = textAt(object, 'category') ?? '';
  const rest = { time: textAt(object, 'time', 'timeStamp'), resource: textAt(object, 'resourceId') };
  const properties = object['properties'];
  if (!isObject(properties)) return undefined;
  const text = textAt(properties, 'msg', 'message');
  if (LEGACY.test(category) && text !== undefined) return ofMessage(category, text, rest);
  return STRUCTURED.test(category) ? { ...rest, table: category, values: properties } : undefined;
};

/** Columns that tell the table where a row does not name it. */
// biome-ignore format: a table
const TABLES: readonly (readonly [table: string, ...columns: string[]])[] = [
  ['AZFWNatRule', 'TranslatedIp', 'RuleCollection'],
  ['AZFWIdpsSignature', 'SignatureId', 'SourceIp', 'Severity'],
  ['AZFWDnsQuery', 'QueryName', 'QueryType', 'SourceIp', 'EDNS0BufferSize'],
  ['AZFWThreatIntel', 'ThreatDescription', 'SourceIp', 'Action'],
  ['AZFWApplicationRule', 'Fqdn', 'SourceIp', 'RuleCollection', 'Action'],
  ['AZFWNetworkRule', 'DestinationIp', 'SourceIp', 'RuleCollection', 'Action'],
];

/** Log Analytics: a row of a table of its own, or of AzureDiagnostics, as JSON or CSV. */
const ofTable = (row: Json): Entry | undefined => {
  const rest = {
    time: textAt(row, 'TimeGenerated'),
    resource: textAt(row, '_ResourceId', 'ResourceId', 'Resource'),
  };
  if (rest.time === undefined) return undefined;
  const category = textAt(row, 'Category') ?? '';
  const text = textAt(row, 'msg_s');
  if (LEGACY.test(category) && text !== undefined) return ofMessage(category, text, rest);
  const type = textAt(row, 'Type') ?? '';
  const table = STRUCTURED.test(type)
    ? type
    : TABLES.find(([, ...columns]) => columns.every((name) => Object.hasOwn(row, name)))?.[0];
  return table === undefined ? undefined : { ...rest, table, values: row };
};

const readEntry = once(({ text }: RawRecord): Entry | undefined => {
  if (!/"(?:category|Category|SourceIp)"/.test(text)) return undefined;
  const object = readObject(text);
  for (const one of [object, object?.['data'], object?.['json'], object?.['azure']]) {
    const found = isObject(one) ? (ofSettings(one) ?? ofTable(one)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
});

// ---------------------------------------------------------------- meaning

/** `Alert` lets pass. */
const verdictOf = ({ values }: Entry): 'denied' | 'allowed' | undefined => {
  const action = textAt(values, 'Action') ?? '';
  if (/^(?:deny|denied|drop|reject|block)/i.test(action)) return 'denied';
  return /^(?:allow|alert)/i.test(action) ? 'allowed' : undefined;
};

const putName = (fields: Fields, side: string, value: string | undefined): void => {
  // a connection without a name, as the firewall writes it
  if (value === undefined || /^(?:unknown|no_data|n\/?a)$/i.test(value)) return;
  // what a cut sentence leaves of an address is no name
  if (!putIp(fields, `${side}.ip`, value) && !/^[\d.]+$/.test(value))
    put(fields, `${side}.domain`, value.toLowerCase());
};

const putPort = (fields: Fields, name: string, value: string | undefined): void => {
  if (value !== '0') putNumber(fields, name, value);
};

const putConnection = (fields: Fields, values: Json): void => {
  const at = (...names: string[]): string | undefined => textAt(values, ...names);
  putName(fields, 'source', at('SourceIp'));
  putName(fields, 'destination', at('DestinationIp'));
  const name = at('Fqdn', 'DestinationFqdn');
  if (name !== undefined && canonicalIp(name) === undefined) putName(fields, 'destination', name);
  else if (fields['destination.ip'] === undefined) putName(fields, 'destination', name);
  putPort(fields, 'source.port', at('SourcePort'));
  putPort(fields, 'destination.port', at('DestinationPort'));
  const protocol = at('Protocol')?.toLowerCase().split(' ', 1)[0] ?? '';
  if (isTransport(protocol)) putTransport(fields, protocol);
  else if (protocol !== '') {
    fields['network.protocol'] = protocol;
    putTransport(fields, 'tcp');
  }
  put(fields, 'rule.name', at('Rule'));
  put(fields, 'rule.ruleset', at('RuleCollection'));
  put(fields, 'event.reason', at('ActionReason'));
};

const putTarget = (fields: Fields, values: Json): void => {
  putBareUrl(fields, textAt(values, 'TargetUrl'));
  put(fields, 'rule.category', textAt(values, 'WebCategory'));
};

type Reader = (fields: Fields, entry: Entry) => Act;

/** A connection, logged once, without what it carried. */
const readConnection: Reader = (fields, entry) => {
  const verdict = verdictOf(entry);
  put(fields, 'event.action', textAt(entry.values, 'Action')?.toLowerCase());
  categorise(fields, ['network'], ['connection', verdict ?? 'info'], verdict === undefined ? undefined : 'success');
  return verdict === 'denied' ? 'flow-denied' : verdict === 'allowed' ? 'flow' : 'other';
};

/** HTTP, and TLS where it is inspected, is known by its URL; of other TLS the name alone. */
const readApplication: Reader = (fields, entry) => {
  putTarget(fields, entry.values);
  if (fields['url.original'] === undefined) return readConnection(fields, entry);
  const verdict = verdictOf(entry);
  put(fields, 'event.action', textAt(entry.values, 'Action')?.toLowerCase());
  // what the server answered is not logged
  categorise(fields, ['web', 'network'], ['access', verdict ?? 'info'], verdict === 'denied' ? 'failure' : 'unknown');
  return 'http-request';
};

/** A rule for what comes from outside: the connection goes on to the translated end. */
const readNat: Reader = (fields, { values }) => {
  putIp(fields, 'destination.nat.ip', textAt(values, 'TranslatedIp'));
  putPort(fields, 'destination.nat.port', textAt(values, 'TranslatedPort'));
  fields['event.action'] = 'dnat';
  categorise(fields, ['network'], ['connection', 'allowed'], 'success');
  return 'flow';
};

const readThreat: Reader = (fields, entry) => {
  putTarget(fields, entry.values);
  const verdict = verdictOf(entry);
  fields['event.kind'] = 'alert';
  put(fields, 'event.action', textAt(entry.values, 'Action')?.toLowerCase());
  categorise(
    fields,
    ['intrusion_detection', 'network'],
    [verdict ?? 'info'],
    verdict && (verdict === 'denied' ? 'failure' : 'success'),
  );
  return 'threat';
};

const readIntelligence: Reader = (fields, entry) => {
  put(fields, 'threat.indicator.name', textAt(entry.values, 'ThreatDescription'));
  fields['rule.category'] = 'threat intelligence';
  return readThreat(fields, entry);
};

const readSignature: Reader = (fields, entry) => {
  const at = (name: string): string | undefined => textAt(entry.values, name);
  put(fields, 'rule.id', at('SignatureId'));
  put(fields, 'rule.name', at('Description'));
  put(fields, 'rule.category', at('Category'));
  putNumber(fields, 'event.severity', at('Severity'));
  return readThreat(fields, entry);
};

const readQuery: Reader = (fields, { values }) => {
  const at = (name: string): string | undefined => textAt(values, name);
  putQuestion(fields, at('QueryName'), at('QueryType'), at('QueryClass'));
  put(fields, 'dns.id', at('QueryId'));
  categorise(fields, ['network'], ['protocol']);
  putResponse(fields, at('ResponseCode'));
  put(fields, 'event.reason', at('ErrorMessage'));
  fields['event.action'] = 'dns-query';
  return 'dns-query';
};

/** Packets and rates of connections that rules have told of already. */
const readTrace: Reader = (fields, entry) => {
  put(fields, 'event.action', (textAt(entry.values, 'Flag', 'Action') ?? entry.table).toLowerCase());
  categorise(fields, ['network'], ['info']);
  return 'other';
};

/** https://learn.microsoft.com/azure/firewall/monitor-firewall-reference#resource-logs */
const READERS: Readonly<Record<string, Reader>> = {
  AZFWNetworkRule: readConnection,
  AZFWApplicationRule: readApplication,
  AZFWNatRule: readNat,
  AZFWThreatIntel: readIntelligence,
  AZFWIdpsSignature: readSignature,
  AZFWDnsQuery: readQuery,
};

/** Columns of every table of Log Analytics, and what has a field of its own. */
const MAPPED = new Set(
  words(`TimeGenerated TenantId SourceSystem Type _ResourceId _SubscriptionId SourceIp SourcePort DestinationIp
    DestinationPort TranslatedIp TranslatedPort Fqdn TargetUrl Action Rule RuleCollection ActionReason QueryName
    QueryType QueryClass QueryId ResponseCode SignatureId Description`),
);

const eventOf = (context: ParseContext, entry: Entry, text: string): Outcome => {
  const fields: Fields = {
    'observer.vendor': 'Microsoft',
    'observer.product': 'Azure Firewall',
    'observer.type': 'firewall',
    'cloud.provider': 'azure',
  };
  const time = readCloudTime(entry.time);
  if (time === undefined) return rejected('bad-time', `no time: ${(entry.time ?? '').slice(0, 40)}`);
  context.clock.stamp(fields, time);
  put(fields, 'event.dataset', entry.table);
  put(fields, 'message', entry.message);
  // the path is written in capitals in one log and as it was created in another
  const { resource } = entry;
  put(fields, 'observer.name', resource?.slice(resource.lastIndexOf('/') + 1).toLowerCase());
  put(fields, 'cloud.account.id', resourcePart(resource, 'subscriptions')?.toLowerCase());
  putConnection(fields, entry.values);
  const act = (own(READERS, entry.table) ?? readTrace)(fields, entry);
  if (entry.message !== undefined && fields['source.ip'] === undefined) warn(fields, 'message-unread');
  keepJson(fields, 'azure.firewall', entry.values, MAPPED);
  relateAddresses(fields, text.slice(0, 8192));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- CSV

const headerOf = (text: string): readonly string[] | undefined => {
  if (text.length > 8000 || text.startsWith('{') || !text.includes('TimeGenerated')) return undefined;
  const names = readCsv(text.replace(/^\uFEFF/, ''))?.map((name) => azureColumn(name.trim()));
  if (names === undefined || !names.includes('TimeGenerated')) return undefined;
  const has = (column: string): boolean => names.includes(column);
  // rows of AzureDiagnostics are of any resource: each says itself whether it is the firewall's
  return (has('msg_s') && has('Category')) || TABLES.some(([, ...columns]) => columns.every(has)) ? names : undefined;
};

const rowOf = (text: string, header: readonly string[]): Entry | undefined => {
  const row = readRow(text, header);
  return row === undefined ? undefined : ofTable(row);
};

// ---------------------------------------------------------------- parser

const claims = (record: RawRecord): boolean => readEntry(record) !== undefined;

const open = openHeaded({ readEntry, headerOf, rowOf, eventOf, isNone: 'no entry of an Azure Firewall' });

const recognise = recogniseTable(
  ([first, second]) => {
    const header = first === undefined ? undefined : headerOf(first.text.trim());
    return header !== undefined && second !== undefined && rowOf(second.text.trim(), header) !== undefined;
  },
  { certainty: 0.95, reason: 'its header has the columns of a table of Azure Firewall' },
  recogniseBy(claims, 'are of Azure Firewall', 0.98),
);

export default {
  id: 'azure-firewall',
  title: 'Azure Firewall',
  references: [
    {
      title: 'Microsoft: Azure Firewall monitoring data reference',
      url: 'https://learn.microsoft.com/azure/firewall/monitor-firewall-reference',
    },
    {
      title: 'Microsoft: Azure Firewall diagnostic logs (legacy)',
      url: 'https://learn.microsoft.com/azure/firewall/diagnostic-logs',
    },
    {
      title: 'Microsoft: table AZFWNetworkRule',
      url: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwnetworkrule',
    },
    {
      title: 'Microsoft: table AZFWApplicationRule',
      url: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwapplicationrule',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'structured logs: network, application and DNAT rules, threat intelligence, IDPS, DNS proxy; flow trace and top flows as they are',
    'legacy logs, whose message is a sentence: the same',
    'records of diagnostic settings (storage, event hub) and rows of Log Analytics as JSON or CSV, those of AzureDiagnostics among them',
  ],
  limits: [
    'connections are logged once and without bytes',
    'an application rule names the server and not its address; what it answered is not logged',
    'source and destination of an IDPS alert are those of the packet',
    'a CSV row whose cells hold line breaks',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
