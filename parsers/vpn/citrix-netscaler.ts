import { own } from '../../src/core/own.ts';
import type { Act } from '../../src/ecs/acts.ts';
import type { Fields } from '../../src/ecs/event.ts';
import { relateAddresses } from '../../src/parse/kit/addresses.ts';
import { readCef } from '../../src/parse/kit/cef.ts';
import { type Civil, readClf } from '../../src/parse/kit/civil.ts';
import { turnAnswer } from '../../src/parse/kit/flow.ts';
import {
  type DateOrder,
  type NetscalerHeader,
  type NetscalerValues,
  putAddress,
  putNetscalerValues,
  readNetscaler,
  readNetscalerDate,
  readNetscalerValues,
  unquoted,
} from '../../src/parse/kit/netscaler.ts';
import { type Kind, type Phrase, phraseOf, putKind, putPhrase } from '../../src/parse/kit/phrases.ts';
import { keepVendor, put, putIp, putNumber, putTransport, putUser, warn } from '../../src/parse/kit/put.ts';
import { recogniseBy } from '../../src/parse/kit/recognise.ts';
import { putUrl } from '../../src/parse/kit/url.ts';
import { BLANK, type Parser, type RawRecord, rejected } from '../../src/parse/parser.ts';

type Meaning = readonly [act: Act, kind: Kind];

// ---------------------------------------------------------------- other forms of line

