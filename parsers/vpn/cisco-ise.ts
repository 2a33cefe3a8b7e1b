import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import {
  type IseMessage,
  type IseSegment,
  joinSegments,
  readIseMessage,
  readIseSegment,
} from '../../src/parse/kit/cisco-ise.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { accountingOf, putOctets, putSessionTime, putStation } from '../../src/parse/kit/radius.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- values

type Get = (...names: readonly string[]) => string | undefined;

/** Attributes by name, those within `cisco-av-pair=name=value` too (`mdm-tlv=device-ip=…` holds a pair again). */
const getterOf = ({ attributes }: IseMessage): Get => {
  const pairs = new Map<string, string>();
  for (const pair of attributes.get('cisco-av-pair') ?? []) {
    const m = /^(?:(?:mdm-tlv|http-tlv|dhcp-option|lldp-tlv|cdp-tlv)=)?([\w:-]{1,64})=(.*)$/s.exec(pair);
    if (m !== null && !pairs.has(m[1] as string)) pairs.set(m[1] as string, m[2] as string);
  }
  // Response={Class=…; Framed-IP-Address=10.1.1.5; }
  for (const pair of attributes
    .get('Response')?.[0]
    ?.replace(/^\{|\}$/g, '')
    .split('; ', 200) ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && !pairs.has(pair.slice(0, equals)))
      pairs.set(pair.slice(0, equals).trim(), pair.slice(equals + 1));
  }
  return (...names) => {
    for (const name of names) {
      const value = attributes.get(name)?.find((one) => one !== '') ?? pairs.get(name);
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
};

/** `203.0.113.5` · `(tag=0) 203.0.113.5` */
const callerOf = (get: Get): string | undefined =>
  ['Calling-Station-ID', 'ip:source-ip', 'Tunnel-Client-Endpoint', 'Remote-Address', 'AdminIPAddress', 'PeerAddress']
    .map((name) => canonicalIp((get(name) ?? '').replace(/^\(tag=\d{1,3}\) ?/, '')))
    .find((ip) => ip !== undefined);

/** A group of a gateway, or a caller with an address instead of a MAC: from outside. */
const isVpn = (get: Get): boolean =>
  get('CVPN3000/ASA/PIX7x-Tunnel-Group-Name', 'Tunnel-Group-Name', 'Tunnel-Client-Endpoint') !== undefined ||
  canonicalIp(get('Calling-Station-ID') ?? '') !== undefined;

const isMab = (get: Get): boolean =>
  get('UseCase') === 'Host Lookup' || get('Service-Type') === 'Call Check' || /MAB$/.test(get('RadiusFlowType') ?? '');

// ---------------------------------------------------------------- meaning

type Meaning = readonly [act: Act, kind: Kind];

const accounting = (title: string, get: Get): Meaning => {
  const told = /accounting (start|stop|watchdog)/i.exec(title)?.[1];
  return accountingOf(get('Acct-Status-Type') ?? told)?.[isVpn(get) ? 'vpn' : 'local'] ?? ['other', 'session'];
};

/** Commands on a device that only look. */
const LOOKS = /^(?:show|exit|end|enable|disable|terminal|ping|traceroute|dir|more|logout|quit)\b/;

const tacacsAccounting = (get: Get): Meaning => {
  const command = commandOf(get);
  if (command === undefined) return ['other', 'session'];
  return LOOKS.test(command) ? ['other', 'session'] : ['config-change', 'changed'];
};

/** `CmdSet=[ CmdAV=show CmdArgAV=version CmdArgAV=<cr> ]` → `show version`; accounting: `cmd=show version <cr>` among the arguments */
const commandOf = (get: Get): string | undefined => {
  const set = get('CmdSet')
    ?.match(/Cmd(?:Arg)?AV=[^\s\]]{1,500}/g)
    ?.map((word) => word.slice(word.indexOf('=') + 1));
  const command = set?.join(' ') ?? /\bcmd=([^;]{1,2000})/.exec(get('AVPair', 'Cmd') ?? '')?.[1] ?? get('cmd');
  return command?.replaceAll('<cr>', '').trim() || undefined;
};

