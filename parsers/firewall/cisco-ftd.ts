import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, readBsd, readIso } from '../../src/parse/kit/civil.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { add, categorise, put, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `%FTD-1-430003: ` · `%NGIPS-1-430001: ` · `FTD-6-430002: ` */
const TAG = /(?:^|[\s:>])%{0,2}(?:FTD|NGIPS)-(?:[a-z]\w{1,15}-)?(\d)-(43000\d)(?::\s*|\s+)/;
/** `SFIMS: Protocol: TCP, SrcIP: …`: alerts of a management centre before 6.3, without a message number. */
const OLD_TAG = /(?:^|[\s:>])SFIMS: (?=(?:Protocol|AccessControlRule|EventPriority|SrcIP|DeviceUUID)[A-Za-z]{0,16}: )/;

interface Line {
  readonly code: string | undefined;
  readonly severity: string | undefined;
  readonly head: string;
  readonly pairs: ReadonlyMap<string, string>;
  readonly repeated: boolean;
}

/**
 * `Key: Value, Key: Value`. Nothing is quoted: a comma ends a value only before something that is a key: one of the documented
 * ones with blanks, or a word in FTD's spelling (`SrcIP`, `NAT_InitiatorIP`). A client's text can hold such a word too.
 */
const readPairs = (text: string): { pairs: Map<string, string>; repeated: boolean } => {
  const pairs = new Map<string, string>();
  let repeated = false;
  const starts = [...text.matchAll(/(?:^|, ?)([A-Za-z][A-Za-z0-9_]{1,47}(?: [A-Za-z]{2,16}){0,3}): ?/g)].filter((m) =>
    isKey(m[1] as string),
  );
  starts.forEach((m, n) => {
    const value = text.slice(m.index + m[0].length, starts[n + 1]?.index ?? text.length);
    if (pairs.has(m[1] as string)) repeated = true;
    else pairs.set(m[1] as string, value.trim().replace(/^"(.*)"$/, '$1'));
  });
  return { pairs, repeated };
};

// SrcIP · ACPolicy · DNS_TTL · FileSHA256 · originalClientSrcIP
const SPELLING = /^(?:[A-Za-z]+[a-z\d][A-Z]\w*|[A-Z]{2,}\w*_\w+|[A-Z]{2,}[a-z]\w*|[A-Z]{2,5})$/;
const isKey = (word: string): boolean => KEYS.has(word) || SPELLING.test(word);

const readLine = (text: string): Line | undefined => {
  const m = TAG.exec(text) ?? OLD_TAG.exec(text);
  if (m === null) return undefined;
  const { pairs, repeated } = readPairs(text.slice(m.index + m[0].length));
  return pairs.size === 0 ? undefined : { code: m[2], severity: m[1], head: text.slice(0, m.index), pairs, repeated };
};

const claims = ({ text }: RawRecord): boolean => TAG.test(text) || OLD_TAG.test(text);

/**
 * The header says when the device wrote the record. Without a header the packet times count: FirstPacketSecond is in UTC.
 */
const stamp = (clock: Clock, fields: Fields, line: Line, record: RawRecord): void => {
  const first = readIso(line.pairs.get('FirstPacketSecond') ?? '')?.civil;
  const start = clock.instant(first);
  if (start !== undefined) fields['event.start'] = start;
  const seconds = Number(line.pairs.get('ConnectionDuration') ?? Number.NaN);
  if (seconds >= 0) fields['event.duration'] = seconds * 1e9;
  const rest = line.head.replace(/^\s*(?:<\d{1,3}>)?[\s:]*(?:\d{1,10}: )?/, '');
  const written: Civil | undefined = record.envelope.civil ?? (readBsd(rest) ?? readIso(rest))?.civil;
  const end = start !== undefined && seconds >= 0 ? start + seconds * 1e6 : start;
  if (end !== undefined && line.code === '430003') fields['event.end'] = end;
  const time = written ?? (line.code === '430003' ? end : start);
  if (time === undefined) warn(fields, 'time-missing');
  clock.stamp(fields, time);
};

