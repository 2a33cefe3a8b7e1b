import { addressClass, canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, offsetOf, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Pairs = Map<string, string>;

// device="SFW" date=2021-10-31 … log_id=010101600001 log_type="Firewall" · timestamp="…" device_model="XGS136" … log_type=
const START =
  /(?:^|[\s>:])(?=device="SFW"|device_name="[^"]{0,128}" timestamp=|timestamp="[^"]{10,40}" device_(?:name|model)=)/;
const claims = ({ text }: RawRecord): boolean => /\blog_id="?\d{12}/.test(text) && /\blog_type=/.test(text);

const readPairs = (text: string): Pairs | undefined => {
  if (!/\blog_type=/.test(text) || !/\blog_(?:id|component|subtype)=/.test(text)) return undefined;
  return readKeyValues(text, START.exec(text)?.index ?? 0);
};

type Outcomes = 'success' | 'failure' | 'unknown';
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');
const lower = (pairs: Pairs, key: string): string => pairs.get(key)?.toLowerCase() ?? '';

/** `date`, `time` and a zone that is an abbreviation, an offset or a name; since 18.0 `timestamp` with offset instead. */
const timeOf = (pairs: Pairs, record: RawRecord): Civil | undefined => {
  const stamped = readIso(pairs.get('timestamp') ?? '')?.civil;
  if (stamped !== undefined && !pairs.has('date')) return stamped;
  const civil = readIso(`${pairs.get('date') ?? ''} ${pairs.get('time') ?? ''}`)?.civil;
  const zone = pairs.get('timezone') ?? '';
  if (civil === undefined) return record.envelope.civil;
  const offset = offsetOf(zone);
  return { ...civil, ...(offset !== undefined ? { offset } : zone === '' ? {} : { zone }) };
};

// ---------------------------------------------------------------- traffic and filters

const firewall: Family = (fields, pairs) => {
  const word = lower(pairs, 'log_subtype') || lower(pairs, 'status');
  put(fields, 'event.action', pairs.get('log_subtype') ?? pairs.get('status'));
  put(fields, 'event.reason', pairs.get('message'));
  if (word === '') return as('other', fields, 'network', 'info');
  if (!/^(?:allow|detect|clean)/.test(word))
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  const event = lower(pairs, 'connevent');
  if (event === 'start') return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  if (event === 'interim') {
    // what the record at the end counts again
    for (const [side, key] of [
      ['source', 'sent_bytes'],
      ['destination', 'recv_bytes'],
    ] as const) {
      put(fields, `sophos.sfos.${key}`, pairs.get(key));
      delete fields[`${side}.bytes`];
    }
    return as('flow', fields, 'network', 'connection allowed', 'success');
  }
  const [at, duration] = [fields['@timestamp'], fields['event.duration']];
  if (typeof at === 'number' && typeof duration === 'number') fields['event.start'] = at - duration / 1000;
  return as('flow', fields, 'network', 'connection end allowed', 'success');
};

const filter =
  (category: string, grave: boolean): Family =>
  (fields, pairs) => {
    const word = `${lower(pairs, 'log_subtype')} ${lower(pairs, 'status')} ${lower(pairs, 'action')}`;
    const blocked = /\b(?:deni|deny|drop|block|virus|pua|quarantin|reject)/.test(word) && !/\bclean\b/.test(word);
    put(fields, 'event.action', pairs.get('log_subtype'));
    for (const key of words('signature_msg virus malware threatname application reason'))
      if (fields['threat.indicator.name'] === undefined) put(fields, 'threat.indicator.name', pairs.get(key));
    for (const cve of pairs.get('signature_msg')?.match(/CVE-\d{4}-\d{4,7}/g) ?? [])
      add(fields, 'vulnerability.id', cve);
    if (grave || blocked) fields['event.kind'] = 'alert';
    // a page that the web filter let through was visited
    else if (category.startsWith('web') && fields['url.domain'] !== undefined)
      return as('http-request', fields, category, 'access allowed', 'success');
    return as('threat', fields, category, `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
  };

const mail: Family = (fields, pairs) => {
  put(fields, 'event.action', pairs.get('spamaction') ?? pairs.get('log_subtype'));
  const blocked =
    /spam|virus|dos|denied|drop|reject/.test(lower(pairs, 'log_subtype')) && !/clean/.test(lower(pairs, 'log_subtype'));
  return as('mail-filter', fields, 'email', `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
};

const waf: Family = (fields, pairs) => {
  const reason = pairs.get('reason') ?? '-';
  put(fields, 'event.reason', reason);
  const failed = Number(pairs.get('httpstatus')) >= 400;
  if (reason !== '-' && reason !== '') fields['event.kind'] = 'alert';
  return as(fields['event.kind'] === 'alert' ? 'threat' : 'http-request', fields, 'web', 'access', orFailure(failed));
};

// ---------------------------------------------------------------- events

/** Whom a component of authentication lets in. */
const authentication: Family = (fields, pairs) => {
  const component = lower(pairs, 'log_component');
  const text = lower(pairs, 'message');
  const failed = /^fail/.test(lower(pairs, 'status')) || /\bfailed\b|\bdenied\b/.test(text);
  put(fields, 'event.action', pairs.get('log_subtype'));
  if (failed) put(fields, 'event.reason', pairs.get('reason') ?? pairs.get('message'));
  const out = /\blogged (?:out|off)\b|\blog ?out\b/.test(text);
  const types = failed ? 'info' : 'start';
  if (/vpn|l2tp|pptp|ipsec|dial-in/.test(component)) {
    fields['einfallstor.vpn.type'] = component.replace(/ authentication$/, '');
    put(fields, 'einfallstor.vpn.auth_method', pairs.get('auth_mechanism'));
    put(fields, 'einfallstor.vpn.group', pairs.get('usergroupname'));
    if (out) return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
    return as('vpn-login', fields, 'authentication network', types, orFailure(failed));
  }
  if (out) return as('logout', fields, 'authentication session', 'end', 'success');
  put(fields, 'einfallstor.login.method', pairs.get('auth_mechanism'));
  put(fields, 'service.type', pairs.get('auth_client')?.toLowerCase());
  put(fields, 'host.name', fields['observer.name'] as string | undefined);
  return as('login', fields, 'authentication', types, orFailure(failed));
};

/** `User admin failed to login from '192.0.2.1' using ssh because of wrong credentials`; else a change of settings. */
const admin: Family = (fields, pairs) => {
  const text = pairs.get('message') ?? '';
  const component = lower(pairs, 'log_component');
  const failed = /^fail/.test(lower(pairs, 'status')) || /\bfailed to\b/i.test(text);
  putUser(
    fields,
    'user',
    pairs.get('user_name') || /^User '?([^\s']{1,128})|\bby '?([^\s']{1,128})/.exec(text)?.slice(1).find(Boolean),
  );
  if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', /\bfrom '?([\da-fA-F.:]{2,45})/.exec(text)?.[1]);
  const way = (/\busing '?(\w{2,16})/.exec(text)?.[1] ?? component).toLowerCase();
  put(fields, 'service.type', /^(?:gui|web)/.test(way) ? 'https' : way);
  put(fields, 'event.action', pairs.get('log_subtype'));
  if (/\blog(?:ged)? ?(?:out|off)\b/i.test(text))
    return as('logout', fields, 'authentication session', 'end', 'success');
  if (/\blog(?:ged)? ?-?in\b/i.test(text)) {
    if (failed) put(fields, 'event.reason', /\bbecause of (.{1,120}?)\.?$/.exec(text)?.[1] ?? text);
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
  }
  if (/\blogs? .{0,40}(?:cleared|purged|flushed|deleted)/i.test(text))
    return as('log-cleared', fields, 'configuration', 'deletion', orFailure(failed));
  put(fields, 'einfallstor.change.object', /^(.{1,300}?) (?:was|were|has been|have been|is) /.exec(text)?.[1] ?? text);
  put(fields, 'einfallstor.change.attributes', pairs.get('additional_information'));
  const type = /\badded|\bcreated/.test(text) ? 'creation' : /\bdeleted|\bremoved/.test(text) ? 'deletion' : 'change';
  return as('config-change', fields, 'configuration', type, orFailure(failed));
};