const attempt = (title: string, get: Get, ok: boolean): Meaning => {
  const kind: Kind = ok ? 'passed' : 'refused';
  if (/dynamic authorization|dacl|download|authorize-only|trustsec|pac provision|request dropped/i.test(title))
    return ['other', ok ? 'session' : 'refused'];
  const device =
    /tacacs/i.test(get('Protocol') ?? '') || /^(?:NAS[ -]Prompt|Administrative)$/i.test(get('Service-Type') ?? '');
  if (device)
    return get('Type') === 'Authorization' || /authorization/i.test(title) ? ['other', kind] : ['admin-login', kind];
  if (isVpn(get)) return ['vpn-login', kind];
  // a device admitted by its MAC is nobody's login
  return [isMab(get) ? 'other' : 'login', kind];
};

/** Kinds of message (the word in front of the title) and categories that say it where a relay cut the kind off. */
const FAMILIES: readonly (readonly [RegExp, (title: string, get: Get) => Meaning])[] = [
  [/admin(?:istrator)?-(?:login|authentication)|^null$/i, (title) => adminLogin(title)],
  [/change-password|password-change/i, (title) => ['account-changed', BAD.test(title) ? 'refused' : 'account']],
  [/config(?:uration)?[- ]change/i, () => ['config-change', 'changed']],
  [/radius[-_]accounting/i, (title, get) => accounting(title, get)],
  [/tacacs[-_]accounting/i, (_, get) => tacacsAccounting(get)],
  [
    /device-administration/i,
    (title, get) =>
      /author/i.test(title)
        ? ['other', BAD.test(title) ? 'refused' : 'session']
        : attempt(title, get, !BAD.test(title)),
  ],
  [/passed[-_]authentication/i, (title, get) => attempt(title, get, true)],
  [/failed[-_]attempt/i, (title, get) => attempt(title, get, false)],
  [/guest|sponsor|mydevices|my-devices/i, (title) => guest(title)],
  [
    /process-management|system-management|startup|shutdown/i,
    (title) => (/\bCLI user\b/i.test(title) ? adminLogin(title) : ['source-state', 'state']),
  ],
];

const BAD = /fail|unsuccess|denied|reject|invalid|locked|disabled|expired|wrong|not found/i;

const adminLogin = (title: string): Meaning => {
  if (/log(?:ged)? ?(?:out|off)|timed? ?out/i.test(title)) return ['logout', 'left'];
  if (/\b(?:authentication|login|logged|log ?in)\b/i.test(title))
    return ['admin-login', BAD.test(title) ? 'refused' : 'passed'];
  return ['other', 'info'];
};

const guest = (title: string): Meaning => {
  if (/\b(?:authentication|login|logged in)\b/i.test(title)) return ['login', BAD.test(title) ? 'refused' : 'passed'];
  if (/logged out|logout/i.test(title)) return ['logout', 'left'];
  if (/account.{0,20}\bcreated|created.{0,20}\baccount/i.test(title)) return ['account-created', 'account'];
  return /account|password changed/i.test(title) ? ['account-changed', 'account'] : ['other', 'info'];
};

const meaningOf = (message: IseMessage, category: string, get: Get): Meaning => {
  // 60080 A SSH CLI user has successfully logged in
  if (/\bCLI user\b/i.test(message.title)) return adminLogin(message.title);
  const family =
    FAMILIES.find(([pattern]) => pattern.test(message.kind)) ?? FAMILIES.find(([pattern]) => pattern.test(category));
  return family?.[1](message.title, get) ?? ['other', BAD.test(message.title) ? 'broken' : 'info'];
};

// ---------------------------------------------------------------- fields

const putParties = (fields: Fields, get: Get): void => {
  const vpn = isVpn(get);
  putUser(
    fields,
    'user',
    get('UserName', 'User-Name', 'User', 'AdminName', 'Admin', 'GuestUserName', 'AD-Account-Name'),
  );
  const caller = callerOf(get);
  putIp(fields, 'source.ip', caller);
  putIp(
    fields,
    vpn ? 'einfallstor.vpn.assigned_ip' : 'source.ip',
    vpn || caller === undefined ? get('Framed-IP-Address', 'IpAddress', 'EndpointIPAddress') : undefined,
  );
  if (isMab(get)) putStation(fields, 'source.mac', get('OriginalUserName'));
  for (const name of ['UserName', 'PeerAddress', 'Calling-Station-ID', 'EndPointMACAddress', 'EndpointMacAddress'])
    putStation(fields, 'source.mac', get(name));
  putStation(fields, 'destination.mac', get('Called-Station-ID'));
  // an administrator of a device comes to that device, a supplicant's request to this server
  const device = get('Device IP Address', 'NAS-IP-Address', 'NetworkDeviceAddress');
  const toDevice = /tacacs/i.test(get('Protocol') ?? '') || get('CmdSet') !== undefined;
  const server = toDevice ? undefined : get('DestinationIPAddress');
  if (putIp(fields, 'destination.ip', server)) {
    putNumber(fields, 'destination.port', get('DestinationPort'));
    if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', device);
  } else {
    putIp(fields, 'destination.ip', device);
    put(fields, 'destination.domain', get('NetworkDeviceName')?.toLowerCase());
  }
  put(fields, 'host.name', get('host-name', 'AD-Host-Resolved-DNs'));
};

