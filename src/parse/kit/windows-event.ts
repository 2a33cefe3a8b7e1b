import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { relateAddresses } from './addresses.ts';
import { putSsh } from './openssh.ts';
import { categorise, keepVendor, put, putEndpoint, putIp, putNumber, putTransport, putUser } from './put.ts';
import { putUrl } from './url.ts';
import { putDesktopGateway, putFederation, putSmtpLogin, putVncLogin } from './windows-doors.ts';
import { readWindowsMessage, remoteDesktopOf } from './windows-message.ts';
import { putRemoteAccess } from './windows-rras.ts';
import { putSqlLogin } from './windows-sql.ts';
import { KERBEROS_STATUS, LOGON_STATUS, WINDOWS_KINDS, type WindowsKind } from './windows-tables.ts';

/** A Windows event, whatever wrote it down: the System part, and the named values of its data in Windows' own spelling. */
export interface WindowsEvent {
  readonly code: string;
  readonly provider?: string | undefined;
  readonly channel?: string | undefined;
  readonly computer?: string | undefined;
  readonly recordId?: string | undefined;
  readonly keywords?: string | undefined;
  /** The process that wrote the event. */
  readonly pid?: string | undefined;
  /** The account whose process wrote the event (System/Security), as `DOMAIN\name` or a SID. */
  readonly account?: string | undefined;
  readonly message?: string | undefined;
  readonly data: ReadonlyMap<string, string>;
}

type Get = (name: string) => string | undefined;

/** Its audits stand in the Security log: the provider counts. */
const FEDERATION = /^AD FS\b/;

const SCOPES: readonly (readonly [RegExp, string])[] = [
  [/sysmon/i, 'sysmon'],
  [/TerminalServices-LocalSessionManager/i, 'session-manager'],
  [/TerminalServices-RemoteConnectionManager/i, 'connection-manager'],
  [/RdpCoreTS/i, 'rdp-core'],
  [/OpenSSH/i, 'openssh'],
  [/TaskScheduler/i, 'task-scheduler'],
  [/^MSSQL/i, 'sql-server'],
  [/^MSExchange(?:FrontEnd)?Transport$/i, 'exchange-transport'],
  [/^tvnserver$/i, 'tightvnc'],
  [/TerminalServices-Gateway/i, 'desktop-gateway'],
  [/^Microsoft-Windows-NTLM\b/i, 'ntlm'],
  [FEDERATION, 'federation'],
  [/AppLocker/i, 'applocker'],
  [/powershell/i, 'powershell'],
  [/Windows Defender|Antimalware/i, 'defender'],
  [/^Security\b|Security-Auditing|^$/i, 'security'],
  [
    /^(?:System|Service[ _]Control[ _]Manager)\b|Microsoft-Windows-Eventlog|EventLog|Kernel-General|Kernel-Power|User32/i,
    'system',
  ],
];

const kindOf = (event: WindowsEvent): WindowsKind | undefined => {
  const scope = (FEDERATION.test(event.provider ?? '') ? [event.provider] : [event.channel, event.provider])
    .map((name) => (name === undefined ? undefined : SCOPES.find(([pattern]) => pattern.test(name))?.[1]))
    .find((found) => found !== undefined);
  if (scope !== undefined) return WINDOWS_KINDS[scope]?.get(event.code);
  if (event.channel !== undefined || event.provider !== undefined) return undefined;
  // an export that left both out: the text tells the terminal services', the numbers of the others do not meet
  const told = remoteDesktopOf(event.message ?? '');
  if (told !== undefined) return WINDOWS_KINDS[told.scope]?.get(event.code);
  return WINDOWS_KINDS['security']?.get(event.code) ?? WINDOWS_KINDS['system']?.get(event.code);
};

/** `0x3e4`, `996` → 996 */
const processId = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return undefined;
  return Number(text);
};

const baseName = (path: string | undefined): string | undefined => path?.split(/[\\/]/).pop();

/** What Windows writes where there is no address: the logon came from the machine itself. */
const LOCAL = new Set(['LOCAL', 'localhost', '-', '']);