/** SSL VPN, L2TP, PPTP and IPsec sessions: `ipaddress` is the address inside, `remote_ip` the client. */
const tunnel: Family = (fields, pairs) => {
  const status = lower(pairs, 'status');
  const text = pairs.get('message') ?? '';
  const component = lower(pairs, 'log_component');
  fields['einfallstor.vpn.type'] = component;
  put(fields, 'einfallstor.vpn.session_id', pairs.get('sessionid'));
  put(fields, 'einfallstor.vpn.group', pairs.get('connectionname'));
  if (fields['user.name'] === undefined) putUser(fields, 'user', /\bUser '([^']{1,128})'/.exec(text)?.[1]);
  const inside = pairs.get('ipaddress') ?? pairs.get('leasedip') ?? '';
  const kind = addressClass(inside);
  if (kind !== undefined && kind !== 'unspecified') {
    const only = fields['source.ip'] === undefined && kind === 'public';
    putIp(fields, only ? 'source.ip' : 'einfallstor.vpn.assigned_ip', inside);
  }
  // beside the client's own address the one inside
  const [outside, other] = [pairs.get('src_ip') ?? '', pairs.get('remote_ip') ?? ''];
  if (canonicalIp(outside) !== undefined && other !== outside && addressClass(other) === 'private') {
    putIp(fields, 'source.ip', outside);
    putIp(fields, 'einfallstor.vpn.assigned_ip', other);
  }
  // (Remote: 192.0.2.7) · IKE message (192.0.2.7[500]) · from 192.0.2.66[500]
  if (fields['source.ip'] === undefined)
    putIp(fields, 'source.ip', /(?:\(Remote: |\bmessage \(|\bfrom )([\da-fA-F.:]{2,45})[[)]/.exec(text)?.[1]);
  // the device counts what it sent to the client
  const { 'source.bytes': sent, 'destination.bytes': received } = fields;
  if (sent !== undefined) fields['destination.bytes'] = sent;
  if (received !== undefined) fields['source.bytes'] = received;
  put(fields, 'event.action', pairs.get('status'));
  const site = component === 'ipsec' && fields['user.name'] === undefined;
  if (!site && /^(?:established|connected|successful)/.test(status))
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (!site && /^(?:terminated|disconnected)/.test(status))
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  return as(
    'vpn-negotiation',
    fields,
    'session network',
    'info',
    orFailure(/^(?:fail|deny|denied|expire)/.test(status) || /\bfail/.test(text)),
  );
};

const dhcp: Family = (fields, pairs) => {
  putIp(fields, 'source.ip', pairs.get('ipaddress') ?? pairs.get('leased_ip'));
  put(fields, 'event.action', pairs.get('status'));
  return as('dhcp-lease', fields, 'network', 'protocol info', 'success');
};

const event: Family = (fields, pairs) => {
  const component = lower(pairs, 'log_component');
  const subtype = lower(pairs, 'log_subtype');
  if (subtype === 'admin') return admin(fields, pairs);
  if (subtype === 'authentication' || component.endsWith('authentication')) return authentication(fields, pairs);
  if (/^(?:ssl vpn|ipsec|l2tp|pptp)/.test(component)) return tunnel(fields, pairs);
  if (component === 'dhcp server') return dhcp(fields, pairs);
  put(fields, 'event.action', pairs.get('status') ?? pairs.get('log_subtype'));
  const state = /^(?:appliance|ha|system|interface|gateway|syslog)/.test(component);
  const failed = lower(pairs, 'status').startsWith('fail');
  return as(state ? 'source-state' : 'other', fields, 'host', 'info', failed ? 'failure' : undefined);
};

/** What an endpoint says of its health; who is logged in to it. */
const heartbeat: Family = (fields, pairs) => {
  put(fields, 'event.action', pairs.get('hb_status'));
  if (fields['user.name'] === undefined) putUser(fields, 'user', pairs.get('login_user'));
  return as('other', fields, 'host', 'info');
};

type Family = (fields: Fields, pairs: Pairs) => Act;

const FAMILIES: readonly (readonly [pattern: RegExp, family: Family])[] = [
  [/^firewall|^security policy/, firewall],
  [/^content filtering|^web filter|^application filter|^ssl/, filter('web network', false)],
  [/^(?:idp|ips|dos)/, filter('intrusion_detection network', true)],
  [/^(?:anti-?virus|atp|advanced threat|sandbox|sandstorm|zero.?day)/, filter('malware network', true)],
  [/^(?:anti-?spam|email)/, mail],
  [/^(?:waf|web server)/, waf],
  [/^heartbeat/, heartbeat],
  [/^event|^admin|^authentication|^system$/, event],
];

/** A quote that was not closed, or a last word that has no `=` yet. */
const isCut = (text: string): boolean => {
  const opened = text.lastIndexOf('="');
  return (opened >= 0 && !text.includes('"', opened + 2)) || /["\d] \w{1,32}$/.test(text.slice(-40));
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const pairs = readPairs(record.text);
    if (pairs === undefined) return rejected('not-this-format', 'no log_type=/log_component= pairs of SFOS');
    const fields: Fields = { 'observer.vendor': 'Sophos', 'observer.product': 'SFOS', 'observer.type': 'firewall' };
    const time = timeOf(pairs, record);
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    putValues(fields, pairs);
    put(fields, 'event.code', /(\d{5})$/.exec(pairs.get('log_id') ?? '')?.[1]);
    if (fields['observer.name'] === undefined) put(fields, 'observer.name', record.envelope.host);
    const type = lower(pairs, 'log_type');
    const family = FAMILIES.find(([pattern]) => pattern.test(type))?.[1];
    const act = family === undefined ? as('other', fields, 'host', 'info') : family(fields, pairs);
    if (family === event) related(fields, pairs.get('message') ?? '');
    if (isCut(record.text)) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

/** A web filter has whole URLs, advanced threat protection also names alone. */
const putPlace = (fields: Fields, value: string): void => {
  if (value.includes('/')) putUrl(fields, value);
  else put(fields, 'url.domain', value.toLowerCase());
};

const related = (fields: Fields, value: string): void => relateAddresses(fields, value);

const putValues = fieldMap(
  'sophos.sfos',
  {
    text: `device_name=observer.name device_id=observer.serial_number device_serial_id=observer.serial_number
      device_model=observer.os.version priority=log.level severity=log.level message=message fw_rule_id=rule.id
      fw_rule_name=rule.name policy_type=rule.ruleset fw_rule_type=rule.ruleset application=network.application application_name=network.application
      category=rule.category in_interface=observer.ingress.interface.name out_interface=observer.egress.interface.name
      srczone=observer.ingress.zone src_zone=observer.ingress.zone dstzone=observer.egress.zone
      dst_zone=observer.egress.zone user_gp=user.group.name user_group=user.group.name usergroupname=user.group.name
      user_agent=user_agent.original useragent=user_agent.original referer=http.request.referrer
      contenttype=http.response.mime_type content_type=http.response.mime_type http_method=http.request.method
      method=http.request.method subject=email.subject email_subject=email.subject mailid=email.local_id mail_id=email.local_id
      filename=file.name file_name=file.name download_file_name=file.name sha1sum=file.hash.sha1 ep_name=host.name
      client_host_name=source.domain name=user.full_name`,
    lower: 'domain=url.domain sender_domain=source.domain',
    number: `src_port=source.port dst_port=destination.port sent_bytes=source.bytes recv_bytes=destination.bytes
      bytes_sent=source.bytes bytes_received=destination.bytes sent_pkts=source.packets recv_pkts=destination.packets
      packets_sent=source.packets packets_received=destination.packets status_code=http.response.status_code
      httpresponsecode=http.response.status_code http_status=http.response.status_code
      httpstatus=http.response.status_code bytesrcv=http.request.bytes bytessent=http.response.bytes file_size=file.size
      mail_size=einfallstor.email.size mailsize=einfallstor.email.size`,
    ip: `src_ip=source.ip dst_ip=destination.ip remote_ip=source.ip sourceip=source.ip localip=destination.ip
      remoteinterfaceip=source.ip localinterfaceip=destination.ip localgateway=destination.ip`,
    given:
      'tran_src_ip=source.nat.ip src_trans_ip=source.nat.ip tran_dst_ip=destination.nat.ip dst_trans_ip=destination.nat.ip',
    givenPort: `tran_src_port=source.nat.port src_trans_port=source.nat.port tran_dst_port=destination.nat.port
      dst_trans_port=destination.nat.port`,
    mac: 'src_mac=source.mac dst_mac=destination.mac client_physical_address=source.mac',
    user: 'user_name=user login_user=user+',
    list: `from_email_address=email.from.address sender=email.from.address to_email_address=email.to.address
      recipient=email.to.address`,
  },
  {
    'device date time timestamp start end sessionid connectionname': () => undefined,
    'log_id+ timezone+ ipaddress+ additional_information+': () => undefined,
    protocol: putTransport,
    'url FTP_url': putPlace,
    user: (fields, value) => (value.endsWith('%') ? false : putUser(fields, 'user', value)), // a load in System Health
    duration: (fields, value) => Number(value) >= 0 && putNumber(fields, 'event.duration', Number(value) * 1e9),
    'remotegateway+ xff+': related,
    'ep_ip+': (fields, value) => fields['source.ip'] ?? putIp(fields, 'source.ip', value),
    // the published server, www.example.org:443
    'server+': (fields, value) => {
      const name = value.replace(/:\d{1,5}$/, '').toLowerCase();
      if (canonicalIp(name) !== undefined) related(fields, name);
      else fields['url.domain'] ??= name;
    },
    host: (fields, value) =>
      put(fields, canonicalIp(value) === undefined ? 'url.domain' : 'sophos.sfos.host', value.toLowerCase()),
  },
);

export default {
  id: 'sophos-sfos',
  title: 'Sophos Firewall (SFOS, XG, XGS)',
  references: [
    {
      title: 'Sophos Firewall syslog guide',
      url: 'https://docs.sophos.com/nsg/sophos-firewall/20.0/syslog/index.html',
    },
    { title: 'SFOS Logfile Guide 17.5', url: 'https://docs.sophos.com/nsg/sophos-firewall/17.5/' },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'Firewall, Invalid Traffic, Appliance Access, Heartbeat; Content Filtering, Application Filter, SSL/TLS, IDP, Anti-Virus, ATP, Anti-Spam, WAF',
    'Event: authentication (firewall, VPN, SSL VPN, user portal), administrators and their changes, SSL VPN, IPsec, L2TP, PPTP, DHCP, appliance',
    'standard and central reporting format',
  ],
  limits: [
    'Bytes of records written in the middle of a session (connevent Interim) are not counted: the last one holds them.',
    'The zone is stated as an abbreviation that may stand for several (IST, BST): the event says so.',
  ],
  recognise: recogniseBy(claims, 'are SFOS log_type/log_id pairs'),
  claims,
  open,
} satisfies Parser as Parser;
