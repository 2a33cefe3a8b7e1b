import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { isObject, type Json, keepJson, listAt, parseJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { cloudOutcome, namedValues, putClient, putCloudIp, readCloudTime } from '../../src/parse/kit/microsoft.ts';
import { categorise, keepVendor, put, putNumber, putUser } from '../../src/parse/kit/put.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  type Recognition,
  rejected,
  type Sample,
} from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- record

/** A sign-in or an audit record as Graph has it; `outer` is what Azure Monitor puts around it. */
interface Found {
  readonly kind: 'sign-in' | 'audit' | 'risk';
  readonly record: Json;
  readonly outer: Json | undefined;
}

const kindOf = (record: Json): Found['kind'] | undefined => {
  if (
    textAt(record, 'activityDisplayName') !== undefined &&
    (record['targetResources'] !== undefined || record['initiatedBy'] !== undefined)
  )
    return 'audit';
  if (
    textAt(record, 'riskEventType', 'riskType') !== undefined &&
    textAt(record, 'detectedDateTime', 'activityDateTime') !== undefined
  )
    return 'risk';
  const signIn = textAt(record, 'userPrincipalName', 'servicePrincipalId', 'appId', 'appDisplayName') !== undefined;
  const status =
    isObject(record['status']) ||
    textAt(record, 'conditionalAccessStatus', 'clientAppUsed', 'signInEventTypes') !== undefined;
  return signIn && status && textAt(record, 'createdDateTime') !== undefined ? 'sign-in' : undefined;
};

/** Members of Log Analytics tables (`SigninLogs`, `AuditLogs`) begin with a capital: `UserPrincipalName`. */
const lowered = (object: Json): Json =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name === 'IPAddress'
        ? 'ipAddress'
        : name.charAt(0).toLowerCase() + name.slice(1).replace(/_(?:string|dynamic)$/, ''),
      typeof value === 'string' && /^[[{]/.test(value) ? (parseJson(value) ?? value) : value,
    ]),
  );

const found = (object: Json | undefined): Found | undefined => {
  if (object === undefined) return undefined;
  const plain = kindOf(object);
  if (plain !== undefined) return { kind: plain, record: object, outer: undefined };
  const inner = isObject(object['properties']) ? object['properties'] : parseJson(textAt(object, 'properties') ?? '');
  const source = `${textAt(object, 'category', 'Category', 'Type')}${textAt(object, 'operationName', 'OperationName')}`;
  // MICROSOFT.SQL/SERVERS/AUDITINGSETTINGS/WRITE is an operation on a resource, of the activity log
  const onResource = /^microsoft\.\w+\/\w+\//i.test(textAt(object, 'operationName') ?? '');
  if (isObject(inner) && !onResource && /sign-?in|audit|risk|directory/i.test(source)) {
    const kind = kindOf(inner) ?? (/risk/i.test(source) ? 'risk' : /sign-?in/i.test(source) ? 'sign-in' : 'audit');
    return { kind, record: inner, outer: object };
  }
  if (object['OperationName'] === undefined && object['ActivityDisplayName'] === undefined) return undefined;
  const low = lowered(object);
  const kind = kindOf({ ...low, createdDateTime: low['createdDateTime'] ?? low['timeGenerated'] });
  return kind && { kind, record: low, outer: undefined };
};

// ---------------------------------------------------------------- sign-in

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes: interrupts, no refusals: the sign-in goes on. */
const INTERRUPTS = new Set(
  '50055 50058 50059 50072 50074 50076 50079 50097 50125 50127 50129 50140 50143 50144 50203 51006 65001 81010 81012 81013 81014 16000 16001 16003 502031 399218'.split(
    ' ',
  ),
);
/** Of these the user was asked for a second factor, or refused it. */
const SECOND_FACTOR = new Set('50072 50074 50076 50079 500121 50158 53004 50203 399218'.split(' '));

