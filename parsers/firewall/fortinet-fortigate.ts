import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { fieldMap, type Step } from '../../src/parse/kit/field-map.ts';
import {
  httpTransaction,
  isFortiMail,
  type FortinetPairs as Pairs,
  putFortinetAdmin,
  putFullUrl,
  readFortinetCef,
  readFortinetPairs,
  stampFortinet,
} from '../../src/parse/kit/fortinet.ts';
import { BLOCKED, CHANGES, FAILURE, LOGONS, PASSED, SUCCESS, UTM } from '../../src/parse/kit/fortinet-words.ts';
import { once } from '../../src/parse/kit/once.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Devices that write the same form but other messages: FortiWeb, FortiADC, FortiManager, … `FV-1KE…` */
const OTHER_DEVICE = /^(?:FV|FAD|FAC|FSA|FMG|FAZ|FDD|FCT|FEMS)/;

/** FortiProxy writes the logs of FortiOS: `devid="FPX4HE…"`, and its own name. */
const FORTIPROXY = /\bdevid="?FPX|logdesc="FortiProxy|\|FortiProxy\|/i;

const readPairs = once(({ text }): Pairs | undefined => {
  if (text.includes('|Fortinet|')) return readFortinetCef(text, /^forti(?:gate|os|wifi|proxy)/i);
  if (!text.includes('subtype=')) return undefined;
  const pairs = readFortinetPairs(text);
  if (isFortiMail(pairs)) return undefined;
  const device = pairs.get('devid') ?? pairs.get('device_id') ?? '';
  const known = pairs.has('logid') || pairs.has('log_id') || pairs.has('vd');
  return known && pairs.has('type') && !pairs.has('msg_id') && !OTHER_DEVICE.test(device) ? pairs : undefined;
});

const claims = (record: RawRecord): boolean => readPairs(record) !== undefined;

type Outcomes = 'success' | 'failure' | 'unknown';
type Words = readonly string[];

/** Categorises and names the act. */
const as = (act: Act, fields: Fields, category: Words, types: Words, outcome: Outcomes): Act => {
  categorise(fields, category, types, outcome);
  return act;
};

const lower = (pairs: Pairs, key: string): string => pairs.get(key)?.toLowerCase() ?? '';
const outcomeOf = (word: string): Outcomes =>
  SUCCESS.has(word) ? 'success' : FAILURE.has(word) ? 'failure' : 'unknown';
const orFailure = (failed: boolean): 'success' | 'failure' => (failed ? 'failure' : 'success');

/** Long sessions are logged every two minutes with totals and deltas; only the deltas add up over records. */
const takeDelta = (fields: Fields, pairs: Pairs, side: string, total: string, delta: string): void => {
  if (!(Number(pairs.get(delta)) >= 0)) return;
  put(fields, `fortinet.firewall.${total}`, pairs.get(total));
  putNumber(fields, `${side}.bytes`, pairs.get(delta));
};

const traffic: Family = (fields, pairs) => {
  const action = lower(pairs, pairs.has('action') ? 'action' : 'status');
  put(fields, 'event.action', pairs.get('action') ?? pairs.get('status'));
  takeDelta(fields, pairs, 'source', 'sentbyte', 'sentdelta');
  takeDelta(fields, pairs, 'destination', 'rcvdbyte', 'rcvddelta');
  if (BLOCKED.has(action)) return as('flow-denied', fields, NETWORK, DENIED, 'success');
  if (action === 'start') return as('flow-start', fields, NETWORK, STARTED, 'success');
  const blocked = BLOCKED.has(lower(pairs, 'utmaction'));
  // no answer, or no answer from the name server: let through, but never a connection
  const dead = action === 'ip-conn' || action === 'dns';
  const types = blocked ? CUT : pairs.get('logid')?.endsWith('00020') ? GOES_ON : ENDED;
  return as('flow', fields, NETWORK, types, dead ? 'failure' : action === '' ? 'unknown' : 'success');
};

