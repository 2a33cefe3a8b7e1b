import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { isExportHeader, type CheckpointPairs as Pairs, readCheckpoint } from '../../src/parse/kit/checkpoint.ts';
import {
  type CheckpointHead,
  readCheckpointDay,
  readCheckpointHead,
  readCheckpointRow,
} from '../../src/parse/kit/checkpoint-export.ts';
import { type Civil, epochMicros, readBsd, readClf, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { putSsh } from '../../src/parse/kit/openssh.ts';
import { add, categorise, put, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy, recogniseTable } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const claims = ({ text, envelope }: RawRecord): boolean =>
  isExportHeader(text) || readCheckpointHead(text) !== undefined || readCheckpoint(text, envelope) !== undefined;

/** In front of a table's rows may stand a title. */
const isHeaded = (rows: readonly RawRecord[]): boolean =>
  rows.slice(0, 3).some(({ text }) => readCheckpointHead(text) !== undefined);

type Outcomes = 'success' | 'failure' | 'unknown';
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');
const lower = (pairs: Pairs, name: string): string => pairs.get(name)?.toLowerCase() ?? '';

/** `time` is that of the event, in epoch seconds; then the header of the exporter; then the columns of an export. */
const timeOf = (pairs: Pairs, record: RawRecord): Civil | number | undefined => {
  const time = pairs.get('time') ?? '';
  // 10Dec2019 23:44:49
  const day = /^(\d{1,2})([A-Z][a-z]{2})(\d{4})$/.exec(pairs.get('date') ?? '');
  const clock = (pairs.get('clock') ?? '').trim().padStart(8, '0'); // 9:11:12
  const stated = day === null ? undefined : readClf(`${day[1]}-${day[2]}-${day[3]} ${clock}`)?.civil;
  return epochMicros(time) ?? (readIso(time) ?? readBsd(time))?.civil ?? stated ?? record.envelope.civil;
};

// ---------------------------------------------------------------- who

/** `Maier, Klaus (k.maier)`: display and login name; `k.maier(+)` marks a group behind it. */
const putPerson = (fields: Fields, prefix: string, value: string): void => {
  const text =
    value
      .split(/;\s?/, 1)[0]
      ?.replace(/\(\+\)$/, '')
      .trim() ?? '';
  const named = /^(.{1,200}?) ?\(([^()]{1,128})\)$/.exec(text);
  putUser(fields, prefix, named?.[2] ?? text);
  if (named !== null && prefix === 'user') put(fields, 'user.full_name', named[1]);
};

const user =
  (prefix: string) =>
  (fields: Fields, value: string): void =>
    putPerson(fields, prefix, value);

const outcomeOf = (pairs: Pairs): Outcomes => {
  const text = words('action status auth_status audit_status additional_info reason_code login_status')
    .map((key) => lower(pairs, key))
    .join(' ');
  return orFailure(/\bfail|\bdenied|\breject|\bwrong\b|\bnot authorized|\berror\b/.test(text));
};

const putReason = (fields: Fields, pairs: Pairs): void => {
  for (const key of words('additional_info termination_reason failure_reason reason description auth_reject_reason'))
    put(fields, 'event.reason', pairs.get(key));
};

// ---------------------------------------------------------------- families

/** What administrators do on the management server or with the gateway's own tools. */
const audit: Family = (fields, pairs) => {
  const operation = pairs.get('operation') ?? pairs.get('action') ?? '';
  put(fields, 'event.action', operation);
  put(fields, 'event.code', pairs.get('operation_number'));
  const outcome = outcomeOf(pairs);
  const product = pairs.get('product') ?? '';
  put(fields, 'service.type', ADMIN_CLIENTS.find(([pattern]) => pattern.test(product))?.[1]);
  if (/^(?:failed )?log ?in/i.test(operation)) {
    if (outcome === 'failure') put(fields, 'event.reason', pairs.get('additional_info'));
    return as('admin-login', fields, 'authentication', outcome === 'failure' ? 'info' : 'start admin', outcome);
  }
  if (/^(?:force )?log ?out/i.test(operation)) return as('logout', fields, 'authentication session', 'end', 'success');
  const object = [pairs.get('objecttype'), pairs.get('objectname')].filter(Boolean).join(' ');
  put(fields, 'einfallstor.change.object', object || pairs.get('subject'));
  put(fields, 'einfallstor.change.attributes', pairs.get('fieldschanges') ?? pairs.get('additional_info'));
  const type = /^(?:create|add|clone)/i.test(operation)
    ? 'creation'
    : /^(?:delete|remove)/i.test(operation)
      ? 'deletion'
      : 'change';
  const account = /administrator|^user/i.test(pairs.get('objecttype') ?? '');
  if (account) put(fields, 'user.target.name', pairs.get('objectname'));
  return as('config-change', fields, account ? 'configuration iam' : 'configuration', type, outcome);
};

/** Remote access: IPsec clients, SSL Network Extender, the Mobile Access portal. */
const remoteAccess: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  const outcome = outcomeOf(pairs);
  const login = /log ?in|^authcrypt|^authentic/.test(action) || lower(pairs, 'event_type') === 'login';
  put(fields, 'einfallstor.vpn.type', pairs.get('tunnel_protocol') ?? pairs.get('client_name'));
  put(fields, 'einfallstor.vpn.group', pairs.get('login_option') ?? pairs.get('user_group'));
  put(fields, 'einfallstor.vpn.auth_method', pairs.get('auth_method'));
  const client = [pairs.get('client_name'), pairs.get('client_version')].filter(Boolean).join(' ');
  if (pairs.get('user_agent') === undefined) put(fields, 'user_agent.original', client);
  if (login) {
    if (outcome === 'failure') putReason(fields, pairs);
    return as('vpn-login', fields, 'authentication network', outcome === 'failure' ? 'info' : 'start', outcome);
  }
  putReason(fields, pairs);
  const over = /log ?out|disconnect|expired|terminat|deauthor/.test(action) || lower(pairs, 'event_type') === 'logout';
  if (over) return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  if (fields['einfallstor.vpn.assigned_ip'] !== undefined)
    return as('vpn-address-assigned', fields, 'session network', 'info', 'success');
  return as('vpn-negotiation', fields, 'session network', 'info', outcome);
};

