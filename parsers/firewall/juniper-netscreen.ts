import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { type Phrase, readPhrase } from '../../src/parse/kit/phrases.ts';
import { readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { completedBy } from '../../src/parse/kit/two-stamps.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ns204: NetScreen device_id=ns204  [Root]system-notification-00257(traffic): start_time="2021-10-31 22:14:06" …
const START =
  /NetScreen device_id=\[?([^\s[\]]{1,64})\]? {0,4}(?:\[([^\]]{0,64})\] ?)?(?:system-([a-z]{3,16})-(\d{5}))?(?:\((\w{1,32})\))?:? ?/;
/** The device's name before it. */
const NAME = /([\w.-]{1,255}): ?$/;
/** What a cut or foreign line leaves of it. */
const NAMED = /(?:^|[\s:])NetScreen (?!device_id=)/;

const claims = ({ text }: RawRecord): boolean => START.test(text);

// ---------------------------------------------------------------- traffic

/** Keys hold blanks, and so do the values of `service`: a value ends where the next key of the list begins. */
const KEYS =
  /(?:^|\s)((?:src|dst) zone|(?:src|dst)-xlated ip|icmp (?:type|code)|start_time|duration|policy_id|service|proto|action|sent|rcvd|src|dst|src_port|dst_port|port|session_id|reason|src_user|user|vsys_id|vsd_id|ike_id|tunnel_id|interface|application|user_name|host_name)=/g;

const readTraffic = (text: string): Map<string, string> => {
  const pairs = new Map<string, string>();
  const starts = [...text.matchAll(KEYS)];
  let translated = '';
  starts.forEach((m, n) => {
    const value = text.slice(m.index + m[0].length, starts[n + 1]?.index ?? text.length).trim();
    let key = (m[1] as string).replaceAll(/[ -]/g, '_');
    // `src-xlated ip=203.0.113.9 port=40122`: the port belongs to the address before it
    if (key.endsWith('_xlated_ip')) translated = key.slice(0, 10);
    if (key === 'port' && translated !== '') key = `${translated}_port`;
    if (!pairs.has(key)) pairs.set(key, value.replace(/^"(.*)"$/, '$1'));
  });
  return pairs;
};

const putTraffic = fieldMap(
  'juniper.netscreen',
  {
    text: `policy_id=rule.id src_zone=observer.ingress.zone dst_zone=observer.egress.zone reason=event.reason
      session_id=session.id`,
    lower: 'action=event.action service=network.protocol+',
    number: `src_port=source.port dst_port=destination.port sent=source.bytes rcvd=destination.bytes`,
    side: 'src=source dst=destination',
    given: 'src_xlated_ip=source.nat.ip dst_xlated_ip=destination.nat.ip',
    givenPort: 'src_xlated_port=source.nat.port dst_xlated_port=destination.nat.port',
    user: 'src_user=user user=user user_name=user',
  },
  { proto: (fields, value) => putTransport(fields, value), 'start_time+ duration+': () => undefined },
);

const traffic = (fields: Fields, text: string): Act => {
  const pairs = readTraffic(text);
  putTraffic(fields, pairs);
  const seconds = pairs.get('duration') ?? '';
  if (/^\d{1,9}$/.test(seconds)) fields['event.duration'] = Number(seconds) * 1e9;
  if (/^(?:deny|reject|drop)/i.test(pairs.get('action') ?? '')) {
    categorise(fields, ['network'], ['connection', 'denied'], 'success');
    return 'flow-denied';
  }
  const opened = /^creation/i.test(pairs.get('reason') ?? '');
  categorise(fields, ['network'], ['connection', opened ? 'start' : 'end', 'allowed'], 'success');
  return opened ? 'flow-start' : 'flow';
};

// ---------------------------------------------------------------- messages