const utm: Family = (fields, pairs) => {
  const family = pairs.get('type') === 'utm' ? lower(pairs, 'subtype') : lower(pairs, 'type');
  const action = lower(pairs, 'action');
  const blocked = BLOCKED.has(action);
  const known = UTM.get(family);
  const types = [...(known?.types ?? ['protocol']), ...(blocked ? ['denied'] : PASSED.has(action) ? ['allowed'] : [])];
  if (known?.grave || blocked) fields['event.kind'] = 'alert';
  categorise(fields, known?.category ?? NETWORK, types, blocked ? 'failure' : 'success');
  put(fields, 'threat.indicator.name', pairs.get('virus') ?? pairs.get('attack'));
  for (const cve of `${pairs.get('cve') ?? ''} ${pairs.get('attack') ?? ''}`
    .slice(0, 1000)
    .match(/CVE-\d{4}-\d{4,7}/g) ?? []) {
    add(fields, 'vulnerability.id', cve);
  }
  if (fields['url.domain'] !== undefined) fields['destination.domain'] ??= fields['url.domain'];
  // a page that the web filter let through was visited
  return family === 'webfilter' && !blocked ? 'http-request' : (known?.act ?? 'threat');
};

const vpnLogin = (fields: Fields, failed: boolean): Act =>
  as('vpn-login', fields, ['authentication', 'network'], failed ? INFO : START, orFailure(failed));

/** 39424 "SSL VPN tunnel up", type ssl-web, is the accepted login; the tunnel follows as 39947, type ssl-tunnel. */
const tunnelUp = (fields: Fields, pairs: Pairs): Act =>
  lower(pairs, 'tunneltype') === 'ssl-web'
    ? vpnLogin(fields, false)
    : as('vpn-session-start', fields, VPN_SESSION, ['start', 'connection'], 'success');

/** XAUTH and IKEv2 EAP end in a result only in the step that decided on the user. */
const negotiation = (fields: Fields, pairs: Pairs): Act => {
  const status = lower(pairs, 'status');
  const failed = lower(pairs, 'result') === 'error' || outcomeOf(status) === 'failure';
  const users = lower(pairs, 'mode').startsWith('xauth') || lower(pairs, 'exch') === 'auth';
  const done = failed || lower(pairs, 'result') === 'done';
  if (users && done && fields['user.name'] !== undefined) return vpnLogin(fields, failed);
  return as('vpn-negotiation', fields, NETWORK, ['connection', 'protocol'], failed ? 'failure' : outcomeOf(status));
};

/** The remote peer is the source, the FortiGate the destination, and so `rcvdbyte` is what the client sent. */
const turnToClient = (fields: Fields, pairs: Pairs): void => {
  const { 'source.bytes': sent, 'destination.bytes': received } = fields;
  delete fields['source.bytes'];
  delete fields['destination.bytes'];
  if (received !== undefined) fields['source.bytes'] = received;
  if (sent !== undefined) fields['destination.bytes'] = sent;
  putUser(fields, 'user', pairs.get('eapuser'));
  putUser(fields, 'user', pairs.get('xauthuser'));
  // IKE names a peer without a user by its address
  if (canonicalIp(String(fields['user.name'])) !== undefined) delete fields['user.name'];
};

const vpn: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  turnToClient(fields, pairs);
  for (const key of ['vpntunnel', 'xauthgroup', 'group']) put(fields, 'einfallstor.vpn.group', pairs.get(key));
  put(fields, 'einfallstor.vpn.type', lower(pairs, 'tunneltype') || (action.startsWith('ssl') ? 'ssl' : 'ipsec'));
  const id = pairs.get('tunnelid');
  if (id !== '0') put(fields, 'einfallstor.vpn.session_id', id);
  if (action.startsWith('ssl-login')) return vpnLogin(fields, action === 'ssl-login-fail');
  if (action === 'tunnel-up') return tunnelUp(fields, pairs);
  if (action === 'tunnel-down') return as('vpn-session-end', fields, VPN_SESSION, ['end', 'connection'], 'success');
  if (action === 'negotiate') return negotiation(fields, pairs);
  const failed = /fail|error|alert|dpd|deny|timeout/.test(action) || outcomeOf(lower(pairs, 'status')) === 'failure';
  const types = action === 'ssl-web-deny' ? ['access', 'denied'] : ['connection', 'info'];
  const act = action.startsWith('ssl-web') || action === '' ? 'other' : 'vpn-negotiation';
  return as(act, fields, NETWORK, types, orFailure(failed));
};

const adminLogin = (fields: Fields, pairs: Pairs): Act => {
  putFortinetAdmin(fields, pairs);
  if (lower(pairs, 'action') === 'logout') return as('logout', fields, AUTH_SESSION, ['end'], 'success');
  if (/login disabled/i.test(pairs.get('logdesc') ?? '')) return as('account-locked', fields, AUTH, LOCKED, 'failure');
  const failed = outcomeOf(lower(pairs, 'status')) === 'failure' || /login failed/i.test(pairs.get('logdesc') ?? '');
  return as('admin-login', fields, AUTH, failed ? INFO : ['start', 'admin'], orFailure(failed));
};