const isInterrupt = (code: string): boolean => INTERRUPTS.has(code) || /^(?:interrupted|unterbrochen)$/i.test(code);

const putSignIn = (fields: Fields, record: Json, outer: Json | undefined): Act => {
  // where nothing says how it ended, as in a download with few of its columns, it is not known
  const code = textAt(record, 'status.errorCode', 'resultType') ?? textAt(outer, 'resultType') ?? '';
  const reason = textAt(record, 'status.failureReason', 'resultDescription');
  putUser(fields, 'user', textAt(record, 'userPrincipalName', 'servicePrincipalName', 'userDisplayName'));
  put(fields, 'user.full_name', textAt(record, 'userDisplayName'));
  put(fields, 'user.id', textAt(record, 'userId', 'servicePrincipalId'));
  putCloudIp(fields, 'source', textAt(record, 'ipAddress', 'ipAddressFromResourceProvider'));
  putClient(fields, textAt(record, 'userAgent'));
  put(fields, 'user_agent.name', textAt(record, 'deviceDetail.browser'));
  put(fields, 'user_agent.os.full', textAt(record, 'deviceDetail.operatingSystem'));
  put(fields, 'device.id', textAt(record, 'deviceDetail.deviceId'));
  put(fields, 'source.domain', textAt(record, 'deviceDetail.displayName')?.toLowerCase());
  put(fields, 'source.geo.country_iso_code', textAt(record, 'location.countryOrRegion'));
  put(fields, 'service.name', textAt(record, 'appDisplayName'));
  put(fields, 'service.type', serviceOf(textAt(record, 'clientAppUsed') ?? ''));
  put(
    fields,
    'einfallstor.login.method',
    textAt(record, 'authenticationDetails.authenticationMethod', 'authenticationProtocol'),
  );
  const requirement = textAt(record, 'authenticationRequirement');
  if (requirement !== undefined) fields['einfallstor.mfa'] = /^(?:multi|mehr)/i.test(requirement);
  const asked = SECOND_FACTOR.has(code);
  const outcome = code === '0' ? 'success' : asked || code === '' || isInterrupt(code) ? undefined : 'failure';
  if (code !== '0') put(fields, 'event.reason', reason ?? code);
  put(fields, 'event.code', /^\d{1,9}$/.exec(code)?.[0]);
  const refused = code === '500121';
  categorise(fields, ['authentication'], [code === '0' ? 'start' : 'info'], refused ? 'failure' : outcome);
  if (asked) return 'mfa-challenge';
  return isInterrupt(code) ? 'other' : 'login';
};

/** `Browser`, `Mobile Apps and Desktop clients`, `IMAP4`, `Authenticated SMTP`, `Exchange ActiveSync`, … */
const serviceOf = (client: string): string => {
  if (/imap/i.test(client)) return 'imap';
  if (/pop/i.test(client)) return 'pop3';
  return /smtp/i.test(client) ? 'smtp' : 'web';
};

// ---------------------------------------------------------------- audit

// biome-ignore format: a table
const ACTIVITIES: readonly (readonly [RegExp, Act, type: string])[] = [
  [/^(?:add|invite external) user\b/i, 'account-created', 'creation'],
  [/^(?:delete|hard delete) user\b/i, 'account-changed', 'deletion'],
  [/\b(?:fraud reported|authentication request|MFA|second factor)\b/i, 'mfa-challenge', 'info'],
  [/\b(?:member|owner|eligible).{0,60}\b(?:role|group)\b|\b(?:add|update|delete) group\b|PIM/i, 'group-changed', 'change'],
  [/\b(?:user|password|security info|strong authentication|authentication method|StsRefreshToken|license)\b/i, 'account-changed', 'change'],
  [/\bdevice\b/i, 'config-change', 'change'],
  [/\b(?:consent|service ?principal|application|OAuth2|app role|credential|delegated|polic|domain|federation|conditional access|company|partner|named location|organization|tenant|setting)/i, 'config-change', 'change'],
];

