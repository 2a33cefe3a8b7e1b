import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readIso } from '../../src/parse/kit/civil.ts';
import {
  type EveRead,
  readAny,
  readDhcp,
  readDns,
  readFile,
  readFtp,
  readHttp,
  readIke,
  readKrb5,
  readRdp,
  readSmb,
  readSmtp,
  readSsh,
  readStats,
  readTls,
} from '../../src/parse/kit/eve.ts';
import { putSpan, sumPackets, turnAnswer } from '../../src/parse/kit/flow.ts';
import { isObject, type Json, keepJson, listAt, readObject, textAt, valueAt } from '../../src/parse/kit/json.ts';
import { once } from '../../src/parse/kit/once.ts';
import { add, categorise, put, putEndpoint, putNumber, putTransport } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type ParseContext, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

interface Found {
  readonly event: Json;
  /** The object it stands in, or itself. */
  readonly around: Json;
}

/** An EVE record: `event_type` beside a time, and a flow, an interface or the addresses. Collectors wrap it. */
const readEvent = once(({ text }): Found | undefined => {
  if (!text.includes('event_type')) return undefined;
  const around = readObject(text);
  const own = (candidate: unknown): candidate is Json =>
    isObject(candidate) &&
    typeof candidate['event_type'] === 'string' &&
    typeof candidate['timestamp'] === 'string' &&
    ['flow_id', 'src_ip', 'in_iface', 'pcap_cnt', 'stats', 'proto'].some((name) => Object.hasOwn(candidate, name));
  const event = [around, ...['suricata.eve', 'json', 'data', 'event'].map((name) => valueAt(around, name))].find(own);
  return around === undefined || event === undefined ? undefined : { event, around };
});

/** See EveRead; flows need the clock too. */
type Read = (fields: Fields, event: Json, body: Json, context: ParseContext) => Act;

const instant = (context: ParseContext, text: string | undefined): number | undefined =>
  context.clock.instant(readIso(text ?? '')?.civil);

/** What an alert or a file record quotes: the same values, without the meaning of a record of its own. */
const QUOTED: Readonly<Record<string, EveRead>> = {
  http: readHttp,
  tls: readTls,
  ssh: readSsh,
  smtp: readSmtp,
  dns: readDns,
  smb: readSmb,
  fileinfo: readFile,
};
const putQuoted = (fields: Fields, event: Json): void => {
  for (const [name, read] of Object.entries(QUOTED)) {
    const body = event[name];
    if (!isObject(body)) continue;
    const quoted: Fields = {};
    read(quoted, event, body);
    for (const [field, value] of Object.entries(quoted)) if (!field.startsWith('event.')) fields[field] ??= value;
  }
};

// ------------------------------------------------------------------------------------------------------------- alerts

const REFUSED = /^(?:blocked|drop|dropped|reject|rejected)$/i;

const readAlert: Read = (fields, event, body) => {
  fields['event.kind'] = 'alert';
  put(fields, 'rule.name', textAt(body, 'signature'));
  put(fields, 'rule.id', textAt(body, 'signature_id'));
  put(fields, 'rule.category', textAt(body, 'category'));
  putNumber(fields, 'rule.version', textAt(body, 'rev'));
  putNumber(fields, 'event.severity', textAt(body, 'severity'));
  put(fields, 'event.code', textAt(body, 'signature_id'));
  for (const id of listAt(body, 'metadata.mitre_technique_id')) add(fields, 'threat.technique.id', String(id));
  for (const id of listAt(body, 'metadata.cve')) add(fields, 'vulnerability.id', String(id).replaceAll('_', '-'));
  const refused = REFUSED.test(textAt(event, 'verdict.action') ?? textAt(body, 'action') ?? '');
  categorise(fields, ['intrusion_detection', 'network'], [refused ? 'denied' : 'allowed']);
  put(fields, 'event.action', textAt(body, 'action'));
  putQuoted(fields, event);
  // the flow's counts are its own directions', an alert may stand on an answer
  if (isObject(event['flow']) && event['direction'] !== 'to_client') putCounts(fields, event['flow']);
  return 'threat';
};

