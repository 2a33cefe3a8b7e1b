import { FIELDS } from '../../ecs/fields.ts';
import type { Logsource } from './model.ts';

/**
 * What classic field names are here. Rules with `taxonomy: ecs` use ECS names; others are mapped by their logsource after
 * the tables of pySigma's Elasticsearch pipelines and the Sigma taxonomy appendix. Names are compared in any case.
 */

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

/** Sysmon's connections and queries; what Windows' own process records call otherwise is the same field here. */
const SYSMON = table(`
  SourceIp → source.ip
  SourcePort → source.port
  DestinationIp → destination.ip
  DestinationPort → destination.port
`);
/** Sign-ins, audits and risk detections: portal, Log Analytics and Graph name their members in different cases. */
const ENTRA = table(`
  ResultType → event.code
  ResultDescription → event.reason
  properties.message ActivityDisplayName OperationName → event.action
  riskEventType → rule.name
  Category → event.provider
  ipAddress → source.ip
  userPrincipalName → user.name
`);
const M365 = table(`
  Operation → event.action
  eventName → rule.name
  eventSource Workload → event.provider
  ClientIP → source.ip
`);
const OKTA = table(`
  eventType → event.action
  displayMessage → message
  outcome.reason → event.reason
`);
const AUDITD = table(`
  type → event.code
  exe → process.executable
  comm → process.name
  key → rule.name
  name → file.path
`);
const LINUX = table(`
  Image → process.executable
  CommandLine → process.command_line
  ParentImage → process.parent.executable
  ParentCommandLine → process.parent.command_line
  User → user.name
`);

/** Names that products of one log keep: those mapped to ECS, and the others below the parser's own prefix. */
const PRODUCTS: ReadonlyMap<string, readonly [known: ReadonlyMap<string, string>, prefix: string]> = new Map([
  ['azure', [ENTRA, 'azure.entra.']],
  ['m365', [M365, 'microsoft.audit.']],
  ['okta', [OKTA, 'okta.system.']],
  ['fortigate', [table('action → event.action'), 'fortinet.firewall.']],
  ['fortios', [table('action → event.action'), 'fortinet.firewall.']],
]);

const KNOWN: ReadonlyMap<string, string> = new Map(FIELDS.map(({ name }) => [name.toLowerCase(), name]));

/** A field of the catalogue as it is written there. */
export const catalogueName = (name: string): string => KNOWN.get(name.toLowerCase()) ?? name;

/** Classic field name → Windows event data keep their names below `winlog.event_data`. */
export const ecsName = (logsource: Logsource, name: string): string => {
  const lower = name.toLowerCase();
  if (logsource.service === 'apache' || logsource.service === 'nginx') return WEB.get(lower) ?? name;
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
  const { product, service } = logsource;
  if (product === 'windows') return WINDOWS.get(lower) ?? SYSMON.get(lower) ?? `winlog.event_data.${name}`;
  if (product === 'zeek') return FLOW.get(lower) ?? name;
  if (product === 'linux') {
    if (service === 'auditd') return AUDITD.get(lower) ?? `linux.auditd.${name}`;
    return LINUX.get(lower) ?? name;
  }
  const kept = PRODUCTS.get(product ?? '');
  // `properties.x` is how Azure Monitor wraps what Graph calls `x`
  return kept === undefined ? name : (kept[0].get(lower) ?? kept[1] + name.replace(/^properties\./i, ''));
};