const configChange = (fields: Fields, pairs: Pairs): Act => {
  putFortinetAdmin(fields, pairs);
  const path = pairs.get('cfgpath') ?? '';
  put(fields, 'einfallstor.change.object', `${path} ${pairs.get('cfgobj') ?? ''}`);
  put(fields, 'einfallstor.change.attributes', pairs.get('cfgattr'));
  const type = CHANGES.get(lower(pairs, 'action')) ?? 'change';
  if (path !== 'system.admin' && path !== 'user.local') return as('config-change', fields, CONFIG, [type], 'success');
  put(fields, 'user.target.name', pairs.get('cfgobj'));
  return as('config-change', fields, ['configuration', 'iam'], [type, 'user'], 'success');
};

// Disk log file deleted · Clear memory log
const CLEARED = /(?:^|\s)logs? (?:file )?(?:deleted|cleared)|(?:delete|clear)(?:ed)? .{0,20}\blogs?\b/;
// Device shutdown · FortiGate started · Log disk full · System time changed
const STATE = /\b(?:shut ?down|reboot(?:ed)?|started|restart(?:ed)?|disk full|time (?:changed|synchroni[sz]ed))\b/;

// Configuration is changed · Configuration restored by user, action=restore · factory reset
const RECONFIGURED = /configuration (?:is )?(?:changed|restored)|\b(?:restore|revert|factory-?reset)$/;

const system: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  const logdesc = lower(pairs, 'logdesc');
  if (pairs.has('cfgpath') || RECONFIGURED.test(`${logdesc} ${action}`)) return configChange(fields, pairs);
  if ((action === 'login' || action === 'logout') && pairs.has('ui')) return adminLogin(fields, pairs);
  if (logdesc.startsWith('admin log') || logdesc.startsWith('login disabled')) return adminLogin(fields, pairs);
  if (pairs.has('dhcp_msg')) {
    putIp(fields, 'source.ip', pairs.get('ip'));
    put(fields, 'source.domain', pairs.get('hostname')?.toLowerCase());
    delete fields['url.domain'];
    return as('dhcp-lease', fields, NETWORK, ['protocol', 'info'], 'success');
  }
  putFortinetAdmin(fields, pairs);
  const status = outcomeOf(lower(pairs, 'status'));
  if (CLEARED.test(logdesc)) return as('log-cleared', fields, CONFIG, ['deletion'], 'success');
  if (STATE.test(logdesc)) return as('source-state', fields, HOST, INFO, status);
  return pairs.has('ui') ? as('other', fields, CONFIG, ['access'], status) : as('other', fields, HOST, INFO, status);
};

const user: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  const status = lower(pairs, 'status');
  const proto = /^[\w-]{1,32}/.exec(pairs.get('authproto') ?? '')?.[0].toLowerCase();
  put(fields, 'service.type', proto);
  const factor = /two-factor|fortitoken|token code/i.test(pairs.get('logdesc') ?? '');
  if (factor) return as('mfa-challenge', fields, AUTH, INFO, outcomeOf(status));
  if (/log(?:out|off)$/.test(action)) return as('logout', fields, AUTH_SESSION, ['end'], 'success');
  if (action === 'auth-lockout') return as('account-locked', fields, AUTH, LOCKED, 'failure');
  if (!LOGONS.has(action)) return as('other', fields, AUTH, INFO, outcomeOf(status));
  if (action === 'fsso-logon') put(fields, 'einfallstor.login.method', 'fsso');
  const outcome = action.endsWith('-logon') && status === '' ? 'success' : outcomeOf(status);
  return as('login', fields, AUTH, outcome === 'success' ? START : INFO, outcome);
};

const restApi: Family = (fields, pairs) => {
  putFortinetAdmin(fields, pairs);
  put(fields, 'http.request.method', pairs.get('method'));
  putNumber(fields, 'http.response.status_code', pairs.get('status'));
  return as('http-request', fields, ['web'], ['access'], orFailure(!(Number(pairs.get('status')) < 400)));
};

