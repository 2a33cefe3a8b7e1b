import { canonicalIp } from '../../core/net.ts';
import type { Act } from '../../ecs/acts.ts';
import type { Fields } from '../../ecs/event.ts';
import { mails, putHash, readEventTime, relateValues } from './cef-fields.ts';
import type { Civil } from './civil.ts';
import type { Clock } from './clock.ts';
import { type Declarations, fieldMap, type Step, table, words } from './field-map.ts';
import { plainMeaning } from './plain-meaning.ts';
import { putPlainText } from './plain-text.ts';
import { isTransport, put, putIp, putNumber, putTransport, putUser, warn } from './put.ts';
import type { Envelope } from './syslog.ts';
import { putBareUrl } from './url.ts';

/** Values under the names that a product nobody knows gave them, made plain. */
export type NamedValues = ReadonlyMap<string, string>;

/** No telling name is longer. */
const NAME_MAX = 128;

/** Names many products use, without case, blanks, dashes and underscores: `Src_IP`, `src-ip` and `srcIp` are `srcip`. */
export const plainName = (key: string): string =>
  key
    .slice(0, NAME_MAX)
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll(/[^a-z0-9]/g, '');

const SOURCES = words(`src srcip source sourceip srcaddr saddr sourceaddress srcaddress client clientip clientaddress
  clientaddr cip remoteip remoteaddress remoteaddr remotehost rhost peer peerip fromip originip callerip externalip publicip
  userip loginip ipaddress ipaddr sourceipaddress srcipaddress remoteipaddress ip quelle quellip quelladresse quellipadresse clientipaddress ipadresse absenderip`);
const DESTINATIONS = words(`dst dstip destination destinationip dstaddr daddr dest destip destinationaddress dstaddress
  destaddress server serverip sip target targetip destinationipaddress dstipaddress ziel zielip zieladresse zielipadresse`);
const USERS = words(`user username usr usrname uname login loginname account accountname suser upn
  userprincipalname csusername principal actor benutzer benutzername konto anmeldename akteur`);
const ACTIONS = words(`action act status result event eventtype type outcome eventaction eventname operation activity
  verdict disposition decision policyaction firewallaction aktion ergebnis ereignis vorgang`);
/** What happened may also stand here. */
const SAID = [
  ...ACTIONS,
  ...words(`subtype logsubtype logcomp logcomponent msg message name eventoutcome category cat class service app application module component facility
    note description logger text reason error errormessage errorcode failurereason grund meldung nachricht beschreibung dienst`),
];
const TIMES = words(`time timestamp eventtime datetime date ts start created createdat logtime datetimeutc devicetime
  eventtimestamp eventcreated zeit zeitpunkt zeitstempel datum datumuhrzeit datumzeit`);
const DAYS = words('date day datum eventdate logdate');
const CLOCKS = words('time uhrzeit zeit clock eventtime logtime');

/** `203.0.113.9:51422`, `[2001:db8::7]:443`: address and port. */
const ADDRESS_AND_PORT = /^(?:((?:\d{1,3}\.){3}\d{1,3})|\[([0-9a-fA-F:.]{2,45})\])[:/](\d{1,5})$/;

const isAddress = (value: string): boolean => canonicalIp(value) !== undefined || ADDRESS_AND_PORT.test(value);
const isWord = (value: string): boolean => value !== '' && value !== '-';
const present = (values: NamedValues, names: readonly string[], test: (value: string) => boolean): boolean =>
  names.some((name) => test(values.get(name) ?? ''));

/** Whether they say from where or to where, or who did what. */
export const saysWho = (values: NamedValues): boolean =>
  present(values, SOURCES, isAddress) ||
  present(values, DESTINATIONS, isAddress) ||
  (present(values, USERS, isWord) && present(values, ACTIONS, isWord));

/** Whether names of columns tell a time. */
export const saysTime = (names: readonly string[]): boolean =>
  names.some((name) => TIMES.includes(name) || DAYS.includes(name) || CLOCKS.includes(name));

/** The same of the names alone: a table's columns. */
export const saysWhoBy = (names: readonly string[]): boolean => {
  const has = (known: readonly string[]): boolean => names.some((name) => known.includes(name));
  return has(SOURCES) || has(DESTINATIONS) || (has(USERS) && (has(ACTIONS) || has(SAID)));
};

