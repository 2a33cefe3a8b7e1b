import { ACTS, type Act } from '../../ecs/acts.ts';
import { and, field, isAny, or, type Query } from '../../query/ast.ts';
import type { Logsource } from './model.ts';

/** Which events a rule's logsource is about. */

const actsOf = (...classes: readonly string[]): Act[] =>
  (Object.keys(ACTS) as Act[]).filter((act) => classes.includes(ACTS[act]));

/** Acts that a category of log sources consists of: keeps rules away from events they cannot be about. */
const CATEGORY_ACTS: ReadonlyMap<string, readonly Act[]> = new Map<string, readonly Act[]>([
  ['firewall', actsOf('firewall')],
  ['vpn', actsOf('vpn')],
  ['mail', actsOf('mail')],
  ['authentication', [...actsOf('auth'), 'vpn-login']],
  [
    'configuration',
    [
      'config-change',
      'admin-login',
      'account-created',
      'account-changed',
      'group-changed',
      'log-cleared',
      'source-state',
      'other',
    ],
  ],
  ['webserver', ['http-request']],
  ['proxy', ['http-request']],
  ['dns', ['dns-query']],
  ['dhcp', ['dhcp-lease']],
  ['process_creation', ['process-start']],
]);

const MICROSOFT = 'Microsoft-Windows-';

/** Windows channels by Sigma service, as SigmaHQ's own list has them (tests/thor.yml). A leading `~` stands for Microsoft-Windows-. */
const CHANNELS: ReadonlyMap<string, readonly string[]> = new Map(
  `application Application
  security Security
  system System
  ntlm ~NTLM/Operational
  sysmon ~Sysmon/Operational
  powershell ~PowerShell/Operational|PowerShellCore/Operational
  powershell-classic Windows PowerShell
  taskscheduler ~TaskScheduler/Operational
  wmi ~WMI-Activity/Operational
  dhcp ~DHCP-Server/Operational
  dns-server DNS Server
  dns-server-analytic ~DNS-Server/Analytical
  dns-client ~DNS Client Events/Operational
  driver-framework ~DriverFrameworks-UserMode/Operational
  printservice-admin ~PrintService/Admin
  printservice-operational ~PrintService/Operational
  smbclient-security ~SmbClient/Security
  smbclient-connectivity ~SmbClient/Connectivity
  smbserver-connectivity ~SMBServer/Connectivity
  terminalservices-localsessionmanager ~TerminalServices-LocalSessionManager/Operational
  codeintegrity-operational ~CodeIntegrity/Operational
  applocker ~AppLocker/MSI and Script|~AppLocker/EXE and DLL|~AppLocker/Packaged app-Deployment|~AppLocker/Packaged app-Execution
  msexchange-management MSExchange Management
  windefend ~Windows Defender/Operational
  firewall-as ~Windows Firewall With Advanced Security/Firewall
  bits-client ~Bits-Client/Operational
  security-mitigations ~Security-Mitigations/Kernel Mode|~Security-Mitigations/User Mode
  diagnosis-scripted ~Diagnosis-Scripted/Operational
  shell-core ~Shell-Core/Operational
  openssh OpenSSH/Operational
  ldap ~LDAP-Client/Debug
  bitlocker ~BitLocker/BitLocker Management
  vhdmp ~VHDMP/Operational
  appxdeployment-server ~AppXDeploymentServer/Operational
  appxpackaging-om ~AppxPackaging/Operational
  appmodel-runtime ~AppModel-Runtime/Admin
  lsa-server ~LSA/Operational
  capi2 ~CAPI2/Operational
  certificateservicesclient-lifecycle-system ~CertificateServicesClient-Lifecycle-System/Operational
  microsoft-servicebus-client Microsoft-ServiceBus-Client/Admin|Microsoft-ServiceBus-Client/Operational
  iis-configuration Microsoft-IIS-Configuration/Operational`
    .split('\n')
    .map((line) => {
      const [, service, channels] = /^ *(\S+) (.*)$/.exec(line) as unknown as [string, string, string];
      return [service, channels.split('|').map((channel) => channel.replace('~', MICROSOFT))] as const;
    }),
);