const readDrop: Read = (fields, event, body) => {
  putNumber(fields, 'source.bytes', textAt(body, 'len'));
  put(fields, 'event.reason', textAt(body, 'reason'));
  put(fields, 'rule.name', textAt(event, 'alert.signature'));
  put(fields, 'rule.id', textAt(event, 'alert.signature_id'));
  categorise(fields, ['network'], ['connection', 'denied'], 'success');
  return 'flow-denied';
};

const readAnomaly: Read = (fields, _event, body) => {
  put(fields, 'rule.name', textAt(body, 'event', 'code'));
  put(fields, 'rule.category', textAt(body, 'type'));
  categorise(fields, ['network'], ['info']);
  return 'other';
};

// ------------------------------------------------------------------------------------------------------------- flows

const NO_REPLY = 'connection attempt seen, no reply';

const putCounts = (fields: Fields, flow: Json): void => {
  putNumber(fields, 'source.bytes', textAt(flow, 'bytes_toserver'));
  putNumber(fields, 'destination.bytes', textAt(flow, 'bytes_toclient'));
  putNumber(fields, 'source.packets', textAt(flow, 'pkts_toserver'));
  putNumber(fields, 'destination.packets', textAt(flow, 'pkts_toclient'));
  sumPackets(fields);
};

const readFlow: Read = (fields, event, body, context) => {
  putCounts(fields, body);
  putSpan(fields, instant(context, textAt(body, 'start')), instant(context, textAt(body, 'end')));
  put(fields, 'event.reason', textAt(body, 'reason'));
  put(fields, 'event.action', textAt(body, 'state'));
  categorise(fields, ['network'], ['connection', 'end']);
  // a TCP connection that stayed `new` was never answered
  const refused = REFUSED.test(textAt(body, 'action') ?? textAt(event, 'verdict.action') ?? '');
  const silent = fields['network.transport'] === 'tcp' && fields['destination.packets'] === 0;
  if (!refused && !silent) return 'flow';
  if (silent && !refused) fields['event.reason'] = NO_REPLY;
  categorise(fields, ['network'], ['connection', 'denied'], refused ? 'success' : 'failure');
  return 'flow-denied';
};

/** What the flags of one direction say of a connection that never came about: a caller that got no answer, or a reset. */
const unanswered = (event: Json): string | undefined => {
  const has = (flag: string): boolean => textAt(event, `tcp.${flag}`) === 'true';
  if (has('syn') && !has('ack')) return NO_REPLY;
  return has('rst') && !has('syn') && !has('psh') ? 'connection attempt reset' : undefined;
};

/** One direction of a flow only; the answer is a record of its own. */
const readNetflow: Read = (fields, event, body, context) => {
  for (const side of ['source', 'network']) {
    putNumber(fields, `${side}.bytes`, textAt(body, 'bytes'));
    putNumber(fields, `${side}.packets`, textAt(body, 'pkts'));
  }
  putSpan(fields, instant(context, textAt(body, 'start')), instant(context, textAt(body, 'end')));
  const reason = unanswered(event);
  // who only asks is no answer, whatever its port
  turnAnswer(fields, reason === NO_REPLY ? false : undefined);
  if (reason === undefined) {
    categorise(fields, ['network'], ['connection', 'end']);
    return 'flow';
  }
  fields['event.reason'] = reason;
  categorise(fields, ['network'], ['connection', 'denied'], 'failure');
  return 'flow-denied';
};

/** https://docs.suricata.io/en/latest/output/eve/eve-json-format.html */
const READERS: Readonly<Record<string, Read>> = {
  alert: readAlert,
  drop: readDrop,
  anomaly: readAnomaly,
  flow: readFlow,
  netflow: readNetflow,
  dns: readDns,
  http: readHttp,
  http2: readHttp,
  tls: readTls,
  quic: readTls,
  smtp: readSmtp,
  ssh: readSsh,
  rdp: readRdp,
  smb: readSmb,
  krb5: readKrb5,
  dhcp: readDhcp,
  fileinfo: (fields, event, body) => {
    const act = readFile(fields, event, body);
    putQuoted(fields, event);
    return act;
  },
  ftp: readFtp,
  ftp_data: readFtp,
  ike: readIke,
  ikev2: readIke,
  stats: readStats,
};

const MAPPED = new Set(
  'timestamp event_type src_ip src_port dest_ip dest_port proto community_id host packet payload stats'.split(' '),
);
const claims = (record: RawRecord): boolean => readEvent(record) !== undefined;

