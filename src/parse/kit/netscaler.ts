import type { Fields } from '../../ecs/event.ts';
import type { ParseContext } from '../parser.ts';
import { type Civil, readIso, readSlashed } from './civil.ts';
import { keepVendor, put, putIp, putNumber, putTransport, putUser } from './put.ts';
import { putUrl } from './url.ts';

export type NetscalerValues = Map<string, string>;
type Values = NetscalerValues;

// ---------------------------------------------------------------- header

/** `12/19/2024:09:40:29 GMT gate-1 0-PPE-0 : `, `2023/07/04:09:03:46  gate-1 0-PPE-0 : `, `10:11:12 GMT gate-1 0-PPE-0 : ` */
const HEADER =
  /(?:^|[\s">])(?:(\d{1,4}\/\d{1,2}\/\d{1,4}):)?(\d\d:\d\d:\d\d) {1,2}(?:(GMT|UTC|local|[A-Z]{1,3}[DS]T|CES?T|MES?Z) )?(?:([\w.-]{1,255}) )?(\w{1,8}-\w[\w-]{0,11}) : /;
/** `default SSLVPN LOGIN 30461998 0 : `, `SSLVPN LOGIN 304 : `, `GUI CMD_EXECUTED : `, `default CMD_EXECUTED 5 0 : ` */
const BODY =
  /^ ?(?:([\w.-]{1,64}) )??(?:([A-Z][A-Z0-9]{1,15}) )?([A-Z][A-Z0-9]{0,20}(?:_[A-Z0-9_]{1,40})?|Message)(?: (\d{1,20}))?(?: \d{1,6})? ?: ?/;
/** The same where a relay cut the header off: only features that no other product has. */
const HEADLESS =
  /(?:^|: )(?:(?:[\w.-]{1,64}) )?(?:(?:SSLVPN|AAATM|AAA|SSLLOG|APPFW|GUI|UI|CLI|API) (?:[A-Z_]{3,40}|Message)|CMD_EXECUTED)(?: \d{1,20})?(?: \d{1,6})? ?: /;
export interface NetscalerHeader {
  readonly date: string | undefined;
  readonly time: string | undefined;
  readonly zone: string | undefined;
  readonly host: string | undefined;
  readonly engine: string | undefined;
  readonly partition: string | undefined;
  readonly feature: string;
  readonly event: string;
  readonly id: string | undefined;
  readonly text: string;
}

/** A row of a CSV export is quoted as a whole, its quotes doubled. */
export const unquoted = (text: string): string =>
  text.startsWith('"') && text.endsWith('"') && text.includes('""') ? text.slice(1, -1).replaceAll('""', '"') : text;

/** The header and the name of the message behind it. */
export const readNetscaler = (text: string): NetscalerHeader | undefined => {
  const head = text.slice(0, 1024);
  const m = HEADER.exec(head);
  const headless = m === null ? HEADLESS.exec(head) : null;
  if (m === null && headless === null) return undefined;
  const start = m === null ? (headless?.index ?? 0) + (headless?.[0].startsWith(': ') ? 2 : 0) : m.index + m[0].length;
  const body = BODY.exec(text.slice(start));
  if (body === null) return undefined;
  return {
    date: m?.[1],
    time: m?.[2],
    zone: m?.[3],
    host: m?.[4],
    engine: m?.[5],
    partition: body[1],
    feature: body[2] ?? '',
    event: body[3] as string,
    id: body[4],
    text: text.slice(start + body[0].length).trim(),
  };
};

/** `set syslogParams -dateFormat` MMDDYYYY (default), DDMMYYYY or YYYYMMDD. */
export type DateOrder = 'month' | 'day';
export const readNetscalerDate = (text: string, order: DateOrder): Civil | undefined =>
  (/^\d{4}/.test(text) ? readIso(text.replace(/^(\S{8,10}):/, '$1 ')) : readSlashed(text, 0, order))?.civil;

// ---------------------------------------------------------------- values

/** `User kim - Client_ip 192.0.2.4 - Browser_type "a - b"`: pieces between ` - ` that is in no quotes. */
const pieces = (text: string): string[] => {
  const out: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length && out.length < 100; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if (
      !quoted &&
      text[i] === '-' &&
      text[i + 1] === ' ' &&
      (text[i - 1] === ' ' || /\d/.test(text[i - 1] ?? ''))
    ) {
      out.push(text.slice(from, i).trim());
      from = i + 2;
    }
  }
  out.push(text.slice(from).trim());
  return out;
};

/** `Start Time …`, `Group(s) "N/A"`, `username:domainname kim:EXAMPLE`, `SessionId: 12` */
const KEYED =
  /^(Start Time|End Time|Delink Time|Hit Rule|Group\(s\)|username:domainname|[A-Za-z_]{2,64})(?::? (.*)|:?)$/s;

export const readNetscalerValues = (text: string): Values => {
  const values: Values = new Map();
  for (const piece of pieces(text.slice(0, 16_384))) {
    const m = KEYED.exec(piece);
    const key = m?.[1]?.toLowerCase().replaceAll(/[ _]/g, '');
    if (m === null || key === undefined || values.has(key)) continue;
    values.set(key, (m[2] ?? '').replace(/^"(.*?)"?$/s, '$1').trim());
  }
  return values;
};

/** `192.0.2.4:443`, `2001:db8::4:443` (the last colon is the port's), `[2001:db8::4]:443` */
export const putAddress = (fields: Fields, side: string, value: string | undefined): boolean => {
  if (value === undefined) return false;
  const colon = value.lastIndexOf(':');
  if (colon > 0 && putIp(fields, `${side}.ip`, value.slice(0, colon))) {
    putNumber(fields, `${side}.port`, value.slice(colon + 1));
    return true;
  }
  return putIp(fields, `${side}.ip`, value);
};

/** Values with a place of their own; the others are kept under the vendor's name. */
const PLACED = new Set(
  `context sessionid user clientip clientport natip vserver source destination starttime endtime delinktime duration
  totalbytessend totalbytesrecv browsertype browser group(s) failurereason reason status command remoteip remotehost
  deniedurl deniedbypolicy vserverserviceip vserverserviceport clientversion ciphersuite username:domainname protocol
  hitrule applicationname subjectname issuername`.split(/\s+/),
);

const putEnds = (fields: Fields, values: Values): void => {
  // user@192.0.2.4, user@example.org@192.0.2.4
  const context = /^(.{0,255})@([\da-fA-F.:]{2,45})$/.exec(values.get('context') ?? '');
  const [ica] = (values.get('username:domainname') ?? '').split(':');
  putUser(fields, 'user', values.get('user') ?? context?.[1] ?? ica);
  if (fields['user.domain'] === undefined && ica !== undefined)
    put(fields, 'user.domain', values.get('username:domainname')?.split(':')[1]);
  putAddress(fields, 'source', values.get('source'));
  putIp(fields, 'source.ip', context?.[2]);
  putIp(fields, 'source.ip', values.get('clientip') ?? values.get('remoteip'));
  putNumber(fields, 'source.port', values.get('clientport'));
  if (putAddress(fields, 'source.nat', values.get('natip')) && values.has('user')) {
    // of a user: the intranet address he is given; of a connection: the appliance's own
    putIp(fields, 'einfallstor.vpn.assigned_ip', values.get('natip'));
  }
  const ends = [values.get('destination'), values.get('vserver'), values.get('vserverserviceip')];
  ends.some((end) => putAddress(fields, 'destination', end));
  putNumber(fields, 'destination.port', values.get('vserverserviceport'));
  put(fields, 'destination.domain', values.get('remotehost')?.toLowerCase());
};

/** `00:12:31` or `1 days 02:03:04` in ns */
const durationOf = (text: string | undefined): number | undefined => {
  const m = /^(?:(\d{1,5}) days? )?(\d{1,6}):(\d\d):(\d\d)/.exec(text ?? '');
  if (m === null) return undefined;
  return (((Number(m[1] ?? 0) * 24 + Number(m[2])) * 60 + Number(m[3])) * 60 + Number(m[4])) * 1_000_000_000;
};

/** What the named values of any message mean. */
export const putNetscalerValues = (fields: Fields, values: Values, context: ParseContext, order: DateOrder): void => {
  putEnds(fields, values);
  // counted at the client: what it sent, what it received
  putNumber(fields, 'source.bytes', values.get('totalbytessend'));
  putNumber(fields, 'destination.bytes', values.get('totalbytesrecv'));
  const duration = durationOf(values.get('duration'));
  if (duration !== undefined) fields['event.duration'] = duration;
  const start = context.clock.instant(readNetscalerDate(values.get('starttime') ?? '', order));
  const end = context.clock.instant(readNetscalerDate(values.get('endtime') ?? values.get('delinktime') ?? '', order));
  if (start !== undefined) fields['event.start'] = start;
  if (end !== undefined) fields['event.end'] = end;
  put(fields, 'einfallstor.vpn.session_id', values.get('sessionid'));
  put(fields, 'einfallstor.vpn.group', values.get('group(s)'));
  put(fields, 'user_agent.original', values.get('browsertype') ?? values.get('browser'));
  put(fields, 'event.reason', values.get('failurereason') ?? values.get('reason') ?? values.get('deniedbypolicy'));
  put(fields, 'rule.name', values.get('deniedbypolicy') ?? values.get('hitrule'));
  if (values.has('deniedurl')) putUrl(fields, values.get('deniedurl'));
  put(fields, 'tls.version', values.get('clientversion'));
  put(fields, 'tls.cipher', values.get('ciphersuite'));
  put(fields, 'tls.client.subject', values.get('subjectname'));
  put(fields, 'tls.client.issuer', values.get('issuername'));
  if (values.has('protocol')) putTransport(fields, values.get('protocol'));
  put(fields, 'network.application', values.get('applicationname'));
  keepVendor(
    fields,
    'citrix.adc',
    [...values].filter(([key]) => !PLACED.has(key)),
  );
};
