import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros } from '../../src/parse/kit/civil.ts';
import { add, categorise, put, putEndpoint, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Line {
  readonly product: 'portsentry' | 'scanlogd' | 'psad';
  readonly text: string;
  readonly time: Civil | number | undefined;
}

// 1403884279 - 06/27/2014 17:51:19 Host: scan.example.net/192.0.2.7 Port: 1 TCP Blocked   portsentry.history and .blocked
const HISTORY =
  /^(\d{9,10}) - \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d (Host: \S{1,300}\/[\da-fA-F.:]{2,45} Port: \d{1,5} (?:TCP|UDP) \w{1,32}.*)$/s;
const PROGRAM = /^(portsentry|scanlogd|psad)$/;

const lineOf = ({ text, envelope }: RawRecord): Line | undefined => {
  const m = HISTORY.exec(text);
  if (m !== null) return { product: 'portsentry', text: m[2] as string, time: epochMicros(m[1] as string) };
  const program = PROGRAM.exec(envelope.program ?? '')?.[1];
  if (program === undefined) return undefined;
  return { product: program as Line['product'], text: envelope.message.trim(), time: envelope.civil };
};

const IP = '[\\da-fA-F.:]{2,45}';
/** Groups: from, ip, to, port, ports, protocol, danger, flags. First match wins. */
const SCANS: readonly RegExp[] = [
  // Host: scan.example.net/192.0.2.7 Port: 1 TCP Blocked
  new RegExp(`^Host: (?<from>\\S{1,255})/(?<ip>${IP}) Port: (?<port>\\d{1,5}) (?<protocol>TCP|UDP) (?<done>\\w{1,32})`),
  // attackalert: Connect from host: scan.example.net/192.0.2.7 to TCP port: 111 · SYN/Normal scan from host: …
  new RegExp(
    `^attackalert: (?<kind>.{1,64}?) from host: (?<from>\\S{1,255})/(?<ip>${IP}) to (?<protocol>TCP|UDP) port: (?<port>\\d{1,5})`,
  ),
  // attackalert: Host 192.0.2.7 has been blocked via wrappers with string: …
  new RegExp(`^attackalert: Host:? (?<ip>${IP}) (?<done>has been blocked|is already blocked)`),
  // Scan from: [192.0.2.7] (scan.example.net) protocol: [TCP] port: [111] type: [Connect] IP opts: [unknown] ignored: [false]   portsentry 2
  new RegExp(
    `^Scan from: \\[(?<ip>${IP})\\](?: \\((?<from>[^()]{1,255})\\))? protocol: \\[(?<protocol>\\w{1,8})\\] port: \\[(?<port>\\d{1,5})\\]`,
  ),
  // 192.0.2.7:1025 to 10.0.0.5 ports 80, 81, 83, ..., f????uxy, TOS 00, TTL 49 @20:44:43
  new RegExp(
    `^(?<ip>${IP}?)(?::(?<sourcePort>\\d{1,5}))? to (?<to>${IP}?) ports? (?<ports>\\d{1,5}(?:, \\d{1,5}){0,64}(?:, \\.\\.\\.)?)(?:, (?<flags>[\\w?]{8}))?, TOS`,
  ),
  // scan detected (Nmap: [-sT]): 192.0.2.7 -> 10.0.0.5 tcp: [1-1024] flags: SYN tcp pkts: 30 DL: 4   psad
  new RegExp(
    `^scan detected.{0,200}?: (?<ip>${IP}) -> (?<to>${IP}) (?<protocol>tcp|udp|icmp): \\[(?<ports>[\\d, -]{1,200})\\].{0,400}?(?: DL: (?<danger>\\d))?$`,
  ),
  // added iptables auto-block against 192.0.2.7 for 3600 seconds
  new RegExp(`^(?<done>added|removed) \\S{1,32} auto-?block against (?<ip>${IP})`),
  // src: 192.0.2.7 signature match: "MISC xdmcp info query" (sid: 517) udp port: 177
  new RegExp(
    `^src: (?<ip>${IP}) signature match: "(?<rule>.{1,256}?)" \\(sid: (?<sid>\\d{1,12})\\) (?<protocol>\\w{1,8})(?: port: (?<port>\\d{1,5}))?`,
  ),
];

const readScan = (fields: Fields, text: string): boolean => {
  const groups = SCANS.map((pattern) => pattern.exec(text)?.groups).find((found) => found !== undefined);
  if (groups === undefined) return false;
  if (groups['from'] !== undefined) putEndpoint(fields, 'source', groups['from']);
  putIp(fields, 'source.ip', groups['ip']);
  putNumber(fields, 'source.port', groups['sourcePort']);
  putIp(fields, 'destination.ip', groups['to']);
  putNumber(fields, 'destination.port', groups['port']);
  putTransport(fields, groups['protocol']);
  for (const port of (groups['ports'] ?? '').match(/\d{1,5}(?:-\d{1,5})?/g) ?? []) add(fields, 'portscan.ports', port);
  putNumber(fields, 'event.severity', groups['danger']);
  put(fields, 'portscan.flags', groups['flags']);
  put(fields, 'rule.name', groups['rule'] ?? groups['kind'] ?? 'port scan');
  put(fields, 'rule.id', groups['sid']);
  const blocked = /block|added/i.test(groups['done'] ?? '');
  fields['event.kind'] = 'alert';
  put(fields, 'event.action', groups['done']?.toLowerCase().replaceAll(' ', '-') ?? 'scan-detected');
  categorise(fields, ['intrusion_detection', 'network'], [blocked ? 'denied' : 'info']);
  return true;
};

const claims = (record: RawRecord): boolean => lineOf(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const line = lineOf(record);
    if (line === undefined) return rejected('not-this-format', 'no line of portsentry, scanlogd or psad');
    const fields: Fields = { 'observer.product': line.product, 'observer.type': 'ids' };
    if (line.time === undefined) warn(fields, 'time-missing');
    clock.stamp(fields, line.time);
    put(fields, 'observer.name', record.envelope.host);
    put(fields, 'process.name', line.product);
    putNumber(fields, 'process.pid', record.envelope.pid);
    put(fields, 'message', line.text);
    const scan = readScan(fields, line.text.slice(0, 4096));
    if (!scan) categorise(fields, ['host'], ['info']);
    relateAddresses(fields, line.text.slice(0, 4096));
    return { kind: 'event', act: scan ? 'threat' : 'other', fields };
  };

export default {
  id: 'portscan-detectors',
  title: 'Port scan detectors: portsentry, scanlogd, psad',
  references: [
    { title: 'portsentry', url: 'https://portsentry.xyz/' },
    { title: 'scanlogd(8)', url: 'https://www.openwall.com/scanlogd/scanlogd.8.shtml' },
    { title: 'psad', url: 'https://cipherdyne.org/psad/docs/' },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['scans with source, target and ports, blocks; portsentry also in its own history files'],
  limits: ['packets that psad copies from the kernel are read by linux-netfilter'],
  recognise: recogniseBy(claims, 'are lines of a port scan detector', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
