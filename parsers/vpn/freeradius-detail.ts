import { canonicalIp } from '../../src/core/net.ts';
import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { epochMicros, readCtime } from '../../src/parse/kit/civil.ts';
import { type Kind, putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putNumber, putUser, warn } from '../../src/parse/kit/put.ts';
import { accountingOf, putOctets, putSessionTime, putStation } from '../../src/parse/kit/radius.ts';
import { BLANK, type Parser, type RawRecord, type Recognition, rejected, type Sample } from '../../src/parse/parser.ts';

/** `Sun Oct 31 23:14:07 2021` alone on its line begins a packet. */
const START = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\s*$/;
/** `	User-Name = "k.maier"`, `	Acct-Status-Type = Start`, `	Tunnel-Client-Endpoint:0 = "192.0.2.7"` */
const PAIR = /^\s{1,8}([A-Za-z][\w.-]{1,80})(?::\d{1,3})? [:+-]?= (?:"(.*)"|(.*))$/;
const pairOf = (line: string): RegExpExecArray | null => PAIR.exec(line.slice(0, 8192).trimEnd());
const LINES_MAX = 1000;

const readPairs = (text: string): Map<string, string> => {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/, LINES_MAX)) {
    const m = pairOf(line);
    const value = m?.[2]?.replaceAll(/\\(["\\])/g, '$1') ?? m?.[3];
    if (m !== null && value !== undefined && value !== '' && !values.has(m[1] as string))
      values.set(m[1] as string, value);
  }
  return values;
};

type Get = (...names: readonly string[]) => string | undefined;

/** A caller with an address, a tunnel or a virtual port: from outside (RFC 2865 §5.41). */
const isRemote = (get: Get): boolean =>
  /^(?:Virtual|5)$/.test(get('NAS-Port-Type') ?? '') ||
  get('Tunnel-Client-Endpoint') !== undefined ||
  canonicalIp(get('Calling-Station-Id') ?? '') !== undefined;

const PACKETS: Readonly<Record<string, readonly [kind: Kind, login: boolean]>> = {
  'Access-Request': ['asked', false],
  'Access-Challenge': ['asked', false],
  'Access-Accept': ['passed', true],
  'Access-Reject': ['refused', true],
};

const meaningOf = (get: Get): readonly [act: Act, kind: Kind, action: string] => {
  const remote = isRemote(get);
  const accounting = accountingOf(get('Acct-Status-Type'));
  if (accounting !== undefined) return [...accounting[remote ? 'vpn' : 'local'], accounting.action];
  const packet = get('Packet-Type') ?? '';
  const [kind, login] = own(PACKETS, packet) ?? ['session', false];
  const act = login ? (remote ? 'vpn-login' : 'login') : remote ? 'vpn-negotiation' : 'other';
  return [act, kind, packet.toLowerCase()];
};

const putValues = (fields: Fields, get: Get): void => {
  putUser(fields, 'user', get('User-Name', 'Stripped-User-Name'));
  const caller = get('Calling-Station-Id');
  if (!putIp(fields, 'source.ip', caller)) putStation(fields, 'source.mac', caller);
  if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', get('Tunnel-Client-Endpoint'));
  const remote = isRemote(get);
  const framed = get('Framed-IP-Address', 'Framed-IPv6-Address');
  if (remote) putIp(fields, 'einfallstor.vpn.assigned_ip', framed);
  else if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', framed);
  putIp(fields, 'destination.ip', get('NAS-IP-Address', 'NAS-IPv6-Address', 'Client-IP-Address'));
  put(fields, 'observer.name', get('NAS-Identifier', 'Client-Shortname'));
  put(fields, 'einfallstor.vpn.session_id', get('Acct-Unique-Session-Id', 'Acct-Session-Id'));
  putOctets(fields, 'source.bytes', get('Acct-Input-Octets'), get('Acct-Input-Gigawords'));
  putOctets(fields, 'destination.bytes', get('Acct-Output-Octets'), get('Acct-Output-Gigawords'));
  putNumber(fields, 'source.packets', get('Acct-Input-Packets'));
  putNumber(fields, 'destination.packets', get('Acct-Output-Packets'));
  putSessionTime(fields, get('Acct-Session-Time'));
  put(fields, 'event.reason', get('Acct-Terminate-Cause', 'Reply-Message', 'Module-Failure-Message'));
};

/** Passwords stand in a detail file in clear: they are not copied. */
const SECRET = /password|challenge|eap-message|mppe|message-authenticator/i;

const open: Parser['open'] = (context) => (record) => {
  const text = record.text.trimEnd();
  if (text.trim() === '') return BLANK;
  const values = readPairs(text);
  if (!START.test(text.split(/\r?\n/, 1)[0] as string) || values.size === 0)
    return rejected(values.size === 0 ? 'not-this-format' : 'truncated', 'no packet of a detail file');
  const fields: Fields = { 'observer.product': 'FreeRADIUS' };
  const get: Get = (...names) => names.map((name) => values.get(name)).find((value) => value !== undefined);
  const time = epochMicros(get('Timestamp') ?? '') ?? readCtime(text)?.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  const [act, kind, action] = meaningOf(get);
  putValues(fields, get);
  putKind(fields, kind);
  put(fields, 'event.action', action);
  if (act.startsWith('vpn-')) fields['einfallstor.vpn.type'] = 'radius';
  else if (act === 'login') fields['service.type'] = 'radius';
  keepVendor(
    fields,
    'freeradius',
    [...values].filter(([name]) => !SECRET.test(name)),
  );
  relateAddresses(
    fields,
    [...values]
      .filter(([name]) => !SECRET.test(name))
      .map(([, value]) => value)
      .join('\n')
      .slice(0, 16_384),
  );
  return { kind: 'event', act, fields };
};

/** Recognised by lines: the beginning of a packet and the attributes behind it. */
const recognise = (sample: Sample): Recognition => {
  const lines = sample.records.flatMap(({ text }) => text.split(/\r?\n/)).filter((text) => text.trim() !== '');
  const starts = lines.filter((text) => START.test(text)).length;
  const pairs = lines.filter((text) => pairOf(text) !== null).length;
  if (starts === 0 || pairs < starts) return { certainty: 0, reason: 'no packets of a detail file' };
  return { certainty: (0.97 * (starts + pairs)) / lines.length, reason: `${starts} packets with ${pairs} attributes` };
};

const claims = (record: RawRecord): boolean => {
  const [first, second] = record.text.split(/\r?\n/, 2);
  return START.test(first ?? '') && pairOf(second ?? '') !== null;
};

export default {
  id: 'freeradius-detail',
  title: 'FreeRADIUS (detail files: accounting, auth-detail, reply-detail)',
  references: [
    {
      title: 'FreeRADIUS: rlm_detail',
      url: 'https://www.freeradius.org/documentation/freeradius-server/4.0.0/reference/raddb/mods-available/detail.html',
    },
    { title: 'RFC 2866: RADIUS Accounting', url: 'https://www.rfc-editor.org/rfc/rfc2866' },
  ],
  framing: { startsWith: START },
  states: { zone: 'varies', year: 'stated', resolution: 's' },
  families: ['accounting start, stop, interim, on, off; requests and answers'],
  limits: ['the time of a packet without the attribute Timestamp is local'],
  recognise,
  claims,
  open,
} satisfies Parser as Parser;