/** One side of a connection, perhaps with its port. The first of several names that say it wins. */
const side =
  (name: 'source' | 'destination'): Step =>
  (fields, value) => {
    if (fields[`${name}.ip`] !== undefined) return false;
    const both = ADDRESS_AND_PORT.exec(value);
    if (putIp(fields, `${name}.ip`, both === null ? value : (both[1] ?? both[2]))) {
      if (both !== null) putNumber(fields, `${name}.port`, both[3]);
      return true;
    }
    // what a cut line leaves of an address is no name, nor is a sentence
    if (/^[\d.]+$/.test(value) || !/^[\w.:-]{1,253}$/.test(value)) return false;
    fields[`${name}.domain`] = value.toLowerCase();
    return true;
  };

const NOBODY = /^(?:-+|unknown|none|system|anonymous|nobody|\(?unauthenticated\)?|n\/?a)$/i;

const ENDINGS = new Map(
  table(`success=success ok=success successful=success succeeded=success true=success allow=success
    erfolgreich=success erfolg=success failure=failure failed=failure fail=failure error=failure denied=failure
    false=failure fehlgeschlagen=failure fehler=failure`),
);

const outcome: Step = (fields, value) => {
  const ending = ENDINGS.get(value.toLowerCase());
  put(fields, 'event.outcome', ending);
  return ending !== undefined;
};

const DECLARED: Declarations = {
  text: `action=event.action act=event.action eventaction=event.action operation=event.action policyaction=event.action aktion=event.action
        msg=message message=message meldung=message nachricht=message reason=event.reason grund=event.reason
        rule=rule.name rulename=rule.name ruleid=rule.id policy=rule.name policyid=rule.id policyname=rule.name
        regel=rule.name devname=observer.name observername=observer.name devicename=observer.name device=observer.name firewall=observer.name
        hostname=host.name useragent=user_agent.original agent=user_agent.original csuseragent=user_agent.original
        virus=threat.indicator.name referer=http.request.referrer level=log.level severity=log.level
        group=user.group.name filename=file.name file=file.name subject=email.subject betreff=email.subject
        userid=user.id sessionid=session.id id=event.code eventid=event.code logid=event.code app=network.application
        application=network.application srcintf=observer.ingress.interface.name dstintf=observer.egress.interface.name`,
  lower: 'service=network.protocol dienst=network.protocol',
  number: `srcport=source.port sport=source.port spt=source.port sourceport=source.port clientport=source.port
        quellport=source.port dstport=destination.port dport=destination.port dpt=destination.port
        destport=destination.port destinationport=destination.port zielport=destination.port
        sent=source.bytes sentbytes=source.bytes bytessent=source.bytes sentbyte=source.bytes bytesout=source.bytes
        sourcebytes=source.bytes rcvd=destination.bytes rcvdbytes=destination.bytes bytesreceived=destination.bytes
        receivedbytes=destination.bytes rcvdbyte=destination.bytes bytesin=destination.bytes
        destinationbytes=destination.bytes statuscode=http.response.status_code scstatus=http.response.status_code`,
  mac: 'srcmac=source.mac mac=source.mac macaddress=source.mac dstmac=destination.mac',
  given: `srcnatip=source.nat.ip natsrc=source.nat.ip srcnat=source.nat.ip transip=source.nat.ip
        natdst=destination.nat.ip dstnat=destination.nat.ip assignedip=einfallstor.vpn.assigned_ip
        tunnelip=einfallstor.vpn.assigned_ip virtualip=einfallstor.vpn.assigned_ip vpnip=einfallstor.vpn.assigned_ip
        innerip=einfallstor.vpn.assigned_ip privateip=einfallstor.vpn.assigned_ip framedip=einfallstor.vpn.assigned_ip
        framedipaddress=einfallstor.vpn.assigned_ip`,
};

const STEPS: Readonly<Record<string, Step>> = {
  // stamped apart
  [[...new Set([...TIMES, ...DAYS, ...CLOCKS, 'tz', 'timezone', 'zeitzone'])].join(' ')]: () => undefined,
  [SOURCES.join(' ')]: side('source'),
  [DESTINATIONS.join(' ')]: side('destination'),
  [USERS.join(' ')]: (fields, value) => {
    if (NOBODY.test(value) || fields['user.name'] !== undefined) return false;
    putUser(fields, 'user', value);
    return true;
  },
  'proto protocol ipproto transport networktransport protokoll': (fields, value) => {
    const name = value.toLowerCase();
    if (isTransport(name)) putTransport(fields, name);
    else if (/^[a-z][\w-]{1,15}$/.test(name)) fields['network.protocol'] = name;
    else return false;
    return true;
  },
  'url request uri csuristem': putBareUrl,
  // also a way to log in: method=password
  'method csmethod requestmethod': (fields, value) =>
    /^[A-Z]{3,10}$/.test(value) && put(fields, 'http.request.method', value),
  'hash md5 sha1 sha256': putHash,
  'from sender absender mailfrom': mails('email.from.address'),
  'to recipient recipients empfaenger rcptto': mails('email.to.address'),
  'outcome eventoutcome result ergebnis success': outcome,
};

