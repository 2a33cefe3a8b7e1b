import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { isFilterlog, readFilterlog } from '../../src/parse/kit/filterlog.ts';
import { type Phrase, phraseOf, readPhrase } from '../../src/parse/kit/phrases.ts';
import { add, categorise, put, putNumber, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Programs that run nowhere else. */
const OWN =
  words(`check_reload_status configd.py configctl lockout_handler logportalauth captiveportal filterdns filterlog
  rc.gateway_alarm rc.newwanip rc.newwanipv6 rc.linkup rc.bootup php_pfb pfb_filter pluginctl flowd_aggregate.py`);
/** Programs that other systems run too: read in a stream of these firewalls only, where no other parser knows them. */
const SHARED =
  words(`php php-fpm php-cgi php-wizard audit config opnsense api dpinger apinger radvd rtsold rtsol dhcp6c dhclient-script ppp pppoe
  poes l2tps pptps mpd mpd4 mpd5 devd hostapd miniupnpd igmpproxy dyndns ddclient pkg pkg-static upsmon upsd charon-start acme.sh
  syshookd monit lldpd zabbix_agentd bsnmpd ipfw vnstatd filter_reload lighttpd sshlockout sshlockout_pf sshguard root logger
  rc updaterrd.sh newsyslog collectd netdata telegraf`);

const messageOf = ({ envelope }: RawRecord): string => envelope.message.trimStart();

/** A relay may cut the header off and leave the packet alone. */
const isPacket = (record: RawRecord): boolean =>
  (record.envelope.program === undefined || /filterlog$/.test(record.envelope.program)) &&
  isFilterlog(messageOf(record));

const claims = (record: RawRecord): boolean => {
  const { program } = record.envelope;
  if (isPacket(record) || (program !== undefined && OWN.has(program))) return true;
  return (
    program !== undefined && SHARED.has(program) && phraseOf(PHRASES, messageOf(record).slice(0, 1000)) !== undefined
  );
};

const isOurs = (record: RawRecord): boolean => {
  const { program } = record.envelope;
  return isPacket(record) || (program !== undefined && (OWN.has(program) || SHARED.has(program)));
};

/** Which of the two it is: where nothing tells, none is named. */
const putProduct = (fields: Fields, record: RawRecord, text: string): void => {
  const { program = '', structured } = record.envelope;
  const opnsense =
    structured?.['meta'] !== undefined ||
    /^(?:audit|config|configd\.py|configctl|opnsense|pluginctl|lockout_handler)$/.test(program) ||
    /^(?:[^,]{0,128},){3}[0-9a-f]{32},/.test(text);
  const pfsense = /^(?:check_reload_status|logportalauth|rc\.gateway_alarm|php-fpm)$/.test(program);
  fields['observer.type'] = 'firewall';
  if (opnsense) Object.assign(fields, { 'observer.vendor': 'Deciso', 'observer.product': 'OPNsense' });
  else if (pfsense && (program !== 'php-fpm' || text.startsWith('/')))
    Object.assign(fields, { 'observer.vendor': 'Netgate', 'observer.product': 'pfSense' });
};

const readSystem = (fields: Fields, text: string): Act => {
  const act = readPhrase(fields, PHRASES, text.slice(0, 2000));
  relateAddresses(fields, text.slice(0, 4000).replaceAll('"', ' '));
  if (act !== undefined) return act;
  categorise(fields, ['host'], ['info']);
  return 'other';
};

const byShare = recogniseBy(claims, 'are packets of filterlog or words of pfSense and OPNsense');

/**
 * The firewall writes what its daemons say into one stream, each with a parser of its own: a few of its own records tell whose
 * stream it is, and that programs known nowhere else are its.
 */
const recognise: Parser['recognise'] = (sample) => {
  const { certainty, reason } = byShare(sample);
  return { certainty: certainty < 0.05 ? certainty : Math.max(certainty, 0.5), reason };
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    if (!isOurs(record))
      return rejected('not-this-format', 'neither a packet of filterlog nor a program of the firewall');
    const { civil, host, program, pid, msgid } = record.envelope;
    const fields: Fields = {};
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    const text = messageOf(record);
    putProduct(fields, record, text);
    put(fields, 'observer.name', host);
    if (host !== undefined) add(fields, 'observer.ip', canonicalIp(host));
    put(fields, 'process.name', program);
    putNumber(fields, 'process.pid', pid);
    put(fields, 'log.syslog.msgid', msgid);
    put(fields, 'message', text);
    const act = isPacket(record) ? readFilterlog(fields, text) : readSystem(fields, text);
    return { kind: 'event', act, fields };
  };

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // /index.php: webConfigurator authentication error for user 'kim' from: 192.0.2.7 · /index.php: Web GUI authentication error for 'kim' from 192.0.2.7
  [/(?:webConfigurator|Web GUI) authentication error for (?:user )?'(?<user>.{0,128})' from:? ?(?<ip>[\da-fA-F.:]{2,45})/, 'webgui-login-failed', 'admin-login', 'refused'],
  // /index.php: Successful login for user 'kim' from: 192.0.2.7 (Local Database)
  [/Successful login for user '(?<user>.{0,128})' from:? ?(?<ip>[\da-fA-F.:]{2,45})(?: \((?<auth>[^)]{1,64})\))?/, 'webgui-login', 'admin-login', 'passed'],
  [/User logged out for user '(?<user>.{0,128})' from:? ?(?<ip>[\da-fA-F.:]{2,45})/, 'webgui-logout', 'logout', 'left'],
  [/(?<reason>Session timed out) for user '(?<user>.{0,128})' from:? ?(?<ip>[\da-fA-F.:]{2,45})/, 'webgui-session-expired', 'logout', 'left'],
  // user kim authenticated successfully for OpenVPN [using OPNsense\Auth\Services\OpenVPN + OPNsense\Auth\Local]; the web form's own line follows
  [/^user (?<user>\S{1,128}) (?:authenticated successfully|failed authentication|could not authenticate) for (?:WebGui|System)\b/i, 'authentication-service', 'other', 'asked'],
  [/^user (?<user>\S{1,128}) authenticated successfully for (?:OpenVPN|IPsec)\b.{0,200}?(?:\+ (?<method>[\w\\]{1,128})\])?$/i, 'authenticated', 'vpn-login', 'passed'],
  [/^user (?<user>\S{1,128}) (?:failed authentication|could not authenticate) for (?:OpenVPN|IPsec)\b/i, 'authentication-failed', 'vpn-login', 'refused'],
  [/^user (?<user>\S{1,128}) authenticated successfully for (?<via>\w{1,32})/, 'authenticated', 'login', 'passed'],
  [/^user (?<user>\S{1,128}) (?:failed authentication|could not authenticate) for (?<via>\w{1,32})/, 'authentication-failed', 'login', 'refused'],
  // user root@192.0.2.7 changed configuration to /conf/backup/config-1635718447.xml in /firewall_rules_edit.php
  [/^user \(?(?<user>[^\s@()]{1,128})\)?(?:@(?<ip>[\da-fA-F.:]{2,45}))? changed configuration to \S{1,255} in (?<object>\S{1,255})/, 'configuration-changed', 'config-change', 'changed'],
  // /firewall_rules.php: Configuration Change: admin@192.0.2.7 (Local Database): Firewall: Rules - saved/edited a firewall rule.
  [/Configuration Change: (?<user>[^\s@]{1,128})@(?<ip>[\da-fA-F.:]{2,45})(?: \((?<auth>[^)]{1,64})\))?: (?<object>.{1,500})$/, 'configuration-changed', 'config-change', 'changed'],
  [/Configuration Change: \((?<user>[^)]{1,128})\): (?<object>.{1,500})$/, 'configuration-changed', 'config-change', 'changed'],
  [/^config-event: new_config \S/, 'configuration-saved', 'other', 'state'],
  // lockout 192.0.2.7 [using table sshlockout] after 5 attempts
  [/\blockout (?<ip>[\da-fA-F.:]{2,45}) (?<reason>.{0,200})$/, 'address-blocked', 'threat', 'stopped'],
  // Blocking "192.0.2.7/32" for 120 secs (3 attacks in 3 secs, after 1 abuses over 3 secs.)
  [/^Blocking "(?<ip>[\da-fA-F.:]{2,45})(?:\/\d{1,3})?" for \d{1,9} secs (?<reason>.{0,200})$/, 'address-blocked', 'threat', 'stopped'],
  [/^Attack from "(?<ip>[\da-fA-F.:]{2,45})" on service (?<via>[\w() -]{1,64}?) with danger \d{1,5}/, 'attack', 'threat', 'info'],
  // Zone: guests - ACCEPT: kim, 02:00:5e:00:53:01, 10.9.0.5
  [/^Zone: [\w -]{1,64} - (?:USER LOGIN|ACCEPT|LOGIN|CONCURRENT LOGIN[\w -]{0,40}|Voucher login good[^:]{0,60}|MACHINE LOGIN|AUTHENTICATED)(?: \([^)]{0,64}\))?: (?<user>[^,]{0,128}), (?<mac>[^,]{0,32}), (?<ip>[\da-fA-F.:]{2,45})/i, 'portal-login', 'login', 'passed'],
  [/^Zone: [\w -]{1,64} - (?:FAILURE|USER LOGIN FAILURE|MACHINE LOGIN FAILURE|Voucher login failed|ERROR)[^:]{0,40}: (?<user>[^,]{0,128}), (?<mac>[^,]{0,32}), (?<ip>[\da-fA-F.:]{2,45})/i, 'portal-login-failed', 'login', 'refused'],
  [/^Zone: [\w -]{1,64} - (?:[\w -]{0,32}TIMEOUT|LOGOUT|DISCONNECT|TERMINATING SESSION|QUOTA EXCEEDED)[^:]{0,40}: (?<user>[^,]{0,128}), (?<mac>[^,]{0,32}), (?<ip>[\da-fA-F.:]{2,45})/i, 'portal-logout', 'logout', 'left'],
  // AUTH kim (10.9.0.5) zone 0 · DENY kim (10.9.0.5) zone 0 · LOGOUT kim (10.9.0.5) zone 0: OPNsense's portal
  [/^AUTH (?<user>.{0,128}?) \((?<ip>[\da-fA-F.:]{2,45})\) zone \d{1,5}$/, 'portal-login', 'login', 'passed'],
  [/^DENY (?<user>.{0,128}?) \((?<ip>[\da-fA-F.:]{2,45})\) zone \d{1,5}$/, 'portal-login-failed', 'login', 'refused'],
  [/^LOGOUT (?<user>.{0,128}?) \((?<ip>[\da-fA-F.:]{2,45})\) zone \d{1,5}$/, 'portal-logout', 'logout', 'left'],
  // login,l2tp0,10.9.0.5,kim   (L2TP and PPPoE servers: interface, inner address, user)
  [/^login,\w{1,16},(?<inner>[\d.]{7,15}),(?<user>.{1,128})$/, 'tunnel-up', 'vpn-session-start', 'up'],
  [/^logout,\w{1,16},(?<inner>[\d.]{7,15}),(?<user>.{1,128})$/, 'tunnel-down', 'vpn-session-end', 'down'],
  // WAN_DHCP 203.0.113.1: Alarm latency 1us stddev 1us loss 22% · /firewall_rules_edit.php: … : words of these two only
  [/^[\w.-]{1,64} (?<to>[\da-fA-F.:]{2,45}): (?:Alarm|Clear|sendto error)\b/, 'gateway-state', 'source-state', 'state'],
  [/^\/[\w/.-]{1,128}\.php: /, 'web-gui', 'other', 'state'],
];

export default {
  id: 'pfsense-opnsense',
  title: 'pfSense and OPNsense',
  references: [
    {
      title: 'pfSense, Raw filter log format',
      url: 'https://docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html',
    },
    { title: 'OPNsense, Log files: firewall', url: 'https://docs.opnsense.org/manual/logging_firewall.html' },
    {
      title: 'filterlog, print routines',
      url: 'https://github.com/opnsense/ports/tree/master/opnsense/filterlog',
    },
    {
      title: 'OPNsense plugins, issue 318: log of the captive portal',
      url: 'https://github.com/opnsense/plugins/issues/318',
    },
    { title: 'OPNsense core, audit log', url: 'https://docs.opnsense.org/manual/logging.html' },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'filterlog: packets of any protocol, IPv4 and IPv6, BSD and RFC 5424 framing, with or without a host, or bare',
    'logins and logouts of the web interface, configuration changes, blocked addresses (sshguard, lockout)',
    'captive portal, L2TP and PPPoE logins; other system programs with host, program and addresses',
  ],
  limits: [
    'filterlog writes the packet that opens a connection, never its end: source.bytes is the length of that packet',
    'sshd, openvpn, charon, dhcpd, unbound, nginx in the same stream are read by their own parsers',
  ],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
