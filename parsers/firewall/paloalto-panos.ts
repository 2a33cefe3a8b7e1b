import { addressClass, canonicalIp } from '../../src/core/net.ts';
import { SECOND } from '../../src/core/time.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readBsd, readIso, readSlashed } from '../../src/parse/kit/civil.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { once } from '../../src/parse/kit/once.ts';
import { type PanosLine, type PanosValues, readPanos } from '../../src/parse/kit/panos.ts';
import { readPanosHead, readPanosRow } from '../../src/parse/kit/panos-export.ts';
import { as, lower, orFailure, type PanosFamily, system, vpn } from '../../src/parse/kit/panos-system.ts';
import { add, put, putIp, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const lineOf = once(({ text }) => readPanos(text));
const claims = (record: RawRecord): boolean => lineOf(record) !== undefined || readPanosHead(record.text) !== undefined;

// ---------------------------------------------------------------- time

const civilOf = (text: string | undefined, zone: string | undefined): Civil | number | undefined => {
  if (text === undefined) return undefined;
  const instant = epochMicros(text);
  if (instant !== undefined) return instant;
  const civil = (readIso(text) ?? readBsd(text) ?? readSlashed(text, 0, 'month'))?.civil;
  return civil !== undefined && civil.offset === undefined && zone !== undefined ? { ...civil, zone } : civil;
};

/**
 * The generated time is the event's, local and without zone; the high-resolution one is that of its logging, with offset.
 * Within 5 s of each other the second is the same moment told better, else only its offset is taken.
 */
const stamp = (clock: Clock, fields: Fields, values: PanosValues, record: RawRecord): void => {
  const zone = values.get('dtz');
  const logged = readIso(values.get('high_res_timestamp') ?? '')?.civil;
  const own = civilOf(values.get('time_generated'), zone) ?? civilOf(values.get('receive_time'), zone);
  const offset = logged?.offset;
  let time: Civil | number | undefined = own ?? record.envelope.civil;
  if (logged !== undefined && offset !== undefined) {
    const stated = typeof own === 'number' || own?.offset !== undefined;
    if (typeof own === 'object' && !stated) time = { ...own, offset };
    const [a, b] = [clock.instant(logged) as number, own === undefined ? undefined : clock.instant(time)];
    if (b === undefined || Math.abs(a - b) <= (stated ? SECOND - 1 : 5 * SECOND)) time = logged;
  }
  if (time === undefined) warn(fields, 'time-missing');
  clock.stamp(fields, time);
};

// ---------------------------------------------------------------- traffic and threats

const traffic: PanosFamily = (fields, values) => {
  const action = lower(values, 'action');
  const subtype = lower(values, 'subtype');
  put(fields, 'event.action', values.get('action'));
  put(fields, 'event.reason', values.get('session_end_reason'));
  const elapsed = Number(values.get('elapsed'));
  if (elapsed >= 0) fields['event.duration'] = elapsed * 1e9;
  if (subtype === 'drop' || subtype === 'deny' || (action !== '' && action !== 'allow'))
    return as('flow-denied', fields, 'network', 'connection denied', 'success');
  if (subtype === 'start') return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  const cut = /^(?:threat|policy-deny)$/.test(lower(values, 'session_end_reason'));
  return as('flow', fields, 'network', `connection end ${cut ? 'denied' : 'allowed'}`, 'success');
};

/** `www.example.org:8443/path?x`: the scheme is left out of URL logs. */
const putPlace = (fields: Fields, misc: string, app: string): void => {
  const bare = misc.replace(/^[a-z]{2,8}:\/\//, '');
  const secure = app === 'ssl' || /^[^/]*:443(?:\/|$)/.test(bare) || misc.startsWith('https:');
  const full = bare === misc ? `${secure ? 'https' : 'http'}://${misc}` : misc;
  putUrl(fields, full);
  fields['url.original'] = misc;
  fields['url.full'] = full;
  const domain = fields['url.domain'];
  if (typeof domain === 'string' && canonicalIp(domain) === undefined) fields['destination.domain'] ??= domain;
};

/** `SSH User Authentication Brute Force Attempt(40015)` · `(9999)` · `40015` */
const threatOf = (text: string): { readonly name: string; readonly id: string | undefined } => {
  const id = /\(?(\d{1,12})\)?$/.exec(text.slice(-14));
  return { name: text.slice(0, text.length - (id?.[0].length ?? 0)).trim(), id: id?.[1] };
};

const threat: PanosFamily = (fields, values) => {
  const subtype = lower(values, 'subtype');
  const action = lower(values, 'action');
  const misc = (values.get('misc') ?? '').replace(/^"(.*)"$/, '$1'); // CEF keeps the quotes of the CSV
  put(fields, 'event.action', values.get('action'));
  const { name, id } = threatOf(values.get('threatid') ?? '');
  put(fields, 'threat.indicator.name', name);
  put(fields, 'event.code', id);
  if (misc !== '' && /^(?:url|)$/.test(subtype)) putPlace(fields, misc, lower(values, 'app'));
  else if (misc.includes('/') && !FILES.has(subtype)) putPlace(fields, misc, lower(values, 'app'));
  else if (misc !== '') put(fields, lower(values, 'app') === 'dns' ? 'dns.question.name' : 'file.name', misc);
  const hash = lower(values, 'filedigest');
  const kind = /^[\da-f]*$/.test(hash) ? ({ 64: 'sha256', 40: 'sha1', 32: 'md5' } as const)[hash.length] : undefined;
  if (kind !== undefined) put(fields, `file.hash.${kind}`, hash);
  for (const cve of name.match(/CVE-\d{4}-\d{4,7}/g) ?? []) add(fields, 'vulnerability.id', cve);
  const blocked = BLOCKED.test(action);
  const benign = /^(?:url|file|data)$/.test(subtype) || lower(values, 'category') === 'benign';
  if (blocked || !benign) fields['event.kind'] = 'alert';
  // a page that the URL filter let through was visited
  else if (subtype === 'url') return as('http-request', fields, 'web network', 'access allowed', 'success');
  const category = THREATS.get(subtype) ?? 'intrusion_detection network';
  return as('threat', fields, category, `info ${blocked ? 'denied' : 'allowed'}`, orFailure(blocked));
};

const decryption: PanosFamily = (fields, values) => {
  const error = values.get('error') ?? '';
  if (error !== '' && error !== 'None') put(fields, 'event.reason', error);
  return as('other', fields, 'network', 'connection protocol', orFailure(fields['event.reason'] !== undefined));
};

const correlation: PanosFamily = (fields, values) => {
  fields['event.kind'] = 'alert';
  relateAddresses(fields, values.get('evidence') ?? '');
  return as('threat', fields, 'intrusion_detection', 'info');
};

// ---------------------------------------------------------------- GlobalProtect

/** Event names of PAN-OS 9.1 and later; what fails short of the authentication is negotiation. */
const gpAct = (event: string, failed: boolean, addressed: boolean): Act => {
  if (/^(?:portal|gateway)-auth$|^clientlessvpn-login$/.test(event)) return 'vpn-login';
  if (failed) return 'vpn-negotiation';
  if (event === 'gateway-connected') return 'vpn-session-start';
  if (/^(?:gateway-logout|clientlessvpn-logout)$/.test(event)) return 'vpn-session-end';
  return event === 'gateway-getconfig' && addressed ? 'vpn-address-assigned' : 'vpn-negotiation';
};

const globalProtect: PanosFamily = (fields, values) => {
  const event = lower(values, 'eventid');
  put(fields, 'event.action', values.get('eventid'));
  for (const key of ['reason', 'error']) put(fields, 'event.reason', values.get(key));
  for (const key of ['public_ipv6', 'public_ip'])
    if (addressClass(values.get(key) ?? '') !== 'unspecified') putIp(fields, 'source.ip', values.get(key));
  for (const key of ['private_ipv6', 'private_ip'])
    if (addressClass(values.get(key) ?? '') !== 'unspecified')
      putIp(fields, 'einfallstor.vpn.assigned_ip', values.get(key));
  const version = values.get('client_ver');
  if (version !== undefined) fields['user_agent.original'] = `GlobalProtect ${version}`;
  const duration = Number(values.get('login_duration'));
  if (duration > 0) fields['event.duration'] = duration * 1e9;
  if (fields['event.reason'] !== undefined && fields['message'] === undefined)
    put(fields, 'message', values.get('reason'));
  const failed = /fail|denied|error/.test(lower(values, 'status'));
  return vpn(gpAct(event, failed, fields['einfallstor.vpn.assigned_ip'] !== undefined), fields, failed);
};

// ---------------------------------------------------------------- administration

const config: PanosFamily = (fields, values) => {
  const result = lower(values, 'result') || lower(values, 'subtype');
  const path = values.get('path') ?? '';
  put(fields, 'event.action', values.get('cmd'));
  putIp(fields, 'source.ip', values.get('host'));
  const client = lower(values, 'client');
  put(fields, 'service.type', client === 'web' ? 'https' : client);
  put(fields, 'einfallstor.change.object', path || values.get('cmd'));
  const [before, after] = [values.get('before_change_detail'), values.get('after_change_detail')];
  put(fields, 'einfallstor.change.attributes', before === undefined ? after : `${before} -> ${after ?? ''}`);
  // mgt-config users svc-backup · /config/mgt-config/users/entry[@name='svc-backup']
  const account = /\bmgt-config[ /]{1,2}users[ /]{1,2}(?:entry\[@name='([^']{1,128})'\]|([^\s/]{1,128}))/.exec(path);
  put(fields, 'user.target.name', account?.[1] ?? account?.[2]);
  const type = /^delete/.test(lower(values, 'cmd'))
    ? 'deletion'
    : /^(?:add|clone)/.test(lower(values, 'cmd'))
      ? 'creation'
      : 'change';
  const category = account === null ? 'configuration' : 'configuration iam';
  return as(
    'config-change',
    fields,
    category,
    account === null ? type : `${type} user`,
    orFailure(/fail|unauth/.test(result)),
  );
};

// ---------------------------------------------------------------- users

/** The captive portal and its further factors. */
const authentication: PanosFamily = (fields, values) => {
  const event = lower(values, 'event') || lower(values, 'opaque');
  const failed = /fail|denied|reject|timed? ?out|invalid/.test(`${event} ${lower(values, 'opaque')}`);
  put(fields, 'event.action', values.get('event'));
  if (failed) put(fields, 'event.reason', values.get('opaque'));
  put(fields, 'service.type', values.get('clienttype')?.toLowerCase());
  const act = Number(values.get('factorno')) > 1 ? 'mfa-challenge' : 'login';
  return as(act, fields, 'authentication', failed ? 'info' : 'start', orFailure(failed));
};

/** A mapping of a user to an address, learnt from a directory, an agent or the VPN. */
const userId: PanosFamily = (fields, values) => {
  const subtype = lower(values, 'subtype');
  put(fields, 'event.action', subtype);
  if (subtype === 'logout') return as('logout', fields, 'authentication session', 'end', 'success');
  if (subtype !== 'login') return as('other', fields, 'iam', 'user info');
  fields['einfallstor.login.method'] = 'user-id';
  return as('login', fields, 'authentication', 'start', 'success');
};

const FAMILIES: ReadonlyMap<string, PanosFamily> = new Map([
  ['TRAFFIC', traffic],
  ...words('THREAT URL DATA WILDFIRE').map((type): [string, PanosFamily] => [type, threat]),
  ['DECRYPTION', decryption],
  ['CORRELATION', correlation],
  ['GLOBALPROTECT', globalProtect],
  ['SYSTEM', system],
  ['CONFIG', config],
  ['AUTHENTICATION', authentication],
  ['USERID', userId],
  ...words('START END TUNNEL').map((type): [string, PanosFamily] => [type, traffic]),
  ['DNS', (fields) => as('dns-query', fields, 'network', 'protocol info')],
  ['HIPMATCH', (fields) => as('other', fields, 'host', 'info')],
]);
const OTHER: PanosFamily = (fields) => as('other', fields, 'network', 'info');

const open: Parser['open'] = ({ clock }) => {
  let columns: readonly string[] | undefined;
  return (record): Outcome => {
    const head = readPanosHead(record.text);
    if (head !== undefined) {
      columns = head;
      return { kind: 'skipped', reason: 'header' };
    }
    const line: PanosLine | undefined =
      (columns === undefined ? undefined : readPanosRow(record.text, columns)) ?? lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no PAN-OS record');
    const { type, values } = line;
    const fields: Fields = {
      'observer.vendor': 'Palo Alto Networks',
      'observer.product': 'PAN-OS',
      'observer.type': 'firewall',
    };
    stamp(clock, fields, values, record);
    putValues(fields, values);
    if (fields['observer.name'] === undefined) put(fields, 'observer.name', record.envelope.host);
    const family = FAMILIES.get(type);
    const act = (family ?? OTHER)(fields, values);
    // of a log whose columns are not all known the addresses are found all the same
    if (family === undefined) relateAddresses(fields, record.text.slice(0, 16_384).replaceAll(/[",{}=]/g, ' '));
    if (type === 'SYSTEM') relateAddresses(fields, `${values.get('object') ?? ''} ${values.get('opaque') ?? ''}`);
    if (fields['event.duration'] !== undefined) putSpan(clock, fields, values);
    if (line.cut) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };
};

/** The session's start is local time without zone, as the generated time is. */
const putSpan = (clock: Clock, fields: Fields, values: PanosValues): void => {
  const civil = civilOf(values.get('start'), values.get('dtz'));
  const offset = readIso(values.get('high_res_timestamp') ?? '')?.civil.offset;
  const zoned = typeof civil === 'object' && offset !== undefined && civil.offset === undefined;
  const start = clock.instant(zoned ? { ...civil, offset } : civil);
  if (start === undefined) return;
  fields['event.start'] = start;
  fields['event.end'] = start + (fields['event.duration'] as number) / 1000;
};

const putValues = fieldMap(
  'panw.panos',
  {
    text: `serial=observer.serial_number device_name=observer.name rule=rule.name rule_uuid=rule.uuid app=network.application
      from=observer.ingress.zone to=observer.egress.zone inbound_if=observer.ingress.interface.name
      outbound_if=observer.egress.interface.name category=rule.category opaque=message severity=log.level
      user_agent=user_agent.original contenttype=http.request.mime_type referer=http.request.referrer
      sender=email.sender.address subject=email.subject machinename=host.name eventid=event.code client_os=host.os.name portal=einfallstor.vpn.group
      client_os_ver=host.os.full os=host.os.name hostid=host.id auth_method=einfallstor.vpn.auth_method
      authproto=einfallstor.login.method matchname=rule.name sni=tls.client.server_name cn=x509.subject.common_name
      issuer_cn=x509.issuer.common_name tls_version=tls.version cert_serial=x509.serial_number objectname=rule.name
      object_id=rule.id fqdn=dns.question.name`,
    lower: 'src_host=source.domain dst_host=destination.domain filetype=file.type',
    number: `sport=source.port dport=destination.port bytes_sent=source.bytes bytes_received=destination.bytes
      bytes=network.bytes pkts_sent=source.packets pkts_received=destination.packets packets=network.packets`,
    side: 'src=source dst=destination',
    given: 'natsrc=source.nat.ip natdst=destination.nat.ip',
    givenPort: 'natsport=source.nat.port natdport=destination.nat.port',
    mac: 'src_mac=source.mac dst_mac=destination.mac mac=source.mac',
    list: 'recipient=email.to.address',
    user: 'user=user admin=user dstuser=destination.user',
  },
  {
    'type+': () => undefined,
    'elapsed+ session_end_reason+ misc+ threatid+ filedigest+ dtz+ path+ host+': () => undefined,
    // the second address of a host that has two
    srcipv6: (fields, value) => {
      if (addressClass(value) === 'unspecified') return;
      if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', value);
      else relateAddresses(fields, value);
    },
    http_method: (fields, value) => put(fields, 'http.request.method', value.toUpperCase()),
    proto: putTransport,
    srcuser: (fields, value) => {
      // x-fwd-for: 192.0.2.7 stands in the user's column when the header is logged there
      const forwarded = /^x-fwd-for: ?(.{2,300})$/.exec(value)?.[1];
      if (forwarded === undefined) {
        putUser(fields, 'user', value);
        // a login with its domain (UPN) stays whole beside the short name
        putUser(fields, 'source.user', value, true);
      } else relateAddresses(fields, forwarded);
    },
    'dns_response+': (fields, value) => {
      for (const [address] of value.matchAll(/[\da-fA-F.:]{2,45}/g)) {
        const ip = canonicalIp(address);
        if (ip !== undefined) add(fields, 'dns.resolved_ip', ip);
      }
    },
    record_type: (fields, value) => put(fields, 'dns.question.type', value.toUpperCase()),
    'xff+ xff_ip+ attempted_gateways+ datasourcename+': (fields, value) => relateAddresses(fields, value),
    'public_ip public_ipv6 private_ip private_ipv6 receive_time+ time_generated+ high_res_timestamp+': () => undefined,
  },
);

const DOCS = 'https://docs.paloaltonetworks.com';

export default {
  id: 'paloalto-panos',
  title: 'Palo Alto Networks PAN-OS, Panorama, Prisma Access, Strata Logging Service',
  references: [
    {
      title: 'Syslog field descriptions',
      url: `${DOCS}/pan-os/11-0/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions`,
    },
    {
      title: 'Event descriptions for the GlobalProtect logs',
      url: `${DOCS}/globalprotect/10-1/globalprotect-admin/logging-for-globalprotect-in-pan-os/event-descriptions-for-the-globalprotect-logs-in-pan-os`,
    },
    { title: 'Strata Logging Service log reference', url: `${DOCS}/strata-logging-service/log-reference` },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ms' },
  families: [
    'TRAFFIC, THREAT (url, file, data, wildfire, virus, spyware, vulnerability, scan, flood), DECRYPTION, CORRELATION',
    'GLOBALPROTECT (9.1 and later) and the GlobalProtect events of SYSTEM before',
    'SYSTEM (administrators, authentication, IKE, DHCP, logs cleared), CONFIG, AUTHENTICATION, USERID, HIP-MATCH',
    'as CSV in syslog, CEF, LEEF, and JSON of the logging service (Prisma Access)',
  ],
  limits: [
    'SYSTEM auth events do not say what the user logged in to: taken as a login to the device.',
    'Columns of GTP, SCTP, IPTAG and tunnel inspection are named where they are those of a session.',
    'CEF with a template of the operator is read by the documented keys.',
  ],
  recognise: recogniseBy(claims, 'are PAN-OS records'),
  claims,
  open,
} satisfies Parser as Parser;

const FILES = new Set(words('file data wildfire wildfire-virus virus ml-virus'));
const BLOCKED = /^(?:block|deny|drop|reset|sinkhole|random-drop|syncookie)/;
const THREATS = new Map([
  ['url', 'web network'],
  ['file', 'network file'],
  ['data', 'network file'],
  ...words('virus ml-virus wildfire wildfire-virus spyware').map((key) => [key, 'malware network'] as const),
]);