const putSource = (fields: Fields, get: Get): void => {
  const address = first(get, 'IpAddress', 'ClientAddress', 'Address', 'SourceIp', 'ClientIP', 'IPString', 'Param3');
  if (address !== undefined && !LOCAL.has(address.trim())) {
    // 192.0.2.9:41760 (SMBServer) · ::ffff:192.0.2.9
    const withPort = /^\[?([0-9a-fA-F.:]+?)\]?:(\d{1,5})$/.exec(address.includes('.') ? address : '');
    if (!putIp(fields, 'source.ip', address) && !putIp(fields, 'source.ip', withPort?.[1]))
      put(fields, 'source.address', address);
    else if (withPort !== null && !address.startsWith('::')) putNumber(fields, 'source.port', withPort[2]);
  }
  const port = get('IpPort') ?? get('ClientPort');
  if (port !== '0') putNumber(fields, 'source.port', port);
  put(
    fields,
    'source.domain',
    (get('WorkstationName') ?? get('Workstation') ?? get('ClientName'))?.replace(/^\\\\/, ''),
  );
};

/** The null SID is nobody; rendered texts have a name in its place. */
const sidOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^S-1-(?!0-0$)/.test(text) ? text : undefined;

const putAccount = (fields: Fields, prefix: string, get: Get, role: string): boolean => {
  const name = get(`${role}UserName`);
  if (name === undefined || name === '-' || name === '') return false;
  // TargetUserName of Kerberos events may be name@REALM
  putUser(fields, prefix, name);
  put(fields, `${prefix}.domain`, get(`${role}DomainName`) ?? get(`${role}Domain`));
  const sid = get(`${role}UserSid`) ?? get(`${role}Sid`);
  put(fields, `${prefix}.id`, sidOf(sid));
  return true;
};

/** The texts of these call the account that logs off, or is refused, the subject. */
const CALLED_SUBJECT = /^(?:4634|4647|4825)$/;

const putUsers = (fields: Fields, event: WindowsEvent, kind: WindowsKind | undefined, get: Get): void => {
  const isGroup = kind?.act === 'group-changed' || event.code === '4799';
  if (kind?.who === 'target') {
    if (!putAccount(fields, 'user', get, 'Target'))
      putUser(
        fields,
        'user',
        first(
          get,
          'User',
          'SourceUser',
          'AccountName',
          'Detection User',
          'UserContext',
          'UserName',
          'Username',
          'Param1',
        ),
      );
    put(fields, 'user.domain', first(get, 'AccountDomain', 'Domain', 'DomainName', 'Param2'));
    if (CALLED_SUBJECT.test(event.code) && fields['user.name'] === undefined)
      putAccount(fields, 'user', get, 'Subject');
  } else putAccount(fields, 'user', get, 'Subject');
  if (fields['user.name'] === undefined && kind?.category[0] !== 'authentication') {
    if (!putAccount(fields, 'user', get, 'Subject'))
      putUser(
        fields,
        'user',
        get('User') ?? get('Requester') ?? HOST_USER.exec(get('ContextInfo') ?? event.message ?? '')?.[1],
      );
  }
  if (fields['user.name'] === undefined && kind?.category[0] !== 'authentication')
    putSystemAccount(fields, event.account);
  if (isGroup) {
    put(fields, 'group.name', get('TargetUserName'));
    put(fields, 'group.domain', get('TargetDomainName'));
    put(fields, 'group.id', sidOf(get('TargetSid') ?? get('TargetUserSid')));
    // CN=Kim Maier,OU=Staff,DC=example,DC=org; a backslash escapes a comma (RFC 4514)
    const member = /^CN=((?:\\.|[^,\\]){1,256})/i.exec(get('MemberName') ?? '')?.[1]?.replaceAll(/\\(.)/g, '$1');
    put(fields, 'user.target.name', member ?? get('MemberSid'));
    put(fields, 'user.target.id', sidOf(get('MemberSid')));
  } else if (kind?.act === 'explicit-credentials') putAccount(fields, 'user.effective', get, 'Target');
  else if (kind?.who === 'subject' && kind.category[0] === 'iam') putAccount(fields, 'user.target', get, 'Target');
};

// PowerShell 4103, 800: "User = EXAMPLE\\kmaier", "Host Application = C:\\…\\powershell.exe -File x.ps1", in the language of the system
const HOST_USER = /\b(?:User(?:Id)?|Benutzer|Utilisateur|Usuario|Utente) ?= ?([^\r\n]{1,256})/;
const HOST_APPLICATION =
  /\b(?:Host ?Application|Hostanwendung|Application hôte|Aplicación host|Applicazione host) ?= ?([^\r\n]{1,4096})/;

const putSystemAccount = (fields: Fields, account: string | undefined): void => {
  if (account === undefined || account === '') return;
  if (/^S-1-\d/.test(account)) put(fields, 'user.id', account);
  else putUser(fields, 'user', account);
};

const first = (get: Get, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = get(name);
    if (value !== undefined && value !== '' && value !== '-') return value;
  }
  return undefined;
};

