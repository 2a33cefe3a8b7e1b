import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Cef, RECORD_BEGINS, readCef } from '../../src/parse/kit/cef.ts';
import { putCefHeader, readEventTime, readLabels, relateValues, stampCef } from '../../src/parse/kit/cef-fields.ts';
import { readClf } from '../../src/parse/kit/civil.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { type F5Line, openSessions, readF5 } from '../../src/parse/kit/f5.ts';
import { putF5Cef, putF5Pairs } from '../../src/parse/kit/f5-fields.ts';
import { isChange, readF5Message } from '../../src/parse/kit/f5-messages.ts';
import { words } from '../../src/parse/kit/field-map.ts';
import { firstKey, readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Groups, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { categorise, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putBareUrl, putUrl } from '../../src/parse/kit/url.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Pairs = ReadonlyMap<string, string>;

// CEF:0|F5|ASM|15.1.2|… · CEF:0|F5|Advanced Firewall Module|… · CEF:0|F5 Networks|BIG-IP|…
const isF5 = (cef: Cef | undefined): cef is Cef => cef !== undefined && /^f5\b/i.test(cef.vendor);

// ASM:unit_hostname="bigip1",management_ip_address="192.0.2.1",… · f5_asm=Splunk-F5-ASM,… · acl_policy_name="…",…
const PAIRS =
  /\b(?:unit_hostname=|f5_asm=|unit_host=|acl_policy_name=|acl_rule_name=|errdefs_msgno=|device_vendor="F5"|bigip_mgmt_ip=)/;

const readPairs = ({ text, envelope }: RawRecord): Pairs | undefined => {
  const structured = envelope.structured?.['F5@12276'];
  if (structured !== undefined) return new Map(Object.entries(structured));
  if (!PAIRS.test(text.slice(0, 4096))) return undefined;
  const start = firstKey(envelope.message, /\w{2,40}$/);
  const pairs = readKeyValues(envelope.message, Math.max(0, start), ',');
  return pairs.size > 3 ? pairs : undefined;
};

const claims = (record: RawRecord): boolean =>
  (record.text.includes('CEF:') && isF5(readCef(record.text))) ||
  record.envelope.structured?.['F5@12276'] !== undefined ||
  PAIRS.test(record.text.slice(0, 4096)) ||
  readF5(record.envelope).own;

// ---------------------------------------------------------------- web and network firewall

const BLOCKED = /^(?:block|drop|reject|den[iy]|discard|mitigat)/i;
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: 'success' | 'failure'): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};

/** A request the application firewall looked at: what it found is in `violations`, what it did in the action. */
const application = (fields: Fields, action: string): Act => {
  if (/^(?:passed|legal|unblocked|0)?$/i.test(action)) return as('http-request', fields, 'web', 'access', 'success');
  fields['event.kind'] = 'alert';
  const blocked = BLOCKED.test(action);
  const types = `access ${blocked ? 'denied' : 'allowed'}`;
  return as('threat', fields, 'intrusion_detection web', types, blocked ? 'failure' : 'success');
};

/** Rules of the network firewall: accepted when the connection opens, `Closed` when it ends. */
const network = (fields: Fields, action: string): Act => {
  if (fields['dns.question.name'] !== undefined)
    return as('dns-query', fields, 'network', 'protocol info', BLOCKED.test(action) ? 'failure' : 'success');
  if (fields['f5.bigip.attack_id'] !== undefined || fields['f5.bigip.attack_name'] !== undefined) {
    fields['event.kind'] = 'alert';
    const types = `info ${BLOCKED.test(action) ? 'denied' : 'allowed'}`;
    return as('threat', fields, 'intrusion_detection network', types, BLOCKED.test(action) ? 'failure' : 'success');
  }
  if (BLOCKED.test(action)) return as('flow-denied', fields, 'network', 'connection denied', 'success');
  if (/^clos/i.test(action)) return as('flow', fields, 'network', 'connection end allowed', 'success');
  if (/^(?:accept|allow|open|established)/i.test(action))
    return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  return as('other', fields, 'network', 'info');
};

