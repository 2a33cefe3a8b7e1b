import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { add, categorise, put, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Pairs = Map<string, string>;

// id="2001" severity="info" sys="SecureNet" sub="packetfilter" name="Packet dropped" action="drop" …
// … httpd[99]: id="0299" srcip="192.0.2.7" localip="10.0.0.1" size="…: the web server protection, with neither sys nor sub
const START =
  /\bid="(?:[0-9A-Za-z]{4}" severity="\w{1,12}" sys="\w{1,24}" sub="[\w-]{1,24}"|\d{4}" srcip="[^"]{2,45}" localip=")/;
const claims = ({ text }: RawRecord): boolean => START.test(text);

type Outcomes = 'success' | 'failure' | 'unknown';
const as = (act: Act, fields: Fields, category: string, types: string, outcome?: Outcomes): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};
const orFailure = (failed: boolean): Outcomes => (failed ? 'failure' : 'success');
const lower = (pairs: Pairs, key: string): string => pairs.get(key)?.toLowerCase() ?? '';
const BLOCKED = /\b(?:drop|block|reject|deny|denied)/;

const packetFilter: Family = (fields, pairs) => {
  const action = lower(pairs, 'action');
  if (BLOCKED.test(action)) return as('flow-denied', fields, 'network', 'connection denied', 'success');
  if (action === 'accept' || action === 'masq') return as('flow', fields, 'network', 'connection allowed', 'success');
  // logged without a decision: DNS request, log, SNAT
  return as('other', fields, 'network', 'connection info');
};

const intrusion: Family = (fields, pairs) => {
  fields['event.kind'] = 'alert';
  put(fields, 'rule.id', pairs.get('sid'));
  put(fields, 'rule.category', pairs.get('class'));
  put(fields, 'threat.indicator.name', pairs.get('reason') ?? pairs.get('name'));
  for (const cve of pairs.get('reason')?.match(/CVE-\d{4}-\d{4,7}/g) ?? []) add(fields, 'vulnerability.id', cve);
  const blocked = BLOCKED.test(lower(pairs, 'action'));
  return as(
    'threat',
    fields,
    'intrusion_detection network',
    `info ${blocked ? 'denied' : 'allowed'}`,
    orFailure(blocked),
  );
};

const web: Family = (fields, pairs) => {
  const blocked = BLOCKED.test(`${lower(pairs, 'action')} ${lower(pairs, 'name')}`);
  putNumber(fields, 'http.response.bytes', pairs.get('size'));
  put(fields, 'event.reason', pairs.get('reason'));
  put(fields, 'threat.indicator.name', pairs.get('virus') ?? pairs.get('threatname'));
  if (blocked) fields['event.kind'] = 'alert';
  const act = blocked || fields['threat.indicator.name'] !== undefined ? 'threat' : 'http-request';
  return as(act, fields, 'web network', blocked ? 'access denied' : 'access', orFailure(blocked));
};

/** A request through the reverse proxy; `reason` names what the web server protection found. */
const waf: Family = (fields, pairs) => {
  const found = pairs.get('reason') ?? '-';
  const failed = Number(pairs.get('statuscode')) >= 400;
  if (found === '-' || found === '') return as('http-request', fields, 'web', 'access', orFailure(failed));
  fields['event.kind'] = 'alert';
  put(fields, 'event.reason', found);
  put(fields, 'threat.indicator.name', pairs.get('extra'));
  return as('threat', fields, 'web', failed ? 'access denied' : 'access', orFailure(failed));
};

/** The authentication daemon: `caller` is the service that asks. */
const authentication: Family = (fields, pairs) => {
  const caller = lower(pairs, 'caller') || lower(pairs, 'facility');
  const said = `${lower(pairs, 'name')} ${lower(pairs, 'reason')}`;
  // Trying 192.0.2.7 (adirectory) · Child 100 is running too long: on the way to a result
  if (!/authenticat|login/.test(said)) {
    relateAddresses(fields, said);
    return as('other', fields, 'authentication', 'info');
  }
  const failed = /fail|denied/.test(said);
  put(fields, 'event.reason', failed ? pairs.get('reason') : undefined);
  const types = failed ? 'info' : 'start';
  if (/openvpn|ssl|ipsec|l2tp|pptp|pluto|cisco|vpn/.test(caller)) {
    fields['einfallstor.vpn.type'] = caller;
    put(fields, 'einfallstor.vpn.auth_method', pairs.get('engine'));
    return as('vpn-login', fields, 'authentication network', types, orFailure(failed));
  }
  put(fields, 'service.type', SERVICES.get(caller) ?? caller);
  put(fields, 'einfallstor.login.method', pairs.get('engine'));
  if (/webadmin|sshd|console|acc|confd/.test(caller))
    return as('admin-login', fields, 'authentication', failed ? 'info' : 'start admin', orFailure(failed));
  put(fields, 'host.name', fields['observer.name'] as string | undefined);
  return as('login', fields, 'authentication', types, orFailure(failed));
};

/** Sessions of OpenVPN and IPsec; `rx` is what the gateway received. */
const vpn: Family = (fields, pairs) => {
  const event = lower(pairs, 'event') || lower(pairs, 'name');
  put(fields, 'event.action', pairs.get('event'));
  put(fields, 'einfallstor.vpn.type', pairs.get('variant'));
  put(fields, 'einfallstor.vpn.group', pairs.get('connection'));
  if (/started|established/.test(event))
    return as('vpn-session-start', fields, 'session network', 'start connection', 'success');
  if (/terminated|closed|ended/.test(event))
    return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
  return as('vpn-negotiation', fields, 'network', 'connection protocol', orFailure(/fail/.test(event)));
};

/** The configuration daemon: logins to WebAdmin and every object that changes. */
const confd: Family = (fields, pairs) => {
  const name = lower(pairs, 'name');
  if (/authentication|login/.test(name)) return authentication(fields, pairs);
  if (/log ?out|session (?:closed|timeout)/.test(name))
    return as('logout', fields, 'authentication session', 'end', 'success');
  put(fields, 'service.type', SERVICES.get(lower(pairs, 'facility')) ?? lower(pairs, 'facility'));
  const object = [pairs.get('class'), pairs.get('type'), pairs.get('objname') ?? pairs.get('ref')]
    .filter(Boolean)
    .join(' ');
  put(fields, 'einfallstor.change.object', object || pairs.get('node'));
  put(fields, 'einfallstor.change.attributes', pairs.get('attributes') ?? pairs.get('storage'));
  if (object === '' && pairs.get('node') === undefined) return as('other', fields, 'configuration', 'info');
  const type = /creat|new|insert/.test(name) ? 'creation' : /delet|remov/.test(name) ? 'deletion' : 'change';
  return as('config-change', fields, 'configuration', type, 'success');
};

const mail: Family = (fields, pairs) => {
  const blocked = /block|reject|quarantin|drop|spam|virus/.test(`${lower(pairs, 'name')} ${lower(pairs, 'action')}`);
  put(fields, 'event.reason', pairs.get('reason'));
  if (Number(pairs.get('size')) >= 0) putNumber(fields, 'einfallstor.email.size', pairs.get('size'));
  if (blocked) return as('mail-rejected', fields, 'email', 'denied', 'failure');
  return as('mail-received', fields, 'email', 'info', 'success');
};

type Family = (fields: Fields, pairs: Pairs) => Act;
const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['packetfilter', packetFilter],
  ['ips', intrusion],
  ['atp', intrusion],
  ['http', web],
  ['auth', authentication],
  ['vpn', vpn],
  ['confd', confd],
  ['webadmin', confd],
  ['smtp', mail],
  ['pop3', mail],
  ['dhcp', (fields) => as('dhcp-lease', fields, 'network', 'protocol info', 'success')],
  ['up2date', (fields) => as('source-state', fields, 'host', 'info')],
]);

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const start = START.exec(record.text);
    if (start === null) return rejected('not-this-format', 'no id=/severity=/sys=/sub= of a UTM');
    const pairs = readKeyValues(record.text, start.index);
    const fields: Fields = { 'observer.vendor': 'Sophos', 'observer.product': 'UTM', 'observer.type': 'firewall' };
    const { civil, host, program, pid } = record.envelope;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    put(fields, 'observer.name', host);
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    putValues(fields, pairs);
    put(fields, 'event.action', pairs.get('action') ?? pairs.get('name'));
    const family = pairs.has('localip') ? waf : FAMILIES.get(lower(pairs, 'sub'));
    const act = family === undefined ? as('other', fields, 'host', 'info') : family(fields, pairs);
    if (/="[^"]*$/.test(record.text.slice(-500))) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

