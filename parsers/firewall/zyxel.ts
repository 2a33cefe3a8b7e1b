import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCef } from '../../src/parse/kit/cef.ts';
import { putCefHeader, stampCef } from '../../src/parse/kit/cef-fields.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Groups, type Kind, type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putIp, putNumber, putTransport, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Values = ReadonlyMap<string, string>;

/** `203.0.113.9:0`, `[2001:db8::7]:443`; port 0: none */
const ENDPOINT = /^\[?([\da-fA-F.:]{2,45}?)\]?(?::(\d{1,5}))?$/;

const putEnd =
  (side: 'source' | 'destination') =>
  (fields: Fields, value: string): boolean => {
    const m = ENDPOINT.exec(value);
    if (m === null || m[1] === '0.0.0.0' || m[1] === '::') return true;
    if (m[2] !== '0') putNumber(fields, `${side}.port`, m[2]);
    return putIp(fields, `${side}.ip`, m[1]);
  };

const putValues = fieldMap(
  'zyxel.firewall',
  {
    text: `devID=observer.serial_number srcIface=observer.ingress.interface.name dstIface=observer.egress.interface.name
      deviceInboundInterface=observer.ingress.interface.name deviceOutboundInterface=observer.egress.interface.name`,
    number:
      'sent=source.bytes rcvd=destination.bytes spt=source.port dpt=destination.port out=source.bytes in=destination.bytes',
    lower: 'app=network.protocol',
    mac: 'mac=source.mac',
  },
  {
    src: putEnd('source'),
    dst: putEnd('destination'),
    'user suser': (fields, value) => value === 'unknown' || putUser(fields, 'user', value),
    protoID: (fields, value) => putTransport(fields, value),
    proto: (fields, value) =>
      /^(?:tcp|udp|icmp|gre|esp|ah)$/i.test(value)
        ? putTransport(fields, value)
        : put(fields, 'network.protocol', value.toLowerCase()),
    duration: (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1e9),
    // LAN:WAN
    dir: (fields, value) => {
      const [from, to] = value.split(':', 2);
      put(fields, 'observer.ingress.zone', from);
      put(fields, 'observer.egress.zone', to);
    },
    'msg note cat class': () => true, // read with each other
  },
);

/** `SSLVPN`, `sslvpn`, `L2TP`, `IKEv2`: remote users; http/https, ssh, telnet, ftp and console: the device itself. */
const REMOTE = /vpn|l2tp|ike|xauth|secuextender/i;

/** Wording of ZLD 2 to 5 and of uOS: appendix "Log Descriptions" of the user's guides. */
// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  // Failed login attempt to Device from http/https (incorrect password or inexistent username)
  [/^Failed login attempt to (?<target>\S{1,40}) from (?<via>\S{1,40}) \((?<reason>[^)]{1,120})\)/, 'login-failed', 'admin-login', 'refused'],
  // Administrator admin(MAC=…) from http/https has logged in Device · User k.maier from sslvpn has logged in ZyWALL
  [/^(?<role>[A-Z][\w-]{1,20}(?: [Uu]ser)?) (?<user>[^\s(]{1,128}) ?(?:\(MAC=(?<mac>[^)]{0,24})\))? ?from (?<via>\S{1,40}) has logged in/, 'login', 'admin-login', 'passed'],
  [/^(?<role>[A-Z][\w-]{1,20}(?: [Uu]ser)?) (?<user>[^\s(]{1,128}) ?(?:\(MAC=(?<mac>[^)]{0,24})\))? ?from (?<via>\S{1,40}) has (?:been )?logged out(?:[^(]{0,60}\((?<reason>[^)]{1,120})\))?/, 'logout', 'logout', 'left'],
  [/^(?:Address (?<ip>[\da-fA-F.:]{2,45}) )?.{0,60}has been put into lockout state/, 'locked-out', 'threat', 'stopped'],
  [/^\[?AUTH\]? ?XAUTH succeeded!? .{0,20}name: ?(?<user>\S{1,128})|^XAUTH succeeded! (?:Remote user|Username): ?(?<user2>\S{1,128})/i, 'xauth', 'vpn-login', 'passed'],
  [/XAUTH fail(?:ed)?!? .{0,20}(?:name|user): ?(?<user>\S{1,128})/i, 'xauth-failed', 'vpn-login', 'refused'],
  [/^User (?<user>[^\s(]{1,128}).{0,40}has been granted an? (?:L2TP|SSL|IKE)\S* .{0,20}(?:session|tunnel)/i, 'session-start', 'vpn-session-start', 'up'],
  [/(?:SSL|L2TP|IKEv?2?)\S* .{0,60}assigned.{0,20}\bIP\D{0,12}(?<inner>[\da-fA-F.:]{3,45})/i, 'address-assigned', 'vpn-address-assigned', 'session'],
  [/^(?:Dynamic )?Tunnel \[(?<tunnel>[^\]]{1,200})\] built successfully/, 'tunnel-up', 'vpn-negotiation', 'session'],
  [/^(?:Dynamic )?Tunnel \[(?<tunnel>[^\]]{1,200})\].{0,20}(?:disconnected|deleted|was closed)/i, 'tunnel-down', 'vpn-negotiation', 'session'],
  [/^Apply configuration|configuration (?:file )?.{0,80}(?:applied|saved|has been (?:changed|applied|saved))|^(?:Rule|Policy|User|Object) .{0,80}has been (?:added|modified|changed|deleted|inserted|moved)/i, 'config-change', 'config-change', 'changed'],
];