const fromCef = (fields: Fields, cef: Cef, clock: Clock, record: RawRecord): Act => {
  putCefHeader(fields, cef);
  const pairs = readLabels(cef.extension);
  if (!stampCef(clock, fields, pairs, record.envelope.civil)) warn(fields, 'time-missing');
  put(fields, 'observer.name', record.envelope.host);
  putF5Cef(fields, pairs);
  if (cef.classId === '') delete fields['event.code'];
  put(fields, 'event.action', cef.name);
  const action = pairs.get('act') ?? '';
  put(fields, 'f5.bigip.action', action);
  if (/^ASM|security/i.test(cef.product)) {
    put(fields, 'threat.indicator.name', action === 'passed' ? undefined : (pairs.get('attack_type') ?? cef.name));
    return application(fields, action);
  }
  if (/firewall|AFM|dos/i.test(cef.product)) return network(fields, action || cef.name);
  return pairs.has('requestMethod') ? application(fields, action) : network(fields, action);
};

const fromPairs = (fields: Fields, pairs: Pairs): Act => {
  putF5Pairs(fields, pairs);
  const web = pairs.has('request_status') || pairs.has('req_status') || pairs.has('violations');
  const action = pairs.get('request_status') ?? pairs.get('req_status') ?? pairs.get('action') ?? '';
  put(fields, 'event.action', action);
  return web ? application(fields, action) : network(fields, action);
};

// ---------------------------------------------------------------- daemons

// [ssl_acc] 192.0.2.77 - admin [31/Oct/2021:23:14:07 +0100] "/tmui/login.jsp" 200 1762
const ACCESS = /^\[ssl_acc\] (\S{2,60}) - (\S{1,255}) \[([^\]]{10,40})\] "?(\S{0,4000}?)"? (\d{3}) (\d{1,12}|-)/;
// [ssl_req][31/Oct/2021:23:14:07 +0100] 192.0.2.77 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 "/my.policy" 199
const REQUEST = /^\[ssl_req\] ?\[([^\]]{10,40})\] (\S{2,60}) (\S{1,20}) (\S{1,80}) "(\S{0,4000}?)" (\d{1,12}|-)/;

/** The web server of the management: time, client, user and page stand in the line. */
const management = (fields: Fields, text: string, clock: Clock): boolean => {
  const access = ACCESS.exec(text);
  const request = access === null ? REQUEST.exec(text) : null;
  const found = access ?? request;
  if (found === null) return false;
  delete fields['einfallstor.warnings']; // of the header's time
  clock.stamp(fields, readClf((access?.[3] ?? request?.[1]) as string)?.civil);
  putIp(fields, 'source.ip', access?.[1] ?? request?.[2]);
  put(fields, 'user.name', access?.[2]);
  putUrl(fields, access?.[4] ?? request?.[5]);
  putNumber(fields, 'http.response.status_code', access?.[5]);
  putNumber(fields, 'http.response.bytes', access?.[6] ?? request?.[6]);
  put(fields, 'tls.version', request?.[3]?.replace(/^[A-Za-z]+v?/, ''));
  put(fields, 'tls.cipher', request?.[4]);
  put(fields, 'event.action', access === null ? 'ssl_req' : 'ssl_acc');
  putKind(fields, 'web');
  return true;
};

// Rule /Common/Log_local <HTTP_REQUEST>: 192.0.2.7:57590: GET …: the text is the operator's own
const IRULE = /^Rule (\/[\w./-]{1,200}) <([A-Z_]{3,40})>: /;
// 192.0.2.7:57590 · 192.0.2.7%1:443
const END_POINT = /(?<![\d.])((?:\d{1,3}\.){3}\d{1,3})(?:%\d{1,5})?:(\d{1,5})(?!\d)/g;

