import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { isObject, type Json, keepJson, listAt, parseJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { addMailAddress, putMessageId } from '../../src/parse/kit/mail.ts';
import {
  cloudOutcome,
  namedValues,
  putAlertData,
  putClient,
  putCloudIp,
  readCloudTime,
} from '../../src/parse/kit/microsoft.ts';
import { add, categorise, put, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
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

/** Members that every audit record has (Management Activity API, common schema). */
const isRecord = (object: unknown): object is Json =>
  isObject(object) &&
  textAt(object, 'CreationTime') !== undefined &&
  textAt(object, 'Workload', 'RecordType') !== undefined &&
  (textAt(object, 'Operation') !== undefined || textAt(object, 'UserId', 'OrganizationId') !== undefined);

/** The record itself, or what `Search-UnifiedAuditLog` and collectors wrap around it. */
const unwrap = (object: Json | undefined): Json | undefined => {
  if (object === undefined || isRecord(object)) return object;
  for (const name of [
    'AuditData',
    'auditData',
    'office365',
    'o365',
    'data.office365',
    'o365.audit',
    '_raw',
    'message',
  ]) {
    const inner = name.split('.').reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), object);
    const parsed = typeof inner === 'string' && inner.startsWith('{') ? parseJson(inner) : inner;
    if (isRecord(parsed)) return parsed;
  }
  return undefined;
};

/** A row of the portal's export or of `Export-Csv`: one cell is the record. */
const rowRecord = (cells: readonly string[]): Json | undefined => {
  for (const cell of cells) {
    const parsed = cell.startsWith('{') ? parseJson(cell) : undefined;
    if (isRecord(parsed)) return parsed;
  }
  return undefined;
};
const HEADER =
  /^\uFEFF?"?(?:RunspaceId|RecordId|CreationDate|CreationTime|PSComputerName|UserIds|RecordType)\b.{0,400}\bAuditData\b/;

