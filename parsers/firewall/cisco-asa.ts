import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import { type Fields, textOf } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { openConnections, putEnds } from '../../src/parse/kit/cisco-asa-ends.ts';
import { type AsaLine, KINDS, meaningOf, refine, WORDINGS } from '../../src/parse/kit/cisco-asa-messages.ts';
import { putMeasures, putPhrases, putWho } from '../../src/parse/kit/cisco-asa-phrases.ts';
import { type Civil, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import { add, categorise, put, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type ParseContext, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `%ASA-6-302013: ` · `%ASA-session-5-106100: ` · `%%PIX-6-605004: ` · `ASA-3-313001: ` · `%ASA-5-111010 User …` */
const TAG = /(?:^|[\s:>])%{0,2}(ASA|PIX|FWSM|FTD)-(?:([a-z]\w{1,15})-)?(\d)-(\d{6})(?::\s*|\s+)/;
/** What ASDM saves: `6|Feb 01 2024|10:11:12|302013|203.0.113.5|51234|10.0.0.5|443|Built inbound …`: level, day, time, number, ends, text. */
const ASDM = /^([0-7])\|([A-Z][a-z]{2} \d{1,2} \d{4})\|(\d\d:\d\d:\d\d)\|(\d{6})\|(?:[^|]{0,255}\|){2,4}(?=[^|]*$)/;
/** The line as the device would have sent it. */
const unpiped = (text: string): string => {
  const m = ASDM.exec(text.slice(0, 8192));
  return m === null ? text : `${m[2]} ${m[3]}: %ASA-${m[1]}-${m[4]}: ${text.slice(m[0].length)}`;
};
/** What a collector leaves when it cuts the tag off: the AnyConnect and IKE forms that no other product writes. */
const UNTAGGED =
  /^(?:TunnelGroup <[^<>]{1,128}> )?Group(?:Policy)? (?:<[^<>]{1,128}> User <|= [^,]{1,128}, Username = )|^Tunnel group search using certificate maps failed/;

/** `<111>:Jan 15 10:11:12 UTC: ` (EMBLEM), `Jul 15 13:38:14 192.0.2.1 : `, `Apr 15 2013 09:36:50: `, `2021-06-27T12:17:46Z fw : ` */
const readHead = (
  record: RawRecord,
  head: string,
): { civil?: Civil; host?: string; program?: string; pid?: number } => {
  const { civil, host, program, pid } = record.envelope;
  if (civil !== undefined) {
    const name = host ?? (pid === undefined ? program : undefined);
    const own = program !== undefined && program !== name;
    return { civil, ...(name && { host: name }), ...(own && { program }), ...(own && pid !== undefined && { pid }) };
  }
  const rest = head.replace(/^\s*(?:<\d{1,3}>)?[\s:]*(?:\d{1,10}: )?/, '');
  const read = readBsd(rest) ?? readIso(rest);
  const name = /^[\s:]*(\w[\w.:-]{0,254}?)[\s:]*$/.exec(rest.slice(read?.end ?? 0))?.[1];
  return { ...(read && { civil: read.civil }), ...(name && { host: name }) };
};

const TRANSPORT =
  /\b(tcp|udp|icmp|icmpv6|ipv6-icmp|gre|sctp|igmp|esp|ah|ospf|eigrp|pim)\b|\bproto(?:col)?(?: ?= ?| )(\d{1,3}|udp|tcp|icmp)\b/i;

const putHeader = (fields: Fields, record: RawRecord, context: ParseContext, head: string, product: string): void => {
  const { civil, host, program, pid } = readHead(record, head);
  context.clock.stamp(fields, civil);
  if (civil === undefined) warn(fields, 'time-missing');
  put(fields, 'observer.vendor', 'Cisco');
  put(fields, 'observer.product', product.toLowerCase());
  put(fields, 'observer.type', 'firewall');
  put(fields, 'observer.name', host);
  if (host !== undefined) {
    const ip = canonicalIp(host);
    if (ip !== undefined) add(fields, 'observer.ip', ip);
  }
  put(fields, 'process.name', program);
  putNumber(fields, 'process.pid', pid);
  putNumber(fields, 'log.syslog.priority', record.envelope.priority);
};

const NETWORK_ACTS = new Set<Act>(['flow', 'flow-start', 'flow-denied', 'nat', 'threat', 'http-request', 'other']);

/** 430001–430005: connection, intrusion and file events as `Key: value, …`, another format. */
const FTD_LISTS = '43000';

const isAsa = (record: RawRecord): boolean => {
  const tag = TAG.exec(unpiped(record.text).slice(0, 400));
  return tag === null ? UNTAGGED.test(record.envelope.message) : !(tag[4] as string).startsWith(FTD_LISTS);
};

const open: Parser['open'] = (context) => {
  const openerOf = openConnections();
  return (record) => {
    if (record.text.trim() === '') return BLANK;
    const raw = unpiped(record.text);
    const tag = TAG.exec(raw.slice(0, 400));
    const untagged = tag === null ? record.envelope.message.trim() : '';
    if (tag === null && !UNTAGGED.test(untagged))
      return rejected('not-this-format', 'no %ASA-, %PIX-, %FWSM- or %FTD- tag');
    if (tag?.[4]?.startsWith(FTD_LISTS)) return rejected('not-this-format', 'a list of keys as only FTD writes it');
    const fields: Fields = {};
    putHeader(fields, record, context, tag === null ? '' : raw.slice(0, tag.index + 1), tag?.[1] ?? 'asa');
    const text = (tag === null ? untagged : raw.slice(tag.index + tag[0].length).trim()).slice(0, 8192);
    const line: AsaLine = { fields, code: tag?.[4], text };
    put(fields, 'event.code', tag?.[4]);
    putNumber(fields, 'event.severity', tag?.[3]);
    put(fields, 'cisco.asa.class', tag?.[2]);
    put(fields, 'message', text);
    const meaning = refine(meaningOf(tag?.[4] ?? (WORDINGS.find(([words]) => words.test(text))?.[1] as string)), line);
    const [act, kind, action] = meaning;
    const [category, type, outcome] = KINDS[kind] as readonly [
      readonly string[],
      readonly string[],
      'success' | 'failure' | undefined,
    ];
    categorise(fields, category, type, outcome);
    put(fields, 'event.action', action);
    if (act !== 'source-state' && /ser|name|IP|Remote|@/.test(text)) putWho(line);
    if (NETWORK_ACTS.has(act) || (act !== 'source-state' && fields['source.ip'] === undefined))
      putEnds(line, openerOf(line, meaning));
    if (NETWORK_ACTS.has(act)) {
      const m = TRANSPORT.exec(text);
      if (fields['network.transport'] === undefined) putTransport(fields, m?.[1] ?? m?.[2]);
    }
    putMeasures(line);
    putPhrases(line);
    if (act === 'config-change') put(fields, 'einfallstor.change.object', textOf(fields, 'process.command_line'));
    relateAddresses(fields, text);
    return { kind: 'event', act, fields };
  };
};

export default {
  id: 'cisco-asa',
  title: 'Cisco ASA, PIX, FWSM and FTD in ASA style',
  references: [
    {
      title: 'Cisco Secure Firewall ASA Series Syslog Messages',
      url: 'https://www.cisco.com/c/en/us/td/docs/security/asa/syslog/b_syslog.html',
    },
    {
      title: 'Interpret syslogs generated by the ASA when it builds or tears down connections (document 116149)',
      url: 'https://www.cisco.com/c/en/us/support/docs/security/adaptive-security-appliance-asa-software/116149-qanda-ASA-00.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'connections built and torn down, NAT, ACL, ICMP, inspection, threat detection, IPS, botnet filter',
    'AAA, administrators, commands, local users, clock',
    'AnyConnect, WebVPN, IPsec, IKEv1 and IKEv2, address assignment, DAP',
    'syslog in any header, and the log that ASDM saves',
  ],
  limits: [
    'Messages 430001 to 430005 of FTD (lists of keys) are not read.',
    'Bytes of a connection are both directions together (network.bytes).',
    '113004, 113005, 113012 and 113015 do not say what the user logged in to: taken as VPN.',
    'A teardown names no initiator: it is taken from the opening seen in the same file, else inferred with a warning.',
  ],
  recognise: recogniseBy(isAsa, 'carry an ASA message tag'),
  claims: isAsa,
  open,
} satisfies Parser as Parser;
