import type { Fields } from '../../ecs/event.ts';
import { relateAddresses } from './addresses.ts';
import type { Cef } from './cef.ts';
import { type Civil, epochMicros, offsetOf, readBsd, readCtime, readIso, readSlashed } from './civil.ts';
import type { Clock } from './clock.ts';
import { type Declarations, fieldMap, type Step } from './field-map.ts';
import { add, put, putNumber, putTransport, putUser } from './put.ts';
import { putUrl } from './url.ts';

type Pairs = ReadonlyMap<string, string>;

/**
 * `cs1=Allow web cs1Label=Rule Name` → `rule_name=Allow web`: what the product means, not which of the six custom strings it
 * took. A name that is taken already leaves the numbered key.
 */
export const readLabels = (pairs: Pairs): Map<string, string> => {
  const out = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (key.endsWith('Label') && pairs.has(key.slice(0, -5))) continue;
    const label = pairs.get(`${key}Label`);
    const name = label
      ?.trim()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_|_$/g, '')
      .slice(0, 64);
    out.set(name && !pairs.has(name) && !out.has(name) ? name : key, value);
  }
  return out;
};

/** `1635718447123`, `Oct 31 2021 23:14:07.123 CET`, `Sun Oct 31 23:14:07 2021`, ISO; `day` says how slashed dates begin. */
export const readEventTime = (
  text: string,
  zone?: string,
  first: 'month' | 'day' = 'month',
): Civil | number | undefined => {
  const value = text.trim();
  const instant = epochMicros(value);
  if (instant !== undefined) return instant;
  const civil = (readBsd(value) ?? readIso(value) ?? readCtime(value) ?? readSlashed(value, 0, first))?.civil;
  if (civil === undefined || civil.offset !== undefined || civil.zone !== undefined || !zone) return civil;
  const offset = offsetOf(zone);
  return { ...civil, ...(offset === undefined ? { zone } : { offset }) };
};

/** Receipt by the device, else the beginning, else the end of what happened, else the syslog header. */
export const stampCef = (clock: Clock, fields: Fields, pairs: Pairs, header: Civil | undefined): boolean => {
  const zone = pairs.get('dtz') ?? pairs.get('deviceTimeZone');
  const read = (...keys: string[]): Civil | number | undefined => {
    for (const key of keys) {
      const time = readEventTime(pairs.get(key) ?? '', zone);
      if (time !== undefined) return time;
    }
    return undefined;
  };
  const start = read('start', 'startTime');
  const end = read('end', 'endTime');
  const time = read('rt', 'deviceReceiptTime', 'receiptTime') ?? start ?? end ?? header;
  clock.stamp(fields, time);
  const [from, to] = [clock.instant(start), clock.instant(end)];
  if (from !== undefined) fields['event.start'] = from;
  if (to !== undefined) fields['event.end'] = to;
  return time !== undefined;
};

/** Addresses in the values of a record; versions of four numbers (3.9.9.0) are none. */
export const relateValues = (fields: Fields, pairs: Pairs): void => {
  const values = [...pairs].filter(([key]) => !/version/i.test(key)).map(([, value]) => value);
  relateAddresses(fields, values.join(' ').slice(0, 16_384));
};

/** Severity 0–10, or in words. */
export const putCefHeader = (fields: Fields, cef: Cef): void => {
  put(fields, 'observer.vendor', cef.vendor);
  put(fields, 'observer.product', cef.product);
  put(fields, 'observer.version', cef.version);
  put(fields, 'event.code', cef.classId);
  if (/^\d+$/.test(cef.severity)) putNumber(fields, 'event.severity', cef.severity);
  else put(fields, 'log.level', cef.severity.toLowerCase());
};

const HASHES: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/** A digest by its length: MD5, SHA-1 or SHA-256. */
export const putHash: Step = (fields, value) => {
  const name = /^[0-9a-f]+$/i.test(value) ? HASHES[value.length] : undefined;
  if (name === undefined) return false;
  fields[`file.hash.${name}`] = value.toLowerCase();
  return true;
};

const outcome: Step = (fields, value) => {
  const failed = /fail|den[iy]|reject|error|block|invalid/i.test(value);
  if (failed || /succe|ok|allow|pass|complet/i.test(value)) fields['event.outcome'] = failed ? 'failure' : 'success';
};

const address: Step = (fields, value) => relateAddresses(fields, value);