/** The process an event is about; else, where no process is the subject, the one that wrote it. */
const pidOf = (event: WindowsEvent, kind: WindowsKind | undefined, get: Get): number | undefined => {
  const own = processId(first(get, 'NewProcessId', 'ProcessId', 'ProcessID', 'SourceProcessId'));
  if (own !== undefined) return own;
  const elsewhere = kind?.category[0] === 'process' && !/powershell|applocker/i.test(event.provider ?? '');
  return elsewhere ? undefined : processId(event.pid);
};

const putProcess = (fields: Fields, event: WindowsEvent, kind: WindowsKind | undefined, get: Get): void => {
  const service = first(get, 'ImagePath', 'ServiceFileName');
  const executable = first(get, 'NewProcessName', 'Image', 'ProcessName', 'Application', 'SourceImage') ?? service;
  put(fields, 'process.executable', executable);
  const host = HOST_APPLICATION.exec(get('ContextInfo') ?? event.message ?? '')?.[1];
  // C:\\Windows\\System32\\…\\powershell.exe -File x.ps1
  const program = executable ?? /^"?([^"]{1,260}?\.exe)\b/i.exec(host ?? '')?.[1];
  if (service === undefined) put(fields, 'process.name', baseName(program));
  put(fields, 'process.command_line', get('CommandLine') ?? host);
  const parent = first(get, 'ParentProcessName', 'ParentImage');
  put(fields, 'process.parent.executable', parent);
  put(fields, 'process.parent.name', baseName(parent));
  put(fields, 'process.parent.command_line', get('ParentCommandLine'));
  put(fields, 'process.working_directory', get('CurrentDirectory'));
  put(fields, 'process.entity_id', get('ProcessGuid'));
  putNumber(fields, 'process.pid', pidOf(event, kind, get));
  putNumber(
    fields,
    'process.parent.pid',
    processId(get('NewProcessId') === undefined ? get('ParentProcessId') : get('ProcessId')),
  );
  // Sysmon hashes the image that a process starts from, or the file, driver or library it touches
  const of = kind?.act === 'process-start' ? 'process' : 'file';
  for (const [, name, value] of (first(get, 'Hashes', 'Hash') ?? '').matchAll(
    /(MD5|SHA1|SHA256)=([0-9A-Fa-f]{32,64})/g,
  )) {
    fields[`${of}.hash.${(name as string).toLowerCase()}`] = (value as string).toLowerCase();
  }
};

const INBOUND = '%%14592';

/** 5156 and its kin tell local and remote as source and destination; an inbound flow starts at the remote side. */
const putFlow = (fields: Fields, get: Get): void => {
  const inbound = get('Direction') === INBOUND || /^inbound$/i.test(get('Direction') ?? '');
  // Microsoft documents the receiving side of an inbound connection as its source; newer releases write the sender there.
  // The receiver is whose port is the service's: the lower one
  const reversed = inbound && !(Number(get('DestPort')) < Number(get('SourcePort')));
  const [from, to] = reversed ? ['Dest', 'Source'] : ['Source', 'Dest'];
  const sysmon = get('DestinationIp') !== undefined;
  putIp(fields, 'source.ip', sysmon ? get('SourceIp') : get(`${from}Address`));
  putNumber(fields, 'source.port', sysmon ? get('SourcePort') : get(`${from}Port`));
  putIp(fields, 'destination.ip', sysmon ? get('DestinationIp') : get(`${to}Address`));
  putNumber(fields, 'destination.port', sysmon ? get('DestinationPort') : get(`${to}Port`));
  put(fields, 'destination.domain', get('DestinationHostname'));
  put(fields, 'source.domain', get('SourceHostname'));
  putTransport(fields, get('Protocol'));
};

/** NPS 6272, 6273: who connected from where, through which RADIUS client. A virtual port is a VPN's (RFC 2865 §5.41). */
const putNetworkPolicy = (fields: Fields, get: Get): Act => {
  putIp(fields, 'source.ip', get('CallingStationID'));
  putEndpoint(fields, 'destination', get('AuthenticationServer'));
  put(fields, 'observer.name', get('ClientName'));
  delete fields['source.domain']; // ClientName is the RADIUS client
  put(fields, 'event.reason', get('Reason'));
  put(fields, 'einfallstor.vpn.auth_method', get('AuthenticationType'));
  put(fields, 'einfallstor.vpn.group', get('NetworkPolicyName'));
  put(fields, 'service.type', 'radius');
  return /^virtu/i.test(get('NASPortType') ?? '') ? 'vpn-login' : 'login';
};