const ROLES: Readonly<Record<string, Act>> = {
  login: 'vpn-login',
  'login-failed': 'vpn-login',
  logout: 'vpn-session-end',
};

const readSentence = (fields: Fields, msg: string, note: string): Act | undefined => {
  const found = phraseOf(PHRASES, msg.slice(0, 2000));
  if (found === undefined) return undefined;
  const { target, via, role, tunnel, user2, ...groups } = found.groups;
  putPhrase(fields, found.phrase, { ...groups, ...(user2 === undefined ? {} : { user: user2 }) } as Groups);
  put(fields, 'service.type', via?.toLowerCase());
  put(fields, 'einfallstor.vpn.group', tunnel);
  // note="Account: admin": who was asked for, where the message does not say it
  const account = /^Account: ?(\S{1,128})$/.exec(note)?.[1];
  if (fields['user.name'] === undefined) putUser(fields, 'user', account);
  const remote = REMOTE.test(`${via ?? ''} ${target ?? ''}`);
  const person = role !== undefined && !/^admin/i.test(role);
  if (remote) return ROLES[found.phrase[1]] ?? found.phrase[2];
  // a user, not an administrator, logs in for the firewall to know him
  return found.phrase[2] === 'admin-login' && person ? 'login' : found.phrase[2];
};

/** priority:7, from WAN to LAN, TCP, service others, DROP · Match default rule, DROP */
const VERDICT = /\b(DROP|REJECT|BLOCK|DENY|ACCEPT|ALLOW|FORWARD)(?:ED|PED)?\b/i;
const RULE = /\bpriority: ?(\d{1,6})|\brule(?: name)?[:=] ?"?([^",]{1,64})/i;
const TRANSPORT = /,\s?(TCP|UDP|ICMP|GRE|ESP|AH)\b/i;

const as = (fields: Fields, act: Act, action: string, kind: Kind): Act => {
  put(fields, 'event.action', action);
  putKind(fields, kind);
  return act;
};