const ike: Family = (fields, pairs) => {
  // reject_category: User authentication failed · reason: Client Encryption: Access denied - wrong user name or password
  const refused = /reject/.test(lower(pairs, 'action')) && pairs.has('user');
  if (
    refused &&
    /authenticat|password|access denied/.test(`${lower(pairs, 'reject_category')} ${lower(pairs, 'reason')}`)
  ) {
    putReason(fields, pairs);
    put(fields, 'einfallstor.vpn.type', 'ipsec');
    return as('vpn-login', fields, 'authentication network', 'info', 'failure');
  }
  put(fields, 'message', pairs.get('ike'));
  relateAddresses(fields, `${pairs.get('ike') ?? ''} ${pairs.get('peer_gateway') ?? ''}`);
  put(fields, 'einfallstor.vpn.type', 'ipsec');
  put(fields, 'event.reason', pairs.get('reject_category'));
  const failed = /reject|drop/.test(lower(pairs, 'action')) || /\bfail/i.test(pairs.get('ike') ?? '');
  return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(failed));
};

/** A line of Gaia's own daemons, forwarded in `default_device_message`: `<86>sshd[8811]: Accepted password for …`. */
const daemon: Family = (fields, pairs) => {
  const text = pairs.get('default_device_message') ?? '';
  const line = /^(?:<\d{1,3}>)? ?([\w.-]{1,64})(?:\[(\d{1,10})\])?: (.{0,2000})$/s.exec(text);
  put(fields, 'message', text);
  put(fields, 'process.name', line?.[1]);
  putNumber(fields, 'process.pid', line?.[2]);
  relateAddresses(fields, text);
  const act = line?.[1] === 'sshd' ? putSsh(fields, line[3] as string) : undefined;
  if (act === undefined) return as('other', fields, 'host', 'info');
  return act === 'login' ? 'admin-login' : act;
};