const readRecord = (text: string): Json | undefined => {
  const start = text.trimStart();
  if (!/"(?:Workload|RecordType)"/.test(text)) return undefined;
  if (start.startsWith('{') || !/^["\w]/.test(start) || /^<\d/.test(start)) return unwrap(readObject(text));
  // a spreadsheet of a German system saves the row with semicolons
  const row = rowRecord(readCsv(text) ?? []) ?? rowRecord(readCsv(text, ';') ?? []);
  return row ?? unwrap(readObject(text));
};

// ---------------------------------------------------------------- meaning

type Meaning = readonly [act: Act, category: string, type: string];

/** Exchange's shell: `New-InboxRule`, `Set-Mailbox`, … */
const CMDLET = /^(?:New|Set|Remove|Add|Enable|Disable|Update|Install|Start|Stop|Import|Export|Grant|Revoke)-\w/;
/** Parameters of rules and mailboxes that send mail elsewhere. */
const FORWARDS =
  /^(?:ForwardTo|RedirectTo|ForwardAsAttachmentTo|ForwardingAddress|ForwardingSmtpAddress|BlindCopyTo|CopyTo|RedirectMessageTo)$/;

const meaningOf = (operation: string, workload: string, type: string): Meaning => {
  const known = MEANINGS.get(operation.toLowerCase().replace(/\.$/, ''));
  if (known !== undefined) return known;
  if (
    /^(?:AlertTriggered|AlertEntityGenerated|AlertUpdated|AtpDetection|MCAS_ALERT|AirInvestigation|TIUrlClick|FileMalwareDetected|FileSuspiciousContent)/.test(
      operation,
    )
  )
    return ['threat', 'intrusion_detection', 'info'];
  if (CMDLET.test(operation)) return ['config-change', 'configuration', 'change'];
  if (/^(?:SharePoint|OneDrive)/.test(workload) || /^(?:4|6|7|14|36|56)$/.test(type))
    return ['share-access', 'file', 'access'];
  if (workload === 'AzureActiveDirectory' || type === '8') return entraMeaning(operation);
  return ['other', workload === 'Exchange' ? 'email' : 'web', 'info'];
};

/** Directory operations are sentences: `Add owner to application.`, `Update device.` */
const entraMeaning = (operation: string): Meaning => {
  if (/\b(?:user|password|credential|StsRefreshToken)\b/i.test(operation)) return ['account-changed', 'iam', 'change'];
  if (/\b(?:member|owner|eligible).{0,40}\b(?:role|group)\b/i.test(operation))
    return ['group-changed', 'iam', 'change'];
  return ['config-change', 'iam', 'change'];
};

// ---------------------------------------------------------------- fields

/** `ServicePrincipal_…`, `NT AUTHORITY\SYSTEM (Microsoft.Exchange.…)`, `Not Available` are no accounts of people. */
const putActor = (fields: Fields, record: Json): void => {
  const user = textAt(record, 'UserId');
  put(fields, 'user.id', textAt(record, 'UserKey'));
  if (user === undefined || /^not available$/i.test(user)) return;
  const paren = user.indexOf(' (');
  putUser(fields, 'user', paren > 0 ? user.slice(0, paren) : user);
};

const putSource = (fields: Fields, record: Json): void => {
  for (const name of ['ClientIP', 'ClientIPAddress', 'ActorIpAddress', 'SenderIp', 'UserIp'])
    if (putCloudIp(fields, 'source', textAt(record, name))) break;
  const extended = namedValues(record, 'ExtendedProperties');
  const details = parseJson(extended.get('additionalDetails') ?? '');
  const agents = [
    textAt(record, 'UserAgent'),
    extended.get('UserAgent'),
    textAt(details, 'User-Agent'),
    textAt(record, 'ClientInfoString'),
  ];
  putClient(
    fields,
    agents.find((agent) => agent !== undefined && agent !== ''),
  );
  const device = namedValues(record, 'DeviceProperties');
  put(fields, 'session.id', textAt(record, 'AppAccessContext.AADSessionId', 'SessionId') ?? device.get('SessionId'));
  put(fields, 'user_agent.os.name', device.get('OS'));
  put(fields, 'einfallstor.login.method', extended.get('UserAuthenticationMethod') && extended.get('RequestType'));
};

/** Of a label set on a message; elsewhere an item's name is a file's or a chat's. */
const label = (record: Json): string | undefined =>
  textAt(record, 'Workload') === 'Exchange' ? textAt(record, 'ItemName') : undefined;

/** Subject, message id, recipients and attachments wherever a workload has them. */
const putMail = (fields: Fields, record: Json): void => {
  const item = isObject(record['Item']) ? record['Item'] : undefined;
  const affected = listAt(record, 'AffectedItems').slice(0, 500);
  put(
    fields,
    'email.subject',
    textAt(record, 'Subject', 'Item.Subject') ?? textAt(affected[0], 'Subject') ?? label(record),
  );
  putMessageId(
    fields,
    textAt(record, 'InternetMessageId', 'Item.InternetMessageId') ?? textAt(affected[0], 'InternetMessageId'),
  );
  put(fields, 'email.local_id', textAt(record, 'NetworkMessageId'));
  for (const name of ['P1Sender', 'P2Sender', 'Sender'])
    addMailAddress(fields, 'email.from.address', textAt(record, name));
  put(fields, 'email.sender.address', textAt(record, 'P1Sender', 'Sender'));
  for (const to of [...listAt(record, 'Recipients'), ...listAt(record, 'Receivers')].slice(0, 500))
    if (typeof to === 'string') addMailAddress(fields, 'email.to.address', to);
  for (const one of item === undefined ? affected : [item, ...affected])
    for (const part of (textAt(one, 'Attachments') ?? '').split(';', 50)) {
      const name = /^\s*(.{1,255}?)(?: \(\d{1,15}b\))?\s*$/s.exec(part)?.[1];
      if (name !== undefined) add(fields, 'email.attachments.file.name', name);
    }
  for (const file of listAt(record, 'AttachmentData').slice(0, 100)) {
    add(fields, 'email.attachments.file.name', textAt(file, 'FileName'));
    add(fields, 'email.attachments.file.hash.sha256', textAt(file, 'SHA256'));
  }
};

const putFile = (fields: Fields, record: Json): void => {
  put(fields, 'file.name', textAt(record, 'SourceFileName', 'FileName', 'FileData.FileName'));
  put(fields, 'file.extension', textAt(record, 'SourceFileExtension'));
  put(fields, 'file.hash.sha256', textAt(record, 'FileData.SHA256'));
  put(fields, 'file.path', textAt(record, 'SourceRelativeUrl', 'FileData.FilePath'));
  putNumber(fields, 'file.size', textAt(record, 'FileSizeBytes', 'FileSize', 'FileData.FileSize'));
  const object = textAt(record, 'ObjectId');
  const shared = listAt(record, 'MessageURLs')[0];
  const link = /^https?:\/\//.test(object ?? '')
    ? object
    : (textAt(record, 'Url', 'SiteUrl', 'FileData.FilePath') ?? shared);
  if (typeof link === 'string' && /^https?:\/\//.test(link)) putUrl(fields, link);
};

/** What a command was given; where mail is sent on to counts as an address of mail. */
const putChange = (fields: Fields, record: Json): void => {
  const given = [...namedValues(record, 'Parameters'), ...namedValues(record, 'OperationProperties')];
  const changed = namedValues(record, 'ModifiedProperties');
  const pairs = given.length > 0 ? given : [...changed];
  if (pairs.length > 0)
    put(
      fields,
      'einfallstor.change.attributes',
      pairs
        .map(([name, value]) => `${name}=${value}`)
        .join('; ')
        .slice(0, 4000),
    );
  for (const [name, value] of given) {
    if (!FORWARDS.test(name) && name !== 'RuleActions') continue;
    for (const [address] of value.slice(0, 4000).matchAll(/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g))
      addMailAddress(fields, 'email.to.address', address);
  }
};

const putTarget = (fields: Fields, record: Json): void => {
  const owner = textAt(record, 'MailboxOwnerUPN');
  const target = listAt(record, 'Target').map((item) => (isObject(item) ? textAt(item, 'ID') : undefined));
  const named = target.find((id) => id?.includes('@'));
  const invited = textAt(record, 'TargetUserOrGroupName');
  putUser(fields, 'user.target', owner ?? named ?? invited);
  const object = textAt(record, 'ObjectId');
  put(
    fields,
    'einfallstor.change.object',
    object === undefined || /^not available$/i.test(object) ? undefined : object,
  );
  const role = namedValues(record, 'ModifiedProperties');
  put(fields, 'group.name', (role.get('Role.DisplayName') ?? role.get('Group.DisplayName'))?.replace(/^"|"$/g, ''));
};

/** AADSTS500121, “authentication failed during strong authentication request”: the password was right, the prompt denied or ignored. */
const isDeniedFactor = (record: Json): boolean =>
  textAt(record, 'ErrorNumber') === '500121' || textAt(record, 'LogonError') === 'AuthenticationFailedSasError';

const MAPPED = new Set(
  `CreationTime Operation RecordType Workload UserId UserKey ClientIP ClientIPAddress UserAgent ResultStatus Id`.split(
    /\s+/,
  ),
);

const eventOf = (context: ParseContext, record: Json, text: string): Outcome => {
  const fields: Fields = {};
  const time = readCloudTime(textAt(record, 'CreationTime'));
  if (time === undefined) return rejected('bad-time', 'CreationTime is no time');
  context.clock.stamp(fields, time);
  const operation = textAt(record, 'Operation') ?? '';
  const [workload, type] = [textAt(record, 'Workload') ?? '', textAt(record, 'RecordType') ?? ''];
  const [act, category, kind] = meaningOf(operation, workload, type);
  putActor(fields, record);
  putSource(fields, record);
  putMail(fields, record);
  putFile(fields, record);
  putChange(fields, record);
  putTarget(fields, record);
  put(fields, 'event.action', operation.replace(/\.$/, ''));
  put(fields, 'event.code', type);
  put(fields, 'event.provider', workload);
  const failed = /LoginFailed$/.test(operation) ? 'failure' : cloudOutcome(textAt(record, 'ResultStatus'));
  const reason =
    textAt(record, 'LogonError') ??
    (failed === 'failure' ? textAt(record, 'ResultStatusDetail', 'ResultStatus') : undefined);
  put(fields, 'event.reason', reason);
  categorise(fields, [category], [kind === 'start' && failed === 'failure' ? 'info' : kind], failed);
  if (category === 'intrusion_detection') {
    put(fields, 'rule.name', textAt(record, 'Name', 'AlertDisplayName', 'InvestigationName'));
    put(fields, 'rule.id', textAt(record, 'PolicyId', 'AlertId'));
    putAlertData(fields, textAt(record, 'Data'));
    for (const [name, member] of [
      ['event.start', 'StartTimeUtc'],
      ['event.end', 'EndTimeUtc'],
    ] as const) {
      const instant = context.clock.instant(readCloudTime(textAt(record, member)));
      // the year 1 stands for none
      if (instant !== undefined && instant > 0) fields[name] = instant;
    }
  }
  if (act === 'login') put(fields, 'service.type', 'web');
  if (act === 'mail-received') put(fields, 'einfallstor.email.auth_user', textAt(record, 'UserId'));
  put(fields, 'cloud.provider', 'azure');
  put(fields, 'organization.id', textAt(record, 'OrganizationId'));
  put(fields, 'organization.name', textAt(record, 'OrganizationName'));
  keepJson(fields, 'microsoft.audit', record, MAPPED);
  relateAddresses(fields, text.slice(0, 65_536));
  return { kind: 'event', act: act === 'login' && isDeniedFactor(record) ? 'mfa-challenge' : act, fields };
};

const claims = (record: RawRecord): boolean => readRecord(record.text) !== undefined;

const read = (context: ParseContext, record: RawRecord): Outcome => {
  const text = record.text.trim();
  if (text === '') return BLANK;
  if (HEADER.test(text) || text.startsWith('#TYPE ')) return { kind: 'skipped', reason: 'header' };
  const found = readRecord(text);
  if (found === undefined) {
    const cut = /^(?:\{|")?.{0,2000}"?CreationTime"?/.test(text) && !text.endsWith('}');
    return rejected(cut ? 'truncated' : 'not-this-format', 'no record of the unified audit log');
  }
  const outcome = eventOf(context, found, text);
  if (outcome.kind === 'event' && textAt(found, 'Operation') === undefined) warn(outcome.fields, 'operation-missing');
  return outcome;
};

/** A CSV's head is its header; a JSON export's records say it themselves. */
const recognise = ({ records }: Sample): Recognition => {
  const rows = records.filter((record) => record.text.trim() !== '');
  if (rows.slice(0, 3).some((record) => HEADER.test(record.text)))
    return { certainty: 0.97, reason: 'its header has a column AuditData' };
  const claimed = rows.filter(claims).length;
  return {
    certainty: rows.length === 0 ? 0 : (0.97 * claimed) / rows.length,
    reason: `${claimed} of ${rows.length} records are of the unified audit log`,
  };
};

// ---------------------------------------------------------------- operations

/** https://learn.microsoft.com/purview/audit-log-activities; names in lower case, without the final dot. */
// biome-ignore format: a table
const TABLE: readonly (readonly [...Meaning, operations: string])[] = [
  ['login', 'authentication', 'start', 'userloggedin,userloginfailed,mailboxlogin,teamssessionstarted'],
  ['mail-access', 'email', 'access', 'mailitemsaccessed,folderbind,messagebind,searchqueryinitiatedexchange'],
  ['mail-access', 'email', 'change', 'new-inboxrule,set-inboxrule,enable-inboxrule,disable-inboxrule,remove-inboxrule,updateinboxrules,copy,move,movetodeleteditems,softdelete,harddelete,update,create,updatecalendardelegation,updatefolderpermissions,addfolderpermissions,modifyfolderpermissions,removefolderpermissions,add-mailboxpermission,remove-mailboxpermission,add-recipientpermission,add-mailboxfolderpermission,set-mailboxfolderpermission,set-mailbox,new-mailboxexportrequest,new-mailboxsearch,new-compliancesearch,start-compliancesearch,new-compliancesearchaction,searchcreated,searchstarted,searchexported,viewedsearchexported'],
  ['mail-received', 'email', 'info', 'send,sendas,sendonbehalf'],
  ['mail-filter', 'email', 'info', 'timaildata,miplabel,compliancedlp,dlprulematch'],
  ['account-created', 'iam', 'creation', 'add user,add external user,invite external user,new-mailbox'],
  ['account-changed', 'iam', 'change', 'update user,change user password,reset user password,set force change user password,change user license,enable account,disable account,disable strong authentication,update stsrefreshtokenvalidfrom timestamp,user registered security info,user registered all required security info,admin registered security info'],
  ['account-changed', 'iam', 'deletion', 'delete user,remove-mailbox'],
  ['group-changed', 'iam', 'change', 'add member to role,remove member from role,add member to group,remove member from group,add owner to group,remove owner from group,add eligible member to role,add group,update group,delete group,memberadded,memberremoved,memberrolechanged'],
  ['config-change', 'iam', 'change', 'consent to application,add oauth2permissiongrant,add delegated permission grant,add app role assignment grant to user,add app role assignment to service principal,add service principal,add service principal credentials,add application,update application,update application – certificates and secrets management,add owner to application,add owner to service principal,set domain authentication,set federation settings on domain,set company information,add unverified domain,verify domain,add partner to company,set delegation entry'],
  ['share-access', 'file', 'access', 'fileaccessed,fileaccessedextended,filepreviewed,filedownloaded,filesyncdownloadedfull,filesyncdownloadedpartial,pageviewed,pageviewedextended,listviewed,filevisited,searchqueryperformed,sharinginvitationaccepted,anonymouslinkused,securelinkused,companylinkused'],
  ['share-access', 'file', 'creation', 'fileuploaded,filesyncuploadedfull,filecopied,foldercreated,anonymouslinkcreated,securelinkcreated,companylinkcreated,sharinginvitationcreated,accessrequestcreated'],
  ['share-access', 'file', 'change', 'filemodified,filemodifiedextended,filerenamed,filemoved,sharingset,addedtosecurelink,addedtogroup,permissionlevelsinheritancebroken'],
  ['share-access', 'file', 'deletion', 'filedeleted,filerecycled,filedeletedfirststagerecyclebin,filedeletedsecondstagerecyclebin,folderdeleted,folderrecycled'],
];
const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  TABLE.flatMap(([act, category, type, operations]) =>
    operations.split(',').map((operation): [string, Meaning] => [operation, [act, category, type]]),
  ),
);

export default {
  id: 'microsoft-365-audit',
  title: 'Microsoft 365 unified audit log',
  references: [
    {
      title: 'Microsoft: Office 365 Management Activity API schema',
      url: 'https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema',
    },
    { title: 'Microsoft: audit log activities', url: 'https://learn.microsoft.com/purview/audit-log-activities' },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 's' },
  families: [
    'JSON, one a line, spread over lines or in a list (Management Activity API, collectors), CSV of the portal and of Search-UnifiedAuditLog with AuditData',
    'sign-ins, mailboxes and their rules, files and sharing, directory, alerts; any other operation by name',
  ],
  limits: ['a CSV row whose cells hold line breaks'],
  recognise,
  claims,
  open: (context) => (record) => read(context, record),
} satisfies Parser as Parser;