/** What the category says where no sentence does. */
const byCategory = (fields: Fields, msg: string, note: string, cat: string): Act => {
  if (
    /^(?:IDP|Anti-Virus|Anti-Malware|ADP|Sandbox|Threat|IP Reputation|DNS Threat|URL Threat|App Patrol|Anti-Spam|Mail)/i.test(
      cat,
    )
  ) {
    put(fields, 'rule.name', /(?:Virus|Signature|Rule)[^:]{0,12}: ?([^,"]{1,120})/i.exec(msg)?.[1] ?? note);
    put(fields, 'file.name', /\bFile: ?([^,"]{1,200})/i.exec(msg)?.[1]);
    return as(fields, 'threat', VERDICT.exec(`${msg} ${note}`)?.[1]?.toLowerCase() ?? 'detected', 'stopped');
  }
  if (/traffic/i.test(cat)) return as(fields, 'flow', 'traffic', 'closed');
  if (/web site|content filter|url/i.test(cat)) {
    putUrl(fields, /^([\w.-]{1,253}(?:\/[^\s:]{0,1000})?)(?=[:\s]|$)/.exec(msg)?.[1]);
    return as(fields, 'threat', note.toLowerCase() || 'web', /block/i.test(`${note} ${cat}`) ? 'stopped' : 'web');
  }
  if (/ike|ipsec|vpn|l2tp/i.test(cat)) {
    const failed = /\bfail(?:ed|ure|s)?\b|mismatch|no proposal chosen/i.test(msg);
    return as(fields, 'vpn-negotiation', note.toLowerCase(), failed ? 'broken' : 'session');
  }
  const verdict = VERDICT.exec(`${msg} ${note}`)?.[1]?.toLowerCase();
  if (verdict === undefined || !/polic|firewall|access|attack|session/i.test(`${cat} ${note}`))
    return as(fields, 'other', note.toLowerCase(), 'info');
  const rule = RULE.exec(msg);
  put(fields, 'rule.id', rule?.[1]);
  put(fields, 'rule.name', rule?.[2] ?? (/default rule/i.test(msg) ? 'default' : undefined));
  if (fields['network.transport'] === undefined) putTransport(fields, TRANSPORT.exec(msg)?.[1]);
  if (/^(?:accept|allow|forward)/.test(verdict)) return as(fields, 'flow-start', verdict, 'opened');
  return as(fields, 'flow-denied', verdict, 'denied');
};

// src="203.0.113.9:0" dst="0.0.0.0:0" msg="…" note="Account: admin" user="unknown" devID="b8eca3aabbcc" cat="User"
const KEYED = /\bsrc="[^"]{0,64}"\s+dst="[^"]{0,64}"\s+(?:ob="[^"]{0,8}"\s+ob_mac="[^"]{0,24}"\s+)?msg="/;

const eventOf = (fields: Fields, values: Values): Act => {
  const [msg, note, cat] = ['msg', 'note', 'cat'].map((name) => values.get(name) ?? '') as [string, string, string];
  fields['observer.vendor'] = 'Zyxel';
  fields['observer.type'] = 'firewall';
  putValues(fields, values);
  put(fields, 'message', msg);
  put(fields, 'event.code', cat);
  put(fields, 'zyxel.firewall.note', note);
  const act = readSentence(fields, msg, note) ?? byCategory(fields, msg, note, cat);
  relateAddresses(fields, `${msg} ${note}`.slice(0, 8192));
  return act;
};

const isCef = (text: string): boolean => /CEF: ?\d\|zyxel[^|]{0,40}\|/i.test(text.slice(0, 1024));
const claims = ({ text }: RawRecord): boolean => isCef(text) || KEYED.test(text.slice(0, 2048));

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const fields: Fields = {};
    const cef = isCef(record.text) ? readCef(record.text) : undefined;
    if (cef !== undefined) {
      putCefHeader(fields, cef);
      stampCef(clock, fields, cef.extension, record.envelope.civil);
      put(fields, 'observer.name', record.envelope.host);
      const values = new Map([...cef.extension]);
      const cat = values.get('cat') ?? '';
      // the name is the category; cat holds the note
      values.set('note', values.get('note') ?? cat);
      values.set('cat', cef.name);
      return { kind: 'event', act: eventOf(fields, values), fields };
    }
    const start = record.text.indexOf('src="');
    if (start < 0 || !KEYED.test(record.text.slice(0, 2048)))
      return rejected('not-this-format', 'no message of a Zyxel firewall');
    clock.stamp(fields, record.envelope.civil);
    put(fields, 'observer.name', record.envelope.host);
    return { kind: 'event', act: eventOf(fields, readKeyValues(record.text, start)), fields };
  };

export default {
  id: 'zyxel',
  title: 'Zyxel ZyWALL, USG, USG FLEX, ATP, VPN (ZLD, uOS)',
  references: [
    {
      title: 'Zyxel ZyWALL 2 Plus user’s guide, Table 158 Syslog Logs',
      url: 'https://www.manualsdir.com/manuals/227660/zyxel-communications-zywall-2-plus.html?page=445',
    },
    {
      title: 'Zyxel ZyWALL USG user’s guides, appendix Log Descriptions',
      url: 'https://www.zyxel.com/global/en/support/download',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: [
    'logins, firewall verdicts, traffic with bytes, VPN, threats and web filter: syslog of key="value" and CEF',
  ],
  limits: [
    'wording of tunnels differs between releases: what no phrase fits stays other or vpn-negotiation, with its text and addresses',
    'CEF puts the category into the name; in and out are taken as received and sent',
  ],
  recognise: recogniseBy(claims, 'are messages of a Zyxel firewall', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
