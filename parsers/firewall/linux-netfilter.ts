import { own } from '../../src/core/own.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readClf, readCtime } from '../../src/parse/kit/civil.ts';
import { fieldMap, type Step } from '../../src/parse/kit/field-map.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { add, categorise, put, putMac, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { isRefusal, verdictOf } from '../../src/parse/kit/verdict.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** A packet has a source, and at least a destination or a protocol; the interfaces tell it from other products' pairs. */
const isPacket = (text: string): boolean =>
  text.includes('SRC=') && (text.includes(' DST=') || text.includes(' PROTO=')) && /(?:IN|OUT)=/.test(text);

const claims = ({ text }: RawRecord): boolean => isPacket(text);

// ------------------------------------------------------------------------------------------------------------- prefix

/** iptables allows 29 characters of prefix, nft 127; the kernel's stamp and Proxmox's columns stand before it. */
const PREFIX_MAX = 256;

/** Programs that relay the kernel's ring buffer; any other tag is the first word of the rule's own prefix. */
const KERNEL = /^(?:kernel|klogd|ulogd\d?|vmunix|syslog)$/;

// [50028442.088484] · [  203.842973]
const UPTIME = /^\[ {0,12}(\d{1,12}\.\d{1,9})\] ?/;
// [Tue Nov  2 08:15:30 2021]  (dmesg -T)
const DMESG = /^\[(?=[A-Z][a-z]{2} [A-Z][a-z]{2} )/;
// 101 1 tap101i0-IN 02/Nov/2021:08:15:30 +0100 policy DROP:   (Proxmox VE: guest, log level, chain, time)
const PROXMOX = /^(\d{1,9}) (\d) ([\w-]{1,64}) (\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:]{8} [+-]\d{4}) /;
// [WAN_LOCAL-default-D] · [wan-lan-20-A] · [WAN_IN-D-10000] DESCR="…" · UDM [WAN_IN-D-10000] (host twice)  (Vyatta, EdgeOS, UniFi: rule set, rule, action)
const RULE_SET = /^(?:[\w.-]{1,64} )?\[([\w.-]{1,64}?)-(?:(\w{1,16})-([ADR])|([ADR])-(\w{1,16}))\]/;
// Shorewall:net2fw:DROP: · net2fw:DROP:
const CHAIN = /^(?:Shorewall:)?([\w-]{1,64}):[A-Z]{3,12}:$/;
// ACCEPT: (3) · DROP: (DEFAULT DROP)  (Securepoint UTM: number of the rule, or what dropped it)
const NUMBERED = /^[A-Z]{3,12}: \((\d{1,9})\)$/;
const RULE_SET_ACTIONS: Readonly<Record<string, string>> = { A: 'accept', D: 'drop', R: 'reject' };

interface Prefix {
  /** What the rule's author wrote. */
  readonly text: string;
  readonly time?: Civil | undefined;
}

/** Takes off what the kernel or Proxmox put before the rule's prefix. */
const readPrefix = (fields: Fields, raw: string): Prefix => {
  let text = raw.trimStart();
  let time: Civil | undefined;
  if (DMESG.test(text)) {
    time = readCtime(text, 1)?.civil;
    text = text.slice(text.indexOf(']') + 1).trimStart();
  }
  const uptime = UPTIME.exec(text);
  if (uptime !== null) {
    put(fields, 'linux.netfilter.uptime', uptime[1]);
    text = text.slice(uptime[0].length);
  }
  const proxmox = PROXMOX.exec(text);
  if (proxmox !== null) {
    put(fields, 'linux.netfilter.guest', proxmox[1]);
    put(fields, 'rule.ruleset', proxmox[3]);
    time = readClf(proxmox[4] as string)?.civil;
    text = text.slice(proxmox[0].length);
  }
  return { text: text.trim(), time };
};

/** What became of the packet is only in the words of the prefix; without one, it was logged and its fate is not told. */
const judge = (fields: Fields, prefix: string): 'flow' | 'flow-denied' => {
  const rule = RULE_SET.exec(prefix);
  let verdict = verdictOf(prefix);
  if (rule !== null) {
    put(fields, 'rule.name', rule[1]);
    put(fields, 'rule.id', rule[2] ?? rule[5]);
    put(fields, 'rule.description', /\bDESCR="([^"]{0,200})"/.exec(prefix)?.[1]);
    verdict = own(RULE_SET_ACTIONS, (rule[3] ?? rule[4]) as string);
  } else {
    put(fields, 'rule.name', CHAIN.exec(prefix)?.[1] ?? prefix.replaceAll(/^\[|[\]:\s]+$/g, ''));
    put(fields, 'rule.id', NUMBERED.exec(prefix)?.[1]);
  }
  put(fields, 'event.action', verdict);
  if (isRefusal(verdict)) {
    categorise(fields, ['network'], ['connection', 'denied'], 'success');
    return 'flow-denied';
  }
  const passed = verdict !== undefined;
  categorise(fields, ['network'], passed ? ['connection', 'allowed'] : ['connection'], passed ? 'success' : 'unknown');
  return 'flow';
};

// ------------------------------------------------------------------------------------------------------------- packet

// 02:09:0f:00:01:07:02:09:0f:00:01:08:08:00  Ethernet header: to, from, type; 18 bytes with a VLAN tag
const ETHERNET =
  /^((?:[0-9a-f]{2}:){5}[0-9a-f]{2}):((?:[0-9a-f]{2}:){5}[0-9a-f]{2}):((?:[0-9a-f]{2}:){0,4}[0-9a-f]{2}:[0-9a-f]{2})$/i;

