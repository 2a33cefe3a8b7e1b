import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCtime } from '../../src/parse/kit/civil.ts';
import { putKind } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putMac, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { accountingOf, putSessionTime, putStation } from '../../src/parse/kit/radius.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

/** `Mon Feb 20 08:12:01 2023 : Auth: (19) Login OK: [kim] (from client gw port 8 cli 00-11-…)` */
const LEVEL = /^ ?: (Auth|Info|Error|Warning|Proxy|Debug|ERROR|WARNING|Acct): (.*)$/s;
/** `(548804) Login incorrect (eap_peap: reason): [DOM\kim/<via Auth-Type = EAP>] (from client wlan port 9815 cli 00-11-… via TLS tunnel)` */
const AUTH =
  /^(?:\(\d{1,12}\) {1,8})?(Login OK|Login incorrect|Invalid user|Multiple logins|rlm_\w{1,30}: Login \w{1,20})(?: \((.{0,500}?)\))?: \[(.{0,300})\](?: {1,2}\((from client .{0,500}))?/s;
const CLIENT =
  /^from client ([^\s)]{1,128})(?: port (\d{1,10}))?(?: cli ([^\s)]{1,64}))?( via (?:TLS|proxy)[\w ]{0,30})?/;
const UNKNOWN =
  /Ignoring request to (?:auth|acct|authentication|accounting)\w{0,10} address \S{1,45} port (\d{1,5}).{0,200}? from unknown client ([\da-fA-F.:]{2,45}) port (\d{1,5})(?: proto (\w{3}))?/;

interface Line {
  readonly level: string | undefined;
  readonly text: string;
}

const read = (record: RawRecord): Line | undefined => {
  const raw = record.text.trim();
  const time = readCtime(raw);
  const own = time === undefined ? null : LEVEL.exec(raw.slice(time.end));
  if (own !== null) return { level: own[1], text: own[2] as string };
  const { program, message } = record.envelope;
  if (program !== undefined && /^(?:free)?radiusd?$/.test(program)) return { level: undefined, text: message };
  // PacketFence logs under the name of its instance: `auth[193922]: (314) Login incorrect (…): [kim] (from client …)`
  if (program !== undefined && AUTH.exec(message.slice(0, 2000))?.[4] !== undefined)
    return { level: undefined, text: message };
  return AUTH.test(raw) || UNKNOWN.test(raw) || LINELOG.test(raw) || LINELOG_ACCOUNTING.test(raw)
    ? { level: undefined, text: raw }
    : undefined;
};

/** Since version 3 a request has a number: `(10) Invalid user (…)` and `(10) Login incorrect (…)` are one attempt. */
const requestOf = (text: string): string | undefined => /^\((\d{1,12})\) /.exec(text)?.[1];

/** rlm_linelog as shipped: `Accepted user: kim`, `Rejected user: kim`, `Sent challenge: …`; it writes no time of its own. */
const LINELOG = /^(Accepted|Rejected) user:(?: (.{0,256}))?$/;
/** `Connect: [kim] (did 192.0.2.1 cli 198.51.100.23 port 7 ip 10.8.0.4)`, `Disconnect: [kim] (…) 3600 seconds`, `NAS ap-3 (192.0.2.1) just came online` */
const LINELOG_ACCOUNTING =
  /^(?:(?<what>Connect|Disconnect): \[(?<user>.{0,256})\] \(did (?<did>.{0,128}) cli (?<cli>\S{0,128}) port (?<port>\d{0,10}) ip (?<ip>[\da-fA-F.:]{0,45})\)(?: (?<seconds>\d{0,10}) seconds)?|NAS (?<nas>\S{1,255}) \(.{0,255}\) just (?<state>came online|went offline))$/;

const readLinelog = (fields: Fields, text: string): Act | undefined => {
  const reply = LINELOG.exec(text);
  if (reply !== null) {
    const ok = reply[1] === 'Accepted';
    putUser(fields, 'user', reply[2]);
    put(fields, 'event.action', ok ? 'login-ok' : 'login-incorrect');
    put(fields, 'service.type', 'radius');
    putKind(fields, ok ? 'passed' : 'refused');
    return 'login';
  }
  const g = LINELOG_ACCOUNTING.exec(text)?.groups;
  if (g === undefined) return undefined;
  const status = { Connect: 'start', Disconnect: 'stop', 'came online': 'accounting-on' }[
    g['what'] ?? g['state'] ?? ''
  ];
  const accounting = accountingOf(status ?? 'accounting-off');
  putUser(fields, 'user', g['user']);
  put(fields, 'observer.name', g['nas']);
  const remote = putIp(fields, 'source.ip', g['cli']);
  putStation(fields, 'source.mac', remote ? undefined : g['cli']);
  if (remote) putIp(fields, 'einfallstor.vpn.assigned_ip', g['ip']);
  else if (fields['source.ip'] === undefined) putIp(fields, 'source.ip', g['ip']);
  putSessionTime(fields, g['seconds']);
  if (g['port'] !== undefined) keepVendor(fields, 'freeradius', [['nas_port', g['port']]]);
  put(fields, 'event.action', accounting?.action);
  if (remote) put(fields, 'einfallstor.vpn.type', 'radius');
  const [act, kind] = accounting?.[remote ? 'vpn' : 'local'] ?? ['other', 'info'];
  putKind(fields, kind);
  return act;
};