const putAudit = (fields: Fields, record: Json): Act => {
  const activity = textAt(record, 'activityDisplayName', 'operationName') ?? '';
  const user = textAt(record, 'initiatedBy.user.userPrincipalName', 'initiatedBy.user.displayName');
  putUser(fields, 'user', user ?? textAt(record, 'initiatedBy.app.displayName', 'identity'));
  put(fields, 'user.id', textAt(record, 'initiatedBy.user.id', 'initiatedBy.app.servicePrincipalId'));
  putCloudIp(fields, 'source', textAt(record, 'initiatedBy.user.ipAddress'));
  const targets = listAt(record, 'targetResources').filter(isObject).slice(0, 50);
  const account = targets.find((target) => textAt(target, 'userPrincipalName') !== undefined);
  putUser(fields, 'user.target', account && textAt(account, 'userPrincipalName'));
  put(fields, 'user.target.id', account && textAt(account, 'id'));
  const group = targets.find((target) => /^(?:Group|Role)$/i.test(textAt(target, 'type') ?? ''));
  const changes = targets.flatMap((target) => [...namedValues(target, 'modifiedProperties')]);
  const named = new Map(changes);
  put(
    fields,
    'group.name',
    (textAt(group, 'displayName') ?? named.get('Role.DisplayName') ?? named.get('Group.DisplayName'))?.replaceAll(
      '"',
      '',
    ),
  );
  put(
    fields,
    'einfallstor.change.object',
    targets.map((target) => textAt(target, 'displayName', 'userPrincipalName', 'id') ?? '').find((name) => name !== ''),
  );
  if (changes.length > 0)
    put(
      fields,
      'einfallstor.change.attributes',
      changes
        .map(([name, value]) => `${name}=${value}`)
        .join('; ')
        .slice(0, 4000),
    );
  const details = namedValues(record, 'additionalDetails');
  putClient(fields, details.get('User-Agent'));
  if (fields['source.ip'] === undefined) putCloudIp(fields, 'source', details.get('ipaddr'));
  const meaning = ACTIVITIES.find(([pattern]) => pattern.test(activity));
  put(fields, 'event.reason', textAt(record, 'resultReason'));
  categorise(fields, ['iam'], [meaning?.[2] ?? 'info'], cloudOutcome(textAt(record, 'result')));
  return meaning?.[1] ?? 'other';
};

/** Identity Protection: `riskEventType` unfamiliarFeatures, leakedCredentials, anonymizedIPAddress, … */
const putRisk = (fields: Fields, record: Json): Act => {
  putUser(fields, 'user', textAt(record, 'userPrincipalName'));
  put(fields, 'user.id', textAt(record, 'userId'));
  putCloudIp(fields, 'source', textAt(record, 'ipAddress'));
  put(fields, 'rule.name', textAt(record, 'riskEventType', 'riskType'));
  put(fields, 'event.reason', textAt(record, 'riskDetail'));
  categorise(fields, ['threat'], ['indicator']);
  return 'threat';
};

const MAPPED = new Set(
  'createdDateTime activityDateTime id userPrincipalName userDisplayName userId ipAddress userAgent'.split(' '),
);

