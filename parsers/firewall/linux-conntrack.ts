import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readCtime, readIso } from '../../src/parse/kit/civil.ts';
import { putSpan, sumPackets } from '../../src/parse/kit/flow.ts';
import { type Json, keepJson, readObject, textAt } from '../../src/parse/kit/json.ts';
import { readKeyValues } from '../../src/parse/kit/key-value.ts';
import { categorise, keepVendor, put, putIp, putNumber, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import {
  BLANK,
  type Outcome,
  type ParseContext,
  type Parser,
  type RawRecord,
  rejected,
} from '../../src/parse/parser.ts';

/** One direction of a connection as the kernel tracks it. */
interface Tuple {
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly sourcePort?: string | undefined;
  readonly destinationPort?: string | undefined;
  readonly packets?: string | undefined;
  readonly bytes?: string | undefined;
}

interface Entry {
  readonly event: string | undefined;
  readonly protocol: string | undefined;
  readonly state?: string | undefined;
  readonly original: Tuple;
  readonly reply: Tuple | undefined;
  readonly rest: Iterable<readonly [string, string]>;
}

// ------------------------------------------------------------------------------------------------------------- conntrack(8)

// [NEW] tcp      6 120 SYN_SENT src=10.0.0.5 dst=203.0.113.9 sport=50112 dport=443 [UNREPLIED] src=203.0.113.9 …
// [DESTROY] ipv4     2 udp      17 src=…   (-o extended) · tcp      6 431999 ESTABLISHED src=…   (a listing, nf_conntrack)
const ENTRY =
  /^\s{0,16}(?:\[(NEW|UPDATE|DESTROY)\] )?\s{0,16}(?:ipv[46] {1,16}\d{1,2} {1,16})?([a-z][a-z\d-]{1,15}) {1,16}(\d{1,3})((?: {1,16}\d{1,10})?(?: {1,16}[A-Z_]{4,16})?) {1,16}(?=src=[\da-fA-F.:]{2,45} dst=)/;
// [1635840930.123456]   (-o timestamp) · [Tue Nov  2 08:15:30 2021]
const STAMP = /^\s{0,16}\[ {0,16}(\d{9,10}(?:\.\d{1,9})?|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})\]\s*/;

const FLAGS = /\[(UNREPLIED|ASSURED|OFFLOAD|HW_OFFLOAD)\]/;

const tupleOf = (pairs: ReadonlyMap<string, string>, n: '' | '#2'): Tuple => ({
  source: pairs.get(`src${n}`),
  destination: pairs.get(`dst${n}`),
  sourcePort: pairs.get(`sport${n}`),
  destinationPort: pairs.get(`dport${n}`),
  packets: pairs.get(`packets${n}`),
  bytes: pairs.get(`bytes${n}`),
});

