import { canonicalIp } from '../../src/core/net.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { type Cef, readCef } from '../../src/parse/kit/cef.ts';
import {
  cefFields,
  putCefHeader,
  readEventTime,
  readLabels,
  relateValues,
  stampCef,
} from '../../src/parse/kit/cef-fields.ts';
import type { Clock } from '../../src/parse/kit/clock.ts';
import { readCells } from '../../src/parse/kit/csv.ts';
import { type Declarations, fieldMap, words } from '../../src/parse/kit/field-map.ts';
import { firstKey, readKeyValues } from '../../src/parse/kit/key-value.ts';
import { type Leef, readLeef } from '../../src/parse/kit/leef.ts';
import { LEEF_FIELDS, LEEF_STEPS, putLeefHeader, stampLeef } from '../../src/parse/kit/leef-fields.ts';
import { add, categorise, put, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

const PREFIX = 'forcepoint.ngfw';

/** The vendor makes other products too (web, mail, DLP); the product was Stonesoft's, then McAfee's. */
const VENDOR = /^(?:forcepoint|stonesoft|mcafee)/i;
const PRODUCT =
  /^(?:firewall|layer 2 firewall|l2 ?fw|ips|ngfw|next generation firewall|stonegate|virtual|master|management server|log server|authentication server|smc|ssl vpn|alert)/i;
const isNgfw = (form: { vendor: string; product: string } | undefined): boolean =>
  form !== undefined && VENDOR.test(form.vendor) && PRODUCT.test(form.product);

/** `Acc_Tx_Bytes`, `ACC_TX_BYTES` and `AccTxBytes` are one field of the log. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
/** Names that stand together in no other product's lines. */
const COLUMNS = words('timestamp logid nodeid facility compid situation senderid receptiontime');
const isNamed = (names: readonly string[]): boolean => COLUMNS.filter((name) => names.includes(name)).length >= 3;

type Pairs = Map<string, string>;

// Timestamp="2021-10-31 23:14:07",LogId="4711",NodeId="192.0.2.1",Facility="Packet Filtering",…
const readPairs = (message: string): Pairs | undefined => {
  if (!/\b(?:Node_?Id|Comp_?Id)=/i.test(message)) return undefined;
  const raw = readKeyValues(message, Math.max(0, firstKey(message, /[\w ]{1,40}$/)), ',');
  const pairs: Pairs = new Map([...raw].map(([key, value]) => [plain(key), value]));
  return isNamed([...pairs.keys()]) ? pairs : undefined;
};

const readHeader = (message: string): string[] | undefined => {
  if (!/^"?[A-Za-z][\w ]{1,40}"?,/.test(message) || message.length > 20_000) return undefined;
  const names = readCells(message).cells.map(plain);
  return isNamed(names) ? names : undefined;
};

const claims = ({ text, envelope }: RawRecord): boolean =>
  (/(?:CEF|LEEF):/.test(text) && (isNgfw(readCef(text)) || isNgfw(readLeef(text)))) ||
  readPairs(envelope.message) !== undefined ||
  readHeader(envelope.message) !== undefined;

// ---------------------------------------------------------------- meaning

interface Line {
  /** `Connection_Discarded`: the situation or event that made the entry. */
  readonly event: string;
  readonly facility: string;
  readonly action: string;
}

const as = (act: Act, fields: Fields, category: string, types: string, outcome?: 'success' | 'failure'): Act => {
  categorise(fields, words(category), words(types), outcome);
  return act;
};

const STOPPED = /discard|refuse|terminat|block|drop|reset|den[iy]/i;
const FAILED = /fail|den[iy]|reject|invalid|wrong|error|refuse|not[ _-]?ok/i;
const LOGIN = /\bauthenticat|\blog(?:ged)?[ _-]?(?:in|on)\b|\blogin/i;
const LOGOUT = /\blog(?:ged)?[ _-]?(?:out|off)\b/i;

/** Users of the engine (VPN clients, browser authentication) and administrators of the Management Center. */
const account = (fields: Fields, { event, facility }: Line): Act | undefined => {
  const text = `${event} ${facility}`.replaceAll(/[_-]/g, ' ');
  const vpn = /vpn|ipsec|ike\b/i.test(text);
  if (LOGOUT.test(text)) {
    if (vpn) return as('vpn-session-end', fields, 'session network', 'end connection', 'success');
    return as('logout', fields, 'authentication session', 'end', 'success');
  }
  if (!LOGIN.test(event.replaceAll(/[_-]/g, ' '))) return undefined;
  const failed = FAILED.test(event);
  const types = failed ? 'info' : 'start';
  const outcome = failed ? 'failure' : 'success';
  if (/admin|management/i.test(text)) return as('admin-login', fields, 'authentication', `${types} admin`, outcome);
  if (vpn) return as('vpn-login', fields, 'authentication network', types, outcome);
  return as('login', fields, 'authentication', types, outcome);
};

/** Entries of the audit log: `audit.stonegate.admin.login`, `stonegate.object.update`, `stonegate.firewall.policy.upload`. */
const audit = (fields: Fields, event: string): Act => {
  const failed = FAILED.test(event);
  const outcome = failed ? 'failure' : 'success';
  if (/admin\.log(?:in|on)/.test(event))
    return as('admin-login', fields, 'authentication', failed ? 'info admin' : 'start admin', outcome);
  if (/admin\.log(?:out|off)/.test(event)) return as('logout', fields, 'authentication session', 'end', 'success');
  if (!/\.(?:insert|update|delete|upload|create|modify|remove|import|restore)\b/.test(event))
    return as('other', fields, 'configuration', 'access', outcome);
  const type = /insert|create|import/.test(event) ? 'creation' : /delete|remove/.test(event) ? 'deletion' : 'change';
  return as('config-change', fields, 'configuration', type, outcome);
};

const meaning = (fields: Fields, line: Line): Act => {
  const { event, facility, action } = line;
  if (/\bstonegate\.\w/.test(event)) return audit(fields, event);
  const known = account(fields, line);
  if (known !== undefined) return known;
  const stopped = STOPPED.test(action) || /discarded|refused/i.test(event);
  if (/\bdhcp/i.test(event.replaceAll('_', ' '))) return as('dhcp-lease', fields, 'network', 'protocol info');
  if (/ipsec|\bike|vpn/i.test(`${facility} ${event}`.replaceAll('_', ' '))) {
    fields['einfallstor.vpn.type'] = 'ipsec';
    return as('vpn-negotiation', fields, 'network', 'connection protocol', FAILED.test(event) ? 'failure' : 'success');
  }
  const passed = fields['source.ip'] !== undefined && fields['destination.ip'] !== undefined;
  if (/^inspection|file filtering|anti-?virus|malware/i.test(facility) && (passed || stopped)) {
    fields['event.kind'] = 'alert';
    put(fields, 'threat.indicator.name', event);
    add(fields, 'vulnerability.id', /CVE-\d{4}-\d{4,7}/.exec(event)?.[0]);
    const types = `info ${stopped ? 'denied' : 'allowed'}`;
    return as('threat', fields, 'intrusion_detection network', types, stopped ? 'failure' : 'success');
  }
  if (stopped && passed) return as('flow-denied', fields, 'network', 'connection denied', 'success');
  const counted = fields['source.bytes'] !== undefined || fields['destination.bytes'] !== undefined;
  if (passed && (counted || /closed/i.test(event)))
    return as('flow', fields, 'network', 'connection end allowed', 'success');
  if (passed && /allow|permit|new[ _-]connection/i.test(`${event} ${action}`))
    return as('flow-start', fields, 'network', 'connection start allowed', 'success');
  if (/^system|monitoring|cluster/i.test(facility)) return as('source-state', fields, 'host', 'info');
  return as('other', fields, passed ? 'network' : 'host', 'info');
};

// ---------------------------------------------------------------- forms

const NATIVE: Declarations = {
  text: `event=event.action action=event.action situation=event.action infomsg=message information=message ruleid=rule.id
    ruletag=rule.id rulename=rule.name sender=observer.name senderid=observer.name compid=observer.serial_number
    srcif=observer.ingress.interface.name dstif=observer.egress.interface.name eventid=event.code
    situationid=event.code vpnid=einfallstor.vpn.group application=network.application`,
  lower: 'service=network.protocol',
  number: `sport=source.port dport=destination.port srcport=source.port dstport=destination.port acctxbytes=source.bytes
    accrxbytes=destination.bytes acctxpackets=source.packets accrxpackets=destination.packets`,
  side: 'src=source dst=destination srcaddr=source dstaddr=destination',
  given: 'natsrc=source.nat.ip natdst=destination.nat.ip',
  givenPort:
    'natsport=source.nat.port natdport=destination.nat.port natsrcport=source.nat.port natdstport=destination.nat.port',
  mac: 'srcmac=source.mac macsource=source.mac dstmac=destination.mac macdestination=destination.mac',
  user: 'user=user username=user authname=user authuser=user',
};
const seconds = (fields: Fields, value: string): unknown => {
  if (!/^\d{1,9}(?:\.\d+)?$/.test(value)) return false;
  fields['event.duration'] = Math.round(Number(value) * 1e9);
  return true;
};
const putNative = fieldMap(PREFIX, NATIVE, {
  'timestamp receptiontime': () => undefined, // stamped apart
  'facility+ type+ logid+ sendertype+ event+ action+ situation+': () => undefined,
  'protocol proto': putTransport,
  nodeid: (fields, value) => add(fields, 'observer.ip', canonicalIp(value)),
  'accelapsed elapsed': seconds,
  'httprequesturi url': putUrl,
});

const putCef = cefFields(
  PREFIX,
  { text: 'deviceExternalId=observer.name deviceFacility=forcepoint.ngfw.facility' },
  // of the connection's source: sent is `out`
  {
    // DNS (UDP)
    app: (fields, value) => put(fields, 'network.protocol', value.toLowerCase().replace(/ \(\w+\)$/, '')),
    in: (fields, value) => count(fields, 'destination', value),
    out: (fields, value) => count(fields, 'source', value),
  },
);
const count = (fields: Fields, side: string, value: string): unknown => {
  if (!/^\d{1,15}$/.test(value)) return false;
  fields[`${side}.bytes`] = Number(value);
  return true;
};

const fromCef = (fields: Fields, cef: Cef, clock: Clock, record: RawRecord): Line => {
  putCefHeader(fields, cef);
  const pairs = readLabels(cef.extension);
  if (!stampCef(clock, fields, pairs, record.envelope.civil)) warn(fields, 'time-missing');
  putCef(fields, pairs);
  relateValues(fields, pairs);
  put(fields, 'event.action', cef.name);
  put(fields, `${PREFIX}.action`, pairs.get('act'));
  put(fields, 'observer.name', pairs.get('dvchost') ?? pairs.get('deviceExternalId'));
  put(fields, `${PREFIX}.node`, pairs.get('deviceExternalId'));
  return { event: cef.name, facility: pairs.get('deviceFacility') ?? '', action: pairs.get('act') ?? '' };
};

const putLeef = fieldMap(PREFIX, LEEF_FIELDS, { ...LEEF_STEPS, 'Facility+ facility+ action+': () => undefined });

const fromLeef = (fields: Fields, leef: Leef, clock: Clock, record: RawRecord): Line => {
  putLeefHeader(fields, leef);
  if (!stampLeef(clock, fields, leef, record.envelope.civil)) warn(fields, 'time-missing');
  // attributes beyond LEEF's own carry the names of the log
  const pairs = [...leef.attributes];
  relateValues(fields, leef.attributes);
  putLeef(
    fields,
    pairs.filter(([key]) => LEEF_KEYS.has(key)),
  );
  putNative(
    fields,
    pairs.filter(([key]) => !LEEF_KEYS.has(key)).map(([key, value]) => [plain(key), value]),
  );
  put(fields, 'event.action', leef.eventId);
  const of = (key: string): string => leef.attributes.get(key) ?? leef.attributes.get(key.toLowerCase()) ?? '';
  return { event: leef.eventId, facility: of('Facility'), action: of('action') };
};
const LEEF_KEYS = new Set([
  ...Object.values(LEEF_FIELDS).flatMap((list) => words(list).map((pair) => pair.split('=')[0] as string)),
  ...Object.keys(LEEF_STEPS).flatMap(words),
]);

const fromPairs = (fields: Fields, pairs: Pairs, clock: Clock, record: RawRecord): Line => {
  const time = readEventTime(pairs.get('timestamp') ?? pairs.get('receptiontime') ?? '') ?? record.envelope.civil;
  clock.stamp(fields, time);
  if (time === undefined) warn(fields, 'time-missing');
  putNative(fields, pairs);
  relateValues(fields, pairs);
  const event = pairs.get('situation') ?? pairs.get('event') ?? pairs.get('type') ?? '';
  put(fields, 'event.action', event);
  return { event, facility: pairs.get('facility') ?? '', action: pairs.get('action') ?? '' };
};

const open: Parser['open'] = ({ clock }) => {
  let header: readonly string[] | undefined;
  const rowOf = (message: string): Pairs | undefined => {
    if (header === undefined) return undefined;
    const { cells } = readCells(message);
    // a cut row is shorter; one of another kind has hardly a cell
    if (cells.length < 4 || cells.length > header.length) return undefined;
    return new Map(cells.flatMap((cell, n) => (cell === '' ? [] : [[header?.[n] as string, cell] as const])));
  };
  return (record) => {
    const { text, envelope } = record;
    const fields: Fields = {
      'observer.vendor': 'Forcepoint',
      'observer.product': 'NGFW',
      'observer.type': 'firewall',
    };
    const cef = text.includes('CEF:') ? readCef(text) : undefined;
    const leef = text.includes('LEEF:') ? readLeef(text) : undefined;
    let line: Line;
    if (isNgfw(cef)) line = fromCef(fields, cef as Cef, clock, record);
    else if (isNgfw(leef)) line = fromLeef(fields, leef as Leef, clock, record);
    else {
      const names = readHeader(envelope.message);
      if (names !== undefined) {
        header = names;
        return { kind: 'skipped', reason: 'header' };
      }
      // the time of a row is its first cell, no header of a relay
      const pairs = readPairs(envelope.message) ?? rowOf(/^"?\d{4}-\d\d-/.test(text) ? text : envelope.message);
      if (pairs === undefined) return rejected('not-this-format', 'neither CEF, LEEF, pairs nor columns of the NGFW');
      line = fromPairs(fields, pairs, clock, record);
    }
    if (fields['observer.name'] === undefined) put(fields, 'observer.name', envelope.host);
    if (fields['user.name'] === undefined)
      putUser(
        fields,
        'user',
        /\b(?:user|admin(?:istrator)?)[ :=]+'?([\w.@\\-]{1,128})/i.exec((fields['message'] as string) ?? '')?.[1],
      );
    return { kind: 'event', act: meaning(fields, line), fields };
  };
};

export default {
  id: 'forcepoint-ngfw',
  title: 'Forcepoint NGFW (Stonesoft, McAfee NGFW)',
  references: [
    {
      title: 'Exportable Firewall and Layer 2 Firewall log entry fields',
      url: 'https://help.stonesoft.com/onlinehelp/StoneGate/SMC/6.8.0/GUID-106A79FF-BB78-4BB2-8957-16D17AF8A8A4.html',
    },
    {
      title: 'LEEF format log fields forwarded by SMC',
      url: 'https://infodataprofessionalservices.zohodesk.com/portal/en/kb/articles/leef-format-log-fields-forwarded-by-smc',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'unstated', year: 'stated', resolution: 's' },
  families: [
    'connections allowed, discarded, refused, closed with bytes; inspection and file filtering; DHCP; IPsec and IKE; users; audit of the Management Center',
    'CEF, LEEF, key="value" pairs, CSV with a header row',
  ],
  limits: [
    'CSV without its header row is not read: the columns are the operator’s choice.',
    'Bytes sent and received are those of the connection’s source.',
  ],
  recognise: recogniseBy(claims, 'are NGFW records of a Management Center'),
  claims,
  open,
} satisfies Parser as Parser;