const otherEvent: Family = (fields, pairs) => {
  putIp(fields, 'source.ip', fields['source.ip'] === undefined ? pairs.get('ip') : undefined);
  if (pairs.has('fctuid')) put(fields, 'source.domain', pairs.get('name'));
  if (pairs.has('ui')) putFortinetAdmin(fields, pairs);
  if (pairs.has('cfgpath')) return configChange(fields, pairs);
  const action = lower(pairs, 'action');
  // radius-auth-failure: a user of the wireless network
  if (/^(?:user-sign-on|authentication$|radius-auth-)/.test(action)) {
    const failed = /fail/.test(action) || outcomeOf(lower(pairs, 'status')) === 'failure';
    return as('login', fields, AUTH, failed ? INFO : START, orFailure(failed));
  }
  return as('other', fields, pairs.has('srcip') ? NETWORK : HOST, INFO, outcomeOf(lower(pairs, 'status')));
};

type Family = (fields: Fields, pairs: Pairs) => Act;
const EVENTS: ReadonlyMap<string, Family> = new Map([
  ['vpn', vpn],
  ['system', system],
  ['user', user],
  ['rest-api', restApi],
]);

const familyOf = (pairs: Pairs): Family => {
  const type = lower(pairs, 'type');
  if (type === 'traffic') return lower(pairs, 'subtype') === 'http-transaction' ? httpTransaction : traffic;
  return type === 'event' ? (EVENTS.get(lower(pairs, 'subtype')) ?? otherEvent) : utm;
};

/** Addresses that stand in text; attributes are written `server[192.0.2.1->192.0.2.2]`. */
const related: Step = (fields, value) => relateAddresses(fields, value.replaceAll('->', ' '));

/** FortiOS fields (Log Message Reference 5.6–7.6; those of FortiOS 4 and 5.0 at the ends of the lists). */
const putPairs = fieldMap(
  'fortinet.firewall',
  {
    text: `devname=observer.name dvchost=observer.name devid=observer.serial_number logid=event.code level=log.level
      action=event.action msg=message ref=event.reference srcintf=observer.ingress.interface.name
      dstintf=observer.egress.interface.name app=network.application group=user.group.name policyid=rule.id
      policyname=rule.name poluuid=rule.uuid policytype=rule.ruleset appcat=rule.category catdesc=rule.category
      agent=user_agent.original referralurl=http.request.referrer httpmethod=http.request.method filename=file.name
      file=file.name  matchfilename=file.name qtype=dns.question.type qclass=dns.question.class
      xid=dns.id sender=email.sender.address subject=email.subject sni=tls.client.server_name policy_id=rule.id
      cipher=tls.cipher device_id=observer.serial_number log_id=event.code pri=log.level
      src_int=observer.ingress.interface.name dst_int=observer.egress.interface.name srcprocess=process.name`,
    lower: 'service=network.protocol hostname=url.domain filetype=file.extension',
    number: `srcport=source.port dstport=destination.port sentbyte=source.bytes rcvdbyte=destination.bytes
      sentpkt=source.packets rcvdpkt=destination.packets httpcode=http.response.status_code filesize=file.size
      remport=source.port locport=destination.port src_port=source.port dst_port=destination.port sent=source.bytes
      rcvd=destination.bytes sent_pkt=source.packets rcvd_pkt=destination.packets`,
    side: 'srcip=source dstip=destination src=source dst=destination',
    ip: 'remip=source.ip remote_ip=source.ip locip=destination.ip userip=source.ip+ clientip=client.ip deviceip=source.ip',
    given: `transip=source.nat.ip tranip=destination.nat.ip assignip=einfallstor.vpn.assigned_ip
      tunnelip=einfallstor.vpn.assigned_ip tunnel_ip=einfallstor.vpn.assigned_ip
      tran_ip=source.nat.ip`,
    givenPort: 'transport=source.nat.port tranport=destination.nat.port tran_port=source.nat.port',
    host: 'srcname=source.domain dstname=destination.domain remotename=destination.domain',
    mac: 'srcmac=source.mac source_mac=source.mac mac=source.mac devicemac=source.mac stamac=source.mac dstmac=destination.mac',
    user: 'user=user dstuser=destination.user srcuser=source.user unauthuser=source.user+ dstunauthuser=destination.user+',
    list: 'recipient=email.to.address cc=email.cc.address',
  },
  {
    'date time eventtime tz start': () => undefined, // stamped apart
    'cfgattr+ ip+ addr+ nas+ remgw+ gateway+ server+ forwardedfor+': related,
    proto: putTransport,
    url: putUrl,
    // what was found inside of the file
    'infectedfilename+': (fields, value) => {
      fields['file.name'] ??= value;
    },
    duration: (fields, value) => Number(value) >= 0 && putNumber(fields, 'event.duration', Number(value) * 1e9),
    reason: (fields, value) => value === 'none' || put(fields, 'event.reason', value),
    analyticscksum: (fields, value) => put(fields, 'file.hash.sha256', /^[0-9a-f]{64}$/.exec(value.toLowerCase())?.[0]),
    from: (fields, value) =>
      value.includes('@') && !value.startsWith('sip') && add(fields, 'email.from.address', value),
    to: (fields, value) => value.includes('@') && !value.startsWith('sip') && add(fields, 'email.to.address', value),
    tlsver: (fields, value) => put(fields, 'tls.version', value.replace(/^[A-Za-z]{3}v?/, '')),
    qname: (fields, value) => put(fields, 'dns.question.name', value.replace(/^\[(.*)\]$/, '$1')),
    ipaddr: (fields, value) => value.split(/[, ]+/, 100).map((one) => add(fields, 'dns.resolved_ip', canonicalIp(one))),
  },
);