const TUPLE_KEYS = /^(?:src|dst|sport|dport|packets|bytes)(?:#2)?$/;

const readConntrack = (text: string): Entry | undefined => {
  const m = ENTRY.exec(text);
  if (m === null) return undefined;
  const pairs = readKeyValues(text.slice(0, 8192), m[0].length);
  const flag = FLAGS.exec(text)?.[1];
  return {
    event: m[1]?.toLowerCase(),
    protocol: m[3],
    state: /[A-Z_]{4,16}$/.exec(m[4] ?? '')?.[0] ?? flag,
    original: tupleOf(pairs, ''),
    reply: pairs.has('src#2') ? tupleOf(pairs, '#2') : undefined,
    rest: [...pairs].filter(([key]) => !TUPLE_KEYS.test(key) && !key.startsWith('[')),
  };
};

// ------------------------------------------------------------------------------------------------------------- ulogd

// [DESTROY] ORIG: SRC=10.0.0.5 DST=203.0.113.9 PROTO=TCP SPT=50112 DPT=443 PKTS=9 BYTES=999 , REPLY: SRC=… PKTS=… BYTES=…
const ULOGD = /(?:\[(NEW|UPDATE|DESTROY)\] )?ORIG: (SRC=.{1,1024}?), REPLY: (SRC=.{1,1024})$/s;

const ulogdTuple = (pairs: ReadonlyMap<string, string>): Tuple => ({
  source: pairs.get('SRC'),
  destination: pairs.get('DST'),
  sourcePort: pairs.get('SPT'),
  destinationPort: pairs.get('DPT'),
  packets: pairs.get('PKTS'),
  bytes: pairs.get('BYTES'),
});

const readUlogd = (text: string): Entry | undefined => {
  const m = ULOGD.exec(text);
  if (m === null) return undefined;
  const original = readKeyValues(m[2] as string);
  const reply = readKeyValues(m[3] as string);
  const rest = [...original].filter(([key]) => !/^(?:SRC|DST|SPT|DPT|PKTS|BYTES|PROTO)$/.test(key));
  return {
    event: m[1]?.toLowerCase(),
    protocol: original.get('PROTO'),
    original: ulogdTuple(original),
    reply: ulogdTuple(reply),
    rest,
  };
};

/** Keys of ulogd's JSON: the connection's own, or those of the Common Information Model; `ct.event` is a bit of each type. */
const CT_EVENTS: Readonly<Record<string, string>> = { '1': 'new', '2': 'update', '4': 'destroy' };
const jsonTuple = (object: Json, way: 'orig' | 'reply'): Tuple => {
  const cim = way === 'orig' ? ['src_ip', 'dest_ip', 'src_port', 'dest_port'] : [];
  const [source = '', destination = '', sourcePort = '', destinationPort = ''] = cim;
  return {
    source: textAt(object, `${way}.ip.saddr.str`, `${way}.ip.saddr`, source),
    destination: textAt(object, `${way}.ip.daddr.str`, `${way}.ip.daddr`, destination),
    sourcePort: textAt(object, `${way}.l4.sport`, sourcePort),
    destinationPort: textAt(object, `${way}.l4.dport`, destinationPort),
    packets: textAt(object, `${way}.raw.pktcount`),
    bytes: textAt(object, `${way}.raw.pktlen`),
  };
};

const isFlowJson = (object: Json): boolean =>
  (textAt(object, 'orig.ip.saddr.str', 'orig.ip.saddr') !== undefined || textAt(object, 'src_ip') !== undefined) &&
  ['orig.raw.pktlen', 'reply.ip.saddr.str', 'reply.raw.pktlen', 'ct.id', 'ct.event'].some((name) =>
    Object.hasOwn(object, name),
  );

const readJson = (object: Json): Entry => ({
  event: own(CT_EVENTS, textAt(object, 'ct.event') ?? ''),
  protocol: textAt(object, 'orig.ip.protocol', 'ip.protocol'),
  original: jsonTuple(object, 'orig'),
  reply: jsonTuple(object, 'reply'),
  rest: [],
});

// ------------------------------------------------------------------------------------------------------------- meaning

const putEntry = (fields: Fields, entry: Entry): Act => {
  const { original, reply } = entry;
  putIp(fields, 'source.ip', original.source);
  putIp(fields, 'destination.ip', original.destination);
  putTransport(fields, entry.protocol);
  putNumber(fields, 'source.port', original.sourcePort);
  putNumber(fields, 'destination.port', original.destinationPort);
  putNumber(fields, 'source.bytes', original.bytes);
  putNumber(fields, 'source.packets', original.packets);
  putNumber(fields, 'destination.bytes', reply?.bytes);
  putNumber(fields, 'destination.packets', reply?.packets);
  sumPackets(fields);
  putNat(fields, original, reply);
  put(fields, 'event.action', entry.event ?? 'listed');
  put(fields, 'linux.conntrack.state', entry.state);
  keepVendor(fields, 'linux.conntrack', entry.rest);
  if (entry.event === 'new') {
    categorise(fields, ['network'], ['connection', 'start']);
    return 'flow-start';
  }
  const ended = entry.event === 'destroy';
  categorise(fields, ['network'], ended ? ['connection', 'end'] : ['connection', 'info']);
  // what is not ended is counted again later: an update is no flow of its own
  return ended ? 'flow' : entry.event === 'update' ? 'other' : 'flow-start';
};

/** The answers come from, and go to, the translated ends: what differs from the first direction was translated. */
const putNat = (fields: Fields, original: Tuple, reply: Tuple | undefined): void => {
  if (reply?.source === undefined || reply.destination === undefined) return;
  if (reply.destination !== original.source && putIp(fields, 'source.nat.ip', reply.destination))
    putNumber(fields, 'source.nat.port', reply.destinationPort);
  if (reply.source !== original.destination && putIp(fields, 'destination.nat.ip', reply.source))
    putNumber(fields, 'destination.nat.port', reply.sourcePort);
};

const inspect = ({
  text,
  envelope,
}: RawRecord): { entry: Entry; json?: Json; time?: Civil | number | undefined } | undefined => {
  if (text.startsWith('{')) {
    const json = readObject(text);
    if (json === undefined || !isFlowJson(json)) return undefined;
    return { entry: readJson(json), json, time: readIso(textAt(json, 'timestamp') ?? '')?.civil };
  }
  if (!/src=|SRC=/.test(text)) return undefined;
  const body = envelope.civil === undefined ? text : envelope.message;
  const stamp = STAMP.exec(body);
  const rest = stamp === null ? body : body.slice(stamp[0].length);
  const entry = readConntrack(rest) ?? readUlogd(rest.slice(0, 4096));
  if (entry === undefined) return undefined;
  const own = stamp === null ? undefined : (epochMicros(stamp[1] as string) ?? readCtime(stamp[1] as string)?.civil);
  return { entry, time: own ?? envelope.civil };
};

const claims = (record: RawRecord): boolean => inspect(record) !== undefined;

/** `flow.start.sec` and `flow.start.usec` of ulogd's JSON, epoch µs. */
const edge = (json: Json, name: 'start' | 'end'): number | undefined => {
  const seconds = epochMicros(textAt(json, `flow.${name}.sec`) ?? '');
  return seconds === undefined ? undefined : seconds + Number(textAt(json, `flow.${name}.usec`) ?? 0);
};

const putTimes = (
  context: ParseContext,
  fields: Fields,
  entry: Entry,
  json: Json | undefined,
  time: Civil | number | undefined,
): void => {
  const [start, end] = json === undefined ? [undefined, undefined] : [edge(json, 'start'), edge(json, 'end')];
  const at = time ?? end ?? start;
  if (at === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, at);
  putSpan(fields, start, end);
  // [DESTROY] … delta-time=61   seconds, with nf_conntrack_timestamp
  const seconds = new Map(entry.rest).get('delta-time');
  const stamp = fields['@timestamp'];
  if (/^\d{1,9}$/.test(seconds ?? '') && typeof stamp === 'number')
    putSpan(fields, stamp - Number(seconds) * 1e6, stamp);
};

const open: Parser['open'] =
  (context) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const found = inspect(record);
    if (found === undefined) return rejected('not-this-format', 'no entry of the connection tracker');
    const fields: Fields = { 'observer.vendor': 'Linux', 'observer.product': 'netfilter', 'observer.type': 'firewall' };
    putTimes(context, fields, found.entry, found.json, found.time);
    put(fields, 'observer.name', record.envelope.host ?? (found.json && textAt(found.json, 'dvc')));
    const act = putEntry(fields, found.entry);
    // the tracker always writes both directions
    if (found.entry.reply === undefined) warn(fields, 'truncated');
    if (found.json !== undefined) keepJson(fields, 'linux.conntrack', found.json, new Set(['timestamp', 'dvc']));
    relateAddresses(fields, record.text.slice(0, 4096));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'linux-conntrack',
  title: 'Linux connection tracking: conntrack events and listings, ulogd flow records',
  references: [
    { title: 'conntrack(8)', url: 'https://manpages.debian.org/bookworm/conntrack/conntrack.8.en.html' },
    { title: 'ulogd2: NFCT input, LOGEMU and JSON output', url: 'https://www.netfilter.org/projects/ulogd/' },
    {
      title: 'kernel: nf_conntrack sysctl (acct, timestamp)',
      url: 'https://www.kernel.org/doc/html/latest/networking/nf_conntrack-sysctl.html',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 'us' },
  families: [
    'conntrack -E with and without -o timestamp, extended and id; conntrack -L and /proc/net/nf_conntrack; through syslog',
    'ulogd NFCT records of LOGEMU, SYSLOG and JSON, with bytes of both directions and translated ends',
  ],
  limits: [
    'bytes are there only where net.netfilter.nf_conntrack_acct is on',
    'updates are kept, but are no flows of their own',
  ],
  recognise: recogniseBy(claims, 'are entries of the connection tracker'),
  claims,
  open,
} satisfies Parser as Parser;
