import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { openHeaded, readRow } from '../../src/parse/kit/headed.ts';
import { isObject, type Json, keepJson, parseJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { putCloudIp, readCloudTime, resourcePart } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy, recogniseTable } from '../../src/parse/kit/recognise.ts';
import { type Outcome, type ParseContext, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- record

/** What the forms of an activity have in common. */
interface Activity {
  readonly time: string | undefined;
  readonly operation: string;
  readonly shown: string | undefined;
  readonly category: string;
  readonly status: string | undefined;
  readonly reason: string | undefined;
  readonly caller: string | undefined;
  readonly ip: string | undefined;
  readonly resource: string | undefined;
  readonly subscription: string | undefined;
  readonly level: string | undefined;
  readonly properties: unknown;
  readonly object: Json;
}

const CATEGORIES = /^(?:Administrative|Policy|Security|Alert|Autoscale|Recommendation|ServiceHealth|ResourceHealth)$/i;
/** Microsoft.Compute/virtualMachines/runCommand/action */
const OPERATION = /^[A-Za-z]+(?:\.[A-Za-z]+)+\/[\w/.-]{2,300}$/;
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';

/** A member that is an object or, in tables, its text. */
const objectAt = (object: Json, name: string): unknown => {
  const value = object[name];
  return typeof value === 'string' && value.startsWith('{') ? parseJson(value) : value;
};

const callerOf = (claims: unknown): string | undefined =>
  isObject(claims)
    ? (textAt({ value: claims[UPN] }, 'value') ?? textAt(claims, 'upn', 'unique_name', 'name', 'appid'))
    : undefined;

/** Diagnostic settings: `{"time":…,"operationName":"MICROSOFT.…/WRITE","category":"Administrative","callerIpAddress":…,"identity":{…}}` */
const ofSettings = (object: Json): Activity | undefined => {
  const operation = textAt(object, 'operationName') ?? '';
  if (!CATEGORIES.test(textAt(object, 'category') ?? '') || textAt(object, 'time') === undefined) return undefined;
  if (!OPERATION.test(operation) || textAt(object, 'resourceId') === undefined) return undefined;
  const properties = objectAt(object, 'properties');
  return {
    time: textAt(object, 'time'),
    operation,
    shown: undefined,
    category: textAt(object, 'category') ?? '',
    status: textAt(object, 'resultType'),
    reason: textAt(object, 'resultSignature') ?? textAt(properties, 'statusCode'),
    caller: callerOf(isObject(object['identity']) ? object['identity']['claims'] : undefined),
    ip: textAt(object, 'callerIpAddress'),
    resource: textAt(object, 'resourceId'),
    subscription: undefined,
    level: textAt(object, 'level'),
    properties,
    object,
  };
};

/** REST, CLI, PowerShell: `{"eventTimestamp":…,"operationName":{"value":…},"caller":…,"httpRequest":{…},"status":{"value":…}}` */
const ofRest = (object: Json): Activity | undefined => {
  const operation =
    textAt(object, 'operationName.value', 'operationName', 'OperationName.Value', 'OperationName') ?? '';
  const time = textAt(object, 'eventTimestamp', 'EventTimestamp');
  if (time === undefined || !OPERATION.test(operation)) return undefined;
  const properties = objectAt(object, 'properties');
  return {
    time,
    operation,
    shown: textAt(object, 'operationName.localizedValue'),
    category: textAt(object, 'category.value', 'category', 'Category.Value', 'Category') ?? '',
    status: textAt(object, 'status.value', 'status', 'Status.Value', 'Status'),
    reason: textAt(object, 'subStatus.value', 'subStatus', 'SubStatus') ?? textAt(properties, 'statusCode'),
    caller: textAt(object, 'caller', 'Caller') ?? callerOf(object['claims']),
    ip: textAt(object, 'httpRequest.clientIpAddress', 'HttpRequest.ClientIpAddress') ?? textAt(object, 'claims.ipaddr'),
    resource: textAt(object, 'resourceId', 'ResourceId'),
    subscription: textAt(object, 'subscriptionId', 'SubscriptionId'),
    level: textAt(object, 'level', 'Level'),
    properties,
    object,
  };
};

/** Log Analytics, table AzureActivity: a row as JSON or CSV. */
const ofTable = (object: Json): Activity | undefined => {
  const operation = textAt(object, 'OperationNameValue') ?? '';
  const time = textAt(object, 'TimeGenerated', 'TimeGenerated [UTC]', 'EventSubmissionTimestamp', 'time');
  if (time === undefined || !OPERATION.test(operation)) return undefined;
  return {
    time,
    operation,
    shown: textAt(object, 'OperationName'),
    category: textAt(object, 'CategoryValue', 'Category') ?? '',
    status: textAt(object, 'ActivityStatusValue', 'ActivityStatus'),
    reason: textAt(object, 'ActivitySubstatusValue', 'ActivitySubstatus'),
    caller: textAt(object, 'Caller'),
    ip: textAt(object, 'CallerIpAddress'),
    resource: textAt(object, '_ResourceId', 'ResourceId', 'Resource'),
    subscription: textAt(object, 'SubscriptionId'),
    level: textAt(object, 'Level'),
    properties: objectAt(object, 'Properties_d') ?? objectAt(object, 'Properties'),
    object,
  };
};

/** A row of the portal’s download: the operation stands in words. */
const ofPortal = (object: Json): Activity | undefined => {
  const shown = textAt(object, 'Operation name');
  if (shown === undefined || !Object.hasOwn(object, 'Event initiated by')) return undefined;
  return {
    time: textAt(object, 'Time', 'Timestamp'),
    operation: '',
    shown,
    category: textAt(object, 'Event category') ?? '',
    status: textAt(object, 'Status'),
    reason: undefined,
    caller: textAt(object, 'Event initiated by'),
    ip: undefined,
    resource: textAt(object, 'Resource', 'Resource group'),
    subscription: textAt(object, 'Subscription'),
    level: textAt(object, 'Level'),
    properties: undefined,
    object,
  };
};

const readActivity = once(({ text }: RawRecord): Activity | undefined => {
  if (!/"(?:operationName|OperationName|OperationNameValue)"/.test(text)) return undefined;
  const object = readObject(text);
  for (const one of [object, object?.['data'], object?.['json'], object?.['azure']]) {
    if (!isObject(one)) continue;
    const found = ofSettings(one) ?? ofRest(one) ?? ofTable(one);
    if (found !== undefined) return found;
  }
  return undefined;
});

// ---------------------------------------------------------------- meaning

/** https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations; the first that fits. */
// biome-ignore format: a table
const OPERATIONS: readonly (readonly [RegExp, Act, category: string, type: string])[] = [
  [/\/(?:roleassignments|roledefinitions|roleassignmentschedulerequests|roleeligibilityschedulerequests|denyassignments)\/|\/elevateaccess\/action$|\/classicadministrators\//i, 'group-changed', 'iam', 'change'],
  [/\/(?:runcommand\/action|runcommands\/write)$/i, 'process-start', 'process', 'start'],
  [/\/(?:diagnosticsettings|flowlogs|logprofiles|activitylogalerts)\/delete$|^microsoft\.operationalinsights\/workspaces\/(?:purge\/action|delete)$/i, 'log-cleared', 'configuration', 'deletion'],
  [/\/(?:list\w*keys?|list\w*credentials?|list\w*secrets?|list\w*sas|listaccountsas|listservicesas|getpublishingcredentials?|publishxml|listconnectionstrings)\/action$|^microsoft\.compute\/(?:disks|snapshots)\/begingetaccess\/action$/i, 'directory-access', 'iam', 'access'],
  [/\/(?:regenerate\w*|resetpassword|resetserviceprincipalprofile)\/action$|\/(?:federatedidentitycredentials|userassignedidentities|sshpublickeys)\/(?:write|delete)$|\/vaults\/accesspolicies\/write$/i, 'account-changed', 'iam', 'change'],
  [/\/delete$/i, 'config-change', 'configuration', 'deletion'],
  [/\/(?:write|action)$/i, 'config-change', 'configuration', 'change'],
];

/** The same in the words of the portal. */
// biome-ignore format: a table
const WORDS: readonly (readonly [RegExp, Act, category: string, type: string])[] = [
  [/role assignment|role definition|elevate access/i, 'group-changed', 'iam', 'change'],
  [/^run command/i, 'process-start', 'process', 'start'],
  [/^delete (?:diagnostic setting|flow log|log profile|activity log alert|workspace)/i, 'log-cleared', 'configuration', 'deletion'],
  [/^(?:list|get) .*(?:keys?|credentials?|secrets?|sas)\b/i, 'directory-access', 'iam', 'access'],
  [/^regenerate|reset password/i, 'account-changed', 'iam', 'change'],
  [/^delete\b/i, 'config-change', 'configuration', 'deletion'],
  [/^(?:create|update|write|start|stop|restart|deallocate|power|add|remove|set|enable|disable|register|attach|detach|move)\b/i, 'config-change', 'configuration', 'change'],
];

const outcomeOf = (status: string | undefined): 'success' | 'failure' | undefined => {
  if (/^(?:succe|resolved$)/i.test(status ?? '')) return 'success';
  return /^fail/i.test(status ?? '') ? 'failure' : undefined;
};

const meaningOf = (activity: Activity): readonly [Act, string, string] => {
  if (/^security$/i.test(activity.category)) return ['threat', 'threat', 'indicator'];
  if (activity.category !== '' && !/^administrative$/i.test(activity.category))
    return ['other', 'configuration', 'info'];
  const table = activity.operation === '' ? WORDS : OPERATIONS;
  const found = table.find(([pattern]) =>
    pattern.test(activity.operation === '' ? (activity.shown ?? '') : activity.operation),
  );
  return found === undefined ? ['other', 'api', 'info'] : [found[1], found[2], found[3]];
};

const putChange = (fields: Fields, { properties, resource }: Activity): void => {
  const body = textAt(properties, 'requestbody', 'requestBody');
  const request = parseJson(body ?? '');
  put(fields, 'einfallstor.change.object', resource);
  put(fields, 'einfallstor.change.attributes', body?.slice(0, 4000));
  // whom a role was given to, and which
  put(fields, 'user.target.id', textAt(request, 'Properties.PrincipalId', 'properties.principalId'));
  put(fields, 'group.id', textAt(request, 'Properties.RoleDefinitionId', 'properties.roleDefinitionId'));
  const script = isObject(request) ? request['script'] : undefined;
  if (Array.isArray(script)) put(fields, 'process.command_line', script.slice(0, 100).join('\n').slice(0, 8000));
};

const MAPPED = new Set('time eventTimestamp TimeGenerated'.split(' '));

const eventOf = (context: ParseContext, activity: Activity, text: string): Outcome => {
  const time = readCloudTime(activity.time);
  if (time === undefined) return rejected('bad-time', `no time: ${(activity.time ?? '').slice(0, 40)}`);
  const fields: Fields = { 'cloud.provider': 'azure' };
  context.clock.stamp(fields, time);
  const [act, category, type] = meaningOf(activity);
  putUser(fields, 'user', activity.caller);
  putCloudIp(fields, 'source', activity.ip);
  const shown = activity.operation === '' ? activity.shown : activity.operation;
  put(fields, 'event.action', shown);
  put(fields, 'message', activity.shown);
  put(fields, 'event.provider', activity.category);
  put(fields, 'event.reason', activity.reason);
  put(fields, 'log.level', activity.level?.toLowerCase());
  put(fields, 'cloud.account.id', activity.subscription ?? resourcePart(activity.resource, 'subscriptions'));
  if (act === 'process-start')
    put(fields, 'host.name', resourcePart(activity.resource, 'virtualMachines')?.toLowerCase());
  putChange(fields, activity);
  if (act === 'threat')
    put(fields, 'rule.name', textAt(activity.properties, 'threatStatus', 'eventName', 'AlertDisplayName'));
  categorise(fields, [category], [type], outcomeOf(activity.status));
  put(fields, 'azure.activity.status', activity.status);
  keepJson(fields, 'azure.activity', activity.object, MAPPED);
  relateAddresses(fields, text.slice(0, 65_536));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- CSV

/** The portal’s download, and Log Analytics' of AzureActivity. */
const headerOf = (text: string): readonly string[] | undefined => {
  if (text.length > 8000) return undefined;
  const portal = /"?Operation name"?,/.test(text) && /Event initiated by/.test(text);
  if (!portal && !(/OperationNameValue/.test(text) && /TimeGenerated/.test(text) && !text.trimStart().startsWith('{')))
    return undefined;
  return readCsv(text.replace(/^\uFEFF/, ''))?.map((name) => name.trim().replace(/^(\w)/, (c) => c.toUpperCase()));
};

const rowOf = (text: string, header: readonly string[]): Activity | undefined => {
  const row = readRow(text, header);
  return row === undefined ? undefined : (ofPortal(row) ?? ofTable(row));
};

// ---------------------------------------------------------------- parser

const claims = (record: RawRecord): boolean => readActivity(record) !== undefined;

const open = openHeaded({ readEntry: readActivity, headerOf, rowOf, eventOf, isNone: 'no entry of the activity log' });

const recognise = recogniseTable(
  ([first]) => first !== undefined && headerOf(first.text.trim()) !== undefined,
  { certainty: 0.95, reason: 'its header has the columns of the activity log' },
  recogniseBy(claims, 'are of the activity log', 0.98),
);

export default {
  id: 'azure-activity',
  title: 'Microsoft Azure activity log',
  references: [
    {
      title: 'Microsoft: activity log event schema',
      url: 'https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema',
    },
    {
      title: 'Microsoft: resource provider operations',
      url: 'https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations',
    },
    {
      title: 'Microsoft: table AzureActivity',
      url: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/azureactivity',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'records of diagnostic settings (storage, event hub), of REST, CLI and PowerShell, of Log Analytics (JSON, CSV), CSV of the portal',
    'roles, commands run on machines, keys listed, logs switched off, deletions; any other operation by name',
  ],
  limits: [
    'a CSV row whose cells hold line breaks',
    'the portal’s CSV states no address and the operation in words alone',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