const eventOf = (context: ParseContext, { kind, record, outer }: Found, text: string): Outcome => {
  const fields: Fields = {};
  const time =
    textAt(record, 'createdDateTime', 'activityDateTime', 'detectedDateTime', 'timeGenerated') ??
    textAt(outer, 'time', 'TimeGenerated');
  const read = readCloudTime(time);
  if (read === undefined) return rejected('bad-time', `no time: ${(time ?? '').slice(0, 40)}`);
  context.clock.stamp(fields, read);
  const act = { 'sign-in': putSignIn, audit: putAudit, risk: putRisk }[kind](fields, record, outer);
  if (fields['source.ip'] === undefined) putCloudIp(fields, 'source', textAt(outer, 'callerIpAddress'));
  put(fields, 'event.action', textAt(record, 'activityDisplayName') ?? textAt(outer, 'operationName') ?? kind);
  put(fields, 'event.provider', textAt(outer, 'category') ?? textAt(record, 'category', 'loggedByService') ?? kind);
  put(fields, 'session.id', textAt(record, 'sessionId'));
  put(fields, 'cloud.provider', 'azure');
  put(fields, 'organization.id', textAt(outer, 'tenantId') ?? textAt(record, 'homeTenantId'));
  const number = textAt(record, 'autonomousSystemNumber');
  putNumber(fields, 'source.as.number', number);
  keepJson(fields, 'azure.entra', record, MAPPED);
  relateAddresses(fields, text.slice(0, 65_536));
  return { kind: 'event', act, fields };
};

// ---------------------------------------------------------------- portal CSV

/** Names of columns of the portal's downloads as members of the records; the portal writes them in the language it is shown in. */
const COLUMNS: Readonly<Record<string, string>> = {
  'date (utc)': 'createdDateTime', date: 'createdDateTime', username: 'userPrincipalName', user: 'userDisplayName', 'user id': 'userId',
  'user agent': 'userAgent', 'ip address': 'ipAddress', 'client app': 'clientAppUsed', application: 'appDisplayName',
  'sign-in error code': 'status.errorCode', 'failure reason': 'status.failureReason', status: 'statusText', browser: 'deviceDetail.browser',
  'operating system': 'deviceDetail.operatingSystem', 'device id': 'deviceDetail.deviceId', 'authentication requirement': 'authenticationRequirement',
  activity: 'activityDisplayName', service: 'loggedByService', category: 'category', result: 'result', resultreason: 'resultReason',
  actoruserprincipalname: 'initiatedBy.user.userPrincipalName', actordisplayname: 'initiatedBy.app.displayName', ipaddress: 'initiatedBy.user.ipAddress',
  'timegenerated [utc]': 'createdDateTime', timegenerated: 'createdDateTime', createddatetime: 'createdDateTime', userprincipalname: 'userPrincipalName',
  userdisplayname: 'userDisplayName', userid: 'userId', useragent: 'userAgent', clientappused: 'clientAppUsed', appdisplayname: 'appDisplayName',
  'datum (utc)': 'createdDateTime', datum: 'createdDateTime', benutzername: 'userPrincipalName', benutzer: 'userDisplayName', 'benutzer-id': 'userId',
  'benutzer-agent': 'userAgent', 'ip-adresse': 'ipAddress', 'client-app': 'clientAppUsed', anwendung: 'appDisplayName',
  anmeldefehlercode: 'status.errorCode', fehlerursache: 'status.failureReason', betriebssystem: 'deviceDetail.operatingSystem', 'geräte-id': 'deviceDetail.deviceId',
  authentifizierungsanforderung: 'authenticationRequirement', aktivität: 'activityDisplayName', dienst: 'loggedByService', kategorie: 'category', ergebnis: 'result',
  resulttype: 'status.errorCode', resultdescription: 'status.failureReason', target1userprincipalname: 'target', target1displayname: 'targetName', 'service principal name': 'servicePrincipalName',
}; // biome-ignore format: a table

const isHeader = (text: string): boolean =>
  (/^\uFEFF?"?Dat(?:e|um)(?: \(UTC\))?"?[,;]/.test(text) &&
    /Sign-in error code|Incoming token type|ActorUserPrincipalName|CorrelationId|Anmeldefehlercode|Eingehender Tokentyp/i.test(
      text,
    )) ||
  // Log Analytics, table SigninLogs
  /^\uFEFF?["\w [\](),;-]{0,2000}\bTimeGenerated\b(?=.{0,4000}\bUserPrincipalName\b)(?=.{0,4000}\bResultType\b)/.test(
    text,
  );