const IP = '(?<ip>(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[\\da-fA-F]{0,4}:[\\da-fA-F:]{2,40}))(?::(?<port>\\d{1,5}))?';

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Admin user "kim" logged in for Web(https) management (port 443) from 10.0.0.5:50123 · Admin user kim has logged on via SSH from 10.0.0.5:50124
  [new RegExp(`^Admin user "?(?<user>[^"]{1,128}?)"? (?:logged in|has logged on) (?:for|via) (?<via>\\w{1,16}).{0,80}? from ${IP}(?=[\\s.,]|$)`), 'logged-in', 'admin-login', 'passed'],
  [new RegExp(`^Admin user "?(?<user>[^"]{1,128}?)"? login attempt for (?<via>\\w{1,16}).{0,80}? from ${IP} (?<reason>failed.{0,100}?)\\.?(?: \\(|$)`), 'login-failed', 'admin-login', 'refused'],
  [new RegExp(`^Login attempt to system by admin "?(?<user>[^"]{1,128}?)"? via (?<via>\\w{1,16}).{0,80}? from ${IP} has (?<reason>failed)`), 'login-failed', 'admin-login', 'refused'],
  [/^ADM: Local admin authentication failed for login name ['"]?(?<user>[^'":]{1,128})['"]?:? ?(?<reason>.{0,80}?)(?: \(\d|$)/, 'login-failed', 'admin-login', 'refused'],
  [/^ADM: Local admin authentication successful for login name ['"]?(?<user>[^'"\s]{1,128})/, 'authenticated', 'admin-login', 'passed'],
  [/^Admin user "?(?<user>[^"]{1,128}?)"? has been (?<reason>rejected) via the (?<auth>.{1,64}?) server(?: at (?<to>[\d.]{7,15}))?/, 'login-failed', 'admin-login', 'refused'],
  [/^Admin user "?(?<user>[^"]{1,128}?)"? has been accepted via the (?<auth>.{1,64}?) server(?: at (?<to>[\d.]{7,15}))?/, 'authenticated', 'admin-login', 'passed'],
  [new RegExp(`^SSH: (?:Password|PKA|RSA|Public key) authentication (?:successful|succeeded) for admin user '?(?<user>[^']{1,128}?)'? (?:at host|from) ${IP}(?=[\\s.,]|$)`), 'authenticated', 'admin-login', 'passed'],
  [new RegExp(`^SSH: (?<reason>(?:Password|PKA|RSA|Public key) authentication failed) for admin user '?(?<user>[^']{1,128}?)'? (?:at host|from) ${IP}(?=[\\s.,]|$)`), 'login-failed', 'admin-login', 'refused'],
  [new RegExp(`^SSH: Admin user '?(?<user>[^']{1,128}?)'? at host ${IP} (?<reason>.{0,60}(?:failed|attempted|unknown|illegal).{0,100})`), 'login-failed', 'admin-login', 'refused'],
  [new RegExp(`^Management session via (?<via>[\\w() ]{1,32}?) from ${IP} for (?:\\[?vsys\\]? )?admin "?(?<user>[^"]{1,128}?)"? has (?<reason>timed out)`), 'session-timed-out', 'logout', 'left'],
  [new RegExp(`^Admin user "?(?<user>[^"]{1,128}?)"? (?:logged out|has logged out|has been forced to log out)(?: (?:for|via|of) (?:the )?(?<via>\\w{1,16}))?.{0,80}? from ${IP}(?=[\\s.,]|$)`), 'logged-out', 'logout', 'left'],
  [/^Admin user "?(?<user>[^"]{1,128}?)"? (?:logged out|has logged out|has been forced to log out)(?: (?:for|via|of) (?:the )?(?<via>\w{1,16}))?/, 'logged-out', 'logout', 'left'],
  // Multiple login failures occurred for user kim from IP address 192.0.2.7:1567
  [new RegExp(`^(?<reason>Multiple login failures) occurred for user (?<user>.{1,128}?) from IP address ${IP}`), 'login-failures', 'admin-login', 'refused'],
  // IKE<192.0.2.7>: XAuth login was passed for gateway <road>, username <kim>, retry: 0, Client IP Addr: 10.9.0.5, IPPool name: …
  [/^IKE ?<?(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))>?:? XAuth login was passed for gateway <?(?<group>[^>,]{1,64})>?, username <?(?<user>[^>,]{1,128})>?(?:.{0,60}?Client IP Addr:? ?<?(?<inner>[\d.]{7,15}))?/, 'xauth-passed', 'vpn-login', 'passed'],
  [/^IKE ?<?(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))>?:? XAuth login was (?<reason>aborted|refused|failed|denied) .{0,20}?gateway <?(?<group>[^>,]{1,64})>?, username <?(?<user>[^>,]{1,128})>?/, 'xauth-failed', 'vpn-login', 'refused'],
  [/(?:IKE ?<?(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))>?:? )?XAuth login (?<reason>expired and was terminated) for username <?(?<user>[^>\s]{1,128})>? at <?(?<inner>[\d.]{7,15})/, 'xauth-ended', 'vpn-session-end', 'down'],
  [/^VPN ['"<]?(?<group>[^'">]{1,64}?)['">]? from (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})) is up/, 'vpn-up', 'vpn-negotiation', 'session'],
  [/^VPN ['"<]?(?<group>[^'">]{1,64}?)['">]? from (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})) is down/, 'vpn-down', 'vpn-negotiation', 'broken'],
  [/^Rejected an IKE packet on (?:\S{1,32}) from (?<ip>[\d.]{7,15}):(?<port>\d{1,5}) to (?<to>[\d.]{7,15}):(?<toPort>\d{1,5}).{0,120}? because (?<reason>.{1,200}?)(?: \(\d|$)/, 'ike-rejected', 'vpn-negotiation', 'broken'],
  [/^IKE ?<?(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))>?:? (?<reason>.{0,200}?(?:limit has been reached|failed|error|mismatch|no policy|rejected|aborted)\b.{0,100}?)(?: \(\d{4}|$)/i, 'ike-failed', 'vpn-negotiation', 'broken'],
  [/^IKE ?<?(?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))>?(?=[:\s])/, 'ike', 'vpn-negotiation', 'session'],
  [/^(?:IKE|IPSec|VPN|PKI|NHTB|L2TP|Dialup|Phase [12])\b/i, 'vpn', 'vpn-negotiation', 'session'],
  // users of policies: User kim at 10.0.0.5 has been accepted via the Local server
  [/^(?:Auth\w* )?[Uu]ser "?(?<user>[^"\s]{1,128})"? (?:at|from) (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})) (?:has been|is|was) (?:accepted|authenticated)(?: via (?:the )?(?<auth>.{1,40}?) server)?/, 'authenticated', 'login', 'passed'],
  [/^(?:Auth\w* )?[Uu]ser "?(?<user>[^"\s]{1,128})"? (?:at|from) (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})) (?:(?:has been|is|was) )?(?<reason>rejected|timed out|failed|denied).{0,60}?(?: via the (?<auth>.{1,40}?) server)?/, 'login-failed', 'login', 'refused'],
  [/^(?<reason>Authentication) (?:for|of) user "?(?<user>[^"\s]{1,128})"? (?:at (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})) )?(?:was|has been) (?:denied|failed|rejected)/, 'login-failed', 'login', 'refused'],
  [/^(?:All logged|The event log|Log(?:s| messages)?|Event log).{0,60}?(?:cleared|deleted|reset).{0,40}?\b[Bb]y (?:admin (?!via|from|\()(?=\S))?(?<user>[\w.@\\-]{1,128})/, 'log-cleared', 'log-cleared', 'changed'],
  // Policy (5, Trust->Untrust, …) was modified by kim via web from host 10.0.0.5 to 10.0.0.1:443.
  [/^(?<object>.{3,400}?) (?:was|were|has been|have been|is) (?:added|modified|deleted|changed|set|unset|enabled|disabled|saved|removed|created|updated|reordered|moved|imported|cleared|loaded|erased|reset)\b.{0,120}?\b[Bb]y (?:admin (?!via|from|\()(?=\S))?(?<user>[\w.@\\-]{1,128})(?:.{0,20}? via (?<via>\w{1,16}))?(?:.{0,30}?(?:from|from host|host) (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})))?/, 'configuration-changed', 'config-change', 'changed'],
  [/^(?<object>System configuration(?: \w{1,16})?) saved by (?:admin (?!via|from|\()(?=\S))?(?<user>[\w.@\\-]{1,128})(?: via (?<via>\w{1,16}))?(?: from host (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40})))?/, 'configuration-saved', 'config-change', 'changed'],
  // IP address 10.0.0.9 is assigned to 02005e005301.
  [/^(?:DHCP.{0,60}|IP address )(?<ip>[\d.]{7,15}) (?:is|was|has been) (?:assigned|released)(?: to (?<mac>[\da-fA-F:]{12,17}))?/, 'lease', 'dhcp-lease', 'info'],
  [/\b(?:reset|reboot|restart|started|power|clock|NTP|failover|NSRP|link (?:up|down)|interface \S{1,32} (?:is|has|change)|license|memory|CPU)\b/i, 'state', 'source-state', 'state'],
];