/** Who sits at which address: Active Directory, captive portal, agents. */
const identity: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  put(fields, 'einfallstor.login.method', pairs.get('identity_src') ?? pairs.get('auth_method'));
  const outcome = outcomeOf(pairs);
  if (/log ?out/.test(action)) return as('logout', fields, 'authentication session', 'end', 'success');
  if (!/log ?in/.test(action)) return as('other', fields, 'iam', 'user info', outcome);
  if (outcome === 'failure') putReason(fields, pairs);
  return as('login', fields, 'authentication', outcome === 'failure' ? 'info' : 'start', outcome);
};

const threat: Family = (fields, pairs) => {
  const blocked = BLOCKED.test(lower(pairs, 'action'));
  const product = pairs.get('product') ?? '';
  const named = ['protection_name', 'attack', 'malware_family', 'verdict', 'appi_name', 'matched_category'];
  for (const key of named.reverse()) put(fields, 'threat.indicator.name', pairs.get(key));
  for (const key of ['industry_reference', 'cve', 'signature', 'Signature'])
    for (const cve of pairs.get(key)?.match(/CVE-\d{4}-\d{4,7}/g) ?? []) add(fields, 'vulnerability.id', cve);
  if (fields['source.ip'] === undefined && fields['destination.ip'] === undefined && pairs.get('user') === undefined) {
    put(fields, 'message', pairs.get('description'));
    return as('source-state', fields, 'host', 'info');
  }
  const web = /URL Filtering|Application Control/i.test(product);
  const benign = web || lower(pairs, 'verdict') === 'benign';
  if (blocked || !benign) fields['event.kind'] = 'alert';
  const category = web
    ? 'web network'
    : /virus|malware|bot|emulation|extraction/i.test(product)
      ? 'malware network'
      : 'intrusion_detection network';
  return as('threat', fields, category, `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
};

const firewall: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  if (BLOCKED.test(action)) {
    for (const key of words('message_info tcp_packet_out_of_state reason')) put(fields, 'event.reason', pairs.get(key));
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  }
  // the inspection of a connection that has a record of its own
  const inspected = /HTTPS Inspection/i.test(pairs.get('product') ?? '');
  if (action === '' || inspected || fields['source.ip'] === undefined) return as('other', fields, 'network', 'info');
  return as('flow', fields, 'network', 'connection allowed', 'success');
};

type Family = (fields: Fields, pairs: Pairs) => Act;

const familyOf = (pairs: Pairs): Family => {
  const product = pairs.get('product') ?? '';
  const action = lower(pairs, 'action');
  if (pairs.has('default_device_message')) return daemon;
  if (pairs.has('administrator') || (pairs.has('operation') && pairs.has('subject'))) return audit;
  if (/Identity Awareness/i.test(product)) return identity;
  const session = /log ?in|log ?out|authcrypt|deauthor|disconnect/.test(action);
  const remote = /Mobile Access|Connectra|Endpoint Security VPN|SSL Network Extender|SecureClient|Remote Access/i;
  if (
    pairs.has('cvpn_category') ||
    pairs.has('office_mode_ip') ||
    pairs.has('om') ||
    pairs.has('assigned_IP') ||
    remote.test(product)
  )
    return /^(?:accept|drop|reject|block)$/.test(action) && pairs.has('service') ? firewall : remoteAccess;
  if (session) return remoteAccess;
  if (lower(pairs, 'reason').startsWith('client encryption:')) return ike;
  if (pairs.has('ike') || /key ?inst/.test(action) || (pairs.has('scheme') && pairs.has('reject_category'))) return ike;
  return THREATS.test(product) || pairs.has('protection_name') || pairs.has('attack') ? threat : firewall;
};

const open: Parser['open'] = ({ clock }) => {
  let head: CheckpointHead | undefined;
  let day: string | undefined;
  return (record): Outcome => {
    const [nextHead, nextDay] = [readCheckpointHead(record.text), readCheckpointDay(record.text)];
    head = nextHead ?? head;
    day = nextDay ?? day;
    if (nextHead !== undefined || nextDay !== undefined || isExportHeader(record.text))
      return { kind: 'skipped', reason: 'header' };
    const row = head === undefined ? undefined : readCheckpointRow(record.text, head);
    const pairs = row ?? readCheckpoint(record.text, record.envelope);
    if (pairs === undefined) return rejected('not-this-format', 'no Check Point record');
    if (day !== undefined && pairs.has('clock') && !pairs.has('date')) pairs.set('date', day);
    const fields: Fields = { 'observer.vendor': 'Check Point', 'observer.type': 'firewall' };
    const time = timeOf(pairs, record);
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    putValues(fields, pairs);
    put(fields, 'event.code', pairs.get('cef_class'));
    put(fields, 'event.action', pairs.get('action'));
    // originsicname cn=gw-muc-1,o=mgmt.medsoft.example.abc123 is the gateway; the header names the exporter
    const gateway = /\bCN\\?=([^,\\]{1,128})/i.exec(
      pairs.get('originsicname') ?? pairs.get('origin_sic_name') ?? '',
    )?.[1];
    put(
      fields,
      'observer.name',
      gateway ??
        pairs.get('origin_name') ??
        pairs.get('origin')?.split('|')[0] ??
        pairs.get('hostname') ??
        record.envelope.host,
    );
    put(fields, 'observer.hostname', record.envelope.host);
    const act = familyOf(pairs)(fields, pairs);
    if (/[:=]"[^"]*$/.test(record.text.slice(-2000)) && !/\]\s*$/.test(record.text)) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };
};

/** 192.0.2.1, or a name the log server resolved. */
const putGateway = (fields: Fields, value: string): unknown => {
  const ip = canonicalIp(value.split('|')[0] as string);
  if (ip !== undefined) add(fields, 'observer.ip', ip);
  return relateAddresses(fields, value.replaceAll('|', ' '));
};

/** The destination's port, or a service by its name. */
const putService = (fields: Fields, value: string): void => {
  if (!/^\d{1,5}$/.test(value)) put(fields, 'network.protocol', value.toLowerCase());
  else if (Number(value) < 65536) fields['destination.port'] = Number(value);
};

const putValues = fieldMap(
  'checkpoint',
  {
    text: `product=observer.product rule=rule.id rule_name=rule.name rule_uid=rule.uuid layer_name=rule.ruleset
      matched_category=rule.category inzone=observer.ingress.zone outzone=observer.egress.zone
      appi_name=network.application malware_rule_name=rule.name
      threat_prevention_rule_name=rule.name user_agent=user_agent.original method=http.request.method
      web_client_type=user_agent.name referrer=http.request.referrer file_name=file.name file_type=file.type
      os_name=host.os.name os_version=host.os.version severity=log.level session_uid=einfallstor.vpn.session_id email_subject=email.subject
      content_type=http.response.mime_type`,
    lower: `service_id=network.protocol http_host=url.domain file_md5=file.hash.md5 file_sha1=file.hash.sha1
      file_sha256=file.hash.sha256 md5=file.hash.md5 sha256=file.hash.sha256`,
    number: `s_port=source.port client_outbound_bytes=source.bytes client_inbound_bytes=destination.bytes
      sent_bytes=source.bytes received_bytes=destination.bytes client_outbound_packets=source.packets
      client_inbound_packets=destination.packets bytes=network.bytes packets=network.packets
      http_status=http.response.status_code file_size=file.size sequencenum=event.sequence`,
    side: 'src=source dst=destination machine=source',
    ip: 'client_ip=source.ip endpoint_ip=source.ip proxy_src_ip=source.ip+',
    given: `xlatesrc=source.nat.ip xlatedst=destination.nat.ip office_mode_ip=einfallstor.vpn.assigned_ip
      assigned_IP=einfallstor.vpn.assigned_ip om=einfallstor.vpn.assigned_ip`,
    givenPort: 'xlatesport=source.nat.port xlatedport=destination.nat.port',
    host: 'src_machine_name=source.domain dst_machine_name=destination.domain',
    mac: 'mac_source_address=source.mac mac_destination_address=destination.mac mac_address=source.mac',
    list: 'to=email.to.address recipient=email.to.address from=email.from.address sender=email.from.address',
  },
  {
    'time date clock cef_name cef_class action+ ifdir+ administrator+ user_name+': () => undefined,
    proto: putTransport,
    service: putService,
    ifname: (fields, value) => put(fields, 'observer.ingress.interface.name', value),
    origin: putGateway,
    'user administrator vpn_user': user('user'),
    'src_user_name suser': (fields, value) => {
      putPerson(fields, 'source.user', value);
      if (fields['user.name'] === undefined) putPerson(fields, 'user', value);
    },
    dst_user_name: user('destination.user'),
    resource: putUrl,
    elapsed: (fields, value) => {
      // 0:01:30
      const m = /^(?:(\d{1,6}):)?(\d{1,2}):(\d{2})$/.exec(value);
      if (m !== null) fields['event.duration'] = ((Number(m[1] ?? 0) * 60 + Number(m[2])) * 60 + Number(m[3])) * 1e9;
    },
    'peer_gateway+ src_ip+ host_ip+ src_user_dn+ scope+': (fields, value) => relateAddresses(fields, value),
  },
);

export default {
  id: 'checkpoint',
  title: 'Check Point Security Gateway and Management (Log Exporter)',
  references: [
    {
      title: 'sk144192, Description of fields in Check Point logs',
      url: 'https://support.checkpoint.com/results/sk/sk144192',
    },
    {
      title: 'R81.10 CLI Reference Guide, fw log',
      url: 'https://sc1.checkpoint.com/documents/R81.10/WebAdminGuides/EN/CP_R81.10_CLI_ReferenceGuide/Topics-CLIG/FWG/fw-log.htm',
    },
    { title: 'sk122323, Log Exporter', url: 'https://support.checkpoint.com/results/sk/sk122323' },
    {
      title: 'R80.20 Logging and Monitoring, CEF and LEEF mapping',
      url: 'https://sc1.checkpoint.com/documents/R80.20_GA/WebAdminGuides/EN/CP_R80.20_LoggingAndMonitoring_AdminGuide/203053.htm',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'firewall (accept, drop, reject, encrypt, decrypt, NAT, accounting), IKE',
    'remote access and Mobile Access (login, failed login, logout, office mode address), Identity Awareness',
    'IPS, Anti-Bot, Anti-Virus, Threat Emulation, Application Control, URL Filtering, HTTPS Inspection',
    'audit: administrators’ logins, objects, policies',
    'as syslog [key:"value"; …], structured data, key=value|…, CEF, LEEF, JSON, key: value; …; exports of the tracker, of SmartConsole, of fw log and fw logexport',
  ],
  limits: [
    'Records that update an earlier one (same loguid) are events of their own.',
    'Logs in the gateway’s own binary files have to be exported first.',
  ],
  recognise: recogniseTable(
    isHeaded,
    { certainty: 0.97, reason: 'a table with the columns of SmartConsole or fw logexport' },
    recogniseBy(claims, 'are Check Point records'),
  ),
  claims,
  open,
} satisfies Parser as Parser;

const BLOCKED = /^(?:drop|reject|block|prevent|quarantine|deny|denied|redirect)/;
const THREATS =
  /SmartDefense|\bIPS\b|Anti.?(?:Bot|Virus|Malware|Spam)|Threat (?:Emulation|Extraction)|Zero Phishing|Application Control|URL Filtering|\bDLP\b|Data Loss/i;
const ADMIN_CLIENTS: readonly (readonly [RegExp, string])[] = [
  [/^WEB_?API/i, 'https'],
  [/web|portal/i, 'https'],
  [/^(?:CLI|clish|ssh)/i, 'cli'],
  [/SmartConsole|SmartDashboard|SmartView|CPMI/i, 'smartconsole'],
];