type Words = readonly string[];
const as = (act: Act, fields: Fields, category: Words, types: Words, outcome: 'success' | 'failure'): Act => {
  categorise(fields, category, types, outcome);
  return act;
};

const connection = (fields: Fields, line: Line): Act => {
  const action = line.pairs.get('AccessControlRuleAction') ?? '';
  put(fields, 'event.action', action);
  put(fields, 'event.reason', line.pairs.get('AccessControlRuleReason'));
  const start = line.code === '430002' || line.pairs.get('ConnectType') === 'Start';
  const blocked = /\bblock|\bdeny|\bdrop/i.test(action);
  // let through by the rule, then cut for what it carried
  const cut =
    blocked && /(?:file|intrusion|malware) (?:custom detection )?block/i.test(fields['event.reason'] as string);
  if (blocked && !cut) return as('flow-denied', fields, ['network'], ['connection', 'denied'], 'success');
  if (start) return as('flow-start', fields, ['network'], ['connection', 'start', 'allowed'], 'success');
  return as('flow', fields, ['network'], ['connection', 'end', cut ? 'denied' : 'allowed'], 'success');
};

const intrusion = (fields: Fields, { pairs }: Line): Act => {
  fields['event.kind'] = 'alert';
  const ids = [pairs.get('GID'), pairs.get('SID')];
  if (ids[0] !== undefined && ids[1] !== undefined) fields['rule.id'] = `${ids[0]}:${ids[1]}`;
  for (const cve of (pairs.get('Message') ?? '').match(/CVE-\d{4}-\d{4,7}/g) ?? [])
    add(fields, 'vulnerability.id', cve);
  // an empty result: the packet passed; "Would have dropped" too
  const result = pairs.get('InlineResult') ?? '';
  put(fields, 'event.action', result || 'detected');
  const blocked = /^(?:dropped|block)/i.test(result);
  const types = ['info', blocked ? 'denied' : 'allowed'];
  return as('threat', fields, ['intrusion_detection', 'network'], types, blocked ? 'failure' : 'success');
};

const file = (fields: Fields, { code, pairs }: Line): Act => {
  const action = pairs.get('FileAction') ?? '';
  put(fields, 'event.action', action);
  const malware = code === '430005' || /^(?:malware|custom detection)/i.test(pairs.get('SHA_Disposition') ?? '');
  const blocked = /block/i.test(action);
  if (malware || blocked) fields['event.kind'] = 'alert';
  const types = ['info', blocked ? 'denied' : 'allowed'];
  return as('threat', fields, [malware ? 'malware' : 'file', 'network'], types, blocked ? 'failure' : 'success');
};

const actOf = (fields: Fields, line: Line): Act => {
  if (line.code === '430001' || (line.code === undefined && line.pairs.has('SID'))) return intrusion(fields, line);
  if (line.code === '430004' || line.code === '430005') return file(fields, line);
  return connection(fields, line);
};

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    const line = readLine(record.text);
    if (line === undefined) return rejected('not-this-format', 'no list of keys behind %FTD-…-43000x');
    const fields: Fields = { 'observer.vendor': 'Cisco', 'observer.product': 'FTD', 'observer.type': 'firewall' };
    put(fields, 'event.code', line.code);
    putNumber(fields, 'event.severity', line.severity);
    put(fields, 'observer.name', record.envelope.host);
    stamp(clock, fields, line, record);
    putValues(fields, line.pairs);
    const referenced = line.pairs.get('ReferencedHost') ?? line.pairs.get('HTTP_Hostname');
    put(fields, 'destination.domain', referenced?.toLowerCase().replace(/:\d{1,5}$/, ''));
    if (fields['url.domain'] === undefined)
      put(fields, 'url.domain', fields['destination.domain'] as string | undefined);
    const act = actOf(fields, line);
    if (line.repeated) warn(fields, 'key-repeated');
    return { kind: 'event', act, fields };
  };