const putSession = (fields: Fields, get: Get): void => {
  put(fields, 'einfallstor.vpn.session_id', get('audit-session-id', 'CPMSessionID', 'Acct-Session-Id'));
  put(fields, 'einfallstor.vpn.group', get('CVPN3000/ASA/PIX7x-Tunnel-Group-Name', 'Tunnel-Group-Name'));
  put(fields, 'einfallstor.vpn.auth_method', get('EapAuthentication', 'AuthenticationMethod', 'Authen-Method'));
  // as the access device counts: input came from the client
  putOctets(fields, 'source.bytes', get('Acct-Input-Octets'), get('Acct-Input-Gigawords'));
  putOctets(fields, 'destination.bytes', get('Acct-Output-Octets'), get('Acct-Output-Gigawords'));
  putNumber(fields, 'source.packets', get('Acct-Input-Packets'));
  putNumber(fields, 'destination.packets', get('Acct-Output-Packets'));
  putSessionTime(fields, get('Acct-Session-Time'));
  put(fields, 'user_agent.original', get('ac-user-agent', 'UserAgent', 'User-Agent'));
};

const putRest = (fields: Fields, message: IseMessage, get: Get): void => {
  put(fields, 'rule.name', get('IdentityPolicyMatchedRule', 'AuthorizationPolicyMatchedRule', 'ISEPolicySetName'));
  put(fields, 'rule.ruleset', get('ISEPolicySetName'));
  put(fields, 'rule.id', get('MatchedPolicyID'));
  put(fields, 'event.reason', get('FailureReason', 'Acct-Terminate-Cause', 'OperationMessageText', 'ErrorMessage'));
  put(fields, 'process.command_line', commandOf(get));
  put(
    fields,
    'einfallstor.change.object',
    get('ObjectName', 'Object Name', 'ConfigChangeData', 'ObjectType', 'Object Type'),
  );
  put(fields, 'einfallstor.change.attributes', get('ModifiedProperties', 'RequestedOperation'));
  put(
    fields,
    'user.target.name',
    /user|admin/i.test(get('ObjectType', 'Object Type') ?? '') ? get('ObjectName', 'Object Name') : undefined,
  );
  const protocol = get('Protocol');
  put(fields, 'network.protocol', protocol?.toLowerCase());
  for (const [name, values] of message.attributes) {
    const kept = values.filter((value) => value !== '');
    if (kept.length > 0)
      fields[`cisco.ise.${name.replaceAll(/[^\w-]+/g, '_')}`] = kept.length === 1 ? (kept[0] as string) : kept;
  }
};

/** `ise-psn01/341048949/1407358`: the node that keeps the session. */
const nodeOf = (get: Get): string | undefined => /^([\w.-]{1,253})\/\d/.exec(get('AcsSessionID') ?? '')?.[1];

const putMessage = (fields: Fields, message: IseMessage, category: string): Act => {
  const get = getterOf(message);
  const [act, kind] = meaningOf(message, category, get);
  put(fields, 'message', message.title);
  put(fields, 'event.code', message.code);
  put(fields, 'log.level', message.severity?.toLowerCase());
  put(fields, 'event.provider', message.kind === 'null' ? undefined : message.kind);
  put(fields, 'cisco.ise.category', category);
  put(fields, 'event.action', message.title.slice(0, 200).toLowerCase());
  putKind(fields, kind);
  putStation(fields, 'source.mac', message.title); // 00-00-5E-00-53-01:EVENT_REASON
  putParties(fields, get);
  putSession(fields, get);
  putRest(fields, message, get);
  if (act.startsWith('account-')) put(fields, 'user.target.name', get('GuestUserName', 'ObjectName', 'UserName'));
  if (fields['observer.name'] === undefined) put(fields, 'observer.name', nodeOf(get));
  // a segment from the midst of a message that names nobody tells of no login
  if (message.kind === '' && fields['user.name'] === undefined) return 'other';
  const login = act === 'login' || act === 'vpn-login' || act === 'admin-login';
  if (/^vpn-/.test(act)) fields['einfallstor.vpn.type'] = 'radius';
  else if (login)
    put(
      fields,
      'service.type',
      (get('Protocol') ?? get('AdminInterface') ?? (/CLI/.test(message.title) ? 'ssh' : 'radius')).toLowerCase(),
    );
  return act;
};