/** `nsroot on /dev/pts/0 shell_command="ls /var"`, `root on (null) shell_command="…"` */
const SHELL = /(?:^|[\s:])([\w.-]{1,64}) on (\([\w ]{1,20}\)|[\w/.-]{1,64}) shell_command="(.*?)"?$/s;
/** `192.0.2.4 -> 10.1.0.5 - nsroot [10/Jun/2024:23:07:11 +0530] [1571] "GET /nitro/v1/… HTTP/1.1" 200 1162 "-" "-"`: httpaccess.log */
const ACCESS =
  /^([\da-fA-F.:]{2,45}) -> ([\da-fA-F.:]{2,45}) \S{1,64} (\S{1,255}) \[([^\]]{10,40})\] (?:\[(?<pid>\d{1,10})\] )?"(?:([A-Z]{3,12}) (\S{0,8000})[^"]{0,20}|[^"]{0,8000})" (\d{3}) (\d{1,12}|-)(?: "([^"]{0,2000})" "([^"]{0,2000})")?/;

// ---------------------------------------------------------------- meaning

/** A command of an administrator: a login, a look, or a change. */
const commandMeaning = (fields: Fields, values: NetscalerValues, feature: string): Meaning => {
  const command = values.get('command') ?? '';
  const failed = /error|fail|denied|not authorized/i.test(values.get('status') ?? '');
  put(fields, 'process.command_line', command);
  put(fields, 'event.reason', failed ? values.get('status') : undefined);
  put(fields, 'service.type', feature === 'CLI' ? 'ssh' : 'https');
  if (/^login\b/.test(command)) return ['admin-login', failed ? 'refused' : 'passed'];
  if (/^logout\b/.test(command)) return ['logout', 'left'];
  const change = /^(\w{2,20}) (.{1,120}?)(?: -|$)/.exec(command);
  if (change === null || !CHANGING.test(command)) return ['other', 'info'];
  put(fields, 'einfallstor.change.object', change[2]);
  return ['config-change', 'changed'];
};
const CHANGING =
  /^(?:add|set|unset|bind|unbind|rm|remove|delete|create|save|clear|enable|disable|rename|import|update|apply|link|unlink|reboot|shutdown|force|install|restore|sync|upgrade|batch|switch|shell|put|post)\b/i;

/** HTTPREQUEST: `… User kim : Group(s) Staff : Vserver 192.0.2.10:443 - 01/15/2021:10:11:12 GMT GET /path - -`, since 12 `… GMT : SSO is ON : GET /path - -` */
const REQUEST =
  / User (\S{1,255}) : Group\(s\) (.{0,500}?) : Vserver (\S{1,60}) - \S{8,30} (?:[A-Z]{2,4} )?(?:: SSO is \w{2,8} : )?([A-Z]{3,12}) (\S{1,8000})/;

const requestMeaning = (fields: Fields, text: string): Meaning => {
  const m = REQUEST.exec(text);
  if (m !== null) {
    putUser(fields, 'user', m[1]);
    put(fields, 'einfallstor.vpn.group', m[2]);
    putAddress(fields, 'destination', m[3]);
    put(fields, 'http.request.method', m[4]);
    putUrl(fields, m[5]);
  }
  return ['http-request', 'web'];
};

/** `192.0.2.4 4711-PPE0 Xy12 profile Disallow Illegal URL: https://… <blocked>` */
const APPFW = /^([\da-fA-F.:]{2,45}) {1,2}\S{1,40} (\S{0,64}) (\S{1,127}) (.{0,4000}?)(?: <([\w ]{1,40})>)?$/s;

const appfwMeaning = (fields: Fields, text: string): Meaning => {
  const m = APPFW.exec(text.slice(0, 8192));
  if (m === null) return ['threat', 'info'];
  putIp(fields, 'source.ip', m[1]);
  put(fields, 'rule.name', m[3]);
  put(fields, 'event.reason', m[4]);
  put(fields, 'citrix.adc.action', m[5]);
  const url = /(https?:\/\/[^\s<>]{1,4000})/.exec(m[4] ?? '')?.[1];
  putUrl(fields, url);
  return ['threat', m[5] === 'blocked' ? 'stopped' : 'info'];
};

const meaningOf = (fields: Fields, header: NetscalerHeader, values: NetscalerValues): Meaning => {
  const { feature, event, text } = header;
  if (event === 'CMD_EXECUTED') return commandMeaning(fields, values, feature);
  if (event === 'HTTPREQUEST') return requestMeaning(fields, text);
  if (feature === 'APPFW') return appfwMeaning(fields, text);
  if (event === 'Message') {
    const found = phraseOf(MESSAGES, text.replace(/^"|"$/g, '').slice(0, 4000));
    if (found === undefined) return ['other', 'info'];
    putPhrase(fields, found.phrase, found.groups);
    return [found.phrase[2], found.phrase[3]];
  }
  const meaning = own(MEANINGS, `${feature} ${event}`) ?? own(MEANINGS, event);
  if (meaning?.[0] === 'login') put(fields, 'service.type', 'web');
  if (feature === 'TCP' || event.startsWith('TCP')) putTransport(fields, 'tcp');
  if (event === 'UDPFLOWSTAT') putTransport(fields, 'udp');
  return meaning ?? (feature === 'EVENT' ? ['source-state', 'state'] : ['other', 'info']);
};

// ---------------------------------------------------------------- other forms

/** `CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_STARTURL|6|src=… spt=… method=… request=… msg=… cs1=profile act=blocked` */
const cefEvent = (fields: Fields, text: string): boolean => {
  const cef = readCef(text);
  if (cef === undefined || !/citrix/i.test(cef.vendor)) return false;
  const of = (key: string): string | undefined => cef.extension.get(key);
  put(fields, 'event.code', cef.name);
  put(fields, 'event.action', of('act'));
  put(fields, 'observer.version', cef.version);
  putNumber(fields, 'event.severity', cef.severity);
  putIp(fields, 'source.ip', of('src'));
  putNumber(fields, 'source.port', of('spt'));
  put(fields, 'http.request.method', of('method'));
  putUrl(fields, of('request'));
  put(fields, 'event.reason', of('msg'));
  put(fields, 'rule.name', of('cs1'));
  const mapped = new Set(['src', 'spt', 'method', 'request', 'msg', 'cs1', 'act']);
  keepVendor(
    fields,
    'citrix.adc',
    [...cef.extension].filter(([key]) => !mapped.has(key)),
  );
  putKind(fields, of('act') === 'blocked' ? 'stopped' : 'info');
  return true;
};

const shellEvent = (fields: Fields, m: RegExpExecArray): void => {
  put(fields, 'user.name', m[1]);
  put(fields, 'citrix.adc.terminal', m[2]);
  put(fields, 'process.command_line', m[3]);
  put(fields, 'process.name', 'bash');
  put(fields, 'event.action', 'shell-command');
  putKind(fields, 'state');
};

const accessEvent = (fields: Fields, m: RegExpExecArray): void => {
  putIp(fields, 'source.ip', m[1]);
  putIp(fields, 'destination.ip', m[2]);
  put(fields, 'user.name', m[3]);
  putNumber(fields, 'process.pid', m.groups?.['pid']);
  put(fields, 'http.request.method', m[6]);
  putUrl(fields, m[7]);
  putNumber(fields, 'http.response.status_code', m[8]);
  putNumber(fields, 'http.response.body.bytes', m[9]);
  put(fields, 'http.request.referrer', m[10]);
  put(fields, 'user_agent.original', m[11]);
  putKind(fields, 'web');
};

// ---------------------------------------------------------------- parser

const isCef = (text: string): boolean => /CEF: ?\d\|Citrix\|/i.test(text.slice(0, 1024));
const claims = (record: RawRecord): boolean => {
  const text = unquoted(record.text.trim());
  if (isCef(text) || ACCESS.test(text) || /\bon \S{1,64} shell_command="/.test(text.slice(0, 400))) return true;
  return readNetscaler(text) !== undefined;
};

const open: Parser['open'] = (context) => {
  let order: DateOrder = 'month';
  const stamp = (fields: Fields, header: NetscalerHeader | undefined, record: RawRecord): void => {
    const date = header?.date;
    // a first number that can be no month settles the order for the rest of the stream
    if (date !== undefined && /^(?:1[3-9]|2\d|3[01])\//.test(date)) order = 'day';
    const civil = date === undefined ? undefined : readNetscalerDate(`${date}:${header?.time}`, order);
    const stated = header?.zone === undefined || civil === undefined ? civil : withZone(civil, header.zone);
    context.clock.stamp(fields, stated ?? record.envelope.civil);
    if (stated === undefined && record.envelope.civil === undefined) warn(fields, 'time-missing');
  };
  return (record) => {
    const text = unquoted(record.text.trim());
    if (text === '') return BLANK;
    const fields: Fields = { 'observer.vendor': 'Citrix', 'observer.product': 'NetScaler' };
    const access = ACCESS.exec(text);
    if (access !== null) {
      context.clock.stamp(fields, readClf(access[4] as string)?.civil);
      accessEvent(fields, access);
      return { kind: 'event', act: 'http-request', fields };
    }
    const header = readNetscaler(text);
    const shell = header === undefined ? SHELL.exec(text.slice(0, 16_384)) : null;
    if (header === undefined && shell === null && !isCef(text))
      return rejected('not-this-format', 'no NetScaler record');
    stamp(fields, header, record);
    put(fields, 'observer.name', header?.host ?? record.envelope.host);
    relateAddresses(fields, text.slice(0, 16_384));
    if (shell !== null) {
      shellEvent(fields, shell);
      return { kind: 'event', act: 'process-start', fields };
    }
    if (header?.event !== 'TRAP_SENT' && isCef(text) && cefEvent(fields, text))
      return { kind: 'event', act: 'threat', fields };
    if (header === undefined) return rejected('not-this-format', 'a CEF record that is cut');
    put(fields, 'message', header.text);
    put(fields, 'event.action', header.event.toLowerCase().replaceAll('_', '-'));
    put(fields, 'event.code', header.event);
    put(fields, 'event.provider', header.feature);
    keepVendor(
      fields,
      'citrix.adc',
      Object.entries({ engine: header.engine ?? '', partition: header.partition ?? '', message_id: header.id ?? '' }),
    );
    const values: NetscalerValues =
      header.event === 'Message' || header.feature === 'APPFW' ? new Map() : readNetscalerValues(header.text);
    putNetscalerValues(fields, values, context, order);
    const [act, kind] = meaningOf(fields, header, values);
    putKind(fields, kind);
    // a connection that a server's side ends is written with the server first
    if (act === 'flow' && header.feature === 'TCP') turnAnswer(fields);
    if (act.startsWith('vpn-')) put(fields, 'einfallstor.vpn.type', 'citrix-gateway');
    return { kind: 'event', act, fields };
  };
};

const withZone = (civil: Civil, zone: string): Civil =>
  zone === 'GMT' || zone === 'UTC' ? { ...civil, offset: 0 } : { ...civil, zone };

// ---------------------------------------------------------------- tables

/** By feature and event, or by event alone. https://developer-docs.netscaler.com/en-us/netscaler-syslog-message-reference */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  'SSLVPN LOGIN': ['vpn-login', 'passed'],
  'AAATM LOGIN': ['login', 'passed'],
  LOGIN_FAILED: ['vpn-login', 'refused'],
  'SSLVPN LOGOUT': ['vpn-session-end', 'left'],
  'AAATM LOGOUT': ['logout', 'left'],
  REMOVE_SESSION: ['vpn-session-end', 'down'],
  REMOVE_SESSION_INFO: ['vpn-session-end', 'down'],
  TCPCONNSTAT: ['flow', 'closed'],
  TCPCONN_TIMEDOUT: ['flow', 'closed'],
  UDPFLOWSTAT: ['flow', 'closed'],
  ICASTART: ['flow-start', 'opened'],
  ICAEND_CONNSTAT: ['flow', 'closed'],
  HTTP_RESOURCEACCESS_DENIED: ['flow-denied', 'denied'],
  NONHTTP_RESOURCEACCESS_DENIED: ['flow-denied', 'denied'],
  CLISEC_CHECK: ['vpn-negotiation', 'asked'],
  CLISEC_EXP_EVAL: ['vpn-negotiation', 'asked'],
  EXTRACTED_GROUPS: ['vpn-negotiation', 'asked'],
  SSL_HANDSHAKE_SUCCESS: ['vpn-negotiation', 'session'],
  SSL_HANDSHAKE_FAILURE: ['vpn-negotiation', 'broken'],
  SSL_HANDSHAKE_SUBJECTNAME: ['vpn-negotiation', 'session'],
  SSL_HANDSHAKE_ISSUERNAME: ['vpn-negotiation', 'session'],
  CONN_ESTABLISHED: ['flow-start', 'opened'],
  CONN_TERMINATE: ['flow', 'closed'],
  CONN_DELINK: ['flow', 'closed'],
  OTHERCONN_DELINK: ['flow', 'closed'],
  NAT_CONN_DELINK: ['flow', 'closed'],
  ACL_PKT_LOG: ['flow-denied', 'denied'],
};

// biome-ignore format: a table
const MESSAGES: readonly Phrase[] = [
  // SSLVPN Mux Authorize result is Deny, User <kim>, Srcip: 192.0.2.4, Dstip: 10.1.2.3, denied_by_policy: P1
  [/Authorize result is Deny, User <(?<user>[^>]{0,255})>, Srcip: (?<ip>[\da-fA-F.:]{2,45}), Dstip: (?<to>[\da-fA-F.:]{2,45})(?:, denied_by_policy: (?<rule>\S{1,127}))?/, 'authorize-denied', 'flow-denied', 'denied'],
  [/Authorize result is \w{1,20}, User <(?<user>[^>]{0,255})>, Srcip: (?<ip>[\da-fA-F.:]{2,45}), Dstip: (?<to>[\da-fA-F.:]{2,45})/, 'authorized', 'flow-start', 'opened'],
  [/\[Remote ip = (?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?):(?<port>\d{1,5})\].{0,600}?\{dst-ip:port=(?<to>[\d.]{7,15}|[\da-fA-F:]{2,45}?):(?<toPort>\d{1,5})\}/, 'message', 'other', 'info'],
  [/\[Remote ip = (?<ip>[\d.]{7,15}|[\da-fA-F:]{2,45}?):(?<port>\d{1,5})\]/, 'message', 'other', 'info'],
  [/(?:rejecting|reject|denied|failed|failure).{0,120}\buser (?:<|")?(?<user>[^\s<>",]{1,255})/i, 'rejected', 'vpn-negotiation', 'refused'],
];

export default {
  id: 'citrix-netscaler',
  title: 'Citrix NetScaler (ADC, Gateway)',
  references: [
    {
      title: 'NetScaler syslog message reference',
      url: 'https://developer-docs.netscaler.com/en-us/netscaler-syslog-message-reference/current-release.html',
    },
    {
      title: 'NetScaler: CEF logging support in the application firewall',
      url: 'https://docs.netscaler.com/en-us/citrix-adc/current-release/application-firewall/logs.html',
    },
  ],
  appliance: true,
  framing: 'line',
  states: { zone: 'varies', year: 'varies', resolution: 's' },
  families: [
    'SSLVPN, AAA, AAATM, ICA, TCP, SSLLOG, EVENT, SNMP, commands of GUI, CLI and API; application firewall native and CEF',
    'shell commands (sh.log, bash.log), httpaccess.log of the management',
  ],
  limits: ['the order of day and month is the default (month first) until a date of the stream contradicts it'],
  recognise: recogniseBy(claims, 'are NetScaler records'),
  claims,
  open,
} satisfies Parser as Parser;