/** A caller with an address comes from outside; one with a MAC is at a port or an access point of the house. */
const putAuth = (fields: Fields, m: RegExpExecArray): Act => {
  const ok = m[1] === 'Login OK';
  const user = (m[3] as string).replace(/\/<?(?:via|no User-Password|CHAP-Password).{0,80}$/, '');
  // with `log { auth_badpass = yes }` the password stands behind the name: it is not copied
  const slash = user.lastIndexOf('/');
  const name = slash > 0 && !user.startsWith('host/') ? user.slice(0, slash) : user;
  if (name !== '<no User-Name attribute>') putUser(fields, 'user', name);
  // host/nb-017.example.org: the machine itself
  if (user.startsWith('host/')) put(fields, 'source.domain', user.slice(5).toLowerCase());
  const client = CLIENT.exec(m[4] ?? '');
  put(fields, 'observer.name', client?.[1]);
  if (client?.[2] !== undefined) keepVendor(fields, 'freeradius', [['nas_port', client[2]]]);
  const far = putIp(fields, 'source.ip', client?.[3]);
  if (!far) putMac(fields, 'source.mac', client?.[3]);
  if (!ok) put(fields, 'event.reason', m[2] ?? m[1]);
  put(fields, 'event.action', (m[1] as string).toLowerCase().replaceAll(' ', '-'));
  putKind(fields, ok ? 'passed' : 'refused');
  if (client?.[4] !== undefined) put(fields, 'einfallstor.vpn.auth_method', 'EAP inner');
  if (far) put(fields, 'einfallstor.vpn.type', 'radius');
  else put(fields, 'service.type', 'radius');
  return far ? 'vpn-login' : 'login';
};

const putOther = (fields: Fields, text: string): Act => {
  const unknown = UNKNOWN.exec(text);
  if (unknown !== null) {
    putNumber(fields, 'destination.port', unknown[1]);
    putIp(fields, 'source.ip', unknown[2]);
    putNumber(fields, 'source.port', unknown[3]);
    putTransport(fields, unknown[4] ?? 'udp');
    put(fields, 'event.action', 'unknown-client');
    putKind(fields, 'denied');
    return 'flow-denied';
  }
  const state =
    /^(?:Ready to process requests|Exiting normally|Signalled to terminate|Debugger not attached|Loaded virtual server)/.test(
      text,
    );
  putKind(fields, state ? 'state' : 'info');
  return state ? 'source-state' : 'other';
};

const open: Parser['open'] = (context) => (record) => {
  if (record.text.trim() === '') return BLANK;
  const line = read(record);
  if (line === undefined) return rejected('not-this-format', 'no line of radius.log');
  const fields: Fields = { 'observer.product': 'FreeRADIUS' };
  const time = readCtime(record.text.trim())?.civil ?? record.envelope.civil;
  if (time === undefined) warn(fields, 'time-missing');
  context.clock.stamp(fields, time);
  put(fields, 'host.name', record.envelope.program === undefined ? undefined : record.envelope.host);
  put(fields, 'log.level', line.level?.toLowerCase());
  put(fields, 'message', line.text);
  const m = AUTH.exec(line.text.slice(0, 2000));
  const act = m === null ? (readLinelog(fields, line.text) ?? putOther(fields, line.text)) : putAuth(fields, m);
  relateAddresses(fields, line.text.slice(0, 2000));
  const request = m === null || m[1] === 'Login OK' ? undefined : requestOf(line.text);
  if (request === undefined) return { kind: 'event', act, fields };
  const { host, pid } = record.envelope;
  const part = { key: `radius ${host} ${pid} ${request}`, complete: m?.[1] !== 'Invalid user' };
  return { kind: 'event', act, fields, part };
};

const claims = (record: RawRecord): boolean => read(record) !== undefined;

export default {
  id: 'freeradius',
  title: 'FreeRADIUS (radius.log)',
  references: [
    {
      title: 'FreeRADIUS: radiusd.conf, log section',
      url: 'https://www.freeradius.org/documentation/freeradius-server/4.0.0/reference/raddb/radiusd.conf.html',
    },
    {
      title: 'FreeRADIUS source: src/main/auth.c',
      url: 'https://github.com/FreeRADIUS/freeradius-server/blob/v3.2.x/src/main/auth.c',
    },
  ],
  framing: 'line',
  states: { zone: 'unstated', year: 'varies', resolution: 's' },
  families: [
    'Login OK, Login incorrect, Invalid user, unknown clients, state; version 2 and 3, file and syslog',
    'the lines of rlm_linelog as it is shipped',
  ],
  limits: ['linelog writes neither time nor server', 'accounting stands in detail files (freeradius-detail)'],
  recognise: recogniseBy(claims, 'are lines of radius.log', 0.98),
  claims,
  open,
} satisfies Parser as Parser;
