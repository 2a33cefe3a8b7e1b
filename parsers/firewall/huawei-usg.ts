import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, offsetOf, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { fieldMap } from '../../src/parse/kit/field-map.ts';
import { KINDS, type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { putPlainText, readPlainText } from '../../src/parse/kit/plain-text.ts';
import { add, categorise, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// USG6300 %%01SECLOG/6/SESSION_TEARDOWN(l):IPVer=4,…  module/severity/mnemonic(kind)[number]:description; %%10 is H3C's Comware
const TAG = /%%0\d([A-Za-z][\w-]{0,31})\/(\d)\/([\w-]{1,64})(?:\((\w{1,2})\))?(?:\[(\d{1,10})\])?: ?/;
// IPSTRAP/4/THREATTRAP:OID 1.3.6.1.4.1.2011.6.122.…   (a trap rendered as a log has no %%01)
const TRAP =
  /(?:^|\s)([A-Z][\w-]{1,31})\/(\d)\/([A-Z]\w{1,63})(?:\((\w)\))?(?:\[(\d{1,10})\])?: ?(?=OID 1\.3\.6\.1\.4\.1\.2011\.)/;

const claims = ({ text }: RawRecord): boolean =>
  TAG.test(text) || (text.includes('OID 1.3.6.1.4.1.2011.') && TRAP.test(text));

// ---------------------------------------------------------------- head

const STAMPS = /(?=(?:\d{4}[-/]\d{1,2}[-/]|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d))/g;

/** `<190>Jan 19 2023 08:53:29 USG-1 ` · `Mar 26 2022 17:06:48+03:00 DST USG-1 ` · `Sep 9 11:56:41 10.0.0.1 2020-09-09 10:05:11 USG-1 `: the last time is the device's own. */
const readHead = (head: string): { civil?: Civil; host?: string } => {
  const text = head.slice(-400);
  let last: { civil: Civil; end: number } | undefined;
  for (const m of text.matchAll(STAMPS)) {
    if (last !== undefined && m.index < last.end) continue;
    last = readIso(text, m.index) ?? readBsd(text, m.index) ?? last;
  }
  const rest = text.slice(last?.end ?? 0);
  const zone = /^ ?([+-]\d{2}:\d{2})/.exec(rest);
  const offset = zone === null ? undefined : offsetOf(zone[1] as string);
  const host = /(?:^|[\s>])([\w.:()/-]{1,255}) *$/.exec(
    rest.slice(zone?.[0].length ?? 0).replace(/^ (?:DST|UTC)(?= )/, ''),
  )?.[1];
  return {
    ...(last && { civil: offset === undefined ? last.civil : { ...last.civil, offset } }),
    ...(host && { host }),
  };
};

// ---------------------------------------------------------------- values

const KEY = /(?:^|[,;(]) ?([A-Za-z][A-Za-z0-9 _/-]{0,39})[=:](?! )/g;

/**
 * The pairs of a description: `a=1, b="x, y"` alone or in the brackets behind a sentence; `CID=0x80…;` may come before. Keys
 * differ between modules in case and hyphens (`source-ip`, `SourceIP`, `SrcIp`): letters and digits only are kept.
 */
const readPairs = (text: string): Map<string, string> => {
  const pairs = new Map<string, string>();
  const starts = [...text.matchAll(KEY)].filter((m) => m[0].endsWith('='));
  starts.forEach((m, n) => {
    const to = starts[n + 1]?.index ?? text.length;
    const value = text
      .slice(m.index + m[0].length, to)
      .trim()
      .replace(n === starts.length - 1 ? /[).;\s]{1,4}$/ : /^$/, '')
      .replace(/^"(.*)"$/s, '$1');
    const key = (m[1] as string).toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    // `CID=0x80d12345;User login succeeded. (…)`
    if (!pairs.has(key)) pairs.set(key, key === 'cid' ? (value.split(';')[0] as string) : value);
  });
  return pairs;
};

const putUserName = (fields: Fields, value: string): unknown =>
  /^(?:unknown|none|\*{1,4}|--?)$/i.test(value) ? undefined : putUser(fields, 'user', value);

/** `192.0.2.7:41000 `, as attack defence writes the ends of what it saw; `192.0.2.7`. */
const putEnd =
  (side: 'source' | 'destination') =>
  (fields: Fields, value: string): unknown => {
    const m = /^((?:\d{1,3}\.){3}\d{1,3}):(\d{1,5})\b/.exec(value);
    if (m !== null) putNumber(fields, `${side}.port`, m[2]);
    return putIp(fields, `${side}.ip`, m?.[1] ?? value);
  };

const putValues = fieldMap(
  'huawei.usg',
  {
    text: `policy=rule.name policyname=rule.name rulename=rule.name srczone=observer.ingress.zone
      sourcezone=observer.ingress.zone dstzone=observer.egress.zone destinationzone=observer.egress.zone
      application=network.application applicationname=network.application category=rule.category action=event.action
      closereason=event.reason logoutreason=event.reason failedreason=event.reason reason=event.reason
      filename=file.name virusname=threat.indicator.name signname=threat.indicator.name event=threat.indicator.name
      attacktype=threat.indicator.name threatname=threat.indicator.name signid=rule.id signatureid=rule.id
      authenticationmethod=einfallstor.login.method vgname=einfallstor.vpn.group cmd=einfallstor.change.attributes
      command=einfallstor.change.attributes md5=file.hash.md5 emailsubject=email.subject subject=email.subject`,
    lower: 'accesstype=service.type usertype=service.type logintype=service.type',
    number: `srcport=source.port sourceport=source.port sport=source.port dstport=destination.port
      destinationport=destination.port dport=destination.port sendbytes=source.bytes rcvbytes=destination.bytes
      rcvdbytes=destination.bytes sendpkts=source.packets rcvpkts=destination.packets obversebytes=source.bytes
      reversebytes=destination.bytes`,
    side: `srcip=source sourceip=source sourceipaddress=source sip=source ip=source ipaddress=source clientip=source
      userip=source useripaddress=source useraddress=source loginip=source hostip=source remoteip=source peeraddress=source
      dstip=destination destinationip=destination destinationipaddress=destination dip=destination dsthost=destination`,
    given: `sourcenatip=source.nat.ip srcnatip=source.nat.ip destinationnatip=destination.nat.ip
      dstnatip=destination.nat.ip virtualip=einfallstor.vpn.assigned_ip assignedip=einfallstor.vpn.assigned_ip
      privateip=einfallstor.vpn.assigned_ip`,
    givenPort: `sourcenatport=source.nat.port srcnatport=source.nat.port destinationnatport=destination.nat.port
      dstnatport=destination.nat.port`,
    mac: 'sourcemac=source.mac usermacaddress=source.mac mac=source.mac',
  },
  {
    'begintime+ endtime+ syslogid+': () => undefined,
    'protocol proto': (fields, value) => putTransport(fields, value),
    src: putEnd('source'),
    dst: putEnd('destination'),
    'user username loginname adminname': putUserName,
    host: (fields, value) => value !== '*' && put(fields, 'url.domain', value.toLowerCase()),
    page: (fields, value) => value !== '*' && put(fields, 'url.path', value),
  },
);

// ---------------------------------------------------------------- meaning

type Meaning = readonly [tag: RegExp, act: Act, kind: Kind];

/** By module/mnemonic; the first that matches. */
// biome-ignore format: a table
const MEANINGS: readonly Meaning[] = [
  [/\/SESSION_?(?:TEARDOWN|AGED|CLOSE|DELETE)/, 'flow', 'closed'],
  [/\/SESSION_?(?:BUILT|SETUP|CREATE|NEW)/, 'flow-start', 'opened'],
  [/^POLICY\/POLICYPERMIT|\/(?:PACKET_?)?PERMIT$/, 'flow-start', 'opened'],
  [/^POLICY\/POLICYDENY|\/(?:PACKET_?)?(?:DENY|DENIED|DROP)$/, 'flow-denied', 'denied'],
  [/^(?:SECLOG|NAT\w*)\/.*NAT/, 'nat', 'info'],
  // users of the SSL VPN gateway, L2TP and IPsec
  [/^(?:SSLVPN|L2TP\w*|PPP|UM|CM|AAA|IKE\w*|IPSEC\w*)\/(?:\w*_)?(?:USER)?_?LOGIN_?(?:SUCC\w*|OK)$/, 'vpn-login', 'passed'],
  [/^(?:SSLVPN|L2TP\w*|PPP|IKE\w*|IPSEC\w*)\/.*(?:LOGIN|AUTH)\w*(?:FAIL|ERR|REJECT|LOCK)/, 'vpn-login', 'refused'],
  [/^(?:SSLVPN|L2TP\w*|PPP)\/.*(?:LOGOUT|OFFLINE|KICK)/, 'vpn-session-end', 'down'],
  [/^(?:SSLVPN|IKE\w*|IPSEC\w*|L2TP\w*|PPP|GRE)\//, 'vpn-negotiation', 'session'],
  [/^(?:UM|CM)\/.*(?:LOGIN|AUTH|ACCESS)\w*FAIL/, 'login', 'refused'],
  [/^(?:UM|CM)\/.*(?:LOGOUT|OFFLINE)/, 'logout', 'left'],
  [/^(?:UM|CM)\/.*(?:LOGIN|ONLINE|ACCESS)/, 'login', 'passed'],
  // accounts of the device
  [/^(?:AAA|LOCALUSER)\/.*(?:UNLOCK|MODIFY|DELETE|CHANGE|PASSWORD)/, 'account-changed', 'account'],
  [/^(?:AAA|LOCALUSER)\/.*(?:LOCK)/, 'account-locked', 'refused'],
  [/^(?:AAA|LOCALUSER)\/.*(?:CREATE|ADD)/, 'account-created', 'account'],
  // its management: shell, SSH, web, FTP, SNMP
  [/\/SSHS?_?IP_?BLOCK|\/.*IPLOCK|\/.*_BLOCK(?:_CLIENT)?$/, 'threat', 'stopped'],
  [/^(?:SHELL|SSHS?|WEB\w*|HTTPD?|TELNET\w*|FTPS?|SNMP|LINE|VTY|AAA|LOGIN|NETCONF)\/.*(?:FAIL|REJECT|DENY|UNAUTH|LOGINERR)/, 'admin-login', 'refused'],
  [/^(?:SHELL|SSHS?|WEB\w*|HTTPD?|TELNET\w*|FTPS?|LINE|VTY|AAA|LOGIN|NETCONF)\/.*(?:LOGOUT|LOGOFF|EXIT|DISCONNECT)/, 'logout', 'left'],
  [/^(?:SHELL|SSHS?|WEB\w*|HTTPD?|TELNET\w*|FTPS?|LINE|VTY|AAA|LOGIN|NETCONF)\/.*(?:LOGIN|LOGON|LOGINSUC)/, 'admin-login', 'passed'],
  [/^CFM\/CFM_LOG$/, 'config-change', 'changed'],
  [/^(?:CFM|CONFIGURATION|CONFD|SNMP|HWCM|CFG\w*)\/.*(?:SAVE|CFG|CHANGE|SET|RST|RESET|TRANS|LOAD|RESTORE|COMMIT|CREATE|DELETE|MODIFY)/, 'config-change', 'changed'],
  [/\/(?:CMDRECORD\w*|OPERLOG|OPER_LOG)$/, 'config-change', 'changed'],
  [/^(?:IPS\w*|AV\w*|APT\w*|ATK\w*|ATTACK\w*|DDOS\w*|ANTI\w*|SANDBOX\w*|BOTNET\w*|SECE|BLACKLIST|ADDR|FW-LOG|THREAT\w*|SECURITYTHREAT)\/|\/(?:.*THREAT|ATCKDF|.*ATTACK)/, 'threat', 'info'],
  [/^(?:DEVM|HA|HRP|IFNET|SYSTEM|VOSCPU|ENTITYTRAP|BASETRAP|NTP|CLOCK|INFO)\//, 'source-state', 'state'],
];

const BLOCKED = /block|den|drop|discard|reset|isolat/i;
/** Commands that only look. */
const LOOKING = /^\s*(?:display|dis|ping|tracert|quit|return|screen-length|terminal|dir|pwd|undo screen)\b/i;

const meaningOf = (tag: string, pairs: Map<string, string>): readonly [Act, Kind] => {
  const found = MEANINGS.find(([pattern]) => pattern.test(tag));
  if (found === undefined) {
    // URL, file, data, mail and application filters: what they did says Action
    const blocked = BLOCKED.test(pairs.get('action') ?? '');
    if (/^URL\//.test(tag)) return blocked ? ['threat', 'stopped'] : ['http-request', 'web'];
    return blocked ? ['threat', 'stopped'] : ['other', 'info'];
  }
  if (found[0].source.includes('CMDRECORD') && LOOKING.test(pairs.get('command') ?? pairs.get('cmd') ?? ''))
    return ['other', 'info'];
  return [found[1], found[2]];
};

const putSpan = (clock: Clock, fields: Fields, pairs: Map<string, string>): void => {
  const instant = (name: string): number | undefined => clock.instant(epochMicros(pairs.get(name) ?? ''));
  const [begin, end] = [instant('begintime'), instant('endtime')];
  if (begin !== undefined) fields['event.start'] = begin;
  if (end !== undefined) fields['event.end'] = end;
  if (begin !== undefined && end !== undefined && end >= begin) fields['event.duration'] = (end - begin) * 1000;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const m = TAG.exec(record.text) ?? TRAP.exec(record.text);
    if (m === null) return rejected('not-this-format', 'no %%01MODULE/severity/MNEMONIC');
    const [, module = '', severity, mnemonic = '', kind, number] = m;
    const text = record.text
      .slice(m.index + m[0].length)
      .slice(0, 8192)
      .trim();
    const fields: Fields = { 'observer.vendor': 'Huawei', 'observer.product': 'USG', 'observer.type': 'firewall' };
    const head = readHead(record.text.slice(0, m.index));
    if (head.civil === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, head.civil);
    put(fields, 'observer.name', head.host ?? record.envelope.host);
    add(fields, 'observer.ip', canonicalIp(head.host ?? ''));
    put(fields, 'event.code', `${module}/${mnemonic}`);
    put(fields, 'event.provider', module);
    putNumber(fields, 'event.severity', severity);
    put(fields, 'huawei.usg.log_kind', kind);
    put(fields, 'huawei.usg.log_number', number);
    put(fields, 'message', text);
    const pairs = readPairs(text);
    putValues(fields, pairs);
    putSpan(clock, fields, pairs);
    let [act, meaning] = meaningOf(`${module}/${mnemonic}`.toUpperCase(), pairs);
    if (act === 'vpn-negotiation' && /FAIL|ERR|REJECT/i.test(mnemonic)) meaning = 'broken';
    putKind(fields, meaning);
    put(fields, 'process.command_line', pairs.get('command') ?? pairs.get('cmd'));
    // a sentence without pairs: VTY login from IP:192.0.2.7. UserName:kim
    if (!text.includes('=') && /log(?:in|out)$/.test(act)) putPlainText(fields, text);
    if (act === 'other' && !mnemonic.includes('CMDRECORD')) act = readPlainText(fields, text, undefined);
    fields['event.action'] ??= mnemonic.toLowerCase();
    if (act.startsWith('vpn')) {
      put(fields, 'einfallstor.vpn.type', module === 'SSLVPN' ? 'ssl' : /l2tp/i.test(module) ? 'l2tp' : 'ipsec');
      put(fields, 'einfallstor.vpn.session_id', pairs.get('cid'));
    }
    if (act === 'threat') {
      fields['event.kind'] = 'alert';
      put(
        fields,
        'threat.indicator.name',
        (fields['threat.indicator.name'] as string | undefined) ?? text.split(/[.(]/)[0],
      );
      if (meaning === 'info') {
        const blocked = BLOCKED.test(pairs.get('action') ?? '');
        const outcome = pairs.has('action') ? (blocked ? 'failure' : 'success') : undefined;
        const type = outcome === undefined ? ['info'] : ['info', blocked ? 'denied' : 'allowed'];
        categorise(fields, ['intrusion_detection', 'network'], type, outcome);
      }
    }
    if (KINDS[meaning][2] === 'failure') fields['event.outcome'] = 'failure';
    if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', /\bfrom ([\da-fA-F.:]{7,45})\b/.exec(text)?.[1]);
    relateAddresses(fields, text.replaceAll(/OID [\d.]{1,128}/g, ''));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'huawei-usg',
  title: 'Huawei USG and Eudemon firewalls (VRP)',
  references: [
    {
      title: 'HUAWEI USG6000, USG6000E, USG9500 Log Reference',
      url: 'https://support.huawei.com/enterprise/en/doc/EDOC1100112366',
    },
    {
      title: 'Huawei S series Log Reference, log message format',
      url: 'https://support.huawei.com/enterprise/en/doc/EDOC1100210438',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'SECLOG sessions with bytes and NAT, POLICY permits and denials, URL filter, IPS, AV and attack defence',
    'SSL VPN, L2TP and user logins and logouts; shell, SSH, web, FTP and SNMP logins; recorded commands, saved configurations, local accounts',
    'any other %%01 message by module, severity and mnemonic with its pairs',
  ],
  limits: ['binary dataflow logs of LogCenter', 'Comware of H3C and HPE (%%10) is another format'],
  recognise: recogniseBy(claims, 'carry %%01MODULE/severity/MNEMONIC'),
  claims,
  open,
} satisfies Parser as Parser;
