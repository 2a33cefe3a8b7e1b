import { ACTS, type Act } from '../../ecs/acts.ts';
import { and, is, isAny, type Query } from '../../query/ast.ts';
import type { Logsource } from './model.ts';

/**
 * What a rule's logsource and classic field names are here. Rules with `taxonomy: ecs` use ECS names; others are
 * mapped by their logsource after the tables of pySigma's Elasticsearch pipelines and the Sigma taxonomy appendix.
 */

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

/** Windows channels by Sigma service. */
const CHANNELS: ReadonlyMap<string, string> = new Map([
  ['security', 'Security'],
  ['system', 'System'],
  ['application', 'Application'],
  ['powershell', 'Microsoft-Windows-PowerShell/Operational'],
  ['msexchange-management', 'MSExchange Management'],
  ['terminalservices-localsessionmanager', 'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational'],
  ['openssh', 'OpenSSH/Operational'],
  ['ntlm', 'Microsoft-Windows-NTLM/Operational'],
  ['sysmon', 'Microsoft-Windows-Sysmon/Operational'],
]);

/** Beginning of `event.module` for products that are told apart by their parser. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ['fortigate', 'fortinet-forti'],
  ['fortios', 'fortinet-forti'],
  ['cisco', 'cisco-'],
  ['paloalto', 'palo-alto-'],
  ['zeek', 'zeek'],
]);

/** The acts of a logsource; undefined when it says nothing about acts. */
export const actsOfLogsource = ({ category, service }: Logsource): readonly Act[] | undefined =>
  CATEGORY_ACTS.get(category ?? '') ??
  (service === 'sshd' || service === 'auth' ? CATEGORY_ACTS.get('authentication') : undefined);

/** What an event must be to belong to the logsource; undefined when no log that is read here can be of it. */
export const routeOf = (logsource: Logsource): Query | undefined => {
  const acts = actsOfLogsource(logsource);
  const parts: Query[] = [];
  if (acts !== undefined) parts.push(isAny('einfallstor.act', acts));
  if (logsource.product === 'windows' && logsource.service !== undefined) {
    const channel = CHANNELS.get(logsource.service);
    if (channel === undefined) return undefined;
    parts.push(is('winlog.channel', channel));
  }
  const module = MODULES.get(logsource.product ?? '');
  if (module !== undefined && acts === undefined) {
    parts.push({
      kind: 'field',
      field: 'event.module',
      test: { op: 'like', pattern: [module, { wild: 'any' }], cased: false },
    });
  }
  if (parts.length === 0) return logsource.product === 'linux' ? and() : undefined;
  return and(...parts);
};

const table = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [names, to] = line.trim().split(' → ') as [string, string];
        return names.split(' ').map((name) => [name.toLowerCase(), to] as const);
      }),
  );

const WEB = table(`
  c-uri cs-uri → url.original
  cs-uri-stem → url.path
  cs-uri-query c-uri-query → url.query
  c-uri-extension → url.extension
  cs-method → http.request.method
  sc-status → http.response.status_code
  cs-host r-dns → url.domain
  c-useragent cs-user-agent → user_agent.original
  cs-referer cs-referrer → http.request.referrer
  c-ip src_ip → source.ip
  cs-username → user.name
`);
const FLOW = table(`
  src_ip id.orig_h → source.ip
  src_port id.orig_p → source.port
  dst_ip id.resp_h → destination.ip
  dst_port id.resp_p → destination.port
  action → event.action
  username → user.name
`);
const DNS = table(`
  query → dns.question.name
  record_type → dns.question.type
  answer → dns.answers.data
  src_ip → source.ip
`);
const WINDOWS = table(`
  EventID → event.code
  Channel → winlog.channel
  Provider_Name → winlog.provider_name
  Computer ComputerName → winlog.computer_name
  CommandLine → process.command_line
  Image → process.executable
  ParentImage → process.parent.executable
  ParentCommandLine → process.parent.command_line
`);

/** Classic field name → name here. Windows event data keep their names below `winlog.event_data`. */
export const ecsName = (logsource: Logsource, name: string): string => {
  const lower = name.toLowerCase();
  switch (logsource.category) {
    case 'webserver':
    case 'proxy':
      return WEB.get(lower) ?? name;
    case 'firewall':
      return FLOW.get(lower) ?? name;
    case 'dns':
      return DNS.get(lower) ?? name;
    default:
  }
  if (logsource.product === 'windows') return WINDOWS.get(lower) ?? `winlog.event_data.${name}`;
  if (logsource.product === 'zeek') return FLOW.get(lower) ?? name;
  if (logsource.product === 'fortigate' || logsource.product === 'fortios') return `fortinet.firewall.${name}`;
  return name;
};