const NOBODY = /^(?:no authentication required|not found|unknown|failed authentication|pending|special identities.*)$/i;
const putPerson = (fields: Fields, value: string): void => {
  if (!NOBODY.test(value)) putUser(fields, 'user', value);
};

const putValues = fieldMap(
  'cisco.ftd',
  {
    text: `ACPolicy=rule.ruleset AccessControlRuleName=rule.name IngressInterface=observer.ingress.interface.name
      EgressInterface=observer.egress.interface.name IngressZone=observer.ingress.zone EgressZone=observer.egress.zone
      WebApplication=network.application UserAgent=user_agent.original HTTPReferer=http.request.referrer
      DNSQuery=dns.question.name DNSRecordType=dns.question.type DNSResponseType=dns.response_code
      Message=threat.indicator.name Classification=rule.category ThreatName=threat.indicator.name FileName=file.name
      FileType=file.type SSLVersion=tls.version SSLCipherSuite=tls.cipher SSLServerName=tls.client.server_name
      DeviceUUID=device.id Revision=rule.version`,
    lower: 'ApplicationProtocol=network.protocol FileSHA256=file.hash.sha256 NetBIOSDomain=user.domain',
    number: `SrcPort=source.port DstPort=destination.port InitiatorBytes=source.bytes ResponderBytes=destination.bytes
      InitiatorPackets=source.packets ResponderPackets=destination.packets HTTPResponse=http.response.status_code
      FileSize=file.size`,
    ip: 'SrcIP=source.ip DstIP=destination.ip',
    given: 'NAT_InitiatorIP=source.nat.ip NAT_ResponderIP=destination.nat.ip',
    givenPort: 'NAT_InitiatorPort=source.nat.port NAT_ResponderPort=destination.nat.port',
  },
  {
    Protocol: putTransport,
    'User UserName': putPerson,
    'URL HTTP_URI URI': putUrl,
    VLAN_ID: (fields, value) => put(fields, 'network.vlan.id', value === '0' ? undefined : value),
    'OriginalClientIP+ originalClientSrcIP+ SecIntMatchingIP+ EncryptPeerIP+': (fields, value) =>
      /^(?:::|0\.0\.0\.0|None)$/.test(value) || relateAddresses(fields, value),
    'FirstPacketSecond+ ConnectionDuration+ AccessControlRuleAction+ ReferencedHost+ HTTP_Hostname+': () => undefined,
  },
);

/** Keys whose spelling is that of ordinary words, and those with blanks. */
const KEYS = new Set([
  ...words('Protocol User Client Priority Message Classification Revision Hostname Policy DE Sinkhole URI URL SID GID'),
  'Prefilter Policy',
  'Tunnel or Prefilter Rule',
  'Security Group',
  'Source Security Group',
  'Destination Security Group',
  'Endpoint Profile',
  'Sinkhole UUID',
  'Security Intelligence Category',
]);

export default {
  id: 'cisco-ftd',
  title: 'Cisco Secure Firewall Threat Defense: connection, intrusion and file events',
  references: [
    {
      title: 'Cisco Secure Firewall Threat Defense syslog messages: security event syslog messages',
      url: 'https://www.cisco.com/c/en/us/td/docs/security/firepower/Syslogs/b_fptd_syslog_guide/security-event-syslog-messages.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    '430002, 430003 connections at their beginning and end (access control, Security Intelligence, DNS, URL, TLS, NAT)',
    '430001 intrusion events, 430004 and 430005 file and malware events',
    'connection alerts of a management centre before 6.3 (SFIMS)',
  ],
  limits: [
    'Messages in ASA style (%FTD-6-302013 and the like) are read by cisco-asa.',
    'Values are not quoted: where a client’s text repeats a key, the first stands and the event says key-repeated.',
  ],
  recognise: recogniseBy(claims, 'carry an FTD security event'),
  claims,
  open,
} satisfies Parser as Parser;
