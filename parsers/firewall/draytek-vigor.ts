import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { putHead } from '../../src/parse/kit/head.ts';
import { putCloudIp } from '../../src/parse/kit/microsoft.ts';
import { once } from '../../src/parse/kit/once.ts';
import { type Phrase, putKind, readPhrase } from '../../src/parse/kit/phrases.ts';
import { put, putTransport, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

// [FILTER][Block][LAN/RT/VPN->WAN, 0:10:22 ][@S:R=2:2, 192.0.2.11:50312->203.0.113.8:443][TCP][HLen=20, TLen=60, Flag=S, …]
// [CSM_WF][Block][Service_Provider=CYREN][Category=News][@S:R=2:3, 192.0.2.11:50426->http://www.example.com:80/news][HTTP][…]
const FILTER =
  /\[(FILTER|CSM_[A-Z]{2,6})\]\[(Pass|Block|Drop)\w{0,20}\]((?:\[[^\][]{0,200}\]){0,6}?)\[@S:R=(\d{1,4}:\d{1,4}), ([^\]]{3,2000})\]\[([\w ]{1,20})\]/i;
// 192.0.2.11:50312->203.0.113.8:443 · 192.0.2.11->203.0.113.8 · 192.0.2.11:50345->http://www.example.com/:80
const ENDS = /^([\da-fA-F.:[\]]{2,60})->(.{1,1900})$/;
// LAN/RT/VPN->WAN, 0:10:22
const ZONES = /\[([A-Z/]{2,20})->([A-Z/]{2,20})[,\]]/i;

/** What the router says of tunnels and logins; the text is what stands behind header and the router's own number. */
// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  // [H2L][UP][L2TP over IPSec][@1:frank]   host to LAN: a remote user; L2L: a branch
  [/^\[H2L\]\[UP\]\[(?<via>[\w ]{2,30})\]\[@\d{1,4}:(?<user>[^\]]{1,128})\]/i, 'tunnel-up', 'vpn-session-start', 'up'],
  [/^\[H2L\]\[Down\]\[(?<via>[\w ]{2,30})\]\[@\d{1,4}:(?<user>[^\]]{1,128})\]/i, 'tunnel-down', 'vpn-session-end', 'down'],
  [/^\[L2L\]\[(?:UP|Down)\]\[(?<via>[\w ]{2,30})\]\[@\d{1,4}:(?<group>[^\]]{1,128})\]/i, 'branch-tunnel', 'vpn-negotiation', 'session'],
  // [SSL]Portal login fail from IP 203.0.113.246!
  [/^\[SSL\] ?Portal login fail\w* from IP (?<ip>[\da-fA-F.:]{3,45})/i, 'portal-login-failed', 'vpn-login', 'refused'],
  // PPTP accept client from 203.0.113.246:50212 ...
  [/^(?<via>PPTP|L2TP|SSL) accept client from (?<ip>[\d.]{7,15})(?::(?<port>\d{1,5}))?/i, 'tunnel-asked', 'vpn-negotiation', 'session'],
  // [PPTP][@203.0.113.246] pppShutdown
  [/^\[(?<via>PPTP|L2TP|SSL|IPSec)\]\[@(?<ip>[\d.]{7,15})\] ?(?:pppShutdown|pppStart)/i, 'tunnel-ppp', 'vpn-negotiation', 'session'],
];

/** The message behind `1449bc220888:`, which is the router's MAC address, or `DrayTek `. */
const messageOf = ({ text, envelope }: RawRecord): string =>
  (envelope.civil === undefined && envelope.host === undefined ? text : envelope.message).replace(
    /^(?:[0-9a-f]{12}: ?|(?:DrayTek|Vigor)\b:? ?)/i,
    '',
  );

interface Entry {
  readonly message: string;
  readonly filter: RegExpExecArray | null;
  readonly known: boolean;
}

const readEntry = once((record: RawRecord): Entry => {
  const message = messageOf(record);
  const filter = message.startsWith('[') ? FILTER.exec(message.slice(0, 4096)) : null;
  const known = filter?.index === 0 || MESSAGES.some(([pattern]) => pattern.test(message));
  return { message, filter: filter?.index === 0 ? filter : null, known };
});

const putFilter = (fields: Fields, [, what, verdict, between, rule, ends, service]: RegExpExecArray): Act => {
  const blocked = !/^pass$/i.test(verdict as string);
  const [, source, target] = ENDS.exec(ends as string) ?? [];
  putCloudIp(fields, 'source', source);
  if (!putCloudIp(fields, 'destination', target)) putUrl(fields, target);
  const protocol = (service as string).trim();
  const number = /^PR (\d{1,3})$/.exec(protocol)?.[1];
  if (number !== undefined || /^(?:TCP|UDP|ICMP|IGMP|GRE|ESP|AH)$/i.test(protocol))
    putTransport(fields, number ?? protocol);
  else put(fields, 'network.protocol', protocol.toLowerCase());
  const zones = ZONES.exec(between as string);
  put(fields, 'observer.ingress.zone', zones?.[1]);
  put(fields, 'observer.egress.zone', zones?.[2]);
  put(fields, 'rule.id', rule);
  put(fields, 'rule.category', /\[Category=([^\]]{1,100})\]/i.exec(between as string)?.[1]);
  put(fields, 'event.action', (verdict as string).toLowerCase());
  put(fields, 'event.provider', (what as string).toUpperCase());
  const isContent = /^CSM/i.test(what as string);
  putKind(fields, blocked ? (isContent ? 'stopped' : 'denied') : 'opened');
  if (isContent) return blocked ? 'threat' : 'http-request';
  // no second record tells its end
  return blocked ? 'flow-denied' : 'flow';
};

const claims = (record: RawRecord): boolean => readEntry(record).known;

const open: Parser['open'] =
  ({ clock }) =>
  (record) => {
    if (record.text.trim() === '') return BLANK;
    const { message, filter, known } = readEntry(record);
    const { envelope } = record;
    if (!known) return rejected('not-this-format', 'no message of a Vigor router that is known');
    const fields: Fields = { 'observer.vendor': 'DrayTek', 'observer.product': 'Vigor' };
    putHead(fields, clock, { civil: envelope.civil, host: envelope.host, program: envelope.program }, message);
    if (envelope.civil === undefined) warn(fields, 'time-missing');
    put(fields, 'observer.name', envelope.host);
    const act = filter === null ? readPhrase(fields, MESSAGES, message) : putFilter(fields, filter);
    const via = fields['service.type'];
    if (typeof via === 'string') {
      fields['einfallstor.vpn.type'] = via;
      delete fields['service.type'];
    }
    return { kind: 'event', act: act ?? 'other', fields };
  };

export default {
  id: 'draytek-vigor',
  title: 'DrayTek Vigor (syslog)',
  references: [
    {
      title: 'DrayTek: syslog about firewall and content security management',
      url: 'https://www.draytek.com/support/knowledge-base/5023',
    },
    {
      title: 'DrayTek: tips to improve router security',
      url: 'https://faq.draytek.com.au/2020/12/21/tips-to-improve-router-security/',
    },
  ],
  framing: 'line',
  states: { zone: 'varies', year: 'unstated', resolution: 's' },
  families: [
    'filter rules and content filters, tunnels of users and branches up and down, refused logins at the SSL portal',
  ],
  limits: [
    'logins to the router and the users’ own access log: their wording is not documented; such lines are kept as the device’s',
  ],
  appliance: true,
  recognise: recogniseBy(claims, 'are messages of a Vigor router', 0.95),
  claims,
  open,
} satisfies Parser as Parser;