/** Event ids of the categories of Windows that one channel records, from the same list. */
const WINDOWS_EVENTS: ReadonlyMap<string, readonly [service: string, ids: readonly number[]]> = new Map([
  ['file_change', ['sysmon', [2]]],
  ['network_connection', ['sysmon', [3]]],
  ['sysmon_status', ['sysmon', [4, 16]]],
  ['process_termination', ['sysmon', [5]]],
  ['driver_load', ['sysmon', [6]]],
  ['image_load', ['sysmon', [7]]],
  ['create_remote_thread', ['sysmon', [8]]],
  ['raw_access_thread', ['sysmon', [9]]],
  ['process_access', ['sysmon', [10]]],
  ['file_event', ['sysmon', [11]]],
  ['registry_event', ['sysmon', [12, 13, 14]]],
  ['registry_add', ['sysmon', [12]]],
  ['registry_delete', ['sysmon', [12]]],
  ['registry_set', ['sysmon', [13]]],
  ['registry_rename', ['sysmon', [14]]],
  ['create_stream_hash', ['sysmon', [15]]],
  ['pipe_created', ['sysmon', [17, 18]]],
  ['wmi_event', ['sysmon', [19, 20, 21]]],
  ['dns_query', ['sysmon', [22]]],
  ['file_delete', ['sysmon', [23]]],
  ['process_tampering', ['sysmon', [25]]],
  ['file_delete_detected', ['sysmon', [26]]],
  ['file_block_executable', ['sysmon', [27]]],
  ['file_block_shredding', ['sysmon', [28]]],
  ['file_executable_detected', ['sysmon', [29]]],
  ['sysmon_error', ['sysmon', [255]]],
  ['ps_module', ['powershell', [4103]]],
  ['ps_script', ['powershell', [4104]]],
  ['ps_classic_start', ['powershell-classic', [400]]],
  ['ps_classic_provider_start', ['powershell-classic', [600]]],
  ['ps_classic_script', ['powershell-classic', [800]]],
]);

/** Beginnings of `event.module` for products that are told apart by their parser. */
const MODULES: ReadonlyMap<string, readonly string[]> = new Map([
  ['fortigate', ['fortinet-forti']],
  ['fortios', ['fortinet-forti']],
  ['cisco', ['cisco-']],
  ['paloalto', ['paloalto-']],
  ['zeek', ['zeek']],
  ['m365', ['microsoft-365']],
  ['okta', ['okta']],
  // what a host itself and its remote access write; mail, web and network daemons have categories of their own
  ['linux', ['linux-', 'openssh-', 'ftp', 'guacamole', 'openldap', 'xrdp', 'generic-syslog']],
]);

/** Services of Linux with a parser of their own. */
const LINUX_SERVICES: ReadonlyMap<string, string> = new Map([
  ['auditd', 'linux-auditd'],
  ['vsftpd', 'ftp'],
  ['guacamole', 'guacamole'],
]);

/** Services of Azure that are logs of Entra ID; its activity log of resources is not read here. */
const ENTRA: ReadonlySet<string> = new Set(['signinlogs', 'auditlogs', 'riskdetection', 'pim']);

/** The acts of a logsource; undefined when it says nothing about acts. */
const actsOfLogsource = ({ category, product, service }: Logsource): readonly Act[] | undefined => {
  if (service === 'apache' || service === 'nginx') return CATEGORY_ACTS.get('webserver');
  if (product === 'windows' && WINDOWS_EVENTS.has(category ?? '')) return undefined;
  return (
    CATEGORY_ACTS.get(category ?? '') ??
    (service === 'sshd' || service === 'auth' ? CATEGORY_ACTS.get('authentication') : undefined)
  );
};

const channelOf = (service: string): Query | undefined => {
  const channels = CHANNELS.get(service);
  return channels === undefined ? undefined : isAny('winlog.channel', channels);
};

const windowsOf = ({ category, service }: Logsource): Query | undefined => {
  const kind = WINDOWS_EVENTS.get(category ?? '');
  if (kind === undefined) return service === undefined ? undefined : channelOf(service);
  const [recorder, ids] = kind;
  return and(channelOf(recorder) as Query, isAny('event.code', ids));
};

const modulesOf = ({ category, product, service }: Logsource): readonly string[] | undefined => {
  if (product === 'azure' && ENTRA.has(service ?? '')) return ['entra-id'];
  const own = product === 'linux' ? LINUX_SERVICES.get(service ?? '') : undefined;
  if (own !== undefined) return [own];
  // what Sysmon for Linux records of files and connections is read nowhere here
  return product === 'linux' && category !== undefined ? undefined : MODULES.get(product ?? '');
};

const isModule = (beginnings: readonly string[]): Query =>
  or(
    ...beginnings.map(
      (beginning): Query => field('event.module', { op: 'like', pattern: [beginning, { wild: 'any' }], cased: false }),
    ),
  );

/** What an event must be to belong to the logsource; undefined when no log that is read here can be of it. */
export const routeOf = (logsource: Logsource): Query | undefined => {
  const acts = actsOfLogsource(logsource);
  const parts: Query[] = acts === undefined ? [] : [isAny('einfallstor.act', acts)];
  if (logsource.product === 'windows') {
    const windows = windowsOf(logsource);
    if (windows === undefined && (logsource.service !== undefined || acts === undefined)) return undefined;
    if (windows !== undefined) parts.push(windows);
  }
  const modules = modulesOf(logsource);
  if (modules !== undefined && acts === undefined) parts.push(isModule(modules));
  if (parts.length === 0) return undefined;
  return and(...parts);
};