const putObjects = (fields: Fields, kind: WindowsKind | undefined, get: Get): void => {
  // 7036, 7040: param1 is the service, param2 its state
  const state = kind?.action.startsWith('service-s') ? first(get, 'param1', 'Param1') : undefined;
  put(fields, 'service.name', kind?.category[0] === 'authentication' ? undefined : (get('ServiceName') ?? state));
  put(fields, 'service.state', state === undefined ? undefined : first(get, 'param2', 'Param2'));
  put(fields, 'einfallstor.target.host', get('TargetServerName'));
  put(
    fields,
    'file.path',
    kind?.category.includes('file') ? first(get, 'TargetFilename', 'ObjectName', 'ImageLoaded') : get('Path'),
  );
  put(fields, 'file.name', baseName((fields['file.path'] as string | undefined) ?? get('RelativeTargetName')));
  put(
    fields,
    'rule.name',
    first(get, 'Threat Name', 'ThreatName') ??
      (kind?.act === 'threat' ? get('Name') : undefined) ??
      (kind?.who === 'target' ? get('RuleName') : undefined),
  );
  if (kind?.act === 'config-change')
    put(fields, 'einfallstor.change.object', get('RuleName') ?? get('SubcategoryGuid') ?? get('Name'));
  putUrl(fields, get('url') ?? get('Url'));
  put(fields, 'dns.question.name', get('QueryName'));
};

const putLogon = (fields: Fields, event: WindowsEvent, kind: WindowsKind | undefined, get: Get): void => {
  put(fields, 'winlog.logon.type', get('LogonType'));
  put(
    fields,
    'winlog.logon.id',
    kind?.who !== 'target' || (CALLED_SUBJECT.test(event.code) && get('TargetLogonId') === undefined)
      ? get('SubjectLogonId')
      : (get('TargetLogonId') ?? get('LogonID')),
  );
  if (kind?.act !== 'login' && kind?.act !== 'logout') return;
  const scope = /TerminalServices|RdpCoreTS/.test(event.channel ?? event.provider ?? '');
  const rdp = scope || /^(?:4778|4779|4825)$/.test(event.code) || get('LogonType') === '10';
  fields['service.type'] = rdp
    ? 'rdp'
    : event.code === '4771'
      ? 'kerberos'
      : event.code === '4776'
        ? 'ntlm'
        : 'windows';
  const method = get('AuthenticationPackageName') ?? get('PackageName');
  put(
    fields,
    'einfallstor.login.method',
    method === undefined ? undefined : /^MICROSOFT_AUTH/.test(method) ? 'ntlm' : method.toLowerCase(),
  );
};

/** By what the event is, else by its status code (zero is success), else by what the audit keyword says. */
const outcomeOf = (event: WindowsEvent, kind: WindowsKind | undefined, get: Get): 'success' | 'failure' | undefined => {
  if (kind?.outcome !== undefined) return kind.outcome;
  if (/failure|gescheitert|fehler|échec|0x8?0?10000000000000|-9218868437227405312/i.test(event.keywords ?? ''))
    return 'failure';
  const status = kind?.category[0] === 'authentication' ? get('Status') : undefined;
  if (status !== undefined && /^0x[0-9a-f]+$/i.test(status)) return /^0x0+$/.test(status) ? 'success' : 'failure';
  return /success|erfolg|succès|0x8?0?20000000000000|-9214364837600034816/i.test(event.keywords ?? '')
    ? 'success'
    : undefined;
};

const reasonOf = (event: WindowsEvent, get: Get): string | undefined => {
  const codes = [get('SubStatus'), get('Status'), get('FailureCode')].map((code) => code?.toLowerCase());
  const table = /^47(?:6[89]|7[0-3])$/.test(event.code) ? KERBEROS_STATUS : LOGON_STATUS;
  const known = codes.map((code) => (code === undefined ? undefined : table[code])).find((text) => text !== undefined);
  return known ?? codes.find((code) => code !== undefined && !/^0x0*$/.test(code) && code !== '-');
};

// Client Address: 192.0.2.9:41760 · Source Network Address:\t192.0.2.9, where the data were lost and only the text is left
const TEXT_SOURCE =
  /(?:Client Address|Client IP|Caller IP|Source Network Address|Network Address|Source Address|IP address of|TCP connection from client):?\s{1,12}([0-9a-fA-F:.]{2,44}[0-9a-fA-F])/;