const putHead = (fields: Fields, event: Json): void => {
  putEndpoint(fields, 'source', textAt(event, 'src_ip'));
  putEndpoint(fields, 'destination', textAt(event, 'dest_ip'));
  putTransport(fields, textAt(event, 'proto')?.replace(/^IPv6-ICMP$/i, 'icmp6'));
  putNumber(fields, 'source.port', textAt(event, 'src_port'));
  putNumber(fields, 'destination.port', textAt(event, 'dest_port'));
  put(fields, 'network.protocol', textAt(event, 'app_proto')?.replace(/^failed$/, ''));
  put(fields, 'network.community_id', textAt(event, 'community_id'));
  put(fields, 'network.vlan.id', String(listAt(event, 'vlan')[0] ?? ''));
  put(fields, 'observer.name', textAt(event, 'host'));
  put(fields, 'observer.ingress.interface.name', textAt(event, 'in_iface'));
};

/** {"firewall_name":"edge","availability_zone":"eu-central-1a","event_timestamp":"1635840990","event":{…}}   AWS Network Firewall */
const putFirewall = (fields: Fields, around: Json): void => {
  const name = textAt(around, 'firewall_name');
  if (name === undefined) return;
  Object.assign(fields, {
    'observer.vendor': 'Amazon',
    'observer.product': 'Network Firewall',
    'observer.type': 'firewall',
    'observer.name': name,
    'cloud.provider': 'aws',
  });
  // eu-central-1a is in eu-central-1
  put(
    fields,
    'cloud.region',
    /^([a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d)[a-z]$/.exec(textAt(around, 'availability_zone') ?? '')?.[1],
  );
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const found = readEvent(record);
  if (found === undefined) return rejected('not-this-format', 'no EVE record');
  const { event, around } = found;
  const time: Civil | undefined = readIso(textAt(event, 'timestamp') as string)?.civil;
  if (time === undefined) return rejected('bad-time', 'timestamp is no time');
  const type = (textAt(event, 'event_type') ?? '').toLowerCase();
  const fields: Fields = { 'observer.vendor': 'OISF', 'observer.product': 'Suricata', 'observer.type': 'ids' };
  context.clock.stamp(fields, time);
  put(fields, 'event.dataset', `suricata.${type}`);
  put(fields, 'observer.name', record.envelope.host);
  putHead(fields, event);
  putFirewall(fields, around);
  fields['event.action'] = type;
  const body = isObject(event[type]) ? event[type] : {};
  const act = (own(READERS, type) ?? readAny)(fields, event, body, context);
  keepJson(fields, 'suricata.eve', event, MAPPED);
  if (type !== 'stats') relateAddresses(fields, record.text.slice(0, 65_536));
  return { kind: 'event', act, fields };
};

export default {
  id: 'suricata',
  title: 'Suricata EVE JSON, and in it AWS Network Firewall',
  references: [
    { title: 'Suricata: EVE JSON format', url: 'https://docs.suricata.io/en/latest/output/eve/eve-json-format.html' },
    { title: 'Suricata: EVE JSON output', url: 'https://docs.suricata.io/en/latest/output/eve/eve-json-output.html' },
    {
      title: 'AWS: contents of a Network Firewall log',
      url: 'https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html',
    },
  ],
  framing: 'json',
  states: { zone: 'stated', year: 'stated', resolution: 'us' },
  families: [
    'alerts and drops with what they fired on, flows and netflow with bytes, DNS (versions 1 to 3), HTTP, TLS, SMTP, SSH, RDP, SMB, Kerberos, DHCP, FTP, IKE, files, anomalies',
    'alert, flow and TLS logs of AWS Network Firewall, whose records hold an EVE record',
    'other protocols: both ends and their values kept; counters of the sensor are events without values',
  ],
  limits: [
    "source and destination of an alert are those of the packet: a server's answer has the server as source",
    "a netflow record counts one direction only; where just one end has a service's port, answers are turned so that source is who called",
    'packets and payloads (Base64) are left in event.original',
  ],
  recognise: recogniseBy(claims, 'are EVE records', 0.99),
  claims,
  open,
} satisfies Parser as Parser;
