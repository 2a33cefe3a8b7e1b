import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Phrase, readPhrase } from '../../src/parse/kit/phrases.ts';
import { putPlainText, readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// PACKET_ALERT: Dst: 192.168.200.10:80 {www}, Src: 10.0.0.37:4353 {pc} (TCP): port filter
const PACKET =
  /\bDst: (\S{1,64}?)(?::(\d{1,5}))?(?: \{([^}]{0,255})\})?, Src: (\S{1,64}?)(?::(\d{1,5}))?(?: \{([^}]{0,255})\})? \(([\w -]{1,16}?)\)(?:: (.{0,2000}))?$/s;
/** Sources and priorities of LCOS, as its messages begin: `PACKET_ALERT`, `LOGIN_INFO`, `CONNECTION_ERROR`. */
const TAG =
  /(?:^|[\s>])((?:PACKET|SYSTEM|LOGINS?|CONSOLE(?:[-_]?LOGINS?)?|CONN(?:ECTIONS?)?(?:-LOGIN)?|ACCOUNTING|ADMIN(?:ISTRATION)?|ROUTER|SYSTEMTIME|VPN|WLAN|WAN|LAN|PPP|AUTH|DHCP|DNS|FIREWALL)[-_](?:PANIC|ALERT|CRIT(?:ICAL)?|ERR(?:OR)?|WARN(?:ING)?|NOTICE|INFO(?:RMATION)?|DEBUG)):? /;

/** What may stand in front of a tag: priority, time, host and relay. `AUTH-ERROR:` within a sentence is another program's. */
const HEADER =
  /^(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\S{8,32})?(?: ?(?!\S{0,255}:(?:\s|$))[\w.:-]{1,255}){0,2}[\s>]?$/;

const tagOf = (text: string): RegExpExecArray | null => {
  const tag = TAG.exec(text.slice(0, 300));
  return tag !== null && HEADER.test(text.slice(0, text.indexOf(tag[1] as string, tag.index))) ? tag : null;
};

const claims = ({ text }: RawRecord): boolean => tagOf(text) !== null || PACKET.test(text.slice(0, 3000));

/** The filter's name and what it did stand behind the packet: `matched filter: BLOCKHTTP exceeded limit: … actions: drop; block source address …` */
const readPacket = (fields: Fields, m: RegExpExecArray): Act => {
  const [, to, toPort, toName, from, fromPort, fromName, protocol, rest = ''] = m;
  putIp(fields, 'destination.ip', to);
  putNumber(fields, 'destination.port', toPort);
  put(fields, 'destination.domain', toName?.toLowerCase());
  putIp(fields, 'source.ip', from);
  putNumber(fields, 'source.port', fromPort);
  put(fields, 'source.domain', fromName?.toLowerCase());
  putTransport(fields, protocol);
  const filter =
    /matched (?:this )?filter: ?([^;\n]{1,128}?)(?= (?:exceeded|actions|filter info|because)|[;\n]|$)/i.exec(rest)?.[1];
  put(fields, 'rule.name', filter);
  put(fields, 'event.reason', rest.split(/PACKET_INFO|matched /)[0]);
  const actions = /actions?: ?([^\n]{1,300})/i.exec(rest)?.[1];
  put(fields, 'event.action', actions?.split(';')[0]?.trim() ?? 'drop');
  put(fields, 'lancom.lcos.actions', actions);
  if (/intruder|spoof|port ?scan|flood|\bDoS\b|\bIDS\b|attack|land|smurf/i.test(rest) && filter === undefined) {
    fields['event.kind'] = 'alert';
    put(fields, 'threat.indicator.name', rest.split(/[\n;]/)[0]);
    categorise(fields, ['intrusion_detection', 'network'], ['info', 'denied'], 'failure');
    return 'threat';
  }
  const accepted = actions !== undefined && /^\s*(?:accept|transmit)/i.test(actions);
  categorise(fields, ['network'], ['connection', accepted ? 'allowed' : 'denied'], 'success');
  return accepted ? 'flow' : 'flow-denied';
};

const FROM =
  '(?:.{0,60}?\\bfrom (?<ip>(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[\\da-fA-F]{0,4}:[\\da-fA-F:]{2,40}))(?::(?<port>\\d{1,5}))?(?=[\\s,.;)]|$))?';