/** A mail address or a list of them; anything else stays under its own name. */
export const mails =
  (name: string): Step =>
  (fields, value) => {
    if (!value.includes('@')) return false;
    for (const one of value.split(/[;,\s]+/, 200)) {
      const mail = one.replaceAll(/[<>"']/g, '');
      if (mail.includes('@')) add(fields, name, mail.toLowerCase());
    }
    return true;
  };

/** Common Event Format, revision 27, "CEF extension field key names": short names, and the full ones some products write. */
export const CEF_FIELDS: Declarations = {
  text: `act=event.action deviceAction=event.action msg=message message=message reason=event.reason dvchost=observer.name
    deviceHostName=observer.name deviceExternalId=observer.serial_number requestClientApplication=user_agent.original
    requestContext=http.request.referrer requestMethod=http.request.method fname=file.name fileName=file.name
    filePath=file.path fileType=file.type suid=user.id sourceUserId=user.id duid=user.target.id
    deviceInboundInterface=observer.ingress.interface.name deviceOutboundInterface=observer.egress.interface.name
    sproc=process.name sourceProcessName=process.name deviceProcessName=process.name
    sourceZoneURI=observer.ingress.zone destinationZoneURI=observer.egress.zone
    destinationServiceName=service.name rule_name=rule.name rule=rule.name policy=rule.ruleset policy_name=rule.ruleset
    rule_id=rule.id rule_uid=rule.uuid subject=email.subject messageID=email.message_id message_id=email.message_id
    externalmsgid=email.message_id url_category=rule.category threat_name=threat.indicator.name virus=threat.indicator.name
    malware_name=threat.indicator.name session_id=session.id`,
  lower: 'app=network.protocol applicationProtocol=network.protocol',
  number: `spt=source.port sourcePort=source.port dpt=destination.port destinationPort=destination.port in=source.bytes
    bytesIn=source.bytes out=destination.bytes bytesOut=destination.bytes fsize=file.size fileSize=file.size
    spid=process.pid sourceProcessId=process.pid dvcpid=process.pid http_code=http.response.status_code
    response_code=http.response.status_code`,
  side: 'src=source sourceAddress=source dst=destination destinationAddress=destination',
  host: 'shost=source.domain sourceHostName=source.domain dhost=destination.domain destinationHostName=destination.domain',
  given: 'sourceTranslatedAddress=source.nat.ip destinationTranslatedAddress=destination.nat.ip',
  givenPort: 'sourceTranslatedPort=source.nat.port destinationTranslatedPort=destination.nat.port',
  mac: 'smac=source.mac sourceMacAddress=source.mac dmac=destination.mac destinationMacAddress=destination.mac',
  list: 'cve=vulnerability.id cve_id=vulnerability.id',
};

/** CEF keys that take more than a name. */
export const CEF_STEPS: Readonly<Record<string, Step>> = {
  'rt deviceReceiptTime receiptTime start startTime end endTime dtz deviceTimeZone': () => undefined, // stamped apart
  'proto transportProtocol': putTransport,
  'request requestURL': (fields, value) => {
    const text = value.replace(/^"(.*)"$/s, '$1');
    // some products of hosts put the file's path here
    if (/^[A-Za-z]:\\/.test(text)) put(fields, 'file.path', text);
    else putUrl(fields, text);
  },
  // as written on its side (a mail address is one), and split as the account that acts
  'suser sourceUserName': (fields, value) => {
    putUser(fields, 'source.user', value, true);
    putUser(fields, 'user', value);
  },
  'duser destinationUserName': (fields, value) => putUser(fields, 'destination.user', value, true),
  outcome,
  'fileHash file_hash md5 sha1 sha256': putHash,
  'dvc deviceAddress deviceTranslatedAddress': (fields, value) =>
    address(fields, value) ?? add(fields, 'observer.ip', value),
  deviceDirection: (fields, value) => {
    if (value === '0' || value === '1') fields['network.direction'] = value === '0' ? 'inbound' : 'outbound';
    return value === '0' || value === '1';
  },
  'sntdom sourceNtDomain': (fields, value) => put(fields, 'user.domain', value),
  'dntdom destinationNtDomain': (fields, value) => put(fields, 'destination.user.domain', value),
  'from ESAFriendlyFrom': mails('email.from.address'),
  to: mails('email.to.address'),
  cc: mails('email.cc.address'),
};

/** The words of one list after those of the other: the product's own come last and win. */
const joined = (a: Declarations, b: Declarations): Declarations => {
  const out: Record<string, string> = { ...a };
  for (const kind in b) out[kind] = `${out[kind] ?? ''} ${b[kind as keyof Declarations]}`;
  return out;
};

/** Puts a CEF extension (labels read) into an event; what a product means by other names is declared beside it. */
export const cefFields = (
  prefix: string,
  declared: Declarations = {},
  special: Readonly<Record<string, Step>> = {},
): ((fields: Fields, pairs: Iterable<readonly [string, string]>) => void) =>
  fieldMap(prefix, joined(CEF_FIELDS, declared), { ...CEF_STEPS, ...special });
