import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros } from '../../src/parse/kit/civil.ts';
import { putAnswer, putQuestion } from '../../src/parse/kit/dns.ts';
import { putSpan } from '../../src/parse/kit/flow.ts';
import { isObject, type Json, keepJson, listAt, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { add, categorise, put, putNumber, putTransport, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

type Reader = (fields: Fields, row: Json, context: ParseContext) => Act;
type Outcomes = 'success' | 'failure' | undefined;

/** RFC 3339, or epoch seconds or nanoseconds, as the job was set up. */
const readTime = (text: string | undefined): Civil | number | undefined =>
  epochMicros(text ?? '') ?? readCloudTime(text);

const REFUSED =
  /^(?:block|drop|deny|challenge|jschallenge|managedChallenge|managed_challenge|connectionClose|l4Override$)/i;

// ---------------------------------------------------------------- zone datasets

const putClient = (fields: Fields, row: Json): void => {
  putCloudIp(fields, 'source', textAt(row, 'ClientIP', 'SourceIP', 'SrcIP', 'IPAddress', 'ActorIP'));
  putNumber(fields, 'source.port', textAt(row, 'ClientSrcPort', 'SourcePort', 'SrcPort'));
  putNumber(fields, 'source.as.number', textAt(row, 'ClientASN'));
  put(fields, 'source.geo.country_iso_code', textAt(row, 'ClientCountry', 'Country', 'SrcIPCountry')?.toUpperCase());
  put(fields, 'user_agent.original', textAt(row, 'ClientRequestUserAgent', 'UserAgent')?.slice(0, 4000));
};

const http: Reader = (fields, row) => {
  putClient(fields, row);
  const [host, uri] = [textAt(row, 'ClientRequestHost'), textAt(row, 'ClientRequestURI', 'ClientRequestPath')];
  putUrl(fields, uri);
  put(fields, 'url.domain', host?.toLowerCase());
  put(fields, 'url.scheme', textAt(row, 'ClientRequestScheme'));
  put(fields, 'http.request.method', textAt(row, 'ClientRequestMethod'));
  put(fields, 'http.version', textAt(row, 'ClientRequestProtocol')?.replace(/^HTTP\//, ''));
  put(fields, 'http.request.referrer', textAt(row, 'ClientRequestReferer'));
  putNumber(fields, 'http.response.status_code', textAt(row, 'EdgeResponseStatus'));
  putNumber(fields, 'source.bytes', textAt(row, 'ClientRequestBytes'));
  putNumber(fields, 'destination.bytes', textAt(row, 'EdgeResponseBytes'));
  putCloudIp(fields, 'destination', textAt(row, 'OriginIP'));
  put(fields, 'tls.version', textAt(row, 'ClientSSLProtocol'));
  put(fields, 'tls.client.ja3', textAt(row, 'JA3Hash'));
  put(fields, 'http.request.id', textAt(row, 'RayID'));
  const action = textAt(row, 'SecurityAction', 'WAFAction', 'FirewallMatchesActions');
  put(fields, 'event.action', action);
  put(fields, 'rule.id', textAt(row, 'SecurityRuleID', 'WAFRuleID'));
  put(fields, 'rule.name', textAt(row, 'SecurityRuleDescription', 'WAFRuleMessage'));
  const status = Number(fields['http.response.status_code'] ?? 0);
  const refused = REFUSED.test(action ?? '');
  categorise(
    fields,
    ['web', 'network'],
    refused ? ['access', 'denied'] : ['access'],
    refused || status >= 400 ? 'failure' : 'success',
  );
  return 'http-request';
};

const firewall: Reader = (fields, row, context) => {
  http(fields, row, context);
  put(fields, 'url.query', textAt(row, 'ClientRequestQuery')?.replace(/^\?/, ''));
  const action = textAt(row, 'Action');
  put(fields, 'event.action', action);
  put(fields, 'rule.id', textAt(row, 'RuleID'));
  put(fields, 'rule.name', textAt(row, 'Description'));
  put(fields, 'rule.category', textAt(row, 'Source'));
  const refused = REFUSED.test(action ?? '');
  categorise(fields, ['web', 'threat'], refused ? ['denied'] : ['indicator'], refused ? 'failure' : 'success');
  return 'threat';
};

const spectrum: Reader = (fields, row) => {
  putClient(fields, row);
  putNumber(fields, 'source.port', textAt(row, 'ClientPort'));
  putCloudIp(fields, 'destination', textAt(row, 'OriginIP'));
  putNumber(fields, 'destination.port', textAt(row, 'OriginPort'));
  putNumber(fields, 'source.bytes', textAt(row, 'ClientBytes'));
  putNumber(fields, 'destination.bytes', textAt(row, 'OriginBytes'));
  putTransport(fields, textAt(row, 'ClientProto'));
  const event = textAt(row, 'Event');
  put(fields, 'event.action', event);
  const failed = /fail|reject|error/i.test(event ?? '');
  categorise(fields, ['network'], ['connection', failed ? 'denied' : 'info'], failed ? 'failure' : 'success');
  if (event === 'connect') return 'flow-start';
  return failed ? 'flow-denied' : 'flow';
};

// ---------------------------------------------------------------- account datasets

/** Cloudflare Access: `Action` is login or logout, `Allowed` whether it was let in. */
const access: Reader = (fields, row) => {
  putClient(fields, row);
  putUser(fields, 'user', textAt(row, 'Email'));
  put(fields, 'user.id', textAt(row, 'UserUID'));
  put(fields, 'service.name', textAt(row, 'AppDomain'));
  put(fields, 'einfallstor.login.method', textAt(row, 'Connection'));
  const action = textAt(row, 'Action') ?? 'login';
  put(fields, 'event.action', action);
  const outcome: Outcomes = textAt(row, 'Allowed') === 'true' ? 'success' : 'failure';
  if (action === 'logout') {
    categorise(fields, ['session'], ['end'], 'success');
    return 'logout';
  }
  fields['service.type'] = 'web';
  categorise(fields, ['authentication'], [outcome === 'success' ? 'start' : 'info'], outcome);
  return 'login';
};

/** What was done to the account: https://developers.cloudflare.com/fundamentals/account/account-security/review-audit-logs/ */
const audit: Reader = (fields, row) => {
  const at = (...names: string[]): string | undefined => textAt(row, ...names);
  putCloudIp(fields, 'source', at('ActorIP', 'actor.ip', 'actor.ip_address'));
  putUser(fields, 'user', at('ActorEmail', 'actor.email'));
  put(fields, 'user.id', at('ActorID', 'actor.id'));
  const [action, resource] = [at('ActionType', 'action.type') ?? '', at('ResourceType', 'resource.type') ?? ''];
  put(fields, 'event.action', action);
  put(fields, 'einfallstor.change.object', [resource, at('ResourceID', 'resource.id')].filter(Boolean).join(' '));
  const told = ['OldValue', 'NewValue', 'oldValue', 'newValue'].filter(
    (name) => row[name] !== undefined && row[name] !== '',
  );
  const shown = told.map((name) => `${name}=${at(name) ?? JSON.stringify(row[name])}`);
  put(fields, 'einfallstor.change.attributes', shown.join('; ').slice(0, 4000));
  const failed = /^(?:false|failure)$/.test(at('ActionResult', 'action.result') ?? '');
  const outcome: Outcomes = failed ? 'failure' : 'success';
  if (/^log_?in/i.test(action)) {
    categorise(fields, ['authentication'], [failed ? 'info' : 'start'], outcome);
    return 'admin-login';
  }
  if (/^log_?out/i.test(action)) {
    categorise(fields, ['session'], ['end'], outcome);
    return 'logout';
  }
  if (
    /^(?:token|user|account_member|member)/i.test(resource) ||
    /token|two_?factor|password|rotate_api_key|api_key/i.test(action)
  ) {
    categorise(fields, ['iam'], ['change'], outcome);
    return /member/i.test(resource) || /member/i.test(action) ? 'group-changed' : 'account-changed';
  }
  if (/logpush/i.test(`${resource} ${action}`) && /delete|disable/i.test(action)) {
    categorise(fields, ['configuration'], ['deletion'], outcome);
    return 'log-cleared';
  }
  categorise(fields, ['configuration'], ['change'], outcome);
  return 'config-change';
};

const putDevice = (fields: Fields, row: Json): void => {
  putUser(fields, 'user', textAt(row, 'Email'));
  put(fields, 'user.id', textAt(row, 'UserID'));
  put(fields, 'device.id', textAt(row, 'DeviceID'));
  put(fields, 'source.domain', textAt(row, 'DeviceName')?.toLowerCase());
  put(fields, 'rule.name', textAt(row, 'PolicyName'));
  put(fields, 'rule.id', textAt(row, 'PolicyID'));
};

/** WARP tells the address within the private network beside the public one. */
const putInner = (fields: Fields, row: Json): void => {
  const inner: Fields = {};
  if (!putCloudIp(inner, 'source', textAt(row, 'SourceInternalIP'))) return;
  add(fields, 'related.ip', inner['source.ip'] as string);
};

const gatewayDns: Reader = (fields, row) => {
  putClient(fields, row);
  putDevice(fields, row);
  putCloudIp(fields, 'destination', textAt(row, 'DstIP'));
  putNumber(fields, 'destination.port', textAt(row, 'DstPort'));
  putQuestion(fields, textAt(row, 'QueryName'), textAt(row, 'QueryTypeName', 'QueryType'));
  for (const ip of listAt(row, 'ResolvedIPs').slice(0, 50)) if (typeof ip === 'string') putAnswer(fields, ip);
  const decision = textAt(row, 'ResolverDecision', 'Decision');
  put(fields, 'event.action', decision);
  const refused = /^blocked/i.test(decision ?? '');
  categorise(fields, ['network'], ['protocol', refused ? 'denied' : 'info'], refused ? 'failure' : 'success');
  return 'dns-query';
};

const gatewayHttp: Reader = (fields, row) => {
  putClient(fields, row);
  putDevice(fields, row);
  putInner(fields, row);
  putCloudIp(fields, 'destination', textAt(row, 'DestinationIP'));
  putNumber(fields, 'destination.port', textAt(row, 'DestinationPort'));
  putUrl(fields, textAt(row, 'URL'));
  put(fields, 'url.domain', textAt(row, 'HTTPHost')?.toLowerCase());
  put(fields, 'http.request.method', textAt(row, 'HTTPMethod'));
  put(fields, 'http.version', textAt(row, 'HTTPVersion')?.replace(/^HTTP\//, ''));
  put(fields, 'http.request.referrer', textAt(row, 'Referer'));
  putNumber(fields, 'http.response.status_code', textAt(row, 'HTTPStatusCode'));
  put(fields, 'file.hash.sha256', textAt(row, 'BlockedFileHash')?.toLowerCase());
  put(fields, 'file.name', textAt(row, 'BlockedFileName'));
  const action = textAt(row, 'Action');
  put(fields, 'event.action', action);
  const refused = REFUSED.test(action ?? '');
  categorise(fields, ['web', 'network'], refused ? ['access', 'denied'] : ['access'], refused ? 'failure' : 'success');
  return textAt(row, 'BlockedFileHash') === undefined ? 'http-request' : 'threat';
};

const gatewayNetwork: Reader = (fields, row) => {
  putClient(fields, row);
  putDevice(fields, row);
  putInner(fields, row);
  putCloudIp(fields, 'destination', textAt(row, 'DestinationIP'));
  putNumber(fields, 'destination.port', textAt(row, 'DestinationPort'));
  putTransport(fields, textAt(row, 'Transport'));
  put(fields, 'network.protocol', textAt(row, 'DetectedProtocol')?.toLowerCase());
  put(fields, 'destination.domain', textAt(row, 'SNI')?.toLowerCase());
  const action = textAt(row, 'Action');
  put(fields, 'event.action', action);
  const refused = REFUSED.test(action ?? '');
  categorise(fields, ['network'], ['connection', refused ? 'denied' : 'start'], 'success');
  // bytes are told by the session alone
  return refused ? 'flow-denied' : 'flow-start';
};

const session: Reader = (fields, row, { clock }) => {
  putClient(fields, row);
  putDevice(fields, row);
  putInner(fields, row);
  putCloudIp(fields, 'destination', textAt(row, 'OriginIP'));
  putNumber(fields, 'destination.port', textAt(row, 'OriginPort'));
  putCloudIp(fields, 'source.nat', textAt(row, 'EgressIP'));
  putTransport(fields, textAt(row, 'Protocol'));
  putNumber(fields, 'source.bytes', textAt(row, 'BytesSent'));
  putNumber(fields, 'destination.bytes', textAt(row, 'BytesReceived'));
  putSpan(
    fields,
    clock.instant(readTime(textAt(row, 'SessionStartTime'))),
    clock.instant(readTime(textAt(row, 'SessionEndTime'))),
  );
  const reason = textAt(row, 'ConnectionCloseReason');
  put(fields, 'event.reason', reason);
  const refused = /RULE|POLICY|DENIED|BLOCK/i.test(reason ?? '');
  categorise(fields, ['network'], refused ? ['connection', 'denied'] : ['connection', 'end', 'allowed'], 'success');
  return refused ? 'flow-denied' : 'flow';
};

// ---------------------------------------------------------------- which

interface Dataset {
  readonly id: string;
  /** Members that no other dataset and no other product has together. */
  readonly has: readonly string[];
  readonly time: readonly string[];
  readonly read: Reader;
}

/** https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/; the first whose members are all there. */
// biome-ignore format: a table
const DATASETS: readonly Dataset[] = [
  { id: 'http_requests', has: ['ClientIP', 'RayID', 'EdgeStartTimestamp'], time: ['EdgeStartTimestamp'], read: http },
  { id: 'http_requests', has: ['ClientIP', 'ClientRequestHost', 'EdgeResponseStatus', 'EdgeStartTimestamp'], time: ['EdgeStartTimestamp'], read: http },
  { id: 'firewall_events', has: ['Action', 'ClientIP', 'RayID', 'Datetime', 'RuleID'], time: ['Datetime'], read: firewall },
  { id: 'access_requests', has: ['AppDomain', 'AppUUID', 'Allowed', 'CreatedAt'], time: ['CreatedAt'], read: access },
  { id: 'audit_logs', has: ['ActionType', 'ActorEmail', 'ResourceType', 'When'], time: ['When'], read: audit },
  { id: 'gateway_dns', has: ['QueryName', 'ResolverDecision', 'Datetime'], time: ['Datetime'], read: gatewayDns },
  { id: 'gateway_http', has: ['HTTPHost', 'SourceIP', 'Action', 'Datetime', 'PolicyID'], time: ['Datetime'], read: gatewayHttp },
  { id: 'gateway_network', has: ['SourceIP', 'DestinationIP', 'Action', 'Datetime', 'PolicyID', 'Transport'], time: ['Datetime'], read: gatewayNetwork },
  { id: 'zero_trust_network_sessions', has: ['SessionStartTime', 'SessionEndTime', 'SourceIP', 'OriginIP', 'BytesSent'], time: ['SessionEndTime', 'SessionStartTime'], read: session },
  { id: 'spectrum_events', has: ['Application', 'ClientIP', 'ColoCode', 'Event', 'Timestamp'], time: ['Timestamp'], read: spectrum },
];

/** `{"action":{"result":true,"type":"login"},"actor":{"email":…},"when":"…"}` of the API. */
const AUDIT_API: Dataset = { id: 'audit_logs', has: [], time: ['when', 'action.time'], read: audit };

const isAuditApi = (row: Json): boolean =>
  isObject(row['actor']) &&
  isObject(row['action']) &&
  isObject(row['resource']) &&
  (Object.hasOwn(row, 'interface') || Object.hasOwn(row, 'account')) &&
  textAt(row, 'action.type') !== undefined &&
  (textAt(row, 'when') !== undefined || textAt(row, 'action.time') !== undefined);

interface Found {
  readonly dataset: Dataset;
  readonly row: Json;
}

const readRow = once(({ text }: RawRecord): Found | undefined => {
  if (!/"(?:EdgeStartTimestamp|Datetime|CreatedAt|ActionType|SessionStartTime|Timestamp|actor)"/.test(text))
    return undefined;
  const object = readObject(text);
  for (const row of [object, object?.['json'], object?.['event'], object?.['cloudflare']]) {
    if (!isObject(row)) continue;
    const dataset = DATASETS.find(({ has }) => has.every((name) => Object.hasOwn(row, name)));
    if (dataset !== undefined) return { dataset, row };
    if (isAuditApi(row)) return { dataset: AUDIT_API, row };
  }
  return undefined;
});

const NONE: ReadonlySet<string> = new Set();
const claims = (record: RawRecord): boolean => readRow(record) !== undefined;

const open: Parser['open'] =
  (context) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const found = readRow(record);
    if (found === undefined) return rejected('not-this-format', 'no row of a dataset of Cloudflare');
    const { dataset, row } = found;
    const time = readTime(textAt(row, ...dataset.time));
    if (time === undefined) return rejected('bad-time', `${dataset.time[0]} is no time`);
    const fields: Fields = { 'observer.vendor': 'Cloudflare' };
    context.clock.stamp(fields, time);
    put(fields, 'event.provider', dataset.id);
    const act = dataset.read(fields, row, context);
    keepJson(fields, 'cloudflare.log', row, NONE);
    relateAddresses(fields, record.text.slice(0, 16_384));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'cloudflare',
  title: 'Cloudflare Logpush (HTTP, WAF, Access, Gateway, Zero Trust, audit)',
  references: [
    {
      title: 'Cloudflare: Logpush datasets',
      url: 'https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/',
    },
    {
      title: 'Cloudflare: access requests',
      url: 'https://developers.cloudflare.com/logs/reference/log-fields/account/access_requests/',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'ns' },
  families: [
    'http_requests, firewall_events, access_requests, audit_logs (and of the API), gateway_dns, gateway_http, gateway_network, zero_trust_network_sessions, spectrum_events',
  ],
  limits: ['a job that leaves out the fields that tell a dataset (client, time, Ray ID) gives plain JSON'],
  recognise: recogniseBy(claims, 'are rows of datasets of Cloudflare', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
