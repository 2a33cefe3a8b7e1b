import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Cef, readCef } from '../../src/parse/kit/cef.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { type Kind, type Phrase, putKind, readPhrase } from '../../src/parse/kit/phrases.ts';
import { add, categorise, put, putMac, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- CEF of the console

/** Relays take `CEF:` for a syslog tag and drop it: `0|Ubiquiti|UniFi Network|9.4.19|544|Admin Accessed UniFi Network|1|…` */
const CEF = /(?:^|[\s:])(?:CEF: ?)?0\|Ubiquiti\|/;

/** Characters of a record that are read: hostile ones may be longer. */
const LONGEST = 65_536;

const cefOf = (text: string): Cef | undefined => {
  const at = CEF.exec(text);
  return at === null
    ? undefined
    : readCef(`CEF:${text.slice(at.index, at.index + LONGEST).replace(/^[\s:]*(?:CEF: ?)?/, '')}`);
};

const putValues = fieldMap(
  'ubiquiti.unifi',
  {
    text: `msg=message app=network.application act=event.action deviceInboundInterface=observer.ingress.interface.name
      deviceOutboundInterface=observer.egress.interface.name UNIFIsrcZone=observer.ingress.zone
      UNIFIdstZone=observer.egress.zone UNIFIpolicyName=rule.name UNIFIpolicyType=rule.category
      UNIFIipsSignature=threat.indicator.name UNIFIipsSignatureId=rule.id UNIFIvpnType=einfallstor.vpn.type
      UNIFIvpnName=einfallstor.vpn.group UNIFIwifiName=network.name UNIFInetworkName=network.name
      UNIFIdeviceModel=device.model.name UNIFIdeviceVersion=observer.version UNIFIaccessMethod=service.type
      UNIFIflowId=session.id UNIFIsettingsSection=einfallstor.change.object
      UNIFIsettingsChanges=einfallstor.change.attributes UNIFInetworkVlan=network.vlan.id requestMethod=http.request.method`,
    number: `spt=source.port dpt=destination.port UNIFIbytesSent=source.bytes UNIFIbytesReceived=destination.bytes
      UNIFIpacketsSent=source.packets UNIFIpacketsReceived=destination.packets`,
    side: 'src=source dst=destination',
    mac: `smac=source.mac dmac=destination.mac UNIFIclientMac=source.mac UNIFIsrcClientMac=source.mac
      UNIFIdstClientMac=destination.mac`,
    lower: `UNIFIclientHostname=source.domain shost=source.domain dhost=destination.domain
      UNIFIsrcClientHostname=source.domain UNIFIdstClientHostname=destination.domain`,
    list: 'UNIFIdeviceIp=observer.ip',
  },
  {
    proto: (fields, value) => putTransport(fields, value),
    'UNIFIutcTime UNIFIclientIp+ UNIFIhost+': () => undefined,
    'UNIFIadmin suser duser UNIFIuser': (fields, value) => putUser(fields, 'user', value.replace(/^VPN - /, '')),
  },
);

/** By the event's name; numbers differ between applications and releases. */
type Meaning = readonly [name: RegExp, act: Act, kind: Kind];
// biome-ignore format: a table
const MEANINGS: readonly Meaning[] = [
  [/^vpn (?:client|user) connected|teleport.*connected/i, 'vpn-session-start', 'up'],
  [/^vpn (?:client|user) disconnected|teleport.*disconnected/i, 'vpn-session-end', 'down'],
  [/vpn.*(?:fail|reject|denied)/i, 'vpn-login', 'refused'],
  [/\bvpn\b/i, 'vpn-negotiation', 'session'],
  [/\b(?:admin|user|login|sign|access)\b.*(?:fail|denied|invalid|incorrect|lock)/i, 'admin-login', 'refused'],
  [/admin (?:accessed|logged in|signed in|login)|admin.*access(?:ed)?\b/i, 'admin-login', 'passed'],
  [/admin.*(?:logged out|signed out)/i, 'logout', 'left'],
  [/admin.*\b(?:added|invited|created)/i, 'account-created', 'account'],
  [/admin.*\b(?:removed|deleted|role|permission|password)/i, 'account-changed', 'account'],
  [/config|settings?\b|\b(?:rule|policy|network|backup|firmware|port forward\w*)\b.*\b(?:created|changed|modified|deleted|updated|restored|added|removed|enabled|disabled)/i, 'config-change', 'changed'],
  [/threat|intrusion|honeypot|malware|malicious|virus|ips|ids\b|rogue|spoof|country.*block|ad block|content filter/i, 'threat', 'info'],
  [/block|denied|drop|reject/i, 'flow-denied', 'denied'],
  [/\bflow\b|traffic|allowed by/i, 'flow', 'closed'],
  [/client (?:dis)?connected|client roamed|connected to/i, 'other', 'session'],
  [/dhcp/i, 'other', 'info'],
  [/device|wan|internet|console|update|restart|reboot|offline|online|failover|port|cloud|power|uptime|backup/i, 'source-state', 'state'],
];

/** UniFi OS gives no name of an event: its text tells. */
// biome-ignore format: a table
const OS_PHRASES: readonly Phrase[] = [
  // k.maier accessed the UniFi OS via unifi.ui.com. Source IP: 192.0.2.7
  [/^(?<user>.{1,128}?) (?:accessed|logged in ?to|signed in ?to) (?:the )?UniFi OS\b(?:.{0,128}?\bSource IP: (?<ip>[\da-fA-F.:]{2,45}))?/i, 'accessed', 'admin-login', 'passed'],
];

const readConsole = (fields: Fields, cef: Cef): Act => {
  put(fields, 'observer.product', cef.product);
  put(fields, 'ubiquiti.unifi.application_version', cef.version);
  put(fields, 'event.code', cef.classId);
  putNumber(fields, 'event.severity', cef.severity);
  put(fields, 'ubiquiti.unifi.event_name', cef.name);
  putValues(fields, cef.extension);
  put(fields, 'observer.name', cef.extension.get('UNIFIhost'));
  const text = cef.extension.get('msg') ?? '';
  const nameless = cef.name === cef.classId;
  if (nameless) {
    const said = readPhrase(fields, OS_PHRASES, text.slice(0, 2000));
    relateAddresses(fields, text);
    if (said !== undefined) return said;
  }
  const known = MEANINGS.find(([pattern]) => pattern.test(nameless ? text : cef.name));
  const act = known?.[1] ?? 'other';
  putKind(fields, known?.[2] ?? 'info');
  fields['event.action'] ??= cef.name.toLowerCase();
  const inner = canonicalIp(cef.extension.get('UNIFIclientIp') ?? '');
  if (inner !== undefined) {
    if (act.startsWith('vpn')) {
      fields['einfallstor.vpn.assigned_ip'] = inner;
      // a client of the VPN goes by its user's name
      if (fields['user.name'] === undefined) putUser(fields, 'user', cef.extension.get('UNIFIclientAlias'));
    } else fields['source.ip'] ??= inner;
  }
  if (act === 'threat') {
    fields['event.kind'] = 'alert';
    const blocked = /block|denied|drop/i.test(`${cef.name} ${cef.extension.get('act') ?? ''}`);
    categorise(
      fields,
      ['intrusion_detection', 'network'],
      ['info', blocked ? 'denied' : 'allowed'],
      blocked ? 'failure' : 'success',
    );
    put(fields, 'threat.indicator.name', (fields['threat.indicator.name'] as string | undefined) ?? cef.name);
  }
  relateAddresses(fields, `${text} ${inner ?? ''}`);
  return act;
};

// ---------------------------------------------------------------- syslog of access points, switches and gateways

// U7PG2,788a2056b182,v4.0.66.10832: hostapd: ath0: STA 02:… · 788a2056b183,U7PG2-6.5.28+14491: stahtd[2034]: … · name,0418…,v4.0.54 switch: TRAPMGR: …
const DEVICE =
  /(?:^|\s)"?(?:([\w .()-]{1,64}),)?([0-9a-f]{12}),(?:([\w-]{1,32}?)-)?v?(\d{1,3}(?:\.\d{1,6}){1,3}(?:\+\d{1,8})?)"?:? {1,2}(?:: )?(?:([\w./-]{1,32}?)(?:\[(\d{1,10})\])?: ?)?/;

// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // ath0: STA 02:00:5e:00:53:01 RADIUS: starting accounting session … · IEEE 802.1X: authenticated
  [/\bSTA (?<mac>[\da-fA-F:]{17}) .{0,40}?(?:authentication (?<reason>failed|timeout)|deauthenticated due to (?<group>.{1,80}))/i, 'wifi-refused', 'other', 'broken'],
  [/\bSTA (?<mac>[\da-fA-F:]{17})\b/, 'wifi-client', 'other', 'session'],
  // Password auth succeeded for 'admin' from 10.0.0.5:50124 · Bad password attempt for 'admin' from 192.0.2.7:50123 (dropbear)
  [/\b(?<auth>\w{1,16}) auth succeeded for '(?<user>[^']{1,128})'.{0,120}? from (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))(?::(?<port>\d{1,5}))?(?=\s|$)/, 'logged-in', 'admin-login', 'passed'],
  [/\bBad (?<auth>\w{1,16}) attempt for '(?<user>[^']{0,128})' from (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))(?::(?<port>\d{1,5}))?(?=\s|$)/, 'login-failed', 'admin-login', 'refused'],
  [/\bLogin attempt for (?<reason>nonexistent user) from (?<ip>(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:]{2,40}))(?::(?<port>\d{1,5}))?(?=\s|$)/, 'login-failed', 'admin-login', 'refused'],
  [/\b(?:cold start|warm start|link (?:up|down)|reboot|restart|upgrad)/i, 'state', 'source-state', 'state'],
];

