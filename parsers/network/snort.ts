import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros } from '../../src/parse/kit/civil.ts';
import { readCells } from '../../src/parse/kit/csv.ts';
import { isObject, type Json, parseJson, textAt } from '../../src/parse/kit/json.ts';
import { add, categorise, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ------------------------------------------------------------------------------------------------------------- time

// 11/02-08:15:30.123456 · 11/02/21-08:15:30.123456 (snort -y) · 11/02/2021-08:15:30.123456 (Suricata)
const TIME = /(\d\d)\/(\d\d)(?:\/(\d{4}|\d\d))?-(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?/;

const timeOf = (text: string): Civil | undefined => {
  const m = TIME.exec(text);
  if (m === null) return undefined;
  const [month, day, hour, minute, second] = [m[1], m[2], m[4], m[5], m[6]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const micros = Number((m[7] ?? '').padEnd(6, '0'));
  const year = m[3] === undefined ? undefined : m[3].length === 2 ? 2000 + Number(m[3]) : Number(m[3]);
  return { month, day, hour, minute, second, micros, ...(year === undefined ? {} : { year }) };
};

// ------------------------------------------------------------------------------------------------------------- alert text

// [1:1418:11] SNMP request tcp   behind it: [**] [Classification: …] [Priority: 2] {TCP} 192.0.2.1:1 -> 10.0.0.1:161
const RULE = /\[(\d{1,10}):(\d{1,12}):(\d{1,10})\] ?/;
const CLASS = /\[Classification: ([^[\]]{1,255})\]/;
const PRIORITY = /\[Priority: (\d{1,3})\]/;
// [Drop] · [wDrop] · [Block]   what inline sensors did; Snort 3 also [AppID: x]
const VERDICT = /\[(Drop|wDrop|Block|Would_Block|Reject|Rewrite|Pass)\]/i;
const APP = /\[AppID: ([^[\]]{1,128})\]/;
// {TCP} · {PROTO:255} · {PROTO:006}
const PROTOCOL = /\{(?:PROTO:)?([\w-]{1,16})\}/;
// 192.0.2.1:50112 -> 10.0.0.1:161 · 2001:db8::1:50112 -> 2001:db8::2:80 · 192.0.2.1 -> 10.0.0.1
const ENDS = /(?:^|[\s}])([\da-fA-F][\da-fA-F.:]{1,52}) -> ([\da-fA-F:][\da-fA-F.:]{1,52})/g;
const XREF = /\[Xref => ([^[\]]{1,512})\]/g;

/** An address with its port behind the last colon, where the protocol has ports; `[…]:port` of Snort 3 too. */
const putEnd = (fields: Fields, side: string, text: string, ports: boolean): void => {
  const last = text.lastIndexOf(':');
  const hasPort = last > 0 && (text.indexOf(':') === last || ports) && /^\d{1,5}$/.test(text.slice(last + 1));
  if (hasPort && putIp(fields, `${side}.ip`, text.slice(0, last).replaceAll(/[[\]]/g, '')))
    putNumber(fields, `${side}.port`, text.slice(last + 1));
  else putIp(fields, `${side}.ip`, text);
};

const hasPorts = (protocol: string | undefined): boolean => /^(?:tcp|udp|sctp|0?0?6|0?17|132)$/i.test(protocol ?? '');

const putRule = (fields: Fields, gid: string, sid: string, rev: string): void => {
  put(fields, 'rule.id', sid);
  put(fields, 'event.code', `${gid}:${sid}`);
  putNumber(fields, 'rule.version', rev);
  put(fields, 'snort.gid', gid);
};

const REFUSED = /^(?:drop|block|reject|blocked|dropped)$/i;

const putVerdict = (fields: Fields, verdict: string | undefined): Act => {
  fields['event.kind'] = 'alert';
  put(fields, 'event.action', verdict?.toLowerCase() ?? 'alert');
  const refused = REFUSED.test(verdict ?? '');
  categorise(fields, ['intrusion_detection', 'network'], [refused ? 'denied' : 'info']);
  return 'threat';
};

// TCP TTL:64 TOS:0x0 ID:1234 IpLen:20 DgmLen:60 DF   the packet's header in a full alert
const HEADER = /^(TCP|UDP|ICMP|IPV6-ICMP|PROTO:\d{1,3}|[A-Z\d-]{2,12}) TTL:\d/m;

/** What follows the rule's mark is the same in the fast, full and syslog forms. */
const readAlert = (fields: Fields, text: string): Act | undefined => {
  const rule = RULE.exec(text);
  if (rule === null) return undefined;
  putRule(fields, rule[1] as string, rule[2] as string, rule[3] as string);
  const rest = text.slice(rule.index + rule[0].length);
  const end = /\[\*\*\]|\[Classification: |\[Priority: |\[AppID: |\{[A-Z\d:-]{2,16}\} |<[\w.-]{1,32}> *\{|\n/.exec(
    rest,
  )?.index;
  // Snort 3 puts the message in quotes
  put(
    fields,
    'rule.name',
    rest
      .slice(0, Math.min(end ?? rest.length, 1024))
      .trim()
      .replaceAll(/^"|"$|:$/g, ''),
  );
  put(fields, 'rule.category', CLASS.exec(rest)?.[1]);
  putNumber(fields, 'event.severity', PRIORITY.exec(rest)?.[1]);
  put(fields, 'network.application', APP.exec(rest)?.[1]?.toLowerCase());
  put(fields, 'observer.ingress.interface.name', /<([\w.:-]{1,32})> *\{/.exec(rest)?.[1]);
  const protocol = PROTOCOL.exec(rest)?.[1] ?? HEADER.exec(rest)?.[1]?.replace('PROTO:', '');
  putTransport(
    fields,
    /^\d+$/.test(protocol ?? '') ? String(Number(protocol)) : protocol?.replace(/^IPV6-ICMP$/, 'icmp6'),
  );
  // a full alert writes ports only where there are some
  const ports = protocol === undefined || hasPorts(protocol);
  // in front of the addresses may stand those of the network cards
  for (const [, from, to] of rest.slice(0, 8192).matchAll(ENDS)) {
    putEnd(fields, 'source', from as string, ports);
    putEnd(fields, 'destination', to as string, ports);
    if (fields['source.ip'] !== undefined) break;
  }
  for (const [, reference] of [...rest.slice(0, 8192).matchAll(XREF)].slice(0, 20))
    add(fields, 'snort.references', (reference as string).trim());
  const verdict = VERDICT.exec(text.slice(0, rule.index)) ?? VERDICT.exec(rest);
  return putVerdict(fields, verdict?.[1]);
};

// ------------------------------------------------------------------------------------------------------------- CSV and JSON

/** Default columns of alert_csv: Snort 2.9 (27, older ones fewer), and Snort 3 (10). */
const CSV_2 =
  `timestamp sig_generator sig_id sig_rev msg proto src_addr src_port dst_addr dst_port ethsrc ethdst ethlen tcpflags tcpseq
  tcpack tcplen tcpwindow ttl tos id dgmlen iplen icmptype icmpcode icmpid icmpseq`.split(/\s+/);
const CSV_3 = 'timestamp pkt_num proto pkt_gen pkt_len dir src_ap dst_ap rule action'.split(' ');

const csvOf = (text: string): Json | undefined => {
  if (!/^\d\d\/\d\d(?:\/\d{2,4})?-\d\d:\d\d:\d\d[.\d]{0,7} *,/.test(text)) return undefined;
  const cells = readCells(/^\S+, /.test(text) ? text.replaceAll(', ', ',') : text).cells.map((cell) => cell.trim());
  const isThree = cells.length === CSV_3.length && /^\d{1,10}:\d{1,12}:\d{1,10}$/.test(cells[8] ?? '');
  if (!isThree && !(cells.length >= 10 && /^\d{1,10}$/.test(cells[1] ?? '') && /^\d{1,12}$/.test(cells[2] ?? '')))
    return undefined;
  return Object.fromEntries((isThree ? CSV_3 : CSV_2).map((name, n): [string, string] => [name, cells[n] ?? '']));
};

// { "timestamp" : "11/02-08:15:30.123456", "proto" : "TCP", "src_ap" : "192.0.2.1:1", "rule" : "1:1418:11", "action" : "allow" }
const jsonOf = (text: string): Json | undefined => {
  if (!text.startsWith('{') || !text.includes('"rule"') || !text.includes('"proto"')) return undefined;
  const value = parseJson(text);
  return isObject(value) && /^\d{1,10}:\d{1,12}:\d{1,10}$/.test(textAt(value, 'rule') ?? '') ? value : undefined;
};

const readColumns = (fields: Fields, row: Json): Act => {
  const [gid, sid, rev] = textAt(row, 'rule')?.split(':', 3) ?? [
    textAt(row, 'sig_generator', 'gid'),
    textAt(row, 'sig_id', 'sid'),
    textAt(row, 'sig_rev', 'rev'),
  ];
  putRule(fields, gid ?? '', sid ?? '', rev ?? '');
  put(fields, 'rule.name', textAt(row, 'msg'));
  put(fields, 'rule.category', textAt(row, 'class'));
  putNumber(fields, 'event.severity', textAt(row, 'priority'));
  putTransport(fields, textAt(row, 'proto'));
  for (const [side, of] of [
    ['src', 'source'],
    ['dst', 'destination'],
  ] as const) {
    const both = textAt(row, `${side}_ap`);
    if (both !== undefined) putEnd(fields, of, both, true);
    if (!putIp(fields, `${of}.ip`, textAt(row, `${side}_addr`)) && both === undefined) continue;
    const port = textAt(row, `${side}_port`) ?? (fields[`${of}.port`] as number | undefined);
    // alert_csv writes 0 where there is no port
    delete fields[`${of}.port`];
    if (String(port) !== '0') putNumber(fields, `${of}.port`, port);
  }
  for (const name of [
    'dir',
    'pkt_gen',
    'pkt_len',
    'tcpflags',
    'tcp_flags',
    'ttl',
    'icmptype',
    'icmp_type',
    'icmpcode',
    'service',
    'iface',
  ])
    put(fields, `snort.${name}`, textAt(row, name));
  return putVerdict(fields, textAt(row, 'action'));
};

// ------------------------------------------------------------------------------------------------------------- parser

/** A rule's mark: between stars in the sensor's own files, in syslog behind the program or with class, priority or protocol. */
const isAlert = (text: string): boolean =>
  RULE.test(text) &&
  (text.includes('[**]') ||
    /\[(?:Classification|Priority): [^\]]{1,255}\].{0,64} -> |\{[A-Z\d:-]{2,16}\} [\da-fA-F.:]{3,52} -> /s.test(text));
const PROGRAM = /^(?:snort\d?|suricata|barnyard2?)$/i;

const claims = ({ text, envelope }: RawRecord): boolean =>
  isAlert(text) ||
  csvOf(text) !== undefined ||
  jsonOf(text) !== undefined ||
  (PROGRAM.test(envelope.program ?? '') && !text.includes('{"'));

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const text = record.text.trim();
    if (text === '') return BLANK;
    const { envelope } = record;
    const fields: Fields = { 'observer.product': 'Snort', 'observer.type': 'ids' };
    if (/^suricata$/i.test(envelope.program ?? '')) fields['observer.product'] = 'Suricata';
    const row = csvOf(text) ?? jsonOf(text);
    if (row !== undefined) {
      const stamp = textAt(row, 'timestamp') ?? '';
      clock.stamp(fields, timeOf(stamp) ?? epochMicros(textAt(row, 'seconds') ?? ''));
      const act = readColumns(fields, row);
      return { kind: 'event', act, fields };
    }
    // behind the brackets of an alert may stand anything: the time is looked for where the forms have it
    const alert = isAlert(text);
    const own = alert && envelope.civil === undefined ? timeOf(text.slice(0, 4096)) : undefined;
    const time = envelope.civil ?? own;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    put(fields, 'observer.name', envelope.host);
    const act =
      alert || RULE.test(envelope.message)
        ? readAlert(fields, envelope.civil === undefined ? text : envelope.message)
        : undefined;
    if (act === undefined) {
      if (!PROGRAM.test(envelope.program ?? '') || text.includes('{"'))
        return rejected('not-this-format', 'no alert of Snort or Suricata');
      categorise(fields, ['host'], ['info']);
    }
    put(fields, 'message', envelope.message);
    relateAddresses(fields, text.slice(0, 8192));
    return { kind: 'event', act: act ?? 'other', fields };
  };

/**
 * Lines of a full alert that continue it: its class, the packet's time and ends, the decoded headers, references, dumps.
 * All other lines begin a record, so that a file of several devices stays whole.
 */
const CONTINUES = [
  String.raw`\[(?:Classification|Priority|Xref)[: ]`,
  String.raw`\d\d\/\d\d(?:\/\d{2,4})?-[\d:.]{8,15} (?!.{0,64}\[\*\*\])[\da-fA-F.:]{2,52} -> `,
  String.raw`(?:[\da-fA-F.:]{3,52} -> [\da-fA-F.:]{3,52} )?\S{2,20} TTL:\d`,
  String.raw`[*UAPRSF\d]{8} Seq: `,
  'TCP Options',
  'Type:\\d',
  'Len: \\d',
  'Frag Offset',
  'ORIGINAL DATAGRAM',
  '\\*\\* (?:ORIGINAL|END)',
  String.raw`(?:[\dA-F]{1,2}:){5}[\dA-F]{1,2} -> `,
  String.raw`\s*$`,
].join('|');

export default {
  id: 'snort',
  title: 'Snort and Suricata alerts: fast, full, syslog, CSV, Snort 3 JSON',
  references: [
    {
      title: 'Snort 2.9 manual, output modules',
      url: 'http://manual-snort-org.s3-website-us-east-1.amazonaws.com/node21.html',
    },
    { title: 'Snort 3: alert loggers', url: 'https://docs.snort.org/start/alert_logging' },
    {
      title: 'Suricata: line based alerts log',
      url: 'https://docs.suricata.io/en/latest/configuration/suricata-yaml.html#line-based-alerts-log-fast-log',
    },
  ],
  framing: { startsWith: new RegExp(`^(?!${CONTINUES})`) },
  states: { zone: 'unstated', year: 'varies', resolution: 'us' },
  families: [
    'alerts with rule, class, priority, verdict and both ends; full alerts of several lines; messages of the daemon in syslog',
  ],
  limits: ["alert_csv with columns of the operator's choice is read only in the default orders"],
  recognise: recogniseBy(
    (record) =>
      claims(record) ||
      /^(?:\[Classification|\[Xref => |\S{2,8} TTL:\d|\d\d\/\d\d[\d/]{0,5}-[\d:.]{8,15} )/.test(record.text),
    'are alerts of Snort',
    0.97,
  ),
  claims,
  open,
} satisfies Parser as Parser;