/** Names of a time that no list has: EdgeStartTimestamp. */
const A_TIME = /(?:timestamp|datetime|time)$/;

const TELLING: ReadonlySet<string> = new Set([
  ...Object.values(DECLARED).flatMap((kind) => table(kind).map(([name]) => name)),
  ...Object.keys(STEPS).flatMap(words),
  ...SAID,
]);

/** Whether an event is made of what stands under a plain name; any other is a product's own. */
export const isTelling = (name: string): boolean => TELLING.has(name) || A_TIME.test(name);

/** Puts named values into an event; what no name tells stays under `prefix`, if there is one. */
export const namedValues = (prefix: string | undefined): ((fields: Fields, values: NamedValues) => void) =>
  fieldMap(prefix, DECLARED, STEPS);

/** `1/2/2021` is January or February: told by the first date of the stream whose other number is above 12, the month's place till then. */
export type DateOrder = { first: 'month' | 'day' | undefined };

const SLASHED = /^(\d{1,2})\/(\d{1,2})\/\d{2,4}\b/;

/** Friday November 12 2021 08:14:22 */
const WEEKDAY = /^[A-Z][a-z]{2,8},? (?=[A-Z][a-z]{2,8} \d)/;

const readTime = (
  value: string,
  zone: string | undefined,
  order: DateOrder,
  doubt: () => void,
): Civil | number | undefined => {
  const text = value.trim().replace(WEEKDAY, '');
  const m = SLASHED.exec(text);
  if (m === null) return readEventTime(text, zone);
  if (Number(m[1]) > 12) order.first = 'day';
  else if (Number(m[2]) > 12 || /[AP]\.?M\b/i.test(text)) order.first ??= 'month';
  if (order.first === undefined) doubt();
  return readEventTime(text, zone, order.first ?? 'month');
};

const timeOf = (fields: Fields, values: NamedValues, order: DateOrder): Civil | number | undefined => {
  const zone = values.get('tz') ?? values.get('timezone') ?? values.get('zeitzone');
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => values.get(name)).find((value) => value !== undefined && value !== '');
  const [day, clock] = [first(DAYS), first(CLOCKS)];
  const apart = day !== undefined && clock !== undefined && day !== clock ? `${day} ${clock}` : undefined;
  const others = [...values].filter(([name]) => A_TIME.test(name)).map(([, value]) => value);
  for (const text of [apart, ...TIMES.map((name) => values.get(name)), ...others]) {
    if (text === undefined) continue;
    const read = readTime(text, zone, order, () => warn(fields, 'date-order-assumed:month-first'));
    if (read !== undefined) return read;
  }
  return undefined;
};

/** Names under which it stands how something ended. */
const ENDS = words('outcome eventoutcome result ergebnis success');
const SENTENCE = /\S \S{1,64} \S/;

/** `UserId` is a name in some products, a number or a key in others. */
const nameLike = (id: string | undefined): string | undefined =>
  id !== undefined && /[A-Za-z]{3}|@/.test(id) && !/^[0-9a-f-]{16,}$/i.test(id) ? id : undefined;

/**
 * The event of named values (`lead`: words that stand before them): time, what their names tell, and what happened by their words. Where the values leave out from
 * where or who, and a text among them says it, that is read.
 */
export const readNamed = (
  fields: Fields,
  values: NamedValues,
  at: { readonly clock: Clock; readonly envelope: Envelope; readonly order: DateOrder; readonly lead?: string },
  putValues: (fields: Fields, values: NamedValues) => void,
): Act => {
  const time = timeOf(fields, values, at.order) ?? at.envelope.civil;
  at.clock.stamp(fields, time);
  if (time === undefined) warn(fields, 'time-missing');
  put(fields, 'observer.name', at.envelope.host);
  put(fields, 'process.name', at.envelope.program);
  putValues(fields, values);
  const said = [...SAID.map((name) => values.get(name)), at.lead];
  const text = fields['message'] ?? said.find((value) => value !== undefined && SENTENCE.test(value));
  if (typeof text === 'string') putPlainText(fields, text);
  if (fields['user.name'] === undefined) putUser(fields, 'user', nameLike(values.get('userid')));
  relateValues(fields, values);
  const ended = ENDS.some((name) => values.has(name)) && fields['event.outcome'] === undefined;
  return plainMeaning(fields, said, ended);
};
