import { addressClass, canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCef } from '../../src/parse/kit/cef.ts';
import { type Civil, epochMicros, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, table, words } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { add, categorise, put, putIp, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Pairs = Map<string, string>;

// id=firewall sn=0017C5000001 time="2021-10-31 23:14:07 UTC" fw=203.0.113.20 pri=6 c=262144 m=98 msg="Connection Opened" …
const START = /(?:^|[\s>])id=(?!sslvpn\b)[\w.-]{1,64}(?: {1,2}website-category="[^"]{0,64}")? {1,2}sn=\w{0,32} /;

const unquoted = (value: string): string => value.trim().replace(/^"(.*)"$/, '$1');

/** CEF keys under the names of the syslog tags; addresses of translation and zones stand in labels. */
const readCefForm = (text: string): Pairs | undefined => {
  const cef = readCef(text);
  if (cef === undefined || !/^sonicwall$/i.test(cef.vendor)) return undefined;
  const pairs: Pairs = new Map([
    ['m', cef.classId],
    ['model', cef.product],
  ]);
  for (const [key, value] of cef.extension) pairs.set(CEF_KEYS.get(key) ?? key, unquoted(value));
  if (!pairs.has('msg')) pairs.set('msg', cef.name);
  return pairs;
};

const readPairs = (text: string): Pairs | undefined => {
  const start = START.exec(text);
  if (start !== null) return readKeyValues(text, start.index);
  return text.includes('CEF:') ? readCefForm(text) : undefined;
};

const claims = ({ text }: RawRecord): boolean => START.test(text) || /CEF: ?\d\|SonicWall\|/i.test(text);

const timeOf = (pairs: Pairs, record: RawRecord): Civil | number | undefined => {
  const time = pairs.get('time') ?? pairs.get('rt') ?? '';
  return epochMicros(time) ?? (readIso(time) ?? readBsd(time))?.civil ?? record.envelope.civil;
};

// ---------------------------------------------------------------- end points

/** `192.0.2.1:4277:WAN:name` · `192.0.2.1::X0-V500` · `:49702:X0` beside srcV6 · `192.0.2.1` · `[2001:db8::1]:443:X1` */
const putEnd =
  (side: 'source' | 'destination') =>
  (fields: Fields, value: string): unknown => {
    const v6 = /^\[?([\da-fA-F:]{3,45})\]?(?::(\d{1,5})(?::|$))?/.exec(value);
    if (canonicalIp(value) !== undefined) return putIp(fields, `${side}.ip`, value);
    const parts = value.startsWith('[') ? ['', v6?.[2] ?? '', value.split(':').at(-1) ?? ''] : value.split(':');
    const ip = value.startsWith('[') ? v6?.[1] : parts[0];
    if (ip !== undefined && ip !== '' && !putIp(fields, `${side}.ip`, ip)) return false;
    const port = Number(parts[1]);
    if (parts[1] !== undefined && /^\d{1,5}$/.test(parts[1]) && port <= 65535) fields[`${side}.port`] = port;
    put(fields, `observer.${side === 'source' ? 'ingress' : 'egress'}.interface.name`, parts[2]);
    put(fields, `${side}.domain`, parts[3]?.toLowerCase());
    return undefined;
  };

/** `203.0.113.20:40122`, or the address alone. */
const putNat =
  (side: 'source' | 'destination') =>
  (fields: Fields, value: string): void => {
    const [ip, port] = value.split(':') as [string, string | undefined];
    if (addressClass(ip) === 'unspecified' || !putIp(fields, `${side}.nat.ip`, ip)) return;
    if (port !== undefined && /^[1-9]\d{0,4}$/.test(port)) fields[`${side}.nat.port`] = Number(port);
  };

// ---------------------------------------------------------------- meaning

type Outcomes = 'success' | 'failure';
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');

interface Line {
  readonly fields: Fields;
  readonly pairs: Pairs;
  /** Message and note: what happened stands in words; numbers differ between releases. */
  readonly text: string;
  readonly failed: boolean;
  readonly blocked: boolean;
}

/** Unknown user attempted to log in · User login failure rate exceeded · User login from unauthorized zone */
const REFUSED = /\bunknown user\b|\battempted\b|\bexceeded\b|\bunauthori[sz]ed\b|\bnot (?:allowed|permitted)\b/i;

const login = ({ fields, pairs, text, ...line }: Line): Act => {
  const failed = line.failed || REFUSED.test(pairs.get('msg') ?? '');
  const types = failed ? 'info' : 'start';
  if (failed)
    put(
      fields,
      'event.reason',
      /\bdenied (?:due to|-|because of|from) ?(.{1,120}?)\.?$/i.exec(pairs.get('msg') ?? '')?.[1] ??
        pairs.get('note') ??
        pairs.get('msg'),
    );
  const session = pairs.get('sess') ?? '';
  if (/administrator|\badmin\b/i.test(pairs.get('msg') ?? '') || /^(?:GMS|CLI)$/i.test(session)) {
    put(
      fields,
      'service.type',
      /\bCLI\b/i.test(`${text} ${session}`) ? 'cli' : /\bSSH\b/i.test(text) ? 'ssh' : 'https',
    );
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
  }
  if (VPN.test(`${text} ${session}`)) {
    fields['einfallstor.vpn.type'] = /ssl ?-?vpn|netextender|sslvpn/i.test(`${text} ${session}`) ? 'ssl' : 'ipsec';
    return as('vpn-login', fields, 'authentication network', types, orFailure(failed));
  }
  put(fields, 'service.type', session.toLowerCase());
  put(fields, 'host.name', fields['observer.name'] as string | undefined);
  return as('login', fields, 'authentication', types, orFailure(failed));
};

const logout = ({ fields, pairs, text }: Line): Act => {
  put(fields, 'event.reason', pairs.get('note'));
  if (/administrator/i.test(text) || !VPN.test(`${text} ${pairs.get('sess') ?? ''}`))
    return as('logout', fields, 'authentication session', 'end', 'success');
  return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
};

/** `NetExtender: Client k.maier is assigned IP: 10.90.0.14` */
const assigned = ({ fields, text }: Line): Act => {
  putIp(fields, 'einfallstor.vpn.assigned_ip', /\bassigned IP:? ?(?:address )?([\d.]{7,15})/i.exec(text)?.[1]);
  if (fields['user.name'] === undefined)
    putUser(fields, 'user', /\b(?:Client|User) (\S{1,128}) is assigned/i.exec(text)?.[1]);
  return as('vpn-address-assigned', fields, 'session network', 'info', 'success');
};

const threat = ({ fields, pairs, blocked }: Line): Act => {
  fields['event.kind'] = 'alert';
  const named = /(?:Alert|Detected|blocked)[:,] (.{3,200}?)(?:, (?:SID|AppID|CatID)|$)/.exec(
    pairs.get('msg') ?? '',
  )?.[1];
  put(fields, 'threat.indicator.name', named ?? pairs.get('note') ?? pairs.get('msg'));
  for (const cve of `${pairs.get('msg')} ${pairs.get('note')}`.match(/CVE-\d{4}-\d{4,7}/g) ?? [])
    add(fields, 'vulnerability.id', cve);
  put(fields, 'rule.id', pairs.get('sid') ?? pairs.get('ipscat'));
  return as(
    'threat',
    fields,
    'intrusion_detection network',
    `info ${blocked ? 'denied' : 'allowed'}`,
    orFailure(blocked),
  );
};

const website = ({ fields, pairs, blocked }: Line): Act => {
  const host = pairs.get('dstname');
  const path = pairs.get('arg') ?? (host?.includes('/') ? '' : '/');
  if (host !== undefined)
    putUrl(fields, `${pairs.get('proto')?.includes('https') ? 'https' : 'http'}://${host}${path}`);
  put(fields, 'rule.category', pairs.get('Category') ?? pairs.get('category'));
  put(fields, 'http.request.method', OPERATIONS.get(pairs.get('op') ?? ''));
  if (blocked) fields['event.kind'] = 'alert';
  return as(
    blocked ? 'threat' : 'http-request',
    fields,
    'web network',
    blocked ? 'access denied' : 'access',
    orFailure(blocked),
  );
};

const change = ({ fields, pairs, text, failed }: Line): Act => {
  put(fields, 'einfallstor.change.object', pairs.get('msg'));
  put(fields, 'einfallstor.change.attributes', pairs.get('note'));
  if (fields['user.name'] === undefined)
    putUser(fields, 'user', /\b(?:by|user) '?"?([\w.@\\-]{1,128})/i.exec(pairs.get('note') ?? '')?.[1]);
  const type = /\badded|created/i.test(text) ? 'creation' : /\bdeleted|removed/i.test(text) ? 'deletion' : 'change';
  return as('config-change', fields, 'configuration', type, orFailure(failed));
};

type Meaning = readonly [pattern: RegExp, read: (line: Line) => Act];

/** By the message's words; the first that matches (SonicOS Log Events Reference Guide). */
const MEANINGS: readonly Meaning[] = [
  [
    /^Connection Opened|^TCP connection opened/i,
    ({ fields }) => as('flow-start', fields, 'network', 'connection start allowed', 'success'),
  ],
  [/^SSL ?VPN Traffic/i, ({ fields }) => as('flow', fields, 'network', 'connection allowed', 'success')],
  [/^Connection Closed/i, ({ fields }) => as('flow', fields, 'network', 'connection end allowed', 'success')],
  [
    /^(?:TCP|UDP|ICMP|IGMP|IP|Broadcast) packet allowed/i,
    ({ fields }) => as('flow-start', fields, 'network', 'connection start allowed', 'success'),
  ],
  [/^NAT Mapping/i, ({ fields }) => as('nat', fields, 'network', 'info', 'success')],
  [/\bassigned IP\b/i, assigned],
  [/\blog(?:ged)? ?out\b|\blogged off\b|session (?:terminated|expired)|max(?:imum)? session time exceeded/i, logout],
  [/\blog ?in\b|XAUTH (?:Succeeded|Failed)|authentication (?:succeeded|success|fail|denied)|\blocked ?out\b/i, login],
  [/^(?:Syslog )?Web ?site |^Website|^Newsgroup|^Proxy access/i, website],
  [
    /\b(?:IPS|Anti-Spyware|Anti-?Virus|Application Control|App Rules?|Application Firewall|Botnet|Sandbox|Capture ATP|GAV)\b|attack|flood|\b(?:port|FIN|NULL|XMAS|SYN) scan|spoof|smurf|xmas|\bland\b|ping of death|malformed/i,
    threat,
  ],
  [/^Log Cleared/i, ({ fields }) => as('log-cleared', fields, 'configuration', 'deletion', 'success')],
  [
    /\bIKE|IPsec|ISAKMP|\bSA\b|VPN (?:policy|tunnel)|NetExtender|SSL ?VPN/i,
    ({ fields, failed }) => {
      fields['einfallstor.vpn.type'] = 'ipsec';
      return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(failed));
    },
  ],
  [/^DHCP|\bDHCP (?:lease|server)/i, ({ fields }) => as('dhcp-lease', fields, 'network', 'protocol info')],
  [
    /\b(?:configuration|settings?|preferences|policy|access rule|address object|object|firmware|password|administrator name)\b.*\b(?:succeeded|failed|changed?|added|deleted|modified|created|removed|uploaded|imported|updated|restored)\b/i,
    change,
  ],
  [
    /activated|restart|reboot|started|shut ?down|(?:time|clock) (?:set|changed|(?:manually )?updated?)|High Availability|\bHA\b|link (?:is )?(?:up|down)/i,
    ({ fields }) => as('source-state', fields, 'host', 'info'),
  ],
];

const actOf = (line: Line): Act => {
  const { fields, pairs, blocked } = line;
  // newer releases leave the words of a web site hit (m=97) out
  const message = pairs.get('msg') ?? (pairs.get('m') === '97' && pairs.has('dstname') ? 'Web site hit' : '');
  const known = MEANINGS.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return known[1](line);
  if (blocked && fields['source.ip'] !== undefined) {
    put(fields, 'event.reason', pairs.get('note'));
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  }
  return as('other', fields, fields['source.ip'] === undefined ? 'host' : 'network', 'info');
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const pairs = readPairs(record.text);
    if (pairs === undefined) return rejected('not-this-format', 'neither id=/sn= tags of SonicOS nor its CEF');
    const fields: Fields = {
      'observer.vendor': 'SonicWall',
      'observer.product': 'SonicOS',
      'observer.type': 'firewall',
    };
    const time = timeOf(pairs, record);
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    putValues(fields, pairs);
    // `id` is "firewall" unless somebody gave the device a name
    const id = pairs.get('id');
    put(
      fields,
      'observer.name',
      id !== undefined && id !== 'firewall' ? id : (record.envelope.host ?? pairs.get('dvchost') ?? id),
    );
    add(fields, 'observer.ip', canonicalIp(record.envelope.host ?? ''));
    const text = `${pairs.get('msg') ?? ''} ${pairs.get('note') ?? ''}`;
    relateAddresses(fields, text);
    const blocked = /\b(?:drop|dropped|block|blocked|denied|deny|prevent(?:ed|ion)|reject(?:ed)?|forbidden)\b/i.test(
      `${pairs.get('msg')} ${pairs.get('fw_action')}`,
    );
    const failed =
      /\b(?:denied|fail(?:ed|ure)?|invalid|incorrect|bad|lock(?:ed)? ?out|disabled|mismatch|(?:does|do) not match)\b/i.test(
        pairs.get('msg') ?? '',
      );
    const act = actOf({ fields, pairs, text, failed, blocked });
    const [at, duration] = [fields['@timestamp'], fields['event.duration']];
    if (act === 'flow' && typeof at === 'number' && typeof duration === 'number')
      fields['event.start'] = at - duration / 1000;
    if (/="[^"]*$/.test(record.text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const putValues = fieldMap(
  'sonicwall.firewall',
  {
    text: `sn=observer.serial_number m=event.code pri=log.level msg=message appName=network.application
      rule=rule.name agent=user_agent.original dstname=destination.domain vpnpolicy=einfallstor.vpn.group
      srcZone=observer.ingress.zone dstZone=observer.egress.zone fileid=file.hash.sha1+ filename=file.name`,
    number: `sent=source.bytes rcvd=destination.bytes out=source.bytes in=destination.bytes spkt=source.packets
      rpkt=destination.packets result=http.response.status_code sport=source.port
      dport=destination.port`,
    given: 'srcV6=source.ip dstV6=destination.ip',
    givenPort: 'natSrcPort=source.nat.port natDstPort=destination.nat.port',
    mac: 'srcMac=source.mac dstMac=destination.mac smac=source.mac dmac=destination.mac',
    user: 'usr=user user=user susr=user duser=destination.user',
  },
  {
    'time rt': () => undefined,
    'id+ note+ fw_action+ sess+ sid+ category+ Category+ arg+ op+ model+': () => undefined,
    src: putEnd('source'),
    dst: putEnd('destination'),
    natSrc: putNat('source'),
    natDst: putNat('destination'),
    fw: (fields, value) => canonicalIp(value) !== undefined && add(fields, 'observer.ip', canonicalIp(value)),
    // tcp/https · udp/53
    proto: (fields, value) => {
      const [transport, service] = value.split('/');
      putTransport(fields, transport);
      if (service !== undefined && !/^\d*$/.test(service)) put(fields, 'network.protocol', service.toLowerCase());
    },
    // milliseconds of a connection, seconds of a session
    cdur: (fields, value) => {
      if (/^\d{1,12}$/.test(value)) fields['event.duration'] = Number(value) * 1e6;
    },
    dur: (fields, value) => {
      if (/^\d{1,9}$/.test(value)) fields['event.duration'] = Number(value) * 1e9;
    },
  },
);

const CEF_KEYS = new Map(
  table(`spt=sport dpt=dport deviceInboundInterface=inIf deviceOutboundInterface=outIf cs1Label=natSrc cs2Label=natDst
    cs3Label=srcZone cs4Label=dstZone snpt=natSrcPort dnpt=natDstPort cn1Label=rpkt cn2Label=spkt cn3Label=cdur
    cs1=rule request=dstname requestMethod=op deviceExternalId=sn`),
);
const OPERATIONS = new Map(table('1=GET 2=POST 3=HEAD 4=CONNECT GET=GET POST=POST HEAD=HEAD CONNECT=CONNECT'));
const VPN = /\bVPN|SSL ?-?VPN|sslvpn|NetExtender|XAUTH|remote user|\bGVC\b|L2TP/i;

export default {
  id: 'sonicwall',
  title: 'SonicWall firewalls (SonicOS)',
  references: [
    {
      title: 'SonicOS Log Events Reference Guide',
      url: 'https://www.sonicwall.com/support/technical-documentation/docs/sonicos-7-1-log_events_reference_guide',
    },
    {
      title: 'SonicOS 7, Syslog and ArcSight CEF fields',
      url: 'https://www.sonicwall.com/support/technical-documentation/docs/sonicos-7-0-device_log',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'connections opened and closed, packets dropped, NAT mappings, web sites',
    'IPS, Anti-Spyware, Gateway Anti-Virus, Application Control, Botnet and Geo-IP, floods and scans',
    'administrators, users, SSL VPN and Global VPN logins, IKE, assigned addresses, configuration, log cleared',
    'default and enhanced syslog, ArcSight CEF',
  ],
  limits: [
    'What happened is read from the words of the message: their numbers changed between releases.',
    'Times without UTC are the device’s local time.',
  ],
  recognise: recogniseBy(claims, 'are SonicOS tags or CEF'),
  claims,
  open,
} satisfies Parser as Parser;