/** A quote that was not closed, or a last word that has no `=` yet. */
const isCut = (text: string): boolean => {
  const opened = text.lastIndexOf('="');
  if (opened >= 0 && !text.includes('"', opened + 2)) return true;
  return !text.endsWith('"') && !text.includes('|Fortinet|') && /["\d] \w{1,32}$/.test(text.slice(-40));
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const { text } = record;
    const pairs = readPairs(record);
    if (pairs === undefined)
      return rejected('not-this-format', 'neither FortiOS type=/subtype= pairs nor FortiGate CEF');
    const fields: Fields = {
      'observer.vendor': 'Fortinet',
      'observer.product': 'FortiGate',
      'observer.type': 'firewall',
    };
    stampFortinet(clock, fields, pairs, record);
    putPairs(fields, pairs);
    putFullUrl(fields, pairs);
    if (FORTIPROXY.test(text)) fields['observer.product'] = 'FortiProxy';
    const family = familyOf(pairs);
    const act = family(fields, pairs);
    if (family !== traffic && fields['message'] !== undefined) related(fields, fields['message'] as string);
    if (fields['observer.name'] === undefined) put(fields, 'observer.name', record.envelope.host);
    const [at, duration] = [fields['@timestamp'], fields['event.duration']];
    if (typeof at === 'number' && typeof duration === 'number') fields['event.start'] = at - duration / 1000;
    if (isCut(text)) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const DOCS = 'https://docs.fortinet.com/document/fortigate';

export default {
  id: 'fortinet-fortigate',
  title: 'Fortinet FortiGate (FortiOS) and FortiProxy',
  references: [
    { title: 'FortiOS Log Message Reference', url: `${DOCS}/7.6.0/fortios-log-message-reference` },
    { title: 'Event log support for CEF', url: `${DOCS}/7.2.4/fortios-log-message-reference/463430` },
    {
      title: 'FortiProxy Log Message Reference',
      url: 'https://docs.fortinet.com/document/fortiproxy/7.4.2/log-message-reference',
    },
    { title: 'Understanding VPN related logs', url: `${DOCS}/7.6.0/administration-guide/834425` },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 'ns' },
  families: [
    'traffic: forward, local, multicast, sniffer, ztna; HTTP transactions of FortiProxy and the explicit proxy',
    'utm: virus, webfilter, ips, app-ctrl, dns, ssl, ssh, waf, dlp, emailfilter, anomaly, voip, file-filter',
    'event: SSL VPN, IPsec VPN, administrators, configuration, users and FSSO, DHCP, REST API, system, HA, wireless, endpoint, router',
  ],
  limits: [
    'bytes of long sessions are those since the previous record of the session (sentdelta, rcvddelta) where FortiOS states them',
    'directions of UTM logs (incoming, outgoing) are relative to the session and stay a vendor field',
  ],
  recognise: recogniseBy(claims, 'are FortiOS key=value or FortiGate CEF'),
  claims,
  open,
} satisfies Parser as Parser;

const NETWORK = ['network'];
const HOST = ['host'];
const CONFIG = ['configuration'];
const START = ['start'];
const AUTH = ['authentication'];
const AUTH_SESSION = ['authentication', 'session'];
const VPN_SESSION = ['session', 'network'];
const INFO = ['info'];
const LOCKED = ['info', 'denied'];
const DENIED = ['connection', 'denied'];
const STARTED = ['connection', 'start', 'allowed'];
const ENDED = ['connection', 'end', 'allowed'];
/** The report on a session that is still open. */
const GOES_ON = ['connection', 'allowed'];
/** Let through by the policy, then cut by a security profile. */
const CUT = ['connection', 'end', 'denied'];