const readDevice = (fields: Fields, m: RegExpExecArray, text: string): Act => {
  fields['observer.product'] = 'UniFi';
  put(fields, 'observer.name', m[1]);
  put(fields, 'device.id', m[2]);
  put(fields, 'device.model.name', m[3]);
  put(fields, 'observer.version', m[4]);
  put(fields, 'process.name', m[5]);
  putNumber(fields, 'process.pid', m[6]);
  put(fields, 'message', text);
  putMac(fields, 'source.mac', /\b(?:STA|sta|client)[ =:"]{1,4}([\da-fA-F:]{17})/.exec(text)?.[1]);
  relateAddresses(fields, text);
  const act = readPhrase(fields, PHRASES, text);
  if (act !== undefined) return act;
  categorise(fields, ['network'], ['info']);
  return 'other';
};

/** A device's line, or CEF that is cut before its header ends. */
const readOther = (fields: Fields, device: RegExpExecArray | null, record: RawRecord): Act => {
  if (device !== null)
    return readDevice(fields, device, record.text.slice(device.index + device[0].length).slice(0, 4096));
  warn(fields, 'truncated');
  put(fields, 'message', record.envelope.message);
  categorise(fields, ['host'], ['info']);
  return 'other';
};

const claims = ({ text }: RawRecord): boolean => CEF.test(text) || DEVICE.test(text.slice(0, 300));

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const cef = cefOf(record.text);
    const device = cef === undefined ? DEVICE.exec(record.text.slice(0, 300)) : null;
    if (cef === undefined && device === null && !CEF.test(record.text))
      return rejected('not-this-format', 'neither CEF of Ubiquiti nor the head of a UniFi device');
    const fields: Fields = { 'observer.vendor': 'Ubiquiti' };
    const utc: Civil | undefined = readIso(cef?.extension.get('UNIFIutcTime') ?? '')?.civil;
    const time = utc ?? record.envelope.civil;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    const { host } = record.envelope;
    const act = cef !== undefined ? readConsole(fields, cef) : readOther(fields, device, record);
    if (host !== undefined && !host.includes(',')) fields['observer.name'] ??= host;
    add(fields, 'observer.ip', canonicalIp(host ?? ''));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'ubiquiti-unifi',
  title: 'Ubiquiti UniFi consoles, gateways, access points and switches',
  references: [
    {
      title: 'UniFi System Logs and SIEM integration',
      url: 'https://help.ui.com/hc/en-us/articles/33349041044119-UniFi-System-Logs-SIEM-Integration',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'ms' },
  families: [
    'CEF of UniFi Network and UniFi OS: administrators, configuration, VPN clients, intrusion prevention, firewall, clients, devices',
    'syslog of access points and switches (name, MAC, version): program and text, Wi-Fi clients, SSH logins',
  ],
  limits: [
    'packets of the firewall ([WAN_LOCAL-D-…] DESCR=…) are read by linux-netfilter, sshd by linux-auth',
    'a client that connects to Wi-Fi is no login: the account is not told',
    'Ubiquiti publishes no list of event names: those of administrators, threats, blocks and configuration were seen, others are read by their words',
  ],
  recognise: recogniseBy(claims, 'are CEF of Ubiquiti or have the head of a UniFi device'),
  claims,
  open,
} satisfies Parser as Parser;