const irule = (fields: Fields, text: string): boolean => {
  const m = IRULE.exec(text);
  if (m === null) return false;
  put(fields, 'rule.name', m[1]);
  put(fields, 'event.action', (m[2] as string).toLowerCase().replaceAll('_', '-'));
  const ends = [...text.slice(0, 4096).matchAll(END_POINT)].slice(0, 2);
  // clients come first in what operators log
  ends.forEach(([, ip, port], n) => {
    const side = n === 0 ? 'source' : 'destination';
    if (ends.length === 2 && putIp(fields, `${side}.ip`, ip)) putNumber(fields, `${side}.port`, port);
  });
  putBareUrl(fields, /\bUR[IL]: ?(\S{1,4000})/.exec(text)?.[1]);
  putNumber(fields, 'http.response.status_code', /\bHTTP: ([1-5]\d\d)\b/.exec(text)?.[1]);
  putKind(fields, 'info');
  return true;
};

/** `10.1.0.5%2`: the number of the routing domain is no part of the address. */
const withoutDomain = (groups: Groups): Groups =>
  Object.fromEntries(
    Object.entries(groups).map(([k, v]) => [k, /^(?:ip|to|inner)$/.test(k) ? v?.replace(/%\d+$/, '') : v]),
  );

const OK = /\bOK\b|^$/i;

