import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { type Civil, epochMicros, readCtime, readIso } from '../../src/parse/kit/civil.ts';
import { readCsv } from '../../src/parse/kit/csv.ts';
import { putAnswer, putQuestion } from '../../src/parse/kit/dns.ts';
import { fieldMap, type Step, words } from '../../src/parse/kit/field-map.ts';
import { isObject, readObject, textAt } from '../../src/parse/kit/json.ts';
import { once } from '../../src/parse/kit/once.ts';
import { categorise, put, putIp, putNumber, putTransport, putUser } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putBareUrl, putRequest } from '../../src/parse/kit/url.ts';
import { BLANK, type Outcome, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// ---------------------------------------------------------------- forms of a feed

type Feed = 'web' | 'fw' | 'dns' | 'tunnel' | 'audit' | 'other';
interface Row {
  readonly feed: Feed;
  readonly values: ReadonlyMap<string, string>;
}

/** The default order of a feed of CSV or tabs. https://help.zscaler.com/zia/nss-feed-output-format-web-logs, -firewall-logs */
const WEB =
  words(`time login proto url action appname appclass reqsize respsize stime ctime urlclass urlsupercat urlcat malwarecat
  threatname riskscore dlpeng dlpdict location dept cip sip reqmethod respcode ua referer ruletype rulelabel contenttype
  unscannabletype deviceowner devicehostname keyprotectiontype`);
const FIREWALL =
  words(`time login dept location cdport csport sdport ssport csip cdip ssip sdip tsip tsport ttype action dnat stateful
  aggregate nwsvc nwapp ipproto ipcat destcountry avgduration rulelabel inbytes outbytes duration durationms numsessions
  ipsrulelabel threatcat threatname deviceowner devicehostname`);

const IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}:[\da-fA-F:.]{2,45})$/;
const isIp = (text: string | undefined): boolean => IP.test(text ?? '');
const isNumber = (text: string | undefined): boolean => /^\d{1,10}$/.test(text ?? '');
/** `Mon Jun 20 15:29:11 2022` */
const BEGINS = /^"?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2} \d{4}"?[,\t]/;

/** A row by the places that can only be what they are: who allowed it, addresses, ports. */
const ofCells = (text: string): Row | undefined => {
  if (!BEGINS.test(text)) return undefined;
  const cells = (text.includes('\t') ? text.split('\t', 200) : readCsv(text))?.map((cell) => cell.trim());
  if (cells === undefined) return undefined;
  const web = /^(?:Allowed|Blocked|Cautioned)/i.test(cells[4] ?? '') && isNumber(cells[7]) && isNumber(cells[8]);
  const firewall = [4, 5, 6, 7].every((n) => isNumber(cells[n])) && [8, 9].every((n) => isIp(cells[n]));
  if (!web && !firewall) return undefined;
  const names = web ? WEB : FIREWALL;
  const values = cells.map((cell, n): [string, string] => [names[n] ?? `column_${n + 1}`, cell]);
  return { feed: web ? 'web' : 'fw', values: new Map(values) };
};

const feedOf = (name: string): Feed => {
  const known = /(?:^|[-_])(web|fw|dns|tunnel|audit)$/.exec(name)?.[1];
  return (known as Feed | undefined) ?? 'other';
};