const putEthernet: Step = (fields, value) => {
  const m = ETHERNET.exec(value);
  if (m === null) return put(fields, 'linux.netfilter.mac', value);
  putMac(fields, 'destination.mac', m[1]);
  putMac(fields, 'source.mac', m[2]);
  return put(fields, 'linux.netfilter.ether_type', (m[3] as string).slice(-5).replace(':', ''));
};

/** Names of nf_log_syslog.c; a second LEN is the UDP datagram's, a second ID the ICMP echo's. */
const putPairs = fieldMap(
  'linux.netfilter',
  {
    text: `IN=observer.ingress.interface.name OUT=observer.egress.interface.name PHYSIN=linux.netfilter.physical_in
      PHYSOUT=linux.netfilter.physical_out TTL=linux.netfilter.ttl HOPLIMIT=linux.netfilter.ttl TOS=linux.netfilter.tos
      ID=linux.netfilter.id WINDOW=linux.netfilter.tcp.window TYPE=linux.netfilter.icmp.type
      CODE=linux.netfilter.icmp.code UID=user.id DESCR=rule.description`,
    number: 'SPT=source.port DPT=destination.port LEN=source.bytes',
    ip: 'SRC=source.ip DST=destination.ip',
    mac: 'MACSRC=source.mac MACDST=destination.mac',
  },
  {
    'GATEWAY+': relateAddresses,
    MAC: putEthernet,
    PROTO: putTransport,
    'LEN#2': (fields, value) => putNumber(fields, 'linux.netfilter.udp.length', value),
  },
);

// SYN ACK URGP=0 · but not ACK=3071295
const FLAGS = / (SYN|ACK|FIN|RST|PSH|URG|ECE|CWR|NS|DF|MF|CE)(?= |$)/g;

/** The packet's own pairs, and beside them the packet that an ICMP error quotes: `[SRC=… DST=… ]`. */
const splitQuoted = (text: string): { outer: string; quoted: string | undefined } => {
  const open = text.indexOf('[SRC=');
  if (open < 0) return { outer: text, quoted: undefined };
  const close = text.indexOf(']', open);
  const end = close < 0 ? text.length : close;
  return { outer: `${text.slice(0, open)}${text.slice(end + 1)}`, quoted: text.slice(open + 1, end).trim() };
};

/** Where the packet begins: prefixes may be glued to it, `DROPIN=eth0`. Some routers slip `<1>` before SRC. */
const packetStart = (text: string): number => {
  const at = ['IN=', 'OUT=', 'SRC='].map((key) => text.indexOf(key)).filter((index) => index >= 0);
  return Math.min(...at);
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (!isPacket(record.text)) return rejected('not-this-format', 'no packet: SRC= with DST= or PROTO=, IN= or OUT=');
    const { message, program, host, civil } = record.envelope;
    const tag = program === undefined || KERNEL.test(program) ? '' : `${program}:`;
    const text = `${tag}${message}`.replace(/<\d>(?=SRC=)/, '');
    const start = packetStart(text);
    const { outer, quoted } = splitQuoted(text.slice(start));
    const fields: Fields = {
      'observer.vendor': 'Linux',
      'observer.product': 'netfilter',
      'observer.type': 'firewall',
    };
    const prefix = readPrefix(fields, text.slice(Math.max(0, start - PREFIX_MAX), start));
    const time = civil ?? prefix.time;
    if (time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, time);
    put(fields, 'observer.name', host);
    putPairs(fields, readKeyValues(outer));
    const act = judge(fields, prefix.text);
    for (const [, flag] of outer.matchAll(FLAGS)) add(fields, 'linux.netfilter.flags', flag);
    if (quoted !== undefined) {
      put(fields, 'linux.netfilter.quoted', quoted);
      relateAddresses(fields, quoted);
    }
    put(fields, 'message', message);
    const whole =
      fields['source.ip'] !== undefined && fields['destination.ip'] !== undefined && outer.includes('PROTO=');
    if (!whole) warn(fields, 'truncated');
    return { kind: 'event', act, fields };
  };

export default {
  id: 'linux-netfilter',
  title: 'Linux netfilter: iptables and nftables LOG, UFW, firewalld, Shorewall, Proxmox, EdgeOS',
  references: [
    { title: 'iptables-extensions(8), LOG', url: 'https://man7.org/linux/man-pages/man8/iptables-extensions.8.html' },
    { title: 'nft(8), log statement', url: 'https://man7.org/linux/man-pages/man8/nft.8.html' },
    {
      title: 'net/netfilter/nf_log_syslog.c',
      url: 'https://github.com/torvalds/linux/blob/master/net/netfilter/nf_log_syslog.c',
    },
    { title: 'Proxmox VE firewall, log files', url: 'https://pve.proxmox.com/wiki/Firewall' },
    { title: 'Shorewall logging', url: 'https://shorewall.org/shorewall_logging.html' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['packets logged by LOG and log statements, IPv4 and IPv6, with or without a prefix'],
  limits: [
    'what became of a packet is told by the words of the log prefix only; without such a word event.outcome is unknown',
    'a record is one packet: source.bytes is its length, not that of the connection',
    'ARP packets of bridges',
    'Securepoint UTM: its prefixes are written from memory; its other programs are read by their own parsers',
  ],
  recognise: recogniseBy(claims, 'are packets of the netfilter log'),
  claims,
  open,
} satisfies Parser as Parser;