interface Header {
  readonly delimiter: string;
  readonly names: readonly string[];
}

/** A spreadsheet of a German system saves the table with semicolons. */
const headerOf = (text: string): Header => {
  const line = text.replace(/^\uFEFF/, '');
  const delimiter = line.includes(',') ? ',' : ';';
  return { delimiter, names: (readCsv(line, delimiter) ?? []).map((name) => name.trim()) };
};

const csvEvent = (context: ParseContext, text: string, header: Header): Outcome => {
  const cells = readCsv(text, header.delimiter);
  if (cells === undefined || cells.length < header.names.length - 1)
    return rejected('truncated', 'fewer cells than columns');
  const flat = new Map(
    cells.map((cell, n) => [
      own(COLUMNS, (header.names[n] ?? '').toLowerCase()) ?? header.names[n] ?? `column_${n}`,
      cell.trim(),
    ]),
  );
  const audit = flat.has('activityDisplayName');
  const record: Record<string, unknown> = {};
  for (const [name, value] of flat) if (value !== '' && Object.values(COLUMNS).includes(name)) record[name] = value;
  if (!audit) record['ipAddress'] ??= record['initiatedBy.user.ipAddress'];
  if (audit)
    record['targetResources'] = [{ userPrincipalName: flat.get('target'), displayName: flat.get('targetName') }];
  else if (/^(?:success|erfolg)/i.test(flat.get('statusText') ?? '')) record['status.errorCode'] = '0';
  else record['status.errorCode'] ??= flat.get('statusText');
  const outcome = eventOf(context, { kind: audit ? 'audit' : 'sign-in', record, outer: undefined }, text);
  if (outcome.kind === 'event')
    keepVendor(
      outcome.fields,
      'azure.entra',
      [...flat].filter(([name]) => record[name] === undefined && name !== 'target' && name !== 'targetName'),
    );
  return outcome;
};

// ---------------------------------------------------------------- parser

const claims = (record: RawRecord): boolean =>
  /DateTime"|"TimeGenerated"|"properties"/.test(record.text) && found(readObject(record.text)) !== undefined;

const open = (context: ParseContext): ((record: RawRecord) => Outcome) => {
  let header: Header | undefined;
  return (record) => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    if (isHeader(text)) {
      header = headerOf(text);
      return { kind: 'skipped', reason: 'header' };
    }
    const object = found(readObject(text));
    if (object !== undefined) return eventOf(context, object, text);
    if (header !== undefined && !text.startsWith('{')) return csvEvent(context, text, header);
    return rejected('not-this-format', 'no sign-in or audit record of Entra ID');
  };
};

const recognise = ({ records }: Sample): Recognition => {
  const rows = records.filter((record) => record.text.trim() !== '');
  if (rows.slice(0, 2).some((record) => isHeader(record.text)))
    return { certainty: 0.95, reason: 'its header has the columns of the portal' };
  const claimed = rows.filter(claims).length;
  return {
    certainty: rows.length === 0 ? 0 : (0.96 * claimed) / rows.length,
    reason: `${claimed} of ${rows.length} records are sign-ins or audits of Entra ID`,
  };
};

export default {
  id: 'entra-id',
  title: 'Microsoft Entra ID (Azure AD) sign-in and audit logs',
  references: [
    { title: 'Microsoft Graph: signIn', url: 'https://learn.microsoft.com/graph/api/resources/signin' },
    { title: 'Microsoft Graph: directoryAudit', url: 'https://learn.microsoft.com/graph/api/resources/directoryaudit' },
    {
      title: 'Microsoft: error codes',
      url: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'sign-ins (users, service principals), directory audits, risk detections: Graph, Azure Monitor (event hub, storage), Log Analytics, portal CSV',
  ],
  limits: ['a CSV row whose cells hold line breaks'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