// ---------------------------------------------------------------- messages of several segments

interface Open {
  readonly parts: Map<number, string>;
  readonly total: number;
  readonly number: number;
  category: string | undefined;
  length: number;
}
/** Messages whose segments are waited for, and characters of one. */
const OPEN_MAX = 512;
const TEXT_MAX = 1 << 18;

/** Ties segments by their sender and number; one that was there already begins a new message. */
const assembler = () => {
  const open = new Map<string, Open>();
  let count = 0;
  return (segment: IseSegment, host: string): { message: Open; key: string } => {
    const { id, total, index } = segment.tie as NonNullable<IseSegment['tie']>;
    const tie = `${host} ${id} ${total}`;
    let message = open.get(tie);
    if (message === undefined || message.parts.has(index) || message.length + segment.text.length > TEXT_MAX) {
      count += 1;
      message = { parts: new Map(), total, number: count, category: undefined, length: 0 };
      if (open.size >= OPEN_MAX) open.delete(open.keys().next().value as string);
      open.set(tie, message);
    }
    message.parts.set(index, segment.text);
    message.length += segment.text.length;
    message.category ??= segment.category;
    if (message.parts.size === total) open.delete(tie);
    return { message, key: `${tie} ${message.number}` };
  };
};

const open: Parser['open'] = ({ clock }) => {
  const assemble = assembler();
  return (record): Outcome => {
    const raw = record.text.trim();
    if (raw === '') return BLANK;
    const segment = readIseSegment(raw);
    if (segment === undefined) return rejected('not-this-format', 'no message of ISE');
    const { host, civil } = record.envelope;
    const whole = segment.tie !== undefined && segment.tie.total > 1 ? assemble(segment, host ?? '') : undefined;
    const text = whole === undefined ? segment.text : joinSegments(whole.message.parts);
    const message = readIseMessage(text.slice(0, TEXT_MAX));
    const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'ISE' };
    put(fields, 'observer.name', host);
    const time = message.civil ?? civil;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    const act = putMessage(fields, message, whole?.message.category ?? segment.category ?? '');
    relateAddresses(fields, text.slice(0, TEXT_MAX).replaceAll('\\,', ' , ').replaceAll(';', ' '));
    if (whole === undefined) return { kind: 'event', act, fields };
    const complete = whole.message.parts.size === whole.message.total;
    if (!complete) warn(fields, `segments-missing:${whole.message.total - whole.message.parts.size}`);
    return { kind: 'event', act, fields, part: { key: whole.key, complete } };
  };
};

const claims = (record: RawRecord): boolean => readIseSegment(record.text) !== undefined;

export default {
  id: 'cisco-ise',
  title: 'Cisco Identity Services Engine, Secure ACS 5',
  references: [
    {
      title: 'Cisco ISE: syslogs, message formats and segmentation',
      url: 'https://www.cisco.com/c/en/us/td/docs/security/ise/syslog/Cisco_ISE_Syslogs/m_SyslogsList.html',
    },
    {
      title: 'Cisco ISE: RADIUS and TACACS+ message texts',
      url: 'https://www.cisco.com/c/en/us/td/docs/security/ise/syslog/Cisco_ISE_Syslogs/m_IntrotoSyslogs.html',
    },
    { title: 'RFC 2866: RADIUS Accounting', url: 'https://www.rfc-editor.org/rfc/rfc2866' },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'stated', year: 'stated', resolution: 'ms' },
  families: [
    'passed authentications, failed attempts, RADIUS and TACACS+ accounting, device administration',
    'administrators (web and command line), configuration changes, guests, posture, profiler, diagnostics, processes',
    'syslog and the local store; messages of several segments, in any order, those of several nodes between each other',
  ],
  limits: [
    'A message is read from the segments that came; more than 256 events behind the first one the others stand for themselves.',
    'A device admitted by its MAC address (MAB) is no login.',
  ],
  recognise: recogniseBy(claims, 'are messages of ISE'),
  claims,
  open,
} satisfies Parser as Parser;