/** What a command of the management did: a change, or a look. */
const command = (fields: Fields, groups: Groups): Act => {
  const failed = !OK.test(groups['status'] ?? '');
  put(fields, 'process.command_line', groups['command']);
  put(fields, 'service.type', groups['service']);
  if (failed) put(fields, 'event.reason', groups['status']);
  const outcome = failed ? 'failure' : 'success';
  if (!isChange(groups['command'] ?? '')) return as('other', fields, 'configuration', 'access', outcome);
  const object = (groups['command'] ?? '').slice(0, 500).replaceAll(/[{}"]/g, ' ');
  put(fields, 'einfallstor.change.object', words(object).slice(1, 4).join(' '));
  put(fields, 'einfallstor.change.attributes', groups['command']);
  const verb = words(groups['command'] ?? '')[0] ?? '';
  const type = /^create|^obj_create/.test(verb) ? 'creation' : /delete/.test(verb) ? 'deletion' : 'change';
  return as('config-change', fields, 'configuration', type, outcome);
};

/** A message of a daemon by its words; undefined where nothing is known of it but its head. */
const message = (fields: Fields, line: F5Line): Act => {
  const found = readF5Message(line.text);
  if (found === undefined) {
    as('other', fields, line.session === undefined ? 'host' : 'session', 'info');
    return 'other';
  }
  const groups = withoutDomain(found.groups);
  putPhrase(fields, found.phrase, groups);
  putTransport(fields, groups['transport']);
  put(fields, 'source.geo.country_iso_code', groups['country']);
  if (groups['command'] !== undefined) return command(fields, groups);
  if (/^admin-log/.test(found.phrase[1])) {
    const way = /RAW: (httpd|sshd|\w{1,16})/.exec(line.text)?.[1];
    put(fields, 'service.type', way === 'httpd' ? 'https' : way === 'sshd' ? 'ssh' : way);
  }
  return found.phrase[2];
};

const open: Parser['open'] = ({ clock }) => {
  const learn = openSessions();

  /** Lines of one session of Access carry its number; who it is was told before. */
  const joinSession = (fields: Fields, line: F5Line, session: string): void => {
    put(fields, 'einfallstor.vpn.session_id', session);
    if (fields['rule.name'] === undefined) put(fields, 'rule.name', line.profile);
    if (fields['einfallstor.vpn.group'] === undefined) put(fields, 'einfallstor.vpn.group', line.profile);
    const told = (name: string): string | undefined => fields[name] as string | undefined;
    const [user, ip, client] = [told('user.name'), told('source.ip'), told('user_agent.original')];
    // in an access list the packet's source is the address inside the tunnel
    const inner = /^acl-/.test(told('event.action') ?? '');
    const known = learn(session, {
      ...(user !== undefined && { user }),
      ...(ip !== undefined && !inner && { ip }),
      ...(client !== undefined && { client }),
    });
    if (user === undefined) put(fields, 'user.name', known.user);
    if (ip === undefined) put(fields, 'source.ip', known.ip);
    if (client === undefined) put(fields, 'user_agent.original', known.client);
  };

  return (record) => {
    const { envelope, text } = record;
    const fields: Fields = { 'observer.vendor': 'F5', 'observer.product': 'BIG-IP' };
    const cef = text.includes('CEF:') ? readCef(text) : undefined;
    if (isF5(cef)) {
      const act = fromCef(fields, cef, clock, record);
      relateValues(fields, cef.extension);
      return { kind: 'event', act, fields };
    }
    const pairs = readPairs(record);
    const line = readF5(envelope);
    const known = pairs !== undefined || line.own || line.code !== undefined || line.level !== undefined;
    if (!known) return rejected('not-this-format', 'neither a message of a BIG-IP daemon nor F5 pairs or CEF');
    const time = readEventTime(pairs?.get('date_time') ?? '') ?? envelope.civil;
    clock.stamp(fields, time);
    put(fields, 'observer.name', envelope.host);
    put(fields, 'event.code', line.code);
    put(fields, 'log.level', line.level);
    put(fields, 'process.name', line.program);
    putNumber(fields, 'process.pid', line.pid);
    let act: Act;
    if (pairs !== undefined && line.code === undefined) act = fromPairs(fields, pairs);
    else if (management(fields, line.text, clock)) act = 'http-request';
    else if (irule(fields, line.text)) act = 'other';
    else {
      if (pairs !== undefined) putF5Pairs(fields, pairs);
      act = message(fields, line);
    }
    if (line.session !== undefined) joinSession(fields, line, line.session);
    if (act.startsWith('vpn-')) put(fields, 'einfallstor.vpn.type', 'ssl');
    if (fields['message'] === undefined && line.text !== '') put(fields, 'message', line.text);
    relateAddresses(fields, text.slice(0, 16_384).replaceAll(/%\d{1,5}(?=[:\s"])/g, ' '));
    if (fields['@timestamp'] === undefined) warn(fields, 'time-missing');
    return { kind: 'event', act, fields };
  };
};

const TECH = 'https://techdocs.f5.com/kb/en-us/products';

export default {
  id: 'f5-bigip',
  title: 'F5 BIG-IP (LTM, APM, ASM/Advanced WAF, AFM)',
  references: [
    {
      title: 'BIG-IP Access Policy Manager: Logging and reporting',
      url: `${TECH}/big-ip_apm/manuals/product/apm-network-access-12-1-0/10.html`,
    },
    {
      title: 'BIG-IP Application Security Manager: Logging application security events',
      url: `${TECH}/big-ip_asm/manuals/product/asm-implementations-13-1-0/14.html`,
    },
    {
      title: 'Storage formats of the application firewall (pairs)',
      url: 'https://docs.splunk.com/Documentation/AddOns/released/F5BIGIP/Storageformatreference',
    },
  ],
  appliance: true,
  framing: { startsWith: RECORD_BEGINS },
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'APM: sessions, authentication, policy result, assigned addresses, access lists, bytes at the end',
    'ASM and AFM as CEF and as pairs, structured data of high-speed logging',
    'audit of tmsh, GUI and API; logins to the management; httpd access; iRules; pool members; traffic manager',
  ],
  limits: [
    'Lines of an Access session carry its number only: user and client come from the lines that told them, in the same file.',
    'CSV of the application or network firewall is not mapped: its columns are the operator’s choice.',
    'The text of iRules is the operator’s own: two end points are taken as client and server.',
  ],
  recognise: recogniseBy(claims, 'are BIG-IP messages'),
  claims,
  open,
} satisfies Parser as Parser;