// SYN flood! From 192.0.2.7:41437 to 203.0.113.9:80, proto TCP (zone Untrust, int ethernet0/0). Occurred 1 times.
const ATTACK =
  /^(?<name>[\w /.:-]{2,60}?)(?:!| has been detected| attack| detected)[!:]? ?(?:from|.{0,20}?from) (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))(?:[:/](?<port>\d{1,5}))? to (?<to>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))(?:[:/](?<toPort>\d{1,5}))?(?=[,\s]|$)(?:,? (?:proto|using protocol) (?<proto>\w{1,12}))?/i;
const ZONE = /\(zone ([\w -]{1,64}?),? {1,2}int {1,2}([^\s)]{1,32})\)/;

const attack = (fields: Fields, text: string): Act | undefined => {
  const m = ATTACK.exec(text);
  if (m?.groups === undefined) return undefined;
  const { name, ip, port, to, toPort, proto } = m.groups;
  put(fields, 'threat.indicator.name', name);
  fields['event.kind'] = 'alert';
  fields['event.action'] = 'attack';
  const ends: readonly [string, string | undefined][] = [
    ['source.ip', ip],
    ['destination.ip', to],
  ];
  for (const [field, value] of ends) {
    const address = canonicalIp(value ?? '');
    if (address !== undefined) fields[field] = address;
  }
  putNumber(fields, 'source.port', port);
  putNumber(fields, 'destination.port', toPort);
  putTransport(fields, proto);
  const zone = ZONE.exec(text);
  put(fields, 'observer.ingress.zone', zone?.[1]);
  put(fields, 'observer.ingress.interface.name', zone?.[2]);
  categorise(fields, ['intrusion_detection', 'network'], ['info']);
  return 'threat';
};

