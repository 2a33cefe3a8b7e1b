import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import type { RawRecord } from '../parser.ts';
import { readCef } from './cef.ts';
import { type Civil, epochMicros, offsetOf, readBsd, readIso } from './civil.ts';
import type { Clock } from './clock.ts';
import { readCsv } from './csv.ts';
import { table } from './field-map.ts';
import { readKeyValues } from './key-value.ts';
import { categorise, put, putIp, putNumber, warn } from './put.ts';

/** FortiOS field → value, whatever form the line had. */
export type FortinetPairs = Map<string, string>;

const readCells = (text: string): FortinetPairs => {
  const out: FortinetPairs = new Map();
  for (const cell of readCsv(text.slice(Math.max(0, text.indexOf('"')))) ?? []) {
    const equals = cell.indexOf('=');
    if (equals > 0) out.set(cell.slice(0, equals), cell.slice(equals + 1).replace(/^"|"$/g, ''));
  }
  return out;
};

/** FortiClient's records in the same form name the endpoint, its program and the server: [its key, that of FortiOS]. */
const FORTICLIENT = [
  ['srcname', 'srcprocess'],
  ['hostname', 'srcname'],
  ['remotename', 'hostname'],
] as const;

const ofFortiClient = (pairs: FortinetPairs): FortinetPairs => {
  for (const [theirs, ours] of FORTICLIENT) {
    const value = pairs.get(theirs);
    if (value === undefined) pairs.delete(ours);
    else pairs.set(ours, value);
  }
  return pairs;
};

/**
 * `key=value key="value"`; the form with commas, `date=2021-10-31,time=23:14:07,logid="…"`; or that of the disk's log with
 * every pair in quotes, `"date=2021-10-31","time=23:14:07"`.
 */
export const readFortinetPairs = (text: string): FortinetPairs => {
  // a priority stands glued to the first key: <189>date=…
  const start = text.startsWith('<') ? text.indexOf('>') + 1 : 0;
  const behind = text.indexOf('date=') + 'date=2021-10-31'.length;
  if (text.startsWith('",', behind)) return readCells(text);
  const pairs = readKeyValues(text, start, text[behind] === ',' ? ',' : ' ');
  return pairs.has('fctver') ? ofFortiClient(pairs) : pairs;
};

/** FortiOS's own CEF, an older spelling of it, and FortiAnalyzer's forwarding: the prefix of fields CEF has no key for. */
const PREFIX = /^(?:FTNTFGT|FortinetFortiGate|[a-z]{1,8}\.)/;

/** CEF key → FortiOS field (Log Message Reference, "CEF support"). */
const KEYS = new Map(
  table(`src=srcip shost=srcname spt=srcport deviceInboundInterface=srcintf smac=srcmac dst=dstip dpt=dstport
    deviceOutboundInterface=dstintf dmac=dstmac dhost=hostname sourceTranslatedAddress=transip
    sourceTranslatedPort=transport destinationTranslatedAddress=tranip destinationTranslatedPort=tranport
    externalId=sessionid externalID=sessionid act=action app=service out=sentbyte in=rcvdbyte suser=srcuser duser=user
    sproc=ui outcome=status requestCookies=cookies sourceServiceName=role request=url requestContext=catdesc
    requestClientApplication=agent requestMethod=httpmethod fname=filename fsize=filesize fileType=filetype
    deviceExternalId=devid dvchost=devname deviceSeverity=level deviceDirection=direction`),
);
/** Other meanings of CEF keys by FortiOS type or subtype. */
const KEYS_OF = new Map<string | undefined, ReadonlyMap<string, string>>([
  // VPN events name the peer and the device itself in the keys of a connection that the device opened
  ['vpn', new Map(table('dst=remip dpt=remport src=locip spt=locport'))],
  ['emailfilter', new Map(table('suser=from duser=to'))],
  ['traffic', new Map(table('dhost=dstname'))],
]);
const DIRECTIONS = new Map(table('0=incoming 1=outgoing'));
const LABELS = new Map([
  ['policy id', 'policyid'],
  ['duration', 'duration'],
  ['packets sent', 'sentpkt'],
  ['packets received', 'rcvdpkt'],
  ['group', 'group'],
]);

/**
 * A CEF line as the pairs FortiOS made it of; undefined when it is no CEF of that product. Some relays cut `CEF:` off.
 * `product` is matched against the header's third part.
 */
export const readFortinetCef = (text: string, product: RegExp): FortinetPairs | undefined => {
  const at = text.indexOf('|Fortinet|');
  const cef = readCef(text.includes('CEF:') ? text : `CEF:${text.slice(Math.max(0, at - 1))}`);
  if (cef === undefined || !product.test(cef.product)) return undefined;
  const { extension } = cef;
  const out: FortinetPairs = new Map();
  for (const [key, value] of extension) {
    const bare = key.replace(PREFIX, '');
    if (bare !== key) out.set(bare, value);
  }
  const category = (extension.get('cat') ?? cef.name).split(/[: ]/);
  const header: readonly [string, string | undefined][] = [
    ['type', category[0]],
    ['subtype', category[1]],
    ['logid', cef.classId],
  ];
  for (const [name, value] of header) if (!out.has(name)) out.set(name, extension.get(name) ?? value ?? '');
  const special = KEYS_OF.get(out.get('subtype')) ?? KEYS_OF.get(out.get('type'));
  for (const [key, value] of extension) {
    if (key === 'cat' || PREFIX.test(key) || key.endsWith('Label')) continue;
    const label = /^c[sn]\d$/.test(key) ? LABELS.get((extension.get(`${key}Label`) ?? '').toLowerCase()) : undefined;
    const name = label ?? special?.get(key) ?? KEYS.get(key) ?? key;
    if (!out.has(name))
      out.set(name, name === 'direction' ? (DIRECTIONS.get(value) ?? value) : value.replace(/^"(.*)"$/, '$1'));
  }
  return out;
};