const putValues = fieldMap(
  'sophos.utm',
  {
    text: `id=event.code severity=log.level name=message fwrule=rule.id initf=observer.ingress.interface.name
      outitf=observer.egress.interface.name method=http.request.method referer=http.request.referrer
      ua=user_agent.original group=user.group.name categoryname=rule.category content-type=http.response.mime_type
      app-name=network.application application=network.application subject=email.subject queueid=email.local_id
      filename=file.name`,
    number: `srcport=source.port dstport=destination.port statuscode=http.response.status_code
            rx=source.bytes tx=destination.bytes`,
    side: 'srcip=source dstip=destination localip=destination',
    given: 'virtual_ip=einfallstor.vpn.assigned_ip',
    mac: 'srcmac=source.mac dstmac=destination.mac',
    user: 'user=user username=user',
    list: 'from=email.from.address to=email.to.address',
  },
  {
    'sys+ sub+ caller+': () => undefined,
    proto: putTransport,
    ad_domain: (fields, value) => put(fields, 'user.domain', value),
    // the virtual server's name
    server: (fields, value) =>
      put(fields, canonicalIp(value) === undefined ? 'url.domain' : 'destination.address', value),
    url: (fields, value) =>
      value.includes('/') ? putUrl(fields, value) : put(fields, 'url.domain', value.toLowerCase()),
    'address+ local_net+ remote_net+': (fields, value) => {
      if (canonicalIp(value) !== undefined) relateAddresses(fields, value);
    },
  },
);

const SERVICES = new Map([
  ['webadmin', 'https'],
  ['portal', 'https'],
  ['sshd', 'ssh'],
]);

export default {
  id: 'sophos-utm',
  title: 'Sophos UTM (Astaro)',
  references: [
    { title: 'Sophos UTM, log file descriptions', url: 'https://support.sophos.com/support/s/article/KBA-000003045' },
    {
      title: 'Sophos UTM 9 administration guide',
      url: 'https://docs.sophos.com/nsg/sophos-utm/utm/9.7/help/en-us/index.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'packet filter, intrusion prevention, advanced threat protection, web proxy, SMTP and POP3 proxy',
    'authentication daemon (WebAdmin, user portal, SSL VPN, IPsec, ssh), VPN sessions, configuration daemon',
  ],
  limits: [
    'Lines of daemons without id=, severity=, sys=, sub= (sshd, OpenVPN, Apache) belong to the parsers of those daemons.',
  ],
  recognise: recogniseBy(claims, 'are UTM id=/sys=/sub= pairs'),
  claims,
  open,
} satisfies Parser as Parser;