/** `{"sourcetype":"zscalernss-web","event":{"datetime":"…","reason":"Allowed",…}}` */
const ofJson = (text: string): Row | undefined => {
  if (!text.includes('zscalernss')) return undefined;
  const object = readObject(text);
  const name = textAt(object, 'sourcetype') ?? '';
  const event = object?.['event'];
  if (!/^zscalernss[-_]/.test(name) || !isObject(event)) return undefined;
  const values = Object.entries(event)
    .slice(0, 400)
    .map(([key, value]): [string, string] => [
      key.toLowerCase(),
      value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
  return { feed: feedOf(name), values: new Map(values) };
};

// 2023-10-16 22:55:48⇥reason=Allowed⇥event_id=…⇥protocol=HTTPS⇥action=Allowed⇥…⇥product=NSS⇥…⇥vendor=Zscaler⇥…
const IS_PAIRS = /\tvendor=Zscaler(?:\t|$)|\tproduct=NSS(?:\t|$)|\tc[sd]ip=[^\t]{1,60}\t(?:[^\t]{0,300}\t){0,12}ssip=/;

const ofPairs = (text: string): Row | undefined => {
  if (!text.includes('\t') || !IS_PAIRS.test(text.slice(0, 8192))) return undefined;
  const values = new Map<string, string>();
  for (const part of text.split('\t', 400)) {
    const equals = part.indexOf('=');
    if (equals > 0 && equals < 64) values.set(part.slice(0, equals).toLowerCase(), part.slice(equals + 1));
    else if (values.size === 0) values.set('time', part);
  }
  return { feed: values.has('csip') ? 'fw' : values.has('dns_req') ? 'dns' : 'web', values };
};

const readRow = once((record: RawRecord): Row | undefined => {
  for (const text of [record.text, record.envelope.message]) {
    const row = ofJson(text) ?? ofCells(text) ?? ofPairs(text);
    if (row !== undefined) return row;
  }
  return undefined;
});

// ---------------------------------------------------------------- values

const NOTHING = /^(?:None|NA|N\/A|Other|Clean Transaction|General None|EMPTY_RESP|0\.0\.0\.0)?$/i;

/** The feed writes `%40` where its administrator chose the encoded name. */
const user: Step = (fields, value) => {
  const name = value.replaceAll(/%40/gi, '@').replaceAll(/%5C/gi, '\\').replaceAll('%20', ' ');
  if (fields['user.name'] === undefined) putUser(fields, 'user', name);
};
const unlessSet =
  (read: (fields: Fields, name: string, value: string) => unknown, name: string): Step =>
  (fields, value) =>
    fields[name] === undefined ? read(fields, name, value) : false;

/** Feeds are named by who set them up: names of the placeholders (`cip`) and of Zscaler's own templates (`ClientIP`). */
const putValues = fieldMap(
  'zscaler.zia',
  {
    text: `reason=event.reason app=network.application appname=network.application nwapp=network.application
      ua=user_agent.original useragent=user_agent.original referer=http.request.referrer refererurl=http.request.referrer
      rule=rule.name rulelabel=rule.name contenttype=http.response.mime_type
      filename=file.name sha256=file.hash.sha256 bamd5=file.hash.md5
      reqmethod=http.request.method requestmethod=http.request.method
      location=observer.ingress.zone locationname=observer.ingress.zone threatname=threat.indicator.name threat_name=threat.indicator.name`,
    lower: 'nwsvc=network.protocol devicehostname=source.domain',
    number: `reqsize=source.bytes requestsize=source.bytes respsize=destination.bytes responsesize=destination.bytes
      outbytes=source.bytes inbytes=destination.bytes txbytes=source.bytes rxbytes=destination.bytes
      respcode=http.response.status_code status=http.response.status_code
      clt_sport=source.port csport=source.port sourceport=source.port cdport=destination.port srv_dport=destination.port
      destinationport=destination.port riskscore=event.risk_score pagerisk=event.risk_score`,
    ip: `cip=source.ip clientip=source.ip clt_sip=source.ip csip=source.ip sourceip=source.ip
      sip=destination.ip serverip=destination.ip srv_dip=destination.ip cdip=destination.ip destinationip=destination.ip`,
  },
  {
    'login user elogin adminid': user,
    'host ehost hostname': unlessSet((fields, name, value) => put(fields, name, value.toLowerCase()), 'url.domain'),
    'proto+ protocol+ ipproto': (fields, value) => {
      if (/^(?:TCP|UDP|ICMP|GRE|ESP|SCTP|\d{1,3})$/i.test(value)) putTransport(fields, value);
      else put(fields, 'network.protocol', value.toLowerCase());
    },
    // the address that the internet sees of the site
    'cintip clientpublicip cpubip ssip': unlessSet(putIp, 'source.nat.ip'),
    ssport: unlessSet(putNumber, 'source.nat.port'),
    sdip: unlessSet(putIp, 'destination.nat.ip'),
    sdport: unlessSet(putNumber, 'destination.nat.port'),
    'durationms+': (fields, value) => putNumber(fields, 'event.duration', Number(value) * 1_000_000),
    // stamped apart
    'time datetime epochtime tz timezone': () => undefined,
  },
);

/** `Mon Oct 16 22:55:48 2023`, `2023-10-16 22:55:48`, of old templates `23-10-16 22:55:48`; or the epoch beside it. */
const timeOf = (values: ReadonlyMap<string, string>): Civil | number | undefined => {
  const text = values.get('datetime') ?? values.get('time') ?? '';
  const long = /^\d{2}-\d{2}-\d{2} /.test(text) ? `20${text}` : text;
  const civil = (readCtime(long) ?? readIso(long))?.civil;
  if (civil === undefined) return epochMicros(values.get('epochtime') ?? '');
  const zone = values.get('tz') ?? values.get('timezone');
  return civil.offset === undefined && /^(?:GMT|UTC)$/i.test(zone ?? '') ? { ...civil, offset: 0 } : civil;
};

// ---------------------------------------------------------------- meaning

/** The value, unless it stands for none. */
const told = (values: ReadonlyMap<string, string>, name: string): string | undefined => {
  const value = values.get(name);
  return value === undefined || NOTHING.test(value) ? undefined : value;
};

const isThreat = (values: ReadonlyMap<string, string>): boolean =>
  ['threatname', 'threat_name', 'malwarecat', 'threatcat', 'threatcategory'].some(
    (name) => told(values, name) !== undefined,
  );

type Meaning = (fields: Fields, values: ReadonlyMap<string, string>) => Act;
const REFUSED = /block|drop|deny|reset|icmp/i;

const web: Meaning = (fields, values) => {
  const refused = REFUSED.test(values.get('action') ?? '');
  const [method, url] = [
    values.get('reqmethod') ?? values.get('requestmethod'),
    values.get('url') ?? values.get('eurl'),
  ];
  if (method === 'CONNECT') putRequest(fields, method, url);
  else putBareUrl(fields, url);
  const status = fields['http.response.status_code'];
  const outcome = refused || (typeof status === 'number' && status >= 400) ? 'failure' : 'success';
  categorise(fields, ['web', 'network'], refused ? ['access', 'denied'] : ['access'], outcome);
  if (isThreat(values)) {
    categorise(fields, ['web', 'threat'], refused ? ['denied'] : ['indicator'], refused ? 'failure' : 'success');
    return 'threat';
  }
  return 'http-request';
};

const firewall: Meaning = (fields, values) => {
  const refused = REFUSED.test(values.get('action') ?? '');
  categorise(fields, ['network'], refused ? ['connection', 'denied'] : ['connection', 'end', 'allowed'], 'success');
  if (isThreat(values)) return 'threat';
  return refused ? 'flow-denied' : 'flow';
};

const dns: Meaning = (fields, values) => {
  putQuestion(fields, values.get('dns_req') ?? values.get('req'), values.get('dns_reqtype')?.replace(/ record$/i, ''));
  const answer = values.get('dns_resp') ?? values.get('res') ?? '';
  if (!NOTHING.test(answer)) putAnswer(fields, answer);
  const action = ['reqaction', 'resaction'].flatMap((name) => told(values, name) ?? []).join(' ');
  put(fields, 'event.action', action);
  const refused = REFUSED.test(action);
  categorise(fields, ['network'], ['protocol', refused ? 'denied' : 'info'], refused ? 'failure' : 'success');
  return 'dns-query';
};

/** GRE and IPsec of a site into the service: no remote user's. */
const tunnel: Meaning = (fields, values) => {
  put(fields, 'event.action', told(values, 'event') ?? told(values, 'tunnelstatus') ?? told(values, 'recordtype'));
  put(fields, 'event.reason', told(values, 'eventreason') ?? told(values, 'tunnelstatusreason'));
  categorise(fields, ['network', 'session'], ['info']);
  return 'vpn-negotiation';
};

/** Administrators of the service. */
const audit: Meaning = (fields, values) => {
  const action = values.get('action') ?? '';
  const failed = /fail/i.test(values.get('result') ?? '');
  put(fields, 'einfallstor.change.object', told(values, 'resource'));
  put(fields, 'einfallstor.change.attributes', (values.get('postaction') ?? '').slice(0, 4000));
  const outcome = failed ? 'failure' : 'success';
  if (/^SIGN_?IN/i.test(action)) {
    categorise(fields, ['authentication'], [failed ? 'info' : 'start'], outcome);
    return 'admin-login';
  }
  categorise(fields, ['configuration'], ['change'], outcome);
  return /^SIGN_?OUT/i.test(action) ? 'logout' : 'config-change';
};

const MEANINGS: Readonly<Record<Feed, Meaning>> = {
  web,
  fw: firewall,
  dns,
  tunnel,
  audit,
  other: (fields, values) => {
    categorise(fields, ['network'], ['info']);
    return isThreat(values) ? 'threat' : 'other';
  },
};

const claims = (record: RawRecord): boolean => readRow(record) !== undefined;

const open: Parser['open'] =
  ({ clock }) =>
  (record): Outcome => {
    if (record.text.trim() === '') return BLANK;
    const row = readRow(record);
    if (row === undefined) return rejected('not-this-format', 'no row of an NSS feed');
    const { feed, values } = row;
    const time = timeOf(values) ?? record.envelope.civil;
    if (time === undefined) return rejected('bad-time', 'neither time nor epochtime is a time');
    const fields: Fields = { 'observer.vendor': 'Zscaler', 'observer.product': 'ZIA' };
    clock.stamp(fields, time);
    put(fields, 'event.action', values.get('action')?.toLowerCase());
    put(fields, 'event.provider', feed);
    putValues(
      fields,
      [...values].filter(([name, value]) => !NOTHING.test(value) && name !== 'action'),
    );
    if (fields['source.nat.ip'] === fields['source.ip']) {
      delete fields['source.nat.ip'];
      delete fields['source.nat.port'];
    }
    if (fields['destination.nat.ip'] === fields['destination.ip']) {
      delete fields['destination.nat.ip'];
      delete fields['destination.nat.port'];
    }
    const act = MEANINGS[feed](fields, values);
    relateAddresses(fields, record.text.slice(0, 16_384));
    return { kind: 'event', act, fields };
  };

export default {
  id: 'zscaler-zia',
  title: 'Zscaler Internet Access (NSS feeds)',
  references: [
    {
      title: 'Zscaler: NSS feed output format, web logs',
      url: 'https://help.zscaler.com/zia/nss-feed-output-format-web-logs',
    },
    {
      title: 'Zscaler: NSS feed output format, firewall logs',
      url: 'https://help.zscaler.com/zia/nss-feed-output-format-firewall-logs',
    },
    {
      title: 'Zscaler: NSS feed output format, DNS logs',
      url: 'https://help.zscaler.com/zia/nss-feed-output-format-dns-logs',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: [
    'web and firewall feeds as CSV or tabs in the default order; web, firewall, DNS, tunnel and audit feeds as JSON; web and firewall as name=value (Splunk’s template)',
  ],
  limits: [
    'a feed of CSV in an order of its own: its rows carry no names (other columns behind the default ones are kept by number)',
    'LEEF and CEF feeds are read as such (generic-leef, generic-cef)',
  ],
  recognise: recogniseBy(claims, 'are of an NSS feed', 0.97),
  claims,
  open,
} satisfies Parser as Parser;