/** Sets what the event says in ECS and returns its act; everything stays under `winlog.*` too. Does not set the time. */
export const putWindowsEvent = (fields: Fields, event: WindowsEvent): Act => {
  const told = event.message === undefined ? undefined : readWindowsMessage(event.message);
  const get: Get = (name) => event.data.get(name) ?? told?.get(name);
  const kind = kindOf(event);
  put(fields, 'event.code', event.code);
  put(fields, 'winlog.event_id', event.code);
  put(fields, 'event.provider', event.provider);
  put(fields, 'winlog.provider_name', event.provider);
  put(fields, 'winlog.channel', event.channel);
  put(fields, 'host.name', event.computer);
  put(fields, 'host.hostname', /^[^.]{1,63}(?=\.)/.exec(event.computer ?? '')?.[0]);
  put(fields, 'winlog.computer_name', event.computer);
  putNumber(fields, 'winlog.record_id', event.recordId);
  put(fields, 'message', event.message ?? get('ScriptBlockText'));
  keepVendor(fields, 'winlog.event_data', event.data);
  if (kind?.category[0] === 'network' && !kind.category.includes('file')) putFlow(fields, get);
  else putSource(fields, get);
  if (fields['source.ip'] === undefined && event.message !== undefined) {
    const [, text] = TEXT_SOURCE.exec(event.message) ?? [];
    if (!putIp(fields, 'source.ip', text) && putIp(fields, 'source.ip', text?.replace(/:\d{1,5}$/, ''))) {
      putNumber(fields, 'source.port', text?.slice(text.lastIndexOf(':') + 1));
    }
  }
  putUsers(fields, event, kind, get);
  putProcess(fields, event, kind, get);
  putLogon(fields, event, kind, get);
  if (kind?.act === 'account-locked') {
    // 4740: TargetDomainName is the computer that the attempts came from
    put(fields, 'source.domain', get('TargetDomainName'));
    delete fields['user.target.domain'];
  }
  putObjects(fields, kind, get);
  const outcome = outcomeOf(event, kind, get);
  categorise(fields, kind?.category ?? ['host'], typesOf(kind, outcome), outcome);
  put(fields, 'event.action', kind?.action);
  if (outcome === 'failure') {
    put(fields, 'event.reason', reasonOf(event, get));
    put(fields, 'winlog.logon.failure.status', get('Status'));
    put(fields, 'winlog.logon.failure.sub_status', get('SubStatus'));
  }
  for (const value of event.data.values()) if (value.length < 4096) relateAddresses(fields, value);
  relateAddresses(fields, (event.message ?? '').slice(0, 8192));
  if (kind?.action.startsWith('network-policy') === true) return putNetworkPolicy(fields, get);
  return putOfProvider(fields, event, get) ?? kind?.act ?? 'other';
};

const SSHD_TAG = /^sshd(?:\[\d{1,10}\])?: (?:PID \d{1,10}: )?/;

/** Providers whose events say it in a sentence: Routing and Remote Access, OpenSSH, AppLocker, SQL Server, gateways. */
const putOfProvider = (fields: Fields, event: WindowsEvent, get: Get): Act | undefined => {
  const text = event.message ?? '';
  if (/^(?:Microsoft-Windows-)?(?:RemoteAccess|RasClient|RasMan|RasServer)\b/i.test(event.provider ?? ''))
    return putRemoteAccess(fields, event.code, get, text);
  if (/TerminalServices-Gateway/i.test(event.provider ?? '')) putDesktopGateway(fields, get);
  if (FEDERATION.test(event.provider ?? '')) putFederation(fields, event.code, get, text);
  // Cygwin's sshd writes to the Application log: sshd: PID 712: Invalid user root from 192.0.2.7 port 42786
  if (/OpenSSH/i.test(event.channel ?? event.provider ?? '') || event.provider === 'sshd')
    return putSsh(fields, get('payload') ?? (text || (get('param1') ?? '')).replace(SSHD_TAG, ''));
  const action = fields['event.action']?.toString() ?? '';
  if (action === 'smtp-login-failed') putSmtpLogin(fields, get, text);
  if (action.startsWith('vnc-login')) putVncLogin(fields, text || (get('param1') ?? ''));
  if (action.startsWith('sql-login')) putSqlLogin(fields, get, text);
  // %OSDRIVE%\USERS\KIM\X.EXE was allowed to run.
  const file = /AppLocker/i.test(event.channel ?? '')
    ? /^(.{1,1024}?) was (?:allowed|prevented)/.exec(text)?.[1]
    : undefined;
  put(fields, 'file.path', file);
  put(fields, 'file.name', baseName(file));
  return undefined;
};

const typesOf = (kind: WindowsKind | undefined, outcome: string | undefined): readonly string[] => {
  if (kind === undefined) return ['info'];
  return outcome === 'failure' && kind.category[0] === 'authentication' ? ['info'] : kind.type;
};