/** By likely words, not verified on a device: the vendor documents sources and priorities, not the sentences. */
// biome-ignore format: a table
const PHRASES: readonly Phrase[] = [
  [new RegExp(`\\b(?<reason>login (?:failed|denied|rejected|blocked|error)|failed login|wrong password|authentication (?:failed|error))\\b(?:.{0,60}?\\b(?:user|for|of):? (?!user\\b)'?"?(?<user>[\\w.@\\\\-]{1,128}))?${FROM}`, 'i'), 'login-failed', 'admin-login', 'refused'],
  [new RegExp(`\\b(?:login (?:succe\\w+|ok|accepted)|logged in|successful login)\\b(?:.{0,60}?\\b(?:user|for|of|as):? (?!user\\b)'?"?(?<user>[\\w.@\\\\-]{1,128}))?${FROM}`, 'i'), 'logged-in', 'admin-login', 'passed'],
  [new RegExp(`\\b(?:logged out|logout|logged off)\\b(?:.{0,60}?\\b(?:user|for|of):? (?!user\\b)'?"?(?<user>[\\w.@\\\\-]{1,128}))?${FROM}`, 'i'), 'logged-out', 'logout', 'left'],
  // VPN: Error: IKE-R-No-rule-matched-ID (0x2203) for KMAIER (198.51.100.7): R where the router answered, so that the peer came
  [/\bVPN: Error: (?<reason>I(?:KE|PSEC)-R-[\w-]{1,64})(?: \(0x[\da-f]{1,8}\))? for (?<user>[^\s(]{1,128}) \((?<ip>[\da-f.:]{2,45})\)/i, 'vpn-failed', 'vpn-negotiation', 'broken'],
  [/\b(?:VPN|IKE|IPSec|PPTP|L2TP)\b.{0,120}\b(?<reason>fail\w*|error|timeout|reject\w*|no proposal)/i, 'vpn-failed', 'vpn-negotiation', 'broken'],
  [/\b(?:VPN|IKE|IPSec|PPTP|L2TP)\b/i, 'vpn', 'vpn-negotiation', 'session'],
  [/\b(?<object>config(?:uration)?|firmware|script|password|certificate)\b.{0,60}\b(?:changed|uploaded|modified|written|saved|loaded|set)\b(?:.{0,40}?\bby '?"?(?<user>[\w.@\\-]{1,128}))?/i, 'configuration-changed', 'config-change', 'changed'],
  [/\b(?:boot|booted|restart|reset|system time|time set|firmware|link (?:up|down))\b/i, 'state', 'source-state', 'state'],
];

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const tag = tagOf(record.text);
    const packet = PACKET.exec(record.text.slice(0, 4096));
    if (tag === null && packet === null) return rejected('not-this-format', 'no message of LCOS');
    const text = (tag === null ? record.envelope.message : record.text.slice(tag.index + tag[0].length))
      .slice(0, 4096)
      .trim();
    const fields: Fields = { 'observer.vendor': 'LANCOM', 'observer.product': 'LCOS', 'observer.type': 'router' };
    const { civil, host, program } = record.envelope;
    if (civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, civil);
    put(fields, 'observer.name', host);
    add(fields, 'observer.ip', canonicalIp(host ?? ''));
    put(fields, 'event.code', tag?.[1] ?? program);
    put(fields, 'message', text);
    let act = packet === null ? readPhrase(fields, PHRASES, text.slice(0, 2000)) : readPacket(fields, packet);
    if (act === undefined) {
      categorise(fields, ['host'], ['info']);
      act = readPlainText(fields, text, undefined);
    }
    // phrases tell what happened; who and from where may stand elsewhere in the sentence
    if (packet === null && /login|logout|^vpn/.test(act)) putPlainText(fields, text);
    if (act === 'vpn-negotiation') fields['einfallstor.vpn.type'] = 'ipsec';
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };

const MANUAL = 'https://www.lancom-systems.de/docs/LCOS-Refmanual/9.10-Rel';

export default {
  id: 'lancom',
  title: 'LANCOM routers (LCOS)',
  references: [
    {
      title: 'LCOS reference manual, SYSLOG notifications of the firewall',
      url: `${MANUAL}/EN/Referenzhandbuch_7.60_EN/FIREWALL/aa1452308.html`,
    },
    { title: 'LCOS reference manual, sources and priorities of SYSLOG', url: `${MANUAL}/DE/topics/aa1182691.html` },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'unstated', year: 'unstated', resolution: 's' },
  families: [
    'packets of the firewall with filter and actions, intrusion detection; logins, VPN and configuration by their words',
  ],
  limits: [
    'LANCOM documents the sentences of the firewall only; logins, VPN and configuration are read by likely words (not verified on a device)',
  ],
  recognise: recogniseBy(claims, 'are messages of LCOS', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
