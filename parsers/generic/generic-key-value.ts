import { canonicalIp } from '../../src/core/net.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { mails, putHash, readEventTime, relateValues } from '../../src/parse/kit/cef-fields.ts';
import type { Civil } from '../../src/parse/kit/civil.ts';
import { fieldMap, table, words } from '../../src/parse/kit/field-map.ts';
import { firstKey, readKeyValues } from '../../src/parse/kit/key-value.ts';
import { plainMeaning } from '../../src/parse/kit/plain-meaning.ts';
import { put, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** Above the fallback that reads only a header, below those of a stated format. */
const CERTAINTY = 0.35;
/** Fewer pairs are a sentence with a value in it. */
const LEAST_PAIRS = 3;

type Pairs = ReadonlyMap<string, string>;

/** Names many products use, without case, blanks, dashes and underscores: `Src_IP`, `src-ip` and `srcIp` are `srcip`. */
const plain = (key: string): string => key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const SOURCES = words('src srcip source sourceip srcaddr saddr sourceaddress client clientip cip remoteip rhost peer');
const DESTINATIONS = words('dst dstip destination destinationip dstaddr daddr dest destip destinationaddress server');
const USERS = words('user username usr usrname uname login account suser');
const ACTIONS = words('action act status result event eventtype type outcome');

const present = (pairs: Pairs, keys: readonly string[], test: (value: string) => boolean): boolean =>
  keys.some((key) => test(pairs.get(key) ?? ''));
const isAddress = (value: string): boolean => canonicalIp(value) !== undefined;
const isWord = (value: string): boolean => value !== '' && value !== '-';

/** Pairs that say who, or from where to where; undefined where the line has none, or is of a stated format. */
const readPairs = ({ text, envelope }: RawRecord): Map<string, string> | undefined => {
  if (!text.includes('=') || /(?:CEF|LEEF): ?\d/.test(text)) return undefined;
  const message = envelope.message;
  const first = firstKey(message, /[\w.-]{1,64}$/);
  if (first < 0) return undefined;
  const separator =
    message.includes('",') || /=[^\s",=]{0,200},\s?[\w.-]{1,64}=/.test(message.slice(0, 2000)) ? ',' : ' ';
  const raw = readKeyValues(message, first, separator);
  if (raw.size < LEAST_PAIRS) return undefined;
  const pairs = new Map([...raw].map(([key, value]) => [plain(key), value] as const));
  const known =
    present(pairs, SOURCES, isAddress) ||
    present(pairs, DESTINATIONS, isAddress) ||
    (present(pairs, USERS, isWord) && present(pairs, ACTIONS, isWord));
  return known ? pairs : undefined;
};

const claims = (record: RawRecord): boolean => readPairs(record) !== undefined;

const timeOf = (pairs: Pairs): Civil | number | undefined => {
  const zone = pairs.get('tz') ?? pairs.get('timezone');
  const day = pairs.get('date');
  const clock = pairs.get('time');
  const joined = day !== undefined && clock !== undefined ? `${day} ${clock}` : undefined;
  for (const text of [
    joined,
    ...words('time timestamp eventtime datetime date ts start').map((key) => pairs.get(key)),
  ]) {
    const read = readEventTime(text ?? '', zone);
    if (read !== undefined) return read;
  }
  return undefined;
};

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    const pairs = readPairs(record);
    if (pairs === undefined)
      return rejected('not-this-format', 'no key=value pairs that say who or from where to where');
    const fields: Fields = {};
    const time = timeOf(pairs) ?? record.envelope.civil;
    clock.stamp(fields, time);
    if (time === undefined) warn(fields, 'time-missing');
    put(fields, 'observer.name', record.envelope.host);
    put(fields, 'process.name', record.envelope.program);
    putValues(fields, pairs);
    if (fields['message'] === undefined) put(fields, 'message', record.envelope.message);
    relateValues(fields, pairs);
    const said = words('action act status result event eventtype type subtype msg message name outcome');
    const act = plainMeaning(
      fields,
      said.map((key) => pairs.get(key)),
    );
    return { kind: 'event', act, fields };
  };

const each = (keys: readonly string[], field: string): string => keys.map((key) => `${key}=${field}`).join(' ');

const putValues = fieldMap(
  'keyvalue',
  {
    text: `action=event.action act=event.action msg=message message=message reason=event.reason rule=rule.name
      rulename=rule.name ruleid=rule.id policy=rule.name policyid=rule.id policyname=rule.name devname=observer.name
      devicename=observer.name hostname=host.name useragent=user_agent.original agent=user_agent.original
      virus=threat.indicator.name referer=http.request.referrer level=log.level severity=log.level group=user.group.name
      filename=file.name file=file.name subject=email.subject sessionid=session.id id=event.code eventid=event.code
      logid=event.code app=network.application srcintf=observer.ingress.interface.name
      dstintf=observer.egress.interface.name`,
    lower: 'service=network.protocol',
    number: `srcport=source.port sport=source.port spt=source.port sourceport=source.port dstport=destination.port
      dport=destination.port dpt=destination.port destport=destination.port destinationport=destination.port
      sent=source.bytes sentbytes=source.bytes bytessent=source.bytes sentbyte=source.bytes rcvd=destination.bytes
      rcvdbytes=destination.bytes bytesreceived=destination.bytes receivedbytes=destination.bytes
      rcvdbyte=destination.bytes statuscode=http.response.status_code`,
    side: `${each(SOURCES, 'source')} ${each(DESTINATIONS, 'destination')}`,
    mac: 'srcmac=source.mac mac=source.mac dstmac=destination.mac',
    user: each(USERS, 'user'),
    given: `srcnatip=source.nat.ip natsrc=source.nat.ip srcnat=source.nat.ip transip=source.nat.ip natdst=destination.nat.ip
      dstnat=destination.nat.ip assignedip=einfallstor.vpn.assigned_ip`,
  },
  {
    'date time timestamp eventtime datetime ts tz timezone': () => undefined, // stamped apart
    'proto protocol ipproto': (fields, value) => (/^[\w-]{1,16}$/.test(value) ? putTransport(fields, value) : false),
    'url request uri': putUrl,
    // also a way to log in: method=password
    method: (fields, value) => /^[A-Z]{3,10}$/.test(value) && put(fields, 'http.request.method', value),
    'hash md5 sha1 sha256': putHash,
    'from sender': mails('email.from.address'),
    'to recipient recipients': mails('email.to.address'),
    outcome: (fields, value) => {
      const word = table('success=success ok=success failure=failure failed=failure').find(
        ([w]) => w === value.toLowerCase(),
      );
      put(fields, 'event.outcome', word?.[1]);
      return word !== undefined;
    },
  },
);

export default {
  id: 'generic-key-value',
  title: 'Lines of key=value pairs of any product',
  references: [{ title: 'logfmt', url: 'https://brandur.org/logfmt' }],
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: ['pairs with a source, destination, or user and action under one of their common names'],
  limits: ['Keys are known by name only: what a product means by them is not known.'],
  recognise: recogniseBy(claims, 'are key=value pairs with addresses or users', CERTAINTY),
  claims,
  open,
} satisfies Parser as Parser;