/** `date` and `time`; FortiOS 4 wrote `time=10: 13:03`; FortiAnalyzer's CEF has `start=Mar 06 2025 13:38:52`. */
const civilOf = (pairs: FortinetPairs, text: string): Civil | undefined => {
  const date = pairs.get('date');
  let time = pairs.get('time');
  if (time?.endsWith(':')) time += /time=\d\d: (\d\d:\d\d)/.exec(text)?.[1] ?? '';
  const read = date === undefined ? readBsd(pairs.get('start') ?? '') : readIso(`${date} ${time}`);
  const tz = pairs.get('tz');
  if (read === undefined || tz === undefined || tz === '') return read?.civil;
  const offset = offsetOf(tz);
  return { ...read.civil, ...(offset === undefined ? { zone: tz } : { offset }) };
};

/** `eventtime` is the instant itself (s in 6.0, ns since 6.2). Without it date and time count, then a relay's stamp. */
export const stampFortinet = (clock: Clock, fields: Fields, pairs: FortinetPairs, record: RawRecord): void => {
  const instant = epochMicros(pairs.get('eventtime') ?? '');
  const time = instant ?? civilOf(pairs, record.text) ?? epochMicros(pairs.get('itime') ?? '') ?? record.envelope.civil;
  if (time === undefined) warn(fields, pairs.has('date') ? 'time-unreadable' : 'time-missing');
  clock.stamp(fields, time);
  put(fields, 'event.timezone', pairs.get('tz'));
};

/** Types that only FortiMail has: history, its own system events, encryption. */
const MAIL_TYPES = new Set(['statistics', 'kevent', 'encrypt', 'encryption', 'spam']);
const MAIL_SUBTYPES = new Set(['smtp', 'imap', 'pop3', 'webmail', 'fortisandbox', 'infected', 'malware-outbreak']);

/** Whether pairs are FortiMail's, which shares FortiOS's form: by serial number, type, or what only a mail has. */
export const isFortiMail = (pairs: FortinetPairs): boolean => {
  const type = pairs.get('type')?.toLowerCase() ?? '';
  if (type === '' || !(pairs.has('log_id') || pairs.has('logid'))) return false;
  if (/^(?:FE(?!MS)|FML)\w/.test(pairs.get('device_id') ?? pairs.get('devid') ?? '')) return true;
  if (MAIL_TYPES.has(type)) return true;
  return pairs.has('session_id') && (pairs.has('client_name') || MAIL_SUBTYPES.has(pairs.get('subtype') ?? ''));
};

// GUI(192.0.2.1) · https(192.0.2.1) · ssh(2001:db8::1) · jsconsole(127.0.0.1) · jsconsole · ha_daemon · 192.0.2.1
const UI = /^([A-Za-z][\w-]{1,31})?\(?([\da-fA-F.:]{2,45})?/;

/** Who works on the device from where: `ui` names the way in and, in brackets, the address. */
export const putFortinetAdmin = (fields: Fields, pairs: FortinetPairs): void => {
  const m = UI.exec(pairs.get('ui') ?? '');
  const way = (m?.[1] ?? pairs.get('method') ?? '').toLowerCase();
  put(fields, 'service.type', way === 'gui' ? 'https' : way);
  if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', m?.[2]);
};

/** The whole URL, where the log has the host and the path apart. */
export const putFullUrl = (fields: Fields, pairs: FortinetPairs): void => {
  const [host, path] = [pairs.get('hostname') ?? pairs.get('remotename'), pairs.get('url')];
  if (host === undefined || host === '' || !path?.startsWith('/')) return;
  const service = (pairs.get('scheme') ?? pairs.get('service') ?? '').toLowerCase();
  if (/^(?:https?|ssl)$/.test(service))
    fields['url.full'] = `${service === 'http' ? 'http' : 'https'}://${host}${path}`;
};

/** One request through the proxy (FortiProxy, explicit proxy of FortiOS): no flow, the session has a record of its own. */
export const httpTransaction = (fields: Fields, pairs: FortinetPairs): Act => {
  putNumber(fields, 'http.response.status_code', pairs.get('statuscode'));
  const blocked = /block|deny/.test(pairs.get('utmaction') ?? '') || pairs.get('action') === 'deny';
  if (blocked) fields['event.kind'] = 'alert';
  const types = blocked ? ['access', 'denied'] : ['access'];
  categorise(fields, ['web', 'network'], types, blocked ? 'failure' : 'success');
  return blocked ? 'threat' : 'http-request';
};