/** The device's own time stands behind the text, that of a connection's begin in front; both local, with a year. */
const innerTime = (text: string): Civil | undefined => {
  const at = /\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\)\s*$/.exec(text.slice(-40))?.[1];
  return readIso(at ?? /\bstart_time="([^"]{19})"/.exec(text)?.[1] ?? '')?.civil;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const m = START.exec(record.text);
    const named = m ?? NAMED.exec(record.text);
    if (named === null) return rejected('not-this-format', 'no NetScreen device_id=');
    const [, device, vsys, severity, code, family] = m ?? [];
    const host = NAME.exec(record.text.slice(0, named.index).slice(-256))?.[1];
    const text = record.text
      .slice(named.index + named[0].length)
      .slice(0, 8192)
      .trim();
    const fields: Fields = {
      'observer.vendor': 'Juniper',
      'observer.product': 'ScreenOS',
      'observer.type': 'firewall',
    };
    const { civil } = record.envelope;
    const inner = innerTime(text);
    const time = civil === undefined ? inner : ((inner && completedBy(civil, inner)) ?? civil);
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    put(fields, 'observer.name', host ?? record.envelope.host);
    put(fields, 'observer.serial_number', device);
    put(fields, 'juniper.netscreen.vsys', vsys);
    put(fields, 'log.level', severity);
    put(fields, 'event.code', code);
    put(fields, 'message', text);
    let act: Act | undefined;
    if (family === 'traffic' || code === '00257') {
      act = traffic(fields, text);
      // both are written whether or not they were translated
      for (const side of ['source', 'destination']) {
        if (fields[`${side}.nat.ip`] !== fields[`${side}.ip`]) continue;
        delete fields[`${side}.nat.ip`];
        if (fields[`${side}.nat.port`] === fields[`${side}.port`]) delete fields[`${side}.nat.port`];
      }
      const begun = clock.instant(readIso(/\bstart_time="([^"]{19})"/.exec(text)?.[1] ?? '')?.civil);
      if (begun !== undefined) fields['event.start'] = begun;
    } else {
      const plain = text.replace(/ ?\(\d{4}-\d\d-\d\d [\d:]{8}\)$/, '').replace(/\.$/, '');
      act = attack(fields, plain) ?? readPhrase(fields, PHRASES, plain.slice(0, 2000));
      if (act?.startsWith('vpn')) put(fields, 'einfallstor.vpn.type', 'ipsec');
      relateAddresses(fields, plain.replaceAll(/->|[<>]/g, ' ').replaceAll(/(\d\.\d{1,3})\/\d{1,5}/g, '$1'));
    }
    if (act === undefined) {
      categorise(fields, ['host'], ['info']);
      act = readPlainText(fields, text, undefined);
    }
    if (act === 'config-change' && fields['user.name'] === undefined)
      putUser(fields, 'user', /\bby admin (\S{1,128})/.exec(text)?.[1]);
    add(fields, 'observer.ip', canonicalIp(record.envelope.host ?? ''));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'juniper-netscreen',
  title: 'Juniper NetScreen, SSG and ISG (ScreenOS)',
  references: [
    {
      title: 'ScreenOS 6.3.0 Message Log Reference Guide',
      url: 'https://www.juniper.net/documentation/software/screenos/screenos6.3.0/630_messages.pdf',
    },
    {
      title: 'ScreenOS 6.2.0 Message Log Reference Guide',
      url: 'https://www.juniper.net/documentation/software/screenos/screenos6.2.0/620_messages.pdf',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: [
    'traffic (00257): zones, policy, translation, bytes, reason of the close',
    'administrators’ logins, logouts and changes, saved configurations; XAuth users, IKE and VPN; users of policies',
    'attacks and deep inspection; other messages by number, severity and text',
  ],
  limits: ['session tables and self logs of the device itself, which are no syslog'],
  recognise: recogniseBy(claims, 'are messages of ScreenOS'),
  claims,
  open,
} satisfies Parser as Parser;
